"""Lifetimes read from a frame: how long, whether seen to the end, and from when on watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Lifetimes:
    """Checked lifetimes, and the frame that they come from."""

    frame: Any
    time: Floats
    ended: Any
    entry: Floats


def read_lifetimes(
    frame: Any,
    what: str,
    *,
    duration: str,
    event: str | None,
    entry: str | None,
    more: Sequence[str] = (),
) -> Lifetimes:
    """Give lifetimes; without `event` all ended, without `entry` all were watched from 0 on."""
    table = as_pandas(frame, what)
    wanted = [duration, *(name for name in (event, entry) if name is not None), *more]
    for name in wanted:
        if name not in table.columns:
            raise TableError(
                what,
                got=f"no column {name!r} among {', '.join(map(repr, table.columns))}",
                expected="columns " + ", ".join(map(repr, wanted)),
                hint=closest(str(name), map(str, table.columns)),
            )
    time = _numbers(table, duration, what)
    ended = np.ones(len(time)) if event is None else _numbers(table, event, what)
    begin = np.zeros(len(time)) if entry is None else _numbers(table, entry, what)
    if not len(time) or not (time > 0).all() or not np.isin(ended, (0, 1)).all():
        raise InputError(
            what,
            got="no rows" if not len(time) else "times of 0 or less, or events other than 0 and 1",
            expected=f"times above 0 in {duration!r}, and whether the end was seen",
            hint="mt.trends.chart_runs(chart) has weeks and left",
        )
    if not ((begin >= 0) & (begin < time)).all():
        raise InputError(
            what,
            got=f"{entry!r} below 0, or not before the end",
            expected="the age from which on each was watched",
            hint="entry=None where all were watched from the beginning",
        )
    return Lifetimes(table, time, ended.astype(bool), begin)


def _numbers(table: Any, name: str, what: str) -> Floats:
    try:
        values: Floats = table[name].to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array([np.nan])
    if not np.isfinite(values).all():
        raise TableError(
            what,
            got=f"a column {name!r} with values that are missing, infinite or no numbers",
            expected="a number in every row",
            hint=f"frame.dropna(subset=[{name!r}])",
        )
    return values
