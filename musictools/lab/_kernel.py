"""Run the cells of a notebook through a server's websocket, as the browser does."""

import contextlib
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from musictools import _optional
from musictools.errors import MusictoolsError
from musictools.lab._server import Server

#: A cell with this tag shows an error on purpose.
MAY_FAIL = "raises-exception"


class CellError(MusictoolsError):
    """A cell that failed, or did not come to an end."""


class Kernel:
    """One kernel behind a server.

    Parameters
    ----------
    socket : websocket.WebSocket
        The open connection.
    end : float
        When patience ends, on the monotonic clock.
    """

    def __init__(self, socket: Any, *, end: float) -> None:
        self._socket, self._end, self._session = socket, end, uuid.uuid4().hex

    def run(self, source: str) -> str:
        """Run code and give the error's last line, or "" when there was none."""
        request = uuid.uuid4().hex
        self._send(request, source)
        error, idle, replied = "", False, False
        while not (idle and replied):
            message = self._receive()
            kind = message.get("msg_type", message.get("header", {}).get("msg_type"))
            content = message.get("content", {})
            if kind == "status" and content["execution_state"] in ("restarting", "dead"):
                return "the kernel died"
            if message.get("parent_header", {}).get("msg_id") != request:
                continue
            idle |= kind == "status" and content["execution_state"] == "idle"
            replied |= kind == "execute_reply"
            if kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
        return error

    def _send(self, request: str, source: str) -> None:
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        header = {
            "msg_id": request,
            "msg_type": "execute_request",
            "session": self._session,
            "username": "musictools",
            "version": "5.3",
        }
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps(message | {"channel": "shell", "buffers": []}))

    def _receive(self) -> dict[str, Any]:
        websocket = _optional.require("websocket", extra="lab", purpose="talk to a kernel")
        while True:
            left = self._end - time.monotonic()
            if left <= 0:
                raise CellError(
                    "run a notebook",
                    got="no end in time",
                    expected="every cell done",
                    hint="a longer time limit, or a look at the cell",
                )
            self._socket.settimeout(left)
            try:
                content = self._socket.recv()
            except websocket.WebSocketTimeoutException:
                continue
            except (websocket.WebSocketException, OSError) as error:
                raise CellError(
                    "talk to the kernel",
                    got=f"a broken connection ({error})",
                    expected="an answer",
                    hint="musictools doctor",
                ) from error
            # Binary frames carry what widgets send to the browser; no cell waits for them.
            if isinstance(content, str) and content:
                answer: dict[str, Any] = json.loads(content)
                return answer


@contextlib.contextmanager
def kernel_for(server: Server, notebook: str, *, end: float) -> Iterator[Kernel]:
    """Open a session for a notebook, as the browser does, and close it afterwards.

    Parameters
    ----------
    server : Server
        Where.
    notebook : str
        Path below the server's folder.
    end : float
        When patience ends, on the monotonic clock.
    """
    websocket = _optional.require("websocket", extra="lab", purpose="talk to a kernel")
    wish = {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}}
    session = server.ask("/api/sessions", method="POST", body=wish, timeout_s=60)
    address = server.url.replace("http", "ws", 1)
    address += f"/api/kernels/{session['kernel']['id']}/channels"
    socket = websocket.create_connection(
        address,
        timeout=60,
        header=[f"Authorization: token {server.token}"],
        http_no_proxy=["127.0.0.1"],
    )
    try:
        yield Kernel(socket, end=end)
    finally:
        socket.close()
        with contextlib.suppress(OSError):
            server.ask(f"/api/sessions/{session['id']}", method="DELETE")


def code_cells(notebook: Path) -> list[tuple[int, str, bool]]:
    """Give number (from 1, as JupyterLab counts), source and may-fail of each code cell."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    sources = [
        ("".join(cell["source"]), MAY_FAIL in cell.get("metadata", {}).get("tags", []))
        for cell in content["cells"]
        if cell["cell_type"] == "code"
    ]
    filled = [(source, may_fail) for source, may_fail in sources if source.strip()]
    return [(number, *rest) for number, rest in enumerate(filled, start=1)]
