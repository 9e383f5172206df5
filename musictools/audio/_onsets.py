"""Onset curves: how much louder each part of the spectrum becomes, 172 times a second.

Rooms of rhythm stand on ``OnsetTrack``, which keeps ten float32 numbers a frame however long the
recording is.
"""

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Spectrum
from musictools.audio._filters import mel_filters

SPECTRUM = Spectrum(rate_hz=22_050, size=1024, hop=128, centred=True)
#: Frames per second of the curves: frame i lies at ``i / RATE_HZ`` seconds.
RATE_HZ = SPECTRUM.rate_hz / SPECTRUM.hop
#: Rows of the curves.
CURVES = ("low", "mid", "high", "all")
#: Edges of the bands of power: those of essentia's SingleBeatLoudness, which end at 22 kHz there.
BAND_EDGES_HZ = (0.0, 200.0, 400.0, 800.0, 1600.0, 3200.0, 11_025.0)

_MELS, _BOTTOM_HZ, _TOP_HZ = 40, 27.5, 10_800.0
# Of the sums of a frame, those of mel bands; the others are bands of power.
_MEL_SUMS = slice(len(BAND_EDGES_HZ) - 2, len(BAND_EDGES_HZ) - 2 + _MELS)
_GROUP_EDGES_HZ = (200.0, 2000.0)
_LOG_GAIN = 300.0
_RISE_FRAMES = 4
_LOCAL_MEAN_S, _SMOOTH_S, _LOCAL_LEVEL_S = 0.5, 0.015, 6.0
# Ten minutes of band magnitudes are 16 MB; each such part is normalised by its own peak.
_PART_FRAMES = round(600 * RATE_HZ)
# ... but a part 40 dB below the loudest so far is an outro or noise, and is not blown up to music.
_QUIETEST_PART = 0.01


class OnsetTrack:
    """Onset curves and the power of six bands."""

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._sums: list[Block] = []
        self._waiting = 0
        self._last = np.zeros((_RISE_FRAMES, _MELS), np.float32)
        self._loudest = 0.0
        self._rises: list[Block] = []
        self._bands: list[Block] = []
        self._curves: Block | None = None

    def update(self, block: Block) -> None:
        """Sum a block of power spectra into bands."""
        sums = np.zeros((len(block), _MELS + len(BAND_EDGES_HZ) - 1), np.float32)
        for bins, columns, weights in _products():
            sums[:, columns] += block[:, bins] @ weights
        self._sums.append(sums)
        self._waiting += len(block)
        if self._waiting >= _PART_FRAMES:
            self._close_part()

    def curves(self) -> Block:
        """Onsets in the low (to 200 Hz), middle (to 2 kHz) and high bands, and in all of them.

        Returns
        -------
        numpy.ndarray, shape (4, frames), float32
            Not negative, about one where something begins; zeros where nothing does.
        """
        if self._curves is None:
            self._close_part()
            self._curves = _sharpen(np.concatenate(self._rises, axis=1))
            self._rises = []
        return self._curves

    def bands(self) -> Block:
        """Power between neighbouring ``BAND_EDGES_HZ``, shape (frames, 6), float32."""
        self._close_part()
        if len(self._bands) > 1:
            self._bands = [np.concatenate(self._bands)]
        return self._bands[0]

    def _close_part(self) -> None:
        """Turn the sums gathered so far into rises and powers."""
        if not self._waiting:
            return
        sums = np.concatenate(self._sums)
        self._sums, self._waiting = [], 0
        self._bands.append(np.delete(sums, _MEL_SUMS, axis=1))
        mels = np.concatenate((self._last, sums[:, _MEL_SUMS]))
        added = mels[_RISE_FRAMES:]
        np.sqrt(added, out=added)
        self._last = mels[-_RISE_FRAMES:].copy()
        peak = float(mels.max())
        self._loudest = max(self._loudest, peak)
        scale = max(peak, _QUIETEST_PART * self._loudest)
        self._rises.append(_rises(mels, _LOG_GAIN / scale if scale > 0 else 0.0))


@cache
def _products() -> tuple[tuple[slice, slice, Block], ...]:
    """Bins, sums and weights of the products that sum the bins of the bands.

    Bands take neighbouring bins: two products of a part of the bins with a part of the bands are
    40 % of the work of one that multiplies zeros as well. The bands of power stand around the mel
    bands, the highest behind them: it takes half of the bins, where few mel bands lie.
    """
    mels = mel_filters(SPECTRUM.rate_hz, SPECTRUM.size, _MELS, bottom_hz=_BOTTOM_HZ, top_hz=_TOP_HZ)
    heights = mels.max(axis=1, keepdims=True)
    mels = np.divide(mels, heights, out=np.zeros_like(mels), where=heights > 0)
    # A low band that falls between two bins takes half the nearest.
    for band in np.flatnonzero(heights == 0):
        mels[band, round(_centres_hz()[band] / SPECTRUM.rate_hz * SPECTRUM.size)] = 0.5
    bins_hz = np.arange(SPECTRUM.size // 2 + 1) * SPECTRUM.rate_hz / SPECTRUM.size
    of_band = np.searchsorted(BAND_EDGES_HZ[1:-1], bins_hz, side="right")
    bands = of_band == np.arange(len(BAND_EDGES_HZ) - 1)[:, None]
    weights = np.concatenate((bands[:-1], mels, bands[-1:])).T.astype(np.float32)
    cut = int(np.searchsorted(bins_hz, BAND_EDGES_HZ[-2]))
    products = []
    for bins in (slice(0, cut), slice(cut, bins_hz.size)):
        used = np.flatnonzero(weights[bins].any(axis=0))
        columns = slice(int(used[0]), int(used[-1]) + 1)
        products.append((bins, columns, np.ascontiguousarray(weights[bins, columns])))
    return tuple(products)


@cache
def _centres_hz() -> npt.NDArray[np.float64]:
    wide = mel_filters(SPECTRUM.rate_hz, 1 << 16, _MELS, bottom_hz=_BOTTOM_HZ, top_hz=_TOP_HZ)
    centres: npt.NDArray[np.float64] = wide.argmax(axis=1) * SPECTRUM.rate_hz / (1 << 16)
    return centres


def _rises(mels: Block, gain: float) -> Block:
    """Mean growth of the log magnitude over 23 ms in three groups of bands and in all."""
    level = np.log1p(np.float32(gain) * mels)
    rise = level[_RISE_FRAMES:] - level[:-_RISE_FRAMES]
    np.maximum(rise, 0, out=rise)
    means: Block = (rise @ _groups()).T
    return means


@cache
def _groups() -> Block:
    of_mel = np.searchsorted(_GROUP_EDGES_HZ, _centres_hz())
    member = np.concatenate((of_mel[:, None] == np.arange(3), np.ones((_MELS, 1))), axis=1)
    weights: Block = (member / member.sum(axis=0)).astype(np.float32)
    return weights


def _sharpen(rises: Block) -> Block:
    """Keep what stands above its surroundings, and level quiet and loud passages."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    # Two running means make a triangle, half a second wide.
    half = round(_LOCAL_MEAN_S / 2 * RATE_HZ)
    around = uniform_filter1d(uniform_filter1d(rises, half, axis=1), half, axis=1)
    curves = np.maximum(rises - around, 0)
    curves = gaussian_filter1d(curves, _SMOOTH_S * RATE_HZ, axis=1)
    mean, spread = curves.mean(axis=1, dtype=np.float64), curves.std(axis=1, dtype=np.float64)
    curves = np.minimum(curves, (mean + 6 * spread)[:, None].astype(np.float32))
    # A quiet verse counts as much as a loud chorus, but silence is not blown up to music.
    power = uniform_filter1d(curves**2, round(_LOCAL_LEVEL_S * RATE_HZ), axis=1)
    scale = np.sqrt(np.maximum(power, 0))
    scale += 0.3 * scale.max(axis=1, keepdims=True)
    if not scale[-1].max() > math.sqrt(np.finfo(np.float32).eps):
        return np.zeros_like(curves)
    sharp: Block = np.divide(curves, scale, out=np.zeros_like(curves), where=scale > 0)
    return sharp
