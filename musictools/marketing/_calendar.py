"""Rows of a media mix in time: weeks, days or months by date, or just numbered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError
from musictools.marketing._adstock import Array

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "fit a media mix"
_YEAR_DAYS = 365.2425


@dataclass(frozen=True)
class Calendar:
    """When each row begins.

    Attributes
    ----------
    starts : pandas.DatetimeIndex or None
        None where rows are numbered.
    first : int
        Number of the first row where they are numbered.
    step_days : float
        Length of a row; 7 where rows are numbered.
    weeks : int
        Rows.
    """

    starts: "pd.DatetimeIndex | None"
    first: int
    step_days: float
    weeks: int

    @property
    def years(self) -> Array:
        """Time since the first row."""
        if self.starts is None:
            return np.arange(self.weeks) * self.step_days / _YEAR_DAYS
        days = (self.starts - self.starts[0]) / np.timedelta64(1, "D")
        return np.asarray(days, dtype=float) / _YEAR_DAYS

    def ages(self, when: Any) -> Array:
        """Rows since an event, (rows, parts): negative before it.

        A row that is longer than a day is looked at day by day, so that a release on a Friday works
        for three days of its week.
        """
        if self.starts is None:
            return (np.arange(self.weeks) + self.first - _number(when))[:, None]
        event = np.datetime64(_day(when), "D")
        parts = max(round(self.step_days), 1)
        days = self.starts.to_numpy().astype("datetime64[D]")[:, None] + np.arange(parts)
        ages: Array = (
            np.asarray((days - event) / np.timedelta64(1, "D"), dtype=float) / self.step_days
        )
        return ages

    def between(self, start: Any, end: Any) -> slice:
        """Rows that begin in a stretch of time."""
        if self.starts is None:
            at = np.arange(self.weeks) + self.first
            inside = (at >= _number(start)) & (at <= _number(end))
        else:
            inside = np.asarray((self.starts >= _day(start)) & (self.starts <= _day(end)))
        rows = np.flatnonzero(inside)
        if not len(rows):
            raise InputError(
                "find the weeks of a lift test", got=f"{start} to {end}",
                expected="weeks of the data", hint="start and end as in the index of spend",
            )  # fmt: skip
        return slice(int(rows[0]), int(rows[-1]) + 1)


def read_calendar(dates: Any, rows: Array, names: list[Any]) -> Calendar:
    """Check that rows follow each other without gaps, and are the same in all groups."""
    import pandas as pd

    index = pd.Index(dates)
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if pd.api.types.is_integer_dtype(index.dtype):
        return _numbered(index, rows, names)
    index = _as_dates(index)
    first = index[rows[0]]
    for own, name in zip(rows[1:], names[1:], strict=True):
        if not index[own].equals(first):
            _refuse(f"weeks of {name!r} that differ from those of {names[0]!r}",
                    "the same weeks in the same order", "spend.sort_index()")  # fmt: skip
    _check_order(first)
    days = np.diff(first.to_numpy()) / np.timedelta64(1, "D")
    step = float(np.median(days)) if len(days) else 7.0
    # Months are of 28 to 31 days.
    uneven = days > step * 1.5 if step >= 28 else np.abs(days - step) > 0.5
    if uneven.any():
        at = int(np.flatnonzero(uneven)[0])
        after = (first[at] + pd.Timedelta(days=step)).date()
        _refuse(f"no row for {after}", f"a row every {step:g} days",
                "spend.asfreq('7D', fill_value=0), if nothing was spent; find sales")  # fmt: skip
    return Calendar(first, 0, step, len(first))


def _numbered(index: "pd.Index[Any]", rows: Array, names: list[Any]) -> Calendar:
    for own, name in zip(rows, names, strict=True):
        values = index[own].to_numpy()
        told = "" if name is None else f" of {name!r}"
        if len(set(values)) < len(values):
            _refuse(
                f"two rows with one number{told}", "each week once", "spend.groupby(level=0).sum()"
            )
        if (np.diff(values) != 1).any():
            _refuse(
                f"weeks{told} that do not follow each other", "1, 2, 3 ...", "spend.sort_index()"
            )
    return Calendar(None, int(index[rows[0]][0]), 7.0, rows.shape[1])


def _as_dates(index: "pd.Index[Any]") -> "pd.DatetimeIndex":
    import pandas as pd

    try:
        found = pd.DatetimeIndex(pd.to_datetime(index))
    except (TypeError, ValueError) as error:
        raise InputError(
            _WHAT, got=f"weeks such as {index[0]!r}", expected="dates or whole numbers",
            hint="spend.set_index(pandas.to_datetime(weeks))",
        ) from error  # fmt: skip
    if found.hasnans:
        _refuse("a row without its date", "a date for each row", "dates=")
    return found.tz_localize(None) if found.tz is not None else found


def _check_order(first: "pd.DatetimeIndex") -> None:
    twice = first[first.duplicated()]
    if len(twice):
        _refuse(f"two rows of {twice[0].date()}", "each date once", "spend.groupby(level=0).sum()")
    if not first.is_monotonic_increasing:
        _refuse("rows out of order", "the oldest first", "spend.sort_index(), and y.sort_index()")


def _day(when: Any) -> Any:
    import pandas as pd

    try:
        day = pd.Timestamp(when)
    except (TypeError, ValueError) as error:
        raise InputError(
            "read events", got=f"ds={when!r}", expected="a date, as in the index of spend",
            hint="pandas.to_datetime(events.ds)",
        ) from error  # fmt: skip
    return day.tz_localize(None) if day.tz is not None else day


def _number(when: Any) -> float:
    try:
        return float(when)
    except (TypeError, ValueError) as error:
        raise InputError(
            "read events", got=f"{when!r} beside numbered weeks", expected="the number of a week",
            hint="dates=, the first day of each week",
        ) from error  # fmt: skip


def _refuse(got: str, expected: str, hint: str) -> None:
    raise InputError(_WHAT, got=got, expected=expected, hint=hint)
