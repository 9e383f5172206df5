"""Around a release: what belongs to it, what is too new to tell, and what else happened."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from musictools.marketing._history import listed
from musictools.marketing._placing import places, read_events

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Kinds of events that are releases; size is the number of their tracks.
_RELEASES = ("single", "ep", "album", "deluxe", "compilation", "release")
#: What moves all that an artist has, so that it is no donor.
_LARGE = (*_RELEASES, "tour")
#: More than these are no tracks: some tables give the size of a release in another unit.
_MOST_TRACKS = 100
_HAPPENED = ["artist", "ds", "kind", "subject"]


@dataclass(frozen=True)
class OnRelease:
    """What was asked about: releases, older recordings on them, and events with their artist."""

    names: tuple[str, ...]
    together: tuple[str, ...]
    events: "pd.DataFrame | None"

    def together_with(
        self, known: "pd.DataFrame", born: dict[str, int], starts: list[int]
    ) -> dict[str, set[str]]:
        """List the recordings of each release, by its artist."""
        return {
            str(known["artist"][name]): self.tracks_of(known, name, born, at)
            for name, at in zip(self.names, starts, strict=True)
        }

    def tracks_of(
        self, known: "pd.DataFrame", name: str, born: dict[str, int], start: int
    ) -> set[str]:
        """List the recordings that are one release with ``name``."""
        artist = known["artist"]
        own = known[artist == artist[name]]
        named = {name} | (set(self.together) & set(own.index))
        if born.get(name) != start:
            # A campaign for a song that was out: its neighbours on the album are what is asked for.
            return named
        found = {other for other in own.index if born.get(other) == start}
        for column in ("release_id", "upc"):
            if column in own and own[column].notna()[name]:
                found |= set(own.index[own[column] == own.loc[name, column]])
        return found | named


def read_happened(events: Any, recordings: "pd.DataFrame", what: str) -> "pd.DataFrame":
    """Give events with the artist of each; what belongs to nobody is dropped."""
    table = read_events(events, what)
    whose: dict[str, str] = {}
    for column in ("artist", "artist_id", "release_id", "upc", "recording_id"):
        if column in recordings:
            named = recordings[recordings[column].notna() & recordings["artist"].notna()]
            whose |= dict(zip(named[column].astype(str), named["artist"].astype(str), strict=True))
    table = table.assign(artist=table["subject"].astype(str).map(whose))
    return table.dropna(subset="artist").reset_index(drop=True)


def happened_to(
    artist: str,
    asked: OnRelease,
    known: "pd.DataFrame",
    on_it: set[str],
    *,
    times: "pd.Index[Any]",
    born: dict[str, int],
    window: tuple[int, int, int],
    what: str,
) -> "pd.DataFrame":
    """List what happened to an artist besides its release, from ``settle`` before it to the end."""
    import pandas as pd

    first, start, last = window
    own = known.index[known["artist"] == artist]
    rows = [
        (artist, _told(times[born[name]]), "release", name)
        for name in own
        if name not in on_it and first < born[name] < last
    ]
    if asked.events is not None:
        table = asked.events[asked.events["artist"] == artist]
        at = places(times, table["ds"], what, beyond=len(times))
        itself = {*on_it, *_ids(known, on_it)}
        said = {*own} - on_it
        for row, place in zip(table.itertuples(), at, strict=True):
            subject, is_release = str(row.subject), str(row.kind) in _RELEASES
            # An event of the artist on the day of the release is the release.
            same = subject in itself or (is_release and place == start and subject not in said)
            if same and is_release:
                rows += _reissued(row, artist, on_it)
            elif not same and first < place < last:
                rows.append((artist, _told(row.ds), str(row.kind), subject))
    told = pd.DataFrame(rows, columns=_HAPPENED)
    # A release stands in both tables.
    twice = told["kind"].eq("release") & told["subject"].isin(
        told.loc[told["kind"] != "release", "subject"]
    )
    return told[~twice].sort_values("ds", kind="stable").reset_index(drop=True)


def moved_artists(
    events: "pd.DataFrame | None", times: "pd.Index[Any]", window: tuple[int, int], what: str
) -> set[str]:
    """Artists with a release or a tour at that time."""
    if events is None:
        return set()
    first, last = window
    large = events[events["kind"].isin(_LARGE)]
    at = places(times, large["ds"], what, beyond=len(times))
    return set(large["artist"][(at > first) & (at < last)])


def left_out(
    own: "pd.Index[Any]", kept: "pd.Index[Any]", on_it: set[str], *, ages: "np.ndarray", oldest: int
) -> list[tuple[str, str]]:
    """Tracks of the artist that are no part of the catalogue, and why."""
    rows = []
    for name, age in zip(own, ages, strict=True):
        if name in on_it:
            rows.append((str(name), "on the release itself"))
        elif age > oldest:
            rows.append((str(name), "not out for long enough before"))
        elif name not in kept:
            rows.append((str(name), "without plays in some periods"))
    return rows


def _ids(known: "pd.DataFrame", names: set[str]) -> set[str]:
    ids: set[str] = set()
    for column in ("release_id", "upc"):
        if column in known:
            ids |= set(known.loc[known.index.isin(names), column].dropna().astype(str))
    return ids


def _reissued(row: Any, artist: str, on_it: set[str]) -> list[tuple[str, str, str, str]]:
    size = float(row.size) if row.size is not None else float("nan")
    if not (len(on_it) < size <= _MOST_TRACKS and size.is_integer()):
        return []
    words = f"of {size:.0f} tracks, of which only {listed(sorted(on_it))} are known (together=)"
    return [(artist, _told(row.ds), str(row.kind), words)]


def _told(when: Any) -> str:
    return str(when.date()) if hasattr(when, "date") else str(when)
