"""Where decoders pour their samples: one array that grows, up to a limit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._recording import LAYOUTS, MAX_RATE_HZ, MIN_RATE_HZ, Samples
from musictools.errors import AudioTooLongError, UnsupportedAudioError

#: Longest recording that is read, in seconds.
MAX_DURATION_S = 7_200
#: Most values (channels x samples) that are read: 4 GiB of float32.
MAX_VALUES = 2**30
#: A header may lie about the length, so no more than this is set aside on its word alone.
_FIRST_VALUES = 2**27
_BLIND_FRAMES = 2**18


@dataclass(frozen=True)
class Decoded:
    """What a decoder got out of a file.

    Attributes
    ----------
    samples : numpy.ndarray, shape (channels, n), float32
        In the channel order of WAV.
    sample_rate : int
        In Hz.
    damage : str or None
        The decoder's words, where it had to stop before the end or leave something out.
    promised_s : float or None
        The length that the container states, in seconds, where the decoder knows it.
    exact : bool
        Whether the samples can be trusted to be finite without looking: true for integers.
    """

    samples: Samples
    sample_rate: int
    damage: str | None = None
    promised_s: float | None = None
    exact: bool = False


class Sink:
    """An array of shape (channels, n) that is filled block by block."""

    def __init__(
        self, what: str, channels: int, rate_hz: int, *, expected: int | None = None
    ) -> None:
        _check_shape(what, channels, rate_hz)
        self.what, self.channels, self.rate_hz, self.filled = what, channels, rate_hz, 0
        self._most = max_frames(channels, rate_hz)
        if expected is not None:
            check_length(what, expected, channels=channels, rate_hz=rate_hz)
        first = min(expected or _BLIND_FRAMES, _FIRST_VALUES // channels)
        self._array = np.empty((channels, first), np.float32)

    def add(self, block: npt.NDArray[np.generic], *, order: Sequence[int] | None = None) -> None:
        """Append a block of shape (channels, k), its rows taken in the given order."""
        end = self.filled + block.shape[1]
        if end > self._array.shape[1]:
            self._grow(end)
        # Values of float64 files beyond float32 become infinite; that is found and told later.
        with np.errstate(over="ignore"):
            self._array[:, self.filled : end] = block if order is None else block[list(order)]
        self.filled = end

    def finish(self, *, at_most: int | None = None) -> Samples:
        """Give the samples, as an array that is not larger than they are."""
        n = self.filled if at_most is None else min(self.filled, at_most)
        return self._array if n == self._array.shape[1] else self._array[:, :n].copy()

    def _grow(self, needed: int) -> None:
        check_length(self.what, needed, channels=self.channels, rate_hz=self.rate_hz)
        size = min(max(needed, 2 * self._array.shape[1]), self._most)
        larger = np.empty((self.channels, size), np.float32)
        larger[:, : self.filled] = self._array[:, : self.filled]
        self._array = larger


def max_frames(channels: int, rate_hz: int) -> int:
    """Most samples per channel that are read."""
    return min(MAX_DURATION_S * rate_hz, MAX_VALUES // channels)


def check_length(what: str, frames: int, *, channels: int, rate_hz: int) -> None:
    """Raise AudioTooLongError if a recording is longer than is read at once."""
    most = max_frames(channels, rate_hz)
    if frames <= most:
        return
    raise AudioTooLongError(
        what,
        got=f"{frames / rate_hz / 60:.0f} min or more of {channels} x {rate_hz} Hz",
        expected=f"at most {most / rate_hz / 60:.0f} min ({MAX_DURATION_S // 3600} h, and "
        f"{MAX_VALUES // 2**20} million values)",
        hint="cut it into pieces: ffmpeg -i FILE -f segment -segment_time 3600 part%02d.flac",
    )


def _check_shape(what: str, channels: int, rate_hz: int) -> None:
    if channels not in LAYOUTS:
        raise UnsupportedAudioError(
            what,
            got=f"{channels} channels",
            expected=f"1 to {max(LAYOUTS)}",
            hint="mix it down first: ffmpeg -i FILE -ac 2 mix.wav",
        )
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise UnsupportedAudioError(
            what,
            got=f"a sample rate of {rate_hz} Hz",
            expected=f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz",
            hint="the header is probably damaged; export the file again",
        )
