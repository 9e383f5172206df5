"""Ticketmaster: concerts that are announced, and the artists who play them."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from musictools.collect._auth import Auth, QueryKey
from musictools.collect._call import Rows
from musictools.collect._days import When, span
from musictools.collect._limits import Budget, Limits, Rate
from musictools.collect._paging import Request, dig, get, needed_count
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, moment, today
from musictools.collect._rows import Artist, Observation, Show
from musictools.collect._secrets import hide, need_secret
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, json_of, judge

_PAGE = 200
# The first row of a page must stand before this one: size * page < 1000.
_DEPTH = 1000
_FAULTS = {
    "policies.ratelimit.QuotaViolation": "limited",
    "policies.ratelimit.SpikeArrestViolation": "limited",
    "oauth.v2.InvalidApiKey": "refused",
    "oauth.v2.FailedToResolveAPIKey": "refused",
}


class Ticketmaster(Source):
    """Ticketmaster's Discovery API, version 2.

    Five requests a second and 5,000 a day; the key is free. It knows concerts to come in North
    America, Europe, Australia and New Zealand. What `metrics` gives are ``upcoming_shows``.

    Parameters
    ----------
    token : str, optional
        The API key (consumer key); it travels in the query, since Ticketmaster knows no other way.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Ticketmaster().plan(shows=10_000))
    Ticketmaster: 50 requests, 10 s, free of charge
    """

    NAME: ClassVar[str] = "Ticketmaster"
    BASE_URL: ClassVar[str] = "https://app.ticketmaster.com/discovery/v2"
    LIMITS: ClassVar[Limits] = Limits(Rate(5, 1.0), (Budget("requests", 5000),))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(),
        "shows": Price(_PAGE),
        "metrics": Price(),
    }

    def make_auth(self) -> Auth:
        """Look for the key."""
        return QueryKey("apikey", need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Read the faults of its gateway, and when a used-up day begins anew."""
        if response.status_code < 400:
            return judge(response)
        body = Reader(json_of(response) or {})
        code = body.text("fault", "detail", "errorcode") or ""
        meaning: Any = _FAULTS.get(code)
        # Its words name the key, and what we wait for is written down.
        words = hide(body.text("fault", "faultstring") or _first_error(body))
        if meaning is None:
            found = judge(response)
            return Verdict(found.meaning, found.wait_s, words or hide(found.reason))
        wait = None
        if meaning == "limited":
            quota = code.endswith("QuotaViolation")
            wait = _until_reset_s(response.headers.get("Rate-Limit-Reset")) if quota else 1.0
        return Verdict(meaning, wait, words)

    def search(self, query: str, *, kind: str = "artist", limit: int | None = None) -> Rows[Any]:
        """Find artists by name, best first.

        Parameters
        ----------
        query : str
            Words.
        kind : str
            ``"artist"``: what Ticketmaster calls an attraction, of music only.
        limit : int, optional
            The most rows that are wanted. Ticketmaster shows the first thousand.

        Returns
        -------
        Rows
            Of Artist.
        """
        check_word("kind", kind, ("artist",))

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            return (_artist(one) for one in body.each("_embedded", "attractions"))

        request = get(
            "/attractions.json",
            {"keyword": query, "classificationName": "music", "sort": "relevance,desc",
             "size": min(limit or _PAGE, _PAGE), "page": 0},
        )  # fmt: skip
        asked = {"query": query, "kind": kind}
        return self.rows(Artist, "search", asked, request, parse, _Deep(), limit=limit)

    def artist(self, artist_id: str) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str
            Of Ticketmaster, such as ``"K8vZ9171ob7"``.

        Returns
        -------
        Rows
            One Artist, with the MusicBrainz identifier where Ticketmaster links to it.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            yield _artist(body)

        request = get(f"/attractions/{artist_id}.json")
        return self.rows(Artist, "artist", {"artist_id": artist_id}, request, parse)

    def shows(
        self,
        artist_id: str,
        *,
        start: When = None,
        end: When = None,
        country: str | None = None,
        limit: int | None = None,
    ) -> Rows[Show]:
        """Give the concerts of an artist, in the order of their dates.

        Parameters
        ----------
        artist_id : str
            Of Ticketmaster.
        start, end : str or date, optional
            First and last day; by default all that Ticketmaster shows, which is what is to come.
        country : str, optional
            ISO 3166 alpha-2.
        limit : int, optional
            The most rows that are wanted. Where there are more than the thousand that Ticketmaster
            shows of one question, the next question begins at the last date seen.

        Returns
        -------
        Rows
            Of Show.
        """
        asked: dict[str, Any] = {"artist_id": artist_id, "country": country}
        params: dict[str, Any] = {"attractionId": artist_id, "countryCode": country}
        if start is not None or end is not None:
            # Far back for an end alone: nothing that is shown begins earlier.
            first, last = span(start or "2000-01-01", end or "2100-01-01")
            asked |= {"start": first.isoformat(), "end": last.isoformat()}
            params |= {"startDateTime": _stamp(first), "endDateTime": _stamp(last)}

        def parse(body: Reader, _: Request) -> Iterator[Show]:
            for one in body.each("_embedded", "events"):
                yield _show(one, artist_id)

        request = get(
            "/events.json",
            {**params, "sort": "date,asc", "size": min(limit or _PAGE, _PAGE), "page": 0},
        )
        paging = _Deep(by_date=True)
        return self.rows(Show, "shows", asked, request, parse, paging, limit=limit)

    def metrics(self, entity_id: str, *, of: str = "artist") -> Rows[Observation]:
        """Give how many concerts are announced today.

        Parameters
        ----------
        entity_id : str
            Of Ticketmaster.
        of : str
            ``"artist"``.

        Returns
        -------
        Rows
            One Observation, ``upcoming_shows``: a daily snapshot.
        """
        check_word("of", of, ("artist",))

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            name = f"artist:{body.need('id')}"
            # An artist without concerts has no such field.
            count = body.at("upcomingEvents").number("_total") or 0.0
            yield Observation(name, self.NAME, "upcoming_shows", today(), count)

        request = get(f"/attractions/{entity_id}.json")
        return self.rows(Observation, "metrics", {"entity_id": entity_id, "of": of}, request, parse)


@dataclass(frozen=True)
class _Deep:
    """Pages are numbered, and end at a thousand; what comes by date goes on from the last one."""

    by_date: bool = False

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Count on, or begin anew at the last date."""
        size, page = int(request.param("size")), int(request.param("page"))
        total = needed_count(body, ("page", "totalElements"))
        if (page + 1) * size >= total:
            return None
        if n_rows == 0:
            raise MalformedError(f"page {page} is empty, and {total} rows are promised")
        if size * (page + 1) < _DEPTH:
            return request.with_params(page=page + 1)
        if not self.by_date:
            return None
        last = _last_moment(body)
        if last is None or last <= request.param("startDateTime"):
            raise MalformedError(f"over {_DEPTH} events on one date, which nobody can page through")
        return request.with_params(startDateTime=last, page=0)


def _last_moment(body: Any) -> str | None:
    """Give the moment before the last event of a page; what is seen again is dropped."""
    for event in reversed(dig(body, "_embedded", "events") or []):
        exact = dig(event, "dates", "start", "dateTime")
        if isinstance(exact, str):
            return _stamp(moment(exact) - dt.timedelta(seconds=1))
        day = dig(event, "dates", "start", "localDate")
        if isinstance(day, str):
            # A day has begun up to fourteen hours earlier somewhere.
            return _stamp(moment(day) - dt.timedelta(days=1))
    return None


def _stamp(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _until_reset_s(reset: str | None) -> float | None:
    """Read milliseconds since 1970."""
    try:
        return max(float(reset or "") / 1000.0 - time.time(), 0.0)
    except ValueError:
        return None


def _first_error(body: Reader) -> str:
    for one in body.each("errors"):
        return " ".join(filter(None, (one.text("code"), one.text("detail"))))
    return ""


def _artist(one: Reader) -> Artist:
    genres: dict[str, None] = {}
    for kind in one.each("classifications"):
        for name in (kind.text("genre", "name"), kind.text("subGenre", "name")):
            if name and name not in {"Undefined", "Other"}:
                genres[name] = None
    links = one.at("externalLinks")
    mbid = next((link.text("id") for link in links.each("musicbrainz")), None)
    return Artist(
        Ticketmaster.NAME, one.need("id"), one.need("name"), url=one.text("url"),
        genres=tuple(genres), mbid=mbid,
    )  # fmt: skip


def _show(one: Reader, artist_id: str) -> Show:
    names = {who.text("id"): who.text("name") for who in one.each("_embedded", "attractions")}
    venue = next(one.each("_embedded", "venues"), Reader({}))
    return Show(
        Ticketmaster.NAME, one.need("id"), names.get(artist_id) or one.text("name"), artist_id,
        one.need("dates", "start", "localDate"), venue=venue.text("name"),
        city=venue.text("city", "name"), country=venue.text("country", "countryCode"),
        url=one.text("url"),
    )  # fmt: skip
