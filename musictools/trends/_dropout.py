"""Who stays on the chart, and where: survival times level, with the chart's own rules.

Points that end at zero are two questions. A classifier tells how likely a song is still there after
so many weeks; quantile models tell where, if it is. The median of both together is zero where it
is more likely gone than not, and otherwise the quantile of the level that is left over.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musictools._shipped import shipped_table
from musictools.errors import InputError, closest
from musictools.trends._forecast_features import State, learnable, rows
from musictools.trends._global_model import FEWEST, Predicted, windows
from musictools.trends._read_series import Clock, Floats, Whole

#: Quantiles of the level that are learned; what lies between is interpolated.
_GRID = (0.05, 0.2, 0.35, 0.5, 0.7, 0.95)
#: Windows that are drawn, and weeks in which half of them are left out: charts change their ways.
_WINDOWS = 300_000
_HALF = 80
#: Models, each of other windows, whose mean is told.
_BAG = 3
#: Weeks without points after which a song counts as gone, and is taught no more.
_GONE = 4
#: Rank of a song that just misses the chart.
_OFF_CHART = 101
_WEEK = 604_800
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.06,
    "max_leaf_nodes": 16,
    "min_samples_leaf": 80,
    "l2_regularization": 1.0,
    "max_iter": 80,
    "early_stopping": False,
}


@dataclass(frozen=True)
class Rules:
    """When a song has to leave a chart, by the date.

    Attributes
    ----------
    weeks, below : numpy.ndarray
        After so many weeks a song leaves once it is below this rank.
    first, last : numpy.ndarray
        Number of the first and last step at which the rule holds.
    """

    weeks: Floats
    below: Floats
    first: Floats
    last: Floats

    def limit(self, number: Whole, weeks_on: Floats) -> Floats:
        """Give the rank below which a song leaves; 101 where it may stay."""
        out = np.full(np.shape(weeks_on), float(_OFF_CHART))
        for weeks, below, first, last in zip(
            self.weeks, self.below, self.first, self.last, strict=True
        ):
            holds = (number >= first) & (number <= last) & (weeks_on > weeks)
            out = np.where(holds, np.minimum(out, below), out)
        return out


def chart_rules(chart: str | None, clock: Clock, what: str) -> Rules | None:
    """Read the dated rules of a chart, counted by a clock; None for no chart.

    Parameters
    ----------
    chart : str or None
        Such as ``"hot_100"``.
    clock : Clock
        How steps are counted.
    what : str
        For the words of errors.
    """
    import pandas as pd

    if chart is None:
        return None
    table = shipped_table("chart_rules")
    table = table[table["kind"] == "recurrent"]
    mine = table[table["rules"] == chart]
    if mine.empty or clock.unit != "seconds" or clock.step != _WEEK:
        raise InputError(
            what,
            got=f"chart={chart!r} and steps of {clock.name}",
            expected="a chart whose rules are known, and weekly dates",
            hint=f"chart={closest(str(chart), sorted(set(table['rules'])))}, or leave it out",
        )
    ends = []
    for column, open_end in (("valid_from", -np.inf), ("valid_to", np.inf)):
        dates = pd.to_datetime(mine[column])
        numbers = clock.number(dates.fillna(pd.Timestamp("2000-01-01"))).astype(float)
        ends.append(np.where(dates.isna(), open_end, numbers))
    # A rule that begins within a step holds from the next one on.
    return Rules(mine["weeks"].to_numpy(float), mine["below_rank"].to_numpy(float), *ends)


@dataclass
class Survival:
    """Fitted models of staying and of the level.

    Attributes
    ----------
    stays : list of object
        Classifiers of being above zero, whose mean is told.
    levels : dict of float to list of object
        Quantile models of the change in points, given that it stays.
    rules : Rules or None
        Of the chart.
    quantiles : tuple of float
        Quantiles besides the median that are asked for.
    """

    stays: list[Any]
    levels: dict[float, list[Any]]
    rules: Rules | None
    quantiles: tuple[float, ...] = field(default=())

    def predict(self, state: State, series: Whole, column: Whole, horizon: int) -> Predicted:
        """Predict all steps ahead of some origins; arrays are (origins, horizon)."""
        count = len(series)
        who, where = np.repeat(series, horizon), np.repeat(column, horizon)
        ahead = np.tile(np.arange(1, horizon + 1), count)
        x = design(state, who, where, ahead, self.rules)
        stays = np.mean([m.predict_proba(x)[:, list(m.classes_).index(1)] for m in self.stays], 0)
        now = state.y[who, where]
        gone = state.features[state.names.index("off")][who, where]
        # Long gone is gone: what came back was too rare to learn from.
        stays = np.where(~(gone <= np.log1p(_GONE)), 0.0, stays)
        told = [np.mean([m.predict(x) for m in models], axis=0) for models in self.levels.values()]
        growth = np.sort(np.stack(told, axis=1), axis=1)
        level = np.clip(now[:, None] + growth, 1.0, None)
        grid = np.array(list(self.levels))

        def quantile(q: float) -> Floats:
            left = (q - (1.0 - stays)) / np.maximum(stays, 1e-9)
            values = _between(left, grid, level)
            return np.asarray(np.where(left > 0, values, 0.0).reshape(count, horizon))

        return Predicted(quantile(0.5), {q: quantile(q) for q in self.quantiles})


def _between(at: Floats, grid: Floats, values: Floats) -> Floats:
    """Interpolate each row of values at its own place."""
    at = np.clip(at, grid[0], grid[-1])
    upper = np.clip(np.searchsorted(grid, at), 1, len(grid) - 1)
    lower = upper - 1
    part = (at - grid[lower]) / (grid[upper] - grid[lower])
    row = np.arange(len(at))
    return np.asarray(values[row, lower] * (1 - part) + values[row, upper] * part)


def design(
    state: State, series: Whole, column: Whole, ahead: Whole, rules: Rules | None
) -> np.ndarray:
    """Give what both models see: the common features, points as they are, and the rules."""
    width = state.y.shape[1]
    now = state.y[series, column]
    parts = [rows(state, series, column, ahead)]
    lags = [state.y[series, np.maximum(column - lag, 0)] for lag in (1, 2, 3, 4)]
    parts.append(np.stack([now, *[now - np.nan_to_num(lag) for lag in lags]], axis=1))
    weeks_on = state.features[state.names.index("weeks_on")][series, column].astype(float)
    top = now / np.maximum(state.features[state.names.index("top")][series, column], 1e-3)
    parts.append(np.stack([top, weeks_on, weeks_on + ahead], axis=1))
    if rules is not None:
        number = state.end[series] - (width - 1 - column) + ahead
        limit = rules.limit(number, weeks_on + ahead)
        rank = _OFF_CHART - now
        parts.append(np.stack([limit, limit - rank], axis=1))
    return np.concatenate([part.astype(np.float32) for part in parts], axis=1)


def fit_survival(
    state: State,
    horizon: int,
    quantiles: tuple[float, ...],
    *,
    hidden: int,
    rng: np.random.Generator,
    chart: str | None,
    clock: Clock,
) -> Survival | None:
    """Fit on windows whose targets lie before the hidden columns; None for too few."""
    rules = chart_rules(chart, clock, "forecast who stays on a chart")
    made = Survival([], {q: [] for q in _GRID}, rules, quantiles)
    for _ in range(_BAG):
        drawn = _drawn(state, horizon, hidden, rng)
        later = state.y[drawn[0], drawn[1] + drawn[2]]
        if len(later) < FEWEST or (later > 0).all() or not (later > 0).any():
            return None
        _add(made, state, drawn, int(rng.integers(2**31)))
    return made


def _drawn(
    state: State, horizon: int, hidden: int, rng: np.random.Generator
) -> tuple[Whole, Whole, Whole]:
    """Draw windows of songs that are not long gone, late ones more often."""
    series, column, ahead = windows(state, horizon, hidden, rng, most=_WINDOWS)
    off = state.features[state.names.index("off")]
    near = off[series, column] <= np.log1p(_GONE) if len(series) else np.zeros(0, dtype=bool)
    back = state.y.shape[1] - 1 - hidden - column
    near &= rng.random(len(near)) < 0.5 ** (back / _HALF)
    return series[near], column[near], ahead[near]


def _add(made: Survival, state: State, drawn: tuple[Whole, Whole, Whole], seed: int) -> None:
    """Fit one more model of each kind."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    series, column, ahead = drawn
    x = learnable(design(state, series, column, ahead, made.rules))
    later, now = state.y[series, column + ahead], state.y[series, column]
    there = (later > 0).astype(int)
    stays = HistGradientBoostingClassifier(random_state=seed, **_SETTINGS)
    made.stays.append(stays.fit(x, there))
    on = np.flatnonzero(there)
    growth = later[on] - now[on]
    x = learnable(x[on])
    for q, models in made.levels.items():
        model = HistGradientBoostingRegressor(
            loss="quantile", quantile=q, random_state=seed, **_SETTINGS
        )
        models.append(model.fit(x, growth))
