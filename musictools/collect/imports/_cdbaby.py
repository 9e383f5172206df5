"""CD Baby: what each partner paid for each track."""

from musictools.collect.imports._fields import (
    constant,
    count,
    country,
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

_FORMAT = Format(
    name="cdbaby",
    kind="royalties",
    title="CD Baby's digital distribution sales",
    where="Sales and Reports > Sales and Accounting > Downloads > Monthly Sales Reports > Digital "
    "Distribution Sales; https://support.cdbaby.com/hc/en-us/articles/360040609972",
    evidence=(
        Evidence(
            "github.com/SuperHyperInstantFutureTime/TrackShift class/Upload/CdBabyUpload.php "
            "@ 037b3d4055ab5658a9feb10be8477122ef244b75",
            "2026-11-26",
        ),
        Evidence(
            "https://smartrights.com/help-faq/"
            "how-to-download-your-digital-distribution-report-from-cdbaby",
            "2026-11-26",
        ),
    ),
    needs=(("Sales Date", "Subtotal", "Isrc", "CDBabySku", "Partner Name"),),
    columns={
        "statement": file_stem(),
        # The day never comes first: the vendor writes American dates.
        "period": period("Sales Date", formats=("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y")).required(),
        "payer": constant("CD Baby"),
        "platform": text("Partner Name"),
        "country": country("Delivery Country"),
        "recording_id": isrc("Isrc"),
        "units": count("Quantity"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("Subtotal").required(),
        "currency": constant("USD"),
        "title": text("Track Name"),
        "artist": text("Artist Name"),
        "release": text("Album Name"),
        "isrc": derived("recording_id"),
        "upc": upc("Barcode"),
        "use": text("Transaction Type"),
    },
    total_in=("Report Date",),
    notes=(
        "Read the file as it was downloaded: a spreadsheet spoils its barcodes and dates.",
        "Dates are month/day/year; lines with a month above 12 are refused.",
        "Britain is written both GB and UK: both become GB.",
    ),
)

FORMATS = (_FORMAT,)
read_cdbaby = reader(_FORMAT)
