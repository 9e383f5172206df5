"""Compiled loops over spectral peaks."""

import math
from typing import Any

import numpy as np

from musictools.audio._kernel import kernel

Array = Any  # what numba is handed; the signatures say what it is


@kernel(
    "int64(float32[:, ::1], float32[::1], int64, int64, int64, float32,"
    " int32[::1], float32[::1], float32[::1], float32[::1], int64)"
)
def find_peaks(  # noqa: PLR0913, PLR0917 - one compiled call a block, and no object crosses into it
    power: Array,
    floor: Array,
    low: int,
    high: int,
    reach: int,
    cap: float,
    frame: Array,
    place: Array,
    magnitude: Array,
    prominence: Array,
    first_frame: int,
) -> int:
    """Write the peaks of every frame between two bins, and give their number.

    Parameters
    ----------
    power : array of shape (frames, bins)
        Squared magnitudes.
    floor : array of shape (frames,)
        Power that a peak must exceed.
    low, high : int
        First and last bin that may be a peak.
    reach : int
        Prominence is the magnitude over its mean within so many bins to either side, ...
    cap : float
        ... at most this.
    frame, place, magnitude, prominence : arrays
        Written: number of the frame, bin (a fraction of it by a parabola through three log
        magnitudes), and the two heights.
    first_frame : int
        Number of the first frame.
    """
    found = 0
    sums = np.empty(high + reach + 2)
    for row in range(power.shape[0]):
        sums[0] = 0.0
        for column in range(high + reach + 1):
            sums[column + 1] = sums[column] + math.sqrt(power[row, column])
        for column in range(low, high + 1):
            here = power[row, column]
            if here <= floor[row]:
                continue
            before, after = power[row, column - 1], power[row, column + 1]
            if here <= before or here < after:
                continue
            left = math.log(max(before / here, np.float32(1e-24)))
            right = math.log(max(after / here, np.float32(1e-24)))
            curvature = left + right
            shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
            around_from, around_to = max(column - reach, 0), column + reach + 1
            around = (sums[around_to] - sums[around_from]) / (around_to - around_from)
            tall = math.sqrt(here)
            frame[found] = first_frame + row
            place[found] = column + min(max(shift, -0.5), 0.5)
            magnitude[found] = tall
            prominence[found] = min(tall / around, cap)
            found += 1
    return found


@kernel(
    "void(int32[::1], float32[::1], float32[::1], float64[::1], float64[::1], int64,"
    " float64[::1], float64[:, ::1])"
)
def vote(
    row: Array,
    place: Array,
    weight: Array,
    below: Array,
    share: Array,
    steps: int,
    shape: Array,
    votes: Array,
) -> None:
    """Add the votes of peaks for the bins of an octave.

    Parameters
    ----------
    row : array of int
        Row of ``votes`` that a peak votes in.
    place, weight : arrays
        Of each peak; the place in bins of the octave.
    below, share : arrays
        A peak votes for the notes so many bins below it, with these shares.
    steps : int
        To a bin, in ``shape``.
    shape : array
        Weight of a vote over its distance; 0 beyond.
    votes : array of shape (rows, bins)
        Added to.
    """
    bins = votes.shape[1]
    reach = (shape.size - 1) // steps + 1
    for peak in range(row.size):
        for note in range(below.size):
            target = place[peak] - below[note]
            nearest = math.floor(target + 0.5)
            height = weight[peak] * share[note]
            for neighbour in range(nearest - reach, nearest + reach + 1):
                away = int(abs(target - neighbour) * steps + 0.5)
                if away < shape.size:
                    votes[row[peak], neighbour % bins] += height * shape[away]


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
