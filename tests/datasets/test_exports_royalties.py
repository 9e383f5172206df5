"""Simulated royalty statements look as the public evidence says, and their truth adds up."""

import csv
import io
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from musictools import tables
from musictools.datasets._exports import (
    _ascap,
    _bandcamp,
    _believe,
    _bmi,
    _cdbaby,
    _distrokid,
    _dsr,
    _orchard,
    _soundcloud,
    _tunecore,
)
from musictools.datasets._label import load_label

CENT = Decimal("0.01")

#: Writer, encoding, delimiter, lines before the header, the header's beginning and end as the
#: evidence spells them, how many columns it has, and the column that holds what is paid.
FORMATS = {
    "distrokid": (
        _distrokid.write_distrokid,
        ("utf-8", ",", 0),
        ("Date Inserted,Reporting Date,Sale Month", "Earnings (USD),Recoup (USD)", 15),
        "Earnings (USD)",
    ),
    "distrokid_tsv": (
        _distrokid.write_distrokid_tsv,
        ("iso-8859-1", "\t", 0),
        ("Reporting Date,Sale Month,Store", "Songwriter Royalties Withheld,Earnings (USD)", 13),
        "Earnings (USD)",
    ),
    "tunecore": (
        _tunecore.write_tunecore,
        ("utf-8", ",", 0),
        ("Sales Period,Posted Date,Store Name,Country Of Sale", "Total Earned,Currency", 21),
        "Total Earned",
    ),
    "cdbaby": (
        _cdbaby.write_cdbaby,
        ("utf-8", "\t", 0),
        ("Report Date,Sales Date,Quantity", "Transaction Type,Delivery Country", 14),
        "Subtotal",
    ),
    "believe": (
        _believe.write_believe,
        ("utf-8", ";", 0),
        ("Reporting month,Sales Month,Platform", "Client share rate,Net Revenue", 21),
        "Net Revenue",
    ),
    "orchard": (
        _orchard.write_orchard,
        ("utf-8-sig", ",", 0),
        (
            "STATEMENT PERIOD,ACCOUNT ID,CONTRACT ID",
            "NET SHARE ACCOUNT CURRENCY,ACCOUNT CURRENCY",
            22,
        ),
        "NET SHARE ACCOUNT CURRENCY",
    ),
    "orchard_workstation": (
        _orchard.write_orchard_workstation,
        ("utf-8", ";", 0),
        ("Period,Activity Period,DMS", "Label Share Net Receipts,Preferred Currency", 18),
        "Label Share Net Receipts",
    ),
    "soundcloud": (
        _soundcloud.write_soundcloud,
        ("utf-8", ",", 2),
        ("Track,Artist(s),Partner", "Revenue Share (%),Split Pay Share (%)", 14),
        "Revenue (USD)",
    ),
    "ascap": (
        _ascap.write_ascap,
        ("utf-8", ",", 0),
        ("DistributionYear,Distribution Quarter", "Program Code,Performance Quarter", 41),
        "Dollars",
    ),
    "ascap_international": (
        _ascap.write_ascap_international,
        ("utf-8", ",", 0),
        ("File Type,Statement Recipient Name", "Type Of Right,Territory", 17),
        "$ Amount",
    ),
    "bmi": (
        _bmi.write_bmi,
        ("utf-8", ",", 0),
        ("PERIOD,W OR P,PARTICIPANT NAME", "COMPANY NAME,PERF DATE", 27),
        "ROYALTY AMOUNT",
    ),
}
WRITERS = {
    **{name: writer for name, (writer, *_) in FORMATS.items()},
    "bandcamp": _bandcamp.write_bandcamp,
    "dsr": _dsr.write_dsr,
}


@pytest.fixture(scope="module")
def label(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield load_label(seed=2026)


@pytest.fixture
def made(label, tmp_path):
    def make(name, *, seed=7, folder="one"):
        place = tmp_path / folder
        place.mkdir()
        return WRITERS[name](label, place, np.random.default_rng(seed))

    return make


def lines_of(export, encoding, delimiter):
    text = export.path.read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def number(text):
    return Decimal(text.strip().replace(",", ".") or "0")


# --- every format -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRITERS)
def test_a_statement_is_the_same_for_the_same_seed_and_another_for_another(made, name):
    first, second = made(name), made(name, folder="two")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.path.name == second.path.name
    assert first.truth.equals(second.truth)
    third = made(name, seed=8, folder="three")
    assert first.path.read_bytes() != third.path.read_bytes()


@pytest.mark.parametrize("name", WRITERS)
def test_the_truth_is_a_table_of_royalties(made, name):
    export = made(name)
    truth = tables.check(export.truth, "royalties")
    assert export.kind == "royalties"
    assert 30 <= len(truth) < 2000
    assert all(isinstance(v, Decimal) for c in ("gross", "fees", "net") for v in truth[c])
    assert all(truth["gross"] - truth["fees"] == truth["net"])
    assert truth["recording_id"].dropna().str.fullmatch(r"[A-Z0-9]{12}").all()
    assert truth["period"].str.fullmatch(r"\d{4}-(\d{2}|Q\d)").all()
    assert truth["currency"].str.fullmatch("[A-Z]{3}").all()
    assert export.quirks


# --- files of one line a sale -----------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_the_header_is_that_of_the_evidence(made, name):
    _, (encoding, delimiter, before), (begin, end, width), _ = FORMATS[name]
    lines = lines_of(made(name), encoding, delimiter)
    header = ",".join(lines[before])
    assert header.startswith(begin)
    assert header.endswith(end)
    assert {len(line) for line in lines} == {width}


@pytest.mark.parametrize("name", FORMATS)
def test_file_and_truth_add_up_to_the_same(made, name):
    _, (encoding, delimiter, before), _, paid = FORMATS[name]
    export = made(name)
    header, *lines = lines_of(export, encoding, delimiter)[before:]
    place = header.index(paid)
    amounts = [number(line[place]) for line in lines]
    assert sum(amounts) == sum(export.truth["net"])
    assert sorted(amounts) == sorted(export.truth["net"])
    assert sum(amounts).quantize(CENT) > 0


@pytest.mark.parametrize("name", ["distrokid", "tunecore", "cdbaby", "believe", "soundcloud"])
def test_returns_take_back_what_downloads_brought(made, name):
    truth = made(name).truth
    back = truth[truth["net"] < 0]
    assert len(back) >= 1
    assert (back["units"] < 0).all()
    assert {-v for v in back["net"]} <= set(truth["net"])


def test_distrokid_tells_what_it_withheld(made):
    export = made("distrokid")
    header, *lines = lines_of(export, "utf-8", ",")
    place = header.index("Songwriter Royalties Withheld (USD)")
    assert sum(number(line[place]) for line in lines) == sum(export.truth["fees"])
    assert export.truth["recording_id"].isna().any()
    assert export.path.read_bytes().startswith(b'"Date Inserted"')


def test_the_old_distrokid_file_is_not_utf_8(made):
    export = made("distrokid_tsv")
    with pytest.raises(UnicodeDecodeError):
        export.path.read_bytes().decode("utf-8")
    assert export.truth["title"].str.startswith("????").any()


def test_tunecore_earns_net_sales_times_the_rate(made):
    header, *lines = lines_of(made("tunecore"), "utf-8", ",")
    sold, rate, earned = (header.index(c) for c in ("Net Sales", "Exchange Rate", "Total Earned"))
    for line in lines:
        exact = number(line[sold]) * number(line[rate])
        assert abs(exact - number(line[earned])) <= Decimal("0.0000005")
    codes = {
        (line[header.index("Optional ISRC")] or line[header.index("TC Song ID")]) for line in lines
    }
    assert all(code.startswith("XXLTN") for code in codes)


def test_the_societies_know_works_not_recordings(made):
    truth = made("ascap").truth
    assert truth["recording_id"].isna().all()
    assert truth["work_id"].str.fullmatch(r"\d{9}").all()
    dollars = [line[29] for line in lines_of(made("ascap", folder="b"), "utf-8", ",")[1:]]
    assert all(text.startswith(" 0000") and len(text) == 24 for text in dollars)


# --- Bandcamp ---------------------------------------------------------------------------------


def test_bandcamp_lists_sales_refunds_payouts_and_what_is_pending(made):
    export = made("bandcamp")
    assert export.path.read_bytes().startswith(b"\xff\xfe")
    header, *lines = lines_of(export, "utf-16", ",")
    assert ",".join(header).startswith(
        "date,paid to,item type,item name,artist,currency,item price"
    )
    gap = lines.index([""] * len(header))
    rows = [dict(zip(header, line, strict=True)) for line in lines[:gap]]
    pending = [dict(zip(header, line, strict=True)) for line in lines[gap + 1 :]]
    assert {row["item type"] for row in pending} == {"pending sale"}
    assert {row["transaction fee"] for row in pending} == {"*"}
    sold = [row for row in rows if row["item type"] != "payout"]
    assert len(sold) < len(rows)
    net = sum(Decimal(row["net amount"]) for row in sold)
    gross = sum(
        Decimal(row[name] or 0)
        for row in sold
        for name in ("sub total", "additional fan contribution", "shipping")
    )
    assert net == sum(export.truth["net"])
    assert gross == sum(export.truth["gross"])
    refunds = export.truth[export.truth["use"] == "refund"]
    assert len(refunds) >= 3
    assert (refunds["units"] < 0).all()
    assert all(v < 0 for v in refunds["net"])


def test_bandcamp_shows_the_fee_of_a_cart_on_its_last_item(made):
    header, *lines = lines_of(made("bandcamp"), "utf-16", ",")
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    pairs = [
        (a["transaction fee"], b["transaction fee"])
        for a, b in pairwise(r for r in rows if r["item type"] in {"track", "album", "package"})
        if a["bandcamp transaction id"] == b["bandcamp transaction id"]
    ]
    assert pairs
    assert all(first == "" and last for first, last in pairs)


# --- DDEX -------------------------------------------------------------------------------------


def test_the_digital_sales_report_is_whole_and_its_blocks_hang_together(made):
    export = made("dsr")
    lines = export.path.read_text(encoding="utf-8").splitlines()
    cells = {}
    for line in lines:
        if line.startswith("#"):
            kind, *names = line[1:].split("\t")
            cells[kind] = names
    records = [line.split("\t") for line in lines if not line.startswith("#")]
    assert records[0][0] == "HEAD"
    assert all(len(values) <= len(cells[kind]) for kind, *values in records)
    rows = [(kind, dict(zip(cells[kind], values, strict=False))) for kind, *values in records]
    foot = dict(rows[-1:])["FOOT"]
    blocks = {row["BlockId"] for _, row in rows if "BlockId" in row}
    assert int(foot["NumberOfLinesInFile"]) == len(lines)
    assert int(foot["NumberOfBlocksInFile"]) == len(blocks)
    due = [Decimal(row["AllocatedAmount"]) for kind, row in rows if kind == "LI01"]
    summary = next(row for kind, row in rows if kind == "SY02.01")
    assert sum(due) == sum(export.truth["net"]) == Decimal(summary["AllocatedRevenue"])
    assert int(summary["Usages"]) == int(export.truth["units"].sum())
    assert [row["ISRC"] for kind, row in rows if kind == "AS01"] == list(export.truth["isrc"])
    assert [row["ISWC"] for kind, row in rows if kind == "MW01.01"] == list(export.truth["work_id"])


def test_every_record_names_its_cells_in_the_published_order():
    assert _dsr.CELLS["LI01"].split()[:3] == ["BlockId", "SummaryRecordId", "RightsController"]
    assert _dsr.CELLS["SU03.01"].split()[-1] == "ValidityPeriodEnd"
    assert len(_dsr.CELLS["HEAD"].split()) == 15
    assert len(_dsr.CELLS["SY02.01"].split()) == 17
