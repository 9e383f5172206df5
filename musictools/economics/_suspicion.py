"""suspicion() and suspicious_artists(): who and what looks bought, without labels, and why."""
# ruff: noqa: S608 - the names that are put into queries are our own.

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import narwhals as nw
import numpy as np

from musictools.economics._clocks import Habit, habits_of, standardised
from musictools.economics._gather import COUNTED_S, JUST_S, Ledger, ledger_of
from musictools.economics._targets import MOST, Targets, find_targets, shares_of_accounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from musictools.economics._engine import Engine

    Floats = NDArray[np.float64]
    Texts = NDArray[np.object_]

FrameT = TypeVar("FrameT")
#: Decades of odds at which the score is one half.
_HALF = 3.0
#: Tails of habits of people are heavier than normal ones: those of Student's t with so many
#: degrees of freedom.
_FREEDOM = 4
#: How much each habit counts. Who plays much is no fraud for that.
_WEIGHTS = {"volume": 0.25, "concentration": 1.0, "just": 1.0, "even": 1.0, "night": 1.0}
#: A view counts from here on, decades: one in ten is beyond the first of them anyway.
_CHANCE = 1.0
_LEAST_PLAYS = 12
#: Three plays tell how long tracks are: hardly any genuine artist has all of them cut so short.
_LEAST_CUT = 3
_JUST = f"heard for {COUNTED_S} to {COUNTED_S + JUST_S - 1} s"


def suspicion(plays: FrameT) -> FrameT:
    """Score how much each account looks like one whose listening is bought.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        Columns ``user_id`` and ``artist_id``, one row a play; or with a column ``plays``, how many
        a row stands for. Views that ask for ``played_at`` (UTC) or ``seconds`` are left out
        where there is no such column. Where there is one, plays below 30 s count for the clock
        only.

    Returns
    -------
    same kind as ``plays``
        Columns ``user_id``, ``score`` (0 to 1; from 0.5 on it is worth a look) and ``reasons``
        (words, with the numbers; empty where nothing stands out), the highest score first.

    Raises
    ------
    TableError
        If there are no plays, or a column is missing, of a wrong kind, or holds missing values.

    See Also
    --------
    suspicious_artists : Whom it is bought for.
    attack_profit : What it brings.

    Notes
    -----
    Five habits are compared with those of most accounts (median, spread, and the error that so many
    plays leave), so that a heavy listener is not suspicious for being known better: how many plays
    (with a quarter of the weight), the share of the top artist, the share of plays just long enough
    to count, how even the gaps are, and how much is played in the six quietest hours. The sixth
    view are targets: artists to whom many more accounts give about the same part of their
    listening than is usual for artists with as many listeners; an account is as suspicious as it
    is likely to be one of those, and as the artist is sure. This finds accounts that copy totals
    and clocks, and the audience of a playlist that was paid for: those may be genuine people.

    Evidence is counted in decades of odds and added; the score is ``e / (e + 3)``. Nothing is
    drawn at random, and neither the order of rows nor what accounts are called matters.

    Examples
    --------
    >>> import musictools as mt
    >>> farm = mt.datasets.BotFarm(accounts=20)
    >>> made = mt.datasets.simulate_plays(100_000, attacks=farm, rng=1)
    >>> found = mt.economics.suspicion(made.plays)
    >>> set(found["user_id"][:20]) == set(made.truth["users"]["user_id"])
    True
    >>> print(found["reasons"][0].split("; ")[1])
    100.0 % of plays heard for 30 to 39 s (usual: 1.5 %)
    """
    with ledger_of(plays, "look for suspicious accounts") as (ledger, engine):
        names = ledger.names("user")
        habits = habits_of(ledger)
        targets = find_targets(ledger)
        parts = shares_of_accounts(ledger, targets)
        total = np.bincount(parts["user"], parts["evidence"], minlength=len(names))
        told = _told_of_targets(ledger, parts, len(names))
    evidence = total + evidence_of(habits)
    reasons = _joined([*_told_of_habits(habits), told])
    given: FrameT = _given(engine, {"user_id": names}, evidence, {"reasons": reasons})
    return given


def suspicious_artists(plays: FrameT) -> FrameT:
    """Score how much each artist looks like one for whom listening is bought, or cut to pieces.

    Parameters
    ----------
    plays : pandas, polars (eager or lazy), pyarrow, DuckDB or PySpark frame
        As for `suspicion`; ``active`` (searched for by the listener) is looked at, too.

    Returns
    -------
    same kind as ``plays``
        Columns ``artist_id``, ``score`` (0 to 1, as of `suspicion`), ``plays``, ``listeners``,
        ``alike`` (accounts that give the artist about the same part of their listening),
        ``expected`` (how many do of artists with as many listeners), ``bought`` (share of plays of
        accounts whose habits are suspicious by themselves), and ``reasons``; the highest score
        first.

    Raises
    ------
    TableError
        If there are no plays, or a column is missing, of a wrong kind, or holds missing values.

    See Also
    --------
    suspicion : The accounts.

    Notes
    -----
    Songs cut to pieces of little more than 30 s are told from three counted plays of an artist on,
    by the share of plays that end within the ten seconds after; their listeners are genuine, and
    `suspicion` does not look for them, but one who hears many pieces may have the habit of a robot.
    How surely depends on the plays: a handful stays below 0.5.

    Examples
    --------
    >>> import musictools as mt
    >>> paid = mt.datasets.PlaylistPayola(listeners=100)
    >>> made = mt.datasets.simulate_plays(300_000, attacks=paid, rng=1)
    >>> found = mt.economics.suspicious_artists(made.plays)
    >>> found["artist_id"][0] == made.truth["targets"]["artist_id"][0]
    True
    """
    with ledger_of(plays, "look for suspicious artists") as (ledger, engine):
        names = ledger.names("artist")
        counts = _audiences(ledger, evidence_of(habits_of(ledger)))
        targets = find_targets(ledger)
        habits = _habits_of_artists(ledger, counts)
    alike, expected, sure = (np.zeros(len(names)) for _ in range(3))
    alike[targets.artist], expected[targets.artist] = targets.alike, targets.expected
    sure[targets.artist] = targets.evidence
    told = _told_of_artists(targets, len(names))
    columns = {
        "plays": counts["plays"],
        "listeners": counts["listeners"].astype(np.int64),
        "alike": alike.astype(np.int64),
        "expected": expected,
        "bought": counts["bought"] / np.maximum(counts["plays"], 1.0),
        "reasons": _joined([told, *_told_of_habits(habits)]),
    }
    given: FrameT = _given(engine, {"artist_id": names}, sure + evidence_of(habits), columns)
    return given


def evidence_of(habits: Mapping[str, Habit]) -> "Floats":
    """Add up what habits say, decades."""
    return np.asarray(
        sum(
            _WEIGHTS.get(name, 1.0) * np.maximum(_decades(habit.z) - _CHANCE, 0.0)
            for name, habit in habits.items()
        ),
        np.float64,
    )


def _decades(z: "Floats") -> "Floats":
    from scipy import stats

    return np.asarray(np.minimum(-stats.t.logsf(z, _FREEDOM) / np.log(10.0), MOST), np.float64)


def _given(
    engine: "Engine", names: Mapping[str, Any], evidence: "Floats", rest: Mapping[str, Any]
) -> Any:
    """Give a table, the highest score first, as the kind of frame that came in."""
    import pyarrow as pa

    # Sums may differ in their last bits by the number of threads.
    score = np.round(evidence / (evidence + _HALF), 9)
    table = pa.table({**names, "score": score, **rest})
    table = table.take(pa.array(np.argsort(-score, kind="stable")))
    kind = engine.frame.implementation
    eager: Any = kind if kind.is_pandas() or kind.is_polars() or kind.is_pyarrow() else "pyarrow"
    return engine.give(nw.from_arrow(table, backend=eager))


# --- artists -------------------------------------------------------------------------------------


def _audiences(ledger: Ledger, evidence: "Floats") -> dict[str, "Floats"]:
    """Count plays, listeners, and plays of accounts that are suspicious by their habits."""
    import pandas as pd

    out = np.flatnonzero(evidence >= _HALF)
    ledger.put("odd", pd.DataFrame({"user": out.astype(np.int32)}))
    found = ledger.ask(
        "SELECT a.artist, coalesce(sum(p.n), 0.0)::DOUBLE AS plays, count(p.user)::DOUBLE AS"
        " listeners, coalesce(sum(p.n) FILTER (p.user IN (SELECT user FROM odd)), 0.0)::DOUBLE AS"
        " bought FROM artists a LEFT JOIN pairs p USING (artist) GROUP BY a.artist ORDER BY"
        " a.artist"
    )
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def _habits_of_artists(ledger: Ledger, counts: Mapping[str, "Floats"]) -> dict[str, Habit]:
    plays = counts["plays"]
    error = np.sqrt(0.25 / np.maximum(plays, 1.0))

    def share(k: "Floats", least: int = _LEAST_PLAYS, *, sign: float = 1.0) -> Habit:
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where(plays >= least, k / plays, np.nan)
        return standardised(part, error, sign=sign)

    found = {"bought": share(counts["bought"])}
    paid = f"seconds >= {COUNTED_S}" if "seconds" in ledger.columns else "true"
    if "seconds" in ledger.columns:
        cut = _tally(ledger, f"{paid} AND seconds < {COUNTED_S + JUST_S}")
        found["just"] = share(cut, _LEAST_CUT)
    if "active" in ledger.columns:
        found["passive"] = share(_tally(ledger, f"{paid} AND active::BOOLEAN"), sign=-1.0)
    return found


def _tally(ledger: Ledger, which: str) -> "Floats":
    found = ledger.ask(
        f"SELECT a.artist, coalesce(sum({ledger.weight}) FILTER ({which}), 0)::DOUBLE AS k FROM"
        " events e JOIN artists a ON a.name = e.artist GROUP BY a.artist ORDER BY a.artist"
    )
    return np.asarray(found["k"], np.float64)


# --- words ---------------------------------------------------------------------------------------

_WORDS = {
    "volume": ("{0:,.0f} plays", "{0:,.0f}", np.exp),
    "concentration": ("{0:.1%} of plays go to one artist", "{0:.1%}", None),
    "just": ("{0:.1%} of plays " + _JUST, "{0:.1%}", None),
    "even": ("gaps that differ by {0:.2f} of their mean", "{0:.2f}", np.exp),
    "night": ("round the clock, {0:.1%} of it in the six quietest hours", "{0:.1%}", None),
    "bought": ("{0:.1%} of plays by accounts of suspicious habits", "{0:.1%}", None),
    "passive": ("{0:.1%} of plays searched for", "{0:.1%}", None),
}  # fmt: skip


def _told_of_habits(habits: Mapping[str, Habit]) -> Iterable["Texts"]:
    for name, habit in habits.items():
        text, usual, back = _WORDS[name]
        words = np.full(len(habit.z), "", dtype=object)
        some = np.flatnonzero(_decades(habit.z) >= 2 * _CHANCE)
        middle = back(habit.usual) if back else habit.usual
        ending = f" (usual: {usual.format(middle)})".replace("%", " %")
        for i in some:
            value = back(habit.value[i]) if back else habit.value[i]
            words[i] = text.format(value).replace("%", " %") + ending
        yield words


def _told_of_targets(ledger: Ledger, parts: Mapping[str, "np.ndarray"], accounts: int) -> "Texts":
    """Say for each account which target it plays most surely, and how many there are."""
    words = np.full(accounts, "", dtype=object)
    user, sure = parts["user"], parts["evidence"]
    if not len(user):
        return words
    names = ledger.names("artist")
    order = np.lexsort((parts["artist"], -parts["n"], -sure, user))
    first = order[np.unique(user[order], return_index=True)[1]]
    several = np.bincount(user[sure >= _CHANCE], minlength=accounts)
    for i in first[sure[first] >= _CHANCE]:
        more = several[user[i]] - 1
        others = f", and {more:,} more such artists" if more > 0 else ""
        words[user[i]] = (
            f"{parts['n'][i] / parts['t'][i]:.1%} of {parts['t'][i]:,.0f} plays".replace("%", " %")
            + f" go to {names[int(parts['artist'][i])].as_py()}, as do those of"
            f" {parts['alike'][i]:,.0f} accounts alike (a farm, or a playlist){others}"
        )
    return words


def _told_of_artists(targets: Targets, artists: int) -> "Texts":
    words = np.full(artists, "", dtype=object)
    for i in np.flatnonzero(targets.evidence >= _CHANCE):
        words[targets.artist[i]] = (
            f"{targets.alike[i]:,.0f} of {targets.listeners[i]:,.0f} listeners give it about"
            f" {targets.share[i]:.1%} of their plays (expected: {targets.expected[i]:,.1f})"
        ).replace("%", " %")
    return words


def _joined(parts: Iterable["Texts"]) -> list[str]:
    return ["; ".join(filter(None, each)) for each in zip(*parts, strict=True)]
