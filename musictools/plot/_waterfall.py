"""From one amount to another, step by step."""

import textwrap
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from musictools._result import Result
from musictools.errors import InputError
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

_BAR = 0.65
_LEVEL, _UP, _DOWN = "#777777", PALETTE[2], PALETTE[1]


def waterfall(
    steps: "Mapping[str, Any] | pd.Series[Any] | Result",
    *,
    total: str | None = None,
    unit: str | None = None,
    digits: int = 2,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how an amount becomes another, a bar for each step.

    Parameters
    ----------
    steps : mapping of str to number, pandas.Series, or Change
        The amount to begin with, and then what each step adds or, below zero, takes away, in their
        order. Decimals and fractions are added exactly. Or what ``mt.collect.explain_change`` gave.
    total : str, optional
        Name of the last bar, the sum of all.
    unit : str, optional
        Unit of the amounts, such as ``"EUR"``.
    digits : int
        Decimals written at the bars.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, which begin at zero: whole amounts in grey, what is added in green, what
        is taken away in orange, each with its number and sign.

    Raises
    ------
    InputError
        If there are fewer than two steps, or one is no number.

    Examples
    --------
    >>> from decimal import Decimal
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> steps = {"Gross": Decimal("100.00"), "Fees": Decimal("-15.00")}
    >>> ax = mt.plot.waterfall(steps, total="Net", unit="EUR")
    >>> [text.get_text() for text in ax.texts]
    ['100.00', '\u221215.00', '85.00']
    >>> plt.close(ax.figure)
    """
    given: Any = steps
    if isinstance(steps, Result):
        given, total, unit = given.steps, total or given.after, unit or given.currency
    names = [*(str(name) for name, _ in given.items()), total or "Total"]
    amounts = _amounts(given)
    ends = [sum(amounts[: i + 1], Fraction(0)) for i in range(len(amounts))]
    begins = [Fraction(0), *ends[:-1]]
    ax = axes_or_current(ax)
    bars = [(0.0, float(amounts[0]), _LEVEL, _written(amounts[0], digits))]
    for begin, amount in zip(begins[1:], amounts[1:], strict=True):
        colour = _UP if amount >= 0 else _DOWN
        bars.append((float(begin), float(amount), colour, _written(amount, digits, sign=True)))
    bars.append((0.0, float(ends[-1]), _LEVEL, _written(ends[-1], digits)))
    with boxes_for_strange_letters():
        for place, (bottom, height, colour, text) in enumerate(bars):
            ax.bar(place, height, _BAR, bottom=bottom, color=colour, edgecolor=colour)
            ax.annotate(
                text, (place, max(bottom, bottom + height)), (0, 3), textcoords="offset points",
                ha="center", va="bottom", fontsize="small",
            )  # fmt: skip
        ax.set_xticks(range(len(bars)), [_label(name) for name in names])
    for place, end in enumerate(ends):
        # Thin lines carry the eye from one bar to the next.
        ax.plot([place + _BAR / 2, place + 1 - _BAR / 2], [float(end)] * 2, color="#555555", lw=0.8)
    ax.axhline(0, color="#555555", linewidth=0.8)
    tops = [max(bottom, bottom + height) for bottom, height, _, _ in bars]
    lows = [min(bottom, bottom + height) for bottom, height, _, _ in bars]
    low, high = min(*lows, 0.0), max(*tops, 0.0)
    room = 0.1 * (high - low or 1.0)
    ax.set_ylim(low - (room if low < 0 else 0.0), high + room)
    ax.set(ylabel=f"Amount ({unit})" if unit else "Amount")
    amounts_in_full(ax, "y")
    ax.grid(visible=False, axis="x")
    return ax


def _amounts(steps: "Mapping[str, Any] | pd.Series[Any]") -> list[Fraction]:
    try:
        found = [Fraction(each) for each in steps.to_numpy()] if hasattr(steps, "to_numpy") else [
            Fraction(each) for each in steps.values()
        ]  # fmt: skip
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(f"a step that is no finite number ({error})") from error
    if len(found) < 2:
        raise _refused(f"{len(found)} steps")
    return found


def _refused(got: str) -> InputError:
    return InputError(
        "draw a waterfall",
        got=got,
        expected="an amount, and what is added to it and taken away",
        hint='{"Gross": 100, "Fees": -15}',
    )


def _label(name: str) -> str:
    """Break a long name, and keep dollars from being read as formulas."""
    return no_formula(textwrap.fill(name, 12, break_long_words=False))


def _written(amount: Fraction, digits: int, *, sign: bool = False) -> str:
    """Write a number with a real minus, halves to even, as sums of money are."""
    scale = 10**digits
    number = Decimal(round(amount * scale)).scaleb(-digits)
    return f"{number:+,.{digits}f}".replace("-", "\u2212") if sign else (
        f"{number:,.{digits}f}".replace("-", "\u2212")
    )  # fmt: skip
