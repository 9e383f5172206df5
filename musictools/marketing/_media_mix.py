"""MediaMix: what each channel brings, how sure that is, and what the data cannot tell."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from musictools._card import ModelCard, Table
from musictools._threads import one_thread
from musictools.errors import InputError, closest
from musictools.marketing import _media_words as words
from musictools.marketing._adstock import KERNELS, whole
from musictools.marketing._media_data import Side, read_media
from musictools.marketing._media_fit import Fitted, quick_look, sample
from musictools.marketing._media_questions import THINNED, Questions
from musictools.marketing._media_report import Summary, roas_table, summarize
from musictools.marketing._posterior import Posterior, SharePrior
from musictools.marketing._saturation import CURVES

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "fit a media mix"
_METHODS, _NOISE = ("bayes", "ridge"), ("normal", "student")


class MediaMix(Questions, ModelCard, BaseEstimator):  # type: ignore[misc]
    """Bayesian media-mix model: sales from channels, releases, season and trend.

    Sales of a week are controls (intercept, trend, season, holidays, the decay of releases, posts,
    and what else is given), plus for each channel its share of sales, laid over the weeks as its
    saturated adstock, plus noise. Coefficients of controls and the variance of noise are integrated
    out exactly; shares and curves are sampled by Hamiltonian Monte Carlo. Where the data speak for
    it, the baseline may step, releases of a kind may differ and effects may drift, and intervals
    are wider for it.

    Parameters
    ----------
    adstock : {"geometric", "delayed", "weibull_pdf", "weibull_cdf", "binomial", "power_law"}
        Carry-over, see :func:`adstock`. The density of Weibull's distribution may begin late and
        fades nearly as the geometric does where that is true.
    saturation : {"hill", "logistic", "michaelis_menten", "tanh", "root", "log"}
        See :func:`saturate`. Parameters are in units of a channel's mean week with spend.
    method : {"bayes", "ridge"}
        The posterior, or a quick look at the thirty best of many ridge regressions.
    rng : int or numpy.random.Generator, optional
        For chance; the same seed gives the same numbers. Without it, seed 0.
    noise : {"normal", "student"}
        Student's t (5 degrees of freedom) is not pulled by odd weeks.
    lags : int
        Weeks that adstock counts.
    season : int
        Pairs of sine and cosine for the year; fewer where the data is short.
    trend : int
        Degree of the trend.
    media_share : float
        Share of sales of all channels together that is expected before any data; the prior of each
        channel's share is log-normal around an equal part of it, with standard deviation 1.

    Attributes
    ----------
    channels_, groups_ : list
        Names.
    controls_ : list of str
        Names of the controls that were used.
    notes_ : list of str
        What had to be simplified or left out, and what is loose, in words.
    points_ : numpy.ndarray
        (points, dim) of the posterior, on the unbounded scale: parameters of adstock, of
        saturation, log shares.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from musictools.marketing import MediaMix
    >>> rng = np.random.default_rng(1)
    >>> weeks = pd.date_range("2023-01-02", periods=104, freq="7D")
    >>> spend = pd.DataFrame(rng.gamma(0.5, 100, (104, 2)), index=weeks, columns=["tv", "radio"])
    >>> sales = 500 + 3 * spend["tv"] ** 0.7 + spend["radio"] ** 0.7 + rng.normal(0, 5, 104)
    >>> mix = MediaMix(rng=0).fit(spend, sales)
    >>> mix.roas()["verdict"].tolist()
    ['identified', 'identified']
    """

    def __init__(  # noqa: PLR0913 - all by name, each with a default
        self,
        *,
        adstock: str = "weibull_pdf",
        saturation: str = "hill",
        method: str = "bayes",
        rng: int | np.random.Generator | None = None,
        noise: str = "normal",
        lags: int = 13,
        season: int = 2,
        trend: int = 1,
        media_share: float = 0.3,
    ) -> None:
        self.adstock = adstock
        self.saturation = saturation
        self.method = method
        self.rng = rng
        self.noise = noise
        self.lags = lags
        self.season = season
        self.trend = trend
        self.media_share = media_share

    def fit(
        self,
        spend: Any,
        y: Any,
        *,
        dates: Any = None,
        releases: "pd.DataFrame | None" = None,
        controls: Any = None,
        posts: "pd.DataFrame | None" = None,
        lift_tests: "pd.DataFrame | None" = None,
        groups: Any = None,
    ) -> Self:
        """Fit the model.

        Parameters
        ----------
        spend : pandas.DataFrame
            One row for each week (or day, or month), one column for each channel: money, or
            contacts. What was spent before the first row counts as nothing, so begin where spend
            begins, or some months earlier. The index holds the first day of each week; territories
            or artists may be a first level of it.
        y : array_like
            Sales, streams or followers of the same weeks.
        dates : array_like, optional
            First day of each row, where the index does not tell.
        releases : pandas.DataFrame, optional
            Table of events (ds, kind, size): each kind decays by a mixture of two exponentials
            and a floor, any mixture being as likely as another before the data, and releases of a
            kind may differ. With groups it may have a column ``group``. Date each by the day from
            which it works.
        controls : pandas.DataFrame, optional
            Whatever else moves sales, one column each: price, distribution, a competitor.
        posts : pandas.DataFrame, optional
            Organic and influencer posts, a table of events whose size is their reach.
        lift_tests : pandas.DataFrame, optional
            Experiments (channel, start, end, lift, sd; group): sales that the channel brought in
            those weeks, and the standard error. With several groups each must tell its own.
        groups : array_like, optional
            Territory or artist of each row. Curves are shared by all, shares of sales are partly
            pooled, controls and noise are each group's own.

        Returns
        -------
        MediaMix
            Itself.

        Raises
        ------
        InputError
            If the data cannot be used: no variation, more channels than weeks, a channel without
            spend, weeks missing or twice, values missing, infinite or negative.
        TableError
            If a table lacks a column, or has one of the wrong kind.
        """
        self._check_settings()
        side = Side(dates, releases, posts, controls, lift_tests, groups, self.season, self.trend)
        with one_thread():
            self._find(spend, y, side)
        # check() and allocate() give the same whenever, and however often, they are called.
        self._seed = int(self._chance.integers(2**32))
        self.points_ = self._fitted.points
        self.channels_, self.groups_ = self._data.channels, self._data.groups
        self.controls_ = self._data.columns
        self.notes_ = [*self._data.notes, *self._posterior.loose.words()]
        self._releases = releases
        with one_thread():
            self._summary: Summary = summarize(self._posterior, self._data, self._thin(THINNED))
        return self

    def _find(self, spend: Any, y: Any, side: Side) -> None:
        self._data = read_media(spend, y, side)
        self._posterior = Posterior(
            self._data.panel,
            self.adstock,
            self.saturation,
            self.lags,
            SharePrior(total=self.media_share),
            student=self.noise == "student",
        )
        self._chance = np.random.default_rng(0 if self.rng is None else self.rng)
        find = sample if self.method == "bayes" else quick_look
        self._fitted: Fitted = find(self._posterior, self._chance)

    def contributions(self) -> "pd.DataFrame":
        """Sales that each channel brought in each week.

        Returns
        -------
        pandas.DataFrame
            Weeks x channels, in the unit of sales: means of the posterior. Index as given.
        """
        self._need_fit()
        return self._summary.contributions.copy()

    def roas(self, *, by_group: bool = False) -> "pd.DataFrame":
        """Return on ad spend of each channel: its contribution in the window over its spend.

        Parameters
        ----------
        by_group : bool
            Whether territories or artists stand apart.

        Returns
        -------
        pandas.DataFrame
            Indexed by channel (by group and channel): ``mean``, ``lo_90`` (0 where a number is
            mostly prior, since then nothing speaks against no effect), ``hi_90``, ``learned``
            (1 - variance of the log share after over before: how much the data taught),
            ``overlap`` (area that prior and posterior have in common: 1 where nothing was learned),
            ``verdict`` ("identified" or "not identified"; "quick look" by ridge), ``rank`` among
            identified channels, missing for the others, whose numbers promise nothing; ``why`` and
            ``remedy`` in words.
        """
        self._need_fit()
        if not by_group:
            return self._table(slice(None))
        import pandas as pd

        parts = [self._table(slice(g, g + 1)) for g in range(len(self.groups_))]
        return pd.concat(parts, keys=self.groups_, names=["group", "channel"])

    def diagnostics(self) -> "pd.Series[Any]":
        """Whether the sampler can be trusted.

        Returns
        -------
        pandas.Series
            ``r_hat`` (worst), ``ess`` (least effective sample size), ``accepted``, ``draws``,
            ``noise_sd`` and ``r_squared`` of the mean fit, ``verdict`` in words.
        """
        self._need_fit()
        import pandas as pd

        chains, r_hat = self._fitted.chains, float(np.max(self._fitted.r_hat))
        ess = float(np.min(self._fitted.ess))
        return pd.Series(
            {
                "r_hat": r_hat,
                "ess": ess,
                "accepted": np.nan if chains is None else chains.accepted,
                "draws": len(self.points_),
                "noise_sd": self._summary.noise_sd,
                "r_squared": self._summary.r_squared,
                "verdict": words.convergence(r_hat, ess),
            },
            dtype=object,
        )

    def _check_settings(self) -> None:
        for name, value, options in (
            ("adstock", self.adstock, KERNELS),
            ("saturation", self.saturation, CURVES),
            ("method", self.method, _METHODS),
            ("noise", self.noise, _NOISE),
        ):
            if value not in options:
                raise InputError(_WHAT, got=f"{name}={value!r}", expected="a known one",
                                 hint=closest(str(value), options))  # fmt: skip
        for name, number, least in (("lags", self.lags, 1), ("season", self.season, 0),
                                    ("trend", self.trend, 0)):  # fmt: skip
            if not whole(number) or number < least:
                raise InputError(_WHAT, got=f"{name}={number!r}", expected=f"{least} or more",
                                 hint=f"{name}={max(least, 2)}")  # fmt: skip
        if not 0 < self.media_share < 1:
            raise InputError(_WHAT, got=f"media_share={self.media_share!r}",
                             expected="between 0 and 1", hint="media_share=0.3")  # fmt: skip

    def _table(self, groups: slice) -> "pd.DataFrame":
        r_hat = self._fitted.r_hat
        return roas_table(self._posterior, self._data, self._summary, groups, r_hat)

    def _verdict(self) -> str:
        if not hasattr(self, "_fitted"):
            return f"{self!r} is not fitted."
        return f"{words.summary(self.roas())} {self.diagnostics()['verdict']}"

    def _tables(self) -> Iterable[Table]:
        if not hasattr(self, "_fitted"):
            return ()
        names = ["mean", "lo_90", "hi_90", "learned", "verdict", "remedy"]
        return [("Return on ad spend", self.roas()[names])]

    def _notes(self) -> Sequence[str]:
        return getattr(self, "notes_", ())
