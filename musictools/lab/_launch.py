"""Open JupyterLab on a notebook."""

import contextlib
import http.client
import logging
import os
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

from musictools._paths import cache_dir
from musictools.lab._folder import find_notebook
from musictools.lab._server import (
    HOST,
    Server,
    check_port,
    command,
    defaults_in,
    ending_on_signals,
    environment,
    has_screen,
    is_root,
    stop,
    usual_port,
)

_log = logging.getLogger("musictools")
_START_S = 120.0


def launch(
    notebook: str | os.PathLike[str] | None = None,
    *,
    port: int | None = None,
    browser: bool | None = None,
    tell: Callable[[str], None] | None = None,
) -> int:
    """Open JupyterLab on a notebook, and stay until it is stopped.

    The server listens on loopback only and wants a token. It asks no outside address for news,
    updates or extensions; the reader's own JupyterLab settings are used and left as they are.

    Parameters
    ----------
    notebook : path-like, optional
        A file, or the name or number of a shipped notebook; the first one by default.
    port : int, optional
        Loopback port; the first free one from 8888 on by default.
    browser : bool, optional
        Whether to open a browser; by default where there is a screen.
    tell : callable, optional
        Gets each line for the reader, the address with its token among them; by default the log.

    Returns
    -------
    int
        Exit code of the server.

    Raises
    ------
    MissingExtraError
        If JupyterLab is not installed.
    InputError
        If there is no such notebook.
    MusictoolsError
        If another program has the port.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.lab.launch("00", port=8890)  # doctest: +SKIP
    0
    """
    tell = tell or _log.info
    if port:
        check_port(port)
    path = find_notebook(None if notebook is None else Path(notebook))
    chosen = port or usual_port()
    server = Server(f"http://{HOST}:{chosen}", secrets.token_hex(24))
    if is_root():
        tell("running as root, which Jupyter advises against; an ordinary account is safer")
    address = f"{server.url}/lab/tree/{urllib.parse.quote(path.name)}?token={server.token}"
    tell(f"JupyterLab on {path}")
    tell(f"  {address}")
    tell("  stop it with Ctrl-C")
    with _settings_folder() as settings, ending_on_signals():
        words = command(path.parent, port=chosen, settings=settings, notebook=path.name)
        process = subprocess.Popen(  # noqa: S603 -- the command is ours
            [*words, "--log-level=WARN"], env=environment(server.token), cwd=path.parent
        )
        if has_screen() if browser is None else browser:
            threading.Thread(
                target=_open_when_up, args=(server, address, process), daemon=True
            ).start()
        try:
            return _wait(process)
        finally:
            stop(process)


@contextlib.contextmanager
def _settings_folder() -> Iterator[Path]:
    with contextlib.ExitStack() as stack:
        try:
            folder = defaults_in(cache_dir("jupyterlab-defaults"))
        except OSError as error:
            # The folder of the cache is no reason to stay away from the notebooks.
            _log.debug("JupyterLab's defaults go to a temporary folder: %s", error)
            home = tempfile.TemporaryDirectory(prefix="musictools-", ignore_cleanup_errors=True)
            folder = defaults_in(Path(stack.enter_context(home)))
        yield folder


def _wait(process: "subprocess.Popen[bytes]") -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Jupyter got it as well, and asks the reader whether to stop.
            continue


def _open_when_up(server: Server, address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        if _is_up(server):
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(address)
            return
        time.sleep(0.2)


def _is_up(server: Server) -> bool:
    try:
        status = server.ask("/api/status", timeout_s=2)
    except urllib.error.HTTPError as error:
        # The reader's own settings may ask for a password in place of the token; another program
        # would know no such page.
        return error.code in (401, 403)
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return isinstance(status, dict) and "started" in status
