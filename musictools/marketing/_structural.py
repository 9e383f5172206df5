"""Counterfactuals from a model of time: a wandering level with regressors, or a straight line.

Everything but three numbers is integrated out in closed form: regressors, level and the size of the
noise. The three (how much the level wanders, how long noise lasts, how large coefficients are) lie
on a grid and are weighed by their marginal likelihood. So parameter uncertainty is in every
interval, and nothing has to converge.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

#: Standard deviation of a step of the level, over that of the noise.
_WANDER = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6])
#: Size of all coefficients of standardised regressors together, over the noise.
_SIZES = np.geomspace(0.03, 30.0, 9)
_MEMORY = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97])
#: The same for the straight line, which has nothing else to look for.
_LASTING = np.linspace(0.0, 0.98, 50)
#: Logarithm below the best, from which on the neighbours of a point are not looked at.
_FAR = 6.0
#: Points of the grid that weigh less are left out.
_SLIGHT = 1e-3


class Draws(NamedTuple):
    """What would have been: draws x periods after, and the middle for the periods before."""

    after: np.ndarray
    before: np.ndarray
    coefficients: np.ndarray


class _Block(NamedTuple):
    """Student's t of one point of the grid: middle, scale matrix, degrees of freedom."""

    middle: np.ndarray
    scale: np.ndarray
    freedom: int
    fitted: np.ndarray
    left: np.ndarray


def structural(
    own: np.ndarray,
    regressors: np.ndarray,
    *,
    fixed: np.ndarray,
    rng: np.random.Generator,
    draws: int,
) -> Draws:
    """Local level with regression: `own` before, `regressors` and `fixed` for all periods.

    ``y_t = level_t + x_t b + e_t``, where the level takes normal steps and e is AR(1).
    Coefficients of regressors are normal around zero with one common size (on the scale of
    standardised regressors); those of `fixed` columns (season) are free, as is the first level.
    The priors are flat over the grid, but that of the steps leans to a level that stays.
    """
    before, periods, count = len(own), len(fixed), regressors.shape[1]
    spread = regressors[:before].std(axis=0)
    scaled = (regressors - regressors[:before].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    scaled = scaled / np.sqrt(max(count, 1))
    gram = scaled @ scaled.T
    clock = np.arange(periods)
    steps = np.minimum.outer(clock, clock).astype(float)
    apart = np.abs(np.subtract.outer(clock, clock))
    free = np.column_stack([np.ones(periods), fixed])
    noises = {memory: memory**apart for memory in _MEMORY}

    def cover(point: tuple[float, ...]) -> np.ndarray:
        memory, wander, size = point
        total: np.ndarray = noises[memory] + wander**2 * steps + size**2 * gram
        return total

    sizes = _SIZES if count else np.zeros(1)
    grid, logs = _explored(
        (_MEMORY, _WANDER, sizes),
        lambda point: _log_weight(own, free, cover(point)) - 2.0 * point[1] ** 2,
    )
    drawn, coefficients = [], np.zeros(count)
    for point, weight, number in _chosen(grid, logs, rng, draws):
        block = _student(own, free, cover(point))
        drawn.append((block, weight, number))
        coefficients += weight * point[2] ** 2 * (scaled[:before].T @ block.left)
    coefficients /= np.sqrt(max(count, 1)) * np.where(spread > 0, spread, np.inf)
    return _draw(drawn, rng, coefficients)


def straight_line(
    own: np.ndarray, *, fixed: np.ndarray, rng: np.random.Generator, draws: int
) -> Draws:
    """Carry on a straight line with season, fitted before, with noise that lasts (AR(1))."""
    before, periods = len(own), len(fixed)
    clock = np.arange(periods)
    free = np.column_stack([np.ones(periods), clock / before, fixed])
    apart = np.abs(np.subtract.outer(clock, clock))
    grid = [(memory,) for memory in _LASTING]
    logs = [_log_weight(own, free, point[0] ** apart) for point in grid]
    chosen = _chosen(grid, logs, rng, draws)
    drawn = [(_student(own, free, point[0] ** apart), w, n) for point, w, n in chosen]
    return _draw(drawn, rng, np.zeros(0))


def _explored(
    axes: tuple[np.ndarray, ...], log_weight: Callable[[tuple[float, ...]], float]
) -> tuple[list[tuple[float, ...]], list[float]]:
    """Weigh every other point of the grid, and then all the neighbours of those that matter."""

    def at(place: tuple[int, ...]) -> tuple[float, ...]:
        return tuple(float(axis[i]) for axis, i in zip(axes, place, strict=True))

    found: dict[tuple[int, ...], float] = {}
    for place in itertools.product(*(range(0, len(axis), 2) for axis in axes)):
        found[place] = log_weight(at(place))
    top = max(found.values())
    for coarse in [place for place, log in found.items() if log > top - _FAR]:
        near = (range(max(0, i - 1), min(len(axis), i + 2))
                for axis, i in zip(axes, coarse, strict=True))  # fmt: skip
        for place in itertools.product(*near):
            if place not in found:
                found[place] = log_weight(at(place))
    return [at(place) for place in found], list(found.values())


def _chosen(
    grid: Sequence[tuple[float, ...]], logs: list[float], rng: np.random.Generator, draws: int
) -> list[tuple[tuple[float, ...], float, int]]:
    """Points of the grid that weigh enough, with their weights and so many draws."""
    weights = np.exp(np.array(logs) - max(logs))
    weights[weights < _SLIGHT * weights.sum()] = 0.0
    weights /= weights.sum()
    numbers = rng.multinomial(draws, weights)
    return [
        (point, float(w), int(n)) for point, w, n in zip(grid, weights, numbers, strict=True) if w
    ]


def _log_weight(own: np.ndarray, free: np.ndarray, cover: np.ndarray) -> float:
    """Marginal likelihood; columns of `free` (flat) and the noise (Jeffreys) are integrated out."""
    from scipy.linalg import solve_triangular

    before = len(own)
    root = np.linalg.cholesky(cover[:before, :before])
    white = solve_triangular(root, np.column_stack([free[:before], own]), lower=True,
                             check_finite=False)  # fmt: skip
    corner = np.linalg.qr(white, mode="r")
    sizes = np.abs(np.diag(corner))
    freedom = before - free.shape[1]
    return float(
        -np.log(np.diag(root)).sum()
        - np.log(sizes[:-1]).sum()
        - freedom * np.log(max(sizes[-1], 1e-150))
    )


def _student(own: np.ndarray, free: np.ndarray, cover: np.ndarray) -> _Block:
    """Predict what follows, at one point of the grid."""
    from scipy.linalg import cho_factor, cho_solve

    before = len(own)
    factor = cho_factor(cover[:before, :before], lower=True)
    solved = cho_solve(factor, np.column_stack([free[:before], own]))
    inner = free[:before].T @ solved[:, :-1]
    beta = np.linalg.solve(inner, free[:before].T @ solved[:, -1])
    left = solved[:, -1] - solved[:, :-1] @ beta
    freedom = before - free.shape[1]
    noise = float((own - free[:before] @ beta) @ left) / freedom
    cross = cover[before:, :before]
    away = free[before:] - cross @ solved[:, :-1]
    scale = cover[before:, before:] - cross @ cho_solve(factor, cross.T)
    scale = (scale + away @ np.linalg.solve(inner, away.T)) * noise
    # What every period is expected to be by the others of before: own - left / precision.
    precision = np.diag(cho_solve(factor, np.eye(before)))
    return _Block(free[before:] @ beta + cross @ left, scale, freedom, own - left / precision, left)


def _draw(
    blocks: list[tuple[_Block, float, int]], rng: np.random.Generator, coefficients: np.ndarray
) -> Draws:
    parts = []
    fitted = np.zeros_like(blocks[0][0].fitted)
    for block, weight, number in blocks:
        fitted += weight * block.fitted
        jitter = 1e-12 * np.trace(block.scale) * np.eye(len(block.scale))
        root = np.linalg.cholesky(block.scale + jitter)
        normal = rng.standard_normal((number, len(block.middle))) @ root.T
        tail = np.sqrt(block.freedom / rng.chisquare(block.freedom, (number, 1)))
        parts.append(block.middle + normal * tail)
    return Draws(np.concatenate(parts), fitted, coefficients)
