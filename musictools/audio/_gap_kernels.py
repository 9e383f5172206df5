"""Compiled loops of drop-outs and silence."""

import numpy as np
import numpy.typing as npt

from musictools.audio._kernel import kernel

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@kernel("void(float32[::1], int64, float32[::1], float32[::1])", fastmath=True)
def measure_cells(samples: Singles, cell: int, swing: Singles, top: Singles) -> None:
    """Half the way from lowest to highest sample of every cell, and the largest magnitude."""
    for b in range(swing.size):
        low = high = samples[b * cell]
        for i in range(b * cell, (b + 1) * cell):
            low, high = min(low, samples[i]), max(high, samples[i])
        swing[b] = (high - low) / np.float32(2)
        top[b] = max(high, -low)


@kernel("float64(float32[::1], int64, int64)")
def _level(swing: Singles, begin: int, end: int) -> float:
    total = 0.0
    for i in range(begin, end):
        total += swing[i] * swing[i]
    return float(np.sqrt(total / (end - begin)))


@kernel("float64(float32[::1], int64, int64)")
def _top(swing: Singles, begin: int, end: int) -> float:
    top = 0.0
    for i in range(begin, end):
        top = max(top, swing[i])
    return top


@kernel("int64(float32[::1], int64, int64, float64)")
def _flat(swing: Singles, begin: int, end: int, bound: float) -> int:
    """How many cells in the 20 ms before and after are as flat as the gap."""
    count = 0
    for k in range(2, 42):
        count += swing[begin - k] <= bound
        count += swing[end - 1 + k] <= bound
    return count


@kernel("int64(float32[::1], int64, int64, float64[::1])")
def _abrupt(swing: Singles, begin: int, end: int, rule: Floats) -> int:
    """Tell whether sound stops and comes back within 2 ms, and at full level."""
    before, after = _level(swing, begin - 20, begin - 1), _level(swing, end + 1, end + 20)
    earlier, later = _level(swing, begin - 40, begin - 10), _level(swing, end + 10, end + 40)
    stops = _top(swing, begin - 4, begin) >= rule[2] * max(before, earlier)
    returns = _top(swing, end, end + 4) >= rule[2] * max(after, later)
    return 1 if stops and returns else 0


@kernel("int64(float32[::1], float32[::1], int64[::1], int64[::1], float64[::1], float64[:, ::1])")
def find_gaps(
    swing: Singles,
    top: Singles,
    where: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    rule: Floats,
    found: Floats,
) -> int:
    """Look for gaps that begin in cells ``where[0]`` to ``where[1]``.

    ``lengths``: shortest, short and longest gap, in cells. ``rule``: level of the gap against the
    level before; least level; how much of that level the cells next to the gap must have; how far
    the levels before and after may differ around a long gap, and around a short one; how much of
    the peaks around a held sample may have; how many cells around may be as flat. A row of
    ``found``: first cell, one past the last,
    level before, level after, largest cell inside.
    """
    count, b = 0, where[0]
    while b < where[1] and count < found.shape[0]:
        begin, b = b, b + 1
        if swing[begin] > rule[0] * max(swing[begin - 1], swing[begin - 2]):
            continue
        before = _level(swing, begin - 20, begin - 1)
        bound = rule[0] * before
        if before < rule[1] or swing[begin] > bound:
            continue
        while b < begin + lengths[2] + 1 and swing[b] <= bound:
            b += 1
        length, after = b - begin, _level(swing, b + 1, b + 20)
        unlike = rule[3] if length > lengths[1] else rule[4]
        around = max(_top(top, begin - 20, begin), _top(top, b, b + 20))
        if (
            lengths[0] <= length <= lengths[2]
            and _abrupt(swing, begin, b, rule)
            and max(before, after) <= unlike * min(before, after)
            and top[begin] <= rule[5] * around
            and _flat(swing, begin, b, bound) <= rule[6]
        ):
            row = found[count]
            row[0], row[1], row[2], row[3] = begin, b, before, after
            row[4] = _top(swing, begin, b)
            count += 1
    return count
