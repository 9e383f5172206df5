"""half_life(): how long attention takes to halve, by which curve, and how sure that is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from musictools._card import Table
from musictools._checks import generator
from musictools._counts import counted
from musictools._figures import figure
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, closest
from musictools.trends._decay_curves import MODELS
from musictools.trends._decay_fit import FEWEST, Fit, fit_series
from musictools.trends._long_series import read_long

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "fit decay"
#: Half-lives beyond so many lengths of what was seen are as good as none: less than 7 % is lost.
_FAR = 10.0
#: A curve that ends above this part of its start has hardly faded.
_HARDLY = 0.9


@dataclass(frozen=True, kw_only=True, repr=False)
class Decay(Result):
    """Decay curves of many series.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each series: ``unique_id, model, half_life, lo, hi`` (age at which the curve is at
        half of its value at age 0; infinite where it never gets there or takes more than ten times
        as long as was seen; the interval is then open above), ``points`` (from the start
        on), ``start`` (where age 0 is), a column ``tail_<model>`` for each shape (how far it missed
        the tail that was held out, as mean quasi-deviance of the scaled series), and ``note``
        (why there is no fit, or what to beware of).
    unit : str
        Unit of ages: days, or steps.
    level : float
        Level of the intervals.
    fits : dict of str to object
        The series and curves, for pictures and valuations.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "decay"
    _called: ClassVar[str] = "Half-lives"

    table: "pd.DataFrame" = field(repr=False)
    unit: str
    level: float
    fits: dict[str, Fit] = field(repr=False, compare=False)

    def predict(self, ages: Sequence[float]) -> "pd.DataFrame":
        """Give the curves at some ages.

        Parameters
        ----------
        ages : sequence of float
            Ages, in ``unit``.

        Returns
        -------
        pandas.DataFrame
            Columns ``unique_id, age, y_hat``; series without a fit are left out.
        """
        import pandas as pd

        at = np.asarray(ages, dtype=float)
        parts = [
            pd.DataFrame({"unique_id": name, "age": at, "y_hat": fit.predict(at)})
            for name, fit in self.fits.items()
            if fit.chosen
        ]
        columns = ["unique_id", "age", "y_hat"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each series.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        known = self.table.dropna(subset=["half_life"])
        if len(known) == 0:
            return "No series could be fitted."
        if len(self.table) == 1:
            name, model, age, low, high = known.iloc[0][
                ["unique_id", "model", "half_life", "lo", "hi"]
            ]
            span = f"({self._interval(low, high)}, by the {model} curve)"
            if np.isinf(age):
                return f"{name} is not seen to fade to a half {span}."
            return f"{name} falls to a half within {figure(age)} {self.unit} {span}."
        within = known["half_life"].quantile([0.25, 0.5, 0.75], interpolation="nearest")
        low, middle, high = map(figure, within)
        return (
            f"The median half-life of {len(known)} series is {middle} {self.unit}, the middle half "
            f"of them goes from {low} to {high}. {np.isinf(known['hi']).sum()} of them may never "
            f"get to a half, and {len(self.table) - len(known)} more could not be fitted."
        )

    def _tables(self) -> Iterable[Table]:
        names = ["unique_id", "model", "half_life", "lo", "hi", "points", "note"]
        return [("Series", self.table[names])]


def half_life(
    series: Any,
    *,
    models: Sequence[str] = MODELS,
    start: Literal["peak", "first"] = "peak",
    holdout: float = 0.25,
    level: float = 0.9,
    draws: int = 400,
    rng: Any = None,
) -> Decay:
    """Fit curves of decay to series of attention, and give the half-life of each.

    Four shapes are known: exponential, power (a long tail), stretched exponential, and two
    exponentials over a floor. Those that the whole series does not speak against are fitted to its
    beginning and judged by how well they foretell the rest; the simplest that is within 5 % of the
    best is chosen.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; counts or money, not below zero. Missing values are left
        out.
    models : sequence of str
        Which shapes to try: ``"exponential"``, ``"power"``, ``"stretched"``, ``"biexponential"``.
        One alone is fitted without a choice.
    start : {"peak", "first"}
        Where age 0 is: at the largest value, or at the first. The peak of a noisy series is partly
        luck, and what follows it looks like a faster fall.
    holdout : float
        Part of the points at the end that judge the shapes.
    level : float
        Level of the intervals.
    draws : int
        Draws of the parameters that the intervals are quantiles of.
    rng : seed or numpy.random.Generator, optional
        For the draws.

    Returns
    -------
    Decay
        A row for each series, in the order of its names. What cannot be fitted has NaN and a note.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is below zero or infinite, a series holds a time twice, or an argument is out of
        range.

    Notes
    -----
    Fitted by quasi-likelihood, where the variance is a part of the mean (counting) and a part of
    its square (swings), estimated for each series; zeros are welcome. Intervals are quantiles of
    draws of the parameters from a multivariate t with the inverse information as its scale, widened
    by the autocorrelation of the residuals; shapes that the whole series does not speak against
    (BIC within 6 of the best) all have a part in them. A half-life beyond the series is
    extrapolated, and noted; one beyond ten times its length is given as infinite, and the lower end
    of its interval as no more than those ten lengths.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> weeks = np.arange(40)
    >>> streams = pd.DataFrame({"unique_id": "single", "ds": weeks, "y": 1000 * 0.5 ** (weeks / 8)})
    >>> found = mt.trends.half_life(streams, rng=0)
    >>> found.table["model"][0], round(float(found.table["half_life"][0]), 2)
    ('exponential', 8.0)
    """
    _check_arguments(models, start, holdout, level, draws)
    fits, unit = _prepared(series, start)
    fit_series([fit for fit in fits.values() if not fit.note], models, holdout)
    random = generator(rng, _WHAT)
    return Decay(
        table=_table(fits, models, level, draws, random),
        unit=unit,
        level=level,
        fits=fits,
        provenance={"musictools": __version__, "function": "trends.half_life", "start": start},
    )


def _table(
    fits: dict[str, Fit],
    models: Sequence[str],
    level: float,
    draws: int,
    rng: np.random.Generator,
) -> "pd.DataFrame":
    import pandas as pd

    tail = (1 - level) / 2
    rows: list[dict[str, Any]] = []
    for name, each in fits.items():
        row: dict[str, Any] = {
            "unique_id": name,
            "model": each.chosen.model if each.chosen else None,
        }
        row |= dict.fromkeys(("half_life", "lo", "hi"), float("nan"))
        note = each.note
        if each.chosen:
            drawn = np.concatenate([c.half_lives(th) for c, th in each.draws(draws, rng)])
            # Without interpolation: between infinity and a number there is nothing.
            ends = np.quantile(drawn, [tail, 1 - tail], method="inverted_cdf")
            far = _FAR * float(each.t[-1])
            row["half_life"] = _or_never(float(each.chosen.half_lives()), far)
            row["lo"], row["hi"] = min(float(ends[0]), far), _or_never(float(ends[1]), far)
            note = _note(each, row["half_life"])
        row |= {"points": len(each.t), "start": each.begin}
        row |= {f"tail_{m}": each.scores.get(m, float("nan")) for m in MODELS if m in models}
        rows.append(row | {"note": note})
    return pd.DataFrame(rows)


def _or_never(half_life: float, far: float) -> float:
    return half_life if half_life <= far else float("inf")


def _note(fit: Fit, half_life: float) -> str:
    if half_life < fit.t[1]:
        return "half-life within the first step: read from the shape alone"
    if half_life <= fit.t[-1]:
        return ""
    if np.isfinite(half_life):
        return "half-life beyond the series: extrapolated"
    first, last = fit.predict(fit.t[[0, -1]])
    if last > _HARDLY * first:
        return "hardly fades in what was seen: no half-life"
    return "stays above a half in what was seen: no half-life"


def _prepared(series: Any, start: str) -> tuple[dict[str, Fit], str]:
    found, unit = read_long(series, _WHAT)
    return {each.name: _one(each.age, each.y, each.stamps, start) for each in found}, unit


def _one(ages: Any, values: Any, stamps: Any, start: str) -> Fit:
    first = int(values.argmax()) if start == "peak" else 0
    t, y = ages[first:] - ages[first], values[first:]
    top = float(y.max())
    note = ""
    if top <= 0:
        note = "nothing but zeros"
    elif len(t) < FEWEST:
        note = f"only {counted(len(t), 'point')} from the start on"
    begin = stamps[first]
    return Fit(t=np.ascontiguousarray(t), y=y / (top or 1.0), scale=top, begin=begin, note=note)


def _check_arguments(
    models: Sequence[str], start: str, holdout: float, level: float, draws: int
) -> None:
    for name in models:
        if name not in MODELS:
            raise _refused(f"the model {name!r}", closest(str(name), MODELS))
    if not models or isinstance(models, str):
        raise _refused(f"models={models!r}", "models=['exponential']")
    if start not in ("peak", "first"):
        raise _refused(f"start={start!r}", closest(str(start), ("peak", "first")))
    if not (0 < holdout <= 0.5 and 0 < level < 1 and draws >= 1):
        raise _refused(
            f"holdout={holdout}, level={level}, draws={draws}", "holdout=0.25, level=0.9"
        )


def _refused(got: str, hint: str) -> InputError:
    return InputError(
        _WHAT,
        got=got,
        expected=f"models of {', '.join(MODELS)}; start 'peak' or 'first'; holdout to 0.5",
        hint=hint,
    )
