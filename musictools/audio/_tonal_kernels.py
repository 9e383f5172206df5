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


@kernel("float64[:, ::1](float64[:, ::1], float64, float64)")
def weigh(odds: Array, stays: float, moves: float) -> Array:
    """Give the posteriors of states of which any may follow any other.

    Parameters
    ----------
    odds : array of shape (steps, states), float64
        Likelihoods, up to a factor of each step; one step and more.
    stays, moves : float
        Probabilities of staying, and of going to any one other state.

    Returns
    -------
    array of shape (steps, states), float64
        Rows add up to 1.
    """
    steps, states = odds.shape
    found = np.empty((steps, states))
    found[0] = odds[0] / odds[0].sum()
    for step in range(1, steps):
        # Rows add up to 1, so that arriving from anywhere has the probability of one move.
        for state in range(states):
            arriving = (stays - moves) * found[step - 1, state] + moves
            found[step, state] = arriving * odds[step, state]
        found[step] /= found[step].sum()
    after = np.ones(states)
    for step in range(steps - 2, -1, -1):
        after *= odds[step + 1]
        after = (stays - moves) * after + moves * after.sum()
        after /= after.sum()
        found[step] *= after
        found[step] /= found[step].sum()
    return found


@kernel("UniTuple(float64[:, ::1], 2)(float64[:, ::1], float64, float64)", fastmath=True)
def weigh_changes(odds: Array, stays: float, moves: float) -> tuple[Array, Array]:
    """Give what the probability of each change of states is the product of.

    Parameters
    ----------
    odds, stays, moves
        As of ``weigh``.

    Returns
    -------
    leaving, arriving : arrays of shape (steps - 1, states)
        The product of one of ``leaving`` and another of ``arriving``, of the same row, is the
        probability that the state goes from one to the other between two steps.
    """
    steps, states = odds.shape
    leaving, arriving = np.empty((steps - 1, states)), np.empty((steps - 1, states))
    stays_more = stays - moves
    # Loops over the states rather than arrays of them, of which each would be allocated.
    now, total = np.empty(states), odds[0].sum()
    for state in range(states):
        now[state] = odds[0, state] / total
    for step in range(1, steps):
        total = 0.0
        for state in range(states):
            leaving[step - 1, state] = now[state]
            now[state] = (stays_more * now[state] + moves) * odds[step, state]
            total += now[state]
        for state in range(states):
            now[state] /= total
    now[:] = 1.0
    for step in range(steps - 1, 0, -1):
        total = staying = 0.0
        for state in range(states):
            now[state] *= odds[step, state]
            total += now[state]
            staying += now[state] * leaving[step - 1, state]
        share = moves / (moves * total + stays_more * staying)
        # What is left adds up to 1 again, for the next step.
        scale = 1 / (total * (stays_more + moves * states))
        for state in range(states):
            arriving[step - 1, state] = share * now[state]
            now[state] = (stays_more * now[state] + moves * total) * scale
    return leaving, arriving
