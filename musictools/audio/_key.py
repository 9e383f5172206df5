"""The key of a recording, the keys it passes through, and how sure that is."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from musictools.audio._descriptor import Tracks
from musictools.audio._estimate import Estimate
from musictools.audio._key_model import STEP_S, WINDOW_S, key_evidence
from musictools.audio._keys import KEYS
from musictools.audio._peaks import FIRST_S, HOP_S, PeakTrack
from musictools.audio._recording import Source
from musictools.audio._stream import hear

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Key(Estimate[str | None]):
    """Key of one recording.

    Attributes
    ----------
    value : str or None
        Such as ``"F# minor"``; None where nothing has a pitch.
    confidence : float
        Probability that it is right, 0 to 1, as far as songs like those of the training go:
        of a hundred answers near 0.8 about eighty were right.
    alternatives : tuple of (str, float)
        The next best keys and their probabilities.
    tuning_cents : float
        Deviation from A = 440 Hz, -50 to 50; NaN where nothing has a pitch.
    segments : pandas.DataFrame
        ``start_s``, ``end_s``, ``label``: the keys that the recording passes through; none lasts
        less than 8 s, unless the recording does. No rows where nothing has a pitch.
    provenance : dict
        Version, function, and the recording.
    """

    _answer: ClassVar[str] = "key"

    tuning_cents: float
    segments: "pd.DataFrame" = field(repr=False, compare=False)


def key(source: Source, *, sample_rate: int | None = None) -> Key:
    """Estimate the key of a recording, and the keys that it passes through.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Key
        The key of most of the recording, its probability, four alternatives, and the segments.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    Notes
    -----
    A linear model, learned by ``tools/training/train_key.py`` on simulated songs, reads how often
    each chord sounds and which follows which; chords are those of :func:`chords`, heard at the
    tuning of every 7 s. The relative key and the fifths are the usual rivals. A key and its
    relative share one scale: a change from one to the other begins no segment. A detuning near a
    quarter tone leaves the name of every key open.

    References
    ----------
    E. Gomez, Tonal description of music audio signals, UPF 2006. K. Noland, M. Sandler, Key
    estimation using a hidden Markov model, ISMIR 2006.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> t = np.arange(44_100 * 2) / 44_100
    >>> chords = [(261.63, 329.63, 392.00), (349.23, 440.0, 523.25), (392.0, 493.88, 587.33)]
    >>> sound = [sum(np.sin(2 * np.pi * hz * t) for hz in chord) / 3 for chord in chords]
    >>> mt.audio.key(np.concatenate([*sound, sound[0]]), sample_rate=44_100).value
    'C major'
    """
    tracks = hear(source, [PeakTrack], sample_rate=sample_rate)
    made = tracks.provenance("key")
    evidence = tracks.once(key_evidence)
    table = _tabled(tracks.once(key_segments))
    if not evidence.posterior.size:
        return Key(None, 0.0, (), math.nan, table, provenance=made)
    best = np.argsort(-evidence.posterior, kind="stable")[:5]
    ranked = [(KEYS[i], float(evidence.posterior[i])) for i in best]
    cents = 100 * tracks[PeakTrack].tuning()
    return Key(*ranked[0], tuple(ranked[1:]), cents, table, provenance=made)


def key_segments(tracks: Tracks) -> list[tuple[float, float, int]]:
    """Conclude start and end in seconds and number of each key; meant for ``Tracks.once``."""
    runs = tracks.once(key_evidence).runs
    if not runs:
        return []
    # The middle of a window is where it straddles a joint.
    joints = [WINDOW_S / 2 + STEP_S * (first - 0.5) for first, _, _ in runs[1:]]
    end_s = 2 * FIRST_S + HOP_S * (tracks[PeakTrack].frames - 1)
    return list(zip([0.0, *joints], [*joints, end_s], (key for *_, key in runs), strict=True))


def _tabled(segments: list[tuple[float, float, int]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        {
            "start_s": np.array([start_s for start_s, _, _ in segments], dtype=np.float64),
            "end_s": np.array([end_s for _, end_s, _ in segments], dtype=np.float64),
            "label": pd.Series([KEYS[key] for *_, key in segments], dtype="str"),
        }
    )
