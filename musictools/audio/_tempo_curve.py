"""The course of the tempo: where it drifts, windows of eight seconds follow it.

Each window's onsets are compared with themselves at one beat, two, ... to four seconds; the path
through all windows that agrees best and changes least is found by dynamic programming (Viterbi)
around the tempo of the whole, whose metrical level stays.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Tracks
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._periodicity import FASTEST_BPM, SLOWEST_BPM, Curves, Floats
from musictools.audio._pulse import find_pulse

_WINDOW_S, _HOP_S = 8.0, 1.0
_LONGEST_LAG_S = 4.0
# Neighbours on the grid of tempi, in natural logarithms, and how far it reaches.
_STEP, _STEPS = 0.005, 60
# A path may not reach 4/3 or 3/4 of the tempo, which repeat nearly as well.
_REACH = 36
_BLOCK = 512  # windows transformed at a time: 10 MB
# Emission: how much a perfect repetition counts; transition: usual change in a second.
_TRUST, _USUAL_CHANGE = 40.0, 0.015
_FARTHEST = 8  # grid steps between neighbouring windows
# The windows of a steady tempo stray by 0.03 %, of good players by 0.4 %, of drift by 0.7 % and up.
_STEADY_SPREAD = 0.005
# Where less than this of the onsets comes again along the path, the path is chance.
_LEAST_SUPPORT = 0.15


@dataclass(frozen=True)
class TempoCurve:
    """The course of the tempo.

    Attributes
    ----------
    times_s : numpy.ndarray, shape (n,)
        Middles of the windows, rising; empty where there is no tempo.
    bpm : numpy.ndarray, shape (n,)
        Tempo there; all the same where the tempo is steady.
    steady : bool
        Whether it is, as far as can be told: a pulse too faint to follow counts as steady.
    stability : float
        Share of the windows whose own best tempo lies within 4 % of the tempo of the whole;
        0 where there is none.
    support : float
        Mean autocorrelation of the onsets of the windows at the beats of their tempo; about 1
        where everything comes again, 0 where nothing does.
    """

    times_s: Floats
    bpm: Floats
    steady: bool
    stability: float
    support: float

    @property
    def median_bpm(self) -> float:
        """Median over time."""
        return float(np.median(self.bpm))

    @property
    def std_bpm(self) -> float:
        """Standard deviation over time."""
        return 0.0 if self.steady else float(self.bpm.std())

    @property
    def drift_percent_per_min(self) -> float:
        """Slope of the straight line through the log of the tempo."""
        if self.steady or self.bpm.size < 2:
            return 0.0
        return float(6000 * np.polyfit(self.times_s, np.log(self.bpm), 1)[0])


def trace_tempo(tracks: Tracks) -> TempoCurve:
    """Conclude the course of the tempo; for ``Tracks.once``."""
    candidates = tracks.once(find_pulse).candidates
    if not candidates:
        return TempoCurve(np.empty(0), np.empty(0), steady=True, stability=0.0, support=0.0)
    return follow_tempo(tracks[OnsetTrack].curves(), candidates[0][0])


def follow_tempo(curves: Curves, bpm: float) -> TempoCurve:
    """Follow a tempo that may drift by up to a fifth, from the tempo of the whole."""
    times_s, repeats, energies, rate_hz = _local_repeats(curves)
    tempi = bpm * np.exp(_STEP * np.arange(-_STEPS, _STEPS + 1))
    support = _support(repeats, tempi, rate_hz)
    near = np.abs(support.argmax(axis=1) - _STEPS) * _STEP <= 0.04
    inner = slice(_STEPS - _REACH, _STEPS + _REACH + 1)
    support, tempi = support[:, inner], tempi[inner]
    path = _best_path(support)
    traced = tempi[path] * np.exp(_STEP * _between(support, path))
    traced = np.clip(traced, SLOWEST_BPM, FASTEST_BPM)
    # A pause says nothing, and must not make a steady song look faint, or free.
    found = float(np.average(support[np.arange(path.size), path], weights=energies))
    logs = np.log(traced)
    spread = math.sqrt(
        np.average((logs - np.average(logs, weights=energies)) ** 2, weights=energies)
    )
    steady = bool(found < _LEAST_SUPPORT or spread < _STEADY_SPREAD)
    return TempoCurve(
        times_s,
        np.full(traced.size, bpm) if steady else traced,
        steady=steady,
        stability=float(near.mean()),
        support=found,
    )


def _local_repeats(curves: Curves) -> tuple[Floats, npt.NDArray[np.float32], Floats, float]:
    """Autocorrelation of each window at half the rate.

    Returns
    -------
    middles_s, repeats, energies, rate_hz
        Shapes (windows,), (windows, lags), (windows,).
    """
    from scipy.fft import irfft, next_fast_len, rfft

    rate_hz = RATE_HZ / 2
    frames = curves.shape[1] // 2
    halved = curves[:, : 2 * frames].reshape(4, frames, 2).mean(axis=2)
    size = min(round(_WINDOW_S * rate_hz), frames)
    lags = min(round(_LONGEST_LAG_S * rate_hz), size // 2)
    starts = np.arange(0, frames - size + 1, round(_HOP_S * rate_hz))
    window = np.hanning(size + 2)[1:-1].astype(np.float32)
    length = next_fast_len(size + lags, real=True)
    taper = np.correlate(window, window, "full")[size - 1 : size - 1 + lags]
    pieces = np.lib.stride_tricks.sliding_window_view(halved, size, axis=1)
    found, energies = [], []
    for first in range(0, starts.size, _BLOCK):
        part = pieces[:, starts[first : first + _BLOCK]]
        centred = part - part.mean(axis=2, keepdims=True)
        centred *= window
        spectra = rfft(centred, length, axis=2)
        power = np.square(spectra.real) + np.square(spectra.imag)
        # All curves together count as much as three bands.
        total = power[:3].sum(axis=0) + 3 * power[3]
        raw = irfft(total, length, axis=1)[:, :lags] / taper
        energies.append(np.maximum(raw[:, 0], 1e-9))
        found.append(raw / energies[-1][:, None])
    repeats = np.concatenate(found).astype(np.float32)
    return (starts + size / 2) / rate_hz, repeats, np.concatenate(energies), rate_hz


def _support(repeats: npt.NDArray[np.float32], tempi: Floats, rate_hz: float) -> Floats:
    """Mean autocorrelation at whole beats of each tempo, shape (windows, tempi)."""
    beat = 60 * rate_hz / tempi
    lags = repeats.shape[1]
    count = max(1, int((lags - 2) / beat.max()))
    total = np.zeros((len(repeats), tempi.size))
    for k in range(1, count + 1):
        at = np.minimum(k * beat, lags - 1.001)
        whole = at.astype(int)
        part = at - whole
        total += repeats[:, whole] * (1 - part) + repeats[:, whole + 1] * part
    return total / count


def _best_path(support: Floats) -> npt.NDArray[np.int64]:
    """Viterbi path through the windows, shape (windows,)."""
    from musictools.audio._beat_kernels import climb_path

    change = np.arange(-_FARTHEST, _FARTHEST + 1)
    cost = 0.5 * (change * _STEP / (_USUAL_CHANGE * _HOP_S)) ** 2
    path: npt.NDArray[np.int64] = climb_path(_TRUST * support, cost)
    return path


def _between(support: Floats, path: npt.NDArray[np.int64]) -> Floats:
    """Offset of the true maximum from the grid by a parabola, at most half a step."""
    rows, middle = np.arange(path.size), np.clip(path, 1, support.shape[1] - 2)
    left, centre, right = (support[rows, middle + d] for d in (-1, 0, 1))
    curvature = left - 2 * centre + right
    shift = np.divide(0.5 * (left - right), curvature, out=np.zeros_like(left), where=curvature < 0)
    offset: Floats = np.clip(shift, -0.5, 0.5) * (middle == path)
    return offset
