"""MusicBrainz: lists as its documents describe them, links to other platforms, its 503."""

import json
import re

import pytest

import musictools as mt
from musictools.collect._places import place_of
from musictools.collect.platforms._musicbrainz import quoted
from musictools.errors import InputError, NotFound, NotOffered, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said

ANA = "069b64b6-7884-4f6a-94cc-e4c1d6c87a01"
MBID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LINKS = [
    ("free streaming", "https://open.spotify.com/artist/4tZwfgrHOc3mvqYlEYSvVi", False),
    ("free streaming", "https://www.deezer.com/artist/27", False),
    ("streaming", "https://music.apple.com/us/artist/5468295", False),
    ("streaming", "https://tidal.com/artist/8847", False),
    ("youtube", "https://www.youtube.com/channel/UC_kRDKYrUlrbtrSiyu5Tflg", False),
    ("youtube", "https://www.youtube.com/user/ana", False),
    ("social network", "https://www.instagram.com/ana.sings/", False),
    ("social network", "https://twitter.com/ana", False),
    ("social network", "https://www.facebook.com/oldana", True),
    ("wikidata", "https://www.wikidata.org/wiki/Q185828", False),
    ("discogs", "https://www.discogs.com/artist/1289", False),
    ("official homepage", "https://ana.example/", False),
]


def uuid(i):
    return f"{i:08x}-0000-4000-8000-000000000000"


def credit(name="Ana"):
    return [{"name": name, "joinphrase": "", "artist": {"id": ANA, "name": name}}]


def recording(i):
    return {
        "id": uuid(i), "title": f"Song {i}", "length": 200_000 + i, "video": False,
        "first-release-date": "2026-03", "isrcs": [f"QZAAA26{i:05}"], "artist-credit": credit(),
    }  # fmt: skip


def release(i):
    return {
        "id": uuid(i), "title": f"Album {i}", "date": "2026-11-25", "barcode": f"{i:012}",
        "status": "Official", "artist-credit": credit(),
        "release-group": {"id": uuid(10**6 + i), "primary-type": "Album", "secondary-types":
                          ["Compilation"] if i == 3 else []},
        "label-info": [{"catalog-number": "X", "label": {"id": uuid(5), "name": "Label"}}],
        "media": [{"position": 1, "track-count": 10}, {"position": 2, "track-count": 7}],
    }  # fmt: skip


def musicbrainz(n=0, *, largest=100):  # noqa: C901 - one platform
    """MusicBrainz, of musicbrainz.org/doc/MusicBrainz_API; ``largest`` releases fit on a page."""
    made = {"recording": recording, "release": release}

    def browse(asked, kind):
        owner = next(name for name in ("artist", "release") if name in asked.query)
        if not MBID.fullmatch(asked.query[owner]):
            return Said({"error": "Invalid mbid.", "help": "For usage, please see: ..."}, 400)
        start, size = asked.number("offset", 0), asked.number("limit", 25)
        # Releases are cut so that a page has at most 500 tracks.
        size = min(size, largest) if kind == "release" else size
        rows = [made[kind](i) for i in range(start, min(start + size, n))]
        return Said({f"{kind}s": rows, f"{kind}-count": n, f"{kind}-offset": start})

    def lookup(kind, name, asked):
        if kind == "isrc":
            return Said({"isrc": name, "recordings": [recording(1), recording(2)]})
        if not MBID.fullmatch(name):
            return Said({"error": "Invalid mbid."}, 400)
        if name == uuid(404):
            return Said({"error": "Not Found"}, 404)
        if kind == "artist":
            body = {"id": name, "name": "Ana", "sort-name": "Ana", "country": "FR", "type": "Group"}
            if "url-rels" in asked.query.get("inc", ""):
                body["relations"] = [
                    {"type": kind, "ended": ended, "target-type": "url",
                     "url": {"id": uuid(i), "resource": link}}
                    for i, (kind, link, ended) in enumerate(LINKS)
                ]  # fmt: skip
            return Said(body)
        tracks = [{"id": uuid(900 + i), "position": i, "title": "As printed",
                   "recording": recording(i)} for i in (1, 2)]  # fmt: skip
        media = [{"position": 2, "track-count": 2, "tracks": tracks}]
        return Said({**release(8), "media": media})

    def platform(asked):
        assert asked.method == "GET"
        assert asked.query.get("fmt") == "json"
        assert asked.headers["user-agent"].startswith("musictools/")
        if asked.number("limit", 25) > 100:
            return Said({"error": "limit is 100 at most"}, 400)
        kind, _, name = asked.path.strip("/").partition("/")
        if kind == "url":
            if asked.query["resource"] != "https://www.deezer.com/artist/27":
                return Said({"error": "Not Found"}, 404)
            about = {"type": "free streaming", "target-type": "artist"}
            artist = {"id": ANA, "name": "Ana", "sort-name": "Ana", "country": None}
            return Said({"id": uuid(7), "resource": asked.query["resource"],
                         "relations": [{**about, "artist": artist}]})  # fmt: skip
        if name:
            return lookup(kind, name, asked)
        if "query" in asked.query:
            start, size = asked.number("offset", 0), asked.number("limit", 25)
            found = [{"id": uuid(i), "score": 100 - i % 100, "name": f"Ana {i}", "country": "FR"}
                     for i in range(start, min(start + size, n))]  # fmt: skip
            return Said({"created": "2026", "count": n, "offset": start, "artists": found})
        return browse(asked, kind)

    return platform


def client(serve, *args, faults=(), seed=0, longest_wait_s=60.0, **kwargs):
    server = serve(musicbrainz(*args, **kwargs), faults=faults, share=0.3, seed=seed)
    return mt.collect.MusicBrainz(base_url=server.url, longest_wait_s=longest_wait_s), server


@pytest.mark.parametrize("seed", range(2))
def test_every_row_once_whatever_goes_wrong(serve, seed):
    source, server = client(serve, 2345, faults=PASSING, seed=seed)
    rows = list(source.tracks(ANA))
    assert [row.title for row in rows] == [f"Song {i}" for i in range(2345)]
    assert server.spoilt
    first = rows[0]
    assert (first.isrc, first.duration_s, first.artist, first.artist_id, first.released_on) == (
        "QZAAA2600000", 200.0, "Ana", ANA, "2026-03",
    )  # fmt: skip


def test_pages_of_releases_are_as_long_as_the_platform_makes_them(serve):
    source, server = client(serve, 100, largest=37)
    rows = list(source.releases(ANA))
    assert [row.title for row in rows] == [f"Album {i}" for i in range(100)]
    assert [asked.number("offset", -1) for asked in server.asked] == [0, 37, 74]
    one = rows[0]
    assert (one.kind, one.label, one.n_tracks, one.barcode) == ("album", "Label", 17, "0" * 12)
    assert rows[3].kind == "compilation"


def test_a_limit_asks_for_no_more(serve):
    source, server = client(serve, 1000)
    assert len(list(source.search("ana", limit=7))) == 7
    assert server.asked[0].number("limit", 0) == 7
    assert len(list(source.search("ana"))) == 1000
    assert len(server.asked) == 11


def test_links_tell_identifiers_and_handles(serve):
    source, _ = client(serve)
    links = {(row.platform, row.artist_id, row.handle) for row in source.links(ANA)}
    assert links == {
        ("Spotify", "4tZwfgrHOc3mvqYlEYSvVi", None), ("Deezer", "27", None),
        ("AppleMusic", "5468295", None), ("Tidal", "8847", None),
        ("YouTube", "UC_kRDKYrUlrbtrSiyu5Tflg", None), ("YouTube", "ana", "ana"),
        ("Instagram", "ana.sings", "ana.sings"), ("X", "ana", "ana"),
        ("Wikidata", "Q185828", None), ("Discogs", "1289", None),
    }  # fmt: skip


def test_an_address_tells_whose_it_is(serve):
    source, _ = client(serve)
    assert source.by_url("https://www.deezer.com/artist/27").one().mbid == ANA
    with pytest.raises(NotFound):
        source.by_url("https://www.deezer.com/artist/28").one()


def test_one_artist_one_recording_and_one_isrc(serve):
    source, _ = client(serve)
    artist = source.artist(ANA).one()
    assert (artist.name, artist.country, artist.mbid) == ("Ana", "FR", ANA)
    assert [row.track_id for row in source.track(isrc="QZAAA2600009")] == [uuid(1), uuid(2)]
    assert {row.isrc for row in source.track(isrc="QZAAA2600009")} == {"QZAAA2600009"}
    rows = list(source.tracks(uuid(8), of="release"))
    assert [(row.disc, row.number, row.release) for row in rows] == [
        (2, 1, "Album 8"), (2, 2, "Album 8"),
    ]  # fmt: skip


def test_503_is_a_limit(serve):
    said = Said({"error": "Your requests are exceeding the allowable rate limit."}, 503)
    server = serve(lambda _: said)
    source = mt.collect.MusicBrainz(base_url=server.url)
    with pytest.raises(RateLimited, match="allowable rate limit"):
        source.artist(ANA).one()
    assert len(server.asked) == source.transport.tries
    told = serve(lambda _: Said({"error": "slow down"}, 503, {"Retry-After": "3600"}))
    with pytest.raises(RateLimited):
        mt.collect.MusicBrainz(base_url=told.url).artist(ANA).one()
    assert len(told.asked) == 1


def test_errors_of_its_own(serve):
    source, _ = client(serve)
    with pytest.raises(NotFound, match="Not Found"):
        source.artist(uuid(404)).one()
    with pytest.raises(ServiceError, match="Invalid mbid"):
        source.artist("ana").one()
    with pytest.raises(InputError):
        source.search("ana", kind="video")
    with pytest.raises(InputError):
        source.tracks(ANA, of="label")
    with pytest.raises(NotOffered, match="mt\\.collect\\."):
        source.charts()


def test_state_can_be_written_down(serve):
    source, _ = client(serve, 250)
    page = next(source.tracks(ANA).pages())
    (following,) = page.following
    assert json.loads(following.to_json())[0] == "/recording"
    assert following.param("offset") == "100"


def test_words_are_quoted_for_lucene():
    assert quoted('AC/DC "live" \\') == '"AC/DC \\"live\\" \\\\"'


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("https://open.spotify.com/intl-de/artist/abc1?si=x", ("Spotify", "abc1", None)),
        ("https://itunes.apple.com/us/artist/adele/id262836961", ("AppleMusic", "262836961", None)),
        ("https://en.wikipedia.org/wiki/Beyonc%C3%A9", ("Wikipedia", "en:Beyoncé", None)),
        ("https://x.com/ana", ("X", "ana", "ana")),
        ("tiktok.com/@ana", ("TikTok", "ana", "ana")),
        ("https://ana.bandcamp.com/", ("Bandcamp", "ana", "ana")),
        (f"https://musicbrainz.org/artist/{ANA}", ("MusicBrainz", ANA, None)),
        ("https://evil.example/open.spotify.com/artist/abc", None),
        ("https://notspotify.com/artist/abc", None),
    ],
)
def test_addresses_are_read(link, place):
    assert place_of(link) == place
