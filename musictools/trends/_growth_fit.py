"""Curves of growth fitted to many series at once: the size of the market solved for exactly."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools.trends._growth_curves import limits, shares, slopes, starts

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: Least part of the market that a period is thought to bring: what weighs by one over the mean
#: must not explode.
_LEAST = 1e-12
_ROUNDS = 60
#: Series that are held as one rectangle.
_BLOCK = 512
#: How far from its estimate a log parameter is believed to be: what the data do not tell would
#: otherwise wander without end.
_PRIOR = 3.0


@dataclass
class Growth:
    """One series of newcomers, and the curve that was fitted to it.

    Attributes
    ----------
    age : numpy.ndarray
        Ends of the periods, in steps since the beginning of the first.
    y : numpy.ndarray
        How many came in each period.
    theta : numpy.ndarray
        log m, and the parameters of the curve.
    covariance : numpy.ndarray
        Of theta.
    freedom : float
        Degrees of freedom of the covariance.
    explained : float
        Part of the deviance that the curve explains.
    """

    age: Floats
    y: Floats
    theta: Floats
    covariance: Floats
    freedom: float
    explained: float


def newcomers(model: str, theta: Floats, age: Floats) -> Floats:
    """Give how many come in the step that ends at each age: ``theta`` (..., 3)."""
    part = shares(model, theta[..., 1:], age) - shares(model, theta[..., 1:], age - 1.0)
    return np.asarray(np.exp(theta[..., 0, None]) * np.maximum(part, _LEAST))


def fit_growth(model: str, series: list[tuple[Floats, Floats]]) -> list[Growth]:
    """Fit one kind of curve to series of (ages, newcomers), by quasi-Poisson likelihood."""
    order = sorted(range(len(series)), key=lambda i: len(series[i][0]))
    out: dict[int, Growth] = {}
    for first in range(0, len(order), _BLOCK):
        block = order[first : first + _BLOCK]
        out |= dict(zip(block, _fit_block(model, [series[i] for i in block]), strict=True))
    return [out[i] for i in range(len(series))]


def _fit_block(model: str, series: list[tuple[Floats, Floats]]) -> list[Growth]:
    width = max(len(age) for age, _ in series)
    age, y = np.ones((len(series), width)), np.zeros((len(series), width))
    mask = np.zeros((len(series), width))
    for i, (t, values) in enumerate(series):
        age[i, : len(t)], y[i, : len(t)], mask[i, : len(t)] = t, values, 1.0
    spans = np.array([t[-1] for t, _ in series])
    ends = [limits(model, span) for span in spans]
    low, high = (np.array([each[k] for each in ends]) for k in (0, 1))
    best, least = np.zeros((len(series), 2)), np.full(len(series), np.inf)
    for theta in _good_starts(model, age, y, mask, spans):
        theta, deviance = _descend(model, theta, (age, y, mask), (low, high))  # noqa: PLW2901
        better = deviance < least
        best[better], least[better] = theta[better], deviance[better]
    return _finished(model, best, series)


def _part(model: str, theta: Floats, age: Floats, mask: Floats) -> Floats:
    part = shares(model, theta, age) - shares(model, theta, age - 1.0)
    return np.maximum(part, _LEAST) * mask


def _deviance(part: Floats, y: Floats, mask: Floats) -> Floats:
    """Give minus the profile log-likelihood, with m solved for: sum of y over sum of the parts."""
    total = y.sum(axis=1)
    logs = np.log(np.where(mask > 0, part, 1.0))
    return np.asarray(total * np.log(part.sum(axis=1)) - (y * logs).sum(axis=1))


def _good_starts(
    model: str, age: Floats, y: Floats, mask: Floats, spans: Floats, count: int = 3
) -> list[Floats]:
    grids = np.array([starts(model, span) for span in spans])
    found = np.stack(
        [_deviance(_part(model, grids[:, j], age, mask), y, mask) for j in range(grids.shape[1])],
        axis=1,
    )
    order = np.argsort(found, axis=1)[:, :count]
    rows = np.arange(len(spans))
    return [grids[rows, order[:, k]] for k in range(order.shape[1])]


def _descend(
    model: str,
    theta: Floats,
    data: tuple[Floats, Floats, Floats],
    ends: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """Go down by damped scoring, all series at the same time, each with a damping of its own."""
    age, y, mask = data
    theta, damp = theta.copy(), np.full(len(theta), 1e-2)
    now = _deviance(_part(model, theta, age, mask), y, mask)
    active = np.ones(len(theta), dtype=bool)
    for _ in range(_ROUNDS):
        rows = np.flatnonzero(active)
        if not len(rows):
            break
        score, fisher = _profile(model, theta[rows], age[rows], y[rows], mask[rows])
        diagonal = np.maximum(np.einsum("ijj->ij", fisher), 1e-12)
        fisher[:, (0, 1), (0, 1)] += damp[rows, None] * diagonal + 1e-12
        step = np.linalg.solve(fisher, score[..., None])[..., 0]
        fresh = np.clip(theta[rows] + step, ends[0][rows], ends[1][rows])
        tried = _deviance(_part(model, fresh, age[rows], mask[rows]), y[rows], mask[rows])
        gained = now[rows] - tried
        good = gained > 0
        theta[rows[good]], now[rows[good]] = fresh[good], tried[good]
        damp[rows] = np.where(good, np.maximum(damp[rows] / 5, 1e-9), damp[rows] * 6)
        done = (good & (gained < 1e-9 * (1 + np.abs(now[rows])))) | (damp[rows] > 1e8)
        active[rows[done]] = False
    return theta, now


def _profile(
    model: str, theta: Floats, age: Floats, y: Floats, mask: Floats
) -> tuple[Floats, Floats]:
    """Give score and information of the curve's parameters, m being solved for."""
    logs = _log_slopes(model, theta, age, mask)
    part = _part(model, theta, age, mask)
    mean = part * (y.sum(axis=1) / part.sum(axis=1))[:, None]
    weight = mean / np.maximum(mean.sum(axis=1), 1e-300)[:, None]
    centred = [each - (weight * each).sum(axis=1)[:, None] for each in logs]
    score = np.stack([((y - mean) * each).sum(axis=1) for each in centred], axis=1)
    fisher = np.empty((len(theta), 2, 2))
    for i in range(2):
        for j in range(2):
            fisher[:, i, j] = (mean * centred[i] * centred[j]).sum(axis=1)
    return score, fisher


def _log_slopes(model: str, theta: Floats, age: Floats, mask: Floats) -> list[Floats]:
    after, before = slopes(model, theta, age), slopes(model, theta, age - 1.0)
    part = np.maximum(after[0] - before[0], _LEAST)
    return [np.where(mask > 0, (after[k] - before[k]) / part, 0.0) for k in (1, 2)]


def _finished(model: str, best: Floats, series: list[tuple[Floats, Floats]]) -> list[Growth]:
    out = []
    for curve, (age, y) in zip(best, series, strict=True):
        one = np.ones((1, len(age)))
        part = _part(model, curve[None], age[None], one)[0]
        size = y.sum() / part.sum()
        mean = size * part
        logs = _log_slopes(model, curve[None], age[None], one)
        design = np.stack([np.ones(len(age)), logs[0][0], logs[1][0]], axis=1)
        covariance, freedom = _doubt(design, y, mean)
        flat = np.full(len(y), y.mean())
        whole = _poisson(y, flat)
        explained = 1 - _poisson(y, mean) / whole if whole > 1e-9 * y.sum() else float("nan")
        theta = np.array([np.log(size), *curve])
        out.append(Growth(age, y, theta, covariance, freedom, float(explained)))
    return out


def _poisson(y: Floats, mean: Floats) -> float:
    logs = np.where(y > 0, y * np.log(np.maximum(y, 1e-300) / mean), 0.0)
    return float(2 * (logs - (y - mean)).sum())


def _doubt(design: Floats, y: Floats, mean: Floats) -> tuple[Floats, float]:
    """Give the covariance of log m and the curve.

    Swings in proportion to the mean sit at the peak, where a variance like the mean underrates
    them: residuals themselves tell (HC3), wider still where they last for some periods.
    """
    off = y - mean
    size = np.maximum(np.sqrt((design**2 * mean[:, None]).sum(axis=0)), 1e-150)
    scaled = design / size
    bread = np.linalg.pinv((scaled * mean[:, None]).T @ scaled, rcond=1e-10, hermitian=True)
    lever = mean * np.einsum("ij,jk,ik->i", scaled, bread, scaled)
    pulled = scaled * (off / np.maximum(1 - lever, 0.1))[:, None]
    spare = max(len(y) - 3, 1)
    residual = off / np.sqrt(np.maximum(mean, 1e-9 * mean.max()))
    power = float(residual @ residual)
    together = float(residual[1:] @ residual[:-1]) / power if power > 0 else 0.0
    together = min(max(together, 0.0), 0.95)
    wider = (1 + together) / (1 - together)
    covariance = bread @ (pulled.T @ pulled) @ bread * wider / np.outer(size, size)
    # What is known beforehand is little, but it ends what the data leave open.
    inverse = np.linalg.pinv(covariance + 1e-14 * np.eye(3), hermitian=True)
    settled = np.asarray(np.linalg.inv(inverse + np.eye(3) / _PRIOR**2), dtype=np.float64)
    return settled, max(spare / wider, 1.0)
