"""Facebook Pages: what real answers hold, and what Meta's documents say goes wrong."""

import datetime as dt
import re

import pytest

import musictools as mt
from musictools.errors import (
    AuthError,
    InputError,
    NotFound,
    NotOffered,
    RateLimited,
    RemovedByPlatform,
    ServiceError,
)
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.meta import TOKEN, allowed, failed, listed, usage
from tests.collect.platforms.planted import assert_kept

FILES = "meta/testdata/facebook/apidata"
METRICS = {"page_follows", "page_media_view", "page_actions_post_reactions_total"}
DAY = dt.timedelta(1)


def insights(asked):
    """Values by day, stamped with the end of the day in California; ninety days at most."""
    since = dt.date.fromisoformat(asked.query["since"])
    until = dt.date.fromisoformat(asked.query["until"])
    wanted = asked.query["metric"].split(",")
    if not set(wanted) <= METRICS:
        return failed(100, "(#100) The value must be a valid insights metric")
    if (until - since).days > 90:
        return failed(100, "(#100) There cannot be more than 90 days between since and until")
    data = []
    for name in wanted:
        days = [since + n * DAY for n in range((until - since).days + 1)]
        count = {"like": 3, "love": 1} if name.endswith("reactions_total") else None
        values = [
            {"value": count or day.toordinal(), "end_time": f"{day + DAY}T08:00:00+0000"}
            for day in days
        ]
        data.append({"name": name, "period": "day", "values": values, "id": f"1/{name}/day"})
    # These lead on without end.
    onward = f"https://graph.facebook.com/v25.0/1/insights?access_token={TOKEN}&since={until}"
    return Said({"data": data, "paging": {"next": onward}})


def facebook(n=0, *, cursors=True):
    """Pages: searching, several by ids, posts, insights."""
    posts = [
        {
            "id": f"1_{i}", "message": f"Post {i}", "created_time": "2026-11-25T01:02:03+0000",
            "permalink_url": f"https://www.facebook.com/1_{i}", "shares": {"count": 2},
            "reactions": {"data": [], "summary": {"total_count": 9}},
            "comments": {"data": [], "summary": {"total_count": 4}}, "new": 1,
        }
        for i in range(n)
    ]  # fmt: skip
    found = [{"id": str(i), "name": f"Page {i}", "link": f"https://fb.com/{i}"} for i in range(n)]

    def platform(asked):  # noqa: PLR0911
        if refused := allowed(asked):
            return refused
        if asked.path == "/":
            ids = asked.query["ids"].split(",")
            if len(ids) > 50:
                return failed(100, "(#100) too many ids")
            if "gone" in ids:
                return failed(803, "(#803) Some of the aliases you requested do not exist: gone")
            return Said({
                name: {"id": name, "name": f"Page {name}", "username": f"page{name}",
                       "followers_count": 1000, "fan_count": 900}
                for name in ids
            })  # fmt: skip
        if asked.path.endswith("/insights"):
            return insights(asked)
        if asked.path == "/pages/search":
            return listed(asked, found)
        return listed(asked, posts, cursors=cursors)

    return platform


@pytest.fixture
def client(serve):
    def make(platform, *, faults=(), **kwargs):
        server = serve(platform, faults=faults, share=0.3)
        return mt.collect.Facebook(token=TOKEN, base_url=server.url, **kwargs), server

    return make


@pytest.mark.parametrize("cursors", [True, False])
def test_every_post_once_whatever_goes_wrong(client, cursors):
    page, server = client(facebook(1530, cursors=cursors), faults=PASSING)
    rows = list(page.posts("1"))
    assert [row.post_id for row in rows] == [f"1_{i}" for i in range(1530)]
    assert server.spoilt
    assert all("access_token" not in asked.query for asked in server.asked)
    one = rows[0]
    assert (one.likes, one.comments, one.shares, one.author_id) == (9, 4, 2, "1")
    assert one.posted_at == "2026-11-25T01:02:03+00:00"


def test_pages_are_found_to_the_end(client):
    page, _ = client(facebook(260), faults=PASSING)
    assert [row.artist_id for row in page.search("page")] == [str(i) for i in range(260)]


def test_fifty_pages_a_request(client):
    page, server = client(facebook(), faults=PASSING)
    ids = [str(i) for i in range(120)]
    assert [row.artist_id for row in page.artist(ids)] == ids
    assert page.artist("7").one().followers == 1000
    assert {(row.metric, row.value) for row in page.metrics(ids)} == {
        ("followers", 1000), ("likes", 900),
    }  # fmt: skip
    assert max(len(asked.query["ids"].split(",")) for asked in server.asked) == 50


def test_insights_are_cut_into_spans_and_lose_no_day(client):
    page, server = client(facebook(), faults=PASSING)
    rows = list(page.metrics("1", metric="page_follows", start="2026-01-01", end="2026-11-20"))
    days = [row.observed_at.date() for row in rows]
    assert days == [dt.date(2026, 1, 1) + n * DAY for n in range(324)]
    assert all(row.value == row.observed_at.toordinal() for row in rows)
    assert {(row.entity_id, row.metric) for row in rows} == {("artist:1", "page_follows")}
    assert len({asked.query["since"] for asked in server.asked}) == 4


def test_insights_in_parts(client):
    page, _ = client(facebook())
    rows = page.metrics(
        "1", metric=["page_actions_post_reactions_total", "page_media_view"],
        start="2026-11-01", end="2026-11-01",
    )  # fmt: skip
    assert {row.metric: row.value for row in rows if "." in row.metric} == {
        "page_actions_post_reactions_total.like": 3,
        "page_actions_post_reactions_total.love": 1,
    }


@pytest.mark.parametrize(
    ("metric", "day", "other"),
    [
        ("page_impressions", dt.date(2025, 11, 15), "page_media_view"),
        ("page_fans", dt.date(2025, 11, 15), "page_follows"),
        ("page_impressions_unique", dt.date(2025, 6, 15), "page_total_media_view_unique"),
    ],
)
def test_what_meta_took_away_is_told_before_a_request(client, metric, day, other):
    page, server = client(facebook())
    for ask in (lambda: page.metrics("1", metric=metric), getattr(page, metric)):
        with pytest.raises(RemovedByPlatform, match=other) as caught:
            ask()
        assert caught.value.removed_on == day
        assert caught.value.alternatives == ("Facebook.metrics",)
    assert not server.asked


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
def test_limits_have_numbers(client, code):
    page, server = client(lambda _: failed(code, "request limit reached", status=403))
    with pytest.raises(RateLimited, match="request limit reached") as caught:
        page.artist("1").one()
    left = caught.value.retry_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(minutes=59) < left <= dt.timedelta(hours=1)
    assert len(server.asked) == 1


def test_meta_says_for_how_long(client):
    said = failed(80001, "too many calls", headers=usage(100, minutes=19, business=True))
    page, _ = client(lambda _: said)
    with pytest.raises(RateLimited) as caught:
        page.artist("1").one()
    left = caught.value.retry_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(minutes=18) < left <= dt.timedelta(minutes=19)


@pytest.mark.parametrize("business", [False, True])
@pytest.mark.parametrize(("percent", "asked"), [(94, 2), (95, 1), (100, 1)])
def test_a_limit_that_is_nearly_used_up(client, percent, asked, business):
    healthy = facebook()

    def platform(one):
        return Said(healthy(one).body, 200, usage(percent, business=business))

    page, server = client(platform, longest_wait_s=1)
    # The answer that tells is a good one.
    assert page.artist("1").one().name == "Page 1"
    if asked == 1:
        with pytest.raises(RateLimited, match=f"{percent} % of Meta's limit used"):
            page.artist("2").one()
    else:
        page.artist("2").one()
    assert len(server.asked) == asked


def test_a_usage_header_that_is_broken_does_no_harm(client):
    healthy = facebook()
    for text in ("", "[1]", "{", '{"1": [3]}', '{"call_count": "x"}'):
        page, _ = client(lambda one, t=text: Said(healthy(one).body, 200, {"X-App-Usage": t}))
        assert page.artist("1").one().name == "Page 1"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (failed(190, "Error validating access token: Session has expired"), AuthError),
        (failed(10, "(#10) This endpoint requires a permission", status=403), AuthError),
        (failed(200, "(#200) Requires permission", status=403), AuthError),
        (failed(100, "Unsupported get request", subcode=33), NotFound),
        (failed(803, "(#803) Cannot query users by their username"), NotFound),
        (failed(100, "(#100) Tried accessing nonexisting field"), ServiceError),
    ],
)
def test_other_numbers(client, said, error):
    page, server = client(lambda _: said)
    with pytest.raises(error, match=re.escape(said.body["error"]["message"])):
        page.artist("1").one()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "said", [failed(1, status=500), failed(2, status=500), failed(99, is_transient=True)]
)
def test_what_passes(client, said):
    healthy, once = facebook(), iter([said])
    page, server = client(lambda asked: next(once, None) or healthy(asked))
    assert page.artist("1").one().name == "Page 1"
    assert len(server.asked) == 2


def test_what_it_never_had_is_said():
    page = mt.collect.Facebook()
    with pytest.raises(NotOffered):
        page.tracks("1")
    for wrong in (
        lambda: page.search("a", kind="track"),
        lambda: page.metrics("1", of="track"),
        lambda: page.metrics("1", metric="page_follows", start="soon"),
        lambda: page.metrics("1", metric="page_follows", start="2026-02-01", end="2026-01-01"),
    ):
        with pytest.raises(InputError):
            wrong()


@pytest.mark.parametrize("cursors", [True, False])
def test_the_token_is_told_nowhere(client, caplog, tmp_path, cursors):
    page, _ = client(facebook(150, cursors=cursors))
    assert_kept(TOKEN, page, lambda c: c.posts("1"), caplog, tmp_path)


# --- what real answers hold ---------------------------------------------------------------------


def test_recorded_pages(client, recorded):
    page, _ = client(lambda _: Said(recorded(f"{FILES}/pages/multi_pages.json")))
    ids = ["19292868552", "20531316728"]
    names = [(row.name, row.handle) for row in page.artist(ids)]
    assert names == [
        ("Facebook for Developers", "FacebookforDevelopers"), ("Facebook App", "facebookapp"),
    ]  # fmt: skip
    numbers = {row.entity_id: row.value for row in page.metrics(ids)}
    assert numbers["artist:20531316728"] == 210_103_936


def test_recorded_search(client, recorded):
    body = recorded(f"{FILES}/pages/search_pages.json")
    pages = {None: body, "after": {"data": [], "paging": {}}}
    page, server = client(lambda asked: Said(pages[asked.query.get("after")]))
    rows = list(page.search("facebook"))
    assert [row.name for row in rows][:2] == ["Facebook", "Facebook App"]
    assert (len(rows), len(server.asked)) == (5, 2)


def test_recorded_posts(client, recorded):
    first = recorded(f"{FILES}/posts/feed_fields_p1.json")
    # The second page was recorded with the rows of the first.
    second = recorded(f"{FILES}/posts/feed_fields_p2.json")
    page, server = client(lambda asked: Said(second if "__paging_token" in asked.query else first))
    rows = list(page.posts("4"))
    assert len(rows) == 5
    assert rows[0].post_id == "4_10113477241177441"
    assert rows[0].posted_at == "2021-07-04T19:50:58+00:00"
    assert server.asked[1].query["until"] == "1624385168"
    assert "access_token" not in server.asked[1].query
