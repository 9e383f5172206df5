"""Each method of forecasting, asked at many origins at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musictools._threads import one_thread_for_trees
from musictools.trends import _global_model
from musictools.trends._conformal import Past
from musictools.trends._forecast_features import State
from musictools.trends._forecast_simple import SIMPLE
from musictools.trends._read_series import Floats, Panel, Whole

CLASSICAL = ("ets", "theta", "arima")
METHODS = (
    "combination",
    "naive",
    "seasonal_naive",
    "drift",
    *CLASSICAL,
    "boosting",
    "survival",
)
#: Origins looked back on, over all series, at most.
_ORIGINS = 12_000
#: The same for models that are fitted at each origin anew.
_FITTED = 300
_PER_SERIES = 150
#: Steps held back from learned models, so that they are judged by what they never saw.
_JUDGED = 48


@dataclass(frozen=True)
class Task:
    """What is to be forecast, and what is known for it.

    Attributes
    ----------
    panel : Panel
        The series.
    state : State
        The same, as a forecaster sees them.
    horizon : int
        Steps ahead.
    season : int
        Steps of the season that seasonal naive repeats; 0 for none.
    quantiles : tuple of float
        Quantiles besides the median.
    chart : str or None
        Whose rules decide who leaves.
    rng : numpy.random.Generator
        For models.
    """

    panel: Panel
    state: State
    horizon: int
    season: int
    quantiles: tuple[float, ...]
    chart: str | None
    rng: np.random.Generator

    @property
    def last(self) -> tuple[Whole, Whole]:
        """Where each series ends."""
        count, width = self.panel.y.shape
        return np.arange(count), np.full(count, width - 1)


@dataclass(frozen=True)
class Asked:
    """Forecasts of one method: at past origins, and now; arrays are (origins, horizon)."""

    past: Floats
    now: Floats
    past_sides: dict[float, Floats] = field(default_factory=dict)
    now_sides: dict[float, Floats] = field(default_factory=dict)

    def at(self, picked: np.ndarray) -> "Asked":
        """Give the same at some of the past origins."""
        sides = {quantile: each[picked] for quantile, each in self.past_sides.items()}
        return Asked(self.past[picked], self.now, sides, self.now_sides)


def hidden_steps(task: Task, *, learned: bool) -> int:
    """Give how many of the last steps judge: half a year of weeks where there is so much."""
    width = int(task.panel.y.shape[1])
    if not learned:
        return max(min(width - 1, max(3 * task.horizon, _PER_SERIES)), 1)
    return max(min(width - 1, max(2 * task.horizon, min(_JUDGED, width // 3))), 1)


def past_origins(task: Task, hidden: int, *, fitted: bool = False) -> tuple[Whole, Whole]:
    """Give series and columns of past origins: all of them, or evenly spread ones."""
    most = _FITTED if fitted else _ORIGINS
    count, width = task.panel.y.shape
    first = max(width - 1 - hidden, 0)
    columns = np.arange(width - 2, first - 1, -1)
    # Whole horizons count more than broken ones; short series have no others.
    whole = columns[columns + task.horizon <= width - 1]
    columns = whole if len(whole) >= 2 else columns
    stride = min(-(-count * len(columns) // most), max(task.horizon, len(columns) // 3, 1))
    grid = np.zeros(width, dtype=bool)
    grid[columns[:: max(stride, 1)]] = True
    series, column = np.nonzero(task.state.known & grid[None, :])
    picked = slice(None, None, max(1, round(len(series) / most)))
    return series[picked], column[picked]


def truth_of(task: Task, series: Whole, column: Whole) -> Floats:
    """Give what came after origins; NaN beyond the end."""
    width = task.panel.y.shape[1]
    at = column[:, None] + np.arange(1, task.horizon + 1)
    found = task.panel.y[series[:, None], np.minimum(at, width - 1)]
    return np.asarray(np.where(at < width, found, np.nan))


def spread_of(task: Task, series: Whole, column: Whole) -> Floats:
    """Give what errors are divided by: how far a series moves in a step, and some of its level."""
    return np.asarray(task.state.scale[series, column] * (swing_of(task, series, column) + 0.05))


def swing_of(task: Task, series: Whole, column: Whole) -> Floats:
    """Give how far a series moves in a step, as a part of its level."""
    state = task.state
    return np.asarray(np.nan_to_num(state.features[state.names.index("swing")][series, column]))


def ask(task: Task, method: str, origins: tuple[Whole, Whole], hidden: int) -> Asked | None:
    """Ask one method; None where it cannot say anything."""
    if method in SIMPLE:
        said = SIMPLE[method]
        y, h, season = task.panel.y, task.horizon, task.season
        return Asked(said(y, *origins, h, season), said(y, *task.last, h, season))
    if method == "boosting":
        return _learned(task, origins, hidden, _global_model.fit)
    if method == "survival":
        from musictools.trends._dropout import fit_survival

        return _learned(task, origins, hidden, fit_survival)
    from musictools.trends._forecast_classical import classical

    return Asked(classical(task, method, origins), classical(task, method, task.last))


def _learned(
    task: Task, origins: tuple[Whole, Whole], hidden: int, fit: Callable[..., Any]
) -> Asked | None:
    kind = {"chart": task.chart, "clock": task.panel.clock} if fit is not _global_model.fit else {}
    arguments = (task.state, task.horizon, task.quantiles)
    with one_thread_for_trees():
        judged = fit(*arguments, hidden=hidden, rng=task.rng, **kind)
        whole = fit(*arguments, hidden=0, rng=task.rng, **kind) if judged is not None else None
        if judged is None or whole is None:
            return None
        before = judged.predict(task.state, *origins, task.horizon)
        after = whole.predict(task.state, *task.last, task.horizon)
    return Asked(
        np.maximum(before.middle, 0.0),
        np.maximum(after.middle, 0.0),
        before.sides,
        after.sides,
    )


def past_of(task: Task, origins: tuple[Whole, Whole], middle: Floats, sides: Any = None) -> Past:
    """Put forecasts of origins beside what came."""
    return Past(
        truth=truth_of(task, *origins),
        middle=middle,
        scale=spread_of(task, *origins),
        active=task.state.active[origins],
        swing=swing_of(task, *origins),
        sides=sides,
    )
