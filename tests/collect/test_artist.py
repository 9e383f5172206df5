"""One artist asked of all open sources: who is meant, what comes back, and what fails."""

import json

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt
from musictools.collect._whose import bare
from musictools.errors import InputError, TableError
from tests.collect.hostile import PASSING, Said

mpl.use("Agg")
ANA = "069b64b6-7884-4f6a-94cc-e4c1d6c87a01"
OTHER = "169b64b6-7884-4f6a-94cc-e4c1d6c87a02"
LINKS = ("https://www.deezer.com/artist/27", "https://www.instagram.com/ana.sings/",
         "https://www.wikidata.org/wiki/Q1", "https://open.spotify.com/artist/abc")  # fmt: skip


def musicbrainz(found, *, links=LINKS):
    """Who is found by a name: (identifier, name, score, what tells them apart)."""

    def platform(asked):
        kind, _, name = asked.path.strip("/").partition("/")
        if kind == "artist" and "query" in asked.query:
            rows = [{"id": i, "name": n, "score": s, "disambiguation": d, "country": "FR"}
                    for i, n, s, d in found]  # fmt: skip
            return Said({"artists": rows, "count": len(rows), "offset": 0})
        if kind == "artist":
            relations = [{"type": "x", "ended": False, "url": {"resource": link}} for link in links]
            return Said({"id": name, "name": "Ana", "country": "FR", "relations": relations})
        if kind == "url":
            if asked.query["resource"] not in links:
                return Said({"error": "Not Found"}, 404)
            return Said({"relations": [{"artist": {"id": ANA, "name": "Ana"}}]})
        rows = [{"id": f"r{i}", "title": f"Album {i}", "artist-credit": []} for i in range(3)]
        return Said({"releases": rows, "release-count": 3})

    return platform


def deezer(fans=(1000,)):
    """Artists named Ana, with so many fans each."""
    people = [{"id": 27 + i, "name": "ANA", "nb_fan": n} for i, n in enumerate(fans)]

    def platform(asked):
        if asked.path.startswith("/search"):
            return Said({"data": people, "total": len(people)})
        if asked.path.endswith("/albums"):
            return Said({"data": [{"id": 1, "title": "Album", "record_type": "album"}], "total": 1})
        if asked.path.endswith("/top"):
            rows = [{"id": i, "title": f"Song {i}", "rank": 1000} for i in range(40)]
            start, size = asked.number("index", 0), asked.number("limit", 25)
            return Said({"data": rows[start : start + size], "total": 40})
        return Said(people[int(asked.path.rsplit("/", 1)[1]) - 27])

    return platform


def listenbrainz(asked):
    if asked.path.endswith("/listeners"):
        return Said({"payload": {"artist_mbid": ANA, "total_listen_count": 500, "to_ts": 1.7e9}})
    if asked.method == "POST":
        assert asked.json == {"artist_mbids": [ANA]}
        return Said([{"artist_mbid": ANA, "total_listen_count": 900, "total_user_count": 90}])
    return Said([{"recording_mbid": "s", "recording_name": "Song"}])


def wikipedia(asked):
    if asked.path.endswith("api.php"):
        links = {"enwiki": {"site": "enwiki", "title": "Ana (singer)"}}
        return Said({"entities": {"Q1": {"sitelinks": links}}, "success": 1})
    assert "Ana_%28singer%29" in asked.path
    return Said({"items": [{"timestamp": "2026110100", "views": 12}]})


FOUND = [(ANA, "Ana", 100, "French singer"), (OTHER, "Ana Ana", 70, "")]


@pytest.fixture
def world(serve, monkeypatch):
    """Put servers in the place of all sources: ``world(musicbrainz=..., faults=...)``."""

    def build(*, faults=(), **platforms):
        given = {"musicbrainz": musicbrainz(FOUND), "deezer": deezer(),
                 "listenbrainz": listenbrainz, "wikipedia": wikipedia, **platforms}  # fmt: skip
        servers = {}
        for i, (name, platform) in enumerate(given.items()):
            servers[name] = serve(platform, faults=faults, share=0.3, seed=i)
            monkeypatch.setenv(f"MUSICTOOLS_{name.upper()}_BASE_URL", servers[name].url)
        # Another room's client, with tests of its own.
        monkeypatch.setattr("musictools.collect._artist._itunes", lambda _: None)
        return servers

    return build


def ask(query="Ana", **kwargs):
    return mt.collect.artist(query, progress=False, **kwargs)


def test_a_name_is_gathered_from_all(world):
    servers = world()
    card = ask()
    assert (card.state, card.mbid, card.name) == ("matched", ANA, "Ana")
    profile = card.to_frame().set_index("platform")
    assert profile.loc["Deezer", "followers"] == 1000
    assert profile.loc["ListenBrainz", "plays"] == 500
    assert profile.loc["Instagram", "handle"] == "ana.sings"
    assert profile.loc["Wikipedia", "id"] == "en:Ana (singer)"
    assert profile.loc["Spotify", "matched_by"] == "MusicBrainz' link"
    assert profile.loc["MusicBrainz", "matched_by"] == "exact name, score 100 of 100"
    assert profile.index.is_unique
    assert set(card.tables["releases"]["platform"]) == {"MusicBrainz", "Deezer"}
    assert len(card.tables["tracks"]) == 40
    views = card.tables["metrics"].query("platform == 'Wikipedia'")
    assert list(views["value"]) == [12]
    assert set(card.tables["metrics"]["policy"]) == {"Deezer", "ListenBrainz", "Wikipedia"}
    assert card.tables["releases"].attrs["policies"] == (
        "MusicBrainz", "ListenBrainz", "Deezer", "Wikipedia",
    )  # fmt: skip
    asked = servers["musicbrainz"].asked[0].query["query"]
    assert asked == 'artist:"Ana" OR alias:"Ana"'
    assert card.provenance["sources"]["Deezer"]["requests"] == len(servers["deezer"].asked)
    assert [plan.platform for plan in card.plans] == [
        "MusicBrainz", "Deezer", "ListenBrainz", "Wikipedia",
    ]  # fmt: skip
    assert "free of charge" in card.cost


def test_the_same_comes_back_whatever_goes_wrong(world):
    world()
    calm = ask()
    servers = world(faults=PASSING)
    rough = ask()
    assert sum(len(server.spoilt) for server in servers.values()) >= 3
    assert rough.problems == calm.problems
    for name, frame in calm.tables.items():
        pd.testing.assert_frame_equal(rough.tables[name], frame)


def test_a_limit_holds_for_each_list(world):
    world()
    card = ask(limit=2)
    assert list(card.tables["releases"].groupby("platform").size()) == [1, 2]
    assert len(card.tables["tracks"]) == 2
    with pytest.raises(InputError):
        ask(limit=0)


def test_namesakes_are_told_and_none_is_chosen(world):
    twins = [(ANA, "Ana", 100, "French singer"), (OTHER, "ANA", 95, "Brazilian band")]
    servers = world(musicbrainz=musicbrainz(twins))
    card = ask()
    assert (card.state, card.mbid) == ("ambiguous", None)
    assert list(card.tables["candidates"]["about"]) == ["French singer", "Brazilian band"]
    assert card.to_frame().empty
    assert not servers["deezer"].asked
    text = card._repr_html_()
    assert "Brazilian band" in text
    assert OTHER in text
    assert ask(OTHER).state == "matched"


def test_a_namesake_far_behind_is_no_doubt(world):
    world(musicbrainz=musicbrainz([(ANA, "Ána", 100, ""), (OTHER, "ana", 80, "another")]))
    card = ask()
    assert (card.state, card.mbid) == ("matched", ANA)
    assert list(card.tables["candidates"]["about"]) == ["another"]


def test_a_name_that_is_only_similar_is_not_taken(world):
    world(musicbrainz=musicbrainz([(ANA, "Anna", 100, "")]), deezer=deezer(fans=()))
    card = ask()
    assert (card.state, card.mbid) == ("none", None)
    assert list(card.tables["candidates"]["name"]) == ["Anna"]
    assert "nobody is called exactly 'Ana'" in card.problems[0]


def test_a_better_fit_of_another_name_is_a_doubt(world):
    world(musicbrainz=musicbrainz([(OTHER, "Ana & Friends", 100, ""), (ANA, "Ana", 97, "")]))
    assert ask().state == "ambiguous"


@pytest.mark.parametrize(
    "query",
    [
        ANA, f"https://musicbrainz.org/artist/{ANA}", "https://www.deezer.com/artist/27",
        "https://www.deezer.com/en/artist/27?utm_source=x", "spotify:artist:abc",
        "open.spotify.com/artist/abc?si=1", "https://instagram.com/ana.sings",
    ],
)  # fmt: skip
def test_links_and_identifiers_are_understood(world, query):
    servers = world()
    card = ask(query)
    assert (card.state, card.mbid) == ("matched", ANA)
    assert not any("query" in asked.query for asked in servers["musicbrainz"].asked)
    assert card.to_frame().set_index("platform").loc["Deezer", "followers"] == 1000


def test_a_link_that_nobody_knows(world):
    world(musicbrainz=musicbrainz(FOUND, links=()))
    card = ask("https://www.deezer.com/artist/27")
    assert (card.state, card.mbid, card.name) == ("matched", None, "ANA")
    assert card.to_frame()["platform"].tolist() == ["Deezer"]
    assert "MusicBrainz does not know" in card.problems[0]
    assert ask("https://open.spotify.com/artist/abc").state == "none"
    with pytest.raises(InputError):
        ask("https://example.org/artist/1")
    with pytest.raises(InputError):
        ask("  ")


def test_a_source_that_fails_is_noted_and_the_others_go_on(world):
    world(deezer=lambda _: Said({"message": "no"}, 400), wikipedia=lambda _: Said(b"", 500))
    card = ask()
    assert card.state == "matched"
    told = " ".join(card.problems)
    assert "Deezer: status 400" in told
    assert "Wikipedia" in told
    assert len(card.tables["releases"]) == 3
    assert "Deezer: status 400" in card._repr_html_()


def test_without_musicbrainz_deezer_may_know(world):
    servers = world(musicbrainz=lambda _: Said({"error": "down"}, 500), deezer=deezer((50_000, 3)))
    card = ask()
    assert (card.state, card.mbid) == ("matched", None)
    assert card.to_frame()["platform"].tolist() == ["Deezer"]
    assert "10 times the fans" in card.to_frame()["matched_by"][0]
    assert not servers["listenbrainz"].asked
    world(musicbrainz=lambda _: Said({"error": "down"}, 500), deezer=deezer((50, 30)))
    card = ask()
    assert card.state == "ambiguous"
    assert len(card.tables["candidates"]) == 2
    assert ask(ANA).state == "none"
    assert ask("https://www.deezer.com/artist/28").state == "matched"


def test_somebody_on_deezer_by_name_must_be_sure(world):
    world(musicbrainz=musicbrainz(FOUND, links=()), deezer=deezer((50, 30)))
    card = ask()
    assert "Deezer" not in set(card.to_frame()["platform"])
    assert "Deezer: no link, and nobody who is surely meant" in " ".join(card.problems)
    assert set(card.tables["candidates"]["platform"]) == {"MusicBrainz", "Deezer"}


def test_a_token_gives_listeners(world, monkeypatch):
    monkeypatch.setenv("MUSICTOOLS_LISTENBRAINZ_TOKEN", "a-token-of-a-test")
    world()
    row = ask().to_frame().set_index("platform").loc["ListenBrainz"]
    assert (row["plays"], row["listeners"]) == (900, 90)


def test_itunes_joins_where_it_is_there(world, monkeypatch):
    servers = world(musicbrainz=musicbrainz(FOUND, links=("https://music.apple.com/us/artist/27",)))
    # Deezer's client stands in for it.
    stand_in = type("Itunes", (mt.collect.Deezer,), {"NAME": "Deezer"})
    monkeypatch.setattr(
        "musictools.collect._artist._itunes", lambda _: stand_in(base_url=servers["deezer"].url)
    )
    assert ask().to_frame().set_index("platform").loc["Deezer", "id"] == "27"


def test_strange_names_are_no_markup(world):
    evil = [
        (ANA, "<script>alert(1)</script>", 100, "<i>"),
        (OTHER, "<script>alert(1)</script>", 99, ""),
    ]
    world(musicbrainz=musicbrainz(evil))
    text = ask("<script>alert(1)</script>")._repr_html_()
    assert "<script" not in text
    assert "<i>" not in text
    assert "&lt;i&gt;" in text


def test_cards_have_a_picture_and_a_record(world):
    world()
    card = ask()
    json.dumps(card.provenance)
    with mt.plot.style():
        ax = card.plot()
        ax.figure.canvas.draw()
    assert ax.get_xscale() == "log"
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Deezer", "ListenBrainz"]
    assert {text.get_text() for text in ax.texts} >= {"1,000", "500"}
    plt.close(ax.figure)
    with pytest.raises(TableError):
        mt.plot.audience(pd.DataFrame({"platform": ["Deezer"]}))
    with pytest.raises(InputError, match="no number"):
        mt.plot.audience(pd.DataFrame({"platform": ["Deezer"], "followers": [None]}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beyoncé", "BEYONCE"), ("Simon & Garfunkel", "simon and garfunkel"), ("AC/DC", "AC DC"),
        ("P!nk", "p nk"), ("\N{FULLWIDTH LATIN CAPITAL LETTER B}lur", "Blur"),
        ("Мумий Тролль", "мумий тролль"), ("!!!", "!!!"),
    ],
)  # fmt: skip
def test_spellings_of_one_name(one, other):
    assert bare(one) == bare(other)


def test_names_that_differ():
    assert len({bare(name) for name in ("!!!", "???", "The The", "The", "Ana 2", "Ana")}) == 6
