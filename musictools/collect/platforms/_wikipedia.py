"""Wikipedia: how many people read about somebody, day by day since July 2015."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from musictools.collect._call import Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Cursor, Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, today
from musictools.collect._rows import Artist, Observation
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, json_of, judge, retry_after_s
from musictools.errors import InputError

#: The first day that is counted.
FIRST_DAY = dt.date(2015, 7, 1)
_PAGE = 500
_VIEWS = "/metrics/pageviews/per-article"
_LANG = re.compile(r"[a-z]{2,3}|simple|[a-z]{2,}(-[a-z]+)+")


class Wikipedia(Source):
    """Wikimedia's page views, and the search of MediaWiki.

    No key. It wants to know whom to write to: set the variable ``MUSICTOOLS_CONTACT`` to an
    address of yours. An article is its title (``"Daft Punk"``), or language and title
    (``"fr:Daft Punk"``); each language counts for itself.

    Parameters
    ----------
    token, token_url, base_url, store, budget, longest_wait_s
        As of every source; no token is needed.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.Wikipedia().plan(metrics=30))
    Wikipedia: 30 requests, 6 s, free of charge
    """

    NAME: ClassVar[str] = "Wikipedia"
    BASE_URL: ClassVar[str] = "https://wikimedia.org/api/rest_v1"
    # Wikimedia asks for no more than three at once, and answers 429 to those who go too far.
    LIMITS: ClassVar[Limits] = Limits(Rate(5, 1.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "by_wikidata": Price(),
        "metrics": Price(),
    }

    def judge(self, response: Any) -> Verdict:
        """Know errors that come as good answers, and absences that are none."""
        body = json_of(response) if response.status_code in {200, 404} else None
        if not isinstance(body, dict):
            return judge(response)
        if response.status_code == 404:
            # Nobody read it in these days: that is a list without days, and no error.
            nothing = _VIEWS in response.url and _is_nothing(body.get("title"))
            return Verdict("ok") if nothing else judge(response)
        error = body.get("error")
        if not isinstance(error, dict):
            return judge(response)
        code = str(error.get("code"))
        meaning: Any = {"ratelimited": "limited", "maxlag": "again"}.get(code, "error")
        if code.startswith("internal_api_error"):
            meaning = "again"
        reason = str(error.get("info") or code)
        return Verdict(meaning, retry_after_s(response.headers), reason)

    def search(
        self, query: str, *, kind: str = "artist", lang: str = "en", limit: int | None = None
    ) -> Rows[Artist]:
        """Find articles, best first.

        Parameters
        ----------
        query : str
            Words, with the signs of MediaWiki: ``intitle:"daft punk"``.
        kind : str
            ``"artist"``; Wikipedia does not tell whom an article is about.
        lang : str
            Whose Wikipedia.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Artist, with language and title for an identifier.
        """
        check_word("kind", kind, ("artist",))
        _check_lang(lang)

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            for one in body.each("query", "search", needed=True):
                yield _article(lang, one.need("title"))

        params = {
            "action": "query", "list": "search", "srsearch": query, "srnamespace": 0,
            "srlimit": min(limit or _PAGE, _PAGE), "format": "json",
        }  # fmt: skip
        request = get(f"/{lang}.wikipedia.org/w/api.php", params)
        asked = {"query": query, "kind": kind, "lang": lang}
        paging = Cursor(("continue", "sroffset"), "sroffset")
        return self.rows(Artist, "search", asked, request, parse, paging, limit=limit)

    def by_wikidata(self, item: str, *, lang: str = "en") -> Rows[Artist]:
        """Find the article about an item of Wikidata, which MusicBrainz links to.

        Parameters
        ----------
        item : str
            Such as ``"Q185828"``.
        lang : str
            Whose Wikipedia.

        Returns
        -------
        Rows
            One Artist, or none where there is no article in this language.
        """
        _check_lang(lang)
        site = f"{lang.replace('-', '_')}wiki"

        def parse(body: Reader, _: Request) -> Iterator[Artist]:
            if "entities" not in body:
                raise MalformedError("entities is absent, and is needed")
            title = body.text("entities", item, "sitelinks", site, "title")
            if title is not None:
                yield _article(lang, title)

        params = {
            "action": "wbgetentities", "ids": item, "props": "sitelinks", "sitefilter": site,
            "format": "json",
        }  # fmt: skip
        request = get("/www.wikidata.org/w/api.php", params)
        return self.rows(Artist, "by_wikidata", {"item": item, "lang": lang}, request, parse)

    def metrics(
        self, entity_id: str, *, of: str = "artist", start: dt.date | str | None = None,
        end: dt.date | str | None = None, lang: str | None = None,
    ) -> Rows[Observation]:  # fmt: skip
        """Give the views of an article, day by day, without those of robots.

        Parameters
        ----------
        entity_id : str
            Title, as it stands above the article; or language and title, as `search` gives it.
        of : str
            ``"artist"``.
        start, end : datetime.date or str, optional
            First and last day; the ninety days up to yesterday otherwise.
        lang : str, optional
            Whose Wikipedia; what stands before the title, or ``"en"`` otherwise.

        Returns
        -------
        Rows
            Of Observation, ``views``. Days without a view are left out by Wikimedia, and so is the
            last day until it is counted.
        """
        check_word("of", of, ("artist",))
        lang, title = _taken_apart(entity_id, lang)
        first, last = _days(start, end)
        about = f"artist:{lang}:{title}"

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            if "items" not in body and _is_nothing(body.raw("title")):
                return
            for one in body.each("items", needed=True):
                views = one.number("views")
                if views is not None:
                    at = _moment(one.need("timestamp"))
                    yield Observation(about, self.NAME, "views", at, views)

        name = quote(title.replace(" ", "_"), safe="")
        path = (
            f"{_VIEWS}/{lang}.wikipedia.org/all-access/user/{name}/daily/"
            f"{first:%Y%m%d}00/{last:%Y%m%d}00"
        )
        asked = {"entity_id": title, "of": of, "lang": lang, "start": first.isoformat(),
                 "end": last.isoformat()}  # fmt: skip
        return self.rows(Observation, "metrics", asked, get(path), parse)

    def _address(self, request: Request) -> tuple[str, dict[str, str]]:
        # The search lives on a host for each language; behind another base address, in a folder.
        if request.path.endswith("/w/api.php") and self.base_url == self.BASE_URL:
            return f"https:/{request.path}", dict(request.params)
        return super()._address(request)


def _article(lang: str, title: str) -> Artist:
    url = f"https://{lang}.wikipedia.org/wiki/{quote(title.replace(' ', '_'))}"
    return Artist(Wikipedia.NAME, f"{lang}:{title}", title, url=url)


def _is_nothing(title: object) -> bool:
    return str(title).lower().rstrip(".") == "not found"


def _check_lang(lang: str) -> None:
    # It becomes part of an address.
    if not _LANG.fullmatch(lang):
        raise InputError(
            f"use lang={lang!r}", got=repr(lang), expected="a language of Wikipedia", hint="'en'"
        )


def _taken_apart(entity_id: str, lang: str | None) -> tuple[str, str]:
    """Tell language and title apart; titles begin with a capital letter, languages do not."""
    before, colon, rest = entity_id.partition(":")
    if colon and rest and _LANG.fullmatch(before) and lang in {None, before}:
        lang, entity_id = before, rest
    lang = lang or "en"
    _check_lang(lang)
    title = entity_id.replace("_", " ").strip()
    if not title:
        raise InputError(
            "ask for page views", got=repr(entity_id), expected="a title", hint="'Daft Punk'"
        )
    return lang, title


def _days(start: dt.date | str | None, end: dt.date | str | None) -> tuple[dt.date, dt.date]:
    yesterday = today().date() - dt.timedelta(days=1)
    last = _day("end", end) if end else yesterday
    first = _day("start", start) if start else max(last - dt.timedelta(days=89), FIRST_DAY)
    if first > last or last < FIRST_DAY or first > yesterday:
        raise InputError(
            f"ask for the views from {first} to {last}",
            got=f"{first} to {last}",
            expected=f"days between {FIRST_DAY} and {yesterday}, the first one first",
            hint="start='2026-01-01', end='2026-03-31'",
        )
    return max(first, FIRST_DAY), min(last, yesterday)


def _day(name: str, value: dt.date | str) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        raise InputError(
            f"read {name}={value!r}", got=repr(value), expected="a day", hint=f"{name}='2026-01-31'"
        ) from None


def _moment(stamp: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=dt.UTC)
    except ValueError:
        raise MalformedError(f"{stamp[:20]!r} is no day") from None
