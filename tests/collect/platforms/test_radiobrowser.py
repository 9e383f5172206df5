"""Radio Browser, as the documents of its server describe it."""

import socket

import pytest

import musictools as mt
from musictools.errors import InputError, NotFound, ServiceError
from tests.collect.hostile import PASSING, Said

KNOWN = {"name", "tag", "tagExact", "countrycode", "order", "reverse", "offset", "limit",
         "hidebroken"}  # fmt: skip


def station(i):
    return {
        "changeuuid": f"c{i}", "stationuuid": f"s{i:05}", "name": f" Radio {i} ",
        "url": "http://x/a.pls", "url_resolved": "http://x/a", "homepage": f"https://radio/{i}",
        "tags": "jazz,soul", "country": "Germany", "countrycode": "DE", "votes": i,
        "clickcount": 2 * i, "clicktrend": -3, "lastcheckok": 1, "geo_lat": None, "hls": 0,
    }  # fmt: skip


def radiobrowser(n=0):
    """Lists without a frame; offset and limit; at most what is asked for."""

    def platform(asked):
        assert asked.headers["user-agent"].startswith("musictools/")
        if asked.path == "/json/stations/byuuid":
            wanted = asked.query["uuids"].split(",")
            return Said([one for one in map(station, range(n)) if one["stationuuid"] in wanted])
        if asked.path != "/json/stations/search":
            return Said({"ok": False, "message": "not found"}, 404)
        assert set(asked.query) <= KNOWN
        start, size = asked.number("offset", 0), asked.number("limit", 100_000)
        return Said([station(i) for i in range(start, min(start + size, n))])

    return platform


def client(server, **kwargs):
    return mt.collect.RadioBrowser(base_url=server.url, **kwargs)


@pytest.fixture
def dead():
    """An address where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("seed", range(2))
def test_every_station_once(serve, seed):
    server = serve(radiobrowser(8500), faults=PASSING, share=0.3, seed=seed)
    rows = list(client(server).stations(tag="jazz", country="DE"))
    assert [row.station_id for row in rows] == [f"s{i:05}" for i in range(8500)]
    row = rows[7]
    assert (row.name, row.country, row.tags) == ("Radio 7", "DE", ("jazz", "soul"))
    assert (row.votes, row.clicks, row.url) == (7, 14, "https://radio/7")
    assert server.spoilt
    first = server.asked[0].query
    assert (first["tag"], first["tagExact"], first["order"]) == ("jazz", "true", "name")


def test_a_limit_asks_for_no_more(serve):
    server = serve(radiobrowser(3000))
    assert len(list(client(server).stations(limit=10, order="votes"))) == 10
    assert len(list(client(server).search("radio", limit=1001))) == 1001
    asked = [(a.query["limit"], a.query["offset"], a.query["reverse"]) for a in server.asked]
    assert asked == [("10", "0", "true"), ("1000", "0", "true"), ("1000", "1000", "true")]


def test_numbers_of_a_station(serve):
    server = serve(radiobrowser(9))
    numbers = {row.metric: row.value for row in client(server).metrics("s00004")}
    assert numbers == {"votes": 4, "clicks": 8, "click_trend": -3}
    assert list(client(server).metrics("s-none")) == []


def test_words_that_it_does_not_know(serve):
    server = serve(radiobrowser())
    with pytest.raises(InputError, match="clickcount"):
        client(server).stations(order="clicks")
    with pytest.raises(InputError):
        client(server).search("x", kind="song")
    with pytest.raises(InputError):
        client(server).metrics("x", of="song")
    assert not server.asked


def test_another_server_answers_for_one_that_cannot_be_reached(serve, dead, tmp_path):
    server = serve(radiobrowser(2500))
    with mt.collect.Store(tmp_path / "s.sqlite") as store:
        source = mt.collect.RadioBrowser(base_url=dead, mirrors=[server.url + "/"], store=store)
        rows = source.stations()
        assert store.collect(rows).rows == 2500
        assert source.transport.calls == 2 + 3, "the dead one is not asked again"
        jobs, raw = store.frame("jobs"), store.frame("raw")
        assert jobs["base_url"].tolist() == [dead], "the job keeps its name"
        assert all(url.startswith(server.url) for url in raw["url"])
        again = mt.collect.RadioBrowser(base_url=dead, mirrors=[server.url], store=store)
        assert store.collect(again.stations()).cached


def test_a_server_in_trouble_is_left_too(serve):
    broken = serve(lambda _: Said(b"broken", 503))
    server = serve(radiobrowser(5))
    source = mt.collect.RadioBrowser(base_url=broken.url, mirrors=[server.url])
    assert len(list(source.stations())) == 5


def test_what_a_server_says_is_not_asked_of_another(serve):
    first, second = serve(lambda _: Said({"ok": False}, 404)), serve(radiobrowser(5))
    with pytest.raises(NotFound):
        list(mt.collect.RadioBrowser(base_url=first.url, mirrors=[second.url]).stations())
    assert not second.asked


def test_nobody_can_be_reached(dead):
    with pytest.raises(ServiceError) as caught:
        list(mt.collect.RadioBrowser(base_url=dead, mirrors=[dead]).stations())
    assert caught.value.status is None


def test_an_address_of_ones_own_has_no_mirrors():
    own = mt.collect.RadioBrowser(base_url="http://127.0.0.1:9")
    assert own._servers == ["http://127.0.0.1:9"]
    assert len(mt.collect.RadioBrowser()._servers) == 4
