"""What can be said about the people and the music of a simulated service."""

import datetime as dt
import math
from dataclasses import dataclass, fields

from musictools._checks import check_number
from musictools.errors import InputError

WHAT = "simulate plays"
#: Nobody hears more than this many tracks a day: fourteen hours of them.
MOST_A_DAY = 300
DAYS_A_MONTH = 365.2425 / 12


@dataclass(frozen=True)
class Market:
    """One country of a simulated service.

    Attributes
    ----------
    country : str
        ISO 3166 alpha-2.
    share : float
        Share of the listeners, relative to the other markets.
    utc_offset_h : float
        Local time less UTC, hours, all year round.
    price_level : float
        Prices and advertising relative to those of the world.
    premium_share : float
        Share of the listeners who pay a fee, 0 to 1.
    """

    country: str
    share: float
    utc_offset_h: float = 0.0
    price_level: float = 1.0
    premium_share: float = 0.4


#: Made up: sizes and prices of the right order, and clocks from all around the world.
MARKETS = (
    Market("US", 0.26, -6.0, 1.10, 0.52),
    Market("BR", 0.13, -3.0, 0.38, 0.36),
    Market("MX", 0.12, -6.0, 0.55, 0.36),
    Market("GB", 0.09, 0.0, 1.25, 0.54),
    Market("DE", 0.09, 1.0, 1.15, 0.52),
    Market("IN", 0.09, 5.5, 0.14, 0.12),
    Market("FR", 0.07, 1.0, 1.10, 0.46),
    Market("ID", 0.05, 7.0, 0.32, 0.14),
    Market("JP", 0.04, 9.0, 0.62, 0.46),
    Market("SE", 0.03, 1.0, 1.10, 0.62),
    Market("AU", 0.03, 10.0, 0.95, 0.54),
)


@dataclass(frozen=True, kw_only=True)
class ListeningWorld:
    """How the listeners, the artists and the clock of :func:`simulate_plays` behave.

    Attributes
    ----------
    start : str
        First day, UTC.
    days : int
        How many days, 1 to 3,660.
    plays_per_month : float
        Mean number of counted plays (30 s or more) of a listener in a month; how many listeners
        there are where ``users`` is left out. Deezer names 600.
    user_gini : float
        Gini coefficient of plays over listeners. HetRec: 0.559.
    lognormal_share : float
        Share of listeners whose activity is lognormal, the others' is gamma; it moves the plays
        of the most active tenth at an equal Gini. 0.87 gives the 41.6 % of HetRec.
    artist_gini : float
        Gini coefficient of plays over artists. HetRec: 0.893.
    artist_top_share : float
        Plays of the most popular hundredth of the artists. HetRec: 0.520. Where no curve has both
        this and that Gini coefficient, or there are fewer than 200 artists, the latter counts.
    popularity_ratio : float
        How popular the artists are that listeners above the mean number of plays hear, relative
        to those of the others. Above 1 user-centric shares are more equal than pro rata, below
        1 less. HetRec: 1.58; McDonald (2024) saw 0.83 at Spotify. Met as far as it can be: from
        about 0.5 to 3.
    communities : int
        Communities of taste, 1 or more.
    loyalty : float
        Share of plays inside of the listener's own community; the others go to any.
    community_intensity : float
        How much more some communities listen than others: standard deviation, in those of the
        listeners of one community.
    favourite_share : float
        Share of plays that go to the listener's fifty favourites, heard again and again.
    session_tracks : float
        Mean number of tracks in a row.
    skip_share : float
        Share of plays left before 30 s, which no service pays for. Lamere (2014): 35.05 %.
    cut_share : float
        Share of plays left later than that, before the end. Lamere (2014): 13.55 %.
    new_release_share : float
        Share of plays that go to what came out in the last months, on an average day; 0.2 at most.
    releases_per_year : float
        New recordings of an artist in a year, all on Fridays.
    recordings_per_artist : float
        Mean number of recordings of an artist before that.
    noise_share : float
        Share of plays of artists who make rain, hums and other noise, at most.
    active_share : float
        Mean share of sessions that the listener searched for.
    premium_price_usd : float
        What a paying listener pays in a month, before the price level of the country.
    ad_usd_per_play : float
        What advertising pays for a play of a free listener, before the price level.
    markets : tuple of Market
        The countries.
    """

    start: str = "2026-01-01"
    days: int = 30
    plays_per_month: float = 600.0
    user_gini: float = 0.559
    lognormal_share: float = 0.87
    artist_gini: float = 0.893
    artist_top_share: float = 0.520
    popularity_ratio: float = 1.58
    communities: int = 12
    loyalty: float = 0.6
    community_intensity: float = 0.25
    favourite_share: float = 0.4
    session_tracks: float = 10.0
    skip_share: float = 0.3505
    cut_share: float = 0.1355
    new_release_share: float = 0.08
    releases_per_year: float = 1.0
    recordings_per_artist: float = 8.0
    noise_share: float = 0.02
    active_share: float = 0.4
    premium_price_usd: float = 10.99
    ad_usd_per_play: float = 0.002
    markets: tuple[Market, ...] = MARKETS

    @property
    def first_day(self) -> dt.date:
        """First day as a date."""
        return dt.date.fromisoformat(self.start)

    @property
    def end_s(self) -> int:
        """Length of the story in seconds."""
        return self.days * 86_400


#: Lowest and highest value of each number of a world.
_RANGES = {
    "days": (1, 3_660),
    "plays_per_month": (1.0, 9_000.0),
    "user_gini": (0.0, 0.9),
    "lognormal_share": (0.0, 1.0),
    "artist_gini": (0.0, 0.999),
    "artist_top_share": (0.01, 0.99),
    "popularity_ratio": (0.1, 10.0),
    "communities": (1, 1_000),
    "loyalty": (0.0, 1.0),
    "community_intensity": (0.0, 3.0),
    "favourite_share": (0.0, 1.0),
    "session_tracks": (1.0, 1_000.0),
    "skip_share": (0.0, 0.99),
    "cut_share": (0.0, 1.0),
    "new_release_share": (0.0, 0.2),
    "releases_per_year": (0.0, 52.0),
    "recordings_per_artist": (1.0, 1_000.0),
    "noise_share": (0.0, 0.9),
    "active_share": (0.0, 1.0),
    "premium_price_usd": (0.0, 1e6),
    "ad_usd_per_play": (0.0, 1e3),
}


def check_world(world: object) -> ListeningWorld:
    """Refuse what no world can be like."""
    if not isinstance(world, ListeningWorld):
        raise InputError(
            WHAT,
            got=f"world={world!r}",
            expected="a ListeningWorld",
            hint="world=mt.datasets.ListeningWorld(days=7)",
        )
    for name, (low, high) in _RANGES.items():
        check_number(WHAT, name, getattr(world, name), (low, high))
    if world.skip_share + world.cut_share > 1:
        raise InputError(
            WHAT,
            got=f"skip_share={world.skip_share} and cut_share={world.cut_share}",
            expected="shares that sum to 1 at most",
            hint="cut_share=1 - skip_share",
        )
    _check_start(world.start)
    _check_markets(world.markets)
    return world


def _check_start(start: object) -> None:
    try:
        first = dt.date.fromisoformat(start)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise InputError(
            WHAT,
            got=f"start={start!r}",
            expected="a day such as '2026-01-01'",
            hint="start='2026-01-01'",
        ) from error
    if not dt.date(1971, 1, 1) <= first <= dt.date(2200, 1, 1):
        raise InputError(
            WHAT,
            got=f"start={start!r}",
            expected="a day from 1971 to 2199",
            hint="start='2026-01-01'",
        )


def _check_markets(markets: object) -> None:
    fitting = isinstance(markets, tuple) and all(isinstance(one, Market) for one in markets)
    if not fitting or not markets:
        raise InputError(
            WHAT,
            got=f"markets={markets!r}",
            expected="a tuple of one Market or more",
            hint='markets=(mt.datasets.Market("SE", 1.0, 1.0),)',
        )
    assert isinstance(markets, tuple)  # noqa: S101 - for the reader of types; checked above
    for one in markets:
        for field in fields(Market)[1:]:
            low = -14.0 if field.name == "utc_offset_h" else 0.0
            high = {"premium_share": 1.0, "utc_offset_h": 14.0}.get(field.name, math.inf)
            check_number(
                WHAT, f"{field.name} of {one.country!r}", getattr(one, field.name), (low, high)
            )
    names = [one.country for one in markets]
    if len(set(names)) < len(names) or not all(isinstance(n, str) and n for n in names):
        raise InputError(
            WHAT, got=f"countries {names}", expected="each country once", hint="join the two"
        )
    if not 0 < sum(one.share for one in markets) < math.inf:
        raise InputError(
            WHAT,
            got="markets whose shares sum to 0 or to infinity",
            expected="shares above 0",
            hint='mt.datasets.Market("SE", 1.0)',
        )
