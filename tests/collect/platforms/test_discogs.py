"""Discogs: recorded answers, lists as its documents describe them, and its pace."""

import json
import logging
import time
import traceback
from urllib.parse import parse_qsl

import pytest

import musictools as mt
from musictools.errors import AuthError, InputError, NotFound, NotOffered, RateLimited
from tests.collect.hostile import PASSING, Said

TOKEN = "planted-token-of-a-test"
ROOT = "discogs/discogs_client/tests/res"


def recorded_site(fixtures):
    """Serve the recorded answers: their names are addresses, the size of a page aside."""
    by_address = {}
    for path in (fixtures / ROOT).rglob("*.json"):
        name = path.relative_to(fixtures / ROOT).as_posix().removesuffix(".json")
        place, _, query = name.partition("_")
        query = {k: v for k, v in parse_qsl(query) if k != "per_page"}
        by_address[f"/{place}", frozenset(query.items())] = path

    def platform(asked):
        drop = {"per_page", "type", "curr_abbr"}
        query = frozenset((k, v) for k, v in asked.query.items() if k not in drop)
        path = by_address.get((asked.path, query))
        if path is None:
            return Said({"message": "The requested resource was not found."}, 404)
        return Said(path.read_bytes())

    return platform


def discogs(n=0):  # noqa: C901 - one platform
    """Discogs, of discogs.com/developers: pagination.urls.next is the whole address."""

    def paged(asked, name, make):
        page, size = asked.number("page", 1), asked.number("per_page", 50)
        if size > 100:
            return Said({"message": "per_page must be 100 or less"}, 422)
        first = (page - 1) * size
        rows = [make(i) for i in range(first, min(first + size, n))]
        pages = -(-n // size)
        urls = {}
        if page < pages:
            rest = "".join(f"&{k}={v}" for k, v in asked.query.items()
                           if k not in {"page", "per_page"})  # fmt: skip
            here = f"https://api.discogs.com{asked.path}"
            urls = {"next": f"{here}?page={page + 1}&per_page={size}{rest}", "last": "x"}
        about = {"page": page, "pages": pages, "per_page": size, "items": n, "urls": urls}
        return Said({"pagination": about, name: rows})

    def listed(i):
        kind = "master" if i % 2 else "release"
        more = {"main_release": 50_000 + i} if i % 2 else {"status": "Accepted", "label": "Svek",
                                                           "format": '12", EP'}  # fmt: skip
        role = "Main" if i % 10 else "Appearance"
        return {"id": i, "type": kind, "title": f"Album {i}", "artist": "Ana (2)", "role": role,
                "year": 0 if i == 1 else 1990 + i % 30, "resource_url": "x", **more}  # fmt: skip

    def found(i):
        return {"id": i, "type": "release", "title": f"Ana (2) - Album - {i}", "year": "2008",
                "label": ["Svek", "Other"], "format": ["Vinyl", "Compilation"],
                "barcode": ["7 1234"], "community": {"want": 1, "have": 2}}  # fmt: skip

    def platform(asked):  # noqa: PLR0911
        assert asked.headers["user-agent"].startswith("musictools/")
        token = asked.headers.get("authorization")
        if token not in {None, f"Discogs token={TOKEN}"}:
            return Said({"message": "Invalid consumer token."}, 401)
        if asked.path == "/database/search":
            if token is None:
                return Said({"message": "You must authenticate to access this resource."}, 401)
            return paged(asked, "results", found)
        if asked.path.endswith("/releases"):
            return paged(asked, "releases", listed)
        if asked.path.startswith("/marketplace/stats/"):
            price = {"currency": "USD", "value": 12.5}
            return Said({"lowest_price": price, "num_for_sale": 3, "blocked_from_sale": False})
        if asked.path == "/releases/9":
            rating = {"count": 5, "average": 4.2}
            return Said({"id": 9, "title": "Album", "community": {"have": 20, "want": 30,
                                                                  "rating": rating}})  # fmt: skip
        return Said({"message": "Release not found."}, 404)

    return platform


def client(serve, *args, token=None, faults=(), seed=0):
    server = serve(discogs(*args), faults=faults, share=0.3, seed=seed)
    return mt.collect.Discogs(base_url=server.url, token=token), server


@pytest.mark.parametrize("seed", range(3))
def test_every_row_once_whatever_goes_wrong(serve, seed):
    source, server = client(serve, 2345, token=TOKEN, faults=PASSING, seed=seed)
    rows = list(source.search("ana"))
    assert [row.release_id for row in rows] == [str(i) for i in range(2345)]
    assert server.spoilt
    one = rows[0]
    assert (one.artist, one.title, one.label, one.kind, one.barcode) == (
        "Ana (2)", "Album - 0", "Svek", "compilation", "7 1234",
    )  # fmt: skip


def test_a_master_stands_for_its_editions(serve):
    source, server = client(serve, 250)
    rows = list(source.releases("1"))
    assert len(rows) == 225
    assert len(list(source.releases("1", role=None))) == 250
    assert len(server.asked) == 6
    by_title = {row.title: row for row in rows}
    assert by_title["Album 1"].release_id == "50001"
    assert by_title["Album 1"].released_on is None
    assert (by_title["Album 2"].kind, by_title["Album 2"].released_on) == ("ep", "1992")


def test_numbers_of_the_market(serve):
    source, server = client(serve)
    assert {row.metric: row.value for row in source.metrics("9")} == {
        "haves": 20, "wants": 30, "ratings": 5, "rating": 4.2, "for_sale": 3,
        "lowest_price_usd": 12.5,
    }  # fmt: skip
    assert server.asked[-1].query == {"curr_abbr": "USD"}


def test_its_pace_depends_on_a_token():
    def seconds(**kwargs):
        return mt.collect.Discogs(**kwargs).plan(artist=600).seconds

    assert seconds() == pytest.approx(600 / 25 * 60, rel=0.25)
    assert seconds(token=TOKEN) == pytest.approx(600 / 60 * 60, rel=0.3)
    real = mt.collect.Discogs(token=TOKEN, store=":memory:")
    assert real.transport.limits.rate.requests == 25
    assert real.auth.headers(real.transport) == {"Authorization": f"Discogs token={TOKEN}"}
    assert real.transport.limits.rate.requests == 60


def test_429_without_a_word_waits_for_a_whole_window(serve):
    server = serve(lambda _: Said({"message": "You are making requests too quickly."}, 429))
    source = mt.collect.Discogs(base_url=server.url, longest_wait_s=5)
    with pytest.raises(RateLimited, match="too quickly") as caught:
        source.artist("1").one()
    assert 50 < caught.value.retry_at.timestamp() - time.time() < 61
    assert len(server.asked) == 1


def test_errors_of_its_own(serve):
    source, _ = client(serve)
    with pytest.raises(AuthError, match="You must authenticate"):
        next(source.search("ana"))
    with pytest.raises(NotFound, match="Release not found"):
        next(source.tracks("7"))
    for wrong in (
        lambda: source.search("x", kind="label"), lambda: source.tracks("1", of="artist"),
        lambda: source.metrics("1", of="artist"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(NotOffered):
        source.charts()


def test_a_token_stays_secret(serve, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(lambda asked: Said({"message": f"no {asked.headers['authorization']}"}, 401))
    with pytest.raises(AuthError) as caught:
        mt.collect.Discogs(base_url=server.url, token=TOKEN).artist("1").one()
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    source, _ = client(serve, 250, token=TOKEN)
    page = next(source.search("ana").pages())
    told += page.answer.url + page.answer.text + page.following[0].to_json() + caplog.text
    assert TOKEN not in told
    assert "***" in told


def test_recorded_artists_and_releases(serve, fixtures):
    source = mt.collect.Discogs(base_url=serve(recorded_site(fixtures)).url)
    artist = source.artist(1).one()
    assert (artist.name, artist.url) == ("Persuader, The", "https://www.discogs.com/artist/1")
    rows = list(source.releases(1, role=None))
    stood = [json.loads(p.read_bytes())["releases"]
             for p in sorted((fixtures / ROOT / "artists" / "1").glob("*.json"))]  # fmt: skip
    assert len(rows) == len({r.get("main_release", r["id"]) for part in stood for r in part}) > 50
    kaos = next(row for row in rows if row.title == "Kaos")
    assert (kaos.release_id, kaos.released_on, kaos.label) == ("20209", "1997", "Svek")


def test_recorded_tracks(serve, fixtures):
    source = mt.collect.Discogs(base_url=serve(recorded_site(fixtures)).url)
    stood = json.loads((fixtures / ROOT / "releases" / "1.json").read_bytes())
    rows = list(source.tracks(1))
    assert [row.title for row in rows] == [one["title"] for one in stood["tracklist"]]
    assert rows[0].release == stood["title"]
    assert rows[0].released_on == "1999-03"
    assert rows[0].track_id == f"1:{stood['tracklist'][0]['position']}"
    for number in (2, 3, 79, 3329867):
        assert list(source.tracks(number))
    assert {row.metric: row.value for row in source.metrics(1)} == {
        "for_sale": 10, "lowest_price_eur": 100,
    }  # fmt: skip


def test_recorded_search(serve, fixtures):
    source = mt.collect.Discogs(base_url=serve(recorded_site(fixtures)).url, token=TOKEN)
    rows = list(source.search("trash80"))
    assert len(rows) == 13
    icarus = next(row for row in rows if row.release_id == "1743771")
    assert (icarus.artist, icarus.title, icarus.label, icarus.released_on) == (
        "Trash80", "Icarus", "8bitpeoples", "2008",
    )  # fmt: skip
