"""What a fitted media mix can be asked: what its data can tell, and where money should go."""

from typing import TYPE_CHECKING, Any

from musictools._threads import one_thread
from musictools.errors import InputError
from musictools.marketing._adstock import Array
from musictools.marketing._media_check import MixCheck, check_design
from musictools.marketing._media_data import MediaData
from musictools.marketing._media_fit import Fitted
from musictools.marketing._media_flight import expect_sales, lay_out
from musictools.marketing._media_honesty import hold_out, placebo_channels
from musictools.marketing._media_parts import take_apart
from musictools.marketing._posterior import Posterior

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from musictools.marketing._media_budget import Allocation
    from musictools.marketing._media_pymc import PyMCMix

#: Points of the posterior that contributions are worked out from.
THINNED = 800


class Questions:
    """Methods of :class:`MediaMix` that ask a fit."""

    points_: Array
    _posterior: Posterior
    _data: MediaData
    _fitted: Fitted
    _seed: int
    _releases: "pd.DataFrame | None"

    def roas(self, *, by_group: bool = False) -> "pd.DataFrame":
        """Give the return of each channel: the model says."""
        raise NotImplementedError

    def contributions(self) -> "pd.DataFrame":
        """Give what each channel brought in each week: the model says."""
        raise NotImplementedError

    def decompose(self) -> "pd.DataFrame":
        """Take the sales of each week apart: what would have come anyway, releases, channels.

        Returns
        -------
        pandas.DataFrame
            Weeks x parts, in the unit of sales; a row adds up to its sales. ``base`` (intercept,
            trend, season, holidays), ``releases``, ``posts`` and ``controls`` where there are any,
            the channels as in `contributions`, and ``left_over``, the noise. An effect of trend or
            of a control may be negative. What releases add for good and the level of the base look
            alike: data tells their sum, and the prior most of how they share it.

        Examples
        --------
        >>> import musictools as mt
        >>> made = mt.datasets.simulate_campaign(60, channels=2, events=(), rng=1)
        >>> mix = mt.marketing.MediaMix(method="ridge").fit(made.spend, made.y)
        >>> parts = mix.decompose()
        >>> list(parts)
        ['base', 'tv', 'radio', 'left_over']
        >>> bool(abs(parts.sum(axis=1) / made.y - 1).max() < 1e-9)
        True
        """
        self._need_fit()
        return take_apart(self._posterior, self._data, self.contributions())

    def check(self, *, simulations: int = 12) -> MixCheck:
        """Ask what this very data could tell, by simulating sales whose truth is known.

        Spend, releases and controls stay as they are; truths are drawn from the posterior, sales
        are simulated from each, and the model is fitted to them anew.

        Parameters
        ----------
        simulations : int
            Truths to draw.

        Returns
        -------
        MixCheck
            ``identified`` (names), ``table`` by channel with typical error, width and coverage of
            intervals, and a verdict.
        """
        self._need_fit()
        return check_design(self._posterior, self._data, self._fitted, simulations, self._seed)

    def holdout(self, *, origins: int = 3, horizon: int = 8) -> "pd.DataFrame":
        """Forecast weeks that were held out, from several origins in turn.

        Parameters
        ----------
        origins : int
            Times that the model is fitted to what was known.
        horizon : int
            Weeks after each.

        Returns
        -------
        pandas.DataFrame
            ``known_weeks``, ``mae`` (mean absolute error), ``mae_without_media`` (of the controls
            alone), ``skill`` (1 - the one over the other), ``coverage`` of 90 % intervals. Skill
            shows that media help to forecast, not that each channel is told apart: see `check`.

        Raises
        ------
        InputError
            If too few weeks are left.
        """
        self._need_fit()
        with one_thread():
            return hold_out(self._posterior, self._data, origins, horizon, self._seed)

    def placebo(self, *, count: int = 2) -> "pd.DataFrame":
        """Fit once more with channels that did nothing: real ones, moved round in time.

        Parameters
        ----------
        count : int
            How many, at most as there are channels.

        Returns
        -------
        pandas.DataFrame
            Indexed by placebo: ``share`` of sales, ``lo_90``, ``hi_90``, ``verdict``. One that is
            identified is a false alarm: then something is missing from the controls.

        Raises
        ------
        InputError
            If there are not so many channels.
        """
        self._need_fit()
        with one_thread():
            return placebo_channels(self._posterior, self._data, count, self._seed)

    def pymc(
        self,
        *,
        saturation: str = "logistic",
        tune: int = 1000,
        draws: int = 500,
        chains: int = 2,
    ) -> "PyMCMix":
        """Ask another program: PyMC-Marketing on the same spend, sales and controls.

        It has priors and a sampler of its own, and takes minutes where `fit` takes seconds. Lift
        tests are not handed on. It is the extra ``bayes``.

        Parameters
        ----------
        saturation : {"logistic", "hill", "michaelis_menten"}
            Its curve; logistic is what its own examples use. Adstock is geometric, of as many weeks
            as here.
        tune, draws, chains : int
            How long it samples, on one core.

        Returns
        -------
        PyMCMix
            ``roas()`` and ``contributions()`` as of this model, and a verdict.

        Raises
        ------
        MissingExtraError
            If PyMC-Marketing is not installed; it says how to.
        InputError
            If the fit has several groups, or a setting is not possible.
        """
        self._need_fit()
        from musictools.marketing._media_pymc import Effort, ask_pymc

        effort = Effort(tune, draws, chains, self._seed)
        found: PyMCMix = ask_pymc(
            self._data, self.roas(), (saturation, self._posterior.lags), effort
        )
        return found

    def allocate(
        self,
        budget: float,
        *,
        bounds: "dict[str, tuple[float, float]] | None" = None,
        steps: int = 200,
        risk_aversion: float = 0.0,
        hold: bool = True,
    ) -> "Allocation":
        """Spread a budget over channels, as if it were spent over the weeks of the data.

        Parameters
        ----------
        budget : float
            Money for as long a time as the data covers; each channel keeps its own rhythm.
        bounds : dict, optional
            Channel to least and most. Without it a channel gets at most three times what today's
            split would give it, since beyond that the data has seen nothing.
        steps : int
            Parts that the budget is cut into.
        risk_aversion : float
            Standard deviations of sales that are taken off their mean. 0 looks at the mean alone.
        hold : bool
            Whether channels of which too little is known (mostly prior, or an interval wider
            than ± 50 %) keep their part of today's split.

        Returns
        -------
        Allocation
            ``table`` by channel, how often it beats an equal split and today's, and a verdict.

        Raises
        ------
        InputError
            If the budget or a bound is not possible.
        """
        self._need_fit()
        from musictools.marketing._media_budget import Wishes, allocate_budget

        wishes = Wishes(budget, bounds or {}, steps, risk_aversion, hold=hold)
        with one_thread():
            points = self._thin(400)
            return allocate_budget(self._posterior, self._data, points, self.roas(), wishes)

    def flight(
        self,
        amounts: "Mapping[str, float] | pd.Series[float]",
        dates: Any,
        *,
        releases: "pd.DataFrame | None" = None,
    ) -> "pd.DataFrame":
        """Lay amounts of money over the weeks to come, around releases as it was done before.

        Parameters
        ----------
        amounts : mapping or pandas.Series
            Channel to money, such as ``mix.allocate(budget).table["spend"]``.
        dates : array_like
            First day of each week to come.
        releases : pandas.DataFrame, optional
            Table of events to come. With it, and with releases in the fit, each channel has its
            usual spend in quiet weeks, and on top what it used to have from 4 weeks before a
            release to 12 after it; otherwise spend is even.

        Returns
        -------
        pandas.DataFrame
            Weeks x channels. The model knows of no weeks in which a channel works better, so what
            is gained or lost by a rhythm is saturation alone: `expect` tells for any plan.

        Raises
        ------
        InputError
            If a channel or an amount is not possible, or the fit has several groups.
        """
        self._need_fit()
        return lay_out(
            self._data,
            {str(name): float(each) for name, each in amounts.items()},
            dates,
            self._releases,
            releases,
        )

    def expect(self, plan: "pd.DataFrame") -> "pd.DataFrame":
        """Work out what a weekly plan brings inside its own weeks.

        Parameters
        ----------
        plan : pandas.DataFrame
            Weeks x channels, such as `flight` gives. What was spent before it counts as nothing.

        Returns
        -------
        pandas.DataFrame
            Indexed by channel, and ``all``: ``spend``, ``sales``, ``lo_90``, ``hi_90``.

        Raises
        ------
        InputError
            If a channel or an amount is not possible, or the fit has several groups.
        """
        self._need_fit()
        with one_thread():
            return expect_sales(self._posterior, self._data, self._thin(THINNED), plan)

    def _need_fit(self) -> None:
        if not hasattr(self, "_fitted"):
            raise InputError("use a media mix", got="a model that was not fitted",
                             expected="fit() first", hint="mix.fit(spend, y)")  # fmt: skip

    def _thin(self, most: int) -> Array:
        every = max(len(self.points_) // most, 1)
        thinned: Array = self.points_[::every]
        return thinned
