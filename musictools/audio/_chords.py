"""The chords of a recording, and the columns that describe them."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._beats import find_beats
from musictools.audio._chord_model import CHORDS, NONE, ChordEvidence, chord_evidence
from musictools.audio._descriptor import Descriptor, Tracks, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._keys import ROOTS
from musictools.audio._onsets import OnsetTrack
from musictools.audio._peaks import FIRST_S, HOP_S, PeakTrack
from musictools.audio._recording import Source
from musictools.audio._stream import hear

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_MODEL = "network over pitch classes and a Viterbi path (tools/training/train_chords.py)"
_ESSENTIA = (
    "E. Gomez, Tonal description of music audio signals, UPF 2006 (essentia ChordsDescriptors)"
)
_NEVER = "NaN where no chord is found."
_NULL = "Null where no chord is found."
_STRENGTH = Measure(
    "chords_strength",
    "",
    "1",
    0,
    1,
    _MODEL,
    "Posterior probability of the chord that is found",
)
_SHORTEST_SHARE = 0.01
# Two thirds of the length of a frame: further away, the change was not meant to be on the beat.
_SNAP_S = 0.25
_SCALES = ("major", "minor")


def chords(source: Source, *, sample_rate: int | None = None) -> "pd.DataFrame":
    """Find the chords of a recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    pandas.DataFrame
        ``start_s``, ``end_s``, ``label``: one row for each stretch of one chord; they follow one
        another without a gap from 0 to the end. Labels in Harte's notation: a root of C Db D Eb E
        F F# G Ab A Bb B with ``:maj``, ``:min`` or ``:7``, such as ``"A:min"``, and ``"N"`` where
        there is no chord.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Notes
    -----
    Richer chords are named by their third, or ``:7`` if major with a minor seventh. A small
    network, learned by ``tools/training/train_chords.py`` on simulated songs, reads the votes of
    the spectral peaks for the pitch classes every 0.19 s; a Viterbi path joins its answers, and
    its changes go to the beats of :func:`beats` that are near.

    References
    ----------
    C. Harte, M. Sandler, S. Abdallah, E. Gomez, Symbolic representation of musical chords, ISMIR
    2005. A. Sheh, D. Ellis, Chord segmentation and recognition using EM-trained hidden Markov
    models, ISMIR 2003.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> t = np.arange(44_100 * 2) / 44_100
    >>> triads = [(261.63, 329.63, 392.00), (220.00, 261.63, 329.63)]
    >>> sound = [sum(np.sin(2 * np.pi * hz * t) for hz in triad) / 3 for triad in triads]
    >>> table = mt.audio.chords(np.concatenate(sound), sample_rate=44_100)
    >>> list(table["label"])
    ['C:maj', 'A:min']
    """
    import pandas as pd

    tracks = hear(source, [PeakTrack, OnsetTrack], sample_rate=sample_rate)
    spans = spans_of(
        tracks.once(chord_evidence), tracks.duration_s, beats_s=tracks.once(find_beats)
    )
    return pd.DataFrame(
        {
            "start_s": np.array([start_s for start_s, _, _ in spans], dtype=np.float64),
            "end_s": np.array([end_s for _, end_s, _ in spans], dtype=np.float64),
            "label": pd.Series([CHORDS[chord] for *_, chord in spans], dtype="str"),
        }
    )


def spans_of(
    evidence: ChordEvidence, end_s: float, *, beats_s: Floats | None = None
) -> list[tuple[float, float, int]]:
    """Give start and end in seconds and number of each stretch of one chord.

    Parameters
    ----------
    evidence : ChordEvidence
        Of all frames.
    end_s : float
        Of the recording.
    beats_s : array of shape (n,), optional
        In ascending order; a change goes to the nearest one within 0.25 s, since frames are
        coarser than players are.
    """
    path = evidence.path
    if not len(path):
        return [(0.0, end_s, NONE)]
    changes = np.flatnonzero(np.diff(path)) + 1
    joints_s = np.array([_joint_s(evidence.logs, path, int(at)) for at in changes])
    if beats_s is not None and len(beats_s):
        nearest_s = _nearest(beats_s, joints_s)
        joints_s = np.where(np.abs(nearest_s - joints_s) <= _SNAP_S, nearest_s, joints_s)
    spans: list[tuple[float, float, int]] = []
    edges = np.clip([0.0, *joints_s, end_s], 0.0, end_s).tolist()
    for start_s, stop_s, at in zip(edges[:-1], edges[1:], [0, *changes], strict=True):
        # Two changes that meet on one beat leave nothing between them.
        if stop_s <= start_s:
            continue
        if spans and spans[-1][2] == path[at]:
            start_s = spans.pop()[0]  # noqa: PLW2901
        spans.append((start_s, stop_s, int(path[at])))
    return spans


def _nearest(sorted_s: Floats, times_s: Floats) -> Floats:
    after = np.searchsorted(sorted_s, times_s).clip(1, max(len(sorted_s) - 1, 1))
    before_s, after_s = sorted_s[after - 1], sorted_s[np.minimum(after, len(sorted_s) - 1)]
    nearest: Floats = np.where(times_s - before_s <= after_s - times_s, before_s, after_s)
    return nearest


def _joint_s(logs: Floats, path: npt.NDArray[np.int64], at: int) -> float:
    """Give the time between two frames at which the next chord is as likely as the one before."""
    lead = logs[at - 1 : at + 1, path[at - 1]] - logs[at - 1 : at + 1, path[at]]
    part = lead[0] / (lead[0] - lead[1]) if lead[0] > 0 > lead[1] else 0.5
    return float(FIRST_S + (at - 1 + part) * HOP_S)


def _descriptors() -> tuple[Descriptor, ...]:
    def number(name: str, unit: str, high: float, meaning: str) -> Descriptor:
        return Descriptor(name, unit, "chords", 0, high, _MODEL, meaning)

    def word(name: str, meaning: str) -> Descriptor:
        return Descriptor(name, "text", "chords", math.nan, math.nan, _ESSENTIA, meaning)

    return (
        number(
            "chords_changes_rate_hz",
            "Hz",
            1 / HOP_S,
            "Changes from one chord to another, or to none, a second.",
        ),
        number(
            "chords_number_rate",
            "1",
            1,
            "Different chords that have 1 % of the time of all chords or more, over the number of "
            f"stretches of one chord. {_NEVER}",
        ),
        word("chords_key", f"Root of the chord that has most time, sevenths as major. {_NULL}"),
        word("chords_scale", f"'major' or 'minor', of that chord. {_NULL}"),
        *(
            number(
                f"chords_histogram_{scale}_{steps}",
                "1",
                1,
                f"Share of the time of all chords that has the {scale} chord {steps} semitones "
                f"above the root of the chord that has most, sevenths as major. {_NEVER}",
            )
            for scale in _SCALES
            for steps in range(12)
        ),
        number("chords_none_share", "1", 1, "Share of the time without a chord."),
        number(
            "chords_sevenths_share", "1", 1, f"Share of sevenths in the time of chords. {_NEVER}"
        ),
        number("chords_minor_share", "1", 1, f"Share of minor in the time of chords. {_NEVER}"),
        *declare([_STRENGTH], "chords", frames="frames with a chord"),
    )


class Chords:
    """Family of chords."""

    tracks = (PeakTrack,)
    descriptors: ClassVar[tuple[Descriptor, ...]] = _descriptors()

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        evidence = tracks.once(chord_evidence)
        path = evidence.path
        strength = Statistics(1)
        heard = path != NONE
        strength.update(np.exp(evidence.logs[heard, path[heard]])[:, None])
        changes = np.count_nonzero(np.diff(path))
        length_s = 2 * FIRST_S + max(len(path) - 1, 0) * HOP_S
        values: dict[str, Value] = {d.name: math.nan for d in self.descriptors}
        found: dict[str, Value] = (
            values
            | {
                "chords_changes_rate_hz": changes / length_s,
                "chords_key": None,
                "chords_scale": None,
                "chords_none_share": float(1 - heard.mean()) if len(path) else 1.0,
            }
            | (_shares(path) if heard.any() else {})
            | dict(spread([_STRENGTH], strength.finish()))
        )
        return found


def _shares(path: npt.NDArray[np.int64]) -> dict[str, Value]:
    """Give what chords there are, of frames of which one at least has one."""
    counts = np.bincount(path, minlength=NONE + 1)[:NONE]
    shares = counts / counts.sum()
    major, minor, sevenths = shares.reshape(3, 12)
    both = np.stack((major + sevenths, minor))
    scale, root = np.unravel_index(int(both.argmax()), both.shape)
    runs = path[np.flatnonzero(np.diff(path, prepend=-1))]
    turned = np.roll(both, -int(root), axis=1)
    return {
        "chords_number_rate": np.count_nonzero(shares >= _SHORTEST_SHARE)
        / np.count_nonzero(runs != NONE),
        "chords_key": ROOTS[root],
        "chords_scale": _SCALES[scale],
        **{
            f"chords_histogram_{name}_{steps}": float(share)
            for name, row in zip(_SCALES, turned, strict=True)
            for steps, share in enumerate(row)
        },
        "chords_sevenths_share": float(sevenths.sum()),
        "chords_minor_share": float(minor.sum()),
    }
