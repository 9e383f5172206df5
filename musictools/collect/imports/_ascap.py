"""ASCAP: performances at home, and royalties from abroad."""

from musictools.collect.imports._fields import (
    constant,
    country,
    derived,
    file_stem,
    money,
    number,
    period,
    text,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_HOME = Format(
    name="ascap",
    kind="royalties",
    title="ASCAP's statement",
    where="Member Access > statements > CSV; domestic and international come as two files",
    evidence=(
        Evidence(
            "github.com/songtrace/songtrace tests/providers/"
            "test_ascap_csv_raw_evidence_source.py @ a5b4beb901a18f06afd563aa8ef1e82bcd68752e",
            "2026-11-26",
        ),
    ),
    needs=(("DistributionYear", "Distribution Quarter", "Work ID", "Work Title", "Dollars"),),
    columns={
        "statement": file_stem(),
        "period": period("Performance Quarter", formats=("%qQ%Y",)).required(),
        "payer": constant("ASCAP"),
        "platform": text("Music User"),
        "country": country("Territory"),
        "recording_id": constant(None),
        "work_id": text("Work ID"),
        "units": number("Number of Plays"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("Dollars").required(),
        "currency": constant("USD"),
        "title": text("Work Title"),
        "artist": text("Performing Artist").optional(),
        "use": text("Performance Type (Usage)").optional(),
        "participant": text("Party Name").optional(),
        "medium": text("Performance Source/Broadcast Medium").optional(),
        "premium_dollars": money("Premium Dollars").optional(),
    },
    total_in=("DistributionYear",),
    notes=(
        "The period is the quarter of the performance.",
        "Whether Premium Dollars are part of Dollars is not documented: they are kept beside them.",
        "Party Name is a writer or publisher, and never the artist.",
    ),
)

_ABROAD = Format(
    name="ascap",
    kind="royalties",
    title="ASCAP's international statement",
    where=_HOME.where,
    evidence=(
        Evidence(
            "github.com/songtrace/songtrace, test of its source of ASCAP's international incoming "
            "CSV @ 6344ab79a601f190158f95a0f5dbbd64c4d6dd5d",
            "2026-11-26",
        ),
    ),
    needs=(("Distribution Date", "Work ID", "Revenue Class Code", "$ Amount", "Territory"),),
    columns={
        "statement": file_stem(),
        "period": period("Performance Start Date", formats=("%m-%d-%Y",), by="quarter").required(),
        "payer": constant("ASCAP"),
        "platform": text("Licensor").optional(),
        "country": country("Territory"),
        "recording_id": constant(None),
        "work_id": text("Work ID"),
        "units": derived("CAST(NULL AS DOUBLE)", "DOUBLE"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("$ Amount").required(),
        "currency": constant("USD"),
        "title": text("Work Title"),
        "use": text("Revenue Class Description"),
        "participant": text("Party Name").optional(),
    },
    total_in=("File Type", "Statement Recipient Name"),
    notes=("Royalties from abroad have no count of plays.",),
)

FORMATS = (_HOME, _ABROAD)
read_ascap = reader(_HOME)
