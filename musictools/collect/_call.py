"""A question to a platform, page by page: rows come as they are asked for."""

import datetime as dt
import json
import logging
import math
import operator
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from musictools.collect._paging import OnePage, Paging, Request
from musictools.collect._reading import ANSWERED_AT, MalformedError, Reader
from musictools.collect._rows import Row
from musictools.errors import MalformedResponse, NotFound

if TYPE_CHECKING:
    import pandas as pd

    from musictools.collect._source import Source

R = TypeVar("R", bound=Row)
_log = logging.getLogger("musictools.collect")
# An odd answer is asked for again this often; what is odd each time is the platform's way.
_SECOND_LOOKS = 3
# What reading an answer of another shape than its documents promise can end in.
_MISSHAPEN = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip
# A text without a backslash, which most are, is told at once.
_HALVES = re.compile(r"\\u[dD]")
# Lists that grow while they are read repeat a page or two, and not so many.
_STALE_PAGES = 10


@dataclass(frozen=True)
class Page(Generic[R]):
    """One answer.

    Attributes
    ----------
    rows : tuple of Row
        What it held, without what an earlier page of the same call held.
    answer : Answer
        As it came.
    following : tuple of Request
        What remains to be asked after it: where a later process goes on.
    """

    rows: tuple[R, ...]
    answer: "Answer"
    following: tuple[Request, ...]


@dataclass(frozen=True)
class Answer:
    """A response of a platform, without secrets.

    Attributes
    ----------
    request : Request
        What was asked.
    url : str
        The address, without keys.
    status : int
        Of HTTP.
    text : str
        The body.
    fetched_at : float
        Seconds since 1970.
    said_at : datetime.datetime or None
        The platform's own clock, UTC.
    """

    request: Request
    url: str
    status: int
    text: str
    fetched_at: float
    said_at: dt.datetime | None = None


Parse = Callable[[Reader, Request], Iterable[R]]


@dataclass(frozen=True)
class Call(Generic[R]):
    """A question, with all that is needed to ask it again.

    Attributes
    ----------
    source : Source
        Whom.
    method : str
        Name of the method, such as ``"releases"``.
    arguments : mapping
        What it was called with.
    kind : type of Row
        What comes back.
    requests : tuple of Request
        First pages, one after the other.
    parse : callable
        From body and request to rows.
    paging : Paging
        How one page leads to the next.
    limit : int or None
        The most rows that are wanted.
    """

    source: "Source"
    method: str
    arguments: Mapping[str, object]
    kind: type[R]
    requests: tuple[Request, ...]
    parse: Parse[R]
    paging: Paging = field(default_factory=OnePage)
    limit: int | None = None

    @property
    def name(self) -> str:
        """Give what tells this call from others of its source."""
        asked = dict(self.arguments) | ({"limit": self.limit} if self.limit is not None else {})
        return json.dumps([self.method, asked], sort_keys=True, default=str)


class Rows(Iterator[R]):
    """Rows that are fetched as they are asked for; nothing is sent before the first.

    Parameters
    ----------
    call : Call
        The question.
    """

    def __init__(self, call: Call[R]) -> None:
        self.call = call
        self._start: tuple[Request, ...] | None = None
        self._seen: set[tuple[Any, ...]] = set()
        self._given = 0
        self._usual: set[str] = set()
        self._rows = self._each()

    def __iter__(self) -> "Rows[R]":
        return self

    def __next__(self) -> R:
        try:
            return next(self._rows)
        except StopIteration:
            raise
        except BaseException:
            # A generator that has failed is at its end: who waits and goes on would miss the rest.
            self._rows = self._each()
            raise

    def _each(self) -> Iterator[R]:
        key_of = operator.attrgetter(*self.call.kind.KEY)
        for page in self.pages(self._start, seen=self._seen, given=self._given):
            self._start = page.following
            self._seen.update(map(key_of, page.rows))
            self._given += len(page.rows)
            yield from page.rows

    def one(self) -> R:
        """Give the only row.

        Raises
        ------
        NotFound
            If there is none.
        """
        for row in self:
            return row
        source = self.call.source
        raise NotFound(
            f"ask {source.NAME} for {self.call.method}",
            got=f"nothing for {dict(self.call.arguments)}",
            expected="one row",
            hint=f"mt.collect.{type(source).__name__}(...).search('a name')",
        )

    def to_frame(self) -> "pd.DataFrame":
        """Fetch all that remain, as a table.

        Returns
        -------
        pandas.DataFrame
            A column for each field of the row, and ``policy``: the name of the terms, which
            `musictools.collect.check_use` reads. It stays where ``attrs["policies"]`` gets lost.
        """
        import pandas as pd

        frame = pd.DataFrame(
            [tuple(row.values()) for row in self],
            columns=list(self.call.kind.__match_args__),  # type: ignore[attr-defined]
        )
        frame["policy"] = self.call.source.NAME
        frame.attrs["policies"] = (self.call.source.NAME,)
        return frame

    def pages(
        self,
        start: tuple[Request, ...] | None = None,
        *,
        seen: Iterable[tuple[Any, ...]] = (),
        given: int = 0,
    ) -> Iterator[Page[R]]:
        """Fetch page by page.

        Parameters
        ----------
        start : tuple of Request, optional
            What an earlier process left: ``following`` of its last page.
        seen : iterable of tuple
            Keys of the rows that it had.
        given : int
            How many rows it gave: a limit counts them.
        """
        call = self.call
        known = set(seen)
        left = math.inf if call.limit is None else call.limit - given
        queue = call.requests if start is None else start
        asked: set[Request] = set()
        stale = 0
        key_of = operator.attrgetter(*call.kind.KEY)
        while queue and left > 0:
            request, *rest = queue
            asked.add(request)
            answer, found, following = self._fetch(request)
            queue = (following, *rest) if following else tuple(rest)
            # A list that grows while it is read shows its rows twice.
            fresh = {key: row for row in found if (key := key_of(row)) not in known}
            known.update(fresh)
            rows = tuple(fresh.values())[: None if left == math.inf else int(left)]
            left -= len(rows)
            stale = stale + 1 if found and not fresh else 0
            yield Page(rows, answer, queue if left > 0 else ())
            if left > 0 and (following in asked or (following and stale >= _STALE_PAGES)):
                raise _circle(call, following)

    def _fetch(self, request: Request) -> tuple[Answer, list[R], Request | None]:
        """Ask until the answer is whole, or always wrong in the same way."""
        call = self.call
        wrong = ""
        for look in range(1 + _SECOND_LOOKS):
            answer = call.source.ask(request)
            clock = ANSWERED_AT.set(answer.said_at)
            try:
                body = json.loads(answer.text)
                if _HALVES.search(answer.text):
                    body = _without_halves(body)
                # Radio Browser answers with bare lists.
                reader = Reader({"items": body} if isinstance(body, list) else body)
                found = list(call.parse(reader, request))
                following = call.paging.following(request, body, len(found))
            except (MalformedError, *_MISSHAPEN) as error:
                wrong = str(error) or type(error).__name__
                continue
            finally:
                ANSWERED_AT.reset(clock)
            odd = {_sort_of(one) for one in reader.oddities}
            if odd <= self._usual:
                return answer, found, following
            wrong = "; ".join(reader.oddities[:3])
            if look == _SECOND_LOOKS:
                # A field that nothing depends on must not cost the page; nor must every page be
                # paid for again and again, once it is known to be the platform's way.
                self._usual |= odd
                _log.warning("%s %s: %s", call.source.NAME, call.method, wrong)
                return answer, found, following
        raise MalformedResponse(
            f"read {call.method} of {call.source.NAME}",
            got=wrong,
            expected="what its documents promise",
            hint="later; if it lasts, the platform has changed: look at the raw answer",
            status=answer.status,
        ) from None


def _without_halves(value: Any) -> Any:
    """Take out halves of a character, which JSON can spell, and no file can hold."""
    if isinstance(value, str):
        # Two halves that belong together become one sign.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_halves(one) for one in value]
    if isinstance(value, dict):
        return {_without_halves(k): _without_halves(v) for k, v in value.items()}
    return value


def _sort_of(oddity: str) -> str:
    """Give what is odd, whichever row of the page it is in."""
    return re.sub(r"\[\d+\]", "[]", oddity.split(" is ", 1)[0])


def _circle(call: Call[Any], request: Request | None) -> MalformedResponse:
    return MalformedResponse(
        f"page through {call.method} of {call.source.NAME}",
        got=f"pages that were read before ({request.path if request else ''})",
        expected="a page that is new",
        hint="itertools.islice(rows, n) takes the first n",
    )


def in_time(pages: Iterable[Page[R]], seconds: float) -> Iterator[list[Page[R]]]:
    """Give pages in bundles, each at most so many seconds after the one before.

    The first page comes alone. When fetching fails, what was fetched comes before the error.
    """
    bundle: list[Page[R]] = []
    last = -math.inf
    fetching = iter(pages)
    while True:
        try:
            bundle.append(next(fetching))
        except StopIteration:
            break
        except BaseException:
            if bundle:
                yield bundle
            raise
        if time.monotonic() - last >= seconds:
            yield bundle
            bundle, last = [], time.monotonic()
    if bundle:
        yield bundle
