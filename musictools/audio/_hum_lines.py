"""How steadily the frequencies of the mains sound, segment by segment.

Music at 50 Hz comes and goes; hum is there at the same level and in step with itself, in the gaps
between notes as well. So each channel, their sum and their difference are cut into short frames;
the component of each at a multiple of the mains frequency is a rotating arrow. Arrows are weighted
by the inverse of their power, so that loud notes hardly count and gaps count most, and added over
8 s for many frequencies about the multiple. For hum the weighted sum is as long as the arrows
allow, at one frequency only; for anything else it is short, or as long at other frequencies.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block

Complex = npt.NDArray[np.complex64]
Floats = npt.NDArray[np.float64]

MAINS_HZ = (50, 60)
HARMONICS = (1, 2, 3, 4, 5)
#: Frames of two lengths: the short ones fit into gaps between notes, the long ones let a gentle
#: hum stand out of what lies 5 Hz beside it.
FRAMES_S = (0.1, 0.25)
#: Segments of 8 s: shorter than the time in which the mains drift by a twentieth of a hertz.
SEGMENT_S = 8.0
#: A shorter recording, down to this, is one segment.
SHORTEST_S = 3.0
# Filtered to 400 Hz, and a rate that leaves the filter room.
_RATE_HZ, _PASS_HZ = 2_000, 400.0
_STOP_DB = 80.0
# How far the mains may be off: 0.2 %; and how far about to look for what is no hum: a drum that is
# struck twice a second makes lines 2 Hz apart.
_OFF, _WIDEST_OFF_HZ, _ABOUT_HZ = 0.002, 0.6, 4.5
# An arrow 60 dB below all that sounds up to 400 Hz may be what a strong tone leaks, and one at
# -140 dBFS is rounding.
_LEAKS, _TINY = 1e-6, 1e-14
# How much a line of noise may stand out in a single segment.
_FEW = 0.1
_MOST_COHERENT = 1 - 1e-6
_REFINEMENTS = 4


@dataclass
class Grid:
    """The frequencies that are tried about each multiple of the mains.

    ``turns`` turns arrows back by each offset, shape (frames, n). For each line, ``reach`` is how
    many offsets on each side of the middle still are the line, ``beside`` which are not.
    """

    turns: Complex = field(repr=False)
    window: Block = field(repr=False)
    reach: list[int]
    beside: list[npt.NDArray[np.intp]]

    def length(
        self, arrows: Complex, means: Complex, middle: int, reach: int, least: np.float32
    ) -> Block:
        """How long the steady part of one line's arrows is, for each signal.

        ``arrows`` have shape (signals, frames), ``means`` (weighted by the inverse of their power,
        shape (signals, offsets)) are a first guess, and too short: arrows that music happens to
        shorten count most. So weights are taken again, from what is left without the guess.
        """
        near = means[:, middle - reach : middle + reach + 1]
        best = np.abs(near).argmax(axis=1)
        steady = np.take_along_axis(near, best[:, None], axis=1)
        turned = arrows * self.turns[:, middle - reach + best].T
        for _ in range(_REFINEMENTS):
            rest = turned - steady
            weights = self.window / (rest.real**2 + rest.imag**2 + least)
            total = weights.sum(axis=1, keepdims=True)
            steady = (weights * turned).sum(axis=1, keepdims=True) / total
        length: Block = np.abs(steady[:, 0])
        return length


class HumLines:
    """Sums over segments of how steady each multiple of 50 and 60 Hz is.

    Signals are the channels and, where there are two or more, half the sum and half the difference
    of the first two.
    """

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._step = max(1, round(sample_rate / _RATE_HZ))
        self.rate_hz = sample_rate / self._step
        taps = _low_pass(sample_rate, self._step)
        # Whole steps, each a column: samples that are cut into steps need one matrix product.
        self._taps = np.ascontiguousarray(taps.reshape(-1, self._step).T)
        self._waiting = np.zeros((len(layout), taps.size // 2), np.float32)
        self._scales = [_Scale(self.rate_hz, frame_s, len(layout)) for frame_s in FRAMES_S]
        self._ended = False

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        x = np.concatenate((self._waiting, block), axis=1)
        step, columns = self._taps.shape
        rows = x.shape[1] // step
        wanted = rows - columns + 1
        if wanted <= 0:
            self._waiting = x
            return
        parts = x[:, : rows * step].reshape(len(x), rows, step) @ self._taps
        low = np.zeros((len(x), wanted), np.float32)
        for i in range(columns):
            low += parts[:, i : i + wanted, i]
        self._waiting = x[:, wanted * step :].copy()
        for scale in self._scales:
            scale.push(low)

    def finish(self) -> "list[_Scale]":
        """Give the scales, with all that was heard."""
        if not self._ended:
            self._ended = True
            for scale in self._scales:
                scale.end()
        return self._scales


class _Scale:
    """Frames of one length.

    ``sums`` are those over segments of -log(1 - coherence), each offset standing for the best
    within the tolerance about it.
    """

    def __init__(self, rate_hz: float, frame_s: float, channels: int) -> None:
        self._size = round(frame_s * rate_hz)
        self._hop = self._size // 2
        self.frame_rate_hz = rate_hz / self._hop
        self._frames = round(SEGMENT_S * self.frame_rate_hz)
        lines_hz = np.array([m * k for m in MAINS_HZ for k in HARMONICS], dtype=np.float64)
        self._lines_hz, self._rate_hz = lines_hz, rate_hz
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self._size) / self._size)
        phase = np.outer(np.arange(self._size), lines_hz) * (2 * np.pi / rate_hz)
        waves = window[:, None] / window.sum() * 2 * np.exp(-1j * phase)
        # Real and imaginary parts side by side: one product of real matrices.
        self._waves = np.concatenate((waves.real, waves.imag), axis=1).astype(np.float32)
        self._rest = np.empty((channels, 0), np.float32)
        self._arrows = np.empty((lines_hz.size, _signals(channels), 0), np.complex64)
        self._power = np.empty(0, np.float32)
        self._grid: Grid | None = None
        self._begun = 0
        #: Shape (lines, signals, offsets).
        self.sums = np.empty((0, 0, 0))
        #: What stands out at the line, and its amplitude: shape (lines, signals) each.
        self.history: list[tuple[Block, Block]] = []

    @property
    def segments(self) -> int:
        """How many segments were heard."""
        return len(self.history)

    def push(self, low: Block) -> None:
        """Take decimated samples of shape (channels, n)."""
        x = np.concatenate((self._rest, low), axis=1)
        count = max(0, (x.shape[1] - self._size) // self._hop + 1)
        self._rest = x[:, count * self._hop :].copy()
        if not count:
            return
        view = np.lib.stride_tricks.sliding_window_view(x, self._size, axis=1)[:, :: self._hop]
        parts = view @ self._waves
        power = np.einsum("cfn,cfn->cf", view, view).max(axis=0) / np.float32(self._size)
        self._power = np.concatenate((self._power, power))
        lines = self._lines_hz.size
        arrows = parts[..., :lines] + 1j * parts[..., lines:]
        # Turned back, so that an arrow of exactly this frequency stands still.
        number = self._begun + np.arange(count)
        turn = np.outer(number * self._hop, self._lines_hz) / self._rate_hz % 1.0
        arrows *= np.exp(-2j * np.pi * turn).astype(np.complex64)
        self._begun += count
        arrows = arrows.transpose(2, 0, 1)
        if arrows.shape[1] > 1:
            half = np.float32(0.5)
            both = half * (arrows[:, :1] + arrows[:, 1:2])
            apart = half * (arrows[:, :1] - arrows[:, 1:2])
            arrows = np.concatenate((arrows, both, apart), axis=1)
        self._arrows = np.concatenate((self._arrows, arrows), axis=2)
        while self._arrows.shape[2] >= self._frames:
            self._add(self._arrows[..., : self._frames], self._power[: self._frames])
            self._arrows = self._arrows[..., self._frames // 2 :]
            self._power = self._power[self._frames // 2 :]

    def end(self) -> None:
        """Take what there is of a recording that is shorter than a segment."""
        if not self.history and self._arrows.shape[2] >= SHORTEST_S * self.frame_rate_hz:
            self._add(self._arrows, self._power)

    def _add(self, arrows: Complex, power: Block) -> None:
        """Take a segment, shape (lines, signals, frames), and the power of all that sounds."""
        from scipy.ndimage import maximum_filter1d

        if self._grid is None:
            self._grid = _lay_grid(self._lines_hz, arrows.shape[2], self.frame_rate_hz)
            self.sums = np.zeros((*arrows.shape[:2], self._grid.turns.shape[1]))
        grid = self._grid
        least = np.float32(_LEAKS * power.mean() + _TINY)
        weights = grid.window / (arrows.real**2 + arrows.imag**2 + least)
        turned = (weights * arrows) @ grid.turns
        size = np.abs(turned)
        heavy = weights.sum(axis=2, keepdims=True)
        coherence = size**2 / (heavy * grid.window.sum())
        evidence = -np.log1p(-np.minimum(coherence, np.float32(_MOST_COHERENT)))
        turned /= heavy
        middle = size.shape[2] // 2
        stands_out = np.empty(arrows.shape[:2], np.float32)
        amplitude = np.empty(arrows.shape[:2], np.float32)
        for i, (reach, beside) in enumerate(zip(grid.reach, grid.beside, strict=True)):
            best = maximum_filter1d(evidence[i], 2 * reach + 1, axis=1)
            self.sums[i] += best
            stands_out[i] = best[:, middle] - _high(best[:, beside])
            amplitude[i] = grid.length(arrows[i], turned[i], middle, reach, least)
        self.history.append((stands_out, amplitude))

    def standing(self, floor: float) -> Floats:
        """How far each line stands out of what is beside it, shape (mains, harmonics, signals).

        The distance from the median beside it, over the one from there to the 95th percentile,
        with a floor for that one, which few segments raise.
        """
        found = []
        mean = self.sums / max(self.segments, 1)
        floor += _FEW / max(self.segments, 1)
        for line, beside in zip(mean, self._grid.beside if self._grid else (), strict=True):
            middle = np.median(line[:, beside], axis=1)
            excess = line[:, line.shape[1] // 2] - middle
            found.append(excess / (_high(line[:, beside]) - middle + floor))
        return np.array(found).reshape(len(MAINS_HZ), len(HARMONICS), -1)


def _high(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Give the 95th percentile of each row."""
    place = int(0.95 * (values.shape[1] - 1))
    high: npt.NDArray[np.floating] = np.partition(values, place, axis=1)[:, place]
    return high


def _signals(channels: int) -> int:
    return channels + 2 * (channels > 1)


def _lay_grid(lines_hz: Floats, frames: int, frame_rate_hz: float) -> Grid:
    # Four steps to the width of a line.
    step = frame_rate_hz / (4 * frames)
    count = math.floor(_ABOUT_HZ / step)
    offsets = np.arange(-count, count + 1) * step
    off = np.minimum(_OFF * lines_hz, _WIDEST_OFF_HZ) + step
    phase = np.outer(np.arange(frames) / frame_rate_hz, offsets)
    return Grid(
        np.exp(-2j * np.pi * phase).astype(np.complex64),
        (np.sin(np.pi * (np.arange(frames) + 0.5) / frames) ** 2).astype(np.float32),
        [round(one / step) for one in off],
        [np.flatnonzero(np.abs(offsets) >= 2 * one) for one in off],
    )


def _low_pass(sample_rate: int, step: int) -> npt.NDArray[np.float32]:
    from scipy.signal import firwin, kaiserord

    if step == 1:
        return np.ones(1, np.float32)
    stop_hz = sample_rate / step - _PASS_HZ
    length, beta = kaiserord(_STOP_DB, (stop_hz - _PASS_HZ) / (sample_rate / 2))
    edge = (stop_hz + _PASS_HZ) / 2
    length = -(-length // step) * step
    taps = firwin(length, edge, window=("kaiser", beta), fs=sample_rate)
    return np.asarray(taps, dtype=np.float32)
