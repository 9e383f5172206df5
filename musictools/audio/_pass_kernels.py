"""Power of a spectrum, in one walk over memory."""

import numpy.typing as npt
from numpy import float32

from musictools._kernel import kernel

Block = npt.NDArray[float32]


@kernel("void(float32[:, ::1], float32[:, ::1])", fastmath=True)
def square_magnitudes(parts: Block, power: Block) -> None:
    """Write the squared magnitude of complex numbers given as pairs of parts."""
    for frame in range(power.shape[0]):
        for k in range(power.shape[1]):
            real, imaginary = parts[frame, 2 * k], parts[frame, 2 * k + 1]
            power[frame, k] = real * real + imaginary * imaginary
