"""Pictures of what follows what in a recording."""

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd

from musictools.errors import TableError, closest
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    name_rows,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("start_s", "end_s", "label")
_HEIGHT, _TINT, _POINTS = 0.82, 0.45, 7.5
_FILLED = 0.97  # a name may fill so much of its span


def spans(
    table: "pd.DataFrame | Mapping[str, pd.DataFrame]",
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw labelled spans of time, such as chords, sections or the keys of a song.

    Parameters
    ----------
    table : pandas.DataFrame or mapping of str to pandas.DataFrame
        Columns ``start_s``, ``end_s`` (seconds) and ``label``, as ``mt.audio.chords`` and
        ``mt.audio.sections`` give them. A mapping draws a row for each table, the first on top,
        with its name on the left.
    start_s, end_s : float, optional
        Stretch to draw, in seconds; all without them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: seconds across. A label has one colour throughout, and its name stands
        where there is room for it.

    Raises
    ------
    TableError
        If a table lacks a column.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> found = {"start_s": [0.0, 8.0], "end_s": [8.0, 20.0], "label": ["A", "B"]}
    >>> ax = mt.plot.spans(pd.DataFrame(found))
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('Time (s)', ['A', 'B'])
    >>> plt.close(ax.figure)
    """
    rows = {"": table} if isinstance(table, pd.DataFrame) else dict(table)
    for one in rows.values():
        _check(one)
    ax = axes_or_current(ax)
    filled = [one for one in rows.values() if len(one)]
    first = min((float(one["start_s"].min()) for one in filled), default=0.0)
    last = max((float(one["end_s"].max()) for one in filled), default=first + 1.0)
    begin, end = (first if start_s is None else start_s, last if end_s is None else end_s)
    ax.set(xlabel="Time (s)", xlim=(begin, end), ylim=(max(len(rows), 1) - 0.5, -0.5))
    amounts_in_full(ax, "x")
    name_rows(ax, range(len(rows)), list(rows))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False)
    inside = [_named(one[(one["end_s"] > begin) & (one["start_s"] < end)]) for one in rows.values()]
    # Colours are few: labels that are not to be seen take none.
    labels = dict.fromkeys(label for one in inside for label in one["label"])
    colours = dict(zip(labels, cycle(PALETTE), strict=False))
    figure = ax.get_figure(root=True)
    if any(rows) and figure is not None:
        # Names of rows make the axes narrower, and then fewer names of spans have room.
        with boxes_for_strange_letters():
            figure.draw_without_rendering()
    for height, one in enumerate(inside):
        if len(one):
            _draw(ax, one, height, colours)
    return ax


def _named(table: "pd.DataFrame") -> "pd.DataFrame":
    """Give spans without a label an empty one: one NaN is not another."""
    label = table["label"].astype(object)
    return table.assign(label=label.where(label.notna(), ""))


def _draw(ax: "Axes", table: "pd.DataFrame", height: int, colours: Mapping[object, str]) -> None:
    """Draw the spans of one row, and the names that fit into theirs."""
    starts, ends = (table[name].clip(*ax.get_xlim()) for name in ("start_s", "end_s"))
    faces = [(colours[label], _TINT) for label in table["label"]]
    bars = ax.barh(
        [height] * len(table), ends - starts, _HEIGHT, starts, color=faces, edgecolor="#555555"
    )
    for bar, label in zip(bars, table["label"], strict=True):
        middle = bar.get_x() + bar.get_width() / 2
        words = no_formula(label)  # a name is no formula
        text = ax.text(middle, height, words, ha="center", va="center", size=_POINTS)
        box, room = text.get_window_extent(), bar.get_window_extent()
        if box.width > _FILLED * room.width or box.height > room.height:
            text.remove()


def _check(table: "pd.DataFrame") -> None:
    for name in _COLUMNS:
        if name not in table.columns:
            raise TableError(
                "draw spans",
                got=f"a table without the column {name!r}",
                expected="the columns start_s, end_s and label",
                hint=closest(name, map(str, table.columns)),
            )
