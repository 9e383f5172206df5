"""Tidal: catalogue, popularity, tempo and key, by its public API in the manner of JSON:API."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, today
from musictools.collect._rows import Artist, Observation, PlaylistItem, Release, Track
from musictools.collect._source import check_word, need_one
from musictools.collect.platforms._apps import AppSource
from musictools.collect.platforms._json_api import KeptLink, Resources, before
from musictools.collect.platforms._tidal_rows import (
    NAME,
    artist_of,
    names_of,
    release_of,
    title_of,
    track_of,
)

# Tidal chooses how much a page holds; twenty, as people report.
_PAGE = 20
_Read = Callable[[Resources, Reader, Reader], Any]


class Tidal(AppSource):
    """Tidal's public API, version 2.

    Popularity (0 to 1) of artists, releases and tracks, and tempo and key of tracks: what Spotify
    took away. Tidal does not publish its limits; four requests a second is our own pace.

    Parameters
    ----------
    client_id, client_secret : str, optional
        Of an app of developer.tidal.com; ``MUSICTOOLS_TIDAL_CLIENT_ID`` and
        ``..._CLIENT_SECRET``, or keyring entries, do the same.
    country : str
        ISO 3166 alpha-2: the catalogue that is asked.
    **kwargs
        As of every source: ``token``, ``token_url``, ``base_url``, ``store``, ``budget``,
        ``longest_wait_s``.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Tidal().plan(track=1000))
    Tidal: 1000 requests, 4 min, free of charge
    """

    NAME: ClassVar[str] = NAME
    BASE_URL: ClassVar[str] = "https://openapi.tidal.com/v2"
    TOKEN_URL: ClassVar[str] = "https://auth.tidal.com/v1/oauth2/token"  # noqa: S105 - an address
    LIMITS: ClassVar[Limits] = Limits(Rate(4, 1.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(),
        "similar": Price(_PAGE),
        "releases": Price(_PAGE),
        "tracks": Price(_PAGE),
        "track": Price(),
        "playlist": Price(_PAGE),
        "metrics": Price(),
    }

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        country: str = "US",
        **kwargs: Any,
    ) -> None:
        super().__init__(client_id=client_id, client_secret=client_secret, **kwargs)
        self.country = country.upper()

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
        kinds: dict[str, tuple[type[Any], str, str, _Read]] = {
            "track": (Track, "tracks", "tracks.artists,tracks.albums", track_of),
            "artist": (Artist, "artists", "artists", artist_of),
            "release": (Release, "albums", "albums.artists", release_of),
        }
        check_word("kind", kind, kinds)
        row, name, include, read = kinds[kind]

        def parse(body: Reader, request: Request) -> Iterator[Any]:
            # The first page is a search, whose results stand in a relation; the next ones are
            # pages of that relation.
            found = body.raw("data")
            if "filter[query]" not in dict(request.params):
                return Resources(body).rows(read)
            if not isinstance(found, list) or not found:
                raise MalformedError(f"data is {found!r:.60}, and should be one search")
            first = Reader(found[0], "data[0]", body.oddities)
            inside = Reader({"data": first.at("relationships", name).raw("data"),
                             "included": body.raw("included")}, "", body.oddities)  # fmt: skip
            return Resources(inside).rows(read)

        pages = KeptLink(
            (("data", 0, "relationships", name, "links", "next"), ("links", "next")),
            dropped=("filter[query]",),
        )
        request = self._get("/searchResults", {"filter[query]": query, "include": include})
        asked = {"query": query, "kind": kind, "country": self.country}
        return self.rows(row, "search", asked, request, parse, pages, limit=limit)

    def artist(self, artist_id: str | int) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str or int
            Of Tidal.

        Returns
        -------
        Rows
            One Artist, with popularity.
        """
        path = f"/artists/{artist_id}"
        return self._one(Artist, "artist", {"artist_id": artist_id}, path, None, artist_of)

    def similar(self, artist_id: str | int, *, limit: int | None = None) -> Rows[Artist]:
        """Give the artists that Tidal holds to be like one, most alike first.

        Parameters
        ----------
        artist_id : str or int
            Of Tidal.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Artist.
        """
        return self._list(
            Artist, "similar", {"artist_id": artist_id},
            f"/artists/{artist_id}/relationships/similarArtists", {"include": "similarArtists"},
            artist_of, limit,
        )  # fmt: skip

    def releases(self, artist_id: str | int, *, limit: int | None = None) -> Rows[Release]:
        """Give the releases of an artist.

        Parameters
        ----------
        artist_id : str or int
            Of Tidal.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, with barcode.
        """
        return self._list(
            Release, "releases", {"artist_id": artist_id},
            f"/artists/{artist_id}/relationships/albums", {"include": "albums.artists"},
            release_of, limit,
        )  # fmt: skip

    def tracks(
        self, entity_id: str | int, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the tracks of an artist, or all tracks of a release.

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
            Of Track, with ISRC, popularity, tempo and key; on an artist's list the same sound once.
        """
        lists = {
            "artist": (
                f"/artists/{entity_id}/relationships/tracks",
                {"collapseBy": "FINGERPRINT", "include": "tracks.artists,tracks.albums"},
            ),
            "release": (f"/albums/{entity_id}/relationships/items", {"include": "items.artists"}),
        }
        check_word("of", of, lists)
        path, params = lists[of]
        release_id = str(entity_id) if of == "release" else None

        def read(found: Resources, name: Reader, one: Reader) -> Track | None:
            # A release may hold videos.
            if one.need("type") != "tracks":
                return None
            return track_of(found, name, one, release_id=release_id)

        asked = {"entity_id": entity_id, "of": of}
        return self._list(Track, "tracks", asked, path, params, read, limit)

    def track(self, track_id: str | int | None = None, *, isrc: str | None = None) -> Rows[Track]:
        """Give one track, by Tidal's identifier or by its ISRC.

        Parameters
        ----------
        track_id : str or int, optional
            Of Tidal.
        isrc : str, optional
            Instead of it; Tidal may hold one recording in several releases.

        Returns
        -------
        Rows
            The Track, with popularity, tempo and key; by ISRC all that carry it.
        """
        need_one(track_id=track_id, isrc=isrc)
        include = {"include": "artists,albums"}
        if isrc is None:
            path = f"/tracks/{track_id}"
            return self._one(Track, "track", {"track_id": track_id}, path, include, track_of)

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            found = Resources(body)
            for one in body.each("data", needed=True):
                yield track_of(found, one, one)

        request = self._get("/tracks", {"filter[isrc]": isrc, **include})
        asked = {"isrc": isrc, "country": self.country}
        return self.rows(Track, "track", asked, request, parse, KeptLink())

    def playlist(self, playlist_id: str, *, limit: int | None = None) -> Rows[PlaylistItem]:
        """Give what a playlist holds.

        Parameters
        ----------
        playlist_id : str
            Of Tidal.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of PlaylistItem, without videos; a song that is not sold here has no title.
        """
        path = f"/playlists/{playlist_id}/relationships/items"

        def parse(body: Reader, request: Request) -> Iterator[PlaylistItem]:
            found = Resources(body)
            for i, name in enumerate(body.each("data", needed=True), before(request)):
                if name.need("type") != "tracks":
                    continue
                one = found.of(name) or Reader({})
                yield PlaylistItem(
                    self.NAME, str(playlist_id), i, name.need("id"), title=title_of(one),
                    artist=names_of(found, one), isrc=one.text("attributes", "isrc"),
                    added_at=name.text("meta", "addedAt"),
                )  # fmt: skip

        request = self._get(path, {"include": "items.artists"})
        asked = {"playlist_id": playlist_id, "country": self.country}
        pages = KeptLink(counted="data")
        return self.rows(PlaylistItem, "playlist", asked, request, parse, pages, limit=limit)

    def metrics(self, entity_id: str | int, *, of: str = "artist") -> Rows[Observation]:
        """Give what Tidal counts today.

        Parameters
        ----------
        entity_id : str or int
            Of Tidal.
        of : str
            ``"artist"``, ``"release"`` and ``"track"`` (popularity, 0 to 1), ``"playlist"``
            (followers).

        Returns
        -------
        Rows
            Of Observation: a daily snapshot.
        """
        paths = {
            "artist": "artists", "release": "albums", "track": "tracks", "playlist": "playlists",
        }  # fmt: skip
        check_word("of", of, paths)
        fields = {"popularity": "popularity", "followers": "numberOfFollowers"}

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            one = Resources(body).one()
            name = f"{of}:{one.need('id')}"
            for metric, field in fields.items():
                value = one.number("attributes", field)
                if value is not None:
                    yield Observation(name, self.NAME, metric, today(), value)

        asked = {"entity_id": entity_id, "of": of, "country": self.country}
        request = self._get(f"/{paths[of]}/{entity_id}")
        return self.rows(Observation, "metrics", asked, request, parse)

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Request:
        return get(path, {"countryCode": self.country, **(params or {})})

    def _headers(self, request: Request) -> dict[str, str]:
        # Other types are answered with 406.
        return {**super()._headers(request), "Accept": "application/vnd.api+json"}

    def _address(self, request: Request) -> tuple[str, dict[str, str]]:
        url, params = super()._address(request)
        return url.partition("#")[0], params

    def _one(
        self, kind: type[Any], method: str, asked: dict[str, Any], path: str,
        params: dict[str, Any] | None, read: _Read,
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            found = Resources(body)
            yield read(found, found.one(), found.one())

        asked = {**asked, "country": self.country}
        return self.rows(kind, method, asked, self._get(path, params), parse)

    def _list(
        self, kind: type[Any], method: str, asked: dict[str, Any], path: str,
        params: dict[str, Any], read: _Read, limit: int | None,
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            return Resources(body).rows(read)

        asked = {**asked, "country": self.country}
        request = self._get(path, params)
        return self.rows(kind, method, asked, request, parse, KeptLink(), limit=limit)
