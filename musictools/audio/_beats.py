"""Beats: when listeners tap.

A chain of onsets at the tempo is found by dynamic programming. It often runs between the beats,
where hats or guitars are: which part of a beat it stands on is then decided by a learned model,
from what low, middle and high bands do in each part of a beat, and from what differs between
neighbouring beats (kick and snare take turns; hats do not). At last every beat is drawn to the
onset nearest to it, as far as its neighbours allow.
"""

from functools import cache

import numpy as np

from musictools.audio._descriptor import Tracks
from musictools.audio._fold import LATENCY_S, Curves, Floats, fold_curves, lead_of, read_curves
from musictools.audio._model import load_model
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._recording import Source
from musictools.audio._stream import hear
from musictools.audio._tempo_curve import TempoCurve, trace_tempo

#: Parts of a beat at which a beat may turn out to be: halves, thirds, quarters, eighths.
PHASES = 24
# Readings for each of them, for a peak may be narrower than a twenty-fourth of a slow beat.
_READINGS = 2
# The chain is found at half the rate of the curves: a quarter of the work, and 12 ms are enough
# to tell onsets apart.
_COARSE = 2
# Periods may differ by so much from the expected one, in steps of so much, so many at a time.
_REACH, _STEP, _STEPS = 0.2, 0.0125, 3
# What that costs, for the square of the log of the ratio, where a usual onset gains about 2: a
# tempo that holds does not bend to the off-beats of an intro, one that drifts must.
_NEAR_STEADY, _NEAR_FREE, _SMOOTH = 3000.0, 200.0, 1000.0
#: Fewer are no beats: nothing repeats.
LEAST_BEATS = 3
# A curve that is nowhere higher than this share of a clear onset (which is about one) says nothing.
_LEAST_MEAN = 0.02
# How far a beat is drawn to an onset, in seconds and as a share of the period.
_DRAWN_S, _DRAWN_PART = 0.035, 0.08
# Beats of one phase are no independent witnesses; a change of phase is a slip of the chain.
_TRUST, _SLIP = 0.1, 5.0
_STIFFNESS, _CHAIN_STIFFNESS = 4.0, 30.0
# ... and beats without any onset stay where the chain was.
_FAITH = 1e-3
# Beats before the first and after the last that has an onset of this share of the usual.
_QUIET = 0.1


def beats(source: Source, *, sample_rate: int | None = None) -> Floats:
    """Find the beats of a recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Seconds, rising, within the recording. Empty under 2 s and where nothing repeats.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Notes
    -----
    Beats follow the tempo curve, go on through breaks, and end with the last onset. A beat that
    has an onset stands on it within some 3 ms; others lie where their neighbours leave them.

    References
    ----------
    D. Ellis, Beat tracking by dynamic programming, JNMR 36(1), 2007.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> clicks = np.zeros(44_100 * 10)
    >>> clicks[:: 44_100 // 2] = 1.0
    >>> mt.audio.beats(clicks, sample_rate=44_100)[:4].round(2).tolist()
    [0.0, 0.5, 1.0, 1.5]
    """
    tracks = hear(source, [OnsetTrack], sample_rate=sample_rate)
    return tracks.once(find_beats).copy()


def find_beats(tracks: Tracks) -> Floats:
    """Conclude the beats in seconds, shape (n,), not to be written to; for ``Tracks.once``."""
    curve = tracks.once(trace_tempo)
    if not curve.times_s.size:
        return np.empty(0)
    onsets = tracks[OnsetTrack]
    return place_beats(onsets.curves(), onsets.bands(), curve)


def place_beats(curves: Curves, bands: Curves, tempo: TempoCurve) -> Floats:
    """Place beats at a known tempo.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    bands : numpy.ndarray, shape (frames, 6)
        Power of the bands of the onset track.
    tempo : TempoCurve
        With at least one window.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Seconds, rising.
    """
    chain = chain_onsets(curves, tempo)
    if chain.size < LEAST_BEATS:
        return np.empty(0)
    phase = follow_phase(score_phases(curves, chain))
    return _settle(curves, bands, _moved(chain, phase))


def chain_onsets(curves: Curves, tempo: TempoCurve) -> Floats:
    """Find onsets that follow one another at about a tempo; shape (n,), in seconds."""
    from musictools.audio._beat_kernels import chain_beats

    frames = curves.shape[1] // _COARSE
    onset = curves[3, : frames * _COARSE].reshape(-1, _COARSE).max(axis=1)
    onset = (onset - onset.mean()) / max(float(onset.std()), _LEAST_MEAN)
    frames_s = np.arange(frames) * _COARSE / RATE_HZ
    period = 60 * RATE_HZ / _COARSE / np.interp(frames_s, tempo.times_s, tempo.bpm)
    chain = chain_beats(onset, period, *_freedom(_NEAR_STEADY if tempo.steady else _NEAR_FREE))
    # The larger of two frames stands between them on average.
    times: Floats = (chain + 0.5 * (1 - 1 / _COARSE)) * _COARSE / RATE_HZ - LATENCY_S
    if times.size < LEAST_BEATS:
        return times
    # It has picked the onsets that suited it; made even, it favours no part of the beat.
    return _evened(times, np.ones(times.size), _CHAIN_STIFFNESS)


@cache
def _freedom(near: float) -> tuple[Floats, Curves, Curves]:
    """Ratios of periods to the expected one, their costs, and the costs of changing them."""
    most = round(_REACH / _STEP)
    logs = np.arange(-most, most + 1) * _STEP
    changes = np.arange(-_STEPS, _STEPS + 1) * _STEP
    costs, smooth = near * logs**2, _SMOOTH * changes**2
    return np.exp(logs), costs.astype(np.float32), smooth.astype(np.float32)


def profile_phases(curves: Curves, beats_s: Floats) -> Floats:
    """Describe what happens in each part of each beat.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    beats_s : numpy.ndarray, shape (n,)
        Three beats and more.

    Returns
    -------
    numpy.ndarray, shape (n - 1, 8, PHASES)
        Each curve, and its difference from the beat before, as shares of the mean of the row.
    """
    readings = fold_curves(curves, beats_s, PHASES * _READINGS)
    # Each part of a beat takes the readings around it, the nearer the more.
    smooth = readings + 0.5 * (np.roll(readings, 1, axis=2) + np.roll(readings, -1, axis=2))
    parts = smooth[:, :, ::_READINGS] / 2
    # The first beat has none before it, and is compared with the second.
    changes = np.abs(np.diff(parts, axis=1))[:, [0, *range(parts.shape[1] - 1)]]
    rows = np.concatenate((parts, changes)).swapaxes(0, 1)
    shares: Floats = rows / np.maximum(rows.mean(axis=(0, 2), keepdims=True), _LEAST_MEAN)
    return shares


def score_phases(curves: Curves, beats_s: Floats) -> Floats:
    """Give what each part of each beat has for being the beat itself, shape (n - 1, PHASES)."""
    profile = profile_phases(curves, beats_s)
    scores: Floats = profile.reshape(len(profile), -1) @ _turned_weights()
    return scores


def turned(profile: Floats) -> Floats:
    """Each phase in turn as the first, shape (..., PHASES, 8 * PHASES)."""
    around = (np.arange(PHASES)[:, None] + np.arange(PHASES)) % PHASES
    every = np.moveaxis(profile[..., around], -2, -3)
    flat: Floats = every.reshape(*every.shape[:-2], -1)
    return flat


def follow_phase(scores: Floats) -> Floats:
    """Choose the part of each beat that is the beat; it seldom changes.

    Parameters
    ----------
    scores : numpy.ndarray, shape (n, PHASES)
        Log likelihoods.

    Returns
    -------
    numpy.ndarray, shape (n,)
        In beats; from one to the next it changes by at most half a beat.
    """
    total = _TRUST * scores[0]
    choices = np.empty(scores.shape, np.int64)
    stay = np.arange(PHASES)
    for k in range(1, len(scores)):
        best = int(np.argmax(total))
        moves = total[best] - _SLIP > total
        choices[k] = np.where(moves, best, stay)
        total = np.maximum(total, total[best] - _SLIP) + _TRUST * scores[k]
    path = np.empty(len(scores), np.int64)
    path[-1] = np.argmax(total)
    for k in range(len(scores) - 1, 0, -1):
        path[k - 1] = choices[k, path[k]]
    unwrapped: Floats = np.unwrap(path, period=PHASES) / PHASES
    return unwrapped


@cache
def _weights() -> Floats:
    return np.array(load_model("beats")["weights"]).ravel()


@cache
def _turned_weights() -> Floats:
    """Weights for every phase as the first: turning them is less work than turning each beat."""
    weights = _weights().reshape(-1, PHASES)
    turns = [np.roll(weights, phase, axis=1).ravel() for phase in range(PHASES)]
    return np.stack(turns, axis=1)


def _moved(chain: Floats, shift: Floats) -> Floats:
    """Move beats by parts of a beat, and go on at both ends, for the move may make room there."""
    place = np.arange(chain.size) + np.append(shift, shift[-1])
    around = np.concatenate((place[0] - [2, 1], place, place[-1] + [1, 2]))
    first, last = chain[1] - chain[0], chain[-1] - chain[-2]
    before, after = chain[0] - first * np.arange(4, 0, -1), chain[-1] + last * np.arange(1, 5)
    longer = np.concatenate((before, chain, after))
    moved: Floats = np.interp(around, np.arange(-4, chain.size + 4), longer)
    return moved


def _settle(curves: Curves, bands: Curves, beats_s: Floats) -> Floats:
    """Draw beats to the onsets near them, and leave out those before and after the music."""
    steps = np.arange(-8, 9) / 8
    reach = np.minimum(_DRAWN_S, _DRAWN_PART * np.gradient(beats_s))
    tried = beats_s[:, None] + reach[:, None] * steps
    height = read_curves(curves[3:], tried.ravel()).reshape(tried.shape)
    place, peak = _summits(height)
    onset_s = beats_s + reach * place
    weight = np.minimum(peak / max(float(np.median(peak)), _LEAST_MEAN), 2.0)
    even = _evened(np.where(weight > 0, onset_s, beats_s), weight + _FAITH, _STIFFNESS)
    even += lead_of(bands, even[weight > _QUIET]) if (weight > _QUIET).any() else 0.0
    last_s = (curves.shape[1] - 1) / RATE_HZ
    used = np.flatnonzero((weight > _QUIET) & (even > -reach) & (even < last_s))
    if not used.size:
        return np.empty(0)
    kept: Floats = np.clip(even[used[0] : used[-1] + 1], 0.0, last_s)
    rising: Floats = kept[np.append(True, np.diff(kept) > 0)]
    return rising


def _evened(times_s: Floats, weight: Floats, stiffness: float) -> Floats:
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


def _summits(height: Floats) -> tuple[Floats, Floats]:
    """Place (from -1 to 1) and height of the largest of each row; 0 where it is at an end."""
    at = np.argmax(height, axis=1)
    inner = np.clip(at, 1, height.shape[1] - 2)
    rows = np.arange(len(height))
    left, middle, right = (height[rows, inner + d] for d in (-1, 0, 1))
    curvature = left - 2 * middle + right
    part = np.divide(0.5 * (left - right), curvature, out=np.zeros_like(left), where=curvature < 0)
    half = (height.shape[1] - 1) / 2
    place = (inner + np.clip(part, -0.5, 0.5) - half) / half
    edge = at != inner
    return np.where(edge, 0.0, place), np.where(edge, height[:, int(half)], middle)
