"""Noise: the steady floor that is left in the quietest moments.

Minimum statistics (R. Martin, 2001): in every half second and band the least power is kept. Music
leaves different minima each time; steady noise leaves the same, in many bands. So do steady tones,
which leave peaks and valleys within a band where noise is flat.
"""

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, confidence
from musictools.audio._timbre_frames import FINE_SPECTRUM, SPECTRUM, mean_square_per_power

Floats = npt.NDArray[np.float64]

# Wide enough that noise scatters little, and high enough that bass is not in the way.
_EDGES_HZ = (
    300, 500, 700, 1000, 1400, 2000, 2800, 4000, 5000, 6300, 8000, 10_000, 12_500, 16_000,
)  # fmt: skip
_FEWEST_PIECES = 8
_SILENCE_DB, _LOWEST_DB = -110.0, -68.0
# The least of 19 averages of noise lies below its mean.
_BIAS_DB = 0.7
# Pieces as quiet as the quiet ones; the share of them is weighed against the floor's roughness.
_QUIET, _NEAR_DB, _ROUGH = 0.1, 1.0, 0.02
_BEST, _AGREE = 5, 3
# Flatness of a band of noise with few tones in it (white noise alone has 0.56). A band of less
# counts by a power of it: dense tones reach half of it in some bands.
_HISS, _DOUBT = 0.5, 4
_FOUND = 0.15
# Decibels below the lowest floor that take away a likeness of 1.
_FADE_DB = 20.0


class QuietBands:
    """Least power of each half second in 13 bands from 300 Hz to 16 kHz.

    Powers are given as the mean square that a white noise of this density would have.
    """

    needs = SPECTRUM
    #: Frames in a piece whose least is kept, and how many are averaged first.
    piece, averaged = 21, 3

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        del layout
        size = self.needs.size
        edges = np.array(_EDGES_HZ, dtype=np.float64)
        frequency = np.arange(size // 2 + 1) * (self.needs.rate_hz / size)
        inside = (frequency[:, None] >= edges[:-1]) & (frequency[:, None] < edges[1:])
        self._mean = (inside / inside.sum(axis=0)).astype(np.float32)
        self._bins = np.flatnonzero(inside.any(axis=1))
        self._band = inside[self._bins].argmax(axis=1)
        self._covered = edges[1:] <= 0.45 * sample_rate
        self._waiting = np.empty((0, frequency.size), np.float32)
        self._least: list[Block] = []
        self.total, self.frames = 0.0, 0

    def update(self, block: Block) -> None:
        """Take power spectra."""
        self.total += float(block.sum(dtype=np.float64)) * mean_square_per_power(self.needs.size)
        self.frames += len(block)
        spectra = np.concatenate((self._waiting, block))
        pieces = len(spectra) // self.piece
        self._waiting = spectra[pieces * self.piece :].copy()
        if pieces:
            cut = (spectra[: pieces * self.piece] @ self._mean).reshape(pieces, self.piece, -1)
            count = self.piece - self.averaged + 1
            mean = sum(cut[:, i : i + count] for i in range(self.averaged)) / self.averaged
            self._least.append(mean.min(axis=1))
            self._look(spectra, mean.argmin(axis=1))

    def _look(self, spectra: Block, quietest: npt.NDArray[np.intp]) -> None:
        """Look closer at the quietest frames of each piece and band."""

    def least_db(self) -> Floats:
        """Give the least levels, shape (pieces, covered bands); silent pieces are left out."""
        level = self._levels()
        sounding: Floats = level[self._sounding(level)]
        return sounding

    def _levels(self) -> Floats:
        power = self._of_pieces(self._least)
        scale = mean_square_per_power(self.needs.size) * (self.needs.size // 2 + 1)
        level: Floats = 10 * np.log10(np.maximum(power * scale, 1e-14))
        return level

    def _sounding(self, level: Floats) -> npt.NDArray[np.bool_]:
        sounding: npt.NDArray[np.bool_] = level.max(axis=1, initial=-np.inf) > _SILENCE_DB
        return sounding

    def _of_pieces(self, parts: list[Block]) -> Floats:
        whole = np.concatenate((np.empty((0, self._covered.size), np.float32), *parts))
        return whole[:, self._covered].astype(np.float64)


class QuietLines(QuietBands):
    """The same from long frames, and how flat each band is in its quietest.

    Partials 20 Hz apart are told from noise.
    """

    needs = FINE_SPECTRUM
    piece, averaged = 5, 1

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        super().__init__(sample_rate, layout)
        self._flat: list[Block] = []

    def _look(self, spectra: Block, quietest: npt.NDArray[np.intp]) -> None:
        rows = np.arange(len(quietest))[:, None] * self.piece + quietest
        power = np.maximum(spectra[rows[:, self._band], self._bins], np.float32(1e-30))
        mean = self._mean[self._bins]
        self._flat.append(np.exp(np.log(power) @ mean) / (power @ mean))

    def flatness(self) -> Floats:
        """Spectral flatness of each covered band where it is quiet; 0 where nothing sounds.

        Geometric over arithmetic mean of the bins: 0.56 for white noise, 0 for tones.
        """
        level = self._levels()
        sounding = self._sounding(level)
        level, flat = level[sounding], self._of_pieces(self._flat)[sounding]
        if not len(level):
            return np.zeros(level.shape[1])
        quiet = level <= np.quantile(level, _QUIET, axis=0) + _NEAR_DB
        mean: Floats = (flat * quiet).sum(axis=0) / quiet.sum(axis=0)
        return mean


def noise_floor(tracks: Tracks) -> tuple[float, float]:
    """Estimate the noise floor of the mono mix.

    Parameters
    ----------
    tracks : Tracks
        With ``QuietBands`` and ``QuietLines``.

    Returns
    -------
    floor_dbfs, snr_db : float
        RMS of a white noise as strong as the floor where it is clearest, and the level of the
        recording above it. NaN where music covers the floor throughout, or there is none.
    """
    likeness, floor_dbfs = tracks.once(_conclude)
    if not likeness >= _FOUND:
        return math.nan, math.nan
    bands = tracks[QuietBands]
    return floor_dbfs, 10 * math.log10(bands.total / bands.frames) - floor_dbfs


def _conclude(tracks: Tracks) -> tuple[float, float]:
    """How like noise the minima are, and the level of the floor."""
    level = tracks[QuietBands].least_db()
    if len(level) < _FEWEST_PIECES or level.shape[1] < _BEST:
        return math.nan, math.nan
    quiet = np.quantile(level, _QUIET, axis=0)
    noisy = np.minimum(tracks[QuietLines].flatness() / _HISS, 1) ** _DOUBT
    share = (np.abs(level - quiet) < _NEAR_DB).mean(axis=0) * noisy
    best = np.argsort(-share, kind="stable")[:_BEST]
    rough = np.abs(np.diff(quiet[np.sort(best)])).mean()
    floor = float(np.median(quiet[best[:_AGREE]])) + _BIAS_DB
    # However like noise it is: what is too soft to be heard does not count.
    audible = _FOUND + (floor - _LOWEST_DB) / _FADE_DB
    return min(float(share[best].mean() - _ROUGH * rough), audible), floor


class Noise:
    """Detector of audible steady noise."""

    tracks = (QuietBands, QuietLines)
    kinds: ClassVar[tuple[Kind, ...]] = (
        Kind(
            "noise",
            "judgement",
            "dBFS",
            "RMS of a white noise as strong as the floor of the mono mix",
            "The least powers of half seconds, in 13 bands from 300 Hz to 16 kHz, lie within 1 dB "
            f"of their 10th percentile in a share of {_FOUND:g} of them, less {_ROUGH:g} for each "
            "decibel of roughness, mean of five bands. A band whose spectral flatness, in quiet "
            f"frames of 0.19 s, is below {_HISS:g} counts by the fourth power of their ratio. "
            f"Floor from {_LOWEST_DB:g} dBFS on.",
            "R. Martin, IEEE Trans. Speech and Audio Processing 9 (2001) 504",
        ),
    )

    def measure(self, tracks: Tracks) -> float:
        """Give how like steady, audible noise the floor is: noise from 0.15 on, at most 1.

        NaN for less than 4 s of sound, and for rates that cover too few bands.
        """
        return tracks.once(_conclude)[0]

    def find(self, tracks: Tracks) -> Iterable[Finding]:
        """Look for noise."""
        floor_dbfs, snr_db = noise_floor(tracks)
        if math.isnan(floor_dbfs):
            return
        yield self.kinds[0].found(
            0.0,
            tracks.duration_s,
            severity="info",
            value=floor_dbfs,
            confidence=confidence(self.measure(tracks) - _FOUND, 0.2),
            meaning=f"A steady noise of about {floor_dbfs:.0f} dBFS lies under the music, "
            f"{snr_db:.0f} dB below it, and may be heard as hiss in quiet passages.",
            remedy="If it is not meant, look for the noisy track or preamplifier, and gate or "
            "denoise that one alone.",
        )
