"""How often onsets repeat: autocorrelation, its comb over beats, and the tempi that it supports."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Curves = npt.NDArray[np.float32]

#: Tempi that are reported: below and above, people tap twice or half as fast.
SLOWEST_BPM, FASTEST_BPM = 44.0, 225.0
#: Longest lag: three bars of a slow song.
MAX_LAG_S = 12.5

_GRID_BPM, _GRID = (40.0, 250.0), 1.004  # range, and ratio of neighbours
# Weights of one to four beats: a bar of four repeats better than three beats do.
_COMB = (1.0, 0.7, 0.4, 0.6)
_PULSE_FLOOR = 0.3
_RATIOS = (2, 1 / 2, 3 / 2, 2 / 3, 3, 1 / 3, 4 / 3, 3 / 4)
_PEAKS, _EXPANDED, _MOST = 8, 5, 32
_MERGED, _SAME_TEMPO = 0.025, 0.015
_PRECISE_LAG_S = 12.0
# A lag is measured on what is left: a quarter of the recording at least.
_MOST_OF_IT = 0.75
_FINE_RANGE, _FINE_STEP = 0.02, 0.0005


@dataclass(frozen=True)
class Periodicity:
    """What the onset curves of a recording say about every tempo.

    Attributes
    ----------
    rate_hz : float
        Frames per second of the curves.
    repeats : numpy.ndarray, shape (4, lags)
        Unbiased autocorrelation of each curve, 1 at lag 0.
    overall : numpy.ndarray, shape (lags,)
        Mean of the three bands, plus that of all bands.
    tempi_bpm : numpy.ndarray, shape (n,)
        The grid of the next three.
    comb : numpy.ndarray, shape (n,)
        Weighted sum of ``overall`` at one to four beats.
    pulse : numpy.ndarray, shape (n,)
        Fourier magnitude of the curve of all bands near each tempo, its largest being 1.
    salience : numpy.ndarray, shape (n,)
        Both together.
    """

    rate_hz: float
    repeats: Floats
    overall: Floats
    tempi_bpm: Floats
    comb: Floats
    pulse: Floats
    salience: Floats

    def overall_at(self, lags: Floats) -> Floats:
        """Read ``overall`` between its points; 0 beyond its end."""
        found: Floats = np.interp(lags, np.arange(self.overall.size), self.overall, right=0.0)
        return found


def measure_periodicity(curves: Curves, rate_hz: float) -> Periodicity:
    """Find how often the onsets of a recording repeat.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    rate_hz : float
        Frames per second.

    Returns
    -------
    Periodicity

    References
    ----------
    P. Grosche, M. Mueller, IEEE Trans. ASLP 19(6), 2011; D. Ellis, JNMR 36(1), 2007.
    """
    low, high = _GRID_BPM
    tempi = low * _GRID ** np.arange(math.log(high / low) / math.log(_GRID))
    repeats = _autocorrelate(curves, round(MAX_LAG_S * rate_hz))
    overall = repeats[:3].mean(axis=0) + repeats[3]
    lags = np.arange(overall.size)
    comb = sum(
        weight * np.interp(60 * rate_hz / tempi * beats, lags, overall, right=0.0)
        for beats, weight in enumerate(_COMB, start=1)
    )
    pulse = _pulse(curves[3], tempi, rate_hz)
    salience = np.maximum(comb, 0) / max(comb.max(), 1e-9) * (_PULSE_FLOOR + pulse)
    return Periodicity(rate_hz, repeats, overall, tempi, comb, pulse, salience)


def _autocorrelate(curves: Curves, most: int) -> Floats:
    from scipy.fft import irfft, next_fast_len, rfft

    frames = curves.shape[1]
    lags = min(max(1, round(frames * _MOST_OF_IT)), most)
    length = next_fast_len(frames + lags, real=True)
    spectrum = rfft(curves, length, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    raw = irfft(power, length, axis=1)[:, :lags].astype(np.float64)
    raw *= frames / (frames - np.arange(lags))
    found: Floats = np.divide(raw, raw[:, :1], out=np.zeros_like(raw), where=raw[:, :1] > 0)
    return found


def _pulse(curve: Curves, tempi: Floats, rate_hz: float) -> Floats:
    from scipy.fft import next_fast_len, rfft
    from scipy.ndimage import maximum_filter1d

    length = next_fast_len(max(curve.size, round(60 * rate_hz)), real=True)
    magnitude = np.abs(rfft(curve * np.hanning(curve.size).astype(np.float32), length))
    at = np.interp(tempi / 60, np.arange(magnitude.size) * rate_hz / length, magnitude)
    near = maximum_filter1d(at, 5)
    share: Floats = near / max(near.max(), 1e-9)
    return share


def find_candidates(found: Periodicity) -> Floats:
    """Tempi that may be the true one, made precise, most salient first, shape (n,).

    Peaks of salience and comb, and simple ratios of the most salient: the true tempo is among
    them practically always, and only its level (half, double, ...) is left to be chosen.
    """
    tempi = found.tempi_bpm
    salient = [float(tempi[i]) for i in _peaks(found.salience)[:_PEAKS]]
    rough = [
        *salient,
        *(float(tempi[i]) for i in _peaks(found.comb)[:_PEAKS]),
        *(bpm * ratio for bpm in salient[:_EXPANDED] for ratio in _RATIOS),
    ]
    kept = _thin([bpm for bpm in rough if SLOWEST_BPM <= bpm <= FASTEST_BPM], _MERGED)[:_MOST]
    precise = [refine_tempo(found, bpm) for bpm in kept]
    # Made precise, a tempo at the edge may have left the range, and two may have met.
    return np.array(
        _thin([bpm for bpm in precise if SLOWEST_BPM <= bpm <= FASTEST_BPM], _SAME_TEMPO)
    )


def _thin(tempi: list[float], apart: float) -> list[float]:
    kept: list[float] = []
    for bpm in tempi:
        if all(abs(bpm / other - 1) > apart for other in kept):
            kept.append(bpm)
    return kept


def _peaks(curve: Floats) -> npt.NDArray[np.int64]:
    """Local maxima, highest first."""
    middle = curve[1:-1]
    found = 1 + np.flatnonzero((middle > curve[:-2]) & (middle >= curve[2:]) & (middle > 0))
    ordered: npt.NDArray[np.int64] = found[np.argsort(-curve[found], kind="stable")]
    return ordered if ordered.size else np.array([int(curve.argmax())])


def refine_tempo(found: Periodicity, bpm: float) -> float:
    """Move a tempo by at most 2 % to where all its beats up to 12 s repeat best.

    A single lag is a grid of 3 % steps; the sum over all is precise to about 0.01 %.
    """
    tempi = bpm * (1 + np.arange(-_FINE_RANGE, _FINE_RANGE + _FINE_STEP / 2, _FINE_STEP))
    beat = 60 * found.rate_hz / tempi
    longest = min(found.overall.size - 2, _PRECISE_LAG_S * found.rate_hz)
    count = max(1, int(longest / beat.max()))
    support = found.overall_at(beat[:, None] * np.arange(1, count + 1)).mean(axis=1)
    best = int(support.argmax())
    if not 0 < best < tempi.size - 1:
        return float(tempi[best])
    return float(tempi[best] + parabola(support, best) * _FINE_STEP * bpm)


def parabola(curve: Floats, peak: int) -> float:
    """Offset of the top of the parabola through a local maximum and its neighbours, in steps."""
    left, centre, right = curve[peak - 1 : peak + 2]
    curvature = left - 2 * centre + right
    return float(0.5 * (left - right) / curvature) if curvature < 0 else 0.0
