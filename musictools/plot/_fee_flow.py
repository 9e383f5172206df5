"""The way of one fee."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError, TableError, closest
from musictools.plot._style import PALETTE, axes_or_current, boxes_for_strange_letters
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

_NEEDED = ("artist_id", "played", "amount")
_PLAYED, _OTHERS, _KEPT = PALETTE[0], PALETTE[4], "#777777"
_WIDTH = 0.06


def fee_flow(
    flow: "pd.DataFrame",
    *,
    names: "Mapping[Any, str] | None" = None,
    top: int = 6,
    unit: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw where the fee of one subscriber goes.

    Parameters
    ----------
    flow : pandas.DataFrame
        What ``mt.economics.follow_fee`` gave.
    names : mapping of id to str, optional
        Names of artists; otherwise their ids are written.
    top : int, default: 6
        How many artists to draw one by one whom the subscriber played; all others are summed up.
    unit : str, optional
        What the fee is in, such as ``"EUR"``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the fee at the left, and bands as high as what goes to artists whom the
        subscriber played (blue), to all others (orange), and what the platform keeps (grey).

    Raises
    ------
    TableError
        If a column is missing.
    InputError
        If there is no money, or the number of artists cannot be.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> ax = mt.plot.fee_flow(mt.economics.follow_fee(plays, "a", fee=10), unit="EUR")
    >>> [text.get_text() for text in ax.texts]
    ['Joey: 1.00', '1 artist not played: 9.00']
    >>> plt.close(ax.figure)
    """
    bands = _bands(flow, names or {}, top)
    whole = sum(amount for _, amount, _ in bands)
    ax = axes_or_current(ax)
    gap = 0.035 * whole
    level, below = whole, whole + gap * (len(bands) - 1) / 2
    ax.bar(-_WIDTH / 2, whole, _WIDTH, color="#222222")
    x = np.linspace(0, 1, 60)
    # From one level to another, flat at both ends.
    bend = x * x * (3 - 2 * x)
    where = _labels([amount for _, amount, _ in bands], below, gap, 0.062 * whole)
    with boxes_for_strange_letters():
        for (text, amount, colour), at in zip(bands, where, strict=True):
            ax.fill_between(
                x, level + (below - level) * bend, level - amount + (below - level) * bend,
                color=colour, alpha=0.4, linewidth=0,
            )  # fmt: skip
            ax.bar(1 + _WIDTH / 2, -amount, _WIDTH, bottom=below, color=colour)
            written = f"{text}: {amount:,.2f}" if whole >= 0.5 else f"{text}: {amount:.2g}"
            middle = below - amount / 2
            ax.plot([1 + _WIDTH, 1.13], [middle, at], color=colour, linewidth=0.8)
            ax.text(1.14, at, no_formula(written), va="center", fontsize="small")
            level, below = level - amount, below - amount - gap
    ax.set(xlim=(-0.1, 2.0), ylabel=f"Fee ({unit})" if unit else "Fee")
    ax.set_xticks([])
    ticks = [each for each in ax.get_yticks() if 0 <= each <= whole * 1.001]
    ax.set_yticks(ticks)
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    return ax


def _labels(amounts: list[float], top: float, gap: float, least: float) -> list[float]:
    """Give heights at which labels do not run into each other, from the top down."""
    middles, edge = [], top
    for amount in amounts:
        middles.append(edge - amount / 2)
        edge -= amount + gap
    for i in range(1, len(middles)):
        middles[i] = min(middles[i], middles[i - 1] - least)
    # Pushed down as little as can be, and up again where that went below the picture.
    floor = edge + gap
    for i in reversed(range(len(middles))):
        middles[i] = max(middles[i], floor)
        floor = middles[i] + least
    return middles


def _bands(
    flow: "pd.DataFrame", names: "Mapping[Any, str]", top: Any
) -> list[tuple[str, float, str]]:
    """Give text, amount and colour of each band that is not empty."""
    columns = [str(each) for each in getattr(flow, "columns", ())]
    for name in _NEEDED:
        if name not in columns:
            raise TableError(
                "draw the way of a fee",
                got=f"a table without the column {name!r}",
                expected="the columns " + ", ".join(_NEEDED),
                hint=f"{closest(name, columns)}; or mt.economics.follow_fee(plays, user_id)",
            )
    if not isinstance(top, int) or top < 0 or flow["amount"].sum() <= 0:
        raise InputError(
            "draw the way of a fee",
            got=f"{flow['amount'].sum():g} of money, and top={top!r}",
            expected="money above 0, and a number of artists",
            hint="follow the fee of somebody who pays one",
        )
    kept = flow["artist_id"].isna()
    played = flow[flow["played"] & ~kept & (flow["amount"] > 0)]
    others = flow[~flow["played"] & ~kept & (flow["amount"] > 0)]
    first = played.nlargest(top, "amount") if len(played) > top + 1 else played
    rest = played.drop(first.index)
    bands = [
        (str(names.get(artist, artist)), float(amount), _PLAYED)
        for artist, amount in zip(first["artist_id"], first["amount"], strict=True)
    ]
    if len(rest):
        bands.append((f"{len(rest):,} more that were played", float(rest["amount"].sum()), _PLAYED))
    if len(others):
        word = "artist" if len(others) == 1 else "artists"
        amount = float(others["amount"].sum())
        bands.append((f"{len(others):,} {word} not played", amount, _OTHERS))
    if float(flow.loc[kept, "amount"].sum()) > 0:
        bands.append(("kept by the platform", float(flow.loc[kept, "amount"].sum()), _KEPT))
    return bands
