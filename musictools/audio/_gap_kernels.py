"""Compiled loops of drop-outs and silence."""

import numpy as np
import numpy.typing as npt

from musictools.audio._kernel import kernel

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@kernel("void(float32[::1], int64, float32[::1])", fastmath=True)
def swings(samples: Singles, cell: int, out: Singles) -> None:
    """Half the way from the lowest to the highest sample of every cell."""
    for b in range(out.size):
        low = high = samples[b * cell]
        for i in range(b * cell, (b + 1) * cell):
            low, high = min(low, samples[i]), max(high, samples[i])
        out[b] = (high - low) / np.float32(2)


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


@kernel("int64(float32[::1], int64, int64, int64, int64, float64[::1], float64[:, ::1])")
def find_gaps(
    swing: Singles, first: int, last: int, shortest: int, longest: int, rule: Floats, found: Floats
) -> int:
    """Look for gaps that begin in cells ``first`` to ``last``.

    ``rule``: level of the gap against the level before; least level; how much of that level the
    cells next to the gap must have; how far the levels before and after may differ. A row of
    ``found``: first cell, one past the last, level before, level after, largest cell inside.
    """
    count, b = 0, first
    while b < last and count < found.shape[0]:
        if swing[b] > rule[0] * swing[b - 1] and swing[b] > rule[0] * swing[b - 2]:
            b += 1
            continue
        before = _level(swing, b - 20, b - 1)
        bound = rule[0] * before
        if before < rule[1] or swing[b] > bound:
            b += 1
            continue
        end = b + 1
        while end < b + longest + 1 and swing[end] <= bound:
            end += 1
        length, begin = end - b, b
        b = end
        if length < shortest or length > longest:
            continue
        after = _level(swing, end + 1, end + 20)
        earlier, later = _level(swing, begin - 40, begin - 10), _level(swing, end + 10, end + 40)
        if _top(swing, begin - 4, begin) < rule[2] * max(before, earlier):
            continue
        if _top(swing, end, end + 4) < rule[2] * max(after, later):
            continue
        if max(before, after) > rule[3] * min(before, after):
            continue
        row = found[count]
        row[0], row[1], row[2], row[3] = begin, end, before, after
        row[4] = _top(swing, begin, end)
        count += 1
    return count
