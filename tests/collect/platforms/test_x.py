"""X: what its documents say it answers, costs, and refuses."""

import datetime as dt
import itertools
import time

import pytest

import musictools as mt
from musictools.errors import (
    AuthError,
    BudgetExceeded,
    InputError,
    NotFound,
    NotOffered,
    RateLimited,
    ServiceError,
)
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.planted import assert_kept

TOKEN = "AAAA-planted-bearer-of-a-test"
STEP = {"day": dt.timedelta(1), "hour": dt.timedelta(hours=1)}
TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
ISO = "%Y-%m-%dT%H:%M:%S.000Z"


def problem(title, detail="no", status=400, **headers):
    return Said({"title": title, "detail": detail, "type": "about:blank"}, status, headers)


def span(asked, *, recent):
    """Read start_time and end_time as X does; an error where it would not."""
    present = dt.datetime.now(dt.UTC)
    start = dt.datetime.fromisoformat(asked.query["start_time"])
    end = present - dt.timedelta(seconds=10)
    if "end_time" in asked.query:
        given = dt.datetime.fromisoformat(asked.query["end_time"])
        if given > end:
            return problem("Invalid Request", "end_time must be ten seconds past")
        end = given
    if recent and start < present - dt.timedelta(7):
        return problem("Invalid Request", "start_time must be within the last seven days")
    return start, end


def counts(asked, *, recent):
    """Counts by granularity, from docs.x.com: latest page first, 31 days a page."""
    read = span(asked, recent=recent)
    if isinstance(read, Said):
        return read
    start, end = read
    step = STEP[asked.query.get("granularity", "hour")]
    token = asked.query.get("next_token")
    end = dt.datetime.fromisoformat(token) if token else end
    begin = max(start, end - dt.timedelta(31))
    data, at = [], begin
    while at < end:
        stop = min(at + step, end)
        data.append({"start": at.strftime(ISO), "end": stop.strftime(ISO), "tweet_count": at.day})
        at = stop
    meta = {"total_tweet_count": sum(row["tweet_count"] for row in data)}
    if begin > start:
        meta["next_token"] = begin.isoformat()
    return Said({"data": data, "meta": meta})


def posts(asked, n, *, largest):
    size = asked.number("max_results", 10)
    read = span(asked, recent=largest == 100)
    if isinstance(read, Said):
        return read
    if not 10 <= size <= largest:
        return problem("Invalid Request", f"max_results [{size}] is not between 10 and {largest}")
    start = int(asked.query.get("next_token", "t0")[1:])
    rows = [
        {
            "id": str(10**18 - i), "text": f"Post {i}", "author_id": "7",
            "created_at": "2026-11-25T01:02:03.000Z",
            "public_metrics": {"like_count": 3, "reply_count": 2, "retweet_count": 1,
                               "quote_count": 0, "impression_count": 99},
        }
        for i in range(start, min(start + size, n))
    ]  # fmt: skip
    meta = {"result_count": len(rows)}
    if start + size < n:
        meta["next_token"] = f"t{start + size}"
    return Said({"meta": meta, **({"data": rows} if rows else {})})


def users(asked):
    asked_for = asked.query["usernames"].split(",")
    if len(asked_for) > 100:
        return problem("Invalid Request", "the number of usernames is not between 1 and 100")
    told = {"followers_count": 10, "following_count": 2, "tweet_count": 3, "listed_count": 1}
    data = [
        {"id": f"id{name}", "name": name.title(), "username": name, "public_metrics": told}
        for name in asked_for if not name.startswith("gone")
    ]  # fmt: skip
    gone = [
        {"title": "Not Found Error", "detail": f"Could not find user: [{name}].", "value": name}
        for name in asked_for if name.startswith("gone")
    ]  # fmt: skip
    return Said({**({"data": data} if data else {}), **({"errors": gone} if gone else {})})


def x(n=0):
    """X's counts, searches and accounts."""
    known = {
        "/tweets/counts/recent": lambda asked: counts(asked, recent=True),
        "/tweets/counts/all": lambda asked: counts(asked, recent=False),
        "/tweets/search/recent": lambda asked: posts(asked, n, largest=100),
        "/tweets/search/all": lambda asked: posts(asked, n, largest=500),
        "/users/by": users,
    }

    def platform(asked):
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem("Unauthorized", "Unauthorized", 401)
        return known[asked.path](asked)

    return platform


@pytest.fixture
def client(serve):
    def make(platform, *, faults=(), **kwargs):
        server = serve(platform, faults=faults, share=0.3)
        return mt.collect.X(token=TOKEN, base_url=server.url, **kwargs), server

    return make


def test_every_post_once_whatever_goes_wrong(client):
    x_, server = client(x(1530), faults=PASSING)
    rows = list(x_.posts("ana"))
    assert [row.post_id for row in rows] == [str(10**18 - i) for i in range(1530)]
    assert server.spoilt
    assert {asked.path for asked in server.asked} == {"/tweets/search/recent"}
    one = rows[0]
    assert (one.likes, one.comments, one.shares, one.views) == (3, 2, 1, 99)
    assert one.posted_at == "2026-11-25T01:02:03+00:00"


def test_earlier_posts_are_in_the_archive(client):
    x_, server = client(x(1200), faults=PASSING)
    assert len(list(x_.posts("ana", start="2020-01-01", end="2020-12-31"))) == 1200
    assert {asked.path for asked in server.asked} == {"/tweets/search/all"}
    assert server.asked[0].query["end_time"] == "2021-01-01T00:00:00Z"


@pytest.mark.parametrize(("limit", "sizes"), [(3, [10]), (100, [100]), (130, [65, 65])])
def test_pages_bring_no_more_than_is_wanted(client, limit, sizes):
    x_, server = client(x(1000))
    assert len(list(x_.posts("ana", limit=limit))) == limit
    assert [asked.number("max_results", 0) for asked in server.asked] == sizes


def test_nothing_found(client):
    x_, _ = client(x())
    assert list(x_.posts("ana")) == []


def test_counts_of_whole_days(client):
    x_, server = client(x(), faults=PASSING)
    rows = list(x_.metrics("ana -is:retweet"))
    days = [TODAY - dt.timedelta(n) for n in range(6, 0, -1)]
    # Today has not ended.
    assert [row.observed_at for row in rows] == days
    assert [row.value for row in rows] == [day.day for day in days]
    assert {(row.entity_id, row.metric) for row in rows} == {
        ("query:ana -is:retweet", "posts_per_day")
    }
    assert {asked.path for asked in server.asked} == {"/tweets/counts/recent"}


@pytest.mark.parametrize("every", ["day", "hour"])
def test_counts_of_a_year(client, every):
    x_, server = client(x(), faults=PASSING)
    rows = list(x_.metrics("ana", start="2025-01-01", end="2025-12-31", every=every))
    first = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    n = 365 * (24 if every == "hour" else 1)
    assert sorted(row.observed_at for row in rows) == [first + i * STEP[every] for i in range(n)]
    assert {asked.path for asked in server.asked} == {"/tweets/counts/all"}


def test_accounts_a_hundred_a_request(client):
    x_, server = client(x(), faults=PASSING)
    names = [f"a{i}" for i in range(230)]
    assert [row.handle for row in x_.artist(names)] == names
    assert {len(asked.query["usernames"].split(",")) for asked in server.asked} == {100, 30}
    numbers = {row.metric: row.value for row in x_.metrics("@ana", of="artist")}
    assert numbers == {"followers": 10, "following": 2, "posts": 3, "listed": 1}


def test_accounts_that_are_not_there(client):
    x_, _ = client(x())
    assert [row.handle for row in x_.artist(["ana", "gone"])] == ["ana"]
    with pytest.raises(NotFound, match="Not Found Error"):
        x_.artist("gone").one()


def test_dollars_are_booked_before_they_are_spent(client):
    x_, server = client(x(1000), budget={"usd": 1.2})
    rows = x_.posts("ana")
    assert len(list(itertools.islice(rows, 200))) == 200
    with pytest.raises(BudgetExceeded, match="usd"):
        next(rows)
    # A count costs half a cent, and fits.
    assert len(list(x_.metrics("ana"))) == 6
    with pytest.raises(BudgetExceeded):
        list(x_.artist([f"a{i}" for i in range(20)]))
    assert len(server.asked) == 3


def test_the_plan_is_in_dollars():
    plan = mt.collect.X(budget={"usd": 5}).plan(posts=10_000, metrics=20, artist=100)
    assert plan.usd == pytest.approx(50 + 0.1 + 1)
    assert (plan.calls, plan.days) == (121, 11)
    assert "51.10 US dollars" in str(plan)


def test_a_window_begins_anew_when_x_says(client):
    reset = int(time.time()) + 800
    full = Said(
        {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429,
        {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0",
         "x-rate-limit-reset": str(reset)},
    )  # fmt: skip
    x_, server = client(lambda asked: full if "counts" in asked.path else x()(asked))
    with pytest.raises(RateLimited, match="Rate limit exceeded") as caught:
        list(x_.metrics("ana"))
    assert caught.value.retry_at.timestamp() == pytest.approx(reset, abs=1)
    assert len(server.asked) == 1
    # Each endpoint has a window of its own.
    assert x_.artist("ana").one().name == "Ana"


def test_a_window_that_begins_now_is_waited_for(client):
    healthy = x()
    full = iter([Said({}, 429, {"x-rate-limit-reset": str(int(time.time()))})])
    x_, server = client(lambda asked: next(full, None) or healthy(asked))
    assert x_.artist("ana").one().name == "Ana"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (problem("Unauthorized", "Unauthorized", 401), AuthError),
        (problem("Client Forbidden", "not enrolled", 403), AuthError),
        (problem("CreditsDepleted", "no credits", 402), ServiceError),
        (problem("Invalid Request", "bad query", 400), ServiceError),
        (Said({"errors": [{"title": "Authorization Error"}]}), ServiceError),
    ],
)
def test_errors(client, said, error):
    x_, server = client(lambda _: said)
    with pytest.raises(error):
        x_.artist("ana").one()
    assert len(server.asked) == 1


def test_what_it_never_had_is_said():
    x_ = mt.collect.X()
    for ask in (x_.search, x_.charts, x_.tracks):
        with pytest.raises(NotOffered):
            ask("ana")
    for wrong in (
        lambda: x_.artist("a,b"),
        lambda: x_.artist("é"),
        lambda: x_.metrics("ana", of="track"),
        lambda: x_.metrics("ana", every="minute"),
        lambda: x_.posts("ana", start="2026-02-30"),
    ):
        with pytest.raises(InputError):
            wrong()


def test_the_token_is_told_nowhere(client, caplog, tmp_path):
    healthy = x(150)

    def echo(asked):
        said = healthy(asked)
        return Said({**said.body, "seen": asked.headers["authorization"]}, said.status)

    x_, _ = client(echo)
    assert_kept(TOKEN, x_, lambda c: c.posts("ana"), caplog, tmp_path)
