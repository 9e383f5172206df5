"""README's own cells, run on files as they look in the wild."""

import ast
import csv
import io
import json
import re
import zipfile

import numpy as np
import pytest
import soundfile

import musictools as mt
from tests.notebook_rules import public_names

HEADING = "## Your own song, listening and statement\n"
SPOTIFY = "Spotify Extended Streaming History/Streaming_History_{}.json"


def blocks(text):
    return re.findall(r"(?ms)^```python\n(.*?)^```$", text)


def cells_with(root, stand_in):
    """The cells of the recipe that names a file, and of no other."""
    text = (root / "README.md").read_text("utf-8").split(HEADING)[1].split("\n## ")[0]
    found = blocks(text)
    # Recipes begin with an import, or with the guess.
    begins = [i for i, code in enumerate(found) if "import musictools" in code or "guess_" in code]
    for begin, end in zip(begins, [*begins[1:], len(found)], strict=True):
        if stand_in in found[begin]:
            return found[begin:end]
    pytest.fail(f"README has no recipe for {stand_in}")


def run(cells, stand_in, path):
    """Run cells as a notebook does, and give what each shows."""
    assert len(cells) <= 3
    space, shown = {"mt": mt}, []
    for code in cells:
        tree = ast.parse(code.replace(stand_in, str(path)))
        last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, "README.md", "exec"), space)  # noqa: S102 - our own cells
        shown.append(eval(compile(last, "README.md", "eval"), space))  # noqa: S307
    return shown


def test_all_names_of_the_readme_are_public(root):
    known = public_names(root / "musictools")
    used = set()
    for code in blocks((root / "README.md").read_text("utf-8")):
        used |= {ast.unparse(n) for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Attribute)}
    names = {name for name in used if re.fullmatch(r"mt(\.\w+)+", name)}
    assert len(names) > 20
    assert {n for n in names if not any(f"{k}.".startswith(f"{n}.") for k in known)} == set()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The reader's home, named ``~``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def play(ended, title="Blå Søndag", **others):
    """A row of the extended history, with the nulls that real ones have."""
    row = {
        "ts": ended, "platform": "iOS 17.1 (iPhone14,5)", "ms_played": 187_233,
        "conn_country": "DE", "ip_addr": "192.0.2.7", "master_metadata_track_name": title,
        "master_metadata_album_artist_name": title and "Ünal & Søn",
        "master_metadata_album_album_name": title and "LP",
        "spotify_track_uri": title and "spotify:track:0000000000000000000001",
        "episode_name": None, "episode_show_name": None, "spotify_episode_uri": None,
        "reason_start": "trackdone", "reason_end": "endplay", "shuffle": True, "skipped": None,
        "offline": None, "offline_timestamp": None, "incognito_mode": False,
    }  # fmt: skip
    return row | others


def extended(path):
    """Three files of music and video, of several years' forms, and a page that says what they are.

    Two streams in February by the clock of Berlin, one of them in January by that of the file.
    """
    old = [
        play("2020-01-31T23:30:00Z", username="1234567", ip_addr_decrypted="192.0.2.7"),
        play("2020-02-03T09:00:00Z", offline=True, offline_timestamp=1_580_720_400),
        play("2020-02-03T09:10:00Z", ms_played=1_500, skipped=True, offline_timestamp=0),
        play("2020-02-04T09:10:00Z", None, episode_name="Ep. 3", spotify_episode_uri="spotify:x"),
    ]
    new = [
        play("2021-05-03T09:00:00Z", offline_timestamp=1_620_032_400_123),
        play("2021-05-03T09:05:00Z", None, audiobook_title="A book", audiobook_uri="spotify:y"),
        play("2021-05-03T09:05:00Z", None),
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(SPOTIFY.format("Audio_2019-2021_0"), json.dumps(old))
        archive.writestr(SPOTIFY.format("Audio_2021_1"), json.dumps(new, ensure_ascii=False))
        archive.writestr(SPOTIFY.format("Video_2019-2021"), json.dumps([]))
        archive.writestr("Spotify Extended Streaming History/ReadMeFirst.pdf", b"%PDF-1.4")
    return ["2020-02", "2021-05"], 3, 3


def account(path):
    rows = [
        ("2024-11-01 10:00", 187_233),
        ("2024-11-01 10:04", 9_000),
        ("2024-12-01 10:00", 40_000),
    ]
    music = [
        {"endTime": at, "artistName": "Ünal & Søn", "trackName": "Blå Søndag", "msPlayed": ms}
        for at, ms in rows
    ]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {
            "StreamingHistory_music_0": music,
            "Userdata": {"country": "DE"},
        }.items():
            archive.writestr(f"Spotify Account Data/{name}.json", json.dumps(content))
        archive.writestr(
            "Spotify Account Data/StreamingHistory_podcast_0.json",
            json.dumps(
                [{"endTime": rows[0][0], "podcastName": "P", "episodeName": "E", "msPlayed": 1}]
            ),
        )
    return ["2024-11", "2024-12"], 2, 0


@pytest.mark.parametrize("write", [extended, account])
def test_your_own_listening(root, home, write):
    name = "my_spotify_data.zip"
    months, streams, left_out = write(home / "my_spotify_data (1).zip")
    history, habits, top = run(cells_with(root, name), name, "~/my_spotify_data (1).zip")
    assert repr(history).startswith(f"{history.format}: {len(history.table)} rows of plays")
    assert history.problems.empty
    assert history.totals["left_out"].sum() == left_out
    assert habits.index.tolist() == months
    assert top.to_dict() == {"Ünal & Søn": streams}


def saved_again(made, path, *, mark=";", encoding="cp1252", month=str):
    """What a German spreadsheet makes of a file that was opened in it."""
    rows = list(csv.reader(io.StringIO(made.path.read_text("utf-8"))))
    at = rows[0].index("Sale Month")
    for row in rows[1:]:
        row[at] = month(row[at])
        row[:] = [re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", cell) for cell in row]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding, "replace"))


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    names = ["distrokid", "tunecore", "believe", "cdbaby"]
    return mt.datasets.simulate_exports(folder, formats=names, rng=1)


def statement_of(root, path):
    return run(cells_with(root, "my-statement.csv"), "my-statement.csv", path)


@pytest.mark.parametrize("payer", ["distrokid", "tunecore", "believe", "cdbaby"])
def test_your_own_statement(root, exports, payer):
    statement, by_country, questions = statement_of(root, exports[payer].path)
    assert statement.problems.empty
    assert statement.totals["net"].sum() == exports[payer].truth["net"].sum()
    assert by_country.sum() > 0
    assert "kind" in questions.findings


SAVED_AGAIN = {
    "as it was": str,
    "a day": lambda month: f"{month}-01",
    "a time": lambda month: f"{month}-01 00:00:00",
    "a German day": lambda month: f"01.{month[5:]}.{month[:4]}",
}


@pytest.mark.parametrize("month", SAVED_AGAIN.values(), ids=SAVED_AGAIN)
def test_a_statement_that_a_spreadsheet_saved_again(root, exports, tmp_path, month):
    path = tmp_path / "DistroKid Kopie.csv"
    saved_again(exports["distrokid"], path, month=month)
    statement, *_ = statement_of(root, path)
    truth = exports["distrokid"].truth
    assert statement.problems.empty
    assert statement.totals["net"].sum() == truth["net"].sum()
    assert sorted(set(statement.table["period"])) == sorted(set(truth["period"]))


def test_a_month_that_cannot_be_read_is_told_at_once(root, exports, tmp_path):
    path = tmp_path / "DistroKid Kopie.csv"
    saved_again(exports["distrokid"], path, month=lambda text: f"Okt {text[2:4]}")
    with pytest.raises(mt.errors.ExportError, match=r"'Okt 25'; expected such as '2025-03' or"):
        statement_of(root, path)


def test_a_statement_that_nobody_knows(root, tmp_path):
    path = tmp_path / "Abrechnung_Q4.csv"
    path.write_text(
        "Abrechnungsmonat;Shop;Land;Titel;Interpret;Streams;Auszahlung\r\n"
        "10/2025;Spotify;Deutschland;Blå;Ünal;1.234;3,45 €\r\n"
        "11/2025;Apple Music;Österreich;Rød;Ünal;56;1.020,50 €\r\n",
        "cp1252",
    )
    with pytest.raises(mt.errors.ExportError, match="guess_mapping"):
        mt.collect.read(path)
    name = "unknown-statement.csv"
    guess, statement, _ = run(cells_with(root, name), name, path)
    assert guess.missing == ("payer",)
    assert guess.constants == {"currency": "EUR"}
    assert statement.table["country"].tolist() == ["DE", "AT"]
    assert [str(each) for each in statement.table["net"]] == ["3.45", "1020.50"]
    assert statement.table["period"].tolist() == ["2025-10", "2025-11"]


@pytest.mark.slow  # a whole report, compiled loops included
@pytest.mark.parametrize("name", ["01 - Blå [320] #1 100%.mp3", "master 24bit FINAL (2).wav"])
def test_your_own_song(root, home, monkeypatch, name):
    monkeypatch.chdir(home)
    t = np.arange(6 * 44_100) / 44_100
    song = 0.2 * np.sin(2 * np.pi * 220 * t) * (1 + np.sin(4 * np.pi * t)) / 2
    kind = {} if name.endswith("mp3") else {"subtype": "PCM_24"}
    soundfile.write(home / name, np.stack([song, song], axis=1), 44_100, **kind)
    report, measured, _ = run(cells_with(root, "my-song.mp3"), "my-song.mp3", f"~/{name}")
    assert report.loudness.integrated_lufs < -10
    assert measured.loc["error"].isna().all()
    assert list(home.glob("*.html"))
