"""Filter banks over the bins of a power spectrum: mel, Bark, ERB; and the cosines of a cepstrum."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block

Floats = npt.NDArray[np.float64]

# Edges of 27 bands after Zwicker (1961), his lowest two halved, as essentia and Peeters have them.
BARK_EDGES_HZ = (
    0.0, 50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 510.0, 630.0, 770.0, 920.0, 1080.0, 1270.0,
    1480.0, 1720.0, 2000.0, 2320.0, 2700.0, 3150.0, 3700.0, 4400.0, 5300.0, 6400.0, 7700.0,
    9500.0, 12_000.0, 15_500.0, 20_500.0,
)  # fmt: skip

_MEL_STEP_HZ, _LOG_START_HZ = 200 / 3, 1000.0
_LOG_START_MEL, _LOG_STEP = _LOG_START_HZ / _MEL_STEP_HZ, math.log(6.4) / 27
# Equivalent rectangular bandwidth: 24.7 Hz + frequency / 9.26449 (Glasberg and Moore, 1990).
_ERB_QUALITY, _ERB_LEAST_HZ = 9.26449, 24.7
# Decay of a gammatone of order four whose bandwidth is one ERB (Patterson et al., 1992).
_GAMMATONE_ORDER, _GAMMATONE_DECAY = 4, 1.019


@cache
def mel_filters(
    rate_hz: int, size: int, bands: int, *, bottom_hz: float = 0.0, top_hz: float
) -> npt.NDArray[np.float32]:
    """Triangular filters on Slaney's mel scale, each of unit area, shape (bands, size // 2 + 1).

    The scale is linear to 1 kHz and logarithmic above (M. Slaney, Auditory Toolbox, 1998).
    """
    edges = mel_edges_hz(bands, bottom_hz=bottom_hz, top_hz=top_hz)
    frequency = np.arange(size // 2 + 1) * rate_hz / size
    rising = (frequency - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - frequency) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


def mel_edges_hz(bands: int, *, bottom_hz: float = 0.0, top_hz: float) -> Floats:
    """Feet of the triangles, shape (bands + 2,): band i stands on edges i and i + 2."""
    return _from_mel(np.linspace(_to_mel(bottom_hz), _to_mel(top_hz), bands + 2))


def _to_mel(hz: float) -> float:
    if hz < _LOG_START_HZ:
        return hz / _MEL_STEP_HZ
    return _LOG_START_MEL + math.log(hz / _LOG_START_HZ) / _LOG_STEP


def _from_mel(mel: Floats) -> Floats:
    log = _LOG_START_HZ * np.exp(_LOG_STEP * (mel - _LOG_START_MEL))
    return np.where(mel < _LOG_START_MEL, mel * _MEL_STEP_HZ, log)


@cache
def bark_filters(rate_hz: int, size: int) -> npt.NDArray[np.float32]:
    """Give each bin wholly to one of 27 Bark bands, shape (27, size // 2 + 1).

    An edge is moved to the nearest bin.
    """
    first = np.floor(np.array(BARK_EDGES_HZ) * size / rate_hz + 0.5)
    bins = np.arange(size // 2 + 1)
    return ((bins >= first[:-1, None]) & (bins < first[1:, None])).astype(np.float32)


@cache
def erb_filters(
    rate_hz: int, size: int, bands: int, *, bottom_hz: float, top_hz: float
) -> npt.NDArray[np.float32]:
    """Power responses of gammatone filters of order four, shape (bands, size // 2 + 1).

    Each has one at its centre and the bandwidth of one ERB; the centres are those of
    ``erb_centres_hz``.
    """
    centres = erb_centres_hz(bands, bottom_hz=bottom_hz, top_hz=top_hz)[:, None]
    decay = _GAMMATONE_DECAY * (_ERB_LEAST_HZ + centres / _ERB_QUALITY)
    frequency = np.arange(size // 2 + 1) * rate_hz / size
    response = (1 + ((frequency - centres) / decay) ** 2) ** -_GAMMATONE_ORDER
    return np.asarray(response, dtype=np.float32)


def erb_centres_hz(bands: int, *, bottom_hz: float, top_hz: float) -> Floats:
    """Centres evenly spaced on the ERB scale from ``bottom_hz`` to below ``top_hz``."""
    offset = _ERB_QUALITY * _ERB_LEAST_HZ
    spaced = np.geomspace(bottom_hz + offset, top_hz + offset, bands + 1)[:-1]
    centres: Floats = spaced - offset
    return centres


@cache
def cosines(bands: int, orders: int) -> npt.NDArray[np.float32]:
    """Orthonormal discrete cosine transform (type II), shape (bands, orders)."""
    band, order = np.arange(bands)[:, None] + 0.5, np.arange(orders)
    transform = math.sqrt(2 / bands) * np.cos(np.pi / bands * band * order)
    transform[:, 0] /= math.sqrt(2)
    return np.asarray(transform, dtype=np.float32)


@dataclass(frozen=True)
class _Group:
    """Neighbouring filters, and the bins that any of them uses."""

    bands: slice
    bins: slice
    weights: npt.NDArray[np.float32]


class FilterBank:
    """Filters of bands, applied as matrix products.

    Most weights of a bank of triangles are zero, but a product for each would be too small to be
    fast: a product for each group of neighbours takes a third of the time of one for all.

    Parameters
    ----------
    banks : sequence of numpy.ndarray, shape (bands, bins)
        Each ordered by frequency; they are stacked.
    """

    _TOGETHER = 16

    def __init__(self, banks: Sequence[npt.NDArray[np.float32]]) -> None:
        self._groups: list[_Group] = []
        self.size = 0
        for bank in banks:
            together = self._TOGETHER if np.count_nonzero(bank) < bank.size / 2 else len(bank)
            for start in range(0, len(bank), together):
                rows = bank[start : start + together]
                used = np.flatnonzero(rows.any(axis=0))
                bins = slice(int(used[0]), int(used[-1]) + 1)
                self._groups.append(
                    _Group(
                        slice(self.size, self.size + len(rows)),
                        bins,
                        np.ascontiguousarray(rows[:, bins].T),
                    )
                )
                self.size += len(rows)

    def apply(self, power: Block) -> Block:
        """Give the power of each band, shape (frames, size)."""
        found = np.empty((len(power), self.size), dtype=np.float32)
        for group in self._groups:
            found[:, group.bands] = power[:, group.bins] @ group.weights
        return found
