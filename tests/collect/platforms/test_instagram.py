"""Instagram: what real answers hold, and what Meta's documents say goes wrong."""

import copy
import datetime as dt

import pytest

import musictools as mt
from musictools.errors import (
    AuthError,
    InputError,
    NotFound,
    NotOffered,
    RateLimited,
    RemovedByPlatform,
)
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.meta import (
    FIELD,
    TOKEN,
    allowed,
    cursor,
    failed,
    listed,
    place,
    usage,
)
from tests.collect.platforms.planted import assert_kept

OWN = "17841405309211844"
FILES = "meta/testdata/instagram/apidata"
SERIES, TOTALS = {"reach", "follower_count"}, {"views", "accounts_engaged", "total_interactions"}
DAY = dt.timedelta(1)


def post(i, *, own=False):
    row = {
        "id": f"m{i}", "caption": f"Post {i}", "timestamp": "2026-11-25T01:02:03+0000",
        "like_count": 5, "comments_count": 1, "permalink": f"https://instagram.com/p/{i}",
    }  # fmt: skip
    return row if own else {**row, "view_count": 77}


def insights(asked):
    """By day, stamped with the end of a day in California; or the total of a span."""
    since, until = asked.number("since", 0), asked.number("until", 0)
    wanted = set(asked.query["metric"].split(","))
    total = asked.query.get("metric_type") == "total_value"
    if asked.query.get("period") != "day" or not wanted <= (TOTALS if total else SERIES):
        return failed(100, "(#100) metric[0] must be one of the following values")
    if not 0 < until - since <= 30 * 86_400:
        return failed(100, "(#100) There cannot be more than 30 days between since and until")
    first = dt.datetime.fromtimestamp(since, dt.UTC).date()
    if total:
        data = [{"name": name, "period": "day", "total_value": {"value": first.toordinal()}}
                for name in sorted(wanted)]  # fmt: skip
        return Said({"data": data})
    days = [first + n * DAY for n in range((until - since) // 86_400)]
    values = [{"value": d.toordinal(), "end_time": f"{d + DAY}T08:00:00+0000"} for d in days]
    data = [{"name": name, "period": "day", "values": values} for name in sorted(wanted)]
    return Said({"data": data, "paging": {"next": f"https://x?access_token={TOKEN}"}})


def instagram(n=0):
    """Business discovery, one's own media and insights."""

    def discover(match):
        if match["name"] == "gone":
            return failed(110, "Invalid user id", subcode=2207013)
        known = {
            "id": {"Ana": "999"}.get(match["name"], match["name"]), "media_count": n,
            "username": match["name"].lower(), "name": "Ana", "followers_count": 267_793,
        }  # fmt: skip
        about = {k: v for k, v in known.items() if k in {*match["fields"].split(","), "id"}}
        if match["media"] and n:
            start, size = place(match["after"]), int(match["limit"])
            some = [post(i) for i in range(start, min(start + size, n))]
            paging = {"cursors": {"before": cursor(start)}}
            if start + size < n:
                paging["cursors"]["after"] = cursor(start + size)
            about["media"] = {"data": some, "paging": paging}
        return Said({"business_discovery": about, "id": OWN})

    def platform(asked):
        if refused := allowed(asked):
            return refused
        if asked.path == f"/{OWN}/media":
            return listed(asked, [post(i, own=True) for i in range(n)])
        if asked.path == f"/{OWN}/insights":
            return insights(asked)
        match = FIELD.fullmatch(asked.query.get("fields", ""))
        return discover(match) if match and asked.path == f"/{OWN}" else failed(100)

    return platform


@pytest.fixture
def client(serve):
    def make(platform, *, faults=(), **kwargs):
        server = serve(platform, faults=faults, share=0.3)
        made = mt.collect.Instagram(token=TOKEN, account_id=OWN, base_url=server.url, **kwargs)
        return made, server

    return make


@pytest.mark.parametrize("name", ["@Ana", None])
def test_every_post_once_whatever_goes_wrong(client, name):
    insta, server = client(instagram(1030), faults=PASSING)
    rows = list(insta.posts(name))
    assert [row.post_id for row in rows] == [f"m{i}" for i in range(1030)]
    assert server.spoilt
    assert {row.views for row in rows} == {77 if name else None}
    assert {row.author_id for row in rows} == {"999" if name else OWN}


def test_an_account_without_posts(client):
    insta, _ = client(instagram())
    assert list(insta.posts("ana")) == []
    assert list(insta.posts()) == []


def test_accounts_one_a_request(client):
    insta, server = client(instagram(3), faults=PASSING)
    assert [row.handle for row in insta.artist(["@ana", "bo.b", "c_d"])] == ["ana", "bo.b", "c_d"]
    assert insta.artist("ana").one().followers == 267_793
    numbers = {row.metric: row.value for row in insta.metrics("ana")}
    assert numbers == {"followers": 267_793, "posts": 3}
    assert server.asked[0].path == f"/{OWN}"


def test_insights_by_day(client):
    insta, server = client(instagram(), faults=PASSING)
    rows = list(insta.metrics(metric="reach", start="2026-01-01", end="2026-03-31"))
    assert [row.observed_at.date() for row in rows] == [
        dt.date(2026, 1, 1) + n * DAY for n in range(90)
    ]
    assert all(row.value == row.observed_at.toordinal() for row in rows)
    assert len({asked.query["since"] for asked in server.asked}) == 3


def test_totals_are_asked_day_by_day(client):
    insta, server = client(instagram(), faults=PASSING)
    wanted = ["views", "reach", "accounts_engaged"]
    rows = list(insta.metrics(metric=wanted, start="2026-11-01", end="2026-11-20"))
    assert len(rows) == 60
    assert all(row.value == row.observed_at.toordinal() for row in rows)
    assert {row.entity_id for row in rows} == {f"artist:{OWN}"}
    assert len({(a.query["since"], a.query["until"]) for a in server.asked}) == 21


def test_what_meta_took_away_is_told_before_a_request(client):
    insta, server = client(instagram())
    with pytest.raises(RemovedByPlatform, match="views") as caught:
        insta.metrics(metric="impressions")
    assert caught.value.removed_on == dt.date(2025, 4, 21)
    assert caught.value.alternatives == ("Instagram.metrics",)
    assert not server.asked


def test_an_account_that_is_not_there(client):
    insta, _ = client(instagram())
    with pytest.raises(NotFound, match="Invalid user id"):
        insta.artist("gone").one()


def test_a_limit(client):
    said = failed(4, "(#4) Application request limit reached", headers=usage(101), status=403)
    insta, server = client(lambda _: said)
    with pytest.raises(RateLimited, match="Application request limit reached"):
        insta.artist("ana").one()
    assert len(server.asked) == 1


def test_a_wrong_token(serve):
    insta = mt.collect.Instagram(token=TOKEN[::-1], account_id=OWN, base_url=serve(instagram()).url)
    with pytest.raises(AuthError, match="Invalid OAuth access token"):
        insta.artist("ana").one()


def test_the_account_can_come_from_the_environment(monkeypatch):
    monkeypatch.delenv("MUSICTOOLS_INSTAGRAM_ACCOUNT_ID", raising=False)
    with pytest.raises(AuthError, match="MUSICTOOLS_INSTAGRAM_ACCOUNT_ID"):
        mt.collect.Instagram().artist("ana")
    monkeypatch.setenv("MUSICTOOLS_INSTAGRAM_ACCOUNT_ID", OWN)
    assert mt.collect.Instagram().account == OWN


@pytest.mark.parametrize("name", ["", "ana){id}", "a b", "ana,id", "x" * 31, "é"])
def test_names_that_would_break_out_of_the_field(client, name):
    insta, server = client(instagram())
    for ask in (insta.artist, insta.posts, insta.metrics):
        with pytest.raises(InputError):
            ask(name)
    assert not server.asked


def test_what_it_never_had_is_said(client):
    insta, _ = client(instagram())
    with pytest.raises(NotOffered):
        insta.search("ana")
    for wrong in (
        insta.metrics,
        lambda: insta.metrics("ana", metric="reach"),
        lambda: insta.metrics("ana", of="track"),
    ):
        with pytest.raises(InputError):
            wrong()


def test_the_token_is_told_nowhere(client, caplog, tmp_path):
    insta, _ = client(instagram(120))
    assert_kept(TOKEN, insta, lambda c: c.posts(), caplog, tmp_path)


# --- what real answers hold ---------------------------------------------------------------------


def test_recorded_account(client, recorded):
    insta, _ = client(lambda _: Said(recorded(f"{FILES}/discovery/user_fields.json")))
    account = insta.artist("facebookfordevelopers").one()
    assert (account.artist_id, account.name) == ("17841407673135339", "Facebook for Developers")
    numbers = {row.metric: row.value for row in insta.metrics("facebookfordevelopers")}
    assert numbers == {"followers": 64_976, "posts": 436}


def test_recorded_discovery(client, recorded):
    first, second = (copy.deepcopy(recorded(f"{FILES}/discovery/medias_p{i}.json")) for i in (1, 2))
    # The cursors were blanked when they were recorded.
    second["business_discovery"]["media"]["paging"]["cursors"].pop("after")
    insta, server = client(
        lambda asked: Said(second if ".after(after)" in asked.query["fields"] else first)
    )
    rows = list(insta.posts("facebookfordevelopers"))
    assert [row.likes for row in rows] == [87, 186, 50, 86]
    assert rows[0].posted_at == "2021-08-17T19:00:42+00:00"
    assert rows[0].url == "https://www.instagram.com/p/CSr71Gzlqo4/"
    assert len(server.asked) == 2


def test_recorded_media_of_ones_own(client, recorded):
    first, second = (recorded(f"{FILES}/users/medias_p{i}.json") for i in (1, 2))
    insta, server = client(lambda asked: Said(second if "after" in asked.query else first))
    rows = list(insta.posts())
    assert [row.post_id for row in rows][:2] == ["17895731045244887", "17896622936197745"]
    assert len(server.asked) == 2


def test_recorded_insights(client, recorded):
    insta, _ = client(lambda _: Said(recorded(f"{FILES}/users/user_insights.json")))
    rows = list(insta.metrics(metric="reach", start="2017-05-03", end="2017-05-04"))
    reach = {row.observed_at.date().isoformat(): row.value for row in rows if row.metric == "reach"}
    assert reach == {"2017-05-03": 3, "2017-05-04": 36}
    insta, _ = client(lambda _: Said(recorded(f"{FILES}/users/user_insights_new.json")))
    rows = list(insta.metrics(metric="views", start="2026-11-01", end="2026-11-01"))
    assert [row.value for row in rows] == [14_516_883]
