"""ListenBrainz: counts of the open, its headers, and what needs a token since July 2026."""

import logging
import re
import traceback

import pytest

import musictools as mt
from musictools.errors import AuthError, InputError, NotFound, NotOffered, RateLimited
from tests.collect.hostile import PASSING, Said

TOKEN = "6f2c-planted-token-of-a-test"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LARGEST = 1000


def uuid(i):
    return f"{i:08x}-0000-4000-8000-000000000000"


def popularity(asked):
    """POST /1/popularity/<entity>, and its top recordings, of popularity_api.py."""
    if asked.headers.get("authorization") != f"Token {TOKEN}":
        return Said({"code": 401, "error": "You need to provide an Authorization header."}, 401)
    name = asked.path.removeprefix("/1/popularity/")
    if asked.method == "GET":
        artist = name.removeprefix("top-recordings-for-artist/")
        rows = [
            {"artist_mbids": [artist], "artist_name": "Ana", "length": 373_133,
             "recording_mbid": uuid(i), "recording_name": f"Song {i}", "release_mbid": uuid(9),
             "release_name": "Album", "total_listen_count": 1000 - i, "total_user_count": 10}
            for i in range(300)
        ]  # fmt: skip
        return Said(rows)
    entity = name.replace("-", "_")
    if entity not in {"artist", "recording", "release", "release_group"}:
        return Said({"code": 404, "error": "Not Found"}, 404)
    wanted = asked.json.get(f"{entity}_mbids")
    if not wanted or len(wanted) > LARGEST or not all(UUID.fullmatch(one) for one in wanted):
        return Said({"code": 400, "error": f"{entity}_mbids JSON element is not right"}, 400)
    unknown = uuid(7)
    return Said([
        {f"{entity}_mbid": one,
         "total_listen_count": None if one == unknown else int(one[:8], 16) * 10,
         "total_user_count": None if one == unknown else int(one[:8], 16)}
        for one in wanted
    ])  # fmt: skip


def listenbrainz(n=1000, *, largest=LARGEST):
    """ListenBrainz, of listenbrainz.readthedocs.io; ``largest`` rows come at once."""

    def platform(asked):
        if asked.path.startswith("/1/popularity/"):
            return popularity(asked)
        period = asked.query.get("range", "all_time")
        if period == "quarter":
            return Said(b"", 204)
        if asked.path.endswith("/listeners"):
            mbid = asked.path.split("/")[-2]
            return Said({"payload": {
                "artist_mbid": mbid, "artist_name": "Ana", "stats_range": period,
                "listeners": [{"listen_count": 8, "user_name": "someone"}],
                "from_ts": 1009843200, "to_ts": 1681777035, "total_listen_count": 16_393,
            }})  # fmt: skip
        short = asked.path.removeprefix("/1/stats/sitewide/").replace("-", "_")
        one = {"artists": "artist_name", "recordings": "track_name",
               "release_groups": "release_group_name"}[short]  # fmt: skip
        start, size = asked.number("offset", 0), min(asked.number("count", 25), largest)
        rows = [
            {one: f"Name {i}", "artist_name": f"Name {i}" if short == "artists" else "Ana",
             "artist_mbids": [] if i == 1 else [uuid(i)], "listen_count": 10_000 - i,
             f"{short.removesuffix('s')}_mbid": "" if i == 1 else uuid(i)}
            for i in range(start, min(start + size, n))
        ]  # fmt: skip
        if short == "artists":
            rows = [{k: v for k, v in row.items() if k != "artist_mbid"} for row in rows]
        return Said({"payload": {
            short: rows, "range": period, "offset": start, "count": size,
            f"total_{short.removesuffix('s')}_count": n, "from_ts": 1, "to_ts": 1_795_478_400,
        }})  # fmt: skip

    return platform


def client(serve, *, token=None, faults=(), seed=0, **kwargs):
    server = serve(listenbrainz(**kwargs), faults=faults, share=0.3, seed=seed)
    return mt.collect.ListenBrainz(base_url=server.url, token=token), server


@pytest.mark.parametrize("seed", range(3))
def test_every_place_once_whatever_goes_wrong(serve, seed):
    source, server = client(serve, n=1000, largest=100, faults=PASSING, seed=seed)
    rows = list(source.charts("tracks", period="week"))
    assert [row.rank for row in rows] == list(range(1, 1001))
    assert [row.title for row in rows] == [f"Name {i}" for i in range(1000)]
    assert server.spoilt
    assert rows[0].ds == "2026-11-24"
    assert (rows[1].entity_id, rows[2].entity_id) == ("Ana - Name 1", uuid(2))


def test_a_page_is_a_thousand(serve):
    source, server = client(serve)
    rows = list(source.charts("artists"))
    assert len(rows) == 1000
    assert len(server.asked) == 1
    assert (rows[2].entity_id, rows[1].entity_id) == (uuid(2), "Name 1")


@pytest.mark.parametrize("seed", range(2))
def test_metrics_ask_for_a_thousand_at_once(serve, seed):
    source, server = client(serve, token=TOKEN, faults=PASSING, seed=seed)
    wanted = [uuid(i) for i in range(2500)]
    rows = list(source.metrics(wanted, of="track"))
    assert len(rows) == 2 * 2499
    values = {(row.entity_id, row.metric): row.value for row in rows}
    assert values[f"track:{uuid(9)}", "plays"] == 90
    assert values[f"track:{uuid(9)}", "listeners"] == 9
    assert f"track:{uuid(7)}" not in {row.entity_id for row in rows}
    assert len(server.asked) >= 3


def test_tracks_of_an_artist(serve):
    source, _ = client(serve, token=TOKEN)
    rows = list(source.tracks(uuid(1), limit=20))
    assert len(rows) == 20
    assert (rows[0].title, rows[0].duration_s, rows[0].release) == ("Song 0", 373.133, "Album")


def test_plays_need_no_token(serve):
    source, _ = client(serve)
    row = source.plays(uuid(1)).one()
    assert (row.metric, row.value) == ("plays_all_time", 16_393)
    assert row.observed_at.date().isoformat() == "2023-04-18"


def test_what_was_not_counted_is_absent(serve):
    source, server = client(serve)
    with pytest.raises(NotFound, match="not counted"):
        source.plays(uuid(1), period="quarter").one()
    assert len(server.asked) == 1


def test_popularity_without_a_token_asks_nobody(serve):
    source, server = client(serve)
    with pytest.raises(AuthError, match="MUSICTOOLS_LISTENBRAINZ_TOKEN"):
        source.metrics(uuid(1)).one()
    assert not server.asked


def test_an_empty_window_is_waited_for(serve):
    headers = {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-In": "9"}
    inside = listenbrainz()
    server = serve(lambda asked: Said(inside(asked).body, 200, headers))
    source = mt.collect.ListenBrainz(base_url=server.url, longest_wait_s=2)
    assert source.plays(uuid(1)).one().value == 16_393
    with pytest.raises(RateLimited, match="no request left"):
        source.plays(uuid(1)).one()
    assert len(server.asked) == 1


def test_429_waits_for_the_window(serve):
    said = Said({"code": 429, "error": "slow down"}, 429, {"X-RateLimit-Reset-In": "3000"})
    server = serve(lambda _: said)
    with pytest.raises(RateLimited, match="slow down") as caught:
        mt.collect.ListenBrainz(base_url=server.url).plays(uuid(1)).one()
    assert caught.value.retry_at is not None
    assert len(server.asked) == 1


def test_a_token_stays_secret(serve, caplog):
    caplog.set_level(logging.DEBUG)
    echo = serve(lambda asked: Said({"error": f"bad {asked.headers['authorization']}"}, 401))
    source = mt.collect.ListenBrainz(base_url=echo.url, token=TOKEN)
    with pytest.raises(AuthError) as caught:
        source.metrics(uuid(1)).one()
    assert TOKEN not in "".join(traceback.format_exception(caught.value)) + caplog.text
    inside = listenbrainz()
    echo.platform = lambda asked: Said([{**row, "echo": TOKEN} for row in inside(asked).body])
    page = next(source.metrics([uuid(i) for i in range(1500)]).pages())
    kept = page.answer.url + page.answer.text + "".join(r.to_json() for r in page.following)
    assert "echo" in kept
    assert TOKEN not in kept
    assert len(page.following) == 1


def test_wrong_words(serve):
    source, _ = client(serve)
    for wrong in (
        lambda: source.charts("videos"), lambda: source.charts(period="day"),
        lambda: source.metrics(uuid(1), of="label"), lambda: source.tracks(uuid(1), of="release"),
        lambda: source.plays(uuid(1), of="track"), lambda: source.plays(uuid(1), period="day"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(NotOffered):
        source.search("ana")
