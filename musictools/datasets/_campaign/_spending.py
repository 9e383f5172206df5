"""How much is spent when: four designs, dark weeks, impressions, reach and frequency."""

import itertools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from musictools.datasets._campaign._settings import MediaChannel
from musictools.datasets._world._chance import stream

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

#: Spend of an always-on channel varies so much (standard deviation over mean).
STEADY = 0.15
#: Weight of a release's campaign.
_WEIGHT = {"single": 1.0, "album": 1.6, "deluxe": 0.8}
#: People in the market, and the exponent of the negative binomial exposure distribution.
PEOPLE, _HETEROGENEITY = 2_000_000.0, 0.6


def plan_spend(
    channel: MediaChannel, design: str, releases: list[tuple[int, str]], *, weeks: int, seed: int
) -> Floats:
    """Spend of a channel in each week, for a market of size 1.

    Parameters
    ----------
    channel : MediaChannel
        Which.
    design : str
        One of the designs.
    releases : list of (int, str)
        Week and kind of each release.
    weeks, seed : int
        How long; of this channel in this territory.
    """
    rng = stream(seed, channel.name)
    if channel.always_on or design == "always_on":
        spend = np.maximum(1.0 + STEADY * rng.standard_normal(weeks), 0.2)
    elif design == "release_driven":
        spend = _after_releases(rng, releases, weeks)
    else:
        spend = _flights(rng, weeks)
    return np.round(spend * channel.weekly_spend, 2)


def _flights(rng: np.random.Generator, weeks: int) -> Floats:
    """Flights of three to eight weeks and rests of two to seven, at a level of their own."""
    spend, at = np.zeros(weeks), int(rng.integers(0, 5))
    while at < weeks:
        length = int(rng.integers(3, 9))
        spend[at : at + length] = rng.lognormal(-0.1, 0.45)
        at += length + int(rng.integers(2, 8))
    if not spend.any():
        spend[: weeks // 3] = 1.0
    return spend * rng.lognormal(-0.02, 0.2, weeks)


def _after_releases(
    rng: np.random.Generator, releases: list[tuple[int, str]], weeks: int
) -> Floats:
    """Spend begins with a release or a week before it, and fades; a few flights besides."""
    spend = np.zeros(weeks)
    for week, kind in releases:
        first = week - int(rng.integers(0, 2))
        age = np.arange(weeks) - first
        size, fade = _WEIGHT[kind] * rng.lognormal(0.0, 0.25), rng.uniform(3.0, 6.0)
        spend += np.where((age >= 0) & (age < 10), size * np.exp(-np.maximum(age, 0) / fade), 0.0)
    for _ in range(max(1, weeks // 40)):
        at, length = int(rng.integers(0, weeks)), int(rng.integers(2, 4))
        spend[at : at + length] += rng.uniform(0.3, 0.8)
    return spend * rng.lognormal(-0.03, 0.25, weeks)


def darken(spend: Floats, count: int, seed: int) -> Floats:
    """Take so many weeks of the spend away, spread over the time."""
    dark = spend.copy()
    if count:
        rng, edges = stream(seed, "dark"), np.linspace(0, len(spend), count + 1).astype(int)
        for low, high in itertools.pairwise(edges):
            running = np.flatnonzero(spend[low:high] > 0)
            if len(running):
                dark[low + int(rng.choice(running))] = 0.0
    return dark


def media_table(
    spend: "pd.DataFrame", channels: tuple[MediaChannel, ...], sizes: dict[str, float], seed: int
) -> "pd.DataFrame":
    """Long ``spend`` table: money, impressions, and reach and frequency of radio and TV."""
    import pandas as pd

    parts = []
    for channel in channels:
        money = spend[channel.name]
        territories = _level(money, "territory")
        rng = stream(seed, f"media/{channel.name}")
        noise = rng.lognormal(0.0, 0.12, len(money))
        seen = np.round(money.to_numpy() / channel.cpm * 1_000.0 * noise)
        people = PEOPLE * np.asarray([sizes[name] for name in territories])
        each = seen / people
        reach = people * (1.0 - (1.0 + each / _HETEROGENEITY) ** -_HETEROGENEITY)
        reach = np.where(channel.broadcast, np.round(np.minimum(reach, seen)), np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            often = np.where(reach > 0, seen / reach, np.where(np.isnan(reach), np.nan, 0.0))
        parts.append(
            pd.DataFrame(
                {
                    "ds": _level(money, "ds"),
                    "channel": channel.name,
                    "territory": territories,
                    "spend": money.to_numpy(),
                    "impressions": seen,
                    "reach": reach,
                    "frequency": often,
                    "grp": np.where(channel.broadcast, 100.0 * each, np.nan),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["territory", "ds"], kind="stable").reset_index(drop=True)


def _level(values: "pd.Series", name: str) -> "pd.Index":
    import pandas as pd

    if name in values.index.names:
        return values.index.get_level_values(name)
    return pd.Index(["all"] * len(values))
