"""DistroKid's bank details, as downloaded before and since the summer of 2025."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = (
    "Date Inserted",
    "Reporting Date",
    "Sale Month",
    "Store",
    "Artist",
    "Title",
    "ISRC",
    "UPC",
    "Quantity",
    "Team Percentage",
    "Source Type",
    "Country of Sale",
    "Songwriter Royalties Withheld (USD)",
    "Earnings (USD)",
    "Recoup (USD)",
)
OLD_HEADER = (
    "Reporting Date",
    "Sale Month",
    "Store",
    "Artist",
    "Title",
    "ISRC",
    "UPC",
    "Quantity",
    "Team Percentage",
    "Song/Album",
    "Country of Sale",
    "Songwriter Royalties Withheld",
    "Earnings (USD)",
)
#: Statutory mechanical of a cover that is downloaded in the United States, US dollars.
_MECHANICAL = Decimal("0.12700")


def write_distrokid(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write a quarter as DistroKid has written it since July 2025: 15 columns, all quoted."""
    path = folder / "distrokid_bank_details.csv"
    told = [_told(line, rng) for line in money.sales(label, rng)]
    rows: list[tuple[object, ...]] = [HEADER]
    rows += [(cells[0], *cells, "") for cells, _ in told]
    write_text(path, csv_text(rows, quoting=csv.QUOTE_ALL))
    return SimulatedExport(
        "distrokid",
        path,
        "royalties",
        money.statement([true for _, true in told], name=path.stem, payer="DistroKid"),
        (
            "earnings with 12 decimals",
            "albums without ISRC, songs often without UPC",
            "returns as negative lines",
            "country OU for outside the United States",
        ),
    )


def write_distrokid_tsv(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write a quarter as DistroKid wrote it before: 13 columns, tabs, ISO 8859-1."""
    path = folder / "DistroKid_sales.tsv"
    told = [_told(line, rng) for line in money.sales(label, rng)]
    rows: list[tuple[object, ...]] = [OLD_HEADER]
    rows += [cells for cells, _ in told]
    write_text(path, csv_text(rows, delimiter="\t"), "iso-8859-1")
    truth = money.statement([true for _, true in told], name=path.stem, payer="DistroKid")
    for column in ("title", "artist"):
        # What ISO 8859-1 cannot write is lost to everyone who reads the file.
        truth[column] = [
            text.encode("iso-8859-1", "replace").decode("iso-8859-1") for text in truth[column]
        ]
    quirks = ("tabs", "ISO 8859-1: other letters are question marks", "earnings with 12 decimals")
    return SimulatedExport("distrokid", path, "royalties", truth, quirks)


def _told(
    line: money.Line, rng: np.random.Generator
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Cells of the old layout, and the row of the truth."""
    year, month = money.month_after(line.month, 2)
    withheld = money.ZERO
    if line.use == "Download" and line.country == "US":
        withheld = _MECHANICAL * line.units
    album = line.use == "Download" and rng.random() < 0.3
    country = "OU" if rng.random() < 0.02 else line.country
    isrc = "" if album else line.isrc
    upc = line.upc if album or rng.random() < 0.4 else ""
    title = line.release if album else line.title
    net = money.rounded(line.amount, 12)
    cells = (
        f"{year}-{month:02d}-{int(rng.integers(1, 29)):02d}",
        line.month,
        line.store,
        line.artist,
        title,
        isrc,
        upc,
        line.units,
        int(rng.choice([100, 100, 100, 50])),
        "Album" if album else "Song",
        country,
        money.digits(withheld, 5),
        money.digits(net, 12),
    )
    true = money.entry(
        line,
        country=country,
        recording_id=isrc or None,
        isrc=isrc or None,
        upc=upc or None,
        title=title,
        release=None,
        use=cells[9],
        fees=withheld,
        net=net,
    )
    return cells, true
