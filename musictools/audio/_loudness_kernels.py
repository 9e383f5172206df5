"""Compiled loops of loudness and level: filters, peaks between samples, and plain sums."""

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel
from musictools.audio._magnitude_kernels import MAGNITUDE, largest_magnitude
from musictools.audio._true_peak import TAPS

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Samples that are looked at together for a peak between samples.
GROUP = 32
_BEFORE = TAPS // 2 - 1
# States fade after the music ends; numbers near the smallest that there are make a processor
# crawl, and these are 500 dB below anything that can be heard.
_NOTHING = 1e-30


@kernel(
    "void(float32[::1], float32[::1], float64[:, ::1], float64[:, ::1], int64[::1], "
    "float64[:, ::1])",
    fastmath={"contract"},
)
def weigh_pair(
    first: Samples,
    second: Samples,
    sections: Floats,
    state: Floats,
    edges: Integers,
    energies: Floats,
) -> None:
    """Filter two channels by two second-order sections, and add up the energy of each piece.

    Two channels at once, since each sample waits for the one before it: a processor works on the
    other channel meanwhile.

    Parameters
    ----------
    first, second : float32, shape (n,)
        Two channels.
    sections : float64, shape (2, 6)
        As ``scipy.signal.sosfilt`` takes them; the second is a high-pass, its numerator a multiple
        of (1, -2, 1).
    state : float64, shape (2, 4)
        What the filters of each channel remember; overwritten.
    edges : int64, shape (pieces + 1,)
        Where the pieces begin and end.
    energies : float64, shape (2, pieces)
        The energy is added to what is there.
    """
    # The numerator of the high-pass is a gain times (1, -2, 1): with the gain in the shelf, three
    # multiplications a sample are spared.
    gain = sections[1, 0]
    b0, b1, b2 = gain * sections[0, 0], gain * sections[0, 1], gain * sections[0, 2]
    a1, a2 = sections[0, 4], sections[0, 5]
    d1, d2 = sections[1, 4], sections[1, 5]
    p1, p2, q1, q2 = state[0, 0], state[0, 1], state[0, 2], state[0, 3]
    r1, r2, s1, s2 = state[1, 0], state[1, 1], state[1, 2], state[1, 3]
    for piece in range(edges.size - 1):
        left, right = energies[0, piece], energies[1, piece]
        one, other = (
            first[edges[piece] : edges[piece + 1]],
            second[edges[piece] : edges[piece + 1]],
        )
        for i in range(one.size):
            x = np.float64(one[i])
            y = b0 * x + p1
            p1 = (b1 * x + p2) - a1 * y
            p2 = b2 * x - a2 * y
            z = y + q1
            q1 = (q2 - 2 * y) - d1 * z
            q2 = y - d2 * z
            left += z * z
            x = np.float64(other[i])
            y = b0 * x + r1
            r1 = (b1 * x + r2) - a1 * y
            r2 = b2 * x - a2 * y
            z = y + s1
            s1 = (s2 - 2 * y) - d1 * z
            s2 = y - d2 * z
            right += z * z
        energies[0, piece], energies[1, piece] = left, right
        if abs(p1) + abs(p2) + abs(q1) + abs(q2) < _NOTHING:
            p1 = p2 = q1 = q2 = 0.0
        if abs(r1) + abs(r2) + abs(s1) + abs(s2) < _NOTHING:
            r1 = r2 = s1 = s2 = 0.0
    state[0, 0], state[0, 1], state[0, 2], state[0, 3] = p1, p2, q1, q2
    state[1, 0], state[1, 1], state[1, 2], state[1, 3] = r1, r2, s1, s2


@kernel("float32(float32[::1], int64, float32[:, ::1], float32[::1])", fastmath=True, inlined=True)
def _top(samples: Samples, i: int, taps: Samples, points: Samples) -> np.float32:
    """Find the largest magnitude of the curve at sample i and up to the next.

    ``points`` is room for six: the last before the sample, it, three up to the next, and that one.
    """
    # All at once, over views of a length that the compiler knows: ten times as fast as in turn.
    first, second, third = taps[0], taps[1], taps[2]
    here, earlier = samples[i - _BEFORE : i - _BEFORE + TAPS], samples[i - _BEFORE - 1 :]
    zero = one = two = three = np.float32(0)
    for k in range(TAPS):
        one += first[k] * here[k]
        two += second[k] * here[k]
        three += third[k] * here[k]
        zero += third[k] * earlier[k]
    points[0], points[1], points[2] = zero, samples[i], one
    points[3], points[4], points[5] = two, three, samples[i + 1]
    top = np.float32(0)
    for j in range(1, 5):
        sign = np.float32(1) if points[j] > 0 else np.float32(-1)
        height, left, right = sign * points[j], sign * points[j - 1], sign * points[j + 1]
        if height < left or height < right:
            continue
        # The top of the parabola through three points.
        drop = (height - left) + (height - right)
        if drop > 0:
            height += (left - right) * (left - right) / (np.float32(8) * drop)
        top = max(top, height)
    return top


@kernel("void(float32[::1], float32[:, ::1], float32, int64[::1], float32[::1])", fastmath=True)
def raise_peaks(
    samples: Samples, taps: Samples, bend: np.float32, buckets: Integers, peaks: Samples
) -> None:
    """Find the largest magnitude of the curve through the samples, bucket by bucket.

    Between two samples the curve is higher than the straight line by no more than ``bend`` times
    the largest second difference nearby. Where that cannot beat the peak found so far, which is
    nearly everywhere in music, nothing is interpolated.

    Parameters
    ----------
    samples : float32, shape ((groups + 2) * GROUP,)
        The first and the last group are there for the neighbours only.
    taps : float32, shape (3, TAPS)
        Interpolators at the quarters between two samples.
    bend : float32
        See above.
    buckets : int64, shape (groups,)
        Which peak each group counts for.
    peaks : float32
        Raised.
    """
    groups = samples.size // GROUP
    largest = np.zeros(groups, np.float32)
    curved = np.zeros(groups, np.float32)
    for group in range(groups):
        # Second differences about the sample after each of the group; past the end there are
        # none. Lengths that the compiler knows are worth a pass over the last group of its own.
        start = min(group * GROUP, samples.size - GROUP - 2)
        here, following = samples[start : start + GROUP], samples[start + 1 : start + GROUP + 1]
        beyond = samples[start + 2 : start + GROUP + 2]
        level = bent = np.int32(0)
        for i in range(GROUP):
            level = max(level, np.float32(here[i]).view(np.int32) & MAGNITUDE)
        for i in range(GROUP):
            second = (beyond[i] - following[i]) - (following[i] - here[i])
            bent = max(bent, np.float32(second).view(np.int32) & MAGNITUDE)
        largest[group] = np.int32(level).view(np.float32)
        curved[group] = np.int32(bent).view(np.float32)
    for group in range(1, groups - 1):
        bucket = buckets[group - 1]
        peaks[bucket] = max(peaks[bucket], largest[group])
    points = np.empty(6, np.float32)
    for group in range(1, groups - 1):
        bucket = buckets[group - 1]
        peak = peaks[bucket]
        above = bend * max(curved[group - 1], curved[group], curved[group + 1])
        start = group * GROUP
        if max(largest[group], abs(samples[start + GROUP])) + above <= peak:
            continue
        for i in range(start, start + GROUP):
            if max(abs(samples[i]), abs(samples[i + 1])) + above <= peak:
                continue
            peak = max(peak, _top(samples, i, taps, points))
        peaks[bucket] = peak


@kernel("void(float32[:, ::1], int64[::1], float64[:, :, ::1])", fastmath=True)
def sum_pieces(samples: Samples, edges: Integers, sums: Floats) -> None:
    """Sum, sum of squares and largest magnitude of each channel and piece.

    Parameters
    ----------
    samples : float32, shape (channels, n)
        Finite.
    edges : int64, shape (pieces + 1,)
        Where the pieces begin and end.
    sums : float64, shape (channels, pieces, 3)
        Added to; the magnitude is raised.
    """
    for channel in range(samples.shape[0]):
        for piece in range(edges.size - 1):
            part = samples[channel, edges[piece] : edges[piece + 1]]
            total = 0.0
            squares = 0.0
            for i in range(part.size):
                wide = np.float64(part[i])
                total += wide
                squares += wide * wide
            sums[channel, piece, 0] += total
            sums[channel, piece, 1] += squares
            sums[channel, piece, 2] = max(
                sums[channel, piece, 2], np.float64(largest_magnitude(part))
            )
