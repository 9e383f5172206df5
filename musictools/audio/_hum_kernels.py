"""How much less is left of an arrow when its steady part is taken away, for many frequencies."""

import math

import numpy as np
import numpy.typing as npt

from musictools.audio._kernel import kernel

Block = npt.NDArray[np.float32]

_REFINEMENTS = 2
# Ratios are multiplied before a logarithm is taken: the product of so many is still a number.
_AT_ONCE = 8


@kernel(
    "void(float32[:, ::1], float32[:, ::1], float32[::1], float32[::1], float32, float32[::1], "
    "float32[::1])",
    fastmath=True,
)
def steady_parts(
    cosines: Block,
    sines: Block,
    real: Block,
    imaginary: Block,
    least: np.float32,
    gains: Block,
    amplitudes: Block,
) -> None:
    """Fit a steady arrow to those of one line, for each offset that ``cosines`` turn back by.

    The fit has the least mean logarithm of what is left, by weights taken again and again. The gain
    is the mean logarithm of power before over power after: only an arrow of one length, there in
    the quietest frames too, lets it grow; one that comes and goes leaves more than there was.
    """
    n = real.size
    across = np.empty(n, np.float32)
    up = np.empty(n, np.float32)
    one = np.float32(1)
    for row in range(cosines.shape[0]):
        x = np.float32(0)
        y = np.float32(0)
        for i in range(n):
            across[i] = real[i] * cosines[row, i] + imaginary[i] * sines[row, i]
            up[i] = imaginary[i] * cosines[row, i] - real[i] * sines[row, i]
        for _ in range(_REFINEMENTS + 1):
            total = np.float32(0)
            sum_x = np.float32(0)
            sum_y = np.float32(0)
            for i in range(n):
                a = across[i] - x
                b = up[i] - y
                weight = one / (a * a + b * b + least)
                total += weight
                sum_x += weight * across[i]
                sum_y += weight * up[i]
            x = sum_x / total
            y = sum_y / total
        gain = 0.0
        for first in range(0, n, _AT_ONCE):
            ratio = 1.0
            for i in range(first, min(n, first + _AT_ONCE)):
                a = across[i] - x
                b = up[i] - y
                whole = across[i] * across[i] + up[i] * up[i] + least
                ratio *= whole / (a * a + b * b + least)
            gain += math.log(ratio)
        gains[row] = gain / n
        amplitudes[row] = math.sqrt(x * x + y * y)
