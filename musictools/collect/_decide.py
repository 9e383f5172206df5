"""Which pairs are said to be one thing, which are put to a person, and which are dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.collect._likeness import Vocabulary
from musictools.collect._scores import Scored, score_within

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

#: How far, in log odds, the best has to be ahead of another thing.
MARGIN = 2.0
#: Log odds from which an undecided pair is put to a person.
WORTH_A_LOOK = 0.0
#: Candidates that are shown of one row.
MOST = 5
_NONE, _MATCHED, _AMBIGUOUS = 0, 1, 2


@dataclass
class Decisions:
    """What came out.

    Attributes
    ----------
    state : array
        Of each left row: 0 none, 1 matched, 2 ambiguous.
    pairs : Scored
        The pairs that are shown, by left row and rank.
    rank : array
        Of each of these, from 1.
    rivalled : array
        Of each left row: another row of its own catalogue fits the same right row.
    closest : dict of int to int
        Left row without a match, to its place in `left_out`.
    """

    state: "NDArray[np.int8]"
    pairs: Scored
    rank: "NDArray[np.int64]"
    rivalled: "NDArray[np.bool_]"
    left_out: Scored
    closest: "NDArray[np.int64]" = field(default_factory=lambda: np.zeros(0, np.int64))


class Judge:
    """Decides, given who is alike.

    Parameters
    ----------
    db
        With the tables of both sides.
    sizes : (int, int)
        Rows of left and of right.
    ties : (array, array)
        For each row of left and of right, its place in the order of identifiers: what stands first
        in a file must not matter.
    vocabulary
        Words of both catalogues.
    """

    def __init__(
        self, db: "duckdb.DuckDBPyConnection", kind: str, sizes: tuple[int, int],
        ties: "tuple[NDArray[np.int64], NDArray[np.int64]]", vocabulary: Vocabulary,
    ) -> None:  # fmt: skip
        self.vocabulary = vocabulary
        self.db, self.kind, self.sizes, self.ties = db, kind, sizes, ties

    def decide(self, pairs: Scored, least: float) -> Decisions:
        """Say what each left row is; `least` is the log odds of a match."""
        accepted = pairs.allowed & (pairs.odds >= least)
        order = np.lexsort((self.ties[1][pairs.right], -pairs.odds, ~accepted, pairs.left))
        pairs, accepted = pairs.take(order), accepted[order]
        best = _first(pairs.left)
        at_best = pairs.right[best] == pairs.right
        behind = pairs.odds[best] - pairs.odds
        # What could be another answer, or the same one again.
        open_ = accepted[best] & ~at_best & pairs.allowed & (accepted | (behind < MARGIN))
        same = self._are_one("right", pairs.right[best][open_], pairs.right[open_])
        rival = np.zeros(len(open_), bool)
        again = at_best.copy()
        rival[open_] = ~same & (behind[open_] < MARGIN)
        again[open_] = same & accepted[open_]
        contested = np.zeros(self.sizes[0], bool)
        contested[pairs.left[rival]] = True
        chosen = accepted & again & accepted[best]
        rivalled = self._rivalled(pairs, chosen & ~contested[pairs.left])
        state = np.zeros(self.sizes[0], np.int8)
        state[pairs.left[accepted]] = _MATCHED
        worth = (pairs.odds >= WORTH_A_LOOK) & (best == np.arange(len(best)))
        state[pairs.left[worth & ~accepted]] = _AMBIGUOUS
        state[contested | rivalled] = _AMBIGUOUS
        of = state[pairs.left]
        keep = ((of == _MATCHED) & chosen) | ((of == _AMBIGUOUS) & (pairs.odds >= WORTH_A_LOOK))
        shown = pairs.take(keep)
        rank = np.arange(len(shown.left)) - _first(shown.left) + 1
        few = (rank <= MOST) | (state[shown.left] == _MATCHED)
        lost = pairs.take((of == _NONE) & (best == np.arange(len(best))))
        closest = np.full(self.sizes[0], -1, np.int64)
        closest[lost.left] = np.arange(len(lost.left))
        return Decisions(state, shown.take(few), rank[few], rivalled, lost, closest)

    def _rivalled(self, pairs: Scored, chosen: "NDArray[np.bool_]") -> "NDArray[np.bool_]":
        """Find left rows that want the same right row and are not one thing themselves."""
        few = pairs.take(chosen)
        order = np.lexsort((self.ties[0][few.left], -few.odds, few.right))
        few = few.take(order)
        best = _first(few.right)
        others = best != np.arange(len(best))
        same = self._are_one("left", few.left[best][others], few.left[others])
        rivalled = np.zeros(self.sizes[0], bool)
        worse = np.flatnonzero(others)[~same]
        rivalled[few.left[worse]] = True
        close = few.odds[best][worse] - few.odds[worse] < MARGIN
        rivalled[few.left[best][worse[close]]] = True
        return rivalled

    def yield_to_pins(
        self, decided: Decisions, pinned: Mapping[int, list[tuple[int, str]]]
    ) -> None:
        """Put to a person what wants a right row that is pinned to another recording."""
        owners = {right: left for left, others in pinned.items() for right, _ in others}
        best = np.flatnonzero(
            (decided.rank == 1)
            & (decided.state[decided.pairs.left] == _MATCHED)
            & np.isin(decided.pairs.right, list(owners))
        )
        rows = decided.pairs.take(best)
        first = np.array([owners[right] for right in rows.right.tolist()], np.int32)
        worse = rows.left[~self._are_one("left", first, rows.left)]
        decided.rivalled[worse] = True
        decided.state[worse] = _AMBIGUOUS

    def _are_one(
        self, side: str, first: "NDArray[np.int32]", second: "NDArray[np.int32]"
    ) -> "NDArray[np.bool_]":
        return score_within(self.db, side, self.kind, first, second, self.vocabulary)


def _first(sorted_: "NDArray[Any]") -> "NDArray[np.int64]":
    """For each value of a sorted array, the place where its like begin."""
    if not len(sorted_):
        return np.zeros(0, np.int64)
    new = np.r_[True, sorted_[1:] != sorted_[:-1]]
    begins: NDArray[np.int64] = np.flatnonzero(new)[np.cumsum(new) - 1]
    return begins


def log_odds(threshold: float) -> float:
    """Turn 0 to 1 into log odds."""
    return float(np.log(threshold) - np.log1p(-threshold))
