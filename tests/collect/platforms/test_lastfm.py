"""Last.fm: its numbered errors, its oddities, and a key that must stay where it is."""

import logging
import traceback
from urllib.parse import quote

import pytest

import musictools as mt
from musictools.errors import AuthError, InputError, NotFound, NotOffered, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said

KEY = "0123456789abcdef0123456789abcdef"
LARGEST = 1000


def track(i, **more):
    return {
        "name": f"Song {i}", "playcount": str(10_000 - i), "listeners": str(1000 - i), "mbid": "",
        "url": f"https://www.last.fm/music/Ana+B/_/Song+{i}", "streamable": "0",
        "artist": {"name": "Ana B", "mbid": "", "url": "https://www.last.fm/music/Ana+B"},
        "image": [{"#text": "", "size": "small"}], **more,
    }  # fmt: skip


def artist(i):
    return {"name": f"Ana {i}", "listeners": str(500 - i), "playcount": str(9000 - i),
            "mbid": "", "url": f"https://www.last.fm/music/Ana+{i}"}  # fmt: skip


def error(code, message, status=400):
    return Said({"error": code, "message": message, "links": []}, status)


def info(asked, name):
    """artist.getInfo, track.getInfo and album.getInfo."""
    if "mbid" not in asked.query and not asked.query.get(name):
        return error(6, f"Invalid parameters - Your request is missing the parameter {name}")
    if asked.query.get(name) == "Nobody":
        word = "The artist you supplied" if name == "artist" else name.capitalize()
        return error(6, f"{word} could not be found", 200)
    if name == "artist":
        stats = {"listeners": "3677952", "playcount": "98765432"}
        one = {"name": asked.query.get("artist", "Ana B"), "mbid": "m-1", "stats": stats}
        return Said({"artist": {**one, "url": "https://www.last.fm/music/Ana+B"}})
    if name == "track":
        album = {"artist": "Ana B", "title": "First & Last", "mbid": "", "@attr": {"position": "3"}}
        one = {**track(1), "name": asked.query["track"], "duration": "245000", "album": album}
        return Said({"track": one})
    # One track comes as an object, and not in a list.
    tracks = {"track": {"name": "Song 1", "duration": 245, "url": "u", "@attr": {"rank": 1},
                        "artist": {"name": "Ana B"}}}  # fmt: skip
    return Said({"album": {"name": asked.query["album"], "artist": asked.query["artist"],
                           "listeners": "7", "playcount": "70", "tracks": tracks}})  # fmt: skip


def lastfm(n=0, *, shown=None):
    """Last.fm, of last.fm/api; a search tells of ``n`` rows and shows ``shown`` of them."""

    def page(asked, make, most):
        number, size = asked.number("page", 1), asked.number("limit", 50)
        first = (number - 1) * size
        rows = [make(i) for i in range(first, min(first + size, most))]
        about = {"page": str(number), "perPage": str(size), "total": str(n),
                 "totalPages": str(-(-n // size))}  # fmt: skip
        return (rows[0] if len(rows) == 1 else rows), about

    def platform(asked):  # noqa: PLR0911
        if asked.query.get("api_key") != KEY:
            return error(10, "Invalid API key - You must be granted a valid key by last.fm", 403)
        assert asked.query.get("format") == "json"
        if asked.number("limit", 50) > LARGEST or asked.number("page", 1) < 1:
            return error(6, "limit param out of bounds (1-1000)")
        method = asked.query["method"].lower()
        kind, _, verb = method.partition(".")
        if verb == "getinfo":
            return info(asked, kind)
        if verb == "search":
            rows, about = page(asked, lambda i: {**track(i), "artist": "Ana B"}, shown or n)
            return Said({"results": {"opensearch:totalResults": about["total"],
                                     f"{kind}matches": {kind: rows}}})  # fmt: skip
        if kind == "geo" and asked.query.get("country") not in {"Germany", "Korea, Republic of"}:
            return error(6, "country param invalid")
        if kind == "artist" and asked.query.get("artist") == "Quiet":
            return Said({"toptracks": {"@attr": {"artist": "Quiet", "total": "0"}}})
        box, name, make = {
            "gettoptracks": ("toptracks" if kind == "artist" else "tracks", "track", track),
            "gettopalbums": ("topalbums", "album", track),
            "gettopartists": ("topartists" if kind == "geo" else "artists", "artist", artist),
        }[verb]
        rows, about = page(asked, make, n)
        return Said({box: {name: rows, "@attr": about}})

    return platform


def client(serve, *args, token=KEY, faults=(), seed=0, **kwargs):
    server = serve(lastfm(*args, **kwargs), faults=faults, share=0.3, seed=seed)
    return mt.collect.LastFm(base_url=server.url, token=token), server


@pytest.mark.parametrize("seed", range(3))
def test_every_row_once_whatever_goes_wrong(serve, seed):
    # The last page holds one row, which comes without a list.
    source, server = client(serve, 4001, faults=PASSING, seed=seed)
    rows = list(source.tracks("Ana B"))
    assert [row.title for row in rows] == [f"Song {i}" for i in range(4001)]
    assert server.spoilt
    assert rows[7].track_id == "Ana+B/_/Song+7"
    assert all(asked.number("limit", 0) == 500 for asked in server.asked)


def test_a_search_that_shows_less_than_it_tells_ends(serve):
    source, server = client(serve, 50_000, shown=1200)
    rows = list(source.search("song"))
    assert len(rows) == 1200
    assert rows[0].artist == "Ana B"
    assert len(server.asked) == 4


def test_nothing_is_no_list(serve):
    source, _ = client(serve)
    assert not list(source.tracks("Quiet"))


def test_numbers_that_come_as_texts(serve):
    source, server = client(serve)
    values = {row.metric: row.value for row in source.metrics("Ana B")}
    assert values == {"listeners": 3_677_952, "plays": 98_765_432}
    assert {r.value for r in source.metrics("Ana+B/First", of="release")} == {7, 70}
    assert {r.value for r in source.metrics("Ana+B/_/Song+1", of="track")} == {999, 9999}
    assert server.asked[-1].query["artist"] == "Ana B"
    assert source.artist("5b11f4ce-a62d-471e-81fc-a69a8278c7da").one().mbid == "m-1"
    assert "artist" not in server.asked[-1].query


def test_one_track_and_the_tracks_of_a_release(serve):
    source, _ = client(serve)
    one = source.track("Ana+B/_/100%25+%2B+1").one()
    assert (one.title, one.duration_s, one.release_id) == (
        "100% + 1", 245.0, "Ana+B/First+%26+Last",
    )  # fmt: skip
    assert source.track(one.track_id).one() == one
    (only,) = source.tracks("Ana+B/First+%26+Last", of="release")
    assert (only.release, only.duration_s, only.number) == ("First & Last", 245.0, 1)


def test_charts_take_names_of_countries(serve):
    source, server = client(serve, 1100)
    rows = list(source.charts("tracks", country="DE", limit=600))
    assert [row.rank for row in rows] == list(range(1, 601))
    assert (rows[0].country, rows[0].value) == ("DE", 1000)
    assert server.asked[0].query["country"] == "Germany"
    assert next(source.charts("artists", country="kr", limit=3)).entity_id == "Ana 0"
    assert next(source.charts("artists", limit=3)).value == 9000
    with pytest.raises(ServiceError, match="country param invalid"):
        list(source.charts(country="Atlantis"))
    with pytest.raises(InputError):
        source.charts(country="QQ")


@pytest.mark.parametrize("status", [200, 400, 429])
def test_error_29_is_a_limit(serve, status):
    server = serve(lambda _: error(29, "Rate Limit Exceeded", status))
    source = mt.collect.LastFm(base_url=server.url, token=KEY)
    with pytest.raises(RateLimited, match="Rate Limit Exceeded"):
        source.artist("Ana").one()
    assert len(server.asked) == source.transport.tries


def test_what_passes_is_asked_again(serve):
    server = serve(lambda _: error(8, "Operation failed", 500))
    server.platform = lambda asked: (
        error(11, "Service Offline", 200) if len(server.asked) < 3 else info(asked, "artist")
    )
    assert mt.collect.LastFm(base_url=server.url, token=KEY).artist("Ana").one().name == "Ana"
    assert len(server.asked) == 3


def test_errors_of_its_own(serve):
    source, _ = client(serve)
    with pytest.raises(NotFound, match="could not be found"):
        source.artist("Nobody").one()
    with pytest.raises(InputError, match="Artist/_/Title"):
        source.track("Song 1")
    with pytest.raises(InputError):
        source.search("x", kind="video")
    with pytest.raises(NotOffered):
        source.playlist("1")
    refused, _ = client(serve, token=KEY[::-1])
    with pytest.raises(AuthError, match="Invalid API key"):
        refused.artist("Ana").one()


def test_no_key_asks_nobody(serve):
    source, server = client(serve, token=None)
    assert source.plan(metrics=10).calls == 10
    with pytest.raises(AuthError, match="MUSICTOOLS_LASTFM_TOKEN"):
        source.artist("Ana").one()
    assert not server.asked


def test_a_key_in_the_query_stays_secret(serve, caplog):
    caplog.set_level(logging.DEBUG)
    odd = "planted/key +of&a=test"
    seen = []

    def echo(asked):
        seen.append(asked.query["api_key"])
        return error(26, f"Suspended API key {odd} {quote(odd, safe='')}", 403)

    with pytest.raises(AuthError) as caught:
        mt.collect.LastFm(base_url=serve(echo).url, token=odd).artist("Ana").one()
    assert seen == [odd]
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    dropped = serve(lastfm(), faults=("dropped", "reset"), share=1.0)
    with pytest.raises(ServiceError) as caught:
        mt.collect.LastFm(base_url=dropped.url, token=KEY).artist("Ana").one()
    told += "".join(traceback.format_exception(caught.value)) + caplog.text
    source, _ = client(serve, 1200)
    page = next(source.tracks("Ana B").pages())
    told += page.answer.url + page.answer.text + page.following[0].to_json() + caplog.text
    for secret in (KEY, odd, quote(odd, safe=""), "planted"):
        assert secret not in told
