"""What no room that reads series takes, in the same words everywhere: values, and times twice."""

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def check_values(frame: "pd.DataFrame", what: str, *, signed: bool = False) -> None:
    """Refuse series without any value, infinite ones and, unless signed, those below zero.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``unique_id, ds, y``; missing values are another matter.
    what : str
        What fails, for the error.
    signed : bool
        Whether values below zero are welcome.
    """
    y = frame["y"].to_numpy(dtype=float)
    wanted = "finite numbers" if signed else "counts, points or money from 0 up"
    if np.isnan(y).all():
        refuse(what, "no values", wanted, "series.dropna(subset='y') shows what is left")
    bad = np.isinf(y) if signed else np.isinf(y) | (y < 0)
    if bad.any():
        row = frame.iloc[int(np.flatnonzero(bad)[0])]
        wrong = "infinite" if np.isinf(row["y"]) else "below zero"
        refuse(
            what,
            f"{row['y']:g}, which is {wrong}, of {row['unique_id']!r} at {row['ds']}",
            wanted,
            "series[numpy.isfinite(series['y'])]"
            if signed
            else "series[series['y'] >= 0]; for refunds, sum over longer steps",
        )


def check_once(
    names: Any, at: Any, stamps: Any, what: str, *, each: str = "times", hint: str = "sum()"
) -> None:
    """Refuse a series that has two rows for one time.

    Parameters
    ----------
    names : array
        Which series, by row.
    at : array
        Times, or numbers of steps, that may occur once.
    stamps : array
        The same as the reader knows them.
    what : str
        What fails, for the error.
    each : str
        What times are called.
    hint : str
        How two rows become one.
    """
    import pandas as pd

    twice = np.flatnonzero(pd.DataFrame({"name": names, "at": at}).duplicated())
    if len(twice):
        place = int(twice[0])
        refuse(
            what,
            f"{np.asarray(names)[place]!r} twice at {pd.Series(stamps).iloc[place]}",
            f"one row of a series for each of its {each}",
            f"series.groupby(['unique_id', 'ds'], as_index=False).{hint}",
        )


def check_zones(ds: "pd.Series[Any]", what: str) -> None:
    """Refuse times of which some are in another zone, or in none."""
    if ds.dtype != object:
        return
    zones = {str(getattr(each, "tzinfo", None)) for each in ds}
    if len(zones) > 1:
        told = ", ".join(sorted(zones)[:3])
        hint = "series['ds'] = pandas.to_datetime(series['ds'], utc=True)"
        refuse(what, f"times in several zones ({told})", "one time zone", hint)


def refuse(what: str, got: str, expected: str, hint: str) -> NoReturn:
    """Raise the error of bad input."""
    raise InputError(what, got=got, expected=expected, hint=hint)
