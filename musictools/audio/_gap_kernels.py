"""Compiled loops of drop-outs and silence."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@kernel("void(float32[::1], int64, float32, float32[::1], float32[::1])", fastmath=True)
def measure_cells(
    samples: Singles, cell: int, previous: float, swing: Singles, top: Singles
) -> None:
    """Half the way from lowest to highest sample of every cell, and the largest magnitude.

    The sample before a cell, for the first one ``previous``, counts for its swing, so that a jump
    between two cells is seen.
    """
    for b in range(swing.size):
        low = high = samples[b * cell]
        for i in range(b * cell, (b + 1) * cell):
            low, high = min(low, samples[i]), max(high, samples[i])
        top[b] = max(high, -low)
        swing[b] = (max(high, previous) - min(low, previous)) / np.float32(2)
        previous = samples[(b + 1) * cell - 1]


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


@kernel("int64(int64, int64, float64, int64)")
def _weight(run: int, sound: int, sounding: float, hole: int) -> int:
    """How much a run of flat cells counts that follows so many cells of sound."""
    if run < hole:
        return run
    return 0 if sound >= sounding else 1_000


@kernel("int64(float32[::1], int64[::1], int64, int64, float64, float64, int64)")
def _flat(
    swing: Singles,
    cells: npt.NDArray[np.int64],
    place: int,
    size: int,
    bound: float,
    sounding: float,
    hole: int,
) -> int:
    """Count cells that are as flat as a gap, from ``place`` on, backwards if ``size`` is negative.

    Other holes do not count: ``hole`` flat cells and more, after ``sounding`` cells that are not.
    Flat parts as long that follow faster are a wave, and are more than any bound.
    """
    step = 1 if size > 0 else -1
    count, run, sound, i = 0, 0, 0, place
    while i != place + size and cells[2] <= i < cells[3]:
        if swing[i] <= bound:
            run += 1
        else:
            count += _weight(run, sound, sounding, hole)
            if run >= hole:
                sound = 0
            run = 0
            sound += 1
        i += step
    # What goes on outside is a hole if it may be one.
    return count + (0 if sound >= sounding else _weight(run, sound, sounding, hole))


@kernel("int64(float32[::1], int64, int64, float64[::1])")
def _abrupt(swing: Singles, begin: int, end: int, rule: Floats) -> int:
    """Tell whether sound stops and comes back at once, at full level, and goes on."""
    before, after = _level(swing, begin - 20, begin), _level(swing, end, end + 20)
    earlier, later = _level(swing, begin - 40, begin - 10), _level(swing, end + 10, end + 40)
    loud_before, loud_after = max(before, earlier), max(after, later)
    stops = _top(swing, begin - 4, begin) >= rule[3] * loud_before
    stops &= _top(swing, begin - 2, begin) >= rule[4] * loud_before
    returns = _top(swing, end, end + 4) >= rule[3] * loud_after
    returns &= _top(swing, end, end + 2) >= rule[4] * loud_after
    goes_on = max(before, after) <= rule[5] * min(before, after)
    return 1 if stops and returns and goes_on and after >= rule[2] else 0


@kernel("float64(float32[::1], float32[::1], int64[::1], int64, int64, float64)")
def _busy(
    swing: Singles, top: Singles, cells: npt.NDArray[np.int64], begin: int, end: int, bound: float
) -> float:
    """Tell how much of its height sound covers in every cell, on the side where it is less."""
    least = 1.0
    for first, last in ((max(begin - 40, cells[2]), begin), (end, min(end + 40, cells[3]))):
        moved, height = 0.0, 1e-9
        for i in range(first, last):
            if swing[i] > bound:
                moved += swing[i]
                height += top[i]
        least = min(least, moved / height)
    return least


@kernel("int64(float32[::1], float32[::1], int64, int64, int64[::1], int64[::1], float64[::1])")
def _alone(
    swing: Singles,
    top: Singles,
    begin: int,
    end: int,
    cells: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    rule: Floats,
) -> int:
    """Tell whether nothing around is as flat but other holes: no wave with flat parts."""
    bound = max(rule[0] * _level(swing, begin - 20, begin), rule[9])
    many, hole = 1e9, lengths[0]
    # The humps of a wave that is flat in between are smooth; music is not.
    sounding = rule[10] if _busy(swing, top, cells, begin, end, bound) >= rule[11] else many
    close = _flat(swing, cells, begin - 2, -40, bound, sounding, hole)
    close += _flat(swing, cells, end + 1, 40, bound, sounding, hole)
    wide = _flat(swing, cells, begin - 2, -199, bound, sounding, hole)
    wide += _flat(swing, cells, end + 1, 199, bound, sounding, hole)
    none = _flat(swing, cells, begin - 2, -199, bound, many, hole)
    none += _flat(swing, cells, end + 1, 199, bound, many, hole)
    peak = max(_top(top, begin - 20, begin), _top(top, end, end + 20))
    inside = top[begin + 1] <= rule[6] * peak or none == 0
    return 1 if close <= rule[7] and wide <= rule[8] and inside else 0


@kernel("int64(float32[::1], float32[::1], int64[::1], int64[::1], float64[::1], float64[:, ::1])")
def find_gaps(
    swing: Singles,
    top: Singles,
    cells: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    rule: Floats,
    found: Floats,
) -> int:
    """Look for gaps.

    ``cells``: first that a gap may begin in, and one past the last; first of the recording, and
    one past the last that is there. ``lengths``: shortest and longest gap, in cells. ``rule``:
    level where a gap begins, and where it goes on, against the level before; least level around;
    how much of that level the four cells next to the gap must have, and how much the two; how far
    the levels before and after may differ; how much of the peaks around a held sample may have
    where other parts are flat; how many cells may be flat within 20 ms, and within 100 ms; swing of
    dither; how many cells must sound between two holes, and how much of its height sound must cover
    in every cell, so that they are no wave. A row of ``found``: first cell, one past the last,
    level before, level after, largest cell inside.
    """
    count, b = 0, cells[0]
    while b < cells[1] and count < found.shape[0]:
        begin, b = b, b + 1
        if swing[begin] > max(rule[0] * _top(swing, begin - 4, begin) / rule[3], rule[9]):
            continue
        before = _level(swing, begin - 20, begin)
        if before < rule[2] or swing[begin] > max(rule[0] * before, rule[9]):
            continue
        goes_on = max(rule[1] * before, rule[9])
        while b < begin + lengths[1] + 1 and swing[b] <= goes_on:
            b += 1
        if (
            lengths[0] <= b - begin <= lengths[1]
            and _abrupt(swing, begin, b, rule)
            and _alone(swing, top, begin, b, cells, lengths, rule)
        ):
            row = found[count]
            row[0], row[1], row[2], row[3] = begin, b, before, _level(swing, b, b + 20)
            row[4] = _top(swing, begin, b)
            count += 1
    return count
