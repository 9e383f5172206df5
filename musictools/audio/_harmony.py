"""Harmony over time: the chroma of every frame, and where it changes."""

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Tracks
from musictools.audio._peaks import HOP_S, PeakTrack

Floats = npt.NDArray[np.float64]

#: Frames per second of ``trace_changes``.
CHANGES_HZ = 1 / HOP_S

_BASS_HZ = (40.0, 260.0)
# Chroma before and after each frame is compared over so many frames: 0.74 s.
_AROUND = 4
# Changes that stray less are those of one chord that sounds on.
_FAINT = 0.02
# A lag is measured on what is left: a quarter of the recording at least.
_MOST_OF_IT = 0.75


def read_harmony(peaks: PeakTrack) -> tuple[Floats, Floats]:
    """Chroma of each frame of the peaks, of all and of the bass, shapes (frames, 12)."""
    low_hz, high_hz = _BASS_HZ
    return peaks.chroma(), peaks.chroma(low_hz=low_hz, high_hz=high_hz)


def find_changes(tracks: Tracks) -> Floats:
    """Conclude where harmony and bass change, as of ``trace_changes``; for ``Tracks.once``."""
    return trace_changes(read_harmony(tracks[PeakTrack]))


def trace_changes(harmony: tuple[Floats, Floats]) -> Floats:
    """Tell how much harmony and bass change from frame to frame.

    Parameters
    ----------
    harmony : tuple of numpy.ndarray, shapes (frames, 12)
        As of ``read_harmony``.

    Returns
    -------
    numpy.ndarray, shape (2, frames + 1)
        Between neighbouring frames: 0 where what comes is what was, 1 where nothing stays.
    """
    found = []
    for votes in harmony:
        sums = np.zeros((len(votes) + 1, votes.shape[1]))
        np.cumsum(votes, axis=0, out=sums[1:])
        at = np.arange(len(sums))
        before = sums - sums[np.maximum(at - _AROUND, 0)]
        after = sums[np.minimum(at + _AROUND, len(votes))] - sums
        found.append(cosine_distance(before, after))
    return np.stack(found)


def cosine_distance(one: Floats, other: Floats) -> Floats:
    """Distance of rows, 0 to 1 where nothing is negative; 0 where one of them is nothing."""
    product = np.einsum("ij,ij->i", one, other)
    length = np.sqrt(np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other))
    alike: Floats = np.divide(product, length, out=np.ones_like(product), where=length > 0)
    return 1 - alike


def repeats_of(changes: Floats, rate_hz: float, lags_s: Floats) -> Floats:
    """Autocorrelation of changes at some lags.

    Parameters
    ----------
    changes : numpy.ndarray, shape (n, frames)
        As of ``trace_changes``.
    rate_hz : float
        Frames per second; ``CHANGES_HZ`` where time is not stretched.
    lags_s : numpy.ndarray, shape (lags,)
        In seconds.

    Returns
    -------
    numpy.ndarray, shape (n, lags)
        About 1 for a perfect repetition; 0 beyond three quarters of the recording.
    """
    from scipy.fft import irfft, next_fast_len, rfft

    frames = changes.shape[1]
    most = min(int(_MOST_OF_IT * frames), int(lags_s.max(initial=0.0) * rate_hz) + 2)
    if most < 2:
        return np.zeros((len(changes), lags_s.size))
    centred = changes - changes.mean(axis=1, keepdims=True)
    length = next_fast_len(frames + most, real=True)
    spectrum = rfft(centred, length, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    raw = irfft(power, length, axis=1)[:, :most] / (frames - np.arange(most))
    level = np.square(centred.std(axis=1, keepdims=True) + _FAINT)
    at = np.arange(most)
    found = [np.interp(lags_s * rate_hz, at, row, right=0.0) for row in raw / level]
    return np.stack(found)
