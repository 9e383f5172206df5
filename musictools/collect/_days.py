"""The days and moments that a question is about."""

import datetime as dt
from collections.abc import Iterator

from musictools.collect._reading import today
from musictools.errors import InputError

_DAY = dt.timedelta(days=1)
_LENGTH_OF_A_DAY = len("2026-11-25")

When = str | dt.date | None


def span(start: When, end: When, *, days: int = 1) -> tuple[dt.datetime, dt.datetime]:
    """Read the ends of a stretch of time: the first moment, and the first after it.

    Parameters
    ----------
    start, end : str or date, optional
        A day is meant as a whole, its last moment too; a time of ISO 8601 as it is, UTC where it
        has no zone. By default the stretch ends with yesterday, the last day that is over.
    days : int
        How long it is where only one end is given, or none.

    Returns
    -------
    tuple of datetime
        The first moment, and the first that is no longer meant; UTC.

    Raises
    ------
    InputError
        If one is no date, or the first is not before the last.
    """
    first = None if start is None else _moment("start", start)
    last = None if end is None else _moment("end", end)
    if last is None:
        last = today() if first is None else max(today(), _midnight(first) + _DAY)
    elif _is_day(end):
        last += _DAY
    if first is None:
        first = _midnight(last - dt.timedelta(microseconds=1)) - (days - 1) * _DAY
    if first >= last:
        raise InputError(
            "ask for a stretch of time",
            got=f"start={start!r} and end={end!r}",
            expected="a start before the end",
            hint=f"start={last.date().isoformat()!r}",
        )
    return first, last


def windows(
    first: dt.datetime, last: dt.datetime, days: int = 1
) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Cut a stretch of time at midnights, so that each piece fits one request."""
    while first < last:
        cut = min(_midnight(first) + days * _DAY, last)
        yield first, cut
        first = cut


def as_day(when: When, name: str = "start") -> dt.date | None:
    """Read a day, or the UTC day of a moment."""
    return None if when is None else _moment(name, when).date()


def iso(day: dt.date | None) -> str | None:
    """Write a day, for what names a job."""
    return day.isoformat() if day else None


def day_span(start: When, end: When, *, last: dt.date, default: int) -> tuple[dt.date, dt.date]:
    """Give the first and the last day that are asked for, both included.

    For platforms that count by the day and no finer. Without ``end`` it is ``last``; without
    ``start``, so many days as ``default`` up to the end.
    """
    to = as_day(end, "end") or last
    since = as_day(start) or to - (default - 1) * _DAY
    if since > to:
        raise InputError(
            "ask for a span of days",
            got=f"start {since}, end {to}",
            expected="a start that is not after the end",
            hint="start='2026-11-01', end='2026-11-25'",
        )
    return since, to


def day_windows(first: dt.date, last: dt.date, days: int) -> Iterator[tuple[dt.date, dt.date]]:
    """Cut a span into pieces of at most so many days, both ends included."""
    while first <= last:
        end = min(first + (days - 1) * _DAY, last)
        yield first, end
        first = end + _DAY


def _moment(name: str, when: str | dt.date) -> dt.datetime:
    text = when if isinstance(when, str) else when.isoformat()
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"read {name}={when!r}",
            got=repr(when),
            expected="a day or a time of ISO 8601",
            hint=f"{name}='2026-11-25', or {name}='2026-11-25T18:00:00'",
        ) from None
    return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def _is_day(when: When) -> bool:
    if isinstance(when, str):
        return len(when) <= _LENGTH_OF_A_DAY
    return not isinstance(when, dt.datetime)


def _midnight(moment: dt.datetime) -> dt.datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
