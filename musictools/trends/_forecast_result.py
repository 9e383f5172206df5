"""The Forecast: a table, how it was made, and whether it beats the last value."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from musictools._card import Table
from musictools._result import Result
from musictools.trends._forecast_blend import SKILL_LEVEL

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
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

    def _level(self) -> float:
        return SKILL_LEVEL

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each series and step.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def _tables(self) -> Iterable[Table]:
        return [(f"{self.table['unique_id'].nunique():,} series", self.table)]
