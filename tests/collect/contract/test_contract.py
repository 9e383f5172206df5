"""Requests of our clients, and their reading of bodies, against contracts that we did not write."""

import warnings

import pytest

import musictools as mt
from musictools.collect._capabilities import METHODS
from musictools.collect._source import Source
from musictools.errors import RemovedByPlatform

pytestmark = pytest.mark.contract


@pytest.fixture
def spotify(serve_contract):
    contract = serve_contract("spotify-devmode.json")
    source = mt.collect.Spotify(base_url=contract.url, token="any", market="SE")
    contract.watch(source.transport)
    return source, contract


@pytest.fixture
def tidal(serve_contract):
    contract = serve_contract("tidal-research-noincluded.json")
    source = mt.collect.Tidal(base_url=contract.url, token="any")
    contract.watch(source.transport)
    return source, contract


SPOTIFY = {
    "search": [
        lambda s: s.search("ana", limit=1),
        lambda s: s.search("ana", kind="artist", limit=1),
        lambda s: s.search("ana", kind="release", limit=1),
        lambda s: s.search("ana", limit=30),
    ],
    "artist": [lambda s: s.artist("0TnOYISbd1XYRBk9myaseg")],
    "releases": [lambda s: s.releases("0TnOYISbd1XYRBk9myaseg")],
    "tracks": [lambda s: s.tracks("4aawyAB9vmqN3uQ7FjRGTy", of="release")],
    "track": [
        lambda s: s.track("11dFghVXANMlKmJXsNCbNl"),
        lambda s: s.track(isrc="QZAAA2600001"),
    ],
    "playlist": [lambda s: s.playlist("1Cp6VQCKf2VL4sP09jN9oX")],
    "release": [lambda s: s.release("4aawyAB9vmqN3uQ7FjRGTy")],
}


@pytest.mark.parametrize(("name", "ask"), [(n, a) for n, asks in SPOTIFY.items() for a in asks])
def test_spotify_accepts_what_we_ask_and_its_examples_are_read(spotify, name, ask):
    source, contract = spotify
    rows = list(ask(source))
    assert contract.asked
    if name != "playlist":
        # An example of a list may be of podcasts.
        assert rows, contract.asked


def test_every_method_of_spotify_is_among_them():
    own = {n for n in METHODS if getattr(mt.collect.Spotify, n) is not getattr(Source, n)}
    assert own <= set(SPOTIFY)


def test_spotipy_through_our_session(spotify):
    source, contract = spotify
    api = source.spotipy()
    assert api.track("11dFghVXANMlKmJXsNCbNl")["external_ids"]["isrc"]
    assert api.artist("0TnOYISbd1XYRBk9myaseg")["name"]
    assert api.album("4aawyAB9vmqN3uQ7FjRGTy")["name"]
    assert api.album_tracks("4aawyAB9vmqN3uQ7FjRGTy")["items"]
    assert api.artist_albums("0TnOYISbd1XYRBk9myaseg", include_groups="album", limit=10)["items"]
    assert api.search("ana", limit=10)["tracks"]["items"]
    assert api.playlist_items("1Cp6VQCKf2VL4sP09jN9oX", limit=50)["items"]
    assert api.me()["id"]
    assert api.current_user_top_tracks()["items"]
    assert len(contract.asked) == 9
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for call in (lambda: api.audio_features(["t"]), lambda: api.tracks(["t"])):
            with pytest.raises(RemovedByPlatform):
                call()
    assert len(contract.asked) == 9


TIDAL = {
    "artist": [lambda s: s.artist("1566")],
    "similar": [lambda s: s.similar("1566", limit=1)],
    "releases": [lambda s: s.releases("1566", limit=1)],
    "track": [lambda s: s.track("75413016"), lambda s: s.track(isrc="QMJMT1701237")],
    "metrics": [
        lambda s: s.metrics("1566"),
        lambda s: s.metrics("75413015", of="release"),
        lambda s: s.metrics("75413016", of="track"),
        lambda s: s.metrics("p-1", of="playlist"),
    ],
}
# The contract at hand has nine of Tidal's paths, and none of these.
NOT_IN_IT = {"search", "tracks", "playlist"}


@pytest.mark.parametrize(("name", "ask"), [(n, a) for n, asks in TIDAL.items() for a in asks])
def test_tidal_accepts_what_we_ask_and_its_examples_are_read(tidal, name, ask):
    source, contract = tidal
    first = next(ask(source).pages())
    assert contract.asked
    # The contract is served without what relations name, and its `next` is always the same.
    assert first.rows or name in {"similar", "releases"}
    if name == "track":
        assert first.rows[0].isrc == "QMJMT1701229"
        assert (first.rows[0].bpm, first.rows[0].popularity) == (60.0, 0.56)


def test_every_method_of_tidal_is_among_them_or_named():
    own = {n for n in METHODS if getattr(mt.collect.Tidal, n) is not getattr(Source, n)}
    assert own == (set(TIDAL) & set(METHODS)) | NOT_IN_IT


def test_the_contract_refuses_what_is_wrong(spotify, tidal):
    """The tests above could fail."""
    for (source, contract), path, params in (
        (spotify, "/search", {"q": "ana", "type": "track", "limit": 50}),
        (spotify, "/search", {"type": "track"}),
        (spotify, "/tracks/1", {"country": "SE"}),
        (spotify, "/audio-features/1", {}),
        (tidal, "/artists/1", {"limit": 50}),
    ):
        headers = {"Authorization": "Bearer any"}
        with pytest.raises(AssertionError):
            source.transport.request("GET", contract.url + path, params=params, headers=headers)
