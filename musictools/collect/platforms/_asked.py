"""What readers ask for, in pieces that platforms take: batches of names, spans of days."""

import datetime as dt
from collections.abc import Iterable, Iterator

from musictools.errors import InputError

Day = str | dt.date | dt.datetime | None


def names(given: str | int | Iterable[str | int]) -> tuple[str, ...]:
    """Give one name, or many, as texts; each once, in their order."""
    many = (given,) if isinstance(given, str | int) else given
    found = tuple(dict.fromkeys(str(name).strip() for name in many))
    if not found or not all(found):
        raise InputError(
            "ask a platform for something",
            got=repr(given),
            expected="an identifier or a name, or several",
            hint="artist('UC_x5XG1OV2P6uZZ5FSM9Ttw')",
        )
    return found


def batches(many: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    """Cut into pieces of at most ``size``."""
    return (many[i : i + size] for i in range(0, len(many), size))


def as_day(given: Day) -> dt.date | None:
    """Read a day: ISO 8601, a date, or the UTC day of a moment."""
    if given is None:
        return None
    if isinstance(given, dt.datetime):
        return (given if given.tzinfo is None else given.astimezone(dt.UTC)).date()
    if isinstance(given, dt.date):
        return given
    try:
        return as_day(dt.datetime.fromisoformat(given))
    except (TypeError, ValueError):
        raise InputError(
            f"read the day {given!r}",
            got=repr(given),
            expected="ISO 8601",
            hint="start='2026-11-25'",
        ) from None


def iso(day: dt.date | None) -> str | None:
    """Write a day, for what names a job."""
    return day.isoformat() if day else None


def span(start: Day, end: Day, *, last: dt.date, default: int) -> tuple[dt.date, dt.date]:
    """Give the first and the last day that are asked for, both included.

    Without ``end`` it is ``last``; without ``start``, so many days as ``default`` up to the end.
    """
    to = as_day(end) or last
    since = as_day(start) or to - dt.timedelta(default - 1)
    if since > to:
        raise InputError(
            "ask for a span of days",
            got=f"start {since}, end {to}",
            expected="a start that is not after the end",
            hint="start='2026-11-01', end='2026-11-25'",
        )
    return since, to


def windows(first: dt.date, last: dt.date, days: int) -> Iterator[tuple[dt.date, dt.date]]:
    """Cut a span into pieces of at most so many days, both ends included."""
    while first <= last:
        end = min(first + dt.timedelta(days - 1), last)
        yield first, end
        first = end + dt.timedelta(1)
