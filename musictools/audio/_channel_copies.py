"""Whether two channels are one signal through two filters."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from musictools.audio._channel_rules import CLEAN, UNKNOWN, Verdict

Floats = npt.NDArray[np.float64]

#: Least coherence of two filtered copies of one signal, and above 1 kHz, where codecs cost some.
COPIES, COPIES_ABOVE = 0.88, 0.6
_ABOVE_HZ = 1_000.0
# What a constant gain must leave of a channel, or it is dual mono, or a narrow mix.
_FILTERED = 0.06
_COPY_BANDS_HZ = (60.0, 150.0, 400.0, 1_000.0, 2_500.0, 8_000.0)
# Bins below hold noise, of which each channel has its own; bands below, leakage of a tone.
_BIN_FLOOR, _BAND_FLOOR = 1e-6, 1e-4
_FEWEST_LINES, _FEWEST_BANDS = 5, 3


def copies(lines: Floats, frequency: Floats) -> Verdict:
    """Tell whether both channels are one signal through two filters; the value is the coherence.

    Parameters
    ----------
    lines : numpy.ndarray, shape (bins, 4)
        Power of left and right, real and imaginary part of cross power.
    frequency : numpy.ndarray, shape (bins,)
        In Hz.
    """
    left, right, real, imaginary = lines.T
    power = left + right
    used = power > _BIN_FLOOR * power.max(initial=0.0)
    coherence = (real**2 + imaginary**2) / np.maximum(left * right, 1e-300)
    by_band, filtered = [], []
    for low, high in pairwise(_COPY_BANDS_HZ):
        inside = used & (frequency >= low) & (frequency < high)
        if inside.sum() < _FEWEST_LINES or power[inside].sum() < _BAND_FLOOR * power.sum():
            continue
        mean = float(coherence[inside].mean())
        if mean < COPIES_ABOVE:
            return CLEAN
        if high <= _ABOVE_HZ:
            by_band.append(mean)
        x, y, both = (float(part[inside].sum()) for part in (left, right, real))
        filtered.append(1 - both * both / (x * y) if x * y > 0 else 0.0)
    if len(by_band) < _FEWEST_BANDS:
        return UNKNOWN
    least = min(by_band)
    if least < COPIES or min(filtered) < _FILTERED:
        return CLEAN
    return Verdict(1, float(np.mean(by_band)), (least - COPIES) / (1 - COPIES))
