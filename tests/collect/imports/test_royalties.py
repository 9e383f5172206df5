"""Royalty statements in cells: every layout read whole, changed, spoilt and cut."""

import csv
import functools
import gzip
import importlib
import io
import zipfile
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools import tables
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same, plain

LAYOUTS = [
    ("ascap", "write_ascap"),
    ("ascap", "write_ascap_international"),
    ("bandcamp", "write_bandcamp"),
    ("believe", "write_believe"),
    ("bmi", "write_bmi"),
    ("cdbaby", "write_cdbaby"),
    ("orchard", "write_orchard"),
    ("orchard", "write_orchard_workstation"),
    ("soundcloud", "write_soundcloud"),
    ("tunecore", "write_tunecore"),
]
#: Of each layout: a line as its vendor writes it, by column, and what it pays.
LINES = {
    "tunecore": (
        ",",
        {
            "Sales Period": "2025-03-01",
            "Posted Date": "2025-05-03",
            "Store Name": "Spotify",
            "Country Of Sale": "US",
            "Artist": "A",
            "Release Type": "Song",
            "Release Title": "R",
            "Song Title": "T",
            "Label": "L",
            "UPC": "859700000011",
            "Optional UPC": "",
            "TC Song ID": "USTCZ0928423",
            "Optional ISRC": "",
            "Sales Type": "Streaming",
            "# Units Sold": "1,200",
            "Per Unit Price": "0.003",
            "Net Sales": "3.600000",
            "Net Sales Currency": "USD",
            "Exchange Rate": "",
            "Total Earned": "3.600001",
            "Currency": "USD",
        },
        ("Sales Period", "Total Earned", "# Units Sold"),
    ),
    "cdbaby": (
        "\t",
        {
            "Report Date": "5/15/2025 12:00:00 AM",
            "Sales Date": "3/31/2025 12:00:00 AM",
            "Quantity": "1200",
            "Price": "0.003",
            "Subtotal": "3.600001",
            "Isrc": "US-RC1-76-07839",
            "Barcode": "859700000011",
            "CDBabySku": "1012345",
            "Album Name": "R",
            "Artist Name": "A",
            "Track Name": "T",
            "Partner Name": "iTunes \N{EN DASH} US",
            "Transaction Type": "Stream",
            "Delivery Country": "UK",
        },
        ("Sales Date", "Subtotal", "Quantity"),
    ),
    "believe": (
        ";",
        {
            "Reporting month": "2025/05/01",
            "Sales Month": "2025/03/01",
            "Platform": "Spotify",
            "Country / Region": "Germany",
            "Label Name": "L",
            "Artist Name": "A",
            "Release title": "R",
            "Track title": "T",
            "UPC": "empty:859700000011",
            "ISRC": "USRC17607839",
            "Release Catalog nb": "",
            "Release type": "Album",
            "Sales Type": "Stream",
            "Quantity": "1200",
            "Client Payment Currency": "EUR",
            "Unit Price": "0.003",
            "Mechanical Fee": "0",
            "Gross Revenue": "4.500002",
            "Client share rate": "80",
            "Net Revenue": "3.600001",
        },
        ("Sales Month", "Net Revenue", "Quantity"),
    ),
    "orchard": (
        ",",
        {
            "STATEMENT PERIOD": "May 2025",
            "ACCOUNT ID": "1",
            "CONTRACT ID": "2",
            "TRANSACTION DATE": "2025-03-31",
            "SALE COUNTRY": "US",
            "STORE": "Spotify",
            "SERVICE DETAIL": "",
            "LABEL IMPRINT": "L",
            "PRODUCT ARTIST": "A",
            "PRODUCT": "R",
            "PRODUCT VERSION": "",
            "DISPLAY UPC": "Empty:859700000011",
            "TRACK ARTIST": "",
            "TRACK": "T",
            "TRACK VERSION": "",
            "ISRC": "USRC17607839",
            "TRANSACTION TYPE": "Streams",
            "TRANSACTION SUBTYPE": "",
            "QUANTITY": "1200",
            "GROSS REVENUE ACCOUNT CURRENCY": "4.500002",
            "NET SHARE ACCOUNT CURRENCY": "3.600001",
            "ACCOUNT CURRENCY": "USD",
        },
        ("TRANSACTION DATE", "NET SHARE ACCOUNT CURRENCY", "QUANTITY"),
    ),
    "soundcloud": (
        ",",
        {
            "Track": "T",
            "Artist(s)": "A",
            "Partner": "Spotify",
            "Release": "R",
            "UPC": "859700000011",
            "ISRC": "USRC17607839",
            "Country": "US",
            "Type": "Stream",
            "Reporting Period": "2025-03-01 - 2025-03-31",
            "Accounting Period": "2025-05-01",
            "Units": "1200",
            "Revenue (USD)": "3.600001",
            "Revenue Share (%)": "80",
            "Split Pay Share (%)": "100",
        },
        ("Reporting Period", "Revenue (USD)", "Units"),
    ),
}
MARK = {"tunecore": "Sales Period", "cdbaby": "Report Date", "believe": "Reporting month"}
MARK |= {"orchard": "STATEMENT PERIOD", "soundcloud": "Reporting Period"}


UNITS = {name: units for name, (_, _, (_, _, units)) in LINES.items()}


def text_of(name, rows, *, newline="\n"):
    separator, columns, _ = LINES[name]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=newline)
    writer.writerow(columns)
    writer.writerows([row.values() for row in rows])
    return out.getvalue()


def like(name, **changes):
    _, columns, (period, amount, units) = LINES[name]
    known = {"period": period, "amount": amount, "units": units}
    return columns | {known.get(key, key): value for key, value in changes.items()}


def alone(name):
    """Give a line in which no other number shows which mark is before its decimals."""
    beside = {"Price": "0", "Per Unit Price": "0", "Net Sales": "0", "Unit Price": "0"}
    row = like(name, units="1200")
    return row | {key: value for key, value in beside.items() if key in row}


def money(frame, column="net"):
    return sum(frame[column], Decimal(0))


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Write a statement, each once: tests only read them."""
    label = mt.datasets.load_label()

    @functools.cache
    def written(name, write, seed=1):
        room = importlib.import_module(f"musictools.datasets._exports._{name}")
        return getattr(room, write)(
            label, tmp_path_factory.mktemp("made"), np.random.default_rng(seed)
        )

    return written


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("name", "write"), LAYOUTS)
def test_round_trip(name, write, seed, make):
    made = make(name, write, seed)
    result = getattr(mt.collect, f"read_{name}")(made.path)
    assert_same(result, made)
    for column in ("gross", "fees", "net"):
        assert (
            result.totals[column].sum() == money(made.truth, column) == money(result.table, column)
        )
    assert (result.table["gross"] - result.table["fees"] == result.table["net"]).all()


@pytest.mark.parametrize(("name", "write"), LAYOUTS)
def test_it_is_known_by_its_content(name, write, make, tmp_path):
    made = make(name, write)
    packed, folder = tmp_path / "a.zip", tmp_path / "folder" / "inner"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(made.path, f"2025/{made.path.name}")
        archive.writestr("readme.txt", "hello")
    folder.mkdir(parents=True)
    squeezed = folder / f"{made.path.name}.gz"
    squeezed.write_bytes(gzip.compress(made.path.read_bytes()))
    for path in (packed, folder.parent):
        result = mt.collect.read(path)
        assert result.format == name
        assert money(result.table) == money(made.truth)
        assert len(result.problems) == 0


@pytest.mark.parametrize(("name", "write"), LAYOUTS)
def test_a_database_holds_the_same_rows_once(name, write, make, tmp_path):
    made = make(name, write)
    memory = mt.collect.read(made.path).to_frame()
    with duckdb.connect(str(tmp_path / "m.duckdb")) as connection:
        for _ in range(2):
            relation = mt.collect.read(made.path, into=connection)
        stored = relation.to_frame()
        count = connection.execute("SELECT count(*), sum(net) FROM royalties").fetchone()
    assert count == (len(memory), money(memory))
    keys = ["title", "platform", "country", "units", "net"]
    texts = [frame[keys].map(lambda v: str(plain(v))) for frame in (memory, stored)]
    one, two = (text.sort_values(keys, ignore_index=True) for text in texts)
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("name", LINES)
def test_one_line(name, tmp_path):
    path = tmp_path / "statement.csv"
    path.write_text(text_of(name, [like(name)]), "utf-8")
    result = mt.collect.read(path)
    tables.check(result.table, "royalties")
    row = result.table.iloc[0]
    assert result.format == name
    assert (row["statement"], row["period"], row["units"]) == ("statement", "2025-03", 1200)
    assert (row["net"], row["title"], row["artist"], row["release"]) == (
        Decimal("3.600001"), "T", "A", "R"
    )  # fmt: skip
    assert row["upc"] == "859700000011"
    assert row["recording_id"] == ("USTCZ0928423" if name == "tunecore" else "USRC17607839")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", LINES)
def test_a_nasty_file(name, newline, tmp_path):
    rows = [
        like(name),
        like(name, amount="-3.600001", units="-1200"),
        like(name, amount="1.5E-05"),
        like(name, amount="x"),
        like(name, period=""),
        like(name, period="2025-13-45"),
        like(name, units="many"),
        like(name, amount=""),
        like(name, Track="two\nlines", TRACK="two\nlines"),
        like(name),
    ]
    wanted = {each: rows[0][each] for each in rows[0]}
    rows = [{key: row[key] for key in wanted} for row in rows]
    separator = LINES[name][0]
    text = text_of(name, rows, newline=newline)
    text += f"a{separator}b{newline}{newline}" + text_of(name, [like(name)]).splitlines()[1]
    path = tmp_path / "nasty.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    result = mt.collect.read(path)
    assert result.format == name
    # Four whole lines, a return and a crumb.
    assert money(result.table) == 4 * Decimal("3.600001") - Decimal("3.600001") + Decimal(
        "0.000015"
    )
    extra = 1 if name in {"orchard", "soundcloud"} else 0
    lines = [5, 6, 7, 8, 9, 12 + extra]
    assert result.problems["line"].tolist() == lines
    assert result.totals["lines"].tolist() == [12]


@pytest.mark.parametrize("name", LINES)
def test_decimal_commas(name, tmp_path):
    rows = [like(name, amount="3,600001", units="1.200"), like(name, amount="1.234,56")]
    other = {"Gross Revenue", "GROSS REVENUE ACCOUNT CURRENCY"}
    rows = [row | {key: "5.000,25" for key in other if key in row} for row in rows]
    rows = [row | {"Mechanical Fee": "0"} if "Mechanical Fee" in row else row for row in rows]
    path = tmp_path / "s.csv"
    path.write_text(text_of(name, rows), "utf-8")
    result = mt.collect.read(path)
    assert money(result.table) == Decimal("1238.160001")
    assert result.table["units"].tolist() == [1200, 1200]


@pytest.mark.parametrize("name", LINES)
def test_an_amount_that_can_be_read_two_ways(name, tmp_path):
    path = tmp_path / "s.csv"
    row = alone(name) | {LINES[name][2][1]: "1,234"}
    row |= {key: "1,234" for key in row if key.upper().startswith("GROSS REVENUE")}
    path.write_text(text_of(name, [row]), "utf-8")
    with pytest.raises(ExportError, match="decimal="):
        mt.collect.read(path)
    assert money(mt.collect.read(path, decimal=",").table) == Decimal("1.234")


@pytest.mark.parametrize(
    ("beside", "net"), [("0,50", "1010"), ("0.50", "1.01"), ("0", "1.01"), ("1.234", "1010")]
)
def test_the_other_columns_tell_how_an_amount_is_written(beside, net, tmp_path):
    # What Believe calls quantity is whole: 1.234 of them are thousands.
    row = alone("believe") | {"Gross Revenue": "2", "Net Revenue": "1.010"}
    row |= {"Quantity" if beside == "1.234" else "Unit Price": beside}
    path = tmp_path / "b.csv"
    path.write_text(text_of("believe", [row]), "utf-8")
    assert mt.collect.read(path).table["net"].tolist() == [Decimal(net)]


@pytest.mark.parametrize("name", LINES)
def test_the_statements_own_total(name, tmp_path):
    _, columns, (_, amount, units) = LINES[name]
    total = dict.fromkeys(columns, "") | {MARK[name]: "Total", amount: "7.200002", units: "2400"}
    path = tmp_path / "s.csv"
    path.write_text(text_of(name, [like(name), like(name), total]), "utf-8")
    good = mt.collect.read(path)
    assert len(good.problems) == 0
    assert good.totals["stated_net"].tolist() == [Decimal("7.200002")]
    path.write_text(text_of(name, [like(name), like(name), total | {amount: "7.20"}]), "utf-8")
    bad = mt.collect.read(path)
    assert bad.problems["line"].tolist() == [4]
    assert "states net of 7.20" in bad.problems["why"][0]
    path.write_text(text_of(name, [like(name), total | {amount: "?", units: "?"}]), "utf-8")
    assert mt.collect.read(path).problems["line"].tolist() == [3]


@pytest.mark.parametrize("name", LINES)
def test_a_column_that_is_gone(name, tmp_path):
    amount = LINES[name][2][1]
    text = text_of(name, [like(name)])
    path = tmp_path / "s.csv"
    path.write_text(text.replace(amount, "Something", 1), "utf-8")
    with pytest.raises(ExportError):
        mt.collect.read(path)
    path.write_text(text.replace(UNITS[name], "Something", 1), "utf-8")
    with pytest.raises(ExportError, match=f"no column '{UNITS[name]}'"):
        mt.collect.read(path)


@pytest.mark.parametrize("name", LINES)
def test_nothing_and_half_of_something(name, tmp_path):
    path = tmp_path / "s.csv"
    path.write_bytes(b"")
    with pytest.raises(ExportError):
        mt.collect.read(path)
    path.write_text(text_of(name, []), "utf-8")
    assert len(mt.collect.read(path).table) == 0
    text = text_of(name, [like(name)] * 3)
    path.write_text(text[: -len(text) // 8], "utf-8")
    cut = mt.collect.read(path)
    assert len(cut.table) == 2
    assert cut.problems["line"].tolist() == [4]


def test_dates_that_are_not_the_vendors(tmp_path):
    path = tmp_path / "s.csv"
    for name, day in (
        ("tunecore", "24-03-01"),
        ("tunecore", "2024/13/01"),
        ("cdbaby", "31/03/2025 12:00:00 AM"),
        ("cdbaby", "3/31/25 12:00:00 AM"),
        ("orchard", "31.03.2025"),
    ):
        path.write_text(text_of(name, [like(name), like(name, period=day)]), "utf-8")
        assert mt.collect.read(path).problems["line"].tolist() == [3], (name, day)


def test_codes_that_a_spreadsheet_spoilt_are_kept_and_counted_for_nothing(tmp_path):
    path = tmp_path / "s.csv"
    row = like("orchard", ISRC="us-rc1-76-07839") | {"DISPLAY UPC": "8.597E+11"}
    path.write_text(text_of("orchard", [row]), "utf-8")
    table = mt.collect.read(path).table
    assert table["recording_id"][0] == "USRC17607839"
    assert table["upc"][0] == "8.597E+11"


def test_tunecore_codes_of_its_own_and_of_others(tmp_path):
    own = like("tunecore")
    others = own | {"Optional ISRC": "GBAAA2500001", "Optional UPC": "5012345678900"}
    album = own | {"Song Title": "", "Release Type": "Album"}
    path = tmp_path / "s.csv"
    path.write_text(text_of("tunecore", [own, others, album]), "utf-8")
    table = mt.collect.read(path).table
    assert table["recording_id"].tolist()[:2] == ["USTCZ0928423", "GBAAA2500001"]
    assert table["recording_id"].isna().tolist() == [False, False, True]
    assert table["upc"].tolist()[1] == "5012345678900"


def test_tunecore_with_its_later_columns(tmp_path):
    more = {"Commission": "0.10", "Youtube Video ID": "x", "Youtube Policy Type": "y"}
    row = like("tunecore") | more
    out = io.StringIO()
    csv.writer(out).writerows([row.keys(), row.values()])
    path = tmp_path / "s.csv"
    path.write_text(out.getvalue(), "utf-8")
    table = mt.collect.read(path).table
    assert (table["net"][0], table["commission"][0]) == (Decimal("3.600001"), Decimal("0.10"))


def test_awal_is_read_by_its_own_name_only(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(text_of("orchard", [like("orchard")]), "utf-8")
    assert mt.collect.read(path).table["payer"][0] == "The Orchard"
    result = mt.collect.read_awal(path)
    assert (result.format, result.table["payer"][0]) == ("awal", "AWAL")
    assert "orchard" in mt.collect.read_awal.__doc__


def test_an_older_believe_and_an_unknown_currency(tmp_path):
    path = tmp_path / "s.csv"
    rows = [like("believe"), like("believe") | {"Client Payment Currency": "euros"}]
    path.write_text(text_of("believe", rows), "cp1252")
    result = mt.collect.read(path)
    assert result.table["subscription"].isna().all()
    assert result.table["fees"].tolist() == [Decimal("0.900001")]
    assert result.problems["line"].tolist() == [3]


def test_presets_are_read_by_name_and_not_guessed(tmp_path):
    listed = mt.collect.formats("royalties").set_index("format")
    assert not listed.loc[["prs", "mlc"], "verified"].any()
    assert listed.loc["prs", "reader"] == ""
    path = tmp_path / "s.tsv"
    head = ["Distribution Identifier", "Work Primary Title", "Recording Display Artist Name"]
    head += ["DSP Name", "Territory", "ISRC", "Usage Period Start Date", "Distributed Amount"]
    head += ["Number of Usages", "Consumer Offering"]
    line = ["1", "T", "A", "Spotify", "United States", "USRC17607839", "2025-03-01", "0.000123"]
    path.write_text("\t".join(head) + "\n" + "\t".join([*line, "12", "Premium"]) + "\n", "utf-8")
    with pytest.raises(ExportError):
        mt.collect.read(path)
    row = mt.collect.read(path, format="mlc").table.iloc[0]
    assert (row["payer"], row["period"], row["net"]) == ("The MLC", "2025-03", Decimal("0.000123"))
    path.write_text(
        "Record Number,CAE Number,Work Title,Amount (performance revenue),IP1\n1,2,T,3.45,W\n",
        "utf-8",
    )
    with pytest.raises(ExportError, match="period"):
        mt.collect.read(path, format="prs")
    result = mt.collect.read_table(path, mapping="prs", constants={"period": "2025-Q1"})
    row = result.table.iloc[0]
    assert (row["period"], row["net"], row["currency"]) == ("2025-Q1", Decimal("3.45"), "GBP")
