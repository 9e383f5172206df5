"""X (Twitter): counts of posts by hour and day, accounts, and posts at a price."""

import datetime as dt
import math
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from musictools.collect._auth import Auth, bearer
from musictools.collect._call import Rows
from musictools.collect._days import When, day_span, iso
from musictools.collect._limits import Budget, Limits, Rate
from musictools.collect._paging import Cursor, Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, moment, now, today
from musictools.collect._rows import Artist, Observation, Post
from musictools.collect._secrets import need_secret
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, json_of, judge, said
from musictools.collect.platforms._asked import batches, names
from musictools.errors import InputError

_USERS = 100
_SMALLEST = 10
_RECENT, _ARCHIVE = 100, 500
# Recent search goes back seven times 24 hours: the six days before today are whole in it.
_RECENT_DAYS = 6
_POST_USD, _USER_USD = 0.005, 0.010
_COUNT_USD, _ARCHIVE_COUNT_USD = 0.005, 0.010
_NEXT = Cursor(("meta", "next_token"), "next_token")
_STEPS = {"day": dt.timedelta(1), "hour": dt.timedelta(hours=1)}
_NAME = re.compile(r"\w{1,15}", re.ASCII)


class X(Source):
    """X API v2, paid by what it returns.

    US dollars of August 2026: a post read 0.005, an account 0.010, a question for counts 0.005,
    or 0.010 beyond the last seven days. Counts by `metrics` are thus far cheaper than `posts`.
    ``budget={"usd": 5}`` stops before a day costs more: a request is booked at the most that it
    can cost, and again if it has to be sent again, since nobody knows before what it returns.

    Parameters
    ----------
    token : str, optional
        Bearer token of the app.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.X(budget={"usd": 5}).plan(posts=10_000, metrics=20))
    X: 120 requests, 11 days (5 usd a day), 50.10 US dollars
    """

    NAME: ClassVar[str] = "X"
    BASE_URL: ClassVar[str] = "https://api.x.com/2"
    # Each endpoint has its own; this is the lowest of those asked here.
    # Posts cost half a cent each, and a question may have millions: more than this a day has to be
    # asked for, with budget=.
    LIMITS: ClassVar[Limits] = Limits(Rate(300, 900), (Budget("usd", 5.0),))
    PRICES: ClassVar[dict[str, Price]] = {
        "artist": Price(_USERS, per_row={"usd": _USER_USD}),
        "posts": Price(_RECENT, per_row={"usd": _POST_USD}),
        "metrics": Price(1, {"usd": _COUNT_USD}),
    }

    def make_auth(self) -> Auth:
        """Look for the bearer token."""
        return bearer(need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Read when a window begins anew, and errors that come as good answers."""
        status = response.status_code
        if status == 429:
            # X knows no Retry-After; and each endpoint has a window of its own.
            text = response.headers.get("x-rate-limit-reset", "")
            if text.isdecimal():
                wait = max(int(text) - time.time(), 0.0)
                return Verdict("limited", wait, said(response), whole=False)
        elif status == 403:
            return Verdict("refused", None, said(response))
        elif status == 200 and b'"errors"' in response.content:
            body = json_of(response)
            if isinstance(body, dict) and body.get("errors") and "data" not in body:
                first = Reader({"errors": body["errors"]}).each("errors")
                title = next((one.text("title") for one in first), None)
                return Verdict(
                    "missing" if title == "Not Found Error" else "error", None, title or ""
                )
        return judge(response)

    def artist(self, artist_id: str | Iterable[str]) -> Rows[Artist]:
        """Give accounts, a hundred a request, at 0.010 dollars each.

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

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            for one in _each(body):
                handle = one.need("username")
                yield Artist(
                    self.NAME, one.need("id"), one.text("name") or handle, handle=handle,
                    url=f"https://x.com/{handle}",
                    followers=one.count("public_metrics", "followers_count"),
                )  # fmt: skip

        return self.rows(Artist, "artist", {"artist_id": asked}, requests, parse)

    def posts(
        self, query: str, *, start: When = None, end: When = None, limit: int | None = None
    ) -> Rows[Post]:
        """Find posts, latest first, at 0.005 dollars each.

        Parameters
        ----------
        query : str
            Words and X's operators: ``"new song" -is:retweet lang:en``, ``from:name``.
        start, end : str or date, optional
            First and last day; the last seven by default. Earlier days are in the archive.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Post; comments are replies, shares are reposts.
        """
        kind, asked, params = _days(query, start, end)
        page = _ARCHIVE if kind == "all" else _RECENT
        size = page
        if limit:
            # Pages of one size, so that the last one does not bring what nobody wants, and pays.
            size = max(math.ceil(limit / math.ceil(limit / page)), _SMALLEST)
        params |= {"max_results": size, "tweet.fields": "author_id,created_at,public_metrics"}

        def parse(body: Reader, _: Request) -> Iterator[Post]:
            found = body.each("data", needed=body.count("meta", "result_count") != 0)
            return (_post(one) for one in found)

        request = get(f"/tweets/search/{kind}", params, cost=_cost(_POST_USD * size))
        return self.rows(Post, "posts", asked, request, parse, _NEXT, limit=limit)

    def metrics(
        self, entity_id: str | Iterable[str], *, of: str = "query", start: When = None,
        end: When = None, every: str = "day",
    ) -> Rows[Observation]:  # fmt: skip
        """Count posts by day or hour, without reading them; or give what accounts count today.

        Parameters
        ----------
        entity_id : str or iterable of str
            A query, as in `posts`; or names of accounts.
        of : str
            ``"query"`` (``posts_per_day`` or ``posts_per_hour``, 0.005 dollars a question, 0.010
            if it reaches beyond seven days), or ``"artist"`` (followers, following, posts, listed;
            0.010 dollars an account).
        start, end : str or date, optional
            First and last day of a query; the last seven by default.
        every : str
            ``"day"`` or ``"hour"``, UTC.

        Returns
        -------
        Rows
            Of Observation. A day or hour that has not ended is left out.
        """
        check_word("of", of, ("query", "artist"))
        if of == "artist":
            return self._accounts_now(entity_id)
        check_word("every", every, _STEPS)
        (query,) = names(entity_id)
        kind, asked, params = _days(query, start, end)
        entity, metric = f"query:{query}", f"posts_per_{every}"

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            for one in body.each("data", needed=True):
                begin, stop = moment(one.need("start")), moment(one.need("end"))
                count = one.number("tweet_count")
                if count is not None and stop - begin >= _STEPS[every]:
                    yield Observation(entity, self.NAME, metric, begin, count)

        usd = _ARCHIVE_COUNT_USD if kind == "all" else _COUNT_USD
        request = get(f"/tweets/counts/{kind}", {**params, "granularity": every}, cost=_cost(usd))
        asked |= {"of": of, "every": every}
        return self.rows(Observation, "metrics", asked, request, parse, _NEXT)

    def _accounts_now(self, given: str | Iterable[str]) -> Rows[Observation]:
        asked, requests = _accounts(given)
        fields = {
            "followers": "followers_count", "following": "following_count",
            "posts": "tweet_count", "listed": "listed_count",
        }  # fmt: skip

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            for one in _each(body):
                name, counts = f"artist:{one.need('id')}", one.at("public_metrics")
                for metric, field in fields.items():
                    value = counts.number(field)
                    if value is not None:
                        yield Observation(name, self.NAME, metric, today(), value)

        arguments = {"entity_id": asked, "of": "artist"}
        return self.rows(Observation, "metrics", arguments, requests, parse)


def _cost(usd: float) -> dict[str, float]:
    return {"requests": 1.0, "usd": usd}


def _days(query: str, start: When, end: When) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Say where the days are, what names the job, and what asks for them."""
    present = now().date()
    first, last = day_span(start, end, last=present, default=_RECENT_DAYS + 1)
    kind = "recent" if first >= present - dt.timedelta(_RECENT_DAYS) else "all"
    params = {"query": query, "start_time": f"{first}T00:00:00Z"}
    if last < present:
        # X wants an end that is past; without one it goes on until now.
        params["end_time"] = f"{last + dt.timedelta(1)}T00:00:00Z"
    return kind, {"query": query, "start": iso(first), "end": iso(last)}, params


def _accounts(given: str | Iterable[str]) -> tuple[list[str], list[Request]]:
    asked = tuple(name.removeprefix("@") for name in names(given))
    for name in asked:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"ask X for {name!r}",
                got=repr(name),
                expected="the name of an account: letters, digits and underscores, at most 15",
                hint="artist('XDevelopers')",
            )
    return list(asked), [
        get("/users/by", {"usernames": ",".join(some), "user.fields": "public_metrics"},
            cost=_cost(_USER_USD * len(some)))
        for some in batches(asked, _USERS)
    ]  # fmt: skip


def _each(body: Reader) -> Iterator[Reader]:
    # Accounts that are not there are told as errors beside those that are.
    return body.each("data", needed=True)


def _post(one: Reader) -> Post:
    counts, post = one.at("public_metrics"), one.need("id")
    made = one.text("created_at")
    return Post(
        X.NAME, post, author_id=one.text("author_id"),
        posted_at=moment(made).isoformat() if made else None, text=one.text("text"),
        likes=counts.count("like_count"), comments=counts.count("reply_count"),
        shares=counts.count("retweet_count"), views=counts.count("impression_count"),
        url=f"https://x.com/i/status/{post}",
    )  # fmt: skip
