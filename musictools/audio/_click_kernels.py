"""Compiled loops of the click detector: what linear prediction leaves of a signal."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Singles = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

#: Coefficients of the predictor, a multiple of four.
ORDER = 16
#: Samples of the longest pulse that is fitted whole.
PULSE = 4
# White noise that is added before predicting, 50 dB below the signal: sums in single precision
# are as exact, and no click worth finding lies deeper.
_FLOOR = 1e-5


@kernel("void(float32[::1], float32[::1], float64[::1])", fastmath=True, inlined=True)
def _correlate(framed: Singles, doubled: Singles, lags: Floats) -> None:
    """Autocorrelation of a windowed frame; ``doubled`` is the frame with zeros behind it."""
    n = framed.size
    total = np.float32(0)
    for i in range(n):
        total += framed[i] * framed[i]
    lags[0] = total
    # Four at a time: what is loaded is used four times.
    for lag in range(1, lags.size, 4):
        shifted = doubled[lag : lag + n + 3]
        a = b = c = d = np.float32(0)
        for i in range(n):
            a += framed[i] * shifted[i]
            b += framed[i] * shifted[i + 1]
            c += framed[i] * shifted[i + 2]
            d += framed[i] * shifted[i + 3]
        lags[lag], lags[lag + 1], lags[lag + 2], lags[lag + 3] = a, b, c, d


@kernel("float64(float64[::1], float64[::1], float64[::1])")
def _predictor(lags: Floats, taps: Floats, work: Floats) -> float:
    """Levinson and Durbin: write the prediction error filter, give the error's power."""
    taps[:] = 0.0
    taps[0] = 1.0
    error = lags[0]
    for m in range(1, taps.size):
        total = lags[m]
        for k in range(1, m):
            total += taps[k] * lags[m - k]
        reflection = -total / error
        work[:m] = taps[:m]
        for k in range(1, m):
            taps[k] += reflection * work[m - k]
        taps[m] = reflection
        error *= 1.0 - reflection * reflection
    return float(error)


@kernel("void(float32[::1], float32[::1], float32[::1])", fastmath=True, inlined=True)
def _filter(samples: Singles, taps: Singles, out: Singles) -> None:
    """Filter; the first ``taps.size - 1`` samples are what came before."""
    past, n = taps.size - 1, out.size
    for i in range(n):
        out[i] = samples[past + i]
    for k in range(1, taps.size, 4):
        a, b, c, d = taps[k], taps[k + 1], taps[k + 2], taps[k + 3]
        delayed = samples[past - k - 3 : past - k + n]
        for i in range(n):
            out[i] += a * delayed[i + 3] + b * delayed[i + 2] + c * delayed[i + 1] + d * delayed[i]


@kernel("void(float32[::1], float32[::1], int64, float32[::1], float32[:, ::1])")
def predict(
    samples: Singles, window: Singles, first: int, residual: Singles, filters: Singles
) -> None:
    """Write what prediction leaves, frame by frame.

    Frame i is ``residual[i * hop : (i + 1) * hop]``, where hop is half the window; it stands for
    ``samples[first + i * hop :]``, and the window lies with its middle on the frame's. Row i of
    ``filters`` is given the prediction error filter of frame i.
    """
    size = window.size
    hop, frames = size // 2, filters.shape[0]
    doubled = np.zeros(size + ORDER + 1, np.float32)
    lags = np.zeros(ORDER + 1)
    taps, work = np.zeros(ORDER + 1), np.zeros(ORDER + 1)
    for f in range(frames):
        start = first + f * hop
        begin = start - hop // 2
        for i in range(size):
            doubled[i] = samples[begin + i] * window[i]
        _correlate(doubled[:size], doubled, lags)
        if lags[0] < 1e-12:
            filters[f, :] = 0
            filters[f, 0] = 1
        else:
            lags[0] *= 1 + _FLOOR
            _predictor(lags, taps, work)
            for k in range(ORDER + 1):
                filters[f, k] = np.float32(taps[k])
        _filter(samples[start - ORDER : start + hop], filters[f], residual[f * hop : (f + 1) * hop])


@kernel("float64(float32[::1], int64, int64)", fastmath=True, inlined=True)
def _power(samples: Singles, begin: int, end: int) -> float:
    """Mean square of a stretch, 0 for none."""
    total = np.float32(0)
    for i in range(begin, end):
        total += samples[i] * samples[i]
    return float(total) / max(end - begin, 1)


@kernel("void(float32[::1], int64, float32[::1], float32[::1])", fastmath=True, inlined=True)
def _cells(residual: Singles, cell: int, power: Singles, peak: Singles) -> None:
    """Mean square and largest magnitude of every cell."""
    for b in range(power.size):
        total = top = np.float32(0)
        for i in range(b * cell, (b + 1) * cell):
            total += residual[i] * residual[i]
            top = max(top, abs(residual[i]))
        power[b], peak[b] = total / np.float32(cell), top


@kernel("int64(float32[::1], float32[::1], int64, float64, float64[::1])")
def _alone(power: Singles, peak: Singles, b: int, ratio: float, around: Floats) -> int:
    """Tell whether a cell is a peak over the 10 ms around; write the largest powers and peak."""
    bound = (peak[b] / ratio) ** 2
    if peak[b] < peak[b - 1] or peak[b] <= peak[b + 1]:
        return 0
    if power[b - 2] > bound or power[b + 4] > bound:
        return 0
    around[:] = 0
    for k in range(2, 22):
        around[0] = max(around[0], power[b - k])
        around[1] = max(around[1], power[b + 1 + k])
        around[2] = max(around[2], peak[b - k], peak[b + 1 + k])
    return 1 if max(around[0], around[1]) <= bound else 0


@kernel("int64(float32[::1], int64, int64)")
def _where(residual: Singles, begin: int, end: int) -> int:
    """Index of the largest magnitude of a stretch."""
    at = begin
    for i in range(begin, end):
        if abs(residual[i]) > abs(residual[at]):
            at = i
    return at


@kernel("float64(float32[::1], int64, int64)")
def _roughness(samples: Singles, begin: int, end: int) -> float:
    """Root mean square of the differences of neighbours."""
    total = 0.0
    for i in range(begin, end):
        step = float(samples[i + 1]) - samples[i]
        total += step * step
    return float(np.sqrt(total / (end - begin)))


@kernel("void(float64[:, ::1], float64[::1], float64[::1])")
def _solve(matrix: Floats, right: Floats, solution: Floats) -> None:
    """Solve a small positive definite system by elimination."""
    work, n = matrix.copy(), right.size
    solution[:] = right
    for i in range(n):
        for j in range(i + 1, n):
            factor = work[j, i] / work[i, i]
            for k in range(i, n):
                work[j, k] -= factor * work[i, k]
            solution[j] -= factor * solution[i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            solution[i] -= work[i, k] * solution[k]
        solution[i] /= work[i, i]


@kernel("void(float32[::1], float64[:, ::1])")
def _overlaps(taps: Singles, matrix: Floats) -> None:
    """Products of the filter's answers to single samples, each a sample later than the last."""
    for lag in range(matrix.shape[0]):
        total = 0.0
        for k in range(taps.size - lag):
            total += float(taps[k]) * taps[k + lag]
        for i in range(matrix.shape[0] - lag):
            matrix[i, i + lag] = matrix[i + lag, i] = total
    for i in range(matrix.shape[0]):
        matrix[i, i] *= 1 + 1e-6


@kernel("void(float32[::1], float32[::1], int64, float64[:, ::1], float64[::1])")
def _fit(residual: Singles, taps: Singles, at: int, matrix: Floats, found: Floats) -> None:
    """Fit a free pulse of ``PULSE`` samples near ``at`` and take it out of the residual.

    ``found`` is given the root of the energy that it explains, and its largest magnitude.
    """
    width = matrix.shape[0]
    matched, pulse, best = np.empty(width), np.empty(width), np.zeros(width)
    most, place = -1.0, at
    _overlaps(taps, matrix)
    for start in range(at - width - 1, at + 3):
        for j in range(width):
            total = 0.0
            for k in range(taps.size):
                total += float(taps[k]) * residual[start + j + k]
            matched[j] = total
        _solve(matrix, matched, pulse)
        energy = 0.0
        for j in range(width):
            energy += matched[j] * pulse[j]
        if energy > most:
            most, place = energy, start
            best[:] = pulse
    height = 0.0
    for j in range(width):
        height = max(height, abs(best[j]))
        for k in range(taps.size):
            residual[place + j + k] -= np.float32(best[j] * taps[k])
    found[0], found[1] = np.sqrt(max(most, 0.0)), height


@kernel("float64(float32[:, ::1], int64, int64, int64)")
def _level(channels: Singles, here: int, cell: int, span: int) -> float:
    """RMS on the louder side of a place, over all channels."""
    before = after = 0.0
    for c in range(channels.shape[0]):
        before += _power(channels[c], here - span, here - cell)
        after += _power(channels[c], here + 2 * cell, here + span)
    return float(np.sqrt(max(before, after) / channels.shape[0]))


@kernel(
    "int64(float32[::1], float32[:, ::1], float32[::1], float32[:, ::1], int64[::1], float64[::1], "
    "float64[:, ::1])"
)
def find_peaks(
    samples: Singles,
    channels: Singles,
    residual: Singles,
    filters: Singles,
    sizes: npt.NDArray[np.int64],
    least: Floats,
    found: Floats,
) -> int:
    """Look for peaks of the residual that stand alone.

    ``channels``: whose level counts. ``sizes``: the sample that ``residual[0]`` stands for, length
    of a cell, first cell to look at and one past the last, and samples that count for the level
    around. ``least``: the lowest magnitude, the lowest ratio to the level, the lowest ratio to the
    residual around, and the lowest ratio to the level of which a pulse is fitted. A row of
    ``found``: place in the residual, height, level of the samples around, largest RMS of a cell in
    the 10 ms before and after, RMS of the 1 ms before and after, RMS of the samples in the 5 ms
    before and after; of the pulse, 0 where none is fitted, the root of its energy in the residual,
    its height, and the RMS that stays within 1 ms when it is taken out; the highest magnitude of
    the residual in the 10 ms before and after, and the roughness of half a millisecond on either
    side.
    """
    offset, cell, span = sizes[0], sizes[1], sizes[4]
    cells, hop = residual.size // cell, residual.size // filters.shape[0]
    power, peak = np.empty(cells, np.float32), np.empty(cells, np.float32)
    _cells(residual, cell, power, peak)
    around, count, side = np.empty(3), 0, 2 * cell
    matrix, near = np.empty((PULSE, PULSE)), np.empty(2 * side + 2 * ORDER + 8, np.float32)
    for b in range(sizes[2], sizes[3]):
        top = peak[b]
        if top < least[0] or not _alone(power, peak, b, least[2], around):
            continue
        at = _where(residual, b * cell, (b + 1) * cell)
        here = offset + at
        level = _level(channels, here, cell, span)
        if top < least[1] * level or count == found.shape[0]:
            continue
        row, late = found[count], at + max(ORDER + 4, cell)
        row[0], row[1], row[2] = at, top, level
        row[3], row[4] = np.sqrt(around[0]), np.sqrt(around[1])
        row[5] = np.sqrt(_power(residual, at - 2 - side, at - 2))
        row[6] = np.sqrt(_power(residual, late, late + side))
        row[7] = np.sqrt(_power(samples, here - 10 * cell, here - cell))
        row[8] = np.sqrt(_power(samples, here + side, here + 11 * cell))
        row[9:12] = 0
        row[12] = around[2]
        row[13] = _roughness(samples, here - 5 - cell, here - 5)
        row[14] = _roughness(samples, here + 5, here + 5 + cell)
        if top >= least[3] * level:
            # Frame by frame the filter changes; here one filter has to do.
            taps, begin = filters[at // hop], here - side
            _filter(samples[begin - ORDER : begin + near.size], taps, near)
            _fit(near, taps, side, matrix, row[9:11])
            row[11] = np.sqrt(_power(near, 0, 2 * side + ORDER))
        count += 1
    return count
