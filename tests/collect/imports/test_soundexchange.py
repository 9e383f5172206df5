"""SoundExchange's reports of use: read whole, or refused with a reason."""

import gzip
import zipfile

import duckdb
import pytest

import musictools as mt
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same

HEADER = (
    '"NAME_OF_SERVICE","TRANSMISSION_CATEGORY","FEATURED_ARTIST","SOUND_RECORDING_TITLE","ISRC",'
    '"ALBUM_TITLE","MARKETING_LABEL","ACTUAL_TOTAL_PERFORMANCES","AGGREGATE_TUNING_HOURS",'
    '"CHANNEL_OR_PROGRAM_NAME","PLAY_FREQUENCY"'
)
NAME = "WXYZ20250101-20250131_A.txt"


def line(title="Song", *, artist="Artist", isrc="XXA000000001", channel="WXYZ-2", spins="3"):
    return f'"WXYZ","A","{artist}","{title}","{isrc}","Album","Label",,   12.50,"{channel}",{spins}'


def save(path, lines, *, end="\n", encoding="utf-8"):
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_round_trip(seed, tmp_path):
    made = mt.datasets.simulate_exports(tmp_path / "made", formats="soundexchange", rng=seed)
    made = made["soundexchange"]
    result = mt.collect.read(made.path)
    assert_same(result, made)
    assert sum(result.table["spins"]) == sum(made.truth["spins"])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(made.path, made.path.name)
    assert_same(mt.collect.read(tmp_path / "a.zip"), made)
    packed = tmp_path / f"{made.path.name}.gz"
    packed.write_bytes(gzip.compress(made.path.read_bytes()))
    assert_same(mt.collect.read(packed), made)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_nasty_file(end, tmp_path):
    lines = [
        "# a line above",
        HEADER,
        line(),
        line('Say "hi" to, me'),
        line('Say ""hi"" to me'),
        line("No code", isrc=""),
        line(channel=""),
        line(spins="often"),
        line(spins=""),
        line(artist=""),
        "",
        '"WXYZ","A"',
        line() + ",1",
        line("Last", spins='"1,003"'),
    ]
    result = mt.collect.read(save(tmp_path / NAME, lines, end=end, encoding="utf-8-sig"))
    assert result.format == "soundexchange"
    assert result.problems["line"].tolist() == [8, 9, 10, 12, 13]
    titles = ["Last", "No code", 'Say "hi" to me', 'Say "hi" to, me', "Song", "Song"]
    assert sorted(result.table["title"]) == titles
    assert sum(result.table["spins"]) == 3 * 5 + 1003
    named = result.table.set_index("title")
    assert named.loc["No code", "recording_id"] == "Artist - No code"
    assert set(result.table["station"]) == {"WXYZ", "WXYZ-2"}
    assert result.table["audience"].isna().all()


def test_line_ends_of_two_kinds_and_a_quotation_mark(tmp_path):
    text = HEADER + "\r\n" + line('A "live" song') + "\n" + line("x", spins="?") + "\n"
    path = tmp_path / NAME
    path.write_bytes(text.encode())
    result = mt.collect.read(path)
    assert result.table["title"].tolist() == ['A "live" song']
    assert result.problems["line"].tolist() == [3]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("KFAKE20250115-20250121_H.txt", "2025-01-15"),
        ("WABC01022025-28022025_A.txt", "2025-02-01"),
    ],
)
def test_the_period_stands_in_the_name(name, first, tmp_path):
    result = mt.collect.read(save(tmp_path / name, [HEADER, line()]))
    assert f"{result.table['ds'][0]:%Y-%m-%d}" == first


@pytest.mark.parametrize("name", ["report.csv", "WABC2025.txt", "W99999999-99999999_A.txt"])
def test_no_period(name, tmp_path):
    with pytest.raises(ExportError, match="first and the last day"):
        mt.collect.read(save(tmp_path / name, [HEADER, line()]))


def test_performances_alone_are_refused(tmp_path):
    names = [name.strip('"') for name in HEADER.split(",")[:8]]
    rows = ["|".join(f"^{name}^" for name in names), "^W^|^A^|^X^|^SONG^|^^|^ALBUM^|^^|42"]
    path = save(tmp_path / NAME, rows)
    with pytest.raises(ExportError, match="PLAY_FREQUENCY") as error:
        mt.collect.read(path)
    # The hint works.
    code = error.value.hint.replace("read_table(path", f"mt.collect.read_table({str(path)!r}")
    table = eval(code).table  # noqa: S307
    assert table["value"].tolist() == [42]
    assert table["entity_id"].tolist() == ["SONG"]
    empty = [HEADER, line(spins="").replace(",,   12.50", ",42,")]
    with pytest.raises(ExportError, match="PLAY_FREQUENCY"):
        mt.collect.read(save(tmp_path / NAME, empty))


def test_a_column_that_is_gone_and_nothing(tmp_path):
    gone = HEADER.replace('"ALBUM_TITLE",', "")
    with pytest.raises(ExportError, match="ALBUM_TITLE"):
        mt.collect.read_soundexchange(save(tmp_path / NAME, [gone, line()]))
    assert len(mt.collect.read(save(tmp_path / NAME, [HEADER])).table) == 0
    (tmp_path / NAME).write_bytes(b"")
    with pytest.raises(ExportError):
        mt.collect.read_soundexchange(tmp_path / NAME)


def test_into_a_database_twice(tmp_path):
    path = save(tmp_path / NAME, [HEADER, line(), line("Other")])
    for _ in range(2):
        result = mt.collect.read(path, into=tmp_path / "a.duckdb")
        assert sorted(result.to_frame()["title"]) == ["Other", "Song"]
        del result
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        assert connection.execute("SELECT sum(spins) FROM airplay").fetchall() == [(6,)]
