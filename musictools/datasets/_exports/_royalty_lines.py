"""What the label earned in a few months, line by line: the stuff of every royalty statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from musictools.datasets._exports._listening import PLACES

if TYPE_CHECKING:
    from musictools.datasets._label import Label

#: The last quarter of the label.
QUARTER = ("2025-10", "2025-11", "2025-12")
ZERO = Decimal(0)
#: Columns of a statement, as the readers give it.
COLUMNS = (
    "statement",
    "period",
    "payer",
    "platform",
    "country",
    "recording_id",
    "work_id",
    "units",
    "gross",
    "fees",
    "net",
    "currency",
    "title",
    "artist",
    "release",
    "isrc",
    "upc",
    "use",
)
#: English names of the label's markets, for vendors who write names.
COUNTRY_NAMES = {code: name for code, (name, _) in PLACES.items()}
_TRILLIONTH = Decimal(1).scaleb(-12)


@dataclass(frozen=True)
class Line:
    """One recording in one store, country and month, and what it earned there (US dollars)."""

    month: str
    store: str
    country: str
    title: str
    artist: str
    release: str
    isrc: str
    upc: str
    work_id: str
    use: str
    units: int
    amount: Decimal


def sales(
    label: "Label",
    rng: np.random.Generator,
    *,
    months: Sequence[str] = QUARTER,
    share: float = 0.4,
    downloads: int = 24,
) -> list[Line]:
    """Streams of some months with twelve decimals, downloads, and returns of some of them."""
    known = label.recordings.set_index("recording_id").to_dict("index")
    paid = label.royalties
    paid = paid[paid["period"].isin(list(months))]
    chosen = paid[rng.random(len(paid)) < share]
    crumbs = rng.integers(1, 10**10, len(chosen))
    lines = [
        _line(row, known, use="Stream", units=int(row["units"]), amount=row["net"] + _tiny(crumb))
        for row, crumb in zip(chosen.to_dict("records"), crumbs, strict=True)
    ]
    for row in chosen.iloc[rng.integers(0, len(chosen), downloads)].to_dict("records"):
        units = int(rng.integers(1, 4))
        price = Decimal("0.69") + _tiny(int(rng.integers(1, 10**10)))
        lines.append(_line(row, known, use="Download", units=units, amount=price * units))
    # A return takes back what a download brought, to the last digit.
    back = [replace(e, units=-e.units, amount=-e.amount) for e in lines[-max(downloads // 6, 1) :]]
    return sorted([*lines, *back], key=lambda e: (e.month, e.store, e.isrc, e.country, e.use))


def _tiny(crumb: int) -> Decimal:
    return Decimal(int(crumb)) * _TRILLIONTH


def _line(
    row: Mapping[Any, Any], known: Mapping[Any, Any], *, use: str, units: int, amount: Decimal
) -> Line:
    recording = known[row["recording_id"]]
    return Line(
        month=str(row["period"]),
        store=str(row["platform"]),
        country=str(row["country"]),
        title=str(recording["title"]),
        artist=str(recording["artist"]),
        release=str(recording["release_title"]),
        isrc=str(recording["isrc"]),
        upc=str(recording["upc"]),
        work_id=str(recording["work_id"]),
        use=use,
        units=units,
        amount=amount,
    )


def entry(line: Line, **changes: Any) -> dict[str, Any]:
    """Row of the truth for one line: what is paid is all there is, unless told otherwise."""
    row: dict[str, Any] = {
        "period": line.month,
        "platform": line.store,
        "country": line.country,
        "recording_id": line.isrc,
        "work_id": None,
        "units": float(line.units),
        "fees": ZERO,
        "net": line.amount,
        "title": line.title,
        "artist": line.artist,
        "release": line.release,
        "isrc": line.isrc,
        "upc": line.upc,
        "use": line.use,
    }
    row.update(changes)
    row.setdefault("gross", row["net"] + row["fees"])
    return row


def statement(
    rows: Iterable[Mapping[str, Any]], *, name: str, payer: str, currency: str = "USD"
) -> pd.DataFrame:
    """Table of royalties of one statement."""
    kept = [{"statement": name, "payer": payer, "currency": currency, **row} for row in rows]
    frame = pd.DataFrame({c: [row[c] for row in kept] for c in COLUMNS if c not in _TEXT})
    for column in _TEXT:
        frame[column] = pd.Series([row[column] for row in kept], dtype="str")
    return frame[list(COLUMNS)]


#: Columns of text, in which nothing is a missing value.
_TEXT = tuple(c for c in COLUMNS if c not in ("units", "gross", "fees", "net"))


def digits(value: Decimal, places: int) -> str:
    """Write a number with so many decimals, never in scientific notation."""
    return f"{value:.{places}f}"


def rounded(value: Decimal, places: int) -> Decimal:
    """Value as a file with so many decimals tells it."""
    return value.quantize(Decimal(1).scaleb(-places))


def plain(value: Decimal) -> str:
    """Shortest writing of a number: 7.99, 5, 0.4."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def month_after(month: str, months: int) -> tuple[int, int]:
    """Year and month that come so many months later."""
    year, number = (int(part) for part in month.split("-"))
    count = year * 12 + number - 1 + months
    return count // 12, count % 12 + 1


def quarter_of(month: str) -> tuple[int, int]:
    """Year and quarter of a month."""
    year, number = (int(part) for part in month.split("-"))
    return year, (number + 2) // 3
