"""Series of attention, read from the long frame: checked, sorted, one object for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools import tables
from musictools._frames import as_pandas
from musictools.errors import TableError
from musictools.trends._series_checks import check_once, check_values, check_zones

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: Part of a step by which others may differ from it: February is 8 % shorter than most months.
_UNEVEN = 0.1


@dataclass(frozen=True)
class Series:
    """One series in order of time.

    Attributes
    ----------
    name : str
        Its ``unique_id``.
    age : numpy.ndarray
        Days or steps since the first of all series.
    y : numpy.ndarray
        Values, none missing.
    stamps : numpy.ndarray
        ``ds`` as it was given.
    extra : dict of str to numpy.ndarray
        Further columns that were asked for.
    """

    name: str
    age: Floats
    y: Floats
    stamps: Any
    extra: dict[str, Floats]

    @property
    def step(self) -> float:
        """Distance of neighbouring points: the median, which gaps do not move."""
        return float(np.median(np.diff(self.age))) if len(self.age) > 1 else 1.0

    @property
    def even(self) -> bool:
        """Whether no step is missing: months, and days of 23 hours, are steps like the others."""
        return bool((np.abs(np.diff(self.age) - self.step) <= _UNEVEN * self.step).all())


def read_long(
    series: Any, what: str, *, extra: Sequence[str] = (), signed: bool = False
) -> tuple[list[Series], str]:
    """Give the series of a long frame by name, and the unit of their ages: days, or steps.

    Parameters
    ----------
    series : frame
        ``unique_id, ds, y``; rows without a value are left out.
    what : str
        What fails, for errors.
    extra : sequence of str
        Further columns of numbers to bring along.
    signed : bool
        Whether values below zero are welcome.
    """
    import pandas as pd

    frame = as_pandas(series, what)
    if "ds" in frame:
        check_zones(frame["ds"], what)
    frame = tables.check(frame, "series")
    _check_extra(frame, extra, what)
    check_values(frame, what, signed=signed)
    frame = frame[["unique_id", "ds", "y", *extra]].dropna(subset=["y"])
    check_once(frame["unique_id"], frame["ds"], frame["ds"], what)
    frame = frame.assign(unique_id=frame["unique_id"].astype(str)).sort_values(["unique_id", "ds"])
    values: Floats = frame["y"].to_numpy(dtype=np.float64)
    if dated := not pd.api.types.is_numeric_dtype(frame["ds"]):
        times = pd.to_datetime(frame["ds"])
        ages = ((times - times.min()) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)
    else:
        ages = frame["ds"].to_numpy(dtype=np.float64)
    names, firsts = np.unique(
        frame["unique_id"].to_numpy(dtype=object).astype(str), return_index=True
    )
    order = np.argsort(firsts)
    ends = [*firsts[order][1:], len(frame)]
    stamps = frame["ds"].to_numpy()
    passed: Floats = np.asarray(ages, dtype=np.float64)
    more: dict[str, Floats] = {name: frame[name].to_numpy(dtype=np.float64) for name in extra}
    out = [
        Series(
            str(name), passed[a:b], values[a:b], stamps[a:b], {k: v[a:b] for k, v in more.items()}
        )
        for name, a, b in zip(names[order], firsts[order], ends, strict=True)
    ]
    return out, "days" if dated else "steps"


def _check_extra(frame: Any, extra: Sequence[str], what: str) -> None:
    for name in extra:
        if name not in frame.columns:
            raise TableError(
                what,
                got=f"no column {name!r} among {', '.join(map(repr, frame.columns))}",
                expected="the covariate beside unique_id, ds and y",
                hint="name another column, or merge it by unique_id and ds",
            )
        try:
            bad = not np.isfinite(frame[name].to_numpy(dtype=float)).all()
        except (TypeError, ValueError):
            bad = True
        if bad:
            raise TableError(
                what,
                got=f"a column {name!r} with values that are missing, infinite or no numbers",
                expected="a number in every row",
                hint=f"frame[{name!r}] = frame[{name!r}].fillna(0)",
            )
