"""TikTok's Research API: videos and accounts, for approved researchers of non-profit bodies."""

import datetime as dt
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._days import When, day_span, day_windows, iso
from musictools.collect._limits import Budget, Limits
from musictools.collect._paging import Request, dig, post
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, from_epoch, now, today
from musictools.collect._rows import Artist, Observation, Post
from musictools.collect._source import check_word
from musictools.collect._verdict import Verdict, json_of, judge, retry_after_s
from musictools.collect.platforms._apps import AppSource
from musictools.collect.platforms._asked import names

_PAGE = 100
_DAYS = 30
_DAY = Budget("requests", 1_000, "UTC")
_VIDEO = "id,username,create_time,video_description,like_count,comment_count,share_count,view_count"
_USER = "display_name,follower_count,following_count,likes_count,video_count"
# What a reader names, and what TikTok calls it.
_FIELDS = {
    "keyword": "keyword", "hashtag": "hashtag_name", "artist": "username", "music": "music_id",
}  # fmt: skip
_MEANINGS = {
    "access_token_invalid": "refused", "scope_not_authorized": "refused",
    "scope_permission_missed": "refused", "internal_error": "again",
    "rate_limit_exceeded": "limited", "daily_quota_limit_exceeded": "limited",
}  # fmt: skip


@dataclass(frozen=True)
class _More:
    """The next page wants the cursor and the search's own identifier, in the body."""

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        data = dig(body, "data")
        more = dig(data, "has_more")
        if not isinstance(more, bool):
            raise MalformedError(f"data.has_more is {more!r:.60}, and should be true or false")
        if not more:
            return None
        cursor, search = dig(data, "cursor"), dig(data, "search_id")
        if isinstance(cursor, bool) or not isinstance(cursor, int):
            raise MalformedError(f"data.cursor is {cursor!r:.60}, and should be a number")
        if search is not None and not isinstance(search, str):
            raise MalformedError(f"data.search_id is {search!r:.60}, and should be a text")
        page = replace(request, start=request.start + n_rows)
        return page.with_body(cursor=cursor, **({"search_id": search} if search else {}))


class TikTok(AppSource):
    """TikTok's Research API.

    A thousand requests a day, until midnight UTC, with at most a hundred videos each. TikTok
    grants access to research projects, and to nobody else.

    Parameters
    ----------
    client_id, client_secret : str, optional
        TikTok's client key and client secret; ``MUSICTOOLS_TIKTOK_CLIENT_ID`` and
        ``MUSICTOOLS_TIKTOK_CLIENT_SECRET`` do the same.
    token : str, optional
        A client access token, instead of both.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.TikTok().plan(posts=250_000))
    TikTok: 2500 requests, 3 days (1000 requests a day), free of charge
    """

    NAME: ClassVar[str] = "TikTok"
    BASE_URL: ClassVar[str] = "https://open.tiktokapis.com/v2"
    TOKEN_URL: ClassVar[str] = "https://open.tiktokapis.com/v2/oauth/token/"  # noqa: S105
    LIMITS: ClassVar[Limits] = Limits(None, (_DAY,))
    IN_BODY: ClassVar[bool] = True
    PRICES: ClassVar[dict[str, Price]] = {
        "artist": Price(), "posts": Price(_PAGE), "metrics": Price(_PAGE),
    }  # fmt: skip

    def judge(self, response: Any) -> Verdict:
        """Read the code in the body, which says ``ok`` where all is well."""
        error = dig(json_of(response), "error")
        code = dig(error, "code")
        if not isinstance(code, str) or code == "ok":
            return judge(response)
        meaning: Any = _MEANINGS.get(code)
        words = f"{code}: {dig(error, 'message') or ''}"[:200]
        if code == "daily_quota_limit_exceeded":
            present = time.time()
            return Verdict(meaning, _DAY.next_day(present).timestamp() - present, words)
        if meaning is None:
            told = judge(response)
            return replace(
                told, meaning="error" if told.meaning == "ok" else told.meaning, reason=words
            )
        return Verdict(meaning, retry_after_s(response.headers), words)

    def artist(self, artist_id: str | Iterable[str]) -> Rows[Artist]:
        """Give accounts, one a request.

        Parameters
        ----------
        artist_id : str or iterable of str
            Names of accounts, with or without the @ sign.

        Returns
        -------
        Rows
            Of Artist, with followers.
        """
        asked, requests = _accounts(artist_id)

        def parse(body: Reader, request: Request) -> Iterator[Artist]:
            name, one = _about(body, request)
            yield Artist(
                self.NAME, name, one.text("display_name") or name, handle=name,
                url=f"https://www.tiktok.com/@{name}", followers=one.count("follower_count"),
            )  # fmt: skip

        return self.rows(Artist, "artist", {"artist_id": asked}, requests, parse)

    def posts(
        self, query: str | Mapping[str, Any], *, of: str = "keyword", country: str | None = None,
        start: When = None, end: When = None, limit: int | None = None,
    ) -> Rows[Post]:  # fmt: skip
        """Find videos by the day they were made.

        Parameters
        ----------
        query : str or mapping
            What to find; or a query in TikTok's own form: ``{"and": [...], "not": [...]}``.
        of : str
            What ``query`` is: ``"keyword"``, ``"hashtag"`` (without #), ``"artist"`` (name of an
            account) or ``"music"`` (identifier of a sound).
        country : str, optional
            Where the account was registered, ISO 3166 alpha-2.
        start, end : str or date, optional
            First and last day, UTC; the last 30 days by default. Longer spans take a request more
            for each 30 days.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Post.
        """
        asked, requests = _videos(query, of, country, start, end)

        def parse(body: Reader, _: Request) -> Iterator[Post]:
            return (_post(one) for one in _each(body))

        return self.rows(Post, "posts", asked, requests, parse, _More(), limit=limit)

    def metrics(
        self, entity_id: str | Iterable[str] | Mapping[str, Any], *, of: str = "artist",
        country: str | None = None, start: When = None, end: When = None,
    ) -> Rows[Observation]:  # fmt: skip
        """Give what accounts count now, or what each video that a query finds counts now.

        Parameters
        ----------
        entity_id : str, iterable of str, or mapping
            Names of accounts; or a query, as in `posts`.
        of : str
            ``"artist"`` (followers, following, likes, posts of accounts, one a request); or
            ``"keyword"``, ``"hashtag"`` or ``"music"`` (views, likes, comments, shares of videos).
        country, start, end
            As in `posts`.

        Returns
        -------
        Rows
            Of Observation: a daily snapshot.
        """
        if of == "artist":
            return self._accounts_now(names(entity_id))
        asked, requests = _videos(entity_id, of, country, start, end)
        fields = {
            "views": "view_count", "likes": "like_count", "comments": "comment_count",
            "shares": "share_count",
        }  # fmt: skip

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            for one in _each(body):
                yield from _counts(f"video:{one.need('id')}", one, fields)

        return self.rows(Observation, "metrics", asked, requests, parse, _More())

    def _accounts_now(self, given: tuple[str, ...]) -> Rows[Observation]:
        asked, requests = _accounts(given)
        fields = {
            "followers": "follower_count", "following": "following_count",
            "likes": "likes_count", "posts": "video_count",
        }  # fmt: skip

        def parse(body: Reader, request: Request) -> Iterator[Observation]:
            name, one = _about(body, request)
            return _counts(f"artist:{name}", one, fields)

        arguments = {"entity_id": asked, "of": "artist"}
        return self.rows(Observation, "metrics", arguments, requests, parse)


def _accounts(given: str | Iterable[str]) -> tuple[list[str], list[Request]]:
    asked = [name.removeprefix("@") for name in names(given)]
    return asked, [
        post("/research/user/info/", {"username": name}, {"fields": _USER}) for name in asked
    ]


def _about(body: Reader, request: Request) -> tuple[str, Reader]:
    """Give the account's name, which the answer leaves out, and what stands in it."""
    one = body.at("data")
    one.need("follower_count")
    return str(json.loads(request.body or "{}")["username"]), one


def _videos(
    query: Any, of: str, country: str | None, start: When, end: When
) -> tuple[dict[str, Any], list[Request]]:
    check_word("of", of, _FIELDS)
    if isinstance(query, Mapping):
        what = {key: list(value) for key, value in query.items()}
    else:
        (text,) = names(query)
        what = {"and": [_is(_FIELDS[of], text.lstrip("@#") if of != "keyword" else text)]}
    if country:
        what["and"] = [*what.get("and", []), _is("region_code", country.upper())]
    yesterday = now().date() - dt.timedelta(1)
    first, last = day_span(start, end, last=yesterday, default=_DAYS)
    requests = [
        post("/research/video/query/", {
            "query": what, "start_date": f"{since:%Y%m%d}", "end_date": f"{until:%Y%m%d}",
            "max_count": _PAGE, "cursor": 0,
        }, {"fields": _VIDEO})
        for since, until in day_windows(first, last, _DAYS)
    ]  # fmt: skip
    return {"query": what, "start": iso(first), "end": iso(last)}, requests


def _each(body: Reader) -> Iterator[Reader]:
    # Where nothing is found, there need not be a list.
    return body.each("data", "videos", needed=body.flag("data", "has_more") is not False)


def _is(field: str, value: str) -> dict[str, Any]:
    return {"operation": "EQ", "field_name": field, "field_values": [value]}


def _counts(name: str, one: Reader, fields: Mapping[str, str]) -> Iterator[Observation]:
    for metric, field in fields.items():
        value = one.number(field)
        if value is not None:
            yield Observation(name, TikTok.NAME, metric, today(), value)


def _post(one: Reader) -> Post:
    video, author, made = one.need("id"), one.text("username"), one.number("create_time")
    return Post(
        TikTok.NAME, video, author_id=author,
        posted_at=None if made is None else from_epoch(made).isoformat(),
        text=one.text("video_description"), likes=one.count("like_count"),
        comments=one.count("comment_count"), shares=one.count("share_count"),
        views=one.count("view_count"),
        url=f"https://www.tiktok.com/@{author}/video/{video}" if author else None,
    )  # fmt: skip
