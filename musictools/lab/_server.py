"""One JupyterLab server: started on loopback with a token, and stopped without leftovers."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from musictools import _optional
from musictools.errors import MusictoolsError

HOST = "127.0.0.1"
#: Defaults, not settings: what the reader sets in JupyterLab still wins.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}
_USUAL_PORT = 8888
_STOP_S = 10.0
_LOG_LINES = 30
# A proxy in the environment must not be asked for the way to this very machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Server:
    """A running server and the way to it.

    Attributes
    ----------
    url : str
        ``http://127.0.0.1:PORT``.
    token : str
        What lets one in.
    """

    url: str
    token: str

    def ask(
        self, path: str, *, method: str = "GET", body: Any = None, timeout_s: float = 10.0
    ) -> Any:
        """Send one request to the REST interface and give its JSON answer."""
        request = urllib.request.Request(  # noqa: S310 -- the address is ours
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with _OPENER.open(request, timeout=timeout_s) as answer:
            content = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
        return json.loads(content) if is_json and content else None

    def refuses_strangers(self) -> bool:
        """Whether a request without the token is turned away."""
        try:
            with _OPENER.open(f"{self.url}/api/status", timeout=10):
                return False
        except urllib.error.HTTPError as error:
            return error.code in (401, 403)


def command(root: Path, *, port: int, settings: Path, notebook: str = "") -> list[str]:
    """Give the command line of a server.

    Parameters
    ----------
    root : Path
        Folder that it shows.
    port : int
        Loopback port.
    settings : Path
        Folder with the defaults that keep JupyterLab from asking the internet.
    notebook : str
        What it opens, relative to `root`.
    """
    _optional.require("jupyterlab", extra="lab", purpose="open the laboratory")
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.ip={HOST}"]
    words += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    words += [f"--ServerApp.root_dir={root}", f"--LabApp.app_settings_dir={settings}"]
    words += ["--LabApp.extension_manager=readonly", "--LabApp.news_url=None"]
    never = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    words.append(f"--LabApp.check_for_updates_class={never}")
    if notebook:
        words.append(f"--LabApp.default_url=/lab/tree/{urllib.parse.quote(notebook)}")
    if is_root():
        words.append("--allow-root")
    return words


def defaults_in(folder: Path) -> Path:
    """Write the defaults that keep JupyterLab from asking the internet, and give the folder.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "overrides.json").write_text(json.dumps(OVERRIDES), encoding="utf-8")
    return folder


def environment(token: str, *, private: Path | None = None) -> dict[str, str]:
    """Give the environment variables of a server.

    Parameters
    ----------
    token : str
        What lets one in. In the environment, since other users can read a command line.
    private : Path, optional
        Folder to use instead of the reader's own Jupyter folders.
    """
    # The kernel that stands beside this Python, not one of the same name in the reader's home.
    env = os.environ | {"JUPYTER_TOKEN": token, "JUPYTER_PREFER_ENV_PATH": "1"}
    # Set for a terminal or a test, this would keep the pictures out of the notebook.
    env.pop("MPLBACKEND", None)
    if private is not None:
        names = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "run"}
        env |= {f"JUPYTER_{key}": str(private / name) for key, name in names.items()}
        env |= {
            "IPYTHONDIR": str(private / "ipython"),
            "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        }
    return env


@contextlib.contextmanager
def serving(root: Path, *, private: Path, timeout_s: float) -> Iterator[Server]:
    """Run a server in private folders for as long as the block lasts.

    Raises
    ------
    MusictoolsError
        If it does not come up in time.
    """
    server = Server(f"http://{HOST}:{free_port()}", secrets.token_hex(24))
    port = int(server.url.rpartition(":")[2])
    words = command(root, port=port, settings=defaults_in(private / "defaults"))
    log = private / "server.log"
    with log.open("wb") as out, ending_on_signals():
        process = subprocess.Popen(  # noqa: S603 -- the command is ours
            words,
            env=environment(server.token, private=private),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=root,
        )
        try:
            _wait_until_up(server, process, log=log, timeout_s=timeout_s)
            yield server
        finally:
            stop(process, server)


def stop(process: "subprocess.Popen[bytes]", server: Server | None = None) -> None:
    """End a server politely, then firmly."""
    if process.poll() is not None:
        return
    if server is not None:
        # Asked to, it ends its kernels too; on Windows a signal would only kill it.
        with contextlib.suppress(OSError, http.client.HTTPException, subprocess.TimeoutExpired):
            server.ask("/api/shutdown", method="POST")
            process.wait(_STOP_S)
            return
    for end in (process.terminate, process.kill):
        end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
            return


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, so that what was started is stopped too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def usual_port() -> int:
    """Give the first free loopback port from 8888 on."""
    return free_port(_USUAL_PORT)


def free_port(start: int = 0) -> int:
    """Give a free loopback port: any, or the first from `start` on."""
    for port in range(start, start + 100) if start else (0,):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise MusictoolsError(
        "find a free port",
        got=f"none from {start} to {start + 99}",
        expected="one that no other program uses",
        hint="musictools lab --port 9000",
    )


def check_port(port: int) -> None:
    """Make sure that a server can have a loopback port.

    Raises
    ------
    MusictoolsError
        If another program has it, or it needs rights.
    """
    with socket.socket() as probe:
        if os.name == "posix":
            # As the server does: a port that was just left is free, though not quite closed.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise MusictoolsError(
                f"open the laboratory on port {port}",
                got=error.strerror or str(error),
                expected="a port that no other program uses",
                hint=f"musictools lab --port {usual_port()}",
            ) from error


def is_root() -> bool:
    """Whether this runs as root, which Jupyter refuses unless told."""
    return getattr(os, "geteuid", lambda: 1)() == 0


def tail(log: Path) -> str:
    """Last lines of a server's log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])


def _wait_until_up(
    server: Server, process: "subprocess.Popen[bytes]", *, log: Path, timeout_s: float
) -> None:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.ask("/api/status", timeout_s=2)
            return
        time.sleep(0.1)
    state = "no answer" if process.poll() is None else f"exit code {process.returncode}"
    raise MusictoolsError(
        "start JupyterLab",
        got=f"{state} after {timeout_s:.0f} s at most\n{tail(log)}\n",
        expected="an answer on loopback",
        hint="musictools doctor",
    )


def has_screen(env: Mapping[str, str] | None = None) -> bool:
    """Whether there is a screen to open a browser on."""
    env = os.environ if env is None else env
    if sys.platform in ("win32", "darwin"):
        return True
    # Without one, the webbrowser module would open a text browser in the terminal.
    return any(env.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))
