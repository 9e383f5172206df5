"""A platform on this machine: what its documents say, and everything that goes wrong besides.

A platform is a function from `Asked` to `Said`, written from the platform's documents and not from
our client. `Hostile` serves it, spoils a share of its answers in ways drawn from a seed, and keeps
a record of all that it was asked.
"""

import contextlib
import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: method, path, query, headers with small letters, and body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    at: float = field(default_factory=time.monotonic)

    def number(self, name: str, default: int) -> int:
        return int(self.query.get(name, default))

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """An answer: a body that becomes JSON (or bytes as they are), status and headers."""

    body: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Platform = Callable[[Asked], Said]

#: What can go wrong once and be right the next time.
PASSING = (
    "429 now", "500", "502", "503", "truncated", "no json", "wrong types", "null body", "dropped",
    "reset", "empty",
)  # fmt: skip


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that are killed break their connections."""


class Hostile:
    """A platform, served on a port of this machine.

    Parameters
    ----------
    platform : callable
        What it says when nothing goes wrong.
    faults : iterable of str
        What may go wrong: of `PASSING`, and ``"401"``, ``"slow"``, ``"429 small"`` (one second),
        ``"429 huge"`` (a day).
    share : float
        Of the requests that are spoilt.
    seed : int
        Of the dice.
    """

    def __init__(
        self, platform: Platform, *, faults: Iterable[str] = (), share: float = 0.1, seed: int = 0
    ) -> None:
        self.platform, self.faults, self.share = platform, tuple(faults), share
        self.asked: list[Asked] = []
        self.spoilt: list[str] = []
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, asked: Asked) -> str:
        """Write down what is asked, and say what goes wrong; nothing, mostly."""
        with self._lock:
            self.asked.append(asked)
            if not self.faults or self._dice.random() >= self.share:
                return ""
            self.spoilt.append(self._dice.choice(self.faults))
            return self.spoilt[-1]


_SPOILT = {
    "429 now": Said({"error": "slow down"}, 429, {"Retry-After": "0"}),
    "429 small": Said({"error": "slow down"}, 429, {"Retry-After": "1"}),
    "429 huge": Said({"error": {"message": "slow down"}}, 429, {"Retry-After": "86400"}),
    "500": Said(b"<html>it broke</html>", 500, {"Content-Type": "text/html"}),
    "502": Said(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
    "503": Said(b"<html>come again</html>", 503, {"Content-Type": "text/html"}),
    "401": Said({"error": {"status": 401, "message": "The access token expired"}}, 401),
    "no json": Said(b"<html>please log in to this network</html>"),
    "null body": Said(None),
    "empty": Said(b""),
}


def spoil(fault: str, said: Said) -> Said:
    """What comes in place of a good answer."""
    return Said(_mistyped(said.body)) if fault == "wrong types" else _SPOILT.get(fault, said)


def _mistyped(body: object) -> object:
    """Lists become objects, and texts in objects become lists."""
    if isinstance(body, list):
        return {"0": body[:1]}
    if isinstance(body, dict):
        return {k: _mistyped_field(v) for k, v in body.items()}
    return [body]


def _mistyped_field(value: object) -> object:
    if isinstance(value, list):
        return {"list": 1}
    if isinstance(value, str):
        return [value]
    return _mistyped(value) if isinstance(value, dict) else value


def _handler(hostile: Hostile) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: else each answer waits 40 ms for an acknowledgement.
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def answer(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            asked = Asked(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {k.lower(): v for k, v in self.headers.items()},
                self.rfile.read(size),
            )
            fault = hostile.fault(asked)
            if fault in {"dropped", "reset"}:
                self._drop(reset=fault == "reset")
                return
            said = spoil(fault, hostile.platform(asked))
            with contextlib.suppress(OSError):
                self._write(said, fault)

        def _write(self, said: Said, fault: str) -> None:
            data = said.data
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if fault == "truncated":
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                self._drop(reset=False)
            elif fault == "slow":
                for i in range(len(data)):
                    self.wfile.write(data[i : i + 1])
                    self.wfile.flush()
                    time.sleep(0.02)
            else:
                self.wfile.write(data)

        def _drop(self, *, reset: bool) -> None:
            self.close_connection = True
            if reset:
                # A close without lingering sends a reset.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            else:
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_POST = answer  # noqa: N815 - names of the standard library

    return Handler
