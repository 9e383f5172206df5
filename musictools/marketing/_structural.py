"""Counterfactuals from a model of time: a wandering level with regressors, or a straight line.

Everything but three numbers is integrated out in closed form: regressors, level and the size of the
noise. The three (how much the level wanders, how long noise lasts, how large coefficients are) lie
on a grid and are weighed by their marginal likelihood. So parameter uncertainty is in every
interval, and nothing has to converge.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

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
#: Numbers in the matrices that are worked on at once.
_AT_ONCE = 2**18
#: More than any square of a series on its own scale.
_LARGE = 1e100
#: Covariances at points of the grid, points x periods x periods, of so many periods.
Cover: TypeAlias = Callable[[np.ndarray, int], np.ndarray]


class Draws(NamedTuple):
    """What would have been: draws x periods after, and the middle for the periods before."""

    after: np.ndarray
    before: np.ndarray
    coefficients: np.ndarray


class _Students(NamedTuple):
    """Student's t at each point of the grid: middle, scale matrix, degrees of freedom."""

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
    noises = _MEMORY[:, None, None] ** apart

    def cover(points: np.ndarray, last: int) -> np.ndarray:
        memory, wander, size = points.T
        noise = noises[np.searchsorted(_MEMORY, memory), :last, :last]
        level = (wander**2)[:, None, None] * steps[:last, :last]
        total: np.ndarray = noise + level + (size**2)[:, None, None] * gram[:last, :last]
        return total

    sizes = _SIZES if count else np.zeros(1)
    grid, logs = _explored(
        (_MEMORY, _WANDER, sizes),
        lambda points: _log_weights(own, free, points, cover) - 2.0 * points[:, 1] ** 2,
    )
    points, weights, numbers = _chosen(grid, logs, rng, draws)
    found = _students(own, free, points, cover)
    coefficients = scaled[:before].T @ ((weights * points[:, 2] ** 2) @ found.left)
    coefficients /= np.sqrt(max(count, 1)) * np.where(spread > 0, spread, np.inf)
    return _draw(found, weights, numbers, rng, coefficients)


def straight_line(
    own: np.ndarray, *, fixed: np.ndarray, rng: np.random.Generator, draws: int
) -> Draws:
    """Carry on a straight line with season, fitted before, with noise that lasts (AR(1))."""
    before, periods = len(own), len(fixed)
    clock = np.arange(periods)
    free = np.column_stack([np.ones(periods), clock / before, fixed])
    apart = np.abs(np.subtract.outer(clock, clock))
    grid = _LASTING[:, None]

    def cover(points: np.ndarray, last: int) -> np.ndarray:
        total: np.ndarray = points[:, :, None] ** apart[:last, :last]
        return total

    logs = _log_weights(own, free, grid, cover)
    points, weights, numbers = _chosen(grid, logs, rng, draws)
    found = _students(own, free, points, cover)
    return _draw(found, weights, numbers, rng, np.zeros(0))


def _explored(
    axes: tuple[np.ndarray, ...], log_weights: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Weigh every other point of the grid, and then all the neighbours of those that matter."""

    def at(places: list[tuple[int, ...]]) -> np.ndarray:
        columns = zip(axes, np.array(places).T, strict=True)
        return np.column_stack([axis[index] for axis, index in columns])

    coarse = list(itertools.product(*(range(0, len(axis), 2) for axis in axes)))
    logs = log_weights(at(coarse))
    near: dict[tuple[int, ...], None] = {}
    for which in np.flatnonzero(logs > logs.max() - _FAR):
        around = (range(max(0, i - 1), min(len(axis), i + 2))
                  for axis, i in zip(axes, coarse[which], strict=True))  # fmt: skip
        near.update(dict.fromkeys(itertools.product(*around)))
    fine = [place for place in near if place not in set(coarse)]
    if not fine:
        return at(coarse), logs
    return at(coarse + fine), np.concatenate([logs, log_weights(at(fine))])


def _chosen(
    grid: np.ndarray, logs: np.ndarray, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of the grid that weigh enough, with their weights and so many draws."""
    weights = np.exp(logs - logs.max())
    weights[weights < _SLIGHT * weights.sum()] = 0.0
    weights /= weights.sum()
    numbers = rng.multinomial(draws, weights)
    kept = weights > 0
    return grid[kept], weights[kept], numbers[kept]


def _parts(points: np.ndarray, periods: int) -> list[np.ndarray]:
    """Cut so that the matrices of one part fit into the processor's cache."""
    at_once = max(1, _AT_ONCE // periods**2)
    return [points[first : first + at_once] for first in range(0, len(points), at_once)]


def _log_weights(own: np.ndarray, free: np.ndarray, points: np.ndarray, cover: Cover) -> np.ndarray:
    """Marginal likelihood; columns of `free` (flat) and the noise (Jeffreys) are integrated out."""
    before = len(own)
    known = np.column_stack([free[:before], own])
    count = known.shape[1]
    freedom = before - free.shape[1]
    found = []
    for part in _parts(points, before):
        # With the columns below the matrix, one factorisation whitens them too: they come out as
        # the lower rows of the root. What the corner holds is of no use, and has to be large.
        both = np.empty((len(part), before + count, before + count))
        both[:, :before, :before] = cover(part, before)
        both[:, before:, :before] = known.T
        both[:, before:, before:] = _LARGE * np.eye(count)
        root = np.linalg.cholesky(both)
        white = root[:, before:, :before].swapaxes(1, 2)
        corner = np.linalg.qr(white, mode="r")
        sizes = np.abs(np.diagonal(corner, axis1=1, axis2=2))
        steps = np.diagonal(root, axis1=1, axis2=2)[:, :before]
        found.append(
            -np.log(steps).sum(axis=1)
            - np.log(sizes[:, :-1]).sum(axis=1)
            - freedom * np.log(np.maximum(sizes[:, -1], 1e-150))
        )
    return np.concatenate(found)


def _students(own: np.ndarray, free: np.ndarray, points: np.ndarray, cover: Cover) -> _Students:
    """Predict what follows, at each point of the grid."""
    before, periods = len(own), len(free)
    freedom = before - free.shape[1]
    found = []
    for part in _parts(points, periods):
        total = cover(part, periods)
        inverse = np.linalg.inv(total[:, :before, :before])
        solved = inverse @ free[:before]
        inner = free[:before].T @ solved
        beta = np.linalg.solve(inner, (inverse @ own @ free[:before])[..., None])[..., 0]
        error = own - beta @ free[:before].T
        left = (inverse @ error[..., None])[..., 0]
        noise = (error * left).sum(axis=1) / freedom
        cross = total[:, before:, :before]
        away = free[before:] - cross @ solved
        scale = total[:, before:, before:] - cross @ inverse @ cross.swapaxes(1, 2)
        scale = scale + away @ np.linalg.solve(inner, away.swapaxes(1, 2))
        middle = beta @ free[before:].T + (cross @ left[..., None])[..., 0]
        # What every period is expected to be by the others of before: own - left / precision.
        fitted = own - left / np.diagonal(inverse, axis1=1, axis2=2)
        found.append((middle, scale * noise[:, None, None], fitted, left))
    middle, scale, fitted, left = map(np.concatenate, zip(*found, strict=True))
    return _Students(middle, scale, freedom, fitted, left)


def _draw(
    found: _Students,
    weights: np.ndarray,
    numbers: np.ndarray,
    rng: np.random.Generator,
    coefficients: np.ndarray,
) -> Draws:
    after = found.middle.shape[1]
    jitter = 1e-12 * np.trace(found.scale, axis1=1, axis2=2)[:, None, None] * np.eye(after)
    roots = np.linalg.cholesky(found.scale + jitter)
    parts = []
    for middle, root, number in zip(found.middle, roots, numbers, strict=True):
        normal = rng.standard_normal((number, after)) @ root.T
        tail = np.sqrt(found.freedom / rng.chisquare(found.freedom, (number, 1)))
        parts.append(middle + normal * tail)
    return Draws(np.concatenate(parts), weights @ found.fitted, coefficients)
