"""Catalogues around a release: which tracks are settled, and which artists release nothing new."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError
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
    names: list[str],
    *,
    start: Any,
    spans: tuple[int, ...],
    what: str,
) -> Catalogue:
    """Cut the window out, and keep what is settled and whole."""
    before, after, settle = spans
    wide = rectangle(rows)
    begun = places(wide.columns, known["released_at"], what)
    born = dict(zip(known.index, begun.tolist(), strict=True))
    asked = born if start is None else dict.fromkeys(names, _place(wide.columns, start, what))
    whose = known["artist"].astype(str)
    artists = [str(whose[name]) for name in names]
    if len(set(artists)) < len(artists):
        raise InputError(
            what,
            got="several releases of one artist",
            expected="one release of each artist at a time",
            hint=f"release={names[0]!r}",
        )
    starts = [asked.get(name, -1) for name in names]
    first, last = min(starts) - before, max(starts) + after
    if first < 0 or min(starts) < 0 or last > wide.shape[1]:
        raise InputError(
            what,
            got=f"{max(min(starts), 0)} periods before the start and {wide.shape[1] - max(starts)} "
            "from it on",
            expected=f"before={before} and after={after}",
            hint="a longer history, or smaller before= and after=",
        )
    notes: list[str] = []
    inside = wide.iloc[:, first:last]
    ages = np.array([born.get(name, wide.shape[1]) for name in wide.index])
    # Out before the history began: as old as can be.
    settled = (ages < 0) | (ages <= max(first - settle, 0))
    settled &= (inside > 0).all(axis=1).to_numpy() & wide.index.isin(whose.index)
    settled &= ~wide.index.isin(names)
    kept = inside[settled]
    own_whose = whose.loc[kept.index]
    _catalogues_there(artists, own_whose, before + settle, what)
    fresh = {
        str(whose[name])
        for name, at in born.items()
        if name not in names and min(starts) - settle < at < last
    }
    touched = sorted(fresh - set(artists))
    if touched:
        notes.append(f"no donors, since they released something at that time: {listed(touched)}")
    if also := sorted(fresh & set(artists)):
        notes.append(f"another release of {listed(also)} falls into that time, and is part of it")
    return Catalogue(kept, kept.columns, own_whose, artists, [s - first for s in starts],
                     touched, spans, tuple(notes))  # fmt: skip


def _catalogues_there(artists: list[str], whose: "pd.Series[Any]", age: int, what: str) -> None:
    for artist in artists:
        if not (whose == artist).any():
            raise InputError(
                what,
                got=f"no other track of {artist!r} that was out for {age} periods and has plays "
                "in each of them",
                expected="a catalogue",
                hint="smaller before= and settle=, or longer periods (weeks for days)",
            )


def _place(times: "pd.Index[Any]", start: Any, what: str) -> int:
    return int(places(times, [start], what)[0])
