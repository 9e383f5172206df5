"""TikTok's Research API: what its documents say it answers, limits, and refuses."""

import datetime as dt
from urllib.parse import parse_qs

import pytest

import musictools as mt
from musictools.errors import AuthError, InputError, NotOffered, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.planted import assert_kept

ID, SECRET = "awplanted1234", "planted-secret-of-a-test"
VIDEO = {
    "id", "username", "create_time", "region_code", "video_description", "music_id", "like_count",
    "comment_count", "share_count", "view_count", "hashtag_names",
}  # fmt: skip
DAY = dt.timedelta(1)


def failed(code, status=400, message="no"):
    """An error in TikTok's shape; it stands in good answers, too, with the code ok."""
    return Said({"data": {}, "error": {"code": code, "message": message, "log_id": "L"}}, status)


class TikTok:
    """Tokens, videos and accounts, as developers.tiktok.com describes them.

    Each search has so many videos a window of days; a page may hold fewer than it could. Tokens
    are good for ``lasts`` requests.
    """

    def __init__(self, n=0, *, lasts=10**6):
        self.n, self.lasts = n, lasts
        self.tokens, self.searches = [], []

    def __call__(self, asked):
        if asked.path == "/oauth/token/":
            return self.give_token(asked)
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self.tokens[-1:] or self.left <= 0:
            return failed("access_token_invalid", 401, "The access token is invalid")
        self.left -= 1
        if asked.path == "/research/user/info/":
            return self.account(asked)
        return self.videos(asked) if asked.path == "/research/video/query/" else failed("?", 404)

    def give_token(self, asked):
        form = {k: v[0] for k, v in parse_qs(asked.body.decode()).items()}
        right = {"client_key": ID, "client_secret": SECRET, "grant_type": "client_credentials"}
        if form != right or "x-www-form" not in asked.headers["content-type"]:
            return Said({"error": "invalid_client", "error_description": "wrong", "log_id": "L"})
        self.tokens.append(f"clt.planted-{len(self.tokens)}-token")
        self.left = self.lasts
        token = {"access_token": self.tokens[-1], "expires_in": 7200, "token_type": "Bearer"}
        return Said(token)

    def account(self, asked):
        one = {
            "display_name": "Ana", "follower_count": 1000, "following_count": 5,
            "likes_count": 70, "video_count": 8,
        }  # fmt: skip
        if set(asked.query["fields"].split(",")) != set(one) or asked.json["username"][0] == "@":
            return failed("invalid_params")
        return Said({"data": one, "error": {"code": "ok", "message": "", "log_id": "L"}})

    def videos(self, asked):
        body = asked.json
        start, end = (
            dt.datetime.strptime(body[name], "%Y%m%d").replace(tzinfo=dt.UTC)
            for name in ("start_date", "end_date")
        )
        search = f"{body['start_date']}{body['query']}"
        cursor = body.get("cursor", 0)
        wrong = (
            not set(asked.query["fields"].split(",")) <= VIDEO
            or not 1 <= body.get("max_count", 20) <= 100
            or not dt.timedelta(0) <= end - start <= dt.timedelta(30)
            or not set(body["query"]) <= {"and", "or", "not"}
            or (cursor and body.get("search_id") != f"s{self.searches.index(search)}")
        )
        if wrong:
            return failed("invalid_params", 400, "Invalid parameters")
        if search not in self.searches:
            self.searches.append(search)
        stop = min(cursor + body["max_count"], self.n)
        some = [
            {
                # Above what a float can hold.
                "id": 7_300_000_000_000_000_000 + start.toordinal() * 100_000 + i,
                "username": "ana", "create_time": int(start.timestamp()) + i,
                "video_description": f"Video {i}", "like_count": 3, "comment_count": 2,
                "share_count": 1, "view_count": 100 + i,
            }
            # What was deleted meanwhile is missing from its page.
            for i in range(cursor, stop) if i % 10
        ]  # fmt: skip
        data = {"videos": some, "cursor": stop, "has_more": stop < self.n}
        data["search_id"] = f"s{self.searches.index(search)}"
        return Said({"data": data, "error": {"code": "ok", "message": "", "log_id": "L"}})


@pytest.fixture
def client(serve):
    def make(platform, *, faults=(), share=0.3, **kwargs):
        server = serve(platform, faults=faults, share=share)
        # Tokens are given out by a server that is well.
        tokens = serve(platform)
        made = mt.collect.TikTok(
            client_id=ID, client_secret=SECRET, base_url=server.url,
            token_url=f"{tokens.url}/oauth/token/", **kwargs,
        )  # fmt: skip
        return made, server

    return make


def test_every_video_once_whatever_goes_wrong(client):
    tiktok, server = client(TikTok(1010), faults=PASSING)
    rows = list(tiktok.posts("ana", start="2026-01-01", end="2026-03-15"))
    # Three windows of thirty days; of ten videos one is missing.
    assert len(rows) == len({row.post_id for row in rows}) == 3 * 909
    assert server.spoilt
    dates = {(asked.json["start_date"], asked.json["end_date"]) for asked in server.asked}
    assert dates == {
        ("20260101", "20260130"), ("20260131", "20260301"), ("20260302", "20260315"),
    }  # fmt: skip
    one = rows[0]
    assert (one.likes, one.comments, one.shares, one.views) == (3, 2, 1, 101)
    assert one.posted_at == "2026-01-01T00:00:01+00:00"
    assert one.url == f"https://www.tiktok.com/@ana/video/{one.post_id}"


def test_a_token_that_ends_is_renewed(client):
    platform = TikTok(900, lasts=3)
    tiktok, _ = client(platform)
    assert len(list(tiktok.posts("ana"))) == 810
    assert len(platform.tokens) == 3


def test_a_later_process_goes_on(client):
    platform = TikTok(500)
    tiktok, _ = client(platform)
    first = next(tiktok.posts("ana").pages())
    kept = [type(request).from_json(request.to_json()) for request in first.following]
    rest = [row for page in tiktok.posts("ana").pages(tuple(kept)) for row in page.rows]
    assert len({row.post_id for row in (*first.rows, *rest)}) == 450


@pytest.mark.parametrize(
    ("of", "query", "field"),
    [
        ("keyword", "#ana", "keyword"), ("hashtag", "#ana", "hashtag_name"),
        ("artist", "@ana", "username"), ("music", "7001", "music_id"),
    ],
)  # fmt: skip
def test_what_is_found(client, of, query, field):
    tiktok, server = client(TikTok(5))
    list(tiktok.posts(query, of=of, country="pt"))
    first, second = server.asked[0].json["query"]["and"]
    value = query if of == "keyword" else query.lstrip("#@")
    assert first == {"operation": "EQ", "field_name": field, "field_values": [value]}
    assert second["field_values"] == ["PT"]


def test_a_query_in_tiktoks_own_form(client):
    tiktok, server = client(TikTok(5))
    own = {"and": [{"operation": "IN", "field_name": "region_code", "field_values": ["PT", "BR"]}]}
    assert len(list(tiktok.posts(own))) == 4
    assert server.asked[0].json["query"] == own


def test_nothing_found(client):
    said = {"data": {"has_more": False, "cursor": 0}, "error": {"code": "ok", "message": ""}}
    healthy = TikTok()
    tiktok, _ = client(lambda a: Said(said) if "research" in a.path else healthy(a))
    assert list(tiktok.posts("ana")) == []


def test_numbers(client):
    tiktok, _ = client(TikTok(20), faults=PASSING)
    numbers = list(tiktok.metrics("ana", of="hashtag"))
    assert {row.metric for row in numbers} == {"views", "likes", "comments", "shares"}
    assert len(numbers) == 4 * 18
    numbers = {row.metric: row.value for row in tiktok.metrics(["@ana", "bo"])}
    assert numbers == {"followers": 1000, "following": 5, "likes": 70, "posts": 8}
    assert [row.handle for row in tiktok.artist(["@ana", "bo"])] == ["ana", "bo"]
    assert tiktok.artist("ana").one().followers == 1000


@pytest.mark.parametrize("status", [429, 200])
def test_a_days_quota_lasts_until_midnight(client, status):
    full = failed("daily_quota_limit_exceeded", status, "no more today")
    healthy = TikTok()
    tiktok, server = client(lambda a: full if "research" in a.path else healthy(a))
    with pytest.raises(RateLimited, match="no more today") as caught:
        tiktok.artist("ana").one()
    at = caught.value.retry_at + dt.timedelta(seconds=1)
    assert at.time() < dt.time(0, 0, 3)
    assert len(server.asked) == 1


def test_haste_passes(client):
    healthy, once = TikTok(), iter([failed("rate_limit_exceeded", 429)])
    tiktok, server = client(
        lambda a: (next(once, None) if "research" in a.path else None) or healthy(a)
    )
    assert tiktok.artist("ana").one().name == "Ana"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (failed("scope_not_authorized", 401), AuthError),
        (failed("invalid_params", 400, "Invalid count"), ServiceError),
        (failed("invalid_params", 200, "Invalid count"), ServiceError),
    ],
)
def test_errors(client, said, error):
    healthy = TikTok()
    tiktok, _ = client(lambda a: said if "research" in a.path else healthy(a))
    with pytest.raises(error, match=said.body["error"]["code"]):
        tiktok.artist("ana").one()


def test_wrong_credentials(serve):
    server = serve(TikTok())
    tiktok = mt.collect.TikTok(
        client_id=ID, client_secret=SECRET[::-1], base_url=server.url,
        token_url=f"{server.url}/oauth/token/",
    )  # fmt: skip
    with pytest.raises(AuthError, match="client_secret"):
        tiktok.artist("ana").one()


def test_a_thousand_requests_a_day():
    plan = mt.collect.TikTok().plan(posts=250_000)
    assert (plan.calls, plan.days, plan.binding) == (2500, 3, "1000 requests a day")


def test_what_it_never_had_is_said():
    tiktok = mt.collect.TikTok()
    for ask in (tiktok.search, tiktok.charts):
        with pytest.raises(NotOffered):
            ask("ana")
    for wrong in (
        lambda: tiktok.posts("ana", of="city"),
        lambda: tiktok.posts(""),
        lambda: tiktok.posts("ana", start="2026-03-01", end="2026-02-01"),
    ):
        with pytest.raises(InputError):
            wrong()


def test_no_secret_is_told(client, caplog, tmp_path):
    healthy = TikTok(250)

    def echo(asked):
        said = healthy(asked)
        return Said({**said.body, "seen": asked.headers.get("authorization")}, said.status)

    tiktok, _ = client(echo)
    assert_kept("clt.planted-0-token", tiktok, lambda c: c.posts("ana"), caplog, tmp_path)
    assert SECRET not in caplog.text
    assert SECRET not in (tmp_path / "store.sqlite").read_bytes().decode("latin-1")
