"""Two ways to a set of points: the sampler, and a quick look by ridge regression."""

from dataclasses import dataclass

import numpy as np

from musictools.marketing._adstock import Array, weights
from musictools.marketing._hmc import Chains, Sampler, agreement
from musictools.marketing._posterior import Posterior

_CHAINS, _WARM, _DRAWS = 16, (40, 60, 80, 80), 250
#: The chains go on for so many times the usual length while they disagree by more than this; of
#: several territories every step is dear.
_DEAR: tuple[tuple[int, float], ...] = ((2, 1.05), (3, 1.05))
_LONGER: tuple[tuple[int, float], ...] = ((2, 1.02), (3, 1.02), (10, 1.05))
#: Sets of curves that the quick look tries, and that it keeps.
_TRIED, _KEPT = 3000, 30
_ROUNDS = 60
_PENALTY = 1e-3


@dataclass(frozen=True)
class Fitted:
    """Points of the posterior, and how they came about.

    Attributes
    ----------
    points : numpy.ndarray
        (points, dim).
    chains : Chains or None
        None for the quick look.
    r_hat, ess : numpy.ndarray
        Of each parameter; NaN for the quick look.
    """

    points: Array
    chains: Chains | None
    r_hat: Array
    ess: Array


def sample(posterior: Posterior, rng: np.random.Generator, *, patient: bool = True) -> Fitted:
    """Sample until the chains agree, or for much longer than usual where that is worth it."""
    chains, draws = _CHAINS, _DRAWS
    if posterior.groups > 1:
        chains, draws = _CHAINS // 2, _DRAWS * 2 // 3
    longer = _LONGER if patient and posterior.groups == 1 else _DEAR
    sampler = Sampler(
        posterior, posterior.refresh, posterior.start(chains, rng), posterior.first_metric(), rng
    )
    found = sampler.run(_WARM, draws)
    r_hat, ess = agreement(found.draws)
    for times, least in longer:
        if r_hat.max() <= least:
            break
        found = sampler.run(_WARM[-1:], draws * times)
        r_hat, ess = agreement(found.draws)
    return Fitted(found.draws.reshape(-1, posterior.dim), found, r_hat, ess)


def quick_look(posterior: Posterior, rng: np.random.Generator) -> Fitted:
    """Try many curves, fit shares that are not negative by ridge, keep the best thirty."""
    points = posterior.mean + np.sqrt(np.diag(posterior.cov)) * rng.standard_normal(
        (_TRIED, posterior.dim)
    )
    first, second, _ = posterior.split(points)
    kept, _ = weights(posterior.adstock, first, posterior.lags)
    total, shares = np.zeros(_TRIED), []
    for group in range(posterior.groups):
        value = posterior.shapes(kept, second, group) * posterior.on[:, group]
        share, error = _ridge(posterior, value, group)
        total += np.log(error)
        shares.append(share)
    best = np.argsort(total, kind="stable")[:_KEPT]
    chosen = points[best]
    floor = 1e-4 * np.exp(posterior.mean[posterior.shares.start])
    chosen[:, posterior.shares] = np.log(np.maximum(np.concatenate(shares, axis=1)[best], floor))
    unknown = np.full(posterior.dim, np.nan)
    return Fitted(chosen, None, unknown, unknown)


def _ridge(posterior: Posterior, value: Array, group: int) -> tuple[Array, Array]:
    """Shares (points, channels) and squared errors (points,), by descent along coordinates."""
    y = posterior.y[group, :, 0]
    mean = value.mean(axis=1, keepdims=True)
    value = value / np.where(mean > 0, mean, 1.0)
    basis = posterior.basis[group]
    left_y = y - basis @ (basis.T @ y)
    left = value - basis @ (basis.T @ value)
    turned = value.transpose(2, 0, 1)
    gram = turned @ left.transpose(2, 1, 0)
    aim = turned @ left_y
    size = np.einsum("pcc->pc", gram)
    size = size + _PENALTY * size.mean(axis=1, keepdims=True) + 1e-12
    share = np.zeros_like(aim)
    for _ in range(_ROUNDS):
        for c in range(len(value)):
            pull = (
                aim[:, c] - np.einsum("pd,pd->p", gram[:, c], share) + gram[:, c, c] * share[:, c]
            )
            share[:, c] = np.maximum(pull / size[:, c], 0.0)
    error = y @ left_y - 2 * (aim * share).sum(1) + np.einsum("pc,pcd,pd->p", share, gram, share)
    return share, np.maximum(error, 1e-12)
