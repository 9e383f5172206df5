"""ASCAP's statements: performances at home, and royalties from abroad."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._performances import Performances, performances
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = (
    "DistributionYear",
    "Distribution Quarter",
    "Statement Recipient ID",
    "Statement Recipient Name",
    "Party ID",
    "Party Name",
    "Legal Earner Party ID",
    "Legal Earner Party Name",
    "Performance Source/Broadcast Medium",
    "Music User Genre",
    "Music User",
    "Network Service",
    "Performance Start Date",
    "Performance End Date",
    "Survey Type",
    "Day Part Code",
    "Series or Film/Attraction",
    "Program Name",
    "Work ID",
    "Work Title",
    "CA%",
    "Classification Code",
    "Number of Plays",
    "Performance Type (Usage)",
    "Duration",
    "Performing Artist",
    "Composer Name",
    "EE Share",
    "Credits",
    "Dollars",
    "Premium Credits",
    "Premium Dollars",
    "Adjustment Indicator",
    "Adjustment Reason Code",
    "Original Distribution Date",
    "Role Type",
    "Type Of Right",
    "Territory",
    "Licensor",
    "Program Code",
    "Performance Quarter",
)
INTERNATIONAL_HEADER = (
    "File Type",
    "Statement Recipient Name",
    "Statement Recipient ID",
    "Party Name",
    "Party ID",
    "Distribution Date",
    "Country Name",
    "Performance Start Date",
    "Performance End Date",
    "Work Title",
    "Work ID",
    "Revenue Class Code",
    "Revenue Class Description",
    "$ Amount",
    "Role Type",
    "Type Of Right",
    "Territory",
)
_USE = "Performance"
_REVENUE_CLASS = "Other royalties"


def write_ascap(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write the performances of one quarter in the United States."""
    path = folder / "42001234.csv"
    year, quarter = money.quarter_of(money.QUARTER[0])
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    for each in performances(label, rng, home="US"):
        net = money.rounded(each.amount, 5)
        known = {
            "DistributionYear": year + 1,
            "Distribution Quarter": 2,
            "Statement Recipient ID": "42001234",
            "Statement Recipient Name": label.name.upper(),
            "Party ID": "9001",
            "Party Name": each.writers[0].upper(),
            "Performance Source/Broadcast Medium": "GN-IS",
            "Music User": each.store.upper(),
            "Survey Type": "Census",
            "Work ID": each.number,
            "Work Title": each.title,
            "CA%": "100",
            "Number of Plays": each.units,
            "Performance Type (Usage)": _USE,
            "Duration": "0:00",
            "Performing Artist": each.artist.upper() if rng.random() < 0.5 else "",
            "EE Share": "100.000",
            "Credits": "0",
            "Dollars": _padded(money.digits(net, 5)),
            "Premium Credits": "0",
            "Premium Dollars": _padded("0.00000"),
            "Role Type": "Publisher",
            "Type Of Right": "Performance",
            "Territory": "US",
            "Licensor": "S10",
            "Performance Quarter": f"{quarter}Q{year}",
        }
        rows.append(tuple(known.get(column, "") for column in HEADER))
        told.append(
            _true(
                each,
                net=net,
                platform=known["Music User"],
                units=float(each.units),
                artist=known["Performing Artist"] or None,
                use=_USE,
            )
        )
    write_text(path, csv_text(rows))
    return SimulatedExport(
        "ascap",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="ASCAP"),
        ("money padded with zeros behind a blank", "quarters as 4Q2025", "titles in capitals"),
    )


def write_ascap_international(
    label: "Label", folder: Path, rng: np.random.Generator
) -> SimulatedExport:
    """Write what foreign societies collected in one quarter; it counts no plays."""
    path = folder / "43001234.csv"
    rows: list[tuple[object, ...]] = [INTERNATIONAL_HEADER]
    told = []
    for each in performances(label, rng):
        if each.country == "US":
            continue
        net = money.rounded(each.amount, 5)
        rows.append(
            (
                "Royalty",
                label.name.upper(),
                "42001234",
                each.writers[0].upper(),
                "9001",
                "08-20-2026",
                money.COUNTRY_NAMES[each.country].upper(),
                "10-01-2025",
                "12-31-2025",
                each.title,
                each.number,
                "OR",
                _REVENUE_CLASS,
                _padded(money.digits(net, 5)),
                "Publisher",
                "Performance",
                each.country,
            )
        )
        told.append(
            _true(each, net=net, platform=None, units=None, artist=None, use=_REVENUE_CLASS)
        )
    write_text(path, csv_text(rows))
    truth = money.statement(told, name=path.stem, payer="ASCAP")
    quirks = ("month-day-year", "money padded with zeros behind a blank", "no units")
    return SimulatedExport("ascap", path, "royalties", truth, quirks)


def _padded(number: str) -> str:
    return f" {number:>023}"


def _true(each: Performances, **more: Any) -> dict[str, Any]:
    year, quarter = money.quarter_of(money.QUARTER[0])
    return {
        "period": f"{year}-Q{quarter}",
        "country": each.country,
        "recording_id": None,
        "work_id": each.number,
        "gross": more["net"],
        "fees": money.ZERO,
        "title": each.title,
        "release": None,
        "isrc": None,
        "upc": None,
        **more,
    }
