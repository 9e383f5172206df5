"""From a panel to an effect: by donors, or by a model of time; each with its placebos."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools._figures import figure
from musictools.errors import InputError, TableError
from musictools.marketing._donors import METHODS, Mixture
from musictools.marketing._history import listed, shown
from musictools.marketing._inference import (
    LEVEL,
    Fit,
    Gap,
    band,
    conformal,
    gap,
    half_width,
    in_space,
    jackknife,
    permutation_p,
)
from musictools.marketing._panel import Panel
from musictools.marketing._simplex import covariate_weights
from musictools.marketing._structural import Draws, straight_line, structural

if TYPE_CHECKING:
    import pandas as pd

_DRAWS = 4000
_EARLIER = 3
#: Earlier starts tell something if there are as many, with a mean of this part of the half width
#: or more (benchmarks/impact.py --only chosen).
_APART = 0.6
_LEAST = 3
#: Weights below this are rounding.
_NOTHING = 1e-6
#: With more periods before, only the last of them are looked at by the models of time.
_LONG = 260


@dataclass(frozen=True)
class Estimate:
    """What a method says of a panel."""

    effect: float
    low: float
    high: float
    p_value: float
    interval: str
    counterfactual: np.ndarray
    path_low: np.ndarray
    path_high: np.ndarray
    weights: "pd.DataFrame"
    periods: "pd.DataFrame"
    covariates: "pd.DataFrame"
    placebos: "pd.DataFrame"
    remarks: tuple[str, ...]


def by_donors(
    laid: Panel,
    method: str,
    interval: str,
    *,
    covariates: Any,
    rng: np.random.Generator,
) -> Estimate:
    """Weigh donors, and compare."""
    import pandas as pd

    predictors = None if covariates is None else _predictors(laid, covariates)
    fit = _fitting(laid.matrix, METHODS[method], predictors, len(laid.treated))
    rows = np.arange(len(laid.matrix))
    own, donors = rows[: len(laid.treated)], rows[len(laid.treated) :]
    mixture = fit(own, donors, laid.before, len(laid.times))
    found = gap(laid.matrix, own, donors, mixture)
    low, high, p_value, half, tries, remarks = _sure(laid, method, interval, fit, mixture, rng)
    path_low, path_high = (np.full(len(laid.times), np.nan) for _ in range(2))
    path_low[laid.before :] = found.path[laid.before :] - half
    path_high[laid.before :] = found.path[laid.before :] + half
    return Estimate(
        effect=found.effect,
        low=low,
        high=high,
        p_value=p_value,
        interval=interval,
        counterfactual=laid.own - found.path,
        path_low=path_low,
        path_high=path_high,
        weights=_weights(laid.donors, mixture.donors),
        periods=pd.DataFrame({"ds": laid.times[: laid.before], "weight": mixture.periods})
        .query(f"weight > {_NOTHING}")
        .reset_index(drop=True),
        covariates=_balance(laid, predictors, mixture, covariates),
        placebos=pd.DataFrame(
            tries + _earlier(laid, fit, own, donors), columns=["kind", "name", "effect", "ratio"]
        ),
        remarks=remarks,
    )


def _sure(
    laid: Panel, method: str, interval: str, fit: Fit, mixture: Mixture, rng: np.random.Generator
) -> tuple[float, float, float, np.ndarray | float, list[tuple[str, str, float, float]], Any]:
    """Interval, p-value, half width of the path, placebos in space, remarks."""
    from scipy.stats import t as student

    count = len(laid.treated)
    rows = np.arange(len(laid.matrix))
    found = gap(laid.matrix, rows[:count], rows[count:], mixture)
    if interval == "conformal":
        low, high, p_value, width = conformal(laid.matrix, count, laid.before, method)
        return low, high, p_value, width, [], ()
    if interval == "jackknife":
        error = jackknife(laid.matrix, count, mixture)
        # As many treated as there are, and no more, tell how much they differ.
        width = error * float(student.ppf(0.5 + LEVEL / 2, count - 1))
        p_value = 2 * float(student.sf(abs(found.effect) / error, count - 1)) if error else 1.0
        return found.effect - width, found.effect + width, p_value, np.nan, [], ()
    placebos = in_space(laid.matrix, count, laid.before, fit, rng)
    ratios = np.array([_ratio(each) for each in placebos.gaps])
    width = found.scale * half_width(ratios)
    p_value = permutation_p(_ratio(found), ratios)
    remarks = []
    if 1 / (len(ratios) + 1) > 1 - LEVEL:
        remarks.append(f"With {counted(len(ratios), 'placebo')} no p-value can be below "
                       f"{1 / (len(ratios) + 1):.2f}; the interval takes them to be normal.")  # fmt: skip # noqa: E501
    tries = [
        ("space", ", ".join(laid.donors[i - count] for i in who), each.effect, _ratio(each))
        for who, each in zip(placebos.names, placebos.gaps, strict=True)
    ]
    half = band(placebos.gaps, found)
    return found.effect - width, found.effect + width, p_value, half, tries, tuple(remarks)


def _ratio(found: Gap) -> float:
    return found.effect / found.scale if found.scale > 0 else 0.0


def _fitting(values: np.ndarray, method: Any, predictors: np.ndarray | None, treated: int) -> Fit:
    def fit(own: np.ndarray, donors: np.ndarray, before: int, end: int) -> Mixture:
        target = values[own, :end].mean(axis=0)
        if predictors is None:
            mixture: Mixture = method(values[donors, :end], target, before, treated)
            return mixture
        weights, _ = covariate_weights(
            predictors[donors].T,
            predictors[own].mean(axis=0),
            fit_parts=values[donors, :before].T,
            fit_target=target[:before],
        )
        return Mixture(weights, np.zeros(before))

    return fit


def _earlier(
    laid: Panel, fit: Fit, own: np.ndarray, donors: np.ndarray
) -> list[tuple[str, str, float, float]]:
    """Pretend that it began earlier: effects before there was a cause."""
    tries = []
    for pretended, end in _pretended(laid):
        mixture = fit(own, donors, pretended, end)
        found = gap(laid.matrix[:, :end], own, donors, mixture)
        tries.append(("time", shown(laid.times[pretended]), found.effect, _ratio(found)))
    return tries


def leaving_before(estimate: Estimate, *, aside: str) -> str:
    """Say so if earlier starts, at which nothing was done, have effects of one sign, and large."""
    off = estimate.placebos.query("kind == 'time'")["effect"].to_numpy(float)
    # Fewer are of one sign by chance too often.
    if len(off) < _LEAST or not ((off > 0).all() or (off < 0).all()):
        return ""
    if not abs(off.mean()) > _APART * (estimate.high - estimate.low) / 2 > 0:
        return ""
    *others, last = [figure(value) for value in off]
    return (
        f"Earlier starts, at which nothing was done, find {', '.join(others)} and {last} (the "
        f"latest first): the treated were leaving {aside} before. What they were gaining or losing "
        "anyway is part of the number, and the interval does not hold it."
    )


def _pretended(laid: Panel) -> list[tuple[int, int]]:
    after = len(laid.times) - laid.before
    # A fifth each, so that three fit, and leave a past to fit to.
    length = min(after, max(1, laid.before // 5))
    starts = [(laid.before - length * k, laid.before - length * (k - 1))
              for k in range(1, _EARLIER + 1)]  # fmt: skip
    return [each for each in starts if each[0] >= max(4, laid.before // 3)]


def _weights(names: tuple[str, ...], weights: np.ndarray) -> "pd.DataFrame":
    import pandas as pd

    table = pd.DataFrame({"unique_id": list(names), "weight": weights})
    table = table[table["weight"].abs() > _NOTHING]
    return table.sort_values("weight", ascending=False, kind="stable").reset_index(drop=True)


def _predictors(laid: Panel, covariates: Any) -> np.ndarray:
    """Covariates as series x predictors, in the order of the panel."""
    import narwhals as nw
    import pandas as pd

    what = "take covariates"
    known = nw.from_native(covariates, pass_through=True)
    if not isinstance(known, nw.DataFrame) or "unique_id" not in known.columns:
        raise TableError(
            what,
            got=f"a {type(covariates).__name__} without a column 'unique_id'",
            expected="a table of unique_id and one column for each predictor",
            hint="covariates.reset_index(names='unique_id')",
        )
    table = known.to_pandas()
    table = table.assign(unique_id=table["unique_id"].astype(str)).set_index("unique_id")
    names = [*laid.treated, *laid.donors]
    if table.index.has_duplicates or not set(names) <= set(table.index):
        lost = [name for name in names if name not in table.index]
        raise TableError(
            what,
            got=f"no row for {listed(lost)}" if lost else "a series with two rows",
            expected="one row for each series",
            hint="covariates.groupby('unique_id', as_index=False).mean()",
        )
    numbers: np.ndarray = table.loc[names].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    if not numbers.size or not np.isfinite(numbers).all():
        row, column = np.argwhere(~np.isfinite(numbers))[0] if numbers.size else (0, 0)
        raise InputError(
            what,
            got=f"no number in {table.columns[column]!r} of {names[row]!r}"
            if numbers.size
            else "no predictor",
            expected="a finite number for every series and predictor",
            hint="covariates.dropna(axis=1)",
        )
    return numbers


def _balance(
    laid: Panel, predictors: np.ndarray | None, mixture: Mixture, covariates: Any
) -> "pd.DataFrame":
    import pandas as pd

    columns = ["covariate", "importance", "treated", "counterfactual"]
    if predictors is None:
        return pd.DataFrame(columns=columns)
    count = len(laid.treated)
    own, donors = predictors[:count].mean(axis=0), predictors[count:]
    _, importance = covariate_weights(
        donors.T,
        own,
        fit_parts=laid.others[:, : laid.before].T,
        fit_target=laid.own[: laid.before],
    )
    names = [name for name in covariates.columns if name != "unique_id"]
    return pd.DataFrame(
        dict(zip(columns, (names, importance, own, mixture.donors @ donors), strict=True))
    )


def by_time(laid: Panel, method: str, season: int | None, rng: np.random.Generator) -> Estimate:
    """Carry the series on from before, and compare."""
    import pandas as pd

    remarks = []
    first = max(0, laid.before - _LONG)
    if first:
        remarks.append(f"Only the last {_LONG} periods before the start are looked at.")
    drawn = _model(laid, method, season, rng=rng, first=first, before=laid.before,
                   end=len(laid.times))  # fmt: skip
    expected = np.concatenate([np.full(first, np.nan), drawn.before, drawn.after.mean(axis=0)])
    effects = laid.own[laid.before :] - drawn.after
    means = effects.mean(axis=1)
    tail = (1 - LEVEL) / 2
    below = float((means <= 0).mean())
    path_low, path_high = (np.full(len(laid.times), np.nan) for _ in range(2))
    path_low[laid.before :], path_high[laid.before :] = np.quantile(
        effects, [tail, 1 - tail], axis=0
    )
    tries = []
    for pretended, end in _pretended(laid):
        if pretended - first >= 8 + 2 * (season or 0):
            earlier = _model(laid, method, season, rng=rng, first=first, before=pretended, end=end)
            off = (laid.own[pretended:end] - earlier.after).mean(axis=1)
            tries.append(("time", shown(laid.times[pretended]), off.mean(), off.mean() / off.std()))
    low, high = np.quantile(means, [tail, 1 - tail])
    names = laid.donors if method == "structural" else ()
    return Estimate(
        effect=float(means.mean()),
        low=float(low),
        high=float(high),
        p_value=float(min(1.0, 2 * max(min(below, 1 - below), 1 / (2 * len(means))))),
        interval="posterior",
        counterfactual=expected,
        path_low=path_low,
        path_high=path_high,
        weights=_weights(names, drawn.coefficients),
        periods=pd.DataFrame(columns=["ds", "weight"]),
        covariates=pd.DataFrame(columns=["covariate", "importance", "treated", "counterfactual"]),
        placebos=pd.DataFrame(tries, columns=["kind", "name", "effect", "ratio"]),
        remarks=tuple(remarks),
    )


def _model(
    laid: Panel,
    method: str,
    season: int | None,
    *,
    rng: np.random.Generator,
    first: int,
    before: int,
    end: int,
) -> Draws:
    own = laid.own[first:before]
    fixed = _waves(end - first, season, len(own))
    # On the scale of the series, so that the model need not know the unit.
    size = float(own.std()) or 1.0
    if method == "interrupted":
        drawn = straight_line(own / size, fixed=fixed, rng=rng, draws=_DRAWS)
    else:
        regressors = laid.others[:, first:end].T
        drawn = structural(own / size, regressors, fixed=fixed, rng=rng, draws=_DRAWS)
    return Draws(drawn.after * size, drawn.before * size, drawn.coefficients * size)


def _waves(periods: int, season: int | None, before: int) -> np.ndarray:
    """Sines of the season: up to three pairs, from a past of two seasons on."""
    if season is None:
        return np.zeros((periods, 0))
    if before < 2 * season:
        raise InputError(
            "measure an impact",
            got=f"season={season} with {counted(before, 'period')} before the start",
            expected="two seasons before the start",
            hint="season=None",
        )
    turns = 2 * np.pi * np.arange(periods)[:, None] * np.arange(1, min(3, season // 2) + 1) / season
    both = np.concatenate([np.sin(turns), np.cos(turns)], axis=1)
    # The sine of half a season is zero at every period.
    kept: np.ndarray = both[:, both.std(axis=0) > 1e-9]
    return kept
