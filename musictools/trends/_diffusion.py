"""bass() and gompertz(): how something new spreads, how large it gets, and how sure that is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._figures import figure
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError
from musictools.trends._growth_curves import LOGS, NAMES, limits, peaks, shares
from musictools.trends._growth_fit import Growth, fit_growth, newcomers
from musictools.trends._long_series import Series, read_long

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    Floats = np.ndarray[Any, np.dtype[np.float64]]

#: Points below which nothing is fitted: three parameters, and something to judge them by.
_FEWEST = 6


@dataclass(frozen=True, kw_only=True, repr=False)
class Diffusion(Result):
    """Curves of growth of many series.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each series: ``unique_id``, ``m`` (how many will ever come) and the parameters of
        the curve (``p, q`` a step, or ``k`` a step and ``peak``), ``peak`` (age at which most
        come, in steps), ``reached`` (part of m that has come), each of m, parameters and peak with
        ``_lo`` and ``_hi``; ``explained`` (part of the deviance), ``points`` and ``note`` (why
        there is no fit, or what to beware of).
    model : str
        ``"bass"`` or ``"gompertz"``.
    level : float
        Level of the intervals.
    fits : dict of str to object
        The series and curves, for pictures and predictions.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "diffusion"
    _called: ClassVar[str] = "Curves of growth"

    table: "pd.DataFrame" = field(repr=False)
    model: str
    level: float
    fits: dict[str, Growth] = field(repr=False, compare=False)

    def predict(self, ages: "Sequence[float] | Floats") -> "pd.DataFrame":
        """Give the curves at some ages.

        Parameters
        ----------
        ages : sequence of float
            Ends of periods, in steps since the beginning of each series.

        Returns
        -------
        pandas.DataFrame
            Columns ``unique_id, age, y_hat`` (newcomers in the step that ends there) and
            ``cumulative``; series without a fit are left out.
        """
        import pandas as pd

        at = np.asarray(ages, dtype=float)
        parts = []
        for name, fit in self.fits.items():
            whole = np.exp(fit.theta[0]) * shares(self.model, fit.theta[1:], at)
            columns = {"age": at, "y_hat": newcomers(self.model, fit.theta, at)}
            parts.append(pd.DataFrame({"unique_id": name, **columns, "cumulative": whole}))
        empty = pd.DataFrame(columns=["unique_id", "age", "y_hat", "cumulative"])
        return pd.concat(parts, ignore_index=True) if parts else empty

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each series.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        known = self.table.dropna(subset=["m"])
        if len(known) == 0:
            return "No series could be fitted."
        if len(self.table) == 1:
            name, whole, low, high, reached = known.iloc[0][
                ["unique_id", "m", "m_lo", "m_hi", "reached"]
            ]
            return (
                f"{figure(whole)} will ever come to {name} ({self._interval(low, high)}), if it "
                f"goes on by this curve; {reached:.0%} of them have."
            )
        unsure = int((known["m_hi"] > 2 * known["m_lo"]).sum())
        return (
            f"Of all that will ever come, {known['reached'].median():.0%} has, in the median of "
            f"{len(known)} series, if they go on by this curve. For {unsure} of them the interval "
            "of the whole is wider than a factor of two, and "
            f"{len(self.table) - len(known)} more could not be fitted."
        )

    def _tables(self) -> Iterable[Table]:
        names = ["unique_id", "m", "m_lo", "m_hi", *NAMES[self.model], "peak", "note"]
        return [("Series", self.table[list(dict.fromkeys(names))])]


def bass(
    series: Any,
    *,
    cumulative: bool = False,
    level: float = 0.9,
    draws: int = 400,
    rng: Any = None,
) -> Diffusion:
    """Fit the Bass model of diffusion: newcomers by themselves, and because others came.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; y counts those who come in the period that ends at ds
        (first listeners, new followers, sales). Periods may be missing.
    cumulative : bool, default: False
        Whether y counts all who have come so far. The first row is then where counting begins.
    level : float, default: 0.9
        Level of the intervals.
    draws : int, default: 400
        Draws of the parameters that the intervals are quantiles of.
    rng : seed or numpy.random.Generator, optional
        For the draws.

    Returns
    -------
    Diffusion
        A row for each series, in the order of its names. What cannot be fitted has NaN and a note.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is below zero or infinite, a count of all who came falls, a series holds a time
        twice, or an argument is out of range.

    Notes
    -----
    A share F(t) = (1 - exp(-(p + q) t)) / (1 + q/p exp(-(p + q) t)) of m people has come by age t,
    which is counted in steps (the median distance of rows) from the beginning of the first period
    that is not zero. Periods bring m (F(t) - F(t - 1)), as Srinivasan and Mason (1986) fit it, with
    a variance in proportion to the mean; m is solved for exactly, and p and q are searched from
    the best three of 46 starts. Before the peak, m rests on the shape alone; the note says so.

    References
    ----------
    F. M. Bass (1969): A new product growth for model consumer durables. Management Science 15(5).
    V. Srinivasan, C. H. Mason (1986): Nonlinear least squares estimation of new product diffusion
    models. Marketing Science 5(2).

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> share = lambda t: (1 - np.exp(-0.41 * t)) / (1 + 40 * np.exp(-0.41 * t))
    >>> weeks = np.arange(1, 31)
    >>> came = 5000 * (share(weeks) - share(weeks - 1))
    >>> new = pd.DataFrame({"unique_id": "single", "ds": weeks, "y": came})
    >>> found = mt.trends.bass(new, rng=0).table
    >>> found[["m", "p", "q"]].round(3).values.tolist()
    [[5000.0, 0.01, 0.4]]
    """
    return _fitted("bass", series, cumulative=cumulative, level=level, draws=draws, rng=rng)


def gompertz(
    series: Any,
    *,
    cumulative: bool = False,
    level: float = 0.9,
    draws: int = 400,
    rng: Any = None,
) -> Diffusion:
    """Fit Gompertz' curve of growth: fast at first, and long in coming to its end.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``, as `bass` takes it.
    cumulative : bool, default: False
        Whether y counts all who have come so far. The first row is then where counting begins.
    level : float, default: 0.9
        Level of the intervals.
    draws : int, default: 400
        Draws of the parameters that the intervals are quantiles of.
    rng : seed or numpy.random.Generator, optional
        For the draws.

    Returns
    -------
    Diffusion
        A row for each series, in the order of its names. What cannot be fitted has NaN and a note.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        As `bass` does.

    Notes
    -----
    A share exp(-exp(-k (t - peak))) of m has come by age t; fitted as `bass` is. The curve has no
    beginning: m holds those who came before the data too.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> weeks = np.arange(1, 41)
    >>> share = lambda t: np.exp(-np.exp(-0.2 * (t - 9)))
    >>> came = 800 * (share(weeks) - share(weeks - 1))
    >>> found = mt.trends.gompertz(pd.DataFrame({"unique_id": "a", "ds": weeks, "y": came}), rng=0)
    >>> found.table[["m", "k", "peak"]].round(2).values.tolist()
    [[800.0, 0.2, 9.0]]
    """
    return _fitted("gompertz", series, cumulative=cumulative, level=level, draws=draws, rng=rng)


def _fitted(
    model: str, series: Any, *, cumulative: bool, level: float, draws: int, rng: Any
) -> Diffusion:
    import pandas as pd

    what = f"fit {model}"
    level = check_number(what, "level", level, (0.01, 0.999))
    count = int(check_number(what, "draws", draws, (50, 100_000)))
    random = generator(rng, what)
    found, _ = read_long(series, what)
    ready = [(each, *_newcomers(each, what, cumulative=cumulative)) for each in found]
    able = [(s.name, age, y) for s, age, y, note in ready if not note]
    fits = dict(
        zip(
            (name for name, *_ in able),
            fit_growth(model, [(age, y) for _, age, y in able]),
            strict=True,
        )
    )
    rows = []
    for each, age, _, note in ready:
        row: dict[str, Any] = {"unique_id": each.name}
        row |= _row(model, fits.get(each.name), level, count, random)
        told = note or _note(model, fits[each.name])
        rows.append(row | {"points": len(age), "note": told})
    return Diffusion(
        table=pd.DataFrame(rows),
        model=model,
        level=level,
        fits=fits,
        provenance={"musictools": __version__, "function": f"trends.{model}"},
    )


def _newcomers(each: Series, what: str, *, cumulative: bool) -> tuple["Floats", "Floats", str]:
    """Give ages in steps, who came, and why nothing can be fitted."""
    age, y = each.age / each.step, each.y
    if cumulative:
        if (np.diff(y) < 0).any():
            at = each.stamps[int(np.argmax(np.diff(y) < 0)) + 1]
            raise InputError(
                what,
                got=f"{each.name!r} falling at {at}",
                expected="with cumulative=True, counts that never fall",
                hint="series.groupby('unique_id')['y'].cummax(), or give newcomers",
            )
        # Who came in a gap came in as many steps; each is given its part.
        gaps = np.diff(age)
        y, age = np.diff(y) / np.maximum(gaps, 1e-12), age[1:]
    first = int(np.argmax(y > 0)) if (y > 0).any() else 0
    age, y = age[first:] - (age[first] if len(age) else 0.0) + 1.0, y[first:]
    if not (y > 0).any():
        return age, y, "nothing but zeros"
    if len(y) < _FEWEST:
        return age, y, f"only {counted(len(y), 'point')} from the first newcomers on"
    return age, y, ""


def _row(
    model: str, fit: Growth | None, level: float, count: int, rng: np.random.Generator
) -> dict[str, float]:
    names = ("m", *NAMES[model], *(("peak",) if model == "bass" else ()))
    if fit is None:
        empty = dict.fromkeys((f"{n}{end}" for n in names for end in ("", "_lo", "_hi")), np.nan)
        return empty | {"reached": np.nan, "explained": np.nan}
    drawn = _drawn(model, fit, count, rng)
    tails = ((1 - level) / 2, (1 + level) / 2)
    out: dict[str, float] = {}
    for k, name in enumerate(("m", *NAMES[model])):
        value, each = fit.theta[k], drawn[:, k]
        if k == 0 or LOGS[model][k - 1]:
            value, each = np.exp(value), np.exp(each)
        out[name] = float(value)
        out[f"{name}_lo"], out[f"{name}_hi"] = map(float, np.quantile(each, tails))
    if model == "bass":
        out["peak"] = float(peaks(model, fit.theta[1:]))
        ends = np.quantile(peaks(model, drawn[:, 1:]), tails)
        out["peak_lo"], out["peak_hi"] = map(float, ends)
    last = fit.age[-1:]
    out["reached"] = float(shares(model, fit.theta[1:], last)[0])
    return out | {"explained": fit.explained}


def _drawn(model: str, fit: Growth, count: int, rng: np.random.Generator) -> "Floats":
    """Draw parameters from a multivariate t, within what was searched."""
    values, vectors = np.linalg.eigh(fit.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    wide = np.sqrt(fit.freedom / rng.chisquare(fit.freedom, count))
    drawn = fit.theta + wide[:, None] * (rng.standard_normal((count, 3)) @ root.T)
    low, high = limits(model, float(fit.age[-1]))
    drawn[:, 1:] = np.clip(drawn[:, 1:], low, high)
    return np.asarray(drawn)


def _note(model: str, fit: Growth) -> str:
    low, high = limits(model, float(fit.age[-1]))
    at = fit.theta[1:]
    if peaks(model, at) >= fit.age[-1]:
        return "not past its peak: m rests on the shape alone"
    if (at - low < 1e-3).any() or (high - at < 1e-3).any():
        return "at the edge of what was searched: parameters mean little"
    return ""
