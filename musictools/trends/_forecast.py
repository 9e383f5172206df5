"""forecast(): what comes next, how sure that is, and whether it beats the last value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from musictools._checks import check_number, generator
from musictools._version import __version__
from musictools.errors import InputError
from musictools.trends._conformal import Past, bands
from musictools.trends._forecast_blend import Skill, blend, independent, skill, verdict, weigh
from musictools.trends._forecast_checks import check_levels, check_method, check_season
from musictools.trends._forecast_covariates import Outside, read_outside
from musictools.trends._forecast_features import states
from musictools.trends._forecast_methods import (
    CLASSICAL,
    Asked,
    Task,
    ask,
    hidden_steps,
    past_of,
    past_origins,
    spread_of,
    swing_of,
    truth_of,
)
from musictools.trends._forecast_result import Forecast
from musictools.trends._read_series import Floats, Gaps, Panel, Whole, read_series

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "forecast"
#: What the combination is made of, naive first; learned models where there is enough to learn.
_PARTS = ("naive", "seasonal_naive", "drift", "boosting")
#: Past origins from which on the later half is enough for intervals.
_MANY = 600

Method = Literal[
    "combination",
    "naive",
    "seasonal_naive",
    "drift",
    "ets",
    "theta",
    "arima",
    "boosting",
    "survival",
]


@dataclass(frozen=True)
class Made:
    """What a method said of a panel; arrays are (series, horizon)."""

    middle: Floats
    bounds: dict[float, tuple[Floats, Floats]]
    skill: Skill
    weights: tuple[list[str], Floats]
    errors: tuple[Whole, Whole, Floats]


def forecast(  # noqa: PLR0913  # a method, and all that may be known
    series: Any,
    horizon: int,
    *,
    method: Method = "combination",
    levels: Sequence[float] = (90,),
    covariates: Any = None,
    events: Any = None,
    gaps: Gaps = "error",
    season: int | None = None,
    chart: str | None = None,
    rng: Any = None,
) -> Forecast:
    """Forecast series of attention, with intervals and skill against the naive forecast.

    Of most charts and streams the last value is hard to beat, so every forecast says by how much
    it did, at past origins that took no part in its making.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; values from 0 up, in steps of one length.
    horizon : int
        Steps ahead, from each series' own end.
    method : str
        ``"combination"`` (naive, seasonal naive, drift and boosting, weighted by how well they
        did), ``"naive"``, ``"seasonal_naive"``, ``"drift"``, ``"boosting"`` (one gradient-boosting
        model over all series: lags, age, stays and breaks, season, covariates, events),
        ``"survival"`` (whether a song is still on the chart, times where: for chart points that
        end at zero), ``"ets"``, ``"theta"``, ``"arima"`` (by statsforecast, extra ``forecast``).
    levels : sequence of float
        Per cent of the intervals, each between 0 and 100.
    covariates : frame, optional
        ``unique_id, ds`` and numbers, for boosting and survival. Those that go on for the whole
        horizon after every series' end are taken as known ahead; of the others only the past is
        used.
    events : frame, optional
        An ``events`` table; ``subject`` is a series (empty: all of them). An event is known from
        its own day on; where there is a column ``announced`` (empty: not known before), one that
        was announced a whole horizon before is known ahead, one announced later is not.
    gaps : {"error", "interpolate", "zero"}
        What to do about steps that are missing. With ``"zero"``, for charts, series also go on at
        zero until the last step of the table.
    season : int, optional
        Steps of a season, from 2 to less than the longest series has; 7 days, 52 weeks, 12 months,
        24 hours otherwise.
    chart : str, optional
        Whose rules say when a song has to leave, for survival; such as ``"hot_100"``. Values must
        be 101 less the rank.
    rng : seed or numpy.random.Generator, optional
        For models.

    Returns
    -------
    Forecast
        Rows in the order of the series' names, and of time; how the table is sorted changes
        nothing.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a series cannot be used as it is, or an argument is out of range.
    MissingExtraError
        If statsforecast is asked for and not installed.

    Notes
    -----
    Intervals are conformal: widened or narrowed until they would have held as many past values as
    they promise, by distance, among series that swing as much (in sixths), those at zero at the
    origin apart. Of the weights of a series one half is what was best for all, the other what was
    best for itself, its errors drawn towards those of all as far as they differ by chance; a series
    alone stays with naive unless clearly better. The learned models that make these past
    forecasts never saw what they are judged by (up to a year of weeks is held back), then learn
    again from all. Fewer than 300 windows are too few to learn from; the combination then does
    without.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), *Algorithmic Learning in a Random World*; Romano, Patterson
    and Candes (2019), conformalized quantile regression.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> weeks = pd.date_range("2024-01-01", periods=60, freq="7D")
    >>> y = 1000 - 10 * np.arange(60)
    >>> streams = pd.DataFrame({"unique_id": "single", "ds": weeks, "y": y})
    >>> ahead = mt.trends.forecast(streams, 2, rng=0)
    >>> ahead.table["y_hat"].tolist()
    [400.0, 390.0]
    >>> ahead.verdict[:15]
    'There is skill:'
    """
    asked = check_levels(levels, _WHAT)
    check_number(_WHAT, "horizon", horizon, (1, 520))
    check_method(method, _WHAT)
    random = generator(rng, _WHAT)
    panel = read_series(series, _WHAT, gaps=gaps)
    check_season(season, panel, _WHAT)
    outside = read_outside(covariates, events, panel, horizon, _WHAT)
    task = task_of(panel, outside, horizon, levels=asked, season=season, chart=chart, rng=random)
    made = make(task, method, asked)
    return Forecast(
        table=long(panel, made, asked),
        method=method,
        horizon=int(horizon),
        levels=asked,
        skill=made.skill.value,
        skill_lo=made.skill.low,
        skill_hi=made.skill.high,
        verdict=verdict(made.skill, method, "at past origins"),
        weights=_weights(panel, made),
        errors=_errors(panel, made),
        history=_history(panel),
        notes=_notes(panel, outside),
        provenance={
            "musictools": __version__,
            "function": "trends.forecast",
            "method": method,
            "series": len(panel.names),
            "step": panel.clock.name,
        },
    )


def task_of(
    panel: Panel,
    outside: Outside,
    horizon: int,
    *,
    levels: tuple[float, ...],
    season: int | None,
    chart: str | None,
    rng: np.random.Generator,
) -> Task:
    """Put together what methods are asked with."""
    extra = outside.coming(panel, horizon)
    usual = panel.clock.seasons[0] if panel.clock.seasons else 0
    misses = [(1 - level / 100) / 2 for level in levels]
    quantiles = sorted({round(q, 6) for miss in misses for q in (miss, 1 - miss)})
    return Task(
        panel=panel,
        state=states(panel, past=outside.past(panel), extra=extra),
        horizon=horizon,
        season=usual if season is None else int(season),
        quantiles=tuple(quantiles),
        chart=chart,
        rng=rng,
    )


def make(task: Task, method: str, levels: tuple[float, ...]) -> Made:
    """Ask a method, or put several together, and give intervals and skill."""
    parts = _PARTS if method == "combination" else ("naive", method)
    hidden = hidden_steps(task, learned=bool({"boosting", "survival"} & set(parts)))
    origins = past_origins(task, hidden, fitted=method in CLASSICAL)
    said = {name: ask(task, name, origins, hidden) for name in dict.fromkeys(parts)}
    able = {name: each for name, each in said.items() if each is not None}
    if method not in able and method != "combination":
        stays = method == "survival" and bool((task.panel.y > 0)[task.state.known].all())
        fewest = f"at least {_global_fewest()} past windows over all series"
        raise InputError(
            _WHAT,
            got=f"series that never end, for method={method!r}"
            if stays
            else f"too short a history for method={method!r}",
            expected="zeros where a song is gone" if stays else fewest,
            hint="method='combination', which does without where it must",
        )
    if method != "combination":
        able = {method: able[method]} | {n: e for n, e in able.items() if n != method}
        return _made(task, able, origins, levels, single=True)
    return _made(task, able, origins, levels, single=False)


def _global_fewest() -> int:
    from musictools.trends._global_model import FEWEST

    return FEWEST


def _made(
    task: Task,
    able: dict[str, Asked],
    origins: tuple[Whole, Whole],
    levels: tuple[float, ...],
    *,
    single: bool,
) -> Made:
    names = list(able)
    past = np.stack([each.past for each in able.values()])
    now = np.stack([each.now for each in able.values()])
    truth, active = truth_of(task, *origins), task.state.active[origins]
    series, count = origins[0], len(task.panel.names)
    if single:
        own = np.tile(np.eye(len(names))[0], (count, 1))
        weights = {True: own, False: own}
        tried, late = past[0], np.ones(len(series), dtype=bool)
    else:
        weights = weigh(past, truth, active, origins, count)
        # Each half is judged by what the other chose: weights look good where they were found.
        late = origins[1] > np.quantile(origins[1], 0.5) if len(series) else active
        tried = np.empty_like(past[0])
        for half in (late, ~late):
            rest = (series[~half], origins[1][~half])
            found = weigh(past[:, ~half], truth[~half], active[~half], rest, count)
            tried[half] = blend(past[:, half], active[half], series[half], found)
    middle = blend(now, task.state.active[task.last], task.last[0], weights)
    reference = past[names.index("naive")]
    judged = (series[late], origins[1][late])
    seen = _skill(task, (tried[late], reference[late]), truth[late], judged)
    sides = able.get("boosting") or able.get("survival")
    # The latest of the past errors are most like those to come.
    picked = late if late.sum() >= _MANY else np.ones_like(late)
    chosen = (series[picked], origins[1][picked])
    sides = None if sides is None else sides.at(picked)
    both = (tried[picked], middle)
    bounds: dict[float, tuple[Floats, Floats]] = {}
    inner = (middle, middle)
    for level in sorted(levels):
        # Models of quantiles may cross: what holds more holds all that less does.
        low, high = _bounds(task, chosen, both, sides, level)
        inner = (np.minimum(low, inner[0]), np.maximum(high, inner[1]))
        bounds[level] = inner
    ends = task.state.active[task.last]
    used = np.where(ends[:, None], weights[True], weights[False])
    return Made(middle, bounds, seen, (names, used), (*origins, truth[:, 0] - tried[:, 0]))


def _skill(
    task: Task, said: tuple[Floats, Floats], truth: Floats, origins: tuple[Whole, Whole]
) -> Skill:
    known = np.isfinite(truth)
    misses = [np.where(known, np.abs(truth - each), 0.0).sum(axis=1) for each in said]
    parts = independent(origins[0], origins[1] // task.horizon)
    return skill(misses[0], misses[1], parts, np.random.default_rng(0))


def _bounds(
    task: Task,
    origins: tuple[Whole, Whole],
    middles: tuple[Floats, Floats],
    sides: Asked | None,
    level: float,
) -> tuple[Floats, Floats]:
    miss = round((1 - level / 100) / 2, 6)
    low_high = (miss, round(1 - miss, 6))
    before = after = None
    if sides is not None and sides.past_sides:
        # A model's quantiles lie around its own median: they move along with what is blended.
        before = tuple(
            np.maximum(sides.past_sides[q] + middles[0] - sides.past, 0.0) for q in low_high
        )
        after = tuple(
            np.maximum(sides.now_sides[q] + middles[1] - sides.now, 0.0) for q in low_high
        )
    past = past_of(task, origins, middles[0], before)
    now = Past(
        truth=np.full_like(middles[1], np.nan),
        middle=middles[1],
        scale=spread_of(task, *task.last),
        active=task.state.active[task.last],
        swing=swing_of(task, *task.last),
        sides=after,  # type: ignore[arg-type]
    )
    return bands(past, now, level)


def long(panel: Panel, made: Made, levels: tuple[float, ...]) -> "pd.DataFrame":
    """Lay forecasts out as a long table."""
    import pandas as pd

    horizon = made.middle.shape[1]
    numbers = (panel.end[:, None] + np.arange(1, horizon + 1)).ravel()
    columns = {
        "unique_id": np.repeat(np.array(panel.names, dtype=object), horizon),
        "ds": panel.clock.times(numbers),
        "y_hat": made.middle.ravel(),
    }
    for level in levels:
        low, high = made.bounds[level]
        columns |= {f"lo_{level:g}": low.ravel(), f"hi_{level:g}": high.ravel()}
    return pd.DataFrame(columns)


def _weights(panel: Panel, made: Made) -> "pd.DataFrame":
    import pandas as pd

    names, weights = made.weights
    out = pd.DataFrame(weights, columns=names)
    out.insert(0, "unique_id", np.array(panel.names, dtype=object))
    return out


def _errors(panel: Panel, made: Made) -> "pd.DataFrame":
    import pandas as pd

    series, column, error = made.errors
    names = np.array(panel.names, dtype=object)
    back = panel.y.shape[1] - 1 - column
    return pd.DataFrame({"unique_id": names[series], "back": back, "error": error})


def _history(panel: Panel) -> "pd.DataFrame":
    import pandas as pd

    row, column = np.nonzero(np.isfinite(panel.y))
    numbers = panel.end[row] - (panel.y.shape[1] - 1 - column)
    return pd.DataFrame(
        {
            "unique_id": np.array(panel.names, dtype=object)[row],
            "ds": panel.clock.times(numbers),
            "y": panel.y[row, column],
        }
    )


def _notes(panel: Panel, outside: Outside) -> tuple[str, ...]:
    told = [f"{name}: {note}." if name else f"{note}." for name, note in panel.notes.items()]
    zero = ~(np.nan_to_num(panel.y) > 0).any(axis=1)
    if zero.any():
        told.append(f"{int(zero.sum())} series of nothing but zeros, which stay there.")
    alone = int((panel.length == 1).sum())
    if alone:
        wide = "have no width" if alone == len(panel.names) else "are the others'"
        told.append(f"{alone} series with one point, which stays; the intervals {wide}.")
    return (*told, *outside.notes)
