"""Streams of cities or tracks, made to order, in which something happens to some of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._card import Card, Table
from musictools._checks import check_number
from musictools._counts import counted
from musictools._version import __version__
from musictools.datasets._campaign import _panel, _settings
from musictools.datasets._campaign._settings import check_choice

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

__all__ = ["SimulatedPanel", "simulate_panel"]

_WHAT = "simulate a panel"
_DESIGNS = ("random", "selected", "momentum")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SimulatedPanel(Card):
    """A simulated panel, and everything that is known about it.

    Attributes
    ----------
    series : pandas.DataFrame
        The ``series`` table: unique_id, ds, y, and ``treated`` (1 while the event is at work,
        from its period on; 0 before, and where nothing happens).
    events : pandas.DataFrame
        The ``events`` table: ds, kind, subject (the unit), size.
    units : pandas.DataFrame
        unit_id, artist_id, level (mean streams of a period), treated, start.
    truth : dict of str to pandas.DataFrame
        ``effects`` (unique_id, ds, age in periods since the event, y, expected without the event,
        effect, noise), ``units`` (unit_id, total, mean: effect of each treated unit over the
        periods in which it is treated) and ``ages`` (age, effect: mean over the treated).
    provenance : dict
        What made it.

    See Also
    --------
    simulate_panel : Makes one.
    """

    series: "pd.DataFrame"
    events: "pd.DataFrame"
    units: "pd.DataFrame"
    truth: "dict[str, pd.DataFrame]"
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def treated(self) -> list[str]:
        """Names of the units to which it happens."""
        return list(self.units.loc[self.units["treated"], "unit_id"])

    @property
    def start(self) -> "pd.Timestamp":
        """First period in which anything happens."""
        first: pd.Timestamp = self.units["start"].min()
        return first

    @property
    def att(self) -> float:
        """Mean true effect on the treated, over the periods in which they are treated."""
        at_work = self.series["treated"].to_numpy() == 1.0
        return float(self.truth["effects"].loc[at_work, "effect"].mean())

    def _verdict(self) -> str:
        asked = self.provenance
        return (
            f"{asked['question']}, {counted(asked['units'], 'unit')}, "
            f"{counted(asked['periods'], 'period')}, "
            f"{len(self.treated)} treated, mean effect {self.att:,.1f}."
        )

    def _tables(self) -> Iterable[Table]:
        treated = self.units.merge(self.truth["units"], on="unit_id")
        return [("True effects", treated[["unit_id", "start", "total"]])]


def simulate_panel(  # noqa: PLR0913 - every one is a thing to ask about
    question: str = "campaign",
    *,
    units: int = 40,
    periods: int = 104,
    treated: int | None = None,
    effect: float | None = None,
    size: float | None = None,
    design: str = "random",
    family: str = "own",
    noise: float = 0.04,
    start: "str | dt.date" = "2023-01-02",
    rng: int | np.random.Generator | None = None,
) -> SimulatedPanel:
    """Simulate streams of many units, to some of which something happens.

    Parameters
    ----------
    question : str
        ``campaign`` (cities, all from one week on), ``tour`` (cities, each from its concert on),
        ``playlist`` (tracks, while a list has them), ``post`` (tracks, days instead of weeks),
        ``halo`` (older tracks of artists who release an album, four for each artist) or
        ``cannibalisation`` (tracks whose artist releases the next single).
    units : int, default 40
        4 to 5,000.
    periods : int, default 104
        Weeks, or days of ``post``; 12 to 3,000.
    treated : int, optional
        Units to which it happens, or artists of ``halo``: one less than there are at the most, a
        fifth of them without it.
    effect : float, optional
        Effect at its peak as a part of a unit's level; of playlists and posts, streams in the
        first period for each follower or engaged person. 0 is a placebo.
    size : float, optional
        Followers of every playlist or engaged people of every post; drawn without it.
    design : str
        ``random``: it happens to anybody. ``selected``: to those who were growing anyway, so that
        a comparison of before and after, and one of differences, are wrong. ``momentum``: all units
        have surges of their own, and it happens just after one began (but for ``campaign``, whose
        start is the same for all).
    family : str
        ``own``: one kernel, the same relative effect on all, independent normal noise. ``other``:
        unequal effects that build up or begin before the event, and correlated noise with heavy
        tails.
    noise : float, default 0.04
        Standard deviation as a part of a unit's level.
    start : str or datetime.date
        A day of the first week.
    rng : int or numpy.random.Generator, optional
        Seed. The same seed gives the same numbers; with another ``effect`` only the effects differ.

    Returns
    -------
    SimulatedPanel
        ``.series``, ``.events``, ``.units``, ``.truth`` and ``.att``.

    Raises
    ------
    InputError
        If an argument is out of range or a name is unknown.

    Notes
    -----
    y = level x (season + two factors with loadings of each unit) + effect + noise. Kernels of
    ``own``: a step (campaign, playlist), exp(-t/4) (tour), exp(-t/6) (cannibalisation),
    (t + 1)^-1.2 (post) and (t + 1)^-0.6 (halo). A playlist brings its follower 19.4 / 18.5 streams
    within ten weeks, which is what Today's Top Hits brought with 18.5 million followers (Aguiar
    and Waldfogel, NBER working paper 24713, 2018); that list is ``size=18_500_000``. All other
    sizes are made up.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_panel("playlist", size=18_500_000, rng=1)
    >>> [round(total / 1e6, 1) for total in made.truth["units"]["total"].head(3)]
    [19.4, 19.4, 19.4]
    """
    check_choice("question", question, _panel.QUESTIONS, _WHAT)
    about = _panel.QUESTIONS[question]
    count = int(check_number(_WHAT, "units", units, (4, 5_000)))
    groups = -(-count // (_panel.TRACKS if question == "halo" else 1))
    if groups < 2:
        raise _settings.refused(f"units={units}", "tracks of two artists", "units=8", _WHAT)
    given = about.effect if effect is None else check_number(_WHAT, "effect", effect, (-1.0, 1e6))
    whole = None if size is None else check_number(_WHAT, "size", size, (0.0, 1e12))
    if whole is not None and about.size is None:
        raise _settings.refused(
            f"size={size!r} of a {question}", "a size of playlists or posts", "effect=0.1", _WHAT
        )
    asked_for = max(1, groups // 5) if treated is None else treated
    asked = _panel.Asked(
        question=question,
        units=count,
        periods=int(check_number(_WHAT, "periods", periods, (12, 3_000))),
        treated=int(check_number(_WHAT, "treated", asked_for, (1, groups - 1))),
        effect=given,
        size=whole,
        design=check_choice("design", design, _DESIGNS, _WHAT),
        family=check_choice("family", family, _settings.FAMILIES, _WHAT),
        noise=check_number(_WHAT, "noise", noise, (0.0, 10.0)),
        start=_settings.check_monday(start, _WHAT),
        seed=_settings.check_seed(rng, _WHAT),
    )
    seed = int(rng) if isinstance(rng, int | np.integer) else None
    provenance = {
        "musictools": __version__,
        "function": "simulate_panel",
        **(asdict(asked) | {"rng": seed, "start": str(asked.start)}),
    }
    del provenance["seed"]
    return _handed_over(asked, provenance)


def _handed_over(asked: _panel.Asked, provenance: dict[str, Any]) -> SimulatedPanel:
    import pandas as pd

    made, days = _panel.make_panel(asked), _panel.days_of(asked)
    count, length = made.expected.shape
    at = np.arange(length)[None, :]
    at_work = (at >= made.first[:, None]) & (at < made.last[:, None])
    happened = made.first < length
    age = np.where(happened[:, None], at - made.first[:, None], np.nan)
    starts = pd.Series(days[np.minimum(made.first, length - 1)]).where(happened)
    effects = pd.DataFrame(
        {
            "unique_id": np.repeat(made.names, length),
            "ds": np.tile(days, count),
            "age": age.ravel(),
            "y": (made.expected + made.effect + made.noise).round().ravel(),
            "expected": made.expected.ravel(),
            "effect": made.effect.ravel(),
            "noise": made.noise.ravel(),
        }
    )
    units = pd.DataFrame(
        {
            "unit_id": made.names,
            "artist_id": made.owners,
            "level": made.level,
            "treated": happened,
            "start": starts,
        }
    )
    within = np.where(at_work, made.effect, 0.0).sum(axis=1)
    sums = pd.DataFrame(
        {"unit_id": made.names, "total": within, "mean": within / np.maximum(at_work.sum(1), 1)}
    )[happened]
    ages = effects[effects["age"].notna()].groupby("age")["effect"].mean().reset_index()
    return SimulatedPanel(
        series=effects[["unique_id", "ds", "y"]].assign(treated=at_work.ravel().astype(float)),
        events=_events(asked, made, days),
        units=units,
        truth={"effects": effects, "units": sums.reset_index(drop=True), "ages": ages},
        provenance=provenance,
    )


def _events(asked: _panel.Asked, made: _panel.Panel, days: "pd.DatetimeIndex") -> "pd.DataFrame":
    import pandas as pd

    kind = _panel.QUESTIONS[asked.question].kind
    rows = [
        (days[at], name, made.names[unit], made.size[unit])
        for unit in np.flatnonzero(made.first < asked.periods)
        for at, name in ((made.first[unit], kind), (made.last[unit], "playlist_remove"))
        if at < asked.periods
    ]
    table = pd.DataFrame(rows, columns=["ds", "kind", "subject", "size"])
    return table.sort_values(["ds", "subject"], kind="stable").reset_index(drop=True)
