"""Hamiltonian Monte Carlo, all chains in one array; how well chains agree.

One metric for all chains, from their own past; the step is set by dual averaging of the mean
acceptance (M. D. Hoffman, A. Gelman, 2014), trajectories have random lengths.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musictools.marketing._adstock import Array

_MOST_STEPS = 25
_FIRST_STEP, _PULL_TO = 0.2, 0.5


@dataclass(frozen=True)
class Chains:
    """What the sampler gives.

    Attributes
    ----------
    draws : numpy.ndarray
        (chains, draws, dim).
    metric : numpy.ndarray
        Root of the covariance that steps were scaled by.
    step : float
        Size of a step.
    accepted : float
        Mean acceptance.
    """

    draws: Array
    metric: Array
    step: float
    accepted: float


@dataclass
class _Step:
    """Dual averaging of the size of a step."""

    log: float
    target: float
    mean: float = 0.0
    error: float = 0.0
    turn: int = 0

    def learn(self, accepted: float) -> None:
        self.turn += 1
        self.error += (self.target - accepted - self.error) / (self.turn + 10)
        self.log = np.clip(np.log(_PULL_TO) - np.sqrt(self.turn) / 0.1 * self.error, -6.0, 0.5)
        weight = self.turn**-0.75
        self.mean = weight * self.log + (1 - weight) * self.mean


@dataclass
class Sampler:
    """Chains that move together.

    Attributes
    ----------
    target : callable
        Points (chains, dim) to log density and gradient.
    refresh : callable
        Redraws what else the density depends on; says whether it did.
    points : numpy.ndarray
        Where the chains are.
    metric : numpy.ndarray
        Root of the covariance.
    rng : numpy.random.Generator
        For chance.
    sets : int
        Data sets of which the chains are, the same number each: what differs between them is no
        spread of a posterior.
    length : float
        Mean length of a trajectory, in standard deviations.
    """

    target: Callable[[Array], tuple[Array, Array]]
    refresh: Callable[[Array, np.random.Generator], bool]
    points: Array
    metric: Array
    rng: np.random.Generator
    sets: int = 1
    length: float = 2.0
    step: float = _FIRST_STEP
    log: Array = field(init=False)
    slope: Array = field(init=False)

    def run(self, warm: Sequence[int], draws: int, *, goal: float = 0.8) -> Chains:
        """Adapt in windows, then draw."""
        self.log, self.slope = self.target(self.points)
        for window, turns in enumerate(warm):
            self._adapt(turns, goal, short=window == 0 and self.step == _FIRST_STEP)
        out, accepted = [], []
        for _ in range(draws):
            accepted.append(self._move(self.step, self.length))
            out.append(self.points)
        return Chains(np.stack(out, axis=1), self.metric, self.step, float(np.mean(accepted)))

    def _adapt(self, turns: int, goal: float, *, short: bool) -> None:
        adapting = _Step(np.log(self.step), goal)
        seen = []
        for _ in range(turns):
            length = 1.0 if short else self.length
            adapting.learn(self._move(float(np.exp(adapting.log)), length))
            seen.append(self.points)
        self.step = float(np.exp(adapting.mean))
        kept = np.stack(seen[len(seen) // 3 :])
        dim = kept.shape[2]
        own = kept.reshape(len(kept), self.sets, -1, dim)
        own -= own.mean(axis=(0, 2), keepdims=True)
        cov = np.cov(own.reshape(-1, dim).T)
        cov = 0.9 * cov + 0.1 * np.diag(np.diag(cov)) + 1e-6 * np.eye(dim)
        self.metric = np.linalg.cholesky(cov)

    def _move(self, step: float, length: float) -> float:
        """Take all chains along one trajectory; give the mean acceptance."""
        if self.refresh(self.points, self.rng):
            self.log, self.slope = self.target(self.points)
        steps = int(np.clip(np.ceil(length * (0.5 + self.rng.random()) / step), 1, _MOST_STEPS))
        with np.errstate(all="ignore"):
            return self._trajectory(step, steps)

    def _trajectory(self, step: float, steps: int) -> float:
        pace: Any = self.rng.standard_normal(self.points.shape)
        before = self.log - 0.5 * (pace**2).sum(axis=1)
        at, log, slope = self.points, self.log, self.slope
        for _ in range(steps):
            pace = pace + 0.5 * step * (slope @ self.metric)
            at = at + step * (pace @ self.metric.T)
            log, slope = self.target(at)
            pace = pace + 0.5 * step * (slope @ self.metric)
        gain = log - 0.5 * (pace**2).sum(axis=1) - before
        chance = np.exp(np.minimum(np.where(np.isfinite(gain), gain, -np.inf), 0))
        taken = self.rng.random(len(chance)) < chance
        self.points = np.where(taken[:, None], at, self.points)
        self.log = np.where(taken, log, self.log)
        self.slope = np.where(taken[:, None], slope, self.slope)
        return float(chance.mean())


def agreement(draws: Array) -> tuple[Array, Array]:
    """Split R-hat and effective sample size of each number (A. Gelman et al., BDA3, 11.4-11.5).

    Parameters
    ----------
    draws : numpy.ndarray
        (chains, draws, numbers).

    Returns
    -------
    r_hat, ess : numpy.ndarray
        (numbers,).
    """
    half = draws.shape[1] // 2
    split = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    within = split.var(axis=1, ddof=1).mean(axis=0)
    between = split.mean(axis=1).var(axis=0, ddof=1)
    total = (half - 1) / half * within + between
    total = np.where(total > 0, total, 1.0)
    r_hat = np.sqrt(total / np.where(within > 0, within, 1.0))
    off = split - split.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(off, 2 * half, axis=1)) ** 2
    lagged = np.fft.irfft(power, axis=1)[:, :half].mean(axis=0) / (half - 1)
    rho = 1 - (within - lagged) / total
    rho[0] = 1.0
    pairs = rho[: half // 2 * 2].reshape(half // 2, 2, -1).sum(axis=1)
    # Geyer: pairs count until one is negative.
    counted = np.minimum.accumulate(np.maximum(pairs, 0)) * (np.cumprod(pairs > 0, axis=0))
    time = np.maximum(2 * counted.sum(axis=0) - 1, 1 / 3)
    return r_hat, len(split) * half / time
