"""ListenBrainz: what people listen to, counted in the open."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from musictools.collect._auth import Auth, HeaderKey, NoAuth
from musictools.collect._call import Answer, Rows
from musictools.collect._limits import Limits, Rate
from musictools.collect._paging import Request, get, post
from musictools.collect._plan import Price
from musictools.collect._reading import Reader, from_epoch, today
from musictools.collect._rows import ChartEntry, Observation, Track
from musictools.collect._secrets import find_secret, need_secret
from musictools.collect._source import Source, check_word
from musictools.collect._verdict import Verdict, judge
from musictools.collect.platforms._musicbrainz import Received

# The most that its documents allow in one request.
_PAGE = 1000
_PERIODS = (
    "this_week", "this_month", "this_year", "week", "month", "quarter", "half_yearly", "year",
    "all_time",
)  # fmt: skip
# What we call things, what their names begin with there, and where they stand in a chart.
_ENTITIES = {
    "artist": ("artist", "artists", "artist_name"),
    "track": ("recording", "recordings", "track_name"),
    "release": ("release_group", "release-groups", "release_group_name"),
}


class ListenBrainz(Source):
    """ListenBrainz's API.

    Identifiers are MBIDs of MusicBrainz; a release is a release group there. Charts and `plays`
    are open to all; `metrics` and `tracks` need the token of an account since July 2026, when
    scrapers had made them too dear. Listeners and plays of `metrics` hold the MLHD+ data set
    besides what ListenBrainz itself counts.

    Parameters
    ----------
    token : str, optional
        User token of an account, from listenbrainz.org/settings; ``MUSICTOOLS_LISTENBRAINZ_TOKEN``
        does the same.
    token_url, base_url, store, budget, longest_wait_s
        As of every source.

    Examples
    --------
    >>> import musictools as mt
    >>> print(mt.collect.ListenBrainz().plan(metrics=5_000))
    ListenBrainz: 5 requests, 3 s, free of charge
    """

    NAME: ClassVar[str] = "ListenBrainz"
    BASE_URL: ClassVar[str] = "https://api.listenbrainz.org"
    # Its headers say what is left; this only spreads the requests out.
    LIMITS: ClassVar[Limits] = Limits(Rate(10, 10.0))
    PRICES: ClassVar[dict[str, Price]] = {
        "tracks": Price(_PAGE),
        "charts": Price(_PAGE),
        "metrics": Price(_PAGE),
        "plays": Price(),
    }

    def make_auth(self) -> Auth:
        """Show a token if there is one."""
        token = find_secret(self.NAME, "token", self._token)
        return HeaderKey("Authorization", f"Token {token}") if token else NoAuth()

    def ask(self, request: Request) -> Answer:
        """Send one request; without a token, where one is needed, say so instead."""
        if request.path.startswith("/1/popularity/"):
            need_secret(self.NAME, "token", self._token)
        return super().ask(request)

    def judge(self, response: Any) -> Verdict:
        """Heed ``X-RateLimit-Remaining``, and know that 204 is an absence."""
        verdict = judge(response)
        left, wait = (
            _number(response.headers.get(f"X-RateLimit-{name}"))
            for name in ("Remaining", "Reset-In")
        )
        if verdict.meaning == "limited" and verdict.wait_s is None:
            return Verdict("limited", wait, verdict.reason)
        if left == 0 and wait is not None and verdict.meaning in {"ok", "missing"}:
            host = urlsplit(response.url).netloc
            self.transport.ledger.block(host, time.time() + wait, "no request left in this window")
        if response.status_code == 204:
            return Verdict("missing", None, "not counted, or no such thing")
        return verdict

    def tracks(
        self, entity_id: str, *, of: str = "artist", limit: int | None = None
    ) -> Rows[Track]:
        """Give the recordings of an artist, most played first.

        Parameters
        ----------
        entity_id : str
            MBID of the artist.
        of : str
            ``"artist"``.
        limit : int, optional
            The most rows that are wanted; the platform sends all at once.

        Returns
        -------
        Rows
            Of Track. `metrics` has their plays and listeners.
        """
        check_word("of", of, ("artist",))

        def parse(body: Reader, _: Request) -> Iterator[Track]:
            for one in body.each("items", needed=True):
                length = one.number("length")
                mbid = one.need("recording_mbid")
                artists = one.texts("artist_mbids")
                yield Track(
                    self.NAME, mbid, one.need("recording_name"), artist=one.text("artist_name"),
                    artist_id=artists[0] if artists else entity_id,
                    release=one.text("release_name"), release_id=one.text("release_mbid"),
                    duration_s=None if length is None else length / 1000,
                    url=f"https://listenbrainz.org/track/{mbid}",
                )  # fmt: skip

        request = get(f"/1/popularity/top-recordings-for-artist/{entity_id}")
        asked = {"entity_id": entity_id, "of": of}
        return self.rows(Track, "tracks", asked, request, parse, limit=limit)

    def charts(
        self, chart: str = "tracks", *, period: str = "week", limit: int | None = None
    ) -> Rows[ChartEntry]:
        """Give what was listened to most on the whole site.

        Parameters
        ----------
        chart : str
            ``"tracks"``, ``"artists"`` or ``"releases"``.
        period : str
            ``"week"``, ``"month"``, ``"quarter"``, ``"half_yearly"``, ``"year"`` (the last whole
            ones), ``"this_week"``, ``"this_month"``, ``"this_year"`` or ``"all_time"``.
        limit : int, optional
            The most rows that are wanted; it counts a thousand.

        Returns
        -------
        Rows
            Of ChartEntry; ``ds`` is the day on which the period ends. What ListenBrainz has not
            matched to MusicBrainz has its name for an identifier.
        """
        names = {f"{name}s": name for name in _ENTITIES}
        check_word("chart", chart, names)
        check_word("period", period, _PERIODS)
        entity = names[chart]
        short, path, title = _ENTITIES[entity]

        def parse(body: Reader, request: Request) -> Iterator[ChartEntry]:
            payload = body.at("payload")
            end = payload.number("to_ts")
            ds = (today() if end is None else from_epoch(end)).date().isoformat()
            first = int(request.param("offset") or 0)
            for i, one in enumerate(payload.each(f"{short}s", needed=True)):
                found = one.texts("artist_mbids")
                mbid = one.text("artist_mbid") or (found[0] if len(found) == 1 else None)
                mbid = mbid if entity == "artist" else one.text(f"{short}_mbid")
                name = one.need(title)
                artist = one.text("artist_name")
                yield ChartEntry(
                    self.NAME, f"{chart} {period}", "", ds, first + i + 1, entity,
                    mbid or (name if entity == "artist" else f"{artist} - {name}"),
                    title=name, artist=artist, value=one.number("listen_count"),
                )  # fmt: skip

        size = min(limit or _PAGE, _PAGE)
        params = {"range": period, "count": size, "offset": 0}
        request = get(f"/1/stats/sitewide/{path}", params)
        asked = {"chart": chart, "period": period}
        paging = Received(("payload", f"{short}s"), ("payload", f"total_{short}_count"))
        return self.rows(ChartEntry, "charts", asked, request, parse, paging, limit=limit)

    def metrics(self, entity_id: str | Iterable[str], *, of: str = "artist") -> Rows[Observation]:
        """Give plays and listeners of all time, of one thing or of many.

        Parameters
        ----------
        entity_id : str or iterable of str
            MBIDs; a thousand are asked about in one request.
        of : str
            ``"artist"``, ``"track"`` or ``"release"`` (group).

        Returns
        -------
        Rows
            Of Observation, ``plays`` and ``listeners``; none for what nobody has played.
        """
        check_word("of", of, _ENTITIES)
        name = _ENTITIES[of][0]
        wanted = [entity_id] if isinstance(entity_id, str) else list(dict.fromkeys(entity_id))

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            for one in body.each("items", needed=True):
                about = f"{of}:{one.need(f'{name}_mbid')}"
                for metric, field in (
                    ("plays", "total_listen_count"), ("listeners", "total_user_count"),
                ):  # fmt: skip
                    if (value := one.number(field)) is not None:
                        yield Observation(about, self.NAME, metric, today(), value)

        path = f"/1/popularity/{name.replace('_', '-')}"
        requests = [
            post(path, {f"{name}_mbids": wanted[i : i + _PAGE]})
            for i in range(0, len(wanted), _PAGE)
        ]
        asked = {"entity_id": wanted, "of": of}
        return self.rows(Observation, "metrics", asked, requests, parse)

    def plays(
        self, entity_id: str, *, of: str = "artist", period: str = "all_time"
    ) -> Rows[Observation]:
        """Give what users of ListenBrainz played in a period; no token is needed.

        Parameters
        ----------
        entity_id : str
            MBID.
        of : str
            ``"artist"`` or ``"release"`` (group).
        period : str
            As of `charts`.

        Returns
        -------
        Rows
            One Observation, ``plays_all_time`` or of another period, true of the period's end.
        """
        paths = {"artist": "artist", "release": "release-group"}
        check_word("of", of, paths)
        check_word("period", period, _PERIODS)

        def parse(body: Reader, _: Request) -> Iterator[Observation]:
            payload = body.at("payload")
            about = f"{of}:{payload.need(f'{_ENTITIES[of][0]}_mbid')}"
            end, value = payload.number("to_ts"), payload.number("total_listen_count")
            if value is not None:
                at = today() if end is None else from_epoch(end)
                yield Observation(about, self.NAME, f"plays_{period}", at, value)

        request = get(f"/1/stats/{paths[of]}/{entity_id}/listeners", {"range": period})
        asked = {"entity_id": entity_id, "of": of, "period": period}
        return self.rows(Observation, "plays", asked, request, parse)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
