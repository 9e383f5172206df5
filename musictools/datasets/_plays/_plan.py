"""Everything that is settled before the first play: people, music, and who cheats how."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from musictools.datasets._plays._accounts import Accounts, draw_accounts
from musictools.datasets._plays._attacks import (
    AIDilution,
    Attack,
    BotFarm,
    CopyingFarm,
    PlaylistPayola,
    TrackSlicing,
    names_of,
)
from musictools.datasets._plays._chance import stream
from musictools.datasets._plays._music import Artists, Recordings, draw_artists, draw_recordings
from musictools.datasets._plays._world import WHAT, ListeningWorld
from musictools.errors import InputError

Ints = npt.NDArray[np.int64]

_MOST_A_DAY = 2_160


@dataclass(frozen=True)
class Swap:
    """Plays of genuine listeners, or of copies of them, that go to a target instead.

    Attributes
    ----------
    attack : int
        Place of the attack.
    plays : numpy.ndarray, shape (listening accounts,)
        How many plays of each account, exactly.
    targets : numpy.ndarray
        Recordings that are put in.
    """

    attack: int
    plays: Ints
    targets: Ints


@dataclass(frozen=True)
class Plan:
    """A simulation that is settled and not yet carried out.

    Attributes
    ----------
    seed : int
        Seed.
    world : ListeningWorld
        How it all behaves.
    names : list of str
        Names of the attacks.
    artists : Artists
        Artists who are people.
    recordings : Recordings
        All recordings: those of people, generated ones, and pieces of sliced ones.
    accounts : Accounts
        Genuine listeners, copies of them, robots.
    genuine, listening : int
        How many of the accounts are genuine, and how many play like people.
    generated : numpy.ndarray, shape (generated artists,)
        The attack that each generated artist belongs to.
    swaps : tuple of Swap
        What is heard in place of something else.
    robots : dict of int to numpy.ndarray
        Recordings that the robots of an attack play.
    pieces : dict of int to tuple of int and numpy.ndarray
        For a slicing attack, length of a piece and, for each recording, its first piece or -1.
    targets : dict of int to numpy.ndarray
        Artists that each attack is made for.
    """

    seed: int
    world: ListeningWorld
    names: list[str]
    artists: Artists
    recordings: Recordings
    accounts: Accounts
    genuine: int
    listening: int
    generated: Ints
    swaps: tuple[Swap, ...]
    robots: dict[int, Ints]
    pieces: dict[int, tuple[int, Ints]]
    targets: dict[int, Ints]


def settle(
    seed: int,
    counts: tuple[int, int, int],
    world: ListeningWorld,
    attacks: tuple[Attack, ...],
) -> Plan:
    """Draw people and music; ``counts`` are plays, users and artists."""
    plays, users, artists = counts
    music = draw_artists(seed, artists, world)
    people = draw_accounts(seed, (users, plays), music, world)
    plan = Plan(
        seed=seed,
        world=world,
        names=names_of(attacks),
        artists=music,
        recordings=draw_recordings(seed, music, world),
        accounts=people,
        genuine=users,
        listening=users,
        generated=np.zeros(0, dtype=np.int64),
        swaps=(),
        robots={},
        pieces={},
        targets=_targets(seed, music, attacks),
    )
    # Copies of listeners come before robots, since they play like people.
    for index, attack in enumerate(attacks):
        if isinstance(attack, CopyingFarm):
            plan = _copies(plan, index, attack)
    plan = replace(plan, listening=len(plan.accounts))
    for index, attack in enumerate(attacks):
        if isinstance(attack, BotFarm):
            plan = _bots(plan, index, attack)
        elif isinstance(attack, PlaylistPayola):
            plan = _payola(plan, index, attack)
        elif isinstance(attack, AIDilution):
            plan = _dilution(plan, index, attack)
        elif isinstance(attack, TrackSlicing):
            plan = _slices(plan, index, attack)
    return plan


def _targets(seed: int, artists: Artists, attacks: tuple[Attack, ...]) -> dict[int, Ints]:
    """Artists of each attack, none of them twice: the truth would be ambiguous."""
    order = np.argsort(-artists.share, kind="stable")
    small = stream(seed, "targets").permutation(order[len(order) // 2 :])
    anyone = stream(seed, "slicers").permutation(len(artists))
    found: dict[int, Ints] = {}
    taken = np.zeros(len(artists), dtype=bool)
    for index, attack in enumerate(attacks):
        if isinstance(attack, AIDilution):
            continue
        pool = anyone if isinstance(attack, TrackSlicing) else small
        free = pool[~taken[pool]]
        if len(free) < attack.artists:
            raise InputError(
                WHAT,
                got=f"{type(attack).__name__}(artists={attack.artists:,}) and {len(free):,} artists"
                " that no other attack is for",
                expected="as many artists as the attacks need; most choose in the lower half",
                hint="ask for more artists",
            )
        found[index] = np.sort(free[: attack.artists])
        taken[found[index]] = True
    return found


def _catalogue(plan: Plan, artists: Ints) -> Ints:
    """List recordings that these artists had released before the story began."""
    first, count = plan.recordings.first[artists], plan.recordings.count[artists]
    return np.concatenate([np.arange(a, a + n) for a, n in zip(first, count, strict=True)])


def _copies(plan: Plan, index: int, attack: CopyingFarm) -> Plan:
    rng = stream(plan.seed, f"copies {index}")
    played = np.flatnonzero(plan.accounts.plays[: plan.genuine])
    if not len(played):
        raise InputError(
            WHAT,
            got="no listener whom a CopyingFarm could copy",
            expected="some genuine plays",
            hint="plays=10_000",
        )
    model = rng.choice(played, size=attack.accounts, replace=attack.accounts > len(played))
    copies = plan.accounts.take(model)
    copies = replace(copies, attack=np.full(len(model), index), copied=model)
    accounts = plan.accounts.join(copies)
    # To a whole number, up or down, so that the share holds over all of them.
    number = np.floor(copies.plays * attack.share + rng.random(len(model))).astype(np.int64)
    swapped = np.zeros(len(accounts), dtype=np.int64)
    swapped[len(plan.accounts) :] = np.minimum(number, copies.plays)
    swap = Swap(index, swapped, _catalogue(plan, plan.targets[index]))
    return replace(plan, accounts=accounts, swaps=(*plan.swaps, swap))


def _free(plan: Plan) -> Ints:
    """How many plays of each listening account nobody has put in."""
    free = plan.accounts.plays[: plan.listening].copy()
    for swap in plan.swaps:
        free[: len(swap.plays)] -= swap.plays
    free[plan.genuine :] = 0
    return free


def _payola(plan: Plan, index: int, attack: PlaylistPayola) -> Plan:
    rng = stream(plan.seed, f"payola {index}")
    if attack.listeners > plan.genuine:
        raise InputError(
            WHAT,
            got=f"PlaylistPayola(listeners={attack.listeners:,}) among {plan.genuine:,} users",
            expected="no more listeners than there are",
            hint=f"listeners={plan.genuine}",
        )
    followers = rng.choice(plan.genuine, size=attack.listeners, replace=False)
    plays = plan.accounts.plays[followers]
    number = np.floor(plays * attack.share + rng.random(len(followers))).astype(np.int64)
    swapped = np.zeros(plan.listening, dtype=np.int64)
    swapped[followers] = np.minimum(number, _free(plan)[followers])
    swap = Swap(index, swapped, _catalogue(plan, plan.targets[index]))
    return replace(plan, swaps=(*plan.swaps, swap))


def _bots(plan: Plan, index: int, attack: BotFarm) -> Plan:
    each = attack.plays_per_day * plan.world.days
    counts = np.full(attack.accounts, each, dtype=np.int64)
    return _with_robots(
        plan, index, counts, _catalogue(plan, plan.targets[index]), attack.tier == "premium"
    )


def _with_robots(plan: Plan, index: int, counts: Ints, targets: Ints, premium: bool) -> Plan:  # noqa: FBT001 - private
    rng = stream(plan.seed, f"robots {index}")
    share = np.asarray([market.share for market in plan.world.markets])
    n = len(counts)
    mean = max(plan.accounts.plays[: plan.genuine].mean(), 1e-9)
    robots = Accounts(
        plays=counts,
        community=np.full(n, -1),
        market=rng.choice(len(share), size=n, p=share / share.sum()),
        premium=np.full(n, premium),
        tilt=np.zeros(n),
        late_h=np.zeros(n),
        searching=np.zeros(n),
        intensity=counts / mean,
        attack=np.full(n, index),
        copied=np.full(n, -1),
    )
    return replace(
        plan, accounts=plan.accounts.join(robots), robots={**plan.robots, index: targets}
    )


def _dilution(plan: Plan, index: int, attack: AIDilution) -> Plan:
    rng = stream(plan.seed, f"dilution {index}")
    plays = int(plan.accounts.plays[: plan.genuine].sum())
    heard_share = 1.0 - attack.fraudulent
    # Listeners hear it in place of music by people, so that there is less of that.
    total = round(attack.share * plays / (1.0 + attack.share * heard_share))
    free = _free(plan)
    heard = min(round(heard_share * total), int(free.sum()))
    bought = total - heard if attack.fraudulent > 0 else 0
    if bought > attack.accounts * _MOST_A_DAY * plan.world.days:
        raise InputError(
            WHAT,
            got=f"{bought:,} bought plays of {attack.accounts:,} accounts",
            expected=f"{_MOST_A_DAY:,} plays a day of each account at most",
            hint=f"AIDilution(accounts={-(-bought // (600 * plan.world.days))})",
        )
    plan, targets = _generated(plan, index, attack)
    swap = Swap(index, rng.multivariate_hypergeometric(free, heard, method="marginals"), targets)
    plan = replace(plan, swaps=(*plan.swaps, swap))
    if attack.fraudulent == 0:
        return plan
    even = np.full(attack.accounts, 1.0 / attack.accounts)
    return _with_robots(
        plan, index, rng.multinomial(bought, even), targets, attack.tier == "premium"
    )


def _generated(plan: Plan, index: int, attack: AIDilution) -> tuple[Plan, Ints]:
    rng = stream(plan.seed, f"generated {index}")
    begin = len(plan.artists) + len(plan.generated)
    owner = np.repeat(np.arange(begin, begin + attack.artists), attack.tracks_per_artist)
    lengths = np.clip(rng.normal(150.0, 25.0, len(owner)), 60, 300).astype(np.int64)
    released = -rng.integers(1, 180, len(owner))
    targets = np.arange(len(owner)) + len(plan.recordings.artist)
    recordings = _longer(plan.recordings, owner, lengths, released)
    generated = np.concatenate([plan.generated, np.full(attack.artists, index)])
    own = {**plan.targets, index: np.arange(begin, begin + attack.artists)}
    return replace(plan, recordings=recordings, generated=generated, targets=own), targets


def _longer(known: Recordings, artist: Ints, seconds: Ints, day: Ints) -> Recordings:
    return replace(
        known,
        artist=np.concatenate([known.artist, artist]),
        seconds=np.concatenate([known.seconds, seconds]),
        day=np.concatenate([known.day, day]),
    )


def _slices(plan: Plan, index: int, attack: TrackSlicing) -> Plan:
    known = plan.recordings
    whole = np.flatnonzero(np.isin(known.artist, plan.targets[index]))
    number = -(-known.seconds[whole] // attack.piece_s)
    begin = len(known.artist) + np.cumsum(number) - number
    first = np.full(len(known.artist), -1, dtype=np.int64)
    first[whole] = begin
    parent = np.repeat(whole, number)
    place = np.arange(len(parent)) - np.repeat(np.cumsum(number) - number, number)
    length = np.minimum(attack.piece_s, known.seconds[parent] - place * attack.piece_s)
    recordings = _longer(known, known.artist[parent], length, known.day[parent])
    pieces = {**plan.pieces, index: (attack.piece_s, first)}
    return replace(plan, recordings=recordings, pieces=pieces)
