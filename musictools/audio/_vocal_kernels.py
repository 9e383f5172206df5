"""How the partials of a frame have moved since the last one."""

import math

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Block = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@kernel(
    "void(float32[:, ::1], int64[::1], float32[::1], float32[:, ::1])",
    fastmath=True,
)
def read_between(power: Block, bins: Indices, parts: Block, points: Block) -> None:
    """Write the magnitude at places between bins, linear from bin to bin.

    Parameters
    ----------
    power : numpy.ndarray, shape (frames, any), float32
    bins : numpy.ndarray, shape (points,), int64
        The bin below each place.
    parts : numpy.ndarray, shape (points,), float32
        How far from it to the next.
    points : numpy.ndarray, shape (frames, points), float32
        Is filled.
    """
    magnitude = np.empty(bins.max() + 2, np.float32)
    for frame in range(power.shape[0]):
        row, found = power[frame, : magnitude.size], points[frame]
        for k in range(magnitude.size):
            magnitude[k] = math.sqrt(row[k])
        for i in range(bins.size):
            below = magnitude[bins[i]]
            found[i] = below + parts[i] * (magnitude[bins[i] + 1] - below)


@kernel(
    "void(float32[:, ::1], int64[::1], int64, float64, int64[:, ::1])",
    fastmath=True,
)
def find_slides(
    points: Block, edges: Indices, farthest: int, alike: float, slides: Indices
) -> None:
    """Find the shift of each band that makes a frame most like the one before.

    Parameters
    ----------
    points : numpy.ndarray, shape (frames + 1, points), float32
        Magnitudes over logarithmic frequency.
    edges : numpy.ndarray, shape (bands + 1,), int64
        First point of each band, and the one after the last; ``farthest`` points are left free on
        each side.
    farthest : int
        Shifts from minus to plus this many points are tried.
    alike : float
        Correlation that the best shift must reach.
    slides : numpy.ndarray, shape (frames, bands), int64
        Is filled with the shifts, 0 where nothing is alike.
    """
    zero = np.float32(0)
    for frame in range(slides.shape[0]):
        for band in range(edges.size - 1):
            low, high = edges[band], edges[band + 1]
            count = np.float32(high - low)
            before = points[frame, low:high]
            sum_x, square_x = zero, zero
            for i in range(before.size):
                sum_x += before[i]
                square_x += before[i] * before[i]
            spread_x = square_x - sum_x * sum_x / count
            best, shift = alike, 0
            for step in range(-farthest, farthest + 1):
                # Views of one length, and all three sums at once: four times as fast as by index.
                after = points[frame + 1, low + step : high + step]
                sum_y, square_y, both = zero, zero, zero
                for i in range(before.size):
                    y = after[i]
                    sum_y += y
                    square_y += y * y
                    both += before[i] * y
                size = spread_x * (square_y - sum_y * sum_y / count)
                if size > zero:
                    likeness = (both - sum_x * sum_y / count) / math.sqrt(size)
                    if likeness > best:
                        best = float(likeness)
                        shift = step
            slides[frame, band] = shift
