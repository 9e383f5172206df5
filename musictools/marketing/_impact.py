"""impact(): what happened to a series after something was done, beside what would have been."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._checks import generator
from musictools._counts import counted
from musictools._figures import chance, figure
from musictools._result import Result
from musictools._threads import one_thread
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.marketing._estimate import Estimate, by_donors, by_time, leaving_before
from musictools.marketing._history import listed, shown
from musictools.marketing._panel import Panel, panel

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "measure an impact"
#: Methods, and the ways to say how sure; the first is the usual one.
INTERVALS = {
    "synthetic_did": ("placebo", "conformal", "jackknife"),
    "synthetic_control": ("placebo", "conformal"),
    # Refitted with the periods after, its free weights take in the effect: no conformal interval.
    "augmented_synthetic_control": ("placebo",),
    "did": ("placebo", "conformal", "jackknife"),
    "structural": ("posterior",),
    "interrupted": ("posterior",),
}
_OF_TIME = ("structural", "interrupted")
#: What the treated can leave before the start, other than their donors.
_ASIDE = {"structural": "what the model expects", "interrupted": "their line"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Impact(Result):
    """What a treatment did to a series, with an interval, and in words.

    Attributes
    ----------
    effect : float
        Mean over the periods from the start on of what was observed less what would have been;
        of several treated series the mean.
    lo_90, hi_90 : float
        Interval of `effect` at 90 %. It may be infinite: then the data set no bound.
    p_value : float
        Of no effect at all, two-sided. By placebos it is a rank: never below 1 / (placebos + 1).
    relative_pct : float
        `effect` in per cent of what would have been; NaN where that is not above zero.
    total : float
        Sum over those periods; its interval is that of `effect` times their number.
    method : str
        How the counterfactual was made.
    interval : str
        How the interval was made: ``"placebo"``, ``"conformal"``, ``"jackknife"`` or
        ``"posterior"``.
    periods_before, periods_after : int
        How long it was looked at.
    miss_before : float
        Root mean square of observed less counterfactual before the start. If it is as large as
        the effect, there is no counterfactual to speak of.
    path : pandas.DataFrame
        ``ds``, ``observed``, ``counterfactual``, ``effect``, ``lo_90``, ``hi_90`` (of the effect of
        the single period; NaN before the start).
    weights : pandas.DataFrame
        ``unique_id``, ``weight``: what stands for the treated series. Of ``"structural"``
        coefficients.
    periods : pandas.DataFrame
        ``ds``, ``weight``: periods that set the level, where the method weighs them.
    covariates : pandas.DataFrame
        ``covariate``, ``importance``, ``treated``, ``counterfactual``, where covariates were given.
    placebos : pandas.DataFrame
        ``kind`` (``"space"``: others treated instead; ``"time"``: an earlier start), ``name``,
        ``effect``, ``ratio`` (effect over the miss before).
    treated : str
        Whom it was done to.
    start : str
        The first period of it.
    words : str
        What it means, what it does not, and what was done to the data.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "impact"

    effect: float
    lo_90: float
    hi_90: float
    p_value: float
    relative_pct: float
    total: float
    method: str
    interval: str
    periods_before: int
    periods_after: int
    miss_before: float
    path: "pd.DataFrame"
    weights: "pd.DataFrame"
    periods: "pd.DataFrame"
    covariates: "pd.DataFrame"
    placebos: "pd.DataFrame"
    treated: str
    start: str
    words: str

    def to_frame(self) -> "pd.DataFrame":
        """Give the path, one row for each period.

        Returns
        -------
        pandas.DataFrame
            A copy of ``path``.
        """
        return self.path.copy()

    def _tables(self) -> Iterable[Table]:
        heaviest = self.weights.sort_values("weight", ascending=False, kind="stable")
        return [("What stands for the treated series", heaviest)]


def impact(
    series: "pd.DataFrame",
    *,
    treated: str | Sequence[str],
    start: Any,
    method: str = "synthetic_did",
    covariates: "pd.DataFrame | None" = None,
    interval: str | None = None,
    season: int | None = None,
    rng: int | np.random.Generator | None = 0,
) -> Impact:
    """Measure what a treatment did to a series, beside series that were not treated.

    Parameters
    ----------
    series : pandas.DataFrame
        A `series` table: ``unique_id``, ``ds``, ``y``. Every series that is not treated is a donor:
        leave out those that the treatment may have touched. A donor that lacks a period is left
        out, and `words` says so.
    treated : str or sequence of str
        Which series; several must have been treated at the same time.
    start : date, str or int
        First period of the treatment, of the kind of ``ds``.
    method : str
        ``"synthetic_did"`` (Arkhangelsky et al. 2021), ``"synthetic_control"`` (Abadie, Diamond and
        Hainmueller 2010), ``"augmented_synthetic_control"`` (Ben-Michael, Feller and Rothstein
        2021), ``"did"`` (all donors alike); ``"structural"`` (a wandering level and lasting noise,
        with the donors as regressors, over the last 260 periods before: after Brodersen et al.
        2015) or ``"interrupted"`` (a straight line from before carried on; no donors).
    covariates : pandas.DataFrame, optional
        For ``"synthetic_control"``: ``unique_id`` and a column for each predictor, a row a series.
        Their importances are those that fit the outcomes before best, searched from where R's Synth
        begins.
    interval : str, optional
        ``"placebo"`` (others treated instead; the usual one), ``"conformal"`` (shifts of time;
        not for ``"augmented_synthetic_control"``), ``"jackknife"`` (several treated;
        ``"synthetic_did"`` and ``"did"``).
    season : int, optional
        Periods of a season, such as 52, for ``"structural"`` and ``"interrupted"``; the others have
        it from the donors.
    rng : int or numpy.random.Generator, optional
        For draws of the posterior, and of sets of placebos where several were treated.

    Returns
    -------
    Impact
        Effect, interval, p-value, path, weights, placebos, and what it means in words.

    Raises
    ------
    TableError
        If the table lacks a column, or a row stands there twice.
    InputError
        If nobody of that name is there, the start is not within the series, periods are missing,
        there are too few periods or donors for the method, or nothing varies.

    Notes
    -----
    The placebo interval is the effect plus or minus its miss before, times what the ratio of effect
    to miss stays within for nine of ten donors that are treated instead. A ratio, so that a series
    that is larger or wilder than its donors has a wider interval.

    How often 90 % intervals held the truth / how often p was at most 0.10 with no effect, in 400
    simulated panels each (``benchmarks/impact.py``; standard error .015). The default has common
    factors, noise that lasts (AR(1) of .5), 30 donors, 60 periods before and 12 after; short has 16
    and 6; few has 6 donors (p cannot be below 1/7); trend has a straight trend for each series;
    heavy has noise from Student's t with 3 degrees of freedom; in large the treated series follows
    the factors twice as strongly as its donors do.

    =================  =========  =========  =========  =========  =========  =========  =========
    method             interval   default    short      few        trend      heavy      large
    =================  =========  =========  =========  =========  =========  =========  =========
    synthetic_did      placebo    .90 / .10  .88 / .12  .90 / .00  .87 / .13  .88 / .12  .97 / .03
    synthetic_did      conformal  .88 / .12  .87 / .13  .87 / .13  .76 / .24  .88 / .12  .86 / .14
    synthetic_control  placebo    .91 / .10  .90 / .10  .92 / .00  .89 / .11  .91 / .09  .91 / .09
    synthetic_control  conformal  .88 / .12  .88 / .12  .89 / .11  .90 / .10  .90 / .10  .88 / .12
    augmented          placebo    .91 / .09  .91 / .09  .92 / .00  .88 / .12  .91 / .10  .90 / .10
    did                placebo    .89 / .12  .90 / .10  .89 / .00  .87 / .13  .92 / .08  .88 / .12
    did                conformal  .85 / .15  .86 / .14  .88 / .12  .50 / .50  .89 / .12  .87 / .13
    structural         posterior  .90 / .10  .88 / .12  .91 / .09  .88 / .12  .91 / .09  .92 / .08
    interrupted        posterior  .87 / .13  .84 / .16  .88 / .12  .87 / .13  .90 / .10  .87 / .13
    =================  =========  =========  =========  =========  =========  =========  =========

    With 5 of 35 treated: "synthetic_did" .92 by placebos, .90 conformal, .94 by jackknife;
    "did" .88, .90 and .91. Conformal intervals of methods that cannot follow a trend do not know
    of it. The range of simulated designs is no promise for others.
    None of these intervals knows of what else happened to the treated series at that time.

    Nor do they know why it was just those. Where a campaign goes to cities that were growing anyway
    (``simulate_panel("campaign", units=40, effect=.06, design="selected")``, 1 or 5 treated, in per
    cent of each one's mean before), the interval of "synthetic_did" held the truth in .56 of 100
    panels; by lot (``"random"``) in .93. `placebos` of kind ``"time"`` are the tell: where three
    earlier starts have effects of one sign, with a mean above .6 of the half width, `words` says
    that the treated were leaving their donors before. It did so in .48 of the selected, in .06 of
    those by lot, and in .06 to .11 where nothing was wrong (the designs above). Silence is no leave
    to trust: of the selected without such words the interval held .71.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> weeks = pd.date_range("2025-01-06", periods=40, freq="W-MON")
    >>> common = rng.normal(0, 5, 40).cumsum()
    >>> towns = {f"town {n}": 100 + n * common / 5 + rng.normal(0, 2, 40) for n in range(12)}
    >>> towns["town 5"][30:] += 20
    >>> wide = pd.DataFrame(towns).assign(ds=weeks)
    >>> series = wide.melt("ds", var_name="unique_id", value_name="y")
    >>> found = mt.marketing.impact(series, treated="town 5", start=weeks[30])
    >>> bool(found.lo_90 < 20 < found.hi_90), round(found.p_value, 3)
    (True, 0.083)
    """
    interval = _ways(method, interval, covariates, season)
    laid = panel(series, treated=treated, start=start, what=_WHAT)
    _enough(laid, method, interval)
    random = generator(rng, _WHAT)
    # Many small systems: more threads only wait for each other.
    with one_thread():
        if method in _OF_TIME:
            estimate = by_time(laid, method, season, random)
        else:
            estimate = by_donors(laid, method, interval, covariates=covariates, rng=random)
    return _result(laid, estimate, method)


def _ways(method: str, interval: str | None, covariates: Any, season: int | None) -> str:
    if method not in INTERVALS:
        raise InputError(
            _WHAT,
            got=f"method={method!r}",
            expected="a method that is known",
            hint=closest(str(method), INTERVALS),
        )
    ways = INTERVALS[method]
    if interval is not None and interval not in ways:
        raise InputError(
            _WHAT,
            got=f"interval={interval!r} with method={method!r}",
            expected=" or ".join(map(repr, ways)),
            hint=f"interval={ways[0]!r}",
        )
    if covariates is not None and (method != "synthetic_control" or interval == "conformal"):
        raise InputError(
            _WHAT,
            got=f"covariates with method={method!r}, interval={interval or ways[0]!r}",
            expected="covariates with method='synthetic_control' and placebos",
            hint="covariates=None, or method='synthetic_control'",
        )
    if season is not None and (
        method not in _OF_TIME or isinstance(season, bool) or int(season) != season or season < 2
    ):
        raise InputError(
            _WHAT,
            got=f"season={season!r} with method={method!r}",
            expected="a whole number of periods from 2 on, with 'structural' or 'interrupted'",
            hint="season=None: the donors bring the season along",
        )
    return interval or ways[0]


def _enough(laid: Panel, method: str, interval: str) -> None:
    count, donors = len(laid.treated), len(laid.donors)
    least = 8 if method in _OF_TIME else 4
    if laid.before < least:
        raise InputError(
            _WHAT,
            got=f"{counted(laid.before, 'period')} before the start",
            expected=f"at least {least} for method={method!r}",
            hint="a longer past, or shorter periods (weeks for months)",
        )
    if method in _OF_TIME and not laid.regular:
        raise InputError(
            _WHAT,
            got="periods that are not evenly spaced",
            expected=f"a series without gaps for method={method!r}",
            hint="fill the gaps, or a method that goes by donors, such as 'synthetic_did'",
        )
    wanted = {"placebo": count + 2, "conformal": 1, "jackknife": 2}.get(interval, 0)
    if donors < wanted:
        left = f"; {laid.notes[-1]}" if laid.notes else ""
        raise InputError(
            _WHAT,
            got=f"{counted(donors, 'donor')}{left}",
            expected=f"at least {wanted} for interval={interval!r} with {count} treated",
            hint=(
                "interval='jackknife'; " if count > 1 and "jackknife" in INTERVALS[method] else ""
            )
            + "method='structural' or 'interrupted' need no donors",
        )
    if interval == "jackknife" and count < 2:
        raise InputError(
            _WHAT,
            got="interval='jackknife' with one treated series",
            expected="two treated series at least: with one it does not exist",
            hint="interval='placebo'",
        )
    if interval == "conformal" and laid.matrix.shape[1] < 10:
        raise InputError(
            _WHAT,
            got=counted(laid.matrix.shape[1], "period"),
            expected="at least 10 for interval='conformal': p-values are multiples of 1 / periods",
            hint="interval='placebo'",
        )
    if np.ptp(laid.own[: laid.before]) == 0 and (
        method in _OF_TIME or np.ptp(laid.others[:, : laid.before], axis=1).max() == 0
    ):
        raise InputError(
            _WHAT,
            got="series that do not vary before the start",
            expected="some variation: without it there is no measure of chance",
            hint="a longer past, or another measure (streams instead of chart points)",
        )


def _result(laid: Panel, estimate: Estimate, method: str) -> Impact:
    import pandas as pd

    after = slice(laid.before, None)
    level = float(estimate.counterfactual[after].mean())
    miss = (laid.own - estimate.counterfactual)[: laid.before]
    numbers = {
        "effect": estimate.effect,
        "lo_90": estimate.low,
        "hi_90": estimate.high,
        "p_value": estimate.p_value,
        "relative_pct": 100 * estimate.effect / level if level > 0 else float("nan"),
        "total": estimate.effect * (len(laid.times) - laid.before),
        "miss_before": float(np.sqrt((miss**2).mean())),
    }
    path = pd.DataFrame(
        {
            "ds": laid.times,
            "observed": laid.own,
            "counterfactual": estimate.counterfactual,
            "effect": laid.own - estimate.counterfactual,
            "lo_90": estimate.path_low,
            "hi_90": estimate.path_high,
        }
    )
    return Impact(
        **numbers,
        method=method,
        interval=estimate.interval,
        periods_before=laid.before,
        periods_after=len(laid.times) - laid.before,
        path=path,
        weights=estimate.weights,
        periods=estimate.periods,
        covariates=estimate.covariates,
        placebos=estimate.placebos,
        treated=", ".join(laid.treated),
        start=shown(laid.times[laid.before]),
        words=_words(laid, estimate, numbers, method),
        provenance={
            "musictools": __version__,
            "function": "marketing.impact",
            "method": method,
            "interval": estimate.interval,
            "donors": len(laid.donors),
        },
    )


def _words(laid: Panel, estimate: Estimate, numbers: dict[str, float], method: str) -> str:
    low, high = estimate.low, estimate.high
    side = "above" if estimate.effect >= 0 else "below"
    share = numbers["relative_pct"]
    told = [
        f"From {shown(laid.times[laid.before])} on, {listed(laid.treated)} was on average "
        f"{figure(abs(estimate.effect))} {side} what {method!r} expects without the treatment"
        + (f" ({share:+.1f} %)" if np.isfinite(share) else "")
        + f"; 90 % interval {figure(low)} to {figure(high)}, {chance(estimate.p_value)}."
    ]
    if low <= 0 <= high:
        told.append("No effect is also compatible with the data; that does not show that there "
                    "was none: all values of the interval are.")  # fmt: skip
    else:
        told.append(f"An effect of zero is outside the interval: it was {side} zero, "
                    "if the assumption below holds.")  # fmt: skip
    told.extend(estimate.remarks)
    told.append(leaving_before(estimate, aside=_ASIDE.get(method, "their donors")))
    if method in _OF_TIME:
        told.append("It assumes that the series would have gone on as before"
                    + (", and that nothing touched the donors." if laid.donors and
                       method == "structural" else "."))  # fmt: skip
    else:
        told.append("It assumes that the donors were not touched by the treatment, and that "
                    "nothing else happened to the treated alone at that time.")  # fmt: skip
    told.append("Whatever else happened then (a release, a playlist) is part of the number.")
    told.extend(f"Of the data: {note}." for note in laid.notes)
    return " ".join(filter(None, told))
