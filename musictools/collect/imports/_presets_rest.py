"""Airplay and works of vendors whose files were not seen in public: mappings to begin with."""

from musictools.collect.imports._cwr import COLUMNS, LEFT_OUT, version_of
from musictools.collect.imports._field import Field
from musictools.collect.imports._fields import constant, count, derived, isrc, number, text
from musictools.collect.imports._format import Format
from musictools.collect.imports._registrations import NAMES, works_of
from musictools.collect.imports._usual import any_day, clock

_UNVERIFIED = (
    "Unverified: no public evidence shows the header. Its columns are guesses; where they are "
    "wrong, guess_mapping tells what the file has."
)
_NAMED = "coalesce(isrc, artist || ' - ' || title)"


def _airplay(**fields: Field) -> dict[str, Field]:
    usual = {
        "ds": any_day("Date", "Week", "Day", "Air Date", "Date/Time").required(),
        "station": text("Station", "Call Letters", "Station Name", "Channel").required(),
        "medium": constant("radio"),
        "recording_id": derived(_NAMED),
        "spins": count("Spins", "Plays", "Detections").required(),
        "audience": number("Audience", "Impressions", "Reach").optional(),
        "seconds": derived("CAST(NULL AS DOUBLE)", "DOUBLE"),
        "title": text("Title", "Song", "Track", "Song Title").required(),
        "artist": text("Artist", "Artist Name").required(),
        "isrc": isrc("ISRC").optional(),
    }
    return usual | fields


#: One line of such a log is one spin.
_ONE = derived("CAST(1 AS DOUBLE)", "DOUBLE")
_CHARTS = {
    "bds": "Luminate (Nielsen) BDS: spins by station",
    "mediabase": "Mediabase: spins by station",
    "radiomonitor": "Radiomonitor: plays by station",
}
_LOGS = {
    "bmat": "BMAT (Vericast): detections on radio",
    "soundcharts": "Soundcharts: radio plays",
    "warm": "WARM: radio plays",
}


def _preset(name: str, title: str, columns: dict[str, Field], *notes: str) -> Format:
    told = [each for each in columns.values() if each.names]
    needs = (
        tuple((a, b) for a in columns["title"].names for b in columns["artist"].names)
        if "artist" in columns
        else tuple((each,) for field in told for each in field.names)
    )
    return Format(
        name=name,
        kind="airplay",
        title=title,
        where="the vendor's web pages, for its customers",
        evidence=(),
        needs=needs,
        columns=columns,
        notes=(_UNVERIFIED, *notes),
        verified=False,
        guessed=False,
    )


_SPINITRON = _preset(
    "spinitron",
    "Spinitron: spins of a station",
    _airplay(
        ds=any_day("Date", "Date-time").required(),
        station=text("Station").required(),
        spins=_ONE,
        audience=derived("CAST(NULL AS DOUBLE)", "DOUBLE"),
        title=text("Song").required(),
        artist=text("Artist").required(),
        release=text("Release").optional(),
    ),
    "One line is one spin. The station does not stand in the file: "
    'read_table(path, mapping="spinitron", constants={"station": "WXYZ"}).',
)
_CENTOVA = _preset(
    "centovacast",
    "Centova Cast: tracks played back",
    _airplay(
        ds=any_day("Date", "Time", "Date/Time").required(),
        spins=_ONE,
        title=text("Title", "Track").required(),
        release=text("Album").optional(),
    ),
    "One line is one spin. The station may have to be told, as a constant.",
)
_CUES = _preset(
    "cue_sheet",
    "A cue sheet: music in a programme",
    _airplay(
        ds=any_day("Airdate", "Air Date", "Date").required(),
        station=text("Network", "Station", "Channel").required(),
        medium=constant("TV"),
        recording_id=derived("coalesce(artist || ' - ' || title, title)"),
        spins=_ONE,
        seconds=clock("Duration", "Length").optional(),
        title=text("Title", "Cue Title", "Track").required(),
        artist=text("Artist", "Composer").optional(),
        isrc=isrc("ISRC").optional(),
        use=text("Usage").optional(),
    ),
    "One line is one cue. The societies' own template is a workbook with one party a line, and is "
    "not read. Station and ds may have to be told, as constants.",
)
_CWR3 = Format(
    name="cwr3",
    kind="works",
    title="Common Works Registration (CWR) 3",
    where="the publisher's software: a file such as CW260001ABC_0000_V3-0-0.SUB",
    evidence=(),
    columns=COLUMNS,
    leave_out=LEFT_OUT,
    names=NAMES,
    parse=works_of,
    sniff=lambda sample: version_of(sample).startswith("03"),
    notes=(
        "Unverified: only the positions that one program writes are known, and no file was seen.",
        "Shares are those that writers collect in the first territory named.",
    ),
    verified=False,
    guessed=False,
)

FORMATS = (
    *(_preset(name, title, _airplay()) for name, title in _CHARTS.items()),
    *(
        _preset(name, title, _airplay(spins=_ONE, seconds=clock("Duration", "Length").optional()))
        for name, title in _LOGS.items()
    ),
    _SPINITRON,
    _CENTOVA,
    _CUES,
    _CWR3,
)
