"""Pictures of what platforms tell."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from musictools._result import Result
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import PALETTE, boxes_for_strange_letters

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: What may be counted, and what it is called.
_COUNTED = {"followers": "followers or fans", "listeners": "listeners", "plays": "plays"}


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
        The axes drawn on, with a logarithmic scale: platforms differ a thousandfold. Each counts in
        its own way, so that bars of different platforms are no shares of one whole.

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
    wide = long.pivot_table(index="platform", columns="counted", values="value", aggfunc="max")
    wide = wide.astype(float).loc[wide.max(axis=1).sort_values(ascending=False).index]
    ax = plt.gca() if ax is None else ax
    names = [name for name in _COUNTED if name in wide.columns]
    height = 0.8 / len(names)
    for i, name in enumerate(names):
        places = [row + (i - (len(names) - 1) / 2) * height for row in range(len(wide))]
        bars = ax.barh(places, wide[name], height, color=PALETTE[i], label=_COUNTED[name])
        texts = ["" if value != value else f"{value:,.0f}" for value in wide[name]]  # noqa: PLR0124
        ax.bar_label(bars, texts, padding=3, fontsize="small")
    with boxes_for_strange_letters():
        ax.set_yticks(range(len(wide)), [str(name).replace("$", r"\$") for name in wide.index])
    ax.invert_yaxis()
    ax.set(xscale="log", xlabel="People, or plays", ylabel="")
    # Room for the words behind the longest bar.
    ax.set_xlim(right=float(wide.max().max()) * 12)
    ax.grid(visible=False, axis="y")
    ax.legend()
    return ax
