"""Statements of The Orchard: the present layout, which AWAL shares, and the old Workstation's."""

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
    "STATEMENT PERIOD",
    "ACCOUNT ID",
    "CONTRACT ID",
    "TRANSACTION DATE",
    "SALE COUNTRY",
    "STORE",
    "SERVICE DETAIL",
    "LABEL IMPRINT",
    "PRODUCT ARTIST",
    "PRODUCT",
    "PRODUCT VERSION",
    "DISPLAY UPC",
    "TRACK ARTIST",
    "TRACK",
    "TRACK VERSION",
    "ISRC",
    "TRANSACTION TYPE",
    "TRANSACTION SUBTYPE",
    "QUANTITY",
    "GROSS REVENUE ACCOUNT CURRENCY",
    "NET SHARE ACCOUNT CURRENCY",
    "ACCOUNT CURRENCY",
)
WORKSTATION_HEADER = (
    "Period",
    "Activity Period",
    "DMS",
    "Territory",
    "Orchard UPC",
    "Manufacturer's UPC",
    "Label Catalog #",
    "Imprint Label",
    "Artist Name",
    "Release Name",
    "Track Name",
    "ISRC",
    "Volume",
    "Track #",
    "Quantity",
    "Trans Type",
    "Label Share Net Receipts",
    "Preferred Currency",
)
_NET = Decimal("0.82")


def write_orchard(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write the statement of one month: capitals, gross and net share."""
    path = folder / "orchard_statement_2026-02.csv"
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    for line in money.sales(label, rng, months=money.QUARTER[-1:], share=1.0):
        gross = money.rounded(line.amount, 10)
        net = money.rounded(gross * _NET, 12)
        kind = "Subscription Streams" if line.use == "Stream" else "Track Downloads"
        rows.append(
            (
                "February 2026",
                "4471",
                "90210",
                f"{line.month}-{int(rng.integers(1, 29)):02d}",
                line.country,
                line.store,
                "Premium",
                label.name,
                line.artist,
                line.release,
                "",
                line.upc,
                line.artist if rng.random() < 0.8 else "",
                line.title,
                "",
                line.isrc,
                kind,
                "",
                line.units,
                money.digits(gross, 10),
                money.digits(net, 12),
                "USD",
            )
        )
        told.append(money.entry(line, use=kind, gross=gross, fees=gross - net, net=net))
    write_text(path, csv_text(rows), "utf-8-sig")
    quirks = ("byte order mark", "artist of the track left out here and there", "negative returns")
    truth = money.statement(told, name=path.stem, payer="The Orchard")
    return SimulatedExport("orchard", path, "royalties", truth, quirks)


def write_orchard_workstation(
    label: "Label", folder: Path, rng: np.random.Generator
) -> SimulatedExport:
    """Write a month as the old Workstation did: semicolons, decimal commas, periods as 2025M12."""
    path = folder / "workstation_2026M2.csv"
    rows: list[tuple[object, ...]] = [WORKSTATION_HEADER]
    told = []
    for line in money.sales(label, rng, months=money.QUARTER[-1:], share=1.0):
        net = money.rounded(line.amount, 6)
        year, month = (int(part) for part in line.month.split("-"))
        kind = "S" if line.use == "Stream" else "DT"
        place = "USA" if line.country == "US" else money.COUNTRY_NAMES[line.country]
        rows.append(
            (
                "2026M2",
                f"{year}M{month}",
                line.store,
                place,
                line.upc,
                "",
                f"LT{line.upc[5:9]}",
                label.name,
                line.artist,
                line.release,
                line.title,
                line.isrc,
                "1",
                "1",
                line.units,
                kind,
                money.digits(net, 6).replace(".", ","),
                "EUR",
            )
        )
        told.append(money.entry(line, use=kind, net=net))
    write_text(path, csv_text(rows, delimiter=";"))
    truth = money.statement(told, name=path.stem, payer="The Orchard", currency="EUR")
    quirks = ("semicolons and decimal commas", "periods as 2025M12", "territories by name, USA")
    return SimulatedExport("orchard", path, "royalties", truth, quirks)
