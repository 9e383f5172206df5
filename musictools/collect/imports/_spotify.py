"""Spotify's extended streaming history, and the last year of it in the account data."""

from musictools.collect.imports._fields import constant, count, country, derived, flag, moment, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._listens import LONGEST_MS, ME, began, market, seconds
from musictools.collect.imports._reader import reader

_PAGE = (
    "https://www.spotify.com/account/privacy/ > Download your data > {}; "
    "https://support.spotify.com/us/article/understanding-my-data/"
)
_HELP = Evidence("https://support.spotify.com/us/article/understanding-my-data/", "2026-11-26")
_TWICE = "Two rows that are the same are both kept: such files hold them."
_TRACK = "{master_metadata_track_name} IS NULL AND {ts} IS NOT NULL AND {ms_played} IS NOT NULL"

_HISTORY = Format(
    name="spotify_history",
    kind="plays",
    title="Spotify's extended streaming history",
    where=_PAGE.format("Extended streaming history (it takes up to 30 days)"),
    evidence=(
        _HELP,
        Evidence(
            "github.com/metabrainz/listenbrainz-server listenbrainz/testdata/"
            "spotify_streaming_endsong_0.json @2da213860fe8d5f5efbf258e03a92fea0fe9fd84",
            "2026-11-26",
        ),
        Evidence(
            "https://blog.ortham.net/posts/2024-12-21-spotify-streaming-history-part-1",
            "2026-11-26",
        ),
    ),
    records="[]",
    needs=(("ts", "ms_played", "master_metadata_track_name", "spotify_track_uri"),),
    columns={
        "user_id": ME,
        "artist_id": text("master_metadata_album_artist_name").required(),
        "recording_id": derived(
            "CASE WHEN prefix(_uri, 'spotify:track:') AND length(_uri) = 36 "
            "THEN substr(_uri, 15) END"
        ),
        "played_at": began(),
        "seconds": seconds(),
        "country": market("_country"),
        "platform": constant("spotify"),
        "title": text("master_metadata_track_name"),
        "artist": text("master_metadata_album_artist_name"),
        "release": text("master_metadata_album_album_name"),
        "reason_start": text("reason_start").optional(),
        "reason_end": text("reason_end").optional(),
        "shuffle": flag("shuffle").optional(),
        "skipped": flag("skipped").optional(),
        "offline": flag("offline").optional(),
        "incognito": flag("incognito_mode").optional(),
        "_ended": moment("ts", formats=("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S")).required(),
        "_ms": count("ms_played").within(0, LONGEST_MS).required(),
        "_uri": text("spotify_track_uri"),
        "_country": country("conn_country"),
    },
    private={
        "username": text("username").optional(),
        "device": text("platform").optional(),
        "ip_address": text("ip_addr", "ip_addr_decrypted").optional(),
        "user_agent": text("user_agent_decrypted").optional(),
    },
    leave_out={
        "podcast": f"{_TRACK} AND {{episode_name}} IS NOT NULL",
        "audiobook": f"{_TRACK} AND ({{audiobook_title}} IS NOT NULL OR "
        "{audiobook_chapter_title} IS NOT NULL)",
        "no name of a song": _TRACK,
    },
    notes=(
        (
            "Files tell when a stream ended: played_at is that time less what was heard. Pauses "
            "are not told, so it is the latest time at which it can have begun."
        ),
        "skipped, offline and incognito are missing where the file leaves them open.",
        _TWICE,
        "The zip of the account data may lie beside it: read_spotify_account reads that.",
    ),
)

_ACCOUNT = Format(
    name="spotify_account",
    kind="plays",
    title="Spotify's account data (StreamingHistory)",
    where=_PAGE.format("Account data (it takes up to 5 days, and tells the last year)"),
    evidence=(
        _HELP,
        Evidence(
            "github.com/AJsQuestions/spotiframes data/streaming_history/README.md", "2026-11-26"
        ),
    ),
    records="[]",
    needs=(("endTime", "artistName", "trackName", "msPlayed"),),
    columns={
        "user_id": ME,
        "artist_id": text("artistName").required(),
        "recording_id": constant(None),
        "played_at": began(),
        "seconds": seconds(),
        "country": constant(None),
        "platform": constant("spotify"),
        "title": text("trackName"),
        "artist": text("artistName"),
        "_ended": moment("endTime", formats=("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")).required(),
        "_ms": count("msPlayed").within(0, LONGEST_MS).required(),
    },
    notes=(
        (
            "Files tell the minute in which a stream ended: played_at is that time less what was "
            "heard. Two plays may have the same time."
        ),
        "Files before 2024 hold podcasts too, which nothing tells from songs.",
        "There is neither an identifier, nor a country, nor a release.",
        _TWICE,
    ),
)

FORMATS = (_HISTORY, _ACCOUNT)
read_spotify_history = reader(_HISTORY)
read_spotify_account = reader(_ACCOUNT)
