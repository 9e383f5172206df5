"""What onsets and harmony say about each candidate tempo: 135 numbers to choose the level by."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._harmony import CHANGES_HZ, repeats_of
from musictools.audio._onsets import BAND_EDGES_HZ, CURVES, RATE_HZ
from musictools.audio._periodicity import Curves, Floats, Periodicity

# Lags in beats, and frequencies in multiples of the beat's.
_LAGS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4, 6, 8)
_HARMONICS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4)
# Where two bands go together, the sign tells: bass drum and snare in turn are negative at 1/2.
_COHERENT = (1 / 4, 1 / 2, 1, 2)
_PAIRS = ((0, 2), (0, 1), (1, 2))
# Chords change with bars, halves of bars and beats: lags in beats.
_CHORD_LAGS = (1, 2, 3, 4, 6, 8)
_LARGEST_BETWEEN_S = (0.2, 4.0)
_WINDOW_S, _WINDOW_HOP_S, _MOST_WINDOWS = 9.0, 7.0, 24
_TRANSFORM = 4096  # points of a window's transform, padded: steps of 0.02 Hz
_ONSET_HEIGHTS = (0.4, 1.2)
_MIDDLE_BPM = 120.0


@dataclass(frozen=True)
class Heard:
    """What the tempo of a recording is concluded from.

    Attributes
    ----------
    curves : numpy.ndarray, shape (4, frames)
        Onset curves.
    bands : numpy.ndarray, shape (6,)
        Mean power of the bands of the onset track.
    changes : numpy.ndarray, shape (2, other frames)
        Changes of harmony and bass, as of ``trace_changes``.
    rate_hz : float
        Frames of the curves per second; another than ``RATE_HZ`` is time stretched, and stretches
        the changes as well.
    """

    curves: Curves
    bands: Floats
    changes: Floats
    rate_hz: float = RATE_HZ


def _names() -> tuple[str, ...]:
    ratio = "{:.2f}".format
    return (
        *(f"repeat_{curve}_{ratio(r)}" for curve in CURVES for r in _LAGS),
        *(f"fourier_{curve}_{ratio(r)}" for curve in CURVES for r in _HARMONICS),
        *(f"coherence_{CURVES[a]}_{CURVES[b]}_{ratio(r)}" for a, b in _PAIRS for r in _COHERENT),
        *(f"onsets_{curve}_{height}" for height in _ONSET_HEIGHTS for curve in CURVES),
        "comb",
        "pulse",
        "octave",
        "octave_centroid",
        "octave_low",
        "octave_high",
        "octave_peaky",
        *(f"changes_{of}_{lag}" for of in ("harmony", "bass") for lag in _CHORD_LAGS),
    )


#: Name of each column of ``describe_candidates``.
FEATURES = _names()


def describe_candidates(heard: Heard, found: Periodicity, tempi_bpm: Floats) -> Floats:
    """Describe each candidate tempo of a recording.

    Parameters
    ----------
    heard : Heard
        The recording.
    found : Periodicity
        Of its curves.
    tempi_bpm : numpy.ndarray, shape (n,)
        Candidates.

    Returns
    -------
    numpy.ndarray, shape (n, len(FEATURES))
    """
    curves = heard.curves
    fourier, coherence = _fourier_features(curves, found.rate_hz, tempi_bpm)
    octave = np.log2(tempi_bpm / _MIDDLE_BPM)
    at = np.searchsorted(found.tempi_bpm, tempi_bpm).clip(max=found.tempi_bpm.size - 1)
    return np.concatenate(
        (
            _repeats(found, tempi_bpm),
            fourier,
            coherence,
            _onsets_per_beat(curves, found.rate_hz, tempi_bpm),
            (found.comb / max(found.comb.max(), 1e-9))[at, None],
            found.pulse[at, None],
            octave[:, None],
            octave[:, None] * _overall(curves, heard.bands),
            _chord_repeats(heard, tempi_bpm),
        ),
        axis=1,
    )


def _repeats(found: Periodicity, tempi_bpm: Floats) -> Floats:
    """Autocorrelation at parts and multiples of the beat, shape (n, 52)."""
    beat = 60 * found.rate_hz / tempi_bpm
    wanted = beat[:, None] * np.array(_LAGS)
    lags = np.arange(found.repeats.shape[1])
    first, last = (round(found.rate_hz * s) for s in _LARGEST_BETWEEN_S)
    features = []
    for repeats in found.repeats:
        largest = max(float(repeats[first:last].max(initial=0)), 1e-3)
        features.append(np.interp(wanted, lags, repeats, right=0.0) / largest)
    return np.concatenate(features, axis=1)


def _chord_repeats(heard: Heard, tempi_bpm: Floats) -> Floats:
    """Autocorrelation of the changes of harmony and bass at whole beats, shape (n, 12)."""
    lags_s = 60 / tempi_bpm[:, None] * np.array(_CHORD_LAGS)
    rate_hz = CHANGES_HZ * heard.rate_hz / RATE_HZ
    repeats = repeats_of(heard.changes, rate_hz, lags_s.ravel())
    features: Floats = repeats.reshape(-1, *lags_s.shape).swapaxes(0, 1)
    return features.reshape(tempi_bpm.size, -1)


def _fourier_features(curves: Curves, rate_hz: float, tempi_bpm: Floats) -> tuple[Floats, Floats]:
    """Fourier magnitude and coherence at multiples of the beat, shapes (n, 44) and (n, 12)."""
    spectra = _windows(curves, rate_hz)
    step_hz = rate_hz / 2 / _TRANSFORM
    beat_hz = tempi_bpm[:, None] / 60
    features = []
    magnitude = np.abs(spectra).mean(axis=1)
    slowest, fastest = (round(hz / step_hz) for hz in (0.3, 15.0))
    at = np.rint(beat_hz * _HARMONICS / step_hz).astype(int)
    largest = np.maximum(magnitude[:, slowest:fastest].max(axis=1), 1e-6)
    features = [row[at] / top for row, top in zip(magnitude, largest, strict=True)]
    at = np.rint(beat_hz * _COHERENT / step_hz).astype(int)
    together = []
    for a, b in _PAIRS:
        product = (spectra[a][:, at] * spectra[b][:, at].conj()).real.mean(axis=0)
        size = np.sqrt(magnitude[a][at] * magnitude[b][at])
        # Coherence between -1 and 1, weighed by how strong both are.
        power = np.sqrt(
            (np.abs(spectra[a][:, at]) ** 2).mean(axis=0)
            * (np.abs(spectra[b][:, at]) ** 2).mean(axis=0)
        )
        strength = size / np.sqrt(largest[a] * largest[b])
        together.append(product / np.maximum(power, 1e-9) * strength)
    return np.concatenate(features, axis=1), np.concatenate(together, axis=1)


def _windows(curves: Curves, rate_hz: float) -> npt.NDArray[np.complex64]:
    """Transform windows of 9 s at half the rate, shape (4, windows, _TRANSFORM / 2 + 1)."""
    from scipy.fft import rfft

    frames = curves.shape[1] // 2
    halved = curves[:, : 2 * frames].reshape(4, frames, 2).mean(axis=2)
    size = min(round(_WINDOW_S * rate_hz / 2), frames)
    count = 1 + min(int((frames - size) / (_WINDOW_HOP_S * rate_hz / 2)), _MOST_WINDOWS - 1)
    starts = np.linspace(0, frames - size, count).round().astype(int)
    window = np.hanning(size).astype(np.float32)
    pieces = np.stack([halved[:, start : start + size] for start in starts], axis=1)
    spectra: npt.NDArray[np.complex64] = rfft(pieces * window, _TRANSFORM, axis=2)
    return spectra


def _onsets_per_beat(curves: Curves, rate_hz: float, tempi_bpm: Floats) -> Floats:
    """Log of how many peaks above two heights fall on a beat, shape (n, 8)."""
    middle = curves[:, 1:-1]
    peaks = (middle > curves[:, :-2]) & (middle >= curves[:, 2:])
    counts = [(peaks & (middle > height)).sum(axis=1) for height in _ONSET_HEIGHTS]
    each_s = (np.concatenate(counts) + 1) * rate_hz / curves.shape[1]
    per_beat: Floats = np.log2(60 / tempi_bpm[:, None] * each_s)
    return per_beat


def _overall(curves: Curves, bands: Floats) -> Floats:
    """Brightness, share of low and of high onsets, and peakiness: what moves the usual tempo."""
    centres = np.log2(np.sqrt(np.maximum(BAND_EDGES_HZ[:-1], 50.0) * BAND_EDGES_HZ[1:]) / 800)
    magnitude = np.sqrt(np.maximum(bands, 0))
    centroid = float(magnitude @ centres / max(magnitude.sum(), 1e-9))
    means = curves.mean(axis=1, dtype=np.float64)
    total = max(float(means[:3].sum()), 1e-9)
    peaky = float(np.log2(max(float(curves[3].std()), 1e-9) / max(float(means[3]), 1e-9)))
    return np.array([centroid, means[0] / total, means[2] / total, peaky])
