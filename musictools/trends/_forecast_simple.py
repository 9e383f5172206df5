"""Forecasts that need no fitting: the last value, the last season, the way so far."""

from collections.abc import Callable

import numpy as np

from musictools.trends._read_series import Floats, Whole

#: Steps that drift looks back on, at most: further back is another time.
_BACK = 26

Simple = Callable[[Floats, Whole, Whole, int, int], Floats]


def naive(y: Floats, series: Whole, column: Whole, horizon: int, season: int) -> Floats:
    """Give the last value."""
    del season
    return np.repeat(y[series, column][:, None], horizon, axis=1)


def seasonal_naive(y: Floats, series: Whole, column: Whole, horizon: int, season: int) -> Floats:
    """Give the value of one season before; the last one where the series is too young."""
    out = naive(y, series, column, horizon, season)
    if season < 2:
        return out
    for step in range(1, horizon + 1):
        at = column + step - season * -(-step // season)
        past = np.where(at >= 0, y[series, np.maximum(at, 0)], np.nan)
        out[:, step - 1] = np.where(np.isfinite(past), past, out[:, step - 1])
    return out


def drift(y: Floats, series: Whole, column: Whole, horizon: int, season: int) -> Floats:
    """Go on as since the first value, or as in the last half year of weeks; not below zero."""
    del season
    begun = np.argmax(np.isfinite(y), axis=1)[series]
    back = np.maximum(column - _BACK, begun)
    length = np.maximum(column - back, 1)
    slope = (y[series, column] - y[series, back]) / length
    ahead = np.arange(1, horizon + 1)
    return np.asarray(np.maximum(y[series, column][:, None] + slope[:, None] * ahead, 0.0))


SIMPLE: dict[str, Simple] = {"naive": naive, "seasonal_naive": seasonal_naive, "drift": drift}


def residual_quantiles(
    y: Floats, horizon: int, quantiles: tuple[float, ...], *, fewest: int = 20
) -> dict[float, Floats]:
    """Give naive its own intervals: each series' past changes over as many steps.

    Series with fewer changes than that take the changes of all, scaled by their levels.
    """
    count, width = y.shape
    last = y[:, -1]
    level = np.maximum(np.nanmean(y[:, -8:], axis=1), 1e-9)
    out = {q: np.repeat(last[:, None], horizon, axis=1) for q in quantiles}
    for step in range(1, min(horizon, width - 1) + 1):
        change = y[:, step:] - y[:, :-step]
        known = np.isfinite(change).sum(axis=1)
        own = known >= min(fewest, width)
        start = np.maximum(y[:, :-step], 1e-9)
        relative = (change / start)[(y[:, :-step] > 0) & np.isfinite(change)]
        for q in quantiles:
            if own.any():
                out[q][own, step - 1] += np.nanquantile(change[own], q, axis=1)
            if (~own).any() and len(relative):
                out[q][~own, step - 1] += level[~own] * np.quantile(relative, q)
    shape = (count, horizon)
    return {q: np.maximum(values, 0.0).reshape(shape) for q, values in out.items()}
