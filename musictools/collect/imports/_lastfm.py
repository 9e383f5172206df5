"""Scrobbles of Last.fm, as two public exporters write them: Last.fm itself has no download."""

import re
from dataclasses import replace

from musictools.collect.imports._fields import constant, moment, text
from musictools.collect.imports._format import Evidence, Format, Sample
from musictools.collect.imports._listens import ME, epoch
from musictools.collect.imports._reader import reader

_DATED = re.compile(r"[^,]*,[^,]*,[^,]*,\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}")
#: Last.fm began in 2002: what is older is a player whose clock stood still.
_FIRST, _LAST = "TIMESTAMP '2002-01-01'", "TIMESTAMP '2200-01-01'"
_NOTES = (
    "Last.fm tells neither how long a song was heard, nor where, nor on which player.",
    (
        "Times are UTC, and tell when a song began; those before 2002 are problems, since they "
        "come of players whose clock stood still."
    ),
    "The file's name is often the user's name, and stands in the column source.",
)


def _headless(sample: Sample) -> bool:
    # The last line may be cut.
    lines = [line for line in sample.lines[:-1] or sample.lines if line]
    dated = sum(_DATED.fullmatch(line) is not None for line in lines)
    return dated > 0 and dated >= 0.5 * len(lines)


_WITH_HEADER = Format(
    name="lastfm",
    kind="plays",
    title="Last.fm scrobbles (ghan's exporter, and lastfm-to-csv)",
    where="https://lastfm.ghan.nl/export/ > CSV; or https://benjaminbenben.com/lastfm-to-csv/",
    evidence=(
        Evidence("https://lastfm.ghan.nl/export/", "2026-11-26"),
        Evidence(
            "github.com/benfoxall/lastfm-to-csv js/lastfm-export.js "
            "@0291a6ab568f9763186eae50bbbea536eebb3e6f",
            "2026-11-26",
        ),
        Evidence(
            "github.com/benfoxall/lastfm-to-csv sw.js @2d98a55000c3c82e2885c388763f17073b130bda",
            "2026-11-26",
        ),
    ),
    needs=(("uts", "utc_time", "artist", "album", "track"),),
    columns={
        "user_id": ME,
        "artist_id": text("artist").required(),
        "recording_id": text("track_mbid").optional(),
        "played_at": epoch("uts").within(_FIRST, _LAST).required(),
        "seconds": replace(constant(None), type="DOUBLE"),
        "country": constant(None),
        "platform": constant("lastfm"),
        "title": text("track"),
        "artist": text("artist"),
        "release": text("album"),
    },
    notes=_NOTES,
)

_PLAIN = replace(
    _WITH_HEADER,
    needs=(("artist", "album", "name", "date"),),
    columns={
        **_WITH_HEADER.columns,
        "recording_id": constant(None),
        "played_at": moment("date", formats=("%d %b %Y %H:%M",)).within(_FIRST, _LAST).required(),
        "title": text("name"),
    },
    leave_out={"playing now": "{date} IS NULL AND {artist} IS NOT NULL AND {name} IS NOT NULL"},
)

_HEADLESS = replace(_PLAIN, needs=(), names=("artist", "album", "name", "date"), sniff=_headless)

FORMATS = (_WITH_HEADER, _PLAIN, _HEADLESS)
read_lastfm = reader(_WITH_HEADER)
