"""Pictures of what platforms tell."""

from typing import TYPE_CHECKING

from matplotlib.patches import Patch

from musictools._result import Result
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    name_rows,
    plain_logs,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: What may be counted, and what it is called.
_COUNTED = {"followers": "followers or fans", "listeners": "listeners", "plays": "plays"}
_HEIGHT = 0.27
#: Platforms that are drawn.
_MOST = 10


def audience(data: "pd.DataFrame | Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how many people follow and hear an artist, a bar for each platform and count.

    Parameters
    ----------
    data : pandas.DataFrame or ArtistCard
        What ``mt.collect.artist`` gave, or its profile: a column ``platform``, and one or more of
        ``followers``, ``listeners`` and ``plays``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a logarithmic scale: platforms differ a thousandfold; of many
        the ten with most people. Each counts in its own way, so that bars of different platforms
        are no shares of one whole.

    Raises
    ------
    TableError
        If the table lacks a column.
    InputError
        If no platform tells a number.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> profile = pd.DataFrame({"platform": ["Deezer", "LastFm"], "followers": [3_677_952, None],
    ...                         "listeners": [None, 4_800_000]})
    >>> ax = mt.plot.audience(profile)
    >>> ax.get_xscale(), [tick.get_text() for tick in ax.get_yticklabels()]
    ('log', ['LastFm', 'Deezer'])
    >>> plt.close(ax.figure)
    """
    frame = data.to_frame() if isinstance(data, Result) else data
    counted = [name for name in _COUNTED if name in frame.columns]
    if "platform" not in frame.columns or not counted:
        missing = "platform" if counted else "followers"
        raise TableError(
            "draw an audience",
            got=f"a table without the column {missing!r}",
            expected="the columns platform, and followers, listeners or plays",
            hint=closest(missing, map(str, frame.columns)),
        )
    long = frame.melt("platform", counted, "counted", "value").dropna(subset="value")
    long = long[long["value"].astype(float) > 0]
    if long.empty:
        raise InputError(
            "draw an audience",
            got="no number",
            expected="a platform that tells how many follow or listen",
            hint="look at .problems of the card",
        )
    # A platform with two pages of an artist counts with its larger one.
    top = long.groupby(["platform", "counted"])["value"].max().astype(float)
    # Most people first; plays count where nobody counts people.
    order = sorted(top.groupby(level="platform"), key=lambda item: -_people(item[1]))
    ylabel = f"The first {_MOST} of {len(order)}" if len(order) > _MOST else ""
    order = order[:_MOST]
    ax = axes_or_current(ax)
    colours = dict(zip(_COUNTED, PALETTE, strict=False))
    for row, (platform, values) in enumerate(order):
        there = [name for name in counted if (platform, name) in values.index]
        for i, name in enumerate(there):
            place = row + (i - (len(there) - 1) / 2) * _HEIGHT
            value = values[platform, name]
            bar = ax.barh(place, value, _HEIGHT, color=colours[name])
            ax.bar_label(bar, [f"{value:,.0f}"], padding=3, fontsize="x-small")
    # From one, so that bars are as long as numbers are wide; with room for words behind them.
    ax.set(xscale="log", xlim=(1, float(top.max()) * 30), ylim=(len(order) - 0.5, -0.5))
    ax.set(xlabel="People, or plays (number)", ylabel=ylabel)
    plain_logs(ax.xaxis)
    name_rows(ax, range(len(order)), [platform for platform, _ in order])
    ax.grid(visible=False, axis="y")
    seen = set(top.index.get_level_values("counted"))
    patches = [Patch(color=colours[n], label=_COUNTED[n]) for n in _COUNTED if n in seen]
    # Above: inside, it would lie on bars or on what is written behind them.
    ax.legend(handles=patches, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(patches))
    return ax


def _people(values: "pd.Series[float]") -> float:
    people = values.drop("plays", level="counted", errors="ignore")
    return float(people.max()) if len(people) else float(values.max()) * 1e-6
