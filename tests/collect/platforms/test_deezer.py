"""Deezer: what real answers hold, and what its documents say goes wrong."""

import itertools
from urllib.parse import urlsplit

import pytest

import musictools as mt
from musictools.errors import AuthError, NotFound, RateLimited
from tests.collect.hostile import PASSING, Said

PAGE = 100


def deezer(n_tracks=0, *, repeat=0):
    """Deezer's lists, as developers.deezer.com describes them: data, total, next, prev.

    ``repeat`` shows so many rows of a page again on the next one, as a list does that grows.
    """

    def platform(asked):
        assert asked.method == "GET"
        start, size = asked.number("index", 0), asked.number("limit", 25)
        first = max(start - (repeat if start else 0), 0)
        data = [
            {
                "id": i, "title": f"Song {i}", "duration": 200 + i % 7, "rank": 500_000,
                "isrc": f"QZAAA26{i:05}", "explicit_lyrics": False, "type": "track",
                "artist": {"id": 1, "name": "Ana", "type": "artist"},
                "album": {"id": 9, "title": "Album", "type": "album"}, "new_field": {"a": [1]},
            }
            for i in range(first, min(start + size, n_tracks))
        ]  # fmt: skip
        body = {"data": data, "total": n_tracks}
        if start + size < n_tracks:
            body["next"] = f"https://api.deezer.com{asked.path}?limit={size}&index={start + size}"
        return Said(body)

    return platform


def replay(said):
    """Recorded answers, by the path of their address."""
    by_path = {urlsplit(uri).path: (status, body) for uri, status, body in said}

    def platform(asked):
        status, body = by_path[asked.path]
        return Said(body.encode(), status)

    return platform


def test_pages_are_followed_to_the_end(serve):
    server = serve(deezer(1234))
    rows = list(mt.collect.Deezer(base_url=server.url).tracks("1"))
    assert [row.track_id for row in rows] == [str(i) for i in range(1234)]
    assert rows[7].isrc == "QZAAA2600007"
    assert rows[7]["duration_s"] == 200
    assert len(server.asked) == 13
    assert all(asked.number("limit", 0) == PAGE for asked in server.asked)


def test_nothing_is_asked_before_the_first_row(serve):
    server = serve(deezer(1000))
    rows = mt.collect.Deezer(base_url=server.url).tracks("1")
    assert not server.asked
    assert len(list(itertools.islice(rows, 150))) == 150
    assert len(server.asked) == 2


def test_a_limit_asks_for_no_more(serve):
    server = serve(deezer(1000))
    assert len(list(mt.collect.Deezer(base_url=server.url).tracks("1", limit=130))) == 130
    assert len(server.asked) == 2


@pytest.mark.parametrize("seed", range(3))
def test_every_row_once_whatever_goes_wrong(serve, seed):
    server = serve(deezer(3000, repeat=3), faults=PASSING, share=0.3, seed=seed)
    rows = list(mt.collect.Deezer(base_url=server.url).tracks("1"))
    assert sorted(int(row.track_id) for row in rows) == list(range(3000))
    assert len(server.spoilt) >= 5


def test_a_quota_told_with_status_200_is_a_quota(serve):
    said = Said({"error": {"type": "Exception", "message": "Quota limit exceeded", "code": 4}})
    server = serve(lambda _: said)
    with pytest.raises(RateLimited, match="Quota limit exceeded") as caught:
        mt.collect.Deezer(base_url=server.url, longest_wait_s=1).artist("27").one()
    assert caught.value.retry_at is not None
    assert len(server.asked) == 1


def test_other_errors_told_with_status_200(serve):
    said = {"error": {"type": "OAuthException", "message": "Invalid OAuth", "code": 300}}
    with pytest.raises(AuthError, match="Invalid OAuth"):
        mt.collect.Deezer(base_url=serve(lambda _: Said(said)).url).artist("27").one()


def test_recorded_artist(serve, cassettes):
    said = cassettes("deezer/tests/cassettes/TestClient.test_get_artist.yaml")
    client = mt.collect.Deezer(base_url=serve(replay(said)).url)
    artist = client.artist("27").one()
    assert (artist.name, artist.followers) == ("Daft Punk", 3_677_952)
    numbers = {row.metric: row.value for row in client.metrics("27")}
    assert numbers["followers"] == 3_677_952


def test_recorded_absence(serve, cassettes):
    said = cassettes("deezer/tests/cassettes/TestClient.test_no_artist_raise.yaml")
    path = urlsplit(said[0][0]).path
    client = mt.collect.Deezer(base_url=serve(replay(said)).url)
    with pytest.raises(NotFound):
        client.artist(path.split("/")[-1]).one()
