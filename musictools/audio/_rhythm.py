"""Tempo, from how often onsets repeat.

The autocorrelation of the onset curves at a beat and at whole numbers of beats (a comb) and their
Fourier transform at the beat both favour the true tempo and its simple ratios; a prior around
110 BPM chooses among those. The tempo is then made precise on all lags up to 12 s at once: a
single lag is a grid of 3 % steps.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Tracks, Value
from musictools.audio._estimate import Estimate
from musictools.audio._onsets import RATE_HZ, SPECTRUM, band_magnitudes, onset_curves
from musictools.audio._pass import gather
from musictools.audio._recording import Source, as_recording, provenance

Floats = npt.NDArray[np.float64]

_MAX_LAG_S = 12.0
_GRID = 1.004  # ratio of neighbours on the grid of tempi
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 250.0
_REPORTED_BPM = (44.0, 225.0)
_COMB = ((1, 1.0), (2, 0.7), (3, 0.4), (4, 0.6))
_RATIOS = (2, 1 / 2, 3 / 2, 2 / 3, 3, 1 / 3, 4 / 3, 3 / 4)
_PEAKS, _EXPANDED = 8, 5
_PRIOR_BPM, _PRIOR_OCTAVES = 110.0, 0.6
_FINE_RANGE, _FINE_STEP = 0.02, 0.0005
_SAME_TEMPO = 0.025
_SHARPNESS = 6.0
# Music measures 1.2 and more; one event that never comes again, under 0.01.
_LEAST_COMB = 0.1


def _bpm(name: str, meaning: str) -> Descriptor:
    source = "P. Grosche, M. Mueller, IEEE Trans. ASLP 19(6), 2011; D. Ellis, JNMR 36(1), 2007"
    return Descriptor(name, "BPM", "rhythm", *_REPORTED_BPM, source, meaning)


class RhythmFrames:
    """Band magnitudes of every frame, and the tempo that follows from them."""

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - the mono mix at one rate needs neither
        self._bands: list[Block] = []

    def update(self, block: Block) -> None:
        """Sum a block of power spectra into bands."""
        self._bands.append(band_magnitudes(block))

    def finish(self) -> Mapping[str, Value]:
        """Give the tempo."""
        ranked = self.ranked()
        values = [bpm for bpm, _ in ranked[:2]] + [math.nan, math.nan]
        return {
            "tempo_bpm": values[0],
            "tempo_alternative_bpm": values[1],
            "tempo_confidence": ranked[0][1] if ranked else 0.0,
        }

    def ranked(self) -> list[tuple[float, float]]:
        """Candidate tempi with their shares of the evidence, best first; empty without onsets."""
        curves = onset_curves(np.concatenate(self._bands))
        return [] if curves is None else _rank(curves)


class Rhythm:
    """Family of rhythm."""

    tracks = (RhythmFrames,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        _bpm("tempo_bpm", "Beats per minute. NaN under 2 s, and where nothing begins."),
        _bpm("tempo_alternative_bpm", "The next best tempo. NaN where there is none."),
        Descriptor(
            "tempo_confidence",
            "1",
            "rhythm",
            0,
            1,
            "definition",
            "Share of the evidence that the tempo has among its rivals; it ranks answers and is "
            "not yet calibrated. 0 where there is no tempo.",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return tracks[RhythmFrames].finish()


def _rank(curves: Floats) -> list[tuple[float, float]]:
    repeats = _autocorrelation(curves)
    tempi = _SLOWEST_BPM * _GRID ** np.arange(
        math.log(_FASTEST_BPM / _SLOWEST_BPM) / math.log(_GRID)
    )
    comb = _comb(repeats, tempi)
    if comb.max() < _LEAST_COMB:
        return []
    salience = comb / comb.max() * (0.3 + _pulse(curves[-1], tempi))
    prior = np.exp(-0.5 * (np.log2(tempi / _PRIOR_BPM) / _PRIOR_OCTAVES) ** 2)
    score = np.interp(
        np.log(candidates := _candidates(tempi, salience, comb)), np.log(tempi), salience * prior
    )
    shares = np.exp(_SHARPNESS * score / score.max())
    found: list[tuple[float, float]] = []
    for i in np.argsort(-shares, kind="stable"):
        bpm = _precise(repeats, float(candidates[i]))
        # Made precise, a tempo at the edge may have left the range.
        inside = _REPORTED_BPM[0] <= bpm <= _REPORTED_BPM[1]
        if inside and all(abs(bpm / other - 1) > _SAME_TEMPO for other, _ in found):
            found.append((bpm, float(shares[i])))
    total = sum(share for _, share in found)
    return [(bpm, share / total) for bpm, share in found]


def _autocorrelation(curves: Floats) -> Floats:
    """Unbiased autocorrelation to 12 s, mean of the three bands and the whole, 1 at lag 0."""
    frames = curves.shape[1]
    lags = min(frames - 1, round(_MAX_LAG_S * RATE_HZ) + 2)
    length = 1 << (frames + lags - 1).bit_length()
    power = np.abs(np.fft.rfft(curves, length, axis=1)) ** 2
    raw = np.fft.irfft(power, length, axis=1)[:, :lags]
    raw *= frames / (frames - np.arange(lags))
    raw = np.divide(raw, raw[:, :1], out=np.zeros_like(raw), where=raw[:, :1] > 0)
    mean: Floats = 0.5 * (raw[:3].mean(axis=0) + raw[3])
    return mean


def _comb(repeats: Floats, tempi: Floats) -> Floats:
    """Autocorrelation at one to four beats of each tempo; lags beyond the recording count 0."""
    lags = np.arange(repeats.size)
    beat = 60 * RATE_HZ / tempi
    combs = [w * np.interp(k * beat, lags, repeats, right=0.0) for k, w in _COMB]
    total: Floats = np.sum(combs, axis=0)
    return total


def _pulse(curve: Floats, tempi: Floats) -> Floats:
    """Fourier magnitude of the onset curve within 1 % of each tempo, its largest being 1."""
    from scipy.ndimage import maximum_filter1d

    length = 1 << max(curve.size, round(60 * RATE_HZ)).bit_length()
    magnitude = np.abs(np.fft.rfft(curve * np.hanning(curve.size), length))
    at = np.interp(tempi / 60, np.arange(magnitude.size) * RATE_HZ / length, magnitude)
    near = maximum_filter1d(at, 5)
    share: Floats = near / near.max()
    return share


def _candidates(tempi: Floats, salience: Floats, comb: Floats) -> Floats:
    """Peaks of both curves, and simple ratios of the best of them."""
    peaks = [tempi[i] for curve in (salience, comb) for i in _peaks(curve)[:_PEAKS]]
    best = [tempi[i] for i in _peaks(salience)[:_EXPANDED]]
    found = np.array(peaks + [bpm * ratio for bpm in best for ratio in _RATIOS])
    low, high = _REPORTED_BPM
    return found[(found >= low) & (found <= high)]


def _peaks(curve: Floats) -> npt.NDArray[np.int64]:
    """Local maxima, highest first."""
    middle = curve[1:-1]
    found = 1 + np.flatnonzero((middle > curve[:-2]) & (middle >= curve[2:]) & (middle > 0))
    ordered: npt.NDArray[np.int64] = found[np.argsort(-curve[found], kind="stable")]
    return ordered if ordered.size else np.array([int(curve.argmax())])


def _precise(repeats: Floats, bpm: float) -> float:
    """Move a tempo to where all its multiples up to 12 s agree best."""
    tempi = bpm * (1 + np.arange(-_FINE_RANGE, _FINE_RANGE + _FINE_STEP / 2, _FINE_STEP))
    beat = 60 * RATE_HZ / tempi
    count = max(1, int((repeats.size - 2) / beat.max()))
    lags = beat[:, None] * np.arange(1, count + 1)
    support = np.interp(lags, np.arange(repeats.size), repeats).mean(axis=1)
    best = int(support.argmax())
    if not 0 < best < tempi.size - 1:
        return float(tempi[best])
    left, centre, right = support[best - 1 : best + 2]
    curvature = left - 2 * centre + right
    shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    return float(tempi[best] * (1 + shift * _FINE_STEP * bpm / tempi[best]))


@dataclass(frozen=True)
class Tempo(Estimate[float]):
    """Tempo of one recording.

    Attributes
    ----------
    value : float
        Beats per minute; NaN where there is none.
    confidence : float
        Share of the evidence, 0 to 1; it ranks answers, and is not yet calibrated.
    alternatives : tuple of (float, float)
        The next best tempi and their shares.
    provenance : dict
        Version, function, and the recording.
    """


def tempo(source: Source, *, sample_rate: int | None = None) -> Tempo:
    """Estimate the tempo of a recording, taken to be steady.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Tempo
        Beats per minute, its share of the evidence, and four alternatives. Half and double the
        true tempo are the usual errors, and stand among the alternatives.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    References
    ----------
    P. Grosche, M. Mueller, Extracting predominant local pulse information from music recordings,
    IEEE Trans. ASLP 19(6), 2011. D. Ellis, Beat tracking by dynamic programming, JNMR 36(1), 2007.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> clicks = np.zeros(44_100 * 10)
    >>> clicks[:: 44_100 // 2] = 1.0
    >>> round(mt.audio.tempo(clicks, sample_rate=44_100).value, 1)
    120.0
    """
    recording = as_recording(source, sample_rate)
    frames = gather(recording, [RhythmFrames])[RhythmFrames]
    ranked = frames.ranked() or [(math.nan, 0.0)]
    return Tempo(*ranked[0], tuple(ranked[1:5]), provenance=provenance(recording, "tempo"))
