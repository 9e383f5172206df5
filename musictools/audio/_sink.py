"""Where decoders pour their samples: an array that grows, up to a limit.

The other sink is that of ``_stream``, which hands them on at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from musictools._counts import counted
from musictools.audio._recording import LAYOUTS, MAX_RATE_HZ, MIN_RATE_HZ, Samples
from musictools.errors import AudioTooLongError, UnsupportedAudioError

#: What an encoder pads at the end at most: one packet of AAC-LC, or of HE-AAC.
MOST_PADDING = 2_048
#: Longest recording that is read into memory, in seconds.
MAX_DURATION_S = 7_200
#: Most values (channels x samples) that are read into memory: 4 GiB of float32.
MAX_VALUES = 2**30
#: A header may lie about the length, so no more than this is set aside on its word alone.
_FIRST_VALUES = 2**27
_BLIND_FRAMES = 2**18


@dataclass(frozen=True)
class Shape:
    """What a decoder knows of a recording before its first sample.

    Attributes
    ----------
    what : str
        The beginning of an error message, such as ``"read song.flac"``.
    channels, rate_hz : int
        Of the file.
    layout : tuple of str or None
        Loudspeaker of each channel, in the order in which they are added; None for the usual one.
    expected : int or None
        About how many samples per channel will come.
    padding : int
        How many of the last samples the decoder may take back at the end.
    bit_depth : int or None
        Bits of a stored sample; None where they are no integers, or nobody knows.
    lossless : bool or None
        Whether the codec keeps every sample; None where nobody knows.
    """

    what: str
    channels: int
    rate_hz: int
    layout: tuple[str, ...] | None = None
    expected: int | None = None
    padding: int = 0
    bit_depth: int | None = None
    lossless: bool | None = None

    def __post_init__(self) -> None:
        if self.channels not in LAYOUTS:
            raise UnsupportedAudioError(
                self.what,
                got=counted(self.channels, "channel"),
                expected=f"1 to {max(LAYOUTS)}",
                hint="mix it down first: ffmpeg -i FILE -ac 2 mix.wav",
            )
        if not MIN_RATE_HZ <= self.rate_hz <= MAX_RATE_HZ:
            raise UnsupportedAudioError(
                self.what,
                got=f"a sample rate of {self.rate_hz} Hz",
                expected=f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz",
                hint="the header is probably damaged; export the file again",
            )

    @property
    def speakers(self) -> tuple[str, ...]:
        """Loudspeaker of each channel."""
        return self.layout or LAYOUTS[self.channels]


class Sink(Protocol):
    """Takes what a decoder gives."""

    shape: Shape
    filled: int

    def add(self, block: npt.NDArray[np.generic], *, order: Sequence[int] | None = None) -> None:
        """Append a block of shape (channels, k), its rows taken in the given order."""

    def trim(self, frames: int) -> None:
        """Take back all but so many samples; at most ``shape.padding`` fewer than there are."""


OpenSink: TypeAlias = Callable[[Shape], Sink]


@dataclass(frozen=True)
class Decoded:
    """What a decoder says when it is done.

    Attributes
    ----------
    sink : Sink
        Where the samples went.
    damage : str or None
        The decoder's words, where it had to stop before the end or leave something out.
    promised_s : float or None
        The length that the container states, in seconds, where the decoder knows it.
    exact : bool
        Whether the samples can be trusted to be finite without looking: true for integers.
    """

    sink: Sink
    damage: str | None = None
    promised_s: float | None = None
    exact: bool = False


class ArraySink:
    """An array of shape (channels, n) that grows, up to a limit."""

    def __init__(self, shape: Shape) -> None:
        self.shape, self.filled = shape, 0
        self._most = max_frames(shape)
        if shape.expected is not None:
            self._check(shape.expected)
        first = min(shape.expected or _BLIND_FRAMES, _FIRST_VALUES // shape.channels)
        self._array = np.empty((shape.channels, first), np.float32)

    def add(self, block: npt.NDArray[np.generic], *, order: Sequence[int] | None = None) -> None:
        """Append a block."""
        end = self.filled + block.shape[1]
        if end > self._array.shape[1]:
            self._grow(end)
        fill(self._array[:, self.filled : end], block, order)
        self.filled = end

    def trim(self, frames: int) -> None:
        """Take back all but so many samples."""
        self.filled = min(self.filled, frames)

    def samples(self) -> Samples:
        """Give the samples, as an array that is not larger than they are."""
        n = self.filled
        return self._array if n == self._array.shape[1] else self._array[:, :n].copy()

    def _grow(self, needed: int) -> None:
        self._check(needed)
        size = min(max(needed, 2 * self._array.shape[1]), self._most)
        larger = np.empty((self.shape.channels, size), np.float32)
        larger[:, : self.filled] = self._array[:, : self.filled]
        self._array = larger

    def _check(self, frames: int) -> None:
        if frames <= self._most:
            return
        channels, rate_hz = self.shape.channels, self.shape.rate_hz
        raise AudioTooLongError(
            self.shape.what,
            got=f"{frames / rate_hz / 60:.0f} min or more of {channels} x {rate_hz} Hz",
            expected=f"at most {self._most / rate_hz / 60:.0f} min ({MAX_DURATION_S // 3600} h, "
            f"and {MAX_VALUES // 2**20} million values)",
            hint="pass the path to mt.audio.describe, which streams it, or cut it into pieces: "
            "ffmpeg -i FILE -f segment -segment_time 3600 part%02d.flac",
        )


def fill(
    place: Samples, block: npt.NDArray[np.generic], order: Sequence[int] | None = None
) -> None:
    """Copy a block of any type into float32."""
    # Values of float64 files beyond float32 become infinite; that is found and told later.
    with np.errstate(over="ignore"):
        place[:] = block if order is None else block[list(order)]


def max_frames(shape: Shape) -> int:
    """Most samples per channel that are read into memory."""
    return min(MAX_DURATION_S * shape.rate_hz, MAX_VALUES // shape.channels)
