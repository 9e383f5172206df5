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
# How far the mains may be off: 0.2 %; and about how far to look for what is no hum.
_OFF, _WIDEST_OFF_HZ, _ABOUT_HZ = 0.002, 0.6, 2.0
# An arrow at -140 dBFS is rounding.
_TINY = 1e-14
_MOST_COHERENT = 1 - 1e-6


@dataclass
class Grid:
    """The frequencies that are tried about one multiple of the mains.

    ``offsets_hz`` has shape (n,); ``reach`` is how many of them on each side still are the line;
    ``beside`` tells those that are not.
    """

    offsets_hz: Floats
    reach: int
    beside: npt.NDArray[np.bool_]
    turns: Complex = field(repr=False)


class HumLines:
    """Sums over segments of how steady each multiple of 50 and 60 Hz is.

    ``evidence`` has shape (scales, mains, harmonics, signals, offsets): the mean over segments of
    -log(1 - coherence), each offset standing for the best within the tolerance about it. Signals
    are the channels and, where there are two or more, half the sum and half the difference of the
    first two. ``history`` keeps, for each segment, what stands out at the line, and its amplitude.
    """

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        from musictools.audio._hum_kernels import decimate

        self._decimate = decimate
        self._step = max(1, round(sample_rate / _RATE_HZ))
        self.rate_hz = sample_rate / self._step
        self._taps = _low_pass(sample_rate, self._step)
        zeros = np.zeros((len(layout), self._taps.size // 2), np.float32)
        self._waiting = zeros
        self._count = 0
        self._scales = [_Scale(self.rate_hz, frame_s, len(layout)) for frame_s in FRAMES_S]
        self._ended = False

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        x = np.concatenate((self._waiting, block), axis=1)
        wanted = max(0, (x.shape[1] - self._taps.size) // self._step + 1)
        self._waiting = x[:, wanted * self._step :].copy()
        if not wanted:
            return
        low = np.empty((len(x), wanted), np.float32)
        for channel, out in zip(x, low, strict=True):
            self._decimate(np.ascontiguousarray(channel), self._step, self._taps, out)
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
    """Frames of one length."""

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
        self._grids: list[Grid] = []
        self._begun = 0
        self.sums: list[Floats] = []
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
            self._add(self._arrows[..., : self._frames])
            self._arrows = self._arrows[..., self._frames // 2 :]

    def end(self) -> None:
        """Take what there is of a recording that is shorter than a segment."""
        if not self.history and self._arrows.shape[2] >= SHORTEST_S * self.frame_rate_hz:
            self._add(self._arrows)

    def _add(self, arrows: Complex) -> None:
        """Take a segment, shape (lines, signals, frames)."""
        from scipy.ndimage import maximum_filter1d

        if not self._grids:
            frames = arrows.shape[2]
            self._grids = [_grid(hz, frames, self.frame_rate_hz) for hz in self._lines_hz]
            self.sums = [np.zeros((arrows.shape[1], g.offsets_hz.size)) for g in self._grids]
        stands_out, amplitudes = [], []
        window = np.sin(np.pi * (np.arange(arrows.shape[2]) + 0.5) / arrows.shape[2]) ** 2
        for z, grid, total in zip(arrows, self._grids, self.sums, strict=True):
            power = z.real**2 + z.imag**2 + np.float32(_TINY)
            weights = window.astype(np.float32) / power
            size = np.abs((weights * z) @ grid.turns)
            heavy = weights.sum(axis=1, keepdims=True)
            coherence = np.minimum(size**2 / (heavy * window.sum()), _MOST_COHERENT)
            evidence = -np.log1p(-coherence)
            best = maximum_filter1d(evidence, 2 * grid.reach + 1, axis=1)
            total += best
            middle = grid.offsets_hz.size // 2
            stands_out.append(best[:, middle] - np.quantile(best[:, grid.beside], 0.95, axis=1))
            line = size[:, middle - grid.reach : middle + grid.reach + 1]
            amplitudes.append(line.max(axis=1) / heavy[:, 0])
        self.history.append(
            (np.array(stands_out, dtype=np.float32), np.array(amplitudes, dtype=np.float32))
        )

    def standing(self, floor: float) -> Floats:
        """How far each line stands out of what is beside it, shape (mains, harmonics, signals).

        The distance from the median beside it, over the one from there to the 95th percentile,
        with a floor for that one.
        """
        found = []
        for total, grid in zip(self.sums, self._grids, strict=True):
            mean = total / self.segments
            middle = np.median(mean[:, grid.beside], axis=1)
            high = np.quantile(mean[:, grid.beside], 0.95, axis=1)
            line = mean[:, grid.offsets_hz.size // 2]
            found.append((line - middle) / (high - middle + floor))
        return np.array(found).reshape(len(MAINS_HZ), len(HARMONICS), -1)


def _signals(channels: int) -> int:
    return channels + 2 * (channels > 1)


def _grid(line_hz: float, frames: int, frame_rate_hz: float) -> Grid:
    # Four steps to the width of a line.
    step = frame_rate_hz / (4 * frames)
    count = math.floor(_ABOUT_HZ / step)
    offsets = np.arange(-count, count + 1) * step
    off = min(_OFF * line_hz, _WIDEST_OFF_HZ) + step
    phase = np.outer(np.arange(frames) / frame_rate_hz, offsets)
    turns = np.exp(-2j * np.pi * phase).astype(np.complex64)
    return Grid(offsets, round(off / step), np.abs(offsets) >= 2 * off, turns)


def _low_pass(sample_rate: int, step: int) -> npt.NDArray[np.float32]:
    from scipy.signal import firwin, kaiserord

    if step == 1:
        return np.ones(1, np.float32)
    stop_hz = sample_rate / step - _PASS_HZ
    length, beta = kaiserord(_STOP_DB, (stop_hz - _PASS_HZ) / (sample_rate / 2))
    edge = (stop_hz + _PASS_HZ) / 2
    taps = firwin(length | 1, edge, window=("kaiser", beta), fs=sample_rate)
    return np.asarray(taps, dtype=np.float32)
