"""Pictures of what two catalogues have in common."""

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from musictools._result import Result
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_STATES = ("matched", "ambiguous", "none")
#: The surest first.
_METHODS = ("pin", "id", "relation", "isrc", "upc", "fuzzy", "")
_LACKING = "nothing like it"


def matches(data: "pd.DataFrame | Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how many rows of a catalogue were matched, and by what.

    Parameters
    ----------
    data : pandas.DataFrame or Resolution
        What ``mt.collect.resolve`` gave, or its table: columns ``left_id``, ``state``, ``method``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a bar for each state, of rows of the left catalogue, in the colours of
        the methods.

    Raises
    ------
    TableError
        If the table lacks a column.
    InputError
        If it has no rows.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> lines = pd.DataFrame({"left_id": ["a", "b"], "state": ["matched", "none"],
    ...                       "method": ["isrc", ""]})
    >>> ax = mt.plot.matches(lines)
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['matched', 'ambiguous', 'none']
    >>> plt.close(ax.figure)
    """
    frame = data.to_frame() if isinstance(data, Result) else data
    columns = list(getattr(frame, "columns", ()))
    for name in ("left_id", "state", "method"):
        if name not in columns:
            raise TableError(
                "draw matches",
                got=f"a table without the column {name!r}",
                expected="the columns left_id, state and method",
                hint=closest(name, map(str, columns)) if columns else "mt.collect.resolve(...)",
            )
    if frame.empty:
        raise InputError(
            "draw matches", got="no rows", expected="what resolve() gave of a catalogue with rows",
            hint="look at the left catalogue",
        )  # fmt: skip
    rows = frame.drop_duplicates("left_id")
    counts = rows.groupby(["state", "method"]).size()
    ax = axes_or_current(ax)
    colours = dict(zip(_METHODS, PALETTE, strict=False)) | {"": "0.7"}
    done = dict.fromkeys(_STATES, 0)
    for method in _METHODS:
        widths = [int(counts.get((state, method), 0)) for state in _STATES]
        if any(widths):
            left = list(done.values())
            label = method or _LACKING
            ax.barh(_STATES, widths, left=left, color=colours[method], label=label)
            done = {state: done[state] + n for state, n in zip(_STATES, widths, strict=True)}
    for i, total in enumerate(done.values()):
        ax.text(total, i, f" {total:,}", va="center", fontsize="small")
    ax.set(xlabel="Rows of the left catalogue (number)", ylabel="", ylim=(len(_STATES) - 0.5, -0.5))
    ax.set_xlim(0, max(done.values()) * 1.15)
    amounts_in_full(ax, "x")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(visible=False, axis="y")
    # Above: inside, it would lie on the bar of those without a match.
    ax.legend(title="Found by", loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    return ax
