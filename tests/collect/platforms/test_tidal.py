"""Tidal: JSON:API as its OpenAPI description has it, version 1.10.104."""

import itertools
import logging
import time

import pytest

import musictools as mt
from musictools.errors import AuthError, NotFound, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.planted import PLANTED, assert_pages_keep_no_secret, assert_unseen

TOKEN = "eyJ-a-token-of-an-app"
PAGE = 20


def error(status, detail):
    return Said({"errors": [{"status": str(status), "detail": detail}]}, status)


def song(i):
    return {
        "id": str(i), "type": "tracks",
        "attributes": {
            "title": f"Song {i}", "version": "Remix" if i == 1 else None, "isrc": f"QZAAA26{i:05}",
            "duration": "PT2M58S", "explicit": True, "popularity": 0.56, "bpm": 60.0,
            "key": "FSharp", "keyScale": "HARMONIC_MINOR", "mediaTags": ["A_NEW_TAG"],
        },
        "relationships": {
            "artists": {"data": [{"id": "a1", "type": "artists"}], "links": {"self": "/x"}},
            "albums": {"data": [{"id": "r1", "type": "albums"}], "links": {"self": "/x"}},
        },
    }  # fmt: skip


def album(i):
    return {
        "id": f"r{i}", "type": "albums",
        "attributes": {
            "title": f"Release {i}", "albumType": "A_NEW_KIND" if i == 2 else "EP",
            "barcodeId": f"{i:013}", "numberOfItems": 5, "releaseDate": "2026-11-25",
            "popularity": 0.4,
        },
        "relationships": {"artists": {"data": [{"id": "a1", "type": "artists"}]}},
    }  # fmt: skip


ARTIST = {
    "id": "a1", "type": "artists", "attributes": {"name": "Ana", "handle": "ana",
                                                  "popularity": 0.7, "ownerType": "NEW"},
}  # fmt: skip


def tidal(n=0, *, token=TOKEN, prefix=""):  # noqa: C901, PLR0915 - one platform
    """Tidal as described: a media type, cursors, inclusion on request, 400 for what is unknown."""

    def relation(asked, path, make, name, meta=None):
        # Links stand relative to the server's address, and need not repeat the inclusion.
        cursor = asked.query.get("page[cursor]", "c0")
        if not cursor.startswith("c"):
            return error(400, "Invalid cursor")
        start = int(cursor[1:])
        some = [make(i) for i in range(start, min(start + PAGE, n))]
        data = [{"id": one["id"], "type": one["type"]} for one in some]
        for i, one in enumerate(data, start):
            if meta:
                one["meta"] = meta(i)
        links = {"self": path}
        if start + PAGE < n:
            links["next"] = f"{prefix}{path}?page%5Bcursor%5D=c{start + PAGE}"
            links["meta"] = {"nextCursor": f"c{start + PAGE}"}
        paths = asked.query.get("include", "").split(",")
        roots = {one.partition(".")[0] for one in paths if one}
        if roots - {name}:
            return error(400, f"Invalid include: {roots - {name}}")
        body = {"data": data, "links": links}
        if name in roots:
            body["included"] = [*some, ARTIST, album(1)]
        return body

    def platform(asked):  # noqa: C901, PLR0911, PLR0912 - one platform
        if asked.path == "/token":
            assert asked.headers["authorization"].startswith("Basic ")
            return Said({"access_token": token, "token_type": "Bearer", "expires_in": 86_400})
        if asked.headers.get("authorization") != f"Bearer {token}":
            return error(401, "Unauthorized")
        if asked.headers.get("accept") != "application/vnd.api+json":
            return error(406, "Not acceptable")
        known = {"countryCode", "include", "page[cursor]", "filter[isrc]", "filter[query]"}
        known |= {"collapseBy"} if asked.path.endswith("/tracks") else set()
        if not set(asked.query) <= known or asked.query.get("countryCode") != "US":
            return error(400, f"Unknown parameter: {set(asked.query) - known}")
        if "filter[query]" in asked.query and asked.path != "/searchResults":
            return error(400, "No such filter")
        parts = asked.path.strip("/").split("/")
        match parts:
            case ["searchResults"]:
                one = relation(asked, "/searchResults/s1/relationships/tracks", song, "tracks")
                found = {"data": one["data"], "links": one["links"]}
                hit = {"id": "s1", "type": "searchResults", "relationships": {"tracks": found},
                       "attributes": {"trackingId": "x"}}  # fmt: skip
                return Said({"data": [hit], "included": one["included"], "links": {"self": "/"}})
            case ["searchResults", "s1", "relationships", "tracks"]:
                body = relation(asked, asked.path, song, "tracks")
            case ["artists", "a1", "relationships", "albums"]:
                body = relation(asked, asked.path, album, "albums")
            case ["artists", "a1", "relationships", "tracks"]:
                if asked.query.get("collapseBy") not in {"FINGERPRINT", "NONE"}:
                    return error(400, "collapseBy is required")
                body = relation(asked, asked.path, song, "tracks")
            case ["artists", "a1", "relationships", "similarArtists"]:
                body = {"data": [{"id": "a1", "type": "artists"}], "included": [ARTIST],
                        "links": {"self": asked.path}}  # fmt: skip
            case ["albums", "r1", "relationships", "items"]:
                body = relation(
                    asked, asked.path, song, "items",
                    lambda i: {"trackNumber": i + 1, "volumeNumber": 1},
                )  # fmt: skip
            case ["playlists", "p1", "relationships", "items"]:
                body = relation(
                    asked, asked.path, song, "items", lambda _: {"addedAt": "2026-01-02T03:04:05Z"}
                )  # fmt: skip
            case ["artists", "a1"]:
                body = {"data": ARTIST, "links": {"self": asked.path}}
            case ["tracks", "1"]:
                body = {"data": song(1), "included": [ARTIST, album(1)], "links": {"self": "/"}}
            case ["tracks"]:
                if "filter[isrc]" not in asked.query:
                    return error(400, "At least one filter is required")
                body = {"data": [song(1), song(2)], "included": [ARTIST], "links": {"self": "/"}}
            case ["playlists", "p1"]:
                one = {"id": "p1", "type": "playlists", "attributes": {"numberOfFollowers": 12}}
                body = {"data": one, "links": {"self": "/"}}
            case _:
                return error(404, "Resource not found")
        if isinstance(body, Said):
            return body
        return Said({**body, "new_member": 1}, headers={"Content-Type": "application/vnd.api+json"})

    return platform


def client(server, **kwargs):
    kwargs.setdefault("token", TOKEN)
    return mt.collect.Tidal(base_url=server.url, token_url=server.url + "/token", **kwargs)


def test_a_track_has_tempo_key_and_popularity(serve):
    source = client(serve(tidal()))
    row = source.track("1").one()
    assert (row.bpm, row.musical_key, row.popularity) == (60.0, "F# harmonic minor", 0.56)
    assert (row.title, row.artist, row.artist_id) == ("Song 1 (Remix)", "Ana", "a1")
    assert (row.release, row.release_id, row.released_on) == ("Release 1", "r1", "2026-11-25")
    assert row.duration_s == 178.0
    assert [one.track_id for one in source.track(isrc="QZAAA2600001")] == ["1", "2"]


def test_numbers_of_today(serve):
    source = client(serve(tidal()))
    (one,) = source.metrics("a1")
    assert (one.entity_id, one.metric, one.value) == ("artist:a1", "popularity", 0.7)
    (one,) = source.metrics("p1", of="playlist")
    assert (one.entity_id, one.metric, one.value) == ("playlist:p1", "followers", 12.0)


def test_words_that_are_new_are_passed_on(serve):
    rows = list(client(serve(tidal(5))).releases("a1"))
    assert [row.kind for row in rows] == ["ep", "ep", "a_new_kind", "ep", "ep"]
    assert rows[1].barcode == "0000000000001"


@pytest.mark.parametrize("prefix", ["", "https://openapi.tidal.com/v2"])
@pytest.mark.parametrize(
    ("ask", "key"),
    [
        (lambda source: source.releases("a1"), "release_id"),
        (lambda source: source.tracks("a1"), "track_id"),
        (lambda source: source.tracks("r1", of="release"), "track_id"),
        (lambda source: source.playlist("p1"), "track_id"),
        (lambda source: source.search("ana"), "track_id"),
    ],
)
def test_every_row_once_whatever_goes_wrong(serve, ask, key, prefix):
    server = serve(tidal(207, prefix=prefix), faults=PASSING, share=0.3, seed=1)
    rows = list(ask(client(server)))
    assert [row[key].removeprefix("r") for row in rows] == [str(i) for i in range(207)]
    assert server.spoilt


def test_places_are_counted_over_pages_and_over_a_restart(serve):
    server = serve(tidal(70))
    calls = client(server).playlist("p1")
    first = next(calls.pages())
    again = client(server).playlist("p1")
    rest = [row for page in again.pages(first.following) for row in page.rows]
    assert [row.position for row in (*first.rows, *rest)] == list(range(70))
    assert rest[0].title == "Song 20"
    assert rest[0].artist == "Ana"
    assert rest[0].added_at == "2026-01-02T03:04:05Z"
    assert "#" not in first.answer.url
    assert all("#" not in page.answer.url for page in again.pages(first.following))


def test_tracks_of_a_release_have_their_places(serve):
    rows = list(client(serve(tidal(25))).tracks("r1", of="release", limit=22))
    assert [(row.disc, row.number) for row in rows] == [(1, i + 1) for i in range(22)]
    assert rows[0].release_id == "r1"


def test_alike(serve):
    assert client(serve(tidal())).similar("a1").one().handle == "ana"


def test_what_is_named_and_does_not_come_along_is_told(serve, caplog):
    def without(asked):
        said = tidal(3)(asked)
        said.body["included"] = said.body["included"][1:]
        return said

    assert [row.track_id for row in client(serve(without)).tracks("a1")] == ["1", "2"]
    assert "tracks 0 is named, and does not come along" in caplog.text
    (gone, *_) = client(serve(without)).playlist("p1")
    assert (gone.track_id, gone.title) == ("0", None)


def test_a_length_that_cannot_be_read_costs_that_field_only(serve, caplog):
    body = song(1)
    body["attributes"]["duration"] = "three minutes"
    row = client(serve(lambda _: Said({"data": body}))).track("1").one()
    assert (row.duration_s, row.isrc) == (None, "QZAAA2600001")
    assert "three minutes" in caplog.text


def test_a_list_that_leads_to_itself_ends_in_an_error(serve):
    body = {"data": [], "links": {"next": "/artists/a1/relationships/albums?page[cursor]=c9"}}
    with pytest.raises(ServiceError):
        list(client(serve(lambda _: Said(body))).playlist("a1"))


def test_its_own_errors(serve):
    with pytest.raises(NotFound, match="Resource not found"):
        client(serve(tidal())).artist("a9").one()
    said = Said(error(429, "Rate limit exceeded").body, 429, {"Retry-After": "7200"})
    start = time.monotonic()
    with pytest.raises(RateLimited, match="Rate limit exceeded"):
        client(serve(lambda _: said)).artist("a1").one()
    assert time.monotonic() - start < 1
    # Without a word on how long, it is tried again.
    answers = itertools.chain([error(429, "Rate limit exceeded")] * 2, itertools.repeat(None))
    real = tidal()
    server = serve(lambda asked: next(answers) or real(asked))
    assert client(server).artist("a1").one().name == "Ana"


def test_a_refused_token_is_renewed_once(serve):
    server = serve(tidal(), faults=("401",), share=1.0, seed=0)
    source = client(server, token=None, client_id="an-app", client_secret=PLANTED)
    with pytest.raises(AuthError):
        source.artist("a1").one()
    answers = itertools.chain([None, error(401, "expired")], itertools.repeat(None))
    real = tidal()
    server = serve(lambda asked: next(answers) or real(asked))
    source = client(server, token=None, client_id="an-app", client_secret=PLANTED)
    assert source.artist("a1").one().popularity == 0.7
    assert [a.path for a in server.asked] == ["/token", "/artists/a1", "/token", "/artists/a1"]


def test_no_secret_comes_up_anywhere(serve, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(tidal(70, token=PLANTED))
    assert_pages_keep_no_secret(client(server, token=PLANTED).releases("a1"), caplog)
    source = client(server, token=None, client_id="an-app", client_secret="another-secret")
    assert_pages_keep_no_secret(source.releases("a1"), caplog)
    echo = serve(lambda asked: error(403, "no: " + asked.headers["authorization"]))
    with pytest.raises(ServiceError) as caught:
        client(echo, token=PLANTED).artist("a1").one()
    assert_unseen(caplog, caught.value)
