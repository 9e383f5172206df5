"""hawkes(): what promotion brings, and what attention brings by itself after it."""

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
from musictools.trends._hawkes_fit import LIMITS, Cascade, answers, fit_cascades, memory
from musictools.trends._long_series import Series, read_long

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "fit a Hawkes process"
#: Points below which nothing is fitted: six parameters, and twice as much to judge them by.
_FEWEST = 18
#: Branching from which on virality, 20 times what came at once, rests on the memory's far end.
_ENDLESS = 0.95
#: Part of the variance below which a process is no account of the series.
_LITTLE = 0.1
#: What an interval is told of; the others follow.
_SURE = ("mu", "branching", "endogenous", "virality")


@dataclass(frozen=True, kw_only=True, repr=False)
class HawkesResponse(Result):
    """Responses to promotion of many series.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each series: ``unique_id``; ``mu`` (what one unit of promotion brings at once),
        ``branching`` (what each of those brings after it, below 1), ``endogenous`` (1 / (1 -
        branching): all that comes of one), ``virality`` (mu x endogenous: all that comes of one
        unit of promotion), each with ``_lo`` and ``_hi``; ``gamma, eta, c_scale, c, theta`` (the
        other parameters, ``c_scale`` for C), ``promoted`` (part of the whole that comes of
        promotion), ``explained`` (part of the variance), ``points`` and ``note``.
    level : float
        Level of the intervals.
    fits : dict of str to object
        The series and processes, for pictures and responses.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "hawkes"
    _called: ClassVar[str] = "Response to promotion (Hawkes)"

    table: "pd.DataFrame" = field(repr=False)
    level: float
    fits: dict[str, Cascade] = field(repr=False, compare=False)

    def response(self, steps: int) -> "pd.DataFrame":
        """Give what one unit of promotion brings, step by step.

        Parameters
        ----------
        steps : int
            How many steps, the one of the promotion included.

        Returns
        -------
        pandas.DataFrame
            Columns ``unique_id, step, response, cumulative``; the last tends to the virality. NaN
            where promotion never varies.
        """
        import pandas as pd

        count = int(check_number(_WHAT, "steps", steps, (1, 100_000)))
        names = list(self.fits)
        curved = np.array([fit.curved for fit in self.fits.values()]).reshape(-1, 3)
        once = np.zeros((len(names), count))
        lengths = np.full(len(names), count, dtype="int64")
        mu = np.array([fit.mu for fit in self.fits.values()]).reshape(-1, 1)
        after = mu * answers(curved, once, lengths)[:, 0]
        return pd.DataFrame(
            {
                "unique_id": np.repeat(names, count),
                "step": np.tile(np.arange(count), len(names)),
                "response": after.ravel(),
                "cumulative": after.cumsum(axis=1).ravel(),
            }
        )

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each series.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        known = self.table.dropna(subset=["virality"])
        if len(known) == 0:
            return "What promotion brings could be told for no series."
        if len(self.table) == 1:
            name, whole, low, high, once = known.iloc[0][
                ["unique_id", "virality", "virality_lo", "virality_hi", "mu"]
            ]
            return (
                f"One unit of promotion brings {figure(whole)} to {name} in all "
                f"({self._interval(low, high)}), {figure(once)} of it at once. Whatever came at "
                "the same times as the promotion is part of it."
            )
        low, middle, high = map(figure, known["virality"].quantile([0.25, 0.5, 0.75]))
        return (
            f"One unit of promotion brings {middle} in all in the median of {len(known)} series, "
            f"{low} to {high} in the middle half of them. Whatever came at the same times as the "
            f"promotion is part of it; {len(self.table) - len(known)} more could not be told."
        )

    def _tables(self) -> Iterable[Table]:
        names = ["unique_id", "mu", "endogenous", "virality", "virality_lo", "virality_hi", "note"]
        return [("Series", self.table[names])]


def hawkes(
    series: Any,
    *,
    promotion: str = "promotion",
    level: float = 0.9,
    draws: int = 400,
    rng: Any = None,
) -> HawkesResponse:
    """Fit a Hawkes intensity process: what promotion brings, and what word of mouth adds to it.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y`` and a column of promotion; evenly spaced, no gaps. y counts
        (streams, views), promotion is 0 or more (posts, spins, money, followers of a list).
    promotion : str, default: 'promotion'
        Name of that column.
    level : float, default: 0.9
        Level of the intervals.
    draws : int, default: 400
        Draws of the parameters that the intervals are quantiles of.
    rng : seed or numpy.random.Generator, optional
        For the draws.

    Returns
    -------
    HawkesResponse
        A row for each series, in the order of its names. What cannot be fitted has NaN and a note.

    Raises
    ------
    TableError
        If it is no long frame, or the column of promotion is missing or not all numbers.
    InputError
        If a value is below zero or infinite, a series holds a time twice, or an argument is out of
        range.

    Notes
    -----
    The mean of step t is xi[t] = gamma [t = 0] + eta [t > 0] + mu s[t] + sum over earlier tau of
    C xi[tau] (t - tau + c)^-(1 + theta), with promotion s. Of the sum over all lags, C zeta(1 +
    theta, 1 + c), the branching ratio, follows that one listener brings 1 / (1 - branching) in the
    long run. For each memory the linear gamma, eta and mu of at least zero are solved for exactly;
    the memory is searched from the best of 24 starts. mu is a response and no cause: promotion
    that is given to what rises anyway looks better than it is.

    References
    ----------
    M.-A. Rizoiu, L. Xie, S. Sanner, M. Cebrian, H. Yu, P. Van Hentenryck (2017): Expecting to be
    HIP: Hawkes intensity processes for social media popularity. WWW 2017.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> y, posts = np.zeros(60), np.zeros(60)
    >>> posts[[10, 25, 40]] = 1, 3, 2
    >>> for t in range(60):
    ...     lags = t - np.arange(t) + 1.0
    ...     y[t] = 5 + 100 * posts[t] + (0.4 * y[:t] * lags**-2).sum()
    >>> frame = pd.DataFrame({"unique_id": "a", "ds": np.arange(60), "y": y, "posts": posts})
    >>> found = mt.trends.hawkes(frame, promotion="posts", rng=0).table
    >>> found[["mu", "virality"]].round(0).values.tolist()
    [[100.0, 135.0]]
    """
    import pandas as pd

    level = check_number(_WHAT, "level", level, (0.01, 0.999))
    count = int(check_number(_WHAT, "draws", draws, (50, 100_000)))
    random = generator(rng, _WHAT)
    found, _ = read_long(series, _WHAT, extra=[promotion])
    notes = [_unfit(each, promotion) for each in found]
    able = [each for each, note in zip(found, notes, strict=True) if not note]
    cascades = fit_cascades([(each.y, _told(each.extra[promotion])) for each in able])
    fits = {each.name: cascade for each, cascade in zip(able, cascades, strict=True)}
    rows = []
    for each, note in zip(found, notes, strict=True):
        row: dict[str, Any] = {"unique_id": each.name}
        row |= _row(fits.get(each.name), level, count, random)
        told = note or _note(fits[each.name], each.extra[promotion], row)
        rows.append(row | {"points": len(each.y), "note": told})
    return HawkesResponse(
        table=pd.DataFrame(rows),
        level=level,
        fits=fits,
        provenance={
            "musictools": __version__,
            "function": "trends.hawkes",
            "promotion": promotion,
        },
    )


def _unfit(each: Series, promotion: str) -> str:
    if not (each.y > 0).any():
        return "nothing but zeros"
    if len(each.y) < _FEWEST:
        return f"only {counted(len(each.y), 'point')}"
    if not each.even:
        return "gaps: steps must be even, with 0 where nothing was counted"
    if (each.extra[promotion] < 0).any():
        return "promotion below zero"
    return ""


def _told(promotion: Any) -> Any:
    """Give promotion, or nothing of it where it is the same in all steps but the first.

    What never changes cannot be told from what comes without it.
    """
    return promotion if np.ptp(promotion[1:]) > 0 else np.zeros_like(promotion)


def _note(fit: Cascade, promotion: Any, row: dict[str, float]) -> str:
    """Say what to beware of."""
    said = []
    if not (promotion > 0).any():
        said.append("no promotion: mu and virality are unknown")
    elif not (fit.promotion > 0).any():
        first = np.ptp(promotion) > 0
        how = "varies nowhere after the first step" if first else "never varies"
        said.append(f"promotion {how}: mu and virality are unknown")
    elif fit.linear[2] <= 0:
        said.append("no response to promotion was found")
    elif row["mu_lo"] <= 0:
        said.append("the response to promotion is not told from nothing")
    if row["branching"] >= _ENDLESS:
        said.append("branching near 1: it hardly ends, and virality means little")
    if row["explained"] < _LITTLE:
        said.append(f"the process explains {max(row['explained'], 0.0):.0%} of the ups and downs")
    return "; ".join(said)


def _row(
    fit: Cascade | None, level: float, count: int, rng: np.random.Generator
) -> dict[str, float]:
    from scipy.special import expit

    rest = ("gamma", "eta", "c_scale", "c", "theta", "promoted", "explained")
    if fit is None:
        names = [f"{name}{end}" for name in _SURE for end in ("", "_lo", "_hi")]
        return dict.fromkeys([*names, *rest], float("nan"))
    values, vectors = np.linalg.eigh(fit.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    wide = np.sqrt(fit.freedom / rng.chisquare(fit.freedom, count))
    drawn = np.r_[fit.linear, fit.curved] + wide[:, None] * (
        rng.standard_normal((count, 6)) @ root.T
    )
    # The first is the estimate itself.
    drawn = np.vstack([np.r_[fit.linear, fit.curved], drawn])
    mu = np.where(np.isnan(fit.mu), np.nan, np.maximum(drawn[:, 2], 0.0))
    ratio = expit(np.clip(drawn[:, 3], *LIMITS[:, 0]))
    out: dict[str, float] = {}
    for name, each in zip(_SURE, (mu, ratio, 1 / (1 - ratio), mu / (1 - ratio)), strict=True):
        out[name] = float(each[0])
        tails = np.quantile(each[1:], [(1 - level) / 2, (1 + level) / 2])
        out[f"{name}_lo"], out[f"{name}_hi"] = map(float, tails)
    scale, shape = memory(fit.curved)
    off = fit.y - fit.mean
    spread = float(((fit.y - fit.y.mean()) ** 2).sum())
    total = max(float(fit.mean.sum()), 1e-300)
    return out | {
        "gamma": float(fit.linear[0]),
        "eta": float(fit.linear[1]),
        "c_scale": float(scale),
        "c": float(shape[0]),
        "theta": float(shape[1]),
        "promoted": float(fit.mu * fit.bases[2].sum() / total),
        "explained": 1 - float(off @ off) / spread if spread > 0 else float("nan"),
    }
