"""Curves read along the beat: what happens at each part of it, whatever the tempo does."""

import numpy as np
import numpy.typing as npt

from musictools.audio._onsets import RATE_HZ

Floats = npt.NDArray[np.float64]
Curves = npt.NDArray[np.float32]

#: The onset curves peak so long after a beat: the median over drums, basses, keys and guitars of
#: the training songs, whose beats are known to the sample. Kicks and hats come 3 ms sooner, slow
#: pads and strings 10 ms later.
LATENCY_S = 0.006
# Out of silence the logarithm sees a sound as soon as the edge of the window touches it. Measured
# on bursts, tones and kicks of 2 to 300 ms: none of this where the sound before is 10 dB softer,
# all of it from 40 dB on.
_LEAD_S = 0.0085
_LEAD_FROM_DB, _LEAD_TO_DB = 10.0, 40.0
# Frames before a beat that do not touch it, and those after it that hold its peak.
_BEFORE, _AFTER = np.arange(-10, -5), np.arange(9)


def read_curves(curves: Curves, times_s: Floats) -> Floats:
    """Give the curves at some times, between their frames if need be.

    Parameters
    ----------
    curves : numpy.ndarray, shape (n, frames)
        Onset curves.
    times_s : numpy.ndarray, shape (times,)
        When something begins, rather than when its curve peaks.

    Returns
    -------
    numpy.ndarray, shape (n, times)
        The first and the last frame stand for what lies beyond.
    """
    place = np.clip((times_s + LATENCY_S) * RATE_HZ, 0, curves.shape[1] - 1)
    left = np.minimum(place.astype(np.int64), max(curves.shape[1] - 2, 0))
    part = place - left
    right = np.minimum(left + 1, curves.shape[1] - 1)
    # One after the other, since hours have a million times.
    return np.stack([curve[left] * (1 - part) + curve[right] * part for curve in curves])


def divide_beats(beats_s: Floats, steps: int) -> Floats:
    """Give times of ``steps`` even parts of each beat but the last, (beats - 1, steps)."""
    parts = np.arange(steps) / steps
    times: Floats = beats_s[:-1, None] + np.diff(beats_s)[:, None] * parts
    return times


def fold_curves(curves: Curves, beats_s: Floats, steps: int) -> Floats:
    """Read curves at ``steps`` even parts of each beat, shape (n, beats - 1, steps)."""
    times = divide_beats(beats_s, steps)
    return read_curves(curves, times.ravel()).reshape(len(curves), -1, steps)


def lead_of(bands: Curves, times_s: Floats) -> float:
    """Tell how much sooner than ``LATENCY_S`` the curves of a recording peak, in seconds.

    Parameters
    ----------
    bands : numpy.ndarray, shape (frames, 6)
        Power of the bands of the onset track.
    times_s : numpy.ndarray, shape (n,)
        Onsets, one and more.
    """
    frames = np.rint(times_s * RATE_HZ).astype(np.int64)[:, None]
    near = np.clip(frames + np.append(_BEFORE, _AFTER), 0, len(bands) - 1)
    power = bands[near].sum(axis=2, dtype=np.float64) + np.finfo(np.float32).tiny
    before = power[:, : _BEFORE.size].mean(axis=1)
    after = power[:, _BEFORE.size :].max(axis=1)
    step_db = float(np.median(10 * np.log10(after / before)))
    return _LEAD_S * float(np.interp(step_db, (_LEAD_FROM_DB, _LEAD_TO_DB), (0.0, 1.0)))
