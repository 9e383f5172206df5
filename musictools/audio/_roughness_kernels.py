"""Loops over the partials of a spectrum: which there are, and how they beat."""

import math

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel
from musictools.audio._magnitude_kernels import largest_magnitude

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_REACH = 1.2


@kernel("float64(float64[::1], float64[::1], int64)", fastmath=True, inlined=True)
def sum_roughness(frequencies: Floats, amplitudes: Floats, count: int) -> float:
    """Roughness of the first ``count`` partials, ordered by frequency: see ``_roughness``."""
    bandwidths = np.empty(count)
    squares = 0.0
    for i in range(count):
        bandwidths[i] = 1.72 * frequencies[i] ** 0.65
        squares += amplitudes[i] * amplitudes[i]
    total = 0.0
    for i in range(count):
        pairs = 0.0
        for j in range(i + 1, count):
            apart = 2 * (frequencies[j] - frequencies[i]) / (bandwidths[i] + bandwidths[j])
            # Both bandwidths grow slower than the frequency: all that follow are farther.
            if apart > _REACH:
                break
            curve = 4 * apart * math.exp(1 - 4 * apart)
            pairs += amplitudes[j] * curve * curve
        total += amplitudes[i] * pairs
    return total / squares if squares > 0 else 0.0


@kernel(
    "int64(float32[::1], float32[::1], float64, float64[::1], float64[::1])",
    fastmath=True,
    inlined=True,
)
def find_partials(
    power: Rows, weights: Rows, share: float, frequencies: Floats, amplitudes: Floats
) -> int:
    """Find the strongest partials of one spectrum; give how many there are.

    Parameters
    ----------
    power : shape (bins,)
    weights : shape (bins,)
        Factor of the amplitude of each bin; zero where none is wanted, as at both ends.
    share : float
        Least weighted power beside that of the strongest.
    frequencies, amplitudes : shape (most,)
        Overwritten, in the order of frequency, in bins.
    """
    bins = power.size
    most = frequencies.size
    weighted = np.empty(bins, np.float32)
    for k in range(bins):
        weighted[k] = power[k] * weights[k] * weights[k]
    least = largest_magnitude(weighted) * np.float32(share)
    # Which are peaks is asked of all bins at once, and only then where they are.
    before, here, after, height = power[:-2], power[1:-1], power[2:], weighted[1:-1]
    is_peak = np.empty(bins - 2, np.uint8)
    for k in range(bins - 2):
        is_peak[k] = (height[k] > least) & (here[k] > before[k]) & (here[k] >= after[k])
    found = np.empty(bins // 2 + 1, np.int64)
    heights = np.empty(bins // 2 + 1, np.float32)
    loud = 0
    for k in range(bins - 2):
        found[loud] = k + 1
        heights[loud] = height[k]
        # Added rather than branched upon: peaks of noise cannot be foreseen.
        loud += is_peak[k]
    if loud > most:
        least = np.partition(heights[:loud], loud - most)[loud - most]
    kept = 0
    for i in range(loud):
        if heights[i] < least or kept == most:
            continue
        k = found[i]
        # Vertex of the parabola through the logarithms of three bins: for a Hann window its
        # place is right within a twentieth of a bin. A neighbour may be zero.
        top_log = math.log(power[k])
        below = math.log(max(power[k - 1], 1e-6 * power[k]))
        above = math.log(max(power[k + 1], 1e-6 * power[k]))
        aside = 0.5 * (below - above) / (below - 2 * top_log + above)
        frequencies[kept] = k + aside
        amplitudes[kept] = math.exp(0.5 * (top_log - 0.25 * (below - above) * aside)) * weights[k]
        kept += 1
    return kept


@kernel(
    "void(float32[:, ::1], float32[::1], float64, int64, float64, float64[::1])",
    fastmath=True,
)
def measure_roughness(
    power: Rows, weights: Rows, share: float, most: int, bin_hz: float, found: Floats
) -> None:
    """Write the roughness of the strongest partials of each spectrum."""
    frequencies = np.empty(most)
    amplitudes = np.empty(most)
    for i in range(len(power)):
        count = find_partials(power[i], weights, share, frequencies, amplitudes)
        for k in range(count):
            frequencies[k] *= bin_hz
        found[i] = sum_roughness(frequencies, amplitudes, count)
