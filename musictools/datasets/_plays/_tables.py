"""Numbers made into tables: identifiers, countries, times; and who and what is behind them."""

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from musictools.datasets._plays._attacks import Attack
from musictools.datasets._plays._chance import letters
from musictools.datasets._plays._listening import Rows
from musictools.datasets._plays._plan import Plan
from musictools.datasets._plays._world import DAYS_A_MONTH

Ints = npt.NDArray[np.int64]

_TIERS = ("free", "premium")
_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("user_id", _TEXT),
        ("artist_id", _TEXT),
        ("recording_id", _TEXT),
        ("played_at", pa.timestamp("us")),
        ("seconds", pa.uint16()),
        ("country", _TEXT),
        ("tier", _TEXT),
        ("active", pa.bool_()),
        ("noise", pa.bool_()),
    ]
)
PLANTED = pa.schema([("row", pa.int64()), ("attack", _TEXT)])


class Names:
    """Identifiers of everything in a plan, as Arrow text."""

    def __init__(self, plan: Plan) -> None:
        self.user = _text(letters(len(plan.accounts), "U", plan.seed))
        artists = len(plan.artists) + len(plan.generated)
        self.artist = _text(letters(artists, "A", plan.seed))
        self.recording = _text(letters(len(plan.recordings.artist), "R", plan.seed))
        self.country = pa.array([market.country for market in plan.world.markets])
        self.tier = pa.array(_TIERS)
        self.attack = pa.array(plan.names, pa.string())


def _text(letters_of: npt.NDArray[np.uint8]) -> pa.Array:
    count, width = letters_of.shape
    ends = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(letters_of))


def arrow(plan: Plan, names: Names, parts: list[Rows]) -> pa.Table:
    """Make a table of blocks of plays; its dictionaries hold only what stands in it."""
    rows = joined(parts)
    account = plan.accounts
    return pa.table(
        [
            _coded(rows.user, names.user),
            _coded(rows.artist, names.artist),
            _coded(rows.recording, names.recording),
            pa.array(_times(plan, rows.at_s)),
            pa.array(rows.seconds),
            _coded(account.market[rows.user], names.country),
            _coded(account.premium[rows.user].astype(np.int64), names.tier),
            pa.array(rows.active),
            pa.array(rows.noise),
        ],
        schema=SCHEMA,
    )


def joined(parts: list[Rows]) -> Rows:
    """Put blocks one after the other."""
    if len(parts) == 1:
        return parts[0]
    names = Rows.__dataclass_fields__
    if not parts:
        return Rows(
            *(np.zeros(0, dtype) for dtype in "i4 i4 i4 i8 u2 ? ? i2".split())  # noqa: SIM905 - one line a type
        )
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _coded(places: npt.NDArray[np.signedinteger], values: pa.Array) -> pa.Array:
    """Make a dictionary of what occurs: a whole catalogue would outweigh the rows."""
    used = np.zeros(len(values), dtype=bool)
    used[places] = True
    code = np.cumsum(used, dtype=np.int32) - 1
    found = values.take(pa.array(np.flatnonzero(used)))
    return pa.DictionaryArray.from_arrays(pa.array(code[places], pa.int32()), found)


def planted(rows: Rows, names: Names, begin: int) -> pa.Table:
    """Which rows of the table an attack made; ``begin`` is the number of the first one."""
    which = np.flatnonzero(rows.planted >= 0)
    code = pa.array(rows.planted[which].astype(np.int32))
    attack = pa.DictionaryArray.from_arrays(code, names.attack)
    return pa.table([pa.array(which + begin), attack], schema=PLANTED)


def frame(plan: Plan, names: Names, rows: Rows) -> pd.DataFrame:
    """Make a pandas frame of all plays."""
    account = plan.accounts
    tier = account.premium[rows.user].astype(np.int8)
    return pd.DataFrame(
        {
            "user_id": _categories(rows.user, names.user),
            "artist_id": _categories(rows.artist, names.artist),
            "recording_id": _categories(rows.recording, names.recording),
            "played_at": _times(plan, rows.at_s),
            "seconds": rows.seconds,
            "country": _categories(account.market[rows.user], names.country),
            "tier": _categories(tier, names.tier),
            "active": rows.active,
            "noise": rows.noise,
        }
    )


def planted_frame(names: Names, rows: Rows) -> pd.DataFrame:
    """Make the table of :func:`planted` in pandas."""
    which = np.flatnonzero(rows.planted >= 0)
    attack = _categories(rows.planted[which], names.attack)
    return pd.DataFrame({"row": which.astype(np.int64), "attack": attack})


def _times(plan: Plan, at_s: Ints) -> npt.NDArray[np.datetime64]:
    origin = np.datetime64(plan.world.start, "us")
    moments: npt.NDArray[np.datetime64] = origin + at_s.astype("timedelta64[s]")
    return moments.astype("datetime64[us]")


def _categories(places: npt.NDArray[np.signedinteger], values: pa.Array) -> pd.Categorical:
    return pd.Categorical.from_codes(places, categories=pd.Index(values.to_pandas()))


def _community(number: Ints) -> pd.Series:
    named = pd.Series([f"C{n + 1:02d}" for n in range(int(number.max(initial=-1)) + 1)], dtype=str)
    return named.reindex(number).reset_index(drop=True)


def users(plan: Plan, names: Names) -> pd.DataFrame:
    """Accounts, with what is hidden about them."""
    people, world = plan.accounts, plan.world
    level = np.asarray([market.price_level for market in world.markets])[people.market]
    months = world.days / DAYS_A_MONTH
    paid = world.premium_price_usd * months
    kind = np.where(people.copied >= 0, "copy", np.where(people.attack >= 0, "robot", "genuine"))
    offset = np.asarray([market.utc_offset_h for market in world.markets])
    return pd.DataFrame(
        {
            "user_id": names.user.to_pandas(),
            "country": names.country.take(pa.array(people.market)).to_pandas(),
            "tier": names.tier.take(pa.array(people.premium.astype(np.int64))).to_pandas(),
            "fee": level * np.where(people.premium, paid, world.ad_usd_per_play * people.plays),
            "kind": kind.astype(str),
            "community": _community(people.community),
            "intensity": people.intensity,
            "plays": people.plays,
            "utc_offset_h": offset[people.market],
        }
    )


def artists(plan: Plan, names: Names) -> pd.DataFrame:
    """Artists, those of generated music last."""
    known, made = plan.artists, len(plan.generated)
    countries = names.country.take(pa.array(known.country)).to_pandas()
    return pd.DataFrame(
        {
            "artist_id": names.artist.to_pandas(),
            "community": _community(np.concatenate([known.community, np.full(made, -1)])),
            "country": countries.reindex(range(len(known) + made)),
            "popularity": np.concatenate([known.share, np.full(made, np.nan)]),
            "noise": np.concatenate([known.noise, np.zeros(made, dtype=bool)]),
            "kind": ["human"] * len(known) + ["generated"] * made,
        }
    )


def recordings(plan: Plan, names: Names) -> pd.DataFrame:
    """List recordings: the catalogue, what is new, what is generated, and pieces of sliced ones."""
    music = plan.recordings
    n = len(music.artist)
    kind = np.full(n, "catalogue", dtype=object)
    released = music.new + len(music.new_before) - 1
    kind[music.new : released] = "new"
    kind[released:] = np.where(music.artist[released:] >= len(plan.artists), "generated", "piece")
    noise = np.concatenate([plan.artists.noise, np.zeros(len(plan.generated), dtype=bool)])
    origin = np.datetime64(plan.world.start, "D")
    return pd.DataFrame(
        {
            "recording_id": names.recording.to_pandas(),
            "artist_id": names.artist.take(pa.array(music.artist)).to_pandas(),
            "duration_s": music.seconds.astype(np.float64),
            "released_on": (origin + music.day).astype("datetime64[us]"),
            "noise": noise[music.artist],
            "kind": kind.astype(str),
        }
    )


class Tally:
    """Counts of what was planted, block by block."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        size = len(plan.names)
        self.planted, self.on_target = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self.added = np.zeros(size, np.int64)
        self._target = np.full(len(plan.artists) + len(plan.generated), -1)
        for index, chosen in plan.targets.items():
            self._target[chosen] = index
        self._head = np.zeros(len(plan.recordings.artist), dtype=bool)
        for _, first in plan.pieces.values():
            self._head[first[first >= 0]] = True

    def add(self, rows: Rows) -> None:
        """Count a block."""
        if not self._plan.names:
            return
        which = np.flatnonzero(rows.planted >= 0)
        attack = rows.planted[which].astype(np.int64)
        size = len(self.planted)
        self.planted += np.bincount(attack, minlength=size)
        meant = self._target[rows.artist[which]] == attack
        self.on_target += np.bincount(attack[meant], minlength=size)
        extra = self._plan.accounts.attack[rows.user[which]] == attack
        for index in self._plan.pieces:
            extra[attack == index] = ~self._head[rows.recording[which[attack == index]]]
        self.added += np.bincount(attack[extra], minlength=size)


def truth(
    plan: Plan, names: Names, attacks: Iterable[Attack], tally: Tally
) -> dict[str, pd.DataFrame]:
    """Say who cheats how: one table of attacks, one of accounts and one of targets."""
    people = plan.accounts
    which = np.flatnonzero(people.attack >= 0)
    label = pd.Series(plan.names, dtype=str)
    user = pd.Series(names.user.to_pandas())
    summary = pd.DataFrame(
        {
            "attack": label,
            "accounts": np.bincount(people.attack[which], minlength=len(label)),
            "planted_plays": tally.planted,
            "plays_on_target": tally.on_target,
            "added_plays": tally.added,
            "settings": pd.Series([str(asdict(attack)) for attack in attacks], dtype=str),
        }
    )
    accounts = pd.DataFrame(
        {
            "user_id": user.to_numpy()[which],
            "attack": label.to_numpy()[people.attack[which]],
            "copied_user_id": user.reindex(people.copied[which]).to_numpy(),
        }
    )
    chosen = [(index, int(artist)) for index, own in plan.targets.items() for artist in own]
    artist = names.artist.to_pandas().to_numpy()
    targets = pd.DataFrame(
        [(plan.names[index], artist[place]) for index, place in chosen],
        columns=["attack", "artist_id"],
        dtype=str,
    )
    return {"attacks": summary, "users": accounts, "targets": targets}
