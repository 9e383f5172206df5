"""Gradient boosting over all series at once: one model of the middle, one for each quantile."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musictools.trends._forecast_features import State, learnable, rows
from musictools.trends._read_series import Floats, Whole

#: Windows that a model learns from, at most; more make it slower and hardly better.
WINDOWS = 20_000
#: Windows below which there is no such model.
FEWEST = 300
#: Steps that a series must have before its windows count.
_SETTLED = 2
_TREES = 50
_BINS = 128
#: Part of the level that is added before logarithms are taken.
_OFFSET = 0.3
#: How much more a series of twice the level counts.
_POWER = 0.75
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.15,
    "max_leaf_nodes": 16,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "max_bins": _BINS,
    "early_stopping": False,
}


@dataclass
class Bins:
    """Features as numbers of bins of equal counts, made once for all models of a fit.

    Trees split between bins in any case; left to itself scikit-learn looks for them in each model
    anew, weighted, which took nine tenths of the time of a fit.

    Attributes
    ----------
    edges : list of numpy.ndarray
        Where bins of each feature end, in order.
    """

    edges: list[Floats]

    @classmethod
    def of(cls, design: np.ndarray) -> "Bins":
        """Find the bins of a design matrix: a value each, or as many in each."""
        edges = []
        for column in design.T:
            known = np.unique(column[~np.isnan(column)])
            if len(known) > _BINS:
                shares = np.arange(1, _BINS) / _BINS
                known = np.unique(np.nanquantile(column, shares, method="higher"))
            edges.append(known)
        return cls(edges)

    def code(self, design: np.ndarray) -> np.ndarray:
        """Give each value the number of its bin; what is missing stays missing."""
        out = np.full(design.shape, np.nan, dtype=np.float32)
        for place, (column, edges) in enumerate(zip(design.T, self.edges, strict=True)):
            known = ~np.isnan(column)
            out[known, place] = np.searchsorted(edges, column[known])
        return out


@dataclass
class Boosting:
    """Fitted models of scaled differences from the last value.

    Attributes
    ----------
    bins : Bins
        How features are coded.
    middle : object
        The model of the median.
    sides : dict of float to object
        A model for each other quantile.
    """

    bins: Bins
    middle: Any
    sides: dict[float, Any] = field(default_factory=dict)

    def predict(self, state: State, series: Whole, column: Whole, horizon: int) -> "Predicted":
        """Predict all steps ahead of some origins; arrays are (origins, horizon)."""
        count = len(series)
        who, where = np.repeat(series, horizon), np.repeat(column, horizon)
        ahead = np.tile(np.arange(1, horizon + 1), count)
        design = self.bins.code(rows(state, who, where, ahead))
        last = state.y[series, column][:, None]
        offset = _OFFSET * state.scale[series, column][:, None]

        def of(model: Any) -> Floats:
            gain = np.exp(model.predict(design).reshape(count, horizon))
            return np.asarray((last + offset) * gain - offset)

        sides = {quantile: of(model) for quantile, model in self.sides.items()}
        return Predicted(of(self.middle), sides)


@dataclass
class Predicted:
    """A median and other quantiles."""

    middle: Floats
    sides: dict[float, Floats]


def windows(
    state: State, horizon: int, hidden: int, rng: np.random.Generator, *, most: int = WINDOWS
) -> tuple[Whole, Whole, Whole]:
    """Draw series, columns and distances whose targets end before the hidden columns."""
    width = state.y.shape[1] - hidden
    age = np.cumsum(state.known, axis=1)
    able = state.known & (age >= _SETTLED)
    able[:, max(width - 1, 0) :] = False
    series, column = np.nonzero(able)
    # Far distances do not fit behind late columns.
    room = np.minimum(width - 1 - column, horizon)
    ahead = rng.integers(1, room + 1) if len(room) else room
    if len(series) > most:
        picked = np.sort(
            rng.choice(len(series), most, replace=False, p=_odds(state, series, column))
        )
        series, column, ahead = series[picked], column[picked], ahead[picked]
    elif len(series):
        copies = min(horizon, most // len(series))
        more = [rng.integers(1, room + 1) for _ in range(copies - 1)]
        ahead = np.concatenate([ahead, *more])
        series, column = np.tile(series, copies), np.tile(column, copies)
    return series, column, ahead


def _odds(state: State, series: Whole, column: Whole) -> Floats:
    """Draw what is long gone less often: it teaches little."""
    gone = state.features[state.names.index("off")][series, column]
    odds = np.where(np.nan_to_num(gone) > np.log(5), 0.25, 1.0)
    return np.asarray(odds / odds.sum())


def fit(
    state: State,
    horizon: int,
    quantiles: tuple[float, ...],
    *,
    hidden: int,
    rng: np.random.Generator,
) -> Boosting | None:
    """Fit the models on windows whose targets lie before the hidden columns; None for too few."""
    series, column, ahead = windows(state, horizon, hidden, rng)
    if len(series) < FEWEST:
        return None
    design = rows(state, series, column, ahead)
    bins = Bins.of(design)
    design = learnable(bins.code(design))
    gain = gains(state, series, column, ahead)
    weight = weights(state, series, column)
    seed = int(rng.integers(2**31))
    middle = _fit_one(design, gain, weight, None, seed)
    sides = {q: _fit_one(design, gain, weight, q, seed) for q in quantiles}
    return Boosting(bins, middle, sides)


def gains(state: State, series: Whole, column: Whole, ahead: Whole) -> Floats:
    """Give logarithms of growth, with a part of the level added so that zero has one too.

    Quantiles of logarithms are logarithms of quantiles, so that nothing is biased by them.
    """
    offset = _OFFSET * state.scale[series, column]
    later, now = state.y[series, column + ahead], state.y[series, column]
    return np.asarray(np.log((later + offset) / (now + offset)))


def weights(state: State, series: Whole, column: Whole) -> Floats:
    """Errors count in the series' unit, but no series alone."""
    scale = state.scale[series, column]
    low, high = np.quantile(scale, [0.1, 0.98])
    weight = np.clip(scale, low, high) ** _POWER
    return np.asarray(weight / weight.mean())


def _fit_one(
    design: np.ndarray, gain: Floats, weight: Floats, quantile: float | None, seed: int
) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    loss = (
        {"loss": "absolute_error"}
        if quantile is None
        else {"loss": "quantile", "quantile": quantile}
    )
    model = HistGradientBoostingRegressor(max_iter=_TREES, random_state=seed, **loss, **_SETTINGS)
    return model.fit(design, gain, sample_weight=weight)
