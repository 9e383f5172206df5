"""Sveriges Radio: its channels, and every song that they played."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from musictools.collect._call import Rows
from musictools.collect._days import When, span, windows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import PageNumber, Request, dig, get
from musictools.collect._plan import Price
from musictools.collect._reading import MalformedError, Reader, from_epoch, moment
from musictools.collect._rows import Spin, Station
from musictools.collect._source import Source

_PAGE = 100
# More than a day of music has, so that a day is one page.
_SONGS = 500
_MILLISECONDS = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")


class SverigesRadio(Source):
    """Sveriges Radio's open API, version 2; without a key.

    Songs go back for years. Its documents name no limit; two requests a second are asked here.
    Its terms allow links and short-lived copies, and no storing: see
    ``mt.collect.policy("SverigesRadio")``.

    Parameters
    ----------
    token, token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.SverigesRadio().plan(spins=365))
    SverigesRadio: 365 requests, 3 min, free of charge
    """

    NAME: ClassVar[str] = "SverigesRadio"
    BASE_URL: ClassVar[str] = "https://api.sr.se/api/v2"
    # Ours, not theirs: politeness towards a public service.
    LIMITS: ClassVar[Limits] = Limits(Rate(2, 1.0))
    #: Spins are planned in days of one channel.
    PRICES: ClassVar[dict[str, Price]] = {
        "stations": Price(_PAGE),
        "spins": Price(),
        "playing": Price(),
    }

    def stations(self, *, limit: int | None = None) -> Rows[Station]:
        """Give the channels.

        Parameters
        ----------
        limit : int, optional
            The most rows that are wanted.

        Returns
        -------
        Rows
            Of Station; their identifiers are what `spins` takes.
        """

        def parse(body: Reader, _: Request) -> Iterator[Station]:
            for one in body.each("channels", needed=True):
                kind = one.text("channeltype")
                yield Station(
                    self.NAME, one.need("id"), one.need("name"), country="SE",
                    tags=(kind,) if kind else (), url=one.text("siteurl"),
                )  # fmt: skip

        request = get("/channels", {"format": "json", "page": 1, "size": _PAGE})
        paging = PageNumber(pages=("pagination", "totalpages"))
        return self.rows(Station, "stations", {}, request, parse, paging, limit=limit)

    def spins(self, station: str | int, *, start: When = None, end: When = None) -> Rows[Spin]:
        """Give the songs that a channel played.

        Parameters
        ----------
        station : str or int
            Of Sveriges Radio: 164 is P3.
        start, end : str or date, optional
            First and last day, or moments; yesterday by default. One request a day, and one more,
            since the days of Sveriges Radio are those of Stockholm.

        Returns
        -------
        Rows
            Of Spin.
        """
        first, last = span(start, end)
        day = dt.timedelta(days=1)
        days = [a.date() for a, _ in windows(first.replace(hour=0, minute=0, second=0), last + day)]
        requests = [
            get(
                "/playlists/getplaylistbychannelid",
                {"id": station, "startdatetime": one, "enddatetime": one + day, "format": "json",
                 "page": 1, "size": _SONGS},
            )
            for one in days
        ]  # fmt: skip

        def parse(body: Reader, _: Request) -> Iterator[Spin]:
            for song in body.each("song", needed=True):
                spin = self._spin(song, str(station))
                if spin is not None and first <= moment(spin.started_at) < last:
                    yield spin

        asked = {"station": str(station), "start": first.isoformat(), "end": last.isoformat()}
        return self.rows(Spin, "spins", asked, requests, parse, _Songs())

    def playing(self, station: str | int) -> Rows[Spin]:
        """Give the song that is on air, the one before and the one after it.

        Parameters
        ----------
        station : str or int
            Of Sveriges Radio.

        Returns
        -------
        Rows
            Of Spin, up to three; songs without a time are left out.
        """

        def parse(body: Reader, _: Request) -> Iterator[Spin]:
            if "playlist" not in body:
                raise MalformedError("there is no playlist")
            for name in ("previoussong", "song", "nextsong"):
                spin = self._spin(body.at("playlist", name), str(station))
                if spin is not None:
                    yield spin

        request = get("/playlists/rightnow", {"channelid": station, "format": "json"})
        return self.rows(Spin, "playing", {"station": str(station)}, request, parse)

    def _spin(self, song: Reader, station: str) -> Spin | None:
        start, end = _time(song.text("starttimeutc")), _time(song.text("stoptimeutc"))
        title = song.text("title")
        if start is None or title is None:
            return None
        return Spin(
            self.NAME, station, start.isoformat(), title, artist=song.text("artist"),
            seconds=None if end is None else (end - start).total_seconds(),
            label=song.text("recordlabel"), album=song.text("albumname"),
        )  # fmt: skip


class _Songs:
    """A day is one page, if it is as the documents say; where the body counts pages, all are read.

    What is counted are the songs that came, not those of the hours that were asked for.
    """

    def following(self, request: Request, body: Any, n_rows: int) -> Request | None:  # noqa: ARG002
        """Count on."""
        if dig(body, "pagination") is not None:
            pages = PageNumber(pages=("pagination", "totalpages"))
        else:
            pages = PageNumber(size=_SONGS)
        return pages.following(request, body, len(dig(body, "song") or ()))


def _time(text: str | None) -> dt.datetime | None:
    """Read ``/Date(1786428000000)/``, milliseconds since 1970; or ISO 8601, as in its XML."""
    if not text:
        return None
    found = _MILLISECONDS.match(text)
    return from_epoch(int(found[1]) / 1000.0) if found else moment(text)
