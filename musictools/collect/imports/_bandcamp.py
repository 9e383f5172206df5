"""Bandcamp: sales one by one, or a label's revenue summed up."""

from musictools.collect.imports._field import Field
from musictools.collect.imports._fields import (
    constant,
    count,
    country,
    currency,
    derived,
    file_stem,
    isrc,
    money,
    period,
    text,
    upc,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_EXTRAS = {
    "_contribution": "additional fan contribution",
    "_shipping": "shipping",
    "_seller_tax": "seller tax",
}
#: What Bandcamp tells about buyers.
_BUYERS = (
    *("buyer name", "buyer email", "buyer phone", "buyer note"),
    *("ship to name", "ship to street", "ship to street 2", "ship to city", "ship to state"),
    *("ship to zip", "ship notes", "region/state", "city"),
)


def _private() -> dict[str, Field]:
    return {
        name.replace(" ", "_").replace("/", "_"): text(name).optional()
        for name in (*_BUYERS, "paypal transaction id")
    }


_SALES = Format(
    name="bandcamp",
    kind="royalties",
    title="Bandcamp's sales report",
    where="Tools > sales report, with a range of dates; https://bandcamp.com/help/sales_report",
    evidence=(
        Evidence("https://bandcamp.com/help/sales_report", "2026-11-26"),
        Evidence(
            "github.com/SuperHyperInstantFutureTime/TrackShift "
            "test/files/bandcamp-simple-3-songs.csv @ 1d08c022390fea8924787d816fcfb8ebc078f84b",
            "2026-11-26",
        ),
        Evidence(
            "github.com/blinkhorn/bandcamp-payout-calculator index.py "
            "@ 33dc4a9dfb98677618ee677c5590b2680e02115c",
            "2026-11-26",
        ),
    ),
    needs=(("date", "paid to", "item type", "item name", "sub total", "net amount"),),
    columns={
        "statement": file_stem(),
        "period": period("date", formats=("%m/%d/%y %I:%M%p",)).required(),
        "payer": constant("Bandcamp"),
        "platform": constant("Bandcamp"),
        "country": derived("coalesce(_buyer_country, _ship_country)"),
        "_buyer_country": country("country code").optional(),
        "_ship_country": country("ship to country code").optional(),
        "recording_id": isrc("isrc").optional(),
        # A refund is written with the quantity of its sale. Net is no sign of one: the fee of a
        # cart stands on its last item, and may be more than that item brings.
        "units": derived(
            "CASE WHEN _sub_total < 0 THEN -abs(_quantity) ELSE _quantity END", "DOUBLE"
        ),
        "_quantity": count("quantity"),
        "gross": derived(
            "_sub_total + " + " + ".join(f"coalesce({name}, 0)" for name in _EXTRAS),
        ),
        "_sub_total": money("sub total").required(),
        **{name: money(column).optional() for name, column in _EXTRAS.items()},
        "fees": derived("gross - net"),
        "net": money("net amount").required(),
        "currency": currency("currency").required(),
        "title": text("item name"),
        "artist": text("artist"),
        "release": derived("CASE WHEN use IN ('album', 'package') THEN title END"),
        "isrc": derived("recording_id"),
        "upc": upc("upc").optional(),
        "use": text("item type").required(),
    },
    leave_out={
        "payout": "lower({item type}) = 'payout'",
        "sale that is still pending": "lower({item type}) = 'pending sale'",
        "line between sales and pending sales": "{date} IS NULL AND {paid to} IS NULL "
        "AND {item type} IS NULL AND {item name} IS NULL AND {artist} IS NULL "
        "AND {currency} IS NULL AND {sub total} IS NULL AND {net amount} IS NULL",
    },
    total_in=("date",),
    private=_private(),
    notes=(
        (
            "Net is what the sale brings, even if Bandcamp kept it to cover what it was owed: "
            "amounts received are not read."
        ),
        (
            "Gross is the sub total with what fans add, shipping and the seller's tax; fees are "
            "the rest. The transaction fee of a cart stands on its last item."
        ),
        "Refunds are negative, in money and in units.",
        "Names, addresses and notes of buyers are dropped unless private=True.",
    ),
)

_LABEL = Format(
    name="bandcamp",
    kind="royalties",
    title="Bandcamp's net revenue report of a label",
    where="A label account's net revenue report, as CSV",
    # Its header stands in a downloader of such reports, in the index of public repositories; how it
    # writes dates does not, so both ways of Bandcamp are tried.
    evidence=_SALES.evidence,
    needs=(("Cat no.", "Item type", "Gross revenue", "Net revenue", "Transaction date from"),),
    columns={
        "statement": file_stem(),
        "period": period(
            "Transaction date from", formats=("%Y-%m-%d", "%m/%d/%y", "%m/%d/%y %I:%M%p")
        ).required(),
        "payer": constant("Bandcamp"),
        "platform": constant("Bandcamp"),
        "country": country("Region"),
        "recording_id": isrc("ISRC"),
        "units": count("Quantity"),
        "gross": money("Gross revenue").required(),
        "fees": derived("gross - net"),
        "net": money("Net revenue").required(),
        "currency": currency("Currency").required(),
        "title": text("Item name"),
        "artist": text("Artist name"),
        "release": text("Container name"),
        "isrc": derived("recording_id"),
        "upc": upc("UPC"),
        "use": text("Item type"),
    },
    total_in=("Cat no.",),
    notes=("A label's net revenue report sums sales up by item.",),
)

FORMATS = (_SALES, _LABEL)
read_bandcamp = reader(_SALES)
