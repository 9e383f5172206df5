"""The engine under every reader: lines, archives, databases, totals; nothing is lost in silence."""

import gzip
import io
import json
import zipfile
import zlib
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.collect.imports import _lines, _spool
from musictools.collect.imports._format import Broken, Parsed
from musictools.collect.imports._lines import count_lines, lines_at, lines_of
from musictools.errors import ExportError

HEADER = (
    "Reporting Date,Sale Month,Store,Artist,Title,ISRC,UPC,Quantity,Team Percentage,"
    "Song/Album,Country of Sale,Songwriter Royalties Withheld,Earnings (USD)\n"
)


def line(title="Song", *, quantity="1", earned="0.5"):
    return f"2025-02-01,2025-01,Ebbtide,A,{title},USRC17607839,,{quantity},100,Song,US,0,{earned}\n"


def statement(path, *lines, header=HEADER):
    path.write_text(header + "".join(lines), "utf-8")
    return path


# --- lines ---------------------------------------------------------------------------------------


def brute(kinds, skip):
    """Walk through a file whose lines are known: rows of some height, blank and broken lines."""
    at, n, places, taken, extra = skip + 1, 0, {}, [], {}
    for kind, height in kinds:
        if kind == "row":
            n += 1
            places[n] = at
            if height > 1:
                extra[n] = height - 1
            at += height
        else:
            taken.append(at)
            at += 1
    return places, taken, extra


@given(
    st.lists(st.tuples(st.sampled_from(["row", "row", "other"]), st.integers(1, 4)), max_size=40),
    st.integers(0, 5),
)
def test_lines_of_rows(kinds, skip):
    places, taken, extra = brute(kinds, skip)
    assert lines_of(list(places), taken, extra, skip) == list(places.values())


@given(
    st.lists(
        st.sampled_from([b"a,b c", b"", b"\r", b"x\r", "é".encode(), b"a, b", b"a b ,c"]),
        max_size=30,
    ),
    st.booleans(),
)
@settings(max_examples=60)
def test_lines_are_counted(parts, ends):
    from pathlib import Path
    from tempfile import TemporaryDirectory

    text = b"\n".join(parts) + (b"\n" if ends and parts else b"")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(text)
        counted = count_lines(path)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_lines, "LARGE", 0)
            patch.setattr(_lines, "_BLOCK", 8)
            halves = count_lines(path)
        places = list(range(len(text)))
        assert lines_at(path, places, halves.marks or ((0, 1),)) == lines_at(path, places)
    assert halves.blank.tolist() == counted.blank.tolist()
    assert counted.checksum == halves.checksum == (zlib.crc32(text), len(text))
    for name in ("lines", "utf8", "padded"):
        assert getattr(halves, name) == getattr(counted, name)
    cells = [cell for row in text.replace(b"\r", b"").split(b"\n") for cell in row.split(b",")]
    assert counted.padded == any(cell != cell.strip(b" ") for cell in cells)
    lines = text.split(b"\n")[: -1 if text.endswith(b"\n") or not text else None]
    assert counted.lines == len(lines)
    # A last line without its end is no line if nothing is on it.
    blank = [i for i, each in enumerate(lines, 1) if each in {b"", b"\r"}]
    told = counted.blank.tolist()
    assert told == blank or (told == blank[:-1] and not text.endswith(b"\n"))
    assert counted.utf8


def test_lines_at_bytes(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"ab\ncd\n\nef")
    assert lines_at(path, [0, 3, 6, 7, 8]) == [1, 2, 3, 4, 4]


@given(
    st.lists(st.lists(st.text(alphabet='ab",;\n', max_size=6), min_size=3, max_size=3), max_size=12)
)
def test_what_is_well_quoted_is_read_carefully_too(rows):
    import csv
    from pathlib import Path
    from tempfile import TemporaryDirectory

    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["h", "h", "h"], *rows])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_text(out.getvalue(), "utf-8")
        read = list(_spool.careful_records(path, ",", 3, 1))
    # A row of many lines may be cut where its pieces are rows as well; but no text is lost.
    assert sum(isinstance(each, Parsed) for each in read) >= len(rows) or any(
        isinstance(each, Broken) for each in read
    )


# --- what is lost, and what is not ---------------------------------------------------------------


def test_every_line_is_a_row_or_a_problem(tmp_path):
    rng = np.random.default_rng(5)
    bad = [
        line(quantity="many"), line(earned="?"), "too,few\n", line("one,more"), "\n",
        line('"never closed'), line('"closed" not'), line('"two\nlines"'), line('a"b'),
    ]  # fmt: skip
    lines = [
        bad[rng.integers(len(bad))] if rng.random() < 0.2 else line(f"S{i}") for i in range(400)
    ]
    lines.append(line("last"))
    result = mt.collect.read(statement(tmp_path / "s.csv", *lines))
    physical = "".join(lines).split("\n")
    broken = ("many", ",?", "too,few", "one,more")
    expected = [i for i, text in enumerate(physical, 2) if any(b in text for b in broken)]
    assert result.problems["line"].tolist() == expected
    assert result.problems["text"].str.len().min() > 0
    filled = sum(1 for text in lines if text != "\n")
    assert len(result.table) + len(result.problems) == filled == result.totals["lines"].iloc[0]


def test_an_empty_file_and_a_header_alone(tmp_path):
    path = tmp_path / "s.csv"
    path.write_bytes(b"")
    with pytest.raises(ExportError, match="an empty file"):
        mt.collect.read(path)
    result = mt.collect.read(statement(path))
    assert len(result.table) == 0
    assert len(result.problems) == 0


def test_a_strange_file_says_how_it_begins(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("alpha,beta\n1,2\n")
    with pytest.raises(ExportError, match="'alpha,beta'"):
        mt.collect.read(path)
    with pytest.raises(ExportError, match="formats"):
        mt.collect.read(path, format="distrokidd")
    with pytest.raises(ExportError, match="no file there"):
        mt.collect.read(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"]
)
def test_encodings(encoding, tmp_path):
    path = tmp_path / "s.csv"
    path.write_bytes((HEADER + line("Café")).encode(encoding))
    assert mt.collect.read(path).table["title"].tolist() == ["Café"]


def test_an_encoding_that_shows_late(tmp_path):
    path = tmp_path / "s.csv"
    path.write_bytes((HEADER + line() * 6000 + line("Café")).encode("cp1252"))
    assert path.stat().st_size > 1 << 18
    assert mt.collect.read(path).table["title"].iloc[-1] == "Café"


def test_lines_of_an_encoding_that_shows_late(tmp_path):
    path = tmp_path / "s.csv"
    text = HEADER + line() * 5000 + line("é" * 60) * 12_000 + "x,y\n" + line(quantity="x")
    path.write_bytes(text.encode("cp1252"))
    assert path.stat().st_size > 1 << 20
    result = mt.collect.read(path)
    assert result.problems["line"].tolist() == [17_002, 17_003]
    assert len(result.table) == 17_000


@pytest.mark.parametrize("ending", ["\r\n", "\n", ""])
def test_line_ends(ending, tmp_path):
    path = tmp_path / "s.csv"
    text = (HEADER + line("A") + line("B")).replace("\n", "\r\n").removesuffix("\r\n") + ending
    path.write_bytes(text.encode())
    result = mt.collect.read(path)
    assert result.table["title"].tolist() == ["A", "B"]
    assert sum(result.table["net"]) == 1


def test_lines_that_end_with_returns_alone(tmp_path):
    path = tmp_path / "s.csv"
    text = HEADER + line("Café") + line("B", quantity="x") + line("C")
    for encoding in ("utf-8", "cp1252", "utf-16"):
        path.write_bytes(text.replace("\n", "\r").encode(encoding))
        result = mt.collect.read(path)
        assert result.table["title"].tolist() == ["Café", "C"]
        assert result.problems["line"].tolist() == [3]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("above", "header"),
    [("", HEADER.replace("Earnings (USD)", '"Earnings\r(USD)"')), ("Report\rof May\n", HEADER)],
)
def test_returns_above_the_rows_hide_none_of_them(above, header, end, tmp_path):
    path = tmp_path / "s.csv"
    text = above + header + line("A") + line("B", quantity="x") + line("C")
    path.write_bytes(text.replace("\n", end).encode())
    result = mt.collect.read(path)
    assert result.table["title"].tolist() == ["A", "C"]
    assert result.problems["line"].tolist() == [3 + above.count("\n")]


def test_a_quotation_mark_that_another_line_closes_swallows_no_lines(tmp_path):
    lines = [line("A"), line('"B'), line("C"), line("D", quantity="x"), line('E"'), line('"F\nG"')]
    result = mt.collect.read(statement(tmp_path / "s.csv", *lines))
    assert result.table["title"].tolist() == ["A", '"B', "C", 'E"', "F\nG"]
    assert result.problems["line"].tolist() == [5]
    pair = mt.collect.read(statement(tmp_path / "t.csv", line('"B'), line('C"')))
    assert len(pair.table) == 2


def test_separators_at_the_ends_of_lines(tmp_path):
    path = tmp_path / "s.csv"
    for ends in ((",", ""), ("", ","), (",", ","), ("", "")):
        text = HEADER.replace("\n", ends[0] + "\n") + line("A").replace("\n", ends[1] + "\n") * 2
        path.write_text(text)
        result = mt.collect.read(path)
        assert result.table["title"].tolist() == ["A", "A"]
        assert len(result.problems) == 0


@pytest.mark.parametrize("rubbish", ["a\0b", "\0" * 5000])
def test_zeros_are_no_encoding(rubbish, tmp_path):
    result = mt.collect.read(statement(tmp_path / "s.csv", line("A"), rubbish + "\n", line("B")))
    assert result.table["title"].tolist() == ["A", "B"]
    assert result.problems["line"].tolist() == [3]


@pytest.mark.parametrize("name", ["klingon", "hex", "base64", "", "undefined"])
def test_an_encoding_that_is_none(name, tmp_path):
    path = statement(tmp_path / "s.csv", line())
    with pytest.raises(ExportError, match="encoding="):
        mt.collect.read(path, encoding=name)
    with pytest.raises(ExportError, match="encoding="):
        mt.collect.read_table(
            path,
            mapping={"period": "Sale Month", "net": "Earnings (USD)"},
            constants={"payer": "P", "currency": "USD"},
            encoding=name,
        )


# --- JSON ----------------------------------------------------------------------------------------


def play(title="T", **others):
    known = {"ts": "2025-01-02T03:04:05Z", "platform": "ios", "ms_played": 200000}
    known |= {"conn_country": "DE", "master_metadata_track_name": title}
    known |= {"master_metadata_album_artist_name": "A", "master_metadata_album_album_name": "R"}
    known |= {"spotify_track_uri": "spotify:track:4uLU6hMCjMI75M1A2tKUQC", "ip_addr": "1.2.3.4"}
    known |= {"reason_start": "x", "reason_end": "x", "shuffle": False, "skipped": False}
    return json.dumps(known | {"offline": False, "incognito_mode": False} | others)


CUT = "the file ends before its list does: it is cut off"


@pytest.mark.parametrize(
    ("text", "titles", "problems"),
    [
        ("[{a},\n{b}\n]", "ab", []),
        ("[{a},\n{b}\n", "ab", [(3, CUT)]),
        ("[{a},\n{b},\n", "ab", [(3, CUT)]),
        ("[{a}]\n[{b}]", "ab", []),
        ("[{a}]\n{b}", "ab", []),
        ("[[{a},{b}],\n{c}]", "abc", []),
        ("[{a}]\nrubbish", "a", [(2, "it is no JSON: Expecting value")]),
        ('[{a},\n{{"x": "cut\n{b},\n{c}]', "abc", [(2, "it is no JSON: Invalid control char")]),
        ("[{a},\n{deep},\n{b}", "ab", [(2, "it is no JSON"), (3, CUT)]),
        ("[{a},\n{half}]", "a?", []),
    ],
)
def test_json_that_is_not_as_it_should_be(text, titles, problems, tmp_path):
    path = tmp_path / "Streaming_History_Audio_2025_0.json"
    deep = play()[:-1] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    half = play().replace('"T"', '"\\ud800"')
    path.write_text(text.format(a=play("a"), b=play("b"), c=play("c"), deep=deep, half=half))
    result = mt.collect.read(path)
    assert "".join(result.table["title"]) == titles
    assert len(result.problems) == len(problems)
    for (line_, why), told in zip(problems, result.problems.itertuples(), strict=True):
        assert told.line == line_
        assert told.why.startswith(why)
        assert "1.2.3.4" not in told.text


def test_a_broken_record_takes_no_other_with_it(tmp_path, monkeypatch):
    # Wherever the blocks are cut, and however much is broken.
    path = tmp_path / "x.json"
    good = '{{"a": "{0}"}}'
    for size in (16, 64, 257):
        monkeypatch.setattr(_spool, "_BLOCK", size)
        for rubbish in ('{"a": bad}', '{"a": "' + "{" * 600, "{,{,{" * 300):
            parts = [good.format(i) for i in range(9)]
            path.write_text("[" + ",\n".join([*parts[:4], rubbish, *parts[4:]]) + "]")
            found = list(_spool.json_records(path, "[]", ["a"]))
            assert [each.cells[0] for each in found if isinstance(each, Parsed)] == list(
                "012345678"
            )
            assert [each.line for each in found if isinstance(each, Broken)] == [5]


# --- archives ------------------------------------------------------------------------------------


def test_archives_and_folders(tmp_path):
    text = HEADER + line("A") + line("B", earned="x")
    plain = tmp_path / "in" / "deep" / "s.csv"
    plain.parent.mkdir(parents=True)
    plain.write_text(text)
    packed = tmp_path / "s.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    archive = tmp_path / "s.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("reports/s.csv", text)
        out.writestr("__MACOSX/reports/._s.csv", b"\0\1")
        out.writestr("read me.txt", "hello")
    for path in (plain, tmp_path / "in", packed, archive):
        result = mt.collect.read(path)
        assert result.table["title"].tolist() == ["A"]
        assert result.problems["line"].tolist() == [3]
    assert result.provenance["other_files"] == ["read me.txt"]
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(ExportError, match="download it again"):
        mt.collect.read(archive)
    packed.write_bytes(packed.read_bytes()[:-12])
    with pytest.raises(ExportError, match="download it again"):
        mt.collect.read(packed)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_of_an_archive_that_have_one_name(tmp_path):
    archive = tmp_path / "s.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("./s.csv", HEADER + line("A"))
        out.writestr("./s.csv", HEADER + line("B"))
    assert mt.collect.read(archive).table["title"].tolist() == ["A", "B"]


@pytest.mark.parametrize("text", ["inf", "-Infinity", "nan", "1_000"])
def test_what_is_not_finite_is_no_number(tmp_path, text):
    result = mt.collect.read(statement(tmp_path / "s.csv", line("A"), line("B", quantity=text)))
    assert result.table["title"].tolist() == ["A"]
    assert result.problems["why"].tolist() == [f"Quantity is not a number: {text}"]


def test_a_file_that_was_downloaded_twice_is_read_once(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    statement(folder / "s (1).csv", line("A"))
    statement(folder / "s.csv", line("A"))
    (folder / "t.csv.gz").write_bytes(gzip.compress((HEADER + line("A")).encode()))
    statement(folder / "u.csv", line("B"))
    result = mt.collect.read(folder)
    assert sorted(result.table["title"]) == ["A", "B"]
    assert result.problems[["file", "line"]].to_numpy().tolist() == [["s.csv", 0], ["t.csv", 0]]
    assert "s (1).csv once more" in result.problems["why"].iloc[0]


def test_names_that_are_no_text_and_what_is_no_file(tmp_path):
    import os
    from pathlib import Path

    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    assert mt.collect.read(statement(odd, line("A"))).table["title"].tolist() == ["A"]
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ExportError, match="a device or a pipe"):
        mt.collect.read(tmp_path / "pipe.csv")


@pytest.mark.parametrize("name", ["s[1].csv", "[s]*.csv", "Title=Other/s.csv", "s.csv.gz"])
def test_names_tell_nothing_of_what_is_in_a_file(name, tmp_path):
    # As a pattern, the first names would be of this one.
    statement(tmp_path / "s1.csv", line("Other") * 2, "x,y\n")
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    result = mt.collect.read(statement(path, line("A"), line("B"), "x,y\n"))
    assert result.table["title"].tolist() == ["A", "B"]
    assert result.problems["line"].tolist() == [4]
    history = path.with_name(path.name.replace("s", "Streaming_History_Audio_s", 1))
    history = history.with_name(history.name.replace(".csv", ".json"))
    history.write_text(f"[{play('C')}]", "utf-8")
    assert mt.collect.read(history).table["title"].tolist() == ["C"]


# --- databases -----------------------------------------------------------------------------------


def test_reading_again_replaces(tmp_path):
    first = statement(tmp_path / "one.csv", line("A"), line("B"))
    second = statement(tmp_path / "two.csv", line("C"))
    packed = tmp_path / "one.csv.gz"
    packed.write_bytes(gzip.compress(first.read_bytes()))
    target = tmp_path / "all.duckdb"
    for path in (first, second, first, packed):
        result = mt.collect.read(path, into=target)
    assert result.table.fetchall() != []
    with duckdb.connect(str(target)) as connection:
        titles = connection.execute("SELECT title FROM royalties ORDER BY 1").fetchall()
        imports = connection.execute("SELECT count(*) FROM imports").fetchall()
    assert titles == [("A",), ("B",), ("C",)]
    assert imports == [(2,)]


def test_a_folder_that_has_grown_replaces_what_was_read_of_it(tmp_path):
    folder, target = tmp_path / "in", tmp_path / "all.duckdb"
    folder.mkdir()
    one, two = statement(folder / "1.csv", line("A")), statement(folder / "2.csv", line("B"))
    for path in (one, two, folder):
        mt.collect.read(path, into=target)
    statement(folder / "3.csv", line("C"))
    assert sorted(mt.collect.read(folder, into=target).to_frame()["title"]) == ["A", "B", "C"]
    # Part of what was read together: nothing tells which rows are its own.
    with pytest.raises(ExportError, match=r"together with 1\.csv, 3\.csv before"):
        mt.collect.read(two, into=target)
    with duckdb.connect(str(target)) as connection:
        titles = connection.execute("SELECT title FROM royalties ORDER BY 1").fetchall()
        assert titles == [("A",), ("B",), ("C",)]
        assert connection.execute("SELECT count(*) FROM imports").fetchall() == [(1,)]


def test_files_that_are_the_same_may_be_of_two_songs(tmp_path):
    folder, target = tmp_path / "in", tmp_path / "all.duckdb"
    folder.mkdir()
    for name in ("One", "Two", "Two-timeline (1)"):
        path = folder / f"{name.removesuffix('-timeline (1)')}-timeline.csv"
        path = path.with_name("Two-timeline (1).csv") if "(1)" in name else path
        path.write_text("date,streams\n2025-09-01,0\n2025-09-02,0\n", "utf-8")
    result = mt.collect.read(folder)
    assert result.table["entity_id"].tolist() == ["One", "One", "Two", "Two"]
    assert result.problems["line"].tolist() == [0]
    counts = "SELECT entity_id, count(*) FROM observations GROUP BY ALL ORDER BY ALL"
    for path in sorted(folder.iterdir()):
        mt.collect.read(path, into=target)
    with duckdb.connect(str(target)) as connection:
        assert connection.execute(counts).fetchall() == [("One", 2), ("Two", 2)]
    # The reader may tell it as well; what was read before he did is replaced.
    connection = duckdb.connect()
    path.write_text("when,count\n2025-09-01,0\n", "utf-8")
    how = {"observed_at": "when", "metric:streams": "count"}
    for name in ("me", "A01", "A02", "A02"):
        told = {"entity_id": name, "platform": "spotify"}
        read = mt.collect.read_table(path, mapping=how, constants=told, into=connection)
        assert read.to_frame()["entity_id"].tolist() == [name]
    assert connection.execute(counts).fetchall() == [("A01", 1), ("A02", 1)]


def test_a_file_read_as_two_kinds_is_told_twice(tmp_path):
    path, target = tmp_path / "mine.csv", tmp_path / "all.duckdb"
    path.write_text("artist,song,when,sum\nA,One,2025-01-01,0.5\nA,Two,2025-01-02,oops\n", "utf-8")
    heard = {"artist": "artist", "title": "song", "ds": "when"}
    aired = {"station": "Ebb FM", "medium": "radio", "spins": 1}
    paid = {"artist": "artist", "title": "song", "period": "when", "net": "sum"}
    mt.collect.read_table(path, mapping=heard, kind="airplay", constants=aired, into=target)
    payer = {"payer": "Acme", "currency": "EUR"}
    for _ in range(2):
        mt.collect.read_table(path, mapping=paid, kind="royalties", constants=payer, into=target)
    with duckdb.connect(str(target)) as connection:
        told = connection.execute("SELECT kind, problems FROM imports ORDER BY 1").fetchall()
        lines = connection.execute("SELECT kind, line FROM import_problems").fetchall()
    assert told == [("airplay", 0), ("royalties", 1)]
    assert lines == [("royalties", 3)]


def test_all_or_nothing(tmp_path, monkeypatch):
    from musictools.collect.imports import _into

    target = tmp_path / "all.duckdb"
    mt.collect.read(statement(tmp_path / "one.csv", line("A")), into=target)

    def fail(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(_into, "_totals", fail)
    with pytest.raises(KeyboardInterrupt):
        mt.collect.read(statement(tmp_path / "two.csv", line("B")), into=target)
    with duckdb.connect(str(target)) as connection:
        assert connection.execute("SELECT title FROM royalties").fetchall() == [("A",)]


def test_lines_that_the_reader_refused_before_stay_his(tmp_path):
    connection, path = duckdb.connect(), tmp_path / "own.csv"
    path.write_text("1,2\n3,4,5\n")
    own = f"read_csv('{path}', columns={{a: 'INTEGER', b: 'INTEGER'}}, store_rejects=true)"
    connection.sql(f"FROM {own}").fetchall()
    before = connection.sql("FROM reject_errors").fetchall()
    result = mt.collect.read(statement(tmp_path / "s.csv", line(), "x,y\n"), into=connection)
    assert result.problems["text"].tolist() == ["x,y"]
    assert result.problems["why"].tolist() == ["it has fewer cells than the header"]
    assert connection.sql("FROM reject_errors").fetchall() == before != []


def test_a_connection_of_the_readers_stays_as_it_was(tmp_path):
    connection = duckdb.connect()
    before = connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()
    result = mt.collect.read(statement(tmp_path / "s.csv", line(), "a,b\n"), into=connection)
    assert connection.execute("SELECT current_setting('disabled_optimizers')").fetchall() == before
    tables = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
    ours = {"royalties_rows", "royalties_files", "imports", "import_problems"}
    assert tables == {"royalties", *ours}
    assert connection.execute("SELECT line FROM import_problems").fetchall() == [(3,)]
    assert result.to_frame()["net"].tolist() == [Decimal("0.50")]


def test_what_is_the_same_on_each_line_stands_once(tmp_path):
    connection = duckdb.connect()
    texts = ("A", "B")
    path = statement(tmp_path / "one.csv", *map(line, texts))
    mt.collect.read(path, into=connection)
    rows = connection.execute("DESCRIBE royalties_rows").fetchall()
    assert not {"payer", "currency", "statement", "source", "work_id"} & {row[0] for row in rows}
    # Another format tells the currency on each line: both are shown in one view.
    written = mt.datasets.simulate_exports(tmp_path / "exports", formats=["tunecore"], rng=1)
    other = written["tunecore"].path
    told = mt.collect.read(other, into=connection).to_frame()
    sums = "SELECT payer, currency, count(*), sum(net) FROM royalties GROUP BY ALL ORDER BY payer"
    found = {row[0]: row[1:] for row in connection.execute(sums).fetchall()}
    assert found["DistroKid"] == ("USD", 2, Decimal("1.0"))
    assert found["TuneCore"][1:] == (len(told), sum(told["net"]))
    memory = mt.collect.read(other).to_frame()
    order = ["period", "platform", "country", "recording_id", "units", "net"]
    pd.testing.assert_frame_equal(
        told.sort_values(order, ignore_index=True)[list(memory)],
        memory.sort_values(order, ignore_index=True),
    )
    # Reading again replaces, and leaves the other alone.
    mt.collect.read(path, into=connection)
    assert {row[0]: row[1:] for row in connection.execute(sums).fetchall()} == found


def test_a_table_of_somebody_else_is_left_alone(tmp_path):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE royalties (x INTEGER)")
    with pytest.raises(ExportError, match="database of its own"):
        mt.collect.read(statement(tmp_path / "s.csv", line()), into=connection)
    with pytest.raises(ExportError, match="of type int"):
        mt.collect.read(tmp_path / "s.csv", into=3)


@pytest.mark.parametrize(
    "own",
    [
        "VIEW Royalties", "TEMP TABLE royalties", "TEMP VIEW royalties_rows", "TABLE imports",
        "TABLE import_problems", "TABLE Royalties_Files",
    ],
)  # fmt: skip
def test_what_has_a_name_of_ours_is_left_alone(own, tmp_path):
    connection = duckdb.connect()
    connection.execute(f"CREATE {own} AS SELECT 1 AS x")
    with pytest.raises(ExportError, match="database of its own"):
        mt.collect.read(statement(tmp_path / "s.csv", line()), into=connection)
    assert connection.execute(f"FROM {own.split()[-1]}").fetchall() == [(1,)]
    assert len(connection.execute("SHOW TABLES").fetchall()) == 1


def test_settings_of_others_in_a_database_stay_as_they_were(tmp_path):
    target = tmp_path / "x.duckdb"
    own = duckdb.connect(str(target))
    own.execute("SET memory_limit='777.7 MiB'")
    asked = "SELECT current_setting('memory_limit'), current_setting('preserve_insertion_order')"
    before = own.execute(asked).fetchall()
    for _ in range(3):
        mt.collect.read(statement(tmp_path / "s.csv", line()), into=target)
    assert own.execute(asked).fetchall() == before
    with pytest.raises(ExportError):
        mt.collect.read(tmp_path / "s.csv", constants={"recoup": "much"}, into=target)
    assert own.execute(asked).fetchall() == before


def test_columns_that_a_table_has_otherwise_are_refused(tmp_path):
    connection = duckdb.connect()
    mt.collect.read(statement(tmp_path / "s.csv", line("A")), into=connection)
    path = tmp_path / "m.csv"
    path.write_text("Month,Amount,Rest\n2025-01,0.5,0.123456789012345678\n", "utf-8")
    told = {"payer": "P", "currency": "EUR"}
    for name, why in (("Title", "expected title"), ("recoup", "type DECIMAL")):
        how = {"period": "Month", "net": "Amount", name: "Rest"}
        with pytest.raises(ExportError, match=why):
            mt.collect.read_table(path, mapping=how, constants=told, into=connection)
    assert connection.execute("SELECT title FROM royalties").fetchall() == [("A",)]
    with pytest.raises(ExportError, match="a column Title"):
        mt.collect.read(tmp_path / "s.csv", constants={"Title": "B"})


def test_constants_have_the_types_of_their_columns(tmp_path):
    path = statement(tmp_path / "s.csv", line("A"), line("B", earned="0.25"))
    table = mt.collect.read(path, constants={"fees": "0.1"}).table
    assert table["gross"].tolist() == [Decimal("0.60"), Decimal("0.35")]
    with pytest.raises(ExportError, match=r'fill columns of royalties: got .*"much"'):
        mt.collect.read(path, constants={"recoup": "much"})


def test_amounts_that_cannot_be_added_up(tmp_path):
    path = statement(tmp_path / "s.csv", *[line(earned="9" * 14)] * 2)
    with pytest.raises(ExportError, match="sums of them, below 100,000,000,000,000"):
        mt.collect.read(path)


@pytest.mark.parametrize("name", ["title", "TITLE", " line", "_line"])
def test_columns_of_one_name_and_of_ours(name, tmp_path):
    header = HEADER.replace("\n", f",{name}\n")
    lines = [line(each).replace("\n", f",{each}\n") for each in "AB"]
    result = mt.collect.read(statement(tmp_path / "s.csv", *lines, "x,y\n", header=header))
    assert result.table["title"].tolist() == ["A", "B"]
    assert result.problems["line"].tolist() == [4]
    if name.lower() == "title":
        lines[1] = line("B").replace("\n", ",C\n")
        with pytest.raises(ExportError, match="two columns 'Title', with different cells"):
            mt.collect.read(statement(tmp_path / "s.csv", *lines, header=header))


def test_rows_in_memory_are_in_the_order_of_the_file(tmp_path):
    # As many as two threads share.
    titles = [f"S{i}" for i in range(120_000)]
    path = statement(tmp_path / "s.csv", *(line(title) for title in titles))
    assert path.stat().st_size > 1 << 23
    assert mt.collect.read(path).table["title"].tolist() == titles


def test_a_transaction_of_the_readers_is_left_alone(tmp_path):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE mine (i INTEGER); BEGIN; INSERT INTO mine VALUES (1)")
    path = statement(tmp_path / "s.csv", line("A"))
    with pytest.raises(ExportError, match="transaction open"):
        mt.collect.read(path, into=connection)
    connection.execute("COMMIT")
    assert connection.execute("SELECT i FROM mine").fetchall() == [(1,)]
    assert len(mt.collect.read(path, into=connection).to_frame()) == 1


def test_databases_that_cannot_be_written(tmp_path):
    path, target = statement(tmp_path / "s.csv", line("A")), tmp_path / "x.duckdb"
    duckdb.connect(str(target)).close()
    connection = duckdb.connect(str(target), read_only=True)
    for _ in range(2):
        with pytest.raises(ExportError, match="read into a database"):
            mt.collect.read(path, into=connection)
        connection.close()
    # One that was opened for the reader is closed, so that others can open it.
    with duckdb.connect(str(target)) as own:
        own.execute("CREATE VIEW royalties AS SELECT 1 AS x")
    with pytest.raises(ExportError):
        mt.collect.read(path, into=target)
    duckdb.connect(str(target), read_only=True).close()


def test_tables_of_the_readers_are_not_taken_for_ours(tmp_path):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE problems (x INTEGER); CREATE TABLE cells (x INTEGER)")
    path = statement(tmp_path / "s.csv", line("A"), "a,b\n")
    assert len(mt.collect.read(path, into=connection).to_frame()) == 1
    assert connection.execute("SELECT line FROM import_problems").fetchall() == [(3,)]
    connection.execute("ALTER TABLE royalties_rows ALTER net TYPE DOUBLE")
    with pytest.raises(ExportError, match="net of type DOUBLE"):
        mt.collect.read(path, into=connection)


@pytest.mark.parametrize(
    "said",
    [
        {"decimal": ";"},
        {"day_first": "yes"},
        {"constants": {"source": "x"}},
        {"constants": {'a"b': "x"}},
        {"constants": {"_withheld": "1"}},
    ],
)
def test_what_a_reader_cannot_say(said, tmp_path):
    with pytest.raises(ExportError, match="expected"):
        mt.collect.read(statement(tmp_path / "s.csv", line("A")), **said)


def test_a_progress_bar(tmp_path, capsys):
    mt.collect.read(statement(tmp_path / "s.csv", line()), progress=True)
    assert "reading" in capsys.readouterr().err


def test_duckdb_counts_for_the_bar_and_shows_none_of_its_own(tmp_path, monkeypatch):
    from musictools.collect.imports import _load

    connection, seen = duckdb.connect(), []
    names = ("enable_progress_bar", "enable_progress_bar_print")
    asked = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    before, real = connection.execute(asked).fetchall(), _load.ask

    def ask(*args, **options):
        seen.extend(connection.execute(asked).fetchall())
        return real(*args, **options)

    monkeypatch.setattr(_load, "ask", ask)
    mt.collect.read(statement(tmp_path / "s.csv", line()), into=connection)
    assert set(seen) == {(True, False)}
    assert connection.execute(asked).fetchall() == before


def test_in_memory_and_in_a_database_are_the_same(tmp_path):
    made = mt.datasets.simulate_exports(tmp_path, formats="distrokid")["distrokid"]
    inside = mt.collect.read(made.path).table
    outside = mt.collect.read(made.path, into=tmp_path / "x.duckdb").to_frame()
    order = ["period", "platform", "country", "recording_id", "net", "units"]
    assert inside.sort_values(order, ignore_index=True).equals(
        outside.sort_values(order, ignore_index=True)
    )


# --- totals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stated", "wrong"), [("1.25", 0), ("1.26", 1)])
def test_what_a_file_states_is_held_against_its_lines(stated, wrong, tmp_path):
    path = tmp_path / "t.csv"
    head = "Sales Period,Posted Date,Store Name,Country Of Sale,Artist,Release Type,Release Title,"
    head += "Song Title,Label,UPC,Optional UPC,TC Song ID,Optional ISRC,Sales Type,# Units Sold,"
    head += "Per Unit Price,Net Sales,Net Sales Currency,Exchange Rate,Total Earned,Currency\n"
    row = "2025-01-01,2025-03-01,Ebbtide,US,A,Single,R,T,L,1,,,USRC17607839,Stream,1,,{0},USD,,"
    row += "{0},USD\n"
    total = f"Total,,,,,,,,,,,,,,,,,,,{stated},USD\n"
    path.write_text(head + row.format("1") + row.format("0.25") + total)
    result = mt.collect.read(path)
    assert len(result.table) == 2
    assert len(result.problems) == wrong
    if wrong:
        assert result.problems["line"].iloc[0] == 4
        assert "1.26" in result.problems["why"].iloc[0]


# --- the catalogue of formats --------------------------------------------------------------------


def test_formats_cite_their_evidence():
    table = mt.collect.formats()
    known = table[table["verified"]]
    assert len(known) >= 20
    assert known["where"].str.len().min() > 20
    assert known["evidence"].str.len().min() > 10
    assert (known["read_on"] >= "2026-11-01").all()
    assert all(hasattr(mt.collect, name) for name in known["reader"])
    assert (table.loc[~table["verified"], "reader"] == "").all()


def test_every_format_that_can_be_simulated_is_told_by_its_content(tmp_path):
    made = mt.datasets.simulate_exports(tmp_path, rng=7)
    assert set(made) <= set(mt.collect.formats()["format"])
    for name, export in made.items():
        result = mt.collect.read(export.path)
        assert result.format == name
        assert len(result.table) == len(export.truth)
        assert len(result.problems) == 0, (name, result.problems)


READERS = sorted(name for name in dir(mt.collect) if name.startswith("read_"))


@pytest.mark.parametrize("name", READERS)
def test_the_example_of_each_reader_runs(name):
    import doctest

    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for example in doctest.DocTestFinder().find(getattr(mt.collect, name), name, globs={}):
        assert example.examples
        runner.run(example, out=said.append)
    assert runner.tries
    assert not runner.failures, "".join(said)
