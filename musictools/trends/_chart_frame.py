"""Charts as frames: date, rank and who, checked and counted in weeks of the chart's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._frames import as_pandas
from musictools.errors import InputError, TableError, closest

if TYPE_CHECKING:
    import pandas as pd


def read_chart(chart: Any, by: Sequence[str], what: str) -> "pd.DataFrame":
    """Give ``date, rank``, the columns `by`, and ``week``: the number of the chart in its order.

    A title that has two places in one chart keeps the better one.
    """
    import pandas as pd

    names = [by] if isinstance(by, str) else list(by)
    frame = as_pandas(chart, what)
    for name in ("date", "rank", *names):
        if name not in frame.columns:
            raise TableError(
                what,
                got=f"no column {name!r} among {', '.join(map(repr, frame.columns))}",
                expected=f"columns date, rank, {', '.join(names)}",
                hint=closest(name, map(str, frame.columns)),
            )
    if not names or not len(frame):
        raise InputError(
            what, got="no rows, or by=[]", expected="a chart", hint="by=('song', 'artist')"
        )
    frame = frame[["date", "rank", *names]].copy()
    try:
        frame["date"] = pd.to_datetime(frame["date"])
        rank = pd.to_numeric(frame["rank"]).to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise TableError(
            what,
            got=f"what is no date or no rank ({error})",
            expected="dates of charts, and ranks from 1",
            hint="pandas.to_datetime(chart['date'])",
        ) from error
    if frame[["date", *names]].isna().any().any() or not (rank >= 1).all():
        raise TableError(
            what,
            got="missing values, or ranks below 1",
            expected="a date, a rank from 1 and a name in every row",
            hint="chart.dropna()",
        )
    frame["rank"] = rank
    dates = np.unique(frame["date"].to_numpy())
    frame["week"] = np.searchsorted(dates, frame["date"].to_numpy())
    frame = frame.sort_values([*names, "week", "rank"], kind="stable")
    return frame.drop_duplicates([*names, "week"]).reset_index(drop=True)
