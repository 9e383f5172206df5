"""What a unit brings, by store and country."""

from typing import TYPE_CHECKING, Any

from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from musictools._counts import counted
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    legend_beside,
    name_rows,
    plain_logs,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_NEEDED = ("platform", "country", "units", "net", "currency")
_ROW = 0.8


def royalty_rates(
    royalties: "pd.DataFrame",
    *,
    least: float = 100,
    per: int = 1000,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw what a thousand units bring in each store and country, and how much that spreads.

    Parameters
    ----------
    royalties : pandas.DataFrame
        A `royalties` table in one currency.
    least : float
        Lines with fewer units are left out: amounts in cents tell no rate of a few units.
    per : int
        Of how many units.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a logarithmic scale: a box from the lower to the upper quartile of
        the lines of each store and country, with the median in it; whiskers to the last line within
        1.5 times its length; dots for lines beyond. The country with the highest median is on top.

    Raises
    ------
    TableError
        If the table lacks a column, or holds several currencies.
    InputError
        If no line has so many units and a net above zero.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.royalty_rates(mt.datasets.load_label().royalties)
    >>> ax.get_xlabel()
    'Net of 1,000 units (USD)'
    >>> plt.close(ax.figure)
    """
    rates, currency = _rates(royalties, least, per)
    ax = axes_or_current(ax)
    medians = rates.groupby("country")["rate"].median().sort_values(ascending=False)
    places = {country: place for place, country in enumerate(medians.index)}
    stores = sorted(rates["platform"].unique())
    thick = _ROW / len(stores)
    for at, store in enumerate(stores):
        colour = PALETTE[at % len(PALETTE)]
        own = rates[rates["platform"] == store]
        groups = [(places[c], some["rate"].to_numpy()) for c, some in own.groupby("country")]
        ax.boxplot(
            [values for _, values in groups],
            positions=[place + (at + 0.5) * thick - _ROW / 2 for place, _ in groups],
            widths=0.85 * thick, orientation="horizontal", patch_artist=True, manage_ticks=False,
            boxprops={"facecolor": colour, "edgecolor": colour, "alpha": 0.55},
            whiskerprops={"color": colour}, capprops={"color": colour},
            medianprops={"color": "black", "linewidth": 1.4},
            flierprops={"marker": "o", "markersize": 4, "markerfacecolor": colour,
                        "markeredgecolor": colour},
        )  # fmt: skip
    ax.set_xscale("log")
    plain_logs(ax.xaxis)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_ylim(len(places) - 0.5, -0.5)
    name_rows(ax, range(len(places)), list(places))
    ax.set(xlabel=f"Net of {counted(per, 'unit')} ({currency})")
    ax.grid(visible=False, axis="y")
    with boxes_for_strange_letters():
        handles: list[Any] = [
            Patch(color=PALETTE[i % len(PALETTE)], alpha=0.55, label=no_formula(store))
            for i, store in enumerate(stores)
        ]
        legend_beside(ax, handles)
    return ax


def _rates(royalties: "pd.DataFrame", least: float, per: int) -> "tuple[pd.DataFrame, str]":
    columns = list(getattr(royalties, "columns", ()))
    for name in _NEEDED:
        if name not in columns:
            raise TableError(
                "draw rates",
                got=f"a table without the column {name!r}",
                expected="the columns platform, country, units, net and currency",
                hint=closest(name, map(str, columns)) if columns else "mt.collect.read(path).table",
            )
    currencies = sorted(royalties["currency"].unique())
    if len(currencies) > 1:
        raise TableError(
            "draw rates",
            got="amounts in " + ", ".join(currencies),
            expected="one currency",
            hint=f"mt.collect.convert_currency(royalties, {currencies[0]!r})",
        )
    net = royalties["net"].astype(float)
    kept = royalties[["platform", "country"]].astype("str")
    kept = kept.assign(rate=per * net / royalties["units"].astype(float))
    kept = kept[(royalties["units"] >= max(least, 1)) & (net > 0)]
    if kept.empty:
        raise InputError(
            "draw rates",
            got=f"no line with {least:g} units or more and a net above zero",
            expected="some of them",
            hint="least=1",
        )
    return kept, str(currencies[0])
