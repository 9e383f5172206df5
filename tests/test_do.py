"""The door to the checkout: verbs, old Pythons, and an environment that mends itself."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def tools(root):
    """The two modules, loaded under names of their own."""
    sys.path.insert(0, str(root / "tools"))
    try:
        spec = importlib.util.spec_from_file_location("musictools_do", root / "tools" / "do.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(root / "tools"))


@pytest.fixture
def house(tools, tmp_path, monkeypatch):
    """A checkout with a space in its path, whose installer writes down what it is told."""
    place = tmp_path / "a checkout"
    (place / "tools").mkdir(parents=True)
    for name in ("requirements.lock", "requirements-essentia.lock", "pyproject.toml"):
        (place / name).write_text("one")
    monkeypatch.setattr(tools.environment, "ROOT", place)
    monkeypatch.delenv("MUSICTOOLS_VENV", raising=False)
    monkeypatch.setattr(tools.environment.shutil, "which", lambda _name: None)
    monkeypatch.setattr(tools.environment, "_has_installer", lambda _place: True)
    steps = []

    def step(title, command, *, quiet=False):
        steps.append(title.split(" (")[0].split(",")[0])
        if "venv" in command and "-m" in command:
            subprocess.run([*command[:3], "--without-pip", command[3]], check=True)

    monkeypatch.setattr(tools.environment, "_step", step)
    return steps


FULL = ["environment", "pinned packages", "musictools itself", "essentia"]


def test_first_call_installs_and_the_second_does_nothing(tools, house):
    python = Path(tools.environment.ready())
    assert house == FULL
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0
    house.clear()
    assert tools.environment.ready() == str(python)
    assert house == []


def test_changed_lock_fills_again_without_a_new_environment(tools, house):
    tools.environment.ready()
    house.clear()
    (tools.environment.ROOT / "requirements.lock").write_text("two")
    tools.environment.ready()
    assert house == FULL[1:]


def test_interrupted_set_up_is_done_again(tools, house, monkeypatch):
    def interrupted(_place):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(tools.environment, "_fill", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tools.environment.ready()
    assert not tools.environment.default().stamp.exists()
    house.clear()
    tools.environment.ready()
    assert house == FULL[1:]


def test_interrupted_update_is_not_taken_for_the_state_before(tools, house, monkeypatch):
    def interrupted(_place):
        raise KeyboardInterrupt

    tools.environment.ready()
    lock = tools.environment.ROOT / "requirements.lock"
    lock.write_text("two")
    with monkeypatch.context() as broken:
        broken.setattr(tools.environment, "_fill", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tools.environment.ready()
    lock.write_text("one")
    house.clear()
    tools.environment.ready()
    assert house == FULL[1:]


def test_environment_whose_python_vanished_is_made_again(tools, house):
    python = Path(tools.environment.ready())
    python.unlink()
    house.clear()
    tools.environment.ready()
    assert house == FULL


def test_moved_environment_is_made_again(tools, house):
    tools.environment.ready()
    place = tools.environment.default()
    stamp = json.loads(place.stamp.read_text())
    place.stamp.write_text(json.dumps(stamp | {"place": "/somewhere/else"}))
    house.clear()
    tools.environment.ready()
    assert house == FULL


def test_essentia_may_fail(tools, house, monkeypatch, capsys):
    step = tools.environment._step

    def failing(title, command, *, quiet=False):
        if title.startswith("essentia"):
            raise tools.SetupError(what="no wheel", hint="none")
        step(title, command, quiet=quiet)

    with monkeypatch.context() as broken:
        broken.setattr(tools.environment, "_step", failing)
        tools.environment.ready()
    assert "all else works without it" in capsys.readouterr().out
    house.clear()
    tools.environment.ready()
    assert house == [], "a missing optional engine must not cost time at every call"
    tools.environment.ready(again=True)
    assert house == FULL[3:]


def test_somebody_elses_folder_is_left_alone(tools, house, tmp_path, monkeypatch):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.md").write_text("years of work")
    monkeypatch.setenv("MUSICTOOLS_VENV", str(tmp_path / "thesis"))
    with pytest.raises(tools.SetupError, match="left alone"):
        tools.environment.ready()
    assert (tmp_path / "thesis" / "chapter.md").exists()


def test_failing_step_shows_the_log(tools, capfd):
    command = [sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)"]
    with pytest.raises(tools.SetupError, match="Try: "):
        tools.environment._step("packages", command)
    out, err = capfd.readouterr()
    assert "failed after" in out
    assert "the reason" in err


def test_missing_venv_module_names_the_package(tools, monkeypatch):
    monkeypatch.setattr(tools.environment.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(tools.SetupError, match=r"python3\.\d+-venv"):
        tools.environment._check_venv_module()


def test_old_python_is_told_so(tools):
    with pytest.raises(
        tools.SetupError, match=r"needs Python 3\.11 or newer, this is 3\.9 at here"
    ):
        tools.environment.check_python((3, 9), "here", verb="lab")


@pytest.mark.parametrize("minor", [8, 9, 10])
def test_real_old_pythons_get_as_far_as_the_sentence(root, minor):
    homes = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
    found = str(homes[0]) if homes else shutil.which(f"python3.{minor}")
    if not found:
        pytest.skip(f"no Python 3.{minor} on this machine")
    done = run_do(root, "lab", python=found)
    if f"this is 3.{minor}" not in done.stderr and "command not found" in done.stderr:
        pytest.skip(f"python3.{minor} on PATH is only a launcher")
    assert done.returncode == 1
    assert f"needs Python 3.11 or newer, this is 3.{minor}" in done.stderr
    assert "Traceback" not in done.stderr


def run_do(root, *words, python=sys.executable):
    return subprocess.run(
        [python, str(root / "tools" / "do.py"), *words],
        capture_output=True,
        text=True,
        cwd="/" if os.name == "posix" else None,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )


def test_help_lists_every_verb_and_so_does_the_makefile(root, tools):
    done = run_do(root, "help")
    assert done.returncode == 0
    listed = {line.split()[0] for line in done.stdout.splitlines() if re.match(r"  \S", line)}
    assert listed == set(tools.VERBS)
    makefile = (root / "Makefile").read_text()
    (line,) = (line for line in makefile.splitlines() if line.startswith("VERBS :="))
    assert set(line.removeprefix("VERBS :=").split()) | {"help"} == set(tools.VERBS)


def test_unknown_verb_is_a_usage_error(root):
    done = run_do(root, "labb")
    assert done.returncode == 2
    assert "lab-check" in done.stderr


def test_words_after_the_dashes_go_to_pytest(tools, monkeypatch):
    seen = []
    monkeypatch.setattr(tools.environment, "ready", lambda _place=None: "python")
    monkeypatch.setattr(
        tools.environment, "call", lambda command, **_: seen.append(list(command)) or 0
    )
    assert tools.main(["test", "--", "-k", "loudness"]) == 0
    assert seen == [["python", "-m", "pytest", "-n", "2", "-m", "not slow", "-k", "loudness"]]


def test_make_alone_is_help(root):
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make on this machine")
    done = subprocess.run(
        [make, f"PYTHON={sys.executable}"], cwd=root, capture_output=True, text=True, check=True
    )
    assert "lab-check" in done.stdout


def test_keys_of_the_reader_do_not_reach_the_notebooks(tools, monkeypatch):
    monkeypatch.setenv("SPOTIPY_CLIENT_ID", "hush")
    monkeypatch.setenv("MUSICTOOLS_X_TOKEN", "hush")
    monkeypatch.setenv("MUSICTOOLS_SHARED", "/data")
    env = tools.environment.clean_env()
    assert "hush" not in env.values()
    assert env["MUSICTOOLS_SHARED"] == "/data"
