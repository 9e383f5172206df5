"""Third-octave levels of a recording, matched in loudness: its tonal balance.

Bands from 500 Hz up are read from the spectra of the stereo image, which are there anyway. Their
bins of 43 Hz are too wide for what lies below: the low end is decimated and gets frames of 0.74 s,
whose bins of 1.3 Hz are fine enough for the band at 25 Hz, 5.8 Hz wide.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._loudness_sums import LoudnessSums, to_lufs
from musictools.audio._pass import hann, power_spectrum
from musictools.audio._stereo import FrontFrames, front

Floats = npt.NDArray[np.float64]

#: Nominal centres of IEC 61260-1; the exact ones are powers of ten to a tenth.
BANDS_HZ: tuple[float, ...] = (
    25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600,
    2000, 2500, 3150, 4000, 5000, 6300, 8000, 10_000, 12_500, 16_000, 20_000,
)  # fmt: skip
_FIRST = 14  # 25 Hz is 10 ** 1.4
CENTRES_HZ: Floats = 10 ** ((_FIRST + np.arange(len(BANDS_HZ))) / 10)
EDGES_HZ: Floats = 10 ** ((_FIRST - 0.5 + np.arange(len(BANDS_HZ) + 1)) / 10)
#: Levels go no lower: the dither of 16 bits lies there.
FLOOR_DB = -90.0
#: Bands up to 400 Hz are made from the decimated signal.
_LOW = 13
_LOW_RATE_HZ = 1_400
_LOW_SIZE = 1024
_LOW_HOP = _LOW_SIZE // 4  # squares of Hann windows add up to a constant
# A band whose upper tenth lies above half the rate is as good as whole; one with more is not told.
_ROOM = 1.1
# Length of the decimation filter, in steps of the decimated signal.
_REACH = 12
_BETA = 6.5  # Kaiser: what folds back is 65 dB down


class Decimator:
    """A signal at a whole fraction of its rate, flat to a third of the new one.

    Parameters
    ----------
    factor : int
        Samples that become one.
    """

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self._taps = _taps(factor)
        # Zeros before the first sample: the first one out stands where the first one in does.
        self._rest = np.zeros((_REACH // 2) * factor, np.float32)

    def push(self, samples: Block, *, last: bool = False) -> Block:
        """Take samples, give those that are ready."""
        if self.factor == 1:
            return samples
        padding = np.zeros((_REACH // 2) * self.factor if last else 0, np.float32)
        buffer = np.concatenate((self._rest, samples, padding))
        rows = len(buffer) // self.factor
        ready = max(0, rows - _REACH + 1)
        self._rest = buffer[ready * self.factor :]
        if not ready:
            return np.empty(0, np.float32)
        # One matrix product: far faster than sums over windows that overlap.
        parts = buffer[: rows * self.factor].reshape(rows, self.factor) @ self._taps
        found = parts[:ready, 0].copy()
        for step in range(1, _REACH):
            found += parts[step : step + ready, step]
        return found


@cache
def _taps(factor: int) -> Block:
    """Give a low-pass, shape (factor, steps), its middle at the half."""
    size = _REACH * factor
    place = (np.arange(size) - size // 2) / factor
    taps = np.sinc(place) * np.i0(_BETA * np.sqrt(1 - (2 * place / _REACH) ** 2))
    taps /= taps.sum()
    return np.ascontiguousarray(taps.reshape(_REACH, factor).T.astype(np.float32))


class LowFrames:
    """Power in the third octaves up to 400 Hz, of the front channels."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._front = front(layout)
        factor = max(1, sample_rate // _LOW_RATE_HZ)
        self.rate_hz = sample_rate / factor
        self._decimators = [Decimator(factor) for _ in self._front]
        self._window = hann(_LOW_SIZE)
        scale = 2.0 / (_LOW_SIZE * float(self._window @ self._window))
        bins = np.arange(_LOW_SIZE // 2 + 1) * self.rate_hz / _LOW_SIZE
        share = _share(bins, self.rate_hz / _LOW_SIZE, EDGES_HZ[: _LOW + 1])
        self._weights = (share * scale).astype(np.float32)
        self._rest = [np.zeros(_LOW_SIZE // 2, np.float32) for _ in self._front]
        self._sums = np.zeros(_LOW)
        self._count = 0
        self._ended = False

    def update(self, block: Block) -> None:
        """Take the next samples."""
        self._add([block[channel] for channel in self._front])

    def _add(self, channels: Sequence[Block], *, last: bool = False) -> None:
        pairs = list(zip(self._decimators, channels, strict=True))
        made = [decimator.push(samples, last=last) for decimator, samples in pairs]
        self._count += made[0].size
        self._frame(made)

    def _frame(self, channels: Sequence[Block]) -> None:
        joined = [np.concatenate(pair) for pair in zip(self._rest, channels, strict=True)]
        frames = max(0, (joined[0].size - _LOW_SIZE) // _LOW_HOP + 1)
        self._rest = [samples[frames * _LOW_HOP :] for samples in joined]
        if frames:
            view = np.lib.stride_tricks.sliding_window_view
            cut = [view(samples, _LOW_SIZE)[::_LOW_HOP] for samples in joined]
            for frames_of_one in cut:
                power = power_spectrum(frames_of_one * self._window) @ self._weights
                self._sums += power.sum(axis=0, dtype=np.float64)

    def mean_powers(self) -> Floats:
        """Give mean power in each band, summed over the front channels, shape (bands,)."""
        if not self._ended:
            self._ended = True
            self._add([np.empty(0, np.float32)] * len(self._front), last=True)
            # As many zeros as bring the last sample to the start of a frame.
            tail = np.zeros(_LOW_SIZE, np.float32)
            self._frame([tail] * len(self._front))
        # Windows at a hop of a quarter count each sample alike, those at both ends as well.
        mean: Floats = self._sums * (_LOW_HOP / max(self._count, 1))
        return mean


#: What :func:`third_octaves` reads.
BALANCE_TRACKS = (FrontFrames, LowFrames, LoudnessSums)


def third_octaves(tracks: Tracks) -> Floats:
    """Level of each third octave in dB over the loudness, shape (30,).

    Mean power in dBFS, summed over the front channels, less the loudness of the whole in LUFS: a
    tone of 1 kHz reads 0. That loudness is not gated, and need not be: pauses add to neither.

    Returns
    -------
    numpy.ndarray, shape (30,)
        Not below -90. NaN for bands above half the rate, and all NaN where nothing is above the
        gate of BS.1770.
    """
    sums = tracks[LoudnessSums]
    if not math.isfinite(sums.integrated_lufs()):
        return np.full(len(BANDS_HZ), math.nan)
    power = np.concatenate((tracks[LowFrames].mean_powers(), _high(tracks)))
    loudness = to_lufs(sums.powers().mean())
    levels = 10 * np.log10(np.maximum(power, 1e-30)) - loudness
    levels[tracks.sample_rate / 2 < _ROOM * CENTRES_HZ] = math.nan
    floored: Floats = np.maximum(levels, FLOOR_DB)
    return floored


def _high(tracks: Tracks) -> Floats:
    """Mean power of the bands from 500 Hz, summed over the front channels."""
    frames = tracks[FrontFrames]
    frequency, power = frames.long_term()
    # Each row is a mean over its frames, of which the last has fewer; the first and the last frame
    # reach beyond the recording.
    rows_s = np.full(len(power), frames.segment_s)
    rows_s[-1] = frames.segment_s * (frames.frames / frames.segment_frames - len(power) + 1)
    # Rows are means over both channels, where loudness is a sum over them.
    channels = len(front(tracks.layout))
    mean = rows_s @ power.astype(np.float64) * (channels / tracks.duration_s)
    width_hz = float(frequency[1] - frequency[0]) if frequency.size > 1 else 4 * frames.bin_hz
    found: Floats = mean @ _share(frequency, width_hz, EDGES_HZ[_LOW:])
    return found


def _share(centres_hz: Floats, width_hz: float, edges_hz: Floats) -> Floats:
    """Say what part of each bin lies in each band, shape (bins, bands)."""
    inside = np.clip((edges_hz - centres_hz[:, None]) / width_hz + 0.5, 0, 1)
    share: Floats = np.diff(inside, axis=1)
    return share
