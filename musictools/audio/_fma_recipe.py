"""Descriptors as the feature tables of the Free Music Archive (FMA) have them.

The recipe of M. Defferrard et al., FMA: a dataset for music analysis, ISMIR 2017, in terms of
formulas: frames of 2048 samples every 512, padded by reflection, and seven statistics of each row.
Peculiarities of the tables are kept, since models learned from them: the root mean square is that
of 1,025 bins and not of samples; in tables made at the rate of the file, frequencies are told as if
it were 22,050 Hz; the seventh band of contrast, which depends on the decoder, is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import soxr

from musictools.audio._descriptor import Block
from musictools.audio._filters import FilterBank, cosines, mel_filters
from musictools.audio._fma_chroma import (
    CLASSES,
    cens,
    chroma_of_semitones,
    chroma_of_spectra,
    constant_q,
    tonnetz,
    tuning,
)
from musictools.audio._pass import hann, power_spectrum

Floats = npt.NDArray[np.float64]

SIZE, HOP = 2048, 512
#: Rate of the excerpt that a recipe starts from.
EXCERPT_HZ = 44_100
MEL_BANDS, _COEFFICIENTS = 128, 20
_LEAST, _DEPTH_DB = 1e-10, 80.0
_CONTRAST_LOW_HZ, _CONTRAST_BANDS, _EXTREME = 200.0, 6, 0.02
_ROLLOFF = 0.85
_SILENT = 1e-10
CHROMA = ("chroma_cens", "chroma_cqt", "chroma_stft")
STATISTICS = ("kurtosis", "max", "mean", "median", "min", "skew", "std")


@dataclass(frozen=True)
class Recipe:
    """How a table of descriptors was made.

    Attributes
    ----------
    rate_hz : int
        Rate of the samples: 22,050 or 44,100.
    assumed_hz : int
        Rate that frequencies are told by, except those of the mel and constant-Q scales.
    families : tuple of str
        What is computed.
    statistics : tuple of str
        Of each row, over the frames.
    """

    rate_hz: int
    assumed_hz: int
    families: tuple[str, ...]
    statistics: tuple[str, ...]


_SPECTRAL = (
    *("rmse", "spectral_bandwidth", "spectral_centroid", "spectral_contrast"),
    *("spectral_rolloff", "tonnetz", "zcr"),
)
#: The tables by name. ``whole_44k`` is computed by ``musictools.audio._echonest_tracks``, since
#: FMA's own table is of whole songs; ``clip_22k`` was made from FMA's clips of 30 s.
RECIPES: Mapping[str, Recipe] = {
    "clip_22k": Recipe(22_050, 22_050, (*CHROMA, "mfcc", *_SPECTRAL), ("mean",)),
    "fma_44k": Recipe(44_100, 22_050, (*CHROMA, *_SPECTRAL), ("mean", "std")),
    "whole_44k": Recipe(44_100, 44_100, ("mfcc",), STATISTICS),
}


def describe_excerpt(samples: Block, recipe: Recipe) -> dict[str, float]:
    """Compute the columns of a table for one recording.

    Parameters
    ----------
    samples : numpy.ndarray, shape (n,), float32
        At 44,100 Hz, at least 2048 of them.
    recipe : Recipe
        Which table.

    Returns
    -------
    dict of str to float
        ``mfcc_mean_01`` and so on: family, statistic, number of the row from 1.
    """
    if recipe.rate_hz != EXCERPT_HZ:
        samples = soxr.resample(samples, EXCERPT_HZ, recipe.rate_hz, quality="HQ")
    rows = describe_frames(samples, recipe)
    return {
        name: value
        for family in recipe.families
        for name, value in condense(family, rows[family], recipe.statistics).items()
    }


def condense(family: str, rows: Floats, statistics: Sequence[str]) -> dict[str, float]:
    """Give statistics over the frames of rows of shape (frames, rows), as columns of a table."""
    return {
        f"{family}_{statistic}_{place + 1:02d}": float(value)
        for statistic in statistics
        for place, value in enumerate(_statistic(rows, statistic))
    }


def _statistic(rows: Floats, name: str) -> Floats:
    if name in {"skew", "kurtosis"}:
        centred = rows - rows.mean(axis=0)
        spread = centred.std(axis=0)
        safe = np.where(spread > 0, spread, 1.0)
        power = np.mean((centred / safe) ** (3 if name == "skew" else 4), axis=0)
        moment: Floats = np.where(spread > 0, power - (0 if name == "skew" else 3), 0.0)
        return moment
    found: Floats = getattr(np, name)(rows, axis=0)
    return found


def describe_frames(samples: Block, recipe: Recipe) -> dict[str, Floats]:
    """Compute the families of a recipe, each of shape (frames, rows)."""
    power = _power(samples)
    rate, assumed = recipe.rate_hz, recipe.assumed_hz
    magnitude = np.sqrt(power)
    hz = np.arange(SIZE // 2 + 1) * assumed / SIZE
    semitones = constant_q(samples, rate, HOP, tuning(magnitude, rate))
    energies = cens(semitones)
    centroid, bandwidth = _centre(magnitude, hz)
    return {
        "chroma_cens": energies,
        "chroma_cqt": chroma_of_semitones(semitones),
        "chroma_stft": chroma_of_spectra(power, assumed),
        "mfcc": cepstrum(mel_powers(power, rate)),
        "rmse": np.sqrt(power.mean(axis=1, dtype=np.float64))[:, None],
        "spectral_bandwidth": bandwidth,
        "spectral_centroid": centroid,
        "spectral_contrast": _contrast(magnitude, hz),
        "spectral_rolloff": _rolloff(magnitude, hz),
        "tonnetz": tonnetz(energies),
        "zcr": _crossings(samples),
    }


def _power(samples: Block) -> Block:
    """Power of Hann frames centred on every 512th sample, shape (frames, 1025)."""
    padded = np.pad(samples, SIZE // 2, mode="reflect")
    view = np.lib.stride_tricks.sliding_window_view(padded, SIZE)[::HOP]
    return power_spectrum(view * hann(SIZE))


def _decibel(power: Block | Floats) -> Floats:
    """Level, at most 80 dB below the highest of the recording."""
    level = 10 * np.log10(np.maximum(power, _LEAST))
    deep: Floats = np.maximum(level, level.max() - _DEPTH_DB)
    return deep


def mel_powers(power: Block, rate_hz: int) -> Block:
    """Give the power in 128 mel bands up to half the rate, shape (frames, 128)."""
    return _mel_bank(rate_hz).apply(power)


@cache
def _mel_bank(rate_hz: int) -> FilterBank:
    return FilterBank([mel_filters(rate_hz, SIZE, MEL_BANDS, top_hz=rate_hz / 2)])


def cepstrum(mel: Block) -> Floats:
    """Give 20 coefficients of mel powers, shape (frames, 20)."""
    coefficients: Floats = _decibel(mel) @ cosines(MEL_BANDS, _COEFFICIENTS)
    return coefficients


def _centre(magnitude: Block, hz: Floats) -> tuple[Floats, Floats]:
    """Centroid and bandwidth: mean and standard deviation of the frequency, by magnitude."""
    # Moments in kilohertz lose nothing to single precision; a square of two means would.
    moments = magnitude @ np.stack((np.ones_like(hz), hz / 1e3, (hz / 1e3) ** 2), 1)
    total = np.maximum(moments[:, :1], np.finfo(np.float32).tiny)
    mean, square = moments[:, 1:2] / total, moments[:, 2:] / total
    return 1e3 * mean, 1e3 * np.sqrt(np.maximum(square - mean**2, 0.0))


def _contrast(magnitude: Block, hz: Floats) -> Floats:
    """Peak over valley in octaves from 200 Hz, and below: D.-N. Jiang et al., ICME 2002."""
    edges = np.concatenate(([0.0], _CONTRAST_LOW_HZ * 2.0 ** np.arange(_CONTRAST_BANDS)))
    peaks, valleys = [], []
    for k, (low, high) in enumerate(pairwise(edges)):
        first, last = np.searchsorted(hz, low), np.searchsorted(hz, high, side="right")
        first -= k > 0
        band = np.sort(magnitude[:, first : last - 1], axis=1)
        count = max(1, round(_EXTREME * (last - first)))
        valleys.append(band[:, :count].mean(axis=1))
        peaks.append(band[:, -count:].mean(axis=1))
    return _decibel(np.stack(peaks, axis=1)) - _decibel(np.stack(valleys, axis=1))


def _rolloff(magnitude: Block, hz: Floats) -> Floats:
    """Frequency below which 85 % of the magnitudes lie."""
    sums = np.cumsum(magnitude, axis=1)
    found: Floats = hz[np.argmax(sums >= _ROLLOFF * sums[:, -1:], axis=1)]
    return found[:, None]


def _crossings(samples: Block) -> Floats:
    """Share of the samples of a frame that have another sign than the one before."""
    padded = np.pad(samples, SIZE // 2, mode="edge")
    sign = np.signbit(np.where(np.abs(padded) <= _SILENT, np.float32(0), padded))
    sums = np.concatenate(([0], np.cumsum(sign[1:] != sign[:-1])))
    starts = np.arange(0, padded.size - SIZE + 1, HOP)
    shares: Floats = (sums[starts + SIZE - 1] - sums[starts]) / SIZE
    return shares[:, None]


def key_free(columns: Mapping[str, float | Floats]) -> dict[str, float | Floats]:
    """Replace chroma and tonnetz by what a transposition does not change.

    With some hundreds of songs no model can learn that a song in D is one in C, higher: this says
    so. Of each chroma, the magnitudes of its Fourier transform around the circle, its largest,
    smallest and middle; of tonnetz, the radius on each circle. Means and standard deviations only.

    Parameters
    ----------
    columns : mapping
        As of ``describe_excerpt``; of numbers, or of whole columns.
    """
    kept = {
        name: value for name, value in columns.items() if not name.startswith(("chroma", "tonnetz"))
    }
    for family in (*CHROMA, "tonnetz"):
        for statistic in ("mean", "std"):
            name = f"{family}_{statistic}"
            if f"{name}_01" in columns:
                rows = _stack(columns, name, 6 if family == "tonnetz" else CLASSES)
                kept |= (_radii if family == "tonnetz" else _shape)(name, rows)
    return kept


def _stack(columns: Mapping[str, float | Floats], name: str, count: int) -> Floats:
    return np.stack([np.asarray(columns[f"{name}_{i + 1:02d}"]) for i in range(count)], axis=-1)


def _shape(name: str, rows: Floats) -> dict[str, float | Floats]:
    turned = np.abs(np.fft.rfft(rows, axis=-1))
    ordered = np.sort(rows, axis=-1)
    half = CLASSES // 2
    named: dict[str, float | Floats] = {f"{name}_turn_{k}": turned[..., k] for k in range(half + 1)}
    return named | {
        f"{name}_largest": ordered[..., -1],
        f"{name}_smallest": ordered[..., 0],
        f"{name}_middle": ordered[..., half - 1 : half + 1].mean(axis=-1),
    }


def _radii(name: str, rows: Floats) -> dict[str, float | Floats]:
    return {
        f"{name}_radius_{k + 1}": np.hypot(rows[..., 2 * k], rows[..., 2 * k + 1]) for k in range(3)
    }
