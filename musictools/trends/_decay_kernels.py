"""Curves of decay fitted to thousands of series: a compiled loop."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

#: Least mean, as a part of the largest value: what weighs by one over the mean must not explode.
_LEAST = 1e-9
_ROUNDS = 80


def _compiled(*signatures: str) -> Callable[[F], F]:
    def made(function: F) -> F:
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
        njit: Any = numba.njit
        done: F
        try:
            done = njit(list(signatures), cache=True, **options)(function)
        except RuntimeError:
            # Neither the package's folder nor the reader's own can be written: compile each time.
            done = njit(list(signatures), **options)(function)
        return done

    return made


@_compiled("float64(int64, float64, float64[:], float64[:])")
def curve(kind: int, t: float, theta: Any, slope: Any) -> float:
    """Give one curve at one age, and its slope by each parameter; see ``_decay_curves``."""
    if kind == 3:
        fast = np.exp(theta[0] - np.exp(theta[1]) * t)
        slow = np.exp(theta[2] - np.exp(theta[3]) * t)
        rest = np.exp(theta[4])
        slope[0], slope[1] = fast, -fast * np.exp(theta[1]) * t
        slope[2], slope[3] = slow, -slow * np.exp(theta[3]) * t
        slope[4] = rest
        return float(fast + slow + rest)
    if kind == 0:
        fallen = np.exp(theta[1]) * t
        slope[1] = fallen
    elif kind == 1:
        power = np.exp(theta[2])
        fallen = (np.exp(theta[1]) * t) ** power
        slope[1] = power * fallen
        slope[2] = fallen * power * (theta[1] + np.log(t)) if t > 0 else 0.0
    else:
        power = np.exp(theta[2])
        x = t * np.exp(-theta[1])
        fallen = power * np.log1p(x)
        slope[1] = -power * x / (1 + x)
        slope[2] = fallen
    mean = np.exp(theta[0] - fallen)
    slope[0] = mean
    for j in range(1, len(theta)):
        slope[j] *= -mean
    return float(mean)


@_compiled("float64(float64, float64, float64)")
def gap(y: float, mean: float, noise: float) -> float:
    """Give the quasi-deviance of one value, whose variance is ``(1 - noise) m + noise m**2``."""
    count = 1 - noise
    # What the first logarithm tends to where nothing was counted is zero.
    out = 2 * (np.log1p(noise * mean / count) - np.log1p(noise * y / count)) / noise
    if y > 0:
        share = np.log(y / mean) + np.log((count + noise * mean) / (count + noise * y))
        out += 2 * y / count * share
    return float(out)


@_compiled(
    "float64(int64, float64[::1], float64[::1], float64, float64[:], float64[:], float64[:, ::1])"
)
def gather(
    kind: int, t: Any, y: Any, noise: float, theta: Any, score: Any, fisher: Any
) -> float:
    """Give the quasi-deviance, its score and the information at some parameters."""
    p = len(theta)
    slope = np.zeros(p)
    score[:] = 0.0
    fisher[:, :] = 0.0
    deviance = 0.0
    for i in range(len(t)):
        mean = max(curve(kind, t[i], theta, slope), _LEAST)
        deviance += gap(y[i], mean, noise)
        variance = mean * (1 - noise + noise * mean)
        off = (y[i] - mean) / variance
        for j in range(p):
            score[j] += off * slope[j]
            for k in range(j + 1):
                fisher[j, k] += slope[j] * slope[k] / variance
    for j in range(p):
        for k in range(j):
            fisher[k, j] = fisher[j, k]
    return deviance


@_compiled("boolean(float64[:, ::1], float64[:], float64, float64[:])")
def solve(matrix: Any, right: Any, damp: float, step: Any) -> bool:
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


@_compiled(
    "void(int64, float64[::1], float64[::1], int64[::1], float64[::1], float64[:, :, ::1],"
    " float64[:, ::1], float64[::1])"
)
def fit_all(
    kind: int, t: Any, y: Any, ends: Any, noise: Any, limits: Any, theta: Any, deviance: Any
) -> None:
    """Fit one kind of curve to each series by damped scoring, from and into ``theta``.

    Series i is ``t[ends[i]:ends[i + 1]]``, and y likewise, scaled to 1 at its largest; its least and
    greatest parameters are ``limits[i]``.
    """
    p = theta.shape[1]
    score, step, fresh = np.zeros(p), np.zeros(p), np.zeros(p)
    fisher, other = np.zeros((p, p)), np.zeros((p, p))
    fresh_score = np.zeros(p)
    for s in range(theta.shape[0]):
        a, b = ends[s], ends[s + 1]
        now = theta[s]
        best = gather(kind, t[a:b], y[a:b], noise[s], now, score, fisher)
        damp = 1e-3
        for _ in range(_ROUNDS):
            gained = 0.0
            if solve(fisher, score, damp, step):
                for j in range(p):
                    fresh[j] = min(max(now[j] + step[j], limits[s, 0, j]), limits[s, 1, j])
                tried = gather(kind, t[a:b], y[a:b], noise[s], fresh, fresh_score, other)
                gained = best - tried
            if gained > 0:
                now[:] = fresh
                score[:] = fresh_score
                fisher[:, :] = other
                best = tried
                damp = max(damp / 6, 1e-9)
                if gained < 1e-9 * (best + 1e-9):
                    break
            else:
                damp *= 5
                if damp > 1e7:
                    break
        deviance[s] = best
