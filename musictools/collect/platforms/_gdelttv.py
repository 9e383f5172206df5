"""GDELT TV: how much of a television station's time captions mention something."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._days import When, span, windows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, get
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, moment
from musictools.collect._rows import Observation, Station
from musictools.collect._source import Source
from musictools.collect._verdict import Verdict, judge
from musictools.errors import InputError

_WAIT_S = 5.0
_DAYS = 30
# Longer stretches are cut, so that each answer stays one of days.
_DAYS_A_REQUEST = 366
_SECONDS = "%Y%m%d%H%M%S"
# GDELT rounds to whole days: midnight would be another day.
_SECOND = dt.timedelta(seconds=1)
_NAME_OF_A_STATION = re.compile(r"[A-Z0-9]+")
_DIGITS_OF_A_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


class GdeltTv(Source):
    """GDELT's Television API 2.0, on the captions of the Internet Archive; without a key.

    What `metrics` gives is ``airtime_percent``: of the station's pieces of fifteen seconds, how
    many mention it. Mostly stations of the United States, from July 2009. The last days are never
    complete, and whether there is anything after 2024 is uncertain: look at
    ``stations().to_frame()`` and at the last day that a query gives.

    Parameters
    ----------
    token, token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.GdeltTv().plan(metrics=12))
    GdeltTv: 12 requests, 56 s, free of charge
    """

    NAME: ClassVar[str] = "GdeltTv"
    BASE_URL: ClassVar[str] = "https://api.gdeltproject.org/api/v2/tv"
    LIMITS: ClassVar[Limits] = Limits(Rate(1, _WAIT_S))
    #: Metrics are planned in stations, for a year each.
    PRICES: ClassVar[dict[str, Price]] = {"metrics": Price(), "stations": Price(1000)}

    def judge(self, response: Any) -> Verdict:
        """Read errors that come as plain text, mostly with status 200."""
        text = response.content[:500].decode("utf-8", "replace").strip()
        if "limit requests" in text.lower():
            return Verdict("limited", _WAIT_S, text)
        plain = text[:1].isalpha() and text != "null"
        if response.status_code == 200 and plain:
            return Verdict("error", None, text[:200])
        return judge(response)

    def metrics(
        self,
        entity_id: str,
        *,
        stations: Iterable[str] = ("CNN", "FOXNEWS", "MSNBC"),
        start: When = None,
        end: When = None,
    ) -> Rows[Observation]:
        """Give how much of each day's airtime mentions something.

        Parameters
        ----------
        entity_id : str
            The query: words that captions hold. A phrase stands in double quotes:
            ``'"daft punk"'``; ``OR`` between them needs parentheses.
        stations : iterable of str
            Identifiers of GDELT, as `stations` gives them. One request each, for each year.
        start, end : str or date, optional
            First and last day; the last thirty days by default.

        Returns
        -------
        Rows
            Of Observation, one for each station and day that GDELT has; per cent.
        """
        names = (stations,) if isinstance(stations, str) else tuple(stations)
        for name in names:
            if not _NAME_OF_A_STATION.fullmatch(name):
                raise InputError(
                    f"look for {entity_id!r} on the station {name!r}",
                    got=repr(name),
                    expected="an identifier of GDELT: capital letters and digits",
                    hint="mt.collect.GdeltTv().stations().to_frame()",
                )
        first, last = span(start, end, days=_DAYS)
        first = first.replace(hour=0, minute=0, second=0, microsecond=0)
        requests = [
            get(
                "/tv",
                {"query": f"{entity_id} station:{name}", "mode": "timelinevol", "format": "json",
                 "datanorm": "perc", "dateres": "day", "timelinesmooth": 0,
                 "STARTDATETIME": a.strftime(_SECONDS),
                 "ENDDATETIME": (b - _SECOND).strftime(_SECONDS)},
            )
            for name in names
            for a, b in windows(first, last, _DAYS_A_REQUEST)
        ]  # fmt: skip

        def parse(body: Reader, request: Request) -> Iterator[Observation]:
            station = request.param("query").rpartition("station:")[2]
            # A query that nobody mentions gives an empty object.
            for series in body.each("timeline"):
                for point in series.each("data", needed=True):
                    value, when = point.number("value"), _day(point.need("date"))
                    if value is not None and first <= when < last:
                        name = f"{entity_id} on {station}"
                        yield Observation(name, self.NAME, "airtime_percent", when, value)

        asked = {
            "entity_id": entity_id, "stations": list(names),
            "start": first.isoformat(), "end": last.isoformat(),
        }  # fmt: skip
        return self.rows(Observation, "metrics", asked, requests, parse)

    def stations(self) -> Rows[Station]:
        """Give the television stations that GDELT watches, or has watched.

        Returns
        -------
        Rows
            Of Station; its tags are the market, the network, and first and last day.
        """

        def parse(body: Reader, _: Request) -> Iterator[Station]:
            for one in body.each("station_details", needed=True):
                told = (one.text(name) for name in ("Market", "Network", "StartDate", "EndDate"))
                yield Station(
                    self.NAME, one.need("StationID"), one.text("Description") or "", medium="TV",
                    tags=tuple(tag for tag in told if tag),
                )  # fmt: skip

        request = get("/tv", {"mode": "stationdetails", "format": "json"})
        return self.rows(Station, "stations", {}, request, parse)


def _day(text: str) -> dt.datetime:
    """Read the day of ``20170601T000000Z``, or of ``2017-06-01 00:00:00``."""
    found = _DIGITS_OF_A_DAY.match(text)
    if found is None:
        raise MalformedError(f"{text!r} is no date")
    return moment("-".join(found.groups()))
