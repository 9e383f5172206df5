"""The watch history of YouTube Music, as Google Takeout packs it: JSON, or a web page."""

from dataclasses import replace

from musictools.collect.imports._fields import constant, derived, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._listens import ME, iso
from musictools.collect.imports._reader import reader
from musictools.collect.imports._youtube_page import COLUMNS, is_history, page_records

#: Blanks, with the one that does not break lines.
_BLANK = r"[\s\x{00a0}]+"
#: What stands before or behind a title, in languages of which it was seen.
_BEFORE = f"^(Watched|Hai guardato|Vous avez regardé){_BLANK}"
_BEHIND = f"{_BLANK}angesehen$"
_TITLE = (
    f"CASE WHEN regexp_matches(_title, '{_BEFORE}') THEN regexp_replace(_title, '{_BEFORE}', '') "
    f"WHEN regexp_matches(_title, '{_BEHIND}') THEN "
    f"regexp_replace(regexp_replace(_title, '{_BEHIND}', ''), '^„(.*)“$', '\\1') ELSE _title END"
)
_WHOLE = "{header} IS NOT NULL AND {title} IS NOT NULL AND {time} IS NOT NULL"

_JSON = Format(
    name="youtube_takeout",
    kind="plays",
    title="Google Takeout: watch history of YouTube and YouTube Music",
    where="https://takeout.google.com > Deselect all > YouTube and YouTube Music > history; under "
    "Multiple formats, choose JSON for the history (a web page is read too, if it is in English)",
    evidence=(
        Evidence(
            "github.com/metabrainz/listenbrainz-server listenbrainz/background/listens_importer/"
            "youtubemusic.py @20ef53a739fd1317488a1f33359e068603c33757",
            "2026-11-26",
        ),
        Evidence(
            "github.com/purarue/google_takeout_parser google_takeout_parser/parse_html/"
            "activity.py @b7897682420b7ddc69fc29f7a249116e56c53d5f",
            "2026-11-26",
        ),
        Evidence(
            "github.com/purarue/google_takeout_parser google_takeout_parser/parse_html/"
            "html_time_utils.py @b7897682420b7ddc69fc29f7a249116e56c53d5f",
            "2026-11-26",
        ),
    ),
    records="[]",
    needs=(("header", "title", "time", "titleUrl"),),
    columns={
        "user_id": ME,
        # Before artist_id, which is made of it.
        "artist": derived(
            "regexp_replace(json_extract_string(_channels, '$[0].name'), ' - Topic$', '')"
        ),
        "artist_id": derived("coalesce(artist, '')"),
        "recording_id": derived(
            "nullif(regexp_extract(_url, '[?&]v=([A-Za-z0-9_-]{11})(?:[&#]|$)', 1), '')"
        ),
        "played_at": iso("time").required(),
        "seconds": replace(constant(None), type="DOUBLE"),
        "country": constant(None),
        "platform": constant("youtube_music"),
        "title": derived(_TITLE),
        "_title": text("title"),
        "_url": text("titleUrl"),
        "_channels": text("subtitles").optional(),
        "_header": text("header").required(),
    },
    leave_out={
        "advertisement": f"{_WHOLE} AND contains({{details}}, 'From Google Ads')",
        "video of YouTube, no play of YouTube Music": f"{_WHOLE} AND {{header}} <> 'YouTube Music' "
        "AND coalesce(NOT contains({details}, 'From YouTube Music'), TRUE)",
        "video that was removed, or has no address": f"{_WHOLE} AND {{titleUrl}} IS NULL",
        "page that is no video": f"{_WHOLE} AND NOT contains({{titleUrl}}, 'watch?v=')",
        "video without a name": f"{_WHOLE} AND {{subtitles}} IS NULL AND "
        "regexp_matches({title}, 'https?://[^ ]*watch[?]v=')",
    },
    remarks={"no artist": "artist_id = ''"},
    notes=(
        (
            "Only plays of YouTube Music are read: videos, advertisements and what was removed are "
            "counted in provenance['left_out']."
        ),
        "The artist is the channel, without ' - Topic'; where none is told, artist_id is empty.",
        (
            "A title in a language other than English, German, French or Italian keeps the word "
            "that says it was watched. Web pages have the bare title, but need English times."
        ),
        "Since 2020 web pages write all times with the clock of the day of the export.",
        "My Activity and the watch history tell the same plays: read one of them.",
    ),
)

_PAGE = replace(
    _JSON,
    records="",
    needs=(),
    names=COLUMNS,
    parse=page_records,
    sniff=is_history,
    columns={
        **_JSON.columns,
        "title": text("title"),
        "artist": derived("regexp_replace(_channel, ' - Topic$', '')"),
        "_channel": text("subtitles"),
    },
)

FORMATS = (_JSON, _PAGE)
read_youtube_takeout = reader(_JSON)
