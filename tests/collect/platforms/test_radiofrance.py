"""Radio France's GraphQL, as its documents and the programs that use it describe it."""

import datetime as dt
import logging
import traceback

import pytest

import musictools as mt
from musictools.errors import AuthError, NotOffered, ServiceError
from tests.collect.hostile import PASSING, Said

KEY = "planted-key-of-radio-france"
DAY = int(dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp())
EVERY = 240
BRANDS = [
    {"id": "FIP", "title": "FIP", "baseline": None, "liveStream": "https://x/fip",
     "webRadios": [{"id": "FIP_ROCK", "title": "FIP Rock", "liveStream": "https://x/rock"}],
     "localRadios": []},
    {"id": "FRANCEBLEU", "title": "France Bleu", "baseline": "b", "liveStream": None,
     "webRadios": None, "localRadios": [{"id": "FRANCEBLEU_ALSACE", "title": "Alsace"}]},
]  # fmt: skip


def step(i):
    """Every 240 seconds a song, from a minute before midnight; each tenth time somebody talks."""
    if i % 10 == 9:
        return {}
    start = DAY - 60 + i * EVERY
    track = {"title": f"Song {i}", "albumTitle": "Album", "mainArtists": ["Ana", "Bo"],
             "label": "Label"}  # fmt: skip
    return {"start": start, "end": start + 200, "track": track}


def failed(message, code, status=200):
    error = {"message": message, "extensions": {"code": code}}
    return Said({"errors": [error], "data": None}, status)


def radiofrance(asked):
    """All questions go to one path; the grid gives each step that touches its stretch of time."""
    if asked.headers.get("x-token") != KEY:
        return failed("Invalid token", "UNAUTHENTICATED", 401)
    assert (asked.method, asked.path) == ("POST", "/v1/graphql")
    query, told = asked.json["query"], asked.json.get("variables", {})
    if told.get("station", "FIP") != "FIP":
        return failed("Variable station: no such value", "BAD_USER_INPUT", 400)
    if "brands" in query:
        return Said({"data": {"brands": BRANDS}})
    if "live(" in query:
        return Said({"data": {"live": {"song": step(3)}}})
    a, b = told["start"], told["end"]
    if b - a > 86_400:
        return failed("too long", "BAD_USER_INPUT", 400)
    steps = (step(i) for i in range((b - DAY) // EVERY + 5))
    grid = [s for s in steps if not s or a - 200 <= s["start"] < b]
    return Said({"data": {"grid": grid}})


def client(server, **kwargs):
    return mt.collect.RadioFrance(token=KEY, base_url=server.url, **kwargs)


@pytest.mark.parametrize("seed", range(2))
def test_every_song_once_over_midnights(serve, seed):
    server = serve(radiofrance, faults=PASSING, share=0.3, seed=seed)
    rows = list(client(server).spins("FIP", start="2026-11-01", end="2026-11-05"))
    wanted = [i for i in range(1, 5 * 86_400 // EVERY + 1) if i % 10 != 9]
    assert [row.title for row in rows] == [f"Song {i}" for i in wanted]
    assert rows[0].started_at == "2026-11-01T00:03:00+00:00"
    assert (rows[0].artist, rows[0].seconds, rows[0].album) == ("Ana, Bo", 200, "Album")
    assert server.spoilt


def test_a_day_is_a_request_and_yesterday_is_meant_by_default(serve):
    server = serve(radiofrance)
    call = client(server).spins("FIP").call
    assert len(call.requests) == 1
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    assert call.arguments["start"] == f"{yesterday}T00:00:00+00:00"
    assert not server.asked


def test_stations(serve):
    rows = list(client(serve(radiofrance)).stations())
    assert [(row.station_id, row.tags) for row in rows] == [
        ("FIP", ("main",)), ("FIP_ROCK", ("web radio",)), ("FRANCEBLEU", ("main",)),
        ("FRANCEBLEU_ALSACE", ("local",)),
    ]  # fmt: skip
    assert all(row.country == "FR" for row in rows)


def test_what_is_on_air(serve):
    assert client(serve(radiofrance)).playing("FIP").one().title == "Song 3"
    talk = Said({"data": {"live": {"song": None}}})
    assert list(client(serve(lambda _: talk)).playing("FIP")) == []


def test_errors_of_graphql(serve):
    with pytest.raises(ServiceError, match="no such value"):
        list(client(serve(radiofrance)).spins('FIP") { x }', start="2026-11-01", end="2026-11-01"))
    said = [failed("boom", "INTERNAL_SERVER_ERROR")]
    server = serve(lambda asked: said.pop() if said else radiofrance(asked))
    assert len(list(client(server).stations())) == 4
    assert len(server.asked) == 2
    with pytest.raises(ServiceError, match="too deep"):
        list(client(serve(lambda _: failed("too deep", "GRAPHQL_VALIDATION_FAILED"))).stations())
    with pytest.raises(NotOffered):
        client(server).charts()


@pytest.mark.parametrize(("status", "code"), [(200, "UNAUTHENTICATED"), (403, ""), (401, "")])
def test_a_refused_key_is_told_to_nobody(serve, caplog, status, code):
    caplog.set_level(logging.DEBUG)
    server = serve(lambda _: failed(f"no such key: {KEY}", code, status))
    with pytest.raises(AuthError, match="no such key") as caught:
        list(client(server).stations())
    assert KEY not in "".join(traceback.format_exception(caught.value)) + caplog.text
    assert server.asked[0].headers["x-token"] == KEY


def test_the_key_stays_out_of_a_store(serve, tmp_path):
    with mt.collect.Store(tmp_path / "s.sqlite") as store:
        source = client(serve(radiofrance), store=store)
        rows = source.spins("FIP", start="2026-11-01", end="2026-11-02")
        assert store.collect(rows).calls == 2
        assert store.frame("spins")["station"].unique().tolist() == ["FIP"]
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_a_plan_needs_no_key(monkeypatch):
    monkeypatch.delenv("MUSICTOOLS_RADIOFRANCE_TOKEN", raising=False)
    assert mt.collect.RadioFrance().plan(spins=2500).days == 3
    with pytest.raises(AuthError, match="MUSICTOOLS_RADIOFRANCE_TOKEN"):
        list(mt.collect.RadioFrance().stations())
