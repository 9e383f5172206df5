"""Compiled loops over spectral peaks."""

import math
from typing import Any

import numpy as np

from musictools._kernel import kernel

Array = Any  # what numba is handed; the signatures say what it is


@kernel("void(float32[:, ::1], float32[::1], int64, boolean[:, ::1])")
def mark_peaks(power: Array, floor: Array, low: int, marks: Array) -> None:
    """Mark the bins of every frame that are higher than both neighbours, and than a floor.

    Parameters
    ----------
    power : array of shape (frames, bins)
        Squared magnitudes.
    floor : array of shape (frames,)
        Power that a peak must exceed.
    low : int
        Bin of the first mark.
    marks : array of shape (frames, marks)
        Written.
    """
    for row in range(marks.shape[0]):
        least, own, mark = floor[row], power[row, low - 1 :], marks[row]
        for at in range(mark.size):
            here = own[at + 1]
            mark[at] = (here > least) & (here > own[at]) & (here >= own[at + 2])


@kernel("void(float32[:, ::1], int32[::1], int32[::1], int64, float32[:, ::1])", fastmath=True)
def look_around(power: Array, frame: Array, column: Array, reach: int, around: Array) -> None:
    """Write what is beside each peak.

    Parameters
    ----------
    power : array of shape (frames, bins)
        Squared magnitudes.
    frame, column : arrays
        Of each peak.
    reach : int
        Bins to either side that count as its surroundings.
    around : array of shape (4, peaks)
        Written: power before, at and after the peak, and mean magnitude of its surroundings.
    """
    if not frame.size:
        return
    magnitude = np.empty(min(column.max() + reach + 1, power.shape[1]), np.float32)
    now = -1
    for peak in range(frame.size):
        row, at = frame[peak], column[peak]
        if row != now:
            now = row
            for i in range(magnitude.size):
                magnitude[i] = math.sqrt(power[row, i])
        first, last = max(at - reach, 0), min(at + reach + 1, magnitude.size)
        around[0, peak] = power[row, at - 1]
        around[1, peak] = power[row, at]
        around[2, peak] = power[row, at + 1]
        around[3, peak] = magnitude[first:last].sum() / np.float32(last - first)


@kernel(
    "void(int32[::1], float32[::1], float32[::1], float64[::1], float64[::1], int64,"
    " float32[:, :, ::1])"
)
def count_peaks(
    frame: Array,
    pitch: Array,
    weight: Array,
    tuning: Array,
    edges: Array,
    first_frame: int,
    counts: Array,
) -> None:
    """Count peaks over the pitch within an octave, each register apart.

    Parameters
    ----------
    frame, pitch, weight : arrays
        Of each peak; the pitch in semitones.
    tuning : array of shape (frames,)
        Taken from the pitch.
    edges : array of shape (registers - 1,)
        Between the registers, in semitones above the tuning; rising.
    first_frame : int
        That of row 0.
    counts : array of shape (rows, registers, steps + 1)
        Added to: the weight of a peak goes to the two steps beside it, the nearer one more. The
        first and the last are an octave apart.
    """
    steps = counts.shape[2] - 1
    for peak in range(frame.size):
        tuned = pitch[peak] - tuning[frame[peak]]
        register = 0
        for edge in range(edges.size):
            register += tuned > edges[edge]
        octave = tuned / 12
        place = (octave - math.floor(octave)) * steps
        # A hair below an octave rounds to a whole one.
        at = min(int(place), steps - 1)
        own = counts[frame[peak] - first_frame, register]
        own[at] += np.float32(weight[peak] * (1 - (place - at)))
        own[at + 1] += np.float32(weight[peak] * (place - at))


@kernel(
    "void(int32[::1], float32[::1], float32[::1], float64[::1], float64, float64[::1],"
    " float64[:, ::1])"
)
def vote(
    frame: Array,
    pitch: Array,
    weight: Array,
    tuning: Array,
    steps: float,
    shape: Array,
    votes: Array,
) -> None:
    """Add the votes of peaks for the bins of an octave.

    Parameters
    ----------
    frame, pitch, weight : arrays
        Of each peak; the pitch in semitones.
    tuning : array of shape (frames,)
        Taken from the pitch.
    steps : float
        To a bin, in ``shape``.
    shape : array
        Weight of a vote over its distance; 0 beyond.
    votes : array of shape (frames, bins)
        Added to; bin 0 is centred on pitch 0.
    """
    bins = votes.shape[1]
    reach = shape.size / steps
    for peak in range(frame.size):
        row = frame[peak]
        octave = (pitch[peak] - tuning[row]) / 12
        place = (octave - math.floor(octave)) * bins
        if place < reach:
            place += bins
        first = int(place - reach) + 1
        away = (place - first) * steps
        at = first if first < bins else first - bins
        while away > -shape.size:
            step = int(abs(away) + 0.5)
            if step < shape.size:
                votes[row, at] += weight[peak] * shape[step]
            away -= steps
            # Rather than a remainder, which is a division.
            at = at + 1 if at < bins - 1 else 0
