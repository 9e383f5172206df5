"""Fields of dashboards: texts of a shape, clock times, and days that only a name tells."""

import re

from musictools.collect.imports._field import Bound, Context, Field, column, quoted
from musictools.collect.imports._fields import constant, file_day, found

#: What browsers and vendors put behind a file's name when it is downloaded again.
COPY = r"(?:_\d{8}_\d{6})?(?: ?\(\d+\))?(?:\.\w+)?$"


def shaped(*names: str, pattern: str, what: str) -> Field:
    """Read a text of a shape; one that has another is a problem.

    Parameters
    ----------
    *names : str
        Columns.
    pattern : str
        Regular expression of the whole text.
    what : str
        What it should be, for those who read of a problem.
    """

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS VARCHAR)", same=True)
        raw = column(name)
        sql = f"CASE WHEN regexp_full_match({raw}, {quoted(pattern)}) THEN {raw} END"
        return Bound(sql, raw)

    return Field("VARCHAR", bind, names, what)


def clock(*names: str) -> Field:
    """Read a length written ``0:16:02`` or ``16:02``, in seconds."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS DOUBLE)", same=True)
        raw = column(name)
        parts = f"list_reverse(string_split({raw}, ':'))"
        seconds = " + ".join(
            f"coalesce(TRY_CAST({parts}[{i + 1}] AS DOUBLE), 0) * {60**i}" for i in range(3)
        )
        shape = r"(\d+:)?\d{1,2}:\d{2}"
        return Bound(f"CASE WHEN regexp_full_match({raw}, '{shape}') THEN {seconds} END", raw)

    return Field("DOUBLE", bind, names, "a length such as 0:16:02")


def named(pattern: str, *, where: str = "file") -> Field:
    """Put there what a pattern finds in a name; an empty text where it finds nothing."""
    return found(pattern, where=where, default="")


def own(platform: str) -> dict[str, Field]:
    """Give the columns that are the same for all numbers of one's own dashboard."""
    return {"platform": constant(platform), "policy": constant("own")}


def day_in_name(pattern: str) -> Field:
    """Put the day there that the name of the archive tells, else that of the file's last change."""

    def bind(_: Field, context: Context) -> Bound:
        seen = re.search(pattern, context.around)
        if seen is None:
            other = file_day()
            return other.bind(other, context)
        return Bound(f"TRY_CAST({quoted(seen[1])} AS TIMESTAMP)", same=True)

    return Field("TIMESTAMP", bind)
