"""Compiled loops over beats, and over the course of the tempo."""

from typing import Any

import numpy as np

from musictools._kernel import kernel

Array = Any  # what numba is handed; the signatures say what it is

_NONE = 255


@kernel("float64[::1](float32[:, ::1], uint8[:, ::1], float64[::1], float64[::1])")
def _read_chain(score: Array, choice: Array, period: Array, ratios: Array) -> Array:
    """Go back from the best beat of the last period, choice by choice."""
    frames = period.size
    # The last beat is the best of the last period.
    best, last, column = np.float32(-np.inf), frames - 1, 0
    for end in range(max(0, frames - int(period[frames - 1])), frames):
        for other in range(ratios.size):
            if score[end % len(score), other] > best:
                best, last, column = score[end % len(score), other], end, other
    beats = np.empty(frames, np.float64)
    count = 0
    place = float(last)
    while True:
        beats[count] = place
        count += 1
        at = int(place + 0.5)
        step = period[at] * ratios[column]
        column = int(choice[at, column])
        if column == _NONE or place < step:
            return beats[:count][::-1].copy()
        place -= step


@kernel("float64[::1](float32[::1], float64[::1], float64[::1], float32[::1], float32[::1])")
def chain_beats(onset: Array, period: Array, ratios: Array, near: Array, change: Array) -> Array:
    """Find the chain of beats that gathers most onset at a period that changes little.

    Parameters
    ----------
    onset : array of shape (frames,)
        Evidence for a beat, of about unit spread and zero mean.
    period : array of shape (frames,)
        Frames that a beat which ends there is expected to take, two and more.
    ratios : array of shape (n,)
        Periods to try, as multiples of the expected one; rising, 254 at most.
    near : array of shape (n,)
        Cost of each of them.
    change : array of shape (2 * steps + 1,)
        Cost of going up or down so many ratios from one beat to the next; no more are gone.

    Returns
    -------
    array of shape (beats,)
        Frames and parts of them, rising.
    """
    frames = onset.size
    width = ratios.size
    steps = change.size // 2
    # The last frames only; the choices of all frames are kept, a byte each.
    rows = int(period.max() * ratios[-1]) + 2
    score = np.zeros((rows, width), np.float32)
    # Best score that a chain which ends there can hand on to each period, and the period it had.
    handed = np.zeros((rows, width), np.float32)
    source = np.zeros((rows, width), np.int32)
    choice = np.full((frames, width), _NONE, np.uint8)
    # No period lies beyond the first and the last.
    padded = np.full(width + 2 * steps, -np.inf, np.float32)
    own = padded[steps : steps + width]
    for frame in range(frames):
        row = frame % rows
        for column in range(width):
            # Gains count by the length of the beat, so that short beats do not win by number.
            gain = onset[frame] * np.float32(ratios[column]) - near[column]
            before = frame - period[frame] * ratios[column]
            if before >= 0:
                left = int(before)
                part = np.float32(before - left)
                # A remainder takes longer than all else here.
                there = row - (frame - left)
                there = there if there >= 0 else there + rows
                after = there + 1 if there + 1 < rows else 0
                best = handed[there, column]
                own[column] = best + part * (handed[after, column] - best) + gain
                nearer = after if part > 0.5 else there
                choice[frame, column] = source[nearer, column]
            else:
                own[column] = gain
        score[row] = own
        best_of, from_of = handed[row], source[row]
        best_of[:] = -np.inf
        for shift in range(change.size):
            cost = change[shift]
            for column in range(width):
                value = padded[column + shift] - cost
                if value > best_of[column]:
                    best_of[column] = value
                    from_of[column] = column + shift - steps
    return _read_chain(score, choice, period, ratios)


@kernel("int64[::1](float64[:, ::1], float64[::1])")
def climb_path(scores: Array, cost: Array) -> Array:
    """Find the path of most score, which costs more the farther it moves from row to row.

    Parameters
    ----------
    scores : array of shape (n, columns)
        One row and more.
    cost : array of shape (2 * farthest + 1,)
        Of going down or up so many columns; no farther is gone.

    Returns
    -------
    array of shape (n,)
        The column of each row.
    """
    rows, columns = scores.shape
    farthest = cost.size // 2
    choice = np.empty((rows, columns), np.int64)
    total = scores[0].copy()
    for row in range(1, rows):
        reached = np.empty(columns)
        for column in range(columns):
            best, chosen = -np.inf, 0
            for other in range(max(0, column - farthest), min(columns, column + farthest + 1)):
                value = total[other] - cost[other - column + farthest]
                if value > best:
                    best, chosen = value, other
            reached[column] = best + scores[row, column]
            choice[row, column] = chosen
        total = reached
    path = np.empty(rows, np.int64)
    path[-1] = np.argmax(total)
    for row in range(rows - 1, 0, -1):
        path[row - 1] = choice[row, path[row]]
    return path
