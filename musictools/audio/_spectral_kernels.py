"""Loops over the bins of spectra: what each frame's magnitudes, peaks and signs tell."""

import math

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel
from musictools.audio._magnitude_kernels import largest_magnitude

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_ROLLOFF = 0.85
_STRIDE = 32
#: Products of an autocorrelation go on over zeros, to a multiple of what a processor takes at once;
#: over views that begin at nought they run five times as fast.
SALIENCE_BINS = 240


@kernel(
    "void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[::1], float64[:, ::1])",
    fastmath=True,
)
def describe_shapes(
    power: Rows, magnitude: Rows, logarithm: Rows, by_distance: Rows, rows: Floats
) -> None:
    """Write the shape of each frame: see ``_spectral.SHAPES`` for the columns.

    All spectra must have power. ``logarithm`` is the natural one of the power, ``by_distance[k]``
    is ``1 / (k - 1)`` for bins above the first that is not DC. Frequencies come in bins. Sums over
    bins are in single precision, as those of a matrix product: a processor adds up sixteen
    at once, so that each adds few.
    """
    frames, bins = power.shape
    all_distances = np.float64(by_distance.sum())
    for i in range(frames):
        p, a, log = power[i], magnitude[i], logarithm[i]
        sums_p = sums_a = sums_ka = sums_log = sums_alog = slopes_a = np.float32(0)
        for k in range(bins):
            sums_p += p[k]
            sums_a += a[k]
            sums_ka += a[k] * np.float32(k)
            sums_log += log[k]
            sums_alog += a[k] * log[k]
            slopes_a += a[k] * by_distance[k]
        sum_p, sum_a, slope_a = np.float64(sums_p), np.float64(sums_a), np.float64(slopes_a)
        centre = sums_ka / sums_a
        seconds = thirds = fourths = np.float32(0)
        for k in range(bins):
            apart = np.float32(k) - centre
            weighted = a[k] * apart * apart
            seconds += weighted
            thirds += weighted * apart
            fourths += weighted * apart * apart
        second = max(np.float64(seconds) / sum_a, 1e-9)
        row = rows[i]
        row[0] = centre
        row[1] = math.sqrt(second)
        row[2] = thirds / sum_a / (second * row[1])
        row[3] = max(fourths / sum_a / (second * second), 1.0)
        # Strides first: a sum of many is a fraction of the work of many sums.
        below = 0.0
        last = 0
        while last + _STRIDE < bins:
            inside = np.float32(0)
            for k in range(last, last + _STRIDE):
                inside += p[k]
            if below + inside >= _ROLLOFF * sum_p:
                break
            below += np.float64(inside)
            last += _STRIDE
        while last < bins - 1 and below + p[last] < _ROLLOFF * sum_p:
            below += p[last]
            last += 1
        row[4] = last
        mean = math.log(sum_p / bins)
        row[5] = min(sums_log / bins - mean, 0.0)
        row[6] = min(max(math.log(largest_magnitude(p)) - mean, 0.0), math.log(bins))
        # Of q = a / sum_a, the sum of -q log q; the logarithm at hand is that of a squared.
        row[7] = min(max(math.log(sum_a) - 0.5 * sums_alog / sum_a, 0.0), math.log(bins))
        # DC is left out. A sum of what lies above the first bin may vanish beside that bin, and a
        # difference of sums would lose it.
        rest = np.float32(0)
        for k in range(2, bins):
            rest += a[k]
        above = max(np.float64(rest), 1e-6 * a[1])
        row[8] = (slope_a - a[1] * all_distances) / above if above > 0 else 0.0


@kernel(
    "void(float32[:, ::1], float32, float64[:, ::1])",
    fastmath=True,
)
def fit_lines(logarithm: Rows, depth: np.float32, rows: Floats) -> None:
    """Write intercept and slope per bin of the least-squares line through each row.

    Values more than ``depth`` below the logarithm of the mean power, which is taken from column 0
    of ``rows``, are raised to there.
    """
    frames, bins = logarithm.shape
    middle = (bins - 1) / 2
    width = bins * (bins * bins - 1.0) / 12
    for i in range(frames):
        least = np.float32(rows[i, 0]) - depth
        total = tilt = 0.0
        for k in range(bins):
            value = max(logarithm[i, k], least)
            total += value
            tilt += value * (k - middle)
        rows[i, 1] = tilt / width
        rows[i, 0] = total / bins - rows[i, 1] * middle


@kernel("void(float32[:, ::1], float32[::1], float64[::1])", fastmath=True)
def measure_flux(magnitude: Rows, last: Rows, flux: Floats) -> None:
    """Write how far each unit-norm spectrum is from the one before; keep it in ``last``."""
    frames, bins = magnitude.shape
    before = last
    square = 0.0
    for k in range(bins):
        square += np.float64(before[k]) * before[k]
    before_scale = np.float32(1 / math.sqrt(square)) if square > 0 else np.float32(0)
    for i in range(frames):
        a = magnitude[i]
        square = 0.0
        for k in range(bins):
            square += np.float64(a[k]) * a[k]
        scale = np.float32(1 / math.sqrt(square))
        apart = 0.0
        for k in range(bins):
            step = a[k] * scale - before[k] * before_scale
            apart += np.float64(step * step)
        flux[i] = min(math.sqrt(apart), math.sqrt(2.0))
        before = a
        before_scale = scale
    for k in range(bins):
        last[k] = before[k]


@kernel("void(float32[:, ::1], int64, int64, float32, float64[:, ::1])", fastmath=True)
def find_peaks(power: Rows, low: int, high: int, share: np.float32, rows: Floats) -> None:
    """Write the number of peaks, and how high and narrow the strongest bin stands.

    A peak is a bin from ``low`` to below ``high`` above both its neighbours and above ``share`` of
    the strongest bin there. The second column is the width of the strongest bin of all but DC, as
    the logarithm of the ratio of the first bin past it to its first, where bins within half its
    magnitude belong to it; the third is that bin's power.
    """
    frames, bins = power.shape
    for i in range(frames):
        p = power[i]
        before, here, after = p[low - 1 : high - 1], p[low:high], p[low + 1 : high + 1]
        least = largest_magnitude(here) * share
        count = np.float32(0)
        for k in range(high - low):
            is_peak = (here[k] > before[k]) & (here[k] >= after[k]) & (here[k] > least)
            # As wide as what is compared, so that sixteen are counted at once.
            count += np.float32(1) if is_peak else np.float32(0)
        rows[i, 0] = count
        top = largest_magnitude(p[1:])
        at = 1
        while at + _STRIDE < bins and largest_magnitude(p[at : at + _STRIDE]) < top:
            at += _STRIDE
        while at < bins - 1 and p[at] < top:
            at += 1
        left = right = at
        half = top / 4
        while left > 1 and p[left - 1] >= half:
            left -= 1
        while right < bins and p[right] >= half:
            right += 1
        # Spectra whose only power is DC have neither.
        rows[i, 1] = math.log10(max(right, left + 1) / left)
        rows[i, 2] = top


@kernel("void(float32[:, ::1], int64, int64, float64[::1])", fastmath=True)
def correlate_bins(magnitude: Rows, bins: int, least: int, found: Floats) -> None:
    """Write the largest autocorrelation of the first bins, at a lag of ``least`` or more.

    The mean is taken away before, and the result is divided by that at no lag.

    Parameters
    ----------
    magnitude : shape (frames, any)
    bins : int
        At most ``SALIENCE_BINS``, and at least ``least + 4``.
    """
    padded = np.zeros(2 * SALIENCE_BINS, np.float32)
    part = padded[:SALIENCE_BINS]
    for i in range(len(magnitude)):
        total = 0.0
        for k in range(bins):
            total += magnitude[i, k]
        mean = np.float32(total / bins)
        none = np.float32(0)
        for k in range(bins):
            part[k] = magnitude[i, k] - mean
            none += part[k] * part[k]
        most = -none
        # Four lags together, since each number that is fetched then serves four products.
        for group in range(least, bins, 4):
            lag = min(group, bins - 4)
            count = SALIENCE_BINS - lag // 16 * 16
            head = part[:count]
            first, second = padded[lag : lag + count], padded[lag + 1 : lag + 1 + count]
            third, fourth = padded[lag + 2 : lag + 2 + count], padded[lag + 3 : lag + 3 + count]
            one = two = three = four = np.float32(0)
            for k in range(count):
                one += head[k] * first[k]
                two += head[k] * second[k]
                three += head[k] * third[k]
                four += head[k] * fourth[k]
            most = max(most, one, two, three, four)
        # A flat spectrum leaves nothing; rounding may pass the bounds by a hair.
        if none > 0:
            found[i] = min(max(float(most / none), -1.0), 1.0)
        else:
            found[i] = 0.0


@kernel("void(float32[::1], float32, float64[:, ::1])", fastmath=True)
def count_crossings(samples: Rows, before: np.float32, rows: Floats) -> None:
    """Write for each hop: changes of sign within, change of sign at its start, sum of squares.

    ``before`` is the sample before the first. The hop is ``len(samples) // len(rows)``.
    """
    hop = len(samples) // len(rows)
    for i in range(len(rows)):
        part = samples[i * hop : (i + 1) * hop]
        earlier, later = part[:-1], part[1:]
        count = 0
        square = np.float64(part[0]) * part[0]
        for k in range(hop - 1):
            count += (later[k] < 0) != (earlier[k] < 0)
            square += np.float64(later[k]) * later[k]
        rows[i, 0] = count
        rows[i, 1] = (part[0] < 0) != (before < 0)
        rows[i, 2] = square
        before = part[hop - 1]
