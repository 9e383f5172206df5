"""Radio France: its stations, and the music in their programme grids."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar

from musictools.collect._auth import Auth, HeaderKey
from musictools.collect._call import Rows
from musictools.collect._days import When, span, windows
from musictools.collect._limits import Budget, Limits
from musictools.collect._paging import Request, post
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, from_epoch
from musictools.collect._rows import Spin, Station
from musictools.collect._secrets import need_secret
from musictools.collect._source import Source
from musictools.collect._verdict import Verdict, json_of, judge

_PATH = "/v1/graphql"
_PASSING = frozenset({"INTERNAL_SERVER_ERROR"})
_REFUSED = frozenset({"UNAUTHENTICATED", "FORBIDDEN"})
_STATIONS = """{ brands { id title baseline liveStream
  webRadios { id title liveStream }
  localRadios { id title liveStream } } }"""
_GRID = """query Grid($start: Int!, $end: Int!, $station: StationsEnum!) {
  grid(start: $start, end: $end, station: $station, includeTracks: true) {
    ... on TrackStep { start end track { title albumTitle mainArtists label } } } }"""
_LIVE = """query Live($station: StationsEnum!) {
  live(station: $station) {
    song { start end track { title albumTitle mainArtists label } } } }"""


class RadioFrance(Source):
    """Radio France's Open API, which speaks GraphQL.

    The grid of a station holds the songs that it played, beside shows and jingles; FIP and its
    web radios play most. A key takes some days: Radio France reads each request for one. It is
    said to be good for a thousand requests a day.

    Parameters
    ----------
    token : str, optional
        The API key.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.RadioFrance().plan(spins=365))
    RadioFrance: 365 requests, 0 s, free of charge
    """

    NAME: ClassVar[str] = "RadioFrance"
    BASE_URL: ClassVar[str] = "https://openapi.radiofrance.fr"
    LIMITS: ClassVar[Limits] = Limits(budgets=(Budget("requests", 1000),))
    #: Spins are planned in days of one station.
    PRICES: ClassVar[dict[str, Price]] = {
        "stations": Price(1000),
        "spins": Price(),
        "playing": Price(),
    }

    def make_auth(self) -> Auth:
        """Look for the key."""
        return HeaderKey("x-token", need_secret(self.NAME, "token", self._token))

    def judge(self, response: Any) -> Verdict:
        """Read the errors of GraphQL, which come with status 200 too."""
        found = judge(response)
        if response.status_code not in {200, 400, 403}:
            return found
        body = json_of(response)
        if not isinstance(body, dict) or not isinstance(body.get("errors"), list):
            return Verdict("refused", None, found.reason) if response.status_code == 403 else found
        if response.status_code == 200 and body.get("data"):
            # One part failed and the rest is there.
            return found
        error = next(Reader(body).each("errors"), Reader({}))
        code = error.text("extensions", "code") or ""
        words = error.text("message") or code
        if code in _REFUSED or response.status_code == 403:
            return Verdict("refused", None, words)
        return Verdict("again" if code in _PASSING else "error", None, words)

    def stations(self) -> Rows[Station]:
        """Give the stations: the seven brands, their web radios and their local ones.

        Returns
        -------
        Rows
            Of Station; their identifiers are what `spins` takes.
        """

        def parse(body: Reader, _: Request) -> Iterator[Station]:
            for brand in body.each("data", "brands", needed=True):
                yield self._station(brand, "main")
                for field, tag in (("webRadios", "web radio"), ("localRadios", "local")):
                    for one in brand.each(field):
                        yield self._station(one, tag)

        request = post(_PATH, {"query": _STATIONS})
        return self.rows(Station, "stations", {}, request, parse)

    def spins(self, station: str, *, start: When = None, end: When = None) -> Rows[Spin]:
        """Give the songs that a station played.

        Parameters
        ----------
        station : str
            Of Radio France, such as ``"FIP"`` or ``"FIP_ROCK"``.
        start, end : str or date, optional
            First and last day, or moments; yesterday by default. One request a day.

        Returns
        -------
        Rows
            Of Spin.
        """
        first, last = span(start, end)
        requests = [
            post(
                _PATH,
                {"query": _GRID, "variables": {
                    "start": int(a.timestamp()), "end": int(b.timestamp()), "station": station}},
            )
            for a, b in windows(first, last)
        ]  # fmt: skip

        def parse(body: Reader, _: Request) -> Iterator[Spin]:
            for step in body.each("data", "grid", needed=True):
                # Shows and jingles come as empty objects: only songs were asked for.
                spin = self._spin(step, station) if "track" in step else None
                # A song over midnight stands in both days, and may begin before the first.
                if spin is not None and first <= dt.datetime.fromisoformat(spin.started_at) < last:
                    yield spin

        asked = {"station": station, "start": first.isoformat(), "end": last.isoformat()}
        return self.rows(Spin, "spins", asked, requests, parse)

    def playing(self, station: str) -> Rows[Spin]:
        """Give the song that is on air.

        Parameters
        ----------
        station : str
            Of Radio France.

        Returns
        -------
        Rows
            One Spin, or none while somebody talks.
        """

        def parse(body: Reader, _: Request) -> Iterator[Spin]:
            if "live" not in body.at("data"):
                raise MalformedError("data.live is absent")
            song = body.at("data", "live", "song")
            spin = self._spin(song, station) if "track" in song else None
            if spin is not None:
                yield spin

        request = post(_PATH, {"query": _LIVE, "variables": {"station": station}})
        return self.rows(Spin, "playing", {"station": station}, request, parse)

    def _station(self, one: Reader, tag: str) -> Station:
        return Station(
            self.NAME, one.need("id"), one.need("title"), country="FR", tags=(tag,),
            url=one.text("liveStream"),
        )  # fmt: skip

    def _spin(self, step: Reader, station: str) -> Spin | None:
        start, end = step.count("start"), step.count("end")
        title = step.text("track", "title")
        if start is None or title is None:
            return None
        track = step.at("track")
        return Spin(
            self.NAME, station, from_epoch(start).isoformat(), title,
            artist=", ".join(track.texts("mainArtists")) or None,
            seconds=None if end is None else float(end - start), label=track.text("label"),
            album=track.text("albumTitle"),
        )  # fmt: skip
