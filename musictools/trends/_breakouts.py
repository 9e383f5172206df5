"""breakouts(): when attention went to another level."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._card import Table
from musictools._checks import check_number
from musictools._figures import figure
from musictools._result import Result
from musictools._version import __version__
from musictools.trends._long_series import Series, read_long
from musictools.trends._segments import Floats, noise, segments

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "find breakouts"
# Noise of two neighbours is told from so many points at least, theirs or around them.
_MANY = 12
_COLUMNS = ("unique_id", "ds", "kind", "before", "after", "ratio", "z", "lasted")


@dataclass(frozen=True, kw_only=True, repr=False)
class Breakouts(Result):
    """Changes of level of many series.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each change: ``unique_id, ds`` (first of the new level), ``kind`` (rise or fall),
        ``before, after`` (levels on the scale of the values), ``ratio`` of the two, ``z`` (size of
        the step over its standard error) and ``lasted`` (points up to the next change or the end).
    levels : pandas.DataFrame
        ``unique_id, ds, y`` and the ``level`` that each point belongs to.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "breakouts"

    table: "pd.DataFrame" = field(repr=False)
    levels: "pd.DataFrame" = field(repr=False)

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each change.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _verdict(self) -> str:
        many = f"{self.levels['unique_id'].nunique()} series"
        if len(self.table) == 0:
            return f"No change of level stands out in {many}; that does not show that none was."
        rises = int((self.table["kind"] == "rise").sum())
        top = self.table.iloc[int(self.table["z"].abs().to_numpy().argmax())]
        return (
            f"Changes of level in {many}: {rises} up, {len(self.table) - rises} down. The plainest "
            f"is that of {top['unique_id']} from {figure(top['ds'])} on: {figure(top['ratio'])} "
            f"times the level before, {abs(top['z']):.1f} standard errors."
        )

    def _tables(self) -> Iterable[Table]:
        names = ["unique_id", "ds", "kind", "before", "after", "ratio", "z"]
        return [("Changes of level", self.table[names])]


def breakouts(series: Any, *, strictness: float = 3.0, shortest: int = 3) -> Breakouts:
    """Find when attention went to another level.

    Parameters
    ----------
    series : pandas, polars, pyarrow or DuckDB frame
        Long frame ``unique_id, ds, y``; counts or money, not below zero. Missing values are left
        out, and points are taken as even.
    strictness : float, default: 3.0
        What a further level must gain, in log(n) variances: 2 finds more, 5 only the plainest.
    shortest : int, default: 3
        Points that a level lasts at least, so that one good day is none.

    Returns
    -------
    Breakouts
        A row for each change. Series of fewer than twice the shortest have none.

    Raises
    ------
    TableError
        If it is no long frame.
    InputError
        If a value is below zero or infinite, a series holds a time twice, or an argument is out of
        range.

    Notes
    -----
    Levels are means of log(1 + y), so that a doubling counts alike on small and large series; of
    all divisions, the one with the smallest squares plus penalties is found exactly (PELT). The
    variance comes from medians of differences, widened by (1 + r) / (1 - r) where neighbours
    correlate by r, since slow swings are no changes of level. Where two neighbouring levels scatter
    more than the series as a whole, the step between them is held against their own noise, and
    goes if it is too small. A series that fades is cut into a stair of falls: look at rises, or at
    what is left after its curve.

    Of series without any change, at most three in a hundred showed one: Poisson counts of mean 0.3
    to 50, counts that scatter more, and lognormal streams, of 50 or 200 points each. Of slow swings
    (first-order, correlation 0.6, 100 points) it was one in seven. Of 200 counts that went from 50
    to 400 after 60 points, all showed that rise, and three a further change.

    References
    ----------
    R. Killick, P. Fearnhead, I. A. Eckley (2012): Optimal detection of changepoints with a linear
    computational cost. JASA 107.

    Examples
    --------
    >>> import numpy as np, pandas as pd, musictools as mt
    >>> y = np.r_[np.tile([100, 110, 95], 10), np.tile([300, 320, 290], 10)]
    >>> found = mt.trends.breakouts(pd.DataFrame({"unique_id": "a", "ds": range(60), "y": y}))
    >>> found.table[["ds", "kind", "ratio"]].round(1).values.tolist()
    [[30, 'rise', 3.0]]
    """
    import pandas as pd

    strict = check_number(_WHAT, "strictness", strictness, (0.1, 100.0))
    least = int(check_number(_WHAT, "shortest", shortest, (1, 10_000)))
    found, _ = read_long(series, _WHAT)
    rows: list[dict[str, Any]] = []
    parts = []
    for each in found:
        begins, z = _divided(each.y, strict, least)
        lasted = np.diff([*begins, len(each.y)])
        means = np.add.reduceat(np.log1p(each.y), begins) / lasted
        rows += _changes(each, begins, means, z)
        level = np.repeat(np.expm1(means), lasted)
        columns = {"ds": each.stamps, "y": each.y, "level": level}
        parts.append(pd.DataFrame({"unique_id": each.name, **columns}))
    return Breakouts(
        table=pd.DataFrame(rows, columns=list(_COLUMNS)),
        levels=pd.concat(parts, ignore_index=True),
        provenance={
            "musictools": __version__,
            "function": "trends.breakouts",
            "strictness": strict,
            "shortest": least,
        },
    )


def _divided(y: Floats, strict: float, least: int) -> tuple[list[int], Floats]:
    """Give where levels begin, and the sizes of the steps between in standard errors."""
    if len(y) < max(2 * least, 4):
        return [0], np.zeros(0)
    x = np.log1p(y)
    # Counts scatter alike on the scale of roots, streams on that of logarithms.
    spread, together = noise(x, np.sqrt(y))
    swings = float(np.sqrt((1 + together) / (1 - together)))
    # Where nothing scatters, a step of any size counts.
    wide = max(spread * swings, 1e-6)
    dear = strict * float(np.log(len(x)))
    begins = segments(x, dear * wide**2, least)
    z = [_step(x, begins, k, wide, swings) for k in range(1, len(begins))]
    # One noise for all levels divides those that scatter more: the weakest step goes first.
    while z and min(z) ** 2 < dear:
        gone = int(np.argmin(z))
        del begins[gone + 1], z[gone]
        for k in (gone, gone + 1):
            if 1 <= k <= len(z):
                z[k - 1] = _step(x, begins, k, wide, swings)
    return begins, np.array(z)


def _step(x: Floats, begins: list[int], k: int, wide: float, swings: float) -> float:
    """Give the step to level k in standard errors, by the noise of all or of its two levels."""
    a, b, c = begins[k - 1], begins[k], begins[k + 1] if k + 1 < len(begins) else len(x)
    more = max(_MANY - (c - a), 0)
    near = max(wide, noise(x[max(a - more, 0) : c + more])[0] * swings)
    step = abs(float(x[b:c].mean() - x[a:b].mean()))
    return step / (near * float(np.sqrt(1 / (b - a) + 1 / (c - b))))


def _changes(each: Series, begins: list[int], means: Floats, z: Floats) -> list[dict[str, Any]]:
    out = []
    ends = [*begins[1:], len(each.y)]
    for k in range(1, len(begins)):
        before, after = float(np.expm1(means[k - 1])), float(np.expm1(means[k]))
        out.append(
            {
                "unique_id": each.name,
                "ds": each.stamps[begins[k]],
                "kind": "rise" if means[k] > means[k - 1] else "fall",
                "before": before,
                "after": after,
                "ratio": after / before if before > 0 else float("inf"),
                "z": float(z[k - 1]),
                "lasted": ends[k] - begins[k],
            }
        )
    return out
