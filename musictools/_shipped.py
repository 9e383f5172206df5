"""Tables of cited facts that come with the package."""

from functools import cache
from typing import TYPE_CHECKING

from musictools._paths import share_dir

if TYPE_CHECKING:
    import pandas as pd


def shipped_table(name: str, *, text: tuple[str, ...] = ()) -> "pd.DataFrame":
    """Read ``datasets/NAME.csv``, which every wheel and every checkout has.

    Parameters
    ----------
    name : str
        Without its ending.
    text : tuple of str
        Columns that stay text, letter for letter, though they look like numbers.

    Returns
    -------
    pandas.DataFrame
        A copy of the reader's own; ``checked_on`` is a date, an empty number NaN.
    """
    return _read(name, text).copy()


@cache
def _read(name: str, text: tuple[str, ...]) -> "pd.DataFrame":
    import pandas as pd

    path = share_dir("datasets") / f"{name}.csv"
    columns = pd.read_csv(path, nrows=0, encoding="utf-8").columns
    dates = [column for column in ("checked_on",) if column in columns]
    kinds = dict.fromkeys(text, "str")
    return pd.read_csv(path, parse_dates=dates, dtype=kinds, encoding="utf-8")
