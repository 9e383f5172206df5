"""The laboratory: what it starts, what it refuses, and what it leaves behind."""

import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest

pytest.importorskip("jupyterlab", reason="no jupyterlab: the laboratory is not installed")

from musictools.errors import InputError, MissingExtraError, MusictoolsError
from musictools.lab import _check, _folder, _gallery, _launch, _server

RUN_CHECK = """
import sys
from musictools.lab import _check
result = _check.check(sys.argv[1], timeout_s=float(sys.argv[2]), tell=print)
print(result.error)
sys.exit(not result.passed)
"""
NOTE_DOWN = "import os, pathlib; pathlib.Path({!r}).write_text(str(os.getpid()))"


def gone(pid, patience_s=15):
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_check_runs_the_cells_and_leaves_no_trace(notebook, tmp_path):
    pid = tmp_path / "pid"
    path = notebook(
        "00-start-here.ipynb",
        "md:# Start",
        NOTE_DOWN.format(str(pid)),
        "import sys; assert sys.prefix == " + repr(sys.prefix),
        "open('made-here.txt', 'w').write('x')",
    )
    before = path.read_bytes()
    told = []
    result = _check.check(path, tell=told.append)
    assert (result.passed, result.cells, result.of, result.error) == (True, 3, 3, None)
    assert "refuses without" in "".join(told)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert gone(int(pid.read_text()))


def test_check_reports_the_first_error_with_its_cell(notebook):
    path = notebook("bad.ipynb", "1", "md:text", "\nraise ValueError('off key')", "2")
    result = _check.check(path)
    assert not result.passed
    assert (result.cells, result.of) == (1, 3)
    assert result.error.startswith("cell 2: ValueError: off key")


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_check_that_is_stopped_leaves_no_process(notebook, tmp_path, end):
    pid = tmp_path / "pid"
    path = notebook("long.ipynb", NOTE_DOWN.format(str(pid)), "import time; time.sleep(600)")
    command = [sys.executable, "-c", RUN_CHECK, str(path), "300"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while not pid.exists() or not pid.read_text():
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(end)
        process.wait(30)
        assert process.returncode != 0
    assert gone(int(pid.read_text()))


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_server_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr(_server, "_STOP_S", 0.5)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); "
    deaf += "time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        _server.stop(process, _server.Server("http://127.0.0.1:9", "token"))
        assert process.poll() == -signal.SIGKILL


def test_cells_that_hang_run_out_of_time(notebook):
    result = _check.check(notebook("hang.ipynb", "import time; time.sleep(600)"), timeout_s=3)
    assert "cell 1" in result.error
    assert "time" in result.error


def test_server_command_stays_on_loopback_and_asks_nobody(tmp_path):
    settings = _server.defaults_in(tmp_path / "s")
    words = _server.command(tmp_path, port=8890, settings=settings, notebook="a b.ipynb")
    assert "--ServerApp.ip=127.0.0.1" in words
    assert "--LabApp.default_url=/lab/tree/a%20b.ipynb" in words
    assert "--LabApp.extension_manager=readonly" in words
    assert not any("token" in word for word in words), "others can read a command line"
    assert ("--allow-root" in words) == _server.is_root()
    defaults = json.loads((tmp_path / "s" / "overrides.json").read_text())
    assert defaults["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


@pytest.fixture
def started(monkeypatch):
    """What a server would have been started with, without starting one."""
    seen = {}

    class Process:
        returncode = 0

        def __init__(self, words, *, env, cwd):
            (settings,) = (
                Path(word.partition("=")[2]) for word in words if "app_settings_dir=" in word
            )
            text = (settings / "overrides.json").read_text()
            seen.update(words=words, env=env, cwd=cwd, settings=settings, defaults=json.loads(text))

        def wait(self, _timeout=None):
            return 0

        def poll(self):
            return 0

    monkeypatch.setattr(_launch.subprocess, "Popen", Process)
    return seen


def test_launch_tells_the_address_with_its_token(notebook, started):
    path, seen = notebook("00-start-here.ipynb", "1"), started
    port = _server.free_port()
    told = []
    assert _launch.launch(path, port=port, browser=False, tell=told.append) == 0
    token = seen["env"]["JUPYTER_TOKEN"]
    assert len(token) >= 32
    assert f"http://127.0.0.1:{port}/lab/tree/00-start-here.ipynb?token={token}" in "\n".join(told)
    assert seen["cwd"] == path.parent
    # The reader's own Jupyter folders, so that their settings stay.
    assert not {"JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR"} & (
        set(seen["env"]) - set(os.environ)
    )


def test_cache_that_cannot_be_written_is_no_obstacle(notebook, started, monkeypatch, tmp_path):
    path = notebook("00-start-here.ipynb", "1")
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("MUSICTOOLS_DATA_DIR", str(tmp_path / "file"))
    assert _launch.launch(path, browser=False, tell=print) == 0
    assert started["defaults"] == _server.OVERRIDES
    assert not started["settings"].exists(), "the folder in its place is temporary"


class Stranger(http.server.BaseHTTPRequestHandler):
    """Another program's server, that knows nothing of what is asked."""

    code, body = 404, b"not here"

    def do_GET(self):
        self.send_response(self.code)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def answering(handler):
    with http.server.HTTPServer((_server.HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_taken_port_is_told_and_nothing_is_opened(notebook, started, monkeypatch):
    opened, told = [], []
    monkeypatch.setattr(_launch.webbrowser, "open", opened.append)
    path = notebook("00-start-here.ipynb", "1")
    with (
        answering(Stranger) as port,
        pytest.raises(MusictoolsError, match=rf"port {port}.*Try: musictools lab --port \d+"),
    ):
        _launch.launch(path, port=port, browser=True, tell=told.append)
    assert (started, opened, told) == ({}, [], [])


def test_port_that_was_just_left_is_not_taken():
    # The side that hangs up first keeps the port for a while.
    with socket.create_server((_server.HOST, 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection((_server.HOST, port)) as caller:
            listening.accept()[0].close()
            assert caller.recv(1) == b""
    _server.check_port(port)


@pytest.mark.parametrize(
    ("code", "body", "ours"),
    [
        (404, b"not here", False),
        (500, b"broken", False),
        (200, b"<html>", False),
        (200, b'{"status": "fine"}', False),
        (200, b'{"started": "2026-01-01T00:00:00Z", "kernels": 0}', True),
        (403, b"a password, please", True),
    ],
)
def test_only_a_jupyter_server_counts_as_up(monkeypatch, code, body, ours):
    opened = []
    monkeypatch.setattr(_launch.webbrowser, "open", opened.append)
    monkeypatch.setattr(_launch, "_START_S", 0.5)
    handler = type("Handler", (Stranger,), {"code": code, "body": body})
    process = types.SimpleNamespace(poll=lambda: None)
    with answering(handler) as port:
        server = _server.Server(f"http://127.0.0.1:{port}", "token")
        _launch._open_when_up(server, "the address", process)
    assert opened == (["the address"] if ours else [])


def test_no_screen_no_browser(monkeypatch):
    monkeypatch.setattr(_server, "sys", types.SimpleNamespace(platform="linux"))
    assert not _server.has_screen({})
    assert _server.has_screen({"DISPLAY": ":0"})
    monkeypatch.setattr(_server, "sys", types.SimpleNamespace(platform="win32"))
    assert _server.has_screen({})


def test_missing_extra_names_its_install_line(monkeypatch, notebook):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    with pytest.raises(MissingExtraError, match=r"musictools-research\[lab\]"):
        _check.check(notebook("one.ipynb", "1"))


def test_unknown_notebook_is_met_with_the_near_one(monkeypatch, notebook):
    folder = notebook("00-start-here.ipynb", "1").parent
    monkeypatch.setattr(_folder, "notebook_folder", lambda: folder)
    assert _folder.find_notebook("00").name == "00-start-here.ipynb"
    assert _folder.find_notebook(None).name == "00-start-here.ipynb"
    with pytest.raises(InputError, match=r"'00-start-here\.ipynb'"):
        _folder.find_notebook("00-start-her")


def test_copy_never_overwrites_the_readers_work(tmp_path):
    shipped, folder = tmp_path / "shipped", tmp_path / "copy"
    shipped.mkdir()
    for name in ("a.ipynb", "b.ipynb"):
        (shipped / name).write_text("first edition")
    _folder.copy_notebooks(shipped, folder)
    (folder / "a.ipynb").write_text("my work")
    for name in ("a.ipynb", "b.ipynb"):
        (shipped / name).write_text("second edition")
    _folder.copy_notebooks(shipped, folder)
    assert (folder / "a.ipynb").read_text() == "my work"
    assert (folder / "b.ipynb").read_text() == "second edition"


def test_copy_takes_the_notebooks_and_their_readme_only(tmp_path):
    shipped, folder = tmp_path / "shipped", tmp_path / "copy"
    for name in ("a.ipynb", "README.md", "source/a.py", "source/README.md", "notes.md", ".x.ipynb"):
        (shipped / name).parent.mkdir(parents=True, exist_ok=True)
        (shipped / name).write_text("shipped")
    _folder.copy_notebooks(shipped, folder)
    made = {path.name for path in folder.iterdir() if not path.name.endswith(".json")}
    assert made == {"a.ipynb", "README.md"}


@pytest.fixture
def wheel(notebook, tmp_path, monkeypatch):
    """An installed package with one notebook; the working directory is empty."""
    shipped = tmp_path / "_share" / "notebooks"
    path = notebook("00-start-here.ipynb", "1")
    shipped.parent.mkdir()
    path.parent.rename(shipped)
    monkeypatch.setattr(_folder, "share_dir", lambda _name: shipped)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_check_of_an_installed_package_writes_nothing_here(wheel):
    assert _check.check(tell=print).passed
    assert list(wheel.iterdir()) == []


def test_gallery_of_an_installed_package_writes_its_pages_only(wheel):
    assert _gallery.build_gallery(tell=print).passed
    assert [path.name for path in wheel.iterdir()] == ["build"]


def test_laboratory_of_an_installed_package_works_in_a_copy(wheel):
    found = _folder.find_notebook("00")
    assert found == wheel / "musictools-notebooks" / "00-start-here.ipynb"


def test_copy_keeps_a_file_that_stood_there_before(tmp_path):
    shipped, folder = tmp_path / "shipped", tmp_path / "copy"
    shipped.mkdir()
    folder.mkdir()
    (shipped / "a.ipynb").write_text("shipped")
    (folder / "a.ipynb").write_text("mine, older than the package")
    _folder.copy_notebooks(shipped, folder)
    assert (folder / "a.ipynb").read_text() == "mine, older than the package"
