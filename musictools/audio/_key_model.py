"""How well each key fits a recording, moment by moment and as a whole.

Every frame is compared with the 24 triads; how often each of them sounds says more about the key
than how often each note does, since it tells what the notes are for. A linear model, learned on
simulated songs, reads those shares. It knows no absolute pitch: the same weights, turned, serve
all twelve tonics, so that every song teaches every key. It reads windows of 7 s, whose answers a
Viterbi path joins, since a song that changes its key has the average of two keys as a whole. What
the path gains over the best single key tells whether the key changes at all; a few more learned
weights make one posterior of the whole, the windows, the longest part, and the first and the last
chord, which often are the tonic's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Tracks
from musictools.audio._model import load_model
from musictools.audio._peaks import FIRST_S, HOP_S, PeakTrack

Floats = npt.NDArray[np.float64]

WINDOW_FRAMES = round(7.0 / HOP_S)
#: From the start of its first frame to the end of its last; and from one window to the next.
WINDOW_S, STEP_S = 2 * FIRST_S + (WINDOW_FRAMES - 1) * HOP_S, 1.0
# Tuning may drift, and two parts of a recording may come from two places.
_TUNING_WINDOW_S = 7.0
# So much of the first and of the last that is heard: a bar or less, so mostly one chord.
_EDGE_FRAMES = round(2.0 / HOP_S)
# Frames under a tenth of the usual energy are rests and fades.
_QUIET_SHARE = 0.1
# Semitones above the root of a major and of a minor triad.
_TRIADS = ((0, 4, 7), (0, 3, 7))
# The chords of a frame: its neighbours count as well; notes under 150 Hz tell the root, which is
# one more reason to believe in a triad, and no part of its colour.
_SMOOTH = np.array([0.25, 0.5, 1.0, 0.5, 0.25])
_CHORD_LOW_HZ, _BASS_HZ, _BASS_SHARE = 150.0, (40.0, 260.0), 0.1
# From cosines to odds.
_SHARPNESS = 15.0
# Keys of two neighbouring windows are the same so often: a change a second is 1 in 20.
_STAY = 0.95
# The window straddles a change for 7 s, so that anything shorter is no evidence of one.
_SHORTEST_S = 8.0
# Nats that the path must gain over the best single key before a change is believed, and how far
# around that it is a matter of degree: 95 of 100 simulated songs that stay in their key gain
# less, 90 of 100 that leave it gain more.
_LEAST_GAIN, _GAIN_WIDTH = 20.0, 5.0


@dataclass(frozen=True)
class KeyEvidence:
    """What speaks for each key, in the order of ``KEYS``.

    Attributes
    ----------
    posterior : array of shape (24,)
        Of the recording as a whole; adds up to 1. Empty where nothing has a pitch.
    windows : array of shape (windows, 24)
        Log posteriors of windows that begin a second apart.
    runs : tuple of (int, int, int)
        First window, the one after the last, and number of the key of each part.
    """

    posterior: Floats
    windows: Floats
    runs: tuple[tuple[int, int, int], ...]


def key_evidence(tracks: Tracks) -> KeyEvidence:
    """Conclude what speaks for each key; meant for ``Tracks.once``."""
    track = tracks[PeakTrack]
    if not track.peaks.frame.size:
        return KeyEvidence(np.empty(0), np.empty((0, 24)), ())
    model = load_model("key")
    shares = triad_shares(track)
    windows = log_posteriors(shares.windows, model["windows"])
    path = likeliest_path(windows)
    runs = join_short_runs(windows, path)
    clues = gather_clues(shares, windows, path, model=model)
    posterior = np.exp(log_softmax(clues @ np.array(model["clues"])))
    if gain_of(windows, path) < _LEAST_GAIN or len(runs) == 1:
        runs = ((0, len(windows), int(posterior.argmax())),)
    return KeyEvidence(posterior, windows, runs)


@dataclass(frozen=True)
class TriadShares:
    """How often each triad sounds, in the order of ``KEYS``.

    Attributes
    ----------
    whole, first, last : arrays of shape (24,)
        Of the recording, and of the first and the last 2 s of it that are heard.
    windows : array of shape (windows, 24)
        Of each of :func:`key_windows`.
    """

    whole: Floats
    first: Floats
    last: Floats
    windows: Floats


def triad_shares(track: PeakTrack) -> TriadShares:
    """Give how often each triad sounds; all alike where nothing is heard."""
    heard = heard_frames(track)
    odds = frame_triads(track) * heard[:, None]
    sums = np.concatenate((np.zeros((1, 24)), np.cumsum(odds, axis=0)))
    counts = np.concatenate(([0], np.cumsum(heard)))
    windows = np.concatenate(([[0, track.frames]], key_windows(track.frames)))
    total, count = (np.diff(running[windows], axis=1)[:, 0] for running in (sums, counts))
    shares = np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], 1 / 24)
    sounding = odds[heard] if heard.any() else np.full((1, 24), 1 / 24)
    return TriadShares(
        whole=shares[0],
        first=sounding[:_EDGE_FRAMES].mean(axis=0),
        last=sounding[-_EDGE_FRAMES:].mean(axis=0),
        windows=shares[1:],
    )


def heard_frames(track: PeakTrack) -> npt.NDArray[np.bool_]:
    """Tell which frames have a pitch and are not much quieter than usual, shape (frames,)."""
    pitched = np.bincount(track.peaks.frame, minlength=track.frames) > 0
    energy = track.energies()
    heard: npt.NDArray[np.bool_] = pitched & (energy > _QUIET_SHARE * np.median(energy))
    # Where only quiet frames have a pitch, they have to do.
    return heard if heard.any() else pitched


def frame_triads(track: PeakTrack) -> Floats:
    """Give how likely each triad is in each frame, shape (frames, 24)."""
    tuned = _TUNING_WINDOW_S
    chroma = track.chroma(harmonics=4, low_hz=_CHORD_LOW_HZ, tuning_window_s=tuned)
    low_hz, high_hz = _BASS_HZ
    bass = _unit(track.chroma(low_hz=low_hz, high_hz=high_hz, tuning_window_s=tuned))
    smooth = np.stack([_smoothed(column) for column in chroma.T], axis=1)
    likeness = _unit(smooth) @ _templates().T + _BASS_SHARE * np.tile(bass, 2)
    odds: Floats = np.exp(log_softmax(_SHARPNESS * likeness))
    return odds


def _smoothed(column: Floats) -> Floats:
    """Mix each frame with its neighbours; as long as before, however short that was."""
    reach = len(_SMOOTH) // 2
    return np.convolve(column, _SMOOTH)[reach : reach + len(column)]


def _unit(rows: Floats) -> Floats:
    length = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    unit: Floats = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return unit


def _templates() -> Floats:
    """Give unit vectors of the notes of each triad, shape (24, 12)."""
    notes = np.zeros((2, 12))
    for row, triad in zip(notes, _TRIADS, strict=True):
        row[list(triad)] = 1 / math.sqrt(3)
    return np.concatenate([[np.roll(row, root) for root in range(12)] for row in notes])


def key_windows(frames: int) -> npt.NDArray[np.int64]:
    """Give the first frame, and the one after the last, of each window; at least one window."""
    count = 1 + max(0, int((frames - WINDOW_FRAMES) * HOP_S / STEP_S))
    first = np.rint(np.arange(count) * (STEP_S / HOP_S)).astype(np.int64)
    return np.stack((first, np.minimum(first + WINDOW_FRAMES, frames)), axis=1)


def log_posteriors(shares: Floats, weights: dict[str, Any]) -> Floats:
    """Give the log posteriors of all keys, shape (windows, 24).

    Parameters
    ----------
    shares : array of shape (windows, 24)
        How often each triad sounds.
    weights : dict
        ``weights`` of shape (2, 24) and ``bias`` of shape (2,), of major and minor.
    """
    scores = np.tensordot(turned(shares), np.array(weights["weights"]), axes=(2, 1))
    return log_softmax((scores + weights["bias"]).transpose(0, 2, 1).reshape(len(shares), 24))


def turned(shares: Floats) -> Floats:
    """Give the shares as seen from each tonic, shape (windows, 12, 24); 0 is an even share."""
    seen = (np.sqrt(24 * shares) - 1).reshape(-1, 2, 12)
    return np.stack(
        [np.roll(seen, -tonic, axis=2).reshape(len(seen), 24) for tonic in range(12)], axis=1
    )


def log_softmax(scores: Floats) -> Floats:
    """Give log probabilities over the last axis."""
    lower = scores - scores.max(axis=-1, keepdims=True)
    logs: Floats = lower - np.log(np.exp(lower).sum(axis=-1, keepdims=True))
    return logs


def likeliest_path(windows: Floats, *, stay: float = _STAY) -> npt.NDArray[np.int64]:
    """Give the most likely key of each window (Viterbi), when keys stay with a probability."""
    from musictools.audio._tonal_kernels import follow

    moves = math.log((1 - stay) / (windows.shape[1] - 1))
    path: npt.NDArray[np.int64] = follow(np.ascontiguousarray(windows), math.log(stay), moves)
    return path


def gain_of(windows: Floats, path: npt.NDArray[np.int64]) -> float:
    """Log likelihood that a path gains over staying in the best single key."""
    return float(windows[np.arange(len(path)), path].sum() - windows.sum(axis=0).max())


def join_short_runs(
    windows: Floats, path: npt.NDArray[np.int64]
) -> tuple[tuple[int, int, int], ...]:
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
        runs[at] = (first, last, max(beside, key=lambda key: float(fits[key])))
        runs = _fused(runs)
    return tuple(runs)


def _lasts_s(runs: Sequence[tuple[int, int, int]], at: int) -> float:
    """Seconds of a run; the first and the last reach out to the ends of their windows."""
    first, last, _ = runs[at]
    ends = (at == 0) + (at == len(runs) - 1)
    return STEP_S * (last - first - ends / 2) + ends * WINDOW_S / 2


def _fused(runs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    fused = [runs[0]]
    for first, last, key in runs[1:]:
        if key == fused[-1][2]:
            fused[-1] = (fused[-1][0], last, key)
        else:
            fused.append((first, last, key))
    return fused


def gather_clues(
    shares: TriadShares,
    windows: Floats,
    path: npt.NDArray[np.int64],
    *,
    model: dict[str, Any],
) -> Floats:
    """Give what the last decision weighs for each key.

    Parameters
    ----------
    shares : TriadShares
        Of the recording.
    windows : array of shape (windows, 24)
        Log posteriors.
    path : array of shape (windows,)
        The likeliest one.
    model : dict
        With the weights of the ``whole``.

    Returns
    -------
    numpy.ndarray of shape (24, 7)
        If the key seems to change: share of the runs, log posterior of the longest part, mean log
        posterior of its windows. If it seems to stay: log posterior of the whole, log of the mean
        posterior of the windows. In any case: how much of the first and of the last 2 s is the
        tonic's triad.
    """
    runs = join_short_runs(windows, path)
    joined = np.concatenate([np.full(last - first, key) for first, last, key in runs])
    lasting = np.bincount(joined, minlength=24) / len(joined)
    # The evidence is too small a number to turn any but a tie.
    main = joined == int(np.argmax(lasting + 1e-9 * windows.sum(axis=0)))
    both = np.stack((shares.windows[main].mean(axis=0), shares.whole))
    longest, all_of_it = log_posteriors(both, model["whole"])
    changes = 1 / (1 + math.exp((_LEAST_GAIN - gain_of(windows, path)) / _GAIN_WIDTH))
    return np.stack(
        [
            changes * lasting,
            changes * longest,
            changes * windows[main].mean(axis=0),
            (1 - changes) * all_of_it,
            (1 - changes) * np.log(np.exp(windows).mean(axis=0)),
            shares.first,
            shares.last,
        ],
        axis=1,
    )
