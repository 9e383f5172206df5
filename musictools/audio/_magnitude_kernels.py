"""The largest of some numbers, ten times as fast as by comparing them one after the other.

Other rooms call this kernel: see the notes of ``_kernel.kernel`` before changing it.
"""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

#: All bits of a number in single precision but its sign.
MAGNITUDE = np.int32(0x7FFFFFFF)


@kernel("float32(float32[::1])")
def largest_magnitude(values: npt.NDArray[np.float32]) -> np.float32:
    """Find the largest magnitude of some finite numbers, nought for none.

    Without their signs the bits of floating-point numbers have the order of integers, and of those
    a processor compares several at once.
    """
    top = np.int32(0)
    for i in range(values.size):
        top = max(top, np.float32(values[i]).view(np.int32) & MAGNITUDE)
    return np.int32(top).view(np.float32)
