"""Radio Browser: stations of the whole world, with how often they are heard and liked."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from musictools.collect._call import Answer, Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Offset, Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, today
from musictools.collect._rows import Observation, Station
from musictools.collect._source import Source, check_word
from musictools.errors import ServiceError

_PAGE = 1000
_log = logging.getLogger("musictools.collect")
_ORDERS = ("name", "votes", "clickcount", "clicktrend", "country", "changetimestamp")
# Where there is another server, this one is not asked as long.
_TRIES = 2


class RadioBrowser(Source):
    """The API of radio-browser.info, a directory that listeners keep; without a key.

    There are several servers with the same data. One that cannot be reached is left for the next
    one, and what is stored says which one answered. What `metrics` gives are ``votes`` (of all
    time), ``clicks`` (of the last 24 hours) and ``click_trend`` (against the day before).

    Parameters
    ----------
    mirrors : iterable of str, optional
        Other servers with the same data; by default those of radio-browser.info, unless
        ``base_url`` is given.
    **kwargs
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.RadioBrowser().plan(stations=50_000))
    RadioBrowser: 50 requests, 50 s, free of charge
    """

    NAME: ClassVar[str] = "RadioBrowser"
    BASE_URL: ClassVar[str] = "https://de1.api.radio-browser.info"
    MIRRORS: ClassVar[tuple[str, ...]] = (
        "https://de2.api.radio-browser.info",
        "https://nl1.api.radio-browser.info",
        "https://at1.api.radio-browser.info",
    )
    # Ours, not theirs: it is one person's server.
    LIMITS: ClassVar[Limits] = Limits(Rate(5, 5.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "search": Price(_PAGE),
        "stations": Price(_PAGE),
        "metrics": Price(),
    }

    def __init__(self, *, mirrors: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if mirrors is None:
            mirrors = self.MIRRORS if self.base_url == self.BASE_URL else ()
        self._servers = [self.base_url, *(url.rstrip("/") for url in mirrors)]
        if len(self._servers) > 1:
            self.transport.tries = min(self.transport.tries, _TRIES)

    def ask(self, request: Request) -> Answer:
        """Send one request, to the next server where one cannot be reached."""
        for _ in self._servers[1:]:
            try:
                return super().ask(request)
            except ServiceError as error:
                # A server that answered has said what there is to say; 5xx may be its own trouble.
                if error.status is not None and error.status < 500:
                    raise
                _log.warning("%s cannot be reached: %s", self._servers[0], error)
            # The next requests go to the new one at once.
            self._servers.append(self._servers.pop(0))
        return super().ask(request)

    def _address(self, request: Request) -> tuple[str, dict[str, str]]:
        url, params = super()._address(request)
        # `base_url` stays: it names the job in a store, whichever server answers.
        return self._servers[0] + url.removeprefix(self.base_url), params

    def search(self, query: str, *, kind: str = "station", limit: int | None = None) -> Rows[Any]:
        """Find stations by name, those that are heard most first.

        Parameters
        ----------
        query : str
            Part of a name.
        kind : str
            ``"station"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Station.
        """
        check_word("kind", kind, ("station",))
        asked = {"query": query, "kind": kind}
        return self._list("search", asked, {"name": query}, order="clickcount", limit=limit)

    def stations(
        self,
        *,
        tag: str | None = None,
        country: str | None = None,
        order: str = "name",
        limit: int | None = None,
    ) -> Rows[Station]:
        """Give stations that are on air.

        Parameters
        ----------
        tag : str, optional
            One of the words that listeners gave them, such as ``"jazz"``.
        country : str, optional
            ISO 3166 alpha-2.
        order : str
            ``"name"``, which does not change while it is read; ``"votes"``, ``"clickcount"``,
            ``"clicktrend"`` (largest first), ``"country"`` or ``"changetimestamp"``.
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Station, with votes and clicks.
        """
        check_word("order", order, _ORDERS)
        asked = {"tag": tag, "country": country, "order": order}
        which = {"tag": tag, "tagExact": "true" if tag else None, "countrycode": country}
        return self._list("stations", asked, which, order=order, limit=limit)

    def metrics(self, entity_id: str, *, of: str = "station") -> Rows[Observation]:
        """Give what Radio Browser counts today.

        Parameters
        ----------
        entity_id : str
            Of Radio Browser, a UUID.
        of : str
            ``"station"``.

        Returns
        -------
        Rows
            Of Observation: a daily snapshot; nothing for a station that is gone.
        """
        check_word("of", of, ("station",))
        fields = {"votes": "votes", "clicks": "clickcount", "click_trend": "clicktrend"}

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            for one in body.each("items", needed=True):
                name = f"station:{one.need('stationuuid')}"
                for metric, field in fields.items():
                    value = one.number(field)
                    if value is not None:
                        yield Observation(name, self.NAME, metric, today(), value)

        request = get("/json/stations/byuuid", {"uuids": entity_id})
        return self.rows(Observation, "metrics", {"entity_id": entity_id, "of": of}, request, parse)

    def _list(
        self, method: str, asked: dict[str, Any], which: dict[str, Any], *, order: str,
        limit: int | None,
    ) -> Rows[Station]:  # fmt: skip
        size = min(limit or _PAGE, _PAGE)
        falling = order in {"votes", "clickcount", "clicktrend", "changetimestamp"}
        request = get(
            "/json/stations/search",
            {**which, "hidebroken": "true", "order": order, "reverse": str(falling).lower(),
             "limit": size, "offset": 0},
        )  # fmt: skip

        def parse(body: Reader, _: Request) -> Iterator[Station]:
            return (_station(one) for one in body.each("items", needed=True))

        return self.rows(Station, method, asked, request, parse, Offset(size), limit=limit)


def _station(one: Reader) -> Station:
    tags = tuple(tag for tag in (one.text("tags") or "").split(",") if tag)
    return Station(
        RadioBrowser.NAME, one.need("stationuuid"), (one.text("name") or "").strip(),
        country=one.text("countrycode"), tags=tags,
        url=one.text("homepage") or one.text("url_resolved") or one.text("url"),
        votes=one.count("votes"), clicks=one.count("clickcount"),
    )  # fmt: skip
