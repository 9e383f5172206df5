"""Pictures of who gets what, and of what is still to be recouped."""

from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    labels_that_fit,
    legend_beside,
    name_rows,
)
from musictools.plot._words import no_formula, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from musictools.economics._splits import Split
    from musictools.economics._statement import Statement

_EVEN = "#555555"


def splits(split: "Split", *, ax: "Axes | None" = None) -> "Axes":
    """Draw who keeps what of a gross amount, a bar for each payee that begins where the last ends.

    Parameters
    ----------
    split : Split
        What ``mt.economics.split_income`` gave.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with the amount and the share of the gross at each bar; without payees
        who pass on all that they were given.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> from musictools.economics import Step
    >>> split = mt.economics.split_income(100, [Step("platform", "0.3"), Step("label")])
    >>> ax = mt.plot.splits(split)
    >>> [text.get_text() for text in ax.texts]
    ['30.00 (30.0 %)', '70.00 (70.0 %)']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    frame: Any = split.to_frame()
    frame = frame[frame["amount"] != 0]
    whole = float(split.gross)
    ax.set_ylim(max(len(frame), 1) - 0.5, -0.5)
    size = 0.85 * name_rows(ax, range(len(frame)), list(frame["payee"]))
    begin = 0.0
    with boxes_for_strange_letters():
        for place, row in enumerate(frame.itertuples()):
            amount = float(row.amount)
            colour = PALETTE[place % (len(PALETTE) - 1)]
            ax.barh(place, amount, 0.65, left=begin, color=colour)
            end = begin + amount
            text = f"{row.amount:,.2f} ({row.share * 100:.1f} %)".replace("-", "\u2212")
            # Where the bar ends far to the right, its text would leave the picture; where there
            # is no room to the left either, it stands on the bar, which is long then.
            far = (begin + end) / 2 > 0.6 * whole
            left = (min(begin, end) - min(whole, 0.0)) / (abs(whole) or 1.0)
            before = far and left * labels_that_fit(ax, len(text)) > 1
            ax.annotate(
                text, (min(begin, end) if far else max(begin, end), place),
                (-4 if before else 4, 0), textcoords="offset points",
                ha="right" if before else "left", va="center", fontsize=size,
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )  # fmt: skip
            if place < len(frame) - 1:
                ax.plot([end, end], [place, place + 0.5], color=_EVEN, lw=0.8)
            begin = end
    ax.set(xlabel=f"Amount ({split.currency})" if split.currency else "Amount")
    amounts_in_full(ax, "x")
    ax.grid(visible=False, axis="y")
    return ax


def recoupment(statement: "Statement", *, unit: str = "", ax: "Axes | None" = None) -> "Axes":
    """Draw the balance that is still to be recouped, and what is paid, period by period.

    Parameters
    ----------
    statement : Statement
        What ``mt.economics.statement`` gave.
    unit : str
        Currency, for the axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: below zero a line for each deal, the closing balance as what the artist
        still owes; above, bars of what is paid.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> cash = pd.DataFrame({"period": [1, 2, 3], "revenue": [100_000] * 3})
    >>> deal = mt.economics.royalty_deal("0.2", advance=30_000)
    >>> ax = mt.economics.statement(deal, cash).plot()
    >>> ax.lines[0].get_ydata().tolist()
    [-10000.0, 0.0, 0.0]
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = statement.table
    periods = list(dict.fromkeys(table["period"]))
    places = range(len(periods))
    names = list(dict.fromkeys(table["deal"]))
    width = 0.7 / len(names)
    for number, name in enumerate(names):
        own = table[table["deal"] == name]
        colour = PALETTE[number % len(PALETTE)]
        shift = (number - (len(names) - 1) / 2) * width
        owed = [0.0 - float(value) for value in own["closing"]]
        ax.plot(places, owed, "o-", color=colour, markersize=4, label="to be recouped")
        paid = [float(value) for value in own["paid"]]
        at = [place + shift for place in places]
        ax.bar(at, paid, width, color=colour, alpha=0.45, label="paid")
    ax.axhline(0, color=_EVEN, linewidth=0.8)
    several = len(names) > 1
    # No more names of periods than can be read; a legend at the side takes some of their room.
    texts = [_short(period) for period in periods]
    fit = min(8, labels_that_fit(ax, max(map(len, texts)) + 3 * several))
    step = -(-len(periods) // fit)
    ax.set_xticks(list(places)[::step], texts[::step])
    ax.set(xlabel="Period", ylabel=f"Amount ({unit})" if unit else "Amount")
    amounts_in_full(ax, "y")
    if not several:
        ax.legend(fontsize="small")
        return ax
    with boxes_for_strange_letters():
        handles: list[Any] = [
            Patch(color=PALETTE[number % len(PALETTE)], label=no_formula(shortened(str(name))))
            for number, name in enumerate(names)
        ]
        handles.append(Line2D([], [], color=_EVEN, marker="o", ms=4, label="to be recouped"))
        handles.append(Patch(color=_EVEN, alpha=0.45, label="paid"))
        legend_beside(ax, handles)
    return ax


def _short(period: object) -> str:
    return no_formula(str(period).removesuffix(" 00:00:00"))
