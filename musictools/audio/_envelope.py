"""What the pictures of a report are made of: the envelope, the stereo image, the spectrum."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Playable, Tracks
from musictools.audio._pass import gather
from musictools.audio._stereo import FrontFrames, front
from musictools.errors import MusictoolsError

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_CELLS_PER_S = 100
#: More cells than a wide picture has pixels; when they are full, two become one.
_MOST_CELLS = 4096
#: Odd, so that zero falls into the middle of a cell.
_IMAGE_CELLS = 301
# As many pairs each second show where the sound stands.
_PAIRS_PER_S = 11_025
_LOWEST_HZ, _HIGHEST_HZ, _STEPS_PER_OCTAVE = 31.5, 20_000.0, 12
_FLOOR_DB = -140.0


class Envelope:
    """Lowest and highest sample of each channel, in at most 4096 cells of equal length."""

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        from musictools.audio._envelope_kernels import add_extremes

        self._add = add_extremes
        self._rate, self._layout = sample_rate, layout
        self._size = max(1, sample_rate // _CELLS_PER_S)
        self._filled = 0
        self._low = np.full((len(layout), _MOST_CELLS), np.inf, dtype=np.float32)
        self._high = -self._low

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        start, length = 0, block.shape[1]
        while start < length:
            if self._filled == _MOST_CELLS * self._size:
                self._fold()
            stop = min(length, start + _MOST_CELLS * self._size - self._filled)
            self._add(block, start, stop, self._filled, self._size, self._low, self._high)
            self._filled += stop - start
            start = stop

    def _fold(self) -> None:
        half = _MOST_CELLS // 2
        for cells, extreme, empty in (
            (self._low, np.minimum, np.inf),
            (self._high, np.maximum, -np.inf),
        ):
            cells[:, :half] = extreme(cells[:, ::2], cells[:, 1::2])
            cells[:, half:] = empty
        self._size *= 2

    def to_frame(self) -> "pd.DataFrame":
        """Give ``channel``, ``start_s``, ``low``, ``high``."""
        import pandas as pd

        cells = -(-self._filled // self._size)
        return pd.DataFrame(
            {
                "channel": np.repeat(_names(self._layout), cells),
                "start_s": np.tile(np.arange(cells) * (self._size / self._rate), len(self._layout)),
                "low": self._low[:, :cells].ravel(),
                "high": self._high[:, :cells].ravel(),
            }
        )


def shows(envelope: "pd.DataFrame", source: Playable) -> bool:
    """Tell whether an envelope is that of a recording; not if that cannot be read."""
    try:
        return bool(gather(source, (Envelope,))[Envelope].to_frame().equals(envelope))
    except MusictoolsError:
        return False


class StereoImage:
    """How often the two front channels stand at each mid and side, as a goniometer shows it.

    A mono recording counts as two equal channels.
    """

    needs = None

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        from musictools.audio._envelope_kernels import count_pairs

        self._count = count_pairs
        self._front = front(layout)
        self._step = max(1, sample_rate // _PAIRS_PER_S)
        self._first = 0
        #: Rows are mid, columns are side, each from -1 to 1 of full scale.
        self.counts = np.zeros((_IMAGE_CELLS, _IMAGE_CELLS), dtype=np.int64)

    def update(self, block: Block) -> None:
        """Take a block of samples."""
        left, right = block[self._front[0]], block[self._front[-1]]
        self._count(left, right, self._first, self._step, self.counts)
        # Which sample counts goes on over the end of a block.
        self._first = (self._first - left.size) % self._step


def average_spectrum(tracks: Tracks) -> "pd.DataFrame":
    """Give ``frequency_hz`` and ``level_db``: mean power of third octaves, twelve an octave."""
    import pandas as pd

    frequency, segments = tracks[FrontFrames].long_term()
    power = segments.mean(axis=0, dtype=np.float64)
    step = frequency[1] - frequency[0]
    # Each bin is a step as wide as the distance of two bins: narrow bands take a part of one.
    edges = np.append(frequency - step / 2, frequency[-1] + step / 2)
    below = np.append(0.0, np.cumsum(power))
    top_hz = min(_HIGHEST_HZ, edges[-1] / 2 ** (1 / 6))
    octaves = np.log2(max(top_hz / _LOWEST_HZ, 1))
    count = int(octaves * _STEPS_PER_OCTAVE) + 1
    centres = _LOWEST_HZ * 2 ** (np.arange(count) / _STEPS_PER_OCTAVE)
    upper, lower = (np.interp(centres * 2.0**way, edges, below) for way in (1 / 6, -1 / 6))
    level = 10 * np.log10(np.maximum(upper - lower, 10 ** (_FLOOR_DB / 10)))
    return pd.DataFrame({"frequency_hz": centres, "level_db": level})


def _names(layout: Sequence[str]) -> list[str]:
    """Name each channel; two of one name get a number."""
    return [
        f"{name}{layout[:i].count(name) + 1}" if layout.count(name) > 1 else name
        for i, name in enumerate(layout)
    ]
