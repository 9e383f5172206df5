"""The Hawkes intensity process fitted to many series: all that is linear is solved for exactly."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools.trends._decay_fit import noise_of

Floats = np.ndarray[Any, np.dtype[np.float64]]

#: Least and greatest logit of the branching ratio, log of c and log of theta.
LIMITS = np.array([[-7.0, np.log(0.02), np.log(0.05)], [6.0, np.log(20.0), np.log(10.0)]])
_ROUNDS = 25
_BLOCK = 256
_STEP = 1e-5
#: How far from its estimate a nonlinear parameter is believed to be.
_PRIOR = 2.0
#: Which of the three linear parameters are there, from all to one.
_SETS = ((0, 1, 2), (0, 1), (0, 2), (1, 2), (0,), (1,), (2,))


@dataclass
class Cascade:
    """One series, its promotion, and the process that was fitted to it.

    Attributes
    ----------
    y, promotion : numpy.ndarray
        What was counted, and what was done, in each step.
    linear : numpy.ndarray
        gamma, eta, mu.
    curved : numpy.ndarray
        logit of the branching ratio, log c, log theta.
    bases : numpy.ndarray, shape (3, n)
        What one unit of each linear parameter brings.
    covariance : numpy.ndarray, shape (6, 6)
        Of linear and curved parameters; 0 where one is at nothing.
    freedom : float
        Its degrees of freedom.
    """

    y: Floats
    promotion: Floats
    linear: Floats
    curved: Floats
    bases: Floats
    covariance: Floats
    freedom: float

    @property
    def mu(self) -> float:
        """What one unit of promotion brings at once; NaN where there was none to learn it from."""
        return float(self.linear[2]) if (self.promotion > 0).any() else float("nan")

    @property
    def mean(self) -> Floats:
        """What was to be expected in each step."""
        return np.asarray(self.linear @ self.bases)


def memory(curved: Floats) -> tuple[Floats, Floats]:
    """Give C, and c with theta, of branching ratios on the scale they are searched on."""
    from scipy.special import expit, zeta

    c, theta = np.exp(curved[..., 1]), np.exp(curved[..., 2])
    # The ratio is the sum of C (lag + c)^-(1 + theta) over all lags: Hurwitz' zeta function.
    scale = expit(curved[..., 0]) / zeta(1.0 + theta, 1.0 + c)
    return np.asarray(scale), np.stack([c, theta], axis=-1)


def answers(curved: Floats, promotion: Floats, lengths: Any) -> Floats:
    """Give the three bases of each series."""
    from musictools.trends._hawkes_kernels import bases_all

    out = np.empty((len(curved), 3, promotion.shape[1]))
    scale, shape = memory(curved)
    bases_all(np.ascontiguousarray(scale), np.ascontiguousarray(shape), promotion, lengths, out)
    return out


def fit_cascades(series: list[tuple[Floats, Floats]]) -> list[Cascade]:
    """Fit the process to series of (counts, promotion)."""
    order = sorted(range(len(series)), key=lambda i: len(series[i][0]))
    out: dict[int, Cascade] = {}
    for first in range(0, len(order), _BLOCK):
        block = order[first : first + _BLOCK]
        out |= dict(zip(block, _fit_block([series[i] for i in block]), strict=True))
    return [out[i] for i in range(len(series))]


@dataclass
class _Block:
    """Series of about one length, as rectangles; weights are zero beyond their ends."""

    y: Floats
    promotion: Floats
    weight: Floats
    lengths: Any

    def rows(self, which: Any) -> "_Block":
        return _Block(self.y[which], self.promotion[which], self.weight[which], self.lengths[which])


def _fit_block(series: list[tuple[Floats, Floats]]) -> list[Cascade]:
    lengths = np.array([len(y) for y, _ in series], dtype="int64")
    width = int(lengths.max())
    y, promotion, weight = (np.zeros((len(series), width)) for _ in range(3))
    for i, (values, given) in enumerate(series):
        y[i, : lengths[i]], promotion[i, : lengths[i]] = values, given
        weight[i, : lengths[i]] = _weight(np.convolve(values, np.full(5, 0.2), "same"), values)
    block = _Block(y, promotion, weight, lengths)
    curved = _descend(block, _start(block))
    # Weights of noisy values pull the fit down; those of the fit itself do not.
    bases = answers(curved, promotion, lengths)
    mean = np.einsum("ij,ijt->it", _solved(bases, block)[0], bases)
    for i, n in enumerate(lengths):
        block.weight[i, :n] = _weight(mean[i, :n], y[i, :n], settled=True)
    curved = _descend(block, curved)
    bases = answers(curved, promotion, lengths)
    linear = _solved(bases, block)[0]
    doubts = _slopes(block, curved, linear, bases)
    return [
        Cascade(
            values, given, linear[i], curved[i], bases[i, :, :n], *_doubt(block, i, linear, doubts)
        )
        for i, ((values, given), n) in enumerate(zip(series, lengths, strict=True))
    ]


def _weight(mean: Floats, y: Floats, *, settled: bool = False) -> Floats:
    """Weigh by one over the variance: counting, and once there is a curve, swings as well."""
    top = max(float(y.max()), 1e-12)
    scaled = np.maximum(mean, 0.05 * y.mean() + 1e-12) / top
    noise = noise_of(y / top, scaled) if settled else 0.0
    return np.asarray(1.0 / (scaled * (1 - noise + noise * scaled)) / top)


def _solved(bases: Floats, block: _Block) -> tuple[Floats, Floats]:
    """Give the best gamma, eta and mu of at least zero, and the weighted sum of squares."""
    weighed = bases * block.weight[:, None, :]
    gram = np.einsum("ijt,ikt->ijk", weighed, bases)
    right = np.einsum("ijt,it->ij", weighed, block.y)
    whole = np.einsum("it,it,it->i", block.weight, block.y, block.y)
    size = np.sqrt(np.maximum(np.einsum("ijj->ij", gram), 1e-300))
    # What does nothing (no promotion) is left at nothing.
    there = size > 1e-100
    gram = gram / size[:, :, None] / size[:, None, :]
    right = right / size
    best, least = np.zeros((len(bases), 3)), whole.copy()
    for chosen in _SETS:
        some = np.array(chosen)
        inner = gram[:, some[:, None], some] + 1e-10 * np.eye(len(some))
        found = np.linalg.solve(inner, right[:, some, None])[..., 0]
        able = (found >= 0).all(axis=1) & there[:, some].all(axis=1)
        cost = whole - (found * right[:, some]).sum(axis=1)
        better = able & (cost < least - 1e-12 * whole)
        fresh = np.zeros((len(bases), 3))
        fresh[:, some] = found
        best[better], least[better] = fresh[better], cost[better]
    linear = np.where(there, best / size, 0.0)
    return linear, _cost(linear, bases, block)


def _cost(linear: Floats, bases: Floats, block: _Block) -> Floats:
    off = block.y - np.einsum("ij,ijt->it", linear, bases)
    return np.asarray((block.weight * off * off).sum(axis=1))


def _start(block: _Block) -> Floats:
    grid = [
        (np.log(n / (1 - n)), np.log(c), np.log(theta))
        for n in (0.1, 0.4, 0.7, 0.92)
        for c in (0.3, 2.0)
        for theta in (0.3, 1.0, 3.0)
    ]
    best, least = np.zeros((len(block.y), 3)), np.full(len(block.y), np.inf)
    for point in grid:
        curved = np.tile(point, (len(block.y), 1))
        _, cost = _solved(answers(curved, block.promotion, block.lengths), block)
        better = cost < least
        best[better], least[better] = curved[better], cost[better]
    return best


def _residual(curved: Floats, block: _Block) -> Floats:
    bases = answers(curved, block.promotion, block.lengths)
    linear, _ = _solved(bases, block)
    off = block.y - np.einsum("ij,ijt->it", linear, bases)
    return np.asarray(np.sqrt(block.weight) * off)


def _descend(whole: _Block, curved: Floats) -> Floats:
    """Go down by damped least squares in the nonlinear parameters, all series at once."""
    curved, damp = curved.copy(), np.full(len(curved), 1e-2)
    active = np.ones(len(curved), dtype=bool)
    now = _residual(curved, whole)
    for _ in range(_ROUNDS):
        rows = np.flatnonzero(active)
        if not len(rows):
            break
        block, at = whole.rows(rows), curved[rows]
        slope = np.stack(
            [(_residual(at + _STEP * unit, block) - now[rows]) / _STEP for unit in np.eye(3)],
            axis=2,
        )
        fisher = np.einsum("itj,itk->ijk", slope, slope)
        right = -np.einsum("itj,it->ij", slope, now[rows])
        diagonal = np.maximum(np.einsum("ijj->ij", fisher), 1e-12)
        fisher[:, range(3), range(3)] += damp[rows, None] * diagonal + 1e-12
        fresh = np.clip(at + np.linalg.solve(fisher, right[..., None])[..., 0], *LIMITS)
        tried = _residual(fresh, block)
        before, after = (now[rows] ** 2).sum(axis=1), (tried**2).sum(axis=1)
        good = after < before
        curved[rows[good]], now[rows[good]] = fresh[good], tried[good]
        damp[rows] = np.where(good, np.maximum(damp[rows] / 5, 1e-9), damp[rows] * 6)
        done = (good & (before - after < 1e-6 * before)) | (damp[rows] > 1e6)
        active[rows[done]] = False
    return curved


def _slopes(block: _Block, curved: Floats, linear: Floats, bases: Floats) -> Floats:
    """Give slopes of the mean by all six parameters: (series, steps, 6)."""
    mean = np.einsum("ij,ijt->it", linear, bases)
    bent = []
    for unit in np.eye(3):
        moved = answers(curved + _STEP * unit, block.promotion, block.lengths)
        bent.append((np.einsum("ij,ijt->it", linear, moved) - mean) / _STEP)
    return np.stack([*np.moveaxis(bases, 1, 0), *bent], axis=2)


def _doubt(block: _Block, i: int, linear: Floats, slopes: Floats) -> tuple[Floats, float]:
    """Give the covariance of the six parameters of one series (HC3), and its freedom."""
    n = int(block.lengths[i])
    # What was found to be nothing may be a little: only what has no base at all is sure.
    there = (np.abs(slopes[i, :n, :3]) > 0).any(axis=0)
    free = np.flatnonzero(np.r_[there, np.full(3, (linear[i] > 0).any())])
    out = np.zeros((6, 6))
    spare = max(n - len(free), 1)
    if not len(free):
        return out, float(spare)
    root = np.sqrt(block.weight[i, :n])
    design = slopes[i, :n][:, free] * root[:, None]
    size = np.maximum(np.linalg.norm(design, axis=0), 1e-150)
    mean = slopes[i, :n, :3] @ linear[i]
    off = (block.y[i, :n] - mean) * root
    # Weak knowledge of the memory, on the scale of the residuals, ends what the data leave open.
    spread = max(float(off @ off) / spare, 1e-12)
    prior = np.where(free >= 3, spread / _PRIOR**2, 0.0) / size**2
    scaled = design / size
    bread = np.linalg.pinv(scaled.T @ scaled + np.diag(prior), rcond=1e-11, hermitian=True)
    lever = np.einsum("ij,jk,ik->i", scaled, bread, scaled)
    pulled = scaled * (off / np.maximum(1 - lever, 0.1))[:, None]
    meat = pulled.T @ pulled + np.diag(prior) * spread
    out[np.ix_(free, free)] = bread @ meat @ bread / np.outer(size, size)
    return out, float(spare)
