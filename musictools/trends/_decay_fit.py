"""Decay curves fitted to many series: the noise, the shape by the tail, and the doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musictools.trends import _decay_kernels as kernels
from musictools.trends._decay_curves import (
    KINDS,
    MODELS,
    SIZES,
    Floats,
    bounds,
    half_lives,
    means,
    starts,
)

#: Points after the start below which nothing is fitted.
FEWEST = 6
#: Points that each parameter must have before a tail is held out.
_PER_PARAMETER = 3
#: A simpler shape is kept if it misses the tail by no more than this beyond the best.
_TOLERANCE = 1.05
#: Difference of BIC that is called strong evidence (Kass and Raftery, 1995, give 6 to 10).
_STRONG = 6.0
#: Parameters up to which the ellipse of the information is shape enough for what they may be.
_TAME = 3
#: Draws for each that is kept, where it is not.
_MORE = 3
#: How far from its estimate a log parameter is believed to be at all: what the data do not tell
#: would otherwise wander without end.
_PRIOR = 3.0
#: Noise of a hundredth of a per cent, squared: what is closer is equal.
_NOTHING = 1e-8
#: Noise is a mixture of counting (variance as the mean) and of swings (as its square); neither is
#: ever all of it.
_NOISE = (1e-3, 1 - 1e-4)


@dataclass
class Curve:
    """One shape with its parameters, and how sure they are."""

    model: str
    theta: Floats
    covariance: Floats
    freedom: int
    spread: float
    limits: tuple[Floats, Floats]

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw parameters from their sampling distribution, a multivariate t."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0))
        wide = np.sqrt(self.freedom / rng.chisquare(self.freedom, count))
        plain = rng.standard_normal((count, len(self.theta))) @ root.T
        return np.asarray(np.clip(self.theta + wide[:, None] * plain, *self.limits))

    def half_lives(self, theta: Floats | None = None) -> Floats:
        """Give the age at half of the value at age 0."""
        return np.asarray(half_lives(self.model, self.theta if theta is None else theta))


@dataclass
class Fit:
    """One series, the curve that was chosen for it, and those that might be right as well."""

    t: Floats
    y: Floats
    scale: float
    begin: Any = None
    noise: float = 0.5
    chosen: Curve | None = None
    rivals: list[tuple[float, Curve]] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def draws(self, count: int, rng: np.random.Generator) -> list[tuple[Curve, Floats]]:
        """Draw parameters from all curves, each as often as it is likely."""
        weights = np.array([weight for weight, _ in self.rivals])
        counts = rng.multinomial(count, weights / weights.sum())
        return [
            (curve, self._drawn(curve, int(some), rng))
            for some, (_, curve) in zip(counts, self.rivals, strict=True)
            if some
        ]

    def _drawn(self, curve: Curve, count: int, rng: np.random.Generator) -> Floats:
        """Draw parameters; of a sum of curves, by how well each draw fits."""
        if SIZES[curve.model] <= _TAME:
            return curve.draws(count, rng)
        # Parts of a sum make up for each other along bent ridges, which no ellipse follows: more
        # draws than are needed, resampled by likelihood over density (Rubin, 1987).
        theta = np.ascontiguousarray(np.vstack([curve.theta, curve.draws(_MORE * count, rng)]))
        deviance = np.zeros(len(theta))
        kernels.gather_all(KINDS[curve.model], self.t, self.y, self.noise, theta, deviance)
        away = theta[1:] - curve.theta
        squares = (away @ np.linalg.pinv(curve.covariance) * away).sum(axis=1)
        power = (curve.freedom + len(curve.theta)) / 2
        logs = power * np.log1p(squares / curve.freedom)
        logs -= (deviance[1:] - deviance[0]) / (2 * curve.spread)
        logs -= (away**2).sum(axis=1) / (2 * _PRIOR**2)
        weights = np.exp(logs - logs.max())
        return theta[1:][rng.choice(len(weights), count, p=weights / weights.sum())]

    def predict(self, ages: Floats) -> Floats:
        """Give the chosen curve at some ages, in the unit of the series."""
        if self.chosen is None:
            return np.full(len(ages), np.nan)
        return self.scale * means(self.chosen.model, self.chosen.theta, ages)


def fit_series(fits: Sequence[Fit], models: Sequence[str], holdout: float) -> None:
    """Choose a curve for each series by its tail, fit it to all of it, and say how sure that is."""
    candidates = [model for model in MODELS if model in models]
    lengths = [len(each.t) for each in fits]
    # Any supple shape will do to see how values scatter about it.
    rough = "stretched" if len(candidates) > 1 else candidates[0]
    for each, theta in zip(fits, _fitted(rough, fits, lengths)[0], strict=True):
        each.noise = noise_of(each.y, means(rough, theta, each.t))
    whole = {model: _fitted(model, fits, lengths) for model in candidates}
    if len(candidates) > 1:
        _score(fits, candidates, holdout)
    for i, each in enumerate(fits):
        penalties = _adequate(each, {m: float(whole[m][1][i]) for m in candidates})
        limits = {m: bounds(m, float(each.t[-1]), _gap(each.t)) for m in penalties}
        curves = {
            m: Curve(m, whole[m][0][i], *_covariance(each, m, whole[m][0][i], limits[m]), limits[m])
            for m in penalties
        }
        each.chosen = curves[_chosen(each, list(penalties))]
        each.rivals = [(float(np.exp(-penalties[m] / 2)), curves[m]) for m in penalties]


def _adequate(each: Fit, deviances: dict[str, float]) -> dict[str, float]:
    """Give the BIC of each shape above the best; without those that the series speaks against."""
    points = len(each.t)
    able = [m for m in deviances if points > _PER_PARAMETER * SIZES[m]] or list(deviances)[:1]
    richest = min(able, key=lambda model: deviances[model])
    spread = max(deviances[richest] / max(points - SIZES[richest], 1), _NOTHING)
    values = {m: deviances[m] / spread + SIZES[m] * float(np.log(points)) for m in able}
    best = min(values.values())
    return {m: values[m] - best for m in able if values[m] <= best + _STRONG}


def noise_of(y: Floats, mean: Floats) -> float:
    """Give the part of the noise, at the largest value, that swings and is no counting."""
    mean = np.maximum(mean, 1e-9)
    square = (y - mean) ** 2 / mean
    low, high = _NOISE
    noise = 0.5
    for _ in range(4):
        # Squares scatter as widely as they are large.
        weight = 1 / (1 - noise + noise * mean)
        design = np.stack([weight, mean * weight], axis=1)
        (count, swing), *_ = np.linalg.lstsq(design, square * weight, rcond=None)
        count, swing = max(count, 0.0), max(swing, 0.0)
        if count + swing <= 0:
            break
        noise = min(max(swing / (count + swing), low), high)
    return float(noise)


def _score(fits: Sequence[Fit], candidates: Sequence[str], holdout: float) -> None:
    for model in candidates:
        able = [f for f in fits if _kept(f, holdout) >= _PER_PARAMETER * SIZES[model]]
        thetas, _ = _fitted(model, able, [_kept(each, holdout) for each in able])
        for each, theta in zip(able, thetas, strict=True):
            tail = slice(_kept(each, holdout), None)
            mean = np.maximum(means(model, theta, each.t[tail]), 1e-9)
            missed = [
                kernels.gap(y, m, each.noise) for y, m in zip(each.y[tail], mean, strict=True)
            ]
            each.scores[model] = float(np.mean(missed))


def _kept(each: Fit, holdout: float) -> int:
    return len(each.t) - max(1, round(holdout * len(each.t)))


def _chosen(each: Fit, candidates: Sequence[str]) -> str:
    known = [each.scores[m] for m in candidates if m in each.scores]
    if not known:
        return candidates[0]
    best = min(known)
    good = (m for m in candidates if each.scores.get(m, np.inf) <= _TOLERANCE * best + _NOTHING)
    return next(good)


def _gap(t: Floats) -> float:
    return float(np.diff(t).min())


def _fitted(model: str, fits: Sequence[Fit], lengths: Sequence[int]) -> tuple[Floats, Floats]:
    """Fit one shape to the beginnings of series; parameters and deviance of the best start."""
    if not fits:
        return np.zeros((0, SIZES[model])), np.zeros(0)
    series = [(each.t[:n], each.y[:n]) for each, n in zip(fits, lengths, strict=True)]
    ends = np.cumsum([0, *lengths]).astype("int64")
    t, y = (np.concatenate([pair[i] for pair in series]) for i in (0, 1))
    noise = np.array([each.noise for each in fits])
    limits = np.array([bounds(model, float(t_[-1]), _gap(t_)) for t_, _ in series])
    begins = np.array([starts(model, t_, y_) for t_, y_ in series])
    best, least = np.zeros((len(series), SIZES[model])), np.full(len(series), np.inf)
    for number in range(begins.shape[1]):
        theta = np.ascontiguousarray(np.clip(begins[:, number], limits[:, 0], limits[:, 1]))
        deviance = np.zeros(len(series))
        kernels.fit_all(KINDS[model], t, y, ends, noise, limits, theta, deviance)
        better = deviance < least
        best[better], least[better] = theta[better], deviance[better]
    return best, least


def _covariance(
    each: Fit, model: str, theta: Floats, limits: tuple[Floats, Floats]
) -> tuple[Floats, int, float]:
    """Give the covariance of the parameters, its degrees of freedom, and the spread of deviances.

    Errors that last for some points (a playlist, a season) tell less than as many fresh ones:
    their autocorrelation widens it.
    """
    size = len(theta)
    score, fisher = np.zeros(size), np.zeros((size, size))
    kernels.gather(KINDS[model], each.t, each.y, each.noise, theta, score, fisher)
    free = (theta > limits[0] + 1e-9) & (theta < limits[1] - 1e-9)
    spare = max(len(each.t) - int(free.sum()), 1)
    mean = np.maximum(means(model, theta, each.t), 1e-9)
    residual = (each.y - mean) / np.sqrt(mean * (1 - each.noise + each.noise * mean))
    spread = max(float(residual @ residual) / spare, 1e-12)
    prior = np.eye(int(free.sum())) / _PRIOR**2
    lasting = _lasting(residual)
    information = fisher[np.ix_(free, free)] / (spread * lasting) + prior
    out = np.zeros((size, size))
    out[np.ix_(free, free)] = np.linalg.inv(information)
    return out, max(1, round(spare / lasting)), spread * lasting


def _lasting(residual: Floats) -> float:
    """Give the long-run variance over the plain one, at least 1 (Bartlett weights)."""
    whole = float(residual @ residual)
    if whole <= 0:
        return 1.0
    lags = min(int(np.ceil(len(residual) ** (1 / 3))), len(residual) - 1)
    ratio = 1.0
    for lag in range(1, lags + 1):
        together = float(residual[lag:] @ residual[:-lag]) / whole
        ratio += 2 * (1 - lag / (lags + 1)) * together
    return max(ratio, 1.0)
