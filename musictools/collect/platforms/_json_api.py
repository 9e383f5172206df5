"""What bodies in the manner of JSON:API have in common: links, resources, and those they name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from musictools.collect._paging import Request, link_parts
from musictools.collect._reading import MalformedError, Reader

_Step = str | int


@dataclass(frozen=True)
class KeptLink:
    """The body names the next page, and our own parameters go along.

    Apple's links hold the offset alone: followed as they are, pages would shrink to the default.

    Attributes
    ----------
    paths : tuple of tuple
        Where in the body the link may stand: names of fields, and places in lists.
    dropped : tuple of str
        Parameters that only the first page takes.
    counted : str
        A list of the body whose length is added up from page to page, where a cursor does not
        tell how much came before: see `before`.
    """

    paths: tuple[tuple[_Step, ...], ...] = (("links", "next"),)
    dropped: tuple[str, ...] = ()
    counted: str = ""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        """Follow the link."""
        link = next((found for path in self.paths if (found := _at(body, path))), None)
        if link is None:
            return None
        if not isinstance(link, str):
            raise MalformedError(f"the next page is {link!r:.60}, and should be a link")
        site, path, query = link_parts(link)
        kept = {k: v for k, v in request.params if k not in self.dropped}
        params = tuple((kept | dict(query)).items())
        if (urlsplit(request.path).path, request.params) == (path, params):
            raise MalformedError("the next page is this page")
        if self.counted:
            # A fragment is never sent (RFC 3986, 3.5), and travels with what can be resumed.
            path += f"#{before(request) + len(_at(body, (self.counted,)) or ())}"
        return replace(request, path=site + path, params=params)


def before(request: Request) -> int:
    """Say how much came before a page, where a `KeptLink` counts it."""
    return int(urlsplit(request.path).fragment or 0)


class Resources:
    """The resources of a body, and those that they name.

    Parameters
    ----------
    body : Reader
        With ``data``, and perhaps ``included``.
    """

    def __init__(self, body: Reader) -> None:
        self._body = body
        self._included: Mapping[tuple[str, str], Reader] = {
            (one.need("type"), one.need("id")): one for one in body.each("included")
        }

    def one(self) -> Reader:
        """Give the resource that the body is about."""
        if not isinstance(self._body.raw("data"), dict):
            raise MalformedError("data is no resource")
        return self._body.at("data")

    def of(self, name: Reader) -> Reader | None:
        """Give the resource that a name names; what is hidden, or not sold here, is not there."""
        return self._included.get((name.need("type"), name.need("id")))

    def named(self) -> Iterator[tuple[Reader, Reader]]:
        """Give each name of the body, with the resource that it names."""
        for name in self._body.each("data", needed=True):
            found = self.of(name)
            if found is None:
                # It was asked for: the source looks once more, and says what it leaves out.
                where = f"{name.need('type')} {name.need('id')}"
                self._body.oddities.append(f"{where} is named, and does not come along")
            else:
                yield name, found

    def rows(self, read: Callable[["Resources", Reader, Reader], Any]) -> Iterator[Any]:
        """Read what the body names, from the name and the resource; None leaves one out."""
        for name, one in self.named():
            row = read(self, name, one)
            if row is not None:
                yield row

    def related(self, one: Reader, name: str) -> list[Reader]:
        """Give what a resource is related to, as far as it came along."""
        found = (self.of(each) for each in one.at("relationships", name).each("data"))
        return [each for each in found if each is not None]


def _at(body: Any, path: tuple[_Step, ...]) -> Any:
    for step in path:
        if isinstance(step, int):
            body = body[step] if isinstance(body, list) and len(body) > step else None
        else:
            body = body.get(step) if isinstance(body, dict) else None
    return body
