"""Loops over the bands of each frame."""

import math

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@kernel(
    "void(float32[:, ::1], float32[:, ::1], float64, float64[:, ::1])",
    fastmath=True,
)
def describe_bands(power: Rows, decibel: Rows, depth_db: float, rows: Floats) -> None:
    """Write crest and flatness in dB, kurtosis, skewness and spread of the bands of each frame.

    Bands more than ``depth_db`` below the mean count as if there; without any power, all bands
    count as alike.
    """
    frames, bands = power.shape
    for i in range(frames):
        p, level = power[i], decibel[i]
        total = first = top = 0.0
        for k in range(bands):
            total += p[k]
            first += p[k] * float(k)
            top = max(top, p[k])
        row = rows[i]
        if total <= 0:
            spread = (bands * bands - 1) / 12
            row[0] = row[1] = row[3] = 0.0
            row[2] = 1.8 - 2.4 / (bands * bands - 1)
            row[4] = math.sqrt(spread)
            continue
        centre = first / total
        mean_db = 10 * math.log10(total / bands)
        levels = second = third = fourth = 0.0
        for k in range(bands):
            levels += max(level[k], mean_db - depth_db)
            apart = k - centre
            square = p[k] * apart * apart
            second += square
            third += square * apart
            fourth += square * apart * apart
        second = max(second / total, 1e-9)
        row[4] = math.sqrt(second)
        row[0] = min(max(10 * math.log10(top / total * bands), 0.0), 10 * math.log10(bands))
        row[1] = min(levels / bands - mean_db, 0.0)
        row[2] = max(fourth / total / (second * second), 1.0)
        row[3] = third / total / (second * row[4])
