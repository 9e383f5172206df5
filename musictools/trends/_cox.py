"""cox(): what makes things end sooner or later (proportional hazards)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._checks import check_number
from musictools._figures import chance, figure
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError, TableError
from musictools.trends._lifetimes import Lifetimes, read_lifetimes

if TYPE_CHECKING:
    import pandas as pd

    Floats = np.ndarray[Any, np.dtype[np.float64]]

_WHAT = "fit proportional hazards"
_ROUNDS = 50
#: A log hazard ratio beyond this, for a covariate of spread 1, has run away.
_FAR = 15.0
#: Tests of proportional hazards below this are told.
_DRIFTS = 0.05


@dataclass(frozen=True, kw_only=True, repr=False)
class Hazards(Result):
    """Proportional hazards.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each covariate: ``covariate, coefficient`` (log of the hazard ratio), ``se,
        hazard_ratio, lo, hi, p_value``, and ``proportional_p``: small where the ratio changes with
        time, so that one number does not tell it.
    n, events : int
        Rows, and ends among them.
    log_likelihood, log_likelihood_null : float
        Partial, with the covariates and without.
    p_value : float
        Of the likelihood-ratio test of all covariates together.
    level : float
        Level of the intervals.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "hazards"
    _called: ClassVar[str] = "Proportional hazards (Cox)"

    table: "pd.DataFrame" = field(repr=False)
    n: int
    events: int
    log_likelihood: float
    log_likelihood_null: float
    p_value: float
    level: float

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each covariate.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        found = self.table[self.table["p_value"] <= 1 - self.level]
        name, ratio, low, high, p_value = self.table.sort_values("p_value").iloc[0][
            ["covariate", "hazard_ratio", "lo", "hi", "p_value"]
        ]
        span = f"{self._interval(low, high)}, {chance(p_value)}"
        seen = f"{name} multiplies the risk of ending by {figure(ratio)} ({span})"
        if len(found) == 0:
            told = (
                "No covariate is seen to matter, which does not show that none does; nearest, "
                f"{seen}."
            )
        else:
            told = f"{seen}; {len(found)} of {len(self.table)} covariates are seen to matter."
        drifting = self.table.loc[self.table["proportional_p"] <= _DRIFTS, "covariate"]
        if len(drifting):
            told += (
                f" One number does not tell it for {', '.join(map(str, drifting))}: the ratio "
                "changes with time."
            )
        return told

    def _tables(self) -> Iterable[Table]:
        names = ["covariate", "hazard_ratio", "lo", "hi", "p_value", "proportional_p"]
        return [("Covariates", self.table[names])]


def cox(
    frame: Any,
    covariates: Sequence[str],
    *,
    duration: str = "weeks",
    event: str | None = "left",
    entry: str | None = None,
    level: float = 0.9,
) -> Hazards:
    """Fit Cox' proportional hazards: by what each covariate multiplies the risk of ending.

    Parameters
    ----------
    frame : pandas, polars, pyarrow or DuckDB frame
        One row for each thing, such as what `chart_runs` gives. What changes over a life (a place
        on a chart) takes a row for each piece of it, with ``entry`` and ``duration`` as its ends
        and the event in the last.
    covariates : sequence of str
        Columns of numbers, True and False, or categories (text), whose first in order is what the
        others are compared with.
    duration : str, default: 'weeks'
        Column of how long it lasted, above 0.
    event : str, optional
        Column of whether it has ended; None if all have.
    entry : str, optional
        Column of the age from which on it was watched; None if from the beginning.
    level : float, default: 0.9
        Level of the intervals.

    Returns
    -------
    Hazards
        Hazard ratios with intervals and tests.

    Raises
    ------
    TableError
        If a column is missing, or covariates hold missing values.
    InputError
        If nothing ended, a covariate does not vary or follows from the others, or one separates
        what ended from what did not.

    Notes
    -----
    The partial likelihood takes ties by Efron's approximation, which matters where time comes in
    weeks, and is maximised by Newton's method. ``proportional_p`` is the test of Grambsch and
    Therneau on ranks of time, one covariate at a time.

    References
    ----------
    D. R. Cox (1972): Regression models and life-tables. JRSS B 34.
    B. Efron (1977): The efficiency of Cox's likelihood function for censored data. JASA 72.
    P. M. Grambsch, T. M. Therneau (1994): Proportional hazards tests and diagnostics based on
    weighted residuals. Biometrika 81.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_chart(weeks=200, size=50, hazard_ratio=0.5, rng=1)
    >>> songs = mt.trends.chart_runs(made.chart).merge(made.songs[["song", "playlisted"]])
    >>> found = mt.trends.cox(songs[songs["seen"]], ["playlisted"]).table
    >>> bool(found["lo"][0] < 0.5 < found["hi"][0])
    True
    """
    import pandas as pd
    from scipy.special import ndtr, ndtri
    from scipy.stats import chi2

    level = check_number(_WHAT, "level", level, (0.01, 0.999))
    asked = [covariates] if isinstance(covariates, str) else list(covariates)
    lives = read_lifetimes(frame, _WHAT, duration=duration, event=event, entry=entry, more=asked)
    names, x = _design(lives, asked)
    size = x.std(axis=0)
    # Of spread 1 about 0, so that steps and limits mean the same for all.
    likelihood = _Likelihood(lives, (x - x.mean(axis=0)) / size)
    beta, value, information = _climb(likelihood, names)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    null = likelihood.at(np.zeros(len(names)))[0]
    se = np.sqrt(np.diag(covariance))
    reach = float(ndtri(0.5 + level / 2))
    rows = pd.DataFrame(
        {
            "covariate": names,
            "coefficient": beta / size,
            "se": se / size,
            "hazard_ratio": np.exp(beta / size),
            "lo": np.exp((beta - reach * se) / size),
            "hi": np.exp((beta + reach * se) / size),
            "p_value": 2 * ndtr(-np.abs(beta / se)),
            "proportional_p": chi2.sf(likelihood.drift(beta, covariance), 1),
        }
    )
    return Hazards(
        table=rows,
        n=len(lives.time),
        events=int(lives.ended.sum()),
        log_likelihood=value,
        log_likelihood_null=null,
        p_value=float(chi2.sf(2 * (value - null), len(names))),
        level=level,
        provenance={
            "musictools": __version__,
            "function": "trends.cox",
            "covariates": asked,
            "ties": "Efron",
        },
    )


def _design(lives: Lifetimes, asked: list[str]) -> tuple[list[str], "Floats"]:
    import pandas as pd

    if not asked or lives.frame[asked].isna().any().any():
        raise TableError(
            _WHAT,
            got="no covariates" if not asked else "covariates with missing values",
            expected="covariates with a value in every row",
            hint="frame.dropna(subset=covariates)",
        )
    numeric = {
        name: lives.frame[name].astype(float)
        if pd.api.types.is_numeric_dtype(lives.frame[name])
        else lives.frame[name]
        for name in asked
    }
    table = pd.get_dummies(pd.DataFrame(numeric), drop_first=True, dtype=float)
    x = np.asarray(table.to_numpy(dtype=np.float64))
    names = [str(name) for name in table.columns]
    flat = x.std(axis=0) <= 1e-12 * np.maximum(np.abs(x).max(axis=0, initial=0), 1e-300)
    scaled = (x - x.mean(axis=0)) / np.where(flat, 1.0, x.std(axis=0))
    if not names or flat.any() or np.linalg.matrix_rank(scaled) < len(names):
        same = [name for name, still in zip(names, flat, strict=True) if still]
        raise InputError(
            _WHAT,
            got=f"covariates that do not vary: {', '.join(same or asked)}"
            if same or not names
            else "a covariate that follows from the others",
            expected="covariates that vary, each in its own way",
            hint="leave one out",
        )
    if not lives.ended.any():
        raise InputError(
            _WHAT, got="nothing that ended", expected="some ends", hint="look at event="
        )
    return names, x


class _Likelihood:
    """The partial likelihood of ordered lives, with Efron's approximation for ties."""

    def __init__(self, lives: Lifetimes, x: "Floats") -> None:
        self.x, self.ended = x, lives.ended
        self.at_times, self.which = np.unique(lives.time[lives.ended], return_inverse=True)
        self.by_end, self.by_entry = np.argsort(-lives.time), np.argsort(-lives.entry)
        # At risk at t is who ends at t or later, less who enters at t or later.
        self.until = np.searchsorted(-lives.time[self.by_end], -self.at_times, "right")
        self.since = np.searchsorted(-lives.entry[self.by_entry], -self.at_times, "right")
        ties = np.bincount(self.which)
        order = np.argsort(self.which, kind="stable")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order)) - np.repeat(np.cumsum(ties) - ties, ties)
        self.ties, self.fraction = ties, rank / ties[self.which]

    def _sums(self, values: "Floats") -> tuple["Floats", "Floats"]:
        """Give sums over who is at risk at each time of an end, and over who ends there."""
        zero = np.zeros((1, values.shape[1]))
        ends = np.vstack([zero, np.cumsum(values[self.by_end], axis=0)])[self.until]
        begins = np.vstack([zero, np.cumsum(values[self.by_entry], axis=0)])[self.since]
        tied = np.zeros((len(self.at_times), values.shape[1]))
        np.add.at(tied, self.which, values[self.ended])
        return ends - begins, tied

    def _means(self, beta: "Floats") -> tuple["Floats", "Floats", "Floats"]:
        """Give, for each end, the summed risk and the mean of x and of its squares at risk."""
        p = len(beta)
        risk = np.exp(self.x @ beta)
        squares = (self.x[:, :, None] * self.x[:, None, :]).reshape(len(risk), -1)
        columns = np.column_stack([np.ones(len(risk)), self.x, squares]) * risk[:, None]
        whole, tied = self._sums(columns)
        inside = whole[self.which] - self.fraction[:, None] * tied[self.which]
        mean = inside[:, 1 : p + 1] / inside[:, :1]
        return inside[:, 0], mean, (inside[:, p + 1 :] / inside[:, :1]).reshape(-1, p, p)

    def at(self, beta: "Floats") -> tuple[float, "Floats", "Floats"]:
        """Give the log-likelihood, its slope and the information."""
        total, mean, second = self._means(beta)
        x = self.x[self.ended]
        value = float((x @ beta).sum() - np.log(total).sum())
        information = second.sum(axis=0) - mean.T @ mean
        return value, (x - mean).sum(axis=0), information

    def drift(self, beta: "Floats", covariance: "Floats") -> "Floats":
        """Give how far each coefficient drifts with the rank of time, as chi-squares."""
        from scipy.stats import rankdata

        _, mean, _ = self._means(beta)
        sums = np.zeros((len(self.at_times), len(beta)))
        np.add.at(sums, self.which, mean)
        residual = self.x[self.ended] - (sums / self.ties[:, None])[self.which]
        rank = rankdata(self.which)
        centred = rank - rank.mean()
        moved = centred @ (residual @ covariance) * len(rank)
        spread = len(rank) * np.diag(covariance) * float(centred @ centred)
        return np.asarray(np.where(spread > 0, moved**2 / np.maximum(spread, 1e-300), 0.0))


def _climb(likelihood: _Likelihood, names: list[str]) -> tuple["Floats", float, "Floats"]:
    beta = np.zeros(len(names))
    value, slope, information = likelihood.at(beta)
    for _ in range(_ROUNDS):
        step = np.linalg.lstsq(information, slope, rcond=None)[0]
        for _ in range(30):
            tried = likelihood.at(beta + step)
            if tried[0] >= value - 1e-9 * abs(value):
                break
            step = step / 2
        beta = beta + step
        gained = tried[0] - value
        value, slope, information = tried
        if np.abs(beta).max() > _FAR:
            break
        if gained < 1e-10 * (1 + abs(value)) and np.abs(step).max() < 1e-8:
            return beta, value, information
    raise InputError(
        _WHAT,
        got=f"hazards that run away with {names[int(np.abs(beta).argmax())]!r}",
        expected="covariates that do not separate what ended from what did not",
        hint="leave it out, or put rare categories together",
    )
