"""Tables of cited facts that come with the package."""

from functools import cache
from typing import TYPE_CHECKING

from musictools._paths import share_dir

if TYPE_CHECKING:
    import pandas as pd


def shipped_table(name: str) -> "pd.DataFrame":
    """Read ``datasets/NAME.csv``, which every wheel and every checkout has.

    Parameters
    ----------
    name : str
        Without its ending.

    Returns
    -------
    pandas.DataFrame
        A copy of the reader's own; ``checked_on`` is a date, an empty number NaN.
    """
    return _read(name).copy()


@cache
def _read(name: str) -> "pd.DataFrame":
    import pandas as pd

    path = share_dir("datasets") / f"{name}.csv"
    return pd.read_csv(path, parse_dates=["checked_on"], encoding="utf-8")
