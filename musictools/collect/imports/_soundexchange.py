"""SoundExchange: what a webcaster reports to have played."""

import re

from musictools.collect.imports._field import Bound, Context, Field
from musictools.collect.imports._fields import constant, count, derived, isrc, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader
from musictools.collect.imports._usual import first_day, refusal

_HEADER = (
    "NAME_OF_SERVICE", "TRANSMISSION_CATEGORY", "FEATURED_ARTIST", "SOUND_RECORDING_TITLE", "ISRC",
    "ALBUM_TITLE", "MARKETING_LABEL", "ACTUAL_TOTAL_PERFORMANCES", "AGGREGATE_TUNING_HOURS",
    "CHANNEL_OR_PROGRAM_NAME", "PLAY_FREQUENCY",
)  # fmt: skip


def _first_day() -> Field:
    """Take the first day of the period from the name of the file: it stands nowhere else."""

    def bind(_: Field, context: Context) -> Bound:
        seen = re.search(r"(?<!\d)(\d{8})-\d{8}(?!\d)", context.file)
        found = first_day(seen[1], ("%Y%m%d", "%d%m%Y")) if seen else None
        if found is None:
            raise refusal(
                context,
                got="a name without a period, and such files tell it nowhere else",
                expected="a name such as KFAKE20250101-20250131_A.txt",
                hint="rename it to the service, the first and the last day, as SoundExchange asks",
            )
        return Bound(f"TIMESTAMP '{found:%Y-%m-%d}'", same=True)

    return Field("TIMESTAMP", bind)


def _spins() -> Field:
    told = count("PLAY_FREQUENCY")

    def bind(self: Field, context: Context) -> Bound:
        counted = "PLAY_FREQUENCY" in context.header and (
            context.values("PLAY_FREQUENCY") or not context.sample
        )
        if not counted:
            raise refusal(
                context,
                got="listeners' performances, and not how often each recording was played",
                expected="a report with PLAY_FREQUENCY, by aggregate tuning hours",
                hint='read_table(path, mapping={"entity_id": "SOUND_RECORDING_TITLE", '
                '"metric:performances": "ACTUAL_TOTAL_PERFORMANCES"}, constants={"platform": '
                '"radio", "observed_at": "2025-01-31"})',
            )
        return told.bind(self, context)

    return Field("DOUBLE", bind, told.names, told.what, needed=True, must=False)


_FORMAT = Format(
    name="soundexchange",
    kind="airplay",
    title="Report of use for SoundExchange (37 CFR 370)",
    where="the station's software, such as Rivendell (RDLogManager > Generate Log Reports); "
    "https://www.soundexchange.com/service-provider/reporting-requirements/",
    evidence=(
        Evidence(
            "github.com/ElvishArtisan/rivendell lib/export_soundex.cpp "
            "@036b6f6a6169860e38e7f2e813828d7174b2e933",
            "2026-11-26",
        ),
        Evidence(
            "github.com/AzuraCast/AzuraCast "
            "backend/src/Controller/Api/Stations/Reports/SoundExchangeAction.php "
            "@14a6e5e20cc1fc213c356fe93dac545e968cb332",
            "2026-11-26",
        ),
        Evidence(
            "http://www.radioactivity.fm/articles/soundexchange_reports_of_use5.html", "2026-11-26"
        ),
    ),
    needs=(_HEADER[:7], _HEADER),
    columns={
        "ds": _first_day(),
        "_service": text("NAME_OF_SERVICE").required(),
        "_channel": text("CHANNEL_OR_PROGRAM_NAME").optional(),
        "station": derived("coalesce(_channel, _service)"),
        "medium": constant("radio"),
        "recording_id": derived("coalesce(isrc, artist || ' - ' || title)"),
        "spins": _spins(),
        "audience": count("ACTUAL_TOTAL_PERFORMANCES"),
        "seconds": derived("CAST(NULL AS DOUBLE)", "DOUBLE"),
        "title": text("SOUND_RECORDING_TITLE").required(),
        "artist": text("FEATURED_ARTIST").required(),
        "isrc": isrc("ISRC"),
        "release": text("ALBUM_TITLE"),
        "label": text("MARKETING_LABEL"),
    },
    # Some programs put carets where others have quotation marks.
    tidy=lambda name: name.strip().strip("^"),
    notes=(
        "The period stands in the name of the file only, as days from 20250101 or 01012025.",
        "Reports of performances alone (AzuraCast's, eight columns) are refused.",
        "A performance is one listener's: such a report does not tell how often it was played.",
        "audience is the sum of performances, where a report has both.",
    ),
)

FORMATS = (_FORMAT,)
read_soundexchange = reader(_FORMAT)
