"""matched_markets(): which units move as another does, and which make a pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._checks import check_number
from musictools._counts import counted
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError
from musictools.marketing._history import History, check_units, read_history

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MatchedMarkets", "matched_markets"]

_WHAT = "match markets"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, repr=False)
class MatchedMarkets(Result):
    """Which units of a history move alike.

    Attributes
    ----------
    verdict : str
        How good the matches are, in words.
    matches : pandas.DataFrame
        Best first for each unit: unit, match, rank, distance (root mean square of the difference
        of their logs, each less its mean: 0.05 is about 5 %), correlation (of changes from period
        to period), size_ratio (mean of the match over mean of the unit).
    series : pandas.DataFrame
        The history, for the picture.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "matched_markets"
    _caption: ClassVar[str] = "Matches"

    verdict: str
    matches: "pd.DataFrame"
    series: "pd.DataFrame"

    def to_frame(self) -> "pd.DataFrame":
        """Give the matches.

        Returns
        -------
        pandas.DataFrame
            unit, match, rank, distance, correlation, size_ratio.
        """
        return self.matches.copy()


def matched_markets(
    series: "pd.DataFrame",
    *,
    treated: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] = (),
    count: int = 5,
) -> MatchedMarkets:
    """Find the units whose history is most like that of others.

    Parameters
    ----------
    series : pandas.DataFrame
        The ``series`` table: unique_id, ds, y; no gaps, all above 0.
    treated : str or sequence of str, optional
        Units for which matches among the others are sought. Without it, all units are put into
        pairs, so that the sum of squared distances is small; of an odd number, one is left over.
    exclude : str or sequence of str
        Units that match nobody, such as one where something else is going on.
    count : int
        Matches of each treated unit.

    Returns
    -------
    MatchedMarkets
        Matches with distance and correlation.

    Raises
    ------
    TableError
        If the history has gaps or doubles.
    InputError
        If there are too few units or periods, or a value is not above 0.

    Notes
    -----
    Levels do not matter, since each series is taken less its own mean of logs; a test of relative
    effects needs no markets of one size. Pairs are found greedily and then improved by exchanges
    between two pairs until none helps.

    Examples
    --------
    >>> import musictools as mt
    >>> history = mt.datasets.simulate_panel(units=6, effect=0.0, rng=1).series
    >>> found = mt.marketing.matched_markets(history)
    >>> found.matches.shape
    (3, 6)
    """
    history = read_history(series, _WHAT)
    barred = [] if len(exclude) == 0 else check_units(history, exclude, _WHAT, "exclude")
    distance, correlation = likeness(history)
    number = int(check_number(_WHAT, "count", count, (1, 10_000)))
    free = [name for name in history.names if name not in barred]
    if treated is None:
        found = [(history.names[a], history.names[b], 1)
                 for a, b in pairs(distance, history.rows(free).tolist())]  # fmt: skip
    else:
        units = check_units(history, treated, _WHAT)
        others = history.rows([name for name in free if name not in units])
        found = []
        for unit, row in zip(units, history.rows(units), strict=True):
            best = others[np.argsort(distance[row, others], kind="stable")][:number]
            found += [(unit, history.names[at], rank) for rank, at in enumerate(best, start=1)]
    if not found:
        raise InputError(
            _WHAT,
            got=f"{counted(len(free), 'unit')} to match",
            expected="others",
            hint="exclude=()",
        )
    return _result(history, found, (distance, correlation))


def likeness(history: History, what: str = _WHAT) -> tuple[Floats, Floats]:
    """Distances and correlations of all units; both (units, units)."""
    if len(history.names) < 2 or len(history.times) < 4:
        raise InputError(
            what,
            got=f"{counted(len(history.names), 'unit')} and "
            f"{counted(len(history.times), 'period')}",
            expected="two units and four periods, or more",
            hint="a longer history",
        )
    if (history.y <= 0).any():
        name = history.names[int(np.argmax((history.y <= 0).any(axis=1)))]
        raise InputError(
            what,
            got=f"periods in which {name!r} has nothing, or less",
            expected="values above 0, since likeness is relative",
            hint=f"series[series.unique_id != {name!r}], or longer periods",
        )
    logs = np.log(history.y)
    centred = logs - logs.mean(axis=1, keepdims=True)
    squares = (centred**2).sum(axis=1)
    cross = squares[:, None] + squares[None, :] - 2.0 * centred @ centred.T
    distance = np.sqrt(np.maximum(cross, 0.0) / logs.shape[1])
    changes = np.diff(logs, axis=1)
    changes = changes - changes.mean(axis=1, keepdims=True)
    size = np.sqrt((changes**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = changes @ changes.T / (size[:, None] * size[None, :])
    return distance, np.clip(correlation, -1.0, 1.0)


def pairs(distance: Floats, rows: list[int]) -> list[tuple[int, int]]:
    """Put units into pairs so that the sum of squared distances is small."""
    cost, left, found = distance**2, list(rows), []
    if len(left) % 2:
        # Whoever is least like anybody stays alone.
        nearest = [min(cost[a, b] for b in left if b != a) if len(left) > 1 else 0.0 for a in left]
        left.pop(int(np.argmax(nearest)))
    while left:
        places = np.array(left)
        own = cost[np.ix_(places, places)] + np.where(np.eye(len(places)) > 0, np.inf, 0.0)
        a, b = np.unravel_index(int(np.argmin(own)), own.shape)
        found.append((left[int(a)], left[int(b)]))
        left = [row for n, row in enumerate(left) if n not in {a, b}]
    while _exchange(cost, found):
        pass
    return sorted((min(pair), max(pair)) for pair in found)


def _exchange(cost: Floats, found: list[tuple[int, int]]) -> bool:
    """Let two pairs change partners where that helps; say whether any did."""
    helped = False
    for i in range(len(found)):
        for j in range(i):
            (a, b), (c, d) = found[i], found[j]
            now = cost[a, b] + cost[c, d]
            ways = [((a, c), (b, d)), ((a, d), (b, c))]
            sums = [cost[p] + cost[q] for p, q in ways]
            best = int(np.argmin(sums))
            if sums[best] < now - 1e-15:
                found[i], found[j] = ways[best]
                helped = True
    return helped


def _result(
    history: History, found: list[tuple[str, str, int]], like: tuple[Floats, Floats]
) -> MatchedMarkets:
    import pandas as pd

    mean = history.y.mean(axis=1)
    rows = []
    for unit, match, rank in found:
        a, b = history.rows([unit, match])
        rows.append((unit, match, rank, like[0][a, b], like[1][a, b], mean[b] / mean[a]))
    columns = ["unit", "match", "rank", "distance", "correlation", "size_ratio"]
    matches = pd.DataFrame(rows, columns=columns)
    best = matches[matches["rank"] == 1]
    worst = best.iloc[int(best["distance"].to_numpy().argmax())]
    verdict = (
        f"Matches differ by {best['distance'].median():.1%} in the middle; the worst is "
        f"{worst['unit']} with {worst['match']}, {worst['distance']:.1%}."
    )
    return MatchedMarkets(
        verdict=verdict,
        matches=matches,
        series=history.long(history.y, 0, len(history.times)),
        provenance={"musictools": __version__, "function": "matched_markets"},
    )
