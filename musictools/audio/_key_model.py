"""How well each key fits a recording, moment by moment and as a whole.

How often each chord sounds says more about a key than how often each note does, since it tells
what the notes are for; and which chord follows which says more again, since a cadence tells a key
from its relative, which has the same chords. A linear model, learned on simulated songs, reads
both. It knows no absolute pitch: the same weights, turned, serve all twelve tonics, so that every
song teaches every key.

A song that changes its key has the average of two keys as a whole. So windows of 7 s are read
first, for how likely each of the twelve scales is when scales seldom change; a key and its
relative share one, so that a moment that could be either changes nothing. Then each scale's own
part of the recording is read for its two keys, every window counted by the probability that it is
in that scale, as every chord and change is by its own: nothing turns on a choice that a few cents
could tip. A few more learned weights make one posterior of the parts, the whole, and the first and
the last chord, which often are the tonic's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.audio._chord_model import CHORD_STAYS, NONE, ChordEvidence, chord_evidence
from musictools.audio._descriptor import Tracks
from musictools.audio._model import load_model
from musictools.audio._peaks import FIRST_S, HOP_S, PeakTrack
from musictools.audio._viterbi import (
    change_posteriors,
    likeliest_path,
    log_softmax,
    state_posteriors,
)

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

WINDOW_FRAMES = round(7.0 / HOP_S)
#: From the start of its first frame to the end of its last; and from one window to the next.
WINDOW_S, STEP_S = 2 * FIRST_S + (WINDOW_FRAMES - 1) * HOP_S, 1.0
#: The scale of each key, by the root of its major key.
SCALES = np.array([*range(12), *((root + 3) % 12 for root in range(12))])
# So much of the first and of the last that is heard: a bar or less, so mostly one chord.
_EDGES = (slice(round(2.0 / HOP_S)), slice(-round(2.0 / HOP_S), None))
# Frames under a tenth of the usual energy are rests and fades.
_QUIET_SHARE = 0.1
# Where hardly any chord is found, as in noise, all of them are nearly alike.
_EVEN_SHARE = 0.02
# Scales of two neighbouring windows are the same so often: a change a second is 1 in 20.
_STAY = 0.95
# The window straddles a change for 7 s, so that anything shorter is no evidence of one.
_SHORTEST_S = 8.0
# Nats that a path must gain over the best single scale before a change is believed, and how far
# around that it is a matter of degree: 95 of 100 simulated songs that stay in their key gain
# less than 14, three quarters of those that leave it more than 30.
_LEAST_GAIN, _GAIN_WIDTH = 20.0, 8.0
# Changes of chord are few beside frames: such a factor makes them count as much.
_CHANGE_WEIGHT = 3.0


@dataclass(frozen=True)
class KeyEvidence:
    """What speaks for each key, in the order of ``KEYS``.

    Attributes
    ----------
    posterior : array of shape (24,)
        Of the recording as a whole; adds up to 1. Empty where nothing has a pitch.
    runs : tuple of (int, int, int)
        First window, the one after the last, and number of the key of each part.
    """

    posterior: Floats
    runs: tuple[tuple[int, int, int], ...]


def key_evidence(tracks: Tracks) -> KeyEvidence:
    """Conclude what speaks for each key; meant for ``Tracks.once``."""
    track = tracks[PeakTrack]
    if not track.peaks.frame.size:
        return KeyEvidence(np.empty(0), ())
    model = load_model("key")
    harmony = find_harmony(track, tracks.once(chord_evidence))
    scales = find_scales(harmony, model["windows"])
    clues = gather_clues(harmony, scales, model["whole"])
    posterior = np.exp(log_softmax(clues @ np.array(model["clues"])))
    runs = join_short_runs(scales.windows, scales.path)
    if scales.gain < _LEAST_GAIN or len(runs) == 1:
        return KeyEvidence(posterior, ((0, len(scales.path), int(posterior.argmax())),))
    named = [int(np.where(scale == SCALES, posterior, -1).argmax()) for *_, scale in runs]
    return KeyEvidence(
        posterior, tuple((a, b, key) for (a, b, _), key in zip(runs, named, strict=True))
    )


@dataclass(frozen=True)
class Harmony:
    """The chords of a recording of at least one frame.

    Attributes
    ----------
    heard : array of bool, shape (frames,)
        Which frames count.
    odds : array of shape (frames, 36)
        Posterior of each chord; 0 where nothing is heard.
    leaving, arriving : arrays of shape (frames - 1, 24)
        Their products are the probabilities of changes from one triad to another, in the order of
        ``KEYS``, between two frames.
    """

    heard: npt.NDArray[np.bool_]
    odds: Floats
    leaving: Floats
    arriving: Floats


def find_harmony(track: PeakTrack, evidence: ChordEvidence) -> Harmony:
    """Gather what the model of keys reads."""
    heard = heard_frames(track)
    odds = np.exp(evidence.logs[:, :NONE]) * heard[:, None]
    leaving, arriving = change_posteriors(evidence.logs, stay=CHORD_STAYS)
    return Harmony(heard, odds, _triads(leaving), _triads(arriving))


def _triads(chords: Floats) -> Floats:
    """Add sevenths to major: on the dominant, where most are, they have its function."""
    triads = chords[:, :24].copy()
    triads[:, :12] += chords[:, 24:NONE]
    return triads


def heard_frames(track: PeakTrack) -> npt.NDArray[np.bool_]:
    """Tell which frames have a pitch and are not much quieter than usual, shape (frames,)."""
    pitched = np.bincount(track.peaks.frame, minlength=track.frames) > 0
    energy = track.energies()
    heard: npt.NDArray[np.bool_] = pitched & (energy > _QUIET_SHARE * np.median(energy))
    # Where only quiet frames have a pitch, they have to do.
    return heard if heard.any() else pitched


def key_windows(frames: int) -> Numbers:
    """Give the first frame, and the one after the last, of each window; at least one window."""
    count = 1 + max(0, int((frames - WINDOW_FRAMES) * HOP_S / STEP_S))
    first = np.rint(np.arange(count) * (STEP_S / HOP_S)).astype(np.int64)
    return np.stack((first, np.minimum(first + WINDOW_FRAMES, frames)), axis=1)


def window_features(harmony: Harmony) -> Floats:
    """Give what is known of each of :func:`key_windows` from each tonic, (windows, 12, 36)."""
    columns = np.column_stack((harmony.odds, harmony.heard))
    sums = np.concatenate((np.zeros((1, NONE + 1)), np.cumsum(columns, axis=0)))
    inside = np.diff(sums[key_windows(len(columns))], axis=1)[:, 0]
    return turned(_chord_shares(inside[:, :-1], inside[:, -1]))


def part_features(harmony: Harmony, weight: Floats) -> Floats:
    """Give what is known of parts of a recording, as seen from each tonic.

    Parameters
    ----------
    harmony : Harmony
        Of the recording.
    weight : array of shape (parts, frames)
        How much each frame belongs to each part, 0 to 1.

    Returns
    -------
    numpy.ndarray of shape (parts, 12, 612)
        How often each chord sounds, and how often each follows each, from the tonic up.
    """
    shares = _chord_shares(weight @ harmony.odds, weight @ harmony.heard)
    # Of single precision: this is most of the work, and a millionth is enough.
    leaving, arriving = (one.astype(np.float32) for one in (harmony.leaving, harmony.arriving))
    counts = np.stack([(leaving.T * w) @ arriving for w in weight[:, 1:].astype(np.float32)])
    counts[:, np.arange(24), np.arange(24)] = 0
    counts = counts.reshape(len(weight), -1)
    # Of a single change no more than of a whole one is known.
    known = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    changes = np.sqrt(known).reshape(-1, 2, 12, 2, 12)
    seen = [np.roll(changes, (-tonic, -tonic), axis=(2, 4)) for tonic in range(12)]
    flat = np.stack(seen, axis=1).reshape(len(weight), 12, -1)
    return np.concatenate((turned(shares), _CHANGE_WEIGHT * flat), axis=2)


def _chord_shares(odds: Floats, heard: Floats) -> Floats:
    """Give shares of the chords, shape (parts, 36), from their sums over the frames heard."""
    even = _EVEN_SHARE * np.maximum(heard, 1)[:, None]
    shares: Floats = (odds + even / NONE) / (odds.sum(axis=1, keepdims=True) + even)
    return shares


def turned(shares: Floats) -> Floats:
    """Give shares as seen from each tonic, shape (parts, 12, chords); 0 is an even share."""
    seen = (np.sqrt(shares.shape[1] * shares) - 1).reshape(len(shares), -1, 12)
    turns = [np.roll(seen, -tonic, axis=2).reshape(shares.shape) for tonic in range(12)]
    return np.stack(turns, axis=1)


def log_posteriors(seen: Floats, weights: dict[str, Any]) -> Floats:
    """Give the log posteriors of all keys, shape (parts, 24).

    Parameters
    ----------
    seen : array of shape (parts, 12, features)
        From each tonic.
    weights : dict
        ``weights`` of shape (2, features) and ``bias`` of shape (2,), of major and minor.
    """
    scores = np.tensordot(seen, np.array(weights["weights"]), axes=(2, 1)) + weights["bias"]
    return log_softmax(scores.transpose(0, 2, 1).reshape(len(seen), 24))


@dataclass(frozen=True)
class Scales:
    """Which scale each of :func:`key_windows` is in, by the root of its major key.

    Attributes
    ----------
    windows : array of shape (windows, 12)
        Log posterior, each window on its own.
    posterior : array of shape (windows, 12)
        All windows heard, when scales seldom change.
    path : array of shape (windows,)
        The likeliest sequence.
    gain : float
        Log likelihood that the path gains over staying in the best single scale.
    """

    windows: Floats
    posterior: Floats
    path: Numbers
    gain: float


def find_scales(harmony: Harmony, weights: dict[str, Any]) -> Scales:
    """Find the scale of each window, with the weights of the ``windows``."""
    logs = log_posteriors(window_features(harmony), weights)
    windows = np.logaddexp(logs[:, :12], np.roll(logs[:, 12:], 3, axis=1))
    path = likeliest_path(windows, stay=_STAY)
    return Scales(windows, state_posteriors(windows, stay=_STAY), path, gain_of(windows, path))


def gain_of(windows: Floats, path: Numbers) -> float:
    """Log likelihood that a path gains over staying in the best single state."""
    return float(windows[np.arange(len(path)), path].sum() - windows.sum(axis=0).max())


def join_short_runs(windows: Floats, path: Numbers) -> tuple[tuple[int, int, int], ...]:
    """Give the runs of a path; those under 8 s join the neighbour that fits them better."""
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    runs = [(first, last, int(path[first])) for first, last in pairwise(edges)]
    while len(runs) > 1:
        at = min(range(len(runs)), key=lambda i: _lasts_s(runs, i))
        if _lasts_s(runs, at) >= _SHORTEST_S:
            break
        first, last, _ = runs[at]
        fits = windows[first:last].sum(axis=0)
        beside = [runs[i][2] for i in (at - 1, at + 1) if 0 <= i < len(runs)]
        runs[at] = (first, last, max(beside, key=lambda state: float(fits[state])))
        runs = _fused(runs)
    return tuple(runs)


def _lasts_s(runs: Sequence[tuple[int, int, int]], at: int) -> float:
    """Seconds of a run; the first and the last reach out to the ends of their windows."""
    first, last, _ = runs[at]
    ends = (at == 0) + (at == len(runs) - 1)
    return STEP_S * (last - first - ends / 2) + ends * WINDOW_S / 2


def _fused(runs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    fused = [runs[0]]
    for first, last, state in runs[1:]:
        if state == fused[-1][2]:
            fused[-1] = (fused[-1][0], last, state)
        else:
            fused.append((first, last, state))
    return fused


def gather_clues(harmony: Harmony, scales: Scales, weights: dict[str, Any]) -> Floats:
    """Give what the last decision weighs for each key.

    Parameters
    ----------
    harmony, scales
        Of the recording.
    weights : dict
        Of the ``whole``.

    Returns
    -------
    numpy.ndarray of shape (24, 8)
        If the scale seems to change: its share of the recording, log of that, log posterior of the
        key in the part that is in its scale, and log posterior of the scale in the windows. If it
        seems to stay: log posterior of the key in the whole, and that posterior. In any case: how
        much of the first and of the last 2 s is the tonic's chord.
    """
    frames = len(harmony.heard)
    weight = np.concatenate((_by_frame(scales.posterior, frames), np.ones((1, frames))))
    logs = log_posteriors(part_features(harmony, weight), weights)
    share = scales.posterior.mean(axis=0)[SCALES]
    changes = 1 / (1 + math.exp((_LEAST_GAIN - scales.gain) / _GAIN_WIDTH))
    stays = 1 - changes
    sounding = harmony.odds[harmony.heard]
    first, last = (_tonic_chords(sounding[edge]) for edge in _EDGES)
    return np.stack(
        [
            changes * share,
            changes * np.log(share + 0.02),
            changes * logs[SCALES, np.arange(24)],
            changes * scales.windows.mean(axis=0)[SCALES],
            stays * logs[-1],
            stays * np.exp(logs[-1]),
            first,
            last,
        ],
        axis=1,
    )


def _by_frame(windows: Floats, frames: int) -> Floats:
    """Give what windows have, between their middles, shape (columns, frames)."""
    middle = key_windows(frames).mean(axis=1) - 0.5
    at = np.arange(frames)
    return np.stack([np.interp(at, middle, column) for column in windows.T])


def _tonic_chords(odds: Floats) -> Floats:
    """Give how much of some frames is the chord on the tonic of each key, shape (24,)."""
    if not len(odds):
        return np.zeros(24)
    major, minor, seventh = odds.mean(axis=0).reshape(3, 12)
    return np.concatenate((major + seventh, minor))
