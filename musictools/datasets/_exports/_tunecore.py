"""TuneCore's sales report of one month."""

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
    "Sales Period",
    "Posted Date",
    "Store Name",
    "Country Of Sale",
    "Artist",
    "Release Type",
    "Release Title",
    "Song Title",
    "Label",
    "UPC",
    "Optional UPC",
    "TC Song ID",
    "Optional ISRC",
    "Sales Type",
    "# Units Sold",
    "Per Unit Price",
    "Net Sales",
    "Net Sales Currency",
    "Exchange Rate",
    "Total Earned",
    "Currency",
)
_RATE = Decimal("0.79")
_MONTH = money.QUARTER[-1:]


def write_tunecore(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write one month for an account in pounds, whose stores pay dollars."""
    path = folder / "tunecore_sales_report_2026-02.csv"
    own = dict(zip(label.recordings["isrc"], rng.random(len(label.recordings)) < 0.5, strict=True))
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    for line in money.sales(label, rng, months=_MONTH, share=1.0):
        net_sales = money.rounded(line.amount, 6)
        earned = money.rounded(net_sales * _RATE, 6)
        year, month = money.month_after(line.month, 2)
        # Where TuneCore gave the code, it stands as the song's ID and the ISRC is left empty.
        song_id, isrc = (line.isrc, "") if own[line.isrc] else (f"XXTC1{line.isrc[5:]}", line.isrc)
        kind = "Streaming" if line.use == "Stream" else "Download"
        rows.append(
            (
                f"{line.month}-01",
                f"{year}-{month:02d}-03",
                line.store,
                line.country,
                line.artist,
                "Song",
                line.release,
                line.title,
                label.name,
                f"8{line.upc[1:]}",
                line.upc,
                song_id,
                isrc,
                kind,
                f"{line.units:,}",
                money.digits(net_sales / line.units, 6),
                money.digits(net_sales, 6),
                "USD",
                _RATE,
                money.digits(earned, 6),
                "GBP",
            )
        )
        told.append(money.entry(line, net=earned, use=kind))
    write_text(path, csv_text(rows))
    return SimulatedExport(
        "tunecore",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="TuneCore", currency="GBP"),
        (
            "stores pay in another currency than the account",
            "the ISRC stands in TC Song ID where Optional ISRC is empty",
            "returns as negative lines",
        ),
    )
