"""Believe's sales report of one month, from Backstage."""

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
    "Reporting month",
    "Sales Month",
    "Platform",
    "Country / Region",
    "Label Name",
    "Artist Name",
    "Release title",
    "Track title",
    "UPC",
    "ISRC",
    "Release Catalog nb",
    "Streaming Subscription Type",
    "Release type",
    "Sales Type",
    "Quantity",
    "Client Payment Currency",
    "Unit Price",
    "Mechanical Fee",
    "Gross Revenue",
    "Client share rate",
    "Net Revenue",
)
_RATE = Decimal(85)


def write_believe(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write one reporting month: semicolons, everything quoted, countries by name."""
    path = folder / "believe_sales_report_2026-01.csv"
    kinds = dict(
        zip(label.recordings["isrc"], label.recordings["release_kind"].str.title(), strict=True)
    )
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    # A few lines of earlier months come late, as platforms report them.
    for line in [
        *money.sales(label, rng, months=money.QUARTER[-1:], share=0.9),
        *money.sales(label, rng, months=money.QUARTER[:1], share=0.1, downloads=6),
    ]:
        gross = money.rounded(line.amount, 10)
        net = money.rounded(gross * _RATE / 100, 12)
        world = rng.random() < 0.02
        place = "World" if world else money.COUNTRY_NAMES[line.country]
        rows.append(
            (
                "2026/01/01",
                f"{line.month.replace('-', '/')}/01",
                line.store,
                place,
                label.name,
                line.artist,
                line.release,
                line.title,
                line.upc,
                line.isrc,
                f"LT{line.upc[5:9]}",
                "Premium" if line.use == "Stream" else "",
                kinds[line.isrc],
                line.use,
                line.units,
                "EUR",
                money.digits(abs(gross / line.units), 10),
                "0",
                money.digits(gross, 10),
                _RATE,
                money.digits(net, 12),
            )
        )
        country = place if world else line.country
        told.append(money.entry(line, country=country, gross=gross, fees=gross - net, net=net))
    write_text(path, csv_text(rows, delimiter=";", quoting=csv.QUOTE_ALL))
    return SimulatedExport(
        "believe",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="Believe", currency="EUR"),
        (
            "semicolons, all quoted",
            "months as the first day, with slashes",
            "countries by name, World where unknown",
            "late lines of earlier months",
            "up to 12 decimals",
        ),
    )
