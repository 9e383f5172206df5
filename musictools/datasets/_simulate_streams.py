"""Weekly streams of many tracks, made by laws that differ, with what was expected in each week."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools._card import Card, Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._version import __version__
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SimulatedStreams", "simulate_streams"]

_WHAT = "simulate streams"
_YEAR = 52
_START = "2022-01-03"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SimulatedStreams(Card):
    """Simulated weekly streams, and what is known about them.

    Attributes
    ----------
    series : pandas.DataFrame
        The ``series`` table: unique_id, ds (Mondays), y (streams of a week).
    tracks : pandas.DataFrame
        unique_id, family (the law it follows), level (size of its first weeks), start.
    events : pandas.DataFrame
        An ``events`` table with ``announced``: playlist adds and drops (known from their day on)
        and promotion (announced eight weeks before).
    truth : pandas.DataFrame
        unique_id, ds, expected: without the noise of the week.
    provenance : dict
        What made it.

    See Also
    --------
    simulate_streams : Makes one.
    """

    series: "pd.DataFrame"
    tracks: "pd.DataFrame"
    events: "pd.DataFrame"
    truth: "pd.DataFrame"
    provenance: dict[str, Any] = field(default_factory=dict)

    def _verdict(self) -> str:
        count = self.tracks["family"].value_counts(sort=False)
        told = ", ".join(f"{number} {name}" for name, number in count.items())
        return (
            f"{counted(len(self.tracks), 'track')} ({told}), {counted(len(self.series), 'week')}."
        )

    def _tables(self) -> Iterable[Table]:
        return [("Tracks", self.tracks), ("Series", self.series)]


@dataclass
class _Making:
    """What a family is made with; arrays have a place for each week since the start."""

    weeks: int
    season: Floats
    level: float
    rng: np.random.Generator
    events: list[tuple[int, str, int]] = field(default_factory=list)


def simulate_streams(
    tracks: int = 500,
    *,
    weeks: int = 156,
    families: Sequence[str] = (),
    rng: Any = None,
) -> SimulatedStreams:
    """Simulate weekly streams of tracks that follow different laws.

    Parameters
    ----------
    tracks : int
        How many, spread evenly over the families.
    weeks : int
        Weeks from the first Monday of 2022 on. Tracks begin at different weeks, all with at least
        30 weeks to go.
    families : sequence of str
        Which laws; all otherwise. ``"release"``: power-law decay, lifted while playlists hold it;
        ``"viral"``: a self-exciting process with memory (HIP) and promotion from outside;
        ``"adoption"``: Bass diffusion, then decay; ``"catalogue"``: a level that stays, with a
        season; ``"christmas"``: alive for six weeks of the year; ``"walk"``: a random walk of
        logarithms, which nobody can forecast; ``"niche"``: small counts, often zero.
    rng : seed or numpy.random.Generator, optional
        Chance.

    Returns
    -------
    SimulatedStreams
        Series, tracks, events, truth.

    Raises
    ------
    InputError
        If there is no such family, or a number is out of range.

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_streams(14, weeks=60, rng=1)
    >>> made.tracks["family"].nunique(), bool((made.series["y"] >= 0).all())
    (7, True)
    """
    import pandas as pd

    check_number(_WHAT, "tracks", tracks, (1, 1_000_000))
    check_number(_WHAT, "weeks", weeks, (40, 2000))
    chosen = list(families) or list(_FAMILIES)
    for name in chosen:
        if name not in _FAMILIES:
            raise InputError(
                _WHAT,
                got=f"the family {name!r}",
                expected=", ".join(_FAMILIES),
                hint=closest(str(name), _FAMILIES),
            )
    random = generator(rng, _WHAT)
    days = pd.date_range(_START, periods=weeks, freq="7D", unit="ns")
    calendar = np.asarray(days.day_of_year, dtype=float)
    phase = random.random()
    parts, facts, happened = [], [], []
    for number in range(tracks):
        family = chosen[number % len(chosen)]
        name = f"track_{number + 1:04d}"
        first = int(random.integers(0, weeks - 29)) if family != "christmas" else 0
        level = float(np.exp(random.normal(8.5, 1.2)))
        making = _Making(weeks - first, calendar[first:] / 365.25 + phase, level, random)
        if family == "christmas":
            making.season = calendar[first:] / 365.25
        expected = _FAMILIES[family](making)
        y = _counted(expected, family, random)
        parts.append(
            pd.DataFrame({"unique_id": name, "ds": days[first:], "y": y, "expected": expected})
        )
        facts.append((name, family, level, days[first]))
        happened += [(days[first + at], kind, name, lead) for at, kind, lead in making.events]
    rows = pd.concat(parts, ignore_index=True)
    events = pd.DataFrame(happened, columns=["ds", "kind", "subject", "lead"])
    events["ds"] = pd.to_datetime(events["ds"])
    announced = events["ds"] - pd.to_timedelta(7 * events["lead"].astype(float), unit="D")
    return SimulatedStreams(
        series=rows[["unique_id", "ds", "y"]],
        tracks=pd.DataFrame(facts, columns=["unique_id", "family", "level", "start"]),
        events=events[["ds", "kind", "subject"]].assign(announced=announced),
        truth=rows[["unique_id", "ds", "expected"]],
        provenance={
            "musictools": __version__,
            "function": "datasets.simulate_streams",
            "tracks": tracks,
            "weeks": weeks,
            "families": chosen,
        },
    )


def _counted(expected: Floats, family: str, rng: np.random.Generator) -> Floats:
    """Give whole streams: swings that last a little, and counting."""
    weeks = len(expected)
    spread, keep = (0.25 if family == "niche" else 0.09), 0.5
    shocks = rng.standard_t(5.0, weeks) * spread * np.sqrt(1 - keep**2) * np.sqrt(3 / 5)
    swing = np.empty(weeks)
    last = 0.0
    for week in range(weeks):
        last = swing[week] = keep * last + shocks[week]
    mean = np.minimum(expected * np.exp(swing - spread**2 / 2), 1e15)
    return np.asarray(rng.poisson(mean), dtype=float)


def _release(making: _Making) -> Floats:
    rng, t = making.rng, np.arange(making.weeks, dtype=float)
    decay = ((t + rng.uniform(0.5, 3)) / 2) ** -rng.uniform(0.4, 1.1)
    decay = decay / decay[0] + rng.uniform(0.01, 0.1)
    lifted = np.ones(making.weeks)
    for _ in range(rng.poisson(making.weeks / 45)):
        at = int(rng.integers(1, making.weeks))
        stays = int(rng.integers(4, 20))
        lifted[at : at + stays] += rng.lognormal(-0.3, 0.6)
        making.events.append((at, "playlist_add", 0))
        if at + stays < making.weeks:
            making.events.append((at + stays, "playlist_drop", 0))
    return np.asarray(making.level * decay * lifted)


def _viral(making: _Making) -> Floats:
    rng, weeks = making.rng, making.weeks
    outside = np.full(weeks, making.level * 0.02)
    outside[0] = making.level
    for at in np.flatnonzero(rng.random(weeks) < 0.03):
        outside[at] += making.level * rng.lognormal(-0.5, 0.8)
        if at >= 8:
            making.events.append((int(at), "promotion", 8))
    # Branching below one, with a memory of a power law: what was heard makes it heard again.
    kernel = (np.arange(1, weeks + 1) + 0.5) ** -(1 + rng.uniform(0.4, 1.2))
    kernel *= rng.uniform(0.3, 0.85) / kernel.sum()
    out = np.zeros(weeks)
    for week in range(weeks):
        out[week] = outside[week] + out[:week][::-1] @ kernel[:week]
    return out


def _adoption(making: _Making) -> Floats:
    rng, t = making.rng, np.arange(making.weeks, dtype=float)
    p, q = rng.uniform(0.002, 0.02), rng.uniform(0.08, 0.35)
    grown = np.exp(-(p + q) * t)
    rate = (p + q) ** 2 / p * grown / (1 + q / p * grown) ** 2
    tail = 1 - np.exp(-t / 15)
    return making.level * (20 * rate + rng.uniform(0.1, 0.4) * tail) + 1


def _catalogue(making: _Making) -> Floats:
    rng = making.rng
    size = rng.uniform(0.0, 0.25)
    season = np.sin(2 * np.pi * making.season) + 0.4 * np.sin(4 * np.pi * making.season)
    growth = np.exp(np.arange(making.weeks) * rng.normal(0, 0.0015))
    return np.asarray(making.level * np.exp(size * season) * growth)


def _christmas(making: _Making) -> Floats:
    away = (making.season - 0.975 + 0.5) % 1 - 0.5
    shape = np.exp(-0.5 * (np.where(away < 0, away / 0.045, away / 0.008)) ** 2)
    years = np.floor(making.season - making.season[0] + np.arange(making.weeks) / _YEAR)
    lucky = np.exp(making.rng.normal(0, 0.15, making.weeks // _YEAR + 3))
    size = lucky[np.clip(years, 0, len(lucky) - 1).astype(int)]
    return np.asarray(0.3 * making.level * (20 * shape * size + 0.05))


def _walk(making: _Making) -> Floats:
    steps = making.rng.normal(0, making.rng.uniform(0.03, 0.15), making.weeks)
    return np.asarray(making.level * np.exp(np.clip(np.cumsum(steps), -6, 6)))


def _niche(making: _Making) -> Floats:
    rng = making.rng
    level = rng.lognormal(0.0, 1.0)
    return np.asarray(level * np.exp(-np.arange(making.weeks) / rng.uniform(60, 400)))


_FAMILIES: dict[str, Callable[[_Making], Floats]] = {
    "release": _release,
    "viral": _viral,
    "adoption": _adoption,
    "catalogue": _catalogue,
    "christmas": _christmas,
    "walk": _walk,
    "niche": _niche,
}
