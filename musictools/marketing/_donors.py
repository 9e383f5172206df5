"""Counterfactuals from series that were not treated: one form for four methods."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from musictools.marketing._simplex import simplex_weights

_FOLDS = 5


class Mixture(NamedTuple):
    """What stands for the treated series: donors by weight, and the periods that set its level."""

    donors: np.ndarray
    periods: np.ndarray

    def path(self, donors: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Counterfactual of every period, from donors (series x periods) and the own series."""
        mixed: np.ndarray = self.donors @ donors
        before = len(self.periods)
        moved: np.ndarray = mixed + self.periods @ (own[:before] - mixed[:before])
        return moved

    def apart(self, donors: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Own series less its counterfactual."""
        rest: np.ndarray = own - self.path(donors, own)
        return rest


Method = Callable[[np.ndarray, np.ndarray, int, int], Mixture]


def synthetic_control(donors: np.ndarray, own: np.ndarray, before: int, _treated: int) -> Mixture:
    """Abadie, Diamond and Hainmueller (2010), by outcomes alone."""
    weights = simplex_weights(donors[:, :before].T, own[:before])
    return Mixture(weights, np.zeros(before))


def difference_in_differences(
    donors: np.ndarray, own: np.ndarray, before: int, _treated: int
) -> Mixture:
    """Take the mean of all donors, moved to the level of the own series before."""
    del own
    return Mixture(np.full(len(donors), 1 / len(donors)), np.full(before, 1 / before))


def synthetic_did(donors: np.ndarray, own: np.ndarray, before: int, treated: int) -> Mixture:
    """Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), algorithm 1."""
    past, after = donors[:, :before], donors[:, before:]
    penalty = did_penalty(past, treated, after.shape[1])
    weights = simplex_weights(past.T, own[:before], ridge=penalty * before, intercept=True)
    # As published: next to nothing, so that the weights of the periods are the only ones.
    slight = 1e-12 * _noise(past) ** 2 * len(donors)
    level = simplex_weights(past, after.mean(axis=1), ridge=slight, intercept=True)
    return Mixture(weights, level)


def did_penalty(past: np.ndarray, treated: int, after: int) -> float:
    """Give zeta squared: the noise of the donors by how many cells are treated."""
    return float(np.sqrt(treated * after) * _noise(past) ** 2)


def _noise(past: np.ndarray) -> float:
    steps = np.diff(past, axis=1)
    return float(steps.std(ddof=1)) if steps.size > 1 else 0.0


def augmented_synthetic_control(
    donors: np.ndarray, own: np.ndarray, before: int, _treated: int
) -> Mixture:
    """Ben-Michael, Feller and Rothstein (2021): a ridge step takes the bias that is left."""
    past = donors[:, :before]
    centre = past.mean(axis=0)
    past, target = past - centre, own[:before] - centre
    ridge = cross_validated(past, target)
    return Mixture(augment(past, target, simplex_weights(past.T, target), ridge), np.zeros(before))


def augment(past: np.ndarray, target: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Weights of the ridge step; they may be below zero, and still sum to one."""
    gram = past @ past.T
    # The dual form of the published one: the same numbers, a smaller system for few donors.
    inner = np.linalg.solve(gram + ridge * np.eye(len(gram)), past @ (target - past.T @ weights))
    augmented: np.ndarray = weights + inner - inner.mean()
    return augmented


def cross_validated(past: np.ndarray, target: np.ndarray) -> float:
    """Penalty by periods left out in turn: the largest within a standard error of the best."""
    periods = past.shape[1]
    folds = min(_FOLDS, periods)
    top = float(np.linalg.norm(past, 2) ** 2) or 1.0
    grid = top * np.logspace(0, -6, 19)
    errors = np.empty((folds, len(grid)))
    for fold in range(folds):
        out = np.arange(periods) % folds == fold
        kept, goal = past[:, ~out], target[~out]
        weights = simplex_weights(kept.T, goal)
        values, vectors = np.linalg.eigh(kept @ kept.T)
        turned = vectors.T @ (kept @ (goal - kept.T @ weights))
        inner = vectors @ (turned[:, None] / (np.maximum(values, 0)[:, None] + grid))
        miss = target[out, None] - past[:, out].T @ (weights[:, None] + inner - inner.mean(axis=0))
        errors[fold] = (miss**2).mean(axis=0)
    mean, error = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(folds)
    best = int(mean.argmin())
    return float(grid[np.flatnonzero(mean <= mean[best] + error[best])[0]])


METHODS: dict[str, Method] = {
    "synthetic_did": synthetic_did,
    "synthetic_control": synthetic_control,
    "augmented_synthetic_control": augmented_synthetic_control,
    "did": difference_in_differences,
}
