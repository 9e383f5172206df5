"""How the partials of a frame have moved since the last one."""

import math

import numpy as np
import numpy.typing as npt

from musictools.audio._kernel import kernel

Block = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


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
            sum_x, square_x = zero, zero
            for i in range(low, high):
                x = points[frame, i]
                sum_x += x
                square_x += x * x
            spread_x = square_x - sum_x * sum_x / count
            best, shift = alike, 0
            for step in range(-farthest, farthest + 1):
                sum_y, square_y, both = zero, zero, zero
                for i in range(low, high):
                    y = points[frame + 1, i + step]
                    sum_y += y
                    square_y += y * y
                    both += points[frame, i] * y
                size = spread_x * (square_y - sum_y * sum_y / count)
                if size > zero:
                    likeness = (both - sum_x * sum_y / count) / math.sqrt(size)
                    if likeness > best:
                        best = float(likeness)
                        shift = step
            slides[frame, band] = shift
