"""Noise: the steady floor that is left in the quietest moments.

Minimum statistics (R. Martin, 2001): in every half second and band the least power is kept. Music
leaves different minima each time; steady noise leaves the same, in many bands.
"""

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence
from musictools.audio._timbre_frames import BIN_HZ, BINS, SPECTRUM, mean_square_per_power

Floats = npt.NDArray[np.float64]

# Wide enough that noise scatters little, and high enough that bass is not in the way.
_EDGES_HZ = (
    300, 500, 700, 1000, 1400, 2000, 2800, 4000, 5000, 6300, 8000, 10_000, 12_500, 16_000,
)  # fmt: skip
# Frames that are averaged, and in a piece of 0.5 s whose least is kept.
_AVERAGED, _PIECE = 3, 21
_FEWEST_PIECES = 8
_SILENCE_DB, _LOWEST_DB = -110.0, -68.0
# The least of 19 averages of noise lies below its mean.
_BIAS_DB = 0.7
# Pieces as quiet as the quiet ones; the share of them is weighed against the floor's roughness.
_QUIET, _NEAR_DB, _ROUGH = 0.1, 1.0, 0.02
_BEST, _AGREE = 5, 3
_FOUND = 0.2


class QuietBands:
    """Least power of each half second in 13 bands from 300 Hz to 16 kHz.

    Powers are given as the mean square that a white noise of this density would have.
    """

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del layout
        edges = np.array(_EDGES_HZ, dtype=np.float64)
        frequency = np.arange(BINS) * BIN_HZ
        inside = (frequency[:, None] >= edges[:-1]) & (frequency[:, None] < edges[1:])
        scale = mean_square_per_power(SPECTRUM.size) * BINS
        self._weights = (inside * (scale / inside.sum(axis=0))).astype(np.float32)
        self.covered = edges[1:] <= 0.45 * sample_rate
        self._waiting = np.empty((0, edges.size - 1), np.float32)
        self._least: list[Block] = []
        self.total, self.frames = 0.0, 0

    def update(self, block: Block) -> None:
        """Take power spectra."""
        self.total += float(block.sum(dtype=np.float64)) * mean_square_per_power(SPECTRUM.size)
        self.frames += len(block)
        bands = np.concatenate((self._waiting, block @ self._weights))
        pieces = len(bands) // _PIECE
        self._waiting = bands[pieces * _PIECE :].copy()
        if pieces:
            cut = bands[: pieces * _PIECE].reshape(pieces, _PIECE, -1)
            count = _PIECE - _AVERAGED + 1
            mean = sum(cut[:, i : i + count] for i in range(_AVERAGED)) / np.float32(_AVERAGED)
            self._least.append(mean.min(axis=1))

    def least_db(self) -> Floats:
        """Least levels, shape (pieces, covered bands); silent pieces are left out."""
        if not self._least or not self.covered.any():
            return np.empty((0, 0))
        power = np.concatenate(self._least)[:, self.covered].astype(np.float64)
        level = 10 * np.log10(np.maximum(power, 1e-14))
        sounding: Floats = level[level.max(axis=1) > _SILENCE_DB]
        return sounding


def noise_floor(tracks: Tracks) -> tuple[float, float]:
    """Estimate the noise floor of the mono mix.

    Parameters
    ----------
    tracks : Tracks
        With ``QuietBands``.

    Returns
    -------
    floor_dbfs, snr_db : float
        RMS of a white noise as strong as the floor where it is clearest, and the level of the
        recording above it. NaN where music covers the floor throughout, or there is none.
    """
    score, floor_dbfs = tracks.once(_conclude)
    if score < _FOUND:
        return math.nan, math.nan
    bands = tracks[QuietBands]
    return floor_dbfs, 10 * math.log10(bands.total / bands.frames) - floor_dbfs


def _conclude(tracks: Tracks) -> tuple[float, float]:
    """How alike the minima are, and the level of the floor."""
    level = tracks[QuietBands].least_db()
    if len(level) < _FEWEST_PIECES or level.shape[1] < _BEST:
        return 0.0, math.nan
    quiet = np.quantile(level, _QUIET, axis=0)
    share = (np.abs(level - quiet) < _NEAR_DB).mean(axis=0)
    best = np.argsort(-share, kind="stable")[:_BEST]
    rough = np.abs(np.diff(quiet[np.sort(best)])).mean()
    floor = float(np.median(quiet[best[:_AGREE]])) + _BIAS_DB
    score = float(share[best].mean() - _ROUGH * rough) if floor > _LOWEST_DB else 0.0
    return score, floor


class Noise:
    """Detector of audible steady noise."""

    tracks = (QuietBands,)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "noise",
            "judgement",
            "dBFS",
            "RMS of a white noise as strong as the floor of the mono mix",
            "The least powers of half seconds, in 13 bands from 300 Hz to 16 kHz, lie within 1 dB "
            f"of their 10th percentile in a share of {_FOUND:g} of them, less {_ROUGH:g} for each "
            f"decibel of roughness, mean of five bands; floor above {_LOWEST_DB:g} dBFS.",
            "R. Martin, IEEE Trans. Speech and Audio Processing 9 (2001) 504",
        ),
    )

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for noise."""
        floor_dbfs, snr_db = noise_floor(tracks)
        if math.isnan(floor_dbfs):
            return
        score, _ = tracks.once(_conclude)
        yield self.kinds[0].found(
            0.0,
            tracks.duration_s,
            severity="info",
            value=floor_dbfs,
            confidence=confidence(score - _FOUND, 0.2),
            meaning=f"A steady noise of about {floor_dbfs:.0f} dBFS lies under the music, "
            f"{snr_db:.0f} dB below it, and may be heard as hiss in quiet passages.",
            remedy="If it is not meant, look for the noisy track or preamplifier, and gate or "
            "denoise that one alone.",
        )
