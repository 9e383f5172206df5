"""What series do without the thing that is measured: level, bends, days of the week, releases."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._frames import as_pandas
from musictools.errors import InputError
from musictools.marketing._calendar import Calendar
from musictools.marketing._controls import responses
from musictools.tables import check

if TYPE_CHECKING:
    import pandas as pd

#: Series from which on the mean of the others stands for what moves all.
_OTHERS = 5
#: Days between bends of the baseline.
_BEND_DAYS = 42.0
_FEWEST = 30
#: Half-lives of a release, in weeks; 0 is a power law. What stays is for the bends.
_DECAYS = (0.0, 1.0, 6.0)


@dataclass(frozen=True)
class Track:
    """One series without gaps, less its baseline."""

    name: str
    first: int
    y: np.ndarray
    #: Orthonormal columns of the baseline.
    base: np.ndarray
    #: Whether a period is a day.
    daily: bool

    def rest(self, values: np.ndarray) -> np.ndarray:
        """Take the baseline out of columns."""
        left: np.ndarray = values - self.base @ (self.base.T @ values)
        return left


def tracks(
    laid: "pd.DataFrame", *, releases: Any, marked: np.ndarray, what: str, notes: list[str]
) -> list[Track]:
    """Lay out each series with its baseline.

    ``marked`` (series x periods) tells where a series may be moved by what is measured: the mean of
    the others leaves those out.
    """
    import pandas as pd

    values = laid.to_numpy(float)
    times = laid.columns
    dated = isinstance(times, pd.DatetimeIndex)
    step = float(np.median(np.diff(times.to_numpy()) / np.timedelta64(1, "D"))) if dated else 7.0
    with np.errstate(invalid="ignore"):
        level = np.nanmean(np.where(np.isfinite(values), values, np.nan), axis=1)
    relative = np.where(marked, np.nan, values) / np.where(level > 0, level, np.nan)[:, None]
    known = _events(releases, what)
    made, short = [], []
    for row, name in enumerate(laid.index):
        inside = np.flatnonzero(np.isfinite(values[row]))
        if not len(inside) or not np.isfinite(values[row, inside[0] : inside[-1] + 1]).all():
            short.append(str(name))
            continue
        span = slice(inside[0], inside[-1] + 1)
        columns = _own(np.arange(span.start, span.stop), times[span] if dated else None, step)
        columns += _shared(relative, row, span)
        columns += _released(known, str(name), set(map(str, laid.index)), times[span], step, dated)
        matrix = np.column_stack(columns)
        if len(inside) < max(_FEWEST, 2 * matrix.shape[1]) or np.ptp(values[row, span]) == 0:
            short.append(str(name))
            continue
        left, size, _ = np.linalg.svd(matrix / np.maximum(np.linalg.norm(matrix, axis=0), 1e-12),
                                      full_matrices=False)  # fmt: skip
        made.append(Track(str(name), span.start, values[row, span], left[:, size > 1e-8],
                          dated and step == 1))  # fmt: skip
    if short:
        from musictools.marketing._history import listed

        notes.append(f"left out, since they have gaps, do not vary or are shorter than twice their "
                     f"baseline: {listed(short)}")  # fmt: skip
    return made


def _own(at: np.ndarray, times: Any, step: float) -> list[np.ndarray]:
    """Level, a line that bends at knots, days of the week."""
    t = (at - at[0]).astype(float)
    knots = np.arange(1, max(int(t[-1] * step / _BEND_DAYS), 1)) * _BEND_DAYS / step
    columns = [np.ones(len(t)), t, *(np.maximum(t - knot, 0) for knot in knots)]
    if times is not None and step == 1:
        columns += [(times.day_of_week == day).astype(float) for day in range(6)]
    return columns


def _shared(relative: np.ndarray, row: int, span: slice) -> list[np.ndarray]:
    others = np.delete(relative, row, axis=0)[:, span]
    count = np.isfinite(others).sum(axis=0)
    # Where too many are marked, all of them must do.
    if len(others) < _OTHERS or count.min() < _OTHERS:
        return []
    # Series that come and go must not move the mean by their level.
    return [np.nanmean(others, axis=0)]


def _events(releases: Any, what: str) -> "pd.DataFrame | None":
    if releases is None:
        return None
    table = as_pandas(check(releases, "events"), what)
    return table.assign(kind=table["kind"].astype(str), subject=table["subject"].astype("str"))


def _released(
    known: "pd.DataFrame | None", name: str, names: set[str], times: Any, step: float, dated: bool  # noqa: FBT001
) -> list[np.ndarray]:  # fmt: skip
    """Kernels after releases: of this series' own, or all where no subject names a series."""
    if known is None or not len(known):
        return []
    own = known[known["subject"] == name] if known["subject"].isin(names).any() else known
    calendar = Calendar(times if dated else None, 0 if dated else int(times[0]), step, len(times))
    columns = []
    for kind in sorted(set(own["kind"])):
        table = own[own["kind"] == kind]
        for weeks in _DECAYS:
            column = responses(calendar, table, weeks * 7.0 / step).sum(axis=1)
            if np.ptp(column) > 0:
                columns.append(column)
    return columns


def need(made: list[Track], what: str, notes: list[str]) -> None:
    """Refuse when nothing is left to measure."""
    if not made:
        raise InputError(
            what,
            got="no series that can be used" + (f"; {notes[-1]}" if notes else ""),
            expected=f"at least {_FEWEST} periods without gaps, that vary",
            hint="longer series, or days instead of weeks",
        )
