"""What two channels share, in one walk over their samples and one over their spectra."""

import math

import numpy as np
import numpy.typing as npt

from musictools._kernel import kernel

Block = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# Three neighbouring bins hold one source where the channels are coherent to this degree.
_COHERENT = 0.98
# Tangent of the phase, 11 degrees, up to which a source is panned by level alone.
_IN_PHASE = 0.2
_STEP_DB = 0.5


@kernel("void(float32[::1], float32[::1], float64[::1])", fastmath=True)
def add_products(left: Block, right: Block, sums: Floats) -> None:
    """Add up squares of left, of right, their products, and squares of their difference."""
    own = other = both = apart = 0.0
    for i in range(left.size):
        a, b = float(left[i]), float(right[i])
        own += a * a
        other += b * b
        both += a * b
        apart += (a - b) * (a - b)
    sums[0] += own
    sums[1] += other
    sums[2] += both
    sums[3] += apart


@kernel(
    "void(float32[:, ::1], float32[:, ::1], int64[::1], float64,"
    " float64[::1], float64[:, ::1], float64[:, ::1], float64[:, ::1])"
)
def add_pairs(
    left: Block,
    right: Block,
    band_of: Indices,
    noise: float,
    phasors: Floats,
    bands: Floats,
    levels: Floats,
    lines: Floats,
) -> None:
    """Add up what the spectra of two channels share.

    Parameters
    ----------
    left, right : numpy.ndarray, shape (frames, 2 * n), float32
        One-sided spectra, as pairs of real and imaginary parts.
    band_of : numpy.ndarray, shape (bins,), int64
        Band of each of the first bins, -1 for none; bins beyond are not looked at.
    noise : float
        Power of a bin below which it holds nothing but rounding.
    phasors : numpy.ndarray, shape (2 * bins,)
        Cross spectrum of magnitude 1 in every bin that sounds is added to it.
    bands : numpy.ndarray, shape (bands, 5)
        Power of left and of right and real part of their cross power; cosine of the phase and
        number of the bins that sound.
    levels : numpy.ndarray, shape (2, odd)
        Amplitude of coherent bins by left over right, 0 dB in the middle and half a decibel
        apart: in phase, and of opposite polarity. Each frame counts the same.
    lines : numpy.ndarray, shape (bins, 4)
        Power of left, of right, real and imaginary part of cross power of each bin. Frames count
        by the root of their energy, so that a few loud ones do not stand for all.
    """
    bins, middle = band_of.size, levels.shape[1] // 2
    own, other = np.zeros(bins), np.zeros(bins)
    real, imaginary = np.zeros(bins), np.zeros(bins)
    for frame in range(left.shape[0]):
        total = amplitude = loudest = 0.0
        for k in range(bins):
            a, b = float(left[frame, 2 * k]), float(left[frame, 2 * k + 1])
            c, d = float(right[frame, 2 * k]), float(right[frame, 2 * k + 1])
            own[k], other[k] = a * a + b * b, c * c + d * d
            real[k], imaginary[k] = a * c + b * d, a * d - b * c
            power = own[k] + other[k]
            total += power
            amplitude += math.sqrt(power)
            loudest = max(loudest, power)
        if loudest < noise:
            continue
        least = max(noise, 1e-7 * loudest)
        weight = 1.0 / math.sqrt(total)
        for k in range(1, bins - 1):
            lines[k, 0] += weight * own[k]
            lines[k, 1] += weight * other[k]
            lines[k, 2] += weight * real[k]
            lines[k, 3] += weight * imaginary[k]
            band = band_of[k]
            if band < 0:
                continue
            bands[band, 0] += own[k]
            bands[band, 1] += other[k]
            bands[band, 2] += real[k]
            size = math.sqrt(own[k] * other[k])
            if size > least:
                phasors[2 * k] += real[k] / size
                phasors[2 * k + 1] += imaginary[k] / size
                bands[band, 3] += real[k] / size
                bands[band, 4] += 1.0
            p = own[k - 1] + own[k] + own[k + 1]
            q = other[k - 1] + other[k] + other[k + 1]
            if min(p, q) < least:
                continue
            x = real[k - 1] + real[k] + real[k + 1]
            y = imaginary[k - 1] + imaginary[k] + imaginary[k + 1]
            if x * x + y * y < _COHERENT * p * q or abs(y) > _IN_PHASE * abs(x):
                continue
            level = round(10.0 * math.log10(p / q) / _STEP_DB) + middle
            if 0 <= level < levels.shape[1]:
                levels[0 if x > 0 else 1, level] += math.sqrt(own[k] + other[k]) / amplitude
