"""Days, times and periods as files write them."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from musictools.errors import ExportError

#: How many different cells are looked at to tell a format.
_LOOKED_AT = 500


def choose(
    values: Iterable[str], formats: Sequence[str], column: str, *, day_first: bool | None
) -> str:
    """Tell in which of several formats a column is written.

    Parameters
    ----------
    values : iterable of str
        Cells of the column.
    formats : sequence of str
        Candidates, as for ``strptime``.
    column : str
        Its name, for errors.
    day_first : bool or None
        What the reader says, for columns that can be read both ways.

    Returns
    -------
    str
        The format that reads the most cells.

    Raises
    ------
    ExportError
        If none reads any, or two that read as many read one cell differently.
    """
    cells = list(dict.fromkeys(values))[:_LOOKED_AT]
    if not cells or len(formats) == 1:
        return formats[0]
    read = {each: [_parse(cell, each) for cell in cells] for each in formats}
    counts = {each: sum(value is not None for value in some) for each, some in read.items()}
    most = max(counts.values())
    if most == 0:
        raise ExportError(
            f"understand the dates of {column!r}",
            got=repr(cells[0]),
            expected="such as " + " or ".join(map(_example, formats[:3])),
            hint="the file as it was downloaded, in English: spreadsheets rewrite dates",
        )
    best = [each for each, count in counts.items() if count == most]
    if day_first is not None:
        best = [each for each in best if _says_day_first(each) in {None, day_first}] or best
    # The same cell, read in two ways; where each reads other cells, the first is the vendor's own.
    pairs = (pair for each in best for pair in zip(read[each], read[best[0]], strict=True))
    if any(one != other and one and other for one, other in pairs):
        raise ExportError(
            f"understand the dates of {column!r}",
            got=f"{cells[0]!r}, and none that tells whether the day or the month comes first",
            expected="a file with a day after the 12th",
            hint="day_first=True, or day_first=False",
        )
    return best[0]


def reads(cell: str, pattern: str) -> bool:
    """Tell whether a format reads a cell."""
    return _parse(cell, pattern) is not None


def _parse(cell: str, pattern: str) -> dt.datetime | None:
    if "%q" in pattern:
        seen = re.fullmatch(_quarter_shape(pattern)[1:-1], cell)
        if seen is None:
            return None
        first = pattern.index("%Y") < pattern.index("%q")
        year, quarter = map(int, seen.groups() if first else seen.groups()[::-1])
        return dt.datetime(year, quarter * 3 - 2, 1)  # noqa: DTZ001
    try:
        # Only compared with each other.
        return dt.datetime.strptime(cell, pattern)  # noqa: DTZ007
    except ValueError:
        return None


def _example(pattern: str) -> str:
    day = dt.datetime(2025, 3, 31, 8, 30)  # noqa: DTZ001 - it shows how a format looks
    return repr(day.strftime(pattern.replace("%q", "1")))


def _says_day_first(pattern: str) -> bool | None:
    if "%d" not in pattern or "%m" not in pattern or pattern.startswith("%Y"):
        return None
    return pattern.index("%d") < pattern.index("%m")


def moment_sql(raw: str, pattern: str) -> str:
    """Write SQL that reads a time in UTC, and gives null where the text is none."""
    quoted = pattern.replace("'", "''")
    read = f"try_strptime({raw}, '{quoted}')"
    return f"({read}) AT TIME ZONE 'UTC'" if "%z" in pattern else read


def period_sql(raw: str, pattern: str, by: str) -> str:
    """Write SQL that reads a month or a quarter, and writes it ``2025-03`` or ``2025-Q1``."""
    if "%q" in pattern:
        shape = _quarter_shape(pattern)
        first = pattern.index("%Y") < pattern.index("%q")
        year, quarter = (1, 2) if first else (2, 1)
        return (
            f"CASE WHEN regexp_matches({raw}, '{shape}') THEN "
            f"regexp_extract({raw}, '{shape}', {year}) || '-Q' || "
            f"regexp_extract({raw}, '{shape}', {quarter}) END"
        )
    if pattern == "%Y-%m" and by == "month":
        return f"CASE WHEN regexp_full_match({raw}, '[0-9]{{4}}-(0[1-9]|1[0-2])') THEN {raw} END"
    # DuckDB takes 24-03-01 for a day of the year 24.
    oldest = "TIMESTAMP '1000-01-01'"
    read = f"nullif(greatest({moment_sql(raw, pattern)}, {oldest}), {oldest})"
    if by == "quarter":
        return f"strftime({read}, '%Y') || '-Q' || quarter({read})"
    return f"strftime({read}, '%Y-%m')"


def _quarter_shape(pattern: str) -> str:
    shape = pattern.replace(".", r"\.").replace("'", "''").replace(" ", r"\s*")
    return "^" + shape.replace("%Y", r"(\d{4})").replace("%q", "([1-4])") + "$"
