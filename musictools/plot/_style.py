"""The house style, for as long as a ``with`` block lasts."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
from cycler import cycler

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

#: Eight colours that colour-blind readers tell apart (M. Okabe, K. Ito, 2008), best first on white.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#F0E442",
    "#000000",
)

#: Fonts of the usual systems with the letters that Matplotlib's own font lacks.
_EAST_ASIAN = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Hiragino Sans",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
)

_SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#555555",
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    # Whole dates at every tick run into each other.
    "date.converter": "concise",
    "figure.constrained_layout.use": True,
    "figure.dpi": 110,
    # Opaque white, so that black labels stay readable in a dark notebook.
    "figure.facecolor": "white",
    "figure.figsize": (8.0, 3.6),
    "font.size": 10.0,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "image.cmap": "magma",
    "legend.frameon": False,
    "savefig.facecolor": "white",
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in the house style inside a ``with`` block.

    Yields
    ------
    None
        Matplotlib's settings are as before when the block ends.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> with mt.plot.style():
    ...     figure, ax = plt.subplots()
    >>> ax.spines["top"].get_visible()
    False
    >>> plt.close(figure)
    """
    with mpl.rc_context(_SETTINGS | {"font.family": _fonts()}):
        yield


@contextlib.contextmanager
def boxes_for_strange_letters() -> Iterator[None]:
    """Draw letters that no font has as boxes, without a warning for each: the box says it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        yield


def axes_or_current(ax: "Axes | None") -> "Axes":
    """Give the axes, or the current ones of pyplot, which takes its time to load."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.gca()


def labels_that_fit(ax: "Axes", letters: int) -> int:
    """Say how many labels of so many letters stand side by side below axes, one at least."""
    from matplotlib.font_manager import FontProperties

    dots = getattr(ax.figure, "dpi", mpl.rcParams["figure.dpi"])
    # What stands left of the axes may take some of their width when the layout is made.
    width_pt = ax.bbox.width / dots * 72 - 36
    letter_pt = 0.64 * FontProperties(size=mpl.rcParams["xtick.labelsize"]).get_size_in_points()
    return max(1, int(width_pt / (letter_pt * (letters + 1.5))))


def amounts_in_full(ax: "Axes", which: Literal["x", "y"]) -> None:
    """Write the numbers of an axis in full: no power of ten aside, and no more than fit."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = ax.xaxis if which == "x" else ax.yaxis
    if which == "x":
        longest = max(len(_in_full(round(end), 0)) for end in ax.get_xlim())
        steps = min(8, max(2, labels_that_fit(ax, longest) - 1))
        axis.set_major_locator(MaxNLocator(nbins=steps, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(_in_full))


def plain_logs(axis: "Axis") -> None:
    """Write 1, 2 and 5 of each power on a logarithmic axis in full, since it spans little."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(_in_full))
    axis.set_minor_formatter(NullFormatter())


def _in_full(value: float, _: object) -> str:
    return f"{value:,.10g}".replace("-", "\u2212")


def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _EAST_ASIAN if name in there)]
