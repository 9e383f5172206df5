"""Platforms of the fictional label: what they show on which day, and what they refuse."""

import datetime as dt

import pytest
import requests

import musictools as mt
from musictools.collect._transport import Transport
from musictools.errors import InputError, NotFound


@pytest.fixture(scope="module")
def label():
    return mt.datasets.load_label()


@pytest.fixture
def platform():
    with mt.datasets.simulate_platform() as one:
        yield one


def test_deezer_shows_the_label(platform, label):
    client = mt.collect.Deezer(base_url=platform.base_url("Deezer"))
    tracks = client.search("", kind="track").to_frame()
    out = label.recordings[label.recordings["released_at"] <= "2025-06-01"]
    assert set(tracks["isrc"]) == set(out["isrc"])
    artist = client.search("maren solvag", kind="artist").one()
    assert artist.name == "Maren Solvåg"
    titles = client.releases(artist.artist_id).to_frame()["title"]
    mine = out[out["artist"] == "Maren Solvåg"]
    assert set(titles) == set(mine["release_title"])
    assert client.track(isrc=mine["isrc"].iloc[0]).one().title == mine["title"].iloc[0]
    with pytest.raises(NotFound):
        client.artist("1999").one()


def test_days_pass_and_numbers_change(platform, label):
    client = mt.collect.Deezer(base_url=platform.base_url("Deezer"))
    with mt.collect.Store(":memory:") as store:
        for day in platform.days("2025-06-01", "2025-06-10"):
            store.collect(client.metrics("1001"), run=str(day))
        series = store.series("followers")
    assert series["ds"].dt.date.tolist() == [dt.date(2025, 6, day) for day in range(1, 11)]
    seen = label.observations
    seen = seen[(seen["entity_id"] == "A01") & (seen["platform"] == "Sprocket")]
    truth = seen[seen["metric"] == "followers"].set_index("observed_at")["value"]
    shared = series.set_index("ds")["y"].reindex(truth.index).dropna()
    assert len(shared) >= 8
    assert (shared == truth.reindex(shared.index)).all()
    assert not series["restated"].any()


def test_spotify_wants_a_token_and_small_pages(platform):
    url = platform.base_url("Spotify")
    assert requests.get(f"{url}/search?q=a&type=artist", timeout=5).status_code == 401
    head = {"Authorization": f"Bearer {platform.token}"}
    ask = lambda path: requests.get(url + path, headers=head, timeout=5)  # noqa: E731
    assert ask("/search?q=&type=artist&limit=50").status_code == 400
    assert len(ask("/search?q=&type=artist&limit=10").json()["artists"]["items"]) == 10
    assert ask("/artists/A010000000000000000000/top-tracks").status_code == 403
    assert ask("/artists/A010000000000000000000").json()["name"] == "Maren Solvåg"
    assert ask("/tracks/R990000000000000000000").status_code == 404
    told = (platform.client_id, platform.client_secret)
    given = requests.post(platform.token_url, auth=told, timeout=5).json()
    assert given["access_token"] == platform.token
    assert requests.post(platform.token_url, auth=("a", "b"), timeout=5).status_code == 400


def test_instagram_counts_followers(platform):
    url = platform.base_url("Instagram")
    fields = "business_discovery.username(marensolvag){followers_count,media_count}"
    head = {"Authorization": f"Bearer {platform.token}"}
    said = requests.get(f"{url}/1", params={"fields": fields}, headers=head, timeout=5).json()
    assert said["business_discovery"]["followers_count"] > 1000
    assert requests.get(f"{url}/1", params={"fields": fields}, timeout=5).status_code == 400


def test_a_song_stands_in_two_releases(platform, label):
    client = mt.collect.Deezer(base_url=platform.base_url("Deezer"))
    tracks = client.search(f'label:"{label.name}"').to_frame()
    assert tracks["track_id"].is_unique
    assert len(tracks) > tracks["isrc"].nunique() == len(label.recordings)
    twice = tracks[tracks["isrc"].duplicated(keep=False)].groupby("isrc")
    assert all(len({*some["release_id"]}) == 2 for _, some in twice)
    assert all(len({*some["title"]}) == 1 for _, some in twice)
    deluxe = client.tracks(tracks["release_id"][tracks["track_id"] == "4017"].item(), of="release")
    assert set(deluxe.to_frame()["title"]) == {"Second Summer", "Midnight Ferry (Acoustic)"}
    assert client.track("4017").one().title == "Second Summer"
    assert client.search('label:"Another"').to_frame().empty


def test_only_single_tracks_of_spotify_tell_their_isrc(platform):
    told = {"client_id": platform.client_id, "client_secret": platform.client_secret}
    url = platform.base_url("Spotify")
    client = mt.collect.Spotify(base_url=url, token_url=platform.token_url, **told)
    maren = client.search("Maren Solvåg", kind="artist").one()
    release = client.releases(maren.artist_id).one()
    short = client.tracks(release.release_id, of="release").one()
    whole = client.track(short.track_id).one()
    assert short.isrc is None
    assert whole.isrc is not None
    assert short.track_id in {one.track_id for one in client.track(isrc=whole.isrc)}


def test_instagram_throws_out_fakes(platform):
    url = platform.base_url("Instagram")
    client = mt.collect.Instagram(base_url=url, token=platform.token, account_id=1)
    with mt.collect.Store(":memory:") as store:
        for run, platform.purged in (("morning", 0.0), ("evening", 0.01)):
            store.collect(client.metrics("marensolvag"), run=run)
        (day,) = store.series("followers").itertuples()
        before, after = store.frame("observations", where="metric = 'followers'")["value"]
    assert day.restated
    assert day.y == after == round(before * 0.99)


def test_trouble_passes(monkeypatch):
    monkeypatch.setattr(Transport, "first_pause_s", 0.002)
    with mt.datasets.simulate_platform(trouble=0.5, rng=3) as platform:
        client = mt.collect.Deezer(base_url=platform.base_url("Deezer"))
        for i in range(1, 7):
            client.artist(1000 + i).one()
        asked = platform.requests
    assert (asked["status"] != 200).sum() >= 2
    assert list(asked.columns) == ["at", "platform", "method", "path", "status"]


def test_what_cannot_be_shown_is_told(platform):
    with pytest.raises(InputError, match="2023-01-02"):
        mt.datasets.simulate_platform(day="1999-01-01")
    with pytest.raises(InputError, match="share"):
        mt.datasets.simulate_platform(trouble=2)
    with pytest.raises(InputError, match="Deezer"):
        platform.base_url("Deeser")
    assert platform.client_secret not in repr(platform)
