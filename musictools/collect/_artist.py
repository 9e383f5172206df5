"""All that the open sources know about one artist, in one question."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._policy import policy
from musictools._progress import track
from musictools._result import Result
from musictools._version import __version__
from musictools.collect._places import place_of
from musictools.collect._plan import Plan
from musictools.collect._rows import Artist, Observation, Release, Row, Track
from musictools.collect._secrets import find_secret
from musictools.collect._whose import Whose, find_out, is_identifier, on_deezer
from musictools.collect.platforms._deezer import Deezer
from musictools.collect.platforms._listenbrainz import ListenBrainz
from musictools.collect.platforms._musicbrainz import MusicBrainz
from musictools.collect.platforms._wikipedia import Wikipedia
from musictools.errors import CollectError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from musictools.collect._source import Source
    from musictools.collect._store import Store

_PROFILE = (
    "platform", "id", "name", "handle", "url", "followers", "listeners", "plays", "matched_by",
)  # fmt: skip
_CANDIDATES = ("platform", "id", "name", "country", "about", "score", "url")


@dataclass(frozen=True, kw_only=True, repr=False)
class ArtistCard(Result):
    """What the open sources know about one artist.

    Attributes
    ----------
    name : str
        As MusicBrainz writes it; what was asked where nobody was found.
    state : str
        ``"matched"``; ``"ambiguous"``: several could be meant, and none was chosen; ``"none"``.
    mbid : str or None
        MusicBrainz identifier.
    tables : dict of str to pandas.DataFrame
        ``profile`` (one row for each platform: identifier, name, address, followers, and what it
        was matched by), ``releases``, ``tracks`` (most played first, where a platform ranks),
        ``metrics`` and ``candidates`` (namesakes). Rows carry the ``policy`` of their source.
    plans : tuple of Plan
        What it takes at most, by source.
    problems : tuple of str
        What a source did not answer, and why.
    provenance : dict
        What was asked, when, of whom, and under which terms.
    """

    _drawn_by: ClassVar[str] = "audience"

    name: str
    state: str
    mbid: str | None
    tables: "dict[str, pd.DataFrame]" = field(repr=False)
    plans: tuple[Plan, ...] = field(repr=False)
    problems: tuple[str, ...] = ()

    @property
    def cost(self) -> str:
        """What it takes, in a line."""
        return "; ".join(map(str, self.plans))

    def to_frame(self) -> "pd.DataFrame":
        """Give the profile: one row for each platform.

        Returns
        -------
        pandas.DataFrame
            As ``tables["profile"]``.
        """
        return self.tables["profile"].copy()

    def _verdict(self) -> str:
        if self.state == "matched":
            return ""
        return f"{self.name}: {self.state}. Ask again with the link or id of one of these."

    def _tables(self) -> Iterable[Table]:
        if self.state != "matched":
            return [("Candidates", self.tables["candidates"][list(_CANDIDATES)])]
        return [("Profile", self.tables["profile"][list(_PROFILE)])]

    def _notes(self) -> Sequence[str]:
        sizes = ", ".join(f"{len(frame):,} {name}" for name, frame in self.tables.items())
        return (f"{sizes}.", self.cost, *self.problems)


def artist(
    query: str,
    *,
    limit: int = 100,
    store: "Store | Path | str | None" = None,
    progress: bool | None = None,
) -> ArtistCard:
    """Gather what sources that need no key know about one artist.

    Asks MusicBrainz who it is and where the artist is found, then Deezer, iTunes, ListenBrainz and
    Wikipedia. Namesakes are listed and never chosen between: a name counts as matched only where
    exactly one artist bears it, or is far ahead of all who do. A source that fails is noted in
    ``problems``; the others go on.

    Parameters
    ----------
    query : str
        Name, link to the artist's page on a platform, or MBID.
    limit : int
        The most releases, and the most tracks, of each platform.
    store : Store or path, optional
        Where turns are shared with other processes.
    progress : bool, optional
        None shows a bar when a person watches.

    Returns
    -------
    ArtistCard
        Tables, with where they come from.

    Raises
    ------
    InputError
        If the query is empty, or a link to no artist.

    Examples
    --------
    >>> import musictools as mt
    >>> card = mt.collect.artist("Daft Punk")  # doctest: +SKIP
    >>> card.tables["profile"][["platform", "followers"]]  # doctest: +SKIP
    """
    if limit < 1:
        raise InputError("gather an artist", got=f"limit={limit}", expected="1 or more", hint="100")
    gathering = _Gathering(query, limit, store)
    gathering.identify()
    if gathering.whose.state == "matched":
        steps = gathering.steps()
        for name, step in track(
            steps, total=len(steps), label="asking", unit="source", progress=progress
        ):
            gathering.run(name, step)
    return gathering.card()


class _Gathering:
    """One question to many, and what came back."""

    def __init__(self, query: str, limit: int, store: "Store | Path | str | None") -> None:
        self.query, self.limit = query, limit
        self.musicbrainz = MusicBrainz(store=store)
        self.deezer = Deezer(store=store)
        self.listenbrainz = ListenBrainz(store=store)
        self.wikipedia = Wikipedia(store=store)
        self.itunes = _itunes(store)
        self.whose = Whose()
        self.rows: list[tuple[str, Row]] = []
        self.matched_by: dict[tuple[str, str], str] = {}
        self.ids: dict[str, str] = {}
        self.problems: list[str] = []

    # --- the order of things -----------------------------------------------------------------

    def identify(self) -> None:
        """Find out who is meant; without MusicBrainz, Deezer may know."""
        try:
            self.whose = find_out(self.query, self.musicbrainz, self.deezer)
        except CollectError as error:
            self.whose.problems.append(_short("who it is", error))
        if self.whose.state == "none":
            self._fall_back()
        self.ids |= self.whose.ids

    def _fall_back(self) -> None:
        """Look on Deezer for those whom MusicBrainz does not know yet, or not now."""
        try:
            if place := place_of(self.query):
                if place[0] == "Deezer":
                    found = self.deezer.artist(place[1]).one()
                    self.whose.name, self.whose.state = found.name, "matched"
                    self.whose.how, self.whose.ids["Deezer"] = "the link given", found.artist_id
                return
            if is_identifier(self.query):
                return
            name, how, namesakes = on_deezer(self.query, self.deezer)
        except CollectError as error:
            self.whose.problems.append(_short("who it is", error))
            return
        self.whose.candidates += namesakes
        if name is not None:
            self.whose.name, self.whose.state, self.whose.how = self.query, "matched", how
            self.whose.ids["Deezer"] = name
        elif namesakes:
            self.whose.state = "ambiguous"

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """List the sources; MusicBrainz first, since the others go by its links."""
        steps: list[tuple[str, Callable[[], None]]] = []
        if self.whose.mbid is not None:
            steps.append(("MusicBrainz", self._ask_musicbrainz))
            steps.append(("ListenBrainz", self._ask_listenbrainz))
        steps += [("Deezer", self._ask_deezer), ("Itunes", self._ask_itunes)]
        steps.append(("Wikipedia", self._ask_wikipedia))
        return steps

    def run(self, name: str, step: Callable[[], None]) -> None:
        """Ask one source; its failure is noted, and what came before it is kept."""
        try:
            step()
        except CollectError as error:
            self.problems.append(_short(name, error))

    # --- the sources ----------------------------------------------------------------------------

    def _ask_musicbrainz(self) -> None:
        mbid = self.whose.mbid or ""
        source = self.musicbrainz
        self._keep(source, source.artist(mbid), self.whose.how)
        self._keep(source, links := list(source.links(mbid)), "MusicBrainz' link")
        for link in links:
            # What the reader gave is surer than what stands there.
            self.ids.setdefault(link.platform, link.artist_id)
        self._keep(source, source.releases(mbid, limit=self.limit))

    def _ask_listenbrainz(self) -> None:
        mbid = self.whose.mbid or ""
        source = self.listenbrainz
        page = f"https://listenbrainz.org/artist/{mbid}/"
        row = Artist(source.NAME, mbid, self.whose.name or self.query, url=page, mbid=mbid)
        self._keep(source, [row], "MBID")
        if find_secret(source.NAME, "token", None) is None:
            self.problems.append("ListenBrainz: listeners and top tracks need a token")
            self._keep(source, source.plays(mbid))
            return
        self._keep(source, source.metrics(mbid))
        self._keep(source, source.tracks(mbid, limit=self.limit))

    def _ask_deezer(self) -> None:
        source, how = self.deezer, "MusicBrainz' link"
        identifier = self.ids.get("Deezer")
        if self.whose.ids.get("Deezer"):
            how = self.whose.how
        if identifier is None:
            identifier, how, namesakes = on_deezer(self.whose.name or self.query, source)
            self.whose.candidates += namesakes
        if identifier is None:
            self.problems.append("Deezer: no link, and nobody who is surely meant by this name")
            return
        self._keep(source, source.artist(identifier), how)
        self._keep(source, source.releases(identifier, limit=self.limit))
        self._keep(source, source.tracks(identifier, limit=self.limit))
        self._keep(source, source.metrics(identifier))

    def _ask_itunes(self) -> None:
        identifier = self.ids.get("Itunes") or self.ids.get("AppleMusic")
        if self.itunes is None or identifier is None:
            self.problems.append("Itunes: no link to it")
            return
        self._keep(self.itunes, self.itunes.artist(identifier), "MusicBrainz' link to Apple Music")
        self._keep(self.itunes, self.itunes.releases(identifier, limit=self.limit))
        self._keep(self.itunes, self.itunes.tracks(identifier, limit=self.limit))

    def _ask_wikipedia(self) -> None:
        source = self.wikipedia
        article, how = self.ids.get("Wikipedia"), "MusicBrainz' link"
        item = self.ids.get("Wikidata")
        if article is None and item is not None:
            for row in source.by_wikidata(item):
                article, how = row.artist_id, "MusicBrainz' link to Wikidata"
                self._keep(source, [row], how)
        if article is None:
            # A name is the title of many things.
            self.problems.append("Wikipedia: no link to an article")
            return
        self._keep(source, source.metrics(article))

    def _keep(self, source: "Source", rows: Iterable[Row], how: str = "") -> None:
        for row in rows:
            self.rows.append((source.NAME, row))
            if isinstance(row, Artist):
                self.matched_by.setdefault((row.platform, row.artist_id), how)

    # --- the tables -----------------------------------------------------------------------------

    def card(self) -> ArtistCard:
        """Put it all together."""
        import pandas as pd

        # Found one by one, so that what a platform tells later completes what a link began.
        people: dict[tuple[str, str], Artist] = {}
        for _, row in self.rows:
            if isinstance(row, Artist):
                key = (row.platform, row.artist_id)
                known = people.get(key)
                people[key] = row if known is None or row.followers is not None else known
        profile = [self._profile(row) for row in people.values()]
        tables = {
            "profile": pd.DataFrame(profile, columns=list(_PROFILE)),
            "releases": self._frame(Release),
            "tracks": self._frame(Track),
            "metrics": self._frame(Observation),
            "candidates": pd.DataFrame(self.whose.candidates, columns=list(_CANDIDATES)),
        }
        policies = tuple(dict.fromkeys(name for name, _ in self.rows))
        for frame in tables.values():
            frame.attrs["policies"] = policies
        return ArtistCard(
            name=self.whose.name or self.query, state=self.whose.state, mbid=self.whose.mbid,
            tables=tables, plans=self._plans(),
            problems=tuple(self.whose.problems + self.problems), provenance=self._provenance(),
        )  # fmt: skip

    def _profile(self, row: Artist) -> dict[str, object]:
        about = f"artist:{row.artist_id}"
        # Newest last: a number of today stands after those of a series.
        seen = {
            one.metric: one.value
            for _, one in self.rows
            if isinstance(one, Observation)
            and (one.platform, one.entity_id) == (row.platform, about)
        }
        return {
            "platform": row.platform, "id": row.artist_id, "name": row.name, "handle": row.handle,
            "url": row.url, "followers": row.followers, "listeners": seen.get("listeners"),
            "plays": seen.get("plays", seen.get("plays_all_time")),
            "matched_by": self.matched_by[row.platform, row.artist_id],
        }  # fmt: skip

    def _frame(self, kind: type[Row]) -> "pd.DataFrame":
        import pandas as pd

        found = [{**row, "policy": name} for name, row in self.rows if isinstance(row, kind)]
        names = [*kind.__match_args__, "policy"]  # type: ignore[attr-defined]
        return pd.DataFrame(found, columns=names)

    def _sources(self) -> "tuple[Source, ...]":
        keyless = (self.musicbrainz, self.deezer, self.listenbrainz, self.wikipedia)
        return keyless if self.itunes is None else (*keyless, self.itunes)

    def _plans(self) -> tuple[Plan, ...]:
        lists = {"releases": self.limit, "tracks": self.limit}
        wanted: dict[str, dict[str, int]] = {
            "MusicBrainz": {"search": 1, "artist": 1, "links": 1, "releases": self.limit},
            "Deezer": {"search": 1, "artist": 1, "metrics": 1, **lists},
            "ListenBrainz": {"metrics": 1, "tracks": 1},
            "Wikipedia": {"by_wikidata": 1, "metrics": 1},
            "Itunes": {"artist": 1, **lists},
        }
        return tuple(source.plan(**wanted[source.NAME]) for source in self._sources())

    def _provenance(self) -> dict[str, Any]:
        return {
            "musictools": __version__,
            "function": "mt.collect.artist",
            "query": self.query,
            "limit": self.limit,
            "matched_by": self.whose.how,
            "fetched_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "sources": {
                source.NAME: {
                    "base_url": source.base_url,
                    "requests": source.transport.calls,
                    "terms": policy(source.NAME).terms_url,
                }
                for source in self._sources()
            },
        }


def _itunes(store: "Store | Path | str | None") -> "Source | None":
    """Make the client of iTunes, where this musictools has one."""
    from musictools import collect

    kind = getattr(collect, "Itunes", None)
    made: Source | None = None if kind is None else kind(store=store)
    return made


def _short(what: str, error: CollectError) -> str:
    return f"{what}: {error.got} ({type(error).__name__})"
