"""Curves of decay fitted to thousands of series: a compiled loop."""

from typing import Any

import numpy as np

from musictools._kernel import kernel

#: Least mean, as a part of the largest value: what weighs by one over the mean must not explode.
_LEAST = 1e-9
_ROUNDS = 60
#: Part of the deviance below which another step is not worth it: a hundredth of what would move an
#: interval.
_ENOUGH = 1e-7


@kernel("float64(int64, float64, float64[:], float64[:], float64[:])")
def curve(kind: int, t: float, theta: Any, plain: Any, slope: Any) -> float:
    """Give one curve at one age, and its slope by each parameter; see ``_decay_curves``.

    ``plain`` holds the exponentials of the parameters, which are the same for all ages.
    """
    if kind == 3:
        fast = np.exp(theta[0] - plain[1] * t)
        slow = np.exp(theta[2] - plain[3] * t)
        slope[0], slope[1] = fast, -fast * plain[1] * t
        slope[2], slope[3] = slow, -slow * plain[3] * t
        slope[4] = plain[4]
        return float(fast + slow + plain[4])
    if kind == 0:
        fallen = plain[1] * t
        slope[1] = fallen
    elif kind == 1:
        log = theta[1] + np.log(t) if t > 0 else 0.0
        fallen = np.exp(plain[2] * log) if t > 0 else 0.0
        slope[1] = plain[2] * fallen
        slope[2] = fallen * plain[2] * log
    else:
        x = t / plain[1]
        fallen = plain[2] * np.log1p(x)
        slope[1] = -plain[2] * x / (1 + x)
        slope[2] = fallen
    mean = np.exp(theta[0] - fallen)
    slope[0] = mean
    for j in range(1, len(theta)):
        slope[j] *= -mean
    return float(mean)


@kernel("float64(float64, float64, float64)")
def gap(y: float, mean: float, noise: float) -> float:
    """Give the quasi-deviance of one value, whose variance is ``(1 - noise) m + noise m**2``."""
    count = 1 - noise
    # What the first logarithm tends to where nothing was counted is zero.
    out = 2 * (np.log1p(noise * mean / count) - np.log1p(noise * y / count)) / noise
    if y > 0:
        share = np.log(y / mean) + np.log((count + noise * mean) / (count + noise * y))
        out += 2 * y / count * share
    return float(out)


@kernel(
    "float64(int64, float64[::1], float64[::1], float64, float64[:], float64[:], float64[:, ::1])"
)
def gather(kind: int, t: Any, y: Any, noise: float, theta: Any, score: Any, fisher: Any) -> float:
    """Give the quasi-deviance less what only the values tell, its score and the information."""
    p = len(theta)
    slope, plain = np.zeros(p), np.exp(theta)
    score[:] = 0.0
    fisher[:, :] = 0.0
    deviance, count = 0.0, 1 - noise
    for i in range(len(t)):
        mean = max(curve(kind, t[i], theta, plain, slope), _LEAST)
        swing = np.log1p(noise * mean / count)
        deviance += 2 * swing / noise
        if y[i] > 0:
            deviance += 2 * y[i] / count * (swing - np.log(mean))
        variance = mean * (count + noise * mean)
        off = (y[i] - mean) / variance
        for j in range(p):
            score[j] += off * slope[j]
            for k in range(j + 1):
                fisher[j, k] += slope[j] * slope[k] / variance
    for j in range(p):
        for k in range(j):
            fisher[k, j] = fisher[j, k]
    return deviance


@kernel("float64(float64[::1], float64)")
def least(y: Any, noise: float) -> float:
    """Give what `gather` would if each mean were its value: what is to be taken off."""
    total, count = 0.0, 1 - noise
    for value in y:
        swing = np.log1p(noise * value / count)
        total += 2 * swing / noise
        if value > 0:
            total += 2 * value / count * (swing - np.log(value))
    return total


@kernel("void(int64, float64[::1], float64[::1], float64, float64[:, ::1], float64[::1])")
def gather_all(kind: int, t: Any, y: Any, noise: float, thetas: Any, deviance: Any) -> None:
    """Give the quasi-deviance, less what only the values tell, at many parameters."""
    slope, count = np.zeros(thetas.shape[1]), 1 - noise
    for i in range(len(thetas)):
        plain, total = np.exp(thetas[i]), 0.0
        for k in range(len(t)):
            mean = max(curve(kind, t[k], thetas[i], plain, slope), _LEAST)
            swing = np.log1p(noise * mean / count)
            total += 2 * swing / noise
            if y[k] > 0:
                total += 2 * y[k] / count * (swing - np.log(mean))
        deviance[i] = total


@kernel("boolean(float64[:, ::1], float64[:], float64, float64[:])")
def solve(matrix: Any, right: Any, damp: float, step: Any) -> bool:  # noqa: C901 - one loop, compiled
    """Solve a small damped system by Cholesky; False where it is not positive."""
    p = len(right)
    low = np.zeros((p, p))
    for i in range(p):
        for j in range(i + 1):
            total = matrix[i, j]
            if i == j:
                total += damp * matrix[i, i] + 1e-12
            for k in range(j):
                total -= low[i, k] * low[j, k]
            if i == j:
                if not total > 0:
                    return False
                low[i, i] = np.sqrt(total)
            else:
                low[i, j] = total / low[j, j]
    for i in range(p):
        total = right[i]
        for k in range(i):
            total -= low[i, k] * step[k]
        step[i] = total / low[i, i]
    for i in range(p - 1, -1, -1):
        total = step[i]
        for k in range(i + 1, p):
            total -= low[k, i] * step[k]
        step[i] = total / low[i, i]
    return True


@kernel(
    "void(int64, float64[::1], float64[::1], int64[::1], float64[::1], float64[:, :, ::1],"
    " float64[:, ::1], float64[::1])"
)
def fit_all(
    kind: int, t: Any, y: Any, ends: Any, noise: Any, limits: Any, theta: Any, deviance: Any
) -> None:
    """Fit one kind of curve to each series by damped scoring, from and into ``theta``.

    Series i is ``t[ends[i]:ends[i + 1]]``, and y likewise, scaled to 1 at its largest; its least
    and greatest parameters are ``limits[i]``.
    """
    p = theta.shape[1]
    score, step, fresh = np.zeros(p), np.zeros(p), np.zeros(p)
    fisher, other = np.zeros((p, p)), np.zeros((p, p))
    fresh_score = np.zeros(p)
    for s in range(theta.shape[0]):
        a, b = ends[s], ends[s + 1]
        now = theta[s]
        bottom = least(y[a:b], noise[s])
        best = gather(kind, t[a:b], y[a:b], noise[s], now, score, fisher) - bottom
        damp = 1e-3
        for _ in range(_ROUNDS):
            gained = 0.0
            if solve(fisher, score, damp, step):
                for j in range(p):
                    fresh[j] = min(max(now[j] + step[j], limits[s, 0, j]), limits[s, 1, j])
                tried = gather(kind, t[a:b], y[a:b], noise[s], fresh, fresh_score, other) - bottom
                gained = best - tried
            if gained > 0:
                now[:] = fresh
                score[:] = fresh_score
                fisher[:, :] = other
                best = tried
                damp = max(damp / 6, 1e-9)
                if gained < _ENOUGH * (best + _ENOUGH):
                    break
            else:
                damp *= 5
                if damp > 1e7:
                    break
        deviance[s] = best
