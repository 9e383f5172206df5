"""Apple without a key: search and look-up of its store, and the charts of Apple Music."""

import os
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._capabilities import lacking
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, day, today
from musictools.collect._rows import Artist, ChartEntry, Release, Track
from musictools.collect._secrets import variable
from musictools.collect._source import Source, check_word, need_one
from musictools.collect._verdict import Verdict, json_of, judge, retry_after_s

_MOST = 200
_CHART = 100
_CHARTS_URL = "https://rss.marketingtools.apple.com"
_FEEDS = "/api/v2/"
# A refusal is how the store says "too often"; its count is by the minute.
_WINDOW_S = 60.0


class Itunes(Source):
    """Apple's search and look-up, and its charts, without a key.

    About twenty requests a minute. Apple answers with at most two hundred results, and there are
    no further pages. The identifiers are those of Apple Music.

    Parameters
    ----------
    country : str
        ISO 3166 alpha-2: the store that is asked.
    charts_base_url : str, optional
        Another address than Apple's own for the charts, which stand on a host of their own;
        ``MUSICTOOLS_ITUNES_CHARTS_BASE_URL`` does the same. Where only ``base_url`` is given, it
        holds for the charts too.
    **kwargs
        As of every source: ``base_url``, ``store``, ``budget``, ``longest_wait_s``.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Itunes().plan(releases=4000, charts=200))
    Itunes: 22 requests, 65 s, free of charge
    """

    NAME: ClassVar[str] = "Itunes"
    BASE_URL: ClassVar[str] = "https://itunes.apple.com"
    LIMITS: ClassVar[Limits] = Limits(Rate(20, _WINDOW_S))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_MOST),
        "artist": Price(),
        "releases": Price(_MOST),
        "tracks": Price(_MOST),
        "track": Price(),
        "charts": Price(_CHART),
    }

    def __init__(
        self, *, country: str = "us", charts_base_url: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.country = country.lower()
        given = charts_base_url or os.environ.get(variable(self.NAME, "CHARTS_BASE_URL"))
        own = self.base_url == self.BASE_URL
        self.charts_base_url = (given or (_CHARTS_URL if own else self.base_url)).rstrip("/")

    def judge(self, response: Any) -> Verdict:
        """Read a refusal as what it is: too many requests in a minute."""
        verdict = judge(response)
        if response.status_code == 403:
            asked = retry_after_s(response.headers)
            wait = _WINDOW_S if asked is None else asked
            return Verdict("limited", wait, "403, as Apple answers too many requests")
        if response.status_code == 400:
            body = json_of(response)
            said = body.get("errorMessage") if isinstance(body, dict) else None
            return Verdict("error", None, str(said or verdict.reason)[:200])
        return verdict

    def search(self, query: str, *, kind: str = "track", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first; at most two hundred.

        Parameters
        ----------
        query : str
            Words.
        kind : str
            ``"track"``, ``"artist"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track, Artist or Release.
        """
        kinds: dict[str, tuple[type[Any], str]] = {
            "track": (Track, "song"),
            "artist": (Artist, "musicArtist"),
            "release": (Release, "album"),
        }
        check_word("kind", kind, kinds)
        row, entity = kinds[kind]
        size = max(min(limit or _MOST, _MOST), 1)
        params = {"term": query, "media": "music", "entity": entity, "limit": size}
        asked = {"query": query, "kind": kind}
        return self._ask(row, "search", asked, "/search", params, limit=limit)

    def artist(self, artist_id: str | int) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str or int
            Of Apple.

        Returns
        -------
        Rows
            One Artist, with a genre.
        """
        return self._ask(Artist, "artist", {"artist_id": artist_id}, "/lookup", {"id": artist_id})

    def releases(self, artist_id: str | int, *, limit: int | None = None) -> Rows[Release]:
        """Give the releases of an artist; at most two hundred.

        Parameters
        ----------
        artist_id : str or int
            Of Apple.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release.
        """
        params = {"id": artist_id, "entity": "album", "limit": _MOST}
        asked = {"artist_id": artist_id}
        return self._ask(Release, "releases", asked, "/lookup", params, limit=limit)

    def tracks(
        self, entity_id: str | int, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the songs of an artist or of a release; at most two hundred.

        Parameters
        ----------
        entity_id : str or int
            Of the artist or release.
        of : str
            ``"artist"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track, without ISRC.
        """
        check_word("of", of, ("artist", "release"))
        params = {"id": entity_id, "entity": "song", "limit": _MOST}
        asked = {"entity_id": entity_id, "of": of}
        return self._ask(Track, "tracks", asked, "/lookup", params, limit=limit)

    def track(self, track_id: str | int | None = None, *, isrc: str | None = None) -> Rows[Track]:
        """Give one song, by Apple's identifier.

        Parameters
        ----------
        track_id : str or int, optional
            Of Apple.
        isrc : str, optional
            Apple's look-up knows none: it raises `NotOffered`.

        Returns
        -------
        Rows
            One Track.
        """
        if isrc is not None:
            raise lacking(self.NAME, "track_by_isrc")
        need_one(track_id=track_id, isrc=isrc)
        return self._ask(Track, "track", {"track_id": track_id}, "/lookup", {"id": track_id})

    def charts(
        self, chart: str = "tracks", *, country: str | None = None, limit: int | None = None
    ) -> Rows[ChartEntry]:
        """Give today's hundred most played of Apple Music in a country.

        Parameters
        ----------
        chart : str
            ``"tracks"``, ``"releases"`` or ``"playlists"``.
        country : str, optional
            ISO 3166 alpha-2, by default the source's own.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of ChartEntry, of the day on which Apple made the chart.
        """
        names = {"tracks": "songs", "releases": "albums", "playlists": "playlists"}
        check_word("chart", chart, names)
        place = (country or self.country).lower()

        def parse(body: Reader, _: Request) -> Iterator[ChartEntry]:
            ds = _made_on(body)
            for rank, one in enumerate(body.each("feed", "results", needed=True), 1):
                yield ChartEntry(
                    self.NAME, f"most-played {chart}", place.upper(), ds, rank,
                    chart.removesuffix("s"), one.need("id"), title=one.text("name"),
                    artist=one.text("artistName"),
                )  # fmt: skip

        request = get(f"{_FEEDS}{place}/music/most-played/{_CHART}/{names[chart]}.json")
        asked = {"chart": chart, "country": place}
        return self.rows(ChartEntry, "charts", asked, request, parse, limit=limit)

    def _address(self, request: Request) -> tuple[str, dict[str, str]]:
        if request.path.startswith(_FEEDS):
            return self.charts_base_url + request.path, dict(request.params)
        return super()._address(request)

    def _ask(
        self, kind: type[Any], method: str, asked: dict[str, Any], path: str,
        params: dict[str, Any], *, limit: int | None = None,
    ) -> Rows[Any]:  # fmt: skip
        # A look-up answers with the entity itself, and then with what was asked about it.
        readers: dict[type[Any], tuple[str, Callable[[Reader], Any]]] = {
            Artist: ("artist", _artist),
            Release: ("collection", _release),
            Track: ("track", _track),
        }
        wrapper, read = readers[kind]

        def parse(body: Reader, _: Request) -> Iterator[Any]:
            for one in body.each("results", needed=True):
                if one.text("wrapperType") == wrapper and one.text("kind") in {None, "song"}:
                    yield read(one)

        request = get(path, {**params, "country": self.country})
        asked = {**asked, "country": self.country}
        return self.rows(kind, method, asked, request, parse, limit=limit)


def _made_on(body: Reader) -> str:
    """Give the day that the feed names, as HTTP writes dates."""
    text = body.text("feed", "updated")
    try:
        return parsedate_to_datetime(text).date().isoformat() if text else _seen_on()
    except ValueError:
        body.oddities.append(f"updated is {text!r:.40}, and should be a date")
        return _seen_on()


def _seen_on() -> str:
    return today().date().isoformat()


def _artist(one: Reader) -> Artist:
    genre = one.text("primaryGenreName")
    return Artist(
        Itunes.NAME, one.need("artistId"), one.need("artistName"), url=one.text("artistLinkUrl"),
        genres=(genre,) if genre else (),
    )  # fmt: skip


def _release(one: Reader) -> Release:
    title = one.need("collectionName")
    # Apple writes what it is into the title.
    kind = next((k for k in ("single", "ep") if title.lower().endswith(f"- {k}")), "album")
    return Release(
        Itunes.NAME, one.need("collectionId"), title, artist=one.text("artistName"),
        artist_id=one.text("artistId"),
        kind="compilation" if one.text("collectionType") == "Compilation" else kind,
        released_on=day(one.text("releaseDate")), n_tracks=one.count("trackCount"),
        url=one.text("collectionViewUrl"),
    )  # fmt: skip


def _track(one: Reader) -> Track:
    length, explicit = one.number("trackTimeMillis"), one.text("trackExplicitness")
    return Track(
        Itunes.NAME, one.need("trackId"), one.need("trackName"), artist=one.text("artistName"),
        artist_id=one.text("artistId"), release=one.text("collectionName"),
        release_id=one.text("collectionId"),
        duration_s=None if length is None else length / 1000.0,
        released_on=day(one.text("releaseDate")), disc=one.count("discNumber"),
        number=one.count("trackNumber"),
        explicit=None if explicit is None else explicit == "explicit", url=one.text("trackViewUrl"),
    )  # fmt: skip
