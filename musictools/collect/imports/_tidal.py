"""Tidal's streaming.csv, from the personal data that Tidal sends."""

import datetime as dt
import itertools
import re
import zoneinfo
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from musictools.collect.imports._fields import constant, country, moment, number, text
from musictools.collect.imports._format import Broken, Evidence, Format, Parsed, Sample, plain
from musictools.collect.imports._listens import LONGEST_MS, ME, market, seconds
from musictools.collect.imports._reader import reader
from musictools.collect.imports._spool import careful_records
from musictools.errors import ExportError

_COLUMNS = (
    "artist_name",
    "track_title",
    "entry_date",
    "stream_duration_ms",
    "product_type",
    "ip_address",
    "client_name_from_session",
    "country_name",
    "region_name",
    "city_name",
    "postal_code",
    "time_zone",
)
#: What is read whether private columns are wanted or not.
_NEEDS = (*_COLUMNS[:5], "country_name", "time_zone")
_NOTHING = {"", "null"}
#: A header stands at most so far down.
_DEEPEST = 60
_LOCAL = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?")


def _is_tidal(sample: Sample) -> bool:
    return any(_header(line) is not None for line in sample.lines)


def _header(line: str) -> list[str] | None:
    names = [plain(cell) for cell in line.split(",")]
    return names if {"entry_date", "stream_duration_ms", "artist_name"} <= set(names) else None


def _records(path: Path) -> Iterator[Parsed | Broken]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        top = itertools.islice(stream, _DEEPEST)
        skip, names = next((n, found) for n, line in enumerate(top, 1) if (found := _header(line)))
    missing = [name for name in _NEEDS if name not in names]
    if missing:
        raise ExportError(
            "read a file as tidal",
            got=f"no column {missing[0]!r} among {', '.join(map(repr, names))}",
            expected="the columns of Tidal's streaming.csv",
            hint="read_table(path, mapping=...) reads any file",
        )
    places = [names.index(name) if name in names else None for name in _COLUMNS]
    for each in careful_records(path, ",", len(names), skip):
        if isinstance(each, Broken):
            yield each
            continue
        cells = [None if at is None else _known(each.cells[at]) for at in places]
        zone, at = cells[-1], _COLUMNS.index("entry_date")
        # Phones tell no zone, and then the time is UTC.
        clock = _zone(zone.strip()) if zone else dt.UTC
        if clock is None:
            text = ",".join(cell or "" for cell in each.cells)
            yield Broken(each.line, f"time_zone is no time zone: {zone}", text)
        else:
            cells[at] = _utc(cells[at], clock)
            yield Parsed(each.line, cells)


def _known(cell: str | None) -> str | None:
    return None if cell is None or cell.strip() in _NOTHING else cell


@cache
def _zone(name: str) -> dt.tzinfo | None:
    """Find a time zone by its name; None where there is none of it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _utc(cell: str | None, clock: dt.tzinfo) -> str | None:
    """Turn a time of the listener's own clock into UTC; what is none is left as it is."""
    seen = _LOCAL.fullmatch((cell or "").strip())
    if seen is None:
        return cell
    day, month, year, hour, minute, second = (int(part or 0) for part in seen.groups())
    try:
        local = dt.datetime(year, month, day, hour, minute, second, tzinfo=clock)
        return f"{local.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return cell


_FORMAT = Format(
    name="tidal",
    kind="plays",
    title="Tidal's streaming.csv",
    where="https://account.tidal.com > Privacy > Request my data; in it, streaming.csv",
    evidence=(
        Evidence(
            "github.com/metabrainz/listenbrainz-server listenbrainz/testdata/tidal_streaming.csv "
            "@4d5b21380d309eef621b129f7686445d902bfb61",
            "2026-11-26",
        ),
        Evidence(
            "github.com/metabrainz/listenbrainz-server listenbrainz/background/listens_importer/"
            "tidal.py @3d4f3e47fe1095f6cbddc6eed3e66e4062d36aaa",
            "2026-11-26",
        ),
    ),
    names=_COLUMNS,
    parse=_records,
    sniff=_is_tidal,
    columns={
        "user_id": ME,
        "artist_id": text("artist_name").required(),
        "recording_id": constant(None),
        "played_at": moment("entry_date", formats=("%Y-%m-%d %H:%M:%S",)).required(),
        "seconds": seconds(),
        "country": market("_country"),
        "platform": constant("tidal"),
        "title": text("track_title"),
        "artist": text("artist_name"),
        "_ms": number("stream_duration_ms").within(0, LONGEST_MS),
        "_country": country("country_name"),
    },
    private={
        "ip_address": text("ip_address").optional(),
        "device": text("client_name_from_session").optional(),
        "region": text("region_name").optional(),
        "city": text("city_name").optional(),
        "postal_code": text("postal_code").optional(),
    },
    leave_out={"album, or what else is no track": "upper({product_type}) <> 'TRACK'"},
    notes=(
        (
            "Times are whole minutes of the listener's own clock, and made UTC by time_zone; where "
            "a row has none, as of phones, they are taken for UTC."
        ),
        "The hour that an autumn night has twice is written once: the first is meant.",
        "There is neither an identifier nor a release.",
    ),
)

FORMATS = (_FORMAT,)
read_tidal = reader(_FORMAT)
