"""Chroma, tuning and tonnetz as the feature tables of the Free Music Archive have them.

librosa 0.5 made those tables; its definitions are followed here, without librosa, which takes
seconds to load. `musictools.audio._chroma` hears harmony better, but models need the numbers that
they learned from.
"""

import math
from functools import cache

import numpy as np
import numpy.typing as npt
import soxr

from musictools.audio._descriptor import Block

Floats = npt.NDArray[np.float64]

CLASSES = 12
_OCTAVES = 7
_LOWEST_HZ = 440 * 2 ** (-45 / 12)  # C1
_PITCHES_HZ = (150.0, 4000.0)
_LOUD = 0.1  # of the largest magnitude of a frame: what is quieter is no pitch
_STEP = 0.01  # of a semitone: how finely the tuning is told
_CENTRE_OCTAVE, _OCTAVE_WIDTH = 5.0, 2.0
# Length of a wavelet in periods, so that neighbouring semitones come apart.
_QUALITY = (2 ** (2 / 12) + 1) / (2 ** (2 / 12) - 1)
_TOP_RATE_HZ, _WAVELET = 22_050, 256
_CENS_STEPS, _CENS_FRAMES = (0.4, 0.2, 0.1, 0.05), 41
_TINY = float(np.finfo(np.float32).tiny)
# Fifths, minor and major thirds on circles: radius and semitones of each half turn.
_CIRCLES = ((1.0, 7 / 6), (1.0, 3 / 2), (0.5, 2 / 3))


def tuning(spectra: Block, rate_hz: float) -> float:
    """Estimate the detuning in semitones, -0.5 to 0.5; 0 where there is no pitch.

    Parameters
    ----------
    spectra : numpy.ndarray, shape (frames, bins)
        Magnitudes or powers; peaks are placed by a parabola through three of them.
    rate_hz : float
        Of the samples.
    """
    hz = rate_hz / (2 * (spectra.shape[1] - 1))
    first, last = (math.ceil(limit / hz) for limit in _PITCHES_HZ)
    last = min(last, spectra.shape[1] - 1)
    mid, left, right = (spectra[:, first + k : last + k] for k in (0, -1, 1))
    gate = _LOUD * spectra.max(axis=1, keepdims=True)
    frames, bins = np.nonzero(
        (mid > gate) & (mid > left) & (mid >= np.where(right > gate, right, 0))
    )
    if not frames.size:
        return 0.0
    here, before, after = (x[frames, bins].astype(np.float64) for x in (mid, left, right))
    curve, slope = after + before - 2 * here, (after - before) / 2
    steep = np.abs(slope) >= np.abs(curve)
    shift = np.where(steep, 0.0, -slope / np.where(steep, 1.0, curve))
    height = here + 0.5 * slope * shift
    pitch = (first + bins + shift) * hz
    loud = pitch[height >= np.median(height)]
    apart = np.mod(CLASSES * np.log2(loud / 440) + 0.5, 1.0) - 0.5
    counts, edges = np.histogram(apart, bins=np.linspace(-0.5, 0.5, round(1 / _STEP) + 1))
    return float(edges[np.argmax(counts)])


def chroma_of_spectra(power: Block, rate_hz: float) -> Floats:
    """Give the power of each pitch class, from C, largest 1, shape (frames, 12)."""
    weights = _class_weights(rate_hz, 2 * (power.shape[1] - 1), tuning(power, rate_hz))
    return _scaled(np.asarray(power @ weights.T, np.float64), np.inf)


@cache
def _class_weights(rate_hz: float, size: int, detuned: float) -> npt.NDArray[np.float32]:
    """Bell curves over the bins around every octave of each class, shape (12, bins)."""
    hz = np.arange(1, size) * rate_hz / size
    bins = CLASSES * (np.log2(hz / 440 * 16) - detuned / CLASSES)
    bins = np.concatenate(([bins[0] - 1.5 * CLASSES], bins))
    width = np.append(np.maximum(np.diff(bins), 1.0), 1.0)
    half = CLASSES // 2
    apart = np.mod(bins - np.arange(CLASSES)[:, None] + half, CLASSES) - half
    weights = np.exp(-0.5 * (2 * apart / width) ** 2)
    weights /= np.sqrt(np.square(weights).sum(axis=0))
    weights *= np.exp(-0.5 * ((bins / CLASSES - _CENTRE_OCTAVE) / _OCTAVE_WIDTH) ** 2)
    # Bins are counted from A.
    kept = np.roll(weights, -3, axis=0)[:, : size // 2 + 1]
    return np.asarray(kept, np.float32)


def constant_q(samples: Block, rate_hz: int, hop: int, detuned: float) -> Floats:
    """Give magnitudes of 84 semitones from C1, shape (frames, 84).

    One set of wavelets serves every octave, on samples that are halved from one to the next.

    Parameters
    ----------
    samples : numpy.ndarray, shape (n,)
    rate_hz : int
        22,050 or 44,100.
    hop : int
        Samples from frame to frame: a power of two from 64 on (at 22,050 Hz).
    detuned : float
        In semitones.
    """
    frames = 1 + samples.size // hop
    level = samples
    for _ in range(round(math.log2(rate_hz / _TOP_RATE_HZ))):
        level, hop = _halved(level), hop // 2
    wavelets, root_lengths = _wavelets(detuned)
    found = np.empty((frames, _OCTAVES, CLASSES))
    for octave in range(_OCTAVES):
        if octave:
            level, hop = _halved(level), hop // 2
        reach = np.zeros((frames - 1) * hop + _WAVELET, np.float32)
        part = level[: reach.size - _WAVELET // 2]
        reach[_WAVELET // 2 : _WAVELET // 2 + part.size] = part
        view = np.lib.stride_tricks.sliding_window_view(reach, _WAVELET)[::hop]
        answer = view @ wavelets
        # The wavelets of each octave below are twice as long, at half the rate.
        gain = root_lengths * 2 ** (octave / 2)
        found[:, _OCTAVES - 1 - octave] = gain * np.hypot(*np.split(answer, 2, axis=1))
    return found.reshape(frames, -1)


def _halved(samples: Block) -> Block:
    half: Block = soxr.resample(samples, 2, 1, quality="HQ")
    return half


@cache
def _wavelets(detuned: float) -> tuple[npt.NDArray[np.float32], Floats]:
    """Cosines and then sines of the top octave, (256, 24); roots of their lengths in samples."""
    top_c = _LOWEST_HZ * 2 ** (_OCTAVES - 1)
    hz = top_c * 2 ** ((np.arange(CLASSES) + detuned) / CLASSES)
    lengths = _QUALITY * _TOP_RATE_HZ / hz
    made = np.zeros((_WAVELET, CLASSES), complex)
    for k, (each_hz, length) in enumerate(zip(hz, lengths, strict=True)):
        n = np.arange(math.floor(-length / 2), math.floor(length / 2))
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n.size) / n.size)
        made[_WAVELET // 2 + n, k] = (
            window / window.sum() * np.exp(2j * np.pi * each_hz / _TOP_RATE_HZ * n)
        )
    both = np.concatenate((made.real, made.imag), axis=1).astype(np.float32)
    # In units of the rate that all octaves began with, roots differ by a factor that chroma lose.
    return both, np.sqrt(lengths)


def chroma_of_semitones(semitones: Floats) -> Floats:
    """Add the octaves of each class; largest 1, shape (frames, 12)."""
    return _scaled(_folded(semitones), np.inf)


def cens(semitones: Floats) -> Floats:
    """Give chroma energies, normalised, in four steps, smoothed over 41 frames, of unit length.

    M. Mueller, S. Ewert, Chroma Toolbox, ISMIR 2011.
    """
    from scipy.ndimage import convolve1d

    shares = _scaled(_folded(semitones), 1)
    steps = sum((shares > step) * 0.25 for step in _CENS_STEPS)
    phase = 2 * np.pi * np.arange(_CENS_FRAMES + 2) / (_CENS_FRAMES + 1)
    window = 0.5 - 0.5 * np.cos(phase)
    energies = np.asarray(steps, np.float64)
    smooth = convolve1d(energies, window / window.sum(), axis=0, mode="constant")
    return _scaled(smooth, 2)


def tonnetz(chroma: Floats) -> Floats:
    """Give the tonal centroid, shape (frames, 6): C. Harte et al., AMCMM 2006."""
    rows = []
    for radius, turns in _CIRCLES:
        angle = np.pi * turns * np.arange(CLASSES)
        rows += [radius * np.sin(angle), radius * np.cos(angle)]
    centroid: Floats = _scaled(chroma, 1) @ np.array(rows).T
    return centroid


def _folded(semitones: Floats) -> Floats:
    classes: Floats = semitones.reshape(len(semitones), _OCTAVES, CLASSES).sum(axis=1)
    return classes


def _scaled(rows: Floats, order: float) -> Floats:
    length = np.linalg.norm(rows, ord=order, axis=1, keepdims=True)
    scaled: Floats = rows / np.where(length < _TINY, 1.0, length)
    return scaled
