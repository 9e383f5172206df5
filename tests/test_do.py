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


FULL = [
    "environment", "pinned packages", "musictools itself", "essentia", "what librosa compiles",
]  # fmt: skip


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
    assert house == FULL[1:]


def test_setup_fills_again_whatever_the_stamp_says(tools, house, capsys):
    tools.environment.ready()
    house.clear()
    assert tools.main(["setup"]) == 0
    assert house == FULL[1:], "a package may have gone since the stamp was written"
    assert tools.environment.default().stamp.is_file()
    capsys.readouterr()


def test_somebody_elses_folder_is_left_alone(tools, house, tmp_path, monkeypatch):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.md").write_text("years of work")
    monkeypatch.setenv("MUSICTOOLS_VENV", str(tmp_path / "thesis"))
    with pytest.raises(tools.SetupError, match="left alone"):
        tools.environment.ready()
    assert (tmp_path / "thesis" / "chapter.md").exists()


@pytest.fixture
def own(tools, house, tmp_path, monkeypatch):
    """An environment of the reader's own, named, with a Python that is too old."""
    folder = tmp_path / "own"
    (folder / "lib").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin")
    (folder / "lib" / "work.py").write_text("years of work")
    monkeypatch.setenv("MUSICTOOLS_VENV", str(folder))
    monkeypatch.setattr(tools.environment.Environment, "version", lambda _place: "3.9.1")
    return folder


def test_somebody_elses_environment_is_left_alone(tools, own):
    with pytest.raises(tools.SetupError, match="left alone"):
        tools.environment.ready()
    assert (own / "lib" / "work.py").exists()


def test_link_to_somebody_elses_environment_is_left_alone(tools, own, house, monkeypatch):
    if os.name != "posix":
        pytest.skip("links want rights on Windows")
    (tools.environment.ROOT / ".venv").symlink_to(own)
    monkeypatch.delenv("MUSICTOOLS_VENV")
    with pytest.raises(tools.SetupError, match="left alone"):
        tools.environment.ready()
    assert (own / "lib" / "work.py").exists()
    assert house == []


def test_stamp_in_somebody_elses_environment_does_not_make_it_ours(tools, own, house, monkeypatch):
    with monkeypatch.context() as fresh:
        fresh.setattr(tools.environment.Environment, "version", lambda _place: "3.12.1")
        tools.environment.ready()
    assert house == FULL[1:]
    with pytest.raises(tools.SetupError, match="left alone"):
        tools.environment.ready()
    assert (own / "lib" / "work.py").exists()


def test_named_file_is_left_alone(tools, house, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("years of work")
    monkeypatch.setenv("MUSICTOOLS_VENV", str(tmp_path / "file"))
    with pytest.raises(tools.SetupError, match="left alone"):
        tools.environment.ready()


def test_named_environment_that_was_made_here_is_made_again(tools, house, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSICTOOLS_VENV", str(tmp_path / "mine"))
    python = Path(tools.environment.ready())
    python.unlink()
    house.clear()
    tools.environment.ready()
    assert house == FULL


def test_environment_that_was_interrupted_in_the_making_is_made_again(
    tools, house, tmp_path, monkeypatch
):
    folder = tmp_path / "mine"
    monkeypatch.setenv("MUSICTOOLS_VENV", str(folder))

    def interrupted(*_, **__):
        folder.mkdir()
        (folder / "pyvenv.cfg").write_text("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(tools.environment, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tools.environment.ready()
    tools.environment.ready()
    assert house == FULL


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
    (command,) = seen
    assert command[:3] == ["python", "-m", "pytest"]
    assert command[3:] == [*tools.BY_TWO, "-m", tools.QUICK, "-k", "loudness"]


def test_lint_reads_all_that_is_written(tools, root, monkeypatch):
    seen = []
    monkeypatch.setattr(tools.environment, "ready", lambda _place=None: "python")
    monkeypatch.setattr(
        tools.environment, "call", lambda command, **_: seen.append(list(command)) or 0
    )
    assert tools.main(["lint"]) == 0
    (spelling,) = (command for command in seen if "codespell_lib" in command)
    named = spelling[spelling.index("codespell_lib") + 1 :]
    assert {"notebooks/source", "datasets", "CONTRIBUTING.md", "CHANGELOG.md"} <= set(named)
    assert [name for name in named if not (root / name).exists()] == []


@pytest.mark.skipif(os.name != "posix" or not shutil.which("bash"), reason="no bash here")
def test_all_checks_end_with_what_each_run_of_tests_says(root, tmp_path):
    # Stand-ins for the programs too: the run installs what is missing.
    for name in ("ffmpeg", "chromium", "node", "npm", "python-stub"):
        stub = tmp_path / name
        stub.write_text(
            "#!/bin/sh\nverb=$2\ncase $verb in test*) "
            'echo "SKIPPED [1] $verb: no reason"; '
            'echo "=== 3 passed, 2 skipped in 1.25s ===";; esac\n'
        )
        stub.chmod(0o755)
    done = subprocess.run(
        ["bash", str(root / ".ci" / "run")],
        env=os.environ
        | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
        | {"PYTHON": str(tmp_path / "python-stub")},
        capture_output=True,
        text=True,
        check=True,
    )
    parts = re.findall(r"^== (\w+): ok", done.stdout, re.MULTILINE)
    names = ["core", "slow", "test", "contract"]
    assert [part for part in parts if part not in ("setup", "lint", "types", "docs")] == names
    # The site shows the notebooks that the slow tests have run. As two words, pytest would take
    # the folder for one of tests from the second time on.
    assert "--keep-notebooks=build/gallery/executed" in done.stdout
    assert parts.index("docs") > parts.index("slow")
    after = done.stdout[done.stdout.index("== contract: ok") :].splitlines()
    told = "=== 3 passed, 2 skipped in 1.25s ==="
    assert after[-5:] == [*(f"{name}: {told}" for name in names), "all well"]
    assert "  SKIPPED [1] test-slow: no reason" in after


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
