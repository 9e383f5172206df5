"""Plain charts that a browser and Matplotlib draw alike."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHES = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class Series:
    """One line, or one bar of each group.

    Attributes
    ----------
    name : str
        In the legend.
    y : list of float
        One for each ``x`` of the chart.
    """

    name: str
    y: list[float]


@dataclass(frozen=True)
class Chart:
    """Lines over numbers, or groups of bars.

    Attributes
    ----------
    kind : str
        ``"lines"`` or ``"bars"``.
    x : list
        Numbers of lines, names of groups.
    x_label, y_label : str
        With units.
    series : list of Series
        At most four.
    marks : list of float
        Places on the x axis of lines to draw attention to.
    """

    kind: Literal["lines", "bars"]
    x: list[Any]
    x_label: str
    y_label: str
    series: list[Series]
    marks: list[float]

    def told(self) -> dict[str, Any]:
        """Give it as the browser gets it."""
        return asdict(self)


def draw_chart(chart: Chart, *, title: str) -> "Axes":
    """Draw it in the house style, on a figure of its own.

    Parameters
    ----------
    chart : Chart
        What to draw.
    title : str
        Plain text above it.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    from matplotlib.figure import Figure

    from musictools.plot import style

    with style():
        ax = Figure(figsize=(8, 3.6)).subplots()
        if chart.kind == "lines":
            for number, one in enumerate(chart.series):
                ax.plot(chart.x, one.y, _DASHES[number % len(_DASHES)], label=one.name)
            for place in chart.marks:
                ax.axvline(place, color="#555555", linewidth=0.8, alpha=0.5)
        else:
            _draw_bars(ax, chart)
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.set_title(title, parse_math=False)
        ax.set(xlabel=chart.x_label, ylabel=chart.y_label)
        ax.legend()
    return ax


def _draw_bars(ax: "Axes", chart: Chart) -> None:
    wide = 0.8 / len(chart.series)
    places = np.arange(len(chart.x))
    for number, one in enumerate(chart.series):
        bars = ax.bar(places - 0.4 + (number + 0.5) * wide, one.y, 0.92 * wide, label=one.name)
        ax.bar_label(bars, fmt="{:,.0f}", fontsize=8)
    ax.set_xticks(places, chart.x)
    ax.grid(visible=False, axis="x")
    ax.margins(y=0.1)
