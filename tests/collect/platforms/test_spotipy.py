"""spotipy on our transport: what it still can, and what it must no longer try."""

import logging
import time
import warnings

import pytest

import musictools as mt
from musictools.collect.platforms._spotipy import removed
from musictools.errors import InputError, MissingExtraError, RateLimited, RemovedByPlatform
from tests.collect.hostile import Said
from tests.collect.platforms.planted import PLANTED, assert_unseen
from tests.collect.platforms.test_spotify import client, error, spotify

spotipy = pytest.importorskip("spotipy", reason="spotipy is in the extra spotify")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.iterdir()), "spotipy wrote a file"


def test_it_asks_through_our_transport(serve):
    server = serve(spotify(120))
    source = client(server)
    api = source.spotipy()
    assert api.track("t1")["external_ids"]["isrc"] == "QZAAA2600001"
    page = api.album_tracks("r1")
    assert page["total"] == 120
    assert api.next(page)["offset"] == 50
    assert all(asked.headers["user-agent"].startswith("musictools/") for asked in server.asked)
    assert source.transport.calls == len(server.asked) == 3


def test_slashes_at_the_end_are_taken_off(serve):
    server = serve(lambda _: Said({"id": "me"}))
    assert client(server).spotipy().me() == {"id": "me"}
    assert server.asked[0].path == "/me"


def test_an_error_stays_an_error_of_spotipy(serve):
    with pytest.raises(spotipy.SpotifyException, match="Resource not found") as caught:
        client(serve(spotify(1))).spotipy().artist("a9")
    assert caught.value.http_status == 404


def test_a_day_to_wait_is_raised_at_once(serve):
    server = serve(spotify(1), faults=("429 huge",), share=1.0)
    start = time.monotonic()
    with pytest.raises(RateLimited):
        client(server).spotipy().track("t1")
    assert time.monotonic() - start < 1
    said = error(429, "Too many requests", reason="QUOTA_EXCEEDED")
    with pytest.raises(RateLimited, match="QUOTA_EXCEEDED"):
        client(serve(lambda _: said)).spotipy().track("t1")


def test_a_token_is_renewed(serve):
    tokens = []
    server = serve(spotify(1, tokens=tokens))
    source = client(server, token=None, client_id="an-app", client_secret=PLANTED)
    api = source.spotipy()
    api.track("t1")
    tokens.append("another")
    assert api.track("t1")["id"] == "t1"


@pytest.mark.parametrize(
    ("call", "since"),
    [
        (lambda api: api.audio_features(["t1"]), "2024-11-27"),
        (lambda api: api.audio_analysis("t1"), "2024-11-27"),
        (lambda api: api.recommendations(seed_tracks=["t1"]), "2024-11-27"),
        (lambda api: api.recommendation_genre_seeds(), "2024-11-27"),
        (lambda api: api.artist_related_artists("a1"), "2024-11-27"),
        (lambda api: api.featured_playlists(), "2024-11-27"),
        (lambda api: api.category_playlists("pop"), "2024-11-27"),
        (lambda api: api.artist_top_tracks("a1"), "2026-03-09"),
        (lambda api: api.new_releases(), "2026-03-09"),
        (lambda api: api.categories(), "2026-03-09"),
        (lambda api: api.category("pop"), "2026-03-09"),
        (lambda api: api.available_markets(), "2026-03-09"),
        (lambda api: api.tracks(["t1"]), "2026-03-09"),
        (lambda api: api.artists(["a1"]), "2026-03-09"),
        (lambda api: api.albums(["r1"]), "2026-03-09"),
        (lambda api: api.shows(["s1"]), "2026-03-09"),
        (lambda api: api.episodes(["e1"]), "2026-03-09"),
        (lambda api: api.get_audiobooks(["b1"]), "2026-03-09"),
        (lambda api: api.user("u1"), "2026-03-09"),
        (lambda api: api.user_playlists("u1"), "2026-03-09"),
        (lambda api: api.current_user_unfollow_playlist("p1"), "2026-03-09"),
    ],
)
def test_what_was_removed_is_not_even_asked(serve, call, since):
    server = serve(spotify(1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(RemovedByPlatform, match=since):
            call(client(server).spotipy())
    assert not server.asked


def test_every_operation_that_spotify_deprecates_is_known(shared):
    yaml = pytest.importorskip("yaml", reason="pyyaml is in the test group")
    text = (shared / "data" / "openapi" / "spotify-fixed.yml").read_text("utf-8")
    paths = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["paths"]
    operations = [
        (method.upper(), path, bool(operation.get("deprecated")))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "delete"}
    ]
    assert sum(gone for *_, gone in operations) == 48
    table = mt.collect.capabilities(long=True)
    known = set(table[(table["platform"] == "Spotify") & (table["state"] == "removed")]["question"])
    for method, path, gone in operations:
        question = removed(method, path)
        assert (question is not None) == gone, f"{method} {path}"
        assert question is None or question in known


def test_no_secret_comes_up_anywhere(serve, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(spotify(1, tokens=[PLANTED]))
    api = client(server, token=PLANTED).spotipy()
    api.track("t1")
    with pytest.raises(spotipy.SpotifyException) as caught:
        api.artist("a9")
    assert_unseen(caplog, caught.value)
    assert PLANTED not in repr(vars(api))


def test_a_login_must_not_leave_a_file(serve):
    manager = spotipy.SpotifyOAuth("id", "secret", "http://127.0.0.1:9/")
    with pytest.raises(InputError, match="MemoryCacheHandler"):
        mt.collect.Spotify(token="x").spotipy(auth_manager=manager)
    keeper = spotipy.MemoryCacheHandler(
        {"access_token": PLANTED, "expires_at": time.time() + 999, "scope": None}
    )
    manager = spotipy.SpotifyOAuth("id", "secret", "http://127.0.0.1:9/", cache_handler=keeper)
    server = serve(lambda _: Said({"id": "me"}))
    api = client(server).spotipy(auth_manager=manager)
    assert api.me()["id"] == "me"
    assert server.asked[0].headers["authorization"] == f"Bearer {PLANTED}"


def test_without_spotipy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "spotipy", None)
    with pytest.raises(MissingExtraError, match=r"\[spotify\]"):
        mt.collect.Spotify(token="x").spotipy()
