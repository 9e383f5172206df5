"""CD Baby's monthly report of digital distribution sales."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = (
    "Report Date",
    "Sales Date",
    "Quantity",
    "Price",
    "Subtotal",
    "Isrc",
    "Barcode",
    "CDBabySku",
    "Album Name",
    "Artist Name",
    "Track Name",
    "Partner Name",
    "Transaction Type",
    "Delivery Country",
)


def write_cdbaby(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write one month: tabs, American dates with a time, some of Britain as UK."""
    path = folder / "DigitalDistributionSales_2025_12.txt"
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    for line in money.sales(label, rng, months=money.QUARTER[-1:], share=1.0):
        year, month = (int(part) for part in line.month.split("-"))
        sold = f"{month}/{int(rng.integers(1, 29))}/{year}"
        late = money.month_after(line.month, 1)
        net = money.rounded(line.amount, 10)
        store = f"{line.store} \N{EN DASH} Premium" if rng.random() < 0.2 else line.store
        country = "UK" if line.country == "GB" and rng.random() < 0.5 else line.country
        isrc = f"{line.isrc[:2]}-{line.isrc[2:5]}-{line.isrc[5:7]}-{line.isrc[7:]}"
        rows.append(
            (
                f"{late[1]}/15/{late[0]} 12:00:00 AM",
                f"{sold} 12:00:00 AM",
                line.units,
                money.digits(abs(net / line.units), 10),
                money.digits(net, 10),
                isrc if rng.random() < 0.3 else line.isrc,
                line.upc,
                f"10{line.upc[-8:]}",
                line.release,
                line.artist,
                line.title,
                store,
                line.use,
                country,
            )
        )
        told.append(money.entry(line, platform=store, net=net))
    write_text(path, csv_text(rows, delimiter="\t"))
    return SimulatedExport(
        "cdbaby",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="CD Baby"),
        (
            "tabs in a .txt",
            "month/day/year with a time",
            "UK beside GB",
            "ISRC with hyphens here and there",
            "returns as negative lines",
        ),
    )
