"""Facebook Pages: followers, posts, and what a page's owner is told about it."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._days import When, as_day, day_span, day_windows, iso
from musictools.collect._limits import Limits
from musictools.collect._paging import Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, moment, now, today
from musictools.collect._rows import Artist, Observation, Post
from musictools.collect._source import check_word
from musictools.collect.platforms._asked import batches, names
from musictools.collect.platforms._meta import After, Graph, insights

_PAGE = 100
_IDS = 50
_DAYS = 89
_ABOUT = "id,name,username,link,followers_count,fan_count"
_POST = (
    "id,message,created_time,permalink_url,shares,"
    "reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"
)


class Facebook(Graph):
    """Facebook Pages, by Meta's Graph API.

    Pages of one's own with a page token; pages of others once Meta has granted the app "Page
    Public Content Access". There is no fixed number of requests: answers tell how many percent of
    the limit are used; from 95 on requests slow down, and at 100 `RateLimited` is raised.

    Parameters
    ----------
    token : str, optional
        Access token; it travels in a header, never in an address.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Facebook().plan(metrics=120, posts=1000))
    Facebook: 13 requests, 0 s, free of charge
    """

    NAME: ClassVar[str] = "Facebook"
    LIMITS: ClassVar[Limits] = Limits()
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "artist": Price(_IDS),
        "posts": Price(_PAGE),
        "metrics": Price(_IDS),
    }

    def search(self, query: str, *, kind: str = "artist", limit: int | None = None) -> Rows[Artist]:
        """Find pages by name.

        Parameters
        ----------
        query : str
            Words.
        kind : str
            ``"artist"``: pages.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Artist, without followers.
        """
        check_word("kind", kind, ("artist",))

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            return (_artist(one) for one in body.each("data", needed=True))

        params = {"q": query, "fields": "id,name,link", "limit": min(limit or _PAGE, _PAGE)}
        asked = {"query": query, "kind": kind}
        request = get("/pages/search", params)
        return self.rows(Artist, "search", asked, request, parse, After(), limit=limit)

    def artist(self, artist_id: str | int | Iterable[str | int]) -> Rows[Artist]:
        """Give pages, fifty a request.

        Parameters
        ----------
        artist_id : str or int, or iterable of them
            Identifiers of pages, or their names in addresses.

        Returns
        -------
        Rows
            Of Artist, with followers.
        """
        asked, requests = _pages(artist_id)

        def parse(body: Reader, request: Request) -> Iterator[Artist]:
            return (_artist(one) for one in _each(body, request))

        return self.rows(Artist, "artist", {"artist_id": asked}, requests, parse)

    def posts(
        self,
        artist_id: str | int,
        *,
        start: When = None,
        end: When = None,
        limit: int | None = None,
    ) -> Rows[Post]:
        """Give the posts of a page, latest first.

        Parameters
        ----------
        artist_id : str or int
            Of the page.
        start, end : str or date, optional
            First and last day.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Post; likes are reactions of all kinds.
        """
        first, last = as_day(start), as_day(end)
        params = {
            "fields": _POST, "limit": min(limit or _PAGE, _PAGE), "since": first,
            "until": last and last + dt.timedelta(1),
        }  # fmt: skip

        def parse(body: Reader, _: Request) -> Iterator[Post]:
            return (_post(one, str(artist_id)) for one in body.each("data", needed=True))

        asked = {"artist_id": artist_id, "start": iso(first), "end": iso(last)}
        request = get(f"/{artist_id}/posts", params)
        return self.rows(Post, "posts", asked, request, parse, After(), limit=limit)

    def metrics(
        self, entity_id: str | int | Iterable[str | int], *, of: str = "artist",
        metric: str | Iterable[str] = (), start: When = None, end: When = None,
    ) -> Rows[Observation]:  # fmt: skip
        """Give followers and likes of today; or, of one's own page, what Meta counted by day.

        Parameters
        ----------
        entity_id : str or int, or iterable of them
            Of pages; of one, where ``metric`` is given.
        of : str
            ``"artist"``: pages.
        metric : str or iterable of str
            Meta's names of insights, such as ``"page_media_view"`` or ``"page_follows"``. Where
            one that Meta does not know is among them, it gives none.
        start, end : str or date, optional
            First and last day of the insights; the last 28 days by default.

        Returns
        -------
        Rows
            Of Observation.
        """
        check_word("of", of, ("artist",))
        if metric:
            return self._insights(entity_id, names(metric), start, end)
        asked, requests = _pages(entity_id)
        fields = {"followers": "followers_count", "likes": "fan_count"}

        def parse(body: Reader, request: Request) -> Iterator[Observation]:
            for one in _each(body, request):
                name = f"artist:{one.need('id')}"
                for metric_name, field in fields.items():
                    value = one.number(field)
                    if value is not None:
                        yield Observation(name, self.NAME, metric_name, today(), value)

        arguments = {"entity_id": asked, "of": of}
        return self.rows(Observation, "metrics", arguments, requests, parse)

    def _insights(
        self, entity_id: Any, metrics: tuple[str, ...], start: When, end: When
    ) -> Rows[Observation]:
        for name in metrics:
            self.gone(name)
        (page,) = names(entity_id)
        yesterday = now().date() - dt.timedelta(1)
        first, last = day_span(start, end, last=yesterday, default=28)

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            return insights(self.NAME, f"artist:{page}", body, first, last, None)

        # At most 90 days at once. Its links to other spans lead on without end, and are left.
        requests = [
            get(f"/{page}/insights", {
                "metric": ",".join(metrics), "period": "day", "since": since,
                "until": until + dt.timedelta(1),
            })
            for since, until in day_windows(first, last, _DAYS)
        ]  # fmt: skip
        asked = {
            "entity_id": page, "of": "artist", "metric": list(metrics), "start": iso(first),
            "end": iso(last),
        }  # fmt: skip
        return self.rows(Observation, "metrics", asked, requests, parse)


def _pages(given: Any) -> tuple[list[str], list[Request]]:
    asked = names(given)
    return list(asked), [
        get("/", {"ids": ",".join(some), "fields": _ABOUT}) for some in batches(asked, _IDS)
    ]


def _each(body: Reader, request: Request) -> Iterator[Reader]:
    """Read an object for each that was asked for."""
    for name in request.param("ids").split(","):
        if name in body:
            yield body.at(name)


def _artist(one: Reader) -> Artist:
    return Artist(
        Facebook.NAME, one.need("id"), one.need("name"), url=one.text("link"),
        handle=one.text("username"), followers=one.count("followers_count"),
    )  # fmt: skip


def _post(one: Reader, author: str) -> Post:
    made = one.text("created_time")
    return Post(
        Facebook.NAME, one.need("id"), author_id=author,
        posted_at=moment(made).isoformat() if made else None, text=one.text("message"),
        likes=one.count("reactions", "summary", "total_count"),
        comments=one.count("comments", "summary", "total_count"),
        shares=one.count("shares", "count"), url=one.text("permalink_url"),
    )  # fmt: skip
