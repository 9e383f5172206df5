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
    read: Floats = curves[:, left] * (1 - part) + curves[:, right] * part
    return read


def divide_beats(beats_s: Floats, steps: int) -> Floats:
    """Give times of ``steps`` even parts of each beat but the last, (beats - 1, steps)."""
    parts = np.arange(steps) / steps
    times: Floats = beats_s[:-1, None] + np.diff(beats_s)[:, None] * parts
    return times


def fold_curves(curves: Curves, beats_s: Floats, steps: int) -> Floats:
    """Read curves at ``steps`` even parts of each beat, shape (n, beats - 1, steps)."""
    times = divide_beats(beats_s, steps)
    return read_curves(curves, times.ravel()).reshape(len(curves), -1, steps)
