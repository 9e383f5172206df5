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
from musictools.trends._segments import noise, segments

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "find breakouts"
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
    correlate by r, since slow swings are no changes of level. A series that fades is cut into a
    stair of falls: look at rises, or at what is left after its curve.

    Of series without any change, at most three in a hundred showed one: Poisson counts of mean 0.3
    to 50, counts that scatter more, and lognormal streams, of 50 or 200 points each.

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
        x = np.log1p(each.y)
        begins, spread = _divided(x, strict, least)
        ends = [*begins[1:], len(x)]
        means = np.array([x[a:b].mean() for a, b in zip(begins, ends, strict=True)])
        rows += _changes(each, begins, ends, means, spread)
        level = np.repeat(np.expm1(means), np.diff([*begins, len(x)]))
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


def _divided(x: Any, strict: float, least: int) -> tuple[list[int], float]:
    """Give where levels begin, and the standard deviation of a mean of one point."""
    if len(x) < max(2 * least, 4):
        return [0], 0.0
    spread, together = noise(x)
    wide = spread * float(np.sqrt((1 + together) / (1 - together)))
    # Without any noise every change counts.
    wide = max(wide, 1e-6)
    return segments(x, strict * float(np.log(len(x))) * wide**2, least), wide


def _changes(
    each: Series, begins: list[int], ends: list[int], means: Any, spread: float
) -> list[dict[str, Any]]:
    out = []
    for k in range(1, len(begins)):
        sizes = (ends[k - 1] - begins[k - 1], ends[k] - begins[k])
        step = float(means[k] - means[k - 1])
        before, after = float(np.expm1(means[k - 1])), float(np.expm1(means[k]))
        out.append(
            {
                "unique_id": each.name,
                "ds": each.stamps[begins[k]],
                "kind": "rise" if step > 0 else "fall",
                "before": before,
                "after": after,
                "ratio": after / before if before > 0 else float("inf"),
                "z": abs(step) / (spread * float(np.sqrt(1 / sizes[0] + 1 / sizes[1]))),
                "lasted": sizes[1],
            }
        )
    return out
