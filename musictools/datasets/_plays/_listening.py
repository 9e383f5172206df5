"""Every play of a block of accounts: sessions, choices, seconds; in arrays, with no loop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from musictools.datasets._plays._attacks import COUNTED_S, ROBOT_S
from musictools.datasets._plays._chance import stream, unit
from musictools.datasets._plays._plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Rows that share one generator of chance. Another number gives another simulation.
BLOCK_ROWS = 1 << 18
#: How many favourites a listener has.
_FAVOURITES = 50
#: Power that puts 24.14 % of plays below five seconds where 35.05 % are below thirty.
_SKIP_POWER = 5.3
_DAY_S = 86_400
#: Relative listening by hour of the local day, midnight first, and by weekday, Monday first.
HOURS = np.array(
    [
        *(1.9, 1.2, 0.8, 0.6, 0.6, 1.0, 2.2, 4.0, 5.0, 4.8, 4.6, 4.7),
        *(5.0, 5.0, 5.0, 5.2, 5.7, 6.4, 6.5, 6.2, 5.9, 5.3, 4.3, 3.0),
    ]
)
WEEKDAYS = np.array([0.98, 0.99, 1.0, 1.01, 1.08, 1.03, 0.91])


@dataclass(frozen=True)
class Rows:
    """Plays as numbers.

    Attributes
    ----------
    user, artist, recording : numpy.ndarray of int32
        Places in the accounts, the artists and the recordings.
    at_s : numpy.ndarray of int64
        Seconds from the first day's midnight, UTC.
    seconds : numpy.ndarray of uint16
        Seconds heard.
    active, noise : numpy.ndarray of bool
        Searched for; of noise.
    planted : numpy.ndarray of int16
        Place of the attack, -1 where the play is genuine.
    """

    user: npt.NDArray[np.int32]
    artist: npt.NDArray[np.int32]
    recording: npt.NDArray[np.int32]
    at_s: Ints
    seconds: npt.NDArray[np.uint16]
    active: npt.NDArray[np.bool_]
    noise: npt.NDArray[np.bool_]
    planted: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.user)


def blocks(plan: Plan) -> Iterator[Callable[[], Rows]]:
    """Give the work in the order of its rows; each part can be done anywhere, at any time."""
    bounds = {"genuine": (0, plan.genuine), "copies": (plan.genuine, plan.listening)}
    for group, (begin, end) in bounds.items():
        for number, (a, b) in enumerate(_split(plan.accounts.plays[begin:end])):
            yield partial(_listen, plan, (begin + a, begin + b), stream_of=(group, number))
    begin = plan.listening
    for index in plan.robots:
        own = begin + int((plan.accounts.attack[begin:] == index).sum())
        for number, (a, b) in enumerate(_split(plan.accounts.plays[begin:own])):
            yield partial(
                _robots, plan, (begin + a, begin + b), stream_of=(f"robots {index}", number)
            )
        begin = own


def _split(plays: Ints) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(plays)
    total = int(ends[-1]) if len(ends) else 0
    marks = np.arange(BLOCK_ROWS, total + BLOCK_ROWS, BLOCK_ROWS)
    edges = np.unique(np.concatenate([[0], np.searchsorted(ends, np.minimum(marks, total)) + 1]))
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def _listen(plan: Plan, span: tuple[int, int], *, stream_of: tuple[str, int]) -> Rows:
    rng = stream(plan.seed, *stream_of)
    begin, end = span
    plays = plan.accounts.plays[begin:end]
    local = np.repeat(np.arange(end - begin), plays)
    user = local + begin
    heads, start_s = _sessions(plan, begin, local, rng)
    session = np.cumsum(heads) - 1
    place = np.flatnonzero(heads)
    wanted = rng.random(len(place)) < plan.accounts.searching[user[place]]
    recording, fallback = _choices(plan, user, start_s[session] // _DAY_S, rng)
    planted = np.full(len(user), -1, dtype=np.int16)
    heard = _heard(plan, recording, rng)
    # What listeners hear instead comes after the clock is set, so that an attack changes only
    # the plays that it replaces: with and without it can be compared play by play.
    swapped = _swapped(plan, span, local, (recording, planted), stream_of[1])
    if stream_of[0] == "copies":
        heard = np.where(planted >= 0, np.maximum(heard, COUNTED_S + 1), heard)
        heard = np.minimum(heard, plan.recordings.seconds[swapped])
        planted = plan.accounts.attack[user].astype(np.int16)
    at_s = _clock(plan, local, heard, (heads, session, start_s))
    # A session that was moved may begin before the Friday of a release.
    early = at_s < plan.recordings.day[swapped] * _DAY_S
    swapped = np.where(early, fallback, swapped)
    heard = np.minimum(heard, plan.recordings.seconds[swapped])
    rows = _rows(plan, (user, swapped, at_s, heard), wanted[session], planted)
    for index, (piece_s, first) in plan.pieces.items():
        rows = _sliced(plan, rows, index, piece_s, first)
    return rows


def _sessions(
    plan: Plan, begin: int, local: Ints, rng: np.random.Generator
) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Which plays begin a session, and when each session was meant to begin, in order."""
    world = plan.world
    heads = rng.random(len(local)) < 1.0 / world.session_tracks
    heads[:1] = True
    heads[1:] |= local[1:] != local[:-1]
    who = local[heads]
    weekday = (world.first_day.weekday() + np.arange(world.days)) % 7
    ladder = np.cumsum(WEEKDAYS[weekday])
    day = np.searchsorted(ladder, rng.random(len(who)) * ladder[-1], "right")
    day = np.minimum(day, world.days - 1)
    hours = np.concatenate([[0.0], np.cumsum(HOURS) / HOURS.sum()])
    clock_h = np.interp(rng.random(len(who)), hours, np.arange(25.0))
    clock_h = (clock_h + plan.accounts.late_h[who + begin]) % 24.0
    offset_h = np.asarray([market.utc_offset_h for market in world.markets])
    clock_h -= offset_h[plan.accounts.market[who + begin]]
    # What falls before the first or after the last moment is heard at the other end.
    start_s = (day * _DAY_S + clock_h * 3600.0).astype(np.int64) % world.end_s
    key = who * world.end_s + start_s
    key.sort()
    return heads, key - who * world.end_s


def _clock(
    plan: Plan,
    local: Ints,
    heard: Ints,
    sessions: tuple[npt.NDArray[np.bool_], Ints, Ints],
) -> Ints:
    """Begin each play when the one before it has ended: nobody hears two at once."""
    heads, _, start_s = sessions
    place = np.flatnonzero(heads)
    if not len(place):
        return np.zeros(0, dtype=np.int64)
    spent = np.cumsum(heard + 1)
    before = spent - heard - 1
    who = local[place]
    # Seconds heard by this listener before this session, and in all.
    newcomer = np.concatenate([[True], who[1:] != who[:-1]])
    owner = np.cumsum(newcomer) - 1
    origin = before[place[newcomer]]
    done = before[place] - origin[owner]
    total = np.diff(np.concatenate([origin, spent[-1:]]))[owner]
    # One after the other: a running maximum of what is left after taking out what was heard. The
    # listeners are kept apart by more than any of them can be late.
    apart = owner * (plan.world.end_s + int(total.max()) + 1)
    begin = np.maximum.accumulate(start_s - done + apart) - apart + done
    begin = np.minimum(begin, plan.world.end_s - (total - done))
    begin = np.maximum(begin, 0)
    at_s: Ints = np.repeat(begin - before[place], np.diff(np.append(place, len(local)))) + before
    return np.minimum(at_s, plan.world.end_s - 1)


def _choices(plan: Plan, user: Ints, day: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Choose the recording of each play, and one of the same artist's catalogue in its stead."""
    n = len(user)
    taste, turn = rng.random(n), rng.random(n)
    again = np.flatnonzero(rng.random(n) < plan.world.favourite_share)
    # A favourite is the same choice each time, the first ones more often.
    slot = np.floor(_FAVOURITES ** rng.random(len(again))).astype(np.uint64) - np.uint64(1)
    word = (user[again].astype(np.uint64) * np.uint64(64) + slot) * np.uint64(2)
    word += np.uint64(plan.seed % 2**16) << np.uint64(44)
    taste[again], turn[again] = unit(word), unit(word + np.uint64(1))
    community = plan.accounts.community[user]
    loyal = plan.world.loyalty
    away = np.flatnonzero(turn >= loyal)
    if len(away):
        ladder = np.cumsum(plan.artists.community_share)
        spot = (turn[away] - loyal) / (1.0 - loyal) * ladder[-1]
        community[away] = np.minimum(np.searchsorted(ladder, spot, "right"), len(ladder) - 1)
    tilt = plan.accounts.tilt[user]
    level = 2 * taste / (1 + tilt + np.sqrt((1 + tilt) ** 2 - 4 * tilt * taste))
    artist = _at(plan.artists.before, plan.artists.edges, community, level)
    music = plan.recordings
    which = np.floor((music.count[artist] + 1.0) ** rng.random(n)).astype(np.int64) - 1
    fallback = music.first[artist] + np.minimum(which, music.count[artist] - 1)
    recording = fallback.copy()
    fresh = np.flatnonzero(rng.random(n) < music.pull[(day - music.first_friday) % 7])
    if len(fresh):
        chance = rng.random((2, len(fresh)))
        found = _new(plan, (community[fresh], day[fresh]), level[fresh], chance)
        there = found >= 0
        recording[fresh[there]] = found[there]
        owner = music.artist[found[there]]
        fallback[fresh[there]] = music.first[owner]
    return recording, fallback


def _at(before: Floats, edges: Ints, part: Ints, level: Floats) -> Ints:
    """Place in a part of a ladder at a level from 0 to 1 of that part."""
    low, high = before[edges[part]], before[edges[part + 1]]
    place = np.searchsorted(before, low + level * (high - low), "right") - 1
    held: Ints = np.clip(place, edges[part], edges[part + 1] - 1)
    return held


def _new(plan: Plan, where: tuple[Ints, Ints], level: Floats, chance: Floats) -> Ints:
    """Choose what came out on some Friday and is heard now; -1 where nothing is."""
    music = plan.recordings
    community, day = where
    since = day - music.first_friday
    row = since % 7
    weeks = np.searchsorted(music.ages, row + chance[0], "right") - row * music.fridays
    friday = since // 7 - weeks
    part = community * music.fridays + np.maximum(friday, 0)
    some = (friday >= 0) & (chance[1] < music.taken[part])
    found = np.full(len(day), -1, dtype=np.int64)
    found[some] = music.new + _at(music.new_before, music.new_edges, part[some], level[some])
    return found


def _heard(plan: Plan, recording: Ints, rng: np.random.Generator) -> Ints:
    length = plan.recordings.seconds[recording]
    how, part = rng.random(len(recording)), rng.random(len(recording))
    heard = length.copy()
    skipped = np.flatnonzero(how < plan.world.skip_share)
    heard[skipped] = (1.0 + (COUNTED_S - 1.0) * part[skipped] ** _SKIP_POWER).astype(np.int64)
    over = plan.world.skip_share + plan.world.cut_share
    cut = np.flatnonzero((how >= plan.world.skip_share) & (how < over))
    heard[cut] = (COUNTED_S + part[cut] * (length[cut] - COUNTED_S)).astype(np.int64)
    return heard


def _swapped(
    plan: Plan,
    span: tuple[int, int],
    local: Ints,
    rows: tuple[Ints, npt.NDArray[np.int16]],
    number: int,
) -> Ints:
    """Put targets in place of what was chosen, and mark them."""
    recording, planted = rows[0].copy(), rows[1]
    for swap in plan.swaps:
        wanted = np.zeros(span[1] - span[0], dtype=np.int64)
        here = swap.plays[span[0] : span[1]]
        wanted[: len(here)] = here
        if not wanted.any():
            continue
        rng = stream(plan.seed, f"swap {swap.attack} {span[0] >= plan.genuine}", number)
        rows_at = np.flatnonzero((wanted[local] > 0) & (planted < 0))
        order = rows_at[np.argsort(local[rows_at] + rng.random(len(rows_at)), kind="stable")]
        who = local[order]
        first = np.searchsorted(who, who, "left")
        chosen = order[np.arange(len(who)) - first < wanted[who]]
        recording[chosen] = swap.targets[rng.integers(0, len(swap.targets), len(chosen))]
        planted[chosen] = swap.attack
    return recording


def _sliced(plan: Plan, rows: Rows, index: int, piece_s: int, first: Ints) -> Rows:
    # Pieces that another attack added are none of this one's recordings.
    whole = np.minimum(rows.recording, len(first) - 1)
    start = np.where(rows.recording < len(first), first[whole], -1)
    number = np.where(start >= 0, -(-rows.seconds.astype(np.int64) // piece_s), 1)
    source = np.repeat(np.arange(len(rows)), number)
    piece = np.arange(len(source)) - np.repeat(np.cumsum(number) - number, number)
    cut = start[source] >= 0
    seconds = rows.seconds.astype(np.int64)[source]
    seconds = np.where(cut, np.minimum(piece_s, seconds - piece * piece_s), seconds)
    recording = np.where(cut, start[source] + piece, rows.recording[source])
    at_s = np.minimum(rows.at_s[source] + piece * piece_s, plan.world.end_s - 1)
    # What a fake account plays stays a matter of that account.
    planted = rows.planted[source]
    planted = np.where(cut & (planted < 0), np.int16(index), planted)
    values = (rows.user[source].astype(np.int64), recording, at_s, seconds)
    return _rows(plan, values, rows.active[source], planted)


def _robots(plan: Plan, span: tuple[int, int], *, stream_of: tuple[str, int]) -> Rows:
    """Evenly round the clock, as a loop does it, and each track just long enough to count."""
    rng = stream(plan.seed, *stream_of)
    plays = plan.accounts.plays[span[0] : span[1]]
    local = np.repeat(np.arange(len(plays)), plays)
    user = local + span[0]
    turn = np.arange(len(local)) - np.repeat(np.cumsum(plays) - plays, plays)
    at_s = ((turn + rng.random(len(local))) * (plan.world.end_s / plays[local])).astype(np.int64)
    index = int(plan.accounts.attack[span[0]])
    targets = plan.robots[index]
    recording = targets[rng.integers(0, len(targets), len(local))]
    heard = rng.integers(ROBOT_S[0], ROBOT_S[1] + 1, len(local))
    heard = np.minimum(heard, plan.recordings.seconds[recording])
    planted = np.full(len(local), index, dtype=np.int16)
    return _rows(plan, (user, recording, at_s, heard), np.zeros(len(local), dtype=bool), planted)


def _rows(
    plan: Plan,
    values: tuple[Ints, Ints, Ints, Ints],
    active: npt.NDArray[np.bool_],
    planted: npt.NDArray[np.int16],
) -> Rows:
    user, recording, at_s, heard = values
    artist = plan.recordings.artist[recording]
    human = np.minimum(artist, len(plan.artists) - 1)
    noise = plan.artists.noise[human] & (artist < len(plan.artists))
    return Rows(
        user=user.astype(np.int32),
        artist=artist.astype(np.int32),
        recording=recording.astype(np.int32),
        at_s=at_s,
        seconds=heard.astype(np.uint16),
        active=active,
        noise=noise,
        planted=planted.astype(np.int16),
    )
