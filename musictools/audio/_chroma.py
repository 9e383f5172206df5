"""From spectral peaks to the notes of an octave, and what is concluded from those."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
# What the place of a peak is rounded to before it votes for classes: it is shared by the two steps
# beside it, so that the error is under 1.2 % of the vote.
_STEPS_AN_OCTAVE = 120
# Bounds the memory for those of an hour.
_FRAMES_AT_ONCE = 1024
# Steps to a bin in the table of votes over distance: errors under 0.1 %.
_BIN_STEPS = 1024.0
# Nine semitones lead from C to A, where pitch counts from.
_A_ABOVE_C = 9


@dataclass(frozen=True)
class View:
    """Which votes count.

    Attributes
    ----------
    harmonics : int, default 1
        A peak also votes for the notes of which it is the second, third, ... harmonic up to this
        one, each with 0.6 of the vote before.
    low, high : float
        Peaks between these count, in semitones above the A of the tuning.
    """

    harmonics: int = 1
    low: float = -math.inf
    high: float = math.inf


def votes_of(
    peaks: "Peaks", frames: int, views: Sequence[View], *, tuning: float | Floats
) -> Floats:
    """Votes of the peaks of each frame for the pitch classes.

    Parameters
    ----------
    peaks : Peaks
        Of frames 0 to ``frames`` - 1.
    frames : int
        Rows of the answer.
    views : sequence of View
        One and more: several together take less time than one after another.
    tuning : float or array of shape (frames,)
        Deviation of the notes from A = 440 Hz, in semitones.

    Returns
    -------
    numpy.ndarray of shape (views, frames, 12)
        0 and more, not normalised; C first.
    """
    from musictools.audio._tonal_kernels import count_peaks

    edges, shares = _shares_of_steps(tuple(views))
    tuned = _by_frame(tuning, frames)
    votes = np.empty((frames, 12 * len(views)))
    for first in range(0, frames, _FRAMES_AT_ONCE):
        last = min(first + _FRAMES_AT_ONCE, frames)
        own = slice(*np.searchsorted(peaks.frame, (first, last)))
        counts = np.zeros((last - first, len(edges) + 1, _STEPS_AN_OCTAVE + 1), np.float32)
        sides = (peaks.frame[own], peaks.pitch[own], peaks.weight[own])
        count_peaks(*sides, tuned, edges, first, counts)
        votes[first:last] = counts.reshape(last - first, -1) @ shares
    return np.ascontiguousarray(votes.reshape(frames, len(views), 12).swapaxes(0, 1))


@cache
def _shares_of_steps(
    views: tuple[View, ...],
) -> tuple[Floats, npt.NDArray[np.float32]]:
    """Give the edges of registers, and the share that each step of each has in the votes.

    Returns
    -------
    edges : numpy.ndarray of shape (registers - 1,)
        In semitones above the tuning.
    shares : numpy.ndarray of shape (registers * steps, 12 * views)
        C first.
    """
    edges = np.unique([edge for view in views for edge in (view.low, view.high)])
    ends = np.concatenate(([-math.inf], edges, [math.inf]))
    inside = np.array([(ends[:-1] >= view.low) & (ends[1:] <= view.high) for view in views])
    semitone = np.arange(_STEPS_AN_OCTAVE + 1) * (12 / _STEPS_AN_OCTAVE) + _A_ABOVE_C
    shares = np.zeros((len(ends) - 1, len(semitone), len(views), 12))
    for number, view in enumerate(views):
        for nth in range(view.harmonics):
            away = semitone[:, None] - 12 * math.log2(nth + 1) - np.arange(12)
            away = np.abs((away + 6) % 12 - 6)
            near = _HARMONIC_DECAY**nth * _squared_cosine(away / _SPREAD_SEMITONES)
            shares[inside[number], :, number] += near
    flat = shares.reshape(len(inside[0]) * len(semitone), -1)
    return edges, np.ascontiguousarray(flat, np.float32)


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
    from musictools.audio._tonal_kernels import vote

    profile = np.zeros((frames, bins))
    shape = _bin_spread(bins, window_semitones / 2)
    power = np.square(peaks.magnitude)
    tuned = _by_frame(tuning, frames)
    vote(peaks.frame, peaks.pitch, power, tuned, _BIN_STEPS, shape, profile)
    top = profile.max(axis=1, keepdims=True, initial=0)
    scaled: Floats = np.divide(profile, top, out=profile, where=top > 0)
    return scaled


def _by_frame(tuning: float | Floats, frames: int) -> Floats:
    return np.full(frames, tuning) if isinstance(tuning, float) else tuning


@cache
def _bin_spread(bins: int, reach_semitones: float) -> Floats:
    """Give the weights over the distance from a bin, in steps, as far as there is any."""
    reach = _BIN_STEPS * reach_semitones * bins / 12
    return _squared_cosine(np.arange(math.ceil(reach)) / reach)


def _squared_cosine(away: Floats) -> Floats:
    weight: Floats = np.cos(0.5 * np.pi * np.minimum(away, 1)) ** 2
    return weight


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
