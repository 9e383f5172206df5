"""A promotion campaign made to order, with the truth about what every part of it did."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._card import Card, Table
from musictools._checks import check_number
from musictools._counts import counted
from musictools._version import __version__
from musictools.datasets._campaign import _happenings, _settings, _spending, _story
from musictools.datasets._campaign._settings import WHAT, MediaChannel, check_choice
from musictools.errors import TableError

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

__all__ = ["SimulatedCampaign", "simulate_campaign"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SimulatedCampaign(Card):
    """A simulated campaign, and everything that is known about it.

    Attributes
    ----------
    spend : pandas.DataFrame
        Money by week (index ``ds``, Mondays) and channel; with territories the index is
        ``territory, ds``.
    y : pandas.Series
        Streams or sales of the same weeks.
    media : pandas.DataFrame
        The same money as the long ``spend`` table: ds, channel, territory, spend, impressions;
        and reach, frequency and grp (gross rating points) of radio and TV.
    events : pandas.DataFrame
        The ``events`` table, with event_id, and platform, reach and engagement of posts, dated by
        the Monday of the week, from which each has its effect. Size is tracks of a release,
        pre-saves, tickets of a tour, engaged people of a post (reach x engagement rate), followers
        of a playlist, contacts of airplay and sync.
    airplay : pandas.DataFrame
        The ``airplay`` table of what radio played by itself.
    controls : pandas.DataFrame
        What could be counted in each week: playlist_followers, post_engagements,
        airplay_contacts, sync_contacts; without carry-over.
    series : pandas.DataFrame
        ``y`` as the long ``series`` table, one series for each territory.
    lift_tests : pandas.DataFrame
        Experiments that ran beside the data, as ``MediaMix.fit(lift_tests=)`` takes them: channel,
        start and end (Mondays of the first and last week), lift (sales that the channel brought in
        those weeks, against regions that never had it), sd (its standard error); with territories
        also group.
    truth : dict of str to pandas.DataFrame
        ``channels`` (curve, spend, contribution, share, roas and marginal_roas of each),
        ``weekly`` (every part of y: level, trend, season, regime, releases, posts, playlists,
        airplay, sync, each channel, noise, y), ``contributions`` and ``adstocked`` (as `spend`),
        ``drift`` (factor of each effect), ``events`` (kernel, amplitude and effect of each),
        ``event_effects`` (weeks x events), ``doses`` (outcome for each unit of size in the first
        week, by kind of event) and ``lift_tests`` (with spend and true_lift).
    provenance : dict
        What made it.

    See Also
    --------
    simulate_campaign : Makes one.
    """

    spend: "pd.DataFrame"
    y: "pd.Series"
    media: "pd.DataFrame"
    events: "pd.DataFrame"
    airplay: "pd.DataFrame"
    controls: "pd.DataFrame"
    series: "pd.DataFrame"
    lift_tests: "pd.DataFrame"
    truth: "dict[str, pd.DataFrame]"
    provenance: dict[str, Any] = field(default_factory=dict)
    _told: _story.Story

    @property
    def releases(self) -> "pd.DataFrame":
        """Rows of `events` that belong to the release cycle, from pre-save to tour."""
        return self.events[self.events["kind"].isin(_happenings.RELEASES)].reset_index(drop=True)

    def contributions_of(self, spend: "pd.DataFrame") -> "pd.DataFrame":
        """Work out what another plan would truly have brought.

        Parameters
        ----------
        spend : pandas.DataFrame
            Of the same weeks, territories and channels as `spend`.

        Returns
        -------
        pandas.DataFrame
            Contribution by week and channel.

        Raises
        ------
        TableError
            If weeks or channels differ, or a number is negative or not finite.

        Examples
        --------
        >>> import musictools as mt
        >>> made = mt.datasets.simulate_campaign(rng=1)
        >>> dark = made.contributions_of(made.spend.assign(tv=0.0))
        >>> float(dark["tv"].sum())
        0.0
        """
        return _told_again(self._told, _same_shape(spend, self.spend))

    def _verdict(self) -> str:
        told = self._told.plan
        where = (
            ""
            if told.territories is None
            else " in " + counted(len(told.territories), "territory", "territories")
        )
        return (
            f"{counted(told.weeks, 'week')}, {counted(len(told.channels), 'channel')}{where}, "
            f"{counted(len(self.events), 'event')}, "
            f"{told.design}, family {told.family!r}."
        )

    def _tables(self) -> Iterable[Table]:
        channels = self.truth["channels"].groupby("channel", sort=False)
        return [("True contributions", channels[["spend", "contribution"]].sum())]


def simulate_campaign(  # noqa: PLR0913 - every one is a thing to ask about
    weeks: int = 156,
    *,
    design: str = "independent",
    family: str = "own",
    channels: int | str | MediaChannel | Iterable[str | MediaChannel] = 5,
    territories: int | Iterable[str] | None = None,
    outcome: str = "streams",
    events: str | Iterable[str] = _settings.GROUPS,
    releases: int = 6,
    dark_weeks: int = 0,
    lift_tests: int = 0,
    noise: float = 0.25,
    heavy_tails: bool | None = None,
    regime_change: bool | None = None,
    time_varying: bool | None = None,
    start: "str | dt.date" = "2023-01-02",
    rng: int | np.random.Generator | None = None,
) -> SimulatedCampaign:
    """Simulate weeks of promotion whose true effects are known.

    Parameters
    ----------
    weeks : int, default 156
        20 to 2,000.
    design : str
        ``independent``: channels run in flights of their own. ``release_driven``: spend follows
        the releases. ``weak``: as independent, with a fifth of the effects and twice the noise.
        ``always_on``: no channel rests, and spend varies by 15 %.
    family : str
        ``own``: geometric adstock (normalised), Hill saturation, power-law release decay
        (t + 1)^-0.8, the same for each release of a kind, normal noise. ``other``: Weibull
        adstock with a delayed peak, logistic saturation, double-exponential decay that differs
        from release to release, and the three options below.
    channels : int, str, MediaChannel or iterable of them
        So many of tv, radio, paid_social, influencer, search, online_video, out_of_home, print;
        or names of them; or channels of your own. Search is always on.
    territories : int or iterable of str, optional
        Territories that differ in size, spend and effects. Each is as noisy as the whole would be.
    outcome : str
        ``streams`` (whole numbers), or ``sales`` in the currency of the spend.
    events : str or iterable of str
        Which happen: releases, posts, playlists, airplay, sync.
    releases : int, default 6
        Spread over the time, 0 to 100. They guide the spend of a release-driven design, and what
        else happens, though ``events`` leaves them out.
    dark_weeks : int, default 0
        Weeks in which each channel is switched off, at random within equal parts of the time.
    lift_tests : int, default 0
        Experiments for each channel and territory, with a standard error of about 20 %.
    noise : float, default 0.25
        Standard deviation, in units of a fifth of the baseline.
    heavy_tails, regime_change, time_varying : bool, optional
        Noise of Student's t with 3 degrees of freedom (of the same standard deviation); a step in
        the baseline; effects that move by a quarter to almost half. As the family says without it.
    start : str or datetime.date
        A day of the first week.
    rng : int or numpy.random.Generator, optional
        Seed. The same seed gives the same numbers; an option changes only what it is about.

    Returns
    -------
    SimulatedCampaign
        ``.spend``, ``.y``, ``.events``, ``.truth`` and more.

    Raises
    ------
    InputError
        If an argument is out of range or a name is unknown.

    Notes
    -----
    Everything adds up: y = level + trend + season + regime + events + channels + noise. Effects are
    caused by spend; nobody's spend has an effect before the first week. What a playlist does is
    anchored in Aguiar and Waldfogel (Platforms, promotion, and product discovery, NBER working
    paper 24713, 2018): Today's Top Hits, of 18.5 million followers, brought 19.4 million streams
    on average; here every follower brings as much, spread over ten weeks of a usual stay. All
    other sizes are made up.

    Weeks are Monday to Sunday, and events have no day in them: what happens in a week has its
    effect in the whole of it. So ``MediaMix().fit(made.spend, made.y, releases=made.releases,
    lift_tests=made.lift_tests)`` takes everything as it is.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_campaign(design="release_driven", rng=1)
    >>> made.spend.shape, made.y.shape
    ((156, 5), (156,))
    >>> made.truth["channels"]["channel"].tolist()
    ['tv', 'radio', 'paid_social', 'influencer', 'search']
    """
    other = check_choice("family", family, _settings.FAMILIES) == "other"
    plan = _story.Plan(
        weeks=int(check_number(WHAT, "weeks", weeks, (20, 2_000))),
        design=check_choice("design", design, _settings.DESIGNS),
        family=family,
        channels=_settings.check_channels(channels),
        territories=_settings.check_territories(territories),
        outcome=check_choice("outcome", outcome, _settings.UNIT),
        events=_settings.check_names("events", events, _settings.GROUPS),
        releases=int(check_number(WHAT, "releases", releases, (0, 100))),
        dark_weeks=int(check_number(WHAT, "dark_weeks", dark_weeks, (0, int(weeks) // 2))),
        noise=check_number(WHAT, "noise", noise, (0.0, 100.0)),
        heavy_tails=other if heavy_tails is None else bool(heavy_tails),
        regime_change=other if regime_change is None else bool(regime_change),
        time_varying=other if time_varying is None else bool(time_varying),
        start=_settings.check_monday(start),
        seed=_settings.check_seed(rng),
    )
    tests = int(check_number(WHAT, "lift_tests", lift_tests, (0, 100)))
    told = _story.tell(plan)
    seed = int(rng) if isinstance(rng, int | np.integer) else None
    provenance = {
        "musictools": __version__,
        "function": "simulate_campaign",
        **(asdict(plan) | {"rng": seed, "lift_tests": tests, "start": str(plan.start)}),
    }
    del provenance["seed"]
    return _handed_over(told, tests, provenance)


def _handed_over(told: _story.Story, tests: int, provenance: dict[str, Any]) -> SimulatedCampaign:
    plan, found = told.plan, told.found
    y = told.weekly["y"]
    series = y.rename("y").reset_index()
    names = series["territory"] if plan.territories else "all"
    events = _happenings.events_table(found, told.mondays)
    truth = _truth(told, events)
    truth["lift_tests"] = _story.lift_tests(told, told.names, tests)
    controls = _happenings.controls(found, told.mondays)
    media = _spending.media_table(told.spend, plan.channels, told.sizes, plan.seed)
    return SimulatedCampaign(
        spend=told.spend.copy(),
        y=y.copy(),
        media=media,
        events=events,
        airplay=_happenings.airplay_table(found, told.mondays),
        controls=controls,
        series=series.assign(unique_id=names)[["unique_id", "ds", "y"]],
        lift_tests=truth["lift_tests"].drop(columns=["spend", "true_lift"]),
        truth=truth,
        provenance=provenance,
        _told=told,
    )


def _truth(told: _story.Story, events: "pd.DataFrame") -> "dict[str, pd.DataFrame]":
    import pandas as pd

    kinds = [event.kind for event in told.found]
    unit = _settings.UNIT[told.plan.outcome]
    amplitude = unit * np.array([event.amplitude for event in told.found])
    kernels = [_happenings.kernel_facts(kind, told.plan.family) for kind in kinds]
    facts = pd.DataFrame(kernels, columns=["kernel", "exponent", "tau_weeks"])
    named = events[["event_id", "ds", "kind", "subject", "size"]].join(facts)
    effect = told.event_effects.sum().to_numpy()
    named = named.assign(amplitude=amplitude, effect=effect)
    dosed = named[named["kind"].isin(["post", "playlist_add", "airplay", "sync", "pre_save",
                                      "tour"])]  # fmt: skip
    doses = (dosed["amplitude"] / dosed["size"]).groupby(dosed["kind"]).first()
    return {
        "channels": _story.channel_truth(told),
        "weekly": told.weekly.copy(),
        "contributions": told.weekly[told.names].copy(),
        "adstocked": _by_curve(told, lambda curve, x: curve.adstocked(x)),
        "drift": _by_curve(told, lambda curve, _: curve.drift),
        "events": named,
        "event_effects": told.event_effects.copy(),
        "doses": doses.rename("per_unit_of_size").reset_index(),
    }


def _by_curve(told: _story.Story, of: Any, spend: "pd.DataFrame | None" = None) -> "pd.DataFrame":
    """Apply each channel's curve to its spend, territory by territory."""
    money = told.spend if spend is None else spend
    result = money.astype(float).copy()
    for name in told.names:
        result[name] = np.concatenate(
            [
                of(told.curves[place, name], _story.local(money, place)[name].to_numpy(float))
                for place in told.sizes
            ]
        )
    return result


def _told_again(told: _story.Story, spend: "pd.DataFrame") -> "pd.DataFrame":
    return _by_curve(told, lambda curve, x: curve.effect(x), spend)


def _same_shape(spend: object, own: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    what = "work out another plan"
    if not isinstance(spend, pd.DataFrame):
        raise TableError(
            what,
            got=f"an object of type {type(spend).__name__}",
            expected="a frame of weeks x channels",
            hint="campaign.contributions_of(campaign.spend * 1.1)",
        )
    if not spend.index.equals(own.index) or set(spend.columns) != set(own.columns):
        raise TableError(
            what,
            got=f"{len(spend)} rows of {', '.join(map(str, spend.columns))}",
            expected=f"the weeks of campaign.spend, and {', '.join(own.columns)}",
            hint="plan = campaign.spend.copy(), and change that",
        )
    try:
        numbers = spend[own.columns].astype(float)
    except (TypeError, ValueError) as error:
        raise TableError(
            what, got=str(error), expected="numbers", hint="spend.apply(pandas.to_numeric)"
        ) from error
    if not np.isfinite(numbers.to_numpy()).all() or (numbers.to_numpy() < 0).any():
        raise TableError(
            what,
            got="a spend that is negative or not finite",
            expected="numbers of 0 or more",
            hint="spend.clip(lower=0).fillna(0)",
        )
    return numbers
