"""Sums of frames, in one walk over memory."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

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


@kernel("int64(int32[::1], int32)")
def _count_up_to(ordered: npt.NDArray[np.int32], most: np.int32) -> int:
    count = np.int32(0)
    for i in range(ordered.size):
        count += np.int32(1) if ordered[i] <= most else np.int32(0)
    return int(count)


@kernel("float64(int32)")
def _number(ordered: np.int32) -> float:
    """Give the number that an integer stands for."""
    bits = ordered ^ ((ordered >> 31) & np.int32(0x7FFFFFFF))
    return float(np.int32(bits).view(np.float32))


@kernel("void(float32[:, ::1], float64[::1])")
def find_medians(columns: npt.NDArray[np.float32], medians: Floats) -> None:
    """Write the median of each row of finite numbers, shape (columns, n), n at least one.

    By halving: as integers of the same bits (those of negative numbers mirrored) numbers have the
    same order, and a processor compares several at once. Thirty passes that count take a fifth of
    the time of one that selects.
    """
    count = columns.shape[1]
    ordered = np.empty(count, np.int32)
    for column in range(len(columns)):
        bits = columns[column].view(np.int32)
        low, high = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
        for i in range(count):
            ordered[i] = bits[i] ^ ((bits[i] >> 31) & np.int32(0x7FFFFFFF))
            low, high = min(low, ordered[i]), max(high, ordered[i])
        # The smallest number that is at least as large as half of all, the lower half if even.
        rank = (count + 1) // 2
        least, most = np.int64(low), np.int64(high)
        below = 0
        while least < most:
            middle = (least + most) >> 1
            below = _count_up_to(ordered, np.int32(middle))
            if below >= rank:
                most = middle
            else:
                least = middle + 1
        lower = np.int32(least)
        upper = lower
        if count % 2 == 0 and _count_up_to(ordered, lower) == rank:
            upper = np.int32(0x7FFFFFFF)
            for i in range(count):
                upper = min(upper, ordered[i] if ordered[i] > lower else np.int32(0x7FFFFFFF))
        medians[column] = 0.5 * (_number(lower) + _number(upper))
