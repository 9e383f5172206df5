"""Platforms on this machine that show the fictional label, for collectors to be tried on."""

import contextlib
import datetime as dt
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from musictools._checks import generator
from musictools.datasets._dialects import DIALECTS, Asked, Said
from musictools.datasets._label import load_label
from musictools.datasets._shop import Shop
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

_FIRST, _LAST = dt.date(2023, 1, 2), dt.date(2025, 12, 31)
# What a share of the requests meets in place of an answer.
_TROUBLES = (
    Said({"error": {"status": 503, "message": "Service unavailable"}}, 503),
    Said({"error": {"status": 429, "message": "Too many requests"}}, 429, {"Retry-After": "1"}),
    Said(b'{"data": [{"id": 1, "titl'),
)


@dataclass(frozen=True)
class _Logged:
    at: float
    platform: str
    method: str
    path: str
    status: int


@dataclass
class SimulatedPlatform:
    """Platforms of the fictional label, served on a port of this machine.

    Attributes
    ----------
    day : datetime.date
        The day that they show; set another, and their numbers change.
    trouble : float
        Share of the requests that fail once: an outage, a limit, a broken answer.
    purged : float
        Share of its followers that Instagram no longer counts, as after a search for fakes; set it,
        and the numbers fall.
    client_id, client_secret, token : str
        Keys that they accept, made for this server alone.
    """

    day: dt.date
    trouble: float
    purged: float = 0.0
    client_id: str = field(default_factory=lambda: secrets.token_hex(16))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    _log: list[_Logged] = field(default_factory=list, repr=False)
    _rng: np.random.Generator = field(default_factory=np.random.default_rng, repr=False)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._shop = Shop(load_label())
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name="simulated platform"
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def base_url(self, platform: str) -> str:
        """Give the address that a client takes as ``base_url=``.

        Parameters
        ----------
        platform : str
            ``"Deezer"``, ``"Spotify"`` or ``"Instagram"``.
        """
        if platform not in DIALECTS:
            raise InputError(
                f"find the simulated {platform!r}",
                got=repr(platform),
                expected="one of " + ", ".join(DIALECTS),
                hint=closest(platform, DIALECTS),
            )
        return f"http://127.0.0.1:{self._server.server_address[1]}/{platform}"

    @property
    def token_url(self) -> str:
        """Where the simulated Spotify gives out tokens."""
        return self.base_url("Spotify") + "/token"

    def days(self, first: str | dt.date, last: str | dt.date) -> Iterator[dt.date]:
        """Let days pass: sets `day` to each in turn, and gives it.

        Parameters
        ----------
        first, last : date or str
            Both included.
        """
        day, end = _date(first), _date(last)
        while day <= end:
            self.day = day
            yield day
            day += dt.timedelta(days=1)

    @property
    def requests(self) -> "pd.DataFrame":
        """What was asked: at (seconds since 1970), platform, method, path, status."""
        import pandas as pd

        with self._lock:
            return pd.DataFrame(
                [vars(one) for one in self._log],
                columns=["at", "platform", "method", "path", "status"],
            )

    def _answer(self, platform: str, asked: Asked) -> Said:
        with self._lock:
            # The last of several tries must not fail for ever: a request fails once.
            before = [one for one in self._log[-3:] if one.path == asked.path]
            failed = any(one.status != 200 for one in before)
            unlucky = self._rng.random() < self.trouble and not failed
            if unlucky:
                said = _TROUBLES[int(self._rng.integers(len(_TROUBLES)))]
            elif platform in DIALECTS:
                said = DIALECTS[platform](self._shop, asked, self)
            else:
                said = Said({"error": "no such platform"}, 404)
            logged = 0 if unlucky and said.status == 200 else said.status
            self._log.append(_Logged(time.time(), platform, asked.method, asked.path, logged))
        return said


def simulate_platform(
    *,
    day: str | dt.date = "2025-06-01",
    trouble: float = 0.0,
    rng: int | np.random.Generator | None = 0,
) -> SimulatedPlatform:
    """Serve the fictional label as platforms do, on a port of this machine.

    Deezer's, Spotify's (development mode) and Instagram's interfaces, as their documents describe
    them, with the label's artists, recordings, and followers of each day. No network is used, and
    no real platform is asked.

    Parameters
    ----------
    day : date or str
        The day that they show, within 2023-01-02 and 2025-12-31.
    trouble : float
        Share of the requests that fail once: an outage, a rate limit, a broken answer.
    rng : int or Generator, optional
        Which requests fail.

    Returns
    -------
    SimulatedPlatform
        With ``base_url(platform)``, keys, ``day`` and ``requests``; use it in a ``with`` block, or
        call ``close()``.

    Raises
    ------
    InputError
        If the day lies outside, or the share is none.

    Examples
    --------
    >>> import musictools as mt
    >>> with mt.datasets.simulate_platform() as platform:
    ...     deezer = mt.collect.Deezer(base_url=platform.base_url("Deezer"))
    ...     deezer.search("Maren Solvåg", kind="artist").one().name
    'Maren Solvåg'
    """
    if not 0 <= trouble <= 1:
        raise InputError(
            "simulate a platform",
            got=f"trouble={trouble!r}",
            expected="a share, 0 to 1",
            hint="trouble=0.1",
        )
    return SimulatedPlatform(_date(day), float(trouble), _rng=generator(rng, "simulate a platform"))


def _date(value: str | dt.date) -> dt.date:
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        day = dt.date.min
    if not _FIRST <= day <= _LAST:
        raise InputError(
            "show a day of the label",
            got=repr(value),
            expected=f"a day from {_FIRST} to {_LAST}",
            hint="day='2025-06-01'",
        )
    return day


def _handler(platform: SimulatedPlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: else each answer waits for an acknowledgement.
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
            """Say nothing."""

        def answer(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            name, _, path = parts.path.lstrip("/").partition("/")
            asked = Asked(
                self.command,
                "/" + path,
                dict(parse_qsl(parts.query)),
                {key.lower(): value for key, value in self.headers.items()},
                self.rfile.read(size),
            )
            said = platform._answer(name, asked)  # noqa: SLF001 - its own server
            data = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            with contextlib.suppress(OSError):
                self.send_response_only(said.status)
                # The day that is shown is the platform's own clock: what is asked for is dated so.
                noon = dt.datetime.combine(platform.day, dt.time(12), dt.UTC)
                headers = {"Content-Type": "application/json", **said.headers}
                headers["Date"] = format_datetime(noon, usegmt=True)
                headers["Content-Length"] = str(len(data))
                for key, value in headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = answer  # noqa: N815 - names of the standard library

    return Handler
