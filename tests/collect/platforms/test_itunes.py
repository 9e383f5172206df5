"""iTunes search and look-up, and Apple's charts, as Apple's documents and feeds have them."""

import itertools
import time

import pytest

import musictools as mt
from musictools.errors import NotFound, NotOffered, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said

ARTIST = {
    "wrapperType": "artist", "artistType": "Artist", "artistId": 909_253,
    "primaryGenreName": "Rock", "artistName": "Jack Johnson", "artistLinkUrl": "https://music.apple.com/us/artist/909253",
}  # fmt: skip


def album(i):
    return {
        "wrapperType": "collection", "collectionType": "Album", "artistId": 909_253,
        "collectionId": 1000 + i, "artistName": "Jack Johnson", "trackCount": 13,
        "collectionName": f"Release {i}" + (" - Single" if i == 1 else ""),
        "releaseDate": "2005-03-01T08:00:00Z", "collectionPrice": 9.99, "country": "USA",
    }  # fmt: skip


def song(i):
    return {
        "wrapperType": "track", "kind": "music-video" if i == 3 else "song", "artistId": 909_253,
        "collectionId": 1000, "trackId": 2000 + i, "artistName": "Jack Johnson",
        "collectionName": "In Between Dreams", "trackName": f"Song {i}", "trackNumber": i,
        "discNumber": 1, "trackTimeMillis": 207_679, "trackExplicitness": "notExplicit",
        "releaseDate": "2005-03-01T12:00:00Z",
    }  # fmt: skip


def apple(n=0, *, updated="Wed, 25 Nov 2026 22:57:56 +0000"):
    """Search and look-up: 200 results at most, the entity itself first, 400 with errorMessage."""

    def platform(asked):
        if asked.path.startswith("/api/v2/"):
            *_, country, music, feed, size, name = asked.path.split("/")
            if (music, feed) != ("music", "most-played") or int(size) > 100:
                return Said(b"<html>not found</html>", 404)
            results = [
                {"artistName": "Ana", "id": str(i), "name": f"Song {i}", "kind": name,
                 "releaseDate": "2026-11-01", "artistId": "1", "url": "https://music.apple.com/"}
                for i in range(min(n, int(size)))
            ]  # fmt: skip
            about = {"title": "Top Songs", "country": country, "updated": updated}
            return Said({"feed": {**about, "results": results}})
        size = asked.number("limit", 50)
        entity = asked.query.get("entity")
        if not 1 <= size <= 200 or entity not in {None, "song", "musicArtist", "album"}:
            said = "Invalid value(s) for key(s): [resultEntity]"
            return Said({"errorMessage": said, "queryParameters": {}}, 400)
        if asked.path == "/search":
            assert asked.query["term"]
            make = {"song": song, "musicArtist": lambda _: ARTIST, "album": album}[entity]
            found = [make(i) for i in range(min(n, size))]
        elif asked.query["id"] != "909253":
            found = []
        else:
            make = {"song": song, "album": album, None: None}[entity]
            found = [ARTIST, *(make(i) for i in range(min(n, size)) if make)]
        # Apple sends line feeds first, and says that it is a script.
        body = {"resultCount": len(found), "results": found}
        text = "\n\n\n" + Said(body).data.decode()
        return Said(text.encode(), headers={"Content-Type": "text/javascript; charset=utf-8"})

    return platform


def client(server, **kwargs):
    return mt.collect.Itunes(base_url=server.url, **kwargs)


def test_rows(serve):
    server = serve(apple(5))
    source = client(server, country="GB")
    artist = source.artist(909253).one()
    assert (artist.name, artist.genres, artist.artist_id) == ("Jack Johnson", ("Rock",), "909253")
    releases = list(source.releases(909253))
    assert [row.kind for row in releases] == ["album", "single", "album", "album", "album"]
    assert releases[0].released_on == "2005-03-01"
    tracks = list(source.tracks(909253))
    assert [row.track_id for row in tracks] == ["2000", "2001", "2002", "2004"]
    assert (tracks[0].duration_s, tracks[0].explicit) == (207.679, False)
    assert {asked.query["country"] for asked in server.asked} == {"gb"}


def test_a_search_asks_for_no_more_than_is_wanted(serve):
    server = serve(apple(500))
    source = client(server)
    assert len(list(source.search("jack", kind="release"))) == 200
    assert len(list(source.search("jack", kind="release", limit=7))) == 7
    assert [asked.query["limit"] for asked in server.asked] == ["200", "7"]


def test_charts_need_no_key_and_have_an_address_of_their_own(serve, monkeypatch):
    server = serve(apple(100))
    rows = list(mt.collect.Itunes(charts_base_url=server.url).charts(country="SE"))
    assert [row.rank for row in rows] == list(range(1, 101))
    assert {(row.country, row.ds, row.chart) for row in rows} == {
        ("SE", "2026-11-25", "most-played tracks")
    }
    (asked,) = server.asked
    assert asked.path == "/api/v2/se/music/most-played/100/songs.json"
    assert "authorization" not in asked.headers
    monkeypatch.setenv("MUSICTOOLS_ITUNES_CHARTS_BASE_URL", server.url + "/")
    assert mt.collect.Itunes().charts_base_url == server.url
    monkeypatch.delenv("MUSICTOOLS_ITUNES_CHARTS_BASE_URL")
    assert mt.collect.Itunes().charts_base_url == "https://rss.marketingtools.apple.com"
    assert client(server).charts_base_url == server.url


def test_a_chart_without_a_date_is_of_today(serve, caplog):
    (row, *_) = client(serve(apple(1, updated="soon"))).charts("releases")
    assert row.ds == time.strftime("%Y-%m-%d", time.gmtime())
    assert row.entity == "release"
    assert "soon" in caplog.text


@pytest.mark.parametrize("seed", range(4))
def test_every_row_once_whatever_goes_wrong(serve, seed):
    server = serve(apple(150), faults=PASSING, share=0.3, seed=seed)
    source = client(server)
    rows = [row for _ in range(5) for row in source.charts()]
    assert [row.rank for row in rows] == [*range(1, 101)] * 5
    for _ in range(5):
        found = [row.release_id for row in source.releases(909253)]
        assert found == [str(1000 + i) for i in range(150)]
    assert server.spoilt


def test_a_refusal_is_too_many_requests(serve):
    server = serve(lambda _: Said(b"", 403))
    start = time.monotonic()
    with pytest.raises(RateLimited, match="403"):
        client(server, longest_wait_s=5).artist(1).one()
    assert time.monotonic() - start < 1
    assert len(server.asked) == 1
    said = Said(b"", 403, {"Retry-After": "0"})
    answers = itertools.chain([said], itertools.repeat(None))
    real = apple()
    server = serve(lambda asked: next(answers) or real(asked))
    assert client(server).artist(909253).one().name == "Jack Johnson"


def test_its_own_errors(serve):
    said = Said({"errorMessage": "Invalid value(s) for key(s): [country]"}, 400)
    with pytest.raises(ServiceError, match=r"key\(s\): \[country\]"):
        client(serve(lambda _: said), country="zz").artist(1).one()
    with pytest.raises(NotFound, match="nothing for"):
        client(serve(apple())).artist(1).one()
    with pytest.raises(NotFound):
        client(serve(lambda _: Said(b"", 404))).charts(country="zz").one()


def test_what_apple_does_not_offer_without_a_key():
    source = mt.collect.Itunes()
    with pytest.raises(NotOffered):
        source.track(isrc="QZAAA2600001")
    with pytest.raises(NotOffered):
        source.metrics(1)
