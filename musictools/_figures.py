"""Figures as cards write them: rounded to be read, with the interval beside its number."""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from musictools._html import MISSING, Column, is_missing, plain
from musictools._units import CURRENCIES, is_chance, label

if TYPE_CHECKING:
    import pandas as pd

#: The lower end of an interval: of what, and its level.
_LOW = re.compile(r"(?:(?P<of>.+)_)?lo(?:_(?P<level>\d+))?")
#: From here on, what stands behind the point is not read.
_LARGE = 1000
_LEAST_P = 0.001
#: Below this, two figures of a p-value hide on which side of a limit it is.
_SMALL_P = 0.1
_MONEY = re.compile(
    rf"(?:.*_)?(?:{'|'.join(CURRENCIES)}|payout|cost|profit|net|gross|fee|paid|revenue|amount|money"
    r"|spend|budget|advance)s?(?:_per_\w+)?"
)
#: Numbers that count nothing: no thousands. What is told per year does count.
_UNMARKED = re.compile(r"(?:^|.*(?<!per)_)(?:year|vintage|launch|seed|id)")
_CENT = Decimal("0.01")
#: Money below half a cent, and below what only rates per stream are.
_HALF_CENT, _RATE = Decimal("0.005"), Decimal("0.1")

#: Names whose numbers are written as those of another name.
Kinds = Mapping[str, str]
_AS_NAMED: Kinds = MappingProxyType({})


def figure(value: Any, name: str = "") -> str:
    """Write one value, whatever it is.

    Parameters
    ----------
    value : object
        A number, a text, a time, or something that is missing.
    name : str
        Of its field or column: a year has no thousands, a chance no long tail.
    """
    if isinstance(value, bool):
        return plain(value)
    if isinstance(value, Decimal):
        return _money(value)
    if isinstance(value, Integral):
        return f"{value}" if _UNMARKED.fullmatch(name) else f"{int(value):,}"
    if isinstance(value, Real):
        return _float(float(value), name)
    if isinstance(value, dt.datetime) and not is_missing(value):
        # A time of day that is midnight is a day.
        return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else plain(value)


def _float(value: float, name: str) -> str:
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else "-\N{INFINITY}"
    if _UNMARKED.fullmatch(name) and value.is_integer():
        return f"{value:.0f}"
    if is_chance(name):
        return _chance(value)
    if _MONEY.fullmatch(name):
        return _money(Decimal(repr(value)), _RATE)
    rounded = f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.4g}"
    return "0" if rounded == "-0" else rounded


def _money(value: Decimal, least: Decimal = _HALF_CENT) -> str:
    """Write money in cents, and what is below the least in its own digits."""
    if not value.is_finite():
        return MISSING
    if 0 < abs(value) < least:
        return f"{value.normalize():.4g}"
    room = Context(prec=max(28, value.adjusted() + 4))
    cents = value.quantize(_CENT, ROUND_HALF_UP, room)
    return f"{cents or abs(cents):,.2f}"


def _chance(value: float) -> str:
    if 0 < value < _LEAST_P:
        return f"below {_LEAST_P}"
    return f"{value:.3f}" if 0 < value < _SMALL_P else f"{value:.2g}"


def chance(p_value: Any) -> str:
    """Write a p-value as sentences do: none is zero.

    Parameters
    ----------
    p_value : float
        From 0 to 1; NaN where there is none.
    """
    if math.isnan(p_value):
        return "no p-value"
    return f"p < {_LEAST_P}" if p_value < _LEAST_P else f"p = {p_value:.3f}"


def rows(
    values: Mapping[str, Any], level: float | None, kinds: Kinds = _AS_NAMED
) -> dict[str, str]:
    """Give label and text of each value; both ends of an interval follow their number.

    Parameters
    ----------
    values : mapping
        By name, an interval directly after its number.
    level : float or None
        Per cent of intervals whose names do not tell.
    kinds : mapping of str to str
        Names whose numbers are written as those of another.
    """
    written: dict[str, str] = {}
    ends: set[str] = set()
    last = ""
    numbers = _numbers(values)
    for name, value in values.items():
        low = _LOW.fullmatch(name)
        if low and last and (high := _twin(name)) in values:
            span = _span(value, values[high], _kind(numbers[name], kinds))
            written[last] += f" ({_level_told(low, level)}{span})"
            ends |= {high}
        elif name not in ends:
            # A column of that name may be the level of anything.
            last = "Level of the intervals (%)" if name == "level" else label(name)
            written[last] = figure(value, _kind(name, kinds))
    return written


def shown(
    frame: "pd.DataFrame", level: float | None, kinds: Kinds = _AS_NAMED
) -> tuple["pd.DataFrame", dict[str, Column]]:
    """Give a table as a card shows it: what its columns are called, and what writes their cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any table; an interval that does not tell of what it is stands after its number.
    level : float or None
        Per cent of intervals whose names do not tell.
    kinds : mapping of str to str
        Names whose numbers are written as those of another.

    Returns
    -------
    pandas.DataFrame, dict
        The table with intervals as one column, and its columns for :func:`musictools._html.table`.
    """
    frame = _flat(frame)
    columns = dict(_columns(frame, level, kinds))
    numbers, texts = _numbers(frame.columns), {}
    for name, high in _spans(frame):
        kind = _kind(numbers[name], kinds)
        ends = zip(frame[name], frame[high], strict=True)
        texts[name] = [_span(*each, kind) for each in ends]
    return frame.assign(**texts), columns


def _kind(name: str, kinds: Kinds) -> str:
    return kinds.get(name, name)


def _flat(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Make columns of the index, but for mere numbers of lines and names that are taken."""
    index, frame = frame.index, _apart(frame)
    if list(index.names) == [None] and (index.dtype.kind in "iu" or frame.empty):
        return frame
    frame = frame.reset_index(drop=True)
    for place in reversed(range(index.nlevels)):
        unnamed = "index" if index.nlevels == 1 else f"level_{place}"
        head = unnamed if index.names[place] is None else index.names[place]
        name = " ".join(map(str, head)) if isinstance(head, tuple) else str(head)
        if name not in frame.columns:
            frame.insert(0, name, index.get_level_values(place))
    return frame


def _apart(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Name each column by a text of its own: levels in one line, repeats with a number."""
    names: list[str] = []
    columns: list[Any] = list(frame.columns)
    for column in columns:
        levels = column if isinstance(column, tuple) else (column,)
        name = first = " ".join(str(level) for level in levels if level != "")
        times = 1
        while name in names:
            times += 1
            name = f"{first} {times}"
        names.append(name)
    return frame.set_axis(names, axis=1)


def _columns(
    frame: "pd.DataFrame", level: float | None, kinds: Kinds
) -> Iterator[tuple[str, Column]]:
    spans = dict(_spans(frame))
    for name in frame.columns:
        low = _LOW.fullmatch(name)
        if low and name in spans:
            of = f"{label(low['of'])}, " if low["of"] and low["of"] not in frame.columns else ""
            yield name, (f"{of}{_level_told(low, level, after='interval')}", plain)
        elif name not in spans.values():
            yield name, (label(name), _writer(frame[name], _kind(name, kinds)))


def _spans(frame: "pd.DataFrame") -> Iterator[tuple[str, str]]:
    for name in frame.columns:
        if _LOW.fullmatch(name) and _twin(name) in frame.columns:
            yield name, _twin(name)


def _span(low: Any, high: Any, kind: str) -> str:
    lost = is_missing(low) and is_missing(high)
    return MISSING if lost else f"{figure(low, kind)} to {figure(high, kind)}"


def _numbers(names: Iterable[str]) -> dict[str, str]:
    """Name the number of each interval: the one that its lower end tells, or the last before it."""
    names = list(names)
    found: dict[str, str] = {}
    number = ""
    for name in names:
        low = _LOW.fullmatch(name)
        if low and _twin(name) in names:
            found[name] = low["of"] or number
        elif name not in map(_twin, found):
            number = name
    return found


def _twin(low: str) -> str:
    """Name the upper end of the interval whose lower end is given."""
    return re.sub(r"(^|_)lo(?=_\d+$|$)", r"\1hi", low)


def _level_told(low: re.Match[str], level: float | None, after: str = "") -> str:
    known = low["level"] or (None if level is None else f"{level:g}")
    if after:
        return f"{known} % {after}" if known else after.capitalize()
    return f"{known} %: " if known else ""


def _writer(column: "pd.Series[Any]", name: str) -> Callable[[Any], str]:
    """Make what writes the cells of a column, all to the same place behind the point."""
    numbers: list[Any] = [v for v in column if isinstance(v, float | Decimal) and math.isfinite(v)]
    largest = max(map(abs, numbers), default=0)
    if numbers and (isinstance(numbers[0], Decimal) or _MONEY.fullmatch(name)):
        least = _RATE if largest < _RATE else _HALF_CENT
        return lambda value: (
            _money(Decimal(str(value)), least)
            if isinstance(value, float | Decimal) and math.isfinite(value)
            else figure(value, name)
        )
    whole = all(v == int(v) for v in numbers)
    unmarked = whole and _UNMARKED.fullmatch(name)
    if column.dtype.kind != "f" or is_chance(name) or not numbers or unmarked:
        return lambda value: figure(value, name)
    digits = 0 if whole or largest >= _LARGE else 1 if largest >= 100 else 2 if largest >= 1 else 3

    def write(value: float) -> str:
        if is_missing(value) or not math.isfinite(value):
            return figure(value)
        # What would round to nothing is told to one figure.
        small = 0 < abs(value) < 0.5 * 10**-digits
        return f"{value:.1g}" if small else f"{value + 0.0:,.{digits}f}"

    return write
