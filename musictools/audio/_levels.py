"""Length and level: what a file inspector shows."""

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Tracks, Value
from musictools.audio._pieces import Pieces

Floats = npt.NDArray[np.float64]

_FAMILY = "levels"
_INF = math.inf
# The DR specification cuts a recording into blocks of 132,480 samples at 44.1 kHz, 3.004 s.
_BLOCK_SAMPLES, _BLOCK_RATE_HZ = 132_480, 44_100


def _level(name: str, unit: str, minimum: float, maximum: float, meaning: str) -> Descriptor:
    return Descriptor(name, unit, _FAMILY, minimum, maximum, "definition", meaning)


def to_db(ratio: float) -> float:
    """Give a ratio of amplitudes in decibels, NaN for zero."""
    return 20.0 * math.log10(ratio) if ratio > 0 else math.nan


class LevelSums:
    """Sums and extremes of the samples, by channel and block of 3 s."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._sample_rate = sample_rate
        self._size = round(_BLOCK_SAMPLES * sample_rate / _BLOCK_RATE_HZ)
        self._count = 0
        self._pieces = Pieces(len(layout))
        self._ended: list[Floats] = []

    def update(self, block: Block) -> None:
        """Add a block of samples."""
        length = block.shape[1]
        ends = np.arange(self._size - self._count % self._size, length + 1, self._size)
        self._ended.append(self._pieces.add(block, ends))
        self._count += length

    def blocks(self) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
        """Length of each block of 3.004 s, the last shorter; its mean squares; its peaks.

        Mean squares and peaks have shape (channels, blocks).
        """
        sums = self._sums()
        ended = np.arange(sums.shape[1]) * self._size
        length = np.minimum(self._size, self._count - ended)
        return length, sums[:, :, 1] / length, sums[:, :, 2]

    def finish(self) -> Mapping[str, Value]:
        """Give length and levels."""
        sums = self._sums()
        channels = len(sums)
        peak = float(sums[:, :, 2].max())
        means = sums[:, :, 0].sum(axis=1) / self._count
        rms = math.sqrt(sums[:, :, 1].sum() / (self._count * channels))
        return {
            "duration_s": self._count / self._sample_rate,
            "sample_rate_hz": float(self._sample_rate),
            "channels": float(channels),
            "sample_peak_dbfs": self.sample_peak_dbfs(),
            "rms_dbfs": to_db(rms),
            # Rounding may put the peak of a square wave a hair below its own RMS.
            "crest_db": max(0.0, to_db(peak / rms)) if rms > 0 else math.nan,
            "dc_offset_fs": float(means[np.argmax(np.abs(means))]),
        }

    def sample_peak_dbfs(self) -> float:
        """Largest sample; NaN for silence."""
        return to_db(float(self._sums()[:, :, 2].max()))

    def _sums(self) -> Floats:
        parts = [*self._ended, self._pieces.begun] if self._count % self._size else self._ended
        return np.concatenate(parts, axis=1)


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
