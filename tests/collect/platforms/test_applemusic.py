"""Apple Music: its documents' examples, its links, and the signature of its token."""

import base64
import itertools
import json
import logging
import time

import pytest

import musictools as mt
from musictools.collect._auth import DeveloperToken
from musictools.errors import AuthError, NotFound, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.planted import PLANTED, assert_pages_keep_no_secret, assert_unseen

TOKEN = "eyJ-a-developer-token"


def error(status, title, detail="", code="40400"):
    one = {"id": "X", "title": title, "detail": detail, "status": str(status), "code": code}
    return Said({"errors": [one]}, status)


def song(i):
    return {
        "id": str(i), "type": "songs", "href": f"/v1/catalog/us/songs/{i}",
        "attributes": {
            "name": f"Song {i}", "artistName": "Ana & Bo", "albumName": "One", "discNumber": 1,
            "trackNumber": i, "isrc": f"QZAAA26{i:05}", "durationInMillis": 218_293,
            "releaseDate": "2017-09-15", "contentRating": "explicit", "genreNames": ["Pop"],
            "url": "https://music.apple.com/us/song/1", "playParams": {"id": "1", "kind": "song"},
        },
        "relationships": {"artists": {"data": [{"id": "a1", "type": "artists"}]}},
    }  # fmt: skip


def album(i):
    return {
        "id": f"r{i}", "type": "albums",
        "attributes": {
            "name": f"Release {i}", "artistName": "Ana", "isSingle": i % 2 == 1,
            "isCompilation": i == 2, "upc": f"{i:012}", "recordLabel": "Label", "trackCount": 9,
            "releaseDate": "2026",
        },
    }  # fmt: skip


def apple(n=0, *, token=TOKEN):  # noqa: C901 - one platform
    """The catalogue as developer.apple.com has it.

    ``next`` is a path with the offset alone; charts hold at most fifty a page and end at 200;
    searches leave out what has no hits; errors stand in a list.
    """

    def piece(asked, make, *, most, default):
        size, start = asked.number("limit", default), asked.number("offset", 0)
        if size > most:
            return error(400, "Invalid Parameter Value", f"limit must be at most {most}", "40005")
        data = [make(i) for i in range(start, min(start + size, n))]
        body = {"data": data, "href": asked.path}
        if start + size < n:
            extra = "".join(
                f"&{k}={v}" for k, v in asked.query.items() if k not in {"limit", "offset"}
            )
            body["next"] = f"{asked.path}?offset={start + size}{extra}"
        return body

    def platform(asked):  # noqa: C901 - one platform
        if asked.headers.get("authorization") != f"Bearer {token}":
            return Said(b"", 401)
        match asked.path.strip("/").split("/")[2:]:
            case ["us", "search"]:
                if not {"term", "types"} <= set(asked.query):
                    return error(400, "No term")
                kind = asked.query["types"]
                made = piece(asked, song, most=25, default=5)
                body = {"results": {kind: made} if n else {}, "meta": {"results": {"order": []}}}
            case [_, "charts"]:
                if asked.number("offset", 0) >= 200:
                    detail = "offset must be less than 200"
                    return error(400, "Invalid Parameter Value", detail, "40005")
                made = piece(asked, song, most=50, default=20)
                made = made if isinstance(made, Said) else {**made, "chart": "most-played"}
                body = {"results": {asked.query["types"]: [made]}}
            case ["us", "artists", "a1"]:
                one = {"id": "a1", "type": "artists",
                       "attributes": {"name": "Ana", "genreNames": ["Pop"]}}  # fmt: skip
                body = {"data": [one]}
            case ["us", "artists", "a1", "albums"]:
                body = piece(asked, album, most=100, default=25)
            case ["us", "artists", "a1", "view", "top-songs"]:
                body = piece(asked, song, most=100, default=20)
            case ["us", "albums", "r1", "tracks"] | ["us", "playlists", "pl.1", "tracks"]:
                video = {"id": "v", "type": "music-videos", "attributes": {"name": "A video"}}
                body = piece(asked, lambda i: video if i == 3 else song(i), most=300, default=100)
            case ["us", "songs", "1"]:
                body = {"data": [song(1)]}
            case ["us", "songs"]:
                isrc = asked.query["filter[isrc]"]
                body = {"data": [song(1), song(2)], "meta": {"filters": {"isrc": {isrc: []}}}}
            case _:
                return error(404, "Resource Not Found")
        return body if isinstance(body, Said) else Said(body)

    return platform


def client(server, **kwargs):
    kwargs.setdefault("token", TOKEN)
    return mt.collect.AppleMusic(base_url=server.url, **kwargs)


def test_rows(serve):
    source = client(serve(apple(30)))
    row = source.track("1").one()
    assert (row.title, row.artist, row.isrc) == ("Song 1", "Ana & Bo", "QZAAA2600001")
    assert (row.duration_s, row.explicit, row.released_on) == (218.293, True, "2017-09-15")
    assert [one.track_id for one in source.track(isrc="QZAAA2600001")] == ["1", "2"]
    assert source.artist("a1").one().genres == ("Pop",)
    kinds = [(one.kind, one.barcode) for one in source.releases("a1", limit=3)]
    assert kinds == [
        ("album", "000000000000"), ("single", "000000000001"), ("compilation", "000000000002"),
    ]  # fmt: skip


def test_ours_goes_along_with_links_that_hold_the_offset_alone(serve):
    server = serve(apple(120))
    rows = list(client(server).search("ana"))
    assert len(rows) == 120
    assert [asked.query["limit"] for asked in server.asked] == ["25"] * 5
    assert [asked.query.get("offset") for asked in server.asked] == [None, "25", "50", "75", "100"]


def test_a_chart_has_places_and_a_country(serve):
    server = serve(apple(200))
    rows = list(client(server).charts(country="SE"))
    assert [row.rank for row in rows] == list(range(1, 201))
    assert {(row.chart, row.country, row.entity) for row in rows} == {
        ("most-played tracks", "SE", "track")
    }
    assert server.asked[0].path == "/v1/catalog/se/charts"
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("ask", "key", "found"),
    [
        (lambda source: source.releases("a1"), "release_id", [f"r{i}" for i in range(230)]),
        (lambda source: source.tracks("a1"), "track_id", [str(i) for i in range(230)]),
        (
            lambda source: source.tracks("r1", of="release"), "track_id",
            [str(i) for i in range(230) if i != 3],
        ),
        (lambda source: source.playlist("pl.1"), "position", [i for i in range(230) if i != 3]),
    ],
)  # fmt: skip
def test_every_row_once_whatever_goes_wrong(serve, ask, key, found):
    server = serve(apple(230), faults=PASSING, share=0.3, seed=3)
    assert [row[key] for row in ask(client(server))] == found
    assert server.spoilt


def test_no_hits_are_no_rows(serve):
    assert list(client(serve(apple(0))).search("nothing")) == []


def test_its_own_errors(serve):
    with pytest.raises(NotFound, match="Resource Not Found"):
        client(serve(apple())).artist("a9").one()
    with pytest.raises(AuthError):
        client(serve(apple()), token="old").artist("a1").one()
    said = Said({}, 429, {"Retry-After": "86400"})
    start = time.monotonic()
    with pytest.raises(RateLimited):
        client(serve(lambda _: said)).artist("a1").one()
    assert time.monotonic() - start < 1


@pytest.fixture(scope="module")
def key():
    ec = pytest.importorskip(
        "cryptography.hazmat.primitives.asymmetric.ec", reason="cryptography: extra collect"
    )
    return ec.generate_private_key(ec.SECP256R1())


def pem(key):
    from cryptography.hazmat.primitives import serialization as s

    return key.private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()
    ).decode()  # fmt: skip


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_token_is_signed_as_es256_asks(key):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    for _ in range(30):
        value = DeveloperToken("TEAM123456", "KEY1234567", pem(key)).headers(None)["Authorization"]
        head, claims, signature = value.removeprefix("Bearer ").split(".")
        assert json.loads(unpack(head)) == {"alg": "ES256", "kid": "KEY1234567", "typ": "JWT"}
        told = json.loads(unpack(claims))
        assert told["iss"] == "TEAM123456"
        assert abs(told["iat"] - time.time()) < 5
        # Apple takes at most 15,777,000 seconds.
        assert 0 < told["exp"] - told["iat"] <= 15_777_000
        raw = unpack(signature)
        # Numbers of full width, also where one begins with zeros: RFC 7518, 3.4.
        assert len(raw) == 64
        r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
        der = utils.encode_dss_signature(r, s)
        signed = f"{head}.{claims}".encode()
        key.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))


def test_a_signed_token_is_sent_and_signed_anew_when_it_is_refused(serve, key):
    answers = itertools.chain([Said(b"", 401)], itertools.repeat(None))
    good = {"data": [{"id": "a1", "type": "artists", "attributes": {"name": "Ana"}}]}
    server = serve(lambda _: next(answers) or Said(good))
    source = client(
        server, token=None, team_id="TEAM123456", key_id="KEY1234567", private_key=pem(key)
    )
    assert source.artist("a1").one().name == "Ana"
    first, second = (asked.headers["authorization"] for asked in server.asked)
    assert first != second
    assert first.count(".") == 2


def test_a_key_that_is_none_is_not_shown(caplog):
    pytest.importorskip("cryptography", reason="cryptography: extra collect")
    caplog.set_level(logging.DEBUG)
    source = mt.collect.AppleMusic(
        base_url="http://127.0.0.1:9", team_id="T", key_id="K", private_key=PLANTED
    )
    with pytest.raises(AuthError, match="BEGIN to END") as caught:
        source.artist("a1").one()
    assert_unseen(caplog, caught.value, source)


def test_no_secret_comes_up_anywhere(serve, caplog, key):
    caplog.set_level(logging.DEBUG)
    server = serve(apple(60, token=PLANTED))
    assert_pages_keep_no_secret(client(server, token=PLANTED).releases("a1"), caplog)
    text = pem(key)
    echo = serve(lambda asked: error(403, "no: " + asked.headers["authorization"]))
    source = client(echo, token=None, team_id="TEAM", key_id="KEY", private_key=text)
    with pytest.raises(ServiceError) as caught:
        source.artist("a1").one()
    sent = echo.asked[0].headers["authorization"].removeprefix("Bearer ")
    assert_unseen(caplog, caught.value, secret=sent)
    assert_unseen(caplog, caught.value, source, secret=text.splitlines()[1])


def test_keys_are_looked_for_late_and_missed_by_name():
    source = mt.collect.AppleMusic(base_url="http://127.0.0.1:9")
    with pytest.raises(AuthError, match="MUSICTOOLS_APPLEMUSIC_TEAM_ID"):
        source.artist("a").one()
