"""Apple Music Play Activity.csv, from Apple's privacy page."""

from musictools.collect.imports._field import Bound, Context, Field, column
from musictools.collect.imports._fields import constant, count, country, derived, flag, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._listens import ME, iso_sql, market
from musictools.collect.imports._reader import reader

_START, _END, _LASTED = (
    "Event Start Timestamp",
    "Event End Timestamp",
    "Play Duration Milliseconds",
)
#: Durations beyond a day, and below nothing, are those of clocks that went wrong.
_DAY_MS = 86_400_000


def _begin() -> Field:
    """Read when a play began; where no start is told, the end less what was heard."""

    def bind(_: Field, context: Context) -> Bound:
        start, end, lasted = map(column, (_START, _END, _LASTED))
        if _START not in context.header:
            start = "CAST(NULL AS VARCHAR)"
        ms = f"TRY_CAST({lasted} AS BIGINT)"
        known = f"CASE WHEN {ms} BETWEEN 0 AND {_DAY_MS} THEN {ms} ELSE 0 END"
        before = f"{iso_sql(end)} - to_milliseconds({known})"
        sql = f"CASE WHEN {start} IS NOT NULL THEN {iso_sql(start)} ELSE {before} END"
        return Bound(sql, f"coalesce({start}, {end})")

    return Field("TIMESTAMP", bind, (_END, _START), "a time").required()


_FORMAT = Format(
    name="apple_play_activity",
    kind="plays",
    title="Apple Music Play Activity",
    where="https://privacy.apple.com > Request a copy of your data > Apple Media Services "
    "information (it takes some days); in it, Apple Music Activity/Apple Music Play Activity.csv",
    evidence=(
        Evidence(
            "github.com/SamTheGeek/apple-music-history docs/play-activity-columns.md "
            "@2e11bb408e6efd7df380b8e644989e107444e6fa",
            "2026-11-26",
        ),
        Evidence(
            "github.com/SamTheGeek/apple-music-history docs/apple-export-format.md "
            "@1d5647ec6d744acaa54051aba6831d45279b0a83",
            "2026-11-26",
        ),
        Evidence("github.com/dmatica/fitlist Step1/Readme.md", "2026-11-26"),
    ),
    needs=((_END, _LASTED, "Event Type", "Media Type"),),
    rename={"Content Name": "Song Name"},
    columns={
        "user_id": ME,
        "artist_id": derived("coalesce(_artist, _container, '')"),
        "recording_id": constant(None),
        "played_at": _begin(),
        "seconds": derived(f"CASE WHEN _ms BETWEEN 0 AND {_DAY_MS} THEN _ms / 1000 END", "DOUBLE"),
        "country": market("_address", "_store"),
        "platform": constant("apple_music"),
        "title": text("Song Name"),
        "artist": derived("coalesce(_artist, _container)"),
        "release": text("Album Name").optional(),
        "reason_end": text("End Reason Type").optional(),
        "skipped": derived(
            "CASE WHEN reason_end = 'NATURAL_END_OF_TRACK' THEN FALSE "
            "WHEN prefix(reason_end, 'TRACK_SKIPPED_') OR prefix(reason_end, 'MANUALLY_SELECTED_') "
            "THEN TRUE END",
            "BOOLEAN",
        ),
        "offline": flag("Offline").optional(),
        "_artist": text("Artist Name").optional(),
        "_container": text("Container Artist Name").optional(),
        "_ms": count(_LASTED),
        "_address": country("IP Country Code").optional(),
        "_store": country("Store Front Name").optional(),
        # What is no play of a song could not be told from one without these.
        "_event": text("Event Type"),
        "_media": text("Media Type"),
    },
    private={
        "apple_id": text("Apple ID Number").optional(),
        "device": text("Device Identifier").optional(),
        "device_name": text("Client Device Name").optional(),
        "ip_address": text("Client IP Address").optional(),
        "city": text("IP City").optional(),
        "latitude": text("IP Latitude").optional(),
        "longitude": text("IP Longitude").optional(),
        "network": text("IP Network").optional(),
    },
    leave_out={
        "event that is no play": "upper({Event Type}) <> 'PLAY_END'",
        "video": "upper({Media Type}) = 'VIDEO'",
        "no name of a song": f"{{Song Name}} IS NULL AND {{{_LASTED}}} IS NOT NULL",
    },
    remarks={"no artist": "artist_id = ''"},
    notes=(
        (
            "Exports since about 2023 have no artist's name: it is that of the container, and "
            "without one, artist_id is an empty text. provenance['remarks'] counts such rows; "
            "mt.collect.identify or a search by title and release can find whose they are."
        ),
        "Times are UTC. Where no start is told, it is the end less the play duration.",
        "Play durations below nothing or above a day are missing; the play stays.",
        "Daily tracks (Apple Music - Play History Daily Tracks.csv) is another file: not read.",
    ),
)

FORMATS = (_FORMAT,)
read_apple_play_activity = reader(_FORMAT)
