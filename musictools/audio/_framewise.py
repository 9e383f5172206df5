"""From one number a frame to the few that describe a recording."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Descriptor

Floats = npt.NDArray[np.float64]

#: ``dmean`` and ``dstd`` are mean and standard deviation of the distance between neighbours.
STATISTICS = ("mean", "std", "min", "median", "max", "dmean", "dstd")
_WORDS = {
    "mean": "mean",
    "std": "standard deviation",
    "min": "smallest",
    "median": "median",
    "max": "largest",
    "dmean": "mean distance between neighbours",
    "dstd": "standard deviation of the distance between neighbours",
}
# Rows that the median is taken of: 25 minutes of frames of 1024 samples at 44.1 kHz. Longer
# recordings are thinned evenly, so that a day of radio fits into memory.
_MOST_ROWS = 1 << 16


@dataclass(frozen=True)
class Measure:
    """A number that each frame has.

    Attributes
    ----------
    name, suffix : str
        A column is called ``name_statistic_suffix``.
    unit : str
        Such as ``"Hz"``.
    minimum, maximum : float
        Bounds of a frame.
    source, meaning : str
        As of ``Descriptor``; the statistic and the case of NaN are added.
    """

    name: str
    suffix: str
    unit: str
    minimum: float
    maximum: float
    source: str
    meaning: str

    def column(self, statistic: str) -> str:
        """Name of the column of one statistic."""
        return "_".join(filter(None, (self.name, statistic, self.suffix)))


def declare(
    measures: Sequence[Measure], family: str, *, frames: str = "all frames"
) -> tuple[Descriptor, ...]:
    """Descriptors of every statistic of some measures.

    Parameters
    ----------
    measures : sequence of Measure
        In the order of the columns.
    family : str
        The room.
    frames : str
        Which frames count, for the meaning.
    """
    found = []
    for measure in measures:
        width = measure.maximum - measure.minimum
        for statistic in STATISTICS:
            moved = statistic in {"std", "dmean", "dstd"}
            needed = "two" if statistic.startswith("d") else "one"
            found.append(
                Descriptor(
                    measure.column(statistic),
                    measure.unit,
                    family,
                    0 if moved else measure.minimum,
                    width if moved else measure.maximum,
                    measure.source,
                    f"{measure.meaning}; {_WORDS[statistic]} over {frames}. NaN if there is not "
                    f"{needed}.",
                )
            )
    return tuple(found)


class Statistics:
    """Statistics of some columns, gathered block by block.

    Sums are those of distances from the first row (and from the first step), so that large numbers
    that hardly vary lose no digits.

    Parameters
    ----------
    columns : int
        Numbers a frame.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._count = 0
        self._sums = np.zeros((8, columns))
        self._sums[6:] = [[math.inf], [-math.inf]]
        self._last = np.zeros(columns)
        self._kept: list[npt.NDArray[np.float32]] = []
        self._rows = 0
        self._stride = 1

    def update(self, rows: npt.NDArray[np.floating]) -> None:
        """Take rows of shape (frames, columns), float32 or float64, all finite."""
        from musictools.audio._framewise_kernels import add_rows

        if not len(rows):
            return
        rows = np.ascontiguousarray(rows)
        before = self._count
        self._keep(rows)
        # The first row has no step, and the second is where steps are counted from: both are set
        # apart, and what they add to the sums is nought.
        for row in rows[: max(0, 2 - before)]:
            self._begin(row.astype(np.float64))
        add_rows(rows[max(0, 2 - before) :], self._last, self._sums)

    def finish(self) -> Floats:
        """Give the statistics, shape (columns, len(STATISTICS)); NaN without frames."""
        if not self._count:
            return np.full((self._columns, len(STATISTICS)), math.nan)
        origin, step_origin, total, square, step_total, step_square, low, high = self._sums
        mean, std = _moments(self._count, total, square)
        steps, steps_std = _moments(self._count - 1, step_total, step_square)
        median = _median(np.concatenate(self._kept))
        found: Floats = np.stack(
            [
                # Rounding may put the mean of a constant a hair outside, and what was kept for
                # the median has fewer digits than what was measured.
                np.clip(origin + mean, low, high),
                std,
                low,
                np.clip(median, low, high),
                high,
                np.maximum(step_origin + steps, 0),
                steps_std,
            ],
            axis=1,
        )
        return found

    def _begin(self, row: Floats) -> None:
        """Take the first or the second row."""
        origin, step_origin, total, square, _, _, low, high = self._sums
        if np.isinf(low[:1]).any():
            origin[:] = row
        else:
            step_origin[:] = np.abs(row - self._last)
            total += row - origin
            square += (row - origin) ** 2
        np.minimum(low, row, out=low)
        np.maximum(high, row, out=high)
        self._last[:] = row

    def _keep(self, rows: npt.NDArray[np.floating]) -> None:
        """Keep every ``stride``-th row, counted from the start of the recording."""
        first = -self._count % self._stride
        self._count += len(rows)
        kept = rows[first :: self._stride].astype(np.float32)
        self._kept.append(kept)
        self._rows += len(kept)
        if self._rows > _MOST_ROWS:
            self._kept = [np.concatenate(self._kept)[::2].copy()]
            self._rows = len(self._kept[0])
            self._stride *= 2


class Covariance:
    """Covariance of some columns, gathered block by block, about the first row.

    Parameters
    ----------
    columns : int
        Numbers a frame.
    """

    def __init__(self, columns: int) -> None:
        self._count = 0
        self._origin = np.zeros(columns)
        self._total = np.zeros(columns)
        self._products = np.zeros((columns, columns))

    def update(self, rows: npt.NDArray[np.floating]) -> None:
        """Take rows of shape (frames, columns), all finite."""
        if not len(rows):
            return
        if not self._count:
            self._origin = rows[0].astype(np.float64)
        self._count += len(rows)
        beyond = rows - self._origin
        self._total += beyond.sum(axis=0)
        self._products += beyond.T @ beyond

    def finish(self) -> Floats:
        """Give the covariances (of a population), shape (columns, columns); NaN without frames."""
        if not self._count:
            return np.full(self._products.shape, math.nan)
        mean = self._total / self._count
        found: Floats = self._products / self._count - np.outer(mean, mean)
        return found


def _moments(count: int, total: Floats, square: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of so many numbers, of their sum and that of their squares."""
    if not count:
        nothing = np.full(total.size, math.nan)
        return nothing, nothing
    mean = total / count
    return mean, np.sqrt(np.maximum(square / count - mean**2, 0))


def _median(rows: npt.NDArray[np.float32]) -> Floats:
    """Median of each column."""
    from musictools.audio._framewise_kernels import find_medians

    medians = np.empty(rows.shape[1])
    find_medians(np.ascontiguousarray(rows.T), medians)
    return medians


def spread(measures: Sequence[Measure], statistics: Floats) -> Mapping[str, float]:
    """Name the statistics, in the order of ``declare``."""
    return {
        measure.column(statistic): float(value)
        for measure, row in zip(measures, statistics, strict=True)
        for statistic, value in zip(STATISTICS, row, strict=True)
    }
