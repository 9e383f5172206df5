"""How steady each line of the mains is over 8 s.

Arrows are weighted by the inverse of their power, so that loud notes hardly count and gaps count
most, and added over 8 s for many frequencies about each line. For hum the weighted sum is as long
as the arrows allow, at one frequency only; for anything else it is short, or as long at other
frequencies.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._hum_frames import (
    HARMONICS,
    MAINS_HZ,
    SHORTEST_S,
    Complex,
    Floats,
    Frames,
    high,
    least_power,
    off_hz,
    offsets_hz,
    standing_out,
)

#: Segments of 8 s: shorter than the time in which the mains drift by a twentieth of a hertz.
SEGMENT_S = 8.0
# How far about to look for what is no hum: a drum that is struck twice a second makes lines 2 Hz
# apart.
_ABOUT_HZ = 4.5
# How much a line of noise may stand out in a single segment.
_FEW = 0.1
_QUIETEST = 0.1
_MOST_COHERENT = 1 - 1e-6


@dataclass
class Grid:
    """The frequencies that are tried about each multiple of the mains.

    ``turns`` turns arrows back by each offset, shape (frames, n), ``turned`` is the same, shape
    (n, frames). For each line, ``reach`` is how
    many offsets on each side of the middle still are the line, ``beside`` which are not.
    """

    turns: Complex = field(repr=False)
    turned: Complex = field(repr=False)
    window: Block = field(repr=False)
    reach: list[int]
    beside: list[npt.NDArray[np.intp]]


class Scale(Frames):
    """Frames of one length.

    ``sums`` are those over segments of -log(1 - coherence), each offset standing for the best
    within the tolerance about it.
    """

    def __init__(self, rate_hz: float, frame_s: float, channels: int) -> None:
        super().__init__(rate_hz, frame_s, frame_s / 2, HARMONICS, channels)
        self._frames = round(SEGMENT_S * self.frame_rate_hz)
        self._grid: Grid | None = None
        #: Shape (lines, signals, offsets).
        self.sums = np.empty((0, 0, 0))
        #: What stands out at the line, its amplitude, and by ``measure`` what speaks against its
        #: being hum: shape (lines, signals) each.
        self.history: list[tuple[Block, ...]] = []
        #: The power of all that sounds in the quietest tenth of frames, for each segment.
        self.quietest: list[float] = []

    @property
    def segments(self) -> int:
        """How many segments were heard."""
        return len(self.history)

    def push(self, low: Block) -> None:
        """Take decimated samples of shape (channels, n)."""
        super().push(low)
        while self.arrows.shape[2] >= self._frames:
            self._add(self.arrows[..., : self._frames], self.power[: self._frames])
            self.drop(self._frames // 2)

    def end(self) -> None:
        """Take what there is of a recording that is shorter than a segment."""
        if not self.history and self.arrows.shape[2] >= SHORTEST_S * self.frame_rate_hz:
            self._add(self.arrows, self.power)

    def _add(self, arrows: Complex, power: Block) -> None:
        """Take a segment, shape (lines, signals, frames), and the power of all that sounds."""
        from scipy.ndimage import maximum_filter1d

        from musictools.audio._hum_kernels import measure

        if self._grid is None:
            self._grid = _lay_grid(self.lines_hz, arrows.shape[2], self.frame_rate_hz)
            self.sums = np.zeros((*arrows.shape[:2], self._grid.turns.shape[1]))
        grid = self._grid
        least = least_power(power)
        weights = grid.window / (arrows.real**2 + arrows.imag**2 + least)
        mean = (weights * arrows) @ grid.turns
        size = np.abs(mean)
        heavy = weights.sum(axis=2, keepdims=True)
        coherence = size**2 / (heavy * grid.window.sum())
        evidence = -np.log1p(-np.minimum(coherence, np.float32(_MOST_COHERENT)))
        mean /= heavy
        middle = size.shape[2] // 2
        stands_out, *against = (np.empty(arrows.shape[:2], np.float32) for _ in range(3))
        offsets, steady = np.empty(arrows.shape[:2], np.int64), np.empty_like(arrows[..., 0])
        for i, (reach, beside) in enumerate(zip(grid.reach, grid.beside, strict=True)):
            best = maximum_filter1d(evidence[i], 2 * reach + 1, axis=1)
            self.sums[i] += best
            stands_out[i] = best[:, middle] - high(best[:, beside])
            near = size[i, :, middle - reach : middle + reach + 1]
            offsets[i] = middle - reach + near.argmax(axis=1)
            steady[i] = np.take_along_axis(mean[i], offsets[i, :, None], axis=1)[:, 0]
        measure(arrows, power, grid.turned, offsets, grid.window, steady, least, *against)
        self.history.append((stands_out, np.abs(steady), *against))
        self.quietest.append(float(np.quantile(power, _QUIETEST)))

    def standing(self, floor: float) -> Floats:
        """How far each line stands out of what is beside it, shape (mains, harmonics, signals).

        By ``standing_out``, with a floor that few segments raise.
        """
        mean = self.sums / max(self.segments, 1)
        floor += _FEW / max(self.segments, 1)
        places = self._grid.beside if self._grid else ()
        found = [standing_out(*both, floor)[0] for both in zip(mean, places, strict=True)]
        return np.array(found).reshape(len(MAINS_HZ), len(HARMONICS), -1)


def _lay_grid(lines_hz: Floats, frames: int, frame_rate_hz: float) -> Grid:
    offsets = offsets_hz(frames, frame_rate_hz, _ABOUT_HZ)
    step = offsets[1] - offsets[0]
    off = off_hz(lines_hz, step)
    phase = np.outer(np.arange(frames) / frame_rate_hz, offsets)
    turns = np.exp(-2j * np.pi * phase).astype(np.complex64)
    return Grid(
        turns,
        np.ascontiguousarray(turns.T),
        (np.sin(np.pi * (np.arange(frames) + 0.5) / frames) ** 2).astype(np.float32),
        [round(one / step) for one in off],
        [np.flatnonzero(np.abs(offsets) >= 2 * one) for one in off],
    )
