"""Bandcamp's sales report of one quarter."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.datasets._exports import _royalty_lines as money
from musictools.datasets._exports._packing import csv_text, write_text
from musictools.datasets._exports._written import SimulatedExport

if TYPE_CHECKING:
    from musictools.datasets._label import Label

HEADER = (
    "date",
    "paid to",
    "item type",
    "item name",
    "artist",
    "currency",
    "item price",
    "quantity",
    "discount code",
    "sub total",
    "additional fan contribution",
    "tax rate",
    "seller tax",
    "marketplace tax",
    "shipping",
    "transaction fee",
    "fee type",
    "item total",
    "amount you received",
    "bandcamp transaction id",
    "paypal transaction id",
    "net amount",
    "package",
    "option",
    "item url",
    "catalog number",
    "upc",
    "isrc",
    "buyer name",
    "buyer email",
    "buyer phone",
    "buyer note",
    "country",
    "country code",
)
_COVERED = "collected to cover your revenue share balance"
_SHARE = {"track": Decimal("0.15"), "album": Decimal("0.15"), "package": Decimal("0.10")}
_PRICES = {"track": Decimal("1.5"), "album": Decimal(9), "package": Decimal(22)}
_CENT = Decimal("0.01")
#: Which sale pays off what Bandcamp is owed; one sale in how many is refunded, and paid out after.
_COVERED_AT, _REFUND_EVERY, _PAYOUT_EVERY = 5, 29, 60


@dataclass
class _Sale:
    """One item of a cart."""

    item: Mapping[Any, Any]
    kind: str
    when: tuple[str, int, str]
    country: str
    quantity: int
    extra: Decimal
    fee: Decimal | None
    number: int

    @property
    def shipping(self) -> Decimal:
        return Decimal(6) if self.kind == "package" else money.ZERO

    @property
    def sub_total(self) -> Decimal:
        return _PRICES[self.kind] * self.quantity

    @property
    def gross(self) -> Decimal:
        return self.sub_total + self.extra + self.shipping

    @property
    def net(self) -> Decimal:
        share = ((self.sub_total + self.extra) * _SHARE[self.kind]).quantize(_CENT)
        return self.gross - (self.fee or money.ZERO) - share


def write_bandcamp(label: "Label", folder: Path, rng: np.random.Generator) -> SimulatedExport:
    """Write sales, refunds, payouts and, at the bottom, sales that are pending still."""
    path = folder / "bandcamp_sales_report.csv"
    rows: list[tuple[object, ...]] = [HEADER]
    told = []
    balance = money.ZERO
    sales = _sales(label, rng, carts=220)
    for place, sale in enumerate(sales):
        covered = place == _COVERED_AT
        rows.append(_cells(sale, paid_to=_COVERED if covered else "Bandcamp"))
        told.append(_true(sale))
        balance += money.ZERO if covered else sale.net
        if place % _REFUND_EVERY == _REFUND_EVERY - 1:
            rows.append(_cells(sale, refund=True))
            told.append(_true(sale, refund=True))
            balance -= sale.net
        if place % _PAYOUT_EVERY == _PAYOUT_EVERY - 1:
            rows.append(_payout(sale, balance))
            balance = money.ZERO
    rows.append(("",) * len(HEADER))
    rows += [_cells(sale, pending=True) for sale in _sales(label, rng, carts=3)]
    write_text(path, csv_text(rows), "utf-16-le")
    return SimulatedExport(
        "bandcamp",
        path,
        "royalties",
        money.statement(told, name=path.stem, payer="Bandcamp"),
        (
            "UTF-16 with byte order mark",
            "refunds as negative money with a positive quantity",
            "payouts among the sales",
            "pending sales below an empty line, their fee a star",
            "fee of a cart on its last item only",
            "names and addresses of buyers",
        ),
    )


def _sales(label: "Label", rng: np.random.Generator, *, carts: int) -> list[_Sale]:
    recordings = label.recordings.to_dict("records")
    sales = []
    days = sorted((str(rng.choice(money.QUARTER)), int(rng.integers(1, 29))) for _ in range(carts))
    for order, (month, day) in enumerate(days):
        clock = (
            f"{int(rng.integers(1, 13))}:{int(rng.integers(0, 60)):02d}{rng.choice(['am', 'pm'])}"
        )
        country = str(rng.choice(list(money.COUNTRY_NAMES)))
        size = 2 if rng.random() < 0.2 else 1
        cart = [
            _Sale(
                item=recordings[int(rng.integers(0, len(recordings)))],
                kind=str(rng.choice(list(_PRICES), p=[0.5, 0.35, 0.15])),
                when=(month, day, clock),
                country=country,
                quantity=2 if rng.random() < 0.05 else 1,
                extra=Decimal(int(rng.choice([0, 0, 0, 1, 3]))),
                fee=None,
                number=1_234_000_000 + order,
            )
            for _ in range(size)
        ]
        total = sum((sale.gross for sale in cart), money.ZERO)
        # The whole cart is charged once, and its last item shows it.
        cart[-1].fee = (total * Decimal("0.044") + Decimal("0.05")).quantize(_CENT)
        sales += cart
    return sales


def _date(sale: _Sale) -> str:
    month, day, clock = sale.when
    year, number = (int(part) for part in month.split("-"))
    return f"{number}/{day}/{year % 100} {clock}"


def _cells(
    sale: _Sale, *, paid_to: str = "Bandcamp", refund: bool = False, pending: bool = False
) -> tuple[object, ...]:
    sign = -1 if refund else 1
    fee = "" if sale.fee is None else money.plain(sign * sale.fee)
    digital = sale.kind != "package"
    received = sale.gross - (sale.fee or money.ZERO)
    known = {
        "date": _date(sale),
        "paid to": paid_to,
        "item type": "refund" if refund else "pending sale" if pending else sale.kind,
        "item name": sale.item["title"] if sale.kind == "track" else sale.item["release_title"],
        "artist": sale.item["artist"],
        "currency": "USD",
        "item price": money.plain(_PRICES[sale.kind]),
        "quantity": sale.quantity,
        "sub total": money.plain(sign * sale.sub_total),
        "additional fan contribution": money.plain(sign * sale.extra) if sale.extra else "",
        "shipping": "" if digital else money.plain(sign * sale.shipping),
        "transaction fee": "*" if pending else fee,
        "fee type": "paypal",
        "item total": money.plain(sign * sale.gross),
        "amount you received": "0" if paid_to == _COVERED else money.plain(sign * received),
        "bandcamp transaction id": sale.number,
        "paypal transaction id": f"<-- {_COVERED}" if paid_to == _COVERED else "",
        "net amount": "" if pending else money.plain(sign * sale.net),
        "package": "digital download" if digital else "Limited Edition Vinyl",
        "item url": "https://lantern-and-tide.example/music",
        "upc": sale.item["upc"],
        "isrc": sale.item["isrc"] if sale.kind == "track" else "",
        "buyer name": "Fan, A.",
        "buyer email": "fan@mail.example",
        "buyer note": "Thank you!\nSee you on tour",
        "country": money.COUNTRY_NAMES[sale.country],
        "country code": sale.country,
    }
    return tuple(known.get(column, "") for column in HEADER)


def _payout(sale: _Sale, balance: Decimal) -> tuple[object, ...]:
    known = {
        "date": _date(sale),
        "paid to": "Bandcamp",
        "item type": "payout",
        "item name": "Payout",
        "currency": "USD",
        "amount you received": money.plain(balance),
    }
    return tuple(known.get(column, "") for column in HEADER)


def _true(sale: _Sale, *, refund: bool = False) -> dict[str, Any]:
    sign = -1 if refund else 1
    # A refund does not say what it takes back but by its name, so that is all that is known.
    isrc = sale.item["isrc"] if sale.kind == "track" else None
    track = sale.kind == "track"
    return {
        "period": sale.when[0],
        "platform": "Bandcamp",
        "country": sale.country,
        "recording_id": isrc,
        "work_id": None,
        "units": float(sign * sale.quantity),
        "gross": sign * sale.gross,
        "fees": sign * (sale.gross - sale.net),
        "net": sign * sale.net,
        "title": sale.item["title"] if track else sale.item["release_title"],
        "artist": sale.item["artist"],
        "release": None if track or refund else sale.item["release_title"],
        "isrc": isrc,
        "upc": sale.item["upc"],
        "use": "refund" if refund else sale.kind,
    }
