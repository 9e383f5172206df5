"""Plays of a whole streaming service, made to order, with the truth about every account."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools import _workers
from musictools._card import Card, Table
from musictools._checks import check_number, generator
from musictools._counts import counted
from musictools._version import __version__
from musictools.datasets._plays import _carry_out, _tables
from musictools.datasets._plays._attacks import Attack, check_attacks
from musictools.datasets._plays._plan import Plan, settle
from musictools.datasets._plays._world import (
    DAYS_A_MONTH,
    WHAT,
    ListeningWorld,
    check_world,
)
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SimulatedPlays", "simulate_plays"]

_MOST_PLAYS = 999_999_999
#: HetRec has 17,632 artists for 1,892 users; vocabularies grow with the root of a text (Heaps).
_ARTISTS_PER_ROOT = 405.0


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedPlays(Card):
    """Plays of a simulated service, and everything that is known about them.

    Attributes
    ----------
    plays : pandas.DataFrame or duckdb.DuckDBPyRelation
        The ``plays`` table: user_id, artist_id, recording_id, played_at (UTC), seconds, country,
        tier, active (searched for by the listener), noise (rain, hums and the like). Rows stand by
        account, then by time; those of bots come last. A relation on the file where one was
        written.
    users : pandas.DataFrame
        Accounts, those without plays too: user_id, country, tier, fee (US dollars that come in for
        the account over all the days: its fee, or what advertising pays for a free one), kind
        (``genuine``, ``copy`` or ``robot``), community, intensity (expected plays relative to
        the mean), plays (as many as there were before songs were sliced), utc_offset_h (local time
        less UTC).
    artists : pandas.DataFrame
        artist_id, community, country, popularity (expected share of genuine plays), noise, kind
        (``human`` or ``generated``).
    recordings : pandas.DataFrame
        recording_id, artist_id, duration_s, released_on, noise, kind (``catalogue``, ``new``,
        ``generated`` or ``piece``).
    truth : dict of str to table
        ``attacks`` (attack, accounts, planted_plays, plays_on_target, added_plays, settings),
        ``users`` (user_id, attack, copied_user_id), ``targets`` (attack, artist_id) and
        ``plays`` (row, attack): numbers of the rows of ``plays`` that an attack made, all
        plays of its accounts among them. The last one is a relation where ``plays`` is.
    path : pathlib.Path or None
        The folder that was written.
    provenance : dict
        What made it.

    See Also
    --------
    simulate_plays : Makes one.
    """

    plays: Any
    users: "pd.DataFrame"
    artists: "pd.DataFrame"
    recordings: "pd.DataFrame"
    truth: dict[str, Any]
    path: Path | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def n_plays(self) -> int:
        """Number of rows of ``plays``, planted ones among them."""
        return int(self.provenance["rows"])

    def _verdict(self) -> str:
        attacks = ", ".join(self.truth["attacks"]["attack"]) or "no attacks"
        return (
            f"{counted(self.n_plays, 'play')} of {counted(len(self.users), 'user')} and "
            f"{counted(len(self.artists), 'artist')}, {attacks}."
        )

    def _tables(self) -> Iterable[Table]:
        kinds = self.users.groupby("kind").agg(users=("user_id", "size"), plays=("plays", "sum"))
        return [("Users", kinds)]


def simulate_plays(
    plays: int = 1_000_000,
    *,
    users: int | None = None,
    artists: int | None = None,
    world: ListeningWorld | None = None,
    attacks: Attack | Iterable[Attack] = (),
    out: str | Path | None = None,
    jobs: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> SimulatedPlays:
    """Simulate who listened to what on a streaming service, and who cheated.

    Parameters
    ----------
    plays : int, default 1_000_000
        Plays of genuine listeners, met exactly, 0 to 999,999,999. Attacks replace some of them, or
        add their own; ``truth["attacks"]`` counts both. About two thirds last the 30 s for which
        services pay.
    users : int, optional
        Genuine listeners; as many as makes ``world.plays_per_month`` without it.
    artists : int, optional
        Artists; 405 times the square root of the listeners without it, as in HetRec.
    world : ListeningWorld, optional
        Days, countries, taste, clocks and how unequal all is.
    attacks : attack or iterable of attacks
        `BotFarm`, `CopyingFarm`, `PlaylistPayola`, `AIDilution` and `TrackSlicing`. What no attack
        replaces is the same with them and without.
    out : str or pathlib.Path, optional
        Folder into which plays, planted (both a part at a time, so that memory does not grow with
        them), users, artists and recordings are written as Parquet; older ones are replaced. In
        memory without it, at 27 bytes a play, and four times that on the way.
    jobs : int, optional
        Threads; one for each processor without it. The numbers do not depend on it.
    rng : int or numpy.random.Generator, optional
        Seed. The same seed gives the same plays, in memory as in files.

    Returns
    -------
    SimulatedPlays
        ``.plays``, ``.users``, ``.artists``, ``.recordings`` and ``.truth``.

    Raises
    ------
    InputError
        If a number is out of range, if more is asked of the listeners than anybody hears
        (300 plays a day), if an attack needs more artists, listeners or accounts than there are,
        or if the folder cannot be written.

    Notes
    -----
    Calibrated, from a million plays on, each within the tolerance that a test holds it to, and
    each movable by the field of `ListeningWorld` in brackets. Of counted plays (30 s or more):
    Gini coefficient over listeners 0.559 (``user_gini``) and plays of the top tenth 41.6 %
    (``lognormal_share``), Gini coefficient over artists 0.893 (``artist_gini``) and plays of the
    top hundredth 52.0 % (``artist_top_share``), and how popular the artists of heavy listeners are
    relative to those of light ones, 1.58 (``popularity_ratio``), all as measured in HetRec
    Last.fm-2k (Cantador, Brusilovsky and Kuflik 2011); 600 plays of a listener in a month
    (``plays_per_month``; Deezer's page on artist remuneration). Of all plays: 24.1 % left within
    5 s, 35.05 % within 30 s (``skip_share``) and 48.6 % before the end (``cut_share``; Lamere,
    "The Skip", Music Machinery, 2014). McDonald's ratio at Spotify, 0.83 (You Have Not Yet Heard
    Your Favourite Song, 2024), is in reach too: there the sign of what user-centric shares do is
    the opposite.

    Not calibrated, and of the right order only: sizes, prices and clocks of countries, shares of
    those who pay, hours of the day and weekdays, length of sessions and songs, number and
    loyalty of communities, repeated listening, share and decay of new releases, noise,
    searching, and every attack. Offsets from UTC are fixed. No account has
    taste that changes, and none joins or leaves.

    Activity is a mixture of a lognormal and a gamma distribution; popularity follows Zipf and
    Mandelbrot; the two are coupled by the copula of Farlie, Gumbel and Morgenstern, which leaves
    the popularity of each artist as it is. Seconds are whole. A genuine listener never hears two
    recordings at once (pieces of a sliced one follow each other), and none before its release.

    Examples
    --------
    >>> import musictools as mt
    >>> farm = mt.datasets.BotFarm(accounts=2, plays_per_day=100)
    >>> simulated = mt.datasets.simulate_plays(20_000, attacks=[farm], rng=1)
    >>> simulated
    SimulatedPlays: 26,000 plays of 24 users and 1,900 artists, bot_farm.
    >>> simulated.truth["attacks"][["attack", "accounts", "added_plays"]].values.tolist()
    [['bot_farm', 2, 6000]]
    """
    setting = check_world(ListeningWorld() if world is None else world)
    cheats = check_attacks(attacks)
    counts = _counts(plays, users, artists, setting)
    if jobs is not None:
        check_number(WHAT, "jobs", jobs, (1, 1_024))
    folder = None if out is None else _folder(out)
    seed = int(generator(rng, WHAT).integers(2**62))
    plan = settle(seed, counts, setting, cheats)
    names, tally = _tables.Names(plan), _tables.Tally(plan)
    threads = jobs or _workers.cpu_count()
    tables = {
        "users": _tables.users(plan, names),
        "artists": _tables.artists(plan, names),
        "recordings": _tables.recordings(plan, names),
    }
    rows: Any
    if folder is None:
        rows, planted = _carry_out.in_memory(plan, names, tally, threads)
        written = len(rows)
    else:
        written = _written(plan, (names, tally), tables, (folder, threads))
        rows, planted = (_relation(folder / f"{name}.parquet") for name in ("plays", "planted"))
    truth: dict[str, Any] = _tables.truth(plan, names, cheats, tally)
    return SimulatedPlays(
        rows,
        **tables,
        truth={**truth, "plays": planted},
        path=folder,
        provenance={
            "musictools": __version__,
            "function": "simulate_plays",
            "rng": int(rng) if isinstance(rng, int | np.integer) else None,
            "plays": counts[0],
            "users": counts[1],
            "artists": counts[2],
            "rows": written,
            "world": asdict(setting),
            "attacks": [repr(attack) for attack in cheats],
        },
    )


def _counts(
    plays: int, users: int | None, artists: int | None, world: ListeningWorld
) -> tuple[int, int, int]:
    check_number(WHAT, "plays", plays, (0, _MOST_PLAYS))
    if users is None:
        counted = plays * (1.0 - world.skip_share)
        users = max(1, round(counted * DAYS_A_MONTH / (world.plays_per_month * world.days)))
        # Where most plays are left at once, so many of them that nobody could play them all.
        users = max(users, -(-plays // (200 * world.days)))
    check_number(WHAT, "users", users, (1, 100_000_000))
    if artists is None:
        artists = min(round(_ARTISTS_PER_ROOT * users**0.5), 10_000_000)
    check_number(WHAT, "artists", artists, (1, 10_000_000))
    return int(plays), int(users), int(artists)


def _folder(out: object) -> Path:
    try:
        folder = Path(out)  # type: ignore[arg-type]
        folder.mkdir(parents=True, exist_ok=True)
    except (TypeError, OSError) as error:
        raise InputError(
            WHAT, got=f"out={out!r} ({error})", expected="a folder", hint='out="plays"'
        ) from error
    return folder


def _written(
    plan: Plan,
    books: tuple[_tables.Names, _tables.Tally],
    tables: "dict[str, pd.DataFrame]",
    out: tuple[Path, int],
) -> int:
    try:
        for name, table in tables.items():
            table.to_parquet(out[0] / f"{name}.parquet", index=False)
        return _carry_out.to_parquet(plan, *books, out)
    except OSError as error:
        raise InputError(
            WHAT,
            got=f"{error} while writing to {out[0]}",
            expected="a folder that can be written to, with room",
            hint="out= another folder",
        ) from error


def _relation(path: Path) -> Any:
    import duckdb

    return duckdb.read_parquet(str(path))
