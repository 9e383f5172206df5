"""Artists in communities of taste, their catalogues, and what they release on Fridays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.datasets._plays._chance import stream
from musictools.datasets._plays._moments import popularity
from musictools.datasets._plays._world import ListeningWorld

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Weeks before the story whose releases are still new when it begins.
_WEEKS_BEFORE = 26
_WEEKS_A_YEAR = 365.2425 / 7
#: Attention by age in days: a fast and a slow part, as in the label's world.
_FAST, _FAST_DAYS, _SLOW_DAYS = 0.6, 6.0, 45.0
#: Most that a week of a community's releases can draw, relative to the mean week.
_STAR_WEEK = 4.0
#: Where one listener in a community lives says where the others do.
_HOME_CONCENTRATION = 12.0
_FRIDAY = 4


@dataclass(frozen=True)
class Artists:
    """Artists in order of community, the most popular of each first.

    Attributes
    ----------
    share : numpy.ndarray, shape (artists,)
        Share of the plays; sums to 1.
    before : numpy.ndarray, shape (artists + 1,)
        Shares of all that stand before.
    community, country : numpy.ndarray, shape (artists,)
        Community, and place in the markets.
    edges : numpy.ndarray, shape (communities + 1,)
        Where each community begins.
    noise : numpy.ndarray, shape (artists,), bool
        Whether it is rain, hums and the like.
    homes : numpy.ndarray, shape (communities, markets)
        Shares of the markets in each community.
    """

    share: Floats
    before: Floats
    community: Ints
    country: Ints
    edges: Ints
    noise: Flags
    homes: Floats

    def __len__(self) -> int:
        return len(self.share)

    @property
    def community_share(self) -> Floats:
        """Share of the plays of each community."""
        found: Floats = np.diff(self.before[self.edges])
        return found


@dataclass(frozen=True)
class Recordings:
    """Recordings: the catalogue in order of artists, then what is new, by community and Friday.

    Attributes
    ----------
    artist, seconds, day : numpy.ndarray, shape (recordings,)
        Artist, length, and day of release; day 0 is the first of the story.
    first, count : numpy.ndarray, shape (artists,)
        The catalogue of each artist.
    new : int
        The first that is new.
    new_before : numpy.ndarray, shape (new + 1,)
        Popularity of all new ones that stand before.
    new_edges : numpy.ndarray, shape (communities * fridays + 1,)
        Where each community's releases of a Friday begin.
    first_friday, fridays : int
        Day number of the first Friday, and how many there are.
    ages : numpy.ndarray, shape (7 * fridays,)
        Row of each day after Friday: how likely a new release is of which week, cumulated; the
        rows stand one after the other, each one higher.
    pull : numpy.ndarray, shape (7,)
        Probability that a play on such a day is offered something new.
    taken : numpy.ndarray, shape (communities * fridays,)
        Probability that what is offered is heard: in proportion to who released it.
    """

    artist: Ints
    seconds: Ints
    day: Ints
    first: Ints
    count: Ints
    new: int
    new_before: Floats
    new_edges: Ints
    first_friday: int
    fridays: int
    ages: Floats
    pull: Floats
    taken: Floats


def draw_artists(seed: int, count: int, world: ListeningWorld) -> Artists:
    """Draw the artists."""
    rng = stream(seed, "artists")
    share = popularity(count, world.artist_gini, world.artist_top_share)
    sizes = rng.dirichlet(np.full(world.communities, 4.0))
    community = rng.choice(world.communities, size=count, p=sizes)
    order = np.lexsort((np.arange(count), community))
    share, community = share[order], community[order]
    markets = np.asarray([market.share for market in world.markets])
    markets = markets / markets.sum()
    drawn = rng.gamma(np.tile(_HOME_CONCENTRATION * markets + 1e-12, (world.communities, 1)))
    # A market without listeners has none anywhere, and every community lives somewhere.
    drawn = np.where(markets > 0, drawn + 1e-9, 0.0)
    homes = drawn / drawn.sum(axis=1, keepdims=True)
    country = choose(homes, community, rng)
    edges = np.searchsorted(community, np.arange(world.communities + 1))
    before = np.concatenate([[0.0], np.cumsum(share)])
    noise = _noise(share, world.noise_share, rng)
    return Artists(share, before, community, country, edges, noise, homes)


def choose(rows: Floats, which: Ints, rng: np.random.Generator) -> Ints:
    """Draw a column for each entry of ``which``, by the shares in that row."""
    ladder = (np.cumsum(rows, axis=1) / rows.sum(axis=1, keepdims=True)).ravel()
    ladder += np.repeat(np.arange(len(rows)), rows.shape[1])
    place = np.searchsorted(ladder, which + rng.random(len(which)), "right")
    chosen: Ints = np.clip(place - which * rows.shape[1], 0, rows.shape[1] - 1)
    return chosen


def _noise(share: Floats, wanted: float, rng: np.random.Generator) -> Flags:
    # The stars make music: one of them would use up the whole share.
    order = rng.permutation(len(share))
    order = order[share[order] <= wanted / 10]
    taken = order[np.cumsum(share[order]) <= wanted]
    noise = np.zeros(len(share), dtype=bool)
    noise[taken] = True
    return noise


def draw_recordings(seed: int, artists: Artists, world: ListeningWorld) -> Recordings:
    """Draw the catalogue and the releases."""
    rng = stream(seed, "recordings")
    n = len(artists)
    count = rng.geometric(1.0 / world.recordings_per_artist, n)
    first = np.cumsum(count) - count
    owner = np.repeat(np.arange(n), count)
    early = -7 * _WEEKS_BEFORE - 7
    day = early - np.floor(rng.exponential(5 * 365.0, len(owner))).astype(np.int64)

    friday = (_FRIDAY - world.first_day.weekday()) % 7 - 7 * _WEEKS_BEFORE
    fridays = max(1, (world.days - 1 - friday) // 7 + 1)
    odds = min(1.0, world.releases_per_year / _WEEKS_A_YEAR)
    # More than one in a week is possible: singles come with another version.
    new = int(rng.binomial(n * fridays, odds))
    who, when = rng.integers(0, n, new), rng.integers(0, fridays, new)
    order = np.lexsort((who, when, artists.community[who]))
    who, when = who[order], when[order]
    segment = artists.community[who] * fridays + when
    edges = np.searchsorted(segment, np.arange((len(artists.edges) - 1) * fridays + 1))
    before = np.concatenate([[0.0], np.cumsum(artists.share[who])])
    weight = np.repeat(artists.community_share, fridays)
    taken, offers = _taken(np.diff(before[edges]), weight)
    ages, pull = _attention(fridays, world.new_release_share * offers)
    everyone = np.concatenate([owner, who])
    return Recordings(
        artist=everyone,
        seconds=_lengths(artists.noise[everyone], rng),
        day=np.concatenate([day, friday + 7 * when]),
        first=first,
        count=count,
        new=len(owner),
        new_before=before,
        new_edges=edges,
        first_friday=friday,
        fridays=fridays,
        ages=ages,
        pull=pull,
        taken=taken,
    )


def _taken(drawing: Floats, weight: Floats) -> tuple[Floats, float]:
    """How much of what is offered is heard, and how much more has to be offered for that.

    A week in which stars release is heard more, up to a limit, than one of beginners: so new
    music is as unequal as old.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        heard = np.nan_to_num(drawing / weight, posinf=0.0)
    mean = float(weight @ heard / weight.sum())
    if mean <= 0:
        return np.zeros(len(drawing)), 0.0
    heard = np.minimum(heard / mean, _STAR_WEEK)
    return heard / heard.max(), float(heard.max() / (weight @ heard / weight.sum()))


def _lengths(noise: Flags, rng: np.random.Generator) -> Ints:
    music = np.clip(rng.lognormal(np.log(195.0), 0.25, len(noise)), 60, 900)
    hiss = rng.uniform(40, 180, len(noise))
    lengths: Ints = np.where(noise, hiss, music).astype(np.int64)
    return lengths


def _attention(weeks: int, wanted: float) -> tuple[Floats, Floats]:
    age = np.arange(7)[:, None] + 7 * np.arange(weeks)[None, :]
    drawn_to = _FAST * np.exp(-age / _FAST_DAYS) + (1 - _FAST) * np.exp(-age / _SLOW_DAYS)
    total = drawn_to.sum(axis=1)
    ladder = np.cumsum(drawn_to, axis=1) / total[:, None] + np.arange(7)[:, None]
    pull: Floats = np.minimum(wanted * total / total.mean(), 1.0)
    return ladder.ravel(), pull
