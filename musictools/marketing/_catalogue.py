"""Catalogues around a release: which tracks are settled, and which artists release nothing new."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError
from musictools.marketing._halo_happened import (
    OnRelease,
    happened_to,
    left_out,
    moved_artists,
)
from musictools.marketing._history import listed, rectangle
from musictools.marketing._placing import places

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Catalogue:
    """Settled tracks by periods, with whose they are."""

    #: Tracks x periods, above 0 throughout.
    wide: "pd.DataFrame"
    times: "pd.Index[Any]"
    #: Artist of each track.
    whose: "pd.Series[Any]"
    #: Artists of the releases, and the place of each start.
    artists: list[str]
    starts: list[int]
    #: Others who released something at that time.
    touched: list[str]
    #: Periods before, after, and to settle.
    spans: tuple[int, ...]
    notes: tuple[str, ...]
    #: Tracks of the artists that are no part of it, and why.
    left_out: "pd.DataFrame"
    #: What else happened to the artists.
    happened: "pd.DataFrame"
    #: Whether older recordings on the release were named.
    asked_together: bool

    def own(self, artist: str) -> list[str]:
        """Tracks of an artist."""
        return [str(name) for name in self.whose.index[self.whose == artist]]

    def by_artist(self) -> "pd.DataFrame":
        """Sum the tracks of each artist that is not touched."""
        kept = self.whose[~self.whose.isin(self.touched)]
        return self.wide.loc[kept.index].groupby(kept.to_numpy()).sum()

    def free(self, wide: "pd.DataFrame") -> list[str]:
        """Rows that belong to others, untouched."""
        taken = {*self.artists, *self.touched}
        return [str(name) for name in wide.index if self.whose.get(name, name) not in taken]


def lay_out(
    rows: "pd.DataFrame",
    known: "pd.DataFrame",
    asked: OnRelease,
    *,
    start: Any,
    spans: tuple[int, ...],
    what: str,
) -> Catalogue:
    """Cut the window out, and keep what is settled and whole."""
    import pandas as pd

    before, after, settle = spans
    names = list(asked.names)
    wide = rectangle(rows)
    born, starts = _starts(wide.columns, known, names, start, what)
    whose = known["artist"].astype(str)
    artists = [str(whose[name]) for name in names]
    first, last = min(starts) - before, max(starts) + after
    if len(set(artists)) < len(artists):
        _one_each(names[0], what)
    _room(starts, spans, wide.shape[1], what)
    inside = wide.iloc[:, first:last]
    oldest = max(first - settle, 0)
    ages = np.array([born.get(name, wide.shape[1]) for name in wide.index])
    on_it = asked.together_with(known, born, starts)
    # Out before the history began: as old as can be.
    settled = (ages <= oldest) & (inside > 0).all(axis=1).to_numpy() & wide.index.isin(whose.index)
    settled &= ~wide.index.isin(set().union(*on_it.values()))
    kept = inside[settled]
    moved = {str(whose[n]) for n, at in born.items()
             if max(min(starts) - settle, -1) < at < last}  # fmt: skip
    moved |= moved_artists(asked.events, wide.columns, (min(starts) - settle, last), what)
    touched = sorted(moved - set(artists))
    others: list[pd.DataFrame] = []
    out: list[tuple[str, str]] = []
    for artist, at in zip(artists, starts, strict=True):
        theirs = wide.index.isin(whose.index[whose == artist]) & ~wide.index.isin(names)
        own = wide.index[theirs]
        out += left_out(own, kept.index, on_it[artist], ages=ages[theirs], oldest=oldest)
        if not (whose.loc[kept.index] == artist).any():
            _no_catalogue(artist, out, before + settle, what)
        others.append(
            happened_to(artist, asked, known, on_it[artist], times=wide.columns, born=born,
                        window=(max(at - settle, -1), at, at + after), what=what)
        )  # fmt: skip
    return Catalogue(
        kept,
        kept.columns,
        whose.loc[kept.index],
        artists,
        [s - first for s in starts],
        touched,
        spans,
        _notes(touched, toured=asked.events is not None),
        left_out=pd.DataFrame(out, columns=["unique_id", "reason"]),
        happened=pd.concat(others, ignore_index=True),
        asked_together=bool(asked.together),
    )


def _starts(
    times: "pd.Index[Any]", known: "pd.DataFrame", names: list[str], start: Any, what: str
) -> tuple[dict[str, int], list[int]]:
    """Give the period in which each recording came out, and in which each release begins."""
    begun = places(times, known["released_at"], what)
    born = dict(zip(known.index, begun.tolist(), strict=True))
    begins = born if start is None else dict.fromkeys(names, _place(times, start, what))
    return born, [begins.get(name, -1) for name in names]


def _notes(touched: list[str], *, toured: bool) -> tuple[str, ...]:
    if not touched:
        return ()
    moved = "released something" + (" or toured" if toured else "")
    return (f"no donors, since they {moved} at that time: {listed(touched)}",)


def _one_each(name: str, what: str) -> None:
    raise InputError(
        what,
        got="several releases of one artist",
        expected="one release of each artist at a time",
        hint=f"release={name!r}",
    )


def _room(starts: list[int], spans: tuple[int, ...], width: int, what: str) -> None:
    before, after, _ = spans
    if min(starts) < max(before, 0) or max(starts) + after > width:
        raise InputError(
            what,
            got=f"{max(min(starts), 0)} periods before the start and {width - max(starts)} "
            "from it on",
            expected=f"before={before} and after={after}",
            hint="a longer history, or smaller before= and after=",
        )


def _no_catalogue(artist: str, out: list[tuple[str, str]], age: int, what: str) -> None:
    why = "; ".join(f"{name!r} {reason}" for name, reason in out[:4])
    raise InputError(
        what,
        got=f"no other track of {artist!r} that was out for {age} periods and has plays in each of "
        "them" + (f": {why}" if why else ""),
        expected="a catalogue",
        hint="smaller before= and settle=, or longer periods (weeks for days)",
    )


def _place(times: "pd.Index[Any]", start: Any, what: str) -> int:
    return int(places(times, [start], what)[0])
