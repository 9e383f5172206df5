"""The arrows of the mains' multiples: frames of low-passed samples, each turned back.

Each channel, and half the sum and half the difference of the first two, is cut into short frames;
the component of each at a multiple of 50 or 60 Hz is a complex number, an arrow, that stands still
when the frequency is met exactly.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block

Complex = npt.NDArray[np.complex64]
Floats = npt.NDArray[np.float64]

MAINS_HZ = (50, 60)
HARMONICS = (1, 2, 3, 4, 5)
#: Windows, as sums of cosines: of narrow frames, and of those that nothing may leak into.
HANN = (0.5, -0.5)
BLACKMAN_HARRIS = (0.35875, -0.48829, 0.14128, -0.01168)
#: A recording that is shorter than a segment, down to this, is one.
SHORTEST_S = 3.0
# How far the mains may be off.
_OFF, _WIDEST_OFF_HZ = 0.002, 0.6
# An arrow 60 dB below all that sounds up to 400 Hz may be what a strong tone leaks, and one at
# -140 dBFS is rounding.
_LEAKS, _TINY = 1e-6, 1e-14


class Frames:
    """Arrows of frames of one length, the latest that were pushed."""

    def __init__(
        self,
        rate_hz: float,
        frame_s: float,
        hop_s: float,
        harmonics: Sequence[int],
        channels: int,
        cosines: Sequence[float] = HANN,
    ) -> None:
        self._size, self._hop = round(frame_s * rate_hz), round(hop_s * rate_hz)
        self.frame_rate_hz = rate_hz / self._hop
        lines_hz = np.array([m * k for m in MAINS_HZ for k in harmonics], dtype=np.float64)
        self.lines_hz, self._rate_hz = lines_hz, rate_hz
        turn = 2 * np.pi * np.arange(self._size) / self._size
        window = np.cos(np.outer(turn, np.arange(len(cosines)))) @ np.array(cosines)
        phase = np.outer(np.arange(self._size), lines_hz) * (2 * np.pi / rate_hz)
        waves = window[:, None] / window.sum() * 2 * np.exp(-1j * phase)
        # Real and imaginary parts side by side: one product of real matrices.
        self._waves = np.concatenate((waves.real, waves.imag), axis=1).astype(np.float32)
        self._rest = np.empty((channels, 0), np.float32)
        signals = channels + 2 * (channels > 1)
        #: Shape (lines, signals, frames), and the power of all that sounds in each frame.
        self.arrows = np.empty((lines_hz.size, signals, 0), np.complex64)
        self.power = np.empty(0, np.float32)
        self._begun = 0

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
        self.power = np.concatenate((self.power, power))
        lines = self.lines_hz.size
        arrows = parts[..., :lines] + 1j * parts[..., lines:]
        # Turned back, so that an arrow of exactly this frequency stands still.
        number = self._begun + np.arange(count)
        turn = np.outer(number * self._hop, self.lines_hz) / self._rate_hz % 1.0
        arrows *= np.exp(-2j * np.pi * turn).astype(np.complex64)
        self._begun += count
        arrows = arrows.transpose(2, 0, 1)
        if arrows.shape[1] > 1:
            half = np.float32(0.5)
            both = half * (arrows[:, :1] + arrows[:, 1:2])
            apart = half * (arrows[:, :1] - arrows[:, 1:2])
            arrows = np.concatenate((arrows, both, apart), axis=1)
        self.arrows = np.concatenate((self.arrows, arrows), axis=2)

    def drop(self, count: int) -> None:
        """Forget the first of the frames."""
        self.arrows, self.power = self.arrows[..., count:], self.power[count:]


def least_power(power: Block) -> np.float32:
    """Give the power of an arrow that may be nothing, of that of all that sounds."""
    return np.float32(_LEAKS * power.mean() + _TINY)


def offsets_hz(frames: int, frame_rate_hz: float, about_hz: float) -> Floats:
    """Give offsets from a line to try, up to so far about it, four to the width of a line."""
    step = frame_rate_hz / (4 * frames)
    count = math.floor(about_hz / step)
    offsets: Floats = np.arange(-count, count + 1, dtype=np.float64) * step
    return offsets


def off_hz(lines_hz: Floats, step: float) -> Floats:
    """How far off each line may be found, for offsets that lie so far apart."""
    off: Floats = np.minimum(_OFF * lines_hz, _WIDEST_OFF_HZ) + step
    return off


def standing_out(line: Floats, beside: npt.NDArray[np.intp], floor: float) -> tuple[Floats, Floats]:
    """How far the middle offset stands out of those beside it, for each row.

    The distance from the median beside it, over the one from there to the 95th percentile, and over
    the one to the highest, with a floor for both.
    """
    around = line[:, beside]
    middle = np.median(around, axis=1)
    out = line[:, line.shape[1] // 2] - middle
    most = around.max(axis=1)
    return out / (high(around) - middle + floor), out / (most - middle + floor)


def high(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Give the 95th percentile of each row."""
    place = int(0.95 * (values.shape[1] - 1))
    found: npt.NDArray[np.floating] = np.partition(values, place, axis=1)[:, place]
    return found
