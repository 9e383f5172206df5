"""Pictures of what streams are paid."""

from typing import TYPE_CHECKING

from musictools.errors import InputError, TableError, closest
from musictools.plot._style import PALETTE, axes_or_current, boxes_for_strange_letters, plain_logs
from musictools.plot._words import no_formula, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NEEDED = ("user_id", "plays", "money")
_MARKS = "osD^vP"


def stream_worth(
    data: "pd.DataFrame", *, mark: str | None = None, unit: str = "USD", ax: "Axes | None" = None
) -> "Axes":
    """Draw what one stream of each listener is worth, pro rata and user-centric.

    Parameters
    ----------
    data : pandas.DataFrame
        Streams of one pot: ``user_id``, ``plays``, and ``money``, what the listener brings in, the
        same in all rows of a listener. A column ``tier`` gives colours.
    mark : str, optional
        A listener to be marked with a star.
    unit : str
        What the money is in.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with logarithmic scales: a point for each listener at the user-centric
        worth (money over streams), and a line at the pro-rata one. Who brings in nothing is not
        drawn.

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If no listener has a stream and brings in money, or the marked one is not there.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> streams = pd.DataFrame({"user_id": ["A", "B"], "plays": [10, 90], "money": [6.0, 6.0]})
    >>> ax = mt.plot.stream_worth(streams)
    >>> float(ax.lines[0].get_ydata()[0])
    0.12
    >>> plt.close(ax.figure)
    """
    listeners = _listeners(data)
    if mark is not None and mark not in listeners.index:
        raise InputError(
            "draw the worth of streams",
            got=f"mark={mark!r}",
            expected="a listener of the table, who brings in money",
            hint=closest(str(mark), map(str, listeners.index)),
        )
    ax = axes_or_current(ax)
    for number, (tier, some) in enumerate(listeners.groupby("tier", sort=True)):
        colour, shape = PALETTE[number % len(PALETTE)], _MARKS[number % len(_MARKS)]
        points = ax.scatter(some["plays"], some["worth"], s=14, alpha=0.55, c=colour, marker=shape)
        points.set(linewidth=0, label=f"{no_formula(tier)} ({len(some):,})")
    whole = data.drop_duplicates("user_id")["money"].sum() / data["plays"].sum()
    ax.axhline(float(whole), color="black", label="pro rata: all streams")
    if mark is not None:
        name = no_formula(shortened(mark))
        ax.plot(*listeners.loc[mark, ["plays", "worth"]], "k*", markersize=15, label=name, ls="")
    ax.set(xscale="log", yscale="log", xlabel="Streams (number)", ylabel=f"A stream ({unit})")
    plain_logs(ax.xaxis)
    plain_logs(ax.yaxis)
    with boxes_for_strange_letters():
        ax.legend()
    return ax


def _listeners(data: "pd.DataFrame") -> "pd.DataFrame":
    """One row a listener: plays, money, tier, worth."""
    import pandas as pd

    missing = [name for name in _NEEDED if name not in data.columns]
    if missing:
        raise TableError(
            "draw the worth of streams",
            got=f"a table without the column {missing[0]!r}",
            expected="the columns " + ", ".join(_NEEDED),
            hint=closest(missing[0], map(str, data.columns)),
        )
    groups = data.groupby("user_id")
    tier = groups["tier"].first().astype(str) if "tier" in data.columns else "listeners"
    table = pd.DataFrame({"plays": groups["plays"].sum(), "money": groups["money"].first()})
    table = table.assign(tier=tier, worth=table["money"] / table["plays"])
    table = table[(table["plays"] > 0) & (table["money"] > 0)]
    if table.empty:
        raise InputError(
            "draw the worth of streams",
            got="no listener with streams and money",
            expected="one or more",
            hint="look at the columns plays and money",
        )
    return table
