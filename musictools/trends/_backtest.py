"""backtest(): what a method would have said at past origins, beside the last value."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._checks import check_number, generator
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError
from musictools.trends._forecast import Method, make, task_of
from musictools.trends._forecast_blend import SKILL_LEVEL, independent, skill, verdict
from musictools.trends._forecast_checks import check_levels, check_method, check_season
from musictools.trends._forecast_covariates import Outside, read_outside
from musictools.trends._forecast_simple import naive, residual_quantiles
from musictools.trends._read_series import Gaps, Panel, read_series

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "backtest forecasts"
#: The reference of all others, with its own intervals.
REFERENCE = "naive"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Backtest(Result):
    """How well methods did at past origins.

    Attributes
    ----------
    scores : pandas.DataFrame
        A row for each method and ``part`` (``"all"``; ``"active"``: above zero at the origin;
        ``"gone"``): ``series`` (series and origins), ``mae`` (over all series and steps, in the
        unit of the series), ``mase`` (mean over series, each by its own mean step before the
        origin; series that never moved are left out), ``pinball`` (mean over the median and the
        bounds), ``coverage`` (of the widest level), ``skill`` and ``pinball_skill`` (1 less the
        ratio to naive).
    by_horizon : pandas.DataFrame
        ``method, horizon, mae, coverage, skill``.
    forecasts : pandas.DataFrame
        ``origin, unique_id, ds, horizon, method, active, y, y_hat`` and bounds.
    method : str
        The method that is judged.
    skill, skill_lo, skill_hi : float
        Of that method, with a 90 % interval by drawing series again; of fewer than five series
        origins are drawn, and of one origin the interval is open below.
    verdict : str
        Whether there is skill, in a sentence; or that this is too little to tell.
    levels : tuple of float
        Per cent of the intervals.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "backtest"
    _caption: ClassVar[str] = "Scores"

    scores: "pd.DataFrame" = field(repr=False)
    by_horizon: "pd.DataFrame" = field(repr=False)
    forecasts: "pd.DataFrame" = field(repr=False)
    method: str
    skill: float
    skill_lo: float
    skill_hi: float
    verdict: str
    levels: tuple[float, ...]

    def _level(self) -> float:
        return SKILL_LEVEL

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each method and part.

        Returns
        -------
        pandas.DataFrame
            As ``scores``.
        """
        return self.scores.copy()


def backtest(  # noqa: PLR0913  # what forecast() takes, and how often
    series: Any,
    horizon: int,
    *,
    origins: int = 3,
    step: int | None = None,
    method: Method = "combination",
    others: Sequence[str] = (),
    levels: Sequence[float] = (90,),
    covariates: Any = None,
    events: Any = None,
    gaps: Gaps = "error",
    season: int | None = None,
    chart: str | None = None,
    rng: Any = None,
) -> Backtest:
    """Forecast from past origins, knowing only what was known there, and compare with what came.

    Models, weights and intervals are made anew at each origin. Beside the method stands naive
    with its own intervals: each series' past changes over as many steps.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        As for ``forecast``.
    horizon : int
        Steps ahead.
    origins : int
        How many origins. Three are few: of chart series any three may differ by a tenth.
    step : int, optional
        Steps from one origin to the next; the horizon otherwise.
    method : str
        The method that is judged, as for ``forecast``.
    others : sequence of str
        Methods to show beside it.
    levels : sequence of float
        Per cent of the intervals.
    covariates, events : frame, optional
        As for ``forecast``. A covariate counts as known ahead only if it is so at the end of the
        table.
    gaps, season, chart : optional
        As for ``forecast``; a season is shorter than what is known at the first origin.
    rng : seed or numpy.random.Generator, optional
        For models.

    Returns
    -------
    Backtest
        Scores, forecasts, verdict.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If the series are shorter than origins and horizon ask for, or as for ``forecast``.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> weeks = pd.date_range("2024-01-01", periods=80, freq="7D")
    >>> y = 5000 * 0.97 ** np.arange(80)
    >>> streams = pd.DataFrame({"unique_id": "single", "ds": weeks, "y": y})
    >>> tested = mt.trends.backtest(streams, 4, rng=0)
    >>> tested.scores.loc[0, ["method", "part", "series"]].map(str).tolist()
    ['combination', 'all', '3']
    """
    asked = check_levels(levels, _WHAT)
    check_number(_WHAT, "horizon", horizon, (1, 520))
    check_number(_WHAT, "origins", origins, (1, 1000))
    check_number(_WHAT, "step", horizon if step is None else step, (1, 5200))
    for name in (method, *others):
        check_method(name, _WHAT)
    random = generator(rng, _WHAT)
    panel = read_series(series, _WHAT, gaps=gaps)
    outside = read_outside(covariates, events, panel, horizon, _WHAT)
    names = list(dict.fromkeys([method, *others]))
    lasts = _origins(panel, horizon, origins, step or horizon)
    check_season(season, panel.until(lasts[0]), _WHAT)
    parts = []
    for last in lasts:
        arguments = {"levels": asked, "season": season, "chart": chart, "rng": random}
        parts.append(_at(panel, outside, last, horizon, names, arguments))
    # Origins nearer than the horizon share what came after them.
    blocks = np.repeat(
        np.arange(len(parts)) // -(-horizon // (step or horizon)), [*map(len, parts)]
    )
    return _judged(parts, blocks, method, asked)


def _origins(panel: Panel, horizon: int, count: int, step: int) -> list[int]:
    end = int(panel.end.max())
    lasts = [end - horizon - step * back for back in range(count)][::-1]
    first = int((panel.end - panel.length).min()) + 1
    if lasts[0] < first + 1:
        raise InputError(
            _WHAT,
            got=f"{end - first + 1} {panel.clock.name}",
            expected=f"at least {horizon + step * (count - 1) + 2}, two of them before the first "
            "origin",
            hint="a smaller horizon, fewer origins, or a smaller step",
        )
    return lasts


def _at(
    panel: Panel,
    outside: Outside,
    last: int,
    horizon: int,
    names: list[str],
    arguments: dict[str, Any],
) -> "pd.DataFrame":
    """Forecast from one origin by all methods, beside what came."""
    import pandas as pd

    known = panel.until(last)
    # What ended long before has no truth to compare with.
    going = known.end == last
    levels = arguments["levels"]
    task = task_of(known, outside, horizon, **arguments)
    place = {name: row for row, name in enumerate(panel.names)}
    rows = [place[name] for name in known.names]
    truth = panel.at(last + np.arange(1, horizon + 1))[rows]
    said = {name: make(task, name, levels) for name in names}
    told = {name: (each.middle, each.bounds) for name, each in said.items()}
    count = len(known.names)
    who, where = task.last
    quantiles = residual_quantiles(known.y, horizon, task.quantiles)
    sides = {level: _sides(level) for level in levels}
    bounds = {level: (quantiles[a], quantiles[b]) for level, (a, b) in sides.items()}
    told[REFERENCE] = (naive(known.y, who, where, horizon, 0), bounds)
    moves = np.abs(np.diff(known.y, axis=1))
    step = np.nansum(moves, axis=1) / np.maximum(np.isfinite(moves).sum(axis=1), 1)
    numbers = np.tile(last + np.arange(1, horizon + 1), count)
    base = {
        "origin": np.repeat(panel.clock.times(np.array([last])).to_numpy(), count * horizon),
        "unique_id": np.repeat(np.array(known.names, dtype=object), horizon),
        "ds": panel.clock.times(numbers),
        "horizon": np.tile(np.arange(1, horizon + 1), count),
        "active": np.repeat(task.state.active[task.last], horizon),
        "step": np.repeat(step, horizon),
        "y": truth.ravel(),
    }
    parts = []
    for name, (middle, held) in told.items():
        columns = base | {"method": name, "y_hat": middle.ravel()}
        for level, (low, high) in held.items():
            columns |= {f"lo_{level:g}": low.ravel(), f"hi_{level:g}": high.ravel()}
        parts.append(pd.DataFrame(columns)[np.repeat(going, horizon)])
    out = pd.concat(parts, ignore_index=True)
    return out.dropna(subset="y")


def _sides(level: float) -> tuple[float, float]:
    miss = round((1 - level / 100) / 2, 6)
    return miss, round(1 - miss, 6)


def _judged(
    parts: "list[pd.DataFrame]", blocks: Any, method: str, levels: tuple[float, ...]
) -> Backtest:
    import pandas as pd

    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        raise InputError(
            _WHAT,
            got="no series that goes on after an origin",
            expected="values to compare with",
            hint="gaps='zero' lets chart series go on at zero",
        )
    rows = _marked(rows, levels)
    scores = pd.DataFrame(
        [
            {"method": name, "part": part, **_scores(own)}
            for name, mine in rows.groupby("method", sort=False)
            for part, own in (
                ("all", mine),
                ("active", mine[mine["active"]]),
                ("gone", mine[~mine["active"]]),
            )
            if len(own)
        ]
    )
    reference = scores[scores["method"] == REFERENCE].set_index("part")
    for name, column in (("skill", "mae"), ("pinball_skill", "pinball")):
        scores[name] = _less(scores[column], scores["part"].map(reference[column]))
    mine, base = (rows[rows["method"] == name] for name in (method, REFERENCE))
    judges = independent(mine["unique_id"].to_numpy().astype(str), blocks[mine.index])
    misses = (mine["miss"].to_numpy(), base["miss"].to_numpy())
    found = skill(*misses, judges, np.random.default_rng(0))
    count = rows["origin"].nunique()
    where = f"at {count} origins" if count > 1 else "at one origin, which tells of no other time"
    return Backtest(
        scores=scores,
        by_horizon=_by_horizon(rows),
        forecasts=rows.drop(columns=["step", "miss", "pinball", "held"]),
        method=method,
        skill=found.value,
        skill_lo=found.low,
        skill_hi=found.high,
        verdict=verdict(found, method, where),
        levels=levels,
        provenance={
            "musictools": __version__,
            "function": "trends.backtest",
            "method": method,
            "origins": count,
        },
    )


def _marked(rows: "pd.DataFrame", levels: tuple[float, ...]) -> "pd.DataFrame":
    """Put errors, pinball losses and hits beside each forecast."""
    y = rows["y"]
    rows["miss"] = (y - rows["y_hat"]).abs()
    losses: list[Any] = [rows["miss"] / 2]
    for level in levels:
        for name, quantile in zip(("lo", "hi"), _sides(level), strict=True):
            over = y - rows[f"{name}_{level:g}"]
            losses.append(np.maximum(quantile * over, (quantile - 1) * over))
    rows["pinball"] = sum(losses) / len(losses)
    widest = f"{max(levels):g}" if levels else ""
    held = (y >= rows[f"lo_{widest}"]) & (y <= rows[f"hi_{widest}"]) if levels else y.isna()
    rows["held"] = held.astype(float)
    return rows


def _scores(own: "pd.DataFrame") -> dict[str, float]:
    moving = own[own["step"] > 0]
    each = (moving["miss"] / moving["step"]).groupby([moving["origin"], moving["unique_id"]]).mean()
    return {
        "series": len(own[["origin", "unique_id"]].drop_duplicates()),
        "mae": float(own["miss"].mean()),
        "mase": float(each.mean()),
        "pinball": float(own["pinball"].mean()),
        "coverage": float(own["held"].mean()),
    }


def _by_horizon(rows: "pd.DataFrame") -> "pd.DataFrame":
    grouped = rows.groupby(["method", "horizon"], sort=False, as_index=False)
    out = grouped.agg(mae=("miss", "mean"), coverage=("held", "mean"))
    below = out["horizon"].map(out[out["method"] == REFERENCE].set_index("horizon")["mae"])
    out["skill"] = _less(out["mae"], below)
    return out


def _less(mine: "pd.Series[float]", naive: "pd.Series[float]") -> "pd.Series[float]":
    """Give skill: 0 where both are right throughout, and endlessly below where only naive is."""
    return (1 - mine / naive).fillna(0.0)
