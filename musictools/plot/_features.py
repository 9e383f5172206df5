"""Pictures of a features table."""

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.transforms import Bbox

from musictools._units import label
from musictools.errors import TableError, closest
from musictools.plot._style import PALETTE, boxes_for_strange_letters
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# More rows than this are taller than a usual picture.
_LEGEND_ROWS = 10


def features(
    data: "pd.DataFrame",
    *,
    x: str,
    y: str,
    hue: str | None = None,
    style: str | None = None,
    text: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw one column of a features table against another, a point for each recording.

    Parameters
    ----------
    data : pandas.DataFrame
        What ``mt.audio.extract`` gave, perhaps joined with columns of your own.
    x, y : str
        Columns of numbers.
    hue, style : str, optional
        Columns that choose the colour and the marker.
    text : str, optional
        Column whose words stand beside each point, such as the title.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, labelled with units. Recordings without a number are left out.

    Raises
    ------
    TableError
        If the table lacks a column.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> table = pd.DataFrame({"tempo_bpm": [90.0, 120.0], "integrated_lufs": [-14.0, -9.0]})
    >>> ax = mt.plot.features(table, x="tempo_bpm", y="integrated_lufs")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Tempo (BPM)', 'Integrated loudness (LUFS)')
    >>> plt.close(ax.figure)
    """
    import seaborn as sns

    for name in filter(None, (x, y, hue, style, text)):
        if name not in data.columns:
            raise TableError(
                "draw features",
                got=f"a table without the column {name!r}",
                expected="a column of the table",
                hint=closest(name, map(str, data.columns)),
            )
    colours = None if hue is None else data[hue].nunique()
    ax = plt.gca() if ax is None else ax
    sns.scatterplot(
        data=data,
        x=x,
        y=y,
        hue=hue,
        style=style if style is not None else hue,
        # More kinds than colours would give two kinds one colour.
        palette=list(PALETTE[:colours]) if colours and colours <= len(PALETTE) else None,
        s=60,
        ax=ax,
    )
    ax.set(xlabel=label(x), ylabel=label(y))
    if hue is not None:
        rows = ax.get_legend_handles_labels()[1]
        ax.legend(
            title=label(hue),
            bbox_to_anchor=(1.01, 1),
            loc="upper left",
            ncols=-(-len(rows) // _LEGEND_ROWS),
            fontsize="small" if len(rows) > _LEGEND_ROWS else None,
        )
    if text is not None:
        with boxes_for_strange_letters():
            _write(ax, data[[x, y, text]].dropna())
    return ax


def _write(ax: "Axes", points: "pd.DataFrame") -> None:
    """Write words beside points, where neither other words nor other points are."""
    dots = ax.transData.transform(points.iloc[:, :2].to_numpy(dtype=float))
    around = [Bbox.from_extents(x - 6, y - 6, x + 6, y + 6) for x, y in dots]
    taken: list[Bbox] = []
    for place, (x, y, word) in enumerate(points.itertuples(index=False)):
        others = taken + around[:place] + around[place + 1 :]
        # Words run towards the middle first, so that none leaves the picture.
        side = 1 if dots[place][0] < ax.bbox.x0 + ax.bbox.width / 2 else -1
        for across, up in ((side, 0), (-side, 0), (side, 8), (-side, 8), (side, -8), (side, 16)):
            note = ax.annotate(
                no_formula(word),  # a dollar sign would begin a formula
                (x, y),
                xytext=(7 * across, up),
                textcoords="offset points",
                ha="left" if across > 0 else "right",
                va="center",
                fontsize="small",
            )
            box = note.get_window_extent()
            inside = ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1
            if up == 16 or (inside and not box.count_overlaps(others)):
                break
            note.remove()
        taken.append(box)
