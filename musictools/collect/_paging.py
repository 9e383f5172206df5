"""Requests that can be written down, and how one page leads to the next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from musictools.collect._reading import MalformedError


@dataclass(frozen=True)
class Request:
    """What to ask, without keys: it can be stored, and sent by a later process.

    Attributes
    ----------
    path : str
        After the base address.
    params : tuple of (str, str)
        The query.
    body : str or None
        JSON of a POST; None for a GET.
    cost : tuple of (str, float)
        By unit of the platform's budgets; one request by default.
    start : int
        Rows on the pages before it; for places of charts and lists whose cursor does not tell.
    """

    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    cost: tuple[tuple[str, float], ...] = (("requests", 1.0),)
    # A page that was read before is the same page, wherever it comes.
    start: int = field(default=0, compare=False)

    def param(self, name: str, default: str = "") -> str:
        """Read a parameter, from the query or from the link that this is."""
        return dict((*link_parts(self.path)[2], *self.params)).get(name, default)

    def with_params(self, **changed: object) -> "Request":
        """Set some of the query's parameters."""
        merged = dict(self.params) | {k: str(v) for k, v in changed.items()}
        return replace(self, params=tuple(merged.items()))

    def with_body(self, **changed: object) -> "Request":
        """Set some of the body's fields."""
        return replace(self, body=json.dumps(json.loads(self.body or "{}") | changed))

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps([self.path, self.params, self.body, self.cost, self.start])

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """Read what `to_json` wrote."""
        path, params, body, cost, *start = json.loads(text)
        return cls(path, tuple(map(tuple, params)), body, tuple(map(tuple, cost)), *start)


def get(
    path: str,
    params: Mapping[str, object] | None = None,
    *,
    cost: Mapping[str, float] | None = None,
) -> Request:
    """Make a GET; parameters that are None are left out."""
    given = tuple((k, str(v)) for k, v in (params or {}).items() if v is not None)
    return Request(path, given, cost=tuple((cost or {"requests": 1.0}).items()))


def post(path: str, body: object, params: Mapping[str, object] | None = None) -> Request:
    """Make a POST of JSON that only asks, and may be sent twice."""
    return replace(get(path, params), body=json.dumps(body))


class Paging(Protocol):
    """How one page leads to the next."""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Give the request of the next page; None after the last."""


@dataclass(frozen=True)
class OnePage:
    """There is one page."""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        """Give none."""
        return None


@dataclass(frozen=True)
class NextLink:
    """The body names the address of the next page.

    Attributes
    ----------
    path : tuple of str
        Where in the body.
    """

    path: tuple[str, ...] = ("next",)

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        """Follow the link."""
        link = dig(body, *self.path)
        if link is None or link == "":
            return None
        if not isinstance(link, str):
            raise MalformedError(f"{'.'.join(self.path)} is {link!r:.60}, and should be a link")
        link_parts(link)  # What is no address is no page either.
        # A link is kept whole; the source strips its own base address from it, and its keys.
        return replace(request, path=link, params=())


@dataclass(frozen=True)
class Cursor:
    """The body holds a token that the next request sends along.

    Attributes
    ----------
    path : tuple of str
        Where in the body.
    param : str
        Name in the next request.
    more : tuple of str
        Where the body says whether there is more; empty where the token itself tells.
    in_body : bool
        The token goes into the JSON of a POST.
    """

    path: tuple[str, ...]
    param: str
    more: tuple[str, ...] = ()
    in_body: bool = False

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Send the token along."""
        token = dig(body, *self.path)
        if token is None or token == "" or (self.more and not dig(body, *self.more)):
            return None
        if isinstance(token, bool) or not isinstance(token, str | int):
            raise MalformedError(f"{'.'.join(self.path)} is {token!r:.60}, and should be a token")
        request = replace(request, start=request.start + n_rows)
        if self.in_body:
            return request.with_body(**{self.param: token})
        return request.with_params(**{self.param: token})


@dataclass(frozen=True)
class Offset:
    """Pages are counted in rows.

    Attributes
    ----------
    size : int
        Rows a page.
    param : str
        Name of the offset.
    total : tuple of str
        Where the body says how many rows there are; empty where a short page is the last.
    first : int
        Offset of the first row.
    """

    size: int
    param: str = "offset"
    total: tuple[str, ...] = ()
    first: int = 0

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Go on behind this page."""
        start = int(request.param(self.param) or self.first) + self.size
        if n_rows == 0:
            return None
        if self.total:
            if start - self.first >= needed_count(body, self.total):
                return None
        elif n_rows < self.size:
            return None
        return request.with_params(**{self.param: start})


@dataclass(frozen=True)
class PageNumber:
    """Pages are counted from one, or from ``first``.

    Attributes
    ----------
    param : str
        Name of the page's number.
    pages : tuple of str
        Where the body says how many pages there are; empty where `total` is used.
    total, size : tuple of str, int
        Where the body says how many rows there are, and how many a page holds.
    first : int
        Number of the first page.
    """

    param: str = "page"
    pages: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    size: int = 0
    first: int = 1

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Count on."""
        number = int(request.param(self.param) or self.first) + 1
        done = number - self.first
        if self.pages:
            last = done >= needed_count(body, self.pages)
        elif self.total:
            last = done * self.size >= needed_count(body, self.total)
        else:
            last = n_rows < self.size
        return None if last else request.with_params(**{self.param: number})


def dig(body: Any, *path: str) -> Any:
    """Give what stands at a path in a body; None where there is nothing."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def needed_count(body: Any, path: tuple[str, ...]) -> int:
    """Read a count without which nobody knows where a list ends."""
    value = dig(body, *path)
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise MalformedError(f"{'.'.join(path)} is {value!r:.60}, and should be a count") from None


@lru_cache(maxsize=64)  # each page asks for the parts of its own link several times
def link_parts(link: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Split a link into its site, its path and its query."""
    parts = urlsplit(link)
    site = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return site, parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True))
