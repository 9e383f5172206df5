"""How likely each chord is in each frame, and the most likely sequence of them.

A small network, learned on simulated songs, reads the votes of the spectral peaks for the pitch
classes. It knows no absolute pitch: the same weights, turned, look at the votes from each of the
twelve roots, so that every chord of a song teaches all roots. A Viterbi path joins the frames.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Tracks
from musictools.audio._keys import ROOTS
from musictools.audio._model import load_model
from musictools.audio._peaks import HOP_S, PeakTrack, view_of
from musictools.audio._viterbi import likeliest_path, log_softmax

Floats = npt.NDArray[np.float64]
Block = npt.NDArray[np.float32]

QUALITIES = ("maj", "min", "7")
#: In Harte's notation; the last one is for no chord.
CHORDS = (*(f"{root}:{quality}" for quality in QUALITIES for root in ROOTS), "N")
NONE = len(CHORDS) - 1

# The three views of a frame: all that sounds; the notes that its partials may belong to, without
# the bass, which walks; and the bass, which tells the root. Tuning may drift.
_TUNING_WINDOW_S = 7.0
_VIEWS = (
    view_of(),
    view_of(harmonics=4, low_hz=150.0),
    view_of(low_hz=40.0, high_hz=260.0),
)
# A chord lasts longer than a frame, so that its neighbours tell of it too.
_SMOOTH = np.array([0.25, 0.5, 1.0, 0.5, 0.25]) / 2.5
# The notes of half a minute tell the key, and thereby which chords are usual.
_AROUND_FRAMES = round(15.0 / HOP_S)
# Two seconds: drums sound for longer without a chord between them than a rest lasts.
_SLOW_FRAMES = round(2.3 / HOP_S)
_LEAST_LEVEL, _MOST_LEVEL = -6.0, 2.0
_TALLEST, _TALLEST_BASS = 6, 3
#: Chords of neighbouring frames are the same so often: by cross-validation, 0.9 to 0.98 are alike.
CHORD_STAYS = 0.95
# Nats against every chord where nothing has a pitch: a rest of two frames, as between chords that
# are struck short, is worth less than the two changes that it would take.
_SILENT = 3.0
# Bounds the memory that the network takes for hours.
_FRAMES_AT_ONCE = 2048


@dataclass(frozen=True)
class ChordEvidence:
    """What is known of the chord of each frame of a ``PeakTrack``.

    Attributes
    ----------
    logs : array of shape (frames, 37)
        Log posteriors, in the order of ``CHORDS``.
    path : array of shape (frames,)
        The most likely chord of each frame, if chords seldom change.
    """

    logs: Floats
    path: npt.NDArray[np.int64]


def chord_evidence(tracks: Tracks) -> ChordEvidence:
    """Conclude how likely each chord is in each frame; meant for ``Tracks.once``."""
    return hear_chords(tracks[PeakTrack])


def hear_chords(track: PeakTrack) -> ChordEvidence:
    """Find how likely each chord is in each frame of a track."""
    if not track.frames:
        return ChordEvidence(np.empty((0, len(CHORDS))), np.empty(0, np.int64))
    clues = frame_clues(track)
    return evidence_of(chord_scores(clues, _weights()), clues.pitched)


def evidence_of(scores: Block, pitched: npt.NDArray[np.bool_]) -> ChordEvidence:
    """Conclude from the scores of at least one frame, and whether it has any pitch."""
    logs = log_softmax(scores.astype(np.float64))
    logs[~pitched] = -_SILENT
    logs[~pitched, NONE] = 0.0
    return ChordEvidence(logs, likeliest_path(logs, stay=CHORD_STAYS))


@dataclass(frozen=True)
class Clues:
    """What the network reads of each frame.

    Attributes
    ----------
    notes : array of float32, shape (frames, 9, 12)
        The three views with their neighbours, alone, and of half a minute around; the root of the
        shares of the votes, 0 where all notes have the same; C first.
    sound : array of float32, shape (frames, 14)
        What is the same for all roots: levels, and how much the votes agree.
    pitched : array of bool, shape (frames,)
        Whether there is any peak.
    """

    notes: Block
    sound: Block
    pitched: npt.NDArray[np.bool_]


def frame_clues(track: PeakTrack) -> Clues:
    """Gather what the network reads, of at least one frame."""
    views = track.chromas(_VIEWS, tuning_window_s=_TUNING_WINDOW_S)
    near = [_smoothed(view) for view in views]
    around = [_averaged(_divided(view, view.max(axis=1)), _AROUND_FRAMES) for view in views]
    notes = _seen(np.stack((*near, *views, *around), axis=1, dtype=np.float32))
    votes = near[0].sum(axis=1)
    return Clues(
        notes,
        _sound(near, votes, track.energies()).astype(np.float32),
        np.any(views[0], axis=1),
    )


@dataclass(frozen=True)
class ChordWeights:
    """The network: one hidden layer for the chord as seen from a root, and one for no chord.

    Attributes
    ----------
    hidden, hidden_bias : arrays of shapes (108, h) and (h,)
        From the notes, as seen from a root.
    chord, chord_bias : arrays of shapes (h, 3) and (3,)
        To the three qualities.
    scale : array of shape (2, 14)
        Mean and standard deviation of the sound in the training.
    quiet, quiet_bias : arrays of shapes (14, q) and (q,)
        From the sound.
    none, none_bias : arrays of shapes (q,) and (1,)
        To no chord.
    """

    hidden: Block
    hidden_bias: Block
    chord: Block
    chord_bias: Block
    scale: Block
    quiet: Block
    quiet_bias: Block
    none: Block
    none_bias: Block


def chord_scores(clues: Clues, weights: ChordWeights) -> Block:
    """Give the scores of all chords, shape (frames, 37); their softmax are the posteriors."""
    notes = clues.notes.reshape(len(clues.notes), -1)
    # Turning the weights once is less work than turning every frame twelve times.
    turned = np.stack([_turned_weights(weights.hidden, root) for root in range(12)], axis=1)
    turned = turned.reshape(notes.shape[1], -1)
    scores = np.empty((len(notes), len(CHORDS)), np.float32)
    for first in range(0, len(notes), _FRAMES_AT_ONCE):
        part = slice(first, first + _FRAMES_AT_ONCE)
        layer = (notes[part] @ turned).reshape(-1, 12, weights.hidden.shape[1])
        layer = np.tanh(layer + weights.hidden_bias)
        by_root = layer @ weights.chord + weights.chord_bias
        scores[part, :NONE] = by_root.transpose(0, 2, 1).reshape(-1, NONE)
    sound = (clues.sound - weights.scale[0]) / weights.scale[1]
    layer = np.tanh(sound @ weights.quiet + weights.quiet_bias)
    scores[:, NONE] = layer @ weights.none + weights.none_bias
    return scores


def _turned_weights(hidden: Block, root: int) -> Block:
    views = hidden.reshape(-1, 12, hidden.shape[1])
    turned: Block = np.roll(views, root, axis=1).reshape(hidden.shape)
    return turned


@cache
def _weights() -> ChordWeights:
    kept = load_model("chords")["weights"]
    return ChordWeights(**{name: np.array(value, np.float32) for name, value in kept.items()})


def _sound(near: list[Floats], votes: Floats, energy: Floats) -> Floats:
    """Give the levels of each frame, and how much its votes agree, shape (frames, 14)."""
    shares = [_divided(view, view.sum(axis=1)) for view in near]
    # Votes grow with the square root of amplitude: tones have many for their energy, drums few.
    tones = _level(votes, np.sqrt(np.sqrt(energy)))
    tallest = -np.sort(-shares[1], axis=1)[:, :_TALLEST]
    columns = [
        _level(energy, energy.mean()),
        _level(votes, votes.mean()),
        tones,
        _averaged(tones[:, None], _SLOW_FRAMES // 2)[:, 0],
        _averaged(tallest[:, :1], _SLOW_FRAMES // 2)[:, 0],
        *tallest.T,
        *(-np.sort(-shares[2], axis=1)[:, :_TALLEST_BASS]).T,
    ]
    return np.stack(columns, axis=1)


def _level(part: Floats, whole: Floats | np.floating) -> Floats:
    """Give the common logarithm of a ratio, within bounds that silence cannot leave."""
    ratio = np.divide(part, whole, out=np.zeros_like(part), where=np.asarray(whole) > 0)
    level: Floats = np.log10(np.maximum(ratio, 10.0**_LEAST_LEVEL))
    return np.minimum(level, _MOST_LEVEL)


def _seen(votes: Block) -> Block:
    """Root of the votes over their mean, less one, along the last axis; 0 where there are none."""
    total = votes.sum(axis=-1, keepdims=True)
    shares = np.divide(12 * votes, total, out=np.ones_like(votes), where=total > 0)
    seen: Block = np.sqrt(shares, out=shares)
    seen -= 1
    return seen


def _divided(rows: Floats, by: Floats) -> Floats:
    found: Floats = np.divide(rows, by[:, None], out=np.zeros_like(rows), where=by[:, None] > 0)
    return found


def _smoothed(rows: Floats) -> Floats:
    """Mix each frame with its neighbours; the first and the last go on beyond the ends."""
    reach = len(_SMOOTH) // 2
    wide = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    mixed: Floats = sum(
        (share * wide[at : at + len(rows)] for at, share in enumerate(_SMOOTH)),
        start=np.zeros_like(rows),
    )
    return mixed


def _averaged(rows: Floats, reach: int) -> Floats:
    """Mean of the frames that are at most ``reach`` away."""
    sums = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)))
    at = np.arange(len(rows))
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(rows))
    mean: Floats = (sums[last] - sums[first]) / (last - first)[:, None]
    return mean
