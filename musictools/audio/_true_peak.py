"""True peak after ITU-R BS.1770-5, annex 2: the largest value between the samples, too.

The recording is oversampled four times by an interpolator that is flat to 20 kHz (the 12 taps a
phase that the standard gives as an example read up to 0.3 dB low on its own test signals), and a
parabola through the three largest points finds the top between them, where four points for each
sample would miss up to 0.7 dB. What lies in the last tenth below half the rate, where white noise
has as much as anywhere and music next to nothing, may be read some tenths of a decibel low.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._levels import to_db

Floats = npt.NDArray[np.float64]

#: Peaks are kept for each so many parts of a second.
BUCKETS_PER_S = 10
#: Samples that an interpolator looks at, half of them after the point.
TAPS = 48
# Kaiser window: images 80 dB down.
_BETA = 8.0
# Points for each sample; for rates of 96 kHz and more the standard would be content with fewer.
_PHASES = 4
# Rounding in single precision must not hide a peak.
_MARGIN = 1.0001


def interpolators() -> Floats:
    """Taps of the quarters between two samples, shape (3, TAPS).

    Row p gives the value at ``(p + 1) / 4`` after the middle sample, the 24th. Each row is exact
    on straight lines, so that what it adds to one depends on second differences alone.
    """
    offsets = np.arange(-TAPS // 2 + 1, TAPS // 2 + 1)
    rows = []
    for phase in range(1, _PHASES):
        distance = offsets - phase / _PHASES
        window = np.i0(_BETA * np.sqrt(1 - (distance / (TAPS // 2)) ** 2)) / np.i0(_BETA)
        row = np.sinc(distance) * window
        moments = np.stack([np.ones(TAPS), distance])
        miss = moments @ row - [1.0, 0.0]
        row -= np.linalg.solve(moments @ (moments * window).T, miss) @ (moments * window)
        rows.append(row)
    return np.array(rows)


def bend_bound(taps: Floats) -> float:
    """How far the curve can rise above the straight line, in largest second differences.

    A row that is exact on straight lines is a straight line plus a sum over second differences;
    the sum of its magnitudes is the bound. The parabola adds an eighth of the second difference
    of its points at most.
    """
    samples = np.eye(TAPS + 1)
    here, following = samples[TAPS // 2], samples[TAPS // 2 + 1]
    inner = np.pad(taps, ((0, 0), (1, 0)))
    share = np.arange(1, _PHASES)[:, None] / _PHASES
    rise = _in_second_differences(inner - (1 - share) * here - share * following)
    points = np.stack([np.pad(taps[-1], (0, 1)), here, *inner, following])
    top = _in_second_differences(np.diff(points, 2, axis=0)) / 8
    return float(rise.max() + top.max())


def _in_second_differences(rows: Floats) -> Floats:
    sums: Floats = np.abs(np.cumsum(np.cumsum(rows, axis=1), axis=1)).sum(axis=1)
    return sums


@cache
def _oversampling() -> tuple[npt.NDArray[np.float32], np.float32]:
    taps = interpolators()
    return taps.astype(np.float32), np.float32(bend_bound(taps) * _MARGIN)


class TruePeaks:
    """The true peak of every tenth of a second, over all channels."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        from musictools.audio._loudness_kernels import GROUP

        self._rate = sample_rate
        self._group = GROUP
        self._taps, self._bend = _oversampling()
        # Zeros stand before the first sample: an abrupt start overshoots, too.
        self._rest = np.zeros((len(layout), 2 * GROUP), np.float32)
        self._first_group = -1
        self._seen = 0
        self._peaks = np.zeros(0, np.float32)

    def update(self, block: Block) -> None:
        """Take the next samples."""
        self._seen += block.shape[1]
        self._first_group, self._rest, self._peaks = self._advance(block)

    def series(self) -> npt.NDArray[np.float32]:
        """Largest magnitude of every tenth of a second, the last begun one included.

        Zeros stand after the last sample as well. A group of 32 samples counts for the tenth that
        its first sample lies in.
        """
        group = self._group
        padding = np.zeros((len(self._rest), 3 * group - self._seen % group), np.float32)
        return self._advance(padding)[2]

    def true_peak_dbtp(self) -> float:
        """Largest of all; NaN for silence."""
        return to_db(float(self.series().max()))

    def _advance(self, block: Block) -> tuple[int, Block, npt.NDArray[np.float32]]:
        from musictools.audio._loudness_kernels import raise_peaks

        samples = np.concatenate((self._rest, block), axis=1)
        group = self._group
        whole = samples.shape[1] // group
        if whole < 3:
            return self._first_group, samples, self._peaks
        starts = (self._first_group + np.arange(whole - 2)) * group
        last = max(self._seen - 1, 0)
        buckets = np.clip(starts, 0, last) * BUCKETS_PER_S // self._rate
        peaks = np.zeros(max(self._peaks.size, int(buckets[-1]) + 1), np.float32)
        peaks[: self._peaks.size] = self._peaks
        for channel in samples:
            raise_peaks(channel[: whole * group], self._taps, self._bend, buckets, peaks)
        rest = samples[:, (whole - 2) * group :].copy()
        return self._first_group + whole - 2, rest, peaks
