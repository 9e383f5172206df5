"""Fits linear models of keys, and scores answers."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from musictools.audio._viterbi import log_softmax

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def fit_keys(
    seen: Floats, keys: Numbers, weight: Floats, *, penalty: float
) -> dict[str, list[Any]]:
    """Fit the weights that all tonics share.

    Parameters
    ----------
    seen : array of shape (examples, 12, features)
        From each tonic, as of ``_key_model.part_features``.
    keys, weight : arrays of shape (examples,)
        Number of the true key, or -1 where there is none and each is as likely; how much an
        example counts.
    penalty : float
        Half of it, times the sum of the squared weights, is added to the negative log likelihood.
    """
    features = seen.shape[2]
    wanted = targets(keys)

    def cost(flat: Floats) -> tuple[float, Floats]:
        weights, bias = flat[: 2 * features].reshape(2, features), flat[2 * features :]
        scores = (seen @ weights.T + bias).transpose(0, 2, 1).reshape(len(keys), 24)
        logs = log_softmax(scores)
        by_mode = ((np.exp(logs) - wanted) * weight[:, None]).reshape(len(keys), 2, 12)
        slope = np.tensordot(by_mode, seen, axes=((0, 2), (0, 1))) + penalty * weights
        value = -(weight[:, None] * wanted * logs).sum() + 0.5 * penalty * np.square(weights).sum()
        return float(value), np.concatenate([slope.ravel(), by_mode.sum(axis=(0, 2))])

    found = minimize(cost, np.zeros(2 * features + 2), jac=True, method="L-BFGS-B").x
    return {
        "weights": found[: 2 * features].reshape(2, features).tolist(),
        "bias": found[2 * features :].tolist(),
    }


def fit_clues(clues: Floats, keys: Numbers, *, penalty: float) -> list[float]:
    """Fit the weights of the clues, shape (examples, 24, clues), by conditional logit."""
    wanted = targets(keys)

    def cost(weights: Floats) -> tuple[float, Floats]:
        logs = log_softmax(clues @ weights)
        slope = np.einsum("nk,nkc->c", np.exp(logs) - wanted, clues) + penalty * weights
        return float(-(wanted * logs).sum() + 0.5 * penalty * np.square(weights).sum()), slope

    found: Floats = minimize(cost, np.zeros(clues.shape[2]), jac=True, method="L-BFGS-B").x
    return [float(weight) for weight in found]


def targets(keys: Numbers) -> Floats:
    """Give the probabilities that are wanted: one key, or all of them alike for -1."""
    return np.where(keys[:, None] < 0, 1 / 24, np.arange(24) == keys[:, None])


def mirex(found: Numbers, true: Numbers, *, both_fifths: bool) -> float:
    """Mean score: 1 for the key, 0.5 a fifth off, 0.3 for the relative, 0.2 for the parallel."""
    up = (found % 12 - true % 12) % 12
    same_mode = found // 12 == true // 12
    relative = np.where(true < 12, 9, 3)
    score = np.zeros(len(true))
    score[same_mode & (up == 0)] = 1.0
    score[same_mode & (up == 7)] = 0.5
    if both_fifths:
        score[same_mode & (up == 5)] = 0.5
    score[~same_mode & (up == relative)] = 0.3
    score[~same_mode & (up == 0)] = 0.2
    return float(score.mean())
