"""Spotify: its catalogue, as far as apps in development mode still see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._capabilities import lacking
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, dig, get, needed_count
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader
from musictools.collect._rows import Artist, PlaylistItem, Release, Track
from musictools.collect._source import check_word, need_one
from musictools.collect._verdict import Verdict, judge
from musictools.collect.platforms._apps import AppSource

# Development mode since 9 March 2026: ten a page where it was fifty.
_FEW = 10
_PAGE = 50
# Behind it search answers 400, whatever its total says.
_LAST_OFFSET = 1000
# Spotify does not say when a quota is full again; an hour is not too soon to ask.
_QUOTA_PAUSE_S = 3600.0


@dataclass(frozen=True)
class _Pages:
    """A list of Spotify's: its ``next`` says whether there is more, the request stays ours."""

    size: int
    path: tuple[str, ...] = ()
    last: int | None = None

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        link = dig(body, *self.path, "next")
        if link is None:
            return None
        if not isinstance(link, str):
            raise MalformedError(f"next is {link!r:.60}, and should be a link")
        start = int(request.param("offset") or 0) + int(request.param("limit") or self.size)
        ended = start >= needed_count(body, (*self.path, "total"))
        if ended or (self.last is not None and start > self.last):
            return None
        return request.with_params(offset=start)


class Spotify(AppSource):
    """Spotify's Web API on the rules of development mode, which almost every app is in.

    One request for each entity, ten a page in searches and in the releases of an artist, and no
    followers, popularity, audio features, charts or batches any more: asking for those raises
    `RemovedByPlatform` with what to use instead. Apps in extended quota mode still get popularity
    and followers, and find them in the rows.

    Spotify does not publish its limits. Thirty requests in thirty seconds is our own pace; people
    report that a day ends after some hundreds of requests: ``budget={"requests": 800}`` spreads a
    collection over days. Its terms forbid analysis and machine learning: see `policy`.

    Parameters
    ----------
    client_id, client_secret : str, optional
        Of an app; ``MUSICTOOLS_SPOTIFY_CLIENT_ID`` and ``..._CLIENT_SECRET``, or keyring entries
        ``spotify.client_id`` and ``spotify.client_secret``, do the same.
    market : str, optional
        ISO 3166 alpha-2; only what can be played there is found, and tracks are relinked.
    **kwargs
        As of every source: ``token``, ``token_url``, ``base_url``, ``store``, ``budget``,
        ``longest_wait_s``.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Spotify(budget={"requests": 800}).plan(track=10_000))
    Spotify: 10000 requests, 13 days (800 requests a day), free of charge
    """

    NAME: ClassVar[str] = "Spotify"
    BASE_URL: ClassVar[str] = "https://api.spotify.com/v1"
    TOKEN_URL: ClassVar[str] = "https://accounts.spotify.com/api/token"  # noqa: S105 - an address
    LIMITS: ClassVar[Limits] = Limits(Rate(30, 30.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_FEW),
        "artist": Price(),
        "releases": Price(_FEW),
        "tracks": Price(_PAGE),
        "track": Price(),
        "playlist": Price(_PAGE),
    }

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        market: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(client_id=client_id, client_secret=client_secret, **kwargs)
        self.market = market

    def judge(self, response: Any) -> Verdict:
        """Tell a quota, which lasts, from a rate, which passes."""
        verdict = judge(response)
        if verdict.meaning == "limited" and verdict.reason == "QUOTA_EXCEEDED":
            longest = self.transport.longest_wait_s + 1.0
            wait = max(verdict.wait_s or _QUOTA_PAUSE_S, longest)
            return Verdict("limited", wait, verdict.reason)
        return verdict

    def search(self, query: str, *, kind: str = "track", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first; Spotify shows the first thousand.

        Parameters
        ----------
        query : str
            Words; Spotify's own filters work: ``artist:Ana year:2020-2026``, ``isrc:...``,
            ``upc:...``.
        kind : str
            ``"track"``, ``"artist"`` or ``"release"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track, Artist or Release.
        """
        kinds: dict[str, tuple[type[Any], str, Callable[..., Any]]] = {
            "track": (Track, "track", _track),
            "artist": (Artist, "artist", _artist),
            "release": (Release, "album", _release),
        }
        check_word("kind", kind, kinds)
        row, name, read = kinds[kind]
        asked = {"query": query, "kind": kind}
        request = get("/search", {"q": query, "type": name})
        pages = _Pages(_FEW, (name + "s",), _LAST_OFFSET)
        return self._list(row, "search", asked, request, read, pages, limit)

    def artist(self, artist_id: str) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str
            Of Spotify.

        Returns
        -------
        Rows
            One Artist; Spotify no longer tells followers and popularity to new apps.
        """
        return self._one(Artist, "artist", {"artist_id": artist_id}, f"/artists/{artist_id}")

    def releases(
        self, artist_id: str, *, groups: str = "album,single,compilation", limit: int | None = None
    ) -> Rows[Release]:
        """Give the releases of an artist.

        Parameters
        ----------
        artist_id : str
            Of Spotify.
        groups : str
            Of ``album``, ``single``, ``compilation`` and ``appears_on``, with commas.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, without barcode, which only single releases tell.
        """
        asked = {"artist_id": artist_id, "groups": groups}
        request = get(f"/artists/{artist_id}/albums", {"include_groups": groups})
        return self._list(Release, "releases", asked, request, _release, _Pages(_FEW), limit)

    def release(self, release_id: str) -> Rows[Release]:
        """Give one release.

        Parameters
        ----------
        release_id : str
            Of Spotify.

        Returns
        -------
        Rows
            One Release, with barcode.
        """
        return self._one(Release, "release", {"release_id": release_id}, f"/albums/{release_id}")

    def tracks(
        self, entity_id: str, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the tracks of a release; the top tracks of an artist are gone.

        Parameters
        ----------
        entity_id : str
            Of the release.
        of : str
            ``"release"``; ``"artist"`` raises `RemovedByPlatform`.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track, without ISRC, which only single tracks tell.
        """
        if of == "artist":
            raise lacking(self.NAME, "top_tracks")
        check_word("of", of, ("release",))

        def read(one: Reader) -> Track:
            # The list leaves out where it stands.
            return _track(one, release_id=entity_id)

        asked = {"entity_id": entity_id, "of": of}
        request = get(f"/albums/{entity_id}/tracks")
        return self._list(Track, "tracks", asked, request, read, _Pages(_PAGE), limit)

    def track(self, track_id: str | None = None, *, isrc: str | None = None) -> Rows[Track]:
        """Give one track, by Spotify's identifier or by its ISRC.

        Parameters
        ----------
        track_id : str, optional
            Of Spotify.
        isrc : str, optional
            Instead of it; Spotify may hold one recording under several identifiers.

        Returns
        -------
        Rows
            The Track, with ISRC; by ISRC all that carry it.
        """
        need_one(track_id=track_id, isrc=isrc)
        if isrc is None:
            return self._one(Track, "track", {"track_id": track_id}, f"/tracks/{track_id}")
        request = get("/search", {"q": f"isrc:{isrc}", "type": "track"})
        pages = _Pages(_FEW, ("tracks",), _LAST_OFFSET)
        return self._list(Track, "track", {"isrc": isrc}, request, _track, pages, None)

    def playlist(self, playlist_id: str, *, limit: int | None = None) -> Rows[PlaylistItem]:
        """Give what a playlist holds.

        In development mode Spotify shows the lists of the token's own user; its editorial lists
        are closed to all new apps.

        Parameters
        ----------
        playlist_id : str
            Of Spotify.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of PlaylistItem, without podcasts and what was taken away.
        """

        def parse(body: Reader, request: Request) -> Iterator[PlaylistItem]:
            first = int(request.param("offset") or 0)
            for i, one in enumerate(body.each("items", needed=True)):
                # The field was called `track` until February 2026.
                song = one.at("item") if "item" in one else one.at("track")
                if "uri" in song and song.text("type") != "episode":
                    yield PlaylistItem(
                        self.NAME, playlist_id, first + i, song.text("id") or song.need("uri"),
                        title=song.text("name"), artist=_names(song),
                        isrc=song.text("external_ids", "isrc"), added_at=one.text("added_at"),
                    )  # fmt: skip

        # Not by `_list`: a place counts even if nothing stands in it any more.
        asked = {"playlist_id": playlist_id, "market": self.market}
        request = get(
            f"/playlists/{playlist_id}/items", {"market": self.market, "limit": _PAGE, "offset": 0}
        )
        pages = _Pages(_PAGE)
        return self.rows(PlaylistItem, "playlist", asked, request, parse, pages, limit=limit)

    def spotipy(self, *, auth_manager: Any = None) -> Any:
        """Give a client of the package spotipy that asks through this source.

        Limits, budgets and keys are this source's; waits that are too long raise `RateLimited`
        at once, calls that Spotify took away raise `RemovedByPlatform`, and no file ``.cache``
        is written.

        Parameters
        ----------
        auth_manager : object, optional
            For what belongs to a person: ``spotipy.SpotifyOAuth(..., cache_handler=
            spotipy.MemoryCacheHandler())``. By default the app's own token is used.

        Returns
        -------
        spotipy.Spotify
            Of the extra ``spotify``.
        """
        from musictools.collect.platforms._spotipy import make_client

        return make_client(self, auth_manager)

    def _one(self, kind: type[Any], method: str, asked: dict[str, Any], path: str) -> Rows[Any]:
        readers: dict[Any, Any] = {Artist: _artist, Release: _release, Track: _track}
        read = readers[kind]

        def parse(body: Reader, _: Request) -> Iterator[Any]:
            yield read(body)

        market = None if kind is Artist else self.market
        request = get(path, {"market": market})
        return self.rows(kind, method, {**asked, "market": market}, request, parse)

    def _list(
        self, kind: type[Any], method: str, asked: dict[str, Any], request: Request,
        read: Callable[[Reader], Any], pages: _Pages, limit: int | None,
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            return (read(one) for one in body.each(*pages.path, "items", needed=True))

        size = max(min(limit or pages.size, pages.size), 1)
        asked = {**asked, "market": self.market}
        if self.market:
            request = request.with_params(market=self.market)
        request = request.with_params(limit=size, offset=0)
        return self.rows(kind, method, asked, request, parse, pages, limit=limit)


def _names(one: Reader) -> str | None:
    return ", ".join(name for a in one.each("artists") if (name := a.text("name"))) or None


def _first(one: Reader) -> str | None:
    return next((a.text("id") for a in one.each("artists")), None)


def _rank(one: Reader) -> float | None:
    value = one.number("popularity")
    return None if value is None else value / 100.0


def _artist(one: Reader) -> Artist:
    return Artist(
        Spotify.NAME, one.need("id"), one.need("name"), url=one.text("external_urls", "spotify"),
        genres=one.texts("genres"), followers=one.count("followers", "total"),
        popularity=_rank(one),
    )  # fmt: skip


def _release(one: Reader) -> Release:
    ids = one.at("external_ids")
    return Release(
        Spotify.NAME, one.need("id"), one.need("name"), artist=_names(one), artist_id=_first(one),
        kind=one.text("album_type"), released_on=one.text("release_date"),
        barcode=ids.text("upc") or ids.text("ean"), label=one.text("label"),
        n_tracks=one.count("total_tracks"), url=one.text("external_urls", "spotify"),
    )  # fmt: skip


def _track(one: Reader, *, release_id: str | None = None) -> Track:
    album, length = one.at("album"), one.number("duration_ms")
    return Track(
        Spotify.NAME, one.need("id"), one.need("name"), artist=_names(one), artist_id=_first(one),
        release=album.text("name"), release_id=album.text("id") or release_id,
        isrc=one.text("external_ids", "isrc"),
        duration_s=None if length is None else length / 1000.0,
        released_on=album.text("release_date"), disc=one.count("disc_number"),
        number=one.count("track_number"), explicit=one.flag("explicit"), popularity=_rank(one),
        url=one.text("external_urls", "spotify"),
    )  # fmt: skip
