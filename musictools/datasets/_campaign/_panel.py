"""Panels of units over time in which something happens to some: levels, factors, effects."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from musictools.datasets._campaign._happenings import PLAYLIST_DOSE, STAY_WEEKS
from musictools.datasets._world._chance import stream
from musictools.datasets._world._facts import WEEKDAY

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """What a panel is about.

    ``effect`` is a part of the unit's level, or streams for each unit of ``size`` where that is
    given (median size, and how it is spread).
    """

    kind: str
    unit: str
    level: float
    effect: float
    staggered: bool
    size: tuple[float, float] | None = None
    daily: bool = False


QUESTIONS = {
    "campaign": Question("campaign", "city", 40_000.0, 0.10, staggered=False),
    "tour": Question("tour", "city", 40_000.0, 0.30, staggered=True),
    "playlist": Question("playlist_add", "track", 1_500_000.0, PLAYLIST_DOSE, staggered=True,
                         size=(2_000_000.0, 0.8)),
    "post": Question("post", "track", 30_000.0, 0.6, staggered=True, size=(15_000.0, 0.8),
                     daily=True),
    "halo": Question("album", "track", 60_000.0, 0.25, staggered=True),
    "cannibalisation": Question("single", "track", 120_000.0, -0.15, staggered=True),
}  # fmt: skip
#: Surges of a unit: odds in a period, mean peak as a part of its level, and the rise within three
#: periods from which on it is chosen.
_SURGE_ODDS, _SURGE_PEAK, _SURGE_SEEN = 0.03, 0.8, 0.3
#: Tracks of one artist, where the event is the artist's.
TRACKS = 4


@dataclass(frozen=True)
class Asked:
    """All that was asked for."""

    question: str
    units: int
    periods: int
    treated: int
    effect: float
    size: float | None
    design: str
    family: str
    noise: float
    start: "dt.date"
    seed: int


@dataclass(frozen=True)
class Panel:
    """What came of it; arrays are (units, periods)."""

    names: list[str]
    owners: list[str]
    level: Floats
    expected: Floats
    effect: Floats
    noise: Floats
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    size: Floats


def make_panel(asked: Asked) -> Panel:
    """Settle a panel; ``first`` is the number of periods where nothing happens to a unit."""
    about = QUESTIONS[asked.question]
    group = TRACKS if asked.question == "halo" else 1
    groups = -(-asked.units // group)
    rng = stream(asked.seed, "panel")
    level = about.level * rng.lognormal(0.0, 0.5, asked.units)
    loadings = 1.0 + 0.5 * rng.standard_normal((groups, 2))
    expected = level[:, None] * (
        _factors(asked, about)[0] + np.repeat(loadings, group, axis=0)[: asked.units] @
        _factors(asked, about)[1]
    )  # fmt: skip
    surges = _surges(asked, groups)
    if surges is not None:
        expected = expected + level[:, None] * np.repeat(surges, group, axis=0)[: asked.units]
    chosen = _chosen(asked, loadings, rng)
    first = np.full(groups, asked.periods)
    first[chosen] = _starts(asked, about, len(chosen))
    if surges is not None and about.staggered:
        first[chosen] = _risen(surges[chosen])
    first = np.repeat(first, group)[: asked.units]
    size = np.where(first < asked.periods, _sizes(asked, about), np.nan)
    last = np.where(first < asked.periods, first + _stays(asked), asked.periods)
    effect = _effects(asked, about, level, (first, last, size))
    noise = level[:, None] * asked.noise * _noise(asked)
    # Streams are counted: whole, and not below zero.
    y = np.round(np.maximum(expected + effect + noise, 0.0))
    return Panel(
        names=[f"{about.unit}_{n:03d}" for n in range(1, asked.units + 1)],
        owners=[f"artist_{n // group + 1:03d}" for n in range(asked.units)],
        level=level,
        expected=expected,
        effect=effect,
        noise=y - expected - effect,
        first=first,
        last=last,
        size=size,
    )


def _factors(asked: Asked, about: Question) -> tuple[Floats, Floats]:
    """Season that all units share, and two factors that move them more or less."""
    rng = stream(asked.seed, "factors")
    t = np.arange(asked.periods)
    days = t if about.daily else 7.0 * t
    season = 0.06 * np.sin(2.0 * np.pi * (days / 365.25 + rng.random()))
    if about.daily:
        season = season + np.asarray(WEEKDAY)[t % 7] / np.mean(WEEKDAY) - 1.0
    growth = 0.25 * (t / asked.periods - 0.5)
    walk = np.cumsum(rng.standard_normal(asked.periods))
    walk = 0.04 * (walk - walk.mean()) / max(float(walk.std()), 1e-9)
    return 1.0 + season, np.vstack([growth, walk])


def _chosen(asked: Asked, loadings: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Choose whom it happens to: anybody, or above all those who were growing anyway."""
    odds = rng.random(len(loadings))
    if asked.design == "selected":
        odds = loadings[:, 0] + 0.3 * odds
    count = min(asked.treated, len(loadings))
    return np.sort(np.argsort(odds)[len(odds) - count :])


def _starts(asked: Asked, about: Question, count: int) -> npt.NDArray[np.int64]:
    rng, n = stream(asked.seed, "starts"), asked.periods
    if not about.staggered:
        return np.full(count, (2 * n) // 3)
    return rng.integers(int(0.4 * n), int(0.8 * n) + 1, count)


def _surges(asked: Asked, groups: int) -> Floats | None:
    """Draw rises and falls of each unit's own, as parts of its level, where starts follow them."""
    if asked.design != "momentum":
        return None
    rng, shape = stream(asked.seed, "surges"), (groups, asked.periods)
    shocks = (rng.random(shape) < _SURGE_ODDS) * rng.exponential(_SURGE_PEAK, shape)
    since = np.arange(asked.periods, dtype=float)
    if asked.family == "other":
        # A straight rise to a peak: what follows is not read from the last periods by a line.
        kernel = np.where(since < 5.0, since / 5.0, np.exp(-(since - 5.0) / 10.0))
    else:
        kernel = 0.85 ** (since + 1.0) - 0.6 ** (since + 1.0)
    kernel = kernel / kernel.max()
    return np.array([np.convolve(each, kernel)[: asked.periods] for each in shocks])


def _risen(surges: Floats) -> npt.NDArray[np.int64]:
    """Find the first period after a strong rise: whoever decides sees the past only."""
    n = surges.shape[1]
    low, high = int(0.4 * n), int(0.8 * n) + 1
    recent = surges[:, low - 1 : high - 1] - surges[:, low - 4 : high - 4]
    strong = recent >= _SURGE_SEEN
    at = np.where(strong.any(axis=1), strong.argmax(axis=1), recent.argmax(axis=1))
    return np.asarray(low + at, dtype=np.int64)


def _sizes(asked: Asked, about: Question) -> Floats:
    rng = stream(asked.seed, "sizes")
    median, spread = about.size or (1.0, 0.0)
    drawn = np.round(median * rng.lognormal(0.0, spread, asked.units))
    return drawn if asked.size is None else np.full(asked.units, float(asked.size))


def _stays(asked: Asked) -> npt.NDArray[np.int64]:
    """Periods for which it goes on; a playlist drops a song again, all else stays."""
    rng = stream(asked.seed, "stays")
    drawn = rng.integers(5, 16, asked.units)
    if asked.question != "playlist":
        return np.full(asked.units, asked.periods)
    return drawn if asked.family == "other" else np.full(asked.units, int(STAY_WEEKS))


def _effects(
    asked: Asked,
    about: Question,
    level: Floats,
    when: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats],
) -> Floats:
    first, last, size = when
    age = np.arange(asked.periods)[None, :] - first[:, None]
    happened = first < asked.periods
    peak = asked.effect * (level if about.size is None else np.nan_to_num(size))
    if asked.family == "other":
        # The same on average, and no two units alike.
        peak = peak * stream(asked.seed, "unequal").lognormal(-0.08, 0.4, asked.units)
    shape = _shape(asked, age.astype(float))
    there = happened[:, None] & (np.arange(asked.periods)[None, :] < last[:, None])
    effect: Floats = np.where(there, peak[:, None] * shape, 0.0)
    return effect


def _shape(asked: Asked, age: Floats) -> Floats:
    """Effect by periods since the event, 1 at its peak."""
    since, other = np.maximum(age, 0.0), asked.family == "other"
    shape = np.ones_like(age)
    if asked.question == "campaign" and other:
        shape = (1.0 - np.exp(-(since + 1.0) / 2.0)) * np.exp(-since / 40.0)
    elif asked.question == "playlist" and other:
        shape = 1.0 - 0.5 * np.exp(-since / 1.5)
    elif asked.question in {"tour", "cannibalisation"}:
        tau = 4.0 if asked.question == "tour" else 6.0
        shape = (1.0 + since / tau) * np.exp(-1.5 * since / tau) if other else np.exp(-since / tau)
    elif asked.question in {"post", "halo"}:
        power = (since + 1.0) ** -(1.2 if asked.question == "post" else 0.6)
        double = 0.8 * np.exp(-since / 2.0) + 0.2 * np.exp(-since / 12.0)
        shape = double if other else power
    result: Floats = np.where(age >= 0, shape, 0.0)
    if asked.question == "tour" and other:
        # Posters and the press come before the concert.
        result = np.where(age == -1, 0.3, result)
    return result


def _noise(asked: Asked) -> Floats:
    rng, shape = stream(asked.seed, "noise"), (asked.units, asked.periods)
    if asked.family == "own":
        return rng.standard_normal(shape)
    shocks, keep = rng.standard_t(3.0, shape) / np.sqrt(3.0), 0.5
    noise = shocks.copy()
    for t in range(1, asked.periods):
        noise[:, t] = keep * noise[:, t - 1] + np.sqrt(1.0 - keep**2) * shocks[:, t]
    return np.asarray(noise, dtype=float)


def days_of(asked: Asked) -> "pd.DatetimeIndex":
    """First days of the periods."""
    import pandas as pd

    step = "D" if QUESTIONS[asked.question].daily else "W-MON"
    return pd.date_range(asked.start, periods=asked.periods, freq=step, unit="ns")
