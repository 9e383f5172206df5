"""Discogs: releases down to the pressing, who has and wants them, and what they cost."""

import os
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from musictools.collect._auth import Auth, HeaderKey, NoAuth
from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import NextLink, Request, get
from musictools.collect._plan import Plan, Price, make_plan
from musictools.collect._reading import Reader, today
from musictools.collect._rows import Artist, Observation, Release, Track
from musictools.collect._secrets import find_secret, variable
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, judge

_PAGE = 100
_WINDOW_S = 60.0
_WITH_TOKEN = Rate(60, _WINDOW_S)
_PAGES = NextLink(("pagination", "urls", "next"))


class Discogs(Source):
    """Discogs' API, version 2.0.

    Twenty-five requests a minute without a token, sixty with one; searching needs one. What
    `metrics` gives are ``haves`` and ``wants`` (collections and want lists that hold a release),
    ``for_sale`` and the lowest price.

    Parameters
    ----------
    token : str, optional
        Personal access token, from discogs.com/settings/developers; ``MUSICTOOLS_DISCOGS_TOKEN``
        does the same.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Discogs(token="...").plan(metrics=500))
    Discogs: 1000 requests, 21 min, free of charge
    """

    NAME: ClassVar[str] = "Discogs"
    BASE_URL: ClassVar[str] = "https://api.discogs.com"
    LIMITS: ClassVar[Limits] = Limits(Rate(25, _WINDOW_S))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(),
        "releases": Price(_PAGE),
        "tracks": Price(),
        "metrics": Price(0.5),
    }

    def make_auth(self) -> Auth:
        """Show a token if there is one, and go at its pace."""
        token = find_secret(self.NAME, "token", self._token)
        if token is None:
            return NoAuth()
        if self.transport.limits.rate is not None:
            self.transport.limits = Limits(_WITH_TOKEN, self.transport.limits.budgets)
        return HeaderKey("Authorization", f"Discogs token={token}")

    def judge(self, response: Any) -> Verdict:
        """Wait for a whole window where it only says that there were too many."""
        verdict = judge(response)
        if verdict.meaning == "limited" and verdict.wait_s is None:
            return Verdict("limited", _WINDOW_S, verdict.reason)
        return verdict

    def plan(self, **wanted: int) -> Plan:
        """Say what a collection will take, at the pace of the token if there is one.

        Parameters
        ----------
        **wanted : int
            How many rows, or things to ask about, of each method.

        Returns
        -------
        Plan
            Requests and time.
        """
        known = self._token or os.environ.get(variable(self.NAME, "token"))
        rate = _WITH_TOKEN if known else self.LIMITS.rate
        return make_plan(self.NAME, self.PRICES, Limits(rate, self._own), wanted)

    def search(self, query: str, *, kind: str = "release", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first; it needs a token.

        Parameters
        ----------
        query : str
            Words.
        kind : str
            ``"release"`` or ``"artist"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release or Artist.
        """
        kinds: dict[str, tuple[type[Any], Callable[[Reader], Any]]] = {
            "release": (Release, _found),
            "artist": (Artist, _artist),
        }
        check_word("kind", kind, kinds)
        row, read = kinds[kind]

        def parse(body: Reader, _: Request) -> Iterator[Any]:
            return (read(one) for one in body.each("results", needed=True))

        params = {"q": query, "type": kind, "per_page": min(limit or _PAGE, _PAGE), "page": 1}
        asked = {"query": query, "kind": kind}
        request = get("/database/search", params)
        return self.rows(row, "search", asked, request, parse, _PAGES, limit=limit)

    def artist(self, artist_id: str | int) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str or int
            Of Discogs.

        Returns
        -------
        Rows
            One Artist; a number behind the name, as in ``Ana (2)``, tells namesakes apart.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            yield _artist(body)

        request = get(f"/artists/{artist_id}")
        return self.rows(Artist, "artist", {"artist_id": artist_id}, request, parse)

    def releases(
        self, artist_id: str | int, *, role: str | None = "Main", limit: int | None = None
    ) -> Rows[Release]:
        """Give the releases of an artist, editions of one work as its main one.

        Parameters
        ----------
        artist_id : str or int
            Of Discogs.
        role : str or None
            The artist's part in them: ``"Main"``, ``"Appearance"``, ``"TrackAppearance"``,
            ``"Producer"``, ...; None for all.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, with the year of the first edition.
        """

        def parse(body: Reader, _: Request) -> Iterator[Release]:
            for one in body.each("releases", needed=True):
                if role is None or one.text("role") in {role, None}:
                    yield _listed(one, str(artist_id))

        request = get(f"/artists/{artist_id}/releases", {"per_page": _PAGE, "page": 1})
        asked = {"artist_id": artist_id, "role": role}
        return self.rows(Release, "releases", asked, request, parse, _PAGES, limit=limit)

    def tracks(
        self, entity_id: str | int, *, of: str = "release", limit: int | None = None
    ) -> Rows[Track]:
        """Give all tracks of a release.

        Parameters
        ----------
        entity_id : str or int
            Of the release.
        of : str
            ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track. Discogs has no identifiers for them: it is the release's, and the place on it.
        """
        check_word("of", of, ("release",))

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            release_id = body.need("id")
            artists = _names(body)
            heard = (t for t in body.each("tracklist", needed=True) if _is_track(t))
            for i, one in enumerate(heard, start=1):
                names = _names(one)[0] or artists[0]
                yield Track(
                    self.NAME, f"{release_id}:{one.text('position') or i}", one.need("title"),
                    artist=names, artist_id=_names(one)[1] or artists[1],
                    release=body.text("title"), release_id=release_id,
                    duration_s=_seconds(one.text("duration")), released_on=_date(body), number=i,
                )  # fmt: skip

        asked = {"entity_id": entity_id, "of": of}
        request = get(f"/releases/{entity_id}")
        return self.rows(Track, "tracks", asked, request, parse, limit=limit)

    def metrics(self, entity_id: str | int, *, of: str = "release") -> Rows[Observation]:
        """Give who has and wants a release today, and what it is sold for.

        Parameters
        ----------
        entity_id : str or int
            Of the release.
        of : str
            ``"release"``.

        Returns
        -------
        Rows
            Of Observation: ``haves``, ``wants``, ``ratings``, ``rating`` (of 5), ``for_sale`` and
            ``lowest_price_usd``, or of the currency that it answers in.
        """
        check_word("of", of, ("release",))
        fields = {
            "haves": ("have",), "wants": ("want",), "ratings": ("rating", "count"),
            "rating": ("rating", "average"),
        }  # fmt: skip
        about = f"release:{entity_id}"

        def parse(body: Reader, request: Request) -> Iterator[Observation]:
            found: dict[str, float | None]
            if request.path.startswith("/marketplace/"):
                currency = body.text("lowest_price", "currency") or "usd"
                found = {
                    "for_sale": body.number("num_for_sale"),
                    f"lowest_price_{currency.lower()}": body.number("lowest_price", "value"),
                }
            else:
                body.need("id")
                community = body.at("community")
                found = {metric: community.number(*path) for metric, path in fields.items()}
            for metric, value in found.items():
                if value is not None:
                    yield Observation(about, self.NAME, metric, today(), value)

        requests = [
            get(f"/releases/{entity_id}"),
            get(f"/marketplace/stats/{entity_id}", {"curr_abbr": "USD"}),
        ]
        asked = {"entity_id": entity_id, "of": of}
        return self.rows(Observation, "metrics", asked, requests, parse)


def _artist(one: Reader) -> Artist:
    identifier = one.need("id")
    name = one.text("name") or one.need("title")
    return Artist(
        Discogs.NAME, identifier, name, url=f"https://www.discogs.com/artist/{identifier}"
    )


def _listed(one: Reader, artist_id: str) -> Release:
    # A master stands for all its editions, and counts in numbers of its own.
    identifier = one.text("main_release") or one.need("id")
    return Release(
        Discogs.NAME, identifier, one.need("title"), artist=one.text("artist"),
        artist_id=artist_id, kind=_kind(one.text("format")), released_on=_date(one),
        label=one.text("label"), url=f"https://www.discogs.com/release/{identifier}",
    )  # fmt: skip


def _found(one: Reader) -> Release:
    identifier, title = one.need("id"), one.need("title")
    # Searches write both names into one.
    artist, _, rest = title.partition(" - ")
    labels, codes = (one.raw(name) for name in ("label", "barcode"))
    return Release(
        Discogs.NAME, identifier, rest or title, artist=artist if rest else None,
        kind=_kind(", ".join(one.texts("format"))), released_on=_date(one),
        barcode=_first(codes), label=_first(labels),
        url=f"https://www.discogs.com/release/{identifier}",
    )  # fmt: skip


def _first(value: object) -> str | None:
    """Give the first of a list, or what stands in place of one: older answers hold one label."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value else None


def _kind(words: str | None) -> str | None:
    parts = {part.strip().lower() for part in (words or "").split(",")}
    known = {"comp": "compilation", "compilation": "compilation", "single": "single", "ep": "ep",
             "mini-album": "ep", "album": "album"}  # fmt: skip
    return next((kind for word, kind in known.items() if word in parts), None)


def _names(one: Reader) -> tuple[str | None, str | None]:
    artists = list(one.each("artists"))
    words: list[str] = []
    for artist in artists:
        words += [artist.text("anv") or artist.text("name") or "", artist.text("join") or ""]
    text = " ".join(word for word in words if word).replace(" , ", ", ")
    return text or None, artists[0].text("id") if artists else None


def _is_track(one: Reader) -> bool:
    # Headings stand between tracks, and have no place.
    return (one.text("type_") or "track") == "track" and one.text("title") is not None


def _date(one: Reader) -> str | None:
    """Read ``1999-03-00``, ``1999`` or 0, which is how it writes that it does not know."""
    text = one.text("released") or one.text("year") or ""
    parts = [part for part in text.split("-") if part.strip("0")]
    return "-".join(parts) or None


def _seconds(text: str | None) -> float | None:
    parts = (text or "").split(":")
    if not all(part.isdigit() for part in parts):
        return None
    seconds = 0.0
    for part in parts:
        seconds = 60 * seconds + int(part)
    return seconds
