"""Compiled loops over sequences of states that seldom change."""

from typing import Any

import numpy as np

from musictools._kernel import kernel

Array = Any  # what numba is handed; the signatures say what it is


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
