"""SoundCloud for Artists: what each partner paid for each track."""

from musictools.collect.imports._fields import (
    constant,
    count,
    country,
    derived,
    file_stem,
    isrc,
    money,
    number,
    period,
    text,
    upc,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_FORMAT = Format(
    name="soundcloud",
    kind="royalties",
    title="SoundCloud's earnings report",
    where="SoundCloud for Artists > Earnings > the report",
    # Two importers and a table of one's database name the columns; the index of public repositories
    # holds them without the names of their repositories.
    evidence=(
        Evidence(
            "a note on statement formats (soundcloud: header_row 2, column fingerprint) and an "
            "importer's list of required columns, files 53902936104, 70076982722 and 12683106398 "
            "of the index of public repositories that was searched; it does not name theirs",
            "2026-11-26",
        ),
    ),
    needs=(("Reporting Period", "Revenue (USD)", "Revenue Share (%)", "Split Pay Share (%)"),),
    columns={
        "statement": file_stem(),
        "period": period("Reporting Period", formats=("%Y-%m-%d",), letters=10).required(),
        "payer": constant("SoundCloud"),
        "platform": text("Partner"),
        "country": country("Country"),
        "recording_id": isrc("ISRC"),
        "units": count("Units"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("Revenue (USD)").required(),
        "currency": constant("USD"),
        "title": text("Track"),
        "artist": text("Artist(s)"),
        "release": text("Release"),
        "isrc": derived("recording_id"),
        "upc": upc("UPC"),
        "use": text("Type"),
        "accounting_period": period(
            "Accounting Period", formats=("%Y-%m-%d",), letters=10
        ).optional(),
        "revenue_share": number("Revenue Share (%)"),
        "split_pay_share": number("Split Pay Share (%)"),
    },
    total_in=("Reporting Period",),
    notes=(
        (
            "The file holds all there ever was, and later files correct earlier ones: keep the "
            "last, and do not add them up."
        ),
        "Whether Revenue is before or after the two shares is not documented: it is taken as paid.",
    ),
)

FORMATS = (_FORMAT,)
read_soundcloud = reader(_FORMAT)
