"""The command line: the doctor, its words, and the way errors leave it."""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from musictools import cli
from musictools.cli import _probe
from musictools.errors import MusictoolsError

KEYS = {"SPOTIPY_CLIENT_SECRET": "hush-hush", "MUSICTOOLS_LASTFM_TOKEN": "whisper"}


def run(*words, **env):
    return subprocess.run(
        [sys.executable, "-m", "musictools", *words],
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"} | env,
        check=False,
    )


def test_doctor_tells_which_keys_are_set_and_never_what_they_are():
    done = run("doctor", **KEYS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hush" not in done.stdout + done.stderr
    assert "whisper" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("keys "))
    assert all(name in line for name in KEYS)
    assert "SPOTIPY_CLIENT_ID" not in line


def test_no_key_is_no_problem(monkeypatch):
    for name in _probe.key_names():
        monkeypatch.delenv(name, raising=False)
    (line,) = (line for line in _probe.examine() if line.section == "keys")
    assert line.state == "ok"
    assert line.detail.startswith("none set")
    assert not line.remedy


def test_engines_say_which_one_is_in_use(monkeypatch):
    def engines():
        return {line.name: line for line in _probe.examine() if line.section == "engines"}

    monkeypatch.setattr(_probe, "_version", lambda _name: "7.8")
    found = engines()
    assert "in use" in found["musictools"].detail
    for name in ("librosa", "essentia"):
        assert found[name].detail == "7.8, installed, for comparison"
    monkeypatch.setattr(_probe, "_version", lambda _name: None)
    found = engines()
    for name in ("librosa", "essentia"):
        assert found[name].state == "absent"
        assert found[name].remedy


def test_extras_that_nothing_uses_are_one_line_and_no_problem(monkeypatch, root):
    told = [path.read_text() for path in (root / "musictools").rglob("*.py")]
    in_use = {name for text in told for name in re.findall(r'extra="(\w+)"', text)}
    assert in_use == set(_probe.EXTRAS_IN_USE)
    monkeypatch.setattr(_probe, "_version", lambda _name: None)
    lines = {line.name: line for line in _probe.examine() if line.section == "extras"}
    *shown, rest = lines
    assert set(shown) == in_use
    assert {lines[name].state for name in shown} == {"absent"}
    assert lines[rest].state == "ok"
    idle = set(_probe.EXTRAS) - in_use - {"essentia"}
    assert all(name in lines[rest].detail for name in idle)


def test_doctor_for_programs():
    report = json.loads(run("doctor", "--json").stdout)
    assert report["healthy"] is True
    lines = {(line["section"], line["name"]): line for line in report["lines"]}
    assert lines["base", "Python"]["state"] == "ok"
    assert "MP3" in {name for section, name in lines if section == "codecs"}
    assert all(line["remedy"] for line in report["lines"] if line["state"] != "ok")


def test_something_essential_missing_is_exit_code_one(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = run("doctor", MUSICTOOLS_DATA_DIR=str(blocked))
    assert done.returncode == 1
    assert "MUSICTOOLS_DATA_DIR" in done.stdout


def test_extras_are_those_of_the_project_file(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    ours = {
        extra: tuple(sorted(Requirement(line).name for line in lines))
        for extra, lines in project["optional-dependencies"].items()
    }
    assert ours == {extra: tuple(sorted(names)) for extra, names in _probe.EXTRAS.items()}


def test_error_is_one_clean_line(monkeypatch, capsys):
    def failing():
        raise MusictoolsError("do it", got="a", expected="b", hint="c")

    monkeypatch.setattr(cli, "app", failing)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 1
    assert capsys.readouterr().err == "musictools: do it: got a; expected b. Try: c\n"
    monkeypatch.setenv("MUSICTOOLS_DEBUG", "1")
    with pytest.raises(MusictoolsError):
        cli.main()


def test_usage_error_is_exit_code_two():
    done = run("lab", "--port", "none")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_version_and_help_import_nothing_heavy():
    program = (
        "import sys; from musictools import cli\n"
        "sys.argv = ['musictools', '--help']\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'librosa', 'matplotlib', 'jupyterlab', 'soundfile', 'scipy'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"lab", "gallery", "doctor"} <= set(done.stdout.split())
    assert run("--version").stdout.startswith("musictools ")
