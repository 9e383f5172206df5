"""Deezer's personal data: one workbook, whose tenth sheet is the listening history."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from musictools.collect.imports._fields import constant, count, derived, isrc, moment, text
from musictools.collect.imports._format import Broken, Evidence, Format, Parsed, Sample
from musictools.collect.imports._listens import ISRC_ONLY, ME
from musictools.collect.imports._reader import reader
from musictools.collect.imports._workbook import Workbook, serial_moment, sheet_records
from musictools.errors import ExportError

_NEEDS = ("Song Title", "Artist", "ISRC", "Album Title", "Listening Time", "Date")
_COLUMNS = (*_NEEDS, "Platform Name", "Platform Model")
_SHEET = re.compile(r"(\d+_)?listening_?history", re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_LONGEST_S = 10**9


def _has_history(sample: Sample) -> bool:
    if not sample.head.startswith(b"PK\x03\x04"):
        return False
    try:
        with sample.open() as stream, Workbook(stream) as book:
            return any(map(_SHEET.fullmatch, book.sheets))
    except ExportError:
        # Whatever it is, it is no workbook.
        return False


def _records(path: Path) -> Iterator[Parsed | Broken]:
    with Workbook(path) as book:
        sheet = next(name for name in book.sheets if _SHEET.fullmatch(name))
        date = _COLUMNS.index("Date")
        for each in sheet_records(book.rows(sheet), _COLUMNS, _NEEDS):
            cells = list(each.cells)
            # Times are text; a spreadsheet program that saved the file may have made numbers.
            if _SERIAL.fullmatch(cells[date] or ""):
                cells[date] = serial_moment(float(cells[date] or 0))
            yield Parsed(each.line, cells)


_WORKBOOK = Format(
    name="deezer",
    kind="plays",
    title="Deezer's personal data (the workbook deezer-data)",
    where="https://www.deezer.com > Account settings > My personal data; the whole workbook, as "
    "it is",
    evidence=(
        Evidence(
            "github.com/avinaxhroy/Tempo app/src/main/java/me/avinas/tempo/data/deezer/"
            "DeezerXlsxParser.kt @15cb9171aea49a51ae505f2320b5c2fd11e1cb6e",
            "2026-11-26",
        ),
        Evidence(
            "github.com/albined/your_spotify apps/server/src/tools/importers/deezer.ts "
            "@191ce2529f7d84ccc127fb0b5ec6389cd255f162",
            "2026-11-26",
        ),
    ),
    names=_COLUMNS,
    parse=_records,
    sniff=_has_history,
    columns={
        "user_id": ME,
        "artist_id": text("Artist").required(),
        "recording_id": derived(ISRC_ONLY),
        "played_at": moment("Date", formats=("%Y-%m-%d %H:%M:%S",)).required(),
        "seconds": derived("CASE WHEN _s >= 0 THEN _s END", "DOUBLE"),
        "country": constant(None),
        "platform": constant("deezer"),
        "title": text("Song Title"),
        "artist": text("Artist"),
        "release": text("Album Title"),
        "_isrc": isrc("ISRC"),
        "_s": count("Listening Time").within(-1, _LONGEST_S),
    },
    private={
        "device": text("Platform Name").optional(),
        "device_model": text("Platform Model").optional(),
    },
    notes=(
        "Which end of a play Date tells is not documented: it is taken for the begin, in UTC.",
        "A listening time of -1 is unknown. Several artists stand in one text.",
        "The sheet saved as CSV is read too.",
    ),
)

_SAVED = replace(_WORKBOOK, needs=(_NEEDS,), names=(), parse=None, sniff=None)

FORMATS = (_WORKBOOK, _SAVED)
read_deezer = reader(_WORKBOOK)
