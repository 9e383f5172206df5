"""DDEX sales reports: amounts due from records in blocks, and everything that a record can be."""

import gzip
from decimal import Decimal

import numpy as np
import pytest

import musictools as mt
from musictools.datasets._exports import _dsr
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same

HEAD = (
    "HEAD\tdsrf/30\tUGCProfile\t1.0\tM7\t2026-01-09T17:00:00Z\t1\t1\t2025-10-01\t2025-12-31\tPA\t"
    "Pomelo\tAdSupport\tPB\tLabel\tA|B"
)
SUMMARY = "SY02.01\t1\t\t\tAds\tStream\tGB\tAds\t99\t\tGBP\t9000\tLabel\t\t9\t9\t9\tPerformingRight"
SOUND = "AS01\t{0}\tA{0}\tA{0}\tUSRC17607839\tSong\t\tSinger \\| One|Two"
WORK = "MW01.01\t{0}\tW{0}\tT9109247316\tSONG"
USAGE = "SU03.01\t{0}\tU\t1\tA{0}\t100\t7.5"
DUE = "LI01\t{0}\t1\tLabel\t\t\t1.0\tPerformingRight\t0.1\t{1}"


def block(number, amount):
    lines = (SOUND, WORK, USAGE, DUE)
    return [line.format(number, amount) for line in lines]


def report(*lines, foot=None):
    kinds = [line.split("\t")[0] for line in lines]
    blocks = len({line.split("\t")[1] for line in lines if line[:2] in {"AS", "MW", "SU", "LI"}})
    stated = foot or f"FOOT\t{len(lines) + 1}\t{len(lines) + 1}\t{kinds.count('SY02.01')}\t{blocks}"
    return "\n".join([*lines, stated]) + "\n"


def read(path, text, **options):
    path.write_bytes(text.encode())
    return mt.collect.read_dsr(path, **options)


@pytest.fixture(scope="module")
def label():
    return mt.datasets.load_label()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "DSR_PB_PA_2025-Q4_GB_1of1_20260109T170000.tsv"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_round_trip(seed, label, tmp_path):
    made = _dsr.write_dsr(label, tmp_path, np.random.default_rng(seed))
    assert_same(mt.collect.read_dsr(made.path), made)
    squeezed = tmp_path / "packed" / f"{made.path.name}.gz"
    squeezed.parent.mkdir()
    squeezed.write_bytes(gzip.compress(made.path.read_bytes()))
    result = mt.collect.read(squeezed)
    assert result.format == "dsr"
    assert sum(result.table["net"]) == sum(made.truth["net"])


def test_a_database_holds_the_same_rows_once(label, tmp_path):
    made = _dsr.write_dsr(label, tmp_path, np.random.default_rng(1))
    for _ in range(2):
        result = mt.collect.read_dsr(made.path, into=tmp_path / "m.duckdb")
        assert sum(result.to_frame()["net"]) == sum(made.truth["net"])


def test_a_block(path):
    result = read(path, report(HEAD, SUMMARY, *block("1", "1.2345678")))
    row = result.table.iloc[0]
    assert len(result.problems) == 0
    assert (row["statement"], row["period"], row["payer"]) == ("M7", "2025-Q4", "Pomelo")
    assert (row["net"], row["units"], row["currency"]) == (Decimal("1.2345678"), 100, "GBP")
    assert (row["work_id"], row["recording_id"]) == ("T9109247316", "USRC17607839")
    assert row["artist"] == "Singer | One, Two"
    assert row["rights_controller"] == "Label"


def test_several_amounts_usages_and_recordings_in_a_block(path):
    lines = [SOUND.format("1"), SOUND.format("1").replace("A1", "B1").replace("USRC", "GBRC")]
    lines += [USAGE.format("1"), DUE.format("1", "1"), DUE.format("1", "2")]
    lines += [USAGE.format("1").replace("A1", "B1"), DUE.format("1", "-4")]
    lines += [USAGE.format("1").replace("A1", "C1")]
    result = read(path, report(HEAD, SUMMARY, *lines))
    assert len(result.problems) == 0
    assert result.table["net"].tolist() == [1, 2, -4]
    codes = ["USRC17607839", "USRC17607839", "GBRC17607839"]
    assert result.table["recording_id"].tolist() == codes
    assert result.provenance["left_out"] == {"usage for which no amount is stated": 1}


def test_what_the_file_says_of_its_cells_is_believed(path):
    own = "#LI01\tBlockId\tSummaryRecordId\tAllocatedAmount"
    lines = [SOUND.format("1"), USAGE.format("1"), "LI01\t1\t1\t0.25\t\t\t"]
    result = read(path, report("# a comment", HEAD, own, SUMMARY, *lines))
    assert (result.table["net"].tolist(), len(result.problems)) == ([Decimal("0.25")], 0)


def test_a_nasty_report(path):
    lines = [
        HEAD,
        SUMMARY,
        *block("1", "1.5"),
        "ZZ99\t1\tx",
        "nonsense",
        "AS01\t2\tA\tA\tX\tT\t\tS\t\tPT1S\tSound\textra",
        DUE.format("3", "9"),
        USAGE.format("4"),
        DUE.format("4", "abc"),
        DUE.format("4", ""),
        DUE.format("4", "2").replace("\t1\tLabel", "\tSY9\tLabel"),
        "SU03.01\t\tU\t1",
        "",
        *block("5", "-0.25"),
    ]
    result = read(path, report(*lines, foot="FOOT\t20\t20\t1\t4\t4").replace("\n", "\r\n"))
    assert result.problems["line"].tolist() == [7, 8, 9, 10, 12, 13, 14, 15]
    assert sum(result.table["net"]) == Decimal("1.25")
    assert result.problems["why"][7 - 1] == "no summary record is called 'SY9'"


@pytest.mark.parametrize(
    ("foot", "why"),
    [
        ("FOOT\t9\t9\t1\t1", "9 lines, and has 7"),
        ("FOOT\t7\t7\t2\t1", "2 summaries, and has 1"),
        ("FOOT\t7\t7\t1\t8", "8 blocks, and has 1"),
        ("FOOT", "does not state how many"),
        ("# no end", "cut off"),
    ],
)
def test_counts_at_the_end(foot, why, path):
    result = read(path, report(HEAD, SUMMARY, *block("1", "1.5"), foot=foot))
    assert [why in each for each in result.problems["why"]] == [True]
    assert sum(result.table["net"]) == Decimal("1.5")


def test_what_stands_behind_the_end(path):
    text = report(HEAD, SUMMARY, *block("1", "1.5")) + DUE.format("1", "8") + "\n"
    result = read(path, text)
    assert result.problems["line"].tolist() == [8]
    assert sum(result.table["net"]) == Decimal("1.5")


def test_usages_without_an_amount_due_are_refused(path):
    lines = [line for line in block("1", "1") if not line.startswith("LI")]
    with pytest.raises(ExportError, match="no LI record"):
        read(path, report(HEAD, SUMMARY, *lines))


@pytest.mark.parametrize(
    ("days", "period"),
    [
        (("2025-11-01", "2025-11-30"), "2025-11"),
        (("2025-10-01", "2025-12-31"), "2025-Q4"),
        (("2025-07-01", "2025-12-31"), "2025-07-01--2025-12-31"),
    ],
)
def test_periods(days, period, path):
    head = HEAD.replace("2025-10-01", days[0]).replace("2025-12-31", days[1])
    assert read(path, report(head, SUMMARY, *block("1", "1"))).table["period"].tolist() == [period]


def test_no_period_no_row(path):
    head = HEAD.replace("2025-10-01", "soon")
    result = read(path, report(head, SUMMARY, *block("1", "1")))
    assert result.problems["why"].tolist() == ["Period is empty"]


def test_it_does_not_grow_with_the_file(path):
    import tracemalloc

    from musictools.collect.imports._dsr_records import Report

    def peak(blocks):
        report_ = Report("x")
        tracemalloc.start()
        line = 0
        for text in (HEAD, SUMMARY):
            list(report_.read(line, text))
        for number in range(blocks):
            for text in block(str(number), "1"):
                line += 1
                list(report_.read(line, text))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(3000) < peak(300) + 20_000
