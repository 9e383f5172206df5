"""From decisions and pins to the lines of the table, and the table for a person to fill."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.collect._decide import Decisions, Judge, log_odds
from musictools.collect._evidence import evidence, methods
from musictools.collect._likeness import Vocabulary
from musictools.collect._pins import rows_by_id
from musictools.collect._scores import Scored, probability

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from numpy.typing import NDArray

    from musictools.collect._pins import Pins
    from musictools.collect._side import Side

_STATES = np.array(["none", "matched", "ambiguous"], object)
_SHOWN = ("title", "artist", "isrc", "duration_s")
_CROWD = "too many rows share its keys to compare all"
_RIVALLED = "another row of the left catalogue fits it too"


@dataclass
class Found:
    """All that is decided.

    Attributes
    ----------
    state : array
        Of each left row: 0 none, 1 matched, 2 ambiguous.
    decided : Decisions
        What the judge says of those that nobody pinned.
    crowded, strongly : array
        Left rows that were not compared with all, and with all of their very title and artist.
    pinned : dict of int to list of (int, str)
        Left row, to right rows and their identifiers; an empty list where there is none. The row is
        -1 where the catalogue has no such identifier.
    unknown_pins : int
        Pins of left rows that are not there.
    """

    state: "NDArray[np.int8]"
    decided: Decisions
    crowded: "NDArray[np.bool_]"
    strongly: "NDArray[np.bool_]"
    pinned: dict[int, list[tuple[int, str]]]
    unknown_pins: int


def decide_all(
    db: "duckdb.DuckDBPyConnection", sides: "tuple[Side, Side]", kind: str, pins: "Pins",
    pairs: Scored, vocabulary: Vocabulary, threshold: float,
) -> Found:  # fmt: skip
    """Obey the pins, and judge the rest."""
    n_left = len(sides[0])
    pinned, banned, unknown = _by_row(sides, pins)
    free = ~np.isin(pairs.left, np.fromiter(pinned, np.int64))
    if banned:
        both = pairs.left.astype(np.int64) << 32 | pairs.right
        free &= ~np.isin(both, np.array([one << 32 | other for one, other in banned], np.int64))
    ties = _order(sides[0].ids), _order(sides[1].ids)
    judge = Judge(db, kind, (n_left, len(sides[1])), ties, vocabulary)
    # A hair below, so that what is printed as the threshold passes.
    decided = judge.decide(pairs.take(free), log_odds(threshold) - 1e-9)
    judge.yield_to_pins(decided, pinned)
    crowded, strongly = np.zeros(n_left, bool), np.zeros(n_left, bool)
    rows = db.execute("SELECT l, strong FROM crowded").fetchnumpy()
    crowded[rows["l"]] = True
    strongly[rows["l"]] = rows["strong"]
    state = decided.state.copy()
    # Among those of its very title and artist there may be one as good, or the only one.
    sure = np.zeros(n_left, bool)
    sure[decided.pairs.left[methods(decided.pairs, kind) != "fuzzy"]] = True
    state[strongly & ~(sure & (state == 1))] = 2
    for row, others in pinned.items():
        state[row] = 1 if any(other >= 0 for other, _ in others) else 0
    decided.state = state
    return Found(state, decided, crowded, strongly, pinned, unknown)


def _by_row(
    sides: "tuple[Side, Side]", pins: "Pins"
) -> tuple[dict[int, list[tuple[int, str]]], set[tuple[int, int]], int]:
    if not (pins.same or pins.other or pins.nothing):
        return {}, set(), 0
    left, right = (rows_by_id(side.ids) for side in sides)
    pinned: dict[int, list[tuple[int, str]]] = {
        left[one]: [] for one in pins.nothing if one in left
    }
    for one, others in pins.same.items():
        if one in left:
            pinned[left[one]] = [(right.get(other, -1), other) for other in others]
    banned = {
        (left[one], right[other]) for one, other in pins.other if one in left and other in right
    }
    named = {*pins.nothing, *pins.same, *(one for one, _ in pins.other)}
    return pinned, banned, sum(one not in left for one in named)


def _order(ids: list[Any]) -> "NDArray[np.int64]":
    """Place of each row in the order of identifiers, whatever the order of the file."""
    place = np.empty(len(ids), np.int64)
    place[sorted(range(len(ids)), key=lambda row: str(ids[row]))] = np.arange(len(ids))
    return place


class Lines:
    """Puts the lines together."""

    def __init__(self, sides: "tuple[Side, Side]", kind: str, found: Found, day: dt.date) -> None:
        self.sides, self.kind, self.found, self.day = sides, kind, found, day

    def frames(self) -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Give the table, and the table to review."""
        import pandas as pd

        parts = [self._paired(), self._single(), self._pinned()]
        left, right, rank, method, score, told = (
            np.concatenate(values) for values in zip(*parts, strict=True)
        )
        order = np.lexsort((rank, left))
        left, right, rank, method, score, told = (
            values[order] for values in (left, right, rank, method, score, told)
        )
        table = pd.DataFrame(
            {
                # Objects: else pandas would make NaN of no identifier, and floats of numbers.
                "left_id": pd.Series(_column(self.sides[0].ids, left), dtype=object),
                "right_id": pd.Series(_column(self.sides[1].ids, right), dtype=object),
                "rank": rank,
                "state": _STATES[self.found.state[left]],
                "method": method,
                "score": score.round(6),
                "evidence": told,
                "date": np.datetime64(self.day, "s"),
            }
        )
        return table, self._review(table, left, right)

    def _paired(self) -> tuple["NDArray[Any]", ...]:
        """Give the matches and candidates."""
        decided = self.found.decided
        pairs = decided.pairs
        # A row without a match may have become ambiguous for want of room, never the reverse.
        told = evidence(pairs, self.kind)
        rivalled = decided.rivalled[pairs.left]
        told[rivalled] += f"; {_RIVALLED}"
        crowd = self.found.strongly[pairs.left] & (self.found.state[pairs.left] == 2)
        told[crowd] += f"; {_CROWD}"
        return (
            pairs.left, pairs.right, decided.rank, methods(pairs, self.kind),
            probability(pairs.odds), told,
        )  # fmt: skip

    def _single(self) -> tuple["NDArray[Any]", ...]:
        """Rows without a candidate: what came closest, and why it is none."""
        decided, found = self.found.decided, self.found
        alone = np.ones(len(self.sides[0]), bool)
        alone[decided.pairs.left] = False
        alone[list(found.pinned)] = False
        left = np.flatnonzero(alone)
        place = decided.closest[left] if len(decided.closest) else np.full(len(left), -1)
        near = place >= 0
        told = np.full(len(left), "nothing like it", object)
        score = np.zeros(len(left))
        closest = decided.left_out.take(place[near])
        told[near] = "closest: " + evidence(closest, self.kind)
        score[near] = probability(closest.odds)
        crowd = found.crowded[left]
        told[crowd] += f"; {_CROWD}"
        empty = np.full(len(left), "", object)
        return left, np.full(len(left), -1), np.ones(len(left), int), empty, score, told

    def _pinned(self) -> tuple["NDArray[Any]", ...]:
        left, right, rank, told = [], [], [], []
        for row, others in self.found.pinned.items():
            there = [other for other, _ in others if other >= 0]
            gone = ", ".join(repr(name) for other, name in others if other < 0)
            words = f"pinned to {gone}, which is not there" if gone else "pinned"
            for place, other in enumerate(there or [-1]):
                left.append(row)
                right.append(other)
                rank.append(place + 1)
                told.append(words if there or gone else "pinned: none of them")
        ones = np.ones(len(left))
        return (
            np.array(left, int), np.array(right, int), np.array(rank, int),
            np.full(len(left), "pin", object), ones, np.array(told, object),
        )  # fmt: skip

    def _review(
        self, table: "pd.DataFrame", left: "NDArray[Any]", right: "NDArray[Any]"
    ) -> "pd.DataFrame":
        import pandas as pd

        asked = np.flatnonzero(self.found.state[left] == 2)
        columns: dict[str, Any] = {
            name: table[name].iloc[asked] for name in ("left_id", "right_id")
        }
        for what in _SHOWN:
            for side, rows in zip(self.sides, (left[asked], right[asked]), strict=True):
                columns[f"{side.name}_{what}"] = side.shown([int(row) for row in rows], what)
        columns |= {name: table[name].iloc[asked] for name in ("score", "evidence")}
        frame = pd.DataFrame(
            {
                name: pd.Series(list(v), dtype=v.dtype if isinstance(v, pd.Series) else None)
                for name, v in columns.items()
            }
        )
        frame["answer"] = ""
        return frame


def _column(ids: list[Any], rows: "NDArray[Any]") -> "NDArray[Any]":
    """Give the identifiers of rows as they came; None where there is no row."""
    values = np.empty(len(ids) + 1, object)
    values[:-1] = ids
    values[-1] = None
    picked: NDArray[Any] = values[rows]
    return picked
