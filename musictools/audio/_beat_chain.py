"""A chain of onsets that follow one another at about the tempo.

It tells how the tempo moves from beat to beat, but not yet which part of a beat it stands on:
``_beat_phases`` decides that.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from musictools.audio._descriptor import Tracks
from musictools.audio._fold import LATENCY_S, Curves, Floats, read_curves
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._tempo_curve import TempoCurve, trace_tempo

#: Fewer are no beats: nothing repeats.
LEAST_BEATS = 3
#: A curve that is nowhere higher than this share of a clear onset (which is about one) says
#: nothing.
LEAST_MEAN = 0.02
# The chain is found at half the rate of the curves, on pairs of frames: a quarter of the work, and
# 12 ms are enough to tell onsets apart.
_COARSE = 2
# Periods may differ by so much from the expected one, in steps of so much, so many at a time.
_REACH, _STEP, _STEPS = 0.2, 0.0125, 5
# What that costs, for the square of the log of the ratio and of its change, where a usual onset
# gains about 2: a tempo that holds does not bend to the off-beats of an intro, one that drifts
# must, and players wait between two phrases.
_STEADY, _FREE = (3000.0, 1000.0), (100.0, 200.0)
# Phrases of some beats that breathe alike look steady in windows of seconds, though little comes
# again there: then a free chain finds more onsets than one that holds its tempo. By such a factor
# in all songs with rubato, and in 1 of 100 others.
_WEAK_SUPPORT, _MORE = 0.4, 1.2
# The chain has picked the onsets that suited it; made even, it favours no part of the beat.
_STIFF, _LOOSE = 30.0, 0.3


@dataclass(frozen=True)
class Chain:
    """Onsets that follow one another at about the tempo.

    Attributes
    ----------
    times_s : numpy.ndarray, shape (n,)
        Rising, not yet evened.
    steady : bool
        Whether the tempo is, from beat to beat.
    """

    times_s: Floats
    steady: bool


def find_chain(tracks: Tracks) -> Chain:
    """Conclude the chain; for ``Tracks.once``."""
    return chain_onsets(tracks[OnsetTrack].curves(), tracks.once(trace_tempo))


def chain_onsets(curves: Curves, tempo: TempoCurve) -> Chain:
    """Find onsets that follow one another at about a tempo."""
    if not tempo.times_s.size:
        return Chain(np.empty(0), steady=True)
    if not tempo.steady:
        return Chain(_chain(curves, tempo, _FREE), steady=False)
    times_s = _chain(curves, tempo, _STEADY)
    if tempo.support < _WEAK_SUPPORT and times_s.size:
        free_s = _chain(curves, tempo, _FREE)
        height, free_height = (read_curves(curves[3:], t).mean() for t in (times_s, free_s))
        if free_height > _MORE * height:
            return Chain(free_s, steady=False)
    return Chain(times_s, steady=True)


def _chain(curves: Curves, tempo: TempoCurve, costs: tuple[float, float]) -> Floats:
    from musictools.audio._beat_kernels import chain_beats

    frames = curves.shape[1] // _COARSE
    pairs = curves[3, : frames * _COARSE]
    onset = np.maximum(pairs[::_COARSE], pairs[1::_COARSE])
    onset = (onset - onset.mean()) / max(float(onset.std()), LEAST_MEAN)
    frames_s = np.arange(frames) * _COARSE / RATE_HZ
    period = 60 * RATE_HZ / _COARSE / np.interp(frames_s, tempo.times_s, tempo.bpm)
    chain = chain_beats(onset, period, *_freedom(*costs))
    # The larger of two frames stands between them on average.
    times: Floats = (chain + 0.5 * (1 - 1 / _COARSE)) * _COARSE / RATE_HZ - LATENCY_S
    return times


@cache
def _freedom(near: float, smooth: float) -> tuple[Floats, Curves, Curves]:
    """Ratios of periods to the expected one, their costs, and the costs of changing them."""
    most = round(_REACH / _STEP)
    logs = np.arange(-most, most + 1) * _STEP
    changes = np.arange(-_STEPS, _STEPS + 1) * _STEP
    costs, changed = near * logs**2, smooth * changes**2
    return np.exp(logs), costs.astype(np.float32), changed.astype(np.float32)


def even_chain(chain: Floats, *, steady: bool) -> Floats:
    """Even the chain as far as its tempo is even."""
    return even_out(chain, np.ones(chain.size), _STIFF if steady else _LOOSE)


def even_out(times_s: Floats, weight: Floats, stiffness: float) -> Floats:
    """Weighted least squares: near to some times, with second differences as small as can be."""
    from scipy.linalg import solveh_banded

    size = times_s.size
    bands = np.zeros((3, size))
    bands[0, 2:] = 1
    bands[1, 1:-1] -= 2
    bands[1, 2:] -= 2
    for shift, share in enumerate((1, 4, 1)):
        bands[2, shift : size - 2 + shift] += share
    bands *= stiffness
    bands[2] += weight
    even: Floats = solveh_banded(bands, weight * times_s)
    return even
