"""Pictures of what was paid."""

from itertools import cycle
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import offset_copy

from musictools._counts import counted
from musictools._result import Result
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    labels_that_fit,
    legend_beside,
)
from musictools.plot._words import no_formula, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NEEDED = ("payer", "period", "currency", "net")
_BAR = 0.85
#: So many payers have a colour of their own; the rest is drawn together.
_COLOURS = 7
_REST, _REST_COLOUR = "all others", "#999999"
#: Months between ticks.
_STEPS = (1, 3, 12, 24, 60, 120)


def royalties(data: "pd.DataFrame | Result", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what each payer paid in each period, and where a period is missing.

    Parameters
    ----------
    data : pandas.DataFrame or Reconciliation
        A `royalties` table, or what ``mt.collect.reconcile`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: bars of net, the payers stacked, small ones together where there are
        many; a cross above them for each period that a payer lacks between their first and last.
        With several currencies it is divided into a panel for each, as its ``child_axes``: their
        bars have no common scale. The title says how many lines have neither month nor quarter,
        and are not drawn.

    Raises
    ------
    TableError
        If the table lacks a column.
    InputError
        If it has no line, or no month or quarter.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.royalties(mt.datasets.load_label().royalties)
    >>> ax.get_ylabel(), [text.get_text() for text in ax.get_legend().get_texts()][0]
    ('Net (USD)', 'Ebbtide Licensing')
    >>> plt.close(ax.figure)
    """
    sums, unplaced = _sums(data)
    ax = axes_or_current(ax)
    if unplaced:
        ax.set_title(
            f"Not drawn: {counted(unplaced, 'line')} without month or quarter", fontsize="small"
        )
    payers = sorted(set(sums["shown"]) - {_REST})
    colours = dict(zip(payers, cycle(PALETTE), strict=False)) | {_REST: _REST_COLOUR}
    fit = labels_that_fit(ax, len("2025-01"))
    currencies = sorted(sums["currency"].unique())
    panels = [ax] if len(currencies) == 1 else _panels(ax, len(currencies))
    lost = False
    for panel, currency in zip(panels, currencies, strict=True):
        lost |= _draw(panel, sums[sums["currency"] == currency], colours)
        _label(panel, currency, fit)
    if len(panels) > 1:
        for panel in panels:
            # On its side, the words of one panel would run into those of the next.
            panel.yaxis.label.set(rotation="horizontal", ha="right", va="center")
            panel.set_xlabel(panel.get_xlabel() if panel is panels[-1] else "")
    with boxes_for_strange_letters():
        names = dict.fromkeys(
            sums["shown"].sort_values(key=lambda name: name == _REST, kind="stable")
        )
        handles: list[Any] = [
            Patch(color=colours[n], label=no_formula(shortened(n))) for n in names
        ]
        if lost:
            cross = Line2D([], [], color="#555555", marker="x", linestyle="", label="no statement")
            handles.append(cross)
        legend_beside(ax, handles)
    return ax


def _panels(ax: "Axes", count: int) -> list["Axes"]:
    """Divide axes into panels below each other."""
    ax.set_axis_off()
    height = 1 / count
    return [ax.inset_axes((0, 1 - (row + 0.84) * height, 1, 0.76 * height)) for row in range(count)]


def _sums(data: "pd.DataFrame | Result") -> tuple["pd.DataFrame", int]:
    """Sum up what was paid, and count the lines whose period has no place in time."""
    import pandas as pd

    frame: Any = getattr(data, "totals", None) if isinstance(data, Result) else data
    columns = list(frame.columns) if isinstance(frame, pd.DataFrame) else []
    for name in _NEEDED:
        if name not in columns:
            raise TableError(
                "draw royalties",
                got=f"a table without the column {name!r}"
                if columns
                else f"an object of type {type(frame).__name__}",
                expected="a pandas.DataFrame with the columns payer, period, currency and net",
                hint=closest(name, map(str, columns)) if columns else "mt.collect.read(path).table",
            )
    known = frame[[_place(str(period)) is not None for period in frame["period"]]]
    if known.empty:
        raise InputError(
            "draw royalties",
            got="no line with a month or a quarter",
            expected="periods such as 2025-03 or 2025-Q1",
            hint="look at the problems of what was read",
        )
    floats = known.assign(
        net=known["net"].astype(float),
        payer=known["payer"].astype(object).fillna("unknown payer"),
        currency=known["currency"].astype(object).fillna("no currency"),
    )
    sums: pd.DataFrame = floats.groupby(["currency", "payer", "period"], as_index=False)[
        "net"
    ].sum()
    # Currencies do not add up: a payer is as large as their shares of each.
    share = sums["net"].abs() / sums.groupby("currency")["net"].transform(
        lambda net: net.abs().sum()
    )
    size = share.groupby(sums["payer"]).sum().sort_values(ascending=False, kind="stable")
    small = list(size.index[_COLOURS:]) if len(size) > _COLOURS + 1 else []
    shown = sums["payer"].where(~sums["payer"].isin(small), _REST)
    return sums.assign(shown=shown), len(frame) - len(known)


def _place(period: str) -> tuple[float, float] | None:
    """Give the first month of a period, counted from the year 0, and how many it has."""
    year, _, part = period.partition("-")
    if not (year.isdecimal() and year.isascii()):
        return None
    if part.startswith("Q") and part[1:] in {"1", "2", "3", "4"}:
        return int(year) * 12.0 + int(part[1:]) * 3 - 3, 3.0
    if len(part) == 2 and part.isdecimal() and 1 <= int(part) <= 12:
        return int(year) * 12.0 + int(part) - 1, 1.0
    return None


def _draw(ax: "Axes", sums: "pd.DataFrame", colours: dict[str, str]) -> bool:
    """Draw the bars of one currency and the crosses; tell whether there are any of these."""
    up: dict[float, float] = {}
    down: dict[float, float] = {}
    gaps: dict[tuple[float, str], None] = {}
    shown: Any
    for (shown, _), part in sums.groupby(["shown", "payer"]):
        there = {place: net for p, net in zip(part["period"], part["net"], strict=True)
                 if (place := _place(str(p))) is not None}  # fmt: skip
        below = []
        for (start, _), net in there.items():
            side = up if net >= 0 else down
            below.append(side.get(start, 0.0))
            side[start] = below[-1] + net
        # All at once: a call for each bar takes half as long again.
        ax.bar(
            [start for start, _ in there], list(there.values()), [w * _BAR for _, w in there],
            bottom=below, align="edge", color=colours[shown],
        )  # fmt: skip
        for width in {width for _, width in there}:
            own = sorted(start for start, each in there if each == width)
            steps = range(round((own[-1] - own[0]) / width))
            lost = {own[0] + i * width for i in steps} - set(own)
            gaps |= dict.fromkeys((start + (width - 1) / 2, shown) for start in sorted(lost))
    _marks(ax, list(gaps), up, colours)
    return bool(gaps)


def _label(ax: "Axes", currency: str, fit: int) -> None:
    """Name the axes; write no more months than fit."""
    first, last = ax.dataLim.intervalx
    for step in _STEPS:
        months = range(-int(-first // step) * step, int(last) + 1, step)
        if len(months) <= fit:
            break
    ax.axhline(0, color="#555555", linewidth=0.8)
    ax.set_xticks(months, [f"{m // 12}-{m % 12 + 1:02d}" for m in months])
    ax.set(xlabel="Month (year-month)", ylabel=f"Net ({currency})")
    amounts_in_full(ax, "y")
    ax.grid(visible=False, axis="x")


def _marks(
    ax: "Axes", gaps: list[tuple[float, str]], tops: dict[float, float], colours: dict[str, str]
) -> None:
    """Put a cross above the bars for each period that is missing, in the payer's colour."""
    higher: dict[float, int] = {}
    for place, payer in gaps:
        row = higher.get(place, 0)
        higher[place] = row + 1
        figure = ax.get_figure(root=True)
        above = offset_copy(ax.transData, figure, y=7 + 9 * row, units="points")
        ax.plot(
            place + 0.5 * _BAR, tops.get(place, 0.0), marker="x", markersize=6, markeredgewidth=2,
            color=colours[payer], transform=above, clip_on=False, zorder=3,
        )  # fmt: skip
