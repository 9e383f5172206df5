"""From spectral peaks to the notes of an octave, and what is concluded from those."""

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from musictools.audio._peaks import Peaks

Floats = npt.NDArray[np.float64]

# Distance at which a vote has fallen to 0: wide enough for a vibrato, and none is lost between.
_SPREAD_SEMITONES = 0.75
_HARMONIC_DECAY = 0.6
# Steps to a bin in the table of votes over distance: errors under 0.1 %.
_STEPS = 1024.0
# Nine semitones lead from C to A, where pitch counts from.
_A_ABOVE_C = 9


def votes_of(
    peaks: "Peaks",
    frames: int,
    *,
    tuning: float | Floats,
    harmonics: int = 1,
    between: tuple[float, float] = (-math.inf, math.inf),
) -> Floats:
    """Votes of the peaks of each frame for the pitch classes.

    Parameters
    ----------
    peaks : Peaks
        Of frames 0 to ``frames`` - 1.
    frames : int
        Rows of the answer.
    tuning : float or array of shape (frames,)
        Deviation of the notes from A = 440 Hz, in semitones.
    harmonics : int, default 1
        A peak also votes for the notes of which it is the second, third, ... harmonic up to this
        one, each with 0.6 of the vote before.
    between : tuple of float, optional
        Peaks from one to the other count, in semitones above the A so tuned.

    Returns
    -------
    numpy.ndarray of shape (frames, 12)
        0 and more, not normalised; C first.
    """
    below, shares = _harmonic_shares(harmonics)
    votes = _vote(
        peaks,
        peaks.weight,
        (frames, 12),
        tuning=tuning,
        between=between,
        below=below,
        shares=shares,
        reach_semitones=_SPREAD_SEMITONES,
    )
    return np.roll(votes, _A_ABOVE_C, axis=1)


def hpcp_of(
    peaks: "Peaks", frames: int, *, tuning: float | Floats, bins: int, window_semitones: float
) -> Floats:
    """Harmonic pitch class profile (E. Gomez 2006) of each frame.

    Parameters
    ----------
    peaks, frames, tuning
        As of :func:`votes_of`.
    bins : int
        To the octave; bin 0 is centred on A.
    window_semitones : float
        Width of the squared cosine that weighs the power of a peak.

    Returns
    -------
    numpy.ndarray of shape (frames, bins)
        0 to 1; the largest of each row is 1, or all are 0.
    """
    below, shares = _harmonic_shares(1)
    profile = _vote(
        peaks,
        np.square(peaks.magnitude),
        (frames, bins),
        tuning=tuning,
        between=(-math.inf, math.inf),
        below=below,
        shares=shares,
        reach_semitones=window_semitones / 2,
    )
    top = profile.max(axis=1, keepdims=True, initial=0)
    scaled: Floats = np.divide(profile, top, out=profile, where=top > 0)
    return scaled


def _harmonic_shares(harmonics: int) -> tuple[Floats, Floats]:
    """Semitones below a peak that it votes for, and their shares; octaves are one note."""
    shares: dict[float, float] = {}
    for nth in range(harmonics):
        below = 12 * math.log2(nth + 1) % 12
        shares[below] = shares.get(below, 0.0) + _HARMONIC_DECAY**nth
    return np.array(list(shares)), np.array(list(shares.values()))


@cache
def _vote_shape(bins: int, reach_semitones: float) -> tuple[float, Floats]:
    """Give the steps to a bin, and the squared cosine over distance in such steps."""
    reach = _STEPS * reach_semitones * bins / 12
    return _STEPS, np.cos(0.5 * np.pi * np.arange(math.ceil(reach)) / reach) ** 2


def _vote(
    peaks: "Peaks",
    weight: npt.NDArray[np.float32],
    shape: tuple[int, int],
    *,
    tuning: float | Floats,
    between: tuple[float, float],
    below: Floats,
    shares: Floats,
    reach_semitones: float,
) -> Floats:
    from musictools.audio._tonal_kernels import vote

    votes = np.zeros(shape)
    vote(
        peaks.frame,
        peaks.pitch,
        weight,
        np.full(shape[0], tuning) if isinstance(tuning, float) else tuning,
        *between,
        below,
        shares,
        *_vote_shape(shape[1], reach_semitones),
        votes,
    )
    return votes


def cens_of(chroma: Floats, *, smooth_frames: int) -> Floats:
    """Chroma energy normalised statistics (M. Mueller, S. Ewert, ISMIR 2011).

    Parameters
    ----------
    chroma : array of shape (frames, 12)
        0 and more.
    smooth_frames : int
        Frames that a Hann window smooths over.

    Returns
    -------
    numpy.ndarray of shape (frames, 12)
        Shares counted in four steps (one for each of 5, 10, 20 and 40 % exceeded), smoothed, and
        scaled to a Euclidean length of 1; rows of zeros stay.
    """
    total = chroma.sum(axis=1, keepdims=True)
    shares = np.divide(chroma, total, out=np.zeros_like(chroma), where=total > 0)
    counted = sum((shares > step) * 0.25 for step in (0.05, 0.1, 0.2, 0.4))
    window = np.hanning(smooth_frames + 2)
    # As many frames as before, however short the recording.
    offset = len(window) // 2
    smooth = np.stack(
        [np.convolve(column, window)[offset : offset + len(chroma)] for column in counted.T],
        axis=1,
    )
    length = np.sqrt(np.square(smooth).sum(axis=1, keepdims=True))
    scaled: Floats = np.divide(smooth, length, out=np.zeros_like(smooth), where=length > 0)
    return scaled


def tonnetz_of(chroma: Floats) -> Floats:
    """Tonal centroids (C. Harte, M. Sandler, M. Gasser, AMCMM 2006).

    Parameters
    ----------
    chroma : array of shape (frames, 12)
        Rows that are not all 0.

    Returns
    -------
    numpy.ndarray of shape (frames, 6)
        Sine and cosine on the circles of fifths, of minor thirds (both -1 to 1) and of major
        thirds (-0.5 to 0.5).
    """
    notes = np.arange(12)
    turns = np.outer((7 / 6, 3 / 2, 2 / 3), notes) * np.pi
    radius = np.array([1.0, 1.0, 0.5])[:, None]
    basis = np.stack((radius * np.sin(turns), radius * np.cos(turns)), axis=1).reshape(6, 12)
    centroids: Floats = chroma @ basis.T / chroma.sum(axis=1, keepdims=True)
    return centroids
