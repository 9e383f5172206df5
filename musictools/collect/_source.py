"""What every platform's client is made of."""

import logging
import math
import os
import time
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from urllib.parse import urlencode, urlsplit

from musictools._paths import cache_dir
from musictools.collect._auth import Auth, NoAuth
from musictools.collect._call import Answer, Call, Parse, Rows
from musictools.collect._capabilities import lacking, was_removed
from musictools.collect._database import Database
from musictools.collect._ledger import Ledger
from musictools.collect._limits import Budget, Limits
from musictools.collect._paging import OnePage, Paging, Request, link_parts
from musictools.collect._plan import Plan, Price, make_plan
from musictools.collect._rows import Row
from musictools.collect._secrets import clean_secret, hide, variable
from musictools.collect._transport import Transport
from musictools.collect._verdict import Verdict, date_of, judge, said, text_of
from musictools.errors import AuthError, InputError, NotFound, ServiceError, closest

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from musictools.collect._store import Store

R = TypeVar("R", bound=Row)
_log = logging.getLogger("musictools.collect")
# These never go into a pickle: a process that gets one looks into its environment or keyring.
_KEYS = frozenset({"token", "client_id", "client_secret", "private_key", "team_id", "key_id"})


class Source:
    """A platform.

    Parameters
    ----------
    token : str, optional
        Key or token, for platforms that want one; ``MUSICTOOLS_<NAME>_TOKEN`` and the keyring entry
        ``<name>.token`` do the same. Looked for when the first request is sent.
    token_url : str, optional
        Another address that gives out tokens than the platform's own.
    base_url : str, optional
        Another address than the platform's own; ``MUSICTOOLS_<NAME>_BASE_URL`` does the same.
    store : Store or path, optional
        Where turns and budgets are shared with other processes; by default a file of its own in
        the folder of musictools.
    budget : mapping, optional
        The most that a day may cost, by unit: ``{"usd": 5}``.
    longest_wait_s : float
        The longest pause that a platform may ask for; a longer one raises `RateLimited` at once.
    """

    #: Name of the platform, in rows and tables.
    NAME: ClassVar[str]
    BASE_URL: ClassVar[str]
    TOKEN_URL: ClassVar[str] = ""
    LIMITS: ClassVar[Limits] = Limits()
    #: What each method takes, for `plan`.
    PRICES: ClassVar[Mapping[str, Price]] = {}
    #: Other addresses that its links may name.
    ALIASES: ClassVar[tuple[str, ...]] = ()

    _given: dict[str, Any]

    def __new__(cls, *_: Any, **given: Any) -> Self:
        """Keep what it was made with, but no keys: another process makes it anew."""
        one = super().__new__(cls)
        one._given = {name: value for name, value in given.items() if name not in _KEYS}
        return one

    def __reduce__(self) -> tuple[Any, ...]:
        given = dict(self._given)
        path = getattr(given.get("store"), "path", None)
        if path is not None:
            # A file is opened by each process for itself.
            given["store"] = None if str(path) == ":memory:" else path
        return _again, (type(self), given)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __init__(
        self,
        *,
        token: str | None = None,
        token_url: str | None = None,
        base_url: str | None = None,
        store: "Store | Path | str | None" = None,
        budget: Mapping[str, float] | None = None,
        longest_wait_s: float = 60.0,
    ) -> None:
        given = base_url or os.environ.get(variable(type(self).__name__, "BASE_URL"))
        self.base_url = _checked_url(given or self.BASE_URL)
        self._own = self._budgets(budget)
        # What the platform allows does not bind a server on this machine; what we allow does.
        theirs = Limits(budgets=self._own) if _is_local(self.base_url) else self._limits()
        self.transport = Transport(
            theirs,
            _ledger(store, self.base_url),
            name=self.NAME,
            judge=self.judge,
            longest_wait_s=longest_wait_s,
        )
        self.transport.headers["Accept"] = "application/json"
        self.token_url = token_url or self.TOKEN_URL
        self._token = clean_secret(token, name="token") if token else None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Let what a platform took away say so: ``spotify.audio_features(...)``."""
            if name.startswith("_") or not was_removed(self.NAME, name):
                return object.__getattribute__(self, name)

            def gone(*_: object, **__: object) -> Any:
                raise lacking(self.NAME, name)

            return gone

    @classmethod
    def units(cls) -> tuple[str, ...]:
        """Name what a budget may count."""
        counted = {"requests", "usd", *(budget.unit for budget in cls.LIMITS.budgets)}
        for price in cls.PRICES.values():
            counted |= {*price.cost, *price.per_row}
        return tuple(sorted(counted))

    def _budgets(self, given: Any) -> tuple[Budget, ...]:
        """Refuse a budget that would hold nothing back: who misspells one pays without an end."""
        if not isinstance(given, Mapping | None):
            raise _wrong_budget(repr(given), self.units())
        for unit, amount in (given or {}).items():
            if unit not in self.units():
                raise _wrong_budget(repr(unit), self.units())
            number = isinstance(amount, int | float) and not isinstance(amount, bool)
            if not number or not 0 <= amount < math.inf:
                raise _wrong_budget(f"{unit}: {amount!r}", self.units())
        return tuple(Budget(unit, amount) for unit, amount in (given or {}).items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    @cached_property
    def auth(self) -> Auth:
        """How its requests say who asks."""
        return self.make_auth()

    def make_auth(self) -> Auth:
        """Look for keys; a platform that wants some says which."""
        return NoAuth()

    def judge(self, response: "requests.Response") -> Verdict:
        """Say what an answer means; platforms with rules of their own say it themselves."""
        return judge(response)

    def ask(self, request: Request) -> Answer:
        """Send one request, and give its answer if it is a good one.

        Raises
        ------
        NotFound, AuthError, RateLimited, ServiceError
            As the answer says.
        """
        url, params = self._address(request)
        # Joined here: requests takes a dozen steps to join a table of parameters.
        shown = f"{url}?{urlencode(params)}" if params else url
        for renewed in (False, True):
            response = self.transport.request(
                "GET" if request.body is None else "POST",
                shown,
                params=self.auth.params() or None,
                data=request.body,
                headers=self._headers(request) or None,
                idempotent=True,
                cost=dict(request.cost),
            )
            verdict = self.judge(response)
            if verdict.meaning != "refused" or renewed or not self.auth.renew():
                break
        if verdict.meaning != "ok":
            raise self._error(verdict, response, request)
        return Answer(
            request,
            hide(shown),
            response.status_code,
            hide(text_of(response)),
            time.time(),
            date_of(response.headers),
        )

    # --- the questions that have one name everywhere; a platform answers those that it can ------

    def search(self, *_: Any, **__: Any) -> Rows[Any]:
        """Find by name."""
        raise lacking(self.NAME, "search")

    def artist(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give one artist."""
        raise lacking(self.NAME, "artist")

    def releases(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give the releases of an artist."""
        raise lacking(self.NAME, "releases")

    def tracks(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give the tracks of an artist or a release."""
        raise lacking(self.NAME, "tracks")

    def track(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give one track."""
        raise lacking(self.NAME, "track")

    def charts(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give a chart."""
        raise lacking(self.NAME, "charts")

    def playlist(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give what a playlist holds."""
        raise lacking(self.NAME, "playlist")

    def metrics(self, *_: Any, **__: Any) -> Rows[Any]:
        """Give numbers of today, or over time."""
        raise lacking(self.NAME, "metrics")

    def plan(self, **wanted: int) -> Plan:
        """Say what a collection will take, before the first request.

        Parameters
        ----------
        **wanted : int
            How many rows, or things to ask about, of each method: ``plan(tracks=10_000)``.

        Returns
        -------
        Plan
            Requests, time, days, quota and dollars, within the platform's limits and ``budget=``.
        """
        return make_plan(self.NAME, self.PRICES, self._limits(), wanted)

    def _limits(self) -> Limits:
        """Join what the platform allows and what we allow; how many dollars, we alone decide."""
        decided = {budget.unit for budget in self._own} & {"usd"}
        theirs = [budget for budget in self.LIMITS.budgets if budget.unit not in decided]
        return Limits(self.LIMITS.rate, (*theirs, *self._own))

    # --- what clients are written with -----------------------------------------------------------

    def rows(
        self,
        kind: type[R],
        method: str,
        arguments: Mapping[str, object],
        requests: Request | Iterable[Request],
        parse: Parse[R],
        paging: Paging | None = None,
        *,
        limit: int | None = None,
    ) -> Rows[R]:
        """Make the answer of a method.

        Parameters
        ----------
        kind : type of Row
            What comes back.
        method, arguments : str, mapping
            What was asked, in the words of the reader: it names the job in a store.
        requests : Request or iterable of Request
            The first page; or several, one after the other, such as batches of identifiers.
        parse : callable
            From body and request to rows.
        paging : Paging, optional
            How one page leads to the next; there is one page by default.
        limit : int, optional
            The most rows that are wanted.
        """
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InputError(
                f"ask {self.NAME} for {method}",
                got=f"limit={limit!r}",
                expected="a whole number, or None for all",
                hint="limit=100",
            )
        first = (requests,) if isinstance(requests, Request) else tuple(requests)
        paging = paging or OnePage()
        return Rows(Call(self, method, arguments, kind, first, parse, paging, limit))

    def _headers(self, request: Request) -> dict[str, str]:
        headers = self.auth.headers(self.transport)
        if request.body is not None:
            headers = {**headers, "Content-Type": "application/json"}
        return headers

    def _address(self, request: Request) -> tuple[str, dict[str, str]]:
        """Put a path, or a link of the platform's own, onto the base address.

        A link to another site is refused: our keys would travel there.
        """
        site, path, query = link_parts(request.path)
        params = {**dict(query), **dict(request.params)}
        for name in self.auth.params():
            params.pop(name, None)
        if not site:
            return self.base_url + request.path.partition("?")[0], params
        for base in (self.base_url, self.BASE_URL.rstrip("/"), *self.ALIASES):
            start = link_parts(base)
            if site == start[0] and path.startswith(start[1]):
                return self.base_url + path[len(start[1]) :], params
        raise ServiceError(
            f"follow a link of {self.NAME}",
            got=hide(site),
            expected=f"an address below {self.base_url}",
            hint=f"{type(self).__name__}(base_url={site!r}) if that is right",
        )

    def _error(
        self, verdict: Verdict, response: "requests.Response", request: Request
    ) -> Exception:
        what = f"ask {self.NAME} for {request.path}"
        got = hide(f"status {response.status_code} ({verdict.reason or said(response)})")
        name = type(self).__name__
        if verdict.meaning == "missing":
            return NotFound(
                what, got=got, expected="something there", hint=f"{name}(...).search('a name')"
            )
        if verdict.meaning == "refused":
            return AuthError(
                what, got=got, expected="a key that it accepts", hint=f"{name}(token=...)"
            )
        return ServiceError(
            what,
            got=got,
            expected="an answer",
            hint=f"look at the arguments; mt.collect.capabilities() shows what {self.NAME} has",
            status=response.status_code,
        )


def _again(client: type[Source], given: dict[str, Any]) -> Source:
    return client(**given)


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            f"ask at base_url={url!r}",
            got=repr(url),
            expected="an address",
            hint="base_url='https://api.example.org/v1'",
        )
    return url.rstrip("/")


def _wrong_budget(got: str, units: tuple[str, ...]) -> InputError:
    return InputError(
        "set a budget",
        got=got,
        expected="for a day, an amount of " + ", ".join(units),
        hint="budget={'usd': 5}" if "usd" in got.lower() else "budget={'requests': 1000}",
    )


def _is_local(url: str) -> bool:
    return (urlsplit(url).hostname or "") in {"127.0.0.1", "localhost", "::1"}


def _ledger(store: Any, base_url: str) -> Ledger:
    if store is not None:
        ledger = getattr(store, "ledger", None)
        return ledger if isinstance(ledger, Ledger) else Ledger(Database(store))
    if _is_local(base_url):
        return Ledger(Database(":memory:"))
    folder = cache_dir("collect")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Ledger(Database(folder / "limits.sqlite"))
    except (OSError, ServiceError) as error:
        _log.warning("turns are not shared with other processes: %s", error)
        return Ledger(Database(":memory:"))


def need_one(**given: object) -> None:
    """Refuse a question that names nothing, or two things."""
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        words = " or ".join(f"{name}=" for name in given)
        raise InputError(
            "ask for one thing",
            got="both of " + " and ".join(named) if named else "neither of them",
            expected=words,
            hint=f"either {words}",
        )


def check_word(name: str, value: object, options: Collection[str]) -> None:
    """Refuse a word that is none of those a method knows."""
    if value not in options:
        raise unknown(name, value, options)


def unknown(name: str, value: object, options: Iterable[str]) -> InputError:
    """Make the error of a word that is none of those a method knows."""
    known = tuple(options)
    return InputError(
        f"use {name}={value!r}",
        got=repr(value),
        expected="one of " + ", ".join(map(repr, known)),
        hint=closest(str(value), known),
    )
