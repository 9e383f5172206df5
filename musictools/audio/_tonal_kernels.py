"""Compiled loops over spectral peaks."""

import math
from typing import Any

import numpy as np

from musictools.audio._kernel import kernel

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
        total = np.float32(0.0)
        for i in range(first, last):
            total += magnitude[i]
        around[0, peak] = power[row, at - 1]
        around[1, peak] = power[row, at]
        around[2, peak] = power[row, at + 1]
        around[3, peak] = total / np.float32(last - first)


@kernel(
    "void(int32[::1], float32[::1], float32[::1], float64[::1], float64, float64, float64[::1],"
    " float64[::1], float64, float64[::1], float64[:, ::1])"
)
def vote(  # noqa: PLR0913, PLR0917 - one compiled call, and no object crosses into it
    frame: Array,
    pitch: Array,
    weight: Array,
    tuning: Array,
    low: float,
    high: float,
    below: Array,
    share: Array,
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
    low, high : float
        Peaks between these count, in semitones above the tuning.
    below, share : arrays
        A peak votes for the notes so many semitones below it, from 0 to 12, with these shares.
    steps : float
        To a bin, in ``shape``.
    shape : array
        Weight of a vote over its distance; 0 beyond.
    votes : array of shape (frames, bins)
        Added to; bin 0 is centred on pitch 0.
    """
    bins = votes.shape[1]
    to_bins = bins / 12
    reach = shape.size / steps
    for peak in range(frame.size):
        row = frame[peak]
        tuned = pitch[peak] - tuning[row]
        if tuned < low or tuned > high:
            continue
        octave = tuned - 12 * math.floor(tuned / 12)
        for note in range(below.size):
            place = (octave - below[note]) * to_bins
            if place < 0:
                place += bins
            height = weight[peak] * share[note]
            first = math.ceil(place - reach)
            # Rather than a remainder for each: this is a division less.
            at = first if first >= 0 else first + bins
            for neighbour in range(first, math.floor(place + reach) + 1):
                away = int(abs(place - neighbour) * steps + 0.5)
                if at >= bins:
                    at -= bins
                if away < shape.size:
                    votes[row, at] += height * shape[away]
                at += 1


@kernel("int64[::1](float64[:, ::1], float64, float64)")
def follow(logs: Array, stays: float, moves: float) -> Array:
    """Find the likeliest path through states of which any may follow any other.

    Parameters
    ----------
    logs : array of shape (steps, states), float64
        Log likelihoods; one step and more.
    stays, moves : float
        Log probabilities of staying, and of going to any one other state.

    Returns
    -------
    array of shape (steps,), int64
    """
    steps, states = logs.shape
    came_from = np.empty((steps, states), np.int64)
    score = logs[0].copy()
    for step in range(1, steps):
        # Only the best of all needs comparing with staying.
        best = int(np.argmax(score))
        arriving = score[best] + moves
        for state in range(states):
            staying = score[state] + stays
            moved = arriving > staying
            came_from[step, state] = best if moved else state
            score[state] = (arriving if moved else staying) + logs[step, state]
    path = np.empty(steps, np.int64)
    path[steps - 1] = int(np.argmax(score))
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path
