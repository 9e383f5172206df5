"""Fields of files that nobody has described: days, times and periods in any of the usual ways."""

import datetime as dt
import re
from collections.abc import Callable, Sequence

from musictools.collect.imports import _moments
from musictools.collect.imports._field import Bound, Context, Field, column
from musictools.errors import ExportError

DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
    "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d %Y",
)  # fmt: skip
_CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
MOMENTS = (
    *DAYS,
    *(f"{day}{gap}{clock}" for day in DAYS for gap in (" ", ", ") for clock in _CLOCKS),
    *(
        f"{day}T{clock}{zone}"
        for day in ("%Y-%m-%d", "%Y%m%d")
        for clock in _CLOCKS[:3]
        for zone in ("", "Z", "%z")
    ),
    *(f"%Y-%m-%d {clock}{zone}" for clock in _CLOCKS[:3] for zone in ("%z", " %z", " UTC", "Z")),
)
PERIODS = (
    "%Y-%m", "%Y/%m", "%Y.%m", "%Y%m", "%YM%m", "%m/%Y", "%m.%Y", "%m-%Y", "%b %Y", "%B %Y",
    "%b-%Y", "%b-%y", "%b %y", "%Y-Q%q", "%YQ%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", *MOMENTS,
)  # fmt: skip
_EPOCH = {10: 1, 13: 1000}
#: Formats without marks, and how long what they read is: 20254 is no April.
_LENGTHS = {"%Y%m": 6, "%Y%m%d": 8}


def any_day(*names: str) -> Field:
    """Read a day, written in any of the usual ways; the file's rows tell which."""
    return Field("TIMESTAMP", _bind(lambda sql: f"date_trunc('day', {sql})"), names, "a day")


def any_moment(*names: str) -> Field:
    """Read a time, written in any of the usual ways; the file's rows tell which."""
    return Field("TIMESTAMP", _bind(lambda sql: sql), names, "a time")


def any_period(*names: str) -> Field:
    """Read a month or a quarter, written in any of the usual ways; a day gives its month."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS VARCHAR)", same=True)
        raw, chosen = column(name), _choose(context, name, PERIODS)
        return Bound(_whole(raw, chosen, _moments.period_sql(raw, chosen, "month")), raw)

    return Field("VARCHAR", bind, names, "a month or a quarter")


def clock(*names: str) -> Field:
    """Read a length as clocks show it, such as ``3:25`` or ``1:02:03.5``, in seconds."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS DOUBLE)", same=True)
        raw, shape = column(name), r"^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$"
        parts = [
            f"coalesce(TRY_CAST(nullif(regexp_extract({raw}, '{shape}', {i}), '') AS DOUBLE), 0)"
            for i in (1, 2, 3)
        ]
        value = f"{parts[0]} * 3600 + {parts[1]} * 60 + {parts[2]}"
        return Bound(f"CASE WHEN regexp_matches({raw}, '{shape}') THEN {value} END", raw)

    return Field("DOUBLE", bind, names, "a length, such as 3:25")


def code_of_currency(*names: str) -> Field:
    """Read a currency, and write its code in capitals."""

    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS VARCHAR)", same=True)
        raw = column(name)
        code = f"CASE WHEN regexp_full_match({raw}, '[A-Za-z]{{3}}') THEN upper({raw}) END"
        return Bound(f"CASE {raw} WHEN '€' THEN 'EUR' WHEN '£' THEN 'GBP' ELSE {code} END", raw)

    return Field("VARCHAR", bind, names, "the code of a currency")


def _bind(wrap: Callable[[str], str]) -> Callable[[Field, Context], Bound]:
    def bind(self: Field, context: Context) -> Bound:
        name = context.first(self.names)
        if name is None:
            return Bound("CAST(NULL AS TIMESTAMP)", same=True)
        raw, values = column(name), context.values(name)
        scale = _since_1970(values)
        if scale:
            read = f"make_timestamp(TRY_CAST({raw} AS BIGINT) * {1_000_000 // scale})"
        else:
            chosen = _choose(context, name, MOMENTS)
            read = _whole(raw, chosen, _moments.moment_sql(raw, chosen))
        return Bound(f"CAST({wrap(read)} AS TIMESTAMP)", raw)

    return bind


def _since_1970(values: Sequence[str]) -> int:
    """Say how many parts of a second are counted, where seconds since 1970 are; 0 elsewhere."""
    lengths = {len(value) if re.fullmatch(r"\d+", value) else 0 for value in values}
    return _EPOCH.get(next(iter(lengths)), 0) if len(lengths) == 1 else 0


def _choose(context: Context, name: str, formats: Sequence[str]) -> str:
    values = context.values(name)
    # Most formats read none of them: the first cells tell which those are.
    few = values[:20]
    could = [each for each in formats if any(reads(cell, each) for cell in few)]
    # A letter that stands for UTC is read as a letter, and as a zone.
    told = [each for each in could if "%z" not in each]
    could = told or could
    first = context.options.day_first
    return _moments.choose(values, could or formats[:1], name, day_first=first)


def reads(cell: str, pattern: str) -> bool:
    """Tell whether a format reads a cell."""
    if not any(map(str.isdigit, cell)):
        return False
    return len(cell) == _LENGTHS.get(pattern, len(cell)) and _moments.reads(cell, pattern)


def _whole(raw: str, pattern: str, sql: str) -> str:
    if pattern not in _LENGTHS:
        return sql
    return f"CASE WHEN length({raw}) = {_LENGTHS[pattern]} THEN {sql} END"


def first_day(text: str, formats: Sequence[str]) -> dt.datetime | None:
    """Read a day by the first of some formats that can."""
    for each in formats:
        try:
            # It is a day, without a zone.
            return dt.datetime.strptime(text, each)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def refusal(context: Context, *, got: str, expected: str, hint: str) -> ExportError:
    """Make the error for a file that lacks what rows need."""
    return ExportError(f"read {context.file}", got=got, expected=expected, hint=hint)
