"""The house style, for as long as a ``with`` block lasts."""

import contextlib
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
from cycler import cycler

from musictools.plot._words import no_formula, shortened

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

#: What legends call a line of what chance alone does.
CHANCE = "chance"
#: Letters of a name beside the axes, where they would take the width of these.
_BESIDE = 32
#: Smaller letters cannot be read.
_SMALLEST_PT = 4.0
#: So many lines of a legend hide little.
_FEW_GROUPS = 5
#: How wide a letter is, of the size of the font.
_LETTER = 0.64
#: Letters of a name that is left in however narrow a picture.
_FEWEST = 8
#: A logarithmic axis up to here has room for more than its powers of ten.
_FEW_POWERS = 1_000.0
#: Between fewer ticks nobody can read a value.
_FEWEST_TICKS = 4
_NEAR = 10.0
_LARGE = 1e6

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
    # What stands left of the axes may take some of their width when the layout is made.
    width_pt = _side_pt(ax, "x") - 36
    letter_pt = _LETTER * _size_pt("xtick.labelsize")
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
    """Write powers of ten in full on a logarithmic axis, and more where it spans little."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    low, high = axis.get_view_interval()
    most = labels_that_fit(axis.axes, len(_in_full(high, 0))) if axis is axis.axes.xaxis else 12
    if high < _NEAR * low:
        # Within less than a power there may be one of these, or none.
        axis.set_major_locator(MaxNLocator(5))
    elif high <= _FEW_POWERS * low:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    else:
        axis.set_major_locator(LogLocator(numticks=max(most, _FEWEST_TICKS)))
    axis.set_major_formatter(FuncFormatter(_in_full))
    axis.set_minor_formatter(NullFormatter())


def name_rows(ax: "Axes", places: Sequence[float], names: Sequence[object]) -> float:
    """Write names left of axes whose limits are set; long ones are cut, many are small.

    Returns the size of the letters in points, for what is written beside the rows.
    """
    import numpy as np

    low, high = ax.get_ylim()
    gaps = np.diff(np.sort(places)) / abs(high - low)
    row_pt = _side_pt(ax, "y") * float(gaps.min(initial=1.0))
    size = min(_size_pt("ytick.labelsize"), max(_SMALLEST_PT, 0.8 * row_pt))
    letters = max(_FEWEST, int(0.6 * _side_pt(ax, "x") / (_LETTER * size)))
    texts = [shortened(shortened(str(name)), letters) for name in names]
    ax.set_yticks(places, list(map(no_formula, texts)), fontsize=size)
    return size


def name_columns(ax: "Axes", places: Sequence[float], names: Sequence[object]) -> None:
    """Write names below axes, cut where they are long, and aslant where they would collide."""
    texts = [shortened(str(name), _BESIDE) for name in names]
    aslant = len(texts) > labels_that_fit(ax, max(map(len, texts), default=0))
    ax.set_xticks(
        places, list(map(no_formula, texts)), rotation=30 if aslant else 0,
        ha="right" if aslant else "center", rotation_mode="anchor" if aslant else "default",
    )  # fmt: skip


def legend_beside(
    ax: "Axes", handles: Sequence[Any] | None = None, *, title: str | None = None
) -> None:
    """Put the legend to the right of axes, where it hides nothing, in columns that fit."""
    handles = chance_last(ax) if handles is None else handles
    # Cut before dollars are escaped, so that none is parted from its backslash.
    labels = [str(handle.get_label()).replace(r"\$", "$") for handle in handles]
    rows = max(1, int(_side_pt(ax, "y") / (1.6 * _size_pt("small"))) - (title is not None))
    ax.legend(
        handles, [no_formula(shortened(text, _BESIDE)) for text in labels], title=title,
        fontsize="small",
        loc="upper left", bbox_to_anchor=(1, 1), ncols=max(1, -(-len(labels) // rows)),
    )  # fmt: skip


def chance_last(ax: "Axes") -> list[Any]:
    """Give what a legend tells, a line called chance after what is compared with it."""
    handles = ax.get_legend_handles_labels()[0]
    return sorted(handles, key=lambda handle: handle.get_label() == CHANCE)


def legend_of_groups(ax: "Axes") -> None:
    """Put a legend of few groups where it finds room, and one of many beside the axes."""
    handles = chance_last(ax)
    if len(handles) > _FEW_GROUPS:
        legend_beside(ax, handles)
    else:
        ax.legend(handles=handles, fontsize="small")


def small_title(ax: "Axes", text: str) -> None:
    """Set a sentence over axes, in lines no longer than these are wide."""
    letters = int(_side_pt(ax, "x") / (_LETTER * _size_pt("small")))
    ax.set_title(textwrap.fill(text, max(_FEWEST, letters)), fontsize="small")


def _side_pt(ax: "Axes", which: Literal["x", "y"]) -> float:
    dots = getattr(ax.figure, "dpi", mpl.rcParams["figure.dpi"])
    return float((ax.bbox.width if which == "x" else ax.bbox.height) / dots * 72)


def _size_pt(size: str) -> float:
    from matplotlib.font_manager import FontProperties

    known: dict[str, Any] = dict(mpl.rcParams.items())
    return float(FontProperties(size=known.get(size, size)).get_size_in_points())


def _in_full(value: float, _: object) -> str:
    # Ten digits are enough to hide what a float has too much, and too few for whole billions.
    text = f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:,.10g}"
    if "e" in text:
        text = f"{value:.10f}".rstrip("0").rstrip(".")
    return text.replace("-", "\u2212")


def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _EAST_ASIAN if name in there)]
