"""YouTube Data API v3: channels, videos, playlists, and the music chart of a country."""

import html
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from musictools.collect._auth import Auth, HeaderKey
from musictools.collect._call import Rows
from musictools.collect._limits import Budget, Limits
from musictools.collect._paging import Cursor, Request, dig, get
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, day, today
from musictools.collect._rows import Artist, ChartEntry, Observation, PlaylistItem, Row, Track
from musictools.collect._secrets import need_secret
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, json_of, judge, said
from musictools.collect.platforms._asked import batches, names

_PAGE = 50
_MUSIC = "10"
_ZONE = "America/Los_Angeles"
_UNITS = Budget("units", 10_000, _ZONE)
_UNIT = {"requests": 1.0, "units": 1.0}
# search.list has a bucket of its own, and takes nothing from the other one.
_SEARCH = {"requests": 1.0, "searches": 1.0}
_NEXT = Cursor(("nextPageToken",), "pageToken")
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_HASTE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_LOCKED = frozenset({"accessNotConfigured", "keyExpired", "keyInvalid", "ipRefererBlocked"})
_LENGTH = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True)
class _Uploads:
    """From a channel to the playlist of what it uploaded, and through its pages."""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        if not request.path.endswith("/channels"):
            return _NEXT.following(request, body, n_rows)
        channels = dig(body, "items")
        path = ("contentDetails", "relatedPlaylists", "uploads")
        return _items_of(dig(channels[0], *path)) if channels else None


class YouTube(Source):
    """YouTube Data API v3.

    A key of Google's console gives 100 searches a day and 10,000 units for everything else, one a
    request, until midnight in California. What `metrics` gives are ``followers`` (rounded by
    YouTube), ``views`` and ``tracks`` of channels, and ``views``, ``likes`` and ``comments`` of
    videos, as they are now; they may be kept for 30 days.

    Parameters
    ----------
    token : str, optional
        The API key; it travels in a header, never in an address.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.YouTube().plan(metrics=20_000, search=10_000))
    YouTube: 600 requests, 2 days (100 searches a day), 400 units, 200 searches, free of charge
    """

    NAME: ClassVar[str] = "YouTube"
    BASE_URL: ClassVar[str] = "https://youtube.googleapis.com"
    LIMITS: ClassVar[Limits] = Limits(None, (_UNITS, Budget("searches", 100, _ZONE)))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE, {"searches": 1.0}),
        **dict.fromkeys(
            ("artist", "tracks", "track", "charts", "playlist", "metrics"),
            Price(_PAGE, {"units": 1.0}),
        ),
    }

    def make_auth(self) -> Auth:
        """Look for the API key."""
        return HeaderKey("X-Goog-Api-Key", need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Tell a quota that is used up, which lasts until midnight there, from haste."""
        if response.status_code not in {400, 403, 429}:
            return judge(response)
        body = Reader(json_of(response))
        reasons = {one.text("reason") for one in body.at("error").each("errors")}
        reasons |= {one.text("reason") for one in body.at("error").each("details")}
        words = said(response)
        if reasons & _SPENT:
            now = time.time()
            wait = _UNITS.next_day(now).timestamp() - now
            # Of two quotas one is used up; the other may have plenty left.
            return Verdict("limited", wait, f"quotaExceeded: {words}", whole=False)
        if reasons & _HASTE:
            return Verdict("limited", None, words)
        if reasons & _LOCKED or "API_KEY_INVALID" in reasons or "API key not valid" in words:
            return Verdict("refused", None, words)
        return judge(response)

    def search(self, query: str, *, kind: str = "track", limit: int | None = None) -> Rows[Any]:
        """Find by name, most relevant first. Each page of 50 takes one of 100 searches a day.

        Parameters
        ----------
        query : str
            Words; ``-word`` leaves out and ``a|b`` means one of both.
        kind : str
            ``"track"`` (videos of the category Music) or ``"artist"`` (channels).
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track or Artist.
        """
        kinds: dict[str, tuple[type[Any], str]] = {
            "track": (Track, "video"),
            "artist": (Artist, "channel"),
        }
        check_word("kind", kind, kinds)
        row, type_ = kinds[kind]

        def parse(body: Reader, _: Request) -> Iterator[Row]:
            for one in _each(body):
                # Only here are titles escaped as in HTML.
                title = html.unescape(one.need("snippet", "title"))
                if kind == "artist":
                    channel = one.need("id", "channelId")
                    yield Artist(self.NAME, channel, title, url=_channel_url(channel))
                else:
                    yield _video(one, one.need("id", "videoId"), title)

        size = min(limit or _PAGE, _PAGE)
        params = {"part": "snippet", "q": query, "type": type_, "maxResults": str(size)}
        if kind == "track":
            params["videoCategoryId"] = _MUSIC
        request = get("/youtube/v3/search", params, cost=_SEARCH)
        asked = {"query": query, "kind": kind}
        return self.rows(row, "search", asked, request, parse, _NEXT, limit=limit)

    def artist(self, artist_id: str | Iterable[str]) -> Rows[Artist]:
        """Give channels.

        Parameters
        ----------
        artist_id : str or iterable of str
            Of channels (``UC...``), fifty a request; or handles (``@name``), one a request.

        Returns
        -------
        Rows
            Of Artist, with followers unless the channel hides them.
        """
        asked, requests = _channels(artist_id, "snippet,statistics")

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            for one in _each(body):
                channel, about = one.need("id"), one.at("snippet")
                handle = about.text("customUrl")
                hidden = one.flag("statistics", "hiddenSubscriberCount")
                yield Artist(
                    self.NAME, channel, about.need("title"), url=_channel_url(channel),
                    country=about.text("country"), handle=handle and handle.removeprefix("@"),
                    followers=None if hidden else one.count("statistics", "subscriberCount"),
                )  # fmt: skip

        return self.rows(Artist, "artist", {"artist_id": asked}, requests, parse)

    def tracks(
        self, entity_id: str, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the videos that a channel uploaded, latest first.

        Parameters
        ----------
        entity_id : str
            Of the channel (``UC...``), or its handle (``@name``).
        of : str
            ``"artist"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Track, without length; `track` tells it, fifty a request.
        """
        check_word("of", of, ("artist",))
        _, requests = _channels(entity_id, "contentDetails")

        def parse(body: Reader, request: Request) -> Iterator[Track]:
            for one in _each(body):
                if request.path.endswith("/channels"):
                    # The first answer tells only where the uploads are.
                    one.need("contentDetails", "relatedPlaylists", "uploads")
                else:
                    yield _video(one, _item_id(one), one.need("snippet", "title"))

        asked = {"entity_id": entity_id, "of": of}
        return self.rows(Track, "tracks", asked, requests, parse, _Uploads(), limit=limit)

    def track(self, track_id: str | Iterable[str]) -> Rows[Track]:
        """Give videos, fifty a request. YouTube cannot be asked by ISRC.

        Parameters
        ----------
        track_id : str or iterable of str
            Of videos.

        Returns
        -------
        Rows
            Of Track, with length.
        """
        asked, requests = _videos(track_id, "snippet,contentDetails")

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            for one in _each(body):
                length = _seconds(one.text("contentDetails", "duration"))
                yield _video(one, one.need("id"), one.need("snippet", "title"), duration_s=length)

        return self.rows(Track, "track", {"track_id": asked}, requests, parse)

    def charts(
        self, chart: str = "tracks", *, country: str = "US", limit: int | None = None
    ) -> Rows[ChartEntry]:
        """Give the most popular music videos of a country, as of now.

        Parameters
        ----------
        chart : str
            ``"tracks"``.
        country : str
            ISO 3166 alpha-2.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of ChartEntry; the value is the count of all views so far, which is not what ranks.
        """
        check_word("chart", chart, ("tracks",))
        ds, where = today().date().isoformat(), country.upper()

        def parse(body: Reader, request: Request) -> Iterator[ChartEntry]:
            for i, one in enumerate(_each(body)):
                about = one.at("snippet")
                yield ChartEntry(
                    self.NAME, chart, where, ds, request.start + i + 1, "video", one.need("id"),
                    title=about.text("title"), artist=about.text("channelTitle"),
                    value=one.number("statistics", "viewCount"),
                )  # fmt: skip

        params = {
            "part": "snippet,statistics", "chart": "mostPopular", "videoCategoryId": _MUSIC,
            "regionCode": where, "maxResults": _PAGE,
        }  # fmt: skip
        request = get("/youtube/v3/videos", params, cost=_UNIT)
        asked = {"chart": chart, "country": where, "ds": ds}
        return self.rows(ChartEntry, "charts", asked, request, parse, _NEXT, limit=limit)

    def playlist(self, playlist_id: str, *, limit: int | None = None) -> Rows[PlaylistItem]:
        """Give what a playlist holds.

        Parameters
        ----------
        playlist_id : str
            Of YouTube.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of PlaylistItem; the artist is the channel that owns the video.
        """

        def parse(body: Reader, request: Request) -> Iterator[PlaylistItem]:
            for i, one in enumerate(_each(body)):
                about = one.at("snippet")
                place = about.count("position")
                yield PlaylistItem(
                    self.NAME, playlist_id, request.start + i if place is None else place,
                    _item_id(one), title=about.text("title"),
                    artist=about.text("videoOwnerChannelTitle"),
                    added_at=about.text("publishedAt"),
                )  # fmt: skip

        asked, first = {"playlist_id": playlist_id}, _items_of(playlist_id)
        return self.rows(PlaylistItem, "playlist", asked, first, parse, _NEXT, limit=limit)

    def metrics(self, entity_id: str | Iterable[str], *, of: str = "artist") -> Rows[Observation]:
        """Give what YouTube counts now, fifty channels or videos a request.

        Parameters
        ----------
        entity_id : str or iterable of str
            Of channels, or their handles; or of videos.
        of : str
            ``"artist"`` (followers, views, tracks) or ``"track"`` (views, likes, comments).

        Returns
        -------
        Rows
            Of Observation: a daily snapshot.
        """
        check_word("of", of, _COUNTS)
        ask = _channels if of == "artist" else _videos
        asked, requests = ask(entity_id, "statistics")

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            for one in _each(body):
                counts = one.at("statistics")
                name = f"{of}:{one.need('id')}"
                hidden = counts.flag("hiddenSubscriberCount")
                for metric, field in _COUNTS[of].items():
                    value = counts.number(field)
                    if value is not None and not (hidden and metric == "followers"):
                        yield Observation(name, self.NAME, metric, today(), value)

        arguments = {"entity_id": asked, "of": of}
        return self.rows(Observation, "metrics", arguments, requests, parse)


_COUNTS = {
    "artist": {"followers": "subscriberCount", "views": "viewCount", "tracks": "videoCount"},
    "track": {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"},
}


def _each(body: Reader) -> Iterator[Reader]:
    # YouTube leaves the list out where there is nothing.
    return body.each("items", needed=body.count("pageInfo", "totalResults") != 0)


def _channels(given: str | Iterable[str], part: str) -> tuple[list[str], list[Request]]:
    asked = names(given)
    handles = [name for name in asked if name.startswith("@")]
    plain = tuple(name for name in asked if not name.startswith("@"))
    # Handles cannot be asked for together.
    which = [{"id": ",".join(some)} for some in batches(plain, _PAGE)]
    which += [{"forHandle": name} for name in handles]
    return list(asked), [
        get("/youtube/v3/channels", {"part": part, **one, "maxResults": _PAGE}, cost=_UNIT)
        for one in which
    ]


def _videos(given: str | Iterable[str], part: str) -> tuple[list[str], list[Request]]:
    asked = names(given)
    # maxResults does not go together with id here.
    return list(asked), [
        get("/youtube/v3/videos", {"part": part, "id": ",".join(some)}, cost=_UNIT)
        for some in batches(asked, _PAGE)
    ]


def _items_of(playlist_id: str) -> Request:
    params = {"part": "snippet,contentDetails", "playlistId": playlist_id, "maxResults": _PAGE}
    return get("/youtube/v3/playlistItems", params, cost=_UNIT)


def _item_id(one: Reader) -> str:
    found = one.text("contentDetails", "videoId")
    return found or one.need("snippet", "resourceId", "videoId")


def _video(one: Reader, video_id: str, title: str, **more: Any) -> Track:
    about = one.at("snippet")
    # In a list, the snippet tells when the video was added to it.
    released = one.text("contentDetails", "videoPublishedAt") or about.text("publishedAt")
    return Track(
        YouTube.NAME, video_id, title, artist=about.text("channelTitle"),
        artist_id=about.text("channelId"), released_on=day(released),
        url=f"https://www.youtube.com/watch?v={video_id}", **more,
    )  # fmt: skip


def _channel_url(channel: str) -> str:
    return f"https://www.youtube.com/channel/{channel}"


def _seconds(text: str | None) -> float | None:
    """Read a length of ISO 8601, such as PT4M13S."""
    match = _LENGTH.fullmatch(text or "")
    if not match or not any(match.groups()):
        return None
    scale = (86_400, 3600, 60, 1)
    return float(sum(int(n or 0) * s for n, s in zip(match.groups(), scale, strict=True)))
