"""Compiled loop over the bits of samples."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

_SCALE = np.float32(2.0**23)
#: Samples that are looked at between two looks at the result.
_GROUP = 64


@kernel("int64(float32[::1])")
def used_bits(samples: npt.NDArray[np.float32]) -> np.int64:
    """Or of the bits of all samples as integers of 24 bits.

    Ends where the lowest bit is found: nothing more can follow. A sample that is no such integer
    counts as the lowest bit.
    """
    bits = np.int32(0)
    for start in range(0, samples.size, _GROUP):
        part = samples[start : start + _GROUP]
        for i in range(part.size):
            # What stands above full scale is no integer of a file.
            value = min(max(part[i], np.float32(-2)), np.float32(2)) * _SCALE
            whole = np.int32(value)
            bits |= whole | np.int32(np.float32(whole) != value)
        if bits & 1:
            return np.int64(1)
    return np.int64(bits)
