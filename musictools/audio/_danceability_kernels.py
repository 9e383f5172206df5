"""Compiled loops over fluctuations."""

from typing import Any

import numpy as np

from musictools._kernel import kernel

Array = Any  # what numba is handed; the signatures say what it is


@kernel("float64[::1](float64[::1], int64[::1], int64)")
def fluctuations(walk: Array, sizes: Array, overlap: int) -> Array:
    """Root mean square distance of a walk from the straight lines that fit its stretches best.

    Parameters
    ----------
    walk : array of shape (n,)
        About unit steps.
    sizes : array of shape (sizes,)
        Lengths of the stretches, two and more.
    overlap : int
        Stretches begin every ``size // overlap`` steps.

    Returns
    -------
    array of shape (sizes,)
        0 where the walk is not longer than a stretch.
    """
    n = walk.size
    # Running sums of the walk, of its products with the place, and of its squares: any stretch
    # then costs a few subtractions.
    plain, product, square = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        plain[i + 1] = plain[i] + walk[i]
        product[i + 1] = product[i] + walk[i] * i
        square[i + 1] = square[i] + walk[i] * walk[i]
    found = np.zeros(sizes.size)
    for k in range(sizes.size):
        size = sizes[k]
        hop = max(size // overlap, 1)
        spread = size * (size * size - 1.0) / 12.0
        total, count = 0.0, 0
        for first in range(0, n - size, hop):
            last = first + size
            mean = (plain[last] - plain[first]) / size
            middle = first + 0.5 * (size - 1)
            # About the middle, so that the slope does not mix with the level.
            moment = product[last] - product[first] - middle * mean * size
            rest = square[last] - square[first] - mean * mean * size - moment * moment / spread
            total += max(rest, 0.0) / size
            count += 1
        if count:
            found[k] = np.sqrt(total / count)
    return found


@kernel("float32[::1](float32[::1], int64)", fastmath=True)
def measure_spread(samples: Array, size: int) -> Array:
    """Give the standard deviation of each ``size`` samples in turn, shape (n // size,)."""
    count = samples.size // size
    spread = np.empty(count, np.float32)
    for block in range(count):
        piece = samples[block * size : (block + 1) * size]
        total = np.float32(0.0)
        for i in range(size):
            total += piece[i]
        mean = total / np.float32(size)
        square = np.float32(0.0)
        for i in range(size):
            apart = piece[i] - mean
            square += apart * apart
        spread[block] = np.sqrt(square / np.float32(size))
    return spread
