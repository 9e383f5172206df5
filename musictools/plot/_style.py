"""The house style, for as long as a ``with`` block lasts."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from cycler import cycler

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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


def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _EAST_ASIAN if name in there)]
