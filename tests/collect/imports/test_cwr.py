"""CWR: works read whole, and every broken record refuses its transaction with its line."""

import gzip
import zipfile

import duckdb
import pytest

import musictools as mt
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same


def text(value, width):
    return f"{value:<{width}}"


def work(number, title, iswc="", *, kind="NWR"):
    return kind, f"{text(title, 60)}EN{text(number, 14)}{text(iswc, 11)}" + "0" * 8


def writer(last, first="", pr=0, mr=0, sr=0, *, kind="SWR", ip="", ipi="0" * 11):
    shares = f"   {pr:05}   {mr:05}   {sr:05}"
    head = f"{text(ip, 9)}{text(last, 45)}{text(first, 30)} CA{'0' * 9}{text(ipi, 11)}"
    return kind, f"{head}{shares} N"


def recording(isrc):
    return "REC", "00000000" + " " * 222 + isrc


def artist(last, first=""):
    return "PER", text(last, 45) + text(first, 30)


def transaction(number, records):
    return [f"{kind}{number:08}{i:08}{body}" for i, (kind, body) in enumerate(records)]


def group(kind, number, transactions, *, count=None, version="02.10"):
    lines = [f"GRH{kind}{number:05}{version}0000000000"]
    for i, records in enumerate(transactions):
        lines += transaction(i, records)
    told = len(transactions) if count is None else count
    return [*lines, f"GRT{number:05}{told:08}{len(lines) + 1:08}"]


def file(*groups, records=None):
    lines = ["HDRPB000000001LANTERN" + " " * 38 + "01.10" + "20260105093000" + "20260105"]
    for each in groups:
        lines += each
    transactions = sum(len({line[3:11] for line in each[1:-1]}) for each in groups)
    told = len(lines) + 1 if records is None else records
    return [*lines, f"TRL{len(groups):05}{transactions:08}{told:08}"]


def save(path, lines, *, end="\r\n", encoding="utf-8"):
    path.write_bytes(end.join(lines).encode(encoding))
    return path


GOOD = [work("W1", "FIRST", "T0000000010"), writer("DOE", "JANE", 3000), writer("ROE", "", 2000)]
OTHER = [work("W2", "SECOND"), writer("DOE", "JANE", 5000)]


def read(path, lines, **options):
    return mt.collect.read_cwr(save(path / "CW260001ABC_000.V21", lines, **options))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_round_trip(seed, tmp_path):
    made = mt.datasets.simulate_exports(tmp_path, formats="cwr", rng=seed)["cwr"]
    result = mt.collect.read(made.path)
    assert_same(result, made)
    assert result.totals["left_out"].tolist() == [1]
    assert [len(each) for each in result.table["writers"]] == [
        len(each) for each in result.table["shares"]
    ]
    with zipfile.ZipFile(tmp_path / "cwr.zip", "w") as archive:
        archive.write(made.path, "CW260001LAT_000.V21")
    assert_same(mt.collect.read(tmp_path / "cwr.zip"), made)
    (tmp_path / "cwr.v21.gz").write_bytes(gzip.compress(made.path.read_bytes()))
    assert_same(mt.collect.read(tmp_path / "cwr.v21.gz"), made)
    assert_same(mt.collect.read(made.path.parent), made)


def test_what_stands_in_a_work(tmp_path):
    records = [
        *GOOD,
        ("PWR", text("P1", 9) + text("PUBLISHER", 45)),
        writer("", kind="OWR", pr=1000, ip="", ipi=" " * 11),
        artist("BAND"),
        artist("DOE", "JANE"),
        recording("XXA000000001"),
        recording("XXA000000002"),
    ]
    result = read(tmp_path, file(group("NWR", 1, [records])))
    assert len(result.problems) == 0
    (row,) = result.table.to_dict("records")
    assert row["work_id"] == "W1"
    assert row["iswc"] == "T0000000010"
    assert list(row["writers"]) == ["JANE DOE", "ROE", "UNKNOWN"]
    assert list(row["shares"]) == pytest.approx([1 / 2, 1 / 3, 1 / 6])
    assert list(row["artists"]) == ["BAND", "JANE DOE"]
    assert list(row["isrcs"]) == ["XXA000000001", "XXA000000002"]


@pytest.mark.parametrize(("right", "shares"), [("mr", [0.25, 0.75]), ("sr", [0.5, 0.5])])
def test_shares_of_other_rights_where_performing_rights_are_none(right, shares, tmp_path):
    parts = {"mr": (2500, 7500), "sr": (100, 100)}[right]
    records = [
        work("W1", "A"),
        *(writer(n, **{right: p}) for n, p in zip("AB", parts, strict=True)),
    ]
    result = read(tmp_path, file(group("NWR", 1, [records])))
    assert list(result.table["shares"][0]) == shares


def test_a_revision_replaces_what_it_revises(tmp_path):
    again = [work("W1", "NEW TITLE", kind="REV"), writer("DOE", "JANE", 5000)]
    result = read(tmp_path, file(group("NWR", 1, [GOOD, OTHER]), group("REV", 2, [again])))
    assert result.table["title"].tolist() == ["SECOND", "NEW TITLE"]
    assert result.provenance["left_out"] == {"registered again further down": 1}
    broken = [work("W1", "NEW TITLE", kind="REV"), writer("DOE", "JANE", 0)]
    result = read(tmp_path, file(group("NWR", 1, [GOOD, OTHER]), group("REV", 2, [broken])))
    assert result.table["title"].tolist() == ["FIRST", "SECOND"]
    assert result.problems["line"].tolist() == [10]


def test_answers_of_societies_are_left_out(tmp_path):
    ack = [("ACK", "20260105093000" + "00001" + "00000000NWRFIRST"), work("W1", "FIRST"), GOOD[1]]
    excerpt = [work("W3", "THIRD", kind="ISW"), writer("DOE", "JANE", 5000)]
    lines = file(group("ACK", 1, [ack]), group("ISW", 2, [excerpt]), group("NWR", 3, [OTHER]))
    result = read(tmp_path, lines)
    assert len(result.problems) == 0
    assert result.table["work_id"].tolist() == ["W2"]
    assert sum(result.provenance["left_out"].values()) == 2


def spoil(lines, at, old, new):
    assert old in lines[at - 1]
    return [*lines[: at - 1], lines[at - 1].replace(old, new), *lines[at:]]


@pytest.mark.parametrize(
    ("at", "old", "new", "why"),
    [
        (4, "03000", "0300X", "a share is '0300X'"),
        (4, "03000", "20000", "a share is '20000'"),
        (4, "SWR", "QQQ", "no records 'QQQ'"),
        (4, "SWR00000000", "SWR0000000X", "its transaction is '0000000X'"),
        (4, "SWR0000000000000001", "SWR0000000000000007", "should be 1"),
        (4, "SWR0000000000000001", "SWR00000000000000?1", "its number is"),
        (3, "W1", "  ", "number is empty"),
    ],
)
def test_a_broken_record_refuses_its_transaction(at, old, new, why, tmp_path):
    lines = file(group("NWR", 1, [GOOD, OTHER]))
    result = read(tmp_path, spoil(lines, at, old, new))
    assert result.table["work_id"].tolist() == ["W2"]
    assert why in result.problems["why"][0]
    assert at in result.problems["line"].tolist()


def test_a_lost_record_refuses_its_transaction(tmp_path):
    lines = file(group("NWR", 1, [GOOD, OTHER]))
    result = read(tmp_path, lines[:3] + lines[4:])
    assert result.table["work_id"].tolist() == ["W2"]
    whys = "\n".join(result.problems["why"])
    assert "its number is 2, and should be 1" in whys
    assert "states 7 records, and has 6" in whys
    assert "states 9 records, and has 8" in whys


def test_a_record_that_ends_before_its_shares(tmp_path):
    lines = file(group("NWR", 1, [GOOD, OTHER]))
    lines[3] = lines[3][:100]
    result = read(tmp_path, lines)
    assert result.table["work_id"].tolist() == ["W2"]
    assert result.problems["line"].tolist() == [4]
    assert "ends before its shares" in result.problems["why"][0]
    assert "'W1'" in result.problems["why"][0]


def test_counts_are_checked(tmp_path):
    result = read(tmp_path, file(group("NWR", 1, [GOOD, OTHER], count=3), records=99))
    assert result.table["work_id"].tolist() == ["W1", "W2"]
    assert result.problems["line"].tolist() == [8, 9]
    assert "the group states 3 transactions, and has 2" in result.problems["why"][0]
    assert "the file states 99 records, and has 9" in result.problems["why"][1]


def test_a_file_that_is_cut_off(tmp_path):
    lines = file(group("NWR", 1, [GOOD, OTHER]))
    result = read(tmp_path, lines[:7])
    assert result.table["work_id"].tolist() == ["W1"]
    assert "the file ends within the transaction" in "\n".join(result.problems["why"])
    assert "without its end (TRL)" in "\n".join(result.problems["why"])
    result = read(tmp_path, [*lines[:7], lines[8]])
    assert any("has no end (GRT)" in why for why in result.problems["why"])


def test_what_stands_where_nothing_should(tmp_path):
    lines = file(group("NWR", 1, [GOOD]))
    strange = [lines[0], lines[3], *lines[1:], "SWR0000000000000001BEHIND"]
    result = read(tmp_path, strange)
    assert result.table["work_id"].tolist() == ["W1"]
    assert {2, len(strange)}.issubset(result.problems["line"])


def test_how_files_differ(tmp_path):
    lines = file(group("NWR", 1, [GOOD, OTHER]))
    for changed, options in [
        ([line.rstrip() for line in lines], {"end": "\n"}),
        ([lines[0], "", *lines[1:], "", "\x1a"], {}),
        ([f"{line:<300}" for line in lines], {}),
        (["\ufeff" + lines[0], *lines[1:]], {}),
        ([line.replace("DOE", "DÖE") for line in lines], {"encoding": "latin-1"}),
        ([line.replace("DOE", "DÖE") for line in lines], {"encoding": "utf-8"}),
    ]:
        result = read(tmp_path, changed, **options)
        assert len(result.problems) == 0, changed[0]
        assert result.table["work_id"].tolist() == ["W1", "W2"]
        assert result.table["writers"][1][0] in {"JANE DOE", "JANE DÖE"}
        assert list(result.table["shares"][0]) == [0.6, 0.4]


def test_a_letter_of_latin_1_far_down(tmp_path):
    many = [[work(f"W{i}", "X"), writer("DOE", "J", 5000)] for i in range(1500)]
    many.append([work("LAST", "X"), writer("DÖE", "J", 5000)])
    result = read(tmp_path, file(group("NWR", 1, many)), encoding="latin-1")
    assert len(result.problems) == 0
    assert result.table["writers"].iloc[-1][0] == "J DÖE"


def test_nothing_in_it(tmp_path):
    path = tmp_path / "CW260001ABC_000.V21"
    path.write_bytes(b"")
    with pytest.raises(ExportError):
        mt.collect.read(path)
    with pytest.raises(ExportError):
        read(tmp_path, file())
    result = read(tmp_path, file(group("NWR", 1, [])))
    assert len(result.table) == len(result.problems) == 0


def test_version_3_is_read_by_its_name_only(tmp_path):
    share = "002" + text("W1", 9) + "050000000000000I2136"
    records = [
        ("WRK", f"{text('A', 60)}EN{text('W9', 14)}{text('T0000000010', 11)}"),
        ("SWR", f"{text('W1', 9)}{text('DOE', 45)}{text('JANE', 30)} CA"),
        ("SWT", share),
        ("OWR", f"{text('', 9)}{text('ROE', 45)}{text('', 30)} CA"),
        ("OWT", "001" + text("", 9) + "025000000000000I2136"),
    ]
    path = save(tmp_path / "CW.V30", file(group("WRK", 1, [records], version="03.00")))
    with pytest.raises(ExportError):
        mt.collect.read(path)
    result = mt.collect.read(path, format="cwr3")
    assert len(result.problems) == 0
    assert list(result.table["writers"][0]) == ["JANE DOE", "ROE"]
    assert list(result.table["shares"][0]) == pytest.approx([2 / 3, 1 / 3])


def test_into_a_database_twice(tmp_path):
    lines = file(group("NWR", 1, [GOOD, OTHER]))
    path = save(tmp_path / "CW260001ABC_000.V21", lines)
    for _ in range(2):
        result = mt.collect.read_cwr(path, into=tmp_path / "works.duckdb")
        assert sorted(result.to_frame()["work_id"]) == ["W1", "W2"]
        del result
    with duckdb.connect(str(tmp_path / "works.duckdb")) as connection:
        assert connection.execute("SELECT count(*) FROM works").fetchall() == [(2,)]
