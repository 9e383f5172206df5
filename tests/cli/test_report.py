"""``musictools report`` as a person types it."""

import json
import subprocess
import sys

import pytest
import soundfile as sf
from typer.testing import CliRunner

from musictools.audio import _quality
from musictools.cli import app
from musictools.errors import InputError
from tests.audio.test_quality import ERRORS, Planted, noise


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    sf.write(path, noise().samples.T, 44_100)
    return path


@pytest.fixture
def plant(monkeypatch):
    def put(*found):
        monkeypatch.setattr(_quality, "DETECTORS", (Planted(*found),))

    put()
    return put


def run(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


@pytest.mark.parametrize(
    ("found", "fail_on", "code"),
    [
        ((), "info", 0),
        (ERRORS, "error", 1),
        (ERRORS, "never", 0),
        (ERRORS[2:], "error", 0),
        (ERRORS[2:], "warning", 1),
        (ERRORS[3:], "warning", 0),
        (ERRORS[3:], "info", 1),
    ],
)
def test_the_exit_code_is_the_verdict(plant, song, found, fail_on, code):
    plant(*found)
    assert run(song, "--fail-on", fail_on).exit_code == code


def test_an_error_fails_unless_told_otherwise(plant, song):
    plant(*ERRORS)
    ran = run(song)
    assert ran.exit_code == 1
    assert "Not ready: 2 errors and 1 warning" in ran.stdout
    assert "\x1b" not in ran.stdout
    assert ran.stdout.index("0:02.4") < ran.stdout.index("0:00.8"), "the surer one first"
    assert list(song.parent.iterdir()) == [song], "nothing is written unasked"


def test_page_and_json_are_written(plant, song, tmp_path):
    ran = run(song, "-o", tmp_path / "r.html", "--json", tmp_path / "r.json")
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["title"] == "song.wav"
    again = run(song, "-o", tmp_path / "r.html", "--json", tmp_path / "r.json")
    assert again.exit_code == 0, "an earlier report is replaced"


def test_in_a_folder_the_page_is_called_after_the_song(plant, song, tmp_path):
    assert run(song, "-o", tmp_path).exit_code == 0
    assert (tmp_path / "song.report.html").is_file()


def test_json_on_standard_output_is_alone_there(plant, song):
    plant(*ERRORS)
    ran = run(song, "--json", "-")
    assert json.loads(ran.stdout)["worst"] == "error"
    assert "Not ready" in ran.stderr


@pytest.mark.parametrize(("option", "name"), [("-o", "mine.html"), ("--json", "mine.json")])
def test_other_files_are_not_overwritten(plant, song, tmp_path, option, name):
    (tmp_path / name).write_text("mine")
    ran = run(song, option, tmp_path / name)
    assert isinstance(ran.exception, InputError)
    assert (tmp_path / name).read_text() == "mine"


def test_what_fails_is_said_even_where_the_verdict_is_ready(plant, song):
    plant(*ERRORS[2:])
    ran = run(song, "--fail-on", "warning")
    assert "Ready, with 1 warning" in ran.stdout
    assert "Failed: warning found, and --fail-on is warning" in ran.stderr
    assert "Failed" not in run(song).stderr


def test_page_and_json_want_two_files(plant, song, tmp_path):
    ran = run(song, "-o", tmp_path / "r", "--json", tmp_path / "r")
    assert isinstance(ran.exception, InputError)
    assert not (tmp_path / "r").exists()


def test_a_folder_is_no_song(plant, tmp_path):
    ran = run(tmp_path)
    assert isinstance(ran.exception, InputError)
    assert "musictools extract" in str(ran.exception)


@pytest.mark.parametrize("arguments", [["--fail-on", "fatal"], []])
def test_what_was_typed_wrong_is_2(song, arguments):
    assert run(*([song, *arguments] if arguments else [])).exit_code == 2


def test_a_broken_file_is_1_with_a_message(song):
    song.write_bytes(song.read_bytes()[:9_000])
    ran = subprocess.run(
        [sys.executable, "-m", "musictools", "report", str(song)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("musictools: read song.wav: got")
    assert "Traceback" not in ran.stderr
