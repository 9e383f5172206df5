"""Ways of being paid for listening that was not, as a listener's account shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from musictools._checks import check_number
from musictools.datasets._plays._world import WHAT
from musictools.errors import InputError

#: What a track has to be heard for to count, seconds.
COUNTED_S = 30
#: A robot's tracks end as soon as they have counted; so many fit into a day.
ROBOT_S = (31, 39)
_MOST_ROBOT_PLAYS = 86_400 // (ROBOT_S[1] + 1)


@dataclass(frozen=True, kw_only=True)
class BotFarm:
    """Accounts that play one artist round the clock, each track for just long enough.

    The shape of the case of Michael Smith: 1,040 accounts at 636 plays a day.

    Attributes
    ----------
    accounts : int
        How many.
    plays_per_day : int
        Plays of each account on each day, exactly; 1 to 2,160.
    artists : int
        Artists whose music they play, from the less popular half.
    tier : str
        ``"premium"`` or ``"free"``.
    """

    accounts: int = 100
    plays_per_day: int = 600
    artists: int = 1
    tier: str = "premium"


@dataclass(frozen=True, kw_only=True)
class CopyingFarm:
    """Accounts that copy genuine ones: totals, clock, country, tier and most of their music.

    Attributes
    ----------
    accounts : int
        How many.
    share : float
        Share of each account's plays that go to the target.
    artists : int
        Artists whose music is the target, from the less popular half.
    """

    accounts: int = 100
    share: float = 0.1
    artists: int = 1


@dataclass(frozen=True, kw_only=True)
class PlaylistPayola:
    """Bought places on playlists: tracks that genuine listeners hear in place of others.

    Attributes
    ----------
    listeners : int
        Genuine listeners who follow the playlists.
    share : float
        Share of their plays that is replaced.
    artists : int
        Artists who paid, from the less popular half.
    """

    listeners: int = 1_000
    share: float = 0.05
    artists: int = 1


@dataclass(frozen=True, kw_only=True)
class AIDilution:
    """Generated music by new artists, most of whose plays are bought.

    Attributes
    ----------
    share : float
        Plays of generated music relative to those of all other: at 0.1 the others lose 1/11 of a
        pro-rata pool.
    artists : int
        New artists.
    tracks_per_artist : int
        Tracks of each.
    fraudulent : float
        Share of these plays that robots make; the others are heard by genuine listeners in place
        of something else. Deezer reported 70 % in 2025 and 85 % in 2026.
    accounts : int
        Accounts of the robots. Each may play 2,160 times a day at most.
    tier : str
        ``"premium"`` or ``"free"``.
    """

    share: float = 0.02
    artists: int = 200
    tracks_per_artist: int = 10
    fraudulent: float = 0.85
    accounts: int = 100
    tier: str = "premium"


@dataclass(frozen=True, kw_only=True)
class TrackSlicing:
    """Tracks cut into pieces just long enough to count, so that an hour counts more plays.

    Whoever hears such an artist hears the pieces one after the other, for as long as before.

    Attributes
    ----------
    artists : int
        Artists who do it, any of them.
    piece_s : int
        Length of a piece, 30 s or more.
    """

    artists: int = 10
    piece_s: int = 31


Attack = BotFarm | CopyingFarm | PlaylistPayola | AIDilution | TrackSlicing

_MANY = 2**31 - 1
_LIMITS: dict[str, tuple[float, float]] = {
    "accounts": (1, _MANY),
    "plays_per_day": (1, _MOST_ROBOT_PLAYS),
    "artists": (1, _MANY),
    "listeners": (1, _MANY),
    "tracks_per_artist": (1, 10_000),
    "piece_s": (COUNTED_S, 600),
    "fraudulent": (0.0, 1.0),
}
_SHARES = {AIDilution: (0.0, 100.0), CopyingFarm: (0.0, 1.0), PlaylistPayola: (0.0, 1.0)}


def check_attacks(attacks: object) -> tuple[Attack, ...]:
    """Refuse what is no attack, or one with numbers out of range."""
    listed = [attacks] if isinstance(attacks, Attack) else attacks
    found: list[Attack] = []
    for one in listed if isinstance(listed, Iterable) else [listed]:
        if not isinstance(one, Attack):
            raise InputError(
                WHAT,
                got=f"the attack {one!r}",
                expected="BotFarm, CopyingFarm, PlaylistPayola, AIDilution or TrackSlicing",
                hint="attacks=[mt.datasets.BotFarm(accounts=50)]",
            )
        for field in fields(one):
            value = getattr(one, field.name)
            name = f"{field.name} of {type(one).__name__}"
            if field.name == "tier":
                _check_tier(name, value)
            else:
                limits = _LIMITS.get(field.name) or _SHARES[type(one)]
                check_number(WHAT, name, value, limits)
        found.append(one)
    if len(found) > 200:
        raise InputError(
            WHAT, got=f"{len(found)} attacks", expected="200 at most", hint="simulate twice"
        )
    return tuple(found)


def _check_tier(name: str, value: object) -> None:
    if value not in {"premium", "free"}:
        raise InputError(
            WHAT, got=f"{name} {value!r}", expected="'premium' or 'free'", hint='tier="premium"'
        )


def names_of(attacks: tuple[Attack, ...]) -> list[str]:
    """Name each attack by its kind; a number is added where one kind stands twice."""
    kinds = {
        BotFarm: "bot_farm",
        CopyingFarm: "copying_farm",
        PlaylistPayola: "playlist_payola",
        AIDilution: "ai_dilution",
        TrackSlicing: "track_slicing",
    }
    names: list[str] = []
    for one in attacks:
        kind = kinds[type(one)]
        again = sum(name.rsplit("-", 1)[0] == kind for name in names)
        names.append(f"{kind}-{again + 1}" if again else kind)
    return names
