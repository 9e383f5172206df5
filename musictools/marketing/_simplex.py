"""Weights of at least zero that sum to one: exact least squares, with or without covariates."""

import numpy as np

_FLOOR = 1e-9


def simplex_weights(
    parts: np.ndarray, target: np.ndarray, *, ridge: float = 0.0, intercept: bool = False
) -> np.ndarray:
    """Find the mixture of the columns of `parts` that comes nearest to `target`.

    The weights minimise ``|parts @ w - target|**2 + ridge * |w|**2`` over w >= 0, sum(w) = 1;
    with an intercept, a constant is added that costs nothing.

    The least point of a hull is a problem of non-negative least squares in disguise: with
    ``p_i = parts_i - target`` and u = s w, ``|P u|**2 + m**2 (sum(u) - 1)**2`` is least at the same
    w whatever s and m are. So it is exact, and m only sets the scale.
    """
    from scipy.optimize import nnls

    count = parts.shape[1]
    if count == 1:
        return np.ones(1)
    if intercept:
        parts, target = parts - parts.mean(axis=0), target - target.mean()
    points = parts - target[:, None]
    size = float(np.sqrt((points**2).sum(axis=0).mean() + ridge)) or 1.0
    rows = [points / size, np.ones((1, count))]
    if ridge > 0:
        rows.append(np.sqrt(ridge) / size * np.eye(count))
    stacked = np.concatenate(rows)
    goal = np.zeros(len(stacked))
    goal[len(points)] = 1.0
    free, _ = nnls(stacked, goal, maxiter=100 * count)
    weights: np.ndarray = free / free.sum()
    return weights


def covariate_weights(
    parts: np.ndarray,
    target: np.ndarray,
    *,
    fit_parts: np.ndarray,
    fit_target: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic control with predictors: weights of the donors, and importances of the predictors.

    `parts` (predictors x donors) and `target` are the predictors; the importances v are those whose
    weights fit the outcomes `fit_parts` (periods x donors), `fit_target` best (Abadie, Diamond and
    Hainmueller 2010). The gradient of the outer problem is exact: between two changes of the set of
    donors in use, the weights are a smooth function of v.
    """
    from scipy.optimize import minimize

    both = np.column_stack([parts, target])
    spread = both.std(axis=1, ddof=1, keepdims=True)
    both = both / np.where(spread > 0, spread, 1.0)
    parts, target = both[:, :-1], both[:, -1]
    unit = float((fit_target**2).mean()) or 1.0

    def loss(log_v: np.ndarray) -> tuple[float, np.ndarray]:
        v = np.exp(log_v - log_v.max())
        v = v / v.sum() + _FLOOR
        weights = simplex_weights(np.sqrt(v)[:, None] * parts, np.sqrt(v) * target)
        miss = fit_parts @ weights - fit_target
        slope = _slope(parts, target, v=v, weights=weights) @ (2 * fit_parts.T @ miss)
        # v is a softmax, so only differences of log v count.
        gradient = v * (slope - v @ slope)
        return float(miss @ miss) / unit, gradient / unit

    best: tuple[float, np.ndarray] = (np.inf, np.zeros(len(parts)))
    for begin in _beginnings(parts, target, fit_parts, fit_target):
        found = minimize(loss, begin, jac=True, method="L-BFGS-B",
                         bounds=[(-12.0, 12.0)] * len(begin), options={"maxiter": 60})  # fmt: skip
        if found.fun < best[0]:
            best = (float(found.fun), found.x)
    v = np.exp(best[1] - best[1].max())
    v = v / v.sum() + _FLOOR
    weights = simplex_weights(np.sqrt(v)[:, None] * parts, np.sqrt(v) * target)
    return weights, v / v.sum()


def _slope(
    parts: np.ndarray, target: np.ndarray, *, v: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Give the derivative of the weights by each importance: predictors x donors."""
    used = np.flatnonzero(weights > 0)
    inside = parts[:, used]
    system = np.ones((len(used) + 1, len(used) + 1))
    system[:-1, :-1] = inside.T @ (v[:, None] * inside)
    system[-1, -1] = 0.0
    right = np.zeros((len(used) + 1, len(parts)))
    right[:-1] = (inside * (target - inside @ weights[used])[:, None]).T
    moved = np.linalg.lstsq(system, right, rcond=1e-12)[0]
    slope = np.zeros((len(parts), parts.shape[1]))
    slope[:, used] = moved[:-1].T
    return slope


def _beginnings(
    parts: np.ndarray, target: np.ndarray, fit_parts: np.ndarray, fit_target: np.ndarray
) -> list[np.ndarray]:
    """Equal importances, and those of a regression of the outcomes: where R's Synth begins, too."""
    outcomes = np.column_stack([fit_parts, fit_target])
    predictors = np.column_stack([parts, target])
    centred = predictors - predictors.mean(axis=1, keepdims=True)
    slopes = np.linalg.lstsq(centred.T, outcomes.T, rcond=1e-8)[0]
    importance = (slopes**2).sum(axis=1)
    logs = [np.zeros(len(parts)), np.log(importance / importance.sum() + 1e-5)]
    return [np.clip(each - each.max(), -12.0, 12.0) for each in logs]
