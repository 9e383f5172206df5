"""DDEX Digital Sales Reports as flat files: records of several types, in blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

from musictools.collect.imports._dsr_records import CELLS, Report
from musictools.collect.imports._fields import (
    code,
    constant,
    country,
    currency,
    derived,
    isrc,
    money,
    number,
    text,
)
from musictools.collect.imports._format import Broken, Evidence, Format, Parsed, Sample
from musictools.collect.imports._reader import reader


def _parse(path: Path) -> Iterator[Parsed | Broken]:
    report = Report(path.name)
    with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as stream:
        for line, raw in enumerate(stream, 1):
            yield from report.read(line, raw.rstrip("\r\n"))
    yield from report.end()


def _is_report(sample: Sample) -> bool:
    return re.search(r"^HEAD(\.\d+)?\tdsrf/", sample.text, re.MULTILINE) is not None


_FORMAT = Format(
    name="dsr",
    kind="royalties",
    title="DDEX Digital Sales Report (flat file)",
    where="What a service sends to those whose music it uses, as .tsv or .tsv.gz",
    evidence=(
        Evidence(
            "github.com/ddexnet/dsrf testdata/DSR_TEST_YouTube_AdSupport-music_2015-Q4_IS_1of1_"
            "20160121T150926.tsv @ 31a722928dd78cb59f31d9d2cc8c13279b2f9f15",
            "2026-11-26",
        ),
        Evidence(
            "github.com/Orfium/dsrf-parser-poc DSR_PADPIDA2015999999X_PADPIDA2015999999X_AdFunded_"
            "2015-08-01--2015-08-31__1of1_20151123T182957.tsv "
            "@ bd36059cbb114f3136716bf15df41134faa45fdc",
            "2026-11-26",
        ),
    ),
    columns={
        "statement": text("MessageId"),
        "period": text("Period").required(),
        "payer": text("SenderName").required(),
        "platform": text("SenderName"),
        "country": country("Territory"),
        "recording_id": isrc("ISRC"),
        "work_id": derived("coalesce(_iswc, _work)"),
        "_iswc": code("ISWC", kind="iswc"),
        "_work": text("ProprietaryWorkId"),
        "units": number("Usages"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("AllocatedAmount").required(),
        "currency": currency("Currency").required(),
        "title": text("Title"),
        "artist": text("DisplayArtistName"),
        "release": constant(None),
        "isrc": derived("recording_id"),
        "upc": constant(None),
        "use": text("UseType"),
        "rights_controller": text("RightsController"),
        "right_type": text("RightType"),
    },
    leave_out={"usage for which no amount is stated": "{Record} = 'SU'"},
    names=CELLS,
    parse=_parse,
    sniff=_is_report,
    notes=(
        (
            "A row is one amount due: an LI record, with the usage, the recording and the work of "
            "its block. NetRevenue of summary records is the whole service's, and is not read."
        ),
        "Profiles that state usages without an amount due (Basic Audio) are refused.",
        "A usage with several amounts due counts its units in each of their rows.",
        "The numbers of lines, summaries and blocks that the file states are held against it.",
        (
            "DDEX standards are licensed: whoever implements them needs DDEX's own free licence "
            "(https://ddex.net/apply-ddex-implementation-licence). Only the public structure is "
            "read here; no schema and no value set comes with musictools."
        ),
    ),
)

FORMATS = (_FORMAT,)
read_dsr = reader(_FORMAT)
