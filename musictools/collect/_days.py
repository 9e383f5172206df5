"""The days and moments that a question is about: from the first to before the last."""

import datetime as dt
from collections.abc import Iterator

from musictools.collect._reading import today
from musictools.errors import InputError

_DAY = dt.timedelta(days=1)
_LENGTH_OF_A_DAY = len("2026-11-25")

When = str | dt.date | None


def span(start: When, end: When, *, days: int = 1) -> tuple[dt.datetime, dt.datetime]:
    """Read the ends of a stretch of time.

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
