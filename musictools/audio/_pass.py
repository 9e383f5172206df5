"""The one pass over a recording that feeds every family of descriptors.

Two seconds of samples at a time go to the families that want samples; their mono mix is resampled
once for each rate that is asked for, cut into frames, turned into power, and handed on. No
spectrogram is ever kept whole.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import soxr
from threadpoolctl import ThreadpoolController

from musictools.audio._descriptor import Accumulator, Block, Family, Spectrum, Value
from musictools.audio._recording import Recording

CHUNK_S = 2
_FRAMES_PER_BLOCK = 256
# Matrix products may add in another order on more threads: one thread, the same sums everywhere.
_THREADS = ThreadpoolController()


def analyse(recording: Recording, families: Sequence[Family]) -> dict[str, Value]:
    """Compute every descriptor of some families in one pass.

    Parameters
    ----------
    recording : Recording
        What to measure.
    families : sequence of Family
        The rooms to ask.

    Returns
    -------
    dict of str to float, str or None
        One value for each descriptor, in the order of the families.
    """
    started = [(f.needs, f.start(recording.sample_rate, recording.layout)) for f in families]
    values: dict[str, Value] = {}
    with _THREADS.limit(limits=1, user_api="blas"):
        feed(recording, started)
        for _, accumulator in started:
            values.update(accumulator.finish())
    return values


def feed(recording: Recording, accumulators: Sequence[tuple[Spectrum | None, Accumulator]]) -> None:
    """Pass over a recording once and update every accumulator with what it needs.

    Parameters
    ----------
    recording : Recording
        What to measure.
    accumulators : sequence of (Spectrum or None, Accumulator)
        What each is fed, and where it goes.
    """
    plain = [a for needs, a in accumulators if needs is None]
    spectral: dict[Spectrum, list[Accumulator]] = {}
    for needs, accumulator in accumulators:
        if needs is not None:
            spectral.setdefault(needs, []).append(accumulator)
    streams = {
        rate: _Resampler(recording.sample_rate, rate) for rate in {s.rate_hz for s in spectral}
    }
    framers = {spectrum: _Framer(spectrum) for spectrum in spectral}
    weights = _mono_weights(recording.layout)
    size = CHUNK_S * recording.sample_rate
    total = recording.samples.shape[1]
    for start in range(0, total, size):
        chunk = recording.samples[:, start : start + size]
        last = start + size >= total
        for accumulator in plain:
            accumulator.update(chunk)
        mono = weights @ chunk if len(weights) > 1 else chunk[0]
        resampled = {rate: stream.push(mono, last=last) for rate, stream in streams.items()}
        for spectrum, framer in framers.items():
            for power in framer.push(resampled[spectrum.rate_hz], last=last):
                for accumulator in spectral[spectrum]:
                    accumulator.update(power)


def _mono_weights(layout: Sequence[str]) -> npt.NDArray[np.float32]:
    """Mean of all channels but the low-frequency effects."""
    used = np.array([name != "LFE" for name in layout], dtype=np.float32)
    return used / np.float32(used.sum())


class _Resampler:
    """A mono stream at another rate."""

    def __init__(self, source_hz: int, target_hz: int) -> None:
        self._stream = (
            None
            if source_hz == target_hz
            else soxr.ResampleStream(source_hz, target_hz, 1, dtype="float32", quality="HQ")
        )

    def push(self, mono: Block, *, last: bool) -> Block:
        if self._stream is None:
            return mono
        resampled: Block = self._stream.resample_chunk(np.ascontiguousarray(mono), last=last)
        return resampled


class _Framer:
    """Cuts a stream into windowed frames and gives their power, a block at a time."""

    def __init__(self, spectrum: Spectrum) -> None:
        self._spectrum = spectrum
        self._window = hann(spectrum.size)
        self._rest = np.zeros(spectrum.size // 2 if spectrum.centred else 0, dtype=np.float32)
        self._none_yet = True

    def push(self, samples: Block, *, last: bool) -> Iterator[Block]:
        size, hop = self._spectrum.size, self._spectrum.hop
        buffer = np.concatenate((self._rest, samples))
        if last:
            buffer = np.concatenate((buffer, self._padding(len(buffer))))
        frames = max(0, (len(buffer) - size) // hop + 1)
        self._rest = buffer[frames * hop :]
        if frames:
            self._none_yet = False
            view = np.lib.stride_tricks.sliding_window_view(buffer, size)[::hop]
            for start in range(0, frames, _FRAMES_PER_BLOCK):
                yield power_spectrum(view[start : start + _FRAMES_PER_BLOCK] * self._window)

    def _padding(self, length: int) -> Block:
        size = self._spectrum.size
        short = size - length if self._none_yet and length < size else 0
        return np.zeros(size // 2 if self._spectrum.centred else short, dtype=np.float32)


def hann(size: int) -> npt.NDArray[np.float32]:
    """Periodic Hann window: copies of it at a hop of half its size add up to one."""
    phase = 2 * np.pi * np.arange(size) / size
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


def power_spectrum(frames: Block) -> Block:
    """Squared magnitude of the Fourier transform of each row, not normalised."""
    spectrum = np.fft.rfft(frames, axis=1)
    power = spectrum.real**2
    power += spectrum.imag**2
    return power.astype(np.float32, copy=False)
