"""YouTube: what real answers hold, and what its documents say goes wrong."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest

import musictools as mt
from musictools.collect.platforms._youtube import _seconds
from musictools.errors import (
    AuthError,
    BudgetExceeded,
    InputError,
    NotFound,
    NotOffered,
    RateLimited,
)
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.planted import assert_kept

KEY = "AIza-planted-key-of-a-test"
FILES = "youtube/testdata/apidata"
RESOURCES = {"search", "channels", "videos", "playlistItems"}


def failed(status, reason, message="no"):
    """An error in Google's shape: code, message, and errors with reasons."""
    one = {"message": message, "domain": "youtube.quota", "reason": reason}
    return Said({"error": {"code": status, "message": message, "errors": [one]}}, status)


def youtube(n=0, *, gone=()):  # noqa: C901 - one platform
    """YouTube's lists, as developers.google.com/youtube/v3/docs describes them.

    ``n`` rows stand in every list; ``gone`` are channels and videos that are not there.
    """

    def one(resource, i):
        about = {
            "publishedAt": f"2026-10-{i % 28 + 1:02}T12:00:00Z", "channelId": "UCana",
            "title": f"Song {i} &amp; more" if resource == "search" else f"Song {i} & more",
            "channelTitle": "Ana", "thumbnails": {},
        }  # fmt: skip
        if resource == "search":
            return {"kind": "youtube#searchResult", "id": {"videoId": f"v{i}"}, "snippet": about}
        if resource == "playlistItems":
            about |= {"position": i, "resourceId": {"videoId": f"v{i}"}}
            about |= {"videoOwnerChannelTitle": "Ana", "videoOwnerChannelId": "UCana"}
            details = {"videoId": f"v{i}", "videoPublishedAt": "2025-01-02T00:00:00Z"}
            return {"id": f"item{i}", "snippet": about, "contentDetails": details}
        counts = {"viewCount": str(1000 - i), "likeCount": "7", "commentCount": "0"}
        return {"id": f"v{i}", "snippet": about, "statistics": counts}

    def by_id(resource, name):
        if resource == "videos":
            row = one("videos", int(name.removeprefix("v")))
            return row | {"contentDetails": {"duration": "PT4M13S"}}
        counts = {
            "viewCount": "123456789012", "subscriberCount": "1230000", "videoCount": "42",
            "hiddenSubscriberCount": name == "UChidden",
        }  # fmt: skip
        about = {"title": "Ana", "customUrl": "@ana", "country": "PT"}
        uploads = {"relatedPlaylists": {"likes": "", "uploads": f"UU{name[2:]}"}}
        return {
            "kind": "youtube#channel", "id": "UCana" if name.startswith("@") else name,
            "snippet": about, "statistics": counts, "contentDetails": uploads,
        }  # fmt: skip

    def platform(asked):  # noqa: PLR0911
        resource = asked.path.removeprefix("/youtube/v3/")
        if "key" in asked.query or asked.headers.get("x-goog-api-key") != KEY:
            return failed(400, "badRequest", "API key not valid. Please pass a valid API key.")
        if resource not in RESOURCES or asked.method != "GET":
            return Said({"error": {"code": 404, "message": "Not found"}}, 404)
        query = asked.query
        size = asked.number("maxResults", 5)
        if not query.get("part") or not 0 <= size <= 50:
            return failed(400, "invalidParameter")
        if "id" in query or "forHandle" in query:
            ids = query["id"].split(",") if "id" in query else [query["forHandle"]]
            # The maxResults parameter is not supported together with id of videos.
            if len(ids) > 50 or (resource == "videos" and "maxResults" in query):
                return failed(400, "invalidFilters")
            rows = [by_id(resource, name) for name in ids if name not in gone]
            info = {"totalResults": len(rows), "resultsPerPage": len(rows)}
            return Said({"pageInfo": info, **({"items": rows} if rows else {})})
        token = query.get("pageToken", "T0")
        if not token.startswith("T") or (resource == "search" and "type" not in query):
            return failed(400, "invalidPageToken")
        start = int(token[1:])
        rows = [one(resource, i) for i in range(start, min(start + size, n))]
        body = {"pageInfo": {"totalResults": n, "resultsPerPage": size}, "items": rows, "new": [1]}
        if start + size < n:
            body["nextPageToken"] = f"T{start + size}"
        return Said(body)

    return platform


@pytest.fixture
def client(serve):
    def make(platform, *, faults=(), **kwargs):
        server = serve(platform, faults=faults, share=0.3)
        made = mt.collect.YouTube(token=KEY, base_url=server.url, **kwargs)
        return made, server

    return make


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda c: c.search("ana"), "track_id"),
        (lambda c: c.tracks("UCana"), "track_id"),
        (lambda c: c.playlist("PLana"), "track_id"),
        (lambda c: c.charts(country="pt"), "entity_id"),
    ],
)
def test_every_row_once_whatever_goes_wrong(client, ask, name):
    youtube_, server = client(youtube(780), faults=PASSING)
    rows = list(ask(youtube_))
    assert [row[name] for row in rows] == [f"v{i}" for i in range(780)]
    assert server.spoilt


def test_a_chart_counts_on_over_its_pages(client):
    youtube_, server = client(youtube(120))
    rows = list(youtube_.charts(country="pt"))
    assert [row.rank for row in rows] == list(range(1, 121))
    assert {(row.country, row.entity, row.value) for row in rows[:1]} == {("PT", "video", 1000.0)}
    assert server.asked[0].query["videoCategoryId"] == "10"


def test_a_chart_counts_on_in_a_later_process(client):
    youtube_, _ = client(youtube(120))
    call = youtube_.charts()
    first = next(call.pages())
    kept = [request.to_json() for request in first.following]
    start = tuple(type(first.following[0]).from_json(text) for text in kept)
    rest = [row for page in youtube_.charts().pages(start) for row in page.rows]
    assert [row.rank for row in rest] == list(range(51, 121))


def test_titles_of_searches_are_unescaped_and_others_left(client):
    youtube_, _ = client(youtube(2))
    assert [row.title for row in youtube_.search("ana")] == ["Song 0 & more", "Song 1 & more"]
    assert youtube_.track("v1").one().title == "Song 1 & more"


@pytest.mark.parametrize("of", ["artist", "track"])
def test_fifty_a_request(client, of):
    youtube_, server = client(youtube(), faults=PASSING)
    ids = [f"{'UC' if of == 'artist' else 'v'}{i}" for i in range(123)]
    found = {row.entity_id for row in youtube_.metrics(ids, of=of)}
    assert found == {f"{of}:{name}" for name in ids}
    assert {len(asked.query["id"].split(",")) for asked in server.asked} == {50, 23}


def test_channels(client):
    youtube_, _ = client(youtube(gone=("UCgone",)))
    ana, hidden = youtube_.artist(["UCana", "UCgone", "UChidden"])
    assert (ana.followers, ana.country, ana.handle) == (1_230_000, "PT", "ana")
    assert hidden.followers is None
    assert youtube_.artist("@ana").one().artist_id == "UCana"
    counts = {row.metric: row.value for row in youtube_.metrics("UCana")}
    assert counts == {"followers": 1_230_000, "views": 123_456_789_012, "tracks": 42}
    assert "followers" not in {row.metric for row in youtube_.metrics("UChidden")}
    with pytest.raises(NotFound):
        youtube_.artist("UCgone").one()
    assert not list(youtube_.tracks("UCgone"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT4M13S", 253), ("PT1H", 3600), ("P1DT2H", 93_600), ("P0D", 0), ("", None), ("x", None)],
)
def test_lengths(text, seconds):
    assert _seconds(text) == seconds


def test_a_quota_lasts_until_midnight_in_california(client):
    quota = failed(403, "quotaExceeded", "you have exceeded your quota")
    youtube_, server = client(
        lambda asked: quota if asked.path.endswith("search") else youtube()(asked)
    )
    with pytest.raises(RateLimited, match="quotaExceeded") as caught:
        list(youtube_.search("ana"))
    there = caught.value.retry_at.astimezone(ZoneInfo("America/Los_Angeles"))
    # To the second: the clock went on meanwhile.
    assert (there + dt.timedelta(seconds=1)).time() < dt.time(0, 0, 3)
    assert len(server.asked) == 1
    # Searches have a quota of their own.
    assert youtube_.artist("UCana").one().name == "Ana"


def test_haste_passes(client):
    said = iter([failed(403, "rateLimitExceeded"), failed(403, "userRateLimitExceeded")])
    healthy = youtube()
    youtube_, server = client(lambda asked: next(said, None) or healthy(asked))
    assert youtube_.artist("UCana").one().name == "Ana"
    assert len(server.asked) == 3


def test_a_wrong_key(serve):
    server = serve(youtube())
    with pytest.raises(AuthError, match="API key not valid"):
        mt.collect.YouTube(token=KEY[::-1], base_url=server.url).artist("UCana").one()


def test_no_key_is_needed_before_the_first_request(monkeypatch):
    monkeypatch.delenv("MUSICTOOLS_YOUTUBE_TOKEN", raising=False)
    rows = mt.collect.YouTube().artist("UCana")
    with pytest.raises(AuthError, match="MUSICTOOLS_YOUTUBE_TOKEN"):
        rows.one()


def test_the_plan_knows_both_quotas():
    plan = mt.collect.YouTube().plan(search=10_000, metrics=5_000)
    assert (plan.calls, plan.days, plan.quota["searches"], plan.quota["units"]) == (
        300,
        2,
        200,
        100,
    )
    assert mt.collect.YouTube().plan(metrics=600_000).days == 2


def test_a_day_of_searches_is_a_hundred(client):
    youtube_, server = client(youtube(300), budget={"searches": 4})
    with pytest.raises(BudgetExceeded):
        list(youtube_.search("ana"))
    assert len(server.asked) == 4


def test_what_it_never_had_is_said():
    with pytest.raises(NotOffered):
        mt.collect.YouTube().releases("UCana")
    for wrong in (
        lambda c: c.search("ana", kind="release"),
        lambda c: c.metrics("v1", of="release"),
        lambda c: c.charts("artists"),
        lambda c: c.artist([]),
    ):
        with pytest.raises(InputError):
            wrong(mt.collect.YouTube())


def test_the_key_is_told_nowhere(client, caplog, tmp_path):
    healthy = youtube(70)

    def echo(asked):
        said = healthy(asked)
        return Said(said.body | {"etag": asked.headers["x-goog-api-key"]}, said.status)

    youtube_, _ = client(echo)
    assert_kept(KEY, youtube_, lambda c: c.playlist("PLana"), caplog, tmp_path)


# --- what real answers hold ---------------------------------------------------------------------


def pages(*bodies):
    """Recorded pages, by the token that leads to each."""
    tokens = [None, *(body.get("nextPageToken") for body in bodies)]
    by_token = dict(zip(tokens, bodies, strict=False))
    return lambda asked: Said(by_token[asked.query.get("pageToken")])


def test_recorded_playlist(client, recorded):
    said = [recorded(f"{FILES}/playlist_items/playlist_items_paged_{i}.json") for i in (1, 2)]
    youtube_, _ = client(pages(*said))
    rows = list(youtube_.playlist("PLOU2XLYxmsIKpaV8h0AGE05so0fAwwfTw"))
    assert [row.position for row in rows] == list(range(13))
    assert rows[0].track_id == "CvTApw9X8aA"
    assert rows[0].added_at == "2019-11-21T22:17:43.000Z"
    assert rows[10].title == "Vizier: Black-box optimization and AutoML - Pittsburgh ML Summit ‘19"  # noqa: RUF001


def test_recorded_chart(client, recorded):
    said = [recorded(f"{FILES}/videos/videos_chart_paged_{i}.json") for i in (1, 2)]
    youtube_, _ = client(pages(*said))
    rows = list(youtube_.charts())
    assert [row.rank for row in rows] == list(range(1, 9))
    assert rows[0].entity_id == "hDeuSfo_Ys0"
    assert (rows[5].title, rows[5].artist) == ("Kanye West - Closed On Sunday", "Kanye West")


def test_recorded_searches(client, recorded):
    said = [recorded(f"{FILES}/search/search_by_keywords_p{i}.json") for i in (1, 2)]
    said[1].pop("nextPageToken")
    youtube_, _ = client(pages(*said))
    rows = list(youtube_.search("surfing"))
    # One video stands on both pages.
    assert len(rows) == 49
    titles = {row.track_id: row.title for row in rows}
    assert titles["i2hewkFijuY"] == "SURFING PERFECT PIPE & BACKDOOR || SUNRISE SHACK!"
    found = recorded(f"{FILES}/search/search_channels.json")
    found.pop("nextPageToken")
    youtube_, _ = client(lambda _: Said(found))
    artists = list(youtube_.search("Natalia Lafourcade", kind="artist"))
    assert (artists[0].name, artists[0].artist_id) == (
        "NLaFourcadeVEVO",
        "UCxRULEz6kS0PMxCzOY25GhQ",
    )


def test_recorded_channels_and_videos(client, recorded):
    body = recorded(f"{FILES}/channel_info_multi.json")
    youtube_, _ = client(lambda _: Said(body))
    assert "Google Developers" in {row.name for row in youtube_.artist(["a", "b"])}
    single = json.loads(json.dumps(recorded(f"{FILES}/channel_info_single.json")))
    youtube_, _ = client(lambda _: Said(single))
    counts = {row.metric: row.value for row in youtube_.metrics("UC_x5XG1OV2P6uZZ5FSM9Ttw")}
    told = single["items"][0]["statistics"]
    assert counts["views"] == float(told["viewCount"])
    assert counts["tracks"] == float(told["videoCount"])
    videos = recorded(f"{FILES}/videos/videos_info_multi.json")
    youtube_, _ = client(lambda _: Said(videos))
    first = youtube_.track(["D-lhorsDlUQ", "x"]).one()
    assert first.title == "What are Actions on Google (Assistant on Air)"
    assert first.released_on == "2019-03-21"


def test_recorded_refusal(client, recorded):
    body = recorded(f"{FILES}/error_permission_resp.json")
    youtube_, _ = client(lambda _: Said(body, 403))
    with pytest.raises(mt.errors.ServiceError, match="does not have permission"):
        youtube_.artist("UCana").one()
