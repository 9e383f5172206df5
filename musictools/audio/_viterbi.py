"""Sequences of states that seldom change: the likeliest one, and how likely each state is."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def log_softmax(scores: Floats) -> Floats:
    """Give log probabilities over the last axis."""
    lower = scores - scores.max(axis=-1, keepdims=True)
    logs: Floats = lower - np.log(np.exp(lower).sum(axis=-1, keepdims=True))
    return logs


def likeliest_path(logs: Floats, *, stay: float) -> npt.NDArray[np.int64]:
    """Give the likeliest sequence of states (Viterbi).

    Parameters
    ----------
    logs : array of shape (steps, states)
        Log likelihoods; one step and more.
    stay : float
        Probability that the next state is the same; all others are alike.

    Returns
    -------
    numpy.ndarray of shape (steps,)
    """
    from musictools.audio._viterbi_kernels import follow

    moves = math.log((1 - stay) / (logs.shape[1] - 1))
    path: npt.NDArray[np.int64] = follow(np.ascontiguousarray(logs), math.log(stay), moves)
    return path


def state_posteriors(logs: Floats, *, stay: float) -> Floats:
    """Give how likely each state is at each step, all steps heard (forward-backward).

    Parameters
    ----------
    logs, stay
        As of :func:`likeliest_path`.

    Returns
    -------
    numpy.ndarray of shape (steps, states)
        Rows add up to 1.
    """
    from musictools.audio._viterbi_kernels import weigh

    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    posteriors: Floats = weigh(odds, stay, (1 - stay) / (logs.shape[1] - 1))
    return posteriors


def change_posteriors(logs: Floats, *, stay: float) -> tuple[Floats, Floats]:
    """Give how likely each change of states is, all steps heard, as two factors.

    Parameters
    ----------
    logs, stay
        As of :func:`likeliest_path`.

    Returns
    -------
    leaving, arriving : numpy.ndarray of shape (steps - 1, states)
        ``leaving[i, a] * arriving[i, b]`` is the probability of state a at step i, and of another
        one, b, at the next.
    """
    from musictools.audio._viterbi_kernels import weigh_changes

    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    factors: tuple[Floats, Floats] = weigh_changes(odds, stay, (1 - stay) / (logs.shape[1] - 1))
    return factors
