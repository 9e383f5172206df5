"""Adds to playlists and removals, as spells of series on lists."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools.errors import InputError
from musictools.marketing._placing import places_of_events, read_events

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Spells:
    """One row a spell: series, first period on the list, first period off it, followers."""

    row: np.ndarray
    start: np.ndarray
    #: The number of periods: not taken off.
    stop: np.ndarray
    followers: np.ndarray
    #: Series x periods: how many lists, and where that number, or one of them, changed.
    lists: np.ndarray
    changed: np.ndarray


def events_of(events: Any, kinds: tuple[str, ...], what: str) -> "pd.DataFrame":
    """Check a table of events and give those of some kinds, in order."""
    table = read_events(events, what)
    table = table[table["kind"].astype(str).isin(kinds)]
    if table.empty:
        raise InputError(
            what,
            got="no event of kind " + " or ".join(map(repr, kinds)),
            expected="at least one",
            hint=f"events['kind'] = {kinds[0]!r}",
        )
    table = table.reset_index(drop=True)
    return table.assign(size=table["size"].astype(float), subject=table["subject"].astype("str"))


def spells(
    table: "pd.DataFrame", laid: "pd.DataFrame", *, kinds: tuple[str, str], playlist: str | None,
    what: str, notes: list[str],
) -> Spells:  # fmt: skip
    """Pair each add with the removal that follows it, by list where lists are named."""
    names = {str(name): number for number, name in enumerate(laid.index)}
    known = table["subject"].isin(names)
    if not known.any():
        raise InputError(
            what,
            got=f"subjects such as {table['subject'].iloc[0]!r}, none of which has a series",
            expected=f"names of series such as {laid.index[0]!r}",
            hint="add up the series of a track over platforms, and name it as the events do",
        )
    if not known.all():
        notes.append(f"{counted(int((~known).sum()), 'event')} of tracks without a series left out")
    table = table[known]
    at = places_of_events(laid.columns, table["ds"], what)
    lists = None if playlist is None else table[playlist].astype(str).tolist()
    periods = laid.shape[1]
    open_: dict[Any, list[int]] = {}
    made: list[list[float]] = []
    lost = 0
    rows: Any = table.itertuples(index=False)
    for number, each in enumerate(rows):
        key = (each.subject, None if lists is None else lists[number])
        waiting = open_.setdefault(key, [])
        if each.kind == kinds[0]:
            waiting.append(len(made))
            made.append([names[each.subject], at[number], periods, each.size])
            continue
        # Without names of lists the size tells which one it was.
        same = [one for one in waiting if made[one][3] == each.size] or waiting
        if same:
            made[same[0]][2] = at[number]
            waiting.remove(same[0])
        else:
            lost += 1
    if lost:
        notes.append(f"{lost} removals without an add before them were left out")
    facts = np.array(made, dtype=float).reshape(-1, 4)
    row, start, stop = (facts[:, n].astype(int) for n in range(3))
    on, changed = np.zeros(laid.shape, int), np.zeros(laid.shape, bool)
    for r, a, b in zip(row, start, stop, strict=True):
        on[r, max(a, 0) : max(b, 0)] += 1
        for place in (a, b):
            if 0 <= place < periods:
                changed[r, place] = True
    return Spells(row, start, stop, facts[:, 3], on, changed)
