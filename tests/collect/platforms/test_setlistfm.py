"""setlist.fm, as its documents describe it."""

import logging
import traceback

import pytest

import musictools as mt
from musictools.errors import AuthError, InputError, NotFound, RateLimited
from tests.collect.hostile import PASSING, Said

KEY = "planted-key-of-setlist-fm"
MBID = "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d"
ARTIST = {
    "mbid": MBID, "tmid": 735610, "name": "The Beatles", "sortName": "Beatles, The",
    "url": "https://www.setlist.fm/setlists/the-beatles-23d6a88b.html",
}  # fmt: skip
SETS = [
    {"name": "Set 1", "song": [{"name": "Intro", "tape": True}, {"name": "Yesterday"},
                               {"name": "", "info": "unknown"}]},
    {"encore": 1, "song": [{"name": "Twist and Shout", "cover": {"name": "The Top Notes"}}]},
]  # fmt: skip


def concert(i, *, nested=True):
    """The documents have the sets in the concert, the answers have them in ``sets``."""
    return {
        "id": f"{i:08x}", "versionId": f"v{i}", "eventDate": "23-08-1964",
        "lastUpdated": "2013-10-20T05:18:08.000+0000", "artist": ARTIST,
        "venue": {"id": "6bd6ca6e", "name": "Hollywood Bowl", "city": {
            "id": "5357527", "name": "Hollywood", "country": {"code": "US", "name": "USA"}}},
        "tour": {"name": "North American Tour 1964"}, "url": f"https://www.setlist.fm/{i}.html",
        **({"sets": {"set": SETS}} if nested else {"set": SETS}),
    }  # fmt: skip


def error(status, words, message):
    stamp = "2016-12-08T17:52:48.817+0000"
    return Said({"code": status, "status": words, "message": message, "timestamp": stamp}, status)


def setlistfm(n=0, *, nested=True):
    """The key stands in a header; pages of twenty (thirty in searches) are numbered from one."""

    def platform(asked):
        if asked.headers.get("x-api-key") != KEY:
            return Said({"message": "Forbidden"}, 403)
        assert asked.headers["accept"] == "application/json"
        assert KEY not in str(asked.query)
        page = asked.number("p", 1)
        if page < 1 or set(asked.query) - {"p", "artistName", "sort"}:
            return error(400, "Bad Request", "unknown parameter")
        size = 20
        if asked.path == f"/artist/{MBID}/setlists":
            name, rows = "setlist", [concert(i, nested=nested) for i in range(n)]
        elif asked.path == "/search/artists":
            name, rows, size = "artist", [ARTIST | {"mbid": f"m{i}"} for i in range(n)], 30
        elif asked.path == f"/artist/{MBID}":
            return Said(ARTIST)
        else:
            return error(404, "Not Found", "unknown mbid")
        some = rows[(page - 1) * size : page * size]
        if not some:
            return error(404, "Not Found", "not found")
        return Said(
            {"type": f"{name}s", "itemsPerPage": size, "page": page, "total": n, name: some}
        )

    return platform


def client(server, **kwargs):
    return mt.collect.SetlistFm(token=KEY, base_url=server.url, **kwargs)


@pytest.mark.parametrize("seed", range(2))
def test_every_concert_once(serve, seed):
    server = serve(setlistfm(487), faults=PASSING, share=0.3, seed=seed)
    rows = list(client(server).shows(MBID))
    assert [row.show_id for row in rows] == [f"{i:08x}" for i in range(487)]
    assert server.spoilt


@pytest.mark.parametrize("nested", [True, False])
def test_a_concert_with_its_songs(serve, nested):
    show = client(serve(setlistfm(40, nested=nested))).shows(MBID).one()
    assert show.songs == ("Yesterday", "Twist and Shout")
    assert (show.ds, show.artist, show.artist_id) == ("1964-08-23", "The Beatles", MBID)
    assert (show.venue, show.city, show.country) == ("Hollywood Bowl", "Hollywood", "US")
    assert show.tour == "North American Tour 1964"


def test_the_last_page_is_not_asked_for_twice(serve):
    server = serve(setlistfm(40))
    assert len(list(client(server).shows(MBID))) == 40
    assert len(server.asked) == 2
    assert len(list(client(server).shows(MBID, limit=21))) == 21
    assert len(server.asked) == 4


def test_artists(serve):
    server = serve(setlistfm(61))
    assert len(list(client(server).search("beatles"))) == 61
    artist = client(server).artist(MBID).one()
    assert (artist.name, artist.mbid) == ("The Beatles", MBID)
    assert client(server).metrics(MBID).one().value == 61
    with pytest.raises(InputError):
        client(server).metrics(MBID, of="venue")
    with pytest.raises(NotFound, match="unknown mbid"):
        client(server).artist("m-none").one()
    with pytest.raises(NotFound):
        list(client(serve(setlistfm(0))).search("nobody"))


def test_a_refused_key_is_told_to_nobody(serve, caplog):
    caplog.set_level(logging.DEBUG)
    other = "another-key-that-is-wrong"
    server = serve(setlistfm(1))
    with pytest.raises(AuthError, match="Forbidden") as caught:
        mt.collect.SetlistFm(token=other, base_url=server.url).artist(MBID).one()
    assert other not in "".join(traceback.format_exception(caught.value)) + caplog.text
    assert server.asked[0].headers["x-api-key"] == other


def test_too_many_requests_wait_or_give_up(serve):
    server = serve(setlistfm(40), faults=("429 huge",), share=1.0)
    with pytest.raises(RateLimited):
        list(client(server).shows(MBID))
    assert len(server.asked) == 1


def test_the_key_stays_out_of_a_store(serve, tmp_path):
    with mt.collect.Store(tmp_path / "s.sqlite") as store:
        done = store.collect(client(serve(setlistfm(45)), store=store).shows(MBID))
        assert (done.rows, done.calls) == (45, 3)
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_a_plan_needs_no_key(monkeypatch):
    monkeypatch.delenv("MUSICTOOLS_SETLISTFM_TOKEN", raising=False)
    plan = mt.collect.SetlistFm().plan(shows=100_000)
    assert (plan.calls, plan.days) == (5000, 4)
    with pytest.raises(AuthError, match="MUSICTOOLS_SETLISTFM_TOKEN"):
        mt.collect.SetlistFm().artist(MBID).one()
