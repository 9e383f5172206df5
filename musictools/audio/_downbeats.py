"""Bars: how many beats they have, and on which of them they begin.

Every metre and every place for the first downbeat is a candidate. A conditional logit, learned on
songs whose bars are known, weighs what the beats of such a bar have in common: onsets by band,
changes of harmony, bass and loudness; and how well the rhythm repeats after two, three, ... beats.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from musictools.audio._beats import find_beats
from musictools.audio._descriptor import Block, Tracks
from musictools.audio._fold import Curves, Floats, divide_beats, read_curves
from musictools.audio._harmony import read_harmony
from musictools.audio._model import load_model
from musictools.audio._onsets import RATE_HZ, OnsetTrack
from musictools.audio._peaks import FIRST_S, HOP_S, PeakTrack
from musictools.audio._recording import Source
from musictools.audio._stream import hear

#: Metres that are told apart; 2 is that of marches and jigs.
METRES = (2, 3, 4)
#: What each beat is described by, in the order of the weights.
FEATURES = (
    *("onset low", "onset mid", "onset high", "onset all"),
    *("offbeat low", "offbeat mid", "offbeat high"),
    *("harmony 1", "harmony 2", "harmony 4", "bass 1", "bass 2"),
    *("low rise", "rise", "change", "low level"),
)
#: Beats after which the rhythm is compared with itself, and then the harmony.
LAGS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16)
LEAST_BEATS = 8

_HARMONY = slice(7, 12)
_NEAR_S = 0.018  # an onset may miss its beat by so much
_STRUCK_S = 0.12  # the low end of a stroke, rather than what follows it
_QUARTERS = 4
# Standard deviations at which a feature is cut, so that one accent cannot decide alone.
_MOST_DEVIATION = 3.0
_LEAST_SHARE = 1e-9  # of the largest power: what is quieter is silence
# Below this confidence no downbeats are given.
_CLEAR = 0.5


@dataclass(frozen=True)
class Bars:
    """The bars of a recording.

    Attributes
    ----------
    beats_per_bar : int
        2, 3 or 4; 0 where there are too few beats to tell.
    first : int
        Number of the beat that is the first downbeat.
    confidence : float
        Posterior probability of both, 0 to 1.
    """

    beats_per_bar: int
    first: int
    confidence: float

    def downbeats(self, beats_s: Floats) -> Floats:
        """Choose the downbeats of the beats; none where they are not clear."""
        clear = self.beats_per_bar and self.confidence >= _CLEAR
        return beats_s[self.first :: self.beats_per_bar] if clear else np.empty(0)


def downbeats(source: Source, *, sample_rate: int | None = None) -> Floats:
    """Find the beats on which bars begin.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Seconds, rising: some of :func:`beats`. Empty where they are not clear: under eight
        beats, or at a posterior probability below 0.5.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    References
    ----------
    M. Goto, An audio-based real-time beat tracking system, JNMR 30(2), 2001 (drums and changes of
    chords); the weights are learned by ``tools/training/train_beats.py``.

    Examples
    --------
    >>> import musictools as mt
    >>> song = mt.datasets.simulate_recording(style="waltz", bpm=120, duration_s=15, rng=3)
    >>> found = mt.audio.downbeats(song.recording)
    >>> (found[1:4] - found[:3]).round(1).tolist()
    [1.5, 1.5, 1.5]
    """
    tracks = hear(source, [OnsetTrack, PeakTrack], sample_rate=sample_rate)
    return tracks.once(find_bars).downbeats(tracks.once(find_beats))


def find_bars(tracks: Tracks) -> Bars:
    """Conclude the bars of a recording; for ``Tracks.once``."""
    beats_s = tracks.once(find_beats)
    if beats_s.size < LEAST_BEATS:
        return Bars(0, 0, 0.0)
    onsets, peaks = tracks[OnsetTrack], tracks[PeakTrack]
    features = describe_beats(onsets.curves(), onsets.bands(), read_harmony(peaks), beats_s)
    repeats = describe_repeats(onsets.curves(), features, beats_s)
    return choose_bars(features, repeats)


def choose_bars(features: Floats, repeats: Floats) -> Bars:
    """Weigh every metre and every place for its downbeat."""
    scores = propose_bars(features, repeats) @ _weights()
    share = np.exp(scores - scores.max())
    best = int(np.argmax(share))
    metre, first = CANDIDATES[best]
    return Bars(metre, first, float(share[best] / share.sum()))


#: Metre and number of the first downbeat, in the order of the rows of ``propose_bars``.
CANDIDATES = tuple((metre, first) for metre in METRES for first in range(metre))


def propose_bars(features: Floats, repeats: Floats) -> Floats:
    """Describe every candidate, shape (9, weights): each metre has weights of its own.

    Parameters
    ----------
    features : numpy.ndarray, shape (beats, 16)
        As of ``describe_beats``.
    repeats : numpy.ndarray, shape (20,)
        As of ``describe_repeats``.
    """
    rows = []
    for metre, first in CANDIDATES:
        bar = [features[(first + beat) % metre :: metre].mean(axis=0) for beat in range(metre)]
        own = np.concatenate((*bar, repeats, [1.0]))
        before = sum(m * len(FEATURES) + repeats.size + 1 for m in METRES if m < metre)
        after = sum(m * len(FEATURES) + repeats.size + 1 for m in METRES if m > metre)
        rows.append(np.concatenate((np.zeros(before), own, np.zeros(after))))
    return np.array(rows)


@cache
def _weights() -> Floats:
    return np.array(load_model("downbeats")["weights"])


def describe_beats(
    curves: Curves, bands: Block, harmony: tuple[Floats, Floats], beats_s: Floats
) -> Floats:
    """Describe each beat, shape (beats, 16), standardised over the recording.

    Parameters
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    bands : numpy.ndarray, shape (frames, 6)
        Power of the bands of the onset track.
    harmony : tuple of numpy.ndarray, shapes (frames, 12)
        As of ``read_harmony``.
    beats_s : numpy.ndarray, shape (beats,)
        ``LEAST_BEATS`` and more.
    """
    last_s = float(np.median(np.diff(beats_s)))
    ends = np.append(beats_s, beats_s[-1] + last_s)
    onset = _strength(curves, beats_s)
    offbeat = _strength(curves[:3], beats_s + np.diff(ends) / 2)
    chroma, bass = (_means(votes, 1 / HOP_S, ends - FIRST_S + HOP_S / 2) for votes in harmony)
    changes = [_novelty(chroma, 1), _novelty(chroma, 2), _novelty(chroma, 4)]
    changes += [_novelty(bass, 1), _novelty(bass, 2)]
    silence = _LEAST_SHARE * float(bands.max()) + np.finfo(np.float32).tiny
    level = np.log10(_means(bands, RATE_HZ, ends) + silence)
    rise = np.diff(level, axis=0, prepend=level[:1])
    struck = np.stack((beats_s, np.minimum(beats_s + _STRUCK_S, ends[1:])), axis=1).ravel()
    low = np.log10(_means(bands[:, :1], RATE_HZ, struck)[::2, 0] + silence)
    rows = [*onset, *offbeat, *changes, rise[:, 0], rise.mean(axis=1)]
    features = np.stack([*rows, np.abs(rise).mean(axis=1), low], axis=1)
    spread = np.maximum(features.std(axis=0), 1e-6)
    standard = (features - features.mean(axis=0)) / spread
    cut: Floats = np.clip(standard, -_MOST_DEVIATION, _MOST_DEVIATION)
    return cut


def describe_repeats(curves: Curves, features: Floats, beats_s: Floats) -> Floats:
    """Correlation of rhythm and of harmony with themselves after ``LAGS`` beats, shape (20,)."""
    last_s = float(np.median(np.diff(beats_s)))
    ends = np.append(beats_s, beats_s[-1] + last_s)
    rhythm = _strength(curves[:3], divide_beats(ends, _QUARTERS).ravel())
    vectors = rhythm.reshape(3, beats_s.size, _QUARTERS).swapaxes(0, 1).reshape(beats_s.size, -1)
    return np.concatenate((_repeats(vectors), _repeats(features[:, _HARMONY])))


def _repeats(vectors: Floats) -> Floats:
    centred = vectors - vectors.mean(axis=0)
    power = np.square(centred).sum() / len(centred) + 1e-9
    found = [
        (centred[lag:] * centred[:-lag]).sum() / (len(centred) - lag) if len(centred) > lag else 0.0
        for lag in LAGS
    ]
    shares: Floats = np.array(found) / power
    return shares


def _strength(curves: Curves, times_s: Floats) -> Floats:
    """Largest value of each curve near some times, shape (curves, times)."""
    steps = np.linspace(-_NEAR_S, _NEAR_S, 7)
    near = read_curves(curves, (times_s[:, None] + steps).ravel())
    largest: Floats = near.reshape(len(curves), times_s.size, steps.size).max(axis=2)
    return largest


def _means(rows: Floats | Block, rate_hz: float, ends_s: Floats) -> Floats:
    """Mean of the rows between neighbouring times, shape (times - 1, columns)."""
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, dtype=np.float64, out=sums[1:])
    place = np.clip(ends_s * rate_hz, 0, len(rows))
    left = np.minimum(place.astype(np.int64), len(rows) - 1)
    part = (place - left)[:, None]
    at = sums[left] * (1 - part) + sums[left + 1] * part
    means: Floats = np.diff(at, axis=0) / np.maximum(np.diff(place), 1e-3)[:, None]
    return means


def _novelty(vectors: Floats, width: int) -> Floats:
    """Cosine distance of the mean of ``width`` beats before each beat from those after it."""
    count = len(vectors)
    sums = np.concatenate((np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0)))
    at = np.arange(count)
    before = sums[at] - sums[np.maximum(at - width, 0)]
    after = sums[np.minimum(at + width, count)] - sums[at]
    length = np.sqrt(np.square(before).sum(axis=1) * np.square(after).sum(axis=1))
    cosine: Floats = np.divide(
        (before * after).sum(axis=1), length, out=np.ones(count), where=length > 0
    )
    return 1 - cosine
