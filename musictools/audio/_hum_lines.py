"""How steadily the frequencies of the mains sound.

Music at 50 Hz comes and goes; hum is there at the same level and in step with itself, in the gaps
between notes as well. Samples are low-passed and heard at three scales: two of 8 s, with frames of
two lengths, and one of 30 s for a line that music hardly ever uncovers.
"""

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._hum_scales import Scale
from musictools.audio._hum_steady import Steady

#: Frames of two lengths: the short ones fit into gaps between notes, the long ones let a gentle
#: hum stand out of what lies 5 Hz beside it.
FRAMES_S = (0.1, 0.25)
# Filtered to 400 Hz, and a rate that leaves the filter room.
_RATE_HZ, _PASS_HZ = 2_000, 400.0
_STOP_DB = 80.0


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
        self._scales = [Scale(self.rate_hz, frame_s, len(layout)) for frame_s in FRAMES_S]
        self._steady = Steady(self.rate_hz, len(layout))
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
        for scale in (*self._scales, self._steady):
            scale.push(low)

    def finish(self) -> "tuple[list[Scale], Steady]":
        """Give the scales, with all that was heard."""
        if not self._ended:
            self._ended = True
            for scale in self._scales:
                scale.end()
            self._steady.end()
        return self._scales, self._steady


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
