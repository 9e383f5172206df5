"""Compiled loops over the tops of a waveform: how high, how flat, and with what corners."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_SIGN = np.int32(-0x80000000)
#: Samples of one flat top differ by no more: what rounding to 16 bits with dither leaves of a rail.
FLAT = np.float32(1e-4)
#: One step of 16 bits.
STEP = np.float32(2.0**-15)
#: The step into a flat top is so many times its unevenness; a parabola that is read at three
#: points has 3 at most.
_CORNER = np.float32(6)
#: Below -40 dBFS the tolerance is no small part of a top.
_LOWEST = np.float32(0.01)
#: Full scale and 0.01 dB: what rounding in single precision puts above 1 is no over.
OVER = np.float32(10 ** (0.01 / 20))
#: Samples of the shortest flat top.
_SHORTEST = 3


@kernel("boolean(float32[::1], int64, int64, float32, float32)")
def _has_corners(x: Samples, start: int, stop: int, low: np.float32, spread: np.float32) -> bool:
    """Tell whether both ends of a run, at least one of which can be seen, are steps."""
    least = _CORNER * max(spread, STEP)
    seen = False
    if start > 0:
        seen = True
        if abs(low - x[start - 1]) < least:
            return False
    if stop < x.size:
        seen = True
        if abs(low - x[stop]) < least:
            return False
    return seen


@kernel("void(float32[::1], float32, float32[::1])", fastmath={"contract"}, inlined=True)
def _flat_tops(x: Samples, top: np.float32, found: Samples) -> None:
    """Count what is flat at the upper end of x: samples there, flat tops, their samples, jumps."""
    least = top - FLAT
    hits = 0
    for i in range(x.size):
        hits += x[i] >= least
    found[1] = hits
    if hits < _SHORTEST:
        return
    i = 0
    while i < x.size:
        if x[i] < least:
            i += 1
            continue
        start = i
        low = high = x[i]
        while i < x.size and x[i] >= least:
            low = min(low, x[i])
            high = max(high, x[i])
            i += 1
        if i - start < _SHORTEST or not _has_corners(x, start, i, low, high - low):
            continue
        found[2] += 1
        found[3] += i - start
        before = start < 2 or abs(x[start - 1] - x[start - 2]) <= FLAT
        after = i > x.size - 2 or abs(x[i] - x[i + 1]) <= FLAT
        found[4] += before and after


@kernel("int64(float32[::1], float32, float32)")
def _ledges(x: Samples, high: np.float32, low: np.float32) -> int:
    """Count flat runs with corners between the two ends of x."""
    count = 0
    i = 1
    while i < x.size - 1:
        start = i
        least = most = x[i]
        while i < x.size:
            least = min(least, x[i])
            most = max(most, x[i])
            if most - least > FLAT:
                break
            i += 1
        if i - start < _SHORTEST:
            i = start + 1
            continue
        level = x[start]
        inside = level < high - 2 * FLAT and level > low + 2 * FLAT
        if inside and i < x.size:
            spread = np.float32(0)
            for k in range(start, i):
                spread = max(spread, abs(x[k] - level))
            count += _has_corners(x, start, i, level, spread)
    return count


@kernel("void(float32[::1], int64[::1], float32[:, ::1])")
def survey_tops(samples: Samples, edges: Integers, found: Samples) -> None:
    """Look at the upper and the lower end of each piece of one channel.

    Parameters
    ----------
    samples : float32, shape (n,)
        Finite.
    edges : int64, shape (pieces + 1,)
        Where the pieces begin and end.
    found : float32, shape (pieces, 12)
        Is filled with five numbers for the upper end and five for the lower one, seen upside down
        (its height above 0, samples that lie there, flat tops, samples in them, those that rise
        out of another flat stretch and fall into one); flat stretches in between, where a top is
        flat; samples above full scale.
    """
    turned = np.empty(0, np.float32)
    for piece in range(edges.size - 1):
        x = samples[edges[piece] : edges[piece + 1]]
        # The bits of positive numbers have the order of integers, which are compared by the dozen.
        high = low = np.int32(0)
        for i in range(x.size):
            bits = np.float32(x[i]).view(np.int32)
            high = max(high, bits)
            low = max(low, bits ^ _SIGN)
        out = found[piece]
        out[0] = np.int32(high).view(np.float32)
        out[5] = np.int32(low).view(np.float32)
        if out[0] >= _LOWEST:
            _flat_tops(x, out[0], out[:5])
        if out[5] >= _LOWEST:
            turned = -x
            _flat_tops(turned, out[5], out[5:10])
        if out[2] + out[7] > 0:
            out[10] = _ledges(x, out[0], -out[5])
        if max(out[0], out[5]) > 1:
            for i in range(x.size):
                out[11] += abs(x[i]) > OVER
