"""What holds for every platform, whoever wrote its client."""

import inspect
import subprocess
import sys

import pytest

import musictools as mt
from musictools._policy import all_policies
from musictools.collect._capabilities import METHODS
from musictools.collect._source import Source

CLIENTS = [
    value
    for name in mt.collect.__all__
    if inspect.isclass(value := getattr(mt.collect, name)) and issubclass(value, Source)
]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_has_a_policy_and_true_capabilities(client):
    assert client.NAME in {policy.name for policy in all_policies()}
    table = mt.collect.capabilities(long=True)
    states = table[table["platform"] == client.NAME].set_index("question")["state"]
    assert states.index.is_unique
    for method in METHODS:
        answers = getattr(client, method) is not getattr(Source, method)
        said = states.get(method, "no")
        assert answers == (said in {"yes", "key"}), f"{method}: {said}"
        assert not answers or method in client.PRICES, f"{method} has no price"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_method_is_documented(client):
    for name in METHODS:
        method = getattr(client, name)
        if method is not getattr(Source, name):
            doc = inspect.getdoc(method)
            for parameter in list(inspect.signature(method).parameters)[1:]:
                assert parameter in doc
            assert "Returns" in doc


@pytest.mark.parametrize("client", CLIENTS)
def test_a_base_address_can_be_set_from_outside(client, monkeypatch):
    monkeypatch.setenv(f"MUSICTOOLS_{client.__name__.upper()}_BASE_URL", "http://127.0.0.1:9/x/")
    for name in ("token", "client_id", "client_secret", "team_id", "key_id", "private_key"):
        monkeypatch.setenv(f"MUSICTOOLS_{client.__name__}_{name}".upper(), f"{name}-of-a-test")
    assert client().base_url == "http://127.0.0.1:9/x"


def test_all_platforms_are_there():
    names = "Spotify AppleMusic Itunes Tidal Deezer YouTube MusicBrainz ListenBrainz LastFm Discogs"
    names += " Instagram Facebook X TikTok Wikipedia Ticketmaster SetlistFm RadioFrance"
    names += " SverigesRadio RadioBrowser GdeltTv"
    assert {client.__name__ for client in CLIENTS} == set(names.split())
    assert set(mt.collect.capabilities().index) == {client.NAME for client in CLIENTS}


def test_the_grid_shows_what_somebody_answers():
    grid = mt.collect.capabilities()
    assert tuple(grid.columns[: len(METHODS)]) == METHODS
    assert grid.loc["Spotify", "metrics"] == "removed 2026-03-09"
    assert (grid.isin(["yes", "key"])).any().all()
    long = mt.collect.capabilities(long=True)
    removed = long[long["state"] == "removed"]
    assert {"audio_features", "popularity"} <= set(removed["question"])
    assert removed["reason"].notna().all()


def test_alternatives_exist():
    """What is named in place of something removed is a method of a client."""
    long = mt.collect.capabilities(long=True)
    for named in long["instead"].dropna().str.split().explode():
        client, _, method = named.partition(".")
        assert callable(getattr(getattr(mt.collect, client), method)), named


def test_nothing_heavy_is_loaded_for_a_client():
    code = (
        "import sys, musictools as mt; mt.collect.Deezer(base_url='http://127.0.0.1:9');"
        "mt.collect.Store(':memory:'); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "requests" in loaded
    assert {"pandas", "duckdb", "numpy", "pyarrow"}.isdisjoint(loaded)
