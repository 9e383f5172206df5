"""MusicBrainz: who is who, what came out when, and where everybody is found; open data."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, dig, get, needed_count
from musictools.collect._places import place_of
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader
from musictools.collect._rows import Artist, Release, Track
from musictools.collect._source import Source, check_word, need_one
from musictools.collect._verdict import Verdict, judge, retry_after_s, said

_PAGE = 100
_RECORDING = "artist-credits+isrcs"


@dataclass(frozen=True)
class Received:
    """Pages are counted in rows, and the platform says how many a page holds.

    MusicBrainz gives fewer releases than a page may hold where they have many tracks, and
    ListenBrainz cuts ``count`` down to its own maximum: both go on behind what came.

    Attributes
    ----------
    items, total : tuple of str
        Where in the body the rows stand, and how many there are.
    """

    items: tuple[str, ...]
    total: tuple[str, ...]

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        """Go on behind what came."""
        came = dig(body, *self.items)
        if not isinstance(came, list):
            raise MalformedError(f"{'.'.join(self.items)} is {came!r:.60}, and should be a list")
        start = int(request.param("offset") or 0) + len(came)
        if not came or start >= needed_count(body, self.total):
            return None
        return request.with_params(offset=start)


class MusicBrainz(Source):
    """MusicBrainz's web service, version 2.

    One request a second for each address. It wants to know whom to write to: set the variable
    ``MUSICTOOLS_CONTACT`` to an address of yours. Identifiers are MBIDs. Only core data are read,
    which are free of rights (CC0); genres and tags are not.

    Parameters
    ----------
    token, token_url, base_url, store, budget, longest_wait_s
        As of every source; no token is needed.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.MusicBrainz().plan(releases=450, artist=1))
    MusicBrainz: 6 requests, 5 s, free of charge
    """

    NAME: ClassVar[str] = "MusicBrainz"
    BASE_URL: ClassVar[str] = "https://musicbrainz.org/ws/2"
    LIMITS: ClassVar[Limits] = Limits(Rate(1, 1.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(),
        "links": Price(),
        "by_url": Price(),
        "releases": Price(_PAGE),
        "tracks": Price(_PAGE),
        "track": Price(),
    }

    def judge(self, response: Any) -> Verdict:
        """Take 503 as what it is here: too many requests."""
        if response.status_code == 503:
            return Verdict("limited", retry_after_s(response.headers), said(response))
        return judge(response)

    def search(self, query: str, *, kind: str = "artist", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first.

        Parameters
        ----------
        query : str
            Words, or a query of Lucene: ``artist:"daft punk" AND country:FR``. Signs that mean
            something to Lucene, such as the stroke of AC/DC, need `quoted`.
        kind : str
            ``"artist"``, ``"track"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Artist, Track or Release.
        """
        kinds: dict[str, tuple[type[Any], str, Callable[[Reader], Any]]] = {
            "artist": (Artist, "artist", _artist),
            "track": (Track, "recording", _track),
            "release": (Release, "release", _release),
        }
        check_word("kind", kind, kinds)
        row, name, read = kinds[kind]
        return self._browse(
            row, "search", {"query": query, "kind": kind}, name, read,
            {"query": query}, limit=limit,
        )  # fmt: skip

    def artist(self, artist_id: str) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str
            MBID.

        Returns
        -------
        Rows
            One Artist.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            yield _artist(body)

        request = get(f"/artist/{artist_id}", {"fmt": "json"})
        return self.rows(Artist, "artist", {"artist_id": artist_id}, request, parse)

    def links(self, artist_id: str) -> Rows[Artist]:
        """Give the artist's pages, identifiers and names on other platforms.

        Parameters
        ----------
        artist_id : str
            MBID.

        Returns
        -------
        Rows
            Of Artist, one for each page on a platform that is known here, with its ``platform``.
            A platform can come twice.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            name, mbid = body.need("name"), body.need("id")
            for one in body.each("relations", needed=True):
                link = one.text("url", "resource")
                if one.flag("ended") or link is None or (found := place_of(link)) is None:
                    continue
                platform, identifier, handle = found
                yield Artist(platform, identifier, name, url=link, handle=handle, mbid=mbid)

        request = get(f"/artist/{artist_id}", {"inc": "url-rels", "fmt": "json"})
        return self.rows(Artist, "links", {"artist_id": artist_id}, request, parse)

    def by_url(self, url: str) -> Rows[Artist]:
        """Find whose page on another platform this is.

        Parameters
        ----------
        url : str
            Of an artist, such as ``https://open.spotify.com/artist/...``, as MusicBrainz writes it.

        Returns
        -------
        Rows
            Of Artist; several where bands share a page. `NotFound` where MusicBrainz does not
            know the address.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            for one in body.each("relations", needed=True):
                if "artist" in one:
                    yield _artist(one.at("artist"))

        request = get("/url", {"resource": url, "inc": "artist-rels", "fmt": "json"})
        return self.rows(Artist, "by_url", {"url": url}, request, parse)

    def releases(self, artist_id: str, *, limit: int | None = None) -> Rows[Release]:
        """Give the releases of an artist, each edition of its own.

        Parameters
        ----------
        artist_id : str
            MBID.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, with barcode and label.
        """

        def read(one: Reader) -> Release:
            return _release(one, artist_id=artist_id)

        return self._browse(
            Release, "releases", {"artist_id": artist_id}, "release", read,
            {"artist": artist_id, "inc": "release-groups+labels+media+artist-credits"}, limit=limit,
        )  # fmt: skip

    def tracks(
        self, entity_id: str, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give all recordings of an artist, or of a release.

        Parameters
        ----------
        entity_id : str
            MBID of the artist or release.
        of : str
            ``"artist"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track; identifiers are those of recordings.
        """
        asked = {"entity_id": entity_id, "of": of}
        if of == "artist":
            params = {"artist": entity_id, "inc": _RECORDING}
            return self._browse(Track, "tracks", asked, "recording", _track, params, limit=limit)
        check_word("of", of, ("artist", "release"))

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            release = body.need("id"), body.need("title"), body.text("date")
            for medium in body.each("media", needed=True):
                for one in medium.each("tracks"):
                    place = medium.count("position"), one.count("position")
                    yield _track(one.at("recording"), release=release, place=place)

        request = get(f"/release/{entity_id}", {"inc": f"recordings+{_RECORDING}", "fmt": "json"})
        return self.rows(Track, "tracks", asked, request, parse, limit=limit)

    def track(self, track_id: str | None = None, *, isrc: str | None = None) -> Rows[Track]:
        """Give one recording, by its MBID; or all that have an ISRC.

        Parameters
        ----------
        track_id : str, optional
            MBID of a recording.
        isrc : str, optional
            Instead of it.

        Returns
        -------
        Rows
            Of Track. Labels give one ISRC to several recordings at times: look at all of them.
        """
        need_one(track_id=track_id, isrc=isrc)

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            if isrc is None:
                yield _track(body)
                return
            for one in body.each("recordings", needed=True):
                yield _track(one, isrc=isrc)

        path = f"/isrc/{isrc}" if isrc else f"/recording/{track_id}"
        asked = {"isrc": isrc} if isrc else {"track_id": track_id}
        request = get(path, {"inc": _RECORDING, "fmt": "json"})
        return self.rows(Track, "track", asked, request, parse)

    def _browse(
        self, kind: type[Any], method: str, asked: dict[str, Any], name: str,
        read: Callable[[Reader], Any], params: dict[str, Any], *, limit: int | None,
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            return (read(one) for one in body.each(f"{name}s", needed=True))

        request = get(
            f"/{name}", {**params, "limit": min(limit or _PAGE, _PAGE), "offset": 0, "fmt": "json"}
        )
        # Lists and searches name their total differently.
        total = "count" if method == "search" else f"{name}-count"
        paging = Received((f"{name}s",), (total,))
        return self.rows(kind, method, asked, request, parse, paging, limit=limit)


def quoted(words: str) -> str:
    """Make words a phrase of Lucene, in which no sign means anything."""
    escaped = re.sub(r'(["\\])', r"\\\1", words)
    return f'"{escaped}"'


def _artist(one: Reader) -> Artist:
    mbid = one.need("id")
    return Artist(
        MusicBrainz.NAME, mbid, one.need("name"), url=f"https://musicbrainz.org/artist/{mbid}",
        country=one.text("country"), mbid=mbid,
    )  # fmt: skip


def _credit(one: Reader) -> tuple[str | None, str | None]:
    """Names as credited, with the words between them, and the first artist."""
    credited = list(one.each("artist-credit"))
    names = "".join(
        (c.text("name") or c.text("artist", "name") or "") + (c.raw("joinphrase") or "")
        for c in credited
    )
    return names or None, credited[0].text("artist", "id") if credited else None


def _release(one: Reader, *, artist_id: str | None = None) -> Release:
    mbid = one.need("id")
    artist, first = _credit(one)
    group = one.at("release-group")
    kind = (group.text("primary-type") or "").lower() or None
    if "Compilation" in group.texts("secondary-types"):
        kind = "compilation"
    labels = [name for info in one.each("label-info") if (name := info.text("label", "name"))]
    counts = [medium.count("track-count") for medium in one.each("media")]
    known = [count for count in counts if count is not None]
    return Release(
        MusicBrainz.NAME, mbid, one.need("title"), artist=artist, artist_id=first or artist_id,
        kind=kind, released_on=one.text("date"), barcode=one.text("barcode"),
        label=labels[0] if labels else None,
        n_tracks=one.count("track-count") or (sum(known) if known else None),
        url=f"https://musicbrainz.org/release/{mbid}",
    )  # fmt: skip


def _track(
    one: Reader, *, isrc: str | None = None,
    release: tuple[str | None, str | None, str | None] = (None, None, None),
    place: tuple[int | None, int | None] = (None, None),
) -> Track:  # fmt: skip
    mbid, length = one.need("id"), one.number("length")
    artist, artist_id = _credit(one)
    codes = one.texts("isrcs")
    return Track(
        MusicBrainz.NAME, mbid, one.need("title"), artist=artist, artist_id=artist_id,
        release_id=release[0], release=release[1],
        isrc=isrc or (codes[0] if codes else None),
        duration_s=None if length is None else length / 1000,
        released_on=one.text("first-release-date") or release[2], disc=place[0], number=place[1],
        url=f"https://musicbrainz.org/recording/{mbid}",
    )  # fmt: skip
