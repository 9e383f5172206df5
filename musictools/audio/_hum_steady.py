"""How steady the first lines of the mains are, in segments of 15 s that are heard together.

Under a bass that never rests there are no gaps for hum to be heard in. But the mains stay within
a few hundredths of a hertz, at one level, for longer than any note: one steady arrow can be taken
away from those of all frames, and in the frames that music leaves thin, less is left. Frames are
long and nothing leaks into them, so that notes of a bass are kept apart from the line as well as
can be. The gains of segments are added, of all or of neighbours only: hum may begin late.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._hum_frames import (
    BLACKMAN_HARRIS,
    SHORTEST_S,
    Complex,
    Floats,
    Frames,
    least_power,
    off_hz,
    offsets_hz,
    standing_out,
)

#: Above it, buzz is heard at the other scales.
HARMONICS = (1,)
#: The mains drift by less than a hundredth of a hertz in that time.
SEGMENT_S = 15.0
_FRAME_S, _HOP_S = 0.5, 0.125
_SHORT_S = 0.1, 0.05
_ABOUT_HZ = 3.5
# The least part of a recording that is heard by itself.
_LEAST_PART = 4
# What is beside a line, in steps of a quarter of the width of one.
_NEAR = 8, 40
_TINY = 1e-20


class Steady(Frames):
    """Gains by one steady arrow, segment by segment."""

    def __init__(self, rate_hz: float, channels: int) -> None:
        super().__init__(rate_hz, _FRAME_S, _HOP_S, HARMONICS, channels, BLACKMAN_HARRIS)
        self._frames = round(SEGMENT_S * self.frame_rate_hz)
        self._heard = 0
        #: Where segments begin and stop, in seconds.
        self.places: list[tuple[float, float]] = []
        #: The gain at the line, its amplitude, and by ``measure`` what speaks against its being hum
        #: in short frames: shape (lines, signals) each.
        self.history: list[tuple[Block, ...]] = []
        # Rests are heard in short frames only.
        self._short = Frames(rate_hz, *_SHORT_S, HARMONICS, channels)
        self._forgotten = 0
        self._gains: list[Block] = []
        # Power of what is left, at frequencies about each line, over that of the steady arrow.
        self._left: list[Block] = []

    def push(self, low: Block) -> None:
        """Take decimated samples of shape (channels, n)."""
        super().push(low)
        self._short.push(low)
        while self.arrows.shape[2] >= 2 * self._frames:
            self._add(self._frames)
            self._go_on(self._frames)

    def _go_on(self, count: int) -> None:
        self.drop(count)
        self._heard += count
        forgotten = int(self._heard / self.frame_rate_hz * self._short.frame_rate_hz)
        self._short.drop(forgotten - self._forgotten)
        self._forgotten = forgotten

    def end(self) -> None:
        """Take what is left: one segment, or two that may overlap."""
        count, full = self.arrows.shape[2], self._frames
        if count >= SHORTEST_S * self.frame_rate_hz:
            self._add(min(count, full))
        if count > 1.5 * full:
            self._go_on(count - full)
            self._add(full)

    def _add(self, count: int) -> None:
        from scipy.ndimage import maximum_filter1d

        from musictools.audio._hum_kernels import measure, steady_parts

        arrows, least = self.arrows[..., :count], least_power(self.power[:count])
        if not self.history:
            self._lay(count)
        gains = np.empty((*arrows.shape[:2], self._offsets.size), np.float32)
        steady = np.empty(gains.shape, np.complex64)
        cosines, sines = self._turns.real.copy(), -self._turns.imag
        for line in np.ndindex(*arrows.shape[:2]):
            real, imaginary = arrows[line].real.copy(), arrows[line].imag.copy()
            steady_parts(cosines, sines, real, imaginary, least, gains[line], steady[line])
        middle = self._offsets.size // 2
        stands_out, *against = (np.empty(arrows.shape[:2], np.float32) for _ in range(3))
        offsets, fitted = np.empty(arrows.shape[:2], np.int64), np.empty_like(arrows[..., 0])
        for i, reach in enumerate(self._reach()):
            near = gains[i, :, middle - reach : middle + reach + 1]
            stands_out[i] = near.max(axis=1)
            offsets[i] = middle - reach + near.argmax(axis=1)
            fitted[i] = np.take_along_axis(steady[i], offsets[i, :, None], axis=1)[:, 0]
        power, flat = self.power[:count], np.ones(count, np.float32)
        measure(arrows, power, self._turns, offsets, flat, fitted, least, *against)
        self._left.append(self._left_over(arrows * self._turns[offsets], fitted))
        size = np.abs(fitted)
        frames = min(self._short.power.size, self._short_turns.shape[1])
        arrows, power = self._short.arrows[..., :frames], self._short.power[:frames]
        turns, flat = self._short_turns[:, :frames], np.ones(frames, np.float32)
        measure(arrows, power, turns, offsets, flat, fitted, least_power(power), *against)
        self.history.append((stands_out, size, *against))
        # From one segment to the next the mains may drift by a step.
        self._gains.append(maximum_filter1d(gains, 3, axis=2))
        begin = self._heard / self.frame_rate_hz
        self.places.append((begin, begin + count / self.frame_rate_hz))

    def _lay(self, count: int) -> None:
        """Lay out what is tried; all segments are as long as the first."""
        self._offsets = offsets_hz(count, self.frame_rate_hz, _ABOUT_HZ)
        phase = 2 * np.pi * np.outer(self._offsets, np.arange(count) / self.frame_rate_hz)
        self._turns = np.exp(-1j * phase).astype(np.complex64)
        rate_hz = self._short.frame_rate_hz
        times = np.arange(int(count / self.frame_rate_hz * rate_hz)) / rate_hz
        self._short_turns = np.exp(-2j * np.pi * np.outer(self._offsets, times)).astype(
            np.complex64
        )

    def _left_over(self, turned: Complex, steady: Complex) -> Block:
        """Power of what is left, at the nearest offsets, over that of the steady arrow."""
        window = np.hanning(turned.shape[2]).astype(np.float32)
        rest = (turned - steady[..., None]) * (window / window.sum())
        middle = self._offsets.size // 2
        found = rest @ self._turns[middle - _NEAR[1] : middle + _NEAR[1] + 1].T
        power: Block = np.abs(found) ** 2 / (np.abs(steady[..., None]) ** 2 + _TINY)
        return power

    def left(self, clear: npt.NDArray[np.bool_], line: int, signal: int) -> tuple[float, float]:
        """Tell what music leaves at the very frequency of the line, in some segments.

        Its power, over that of the line, and over what is usual just beside it.
        """
        spectrum = np.mean([self._left[i][line, signal] for i in np.flatnonzero(clear)], axis=0)
        away = np.abs(np.arange(spectrum.size) - spectrum.size // 2)
        left = float(spectrum[away <= 1].max())
        return left, left / (float(np.median(spectrum[away >= _NEAR[0]])) + _TINY)

    def _reach(self) -> list[int]:
        step = self._offsets[1] - self._offsets[0]
        return [round(one / step) for one in off_hz(self.lines_hz, step)]

    def parts(self) -> Iterator[tuple[int, int]]:
        """Give runs of segments that may have hum: all, halves and quarters, each a half on."""
        size = count = len(self.history)
        least = -(-count // _LEAST_PART)
        while size:
            for first in range(0, count - size + 1, max(1, size // 2)):
                yield first, first + size
            if size <= least:
                break
            size = (size + 1) // 2

    def standing(self, first: int, stop: int, floor: float) -> tuple[Floats, Floats]:
        """How far each line stands out of what is beside it, in some segments.

        The mean gain by ``standing_out``, each of shape (lines, signals), with a floor: so much, by
        the root of the number of segments and the length of one in seconds.
        """
        from scipy.ndimage import maximum_filter1d

        offsets = self._offsets
        floor /= (self.places[0][1] - self.places[0][0]) * (stop - first) ** 0.5
        off = off_hz(self.lines_hz, offsets[1] - offsets[0])
        mean: Floats = np.array(self._gains[first:stop], np.float64).mean(axis=0)
        found = [
            standing_out(
                maximum_filter1d(line, 2 * reach + 1, axis=1),
                np.flatnonzero(np.abs(offsets) >= 2 * one),
                floor,
            )
            for line, reach, one in zip(mean, self._reach(), off, strict=True)
        ]
        low, high = zip(*found, strict=True)
        return np.array(low), np.array(high)
