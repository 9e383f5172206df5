"""Wikipedia: page views day by day, absences that are none, and the search of MediaWiki."""

import datetime as dt
import re
from urllib.parse import quote, unquote

import pytest

import musictools as mt
from musictools.collect._paging import get
from musictools.collect._reading import today
from musictools.errors import InputError, NotFound, NotOffered, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said

VIEWS = re.compile(
    r"/metrics/pageviews/per-article/([\w.-]+)/(all-access)/(user)/([^/]+)/(daily)/(\d{10})/(\d{10})"
)
NOTHING = (
    "The date(s) you used are valid, but we either do not have data for those date(s), or the "
    "project you asked for is not loaded yet."
)


def views(asked):
    """Pageviews of doc.wikimedia.org's Analytics API: days without a view are left out."""
    found = VIEWS.fullmatch(asked.path)
    if found is None:
        return Said({"type": "about:blank", "title": "Invalid route", "status": 404}, 404)
    project, access, agent, article, granularity, first, last = found.groups()
    if unquote(article) == "Nobody":
        return Said({"type": "about:blank", "title": "Not Found", "method": "get", "status": 404,
                     "detail": NOTHING}, 404)  # fmt: skip
    day, end = (dt.date.fromisoformat(stamp[:8]) for stamp in (first, last))
    if end < day:
        return Said({"title": "Bad Request", "detail": "start after end"}, 400)
    items = []
    while day <= end:
        if day.day != 13:
            items.append({"project": project.removesuffix(".org"), "article": unquote(article),
                          "granularity": granularity, "timestamp": f"{day:%Y%m%d}00",
                          "access": access, "agent": agent, "views": day.toordinal()})  # fmt: skip
        day += dt.timedelta(days=1)
    return Said({"items": items})


def wikipedia(n=0):
    def platform(asked):
        assert asked.headers["user-agent"].startswith("musictools/")
        if not asked.path.endswith("/w/api.php"):
            return views(asked)
        assert asked.query["format"] == "json"
        if asked.query["action"] == "wbgetentities":
            item, site = asked.query["ids"], asked.query["sitefilter"]
            links = (
                {} if site == "dewiki" else {site: {"site": site, "title": "Ana & B", "badges": []}}
            )
            return Said({"entities": {item: {"type": "item", "id": item, "sitelinks": links}},
                         "success": 1})  # fmt: skip
        size, start = asked.number("srlimit", 10), asked.number("sroffset", 0)
        if not 1 <= size <= 500:
            return Said({"error": {"code": "badvalue", "info": "srlimit may not be over 500"}})
        rows = [{"ns": 0, "title": f"Ana {i}", "pageid": i, "snippet": "<b>"}
                for i in range(start, min(start + size, n))]  # fmt: skip
        body = {"batchcomplete": "", "query": {"searchinfo": {"totalhits": n}, "search": rows}}
        if start + size < n:
            body["continue"] = {"sroffset": start + size, "continue": "-||"}
        return Said(body)

    return platform


def client(serve, *args, faults=(), seed=0, **kwargs):
    server = serve(wikipedia(*args), faults=faults, share=0.3, seed=seed)
    return mt.collect.Wikipedia(base_url=server.url, **kwargs), server


@pytest.mark.parametrize("seed", range(4))
def test_every_day_once_whatever_goes_wrong(serve, seed):
    source, _ = client(serve, faults=PASSING, seed=seed)
    for year in range(2017, 2025):
        rows = list(source.metrics("Daft Punk", start=f"{year}-01-01", end=f"{year}-12-31"))
        assert len(rows) == len({row.observed_at for row in rows}) == 353 + (year % 4 == 0)
        assert all(row.value == row.observed_at.toordinal() for row in rows)
        assert {row.entity_id for row in rows} == {"artist:en:Daft Punk"}


@pytest.mark.parametrize("seed", range(2))
def test_a_search_is_followed_to_the_end(serve, seed):
    source, server = client(serve, 2345, faults=PASSING, seed=seed)
    rows = list(source.search("ana", lang="fr"))
    assert [row.name for row in rows] == [f"Ana {i}" for i in range(2345)]
    assert rows[0].artist_id == "fr:Ana 0"
    assert rows[0].url == "https://fr.wikipedia.org/wiki/Ana_0"
    assert server.asked[0].path == "/fr.wikipedia.org/w/api.php"


@pytest.mark.parametrize(
    "title",
    ["AC/DC", "Beyoncé", "Sigur Rós", "What's Going On?", "100%", "P!nk & Friends", "浜崎あゆみ"],
)
def test_titles_are_quoted(serve, title):
    source, server = client(serve)
    row = source.metrics(title, start="2026-01-01", end="2026-01-01").one()
    assert row.entity_id == f"artist:en:{title}"
    assert quote(title.replace(" ", "_"), safe="") in server.asked[0].path


def test_nobody_read_it_is_no_error(serve):
    source, server = client(serve)
    assert not list(source.metrics("Nobody", start="2026-01-01", end="2026-01-31"))
    assert len(server.asked) == 1


def test_a_404_of_another_kind_is_one(serve):
    source, _ = client(serve)
    with pytest.raises(NotFound, match="Invalid route"):
        source.ask(get("/nowhere"))
    server = serve(lambda _: Said(b"<html>404</html>", 404))
    with pytest.raises(NotFound):
        list(mt.collect.Wikipedia(base_url=server.url).metrics("Nobody"))


def test_language_stands_before_the_title_or_apart(serve):
    source, server = client(serve)
    days = {"start": "2026-01-01", "end": "2026-01-02"}
    for rows in (
        source.metrics("fr:Daft_Punk", **days),
        source.metrics("Daft Punk", lang="fr", **days),
    ):
        assert {row.entity_id for row in rows} == {"artist:fr:Daft Punk"}
    assert all("/fr.wikipedia.org/" in asked.path for asked in server.asked)
    assert source.metrics("Re:Stage!").call.arguments["entity_id"] == "Re:Stage!"
    with pytest.raises(InputError):
        source.metrics("x", lang="../evil")
    with pytest.raises(InputError):
        source.search("x", lang="en.evil.example/")
    with pytest.raises(InputError):
        source.metrics(" ")


def test_days_name_the_job(serve):
    source, _ = client(serve)
    asked = source.metrics("Ana").call.arguments
    yesterday = today().date() - dt.timedelta(days=1)
    assert asked["end"] == yesterday.isoformat()
    assert asked["start"] == (yesterday - dt.timedelta(days=89)).isoformat()
    early = source.metrics("Ana", start=dt.date(2010, 1, 1), end="2015-07-03").call.arguments
    assert early["start"] == "2015-07-01"
    for days in ({"start": "2026-02-01", "end": "2026-01-01"}, {"end": "2014-01-01"},
                 {"start": "last week"}, {"start": "2190-01-01"}):  # fmt: skip
        with pytest.raises(InputError):
            source.metrics("Ana", **days)


def test_wikidata_leads_to_the_article(serve):
    source, server = client(serve)
    article = source.by_wikidata("Q185828").one()
    assert article.artist_id == "en:Ana & B"
    assert article.url == "https://en.wikipedia.org/wiki/Ana_%26_B"
    assert server.asked[0].path == "/www.wikidata.org/w/api.php"
    assert not list(source.by_wikidata("Q185828", lang="de"))


def test_the_real_hosts_of_the_search():
    source = mt.collect.Wikipedia(store=":memory:")
    (request,) = source.search("ana", lang="simple").call.requests
    url, params = source._address(request)
    assert url == "https://simple.wikipedia.org/w/api.php"
    assert params["srsearch"] == "ana"
    (request,) = source.metrics("Ana").call.requests
    assert source._address(request)[0].startswith(
        "https://wikimedia.org/api/rest_v1/metrics/pageviews/per-article/en.wikipedia.org/"
    )


def test_errors_of_mediawiki_come_as_good_answers(serve):
    said = {"error": {"code": "ratelimited", "info": "You've exceeded your rate limit."}}
    server = serve(lambda _: Said(said, 200, {"Retry-After": "3000"}))
    with pytest.raises(RateLimited, match="exceeded your rate limit"):
        list(mt.collect.Wikipedia(base_url=server.url).search("ana"))
    assert len(server.asked) == 1
    other = {"error": {"code": "badvalue", "info": "Unrecognized value"}}
    with pytest.raises(ServiceError, match="Unrecognized value"):
        list(mt.collect.Wikipedia(base_url=serve(lambda _: Said(other)).url).search("ana"))
    inside, count = wikipedia(3), []

    def lagging(asked):
        count.append(1)
        lag = {"error": {"code": "maxlag", "info": "Waiting for a database"}}
        return Said(lag, 200, {"Retry-After": "0"}) if len(count) < 3 else inside(asked)

    assert len(list(mt.collect.Wikipedia(base_url=serve(lagging).url).search("ana"))) == 3


def test_429_is_heeded(serve):
    server = serve(lambda _: Said({"title": "Too many requests"}, 429, {"Retry-After": "86400"}))
    with pytest.raises(RateLimited):
        list(mt.collect.Wikipedia(base_url=server.url).metrics("Ana"))
    assert len(server.asked) == 1


def test_wrong_words(serve):
    source, _ = client(serve)
    with pytest.raises(InputError):
        source.search("x", kind="track")
    with pytest.raises(InputError):
        source.metrics("x", of="track")
    with pytest.raises(NotOffered):
        source.releases("x")
