"""Last.fm: listeners and plays of artists, albums and tracks, with a free key."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote_plus, unquote_plus

from musictools.collect._auth import Auth, QueryKey
from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, dig, get, needed_count
from musictools.collect._places import MBID
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, today
from musictools.collect._rows import Artist, ChartEntry, Observation, Release, Track
from musictools.collect._secrets import need_secret
from musictools.collect._source import Source, check_word, unknown
from musictools.collect._verdict import Verdict, json_of, judge, retry_after_s
from musictools.collect.platforms._countries import COUNTRIES
from musictools.errors import InputError

# Larger pages come back with another number of rows than was asked for.
_PAGE = 500
_CODES = {
    4: "refused", 8: "again", 9: "refused", 10: "refused", 11: "again", 14: "refused",
    16: "again", 26: "refused", 29: "limited",
}  # fmt: skip


@dataclass(frozen=True)
class _Pages:
    """Pages are counted from one; an empty one is the last, whatever the total says.

    Attributes
    ----------
    total : tuple of str
        Where the body says how many rows there are.
    size : int
        Rows a page.
    """

    total: tuple[str, ...]
    size: int

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        """Count on."""
        page = int(request.param("page") or 1)
        # Searches stop at ten thousand and still tell the whole number.
        if n_rows == 0 or page * self.size >= needed_count(body, self.total):
            return None
        return request.with_params(page=page + 1)


class LastFm(Source):
    """Last.fm's API, version 2.0.

    It has no identifiers of its own: artists are named, and albums and tracks are written
    ``Artist/Album`` and ``Artist/_/Title`` as in its addresses, where a space is a plus sign.
    About five requests a second; non-commercial; at most 100 MB of its data may be kept.

    Parameters
    ----------
    token : str, optional
        API key, from last.fm/api/account/create; ``MUSICTOOLS_LASTFM_TOKEN`` does the same.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.LastFm().plan(metrics=100))
    LastFm: 100 requests, 20 s, free of charge
    """

    NAME: ClassVar[str] = "LastFm"
    BASE_URL: ClassVar[str] = "https://ws.audioscrobbler.com/2.0"
    LIMITS: ClassVar[Limits] = Limits(Rate(5, 1.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(),
        "releases": Price(_PAGE),
        "tracks": Price(_PAGE),
        "track": Price(),
        "charts": Price(_PAGE),
        "metrics": Price(),
    }

    def make_auth(self) -> Auth:
        """Put the key into the query: Last.fm knows no other place for it."""
        return QueryKey("api_key", need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Read its numbered errors, which come with status 200 too."""
        body = json_of(response) if b'"error"' in response.content[:2000] else None
        code = body.get("error") if isinstance(body, dict) else None
        if not isinstance(code, int) or not isinstance(body, dict):
            return judge(response)
        message = str(body.get("message") or f"error {code}")
        meaning: Any = _CODES.get(code, "error")
        # Six is a wrong parameter, and a name that it does not know.
        if code == 6 and re.search(r"not (be )?found|no such", message, re.IGNORECASE):
            meaning = "missing"
        return Verdict(meaning, retry_after_s(response.headers), message)

    def search(self, query: str, *, kind: str = "track", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first.

        Parameters
        ----------
        query : str
            Words.
        kind : str
            ``"track"``, ``"artist"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted; Last.fm stops at about ten thousand.

        Returns
        -------
        Rows
            Of Track, Artist or Release.
        """
        kinds: dict[str, tuple[type[Any], str, Callable[[Reader], Any]]] = {
            "track": (Track, "track", _track),
            "artist": (Artist, "artist", _artist),
            "release": (Release, "album", _release),
        }
        check_word("kind", kind, kinds)
        row, name, read = kinds[kind]
        return self._list(
            row, "search", {"query": query, "kind": kind},
            {"method": f"{name}.search", name: query}, ("results", f"{name}matches", name), read,
            limit=limit, total=("results", "opensearch:totalResults"),
        )  # fmt: skip

    def artist(self, artist_id: str) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str
            Name, or MBID of MusicBrainz.

        Returns
        -------
        Rows
            One Artist; `metrics` has the listeners.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            yield _artist(body.at("artist"))

        request = _ask("artist.getInfo", _who(artist_id))
        return self.rows(Artist, "artist", {"artist_id": artist_id}, request, parse)

    def releases(self, artist_id: str, *, limit: int | None = None) -> Rows[Release]:
        """Give the albums of an artist, most played first.

        Parameters
        ----------
        artist_id : str
            Name, or MBID of MusicBrainz.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, without dates.
        """
        return self._list(
            Release, "releases", {"artist_id": artist_id},
            {"method": "artist.getTopAlbums", **_who(artist_id)}, ("topalbums", "album"), _release,
            limit=limit,
        )  # fmt: skip

    def tracks(
        self, entity_id: str, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the top tracks of an artist, or all tracks of a release.

        Parameters
        ----------
        entity_id : str
            Of the artist (name or MBID) or release (``Artist/Album``).
        of : str
            ``"artist"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track.
        """
        asked = {"entity_id": entity_id, "of": of}
        if of == "artist":
            return self._list(
                Track, "tracks", asked, {"method": "artist.getTopTracks", **_who(entity_id)},
                ("toptracks", "track"), _track, limit=limit,
            )  # fmt: skip
        check_word("of", of, ("artist", "release"))

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            album = body.at("album")
            title = album.need("name")
            for one in _objects(album, "tracks", "track"):
                yield _track(one, release=(title, entity_id))

        request = _ask("album.getInfo", _what(entity_id, "album"))
        return self.rows(Track, "tracks", asked, request, parse, limit=limit)

    def track(self, track_id: str) -> Rows[Track]:
        """Give one track.

        Parameters
        ----------
        track_id : str
            ``Artist/_/Title``, or MBID of MusicBrainz.

        Returns
        -------
        Rows
            One Track.
        """

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            yield _track(body.at("track"), unit_s=1e-3)

        request = _ask("track.getInfo", _what(track_id, "track"))
        return self.rows(Track, "track", {"track_id": track_id}, request, parse)

    def charts(
        self, chart: str = "tracks", *, country: str = "", limit: int | None = None
    ) -> Rows[ChartEntry]:
        """Give what is played most, in the world or in a country.

        Parameters
        ----------
        chart : str
            ``"tracks"`` or ``"artists"``.
        country : str
            Code or English name of ISO 3166: ``"DE"``, ``"Germany"``; the world if empty.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of ChartEntry; ``value`` counts plays in the world, and listeners in a country.
        """
        boxes = {"tracks": "tracks", "artists": "topartists" if country else "artists"}
        check_word("chart", chart, boxes)
        if len(country) == 2 and country.upper() not in COUNTRIES:
            raise unknown("country", country, COUNTRIES)
        entity, ds = chart.removesuffix("s"), today().date().isoformat()
        read: Callable[[Reader], Artist | Track] = _track if entity == "track" else _artist
        name = f"{'geo' if country else 'chart'}.getTop{chart.capitalize()}"
        params = {"country": COUNTRIES.get(country.upper(), country)} if country else {}
        path, size = (boxes[chart], entity), min(limit or _PAGE, _PAGE)

        def parse(body: Reader, request: Request) -> Iterator[ChartEntry]:
            first = (int(request.param("page") or 1) - 1) * size
            for i, one in enumerate(_objects(body, *path)):
                row = read(one)
                value = one.number("listeners") if country else one.number("playcount")
                yield ChartEntry(
                    self.NAME, chart, country, ds, first + i + 1, entity,
                    row.track_id if isinstance(row, Track) else row.artist_id,
                    title=row.title if isinstance(row, Track) else row.name,
                    artist=row.artist if isinstance(row, Track) else row.name, value=value,
                )  # fmt: skip

        request = _ask(name, {**params, "limit": size, "page": 1})
        paging = _Pages((path[0], "@attr", "total"), size)
        asked = {"chart": chart, "country": country, "ds": ds}
        return self.rows(ChartEntry, "charts", asked, request, parse, paging, limit=limit)

    def metrics(self, entity_id: str, *, of: str = "artist") -> Rows[Observation]:
        """Give listeners and plays of all time.

        Parameters
        ----------
        entity_id : str
            Artist (name or MBID), ``Artist/Album`` or ``Artist/_/Title``.
        of : str
            ``"artist"``, ``"release"`` or ``"track"``.

        Returns
        -------
        Rows
            Of Observation, ``listeners`` and ``plays``: a daily snapshot.
        """
        names = {"artist": "artist", "release": "album", "track": "track"}
        check_word("of", of, names)
        name = names[of]
        params = _who(entity_id) if of == "artist" else _what(entity_id, name)

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            one = body.at(name)
            one.need("name")
            counts = one.at("stats") if of == "artist" else one
            for metric, field in (("listeners", "listeners"), ("plays", "playcount")):
                if (value := counts.number(field)) is not None:
                    yield Observation(f"{of}:{entity_id}", self.NAME, metric, today(), value)

        asked = {"entity_id": entity_id, "of": of}
        return self.rows(Observation, "metrics", asked, _ask(f"{name}.getInfo", params), parse)

    def _list(
        self, kind: type[Any], method: str, asked: dict[str, Any], query: dict[str, Any],
        path: tuple[str, ...], read: Callable[[Reader], Any], *,
        limit: int | None, total: tuple[str, ...] = (),
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            return (read(one) for one in _objects(body, *path))

        size = min(limit or _PAGE, _PAGE)
        paging = _Pages(total or (path[0], "@attr", "total"), size)
        request = get("/", {**query, "format": "json", "limit": size, "page": 1})
        return self.rows(kind, method, asked, request, parse, paging, limit=limit)


def _ask(name: str, params: dict[str, Any]) -> Request:
    return get("/", {"method": name, **params, "format": "json"})


def _who(artist: str) -> dict[str, str]:
    return {"mbid": artist} if MBID.fullmatch(artist) else {"artist": artist}


def _what(identifier: str, name: str) -> dict[str, str]:
    """Take ``Artist/Album`` or ``Artist/_/Title`` apart."""
    if MBID.fullmatch(identifier):
        return {"mbid": identifier}
    artist, _, rest = identifier.partition("/_/" if name == "track" else "/")
    if not artist or not rest:
        shape = "Artist/_/Title" if name == "track" else "Artist/Album"
        raise InputError(
            f"use {identifier!r}",
            got=repr(identifier),
            expected=f"{shape}, or an MBID",
            hint=f"mt.collect.LastFm(...).search('a name', kind={name!r})",
        )
    return {"artist": unquote_plus(artist), name: unquote_plus(rest)}


def _objects(body: Reader, *path: str) -> Iterator[Reader]:
    """Read a list; Last.fm sends an object where there is one thing in it."""
    *before, name = path
    holder = body.at(*before)
    if isinstance(holder.raw(name), dict):
        yield holder.at(name)
        return
    if name not in holder and dig(holder.raw("@attr"), "total") in {"0", 0}:
        return
    yield from holder.each(name, needed=True)


def _artist(one: Reader) -> Artist:
    name = one.need("name")
    return Artist(LastFm.NAME, name, name, url=one.text("url"), mbid=one.text("mbid"))


def _by(one: Reader) -> str:
    """Read the artist: searches send a name, the others an object."""
    artist = one.raw("artist")
    if isinstance(artist, dict):
        return one.need("artist", "name")
    if not isinstance(artist, str) or not artist:
        raise MalformedError(f"artist is {artist!r:.60}, and is needed")
    return artist


def _release(one: Reader) -> Release:
    artist, title = _by(one), one.need("name")
    return Release(
        LastFm.NAME, f"{quote_plus(artist)}/{quote_plus(title)}", title, artist=artist,
        artist_id=artist, url=one.text("url"),
    )  # fmt: skip


def _track(
    one: Reader, *, release: tuple[str | None, str | None] = (None, None), unit_s: float = 1.0
) -> Track:
    artist, title = _by(one), one.need("name")
    length = one.number("duration")
    album = one.at("album")
    named = album.text("title")
    if named:
        release = named, f"{quote_plus(album.text('artist') or artist)}/{quote_plus(named)}"
    return Track(
        LastFm.NAME, f"{quote_plus(artist)}/_/{quote_plus(title)}", title, artist=artist,
        artist_id=artist, release=release[0], release_id=release[1],
        # It writes 0 where it does not know.
        duration_s=length * unit_s if length else None,
        number=one.count("@attr", "rank") if release[1] and not named else None,
        url=one.text("url"),
    )  # fmt: skip
