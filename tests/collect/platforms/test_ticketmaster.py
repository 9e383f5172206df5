"""Ticketmaster, as its Discovery API's documents describe it."""

import datetime as dt
import logging
import time
import traceback

import pytest

import musictools as mt
from musictools.errors import AuthError, InputError, NotFound, NotOffered, RateLimited
from tests.collect.hostile import PASSING, Said

KEY = "planted-api-key-of-ticketmaster"
FIRST = dt.datetime(2026, 12, 1, 20, tzinfo=dt.UTC)


def stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def event(i, when):
    return {
        "id": f"E{i}", "name": f"Ana live {i}", "type": "event", "test": False,
        "url": f"https://www.ticketmaster.com/event/E{i}",
        "dates": {"start": {"localDate": when.date().isoformat(), "localTime": "20:00:00",
                            "dateTime": stamp(when), "dateTBD": False},
                  "timezone": "Europe/Berlin", "status": {"code": "onsale"}},
        "_embedded": {
            "venues": [{"id": "V1", "name": "Hall", "city": {"name": "Berlin"},
                        "country": {"name": "Germany", "countryCode": "DE"}}],
            "attractions": [{"id": "S9", "name": "Support"}, {"id": "K1", "name": "Ana"}],
        },
    }  # fmt: skip


ATTRACTION = {
    "id": "K1", "name": "Ana", "type": "attraction", "url": "https://www.ticketmaster.com/ana",
    "externalLinks": {"musicbrainz": [{"id": "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"}],
                      "spotify": [{"url": "https://open.spotify.com/artist/x"}]},
    "classifications": [{"primary": True, "segment": {"name": "Music"}, "genre": {"name": "Pop"},
                         "subGenre": {"name": "Undefined"}}],
    "upcomingEvents": {"_total": 12, "ticketmaster": 12},
}  # fmt: skip


def error(status, code, detail):
    said = {"code": code, "detail": detail, "status": str(status), "_links": {}}
    return Said({"errors": [said]}, status)


def fault(status, code, words, headers=None):
    said = {"fault": {"faultstring": words, "detail": {"errorcode": code}}}
    return Said(said, status, headers or {})


def ticketmaster(n_events=0, *, step=dt.timedelta(hours=7), n_artists=0):
    """The key is a parameter; pages of 200; (page * size) stays below 1,000."""
    events = [event(i, FIRST + i * step) for i in range(n_events)]
    artists = [ATTRACTION | {"id": f"K{i}"} for i in range(n_artists)]

    def platform(asked):
        if asked.query.get("apikey") != KEY:
            return fault(401, "oauth.v2.InvalidApiKey", "Invalid ApiKey")
        if asked.path == "/attractions/K1.json":
            return Said(ATTRACTION)
        if asked.path not in {"/events.json", "/attractions.json"}:
            return error(404, "DIS1004", "Resource not found with provided criteria")
        size, page = asked.number("size", 20), asked.number("page", 0)
        if size > 200:
            return error(400, "DIS1036", "size must be at most 200")
        if size * page >= 1000:
            return error(
                400, "DIS1035", "API Limits Exceeded: (page * size) must be less than 1,000"
            )
        name = "events" if asked.path == "/events.json" else "attractions"
        found = artists
        if name == "events":
            assert asked.query["attractionId"] == "K1"
            assert asked.query["sort"] == "date,asc"
            start, end = asked.query.get("startDateTime", ""), asked.query.get("endDateTime", "~")
            found = [e for e in events if start < e["dates"]["start"]["dateTime"] < end]
        some = found[page * size : (page + 1) * size]
        links = {"self": {"href": f"{asked.path}?page={page}&apikey={KEY}"}}
        paged = {"size": size, "totalElements": len(found), "number": page}
        body = {"_links": links, "page": paged | {"totalPages": -(-len(found) // size)}}
        if some:
            body["_embedded"] = {name: some}
        return Said(body, headers={"Rate-Limit": "5000", "Rate-Limit-Available": "4978"})

    return platform


def client(server, **kwargs):
    return mt.collect.Ticketmaster(token=KEY, base_url=server.url, **kwargs)


@pytest.mark.parametrize("seed", range(2))
def test_every_show_once_beyond_the_thousand(serve, seed):
    server = serve(ticketmaster(2500), faults=PASSING, share=0.3, seed=seed)
    rows = list(client(server).shows("K1"))
    assert [row.show_id for row in rows] == [f"E{i}" for i in range(2500)]
    row = rows[3]
    assert (row.artist, row.artist_id, row.ds) == ("Ana", "K1", "2026-12-02")
    assert (row.venue, row.city, row.country) == ("Hall", "Berlin", "DE")
    assert server.spoilt


def test_a_page_is_as_large_as_it_may_be_and_a_limit_asks_for_no_more(serve):
    server = serve(ticketmaster(900))
    assert len(list(client(server).shows("K1"))) == 900
    assert [asked.query["size"] for asked in server.asked] == ["200"] * 5
    assert len(list(client(server).shows("K1", limit=30))) == 30
    assert server.asked[-1].query["size"] == "30"


def test_over_a_thousand_shows_at_one_moment_are_an_error_and_no_loop(serve):
    server = serve(ticketmaster(1300, step=dt.timedelta(0)))
    with pytest.raises(mt.errors.MalformedResponse, match="on one date"):
        list(client(server).shows("K1"))
    assert len(server.asked) < 30


def test_days_are_whole_and_part_of_the_question(serve):
    server = serve(ticketmaster(100))
    rows = client(server).shows("K1", start="2026-12-05", end="2026-12-06", country="DE")
    assert {row.ds for row in rows} == {"2026-12-05", "2026-12-06"}
    assert server.asked[0].query["endDateTime"] == "2026-12-07T00:00:00Z"
    assert server.asked[0].query["countryCode"] == "DE"
    names = {client(server).shows("K1", start=day).call.name for day in ("2026-12-05", None)}
    assert len(names) == 2
    with pytest.raises(InputError):
        client(server).shows("K1", start="2026-12-07", end="2026-12-06")


def test_nobody_plays(serve):
    assert list(client(serve(ticketmaster(0))).shows("K1")) == []


def test_artists_are_found_up_to_the_thousandth(serve):
    server = serve(ticketmaster(n_artists=1100))
    assert len(list(client(server).search("ana"))) == 1000
    artist = client(server).artist("K1").one()
    assert artist.genres == ("Pop",)
    assert artist.mbid == "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"
    seen = client(server).metrics("K1").one()
    assert (seen.entity_id, seen.metric, seen.value) == ("artist:K1", "upcoming_shows", 12)
    with pytest.raises(InputError):
        client(server).search("ana", kind="venue")


def test_what_is_not_there(serve):
    with pytest.raises(NotFound, match="DIS1004"):
        client(serve(ticketmaster())).artist("K2").one()
    with pytest.raises(NotOffered):
        client(serve(ticketmaster())).charts()


def test_a_used_up_day_says_when_it_begins_anew_and_keeps_the_key(serve, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    reset = int((time.time() + 7200) * 1000)
    words = f"Rate limit quota violation. Quota limit  exceeded. Identifier : {KEY}"
    said = fault(429, "policies.ratelimit.QuotaViolation", words, {"Rate-Limit-Reset": str(reset)})
    server = serve(lambda _: said)
    path = tmp_path / "limits.sqlite"
    with pytest.raises(RateLimited, match="quota violation") as caught:
        client(server, store=path).artist("K1").one()
    assert abs(caught.value.retry_at.timestamp() - reset / 1000) < 2
    assert len(server.asked) == 1
    told = "".join(traceback.format_exception(caught.value)) + caplog.text + caught.value.reason
    assert KEY not in told
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_a_burst_is_tried_again(serve):
    said = [fault(429, "policies.ratelimit.SpikeArrestViolation", "Spike arrest violation")]
    server = serve(lambda asked: said.pop() if said else ticketmaster()(asked))
    before = time.monotonic()
    assert client(server).artist("K1").one().name == "Ana"
    assert time.monotonic() - before > 0.9


def test_a_wrong_key_is_refused_and_told_to_nobody(serve, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(ticketmaster())
    other = "another-key-that-is-wrong"
    with pytest.raises(AuthError, match="Invalid ApiKey") as caught:
        mt.collect.Ticketmaster(token=other, base_url=server.url).artist("K1").one()
    assert other not in "".join(traceback.format_exception(caught.value)) + caplog.text
    assert other in str(server.asked[0].query), "it was sent"


def test_the_key_stays_out_of_a_store(serve, tmp_path):
    server = serve(ticketmaster(450))
    with mt.collect.Store(tmp_path / "s.sqlite") as store:
        done = store.collect(client(server, store=store).shows("K1"))
        assert (done.rows, done.calls) == (450, 3)
        # Its own links repeat the key; what is kept does not.
        assert "apikey=***" in store.frame("raw")["body"].iloc[0]
        assert store.frame("shows")["policy"].unique().tolist() == ["Ticketmaster"]
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_without_a_key_there_is_a_plan_and_a_hint(monkeypatch):
    monkeypatch.delenv("MUSICTOOLS_TICKETMASTER_TOKEN", raising=False)
    assert mt.collect.Ticketmaster().plan(metrics=12_000).days == 3
    with pytest.raises(AuthError, match="MUSICTOOLS_TICKETMASTER_TOKEN"):
        mt.collect.Ticketmaster().artist("K1").one()
