"""Onset curves: how much louder each part of the spectrum becomes, 172 times a second."""

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Spectrum
from musictools.audio._timbre import mel_filters

Floats = npt.NDArray[np.float64]

SPECTRUM = Spectrum(rate_hz=22_050, size=1024, hop=128, centred=True)
#: Frames per second of the curves.
RATE_HZ = SPECTRUM.rate_hz / SPECTRUM.hop

_BANDS, _BOTTOM_HZ, _TOP_HZ = 40, 27.5, 10_800.0
_GROUP_EDGES_HZ = (200.0, 2000.0)
_LOG_GAIN = 300.0
_RISE_FRAMES = 4
_LOCAL_MEAN_S, _SMOOTH_S, _LOCAL_LEVEL_S = 0.5, 0.015, 6.0
_MIN_DURATION_S = 2.0


def band_magnitudes(power: Block) -> Block:
    """Magnitude in 40 mel bands of each power spectrum, shape (frames, 40)."""
    magnitude: Block = np.sqrt(power @ _filters().T)
    return magnitude


@cache
def _filters() -> npt.NDArray[np.float32]:
    """Triangles of unit height; a low band that falls between two bins takes half the nearest."""
    filters = mel_filters(
        SPECTRUM.rate_hz, SPECTRUM.size, _BANDS, bottom_hz=_BOTTOM_HZ, top_hz=_TOP_HZ
    )
    heights = filters.max(axis=1, keepdims=True)
    filters = np.divide(filters, heights, out=np.zeros_like(filters), where=heights > 0)
    for band in np.flatnonzero(heights == 0):
        filters[band, round(_centres_hz()[band] / SPECTRUM.rate_hz * SPECTRUM.size)] = 0.5
    return np.asarray(filters, dtype=np.float32)


@cache
def _centres_hz() -> Floats:
    wide = mel_filters(SPECTRUM.rate_hz, 1 << 16, _BANDS, bottom_hz=_BOTTOM_HZ, top_hz=_TOP_HZ)
    centres: Floats = wide.argmax(axis=1) * SPECTRUM.rate_hz / (1 << 16)
    return centres


def onset_curves(bands: Block) -> Floats | None:
    """Find onsets in the low, middle and high bands and in all of them.

    Parameters
    ----------
    bands : numpy.ndarray, shape (frames, 40)
        Band magnitudes of any gain.

    Returns
    -------
    numpy.ndarray, shape (4, frames), or None
        Not negative, about one where something begins; None under 2 s and for silence.
    """
    from scipy.ndimage import convolve1d, gaussian_filter1d, uniform_filter1d

    if len(bands) < _MIN_DURATION_S * RATE_HZ or bands.max() <= 0:
        return None
    level = np.log1p(_LOG_GAIN * (bands / bands.max()))
    rise = np.maximum(level[_RISE_FRAMES:] - level[:-_RISE_FRAMES], 0).astype(np.float64)
    groups = [*np.split(rise, np.searchsorted(_centres_hz(), _GROUP_EDGES_HZ), axis=1), rise]
    curves = np.stack([group.mean(axis=1) for group in groups])
    window = np.hanning(round(_LOCAL_MEAN_S * RATE_HZ) + 2)[1:-1]
    curves = np.maximum(curves - convolve1d(curves, window / window.sum(), axis=1), 0)
    curves = gaussian_filter1d(curves, _SMOOTH_S * RATE_HZ, axis=1)
    ceiling = curves.mean(axis=1) + 6 * curves.std(axis=1)
    curves = np.minimum(curves, ceiling[:, None])
    # A quiet verse counts as much as a loud chorus, but silence is not blown up to music.
    power = uniform_filter1d(curves**2, round(_LOCAL_LEVEL_S * RATE_HZ), axis=1)
    scale = np.sqrt(np.maximum(power, 0))
    scale += 0.3 * scale.max(axis=1, keepdims=True)
    if not scale[-1].max() > math.sqrt(np.finfo(np.float32).eps):
        return None
    scaled: Floats = np.divide(curves, scale, out=np.zeros_like(curves), where=scale > 0)
    return scaled
