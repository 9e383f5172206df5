"""Spotify for Artists: timelines of an artist and of songs, tables of songs and playlists."""

from dataclasses import replace

from musictools.collect.imports._fields import count, day, derived, file_day, found, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader
from musictools.collect.imports._shapes import COPY, named, own

_ABSENT = ("-", "n/a", "undefined")
_BASE = Format(
    kind="observations",
    name="spotify_for_artists",
    title="Spotify for Artists",
    where="artists.spotify.com > Audience, or Music > Songs, or a song, or Music > Playlists > "
    "the arrow that points down; https://artists.spotify.com/faq/stats",
    evidence=(
        Evidence("https://artists.spotify.com/faq/stats", "2026-11-26"),
        Evidence(
            "github.com/1x7xxxxxxx/Dashboard_music_platform_algo_spotify, tests of its upload",
            "2026-11-26",
        ),
        Evidence("github.com/RegisNobel/vvviruzcommandcenter-v2", "2026-11-26"),
    ),
    nothing=_ABSENT,
    notes=(
        (
            "Days are UTC. Whose numbers they are stands in the name of the file only: it is read "
            "as the entity; marks that no name may have became low lines there."
        ),
        (
            "Tables of songs and playlists have no date: their numbers, whose names end in "
            "_period, are those of the day on which the file was last changed."
        ),
        (
            "The table of songs may hold a row named like the artist, which sums up: it cannot be "
            "told from a song of that name, and is kept."
        ),
        "Titles are all that names a song or a playlist: two of one name are a problem.",
    ),
    columns={},
)
_ARTIST = {"entity_id": found(rf"^(.+?)(?:-audience-timeline)?{COPY}", where="file")}
_DAYS = {**own("spotify"), "observed_at": day("date").required()}

_AUDIENCE = replace(
    _BASE,
    needs=(("date", "listeners", "monthly listeners", "monthly active listeners", "streams"),),
    columns=_ARTIST | _DAYS | {"artist": _ARTIST["entity_id"]},
    metrics={
        "listeners": count("listeners"),
        "monthly_listeners": count("monthly listeners"),
        "monthly_active_listeners": count("monthly active listeners"),
        "super_listeners": count("super listeners").optional(),
        "streams": count("streams"),
        "playlist_adds": count("playlist adds"),
        "saves": count("saves"),
        "followers": count("followers"),
    },
)
_OLD_AUDIENCE = replace(
    _BASE,
    needs=(("date", "listeners", "streams", "followers"),),
    exact=True,
    called="timeline",
    columns=_ARTIST | _DAYS | {"artist": _ARTIST["entity_id"]},
    metrics={
        "listeners": count("listeners"),
        "streams": count("streams"),
        "followers": count("followers"),
    },
)
_SONG = replace(
    _BASE,
    needs=(("date", "streams"),),
    exact=True,
    called="-timeline",
    columns={"entity_id": found(rf"^(.+?)(?:-timeline)?{COPY}", where="file"), **_DAYS}
    | {"title": found(rf"^(.+?)(?:-timeline)?{COPY}", where="file")},
    metrics={"streams": count("streams")},
)
_SONGS = replace(
    _BASE,
    needs=(("song", "listeners", "streams", "saves", "release_date"),),
    columns={"entity_id": text("song").required(), **own("spotify"), "observed_at": file_day()}
    | {
        "title": text("song"),
        "_artist": named(r"^(.+?)-songs-"),
        "artist": derived("nullif(_artist, '')"),
    },
    metrics={
        "listeners_period": count("listeners"),
        "streams_period": count("streams"),
        "saves_period": count("saves"),
    },
)
_PLAYLISTS = replace(
    _BASE,
    needs=(("title", "author", "listeners", "streams", "date_added"),),
    columns={"entity_id": text("title").required(), **own("spotify"), "observed_at": file_day()}
    | {"title": text("title"), "author": text("author")},
    metrics={
        "listeners_period": count("listeners"),
        "streams_period": count("streams"),
    },
)

FORMATS = (_AUDIENCE, _OLD_AUDIENCE, _SONG, _SONGS, _PLAYLISTS)
read_spotify_for_artists = reader(_AUDIENCE)
