"""Tempo: the family of descriptors, and the estimate for one recording."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from musictools.audio._beats import settle_curve, settle_tempo
from musictools.audio._descriptor import Descriptor, Tracks, Value
from musictools.audio._estimate import Estimate
from musictools.audio._onsets import OnsetTrack
from musictools.audio._peaks import PeakTrack
from musictools.audio._periodicity import FASTEST_BPM, SLOWEST_BPM
from musictools.audio._recording import Source
from musictools.audio._stream import hear

if TYPE_CHECKING:
    import pandas as pd

_SOURCE = "P. Grosche, M. Mueller, IEEE Trans. ASLP 19(6), 2011; D. Ellis, JNMR 36(1), 2007"
_COURSE = (
    "of the tempo over time, followed in windows of 8 s, or from beat to beat where phrases "
    "breathe within them; a spread under 0.5 % counts as steady. NaN where there is no tempo."
)


def _bpm(name: str, meaning: str) -> Descriptor:
    return Descriptor(name, "BPM", "rhythm", SLOWEST_BPM, FASTEST_BPM, _SOURCE, meaning)


def _share(name: str, meaning: str) -> Descriptor:
    return Descriptor(name, "1", "rhythm", 0, 1, "definition", meaning)


class Rhythm:
    """Family of rhythm."""

    tracks = (OnsetTrack, PeakTrack)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        _bpm("tempo_bpm", "Beats per minute. NaN under 2 s, and where nothing begins."),
        _bpm("tempo_alternative_bpm", "The next best tempo. NaN where there is none."),
        _share(
            "tempo_confidence",
            "Probability that the tempo is right within 4 %. 0 where there is no tempo.",
        ),
        _share(
            "tempo_alternative_confidence",
            "Probability that the alternative is right. 0 where there is none.",
        ),
        _share(
            "tempo_stability",
            "Share of windows of 8 s (one each second) whose best tempo, within a third of the "
            "tempo of the whole, lies within 4 % of it. 0 where there is no tempo.",
        ),
        _bpm("tempo_min_bpm", f"Smallest {_COURSE}"),
        _bpm("tempo_max_bpm", f"Largest {_COURSE}"),
        Descriptor(
            "tempo_std_bpm",
            "BPM",
            "rhythm",
            0,
            (FASTEST_BPM - SLOWEST_BPM) / 2,
            "definition",
            f"Standard deviation {_COURSE}",
        ),
        Descriptor(
            "tempo_drift_percent_per_min",
            "%/min",
            "rhythm",
            -math.inf,
            math.inf,
            "definition",
            f"Slope of the straight line through the logarithm {_COURSE}",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        missing = (math.nan, 0.0)
        curve = tracks.once(settle_curve)
        course = (
            (curve.bpm.min(), curve.bpm.max(), curve.std_bpm, curve.drift_percent_per_min)
            if curve.bpm.size
            else (math.nan,) * 4
        )
        best, second = (*tracks.once(settle_tempo)[:2], missing, missing)[:2]
        return {
            "tempo_bpm": best[0],
            "tempo_alternative_bpm": second[0],
            "tempo_confidence": best[1],
            "tempo_alternative_confidence": second[1],
            "tempo_stability": curve.stability,
            "tempo_min_bpm": float(course[0]),
            "tempo_max_bpm": float(course[1]),
            "tempo_std_bpm": course[2],
            "tempo_drift_percent_per_min": course[3],
        }


@dataclass(frozen=True, repr=False)
class Tempo(Estimate[float]):
    """Tempo of one recording.

    Attributes
    ----------
    value : float
        Beats per minute; NaN where there is none.
    confidence : float
        Probability that it is right within 4 %, 0 to 1.
    alternatives : tuple of (float, float)
        The next best tempi and their probabilities.
    stability : float
        Share of the recording whose own tempo lies within 4 % of that of the whole, 0 to 1.
    curve : pandas.DataFrame
        ``time_s``, ``bpm``: the course of the tempo; all the same where it is steady, and no rows
        where there is none.
    provenance : dict
        Version, function, and the recording.
    """

    _answer: ClassVar[str] = "tempo_bpm"

    stability: float
    curve: "pd.DataFrame" = field(repr=False, compare=False)


def tempo(source: Source, *, sample_rate: int | None = None) -> Tempo:
    """Estimate the tempo of a recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Tempo
        Beats per minute (44 to 225), the probability that it is right, and four alternatives.
        Half and double the true tempo are the usual errors, and stand among the alternatives.
        Where the tempo drifts, its median over beats; that over windows of 8 s where the two are
        more than 4 % apart.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    References
    ----------
    P. Grosche, M. Mueller, Extracting predominant local pulse information from music recordings,
    IEEE Trans. ASLP 19(6), 2011. D. Ellis, Beat tracking by dynamic programming, JNMR 36(1), 2007.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> clicks = np.zeros(44_100 * 10)
    >>> clicks[:: 44_100 // 2] = 1.0
    >>> round(mt.audio.tempo(clicks, sample_rate=44_100).value, 1)
    120.0
    """
    import pandas as pd

    tracks = hear(source, [OnsetTrack, PeakTrack], sample_rate=sample_rate)
    ranked = tracks.once(settle_tempo) or ((math.nan, 0.0),)
    course = tracks.once(settle_curve)
    return Tempo(
        *ranked[0],
        ranked[1:5],
        course.stability,
        pd.DataFrame({"time_s": course.times_s, "bpm": course.bpm}),
        provenance=tracks.provenance("tempo"),
    )
