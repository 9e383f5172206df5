"""Which part of a beat is the beat itself.

A chain of onsets often runs between the beats, where hats or guitars are. A learned model weighs
what happens in each part of the beats of the chain: onsets of low, middle and high bands, how they
differ from the beat before (kick and snare take turns; hats do not), the power of bands, and where
chords and basses change.
"""

from functools import cache

import numpy as np

from musictools.audio._beat_chain import LEAST_MEAN
from musictools.audio._fold import Curves, Floats, fold_curves
from musictools.audio._harmony import cosine_distance
from musictools.audio._model import load_model
from musictools.audio._onsets import BAND_EDGES_HZ, CURVES
from musictools.audio._peaks import FIRST_S, HOP_S

#: Parts of a beat at which a beat may turn out to be: halves, thirds, quarters, eighths.
PHASES = 24
# What comes before each part is compared with what comes after it: a beat of both, and half one.
_SPANS = (PHASES, PHASES // 2)
#: What each part of a beat is described by, in the order of the weights.
ROWS = (
    *(f"{curve} {what}" for what in ("onset", "change") for curve in CURVES),
    *(f"power from {low:g} Hz" for low in BAND_EDGES_HZ[:-1]),
    *(f"{what} over {part} beat" for what in ("harmony", "bass") for part in ("one", "half a")),
)
_BEATS_AT_ONCE = 2048
# Readings for each of them, for a peak may be narrower than a twenty-fourth of a slow beat.
_READINGS = 2
_LEAST_SHARE = 1e-7  # of the largest power: what is quieter is silence
_LEAST_NOVELTY = 0.01
# Beats of one phase are no independent witnesses; a change of phase is a slip of the chain.
_TRUST, _SLIP = 0.1, 5.0


def profile_phases(
    curves: Curves, bands: Curves, harmony: tuple[Floats, Floats], beats_s: Floats
) -> Floats:
    """Describe what happens in each part of each beat.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    bands : numpy.ndarray, shape (frames, 6)
        Power of the bands of the onset track.
    harmony : tuple of numpy.ndarray, shapes (frames, 12)
        As of ``read_harmony``.
    beats_s : numpy.ndarray, shape (n,)
        Three beats and more.

    Returns
    -------
    numpy.ndarray, shape (n - 1, 18, PHASES)
        Each curve, and its difference from the beat before, as shares of the mean of the row;
        logarithms of power; and changes of harmony, again as shares.
    """
    readings = fold_curves(curves, beats_s, PHASES * _READINGS)
    # Each part of a beat takes the readings around it, the nearer the more.
    smooth = readings + 0.5 * (np.roll(readings, 1, axis=2) + np.roll(readings, -1, axis=2))
    parts = smooth[:, :, ::_READINGS] / 2
    # The first beat has none before it, and is compared with the second.
    changes = np.abs(np.diff(parts, axis=1))[:, [0, *range(parts.shape[1] - 1)]]
    onsets = _shares(np.concatenate((parts, changes)), LEAST_MEAN)
    silence = _LEAST_SHARE * float(bands.max()) + np.finfo(np.float32).tiny
    power = np.log(fold_curves(bands.T, beats_s, PHASES) + silence)
    turns = np.concatenate([_changes(votes, beats_s) for votes in harmony])
    rows: Floats = np.concatenate((onsets, power, _shares(turns, _LEAST_NOVELTY))).swapaxes(0, 1)
    return rows


def _shares(rows: Floats, least: float) -> Floats:
    shares: Floats = rows / np.maximum(rows.mean(axis=(1, 2), keepdims=True), least)
    return shares


def _changes(votes: Floats, beats_s: Floats) -> Floats:
    """Cosine distance of the chroma before each part of a beat from that after it.

    Returns
    -------
    numpy.ndarray, shape (spans, n - 1, PHASES)
    """
    sums = np.zeros((len(votes) + 1, votes.shape[1]))
    np.cumsum(votes, axis=0, out=sums[1:])
    # The parts of the beats, of one before them and of one after.
    ends = (2 * beats_s[0] - beats_s[1], *beats_s, 2 * beats_s[-1] - beats_s[-2])
    places = np.arange(PHASES * (beats_s.size + 1)) / PHASES
    times_s = np.interp(places, np.arange(len(ends)), ends)
    frames = np.clip((times_s - FIRST_S) / HOP_S + 0.5, 0, len(votes))
    found = []
    # Some beats at a time, and one on each side of them, since hours have thousands.
    for first in range(0, beats_s.size - 1, _BEATS_AT_ONCE):
        near = frames[first * PHASES : (first + _BEATS_AT_ONCE + 2) * PHASES]
        left = np.minimum(near.astype(np.int64), max(len(votes) - 1, 0))
        part = (near - left)[:, None]
        until = sums[left] * (1 - part) + sums[np.minimum(left + 1, len(votes))] * part
        found.append(_turns(until))
    return np.concatenate(found, axis=1).reshape(len(_SPANS), -1, PHASES)


def _turns(until: Floats) -> Floats:
    """Compare the votes before and after each part of all beats but the first and the last.

    Parameters
    ----------
    until : numpy.ndarray, shape (beats * PHASES, 12)
        Votes so far.

    Returns
    -------
    numpy.ndarray, shape (spans, (beats - 2) * PHASES)
    """
    middle = until[PHASES:-PHASES]
    found = []
    for span in _SPANS:
        before = middle - until[PHASES - span : -PHASES - span]
        after = until[PHASES + span : until.shape[0] - PHASES + span] - middle
        found.append(cosine_distance(before, after))
    return np.stack(found)


def score_phases(profile: Floats) -> Floats:
    """Give what each part of each beat has for being the beat itself, shape (n - 1, PHASES)."""
    scores: Floats = profile.reshape(len(profile), -1) @ _turned_weights()
    return scores


def turned(profile: Floats) -> Floats:
    """Each phase in turn as the first, shape (..., PHASES, 18 * PHASES)."""
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
    from musictools.audio._viterbi_kernels import follow

    path = follow(_TRUST * scores, 0.0, -_SLIP)
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
