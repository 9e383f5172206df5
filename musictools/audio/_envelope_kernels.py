"""Compiled loops of the pictures: extremes of cells, and where left and right meet."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Samples = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


@kernel(
    "void(float32[:, ::1], int64, int64, int64, int64, float32[:, ::1], float32[:, ::1])",
    fastmath=True,
)
def add_extremes(
    samples: Samples, start: int, stop: int, filled: int, size: int, low: Samples, high: Samples
) -> None:
    """Lower the lows and raise the highs of cells by some samples.

    Parameters
    ----------
    samples : float32, shape (channels, n)
        Finite.
    start, stop : int
        Which of them.
    filled : int
        Samples that the cells hold already.
    size : int
        Samples that a cell takes.
    low, high : float32, shape (channels, cells)
        Changed in place.
    """
    for channel in range(samples.shape[0]):
        here = start
        while here < stop:
            cell = (filled + here - start) // size
            end = min(stop, start + (cell + 1) * size - filled)
            lowest, highest = low[channel, cell], high[channel, cell]
            for i in range(here, end):
                sample = samples[channel, i]
                lowest = min(lowest, sample)
                highest = max(highest, sample)
            low[channel, cell], high[channel, cell] = lowest, highest
            here = end


@kernel("void(float32[::1], float32[::1], int64, int64, int64[:, ::1])")
def count_pairs(left: Samples, right: Samples, first: int, step: int, counts: Counts) -> None:
    """Count where pairs of samples fall in a square of mid and side.

    Parameters
    ----------
    left, right : float32, shape (n,)
        Finite; what is beyond full scale counts at the edge.
    first, step : int
        Which samples count.
    counts : int64, shape (cells, cells)
        Rows are mid, columns are side, each from -1 to 1; added to.
    """
    half = counts.shape[0] // 2
    for i in range(first, left.size, step):
        mid = min(max(np.float32(0.5) * (left[i] + right[i]), np.float32(-1)), np.float32(1))
        side = min(max(np.float32(0.5) * (right[i] - left[i]), np.float32(-1)), np.float32(1))
        row = int(mid * half + half + np.float32(0.5))
        column = int(side * half + half + np.float32(0.5))
        counts[row, column] += 1
