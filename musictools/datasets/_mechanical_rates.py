"""load_mechanical_rates(): what US law makes streaming services pay for works."""

from typing import TYPE_CHECKING

from musictools._shipped import shipped_table

if TYPE_CHECKING:
    import pandas as pd


def load_mechanical_rates() -> "pd.DataFrame":
    """Give the rates of the US mechanical royalty for streaming, 2023 to 2027.

    A small table of facts, each with its source, the day it was looked up, and whether it could be
    verified; its datasheet is ``datasets/mechanical_rates.md``.

    Returns
    -------
    pandas.DataFrame
        One row for each year and kind of offering: ``year, offering, headline_rate`` (part of
        revenue), ``tcc_rate`` (part of total content cost), ``tcc_cap_usd, floor_usd`` (per
        subscriber and month; NaN where no source was found), ``source, source_url, checked_on,
        verified`` (``"yes"``, ``"partly"``, ``"no"``), ``note``.

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> rates = mt.datasets.load_mechanical_rates()
    >>> rates[rates.offering == "bundle"].set_index("year")["headline_rate"].to_dict()
    {2023: 0.151, 2024: 0.152, 2025: 0.1525, 2026: 0.153, 2027: 0.1535}
    """
    return shipped_table("mechanical_rates")
