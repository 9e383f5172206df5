"""Dynamics: how far peaks stand above the loudness, and how much the level moves."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Mono, Tracks, Value
from musictools.audio._levels import LevelSums
from musictools.audio._loudness_sums import (
    ABSOLUTE_GATE_LUFS,
    SHORT_TERM,
    STEPS_PER_S,
    LoudnessSums,
)
from musictools.audio._pieces import Pieces
from musictools.audio._true_peak import BUCKETS_PER_S, TruePeaks

Floats = npt.NDArray[np.float64]

_FAMILY = "dynamics"
_INF = math.inf
_SLOW = "NaN if nothing is above -70 LUFS, or below 8 kHz"

# --- DR, "Measuring DR" (Pleasurize Music Foundation, v1.3, 2009) ---
_DR_STEP_DB = 0.01
_DR_LOUDEST = 0.2
# One block has no second largest peak, and the loudest fifth of two is as good as all.
_DR_MIN_BLOCKS = 2

# --- Dynamic complexity (S. Streich, Music Complexity, UPF 2007, section 3) ---
_SMEARING_S, _READ_EVERY_S = 0.035, 0.2
_SILENT_DB = -90.0
_QUIET_WEIGHT = 0.9  # to the power of the decibels below full scale

# --- Average loudness and silence rates, as essentia's music extractor has them ---
_RATE_HZ, _HOP = 44_100, 1_024
_SILENT_BELOW_DBFS = (-20, -30, -60)
_STEVENS = 0.67  # loudness grows as this power of energy
_LEAST_SHARE = 1e-4
_SQUEEZED_DB = (-5.0, -2.0)
# Reference of ReplayGain 2.0.
_REPLAY_LUFS = -18.0


class MonoEnergy:
    """Energy of the mono mix at 44.1 kHz, by hop of 1024 samples and by second."""

    needs = Mono(_RATE_HZ)

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del sample_rate, layout
        self._count = 0
        # Pieces end where a hop or a second does, so that one pass serves both.
        self._pieces = Pieces(1)
        self._ended: list[Floats] = []

    def update(self, block: Block) -> None:
        """Take the next samples."""
        start, self._count = self._count, self._count + block.size
        ends = _edges(start, self._count) - start
        self._ended.append(self._pieces.add(np.ascontiguousarray(block)[None], ends)[0, :, 1])

    def silence_rate(self, level_dbfs: float) -> float:
        """Share of frames of 2048 samples whose RMS is below a level; NaN without a sample."""
        if not self._count:
            return math.nan
        power = self._pairs(_HOP) / min(2 * _HOP, self._count)
        return float(np.mean(power < 10 ** (level_dbfs / 10)))

    def average_loudness(self) -> float:
        """Mean of the loudness of 2 s against the largest, squeezed into 0 to 1; NaN if none."""
        loudness = self._pairs(_RATE_HZ) ** _STEVENS
        if not loudness.max() > 0:
            return math.nan
        share = np.maximum(loudness / loudness.max(), _LEAST_SHARE)
        low, high = _SQUEEZED_DB
        position = (10 * math.log10(share.mean()) - low) / (high - low)
        return 0.5 + 0.5 * math.tanh(2 * position - 1)

    def _pairs(self, size: int) -> Floats:
        """Energy of every two neighbouring pieces of a size; of all, if there are not two."""
        energy = np.concatenate((*self._ended, self._pieces.begun[0, :, 1]))
        whole = self._count // size
        if whole < 2:
            return np.array([energy.sum()])
        starts = np.concatenate(([0], _edges(0, self._count)))
        first = np.searchsorted(starts, np.arange(whole + 1) * size)
        pieces = np.add.reduceat(energy, first)[:whole]
        pairs: Floats = pieces[1:] + pieces[:-1]
        return pairs


def _edges(start: int, stop: int) -> npt.NDArray[np.int64]:
    """Give the ends of hops and of seconds after ``start`` and up to ``stop``."""
    ends = [np.arange(start // n + 1, stop // n + 1) * n for n in (_HOP, _RATE_HZ)]
    edges: npt.NDArray[np.int64] = np.unique(np.concatenate(ends))
    return edges


def peak_to_short_term(tracks: Tracks) -> Floats:
    """PSR of every 3 s in LU, one each 100 ms; NaN where they are not above -70 LUFS.

    The true peak of the same 3 s, less their short-term loudness (I. Shepherd et al., "Measuring
    Micro-Dynamics: A First Step: Standardizing PSR", AES 143, 2017).
    """
    _, short_term = tracks[LoudnessSums].history()
    length = SHORT_TERM * BUCKETS_PER_S // STEPS_PER_S
    if not short_term.size:
        return short_term
    view = np.lib.stride_tricks.sliding_window_view
    peaks = view(tracks[TruePeaks].series(), length).max(axis=1)[: short_term.size]
    heard = (short_term > ABSOLUTE_GATE_LUFS) & (peaks > 0)
    ratio = np.full(short_term.size, math.nan)
    ratio[heard] = 20 * np.log10(peaks[heard].astype(np.float64)) - short_term[heard]
    return ratio


def psr_statistics(tracks: Tracks) -> dict[str, float]:
    """Smallest, 5th percentile and median of PSR."""
    ratio = tracks.once(peak_to_short_term)
    heard = ratio[~np.isnan(ratio)]
    low, fifth, median = np.percentile(heard, (0, 5, 50)) if heard.size else (math.nan,) * 3
    return {
        "psr_min_lu": float(low),
        "psr_p05_lu": float(fifth),
        "psr_median_lu": float(median),
    }


def peak_to_loudness(tracks: Tracks) -> float:
    """PLR: true peak less integrated loudness, in LU."""
    return tracks[TruePeaks].true_peak_dbtp() - tracks[LoudnessSums].integrated_lufs()


def dynamic_range(levels: LevelSums) -> tuple[float, float]:
    """DR as the specification prints it, a whole number, and before it is rounded.

    In each channel: the second largest of the peaks of blocks of 3 s, over the root mean square
    of the loudest fifth of the blocks, where a sine has the same RMS as peak. The RMS of a block
    counts in steps of 0.01 dB. Silent channels are left out of the mean.
    """
    lengths, mean_squares, peaks = levels.blocks()
    whole = lengths == lengths[0]
    if whole.sum() < _DR_MIN_BLOCKS:
        return math.nan, math.nan
    loudest = max(1, int(_DR_LOUDEST * lengths.size))
    found = []
    for powers, highest in zip(mean_squares, peaks, strict=True):
        second = np.sort(highest)[-2]
        if second > 0:
            top = np.sort(powers)[-loudest:]
            steps = np.round(10 * np.log10(2 * top[top > 0]) / _DR_STEP_DB)
            mean = (10 ** (steps * _DR_STEP_DB / 10)).sum() / loudest
            found.append(20 * math.log10(second) - 10 * math.log10(mean))
    if not found:
        return math.nan, math.nan
    exact = float(np.mean(found))
    return float(math.floor(exact + 0.5)), exact


def dynamic_complexity(powers: Floats) -> float:
    """Mean distance of the level from its overall level, in dB.

    Parameters
    ----------
    powers : numpy.ndarray, shape (n,)
        Weighted power of every 10 ms.

    Returns
    -------
    float
        NaN if there is no 0.2 s above -90 dB.
    """
    hop = round(_READ_EVERY_S * STEPS_PER_S)
    # What the leaky integrator remembers after 0.6 s is 4e-8 of what was.
    memory = np.exp(-np.arange(3 * hop)[::-1] / (_SMEARING_S * STEPS_PER_S))
    memory /= memory.sum()
    if powers.size < hop:
        return math.nan
    padded = np.concatenate((np.zeros(2 * hop), powers))
    smeared = np.lib.stride_tricks.sliding_window_view(padded, memory.size)[::hop] @ memory
    level = 10 * np.log10(np.maximum(smeared, 10 ** (_SILENT_DB / 10)))
    sounding = np.flatnonzero(level > _SILENT_DB)
    if not sounding.size:
        return math.nan
    level = level[sounding[0] : sounding[-1] + 1]
    weights = _QUIET_WEIGHT ** (level.max() - level)
    return float(np.abs(level - np.average(level, weights=weights)).mean())


class Dynamics:
    """Family of dynamics."""

    tracks = (LoudnessSums, TruePeaks, LevelSums, MonoEnergy)
    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        Descriptor(
            "plr_lu",
            "LU",
            _FAMILY,
            -_INF,
            _INF,
            "AES TD1004",
            f"Peak to loudness ratio: true peak less integrated loudness. {_SLOW}.",
        ),
        *(
            Descriptor(
                name,
                "LU",
                _FAMILY,
                -_INF,
                _INF,
                "Shepherd et al., AES 143 (2017)",
                f"Peak to short-term loudness ratio, true peak of 3 s less their loudness, every "
                f"100 ms: {which}. NaN under 3 s, if no 3 s are above -70 LUFS, or below 8 kHz.",
            )
            for name, which in (
                ("psr_min_lu", "the smallest, which meters show first"),
                ("psr_p05_lu", "5th percentile"),
                ("psr_median_lu", "median"),
            )
        ),
        *(
            Descriptor(
                name,
                "dB",
                _FAMILY,
                -_INF,
                _INF,
                "Measuring DR, Pleasurize Music Foundation (2009)",
                f"DR: second largest peak of blocks of 3 s over the RMS of their loudest fifth, "
                f"mean of the channels that sound{more}. NaN under two blocks (6.01 s) and where "
                f"only one sounds.",
            )
            for name, more in (("dr_db", ", to a whole number"), ("dr_exact_db", ", not rounded"))
        ),
        Descriptor(
            "dynamic_complexity_db",
            "dB",
            _FAMILY,
            0,
            _INF,
            "S. Streich, Music Complexity, UPF (2007)",
            "Mean distance of the level, read every 0.2 s, from its overall level; K-weighted "
            "power of all channels, where essentia has a cheaper filter and the mono mix, and "
            "counts silence at both ends. NaN under 0.2 s, if all is below -90 dB, or below 8 kHz.",
        ),
        Descriptor(
            "average_loudness",
            "1",
            _FAMILY,
            0,
            1,
            "essentia LevelExtractor (Stevens' power law)",
            "Near 1 where all of a recording is about as loud as its loudest 2 s, near 0 where "
            "most is far quieter. NaN for silence.",
        ),
        *(
            Descriptor(
                f"silence_rate_{-level}db",
                "1",
                _FAMILY,
                0,
                1,
                "essentia SilenceRate",
                f"Share of frames of 2048 samples of the mono mix at 44.1 kHz whose RMS is below "
                f"{level} dBFS. NaN if the recording is shorter than a sample at that rate.",
            )
            for level in _SILENT_BELOW_DBFS
        ),
        Descriptor(
            "replay_gain_db",
            "dB",
            _FAMILY,
            -_INF,
            _INF,
            "ReplayGain 2.0",
            f"What a player adds to reach -18 LUFS. {_SLOW}.",
        ),
    )

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        rounded, exact = dynamic_range(tracks[LevelSums])
        mono = tracks[MonoEnergy]
        return {
            "plr_lu": peak_to_loudness(tracks),
            **psr_statistics(tracks),
            "dr_db": rounded,
            "dr_exact_db": exact,
            "dynamic_complexity_db": dynamic_complexity(tracks[LoudnessSums].powers()),
            "average_loudness": mono.average_loudness(),
            **{
                f"silence_rate_{-level}db": mono.silence_rate(level) for level in _SILENT_BELOW_DBFS
            },
            "replay_gain_db": _REPLAY_LUFS - tracks[LoudnessSums].integrated_lufs(),
        }
