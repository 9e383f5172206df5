"""The rows that collectors give: one kind of thing each, the same on every platform."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class Row(Mapping[str, Any]):
    """A row is a frozen dataclass and a mapping: ``row.title`` and ``row["title"]``.

    ``pandas.DataFrame(rows)``, ``dict(row)`` and ``dlt.resource(rows)`` take it as it is.
    """

    #: Columns that tell one row from all others.
    KEY: ClassVar[tuple[str, ...]] = ()
    #: Table of the store that holds such rows.
    TABLE: ClassVar[str] = ""
    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        if name not in self.__match_args__:  # type: ignore[attr-defined]
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.__match_args__)  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return len(self.__match_args__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Artist(Row):
    """One artist on one platform.

    Attributes
    ----------
    platform, artist_id : str
        Where, and its identifier there.
    name : str
        As shown.
    url : str or None
        Page for people.
    country : str or None
        ISO 3166 alpha-2, where the platform tells.
    genres : tuple of str
        The platform's own words.
    handle : str or None
        Name after the @ sign, on social platforms.
    mbid : str or None
        MusicBrainz identifier, where the platform tells.
    followers : int or None
        People who follow, fans or subscribers.
    popularity : float or None
        The platform's own rank, 0 to 1.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "artist_id")
    TABLE: ClassVar[str] = "artists"
    platform: str
    artist_id: str
    name: str
    url: str | None = None
    country: str | None = None
    genres: tuple[str, ...] = ()
    handle: str | None = None
    mbid: str | None = None
    followers: int | None = None
    popularity: float | None = None


@dataclass(frozen=True, slots=True)
class Track(Row):
    """One recording on one platform, in one release.

    Attributes
    ----------
    platform, track_id : str
        Where, and its identifier there.
    title : str
        As shown.
    artist : str or None
        Names as credited.
    artist_id : str or None
        First artist on this platform.
    release, release_id : str or None
        The release that it stands in.
    isrc : str or None
        International Standard Recording Code, twelve characters.
    duration_s : float or None
        Length in seconds.
    released_on : str or None
        ``2026``, ``2026-11`` or ``2026-11-25``, as exactly as the platform knows.
    disc, number : int or None
        Place in the release.
    explicit : bool or None
        Marked for explicit words.
    popularity : float or None
        The platform's own rank, 0 to 1.
    bpm : float or None
        Tempo that the platform states.
    musical_key : str or None
        Key that the platform states, such as ``"F# minor"``.
    url : str or None
        Page for people.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "track_id")
    TABLE: ClassVar[str] = "tracks"
    platform: str
    track_id: str
    title: str
    artist: str | None = None
    artist_id: str | None = None
    release: str | None = None
    release_id: str | None = None
    isrc: str | None = None
    duration_s: float | None = None
    released_on: str | None = None
    disc: int | None = None
    number: int | None = None
    explicit: bool | None = None
    popularity: float | None = None
    bpm: float | None = None
    musical_key: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Release(Row):
    """One album, single or EP on one platform.

    Attributes
    ----------
    platform, release_id : str
        Where, and its identifier there.
    title : str
        As shown.
    artist, artist_id : str or None
        Names as credited; first artist on this platform.
    kind : str or None
        ``album``, ``single``, ``ep``, ``compilation``, or the platform's own word.
    released_on : str or None
        ``2026``, ``2026-11`` or ``2026-11-25``.
    barcode : str or None
        UPC or EAN, digits.
    label : str or None
        Name of the label.
    n_tracks : int or None
        How many tracks.
    url : str or None
        Page for people.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "release_id")
    TABLE: ClassVar[str] = "releases"
    platform: str
    release_id: str
    title: str
    artist: str | None = None
    artist_id: str | None = None
    kind: str | None = None
    released_on: str | None = None
    barcode: str | None = None
    label: str | None = None
    n_tracks: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ChartEntry(Row):
    """One place of one chart on one day.

    Attributes
    ----------
    platform, chart, country : str
        Where, which chart, and in which market (``""`` for all).
    ds : str
        Day of the chart, or the day it was seen; ISO 8601.
    rank : int
        1 is the top.
    entity, entity_id : str
        ``artist``, ``track``, ``release``, ``playlist``, ``video``; its identifier.
    title : str or None
        As shown.
    artist : str or None
        As credited.
    value : float or None
        What the chart counts, where it tells.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "chart", "country", "ds", "rank")
    TABLE: ClassVar[str] = "chart_entries"
    platform: str
    chart: str
    country: str
    ds: str
    rank: int
    entity: str
    entity_id: str
    title: str | None = None
    artist: str | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class PlaylistItem(Row):
    """One place of a playlist.

    Attributes
    ----------
    platform, playlist_id : str
        Where, and which list.
    position : int
        0 is the first.
    track_id : str
        Identifier of the track, or video, there.
    title, artist : str or None
        As shown.
    isrc : str or None
        International Standard Recording Code.
    added_at : str or None
        ISO 8601, where the platform tells.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "playlist_id", "position")
    TABLE: ClassVar[str] = "playlist_items"
    platform: str
    playlist_id: str
    position: int
    track_id: str
    title: str | None = None
    artist: str | None = None
    isrc: str | None = None
    added_at: str | None = None


@dataclass(frozen=True, slots=True)
class Observation(Row):
    """One number that a platform showed at one time.

    Attributes
    ----------
    entity_id, platform, metric : str
        What it is about, where, and what was counted.
    observed_at : dt.datetime
        The moment or day that it is true of, UTC.
    value : float
        The number.
    """

    KEY: ClassVar[tuple[str, ...]] = ("entity_id", "platform", "metric", "observed_at")
    TABLE: ClassVar[str] = "observations"
    entity_id: str
    platform: str
    metric: str
    observed_at: dt.datetime
    value: float


@dataclass(frozen=True, slots=True)
class Post(Row):
    """One post or video on a social platform.

    Attributes
    ----------
    platform, post_id : str
        Where, and its identifier there.
    author_id : str or None
        Who posted it.
    posted_at : str or None
        ISO 8601, UTC.
    text : str or None
        Caption or title.
    likes, comments, shares, views : int or None
        Counts at the time of asking.
    url : str or None
        Page for people.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "post_id")
    TABLE: ClassVar[str] = "posts"
    platform: str
    post_id: str
    author_id: str | None = None
    posted_at: str | None = None
    text: str | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    views: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Show(Row):
    """One concert, announced or played.

    Attributes
    ----------
    platform, show_id : str
        Where, and its identifier there.
    artist, artist_id : str or None
        Who plays.
    ds : str
        Day, ISO 8601.
    venue, city, country : str or None
        Where; ISO 3166 alpha-2 for the country.
    tour : str or None
        Name of the tour.
    songs : tuple of str
        Titles in order, where the set list is known.
    url : str or None
        Page for people.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "show_id")
    TABLE: ClassVar[str] = "shows"
    platform: str
    show_id: str
    artist: str | None
    artist_id: str | None
    ds: str
    venue: str | None = None
    city: str | None = None
    country: str | None = None
    tour: str | None = None
    songs: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Spin(Row):
    """One play of a recording on a radio station.

    Attributes
    ----------
    platform, station : str
        Who tells, and which station.
    started_at : str
        ISO 8601, UTC.
    title, artist : str or None
        As announced.
    seconds : float or None
        Time on air.
    label, album : str or None
        As announced.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "station", "started_at", "title")
    TABLE: ClassVar[str] = "spins"
    platform: str
    station: str
    started_at: str
    title: str
    artist: str | None = None
    seconds: float | None = None
    label: str | None = None
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Station(Row):
    """One radio or TV station.

    Attributes
    ----------
    platform, station_id : str
        Who tells, and its identifier there.
    name : str
        As shown.
    country : str or None
        ISO 3166 alpha-2.
    medium : str
        ``radio`` or ``TV``.
    tags : tuple of str
        Formats and genres.
    url : str or None
        Page for people, or the stream.
    votes, clicks : int or None
        How often it was liked, and listened to.
    """

    KEY: ClassVar[tuple[str, ...]] = ("platform", "station_id")
    TABLE: ClassVar[str] = "stations"
    platform: str
    station_id: str
    name: str
    country: str | None = None
    medium: str = "radio"
    tags: tuple[str, ...] = ()
    url: str | None = None
    votes: int | None = None
    clicks: int | None = None


KINDS: tuple[type[Row], ...] = (
    Artist, Track, Release, ChartEntry, PlaylistItem, Observation, Post, Show, Spin, Station,
)  # fmt: skip
