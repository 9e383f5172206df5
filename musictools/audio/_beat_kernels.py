"""Compiled loops over beats."""

from typing import Any

import numpy as np

from musictools.audio._kernel import kernel

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
    # Scores of the last frames only; the choices of all frames are kept, a byte each.
    rows = int(period.max() * ratios[-1]) + 2
    score = np.zeros((rows, width), np.float32)
    choice = np.full((frames, width), _NONE, np.uint8)
    for frame in range(frames):
        row = frame % rows
        for column in range(width):
            # Gains count by the length of the beat, so that short beats do not win by number.
            gain = onset[frame] * np.float32(ratios[column]) - near[column]
            before = frame - period[frame] * ratios[column]
            best, chosen = np.float32(0.0), _NONE
            if before >= 0:
                left = int(before)
                part = np.float32(before - left)
                there = left % rows
                after = there + 1 if there + 1 < rows else 0
                best = np.float32(-np.inf)
                for other in range(max(0, column - steps), min(width, column + steps + 1)):
                    value = (
                        score[there, other]
                        + part * (score[after, other] - score[there, other])
                        - change[other - column + steps]
                    )
                    if value > best:
                        best, chosen = value, other
            score[row, column] = best + gain
            choice[frame, column] = chosen
    return _read_chain(score, choice, period, ratios)
