"""Deezer: catalogue, charts and fans, without a key."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import NextLink, Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, today
from musictools.collect._rows import Artist, ChartEntry, Observation, PlaylistItem, Release, Track
from musictools.collect._source import Source, check_word, need_one
from musictools.collect._verdict import Verdict, json_of, judge

_PAGE = 100
# Deezer answers 200 whatever happened; the body tells.
_CODES = {4: "limited", 200: "refused", 300: "refused", 700: "again", 800: "missing"}
_WINDOW_S = 5.0


class Deezer(Source):
    """Deezer's public API.

    Fifty requests in five seconds for each address; free, for non-commercial use. What `metrics`
    gives are ``followers`` (fans) of artists, albums and playlists, and ``rank`` of tracks.

    Parameters
    ----------
    token, token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Deezer().plan(tracks=10_000))
    Deezer: 100 requests, 11 s, free of charge
    """

    NAME: ClassVar[str] = "Deezer"
    BASE_URL: ClassVar[str] = "https://api.deezer.com"
    LIMITS: ClassVar[Limits] = Limits(Rate(50, _WINDOW_S))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(),
        "releases": Price(_PAGE),
        "tracks": Price(_PAGE),
        "track": Price(),
        "charts": Price(_PAGE),
        "playlist": Price(_PAGE),
        "metrics": Price(),
    }

    def judge(self, response: Any) -> Verdict:
        """Read the errors that Deezer sends as good answers."""
        if response.status_code == 200 and response.content.lstrip()[:8] == b'{"error"':
            body = json_of(response)
            error = Reader(body).at("error")
            meaning: Any = _CODES.get(error.count("code") or 0, "error")
            wait = _WINDOW_S if meaning == "limited" else None
            return Verdict(meaning, wait, error.text("message") or "")
        return judge(response)

    def search(self, query: str, *, kind: str = "track", limit: int | None = None) -> Rows[Any]:
        """Find by name, best first.

        Parameters
        ----------
        query : str
            Words; Deezer's own operators work: ``artist:"daft punk" track:"one more time"``.
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
        size = min(limit or _PAGE, _PAGE)
        return self._list(
            row, "search", {"query": query, "kind": kind}, f"/search/{name}",
            read, {"q": query}, size=size, limit=limit,
        )  # fmt: skip

    def artist(self, artist_id: str | int) -> Rows[Artist]:
        """Give one artist.

        Parameters
        ----------
        artist_id : str or int
            Of Deezer.

        Returns
        -------
        Rows
            One Artist, with followers.
        """
        return self._one(
            Artist, "artist", {"artist_id": artist_id}, f"/artist/{artist_id}", _artist
        )

    def releases(self, artist_id: str | int, *, limit: int | None = None) -> Rows[Release]:
        """Give the releases of an artist.

        Parameters
        ----------
        artist_id : str or int
            Of Deezer.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Release, without barcode and label, which only single releases tell.
        """
        path = f"/artist/{artist_id}/albums"

        def read(one: Reader) -> Release:
            # The list leaves out whose it is.
            return _release(one, artist_id=str(artist_id))

        asked = {"artist_id": artist_id}
        return self._list(Release, "releases", asked, path, read, limit=limit)

    def tracks(
        self, entity_id: str | int, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the top tracks of an artist, or all tracks of a release.

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
            Of Track.
        """
        paths = {"artist": f"/artist/{entity_id}/top", "release": f"/album/{entity_id}/tracks"}
        check_word("of", of, paths)
        asked = {"entity_id": entity_id, "of": of}
        return self._list(Track, "tracks", asked, paths[of], _track, limit=limit)

    def track(self, track_id: str | int | None = None, *, isrc: str | None = None) -> Rows[Track]:
        """Give one track, by Deezer's identifier or by its ISRC.

        Parameters
        ----------
        track_id : str or int, optional
            Of Deezer.
        isrc : str, optional
            Instead of it.

        Returns
        -------
        Rows
            One Track, with ISRC, and BPM where Deezer has measured it.
        """
        need_one(track_id=track_id, isrc=isrc)
        name = f"isrc:{isrc}" if isrc else track_id
        return self._one(Track, "track", {"track_id": name}, f"/track/{name}", _track)

    def charts(
        self, chart: str = "tracks", *, genre_id: int = 0, limit: int | None = None
    ) -> Rows[ChartEntry]:
        """Give today's chart.

        Parameters
        ----------
        chart : str
            ``"tracks"``, ``"artists"``, ``"releases"`` or ``"playlists"``.
        genre_id : int
            Of Deezer; 0 is all.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of ChartEntry.
        """
        names = {
            "tracks": "tracks", "artists": "artists", "releases": "albums",
            "playlists": "playlists",
        }  # fmt: skip
        check_word("chart", chart, names)

        def parse(body: Reader, request: Request) -> Iterator[ChartEntry]:
            ds = today().date().isoformat()
            first = int(request.param("index") or 0)
            for i, one in enumerate(body.each("data", needed=True)):
                rank = one.count("position") or first + i + 1
                yield ChartEntry(
                    self.NAME, f"{chart} genre {genre_id}", "", ds, rank,
                    chart.removesuffix("s"), one.need("id"),
                    title=one.text("title") or one.text("name"), artist=one.text("artist", "name"),
                )  # fmt: skip

        path = f"/chart/{genre_id}/{names[chart]}"
        request = get(path, {"limit": min(limit or _PAGE, _PAGE), "index": 0})
        asked = {"chart": chart, "genre_id": genre_id}
        return self.rows(ChartEntry, "charts", asked, request, parse, NextLink(), limit=limit)

    def playlist(self, playlist_id: str | int, *, limit: int | None = None) -> Rows[PlaylistItem]:
        """Give what a playlist holds.

        Parameters
        ----------
        playlist_id : str or int
            Of Deezer.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of PlaylistItem.
        """

        def parse(body: Reader, request: Request) -> Iterator[PlaylistItem]:
            first = int(request.param("index") or 0)
            for i, one in enumerate(body.each("data", needed=True)):
                yield PlaylistItem(
                    self.NAME, str(playlist_id), first + i, one.need("id"), title=one.text("title"),
                    artist=one.text("artist", "name"), isrc=one.text("isrc"),
                )  # fmt: skip

        request = get(f"/playlist/{playlist_id}/tracks", {"limit": _PAGE, "index": 0})
        asked = {"playlist_id": playlist_id}
        return self.rows(PlaylistItem, "playlist", asked, request, parse, NextLink(), limit=limit)

    def metrics(self, entity_id: str | int, *, of: str = "artist") -> Rows[Observation]:
        """Give what Deezer counts today.

        Parameters
        ----------
        entity_id : str or int
            Of Deezer.
        of : str
            ``"artist"`` and ``"release"`` (followers), ``"playlist"`` (followers), ``"track"``
            (rank, up to a million).

        Returns
        -------
        Rows
            Of Observation: a daily snapshot.
        """
        paths = {"artist": "artist", "release": "album", "playlist": "playlist", "track": "track"}
        check_word("of", of, paths)
        fields = {"followers": ("nb_fan", "fans"), "releases": ("nb_album",), "rank": ("rank",)}

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            name = f"{of}:{body.need('id')}"
            for metric, names in fields.items():
                value = next((v for n in names if (v := body.number(n)) is not None), None)
                if value is not None:
                    yield Observation(name, self.NAME, metric, today(), value)

        request = get(f"/{paths[of]}/{entity_id}")
        return self.rows(Observation, "metrics", {"entity_id": entity_id, "of": of}, request, parse)

    def _one(
        self, kind: type[Any], method: str, asked: dict[str, Any], path: str,
        read: Callable[[Reader], Any],
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            yield read(body)

        return self.rows(kind, method, asked, get(path), parse)

    def _list(
        self, kind: type[Any], method: str, asked: dict[str, Any], path: str,
        read: Callable[[Reader], Any], params: dict[str, Any] | None = None, *,
        size: int = _PAGE, limit: int | None = None,
    ) -> Rows[Any]:  # fmt: skip
        def parse(body: Reader, _: Request) -> Iterator[Any]:
            return (read(one) for one in body.each("data", needed=True))

        request = get(path, {**(params or {}), "limit": size, "index": 0})
        return self.rows(kind, method, asked, request, parse, NextLink(), limit=limit)


def _artist(one: Reader) -> Artist:
    return Artist(
        Deezer.NAME, one.need("id"), one.need("name"), url=one.text("link"),
        followers=one.count("nb_fan"),
    )  # fmt: skip


def _release(one: Reader, *, artist_id: str | None = None) -> Release:
    kind = one.text("record_type")
    return Release(
        Deezer.NAME, one.need("id"), one.need("title"), artist=one.text("artist", "name"),
        artist_id=one.text("artist", "id") or artist_id,
        kind="compilation" if kind == "compile" else kind,
        released_on=one.text("release_date"), barcode=one.text("upc"), label=one.text("label"),
        n_tracks=one.count("nb_tracks"), url=one.text("link"),
    )  # fmt: skip


def _track(one: Reader) -> Track:
    bpm, rank = one.number("bpm"), one.number("rank")
    return Track(
        Deezer.NAME, one.need("id"), one.need("title"), artist=one.text("artist", "name"),
        artist_id=one.text("artist", "id"), release=one.text("album", "title"),
        release_id=one.text("album", "id"), isrc=one.text("isrc"),
        duration_s=one.number("duration"), released_on=one.text("release_date"),
        disc=one.count("disk_number"), number=one.count("track_position"),
        explicit=one.flag("explicit_lyrics"),
        # Deezer ranks up to a million, and writes 0 where it has measured no tempo.
        popularity=None if rank is None else min(rank / 1e6, 1.0), bpm=bpm or None,
        url=one.text("link"),
    )  # fmt: skip
