"""One way to every platform: polite, patient within bounds, and silent about secrets."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError as BrokenBody

from musictools._version import __version__
from musictools.collect._ledger import Ledger, too_long
from musictools.collect._limits import Limits
from musictools.collect._secrets import guard_logs, hide
from musictools.collect._verdict import LONGEST_S, Verdict, judge
from musictools.errors import ServiceError

Judge = Callable[[requests.Response], Verdict]

_CHUNK = 65_536
# A page of a platform's is below a megabyte; an answer without end must not fill the memory.
_LARGEST_BYTES = 64 * 2**20
_LIMITED = 429
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class UnendingError(Exception):
    """An answer that takes too long, or too much; another try may do better."""


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def user_agent() -> str:
    """Say who asks. MusicBrainz, Discogs and Wikimedia want to know whom to write to."""
    contact = os.environ.get("MUSICTOOLS_CONTACT", "no contact given")
    return f"musictools/{__version__} ({contact})"


class Transport(requests.Session):
    """A session of requests that waits for its turn, tries again, and gives up in time.

    Any library that takes a ``requests.Session`` can work through it.

    Parameters
    ----------
    limits : Limits
        What the platform allows.
    ledger : Ledger
        Where turns and budgets are kept.
    judge : callable
        Says what an answer means.
    name : str
        The platform, for budgets and errors.
    tries : int
        How often a request is sent at most.
    longest_wait_s : float
        The longest wait for a turn, or that ``Retry-After`` may ask for; beyond it
        `RateLimited` is raised at once.
    timeout_s : float
        For connecting, and for each piece of the answer.
    total_s : float
        For the whole answer.
    """

    #: Pause before the second try; each next one is twice as long.
    first_pause_s = 0.5

    def __init__(
        self,
        limits: Limits,
        ledger: Ledger,
        *,
        name: str,
        judge: Judge = judge,
        tries: int = 6,
        longest_wait_s: float = 60.0,
        timeout_s: float = 20.0,
        total_s: float = 60.0,
    ) -> None:
        super().__init__()
        self.limits, self.ledger, self.name, self.judge = limits, ledger, name, judge
        self.tries, self.longest_wait_s = tries, longest_wait_s
        self.timeout_s, self.total_s = timeout_s, total_s
        self.headers["User-Agent"] = user_agent()
        self.calls = 0
        # A line of .netrc for the same host must not replace the platform's own key.
        self.auth = _as_it_is
        self._surroundings: dict[str, Any] = {}
        guard_logs()

    def request(  # type: ignore[override]  # the parent lists sixteen parameters; they pass through
        self,
        method: str,
        url: str,
        *,
        idempotent: bool | None = None,
        cost: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> requests.Response:
        """Send a request until it is answered for good.

        Parameters
        ----------
        method, url : str
            As in requests.
        idempotent : bool, optional
            Whether it may be sent twice; by default GET, HEAD and OPTIONS may.
        cost : dict, optional
            What it costs, by the unit of the budgets; one request by default.
        **kwargs
            As in requests.

        Returns
        -------
        requests.Response
            With its whole body; of any status that another try would not change.

        Raises
        ------
        RateLimited
            If the platform, or our own limit, asks for a longer wait than is allowed.
        BudgetExceeded
            If a budget does not hold the cost.
        ServiceError
            If no good answer came after the last try.
        """
        again = method.upper() in _SAFE if idempotent is None else idempotent
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout_s
        host = urlsplit(url).netloc
        failure = ""
        status = None
        tries = self.tries if again else 1
        for attempt in range(tries):
            if attempt and status != _LIMITED:
                self._pause(attempt)
            self._take_turn(host, cost or {"requests": 1.0})
            try:
                response = self._send_once(method, url, kwargs)
            except (requests.RequestException, BrokenBody, UnendingError) as error:
                failure, status = f"{type(error).__name__}: {error}", None
                continue
            verdict = self.judge(response)
            # An answer may repeat the key that it refuses.
            verdict = replace(verdict, reason=hide(verdict.reason))
            if verdict.meaning not in {"limited", "again"}:
                return response
            status = response.status_code
            if verdict.meaning == "limited":
                status = _LIMITED
                self._wait_until_allowed(host, verdict, attempt, last=attempt + 1 == tries)
            failure = f"status {status} ({verdict.reason})"
        # Not `from`: what requests says holds the address, and that may hold a key.
        raise ServiceError(
            f"ask {host}",
            got=hide(failure),
            expected="an answer",
            hint="later; what is stored goes on where it stopped",
            status=status,
        ) from None

    def _take_turn(self, host: str, cost: dict[str, float]) -> None:
        wait = self.ledger.reserve(host, self.limits.rate, longest_s=self.longest_wait_s)
        # By host too: a server for tests must not use up the platform's own day.
        self.ledger.charge(f"{self.name} ({host})", cost, self.limits.budgets)
        if wait > 0:
            time.sleep(wait)

    def _send_once(self, method: str, url: str, kwargs: dict[str, Any]) -> requests.Response:
        self.calls += 1
        end = time.monotonic() + self.total_s
        response = super().request(method, url, **{**kwargs, "stream": True})
        with response:
            body = bytearray()
            while piece := response.raw.read1(_CHUNK, decode_content=True):
                body += piece
                if time.monotonic() > end:
                    raise UnendingError(f"no whole answer in {self.total_s:g} s")
                if len(body) > _LARGEST_BYTES:
                    raise UnendingError(f"an answer of over {_LARGEST_BYTES} bytes")
        # What requests itself fills in where it reads a body.
        response._content = bytes(body)  # noqa: SLF001
        response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001
        return response

    def merge_environment_settings(  # type: ignore[override]
        self, url: str, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Read the proxies of the environment once for each host, not for each request."""
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._surroundings:
            found = super().merge_environment_settings(site, {}, None, None, None)
            self._surroundings[site] = found
        return {**self._surroundings[site], "stream": stream}

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow redirects within a host only: keys must not travel to another."""
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        here, there = urlsplit(str(resp.url)), urlsplit(target)
        if there.netloc not in {"", here.netloc}:
            return None
        # Nor in plain text.
        return target if there.scheme in {"", here.scheme, "https"} else None

    def _wait_until_allowed(self, host: str, verdict: Verdict, attempt: int, *, last: bool) -> None:
        """Tell all processes how long the platform wants us to wait, if that is not too long."""
        # Where it does not say, each time twice as long.
        wait = verdict.wait_s if verdict.wait_s is not None else self._backoff_s(attempt + 1)
        # In this order NaN becomes 0.
        wait = min(LONGEST_S, max(0.0, wait))
        until = time.time() + wait
        if verdict.whole:
            self.ledger.block(host, until, verdict.reason)
        if last or wait > self.longest_wait_s:
            raise too_long(host, until, verdict.reason)
        if not verdict.whole:
            time.sleep(wait)

    def _backoff_s(self, attempt: int) -> float:
        return min(self.first_pause_s * 2.0 ** (attempt - 1), self.longest_wait_s)

    def _pause(self, attempt: int) -> None:
        # Jitter, so that processes which failed together do not come back together.
        time.sleep(self._backoff_s(attempt) * random.uniform(0.5, 1.0))  # noqa: S311
