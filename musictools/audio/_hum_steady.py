"""How steady the first lines of the mains are over 30 s.

Under a bass that never rests there are no gaps for hum to be heard in. But the mains stay within
a few hundredths of a hertz, at one level, for longer than any note: over 30 s one steady arrow can
be taken away from those of all frames, and in the frames that music leaves thin, less is left. A
drum that is struck in step with the mains makes a line as sharp; yet between its strokes nothing
is there to be taken away.
"""

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._hum_frames import (
    MAINS_HZ,
    SHORTEST_S,
    Complex,
    Floats,
    Frames,
    least_power,
    off_hz,
    offsets_hz,
    standing_out,
    steady_part,
)

#: Above it, buzz is heard at the other scales; a kick drum rings there.
HARMONICS = (1,)
#: The mains drift by less than a hundredth of a hertz in that time.
SEGMENT_S = 30.0
_FRAME_S, _HOP_S = 0.15, 0.05
_ABOUT_HZ = 3.5
_REFINEMENTS, _MORE = 3, 2.0


class Steady(Frames):
    """Gains by one steady arrow, segment by segment."""

    def __init__(self, rate_hz: float, channels: int) -> None:
        super().__init__(rate_hz, _FRAME_S, _HOP_S, HARMONICS, channels)
        self._frames = round(SEGMENT_S * self.frame_rate_hz)
        self._heard = 0
        #: Where segments begin and stop, in seconds.
        self.places: list[tuple[float, float]] = []
        #: The gain at the line, and its amplitude: shape (lines, signals) each.
        self.history: list[tuple[Block, Block]] = []
        #: Whether it is there where nothing else sounds, of the same shape.
        self.constant: list[npt.NDArray[np.bool_]] = []

    def push(self, low: Block) -> None:
        """Take decimated samples of shape (channels, n)."""
        super().push(low)
        while self.arrows.shape[2] >= 2 * self._frames:
            self._add(self._frames)
            self.drop(self._frames)
            self._heard += self._frames

    def end(self) -> None:
        """Take what is left: one segment, or two that may overlap."""
        count, full = self.arrows.shape[2], self._frames
        if count >= SHORTEST_S * self.frame_rate_hz:
            self._add(min(count, full))
        if count > 1.5 * full:
            self.drop(count - full)
            self._heard += count - full
            self._add(full)

    def _add(self, count: int) -> None:
        from scipy.ndimage import maximum_filter1d

        from musictools.audio._hum_kernels import steady_parts

        arrows, least = self.arrows[..., :count], least_power(self.power[:count])
        if not self.history:
            self._lay(count)
        offsets, cosines, sines = self._offsets, self._cosines, self._sines
        gains = np.empty((*arrows.shape[:2], offsets.size), np.float32)
        amplitudes = np.empty_like(gains)
        for line in np.ndindex(*arrows.shape[:2]):
            real, imaginary = arrows[line].real.copy(), arrows[line].imag.copy()
            steady_parts(cosines, sines, real, imaginary, least, gains[line], amplitudes[line])
        middle = offsets.size // 2
        stands_out = np.empty(arrows.shape[:2], np.float32)
        amplitude = np.empty_like(stands_out)
        constant = np.zeros(stands_out.shape, np.bool_)
        for i, reach in enumerate(self._reach(offsets)):
            self._sums[i] += maximum_filter1d(gains[i], 2 * reach + 1, axis=1)
            near = gains[i, :, middle - reach : middle + reach + 1]
            best = near.argmax(axis=1)[:, None]
            stands_out[i] = near.max(axis=1)
            near = amplitudes[i, :, middle - reach : middle + reach + 1]
            amplitude[i] = np.take_along_axis(near, best, axis=1)[:, 0]
            for j, row in enumerate(best[:, 0]):
                offset = middle - reach + row
                turn = (cosines[offset] - 1j * sines[offset]).astype(np.complex64)
                constant[i, j] = _is_constant(arrows[i, j] * turn, amplitude[i, j], least)
        self.history.append((stands_out, amplitude))
        self.constant.append(constant)
        begin = self._heard / self.frame_rate_hz
        self.places.append((begin, begin + count / self.frame_rate_hz))

    def _lay(self, count: int) -> None:
        """Lay out what is tried; all segments are as long as the first."""
        self._offsets = offsets = offsets_hz(count, self.frame_rate_hz, _ABOUT_HZ)
        phase = 2 * np.pi * np.outer(offsets, np.arange(count) / self.frame_rate_hz)
        self._cosines, self._sines = (f(phase.astype(np.float32)) for f in (np.cos, np.sin))
        self._sums = np.zeros((*self.arrows.shape[:2], offsets.size))

    def _reach(self, offsets: Floats) -> list[int]:
        step = offsets[1] - offsets[0]
        return [round(one / step) for one in off_hz(self.lines_hz, step)]

    def standing(self, floor: float) -> Floats:
        """How far each line stands out of what is beside it, shape (mains, harmonics, signals).

        The mean gain by ``standing_out``, with a floor: so much, by the length of a segment in
        seconds.
        """
        if not self.history:
            return np.zeros((len(MAINS_HZ), len(HARMONICS), self.arrows.shape[1]))
        offsets = self._offsets
        floor /= self.places[0][1]
        off = off_hz(self.lines_hz, offsets[1] - offsets[0])
        mean = self._sums / len(self.history)
        found = [
            standing_out(line, np.flatnonzero(np.abs(offsets) >= 2 * one), floor)
            for line, one in zip(mean, off, strict=True)
        ]
        return np.array(found).reshape(len(MAINS_HZ), len(HARMONICS), -1)


def _is_constant(arrows: Complex, amplitude: np.float32, least: np.float32) -> bool:
    """Whether far more arrows lie about the steady one than about none, in circles of one size.

    Hum is never absent; of a drum that decays, and of music at random, the latter are as many.
    """
    weights = 1 / (np.abs(arrows) ** 2 + least)
    guess = (weights * arrows).sum(keepdims=True) / weights.sum()
    steady = steady_part(arrows, guess, least, times=_REFINEMENTS)
    radius = 0.5 * amplitude
    about = np.count_nonzero(np.abs(arrows - steady) < radius)
    absent = np.count_nonzero(np.abs(arrows) < radius)
    return bool(about > _MORE * absent)
