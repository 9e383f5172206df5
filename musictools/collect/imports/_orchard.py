"""The Orchard, in its present layout and the old Workstation's; and AWAL, which writes the same."""

from dataclasses import replace

from musictools.collect.imports._fields import (
    constant,
    count,
    country,
    currency,
    derived,
    file_stem,
    isrc,
    money,
    period,
    text,
    upc,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_SAME = "The Orchard and AWAL write one layout, without a name: say read_awal for files of AWAL."
_EVIDENCE = (
    Evidence(
        "github.com/SuperHyperInstantFutureTime/TrackShift class/Upload/AWALUpload.php "
        "@ 7ec329443b5bf3f9df123cbc8c6d4db37c6eaa10",
        "2026-11-26",
    ),
    Evidence(
        "github.com/Salome2026/royalties_pipeline scripts/ingest_standardized_orchard.py "
        "@ 56286f0ce7fb38194582fbfdfb67c33ade14a018",
        "2026-11-26",
    ),
)
_NET = "NET SHARE ACCOUNT CURRENCY"

_PRESENT = Format(
    name="orchard",
    kind="royalties",
    title="The Orchard's statement",
    where="Workstation > statements",
    evidence=_EVIDENCE,
    needs=(("STATEMENT PERIOD", "TRANSACTION DATE", "SALE COUNTRY", "STORE", _NET),),
    columns={
        "statement": file_stem(),
        "period": period("TRANSACTION DATE", formats=("%Y-%m-%d",)).required(),
        "payer": constant("The Orchard"),
        "platform": text("STORE"),
        "country": country("SALE COUNTRY"),
        "recording_id": isrc("ISRC"),
        "units": count("QUANTITY"),
        "gross": money("GROSS REVENUE ACCOUNT CURRENCY").required(),
        "fees": derived("gross - net"),
        "net": money(_NET).required(),
        "currency": currency("ACCOUNT CURRENCY").required(),
        "title": text("TRACK"),
        "artist": derived("coalesce(_track_artist, _product_artist)"),
        "_track_artist": text("TRACK ARTIST").optional(),
        "_product_artist": text("PRODUCT ARTIST"),
        "release": text("PRODUCT"),
        "isrc": derived("recording_id"),
        "upc": upc("DISPLAY UPC"),
        "use": text("TRANSACTION TYPE"),
    },
    total_in=("STATEMENT PERIOD",),
    notes=(
        _SAME,
        "The period is the month of the transaction; a statement holds several.",
        "What is owed stands in the account's currency; columns in the sale's are not read.",
    ),
)

_WORKSTATION = Format(
    name="orchard",
    kind="royalties",
    title="The Orchard's statement, old layout",
    where="Workstation > statements",
    # The header and a line of such a file stand in a developer's notes of 2025 that the index of
    # public repositories holds without naming the repository.
    evidence=_EVIDENCE,
    needs=(
        ("Period", "Activity Period", "DMS", "Territory", "Label Share Net Receipts"),
        ("Period", "Activity Period", "Retailer", "Territory", "Label Share Net Receipts"),
    ),
    columns={
        "statement": file_stem(),
        "period": period("Activity Period", formats=("%YM%m", "%b %Y")).required(),
        "payer": constant("The Orchard"),
        "platform": text("DMS", "Retailer"),
        "country": country("Territory"),
        "recording_id": isrc("ISRC"),
        "units": count("Quantity"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("Label Share Net Receipts").required(),
        "currency": currency("Preferred Currency").required(),
        "title": text("Track Name"),
        "artist": text("Artist Name"),
        "release": text("Release Name", "Product Name"),
        "isrc": derived("recording_id"),
        "upc": upc("Orchard UPC", "Product UPC"),
        "use": text("Trans Type"),
    },
    total_in=("Period",),
    notes=("The old layout of the Workstation tells the label's share only.",),
)

_AWAL = replace(
    _PRESENT,
    name="awal",
    title="AWAL's statement",
    where="The account's statements, as CSV",
    columns={**_PRESENT.columns, "payer": constant("AWAL")},
    # Content cannot tell it from The Orchard's.
    guessed=False,
)

FORMATS = (_PRESENT, _WORKSTATION, _AWAL)
read_orchard = reader(_PRESENT)
read_awal = reader(_AWAL, simulated="orchard")
