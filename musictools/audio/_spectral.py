"""The shape, the peaks and the energy of each frame's spectrum."""

import math
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Descriptor, Value
from musictools.audio._framewise import Measure, Statistics, declare, spread
from musictools.audio._timbre_frames import (
    BIN_HZ,
    BINS,
    FLOOR_DBFS,
    HEARD,
    SPECTRUM,
    heard,
    mean_power,
    mean_square_per_power,
    round_up,
    to_dbfs,
)

Floats = npt.NDArray[np.float64]

_INF = math.inf
_TOP_HZ = SPECTRUM.rate_hz / 2
_DB_PER_NEPER = 10 / math.log(10)
_MOST_DB = round_up(10 * math.log10(BINS))
_PEETERS = "G. Peeters, A large set of audio features, IRCAM 2004"
_ESSENTIA = "Essentia, D. Bogdanov et al., ISMIR 2013"

# Bins this far below the mean power of their frame are rounding: where a codec or a lower
# sampling rate has left nothing, they would tell of the Fourier transform, not of the sound.
_DEPTH_DB = 100.0
# Essentia counts peaks above 0.005 of full scale; the same number, beside the strongest.
_PEAK_SHARE = 0.005**2
_PEAK_LOW_HZ, _PEAK_HIGH_HZ = 100.0, 5000.0
_CONTRAST_EDGES_HZ = tuple(200.0 * 2**i for i in range(7))
_CONTRAST_SHARE = 0.2
_SALIENCE_LOW_HZ, _SALIENCE_HIGH_HZ = 100.0, 5000.0
_ENERGY_BANDS = {
    "low": (20.0, 150.0),
    "middle_low": (150.0, 800.0),
    "middle_high": (800.0, 4000.0),
    "high": (4000.0, 20_000.0),
}

SHAPES = (
    Measure("spectral_centroid", "hz", "Hz", 0, _TOP_HZ, _PEETERS,
            "Centre of gravity of the magnitude spectrum"),
    Measure("spectral_spread", "hz", "Hz", 0, _TOP_HZ, _PEETERS,
            "Standard deviation of the magnitude spectrum about its centroid, which librosa "
            "calls bandwidth"),
    Measure("spectral_skewness", "", "1", -_INF, _INF, _PEETERS,
            "Third standardised moment of the magnitude spectrum"),
    Measure("spectral_kurtosis", "", "1", 1, _INF, _PEETERS,
            "Fourth standardised moment of the magnitude spectrum (3 for a Gaussian)"),
    Measure("spectral_rolloff", "hz", "Hz", 0, _TOP_HZ, _PEETERS,
            "Frequency below which 85 % of the energy lies"),
    Measure("spectral_flatness", "db", "dB", -_INF, 0, _PEETERS,
            "Geometric over arithmetic mean of the power spectrum"),
    Measure("spectral_crest", "db", "dB", 0, _MOST_DB, _PEETERS,
            "Largest over mean power of a bin"),
    Measure("spectral_entropy", "bits", "bit", 0, round_up(math.log2(BINS)),
            "H. Misra et al., Spectral entropy based feature for robust ASR, ICASSP 2004",
            "Shannon entropy of the magnitude spectrum scaled to sum to one"),
    Measure("spectral_decrease", "", "1", -_INF, 1, _PEETERS,
            "Mean slope from the first bin above DC to each other, weighted for low ones and "
            "divided by the sum of their magnitudes (Essentia's of this name is a regression "
            "that changes with gain)"),
    Measure("spectral_intercept", "dbfs", "dBFS", -_INF, _INF,
            "definition, after librosa.feature.poly_features",
            "Level per bin at 0 Hz of the least-squares line through the spectrum in dB; bins "
            "100 dB below the mean count as if there"),
    Measure("spectral_slope", "db_per_khz", "dB/kHz", -_INF, _INF,
            "definition, after librosa.feature.poly_features",
            "Slope of the least-squares line through the spectrum in dB"),
    Measure("spectral_complexity", "", "1", 0, _PEAK_HIGH_HZ / BIN_HZ / 2 + 1,
            "C. Laurier et al., Indexing music by mood, Multimed. Tools Appl. 48, 2010",
            "Number of peaks from 100 Hz to 5 kHz not more than 46 dB below the strongest bin "
            "there (for Essentia: above a threshold that changes with gain)"),
    Measure("spectral_strong_peak", "", "1", 0, _INF,
            "F. Gouyon, P. Herrera, Exploration of techniques for automatic labeling of audio "
            "drum tracks instruments, MOSART 2001",
            "Share of the strongest bin in the sum of magnitudes (Essentia: its magnitude, which "
            "changes with gain), over the logarithm to base 10 of the ratio of frequencies that "
            "the bins within half its magnitude span"),
    *(Measure(f"spectral_contrast_{i}", "db", "dB", 0, _INF,
              "D.-N. Jiang et al., Music type classification by spectral contrast feature, "
              "ICME 2002",
              f"Mean power of the strongest fifth of the bins from {low:g} to {2 * low:g} Hz over "
              "that of the weakest fifth (Essentia raises it to a power that changes with gain)")
      for i, low in enumerate(_CONTRAST_EDGES_HZ[:-1])),
    *(Measure(f"spectral_valley_{i}", "db", "dB", -_DEPTH_DB, _MOST_DB,
              "D.-N. Jiang et al., Music type classification by spectral contrast feature, "
              "ICME 2002",
              f"Mean power of the weakest fifth of the bins from {low:g} to {2 * low:g} Hz over "
              "that of all bins of the frame")
      for i, low in enumerate(_CONTRAST_EDGES_HZ[:-1])),
    Measure("pitch_salience", "", "1", -1, 1,
            "J. Ricard, Towards computational morphological description of sound, UPF 2004",
            "Largest autocorrelation of the magnitude spectrum below 5 kHz at a lag of 100 Hz or "
            "more, over that at lag zero; its mean is taken away first, without which noise would "
            "read 0.75 and most music less"),
)  # fmt: skip
FLUX = (
    Measure("spectral_flux", "", "1", 0, round_up(math.sqrt(2)),
            "G. Tzanetakis, P. Cook, IEEE Trans. Speech Audio Process. 10(5), 2002",
            "Euclidean distance between neighbouring magnitude spectra of unit norm (Essentia "
            "does not scale them)"),
)  # fmt: skip
LEVELS = (
    Measure("spectral_rms", "dbfs", "dBFS", FLOOR_DBFS, _INF, "definition",
            "Level of the windowed frame, not below -120; a full-scale sine reads -3.01. Its "
            "energy in dB is the same but for a constant"),
    Measure("spectral_hfc", "dbfs", "dBFS", FLOOR_DBFS, _INF,
            "P. Masri, A. Bateman, Improved modelling of attack transients, ICMC 1996",
            "High-frequency content: level of the power weighted by its frequency in kHz, not "
            "below -120"),
    *(Measure(f"spectral_energyband_{name}", "dbfs", "dBFS", FLOOR_DBFS, _INF, _ESSENTIA,
              f"Level of what lies from {low:g} to {high:g} Hz, not below -120")
      for name, (low, high) in _ENERGY_BANDS.items()),
)  # fmt: skip
_TILT = Descriptor(
    "spectral_tilt_db_per_octave",
    "dB/octave",
    "timbre",
    -_INF,
    _INF,
    "definition",
    "Slope of the power density of the whole recording, in thirds of octaves from 100 Hz to 10 kHz "
    "(or to 0.45 of its sampling rate): 0 for white, -3.01 for pink noise. NaN without a frame "
    "above -100 dBFS or with a sampling rate too low for three bands.",
)


class SpectralFrames:
    """Shape, flux and energy of every frame."""

    needs = SPECTRUM

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:  # noqa: ARG002 - a mono mix needs no layout
        self._sample_rate = sample_rate
        self._shapes = Statistics(len(SHAPES))
        self._flux = Statistics(len(FLUX))
        self._levels = Statistics(len(LEVELS))
        self._last = np.zeros(BINS, dtype=np.float32)
        self._was_heard = False
        self._power_sum = np.zeros(BINS)

    def update(self, block: Block) -> None:
        """Take a block of power spectra."""
        self._levels.update(to_dbfs(block @ _energy_weights(), SPECTRUM.size))
        audible = heard(block)
        follows = audible & np.concatenate(([self._was_heard], audible[:-1]))
        self._was_heard = bool(audible[-1])
        if not audible.any():
            return
        power = block if audible.all() else block[audible]
        self._power_sum += np.ones(len(power), dtype=np.float32) @ power
        magnitude = np.sqrt(power)
        self._shapes.update(describe_spectra(power, magnitude))
        flux = self._measure_flux(magnitude)
        self._flux.update(flux[follows[audible], None])

    def _measure_flux(self, magnitude: Block) -> Floats:
        from musictools.audio._spectral_kernels import measure_flux

        flux = np.empty(len(magnitude))
        measure_flux(magnitude, self._last, flux)
        return flux

    def finish(self) -> Mapping[str, Value]:
        """Give the statistics."""
        return {
            **spread(SHAPES, self._shapes.finish()),
            **spread(FLUX, self._flux.finish()),
            **spread(LEVELS, self._levels.finish()),
            _TILT.name: fit_tilt(self._power_sum, self._sample_rate),
        }


def descriptors() -> tuple[Descriptor, ...]:
    """Give the columns of this room."""
    return (
        *declare(SHAPES, "timbre", frames=HEARD),
        *declare(FLUX, "timbre", frames="pairs of neighbours above -100 dBFS"),
        *declare(LEVELS, "timbre"),
        _TILT,
    )


def describe_spectra(power: Block, magnitude: Block) -> Floats:
    """Measure the shape and the peaks of spectra, none of them silent.

    Parameters
    ----------
    power, magnitude : numpy.ndarray, shape (frames, 1025)

    Returns
    -------
    numpy.ndarray, shape (frames, len(SHAPES))
    """
    shapes, lines, peaks = (np.empty((len(power), columns)) for columns in (9, 2, 3))
    _run_kernels(power, magnitude, shapes=shapes, lines=lines, peaks=peaks)
    shapes[:, [0, 1, 4]] *= BIN_HZ
    shapes[:, [5, 6]] *= _DB_PER_NEPER
    shapes[:, 7] /= math.log(2)
    lines *= _DB_PER_NEPER
    lines[:, 0] += 10 * math.log10(mean_square_per_power(SPECTRUM.size))
    lines[:, 1] /= BIN_HZ / 1000
    share = np.sqrt(peaks[:, 2]) / magnitude.sum(axis=1)
    strong = share / peaks[:, 1]
    return np.concatenate(
        (
            shapes,
            lines,
            peaks[:, :1],
            strong[:, None],
            measure_contrast(power),
            pitch_salience(magnitude)[:, None],
        ),
        axis=1,
    )


def _run_kernels(
    power: Block, magnitude: Block, *, shapes: Floats, lines: Floats, peaks: Floats
) -> None:
    from musictools.audio._spectral_kernels import describe_shapes, find_peaks, fit_lines

    tiny = np.float32(np.finfo(np.float32).tiny)
    logarithm = np.maximum(power, tiny)
    np.log(logarithm, out=logarithm)
    describe_shapes(power, magnitude, logarithm, _inverse_distances(), shapes)
    lines[:, 0] = np.log(mean_power(power))
    fit_lines(logarithm, np.float32(_DEPTH_DB / _DB_PER_NEPER), lines)
    low, high = (math.ceil(hz / BIN_HZ) for hz in (_PEAK_LOW_HZ, _PEAK_HIGH_HZ))
    find_peaks(power, low, high, np.float32(_PEAK_SHARE), peaks)


@cache
def _inverse_distances() -> npt.NDArray[np.float32]:
    """One over the distance to the first bin above DC; nothing for what does not lie above."""
    distances = np.zeros(BINS, dtype=np.float32)
    distances[2:] = 1 / np.arange(1, BINS - 1)
    return distances


@cache
def _energy_weights() -> npt.NDArray[np.float32]:
    """Weights of the bins in LEVELS, shape (BINS, len(LEVELS))."""
    frequency = np.arange(BINS) * BIN_HZ
    # Power is one-sided, but DC and the highest bin have no mirror image to stand for.
    sides = np.ones(BINS)
    sides[[0, -1]] = 0.5
    bands = [(frequency >= low) & (frequency < high) for low, high in _ENERGY_BANDS.values()]
    return np.stack([sides, sides * frequency / 1000, *bands], axis=1).astype(np.float32)


def measure_contrast(power: Block) -> Floats:
    """Contrast and valley of octaves in dB, shape (frames, 12): six of each."""
    edges = _octave_edges()
    # AVX-512 sorts a row faster than any selection takes its ends apart.
    ordered = power[:, edges[0] : edges[-1]].copy()
    for low, high in pairwise(edges):
        ordered[:, low - edges[0] : high - edges[0]].sort(axis=1)
    mean = mean_power(power)[:, None]
    share = np.maximum(ordered @ _octave_ends() / mean, np.finfo(np.float32).tiny)
    level = np.maximum(10 * np.log10(share.astype(np.float64)), -_DEPTH_DB)
    valley, peak = np.split(level, 2, axis=1)
    return np.concatenate((np.maximum(peak - valley, 0), valley), axis=1)


@cache
def _octave_edges() -> tuple[int, ...]:
    return tuple(math.ceil(hz / BIN_HZ) for hz in _CONTRAST_EDGES_HZ)


@cache
def _octave_ends() -> npt.NDArray[np.float32]:
    """Weights that average the least and the greatest of each sorted octave, shape (bins, 12)."""
    edges = np.array(_octave_edges()) - _octave_edges()[0]
    weights = np.zeros((edges[-1], 12), dtype=np.float32)
    for i, (low, high) in enumerate(pairwise(edges)):
        count = max(1, round(_CONTRAST_SHARE * (high - low)))
        weights[low : low + count, i] = weights[high - count : high, i + 6] = 1 / count
    return weights


def pitch_salience(magnitude: Block) -> Floats:
    """Largest autocorrelation of spectra below 5 kHz at lags from 100 Hz, shape (frames,)."""
    from musictools.audio._spectral_kernels import correlate_bins

    bins = round(_SALIENCE_HIGH_HZ / BIN_HZ) + 1
    found = np.empty(len(magnitude))
    correlate_bins(magnitude, bins, math.ceil(_SALIENCE_LOW_HZ / BIN_HZ), found)
    return found


def fit_tilt(power_sum: Floats, sample_rate: int) -> float:
    """Slope in dB per octave of a power spectrum of any scale, NaN for an empty one."""
    centres = 1000 * 10 ** (np.arange(-10, 11) / 10)
    edges = 1000 * 10 ** (np.arange(-10.5, 11) / 10)
    used = edges[1:] <= 0.45 * sample_rate
    if used.sum() < 3 or not power_sum.any():
        return math.nan
    # Each bin is as wide as the distance to the next, so that narrow thirds have their part.
    above = np.concatenate(([0.0], np.cumsum(power_sum)))
    inside = np.diff(np.interp(edges, (np.arange(BINS + 1) - 0.5) * BIN_HZ, above))
    density = (inside / np.diff(edges))[used]
    least = density.max() * 10 ** (-_DEPTH_DB / 10)
    level = 10 * np.log10(np.maximum(density, least))
    return float(np.polyfit(np.log2(centres[used]), level, 1)[0])
