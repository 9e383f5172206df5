"""DC offset: a waveform that does not lie about zero.

A mean alone proves nothing: bass and short recordings wander, and an asymmetric waveform (brass, a
half-wave rectifier) has a mean that comes and goes with its level. An offset is there all the
time, and as much in quiet passages as in loud ones.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence, stretches
from musictools.audio._pieces import Pieces
from musictools.audio._places import PER_S, edges_of_tenths

Floats = npt.NDArray[np.float64]

# Two thirds of 0.005, so that an offset of that size is found where the music leans the other
# way; what converters and dither leave is a hundredth of it.
_LEAST_FS, _WARNING_FS = 0.0033, 0.01
# Means of 2 s, or of 1 s in short recordings, under a Hann window: bass averages out.
_LENGTH, _SHORT_LENGTH, _SHORTEST = 2 * PER_S, PER_S, 2 * PER_S
# Nine in ten of them have so much of the offset, and the quietest quarter of tenths so much; the
# mean of a synthesiser that comes and goes has next to nothing of it there.
_KEPT, _MOSTLY, _KEPT_QUIET, _QUIET = 0.25, 0.1, 0.4, 0.25
# Quiet passages speak for themselves where they are 6 dB down, last for 2 s in all, and agree.
_DOWN, _QUIET_TENTHS, _DISSENT, _AGREED = 0.25, 2 * PER_S, 0.2, 0.5
# In a part of a recording: for 5 s at least, and steadier.
_PART, _SPREAD = 5 * PER_S, 0.07

KIND = Kind(
    "dc_offset",
    "fact",
    "FS",
    "mean of the worse channel, with its sign",
    "Median of the means of 2 s at least 0.0033 of full scale from zero, with a quarter of that "
    "in nine of ten of them and two fifths in the quietest quarter of the time; as much "
    "in quiet passages alone, 6 dB down, where four of five tenths of a second have half of it; or "
    "so for 5 s of a recording, where the means differ by less than 7 %. Warning from 0.01.",
    "definition",
)


class Means:
    """Mean and power of every tenth of a second, by channel."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._rate, self._seen = sample_rate, 0
        self._pieces = Pieces(len(layout))
        self._ended: list[Floats] = []

    def update(self, block: Block) -> None:
        """Take the next samples."""
        start, self._seen = self._seen, self._seen + block.shape[1]
        ends = edges_of_tenths(start, self._seen, self._rate) - start
        self._ended.append(self._pieces.add(block, ends))

    def series(self) -> tuple[Floats, Floats]:
        """Means and powers of whole tenths, shape (channels, tenths)."""
        empty = self._pieces.begun[:, :0]
        sums = np.concatenate((empty, *self._ended), axis=1)
        edges = edges_of_tenths(0, self._seen, self._rate)
        lengths = np.diff(np.concatenate(([0], edges)))
        return sums[:, :, 0] / lengths, sums[:, :, 1] / lengths


@dataclass(frozen=True)
class _Offset:
    value: float
    start_s: float
    end_s: float


class Offset:
    """Finds DC offset."""

    tracks = (Means,)
    kinds = (KIND,)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for it."""
        means, powers = tracks[Means].series()
        if means.shape[1] < _SHORTEST:
            return
        found = [
            offset
            for mean, power in zip(means, powers, strict=True)
            for offset in _offsets(mean, power, tracks.duration_s)
        ]
        if not found:
            return
        worst = max(found, key=lambda offset: abs(offset.value))
        lost_db = -20 * math.log10(max(1 - abs(worst.value), 1e-3))
        yield KIND.found(
            worst.start_s,
            worst.end_s,
            severity="warning" if abs(worst.value) >= _WARNING_FS else "info",
            value=worst.value,
            confidence=confidence(abs(worst.value) - _LEAST_FS, _LEAST_FS / 4),
            meaning=f"The waveform lies {worst.value:+.4f} of full scale off zero, which takes "
            f"{lost_db:.2f} dB of headroom on one side and clicks where it starts, stops or is "
            "cut.",
            remedy="Apply a high-pass below 20 Hz before any limiting, or subtract the mean.",
        )


def _offsets(means: Floats, powers: Floats, duration_s: float) -> Iterator[_Offset]:
    """Give the offset of one channel: of the whole, or else of its parts."""
    length = _LENGTH if means.size >= 2 * _LENGTH + _SHORT_LENGTH else _SHORT_LENGTH
    window = np.hanning(length + 2)[1:-1]
    slow = np.convolve(means, window / window.sum(), "valid")
    # The offset itself is no level: a quiet passage is one where little moves.
    levels = np.maximum(powers - means**2, 0)
    if (value := _steady(slow, means, levels)) is not None:
        yield _Offset(value, 0.0, duration_s)
        return
    parts = list(_parts(slow, means, levels, length // 2))
    if not parts and (value := _in_quiet(means, levels)) is not None:
        parts = [(value, 0, math.ceil(duration_s * PER_S))]
    for value, first, last in parts:
        yield _Offset(value, first / PER_S, min(last / PER_S, duration_s))


def _parts(
    slow: Floats, means: Floats, levels: Floats, half: int
) -> Iterator[tuple[float, int, int]]:
    """Give the offset, first and last tenth of parts that have one."""
    for sign in (1, -1):
        for first, last in stretches(sign * slow >= _LEAST_FS / 2):
            core = slow[first:last]
            # Means that reach over the edge of the part are between the two.
            core = core[half : core.size - half]
            if core.size < _PART - 2 * half or core.std() > _SPREAD * abs(core.mean()):
                continue
            part = slice(first + half, last + half)
            if (value := _steady(core, means[part], levels[part])) is not None:
                yield value, first + half, last + half


def _steady(slow: Floats, means: Floats, levels: Floats) -> float | None:
    """Give the offset if there is one all the time and in quiet passages, too."""
    value = float(np.median(slow))
    sign = math.copysign(1.0, value)
    quiet = means[levels <= np.quantile(levels, _QUIET)]
    mostly, when_quiet = np.quantile(sign * slow, _MOSTLY), sign * np.median(quiet)
    least = abs(value)
    there = mostly >= _KEPT * least and when_quiet >= _KEPT_QUIET * least
    return value if least >= _LEAST_FS and there else None


def _in_quiet(means: Floats, levels: Floats) -> float | None:
    """Give the offset of quiet passages, where loud ones lean by themselves."""
    quiet = levels <= np.quantile(levels, _QUIET)
    if quiet.sum() < _QUIET_TENTHS or np.median(levels[quiet]) >= _DOWN * np.median(levels):
        return None
    value = float(np.median(means[quiet]))
    # What leans in proportion to its level is on a line through nought.
    loud = levels >= np.median(levels)
    low, high = np.sqrt(np.median(levels[quiet])), np.sqrt(np.median(levels[loud]))
    at_nought = value - (np.median(means[loud]) - value) * low / (high - low)
    if math.copysign(1.0, value) * at_nought < _LEAST_FS:
        return None
    agreed = np.quantile(math.copysign(1.0, value) * means[quiet], _DISSENT)
    return value if abs(value) >= _LEAST_FS and agreed >= _AGREED * abs(value) else None
