"""From what a platform sends to what a row holds: each field read, and what is odd remembered."""

import datetime as dt
import math
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_ABSENT = object()
_NUMERIC = (int, float, str)
# What a store holds: eight bytes with a sign.
_LARGEST_COUNT = 2**63
_is_finite = math.isfinite


class MalformedError(Exception):
    """A body that lacks what a row cannot be without; the source turns it into an error."""


class Reader:
    """One object of a body, read field by field.

    What is absent or null gives None. What is there and of the wrong kind gives None too, and is
    noted in `oddities`: the source asks once more, since a broken answer is often broken once.

    Parameters
    ----------
    value : object
        What should be an object.
    where : str
        What it is, for the notes.
    oddities : list of str, optional
        Shared by the readers of one body.
    index : int, optional
        Its place, where it is one of a list.
    """

    __slots__ = ("_index", "_value", "_where", "oddities")

    def __init__(
        self,
        value: object,
        where: str = "",
        oddities: list[str] | None = None,
        index: int | None = None,
    ) -> None:
        self.oddities: list[str] = [] if oddities is None else oddities
        self._where, self._index = where, index
        if not isinstance(value, dict):
            self._odd(self._named(()) or "body", "an object", value)
            value = {}
        self._value: dict[str, Any] = value

    def __contains__(self, name: str) -> bool:
        return self._value.get(name) is not None

    def at(self, *path: str) -> "Reader":
        """Go into nested objects; one that is absent or null reads as empty."""
        value: object = self._value
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        where = self._named(path)
        return Reader({} if value is None else value, where, self.oddities)

    def each(self, *path: str, needed: bool = False) -> Iterator["Reader"]:
        """Read each object of a list; a list that must be there and is not is malformed."""
        where = self._named(path)
        for index, value in enumerate(self._list(path, needed=needed)):
            # Playlists hold nulls where a song was taken away.
            if value is not None:
                yield Reader(value, where, self.oddities, index)

    def texts(self, *path: str) -> tuple[str, ...]:
        """Read a list of texts."""
        found = self._list(path, needed=False)
        return tuple(str(value) for value in found if isinstance(value, str | int))

    def raw(self, name: str, *deeper: str) -> Any:
        """Give what stands there, unread."""
        value = self._value.get(name)
        return self._below(value, name, deeper) if deeper else value

    # Twenty fields a row and a hundred rows a page: in what follows the common case goes first.

    def need(self, name: str, *deeper: str) -> str:
        """Read a text or number that a row cannot be without."""
        value = self._value.get(name)
        if deeper:
            value = self._below(value, name, deeper)
        if value.__class__ is str and value:
            return value
        if value.__class__ is int:
            return str(value)
        raise MalformedError(f"{self._named((name, *deeper))} is {_shown(value)}, and is needed")

    def text(self, name: str, *deeper: str) -> str | None:
        """Read a text; a number is one too, since identifiers are sent as either."""
        value = self._value.get(name)
        if deeper:
            value = self._below(value, name, deeper)
        if value.__class__ is str:
            return value or None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._odd(self._named((name, *deeper)), "a text", value)
            return None
        return str(value)

    def number(self, name: str, *deeper: str) -> float | None:
        """Read a number, or a text that is one: counts of YouTube and Last.fm are texts."""
        value = self._value.get(name)
        if deeper:
            value = self._below(value, name, deeper)
        if value is None or value == "":
            return None
        try:
            if value.__class__ in _NUMERIC and _is_finite(number := float(value)):
                return number
        except (ValueError, OverflowError):
            pass
        self._odd(self._named((name, *deeper)), "a number", value)
        return None

    def count(self, name: str, *deeper: str) -> int | None:
        """Read a whole number."""
        value = self._value.get(name)
        if value.__class__ is int and not deeper and -_LARGEST_COUNT < value < _LARGEST_COUNT:
            return int(value)
        value = self.number(name, *deeper)
        if value is None:
            return None
        if value == int(value) and abs(value) < _LARGEST_COUNT:
            return int(value)
        self._odd(self._named((name, *deeper)), "a whole number", value)
        return None

    def flag(self, *path: str) -> bool | None:
        """Read yes or no."""
        value: Any = self.raw(*path)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float) and value in {0, 1}:
            return bool(value)
        self._odd(self._named(path), "true or false", value)
        return None

    def _below(self, value: Any, name: str, deeper: tuple[str, ...]) -> Any:
        for depth, below in enumerate(deeper):
            if value.__class__ is not dict:
                if value is not None:
                    self._odd(self._named((name, *deeper[:depth])), "an object", value)
                return None
            value = value.get(below)
        return value

    def _list(self, path: tuple[str, ...], *, needed: bool) -> list[Any]:
        *before, name = path
        holder = self.at(*before)._value  # noqa: SLF001 - another of its own kind
        value = holder.get(name, _ABSENT)
        if isinstance(value, list):
            return value
        if needed:
            raise MalformedError(f"{self._named(path)} is {_shown(value)}, and should be a list")
        if value is not None and value is not _ABSENT:
            self._odd(self._named(path), "a list", value)
        return []

    def _named(self, path: tuple[str, ...]) -> str:
        place = self._where if self._index is None else f"{self._where}[{self._index}]"
        return ".".join((place, *path)).strip(".")

    def _odd(self, where: str, expected: str, value: object) -> None:
        self.oddities.append(f"{where} is {_shown(value)}, and should be {expected}")


def day(text: str | None) -> str | None:
    """Keep the day of a date and time; years and months stay as exact as they are."""
    return text[:10] if text else None


def moment(text: str) -> dt.datetime:
    """Read a date or a time of ISO 8601; without a zone it is UTC."""
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError(f"{text[:40]!r} is no date or time of ISO 8601") from None
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


def from_epoch(seconds: float) -> dt.datetime:
    """Read seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


#: While an answer is read, the time at which the platform gave it.
ANSWERED_AT: ContextVar[dt.datetime | None] = ContextVar("answered_at", default=None)


def now() -> dt.datetime:
    """Say what time it is, to the second, UTC: the platform's own, while its answer is read.

    A number is true of the moment that its platform tells; a cache on the way may be hours late.
    """
    return (ANSWERED_AT.get() or dt.datetime.now(dt.UTC)).replace(microsecond=0)


def today() -> dt.datetime:
    """Give the day, UTC, as the moment of its midnight: what a daily snapshot is true of."""
    return now().replace(hour=0, minute=0, second=0)


def _shown(value: object) -> str:
    return "absent" if value is _ABSENT else repr(value)[:60]
