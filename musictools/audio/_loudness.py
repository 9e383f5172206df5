"""Loudness after ITU-R BS.1770-5, EBU R 128, Tech 3341 and Tech 3342, and its family of columns."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._result import Result
from musictools.audio._descriptor import Descriptor, Track, Tracks, Value
from musictools.audio._dynamics import (
    dynamic_range,
    peak_to_loudness,
    peak_to_short_term,
    psr_statistics,
)
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._levels import LevelSums
from musictools.audio._loudness_sums import (
    ABSOLUTE_GATE_LUFS,
    GATE_HOP,
    MOMENTARY,
    STEPS_PER_S,
    LoudnessSums,
)
from musictools.audio._recording import Source
from musictools.audio._stream import hear
from musictools.audio._true_peak import TruePeaks

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

#: What the pass has to gather for :func:`conclude_loudness`.
LOUDNESS_TRACKS: tuple[type[Track], ...] = (LoudnessSums, TruePeaks, LevelSums)

_SOURCE = "ITU-R BS.1770-5; EBU Tech 3341"


def _lufs(name: str, meaning: str) -> Descriptor:
    return Descriptor(name, "LUFS", "loudness", -math.inf, math.inf, _SOURCE, meaning)


def _windows(name: str, meaning: str) -> Measure:
    return Measure(name, "", "LUFS", ABSOLUTE_GATE_LUFS, math.inf, _SOURCE, meaning)


_MEASURES = (
    _windows("momentary_lufs", "Loudness of 400 ms, every 100 ms"),
    _windows("short_term_lufs", "Loudness of 3 s, every 100 ms"),
)


class LoudnessFamily:
    """Family of loudness."""

    tracks = (LoudnessSums, TruePeaks)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        _lufs(
            "integrated_lufs",
            "Gated loudness of the whole. NaN if no block of 400 ms is above -70 LUFS, or below 8 "
            "kHz.",
        ),
        Descriptor(
            "loudness_range_lu",
            "LU",
            "loudness",
            0,
            math.inf,
            "EBU Tech 3342",
            "95th less 10th percentile of the gated short-term loudness. NaN under 3 s, if nothing "
            "is above -70 LUFS, or below 8 kHz.",
        ),
        _lufs(
            "max_momentary_lufs",
            "Loudest 400 ms, looked for every 10 ms. NaN under 0.4 s, for silence, or below 8 kHz.",
        ),
        _lufs(
            "max_short_term_lufs",
            "Loudest 3 s, looked for every 10 ms. NaN under 3 s, for silence, or below 8 kHz.",
        ),
        Descriptor(
            "true_peak_dbtp",
            "dBTP",
            "loudness",
            -math.inf,
            math.inf,
            "ITU-R BS.1770-5, annex 2",
            "Largest value of any channel, between the samples as well. NaN for silence.",
        ),
        *declare(
            _MEASURES,
            "loudness",
            frames="those above -70 LUFS of a recording of 8 kHz or more",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        sums = tracks[LoudnessSums]
        return {
            **sums.finish(),
            "true_peak_dbtp": tracks[TruePeaks].true_peak_dbtp(),
            **spread(_MEASURES, np.concatenate([_statistics(x) for x in sums.history()])),
        }


def _statistics(loudness: Floats) -> Floats:
    statistics = Statistics(1)
    statistics.update(loudness[loudness > ABSOLUTE_GATE_LUFS, None])
    return statistics.finish()


@dataclass(frozen=True, repr=False)
class Loudness(Result):
    """Loudness of one recording.

    Attributes
    ----------
    integrated_lufs : float
        Gated loudness of the whole, in LUFS; NaN if no 400 ms block is above -70 LUFS. Like all
        that follows but the peaks and DR, NaN for a sample rate below 8 kHz.
    loudness_range_lu : float
        In LU; NaN under 3 s, and where nothing is above -70 LUFS.
    max_momentary_lufs, max_short_term_lufs : float
        Loudest 400 ms and 3 s, in LUFS; NaN for shorter recordings and for silence.
    true_peak_dbtp : float
        Largest value between the samples, in dBTP; NaN for silence.
    sample_peak_dbfs : float
        Largest sample, in dBFS; NaN for silence.
    plr_lu : float
        Peak to loudness ratio: true peak less integrated loudness.
    psr_lu : float
        Peak to short-term loudness ratio, the smallest of all 3 s above -70 LUFS (which is what
        meters show first: how hard the most limited moment was limited); NaN under 3 s.
    dr_db : float
        DR, a whole number; NaN under two blocks (6.01 s) and where only one of them sounds.
    history : pandas.DataFrame
        ``time_s`` (end of the window), ``momentary_lufs``, ``short_term_lufs``, ``psr_lu``, every
        100 ms.
    provenance : dict
        Version, function, and the recording.
    """

    _drawn_by: ClassVar[str] = "loudness"

    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    plr_lu: float
    psr_lu: float
    dr_db: float
    history: "pd.DataFrame" = field(repr=False, compare=False)


def loudness(source: Source, *, sample_rate: int | None = None) -> Loudness:
    """Measure loudness after EBU R 128.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Loudness
        Integrated, range, loudest moments, true and sample peak, PLR, PSR, DR, and the history
        for a picture.

    Raises
    ------
    AudioError
        If the file cannot be read.
    InputError
        If an array comes without its rate.

    References
    ----------
    ITU-R BS.1770-5 (2023); EBU R 128, Tech 3341 and Tech 3342 (2023). PSR: Shepherd et al., AES
    143 (2017). DR: Pleasurize Music Foundation, "Measuring DR" (2009).

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> t = np.arange(48_000 * 5) / 48_000
    >>> tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * t)
    >>> round(mt.audio.loudness(np.stack([tone, tone]), sample_rate=48_000).integrated_lufs, 1)
    -23.0
    """
    return conclude_loudness(hear(source, LOUDNESS_TRACKS, sample_rate=sample_rate))


def conclude_loudness(tracks: Tracks) -> Loudness:
    """Read loudness from the tracks that it takes."""
    values: dict[str, Any] = tracks[LoudnessSums].finish()
    return Loudness(
        **values,
        true_peak_dbtp=tracks[TruePeaks].true_peak_dbtp(),
        sample_peak_dbfs=tracks[LevelSums].sample_peak_dbfs(),
        plr_lu=peak_to_loudness(tracks),
        psr_lu=psr_statistics(tracks)["psr_min_lu"],
        dr_db=dynamic_range(tracks[LevelSums])[0],
        history=_history(tracks),
        provenance=tracks.provenance("loudness"),
    )


def _history(tracks: Tracks) -> "pd.DataFrame":
    import pandas as pd

    momentary, short_term = tracks[LoudnessSums].history()
    # The first 3 s window ends 26 rows after the first 400 ms one.
    missing = np.full(momentary.size - short_term.size, np.nan)
    return pd.DataFrame(
        {
            "time_s": (MOMENTARY + GATE_HOP * np.arange(momentary.size)) / STEPS_PER_S,
            "momentary_lufs": momentary,
            "short_term_lufs": np.concatenate((missing, short_term)),
            "psr_lu": np.concatenate((missing, tracks.once(peak_to_short_term))),
        }
    )
