"""Listeners: how much they play, what they like, where they live and what they pay."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from musictools.datasets._plays._chance import stream
from musictools.datasets._plays._moments import intensities
from musictools.datasets._plays._music import Artists, choose
from musictools.datasets._plays._world import MOST_A_DAY, WHAT, ListeningWorld
from musictools.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Correlation of paying with playing much.
_PAYING = 0.5
#: Standard deviation of how much later than the others a listener lives, hours.
_CLOCK_H = 2.0
#: Spread of how much listeners search: of a beta distribution.
_SEARCHING = 4.0


@dataclass(frozen=True)
class Accounts:
    """Accounts, genuine listeners first.

    Attributes
    ----------
    plays : numpy.ndarray, shape (accounts,)
        Number of plays.
    community, market : numpy.ndarray, shape (accounts,)
        Community of taste, and place in the markets.
    premium : numpy.ndarray, shape (accounts,), bool
        Whether a fee is paid.
    tilt : numpy.ndarray, shape (accounts,)
        Towards the popular (above 0) or away from it, -1 to 1.
    late_h : numpy.ndarray, shape (accounts,)
        How much later than others the account plays.
    searching : numpy.ndarray, shape (accounts,)
        Share of sessions that are searched for.
    intensity : numpy.ndarray, shape (accounts,)
        Expected plays relative to the mean of genuine listeners.
    attack : numpy.ndarray, shape (accounts,)
        -1 for genuine listeners, else the place of the attack.
    copied : numpy.ndarray, shape (accounts,)
        The account that is copied, else -1.
    """

    plays: Ints
    community: Ints
    market: Ints
    premium: Flags
    tilt: Floats
    late_h: Floats
    searching: Floats
    intensity: Floats
    attack: Ints
    copied: Ints

    def __len__(self) -> int:
        return len(self.plays)

    def take(self, which: Ints) -> "Accounts":
        """Copy some of the accounts."""
        return Accounts(*(getattr(self, name)[which] for name in self.__dataclass_fields__))

    def join(self, other: "Accounts") -> "Accounts":
        """Put other accounts behind these."""
        names = self.__dataclass_fields__
        return Accounts(
            *(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names)
        )


def draw_accounts(
    seed: int, counts: tuple[int, int], artists: Artists, world: ListeningWorld
) -> Accounts:
    """Draw genuine listeners; ``counts`` is how many, and how much they play together."""
    users, plays = counts
    if plays > users * MOST_A_DAY * world.days:
        raise InputError(
            WHAT,
            got=f"{plays:,} plays of {users:,} users in {world.days:,} days",
            expected=f"{MOST_A_DAY} plays a day of each user at most: nobody hears more",
            hint="leave users out, or ask for more of them or for more days",
        )
    rng = stream(seed, "accounts")
    cap = MOST_A_DAY * world.days * users / max(plays, 1)
    curve = intensities(users, world.user_gini, world.lognormal_share, cap)
    community, rank, score = _communities(users, artists, world, rng)
    intensity = curve[rank]
    market = choose(artists.homes, community, rng)
    share = np.asarray([one.premium_share for one in world.markets])[market]
    chance = _PAYING * score + np.sqrt(1 - _PAYING**2) * rng.standard_normal(users)
    mean = min(max(world.active_share, 1e-6), 1 - 1e-6)
    searching = rng.beta(mean * _SEARCHING, (1 - mean) * _SEARCHING, users)
    found = Accounts(
        plays=rng.multinomial(plays, intensity / intensity.sum()),
        community=community,
        market=market,
        premium=chance > -_normal(share),
        tilt=np.zeros(users),
        late_h=rng.normal(0.0, _CLOCK_H, users),
        searching=searching if 0 < world.active_share < 1 else np.full(users, world.active_share),
        intensity=intensity,
        attack=np.full(users, -1),
        copied=np.full(users, -1),
    )
    return replace(found, tilt=_tilt(found, artists, world.popularity_ratio, world.loyalty))


def _normal(levels: Floats) -> Floats:
    from scipy import special

    scores: Floats = special.ndtri(levels)
    return scores


def _communities(
    users: int, artists: Artists, world: ListeningWorld, rng: np.random.Generator
) -> tuple[Ints, Ints, Floats]:
    """Community of each listener, rank by activity, and the rank as a normal score."""
    spread = world.community_intensity
    more = spread * rng.standard_normal(world.communities)
    width = np.sqrt(1 + spread**2)
    # So that plays of a community fit the popularity of its artists, eager ones need fewer people.
    sigma = np.sqrt(2) * _normal(np.asarray([(1 + world.user_gini) / 2]))[0]
    people = artists.community_share * np.exp(-sigma * more / width)
    community = rng.choice(world.communities, size=users, p=people / people.sum())
    drive = more[community] + rng.standard_normal(users)
    rank = np.empty(users, dtype=np.int64)
    rank[np.argsort(drive, kind="stable")] = np.arange(users)
    return community, rank, _normal((rank + 0.5) / users)


def _tilt(people: Accounts, artists: Artists, ratio: float, loyalty: float) -> Floats:
    """How far each listener leans towards the popular.

    Listener and artist are coupled by the copula of Farlie, Gumbel and Morgenstern, within each
    community: the leanings cancel out over all plays, so the popularity of each artist stays what
    it was, whatever the strength. The strength follows from the ratio that is asked for; what is
    out of reach (below about 0.5, above about 3) is met as far as it goes.
    """
    amount = people.plays.astype(np.float64)
    order = np.lexsort((amount, people.community))
    ordered, group = amount[order], people.community[order]
    edges = np.searchsorted(group, np.arange(len(artists.edges)))
    before = np.concatenate([[0.0], np.cumsum(ordered)])
    total = np.maximum(np.diff(before[edges]), 1e-300)
    lean = np.empty(len(people))
    lean[order] = 2 * (before[:-1] + ordered / 2 - before[edges][group]) / total[group] - 1
    strength = _strength(people, lean, artists, (ratio, loyalty))
    return min(max(strength, -1.0), 1.0) * lean


def _strength(
    people: Accounts, lean: Floats, artists: Artists, wanted: tuple[float, float]
) -> float:
    """How strong the coupling has to be, so that the expected popularities have that ratio."""
    ratio, loyalty = wanted
    share = artists.community_share
    lower = artists.before[artists.edges[:-1]][artists.community]
    place = (artists.before[:-1] + artists.share / 2 - lower) / share[artists.community]
    size = len(share)
    with np.errstate(invalid="ignore"):
        # Mean popularity of what a community hears, and how far a leaning moves it.
        mean = np.bincount(artists.community, artists.share**2, size) / share
        moved = np.bincount(artists.community, artists.share**2 * (1 - 2 * place), size) / share
    mean, moved = np.nan_to_num(mean), np.nan_to_num(moved)
    amount = people.plays.astype(np.float64)
    sides = []
    for side in (amount > amount.mean(), amount <= amount.mean()):
        weight = np.bincount(people.community[side], amount[side], size)
        leaning = np.bincount(people.community[side], (amount * lean)[side], size)
        if weight.sum() <= 0:
            return 0.0
        leaning, weight = leaning / weight.sum(), weight / weight.sum()
        base = loyalty * weight @ mean + (1 - loyalty) * share @ mean
        slope = loyalty * leaning @ moved + (1 - loyalty) * leaning.sum() * (share @ moved)
        sides.append((float(base), float(slope)))
    (heavy, heavy_slope), (light, light_slope) = sides
    gain = heavy_slope - ratio * light_slope
    return (ratio * light - heavy) / gain if gain > 1e-12 * light else 0.0
