"""Sums of frames, in one walk over memory."""

import numpy as np
import numpy.typing as npt

from musictools.audio._kernel import kernel

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float32] | Floats


@kernel(
    "void(float32[:, ::1], float64[::1], float64[:, ::1])",
    "void(float64[:, ::1], float64[::1], float64[:, ::1])",
)
def add_rows(rows: Rows, last: Floats, sums: Floats) -> None:
    """Add rows to the sums of their columns.

    Parameters
    ----------
    rows : numpy.ndarray, shape (frames, columns)
    last : numpy.ndarray, shape (columns,)
        The row before the first; holds the last one afterwards.
    sums : numpy.ndarray, shape (8, columns)
        Origins of values and of steps; sums of what lies beyond those, and of its squares, for
        values and then for steps; least and greatest value. A step is the distance of neighbours.
    """
    origin, step_origin, total, square, step_total, step_square, low, high = sums
    for i in range(rows.shape[0]):
        row = rows[i]
        for k in range(row.size):
            value = np.float64(row[k])
            beyond = value - origin[k]
            total[k] += beyond
            square[k] += beyond * beyond
            step = abs(value - last[k]) - step_origin[k]
            step_total[k] += step
            step_square[k] += step * step
            low[k] = min(low[k], value)
            high[k] = max(high[k], value)
            last[k] = value
