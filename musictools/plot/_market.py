"""Pictures of the market: formats through the years, their succession, and what may come."""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.economics import FormatSuccession, MarketForecast

_NEEDED = ("year", "region", "format", "revenue_usd_m", "basis")
_COLOURS = {
    "physical": PALETTE[0],
    "download": PALETTE[4],
    "streaming": PALETTE[2],
    "performance": PALETTE[3],
    "synchronization": PALETTE[5],
    "other": PALETTE[5],
}
_BILLION = 1000.0
#: So many years in a row are an area; fewer are bars.
_RUN = 5


def market_history(
    market: "pd.DataFrame", *, region: str = "US", ax: "Axes | None" = None
) -> "Axes":
    """Draw what formats brought in, one on the other, each basis by itself.

    Parameters
    ----------
    market : pandas.DataFrame
        A `market` table, such as ``mt.datasets.load_market()``. Of a figure that was restated the
        latest edition is drawn.
    region : str
        Whose market.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a stack of areas for each basis that has formats (hatched at wholesale),
        with a gap and a broken line where one basis ends and the next begins; bars where a format
        is not known in between, or where fewer than five years follow each other; totals as a black
        line, dashed at wholesale. Of more than eight formats the small ones are one area, "all
        others". What is in a total and in no format stays white; a total that was
        restated may be below its formats.

    Raises
    ------
    TableError
        If the table lacks a column.
    InputError
        If it holds nothing of the region, or whole and half years.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.market_history(mt.datasets.load_market())
    >>> ax.get_ylabel()
    'Revenue (billion USD, nominal)'
    >>> plt.close(ax.figure)
    """
    rows = _rows(market, region)
    ax = axes_or_current(ax)
    named: set[str] = set()
    ends: dict[str, tuple[float, float]] = {}
    for basis, own in rows.groupby("basis", sort=False):
        parts = own[own["format"] != "total"]
        if len(parts):
            _stack(ax, parts, named, retail=basis == "retail")
            ends[str(basis)] = (parts["year"].min(), parts["year"].max())
        _total(ax, own[own["format"] == "total"], str(basis))
    for before, after in zip(sorted(ends.values()), sorted(ends.values())[1:], strict=False):
        if after[0] > before[1]:
            ax.axvline((before[1] + after[0]) / 2, color="#555555", linestyle=(0, (2, 3)))
    ax.set(xlabel="Year", ylabel="Revenue (billion USD, nominal)")
    ax.set_ylim(bottom=0)
    ax.margins(x=0.005)
    _in_years(ax)
    with boxes_for_strange_letters():
        ax.legend(loc="upper left", fontsize="small")
    return ax


def format_succession(fit: "FormatSuccession", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how formats follow each other: figures as dots, the curves of the model with a band.

    Parameters
    ----------
    fit : FormatSuccession
        What ``mt.economics.norton_bass`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; years after the last figure are dashed.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> market = mt.datasets.load_market()
    >>> us = market[(market.vintage == "2020-02") & market.format.isin(["download", "streaming"])]
    >>> ax = mt.plot.format_succession(mt.economics.norton_bass(us, shared=False, horizon=3))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['download', 'streaming']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    low, high = f"lo_{fit.level:g}", f"hi_{fit.level:g}"
    top = 1.0
    with boxes_for_strange_letters():
        for number, (name, own) in enumerate(fit.curves.groupby("format", sort=False)):
            colour = PALETTE[number % len(PALETTE)]
            there, ahead = own[~own["ahead"]], own[own["ahead"] | (own["year"] == _last(own))]
            ax.plot(there["year"], there["fitted"], color=colour, label=no_formula(name))
            ax.plot(ahead["year"], ahead["fitted"], color=colour, linestyle="--")
            ax.fill_between(own["year"], own[low], own[high], color=colour, alpha=0.18, linewidth=0)
            ax.plot(own["year"], own["observed"], "o", color=colour, markersize=3.5)
            top = max(top, own["fitted"].max(), own["observed"].max())
        # A band that explodes would flatten all that is known.
        ax.set_ylim(0, 1.25 * top)
        ax.set(xlabel="Year", ylabel=_unit(fit.value))
        _in_years(ax)
        ax.legend(loc="upper left", fontsize="small")
    return ax


def market_forecast(forecast: "MarketForecast", *, ax: "Axes | None" = None) -> "Axes":
    """Draw a market's past and the years to come, with their interval and the verdict.

    Parameters
    ----------
    forecast : MarketForecast
        What ``mt.economics.market_forecast`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> us = mt.economics.market_series(mt.datasets.load_market(), region="US", basis="retail")
    >>> ax = mt.plot.market_forecast(mt.economics.market_forecast(us, 3))
    >>> ax.get_title(loc="left")
    'No skill against naive: the last figure stands'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    past, ahead, level = forecast.history, forecast.forecast, f"{forecast.level:g}"
    year = np.concatenate([past["year"].to_numpy()[-1:], ahead["year"].to_numpy()])
    last = past["y"].to_numpy()[-1:]
    middle, low, high = (
        np.concatenate([last, ahead[name].to_numpy()])
        for name in ("y_hat", f"lo_{level}", f"hi_{level}")
    )
    ax.plot(past["year"], past["y"], color="black", label="seen")
    ax.plot(year, middle, "--", color=PALETTE[0], label=f"forecast ({no_formula(forecast.method)})")
    ax.fill_between(year, low, high, color=PALETTE[0], alpha=0.2, linewidth=0,
                    label=f"{level} % interval")  # fmt: skip
    shown = forecast.skill_lo > 0
    ax.set_title(
        f"Skill {forecast.skill:.2f} against naive"
        if shown
        else "No skill against naive: the last figure stands",
        loc="left",
        fontsize="medium",
    )
    ax.set(xlabel="Year", ylabel=_unit(forecast.value))
    ax.set_ylim(bottom=0)
    _in_years(ax)
    ax.legend(loc="upper left", fontsize="small")
    return ax


def _rows(market: "pd.DataFrame", region: str) -> "pd.DataFrame":
    columns = [str(name) for name in getattr(market, "columns", ())]
    for name in _NEEDED:
        if name not in columns:
            raise TableError(
                "draw a market",
                got=f"a table without the column {name!r}",
                expected="the columns of a market table",
                hint=closest(name, columns) if columns else "mt.datasets.load_market()",
            )
    rows = market[market["region"] == region]
    if rows.empty:
        there = sorted(map(str, set(market["region"])))
        raise InputError(
            "draw a market",
            got=f"region={region!r}",
            expected="a region of the table",
            hint=closest(str(region), there) if there else "mt.datasets.load_market()",
        )
    if "period" in columns and len(set(rows["period"])) > 1:
        raise InputError(
            "draw a market",
            got="whole and half years",
            expected="one of them",
            hint="market[market.period == 'year']",
        )
    if "vintage" in columns:
        rows = rows.sort_values("vintage", kind="stable")
    rows = rows.drop_duplicates(["year", "format", "basis"], keep="last")
    return rows.sort_values(["basis", "year"])


def _stack(ax: "Axes", parts: "pd.DataFrame", named: set[str], *, retail: bool) -> None:
    wide = parts.pivot_table(index="year", columns="format", values="revenue_usd_m") / _BILLION
    wide = _fewer(wide)
    order = [name for name in _COLOURS if name in wide]
    # Old formats at the bottom: by the middle of their years.
    middle = wide.clip(lower=0).mul(wide.index, axis=0).sum() / wide.clip(lower=0).sum()
    order += [str(name) for name in middle.sort_values().index if name not in _COLOURS]
    wide = wide[order]
    # A format that has a figure before and after, and none now, is unknown now, and not nothing.
    unknown = wide.isna() & wide.ffill().notna() & wide.bfill().notna()
    years, whole = wide.index.to_numpy(), ~unknown.any(axis=1).to_numpy()
    for run in _runs(years, whole):
        whole[run] = len(run) >= _RUN
    floor = np.zeros(len(wide))
    for number, name in enumerate(order):
        top = floor + wide[name].fillna(0).to_numpy()
        look: dict[str, Any] = {"color": _COLOURS.get(name, PALETTE[(number + 1) % len(PALETTE)])}
        if not retail:
            look |= {"hatch": "///", "edgecolor": "white"}
        look |= {"alpha": 0.85, "linewidth": 0}
        _areas(ax, years, floor, top, whole=whole, look=look)
        ax.bar(years[~whole], (top - floor)[~whole], bottom=floor[~whole], width=0.8, **look)
        if name not in named:
            ax.fill_between([], [], label=no_formula(name), **look)
            named.add(name)
        floor = top


def _fewer(wide: "pd.DataFrame") -> "pd.DataFrame":
    """Put the small formats together where there are more than colours."""
    if len(wide.columns) <= len(PALETTE):
        return wide
    large = wide.sum().nlargest(len(PALETTE) - 1).index
    rest = wide.drop(columns=large).sum(axis=1)
    return wide[large].assign(**{"all others": rest})


def _areas(
    ax: "Axes",
    years: np.ndarray,
    floor: np.ndarray,
    top: np.ndarray,
    *,
    whole: np.ndarray,
    look: dict[str, Any],
) -> None:
    """Fill between floor and top where years follow each other, and nowhere else."""
    for run in _runs(years, whole):
        there = (top > floor)[run]
        # From the last year without it, so that a new format begins at nothing.
        there[:-1] |= there[1:]
        ax.fill_between(years[run], floor[run], top[run], where=there, **look)


def _runs(years: np.ndarray, whole: np.ndarray) -> list[np.ndarray]:
    """Places of years that follow each other."""
    places = np.flatnonzero(whole)
    runs = np.split(places, np.flatnonzero(np.diff(years[places]) != 1) + 1)
    return [run for run in runs if len(run)]


def _total(ax: "Axes", total: "pd.DataFrame", basis: str) -> None:
    if total.empty:
        return
    values = total.set_index("year")["revenue_usd_m"]
    # Years that are missing break the line.
    values = values.reindex(range(int(values.index.min()), int(values.index.max()) + 1))
    style = {"retail": "-", "wholesale": "--"}.get(basis, ":")
    ax.plot(values.index, values / _BILLION, linestyle=style, color="black", linewidth=1.3,
            marker="." if values.isna().any() or len(values) < _RUN else None,
            label=f"total, {no_formula(basis)}")  # fmt: skip


def _last(own: "pd.DataFrame") -> int:
    return int(own.loc[~own["ahead"], "year"].max())


def _in_years(ax: "Axes") -> None:
    """Put ticks at whole years, and write amounts in full."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    amounts_in_full(ax, "y")


def _unit(value: str) -> str:
    known = {
        "revenue_usd_m": "Revenue (million USD, nominal)",
        "revenue_adjusted_usd_m": "Revenue (million USD, inflation-adjusted)",
        "units_m": "Units (million)",
    }
    return known.get(value, no_formula(value))
