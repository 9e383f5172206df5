"""chart_runs(): the life of each title on a chart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.trends._chart_frame import read_chart

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "follow chart runs"


def chart_runs(chart: Any, *, by: Sequence[str] = ("song", "artist")) -> "pd.DataFrame":
    """Give the life of each title on a chart: entry, peak, re-entries, exit.

    Parameters
    ----------
    chart : pandas, polars, pyarrow or DuckDB frame
        One row for each place of each chart: ``date``, ``rank`` (1 is the top) and the columns
        `by`. Weeks are counted in charts: every date that occurs is the next.
    by : sequence of str, default: ('song', 'artist')
        What makes a title; ``"artist"`` alone follows artists by their best place.

    Returns
    -------
    pandas.DataFrame
        One row for each title, in the order of entry: the columns `by`; ``entry`` and ``exit``
        (dates of its first and last chart), ``debut`` and ``last_rank``, ``peak`` (best rank),
        ``peak_date`` (first chart at it), ``weeks_to_peak`` (charts from the entry to it, 0 for the
        entry itself), ``weeks_at_peak``, ``weeks`` (charts in all), ``runs`` (stays without a
        gap), ``re_entries`` (runs less one), ``longest_run``, ``span`` (charts from entry to exit);
        ``left`` (False for titles on the last chart, whose life goes on: censored) and ``seen``
        (False for titles on the first chart, whose entry may lie before it).

    Raises
    ------
    TableError
        If a column is missing, or dates or ranks cannot be read.
    InputError
        If there are no rows.

    Notes
    -----
    A title that stands twice in one chart keeps the better place. Titles are compared letter by
    letter: another spelling of the artist is another title.

    Examples
    --------
    >>> import pandas as pd, musictools as mt
    >>> chart = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2024-01-06", "2024-01-13", "2024-01-20", "2024-01-27"]),
    ...         "rank": [5, 2, 1, 9],
    ...         "song": ["A", "A", "B", "A"],
    ...         "artist": "Her",
    ...     }
    ... )
    >>> runs = mt.trends.chart_runs(chart)
    >>> runs[["song", "debut", "peak", "weeks", "re_entries", "left"]].values.tolist()
    [['A', 5, 2, 3, 1, False], ['B', 1, 1, 1, 0, True]]
    """
    import pandas as pd

    names = [by] if isinstance(by, str) else list(by)
    frame = read_chart(chart, names, _WHAT)
    if (frame["rank"] % 1 == 0).all():
        frame["rank"] = frame["rank"].astype("int64")
    title = frame.groupby(names, sort=False).ngroup().to_numpy()
    week, rank = frame["week"].to_numpy(), frame["rank"].to_numpy()
    fresh = np.r_[True, title[1:] != title[:-1]]
    first = np.flatnonzero(fresh)
    last = np.r_[first[1:], len(frame)] - 1
    # A run begins with the title, and after each chart that it missed.
    begins = fresh | np.r_[True, np.diff(week) != 1]
    starts = np.flatnonzero(begins)
    lengths = np.diff(np.r_[starts, len(frame)])
    best = np.minimum.reduceat(rank, first)
    at_best = rank == best[title]
    places = np.flatnonzero(at_best)
    top = places[np.unique(title[places], return_index=True)[1]]
    dates = frame["date"].to_numpy()
    runs = np.bincount(title[starts])
    table = {
        **{name: frame[name].to_numpy()[first] for name in names},
        "entry": dates[first],
        "exit": dates[last],
        "debut": rank[first],
        "last_rank": rank[last],
        "peak": best,
        "peak_date": dates[top],
        "weeks_to_peak": week[top] - week[first],
        "weeks_at_peak": np.bincount(title[at_best]),
        "weeks": np.bincount(title),
        "runs": runs,
        "re_entries": runs - 1,
        "longest_run": np.maximum.reduceat(lengths, np.flatnonzero(fresh[starts])),
        "span": week[last] - week[first] + 1,
        "left": week[last] < week.max(),
        "seen": week[first] > 0,
    }
    return pd.DataFrame(table).sort_values(["entry", *names], kind="stable").reset_index(drop=True)
