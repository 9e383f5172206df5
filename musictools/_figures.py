"""Figures as cards write them: rounded to be read, with the interval beside its number."""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from musictools._html import MISSING, Column, is_missing, plain
from musictools._units import label

if TYPE_CHECKING:
    import pandas as pd

#: The lower end of an interval: of what, and its level.
_LOW = re.compile(r"(?:(?P<of>.+)_)?lo(?:_(?P<level>\d+))?")
#: From here on, what stands behind the point is not read.
_LARGE = 1000
_LEAST_P = 0.001


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
        return f"{value:,.2f}"
    if isinstance(value, Integral):
        return f"{value}" if name in ("year", "launch") else f"{int(value):,}"
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
    if name in ("year", "launch"):
        return f"{value:.0f}"
    if is_chance(name):
        return f"{value:.2g}" if value >= _LEAST_P or value == 0 else f"below {_LEAST_P}"
    rounded = f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.4g}"
    return "0" if rounded == "-0" else rounded


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


def is_chance(name: str) -> bool:
    """Tell whether a name is that of a p-value."""
    return name.startswith("p_") or name.endswith("p_value")


def rows(values: Mapping[str, Any], level: float | None) -> dict[str, str]:
    """Give label and text of each value; both ends of an interval follow their number.

    Parameters
    ----------
    values : mapping
        By name, an interval directly after its number.
    level : float or None
        Per cent of intervals whose names do not tell.
    """
    written: dict[str, str] = {}
    ends: set[str] = set()
    last = ""
    for name, value in values.items():
        low = _LOW.fullmatch(name)
        if low and last and (high := _twin(name)) in values:
            written[last] += f" ({_level_told(low, level)}{_span(value, values[high], low['of'])})"
            ends |= {high}
        elif name not in ends:
            # A column of that name may be the level of anything.
            last = "Level of the intervals (%)" if name == "level" else label(name)
            written[last] = figure(value, name)
    return written


def shown(frame: "pd.DataFrame", level: float | None) -> tuple["pd.DataFrame", dict[str, Column]]:
    """Give a table as a card shows it: what its columns are called, and what writes their cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any table.
    level : float or None
        Per cent of intervals whose names do not tell.

    Returns
    -------
    pandas.DataFrame, dict
        The table with intervals as one column, and its columns for :func:`musictools._html.table`.
    """
    frame = frame.rename(columns=str)
    columns = dict(_columns(frame, level))
    texts = {
        name: [_span(*ends, low["of"]) for ends in zip(frame[name], frame[high], strict=True)]
        for name, high in _spans(frame)
        if (low := _LOW.fullmatch(name))
    }
    return frame.assign(**texts), columns


def _columns(frame: "pd.DataFrame", level: float | None) -> Iterator[tuple[str, Column]]:
    spans = dict(_spans(frame))
    for name in frame.columns:
        low = _LOW.fullmatch(name)
        if low and name in spans:
            of = f"{label(low['of'])}, " if low["of"] and low["of"] not in frame.columns else ""
            yield name, (f"{of}{_level_told(low, level, after='interval')}", plain)
        elif name not in spans.values():
            yield name, (label(name), _writer(frame[name], name))


def _spans(frame: "pd.DataFrame") -> Iterator[tuple[str, str]]:
    for name in frame.columns:
        if _LOW.fullmatch(name) and _twin(name) in frame.columns:
            yield name, _twin(name)


def _span(low: Any, high: Any, of: str | None) -> str:
    lost = is_missing(low) and is_missing(high)
    return MISSING if lost else f"{figure(low, of or '')} to {figure(high, of or '')}"


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
    numbers = [v for v in column if isinstance(v, float) and math.isfinite(v)]
    if column.dtype.kind != "f" or is_chance(name) or not numbers or name in ("year", "launch"):
        return lambda value: figure(value, name)
    largest = max(map(abs, numbers))
    whole = all(v == int(v) for v in numbers)
    digits = 0 if whole or largest >= _LARGE else 1 if largest >= 100 else 2 if largest >= 1 else 3

    def write(value: float) -> str:
        if not math.isfinite(value):
            return figure(value)
        # What would round to nothing is told to one figure.
        small = 0 < abs(value) < 0.5 * 10**-digits
        return f"{value:.1g}" if small else f"{value + 0.0:,.{digits}f}"

    return write
