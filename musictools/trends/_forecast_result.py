"""The Forecast: a table, how it was made, and whether it beats the last value."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from musictools._html import Column, plain, table
from musictools._result import Result

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast(Result):
    """Forecasts of many series, with intervals and their skill against naive.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each series and step: ``unique_id, ds, y_hat``, and ``lo_90, hi_90`` for each
        level that was asked for.
    method : str
        What made it.
    horizon : int
        Steps ahead.
    levels : tuple of float
        Per cent of the intervals.
    skill : float
        1 less the mean absolute error over that of naive (the last value stays), at past origins
        that took no part in the choice. 0 is no better than naive.
    skill_lo, skill_hi : float
        Its 90 % interval, by drawing series again; times, of fewer than five series.
    verdict : str
        Whether there is skill, in a sentence; or that this is too little to tell.
    weights : pandas.DataFrame
        ``unique_id`` and the weight of each method in it.
    errors : pandas.DataFrame
        One step ahead at past origins, for ``reconcile``: ``unique_id, back, error``.
    history : pandas.DataFrame
        The series, as repaired.
    notes : tuple of str
        What was repaired, and what could not be used.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "forecast"

    table: "pd.DataFrame" = field(repr=False)
    method: str
    horizon: int
    levels: tuple[float, ...]
    skill: float
    skill_lo: float
    skill_hi: float
    verdict: str
    weights: "pd.DataFrame" = field(repr=False)
    errors: "pd.DataFrame" = field(repr=False)
    history: "pd.DataFrame" = field(repr=False)
    notes: tuple[str, ...] = ()

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each series and step.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _repr_html_(self) -> str:
        heads: dict[str, Column] = {n: (n.replace("_", " "), plain) for n in self.table.columns}
        shown = self.table.head(_SHOWN).copy()
        for name in shown.columns[2:]:
            shown[name] = [f"{value:,.1f}" for value in shown[name]]
        count = self.table["unique_id"].nunique()
        caption = f"{count} series, {self.horizon} steps, {self.method}. {self.verdict}"
        return table(shown, heads, caption=" ".join([caption, *self.notes]))
