"""The earnings report of SoundCloud for Artists."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = (
    "Track",
    "Artist(s)",
    "Partner",
    "Release",
    "UPC",
    "ISRC",
    "Country",
    "Type",
    "Reporting Period",
    "Accounting Period",
    "Units",
    "Revenue (USD)",
    "Revenue Share (%)",
    "Split Pay Share (%)",
)


def write_soundcloud(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write a quarter below two lines of preamble; the vendor's name stands nowhere."""
    marks = "".join(f"{byte:02x}" for byte in rng.integers(0, 256, 20))
    account = "-".join((marks[:8], marks[8:12], marks[12:16], marks[16:20], marks[20:32]))
    path = folder / f"lifetime_statement_{account}_2026-02_{marks[32:]}.csv"
    blanks = ("",) * (len(HEADER) - 1)
    rows: list[tuple[object, ...]] = [("Account ID", *blanks), (account, *blanks), HEADER]
    told = []
    for line in money.sales(label, rng):
        net = money.rounded(line.amount, 12)
        year, month = money.month_after(line.month, 2)
        rows.append(
            (
                line.title,
                line.artist,
                line.store,
                line.release,
                line.upc,
                line.isrc,
                line.country,
                line.use,
                f"{line.month}-01",
                f"{year}-{month:02d}-01",
                line.units,
                money.digits(net, 12),
                "80",
                "100",
            )
        )
        told.append(money.entry(line, net=net))
    write_text(path, csv_text(rows, quoting=csv.QUOTE_ALL))
    return SimulatedExport(
        "soundcloud",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="SoundCloud"),
        ("two lines before the header", "no name of the vendor", "returns as negative lines"),
    )
