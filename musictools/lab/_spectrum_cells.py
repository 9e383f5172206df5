"""A spectrogram as bytes, small enough to send whatever the song's length."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._pass import hann, power_spectrum
from musictools.audio._recording import Recording

MOST_COLUMNS, BANDS = 8192, 96
RANGE_DB = 80.0
_BOTTOM_HZ, _TOP_HZ = 30.0, 20_000.0
_SIZE = 4096
_LEAST_HOP = 256
_AT_ONCE = 512  # frames of 16 kB each

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SpectrumCells:
    """Levels of logarithmic bands over time.

    Attributes
    ----------
    columns : int
        Moments, evenly spread from start to end.
    edges_hz : tuple of float
        Edges of the bands, in Hz, rising; one more than bands.
    data : bytes
        Column by column, each from the lowest band to the highest; 255 is the loudest cell of
        all, 0 is 80 dB below it or less.
    """

    columns: int
    edges_hz: tuple[float, ...]
    data: bytes


def spectrum_cells(recording: Recording, *, most_columns: int = MOST_COLUMNS) -> SpectrumCells:
    """Measure the level of 96 bands from 30 Hz to 20 kHz over time.

    Parameters
    ----------
    recording : Recording
        Of any length; channels are averaged.
    most_columns : int
        Limit of the moments.

    Returns
    -------
    SpectrumCells
        At most 96 bytes for each of `most_columns`.
    """
    mono = np.pad(recording.samples.mean(axis=0), _SIZE // 2)
    columns = int(np.clip((mono.size - _SIZE) // _LEAST_HOP, 2, most_columns))
    starts = np.linspace(0, mono.size - _SIZE, columns).astype(np.int64)
    edges_hz = np.geomspace(_BOTTOM_HZ, min(_TOP_HZ, recording.sample_rate / 2), BANDS + 1)
    overlap = _overlap(edges_hz, recording.sample_rate)
    level = np.empty((columns, BANDS))
    for first in range(0, columns, _AT_ONCE):
        chosen = starts[first : first + _AT_ONCE]
        frames = mono[chosen[:, None] + np.arange(_SIZE)] * hann(_SIZE)
        level[first : first + _AT_ONCE] = power_spectrum(frames) @ overlap.T
    level = 10 * np.log10(np.maximum(level, 1e-12))
    cells = np.clip(1 + (level - level.max()) / RANGE_DB, 0, 1) * 255
    data = np.round(cells).astype(np.uint8).tobytes()
    return SpectrumCells(columns, tuple(float(hz) for hz in edges_hz), data)


def _overlap(edges_hz: Floats, sample_rate: int) -> npt.NDArray[np.float32]:
    """Part of each bin in each band, mean over the band; a bin is a step, not a point."""
    bins = np.arange(_SIZE // 2 + 1)
    position = edges_hz * _SIZE / sample_rate + 0.5
    inside = np.clip(position[:, None] - bins, 0, 1)
    made: npt.NDArray[np.float32] = (np.diff(inside, axis=0) / np.diff(position)[:, None]).astype(
        np.float32
    )
    return made
