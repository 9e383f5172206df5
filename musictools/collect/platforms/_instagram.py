"""Instagram: professional accounts of others by business discovery, and insights of one's own."""

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._days import When, day_span, day_windows, iso
from musictools.collect._limits import Limits
from musictools.collect._paging import Request, dig, get
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, moment, now, today
from musictools.collect._rows import Artist, Observation, Post
from musictools.collect._secrets import variable
from musictools.collect._source import check_word
from musictools.collect.platforms._asked import names
from musictools.collect.platforms._meta import After, Graph, insights
from musictools.errors import AuthError, InputError

_PAGE = 50
_DAYS = 30
_ABOUT = "id,username,name,followers_count,media_count"
_OWN_MEDIA = "id,caption,timestamp,like_count,comments_count,permalink"
_MEDIA = f"{_OWN_MEDIA},view_count"
# Meta gives these day by day; all others as a total of what is asked about.
_SERIES = frozenset({"reach", "follower_count"})
_NAME = re.compile(r"[A-Za-z0-9._]{1,30}")
_CURSOR = re.compile(r"[\w\-=+/.~%]+")


@dataclass(frozen=True)
class _Nested:
    """The cursor of a list inside an account goes into the field that asks for the list."""

    username: str
    size: int

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:
        media = dig(body, "business_discovery", "media")
        after = dig(media, "paging", "cursors", "after")
        if not after or n_rows == 0:
            return None
        if not isinstance(after, str) or not _CURSOR.fullmatch(after):
            raise MalformedError(f"media.paging.cursors.after is {after!r:.60}, not a cursor")
        return request.with_params(fields=_media_of(self.username, self.size, after))


class Instagram(Graph):
    """Instagram, by Meta's Graph API.

    All questions are asked through a professional account of one's own, which is linked to a
    Facebook page. Of others it sees professional accounts that are open to all ages. What
    `metrics` gives are ``followers`` and ``posts`` of any of them, and insights of one's own.
    There is no fixed number of requests: answers tell how many percent of the limit are used; from
    95 on requests slow down, and at 100 `RateLimited` is raised.

    Parameters
    ----------
    token : str, optional
        Access token; it travels in a header, never in an address.
    account_id : str, optional
        Identifier of one's own account, digits; ``MUSICTOOLS_INSTAGRAM_ACCOUNT_ID`` does the same.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Instagram().plan(metrics=40, posts=1000))
    Instagram: 60 requests, 0 s, free of charge
    """

    NAME: ClassVar[str] = "Instagram"
    LIMITS: ClassVar[Limits] = Limits()
    PRICES: ClassVar[dict[str, Price]] = {
        "artist": Price(), "posts": Price(_PAGE), "metrics": Price(),
    }  # fmt: skip

    def __init__(self, *, account_id: str | int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._account_id = account_id

    @property
    def account(self) -> str:
        """Identifier of one's own account."""
        place = variable(self.NAME, "ACCOUNT_ID")
        given = str(self._account_id or os.environ.get(place) or "")
        if not given.isdigit():
            raise AuthError(
                "ask Instagram",
                got=f"the account {given!r}" if given else "no account of one's own",
                expected=f"account_id=, or the variable {place}: its identifier, digits",
                hint="Facebook's /me/accounts?fields=instagram_business_account tells it",
            )
        return given

    def artist(self, artist_id: str | Iterable[str]) -> Rows[Artist]:
        """Give professional accounts, one a request.

        Parameters
        ----------
        artist_id : str or iterable of str
            Names of accounts, with or without the @ sign.

        Returns
        -------
        Rows
            Of Artist, with followers.
        """

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            one = body.at("business_discovery")
            handle = one.need("username")
            yield Artist(
                self.NAME, one.need("id"), one.text("name") or handle, handle=handle,
                url=f"https://www.instagram.com/{handle}/", followers=one.count("followers_count"),
            )  # fmt: skip

        asked, requests = self._discover(artist_id)
        return self.rows(Artist, "artist", {"artist_id": asked}, requests, parse)

    def posts(self, artist_id: str | None = None, *, limit: int | None = None) -> Rows[Post]:
        """Give the posts of an account, latest first.

        Parameters
        ----------
        artist_id : str, optional
            Name of a professional account; one's own by default.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Post; views only where Instagram shows them.
        """
        size = min(limit or _PAGE, _PAGE)
        if artist_id is None:
            params = {"fields": _OWN_MEDIA, "limit": size}

            def own(body: Reader, _: Request) -> Iterator[Post]:
                return (_post(one, self.account) for one in body.each("data", needed=True))

            asked = {"artist_id": self.account}
            request = get(f"/{self.account}/media", params)
            return self.rows(Post, "posts", asked, request, own, After(), limit=limit)
        name = _username(artist_id)

        def parse(body: Reader, _: Request) -> Iterator[Post]:
            account = body.at("business_discovery")
            author = account.need("id")
            # An account without a post has no list.
            some = "media" in account
            return (_post(one, author) for one in account.at("media").each("data", needed=some))

        request = get(f"/{self.account}", {"fields": _media_of(name, size)})
        asked = {"artist_id": name}
        paging = _Nested(name, size)
        return self.rows(Post, "posts", asked, request, parse, paging, limit=limit)

    def metrics(
        self, entity_id: str | Iterable[str] | None = None, *, of: str = "artist",
        metric: str | Iterable[str] = (), start: When = None, end: When = None,
    ) -> Rows[Observation]:  # fmt: skip
        """Give followers and posts of today; or, of one's own account, insights by day.

        Parameters
        ----------
        entity_id : str or iterable of str, optional
            Names of professional accounts; one's own where ``metric`` is given.
        of : str
            ``"artist"``: accounts.
        metric : str or iterable of str
            Insights of one's own account. ``"reach"`` and ``"follower_count"`` come thirty days a
            request; all others, such as ``"views"``, ``"accounts_engaged"`` or
            ``"total_interactions"``, one day a request.
        start, end : str or date, optional
            First and last day of the insights; the last 28 days by default.

        Returns
        -------
        Rows
            Of Observation.
        """
        check_word("of", of, ("artist",))
        if metric and entity_id is None:
            return self._insights(names(metric), start, end)
        if metric or entity_id is None:
            raise InputError(
                "ask Instagram for metrics",
                got="insights of another account" if metric else "neither an account nor a metric",
                expected="names of accounts, or insights of one's own",
                hint="metrics('bluebottle') or metrics(metric='reach')",
            )
        fields = {"followers": "followers_count", "posts": "media_count"}

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            one = body.at("business_discovery")
            name = f"artist:{one.need('username')}"
            for metric_name, field in fields.items():
                value = one.number(field)
                if value is not None:
                    yield Observation(name, self.NAME, metric_name, today(), value)

        asked, requests = self._discover(entity_id)
        return self.rows(Observation, "metrics", {"entity_id": asked, "of": of}, requests, parse)

    def _insights(self, metrics: tuple[str, ...], start: When, end: When) -> Rows[Observation]:
        for name in metrics:
            self.gone(name)
        yesterday = now().date() - dt.timedelta(1)
        first, last = day_span(start, end, last=yesterday, default=28)
        series = [name for name in metrics if name in _SERIES]
        totals = [name for name in metrics if name not in _SERIES]
        requests = []
        if series:
            requests += [
                self._span(since, until, metric=",".join(series))
                for since, until in day_windows(first, last, _DAYS)
            ]
        if totals:
            requests += [
                self._span(day, day, metric=",".join(totals), metric_type="total_value")
                for day, _ in day_windows(first, last, 1)
            ]
        entity = f"artist:{self.account}"

        def parse(body: Reader, request: Request) -> Iterator[Observation]:
            day = None
            if request.param("metric_type"):
                since = int(request.param("since"))
                day = dt.datetime.fromtimestamp(since, dt.UTC).date()
            return insights(self.NAME, entity, body, first, last, day)

        asked = {
            "entity_id": self.account, "of": "artist", "metric": list(metrics),
            "start": iso(first), "end": iso(last),
        }  # fmt: skip
        return self.rows(Observation, "metrics", asked, requests, parse)

    def _span(self, first: dt.date, last: dt.date, **params: str) -> Request:
        def seconds(day: dt.date) -> int:
            return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())

        until = seconds(last + dt.timedelta(1))
        times = {"period": "day", "since": seconds(first), "until": until}
        return get(f"/{self.account}/insights", {**params, **times})

    def _discover(self, given: str | Iterable[str]) -> tuple[list[str], list[Request]]:
        asked = [_username(name) for name in names(given)]
        # No two accounts in one request.
        return asked, [
            get(f"/{self.account}", {"fields": f"business_discovery.username({name}){{{_ABOUT}}}"})
            for name in asked
        ]


def _media_of(username: str, size: int, after: str = "") -> str:
    place = f".after({after})" if after else ""
    return f"business_discovery.username({username}){{id,media{place}.limit({size}){{{_MEDIA}}}}}"


def _username(given: str) -> str:
    """Read a name; what is none could ask for something else inside the field."""
    name = given.strip().removeprefix("@")
    if not _NAME.fullmatch(name):
        raise InputError(
            f"ask Instagram for {given!r}",
            got=repr(given),
            expected="the name of an account: letters, digits, dots and underscores",
            hint="artist('bluebottle')",
        )
    return name


def _post(one: Reader, author: str) -> Post:
    made = one.text("timestamp")
    return Post(
        Instagram.NAME, one.need("id"), author_id=author,
        posted_at=moment(made).isoformat() if made else None, text=one.text("caption"),
        likes=one.count("like_count"), comments=one.count("comments_count"),
        views=one.count("view_count"), url=one.text("permalink"),
    )  # fmt: skip
