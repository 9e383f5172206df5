"""A waveform at several coarsenesses, small enough to send whatever the song's length."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._recording import Samples

#: Cells of the finest level: 5 ms each for ten minutes, and a fixed size for any length.
MOST_CELLS = 1 << 17
_FACTOR = 4
_FEWEST_CELLS = 1 << 11  # more than a screen has dots across
_LEAST_SAMPLES = 16


@dataclass(frozen=True)
class PeakPyramid:
    """Lowest and highest sample of every cell, at each level.

    Attributes
    ----------
    cells : tuple of int
        Cells of each level, the finest first; all cells of a level are equally long.
    data : bytes
        Level by level: the lowest of all its cells, then the highest, each a signed byte, 127
        being `scale`.
    scale : float
        Largest magnitude that a byte can tell, 1 or more.
    """

    cells: tuple[int, ...]
    data: bytes
    scale: float


def peak_pyramid(samples: Samples, *, most_cells: int = MOST_CELLS) -> PeakPyramid:
    """Make the pyramid of a recording.

    Parameters
    ----------
    samples : numpy.ndarray, shape (channels, n)
        All channels are seen as one: the lowest and the highest of any.
    most_cells : int
        Limit of the finest level.

    Returns
    -------
    PeakPyramid
        At most 8/3 bytes for each of `most_cells`.
    """
    low, high = _cells(samples, most_cells)
    scale = max(1.0, float(high.max()), -float(low.min()))
    levels = [(low, high)]
    while levels[-1][0].size > _FEWEST_CELLS:
        levels.append((_coarser(levels[-1][0], np.minimum), _coarser(levels[-1][1], np.maximum)))
    data = b"".join(_bytes(part, scale, way) for pair in levels for part, way in _ways(pair))
    return PeakPyramid(tuple(pair[0].size for pair in levels), data, scale)


def _cells(samples: Samples, most: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    count = samples.shape[1]
    # A whole number of the coarsest cells, or levels would not lie above each other.
    wanted = min(most, max(1, count // _LEAST_SAMPLES))
    levels = 0
    while wanted / _FACTOR**levels > _FEWEST_CELLS:
        levels += 1
    wanted = max(1, wanted // _FACTOR**levels) * _FACTOR**levels
    edges = np.linspace(0, count, wanted + 1).astype(np.int64)[:-1]
    low = np.minimum.reduceat(samples.min(axis=0), edges)
    high = np.maximum.reduceat(samples.max(axis=0), edges)
    return low, high


def _coarser(part: npt.NDArray[np.float32], best: np.ufunc) -> npt.NDArray[np.float32]:
    joined: npt.NDArray[np.float32] = best.reduce(part.reshape(-1, _FACTOR), axis=1)
    return joined


def _ways(
    pair: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]],
) -> tuple[tuple[npt.NDArray[np.float32], np.ufunc], ...]:
    return (pair[0], np.floor), (pair[1], np.ceil)


def _bytes(part: npt.NDArray[np.float32], scale: float, way: np.ufunc) -> bytes:
    # Outwards: a peak looks as high as it is or a little higher, never lower.
    cells: npt.NDArray[np.int8] = np.clip(way(part * (127 / scale)), -127, 127).astype(np.int8)
    return cells.tobytes()
