"""BMI's statement of one quarter, a line for each participant of a work."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._performances import performances
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = (
    "PERIOD",
    "W OR P",
    "PARTICIPANT NAME",
    "PARTICIPANT #",
    "IP #",
    "TITLE NAME",
    "TITLE #",
    "PERF SOURCE",
    "COUNTRY OF PERFORMANCE",
    "SHOW NAME",
    "EPISODE NAME",
    "SHOW #",
    "USE CODE",
    "TIMING",
    "PARTICIPANT %",
    "PERF COUNT",
    "BONUS LEVEL",
    "ROYALTY AMOUNT",
    "WITHHOLD",
    "PERF PERIOD",
    "CURRENT ACTIVITY AMT",
    "HITS SONG OR TV NET SUPER USAGE BONUS",
    "STANDARDS OR TV NET THEME BONUS",
    "FOREIGN SOCIETY ADJUSTMENT",
    "COMPANY CODE",
    "COMPANY NAME",
    "PERF DATE",
)


def write_bmi(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write a quarter; every writer has a line of their own, so works come several times."""
    path = folder / "bmi_statement_20254.csv"
    year, quarter = money.quarter_of(money.QUARTER[0])
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    for each in performances(label, rng):
        for writer, share in zip(each.writers, each.shares, strict=True):
            net = money.rounded(each.amount * share, 6)
            known = {
                "PERIOD": f"{year}{quarter}",
                "W OR P": "W",
                "PARTICIPANT NAME": writer.upper(),
                "TITLE NAME": each.title,
                "TITLE #": each.number,
                "PERF SOURCE": each.store.upper(),
                "COUNTRY OF PERFORMANCE": money.COUNTRY_NAMES[each.country].upper(),
                "USE CODE": "AU",
                "PARTICIPANT %": f"{share * 100:.2f}",
                "PERF COUNT": each.units,
                "ROYALTY AMOUNT": money.digits(net, 6),
                "PERF PERIOD": f"{year}{quarter}",
            }
            rows.append(tuple(known.get(column, "") for column in HEADER))
            told.append(
                {
                    "period": f"{year}-Q{quarter}",
                    "platform": known["PERF SOURCE"],
                    "country": each.country,
                    "recording_id": None,
                    "work_id": each.number,
                    "units": float(each.units),
                    "gross": net,
                    "fees": money.ZERO,
                    "net": net,
                    "title": each.title,
                    "artist": None,
                    "release": None,
                    "isrc": None,
                    "upc": None,
                    "use": "AU",
                }
            )
    write_text(path, csv_text(rows))
    return SimulatedExport(
        "bmi",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="BMI"),
        ("quarters as 20254", "countries by name in capitals", "one line for each participant"),
    )
