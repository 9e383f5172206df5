"""Apple Music: catalogue and charts of each country's store."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from musictools.collect._auth import Auth, DeveloperToken, bearer
from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, today
from musictools.collect._rows import Artist, ChartEntry, PlaylistItem, Release, Track
from musictools.collect._secrets import find_secret, need_secret
from musictools.collect._source import Source, check_word, need_one
from musictools.collect.platforms._json_api import KeptLink

_SEARCH = 25
_CHART = 50
# Apple's own choice of a page where nobody asks for another.
_PAGE = 25
_NEXT = KeptLink((("next",),))
_FOUND = {"track": "songs", "artist": "artists", "release": "albums", "playlist": "playlists"}


class AppleMusic(Source):
    """The Apple Music API.

    It asks for a membership in Apple's developer programme, and tells no plays, popularity or
    followers; charts are what it has of success. Apple does not publish its limits; five requests
    a second is our own pace. Without keys there is `Itunes`.

    Parameters
    ----------
    team_id, key_id : str, optional
        Ten characters each, from Apple's developer pages; ``MUSICTOOLS_APPLEMUSIC_TEAM_ID`` and
        ``..._KEY_ID``, or keyring entries, do the same.
    private_key : str, optional
        Text of the ``.p8`` file; ``..._PRIVATE_KEY`` does the same. The developer token is signed
        with it, which needs the extra ``collect``; ``token=`` takes one that is ready-made.
    country : str
        ISO 3166 alpha-2: the store that is asked.
    **kwargs
        As of every source: ``token``, ``base_url``, ``store``, ``budget``, ``longest_wait_s``.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.AppleMusic().plan(charts=200))
    AppleMusic: 4 requests, 1 s, free of charge
    """

    NAME: ClassVar[str] = "AppleMusic"
    # Its links begin at the version: the paths here do too.
    BASE_URL: ClassVar[str] = "https://api.music.apple.com"
    LIMITS: ClassVar[Limits] = Limits(Rate(5, 1.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_SEARCH),
        "artist": Price(),
        "releases": Price(_PAGE),
        "tracks": Price(_PAGE),
        "track": Price(),
        "charts": Price(_CHART),
        "playlist": Price(_PAGE),
    }

    def __init__(
        self,
        *,
        team_id: str | None = None,
        key_id: str | None = None,
        private_key: str | None = None,
        country: str = "us",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._team_id, self._key_id, self._private_key = team_id, key_id, private_key
        self.country = country.lower()

    def make_auth(self) -> Auth:
        """Take the developer token, or sign one."""
        token = self._token
        if token is None and self._private_key is None:
            token = find_secret(self.NAME, "token", None)
        if token is not None:
            return bearer(token)
        return DeveloperToken(
            need_secret(self.NAME, "team_id", self._team_id),
            need_secret(self.NAME, "key_id", self._key_id),
            need_secret(self.NAME, "private_key", self._private_key),
        )

    def search(self, query: str, *, kind: str = "track", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first.

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
        kinds: dict[str, tuple[type[Any], Callable[[Reader], Any]]] = {
            "track": (Track, _track),
            "artist": (Artist, _artist),
            "release": (Release, _release),
        }
        check_word("kind", kind, kinds)
        row, read = kinds[kind]
        name = _FOUND[kind]

        def parse(body: Reader, _: Request) -> Iterator[Any]:
            if not isinstance(body.raw("results"), dict):
                raise MalformedError("results is no object")
            # What has no hits is not there.
            if name in body.at("results"):
                yield from map(read, body.each("results", name, "data", needed=True))

        size = max(min(limit or _SEARCH, _SEARCH), 1)
        request = get(self._path("search"), {"term": query, "types": name, "limit": size})
        asked = {"query": query, "kind": kind, "country": self.country}
        pages = KeptLink((("results", name, "next"),))
        return self.rows(row, "search", asked, request, parse, pages, limit=limit)

    def artist(self, artist_id: str | int) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str or int
            Of Apple Music, the same as of iTunes.

        Returns
        -------
        Rows
            One Artist, with genres.
        """
        path = f"artists/{artist_id}"
        return self._list(Artist, "artist", {"artist_id": artist_id}, path, _artist)

    def releases(self, artist_id: str | int, *, limit: int | None = None) -> Rows[Release]:
        """Give the releases of an artist.

        Parameters
        ----------
        artist_id : str or int
            Of Apple Music.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, with barcode and label.
        """

        def read(one: Reader) -> Release:
            return _release(one, artist_id=str(artist_id))

        path = f"artists/{artist_id}/albums"
        return self._list(Release, "releases", {"artist_id": artist_id}, path, read, limit=limit)

    def tracks(
        self, entity_id: str | int, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the top songs of an artist, or all songs of a release.

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
            Of Track, with ISRC.
        """
        paths = {
            "artist": f"artists/{entity_id}/view/top-songs",
            "release": f"albums/{entity_id}/tracks",
        }
        check_word("of", of, paths)
        release_id = str(entity_id) if of == "release" else None

        def read(one: Reader) -> Track | None:
            # A release may hold music videos.
            return _track(one, release_id=release_id) if one.need("type") == "songs" else None

        asked = {"entity_id": entity_id, "of": of}
        return self._list(Track, "tracks", asked, paths[of], read, limit=limit)

    def track(self, track_id: str | int | None = None, *, isrc: str | None = None) -> Rows[Track]:
        """Give one song, by Apple's identifier or by its ISRC.

        Parameters
        ----------
        track_id : str or int, optional
            Of Apple Music.
        isrc : str, optional
            Instead of it; Apple may hold one recording in several releases.

        Returns
        -------
        Rows
            The Track; by ISRC all that carry it.
        """
        need_one(track_id=track_id, isrc=isrc)
        if isrc is None:
            return self._list(Track, "track", {"track_id": track_id}, f"songs/{track_id}", _track)
        params = {"filter[isrc]": isrc}
        return self._list(Track, "track", {"isrc": isrc}, "songs", _track, params)

    def charts(
        self, chart: str = "tracks", *, country: str | None = None, limit: int | None = None
    ) -> Rows[ChartEntry]:
        """Give the chart of the most played.

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
            Of ChartEntry, of the day they were asked for.
        """
        kinds = {"tracks": "track", "releases": "release", "playlists": "playlist"}
        check_word("chart", chart, kinds)
        kind, name = kinds[chart], _FOUND[kinds[chart]]
        place = (country or self.country).lower()

        def parse(body: Reader, request: Request) -> Iterator[ChartEntry]:
            first = int(request.param("offset") or 0)
            for shown in body.each("results", name, needed=True):
                for rank, one in enumerate(shown.each("data", needed=True), first + 1):
                    about = one.at("attributes")
                    yield ChartEntry(
                        self.NAME, f"most-played {chart}", place.upper(),
                        today().date().isoformat(), rank, kind, one.need("id"),
                        title=about.text("name"),
                        artist=about.text("artistName") or about.text("curatorName"),
                    )  # fmt: skip

        size = max(min(limit or _CHART, _CHART), 1)
        request = get(
            f"/v1/catalog/{place}/charts", {"types": name, "chart": "most-played", "limit": size}
        )
        pages = KeptLink((("results", name, 0, "next"),))
        asked = {"chart": chart, "country": place}
        return self.rows(ChartEntry, "charts", asked, request, parse, pages, limit=limit)

    def playlist(self, playlist_id: str, *, limit: int | None = None) -> Rows[PlaylistItem]:
        """Give what a playlist of the catalogue holds.

        Parameters
        ----------
        playlist_id : str
            Such as ``"pl.f4d106fed2bd41149aaacabb233eb5eb"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of PlaylistItem, without music videos.
        """

        def parse(body: Reader, request: Request) -> Iterator[PlaylistItem]:
            first = int(request.param("offset") or 0)
            for i, one in enumerate(body.each("data", needed=True), first):
                about = one.at("attributes")
                if one.need("type") == "songs":
                    yield PlaylistItem(
                        self.NAME, playlist_id, i, one.need("id"), title=about.text("name"),
                        artist=about.text("artistName"), isrc=about.text("isrc"),
                    )  # fmt: skip

        request = get(self._path(f"playlists/{playlist_id}/tracks"))
        asked = {"playlist_id": playlist_id, "country": self.country}
        return self.rows(PlaylistItem, "playlist", asked, request, parse, _NEXT, limit=limit)

    def _path(self, path: str) -> str:
        return f"/v1/catalog/{self.country}/{path}"

    def _list(
        self, kind: type[Any], method: str, asked: dict[str, Any], path: str,
        read: Callable[[Reader], Any], params: dict[str, Any] | None = None, *,
        limit: int | None = None,
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            found = (read(one) for one in body.each("data", needed=True))
            return (row for row in found if row is not None)

        asked = {**asked, "country": self.country}
        request = get(self._path(path), params)
        return self.rows(kind, method, asked, request, parse, _NEXT, limit=limit)


def _first(one: Reader, name: str) -> str | None:
    return next((a.text("id") for a in one.at("relationships", name).each("data")), None)


def _artist(one: Reader) -> Artist:
    about = one.at("attributes")
    return Artist(
        AppleMusic.NAME, one.need("id"), about.need("name"), url=about.text("url"),
        genres=about.texts("genreNames"),
    )  # fmt: skip


def _release(one: Reader, *, artist_id: str | None = None) -> Release:
    about = one.at("attributes")
    kind = "compilation" if about.flag("isCompilation") else "album"
    return Release(
        AppleMusic.NAME, one.need("id"), about.need("name"), artist=about.text("artistName"),
        artist_id=_first(one, "artists") or artist_id,
        kind="single" if about.flag("isSingle") else kind, released_on=about.text("releaseDate"),
        barcode=about.text("upc"), label=about.text("recordLabel"),
        n_tracks=about.count("trackCount"), url=about.text("url"),
    )  # fmt: skip


def _track(one: Reader, *, release_id: str | None = None) -> Track:
    about = one.at("attributes")
    length, rating = about.number("durationInMillis"), about.text("contentRating")
    return Track(
        AppleMusic.NAME, one.need("id"), about.need("name"), artist=about.text("artistName"),
        artist_id=_first(one, "artists"), release=about.text("albumName"),
        release_id=_first(one, "albums") or release_id, isrc=about.text("isrc"),
        duration_s=None if length is None else length / 1000.0,
        released_on=about.text("releaseDate"), disc=about.count("discNumber"),
        number=about.count("trackNumber"),
        # Absent where Apple has not looked.
        explicit=None if rating is None else rating == "explicit", url=about.text("url"),
    )  # fmt: skip
