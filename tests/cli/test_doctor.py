"""The command line: the doctor, its words, and the way errors leave it."""

import json
import os
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
    lines = [line.split() for line in done.stdout.splitlines()]
    states = {line[0]: line[1] for line in lines if line[0].endswith(("TOKEN", "SECRET"))}
    assert {name for name, state in states.items() if state == "ok"} == set(KEYS)
    assert set(states.values()) == {"ok", "absent"}


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
