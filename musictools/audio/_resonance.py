"""Resonance: a narrow peak that stays where it is, whatever is played."""

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence
from musictools.audio._timbre_frames import FINE_SPECTRUM

Floats = npt.NDArray[np.float64]

# Twenty-fourths of an octave from 200 to 6400 Hz.
_LOWEST_HZ, _OCTAVES, _PER_OCTAVE = 200.0, 5, 24
# Five of them are as wide as a filter of Q 12 rings; the surroundings are an octave either way.
_WIDTH, _AROUND, _EDGE = 5, 49, 12
# Of the frames within 40 dB of the loudest, three quarters must show the peak.
_LOUD, _STEADY = 1e-4, 0.25
#: In clean music 5 % reach this.
_FOUND_DB = 6.0
_FEWEST_FRAMES = 16
# Rows that are kept, 13 minutes; longer recordings are thinned evenly.
_MOST_ROWS = 4096
_TINY = 1e-12


class NarrowBands:
    """Power in bands of a twenty-fourth of an octave, every 0.19 s."""

    needs = FINE_SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del layout
        count = _OCTAVES * _PER_OCTAVE
        edges = _LOWEST_HZ * 2 ** (np.arange(count + 1) / _PER_OCTAVE)
        self.centres_hz = np.sqrt(edges[1:] * edges[:-1])
        self.covered = edges[1:] < 0.45 * sample_rate
        bin_hz = FINE_SPECTRUM.rate_hz / FINE_SPECTRUM.size
        # Bins are shared out by how much of each lies in a band.
        bottom = (np.arange(FINE_SPECTRUM.size // 2 + 1)[:, None] - 0.5) * bin_hz
        shared = np.minimum(bottom + bin_hz, edges[1:]) - np.maximum(bottom, edges[:-1])
        used = (bottom[:, 0] < edges[-1]) & (bottom[:, 0] + bin_hz > edges[0])
        self._used = slice(int(used.argmax()), int(used.size - used[::-1].argmax()))
        self._weights = (np.maximum(shared, 0) / bin_hz)[self._used].astype(np.float32)
        self._rows: list[Block] = []
        self._kept = self._count = 0
        self._stride = 1

    def update(self, block: Block) -> None:
        """Take power spectra."""
        rows = block[-self._count % self._stride :: self._stride, self._used] @ self._weights
        self._count += len(block)
        self._rows.append(rows)
        self._kept += len(rows)
        if self._kept > _MOST_ROWS:
            self._rows = [np.concatenate(self._rows)[::2].copy()]
            self._kept = len(self._rows[0])
            self._stride *= 2

    def power(self) -> Floats:
        """Give the powers of the loud frames in the bands that the rate covers."""
        if not self._rows:
            return np.empty((0, 0))
        power = np.concatenate(self._rows)[:, self.covered].astype(np.float64)
        total = power.sum(axis=1)
        loud: Floats = power[total > max(_LOUD * total.max(initial=0.0), 1e-6)]
        return loud


class Resonance:
    """Detector of a steady narrow peak."""

    tracks = (NarrowBands,)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "resonance",
            "judgement",
            "dB",
            "peak over the median of the octaves around, in three quarters of the frames",
            f"Five twenty-fourths of an octave from 280 Hz to 4.5 kHz stand {_FOUND_DB:g} dB over "
            "the median of an octave either way in three quarters of the frames of 0.19 s that "
            "are within 40 dB of the loudest.",
            "definition",
        ),
    )

    def measure(self, tracks: Tracks) -> float:
        """Give what the steadiest narrow peak has over its surroundings nearly always, in dB.

        NaN for less than 16 loud frames, and for rates that cover too few bands.
        """
        return tracks.once(_steadiest)[0]

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for a resonance."""
        value_db, centre_hz = tracks.once(_steadiest)
        if not value_db >= _FOUND_DB:
            return
        yield self.kinds[0].found(
            0.0,
            tracks.duration_s,
            severity="info",
            value=value_db,
            confidence=confidence(value_db - _FOUND_DB, 5.0),
            meaning=f"A narrow peak near {centre_hz:.0f} Hz stands {value_db:.0f} dB over its "
            "surroundings nearly always, and may ring whatever is played.",
            remedy=f"Sweep a narrow filter about {centre_hz:.0f} Hz, and cut there where it "
            "clears the sound.",
        )


def _steadiest(tracks: Tracks) -> tuple[float, float]:
    """Excess of the steadiest peak in dB, and its place in Hz."""
    bands = tracks[NarrowBands]
    power = bands.power()
    if len(power) < _FEWEST_FRAMES or power.shape[1] < _AROUND:
        return math.nan, math.nan
    excess = steady_excess_db(power)
    peak = int(excess.argmax())
    return float(excess[peak]), float(bands.centres_hz[peak + _EDGE])


def steady_excess_db(power: Floats) -> Floats:
    """Give what each band but the outermost 12 has over its surroundings nearly always.

    Parameters
    ----------
    power : numpy.ndarray, shape (frames, bands)
        Power in bands of a twenty-fourth of an octave.
    """
    from scipy.ndimage import median_filter, uniform_filter1d

    level = 10 * np.log10(uniform_filter1d(power, _WIDTH, axis=1) + _TINY)
    around = median_filter(level.astype(np.float32), size=(1, _AROUND))
    excess: Floats = np.quantile(level - around, _STEADY, axis=0)
    return excess[_EDGE:-_EDGE]
