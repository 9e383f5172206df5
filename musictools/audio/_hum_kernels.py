"""Compiled loops of hum: fewer samples a second, and how steady a line is."""

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._kernel import kernel


@kernel("void(float32[::1], int64, float32[::1], float32[::1])", fastmath=True)
def decimate(x: Block, step: int, taps: npt.NDArray[np.float32], out: Block) -> None:
    """Filter with taps, and take every so many samples, as many as there is room for."""
    size = taps.size
    for i in range(out.size):
        start = i * step
        total = np.float32(0.0)
        for k in range(size):
            total += x[start + k] * taps[k]
        out[i] = total
