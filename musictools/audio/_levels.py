"""Length and level: what a file inspector shows."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from musictools.audio._descriptor import Block, Descriptor, Tracks, Value

_FAMILY = "levels"
_INF = math.inf


def _level(name: str, unit: str, minimum: float, maximum: float, meaning: str) -> Descriptor:
    return Descriptor(name, unit, _FAMILY, minimum, maximum, "definition", meaning)


def to_db(ratio: float) -> float:
    """Give a ratio of amplitudes in decibels, NaN for zero."""
    return 20.0 * math.log10(ratio) if ratio > 0 else math.nan


class LevelSums:
    """Sums and extremes of the samples."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._sample_rate = sample_rate
        self._count = 0
        self._peak = 0.0
        self._sum = np.zeros(len(layout))
        self._squares = 0.0

    def update(self, block: Block) -> None:
        """Add a block of samples."""
        self._count += block.shape[1]
        self._peak = max(self._peak, float(block.max()), -float(block.min()))
        self._sum += block.sum(axis=1, dtype=np.float64)
        wide = block.astype(np.float64)
        self._squares += float(np.einsum("ij,ij->", wide, wide))

    def finish(self) -> Mapping[str, Value]:
        """Give length and levels."""
        channels = len(self._sum)
        means = self._sum / self._count
        rms = math.sqrt(self._squares / (self._count * channels))
        return {
            "duration_s": self._count / self._sample_rate,
            "sample_rate_hz": float(self._sample_rate),
            "channels": float(channels),
            "sample_peak_dbfs": to_db(self._peak),
            "rms_dbfs": to_db(rms),
            # Rounding may put the peak of a square wave a hair below its own RMS.
            "crest_db": max(0.0, to_db(self._peak / rms)) if rms > 0 else math.nan,
            "dc_offset_fs": float(means[np.argmax(np.abs(means))]),
        }


class Levels:
    """Family of length and level."""

    descriptors: ClassVar[tuple[Descriptor, ...]] = (
        _level("duration_s", "s", 0, _INF, "Length."),
        _level("sample_rate_hz", "Hz", 0, _INF, "Samples per second as stored."),
        _level("channels", "1", 1, 6, "Number of channels."),
        _level(
            "sample_peak_dbfs",
            "dBFS",
            -_INF,
            _INF,
            "Largest sample of any channel; above 0 where a lossy codec overshoots. "
            "NaN for silence.",
        ),
        _level(
            "rms_dbfs",
            "dBFS",
            -_INF,
            _INF,
            "Root mean square over all channels; a full-scale sine reads -3.01. NaN for silence.",
        ),
        _level("crest_db", "dB", 0, _INF, "Sample peak above RMS. NaN for silence."),
        _level(
            "dc_offset_fs", "FS", -_INF, _INF, "Mean of the channel whose mean is farthest from 0."
        ),
    )

    tracks = (LevelSums,)

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
        return tracks[LevelSums].finish()
