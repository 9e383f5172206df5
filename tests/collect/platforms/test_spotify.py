"""Spotify: development mode as its documents describe it, and recorded answers."""

import itertools
import logging
import time

import pytest

import musictools as mt
from musictools.collect._paging import Request
from musictools.errors import (
    AuthError,
    BudgetExceeded,
    NotFound,
    RateLimited,
    RemovedByPlatform,
    ServiceError,
)
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.planted import PLANTED, assert_pages_keep_no_secret, assert_unseen

LATEST_TOKEN = "BQ-a-token-of-an-app"


def error(status, message, **more):
    return Said({"error": {"status": status, "message": message, **more}}, status)


def spotify(n=0, *, life=3600, tokens=None):  # noqa: C901 - one platform
    """The lists of development mode since 9 March 2026, and the token endpoint beside them.

    As developer.spotify.com has it: ten a page in searches and the albums of an artist, fifty in
    other lists, offset up to 1000 in searches, a link ``next``, 400 for what is too large, 403 for
    what was removed, 401 for a token that has run out.
    """
    good = tokens if tokens is not None else [LATEST_TOKEN]

    def page(asked, kind, *, most, make, last=None):
        size, start = asked.number("limit", min(20, most)), asked.number("offset", 0)
        if not 1 <= size <= most:
            return error(400, "Invalid limit")
        if last is not None and start > last:
            return error(400, "Invalid offset")
        stop = min(start + size, n)
        more = stop < n
        link = f"https://api.spotify.com/v1{asked.path}?offset={start + size}&limit={size}"
        body = {
            "href": "https://api.spotify.com/v1" + asked.path, "limit": size, "offset": start,
            "total": n, "next": link if more else None, "previous": None,
            "items": [make(i) for i in range(start, stop)],
        }  # fmt: skip
        return Said({kind: body} if kind else body)

    def song(i):
        return {
            "id": f"t{i}", "name": f"Song {i}", "type": "track", "uri": f"spotify:track:t{i}",
            "duration_ms": 200_000 + i, "explicit": False, "disc_number": 1, "track_number": i,
            "artists": [{"id": "a1", "name": "Ana"}, {"id": "a2", "name": "Bo"}],
            "album": {"id": "r1", "name": "One", "release_date": "2026-11"},
            "external_ids": {"isrc": f"QZAAA26{i:05}"}, "is_playable": True, "new_field": {"a": 1},
        }  # fmt: skip

    def platform(asked):  # noqa: PLR0911 - one platform
        if asked.path == "/api/token":
            assert asked.method == "POST"
            assert asked.headers["authorization"].startswith("Basic ")
            assert asked.body == b"grant_type=client_credentials"
            good.append(f"{LATEST_TOKEN}-{len(good)}")
            body = {"access_token": good[-1], "token_type": "Bearer", "expires_in": life}
            return Said(body)
        if asked.headers.get("authorization") not in {f"Bearer {token}" for token in good[-1:]}:
            return error(401, "The access token expired")
        parts = asked.path.strip("/").split("/")
        match parts:
            case ["search"]:
                if not asked.query.get("q") or asked.query.get("type") not in {"track", "album"}:
                    return error(400, "No search query")
                kind = asked.query["type"] + "s"
                return page(asked, kind, most=10, make=song, last=1000)
            case ["artists", _, "albums"]:
                return page(
                    asked, "", most=10,
                    make=lambda i: {"id": f"r{i}", "name": f"Release {i}", "album_type": "single"},
                )  # fmt: skip
            case ["albums", _, "tracks"]:
                return page(asked, "", most=50, make=song)
            case ["playlists", _, "items"]:
                return page(
                    asked, "", most=50,
                    make=lambda i: {"added_at": "2026-11-25T00:00:00Z",
                                    "item": None if i % 7 == 3 else song(i)},
                )  # fmt: skip
            case ["tracks", "t1"]:
                return Said(song(1))
            case ["artists" | "tracks" | "albums", _]:
                return error(404, "Resource not found")
        return error(403, "Forbidden")

    return platform


def client(server, **kwargs):
    kwargs.setdefault("token", LATEST_TOKEN)
    return mt.collect.Spotify(base_url=server.url, token_url=server.url + "/api/token", **kwargs)


def test_recorded_artist_of_an_app_that_still_sees_all(serve, recorded):
    body = recorded("spotify/tests/fixtures/artist.json")
    row = client(serve(lambda _: Said(body))).artist("0TnOYISbd1XYRBk9myaseg").one()
    assert (row.name, row.followers, row.popularity) == ("Pitbull", 12_425_030, 0.85)
    assert row.url == "https://open.spotify.com/artist/0TnOYISbd1XYRBk9myaseg"


def test_recorded_lists(serve, recorded):
    def source(name):
        body = recorded(f"spotify/tests/fixtures/{name}.json")
        return client(serve(lambda _: Said(body)))

    found = list(source("search").search("Never", limit=5))
    assert len({row.track_id for row in found}) == 5
    assert all(row.isrc and len(row.isrc) == 12 and row.duration_s > 30 for row in found)
    releases = list(source("artist_albums").releases("0TnOYISbd1XYRBk9myaseg", limit=48))
    assert len(releases) == 48
    assert (releases[0].title, releases[0].released_on) == ("UNDERDOGS", "2025-08-29")
    tracks = list(source("album_tracks").tracks("4aawyAB9vmqN3uQ7FjRGTy", of="release"))
    assert len(tracks) == 18
    assert tracks[0].title == "Global Warming (feat. Sensato)"
    assert tracks[0].duration_s == 85.4
    assert tracks[0].release_id == "4aawyAB9vmqN3uQ7FjRGTy"
    (item,) = source("playlist_items").playlist("1Cp6VQCKf2VL4sP09jN9oX")
    assert item.added_at == "2025-07-29T21:11:55Z"
    assert item.position == 0
    assert item.isrc


def test_recorded_release_with_its_barcode(serve, recorded):
    body = recorded("spotify/tests/fixtures/get_album.json")
    row = client(serve(lambda _: Said(body))).release("3IqzqH6ShrRtie9Yd2ODyG").one()
    assert (row.title, row.barcode, row.n_tracks) == ("SINGLARITY", "195916707034", 11)
    assert row.label == "Smihilism Records"


def test_recorded_absence(serve, recorded):
    body = recorded("spotify/tests/fixtures/playlist_not_found.json")
    with pytest.raises(NotFound, match="Resource not found"):
        client(serve(lambda _: Said(body, 404))).playlist("x").one()


def test_recorded_429_without_a_word_on_how_long(serve, recorded):
    body = recorded("spotify/tests/fixtures/rate_limit.json")
    answers = itertools.chain([Said(body, 429)] * 2, itertools.repeat(None))
    real = spotify(5)
    server = serve(lambda asked: next(answers) or real(asked))
    assert client(server).track("t1").one().title == "Song 1"
    assert len(server.asked) == 3


@pytest.mark.parametrize("seed", range(2))
def test_every_row_once_whatever_goes_wrong(serve, seed):
    server = serve(spotify(430), faults=PASSING, share=0.3, seed=seed)
    rows = list(client(server).releases("a1"))
    assert [row.release_id for row in rows] == [f"r{i}" for i in range(430)]
    assert len(server.spoilt) >= 5


def test_pages_are_as_large_as_development_mode_allows(serve):
    server = serve(spotify(120))
    source = client(server)
    assert len(list(source.tracks("r1", of="release"))) == 120
    assert [asked.query["limit"] for asked in server.asked] == ["50"] * 3
    assert len(list(source.search("a", limit=25))) == 25
    assert [asked.query["limit"] for asked in server.asked[3:]] == ["10"] * 3
    assert len(list(source.search("a", limit=3))) == 3
    assert server.asked[-1].query["limit"] == "3"


def test_a_search_ends_where_spotify_ends_it(serve):
    rows = list(client(serve(spotify(5000))).search("a"))
    assert len({row.track_id for row in rows}) == len(rows) == 1010


def test_what_was_taken_from_a_playlist_keeps_its_place(serve):
    items = list(client(serve(spotify(20))).playlist("p"))
    assert [item.position for item in items] == [i for i in range(20) if i % 7 != 3]
    assert items[3].track_id == "t4"


def test_a_track_by_isrc_is_a_search(serve):
    server = serve(spotify(2))
    rows = list(client(server, market="SE").track(isrc="QZAAA2600001"))
    assert [row.isrc for row in rows] == ["QZAAA2600000", "QZAAA2600001"]
    assert server.asked[0].query["q"] == "isrc:QZAAA2600001"
    assert server.asked[0].query["market"] == "SE"


def test_a_quota_is_raised_at_once(serve):
    said = error(429, "Too many requests", reason="QUOTA_EXCEEDED")
    for headers in ({}, {"Retry-After": "5"}):
        server = serve(lambda _, h=headers: Said(said.body, 429, h))
        start = time.monotonic()
        with pytest.raises(RateLimited, match="QUOTA_EXCEEDED") as caught:
            client(server).artist("a1").one()
        assert time.monotonic() - start < 1
        assert caught.value.reason == "QUOTA_EXCEEDED"
        assert caught.value.retry_at is not None
        assert len(server.asked) == 1


def test_a_day_to_wait_is_raised_at_once_and_a_second_is_waited(serve):
    huge = serve(spotify(1), faults=("429 huge",), share=1.0)
    start = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        client(huge).track("t1").one()
    assert time.monotonic() - start < 1
    assert caught.value.retry_at.timestamp() > time.time() + 80_000
    answers = itertools.chain([Said({}, 429, {"Retry-After": "0.2"})], itertools.repeat(None))
    real = spotify(2)
    assert client(serve(lambda a: next(answers) or real(a))).track("t1").one().track_id == "t1"


def test_a_token_is_fetched_once_and_renewed_when_it_is_refused(serve):
    tokens = []
    server = serve(spotify(30, tokens=tokens))
    source = client(server, token=None, client_id="an-app-of-mine", client_secret=PLANTED)
    rows = iter(source.releases("a1"))
    next(rows)
    tokens.append("another, so that the first has run out")
    assert len(list(rows)) == 29
    paths = [asked.path for asked in server.asked]
    assert paths.count("/api/token") == 2


def test_a_token_near_its_end_is_not_used(serve):
    server = serve(spotify(20, life=10))
    source = client(server, token=None, client_id="an-app-of-mine", client_secret=PLANTED)
    assert len(list(source.releases("a1"))) == 20
    assert [asked.path for asked in server.asked].count("/api/token") == 2


def test_a_token_of_somebody_else_cannot_be_renewed(serve):
    server = serve(spotify(1))
    with pytest.raises(AuthError, match="expired"):
        client(server, token="old").track("t1").one()
    assert len(server.asked) == 1


def test_keys_are_looked_for_late_and_missed_by_name(monkeypatch):
    source = mt.collect.Spotify(base_url="http://127.0.0.1:9")
    assert source.plan(track=10).calls == 10
    with pytest.raises(AuthError, match="MUSICTOOLS_SPOTIFY_CLIENT_ID"):
        source.artist("a").one()
    monkeypatch.setenv("MUSICTOOLS_SPOTIFY_TOKEN", "of the surroundings")
    given = mt.collect.Spotify(client_id="given-app", client_secret=PLANTED)
    assert type(given.auth).__name__ == "ClientCredentials"
    assert mt.collect.Spotify().auth.value == "Bearer of the surroundings"


def test_a_budget_holds(serve):
    server = serve(spotify(100))
    with pytest.raises(BudgetExceeded):
        list(client(server, budget={"requests": 3}).releases("a1"))
    assert len(server.asked) == 3


@pytest.mark.parametrize("by", ["token", "credentials"])
def test_no_secret_comes_up_anywhere(serve, caplog, by):
    caplog.set_level(logging.DEBUG)
    if by == "token":
        server = serve(spotify(40, tokens=[PLANTED]))
        source = client(server, token=PLANTED)
    else:
        server = serve(spotify(40))
        source = client(server, token=None, client_id="an-app", client_secret=PLANTED)
    pages = assert_pages_keep_no_secret(source.releases("a1"), caplog)
    if by == "credentials":
        assert_pages_keep_no_secret(source.releases("a1"), caplog, secret=LATEST_TOKEN)
    assert Request.from_json(pages[0].following[0].to_json()) == pages[0].following[0]
    # What repeats the key, in a good answer or in its error.
    echo = serve(
        lambda asked: Said({"id": "a1", "name": "A", "to": asked.headers["authorization"]})
    )
    assert_pages_keep_no_secret(client(echo, token=PLANTED).artist("a1"), caplog)
    echo = serve(lambda asked: error(403, "no: " + asked.headers["authorization"]))
    with pytest.raises(ServiceError) as caught:
        client(echo, token=PLANTED).artist("a1").one()
    assert_unseen(caplog, caught.value, source)
    refused = serve(lambda _: Said({"error": "invalid_client"}, 400))
    with pytest.raises(AuthError, match="invalid_client") as caught:
        client(refused, token=None, client_id="an-app", client_secret=PLANTED).artist("a").one()
    assert_unseen(caplog, caught.value)


def test_what_spotify_took_away_says_when_and_what_instead():
    source = mt.collect.Spotify()
    with pytest.raises(RemovedByPlatform, match="2024-11-27") as caught:
        source.audio_features(["t1"])
    assert caught.value.removed_on.isoformat() == "2024-11-27"
    assert "Tidal.track" in caught.value.alternatives
    with pytest.raises(RemovedByPlatform, match="2026-03-09") as caught:
        source.metrics("a1")
    assert "Tidal.metrics" in caught.value.alternatives
    with pytest.raises(RemovedByPlatform, match="2026-03-09"):
        source.tracks("a1")
    for name in (
        "audio_analysis", "recommendations", "related_artists", "top_tracks", "new_releases",
        "featured_playlists", "categories", "markets", "several_tracks", "several_artists",
        "several_albums", "popularity", "followers", "preview_url",
    ):  # fmt: skip
        with pytest.raises(RemovedByPlatform):
            getattr(source, name)()


def test_what_never_was_is_an_attribute_error():
    with pytest.raises(AttributeError):
        mt.collect.Spotify().artists_of_the_moon  # noqa: B018
