"""Bandcamp: sales, refunds, payouts, pending sales, and whose names must not be kept."""

import csv
import io
from decimal import Decimal

import duckdb
import numpy as np
import pytest

import musictools as mt
from musictools.datasets._exports import _bandcamp
from musictools.errors import ExportError

SHORT = (
    "date,paid to,item type,item name,artist,currency,item price,quantity,discount code,sub total,"
    "transaction fee,fee type,item total,amount you received,bandcamp transaction id,"
    "paypal transaction id,net amount\n"
)
LABEL = (
    "Cat no.,UPC,ISRC,SKU,Item type,Item name,Container name,Package,Artist name,Label name,Region,"
    "Quantity,Currency,Gross revenue,Shipping,Taxes,Bandcamp assessed revenue share,"
    "Collection society share,Payment processor fees,Net revenue,URL,Transaction date from,"
    "Transaction date to\n"
)
SECRETS = ("Fan, A.", "fan@mail.example", "See you on tour", "PAYPAL77")


def sale(*, kind="track", total="7.99", net="6.22", quantity="1", date="11/25/22 5:45pm"):
    return (
        f"{date},Bandcamp,{kind},Song,Artist,GBP,7.99,{quantity},,{total},0.57,paypal,{total},7,1,"
        f"PAYPAL77,{net}\n"
    )


def test_the_short_layout_and_a_nasty_file(tmp_path):
    path = tmp_path / "sales.csv"
    lines = [SHORT, sale(), sale(kind="refund", total="-7.99", net="-6.22")]
    lines += [sale(kind="payout", total="", net=""), ",,,,,,,,,,,,,,,,\n"]
    lines += [sale(kind="pending sale", net="*"), sale(net="x"), sale(date="25/11/22 5:45pm")]
    lines += [sale(kind=""), sale(total=""), "PAYPAL77,b\n", sale(quantity="one")]
    path.write_bytes("".join(lines).encode("utf-16"))
    result = mt.collect.read(path)
    assert result.table["net"].tolist() == [Decimal("6.22"), Decimal("-6.22")]
    assert result.table["gross"].tolist() == [Decimal("7.99"), Decimal("-7.99")]
    assert result.table["units"].tolist() == [1, -1]
    assert result.table["period"].tolist() == ["2022-11", "2022-11"]
    assert result.problems["line"].tolist() == [7, 8, 9, 10, 11, 12]
    assert sum(result.provenance["left_out"].values()) == 3
    shown = result.problems.to_csv() + result.to_frame().to_csv()
    assert "PAYPAL77" not in shown


@pytest.mark.parametrize("private", [False, True])
def test_buyers_are_nobodys_business(private, tmp_path):
    made = _bandcamp.write_bandcamp(mt.datasets.load_label(), tmp_path, np.random.default_rng(4))
    text = made.path.read_bytes().decode("utf-16")
    rows = list(csv.reader(io.StringIO(text)))
    rows[2][rows[0].index("net amount")] = "x"
    rows[3].pop(0)
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    made.path.write_bytes(out.getvalue().encode("utf-16"))
    base = tmp_path / "m.duckdb"
    result = mt.collect.read(made.path, into=base, private=private)
    frame = result.to_frame()
    seen = frame.to_csv() + result.problems.to_csv() + repr(result.provenance)
    # A record of two lines that is broken is two lines that are none.
    assert result.problems["line"].tolist() == [4, 6, 7]
    assert ("fan@mail.example" in seen) is private
    assert any(word in seen for word in SECRETS) is private
    assert ("buyer_email" in frame) is private
    duckdb.connect(str(base)).close()
    if not private:
        stored = base.read_bytes()
        assert not any(word.encode() in stored for word in SECRETS)


def test_a_labels_revenue(tmp_path):
    path = tmp_path / "net_revenue_report.csv"
    line = (
        "LT1,859700000011,USRC17607839,,track,Song,Album,,Artist,Label,Germany,3,EUR,3.00,0,0.10,"
        "0.45,0,0.20,2.35,https://x.example,2025-07-01,2025-07-31\n"
    )
    path.write_text(LABEL + line + line.replace("2025-07-01", "July"), "utf-8")
    result = mt.collect.read(path)
    row = result.table.iloc[0]
    assert (row["period"], row["country"], row["units"]) == ("2025-07", "DE", 3)
    assert (row["gross"], row["net"], row["fees"]) == (
        Decimal("3.00"), Decimal("2.35"), Decimal("0.65")
    )  # fmt: skip
    assert result.problems["line"].tolist() == [3]


def test_a_column_that_is_gone(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text((SHORT + sale()).replace("quantity", "number"), "utf-8")
    with pytest.raises(ExportError, match="'quantity'"):
        mt.collect.read_bandcamp(path)
