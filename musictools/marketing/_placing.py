"""Which period of a history a day falls into, and tables of events."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def read_events(events: Any, what: str) -> "pd.DataFrame":
    """Check an ``events`` table and give it as pandas, in order of time."""
    rows = as_pandas(tables.check(events, "events"), what)
    return rows.sort_values("ds", kind="stable").reset_index(drop=True)


def places(times: "pd.Index[Any]", days: Any, what: str, *, beyond: int = -1) -> np.ndarray:
    """Give for each day the period that it falls into: -1 before the first, or without a day.

    A period lasts from its own time to the next; the last is as long as the one before it. What is
    ``beyond`` is said otherwise where it is asked for.
    """
    import pandas as pd

    given = pd.Series(days).reset_index(drop=True)
    numbers = times.dtype.kind in "iuf"
    if numbers != (given.dtype.kind in "iuf") and len(given):
        raise InputError(
            what,
            got=f"times of type {given.dtype} beside series of type {times.dtype}",
            expected="both dates, or both step numbers",
            hint="pandas.to_datetime(events['ds'])",
        )
    if numbers:
        grid, at = times.to_numpy(float), given.to_numpy(float)
    else:
        grid = _stamps(pd.Series(times)).to_numpy()
        at = _stamps(given).to_numpy()
    found = np.searchsorted(grid, at, side="right") - 1
    if len(grid) > 1:
        found = np.where(at >= grid[-1] + (grid[-1] - grid[-2]), beyond, found)
    inside: np.ndarray = np.where(given.isna().to_numpy(), -1, found)
    return inside


def places_of_events(times: "pd.Index[Any]", when: "pd.Series[Any]", what: str) -> np.ndarray:
    """Give the period in which each event lies; -1 before the first, their number after the last.

    Series and events must tell time in the same way: what comes days after an event is measured.
    """
    import pandas as pd

    if isinstance(times, pd.DatetimeIndex) != (when.dtype.kind == "M"):
        raise InputError(
            what,
            got=f"events at ds of type {when.dtype}, series at ds of type {times.dtype}",
            expected="both of one kind",
            hint="events['ds'] = pandas.to_datetime(events['ds'])",
        )
    if isinstance(times, pd.DatetimeIndex) and times.tz != when.dt.tz:
        raise InputError(
            what,
            got=f"events in {when.dt.tz or 'no'} time zone, series in {times.tz or 'none'}",
            expected="one time zone, or none",
            hint="events['ds'] = events['ds'].dt.tz_localize(None)",
        )
    return places(times, when, what, beyond=len(times)).astype(int)


def _stamps(dates: "pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd

    made = pd.to_datetime(dates)
    # Zones say nothing about which week a day falls into beyond hours.
    return (made.dt.tz_localize(None) if made.dt.tz is not None else made).astype("datetime64[ns]")
