"""load_exchange_rates(): what a euro was worth, month by month."""

from typing import TYPE_CHECKING

from musictools._shipped import shipped_table

if TYPE_CHECKING:
    import pandas as pd


def load_exchange_rates() -> "pd.DataFrame":
    """Give the monthly average of the European Central Bank's euro reference rates.

    Reckoned from the daily rates, January 1999 to October 2026; the datasheet is
    ``datasets/exchange_rates.md``. Source: ECB statistics. ``mt.collect.convert_currency`` reads
    the same table.

    Returns
    -------
    pandas.DataFrame
        One row for each month and currency: ``month`` (text, ``"2025-03"``), ``currency``
        (ISO 4217), ``rate`` (text: units of the currency for one euro, a decimal of at most six
        places), ``days`` (days with a rate in that month, of which it is the average).

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> rates = mt.datasets.load_exchange_rates()
    >>> rates[(rates.month == "2025-01") & (rates.currency == "USD")].iloc[0].to_dict()
    {'month': '2025-01', 'currency': 'USD', 'rate': '1.035373', 'days': 22}
    """
    return shipped_table("exchange_rates", text=("rate",))
