"""simulate_chart(): a weekly chart of made-up songs, whose survival is known."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._card import Card, Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._version import __version__
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "simulate a chart"
#: Weeks before the first that is shown, so that the chart is in its stride.
_BEFORE = 150


@dataclass(frozen=True, kw_only=True, repr=False)
class SimulatedChart(Card):
    """A made-up weekly chart, and everything that is known about it.

    Attributes
    ----------
    chart : pandas.DataFrame
        One row for each place of each week: date, rank, song, artist.
    songs : pandas.DataFrame
        song, artist, ``playlisted`` (whether a list carries it), ``weeks`` (how long it stays,
        seen to its end or not), ``entry`` (date of its first chart, which may lie before the first
        that is shown), ``left`` (whether it went before the last chart).
    truth : dict of str to object
        ``survival`` (playlisted, weeks, survival: part that stays longer than so many weeks),
        ``hazard_ratio`` (of playlisted songs), ``shape`` and ``scale`` of the Weibull law.
    provenance : dict
        What made it.

    See Also
    --------
    simulate_chart : Makes one.
    """

    chart: "pd.DataFrame"
    songs: "pd.DataFrame"
    truth: dict[str, Any]
    provenance: dict[str, Any] = field(default_factory=dict)

    def _verdict(self) -> str:
        weeks = counted(self.chart["date"].nunique(), "week")
        return f"{weeks}, {counted(len(self.songs), 'song')}."

    def _tables(self) -> Iterable[Table]:
        return [("Chart", self.chart), ("Songs", self.songs)]


def simulate_chart(
    *,
    weeks: int = 260,
    size: int = 100,
    shape: float = 0.8,
    scale: float = 10.0,
    hazard_ratio: float = 0.6,
    start: str | dt.date = "2020-01-04",
    rng: int | np.random.Generator | None = None,
) -> SimulatedChart:
    """Simulate a weekly chart of made-up songs whose survival is known.

    Parameters
    ----------
    weeks : int, default 260
        Charts, 4 to 3,000.
    size : int, default 100
        Places of each chart, 5 to 500.
    shape, scale : float
        Weibull law of the weeks on the chart. A shape below 1: who has stayed stays on.
    hazard_ratio : float, default 0.6
        Risk of leaving of a third of the songs that a playlist carries, over that of the others.
    start : str or datetime.date
        Date of the first chart.
    rng : int or numpy.random.Generator, optional
        Seed.

    Returns
    -------
    SimulatedChart
        ``.chart``, ``.songs`` and ``.truth``.

    Raises
    ------
    InputError
        If an argument is out of range.

    Notes
    -----
    A song stays longer than t weeks with probability exp(-(t / scale)^shape h), h being the hazard
    ratio or 1. Whoever leaves is replaced, so every chart is full; nobody comes back. Songs that
    were there before the first chart, or stay after the last, are cut as on any real chart. Ranks
    follow a rise and fall over each song's life, with noise; artists are few at the top and many
    below (a power law).

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_chart(weeks=30, size=20, rng=1)
    >>> made.chart.shape, made.truth["hazard_ratio"]
    ((600, 4), 0.6)
    """
    import pandas as pd

    count = int(check_number(_WHAT, "weeks", weeks, (4, 3_000)))
    places = int(check_number(_WHAT, "size", size, (5, 500)))
    shape = check_number(_WHAT, "shape", shape, (0.3, 3.0))
    scale = check_number(_WHAT, "scale", scale, (1.0, 200.0))
    ratio = check_number(_WHAT, "hazard_ratio", hazard_ratio, (0.05, 20.0))
    try:
        days = pd.date_range(pd.Timestamp(start), periods=count, freq="7D", unit="us")
    except (TypeError, ValueError) as error:
        raise InputError(
            _WHAT, got=f"start={start!r}", expected="a day", hint="start='2020-01-04'"
        ) from error
    random = generator(rng, _WHAT)
    entry, life, listed = _lives(random, count, places, (shape, scale, ratio))
    songs = _songs(random, days, entry, life, listed)
    whole = np.arange(0, 53)
    curves = [np.exp(-((whole / scale) ** shape) * h) for h in (1.0, ratio)]
    survival = pd.DataFrame(
        {
            "playlisted": np.repeat([False, True], len(whole)),
            "weeks": np.tile(whole, 2),
            "survival": np.concatenate(curves),
        }
    )
    return SimulatedChart(
        chart=_chart(random, days, songs, entry, life),
        songs=songs,
        truth={"survival": survival, "hazard_ratio": ratio, "shape": shape, "scale": scale},
        provenance={
            "musictools": __version__,
            "function": "simulate_chart",
            "rng": int(rng) if isinstance(rng, int | np.integer) else None,
        },
    )


def _lives(
    rng: np.random.Generator, weeks: int, size: int, law: tuple[float, float, float]
) -> tuple[Any, Any, Any]:
    """Give first week (0: the first shown), weeks on the chart, and playlisting of each song."""
    shape, scale, ratio = law
    ends = np.full(size, -_BEFORE)
    entries, lives, lists = [], [], []
    for week in range(-_BEFORE, weeks):
        free = np.flatnonzero(ends <= week)
        listed = rng.random(len(free)) < 1 / 3
        hazard = np.where(listed, ratio, 1.0)
        drawn = scale * (rng.exponential(size=len(free)) / hazard) ** (1 / shape)
        life = np.maximum(np.ceil(drawn), 1).astype(int)
        ends[free] = week + life
        entries.append(np.full(len(free), week))
        lives.append(life)
        lists.append(listed)
    entry, life, listed = (np.concatenate(each) for each in (entries, lives, lists))
    shown = entry + life > 0
    return entry[shown], life[shown], listed[shown]


def _songs(rng: np.random.Generator, days: Any, entry: Any, life: Any, listed: Any) -> Any:
    import pandas as pd

    artists = max(5, len(entry) // 4)
    weight = 1.0 / np.arange(1, artists + 1) ** 0.9
    who = rng.choice(artists, len(entry), p=weight / weight.sum())
    return pd.DataFrame(
        {
            "song": [f"Song {i + 1:05d}" for i in range(len(entry))],
            "artist": [f"Artist {i + 1:04d}" for i in who],
            "playlisted": listed,
            "weeks": life,
            "entry": days[0] + pd.to_timedelta(entry * 7, unit="D"),
            "left": entry + life < len(days),
        }
    )


def _chart(rng: np.random.Generator, days: Any, songs: Any, entry: Any, life: Any) -> Any:
    import pandas as pd

    # Who stays long stands high: the chart is a sorted list of how much each is heard.
    level = np.log1p(life) + rng.normal(0, 0.5, len(life))
    first, last = np.maximum(entry, 0), np.minimum(entry + life, len(days))
    which = np.repeat(np.arange(len(life)), last - first)
    start = np.repeat(np.cumsum(last - first) - (last - first), last - first)
    week = np.arange(len(which)) - start + first[which]
    passed = (week - entry[which] + 0.5) / life[which]
    # A rise to a third of its life, and a longer fall.
    score = level[which] * (passed**0.5 * (1 - passed)) + rng.normal(0, 0.1, len(which))
    table = pd.DataFrame(
        {
            "date": days[week],
            "score": score,
            "song": songs["song"].to_numpy()[which],
            "artist": songs["artist"].to_numpy()[which],
        }
    )
    table = table.sort_values(["date", "score"], ascending=[True, False], kind="stable")
    table["rank"] = table.groupby("date").cumcount() + 1
    return table[["date", "rank", "song", "artist"]].reset_index(drop=True)
