"""The one pass over a recording that feeds every family of descriptors.

Some seconds of samples at a time go to the tracks that want samples; their mono mix is resampled
once for each rate that is asked for, cut into frames, turned into power, and handed on. No
spectrogram is ever kept whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from musictools._threads import one_thread
from musictools.audio._descriptor import (
    Block,
    Family,
    Mono,
    Playable,
    Spectrum,
    Track,
    Tracks,
    Value,
)

# A block of spectra is to stay in the processor's cache, and to be worth the calls that it costs.
_FRAMES_PER_BLOCK = 256
# Half a rate is made from the whole, which costs half of what making it from the recording would.
_HALF_OF = {22_050: 44_100, 11_025: 22_050}


def analyse(source: Playable, families: Sequence[Family]) -> dict[str, Value]:
    """Compute every descriptor of some families in one pass.

    Parameters
    ----------
    source : Recording or Stream
        What to measure.
    families : sequence of Family
        The rooms to ask.

    Returns
    -------
    dict of str to float, str or None
        One value for each descriptor, in the order of the families.
    """
    with one_thread():
        tracks = gather(source, (kind for family in families for kind in family.tracks))
        values: dict[str, Value] = {}
        for family in families:
            values.update(family.measure(tracks))
    return values


def gather(source: Playable, kinds: Iterable[type[Track]]) -> Tracks:
    """Pass over a recording once, and gather some tracks.

    Parameters
    ----------
    source : Recording or Stream
        What to measure.
    kinds : iterable of type
        Classes of tracks; each is gathered once, however often it is named.

    Returns
    -------
    Tracks
        One finished track for each class.
    """
    wanted = tuple(dict.fromkeys(kinds))
    begun: list[Pass] = []

    def begin(sample_rate: int, layout: tuple[str, ...], bit_depth: int | None) -> Pass:
        begun.append(Pass(sample_rate, layout, wanted, bit_depth=bit_depth))
        return begun[-1]

    with one_thread():
        lossless = source.play(begin)
        # A file whose first decoder gave up was begun twice.
        return begun[-1].finish(source.path, lossless=lossless)


class Pass:
    """One pass, as it goes on.

    Parameters
    ----------
    sample_rate : int
        In Hz.
    layout : tuple of str
        Loudspeaker of each channel.
    kinds : sequence of type
        Classes of the tracks to gather.
    bit_depth : int, optional
        Bits of a stored sample.
    """

    def __init__(
        self,
        sample_rate: int,
        layout: tuple[str, ...],
        kinds: Sequence[type[Track]],
        *,
        bit_depth: int | None = None,
    ) -> None:
        self._gathered = {kind: kind(sample_rate, layout) for kind in kinds}
        tracks = list(self._gathered.values())
        self._plain = [track for track in tracks if track.needs is None]
        rates = {track.needs.rate_hz for track in tracks if track.needs is not None}
        self._mixes = [
            _Mix(made_from, rate, [t for t in tracks if t.needs and t.needs.rate_hz == rate])
            for made_from, rate in _chain(sample_rate, rates)
        ]
        self._weights = mono_weights(layout)
        self._sample_rate, self._layout, self._bit_depth = sample_rate, layout, bit_depth
        self._frames = 0

    def push(self, block: Block) -> None:
        """Take samples of shape (channels, n), C-contiguous; they may be overwritten afterwards."""
        self._frames += block.shape[1]
        for track in self._plain:
            track.update(block)
        mono = self._weights @ block if len(self._weights) > 1 else block[0]
        self._push_mono(mono, last=False)

    def _push_mono(self, mono: Block, *, last: bool) -> None:
        made = {self._sample_rate: mono}
        for mix in self._mixes:
            made[mix.rate_hz] = mix.push(made[mix.made_from_hz], last=last)

    def finish(self, path: Path | None = None, *, lossless: bool | None = None) -> Tracks:
        """End the recording."""
        self._push_mono(np.empty(0, np.float32), last=True)
        return Tracks(
            self._gathered,
            sample_rate=self._sample_rate,
            layout=self._layout,
            frames=self._frames,
            bit_depth=self._bit_depth,
            lossless=lossless,
            path=path,
        )


def _chain(sample_rate: int, rates: Iterable[int]) -> list[tuple[int, int]]:
    """Pairs of the rate that a mix is made from and its own, each after the one it is made from.

    Half a rate is made from the whole whoever else asks for one, so that it is always the same.
    """
    made_from: dict[int, int] = {}
    waiting = list(rates)
    while waiting:
        rate = waiting.pop()
        made_from[rate] = sample_rate
        if rate != sample_rate and rate in _HALF_OF:
            made_from[rate] = _HALF_OF[rate]
            waiting.append(_HALF_OF[rate])
    return [(made_from[rate], rate) for rate in sorted(made_from, reverse=True)]


class _Mix:
    """The mono mix at one rate, and the tracks that want it or its spectra."""

    def __init__(self, made_from_hz: int, rate_hz: int, tracks: Sequence[Track]) -> None:
        self.made_from_hz, self.rate_hz = made_from_hz, rate_hz
        self._stream = _Resampler(made_from_hz, rate_hz)
        self._plain = [track for track in tracks if isinstance(track.needs, Mono)]
        self._spectral: dict[_Framer, list[Track]] = {}
        framers: dict[Spectrum, _Framer] = {}
        for track in tracks:
            if isinstance(track.needs, Spectrum):
                framer = framers.setdefault(track.needs, _Framer(track.needs))
                self._spectral.setdefault(framer, []).append(track)

    def push(self, mono: Block, *, last: bool) -> Block:
        """Take samples of the mix that this one is made from; give them at its own rate."""
        samples = self._stream.push(mono, last=last)
        for track in self._plain if samples.size else ():
            track.update(samples)
        for framer, tracks in self._spectral.items():
            for power in framer.push(samples, last=last):
                for track in tracks:
                    track.update(power)
        return samples


def mono_weights(layout: Sequence[str]) -> npt.NDArray[np.float32]:
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
    """Cuts a stream into windowed frames and gives their power, a block at a time.

    Its arrays are used again and again: fresh ones of this size come from the operating system
    each time, which costs more than the transform. A block is overwritten by the next.
    """

    def __init__(self, spectrum: Spectrum) -> None:
        # Loaded here, since listing descriptors must not pay for numba and scipy.
        from scipy.fft import rfft

        from musictools.audio._pass_kernels import square_magnitudes

        self._transform, self._square = rfft, square_magnitudes
        self._spectrum = spectrum
        self._window = hann(spectrum.size)
        self._frames = np.empty((_FRAMES_PER_BLOCK, spectrum.size), np.float32)
        self._power = np.empty((_FRAMES_PER_BLOCK, spectrum.size // 2 + 1), np.float32)
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
                yield self._measure(view[start : start + _FRAMES_PER_BLOCK])

    def _measure(self, view: Block) -> Block:
        frames, power = self._frames[: len(view)], self._power[: len(view)]
        np.multiply(view, self._window, out=frames)
        self._square(self._transform(frames, axis=1).view(np.float32), power)
        return power

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
    # Twice to four times as fast as numpy.fft on rows of float32; loaded when first needed.
    from scipy.fft import rfft

    spectrum = rfft(frames, axis=1, overwrite_x=True)
    power: Block = spectrum.real**2
    power += spectrum.imag**2
    return power.astype(np.float32, copy=False)
