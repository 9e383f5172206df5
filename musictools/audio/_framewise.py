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

    Parameters
    ----------
    columns : int
        Numbers a frame.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._count = 0
        self._low = np.full(columns, math.inf)
        self._high = np.full(columns, -math.inf)
        self._last: Floats | None = None
        self._steps = _Moments(columns)
        self._values = _Moments(columns)
        self._kept: list[npt.NDArray[np.float32]] = []
        self._rows = 0
        self._stride = 1

    def update(self, rows: npt.NDArray[np.floating]) -> None:
        """Take rows of shape (frames, columns), all finite."""
        if not len(rows):
            return
        self._keep(rows)
        wide = rows.astype(np.float64)
        np.minimum(self._low, wide.min(axis=0), out=self._low)
        np.maximum(self._high, wide.max(axis=0), out=self._high)
        self._values.update(wide)
        joined = wide if self._last is None else np.concatenate((self._last[None], wide))
        self._steps.update(np.abs(np.diff(joined, axis=0)))
        self._last = wide[-1]

    def finish(self) -> Floats:
        """Give the statistics, shape (columns, len(STATISTICS)); NaN without frames."""
        if not self._values.count:
            return np.full((self._columns, len(STATISTICS)), math.nan)
        median = _median(np.concatenate(self._kept))
        found: Floats = np.stack(
            [
                # Rounding may put the mean of a constant a hair outside.
                np.clip(self._values.mean, self._low, self._high),
                self._values.std(),
                self._low,
                # What was kept has fewer digits than what was measured.
                np.clip(median, self._low, self._high),
                self._high,
                self._steps.mean if self._steps.count else np.full(self._columns, math.nan),
                self._steps.std(),
            ],
            axis=1,
        )
        return found

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


def _median(rows: npt.NDArray[np.float32]) -> Floats:
    """Median of each column; three times as fast as numpy.median along the first axis."""
    columns = np.ascontiguousarray(rows.T)
    middle = len(rows) // 2
    columns.partition(middle, axis=1)
    upper = columns[:, middle].astype(np.float64)
    return upper if len(rows) % 2 else (columns[:, :middle].max(axis=1) + upper) / 2


class _Moments:
    """Mean and variance of a stream, merged block by block (Chan, Golub, LeVeque 1979)."""

    def __init__(self, columns: int) -> None:
        self.count = 0
        self.mean = np.zeros(columns)
        self._squares = np.zeros(columns)

    def update(self, rows: Floats) -> None:
        if not len(rows):
            return
        mean = rows.mean(axis=0)
        apart = mean - self.mean
        total = self.count + len(rows)
        self._squares += np.square(rows - mean).sum(axis=0)
        self._squares += apart**2 * (self.count * len(rows) / total)
        self.mean = self.mean + apart * (len(rows) / total)
        self.count = total

    def std(self) -> Floats:
        if not self.count:
            return np.full(self.mean.size, math.nan)
        deviation: Floats = np.sqrt(self._squares / self.count)
        return deviation


def spread(measures: Sequence[Measure], statistics: Floats) -> Mapping[str, float]:
    """Name the statistics, in the order of ``declare``."""
    return {
        measure.column(statistic): float(value)
        for measure, row in zip(measures, statistics, strict=True)
        for statistic, value in zip(STATISTICS, row, strict=True)
    }
