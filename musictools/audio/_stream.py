"""A recording that stays in its file: decoded, handed on and forgotten, some seconds at a time."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from musictools.audio._decode import check_path, pour
from musictools.audio._descriptor import Track, Tracks
from musictools.audio._pass import gather
from musictools.audio._recording import (
    BLOCK_S,
    Begin,
    Listener,
    Recording,
    Source,
    as_recording,
    check_finite,
)
from musictools.audio._sink import Shape, fill


@dataclass(frozen=True)
class AudioFile:
    """A recording in its file.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    """

    path: Path

    def play(self, begin: Begin) -> bool | None:
        """Decode the file and hand its samples to a listener, some seconds at a time.

        Parameters
        ----------
        begin : callable
            As of ``Recording.play``; called again where another decoder has to start over.

        Returns
        -------
        bool or None
            Whether the file keeps every sample; None where nobody knows.

        Raises
        ------
        AudioError
            As :func:`musictools.audio.read`, but for the length, which has no limit here.
        """
        opened: list[_Relay] = []

        def open_sink(shape: Shape) -> _Relay:
            opened.append(_Relay(shape, begin(shape.rate_hz, shape.speakers, shape.bit_depth)))
            return opened[-1]

        pour(self.path, open_sink)
        opened[-1].flush()
        return opened[-1].shape.lossless


class _Relay:
    """A sink that hands on what it is given in blocks of one size.

    It holds back as much as a decoder may take back at the end.
    """

    def __init__(self, shape: Shape, listener: Listener) -> None:
        self.shape, self.filled = shape, 0
        self._listener = listener
        self._size = BLOCK_S * shape.rate_hz
        self._held = np.empty((shape.channels, self._size + shape.padding), np.float32)
        self._count = self._handed = 0

    def add(self, block: npt.NDArray[np.generic], *, order: Sequence[int] | None = None) -> None:
        """Append a block of shape (channels, k)."""
        taken = 0
        while taken < block.shape[1]:
            part = block[:, taken : taken + self._held.shape[1] - self._count]
            fill(self._held[:, self._count : self._count + part.shape[1]], part, order)
            self._count += part.shape[1]
            taken += part.shape[1]
            if self._count == self._held.shape[1]:
                self._hand_on(self._size)
        self.filled += block.shape[1]

    def trim(self, frames: int) -> None:
        """Take back all but so many samples."""
        self._count -= max(0, self.filled - frames)
        self.filled = min(self.filled, frames)

    def flush(self) -> None:
        """Hand on what is left."""
        while self._count:
            self._hand_on(min(self._size, self._count))

    def _hand_on(self, count: int) -> None:
        # Where nothing is held back this is the whole array, and needs no copy.
        block = np.ascontiguousarray(self._held[:, :count])
        check_finite(block, self.shape.rate_hz, what=self.shape.what, first=self._handed)
        self._listener.push(block)
        self._handed += count
        self._count -= count
        self._held[:, : self._count] = self._held[:, count : count + self._count].copy()


def as_source(source: Source, sample_rate: int | None = None) -> Recording | AudioFile:
    """Turn what an audio function was given into what the pass can hear.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array, refused otherwise.

    Returns
    -------
    Recording or AudioFile
        A file stays where it is, and may be longer than what ``read`` takes into memory.
    """
    if isinstance(source, str | os.PathLike) and sample_rate is None:
        return AudioFile(check_path(source))
    return as_recording(source, sample_rate)


def hear(source: Source, kinds: Iterable[type[Track]], *, sample_rate: int | None = None) -> Tracks:
    """Gather some tracks of whatever an audio function was given: see :func:`as_source`."""
    return gather(as_source(source, sample_rate), kinds)
