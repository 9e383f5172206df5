"""A conditional logit over the candidates of each song, fitted by L-BFGS."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from musictools.audio._pulse import MOST_DEVIATION, usual_tempi

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """One excerpt: its candidates, and which of them is right.

    Attributes
    ----------
    tempi_bpm : numpy.ndarray, shape (n,)
    features : numpy.ndarray, shape (n, columns)
    bpm : float
        The truth.
    right : int
        Index of the candidate within 3 % of the truth; -1 where there is none.
    weight : float
        In the fit.
    """

    tempi_bpm: Floats
    features: Floats
    bpm: float
    right: int
    weight: float


@dataclass(frozen=True)
class Fit:
    """Learned numbers, as they are stored."""

    mean: Floats
    scale: Floats
    weights: Floats
    usual: Floats

    def score(self, question: Question) -> Floats:
        """Logits of the candidates."""
        standard = np.clip(
            (question.features - self.mean) / self.scale, -MOST_DEVIATION, MOST_DEVIATION
        )
        logits: Floats = standard @ self.weights + usual_tempi(question.tempi_bpm) @ self.usual
        return logits


def fit(questions: list[Question], *, penalty: float) -> Fit:
    """Fit shared weights to questions with an answer.

    Parameters
    ----------
    questions : list of Question
        Those without a right candidate are left out.
    penalty : float
        Half of it times the squared weights is added to the weighted negative log likelihood.
    """
    known = [q for q in questions if q.right >= 0]
    table = np.concatenate([q.features for q in known])
    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-6
    standard = np.clip((table - mean) / scale, -MOST_DEVIATION, MOST_DEVIATION)
    usual = usual_tempi(np.concatenate([q.tempi_bpm for q in known]))
    design = np.concatenate((standard, usual), axis=1)
    sizes = np.array([q.tempi_bpm.size for q in known])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    right = starts + [q.right for q in known]
    weight = np.array([q.weight for q in known])

    def loss(theta: Floats) -> tuple[float, Floats]:
        logits = design @ theta
        top = np.maximum.reduceat(logits, starts)
        shares = np.exp(logits - np.repeat(top, sizes))
        sums = np.add.reduceat(shares, starts)
        shares *= np.repeat(weight / sums, sizes)
        shares[right] -= weight
        missed = weight @ (np.log(sums) + top - logits[right])
        return missed + penalty / 2 * theta @ theta, design.T @ shares + penalty * theta

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B",
                     options={"maxiter": 400})  # fmt: skip
    columns = table.shape[1]
    return Fit(mean, scale, found.x[:columns], found.x[columns:])


def sharpen(logits: list[Floats], right: list[int]) -> float:
    """Factor of the logits that makes shares honest: least log loss over held-back questions."""
    pairs = [(z, r) for z, r in zip(logits, right, strict=True) if r >= 0]

    def loss(log_factor: Floats) -> float:
        factor = float(np.exp(log_factor[0]))
        return float(sum(logsumexp(factor * z) - factor * z[r] for z, r in pairs))

    return float(np.exp(minimize(loss, [0.0], method="Nelder-Mead").x[0]))
