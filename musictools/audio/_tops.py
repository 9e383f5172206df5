"""The tops of a waveform, by channel and tenth of a second: how high, how flat, how many."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block
from musictools.audio._places import edges_of_tenths


class Column(IntEnum):
    """What :class:`Tops` counts; the first five are there for the upper and the lower end."""

    HEIGHT = 0
    SAMPLES = 1
    FLAT = 2
    FLAT_SAMPLES = 3
    JUMPS = 4
    LOWER = 5
    LEDGES = 10
    OVERS = 11
    COUNT = 12


class Tops:
    """Upper and lower end of every tenth of a second of every channel.

    See ``survey_tops`` of :mod:`musictools.audio._clipping_kernels` for what is counted.
    """

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        self._rate = sample_rate
        self._rest = np.empty((len(layout), 0), np.float32)
        self._found: list[Block] = []
        self._seen = 0

    def update(self, block: Block) -> None:
        """Take the next samples."""
        from musictools.audio._clipping_kernels import survey_tops

        # Tenths are looked at whole: what is flat must not depend on where blocks end.
        start = self._seen - self._rest.shape[1]
        self._seen += block.shape[1]
        ends = edges_of_tenths(start, self._seen, self._rate) - start
        if not ends.size:
            self._rest = np.concatenate((self._rest, block), axis=1)
            return
        left = self._rest.shape[1]
        found = np.zeros((len(block), ends.size, Column.COUNT), np.float32)
        inner = ends - left
        for rest, channel, out in zip(self._rest, block, found, strict=True):
            begun = np.concatenate((rest, channel[: inner[0]]))
            survey_tops(begun, np.array([0, begun.size]), out[:1])
            survey_tops(channel, inner, out[1:])
        self._found.append(found)
        self._rest = block[:, inner[-1] :].copy()

    def table(self) -> Block:
        """Give all, shape (channels, tenths, columns); the last tenth may be short."""
        from musictools.audio._clipping_kernels import survey_tops

        parts = [*self._found]
        if self._rest.shape[1]:
            last = np.zeros((len(self._rest), 1, Column.COUNT), np.float32)
            for rest, out in zip(self._rest, last, strict=True):
                survey_tops(rest, np.array([0, rest.size]), out)
            parts.append(last)
        if not parts:
            return np.zeros((len(self._rest), 0, Column.COUNT), np.float32)
        return np.concatenate(parts, axis=1)

    def lengths(self) -> npt.NDArray[np.int64]:
        """Count the samples of each tenth."""
        edges = edges_of_tenths(0, self._seen, self._rate)
        return np.diff(np.unique(np.concatenate(([0], edges, [self._seen]))))
