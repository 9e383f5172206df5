"""setlist.fm: concerts that were played, with their songs in order."""

from collections.abc import Iterator
from typing import Any, ClassVar

from musictools.collect._auth import Auth, HeaderKey
from musictools.collect._call import Rows
from musictools.collect._limits import Budget, Limits, Rate
from musictools.collect._paging import PageNumber, Request, get, needed_count
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, today
from musictools.collect._rows import Artist, Observation, Show
from musictools.collect._secrets import need_secret
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, judge

# Pages are of this size, and nobody can ask for larger ones.
_PAGE = 20
_SEARCH_PAGE = 30
_PARTS_OF_A_DATE = 3


class SetlistFm(Source):
    """The setlist.fm API, version 1.0.

    Two requests a second and 1,440 a day; the key is free, for non-commercial use. Artists go by
    their MusicBrainz identifiers. What `metrics` gives are ``setlists``: concerts on record.

    Parameters
    ----------
    token : str, optional
        The API key.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.SetlistFm().plan(shows=30_000))
    SetlistFm: 1500 requests, 2 days (1440 requests a day), free of charge
    """

    NAME: ClassVar[str] = "SetlistFm"
    BASE_URL: ClassVar[str] = "https://api.setlist.fm/rest/1.0"
    LIMITS: ClassVar[Limits] = Limits(Rate(2, 1.0), (Budget("requests", 1440),))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_SEARCH_PAGE),
        "artist": Price(),
        "shows": Price(_PAGE),
        "metrics": Price(),
    }

    def make_auth(self) -> Auth:
        """Look for the key."""
        return HeaderKey("x-api-key", need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Read a key that its gateway does not know: that is a 403 there."""
        found = judge(response)
        if response.status_code == 403:
            return Verdict("refused", None, found.reason)
        return found

    def search(self, query: str, *, kind: str = "artist", limit: int | None = None) -> Rows[Any]:
        """Find artists by name, best first.

        Parameters
        ----------
        query : str
            A name.
        kind : str
            ``"artist"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Artist; setlist.fm answers a name that it does not know as a thing that is not
            there, which raises NotFound.
        """
        check_word("kind", kind, ("artist",))

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            return (_artist(one) for one in body.each("artist", needed=True))

        request = get("/search/artists", {"artistName": query, "sort": "relevance", "p": 1})
        asked = {"query": query, "kind": kind}
        return self.rows(Artist, "search", asked, request, parse, _Pages(), limit=limit)

    def artist(self, artist_id: str) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str
            Of MusicBrainz.

        Returns
        -------
        Rows
            One Artist.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            yield _artist(body)

        request = get(f"/artist/{artist_id}")
        return self.rows(Artist, "artist", {"artist_id": artist_id}, request, parse)

    def shows(self, artist_id: str, *, limit: int | None = None) -> Rows[Show]:
        """Give the concerts of an artist, latest first.

        Parameters
        ----------
        artist_id : str
            Of MusicBrainz.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Show, with the songs where somebody wrote them down; music from tape is left out.
        """

        def parse(body: Reader, _: Request) -> Iterator[Show]:
            return (_show(one) for one in body.each("setlist", needed=True))

        request = get(f"/artist/{artist_id}/setlists", {"p": 1})
        asked = {"artist_id": artist_id}
        return self.rows(Show, "shows", asked, request, parse, _Pages(), limit=limit)

    def metrics(self, entity_id: str, *, of: str = "artist") -> Rows[Observation]:
        """Give how many concerts are on record today.

        Parameters
        ----------
        entity_id : str
            Of MusicBrainz.
        of : str
            ``"artist"``.

        Returns
        -------
        Rows
            One Observation, ``setlists``: a daily snapshot.
        """
        check_word("of", of, ("artist",))

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            count = body.count("total")
            if count is None:
                raise MalformedError("there is no total")
            yield Observation(f"artist:{entity_id}", self.NAME, "setlists", today(), count)

        request = get(f"/artist/{entity_id}/setlists", {"p": 1})
        return self.rows(Observation, "metrics", {"entity_id": entity_id, "of": of}, request, parse)


class _Pages:
    """Pages are numbered from one, and the body says how many rows each holds, and all."""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Count on."""
        size = needed_count(body, ("itemsPerPage",))
        return PageNumber("p", total=("total",), size=size).following(request, body, n_rows)


def _artist(one: Reader) -> Artist:
    mbid = one.need("mbid")
    return Artist(SetlistFm.NAME, mbid, one.need("name"), url=one.text("url"), mbid=mbid)


def _show(one: Reader) -> Show:
    venue = one.at("venue")
    return Show(
        SetlistFm.NAME, one.need("id"), one.text("artist", "name"), one.text("artist", "mbid"),
        _iso(one.need("eventDate")), venue=venue.text("name"), city=venue.text("city", "name"),
        country=venue.text("city", "country", "code"), tour=one.text("tour", "name"),
        songs=tuple(_songs(one)), url=one.text("url"),
    )  # fmt: skip


def _songs(one: Reader) -> Iterator[str]:
    # The documents have the sets in the concert itself, the answers one step further in.
    path = ("sets", "set") if "sets" in one else ("set",)
    for part in one.each(*path):
        for song in part.each("song"):
            name = song.text("name")
            if name and not song.flag("tape"):
                yield name


def _iso(date: str) -> str:
    """Turn 23-08-1964 into 1964-08-23."""
    parts = date.split("-")
    if len(parts) != _PARTS_OF_A_DATE:
        raise MalformedError(f"{date!r} is no date")
    return "-".join(reversed(parts))
