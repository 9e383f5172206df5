"""Pictures of files that were downloaded and read."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools.errors import InputError
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    legend_beside,
    name_columns,
    name_rows,
)
from musictools.plot._words import no_formula

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools._result import Result

#: So many kinds have a colour of their own; the rest is drawn together.
_COLOURS = 7
_REST = "all others"
_REST_COLOUR = "#999999"
#: So many bars can be read in one picture.
_BARS = 15

#: What to ask of each table: place, kind, number.
_QUESTIONS = {
    "royalties": "SELECT period AS place, coalesce(platform, 'unknown') AS kind, "
    "CAST(sum(net) AS DOUBLE) AS number, currency, count(*) AS lines FROM {0} GROUP BY ALL",
    "plays": "SELECT date_trunc('month', played_at) AS place, 'plays' AS kind, "
    "CAST({1} AS DOUBLE) AS number FROM {0} WHERE played_at IS NOT NULL GROUP BY ALL",
    "observations": "SELECT date_trunc('day', observed_at) AS place, metric AS kind, "
    "sum(value) AS number FROM {0} WHERE value IS NOT NULL GROUP BY ALL",
    "spend": "SELECT date_trunc('week', ds) AS place, channel AS kind, "
    "CAST(sum(spend) AS DOUBLE) AS number, {2} AS currency, count(*) AS lines FROM {0} "
    "GROUP BY ALL",
    "airplay": "SELECT station AS place, 'spins' AS kind, CAST(sum(spins) AS DOUBLE) AS number "
    "FROM {0} GROUP BY ALL",
    "works": "SELECT len(writers) AS place, 'works' AS kind, CAST(count(*) AS DOUBLE) AS number "
    "FROM {0} GROUP BY ALL",
}


def imported(result: "Result", ax: "Axes | None" = None) -> "Axes":
    """Draw what a downloaded file holds, each table in its own way.

    Royalties: net in each period, by platform. Plays: how many in each month. Observations: each
    metric over time, summed over recordings and countries. Spend: each week, by channel. Airplay:
    spins of each station. Works: how many have one writer, two, and so on.

    Parameters
    ----------
    result : Imported
        What ``mt.collect.read`` gave, in memory or in a database; only sums are taken out of it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. Amounts in several currencies do not add up: that with the most lines is
        drawn, and the title names the others.

    Raises
    ------
    InputError
        If there is nothing to draw.

    Examples
    --------
    >>> import tempfile, matplotlib.pyplot as plt, musictools as mt
    >>> folder = tempfile.TemporaryDirectory()
    >>> made = mt.datasets.simulate_exports(folder.name, formats="cwr")["cwr"]
    >>> ax = mt.plot.imported(mt.collect.read(made.path))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Writers of a work', 'Works')
    >>> plt.close(ax.figure)
    >>> folder.cleanup()
    """
    table: Any = getattr(result, "table", None)
    kind = str(getattr(result, "kind", ""))
    if table is None or kind not in _QUESTIONS:
        raise InputError(
            "draw a file that was read",
            got=f"an object of type {type(result).__name__}",
            expected="what mt.collect.read gives",
            hint="mt.plot.imported(mt.collect.read(path))",
        )
    sums = _ask(table, kind)
    sums = sums[sums["number"].notna() & sums["place"].notna()]
    if sums.empty:
        raise InputError(
            "draw a file that was read",
            got="no rows with a number",
            expected="a table that is not empty",
            hint="look at result.problems",
        )
    axes = axes_or_current(ax)
    with boxes_for_strange_letters():
        _draw(axes, kind, sums)
    return axes


def _ask(table: Any, kind: str) -> "pd.DataFrame":
    """Sum up in the database, also what is in memory: it may be millions of rows."""
    import pandas as pd

    relation = table
    if isinstance(table, pd.DataFrame):
        import duckdb
        import pyarrow as pa

        connection = duckdb.connect()
        relation = connection.from_arrow(pa.Table.from_pandas(table, preserve_index=False))
    number = "sum(coalesce(plays, 1))" if "plays" in relation.columns else "count(*)"
    currency = "coalesce(currency, '')" if "currency" in relation.columns else "''"
    question = _QUESTIONS[kind].format("musictools_imported", number, currency)
    found: pd.DataFrame = relation.query("musictools_imported", question).df()
    return found


def _draw(ax: "Axes", kind: str, sums: "pd.DataFrame") -> None:
    if kind == "royalties":
        _royalties(ax, sums)
    elif kind == "plays":
        sums = sums.sort_values("place")
        ax.bar(sums["place"], sums["number"], width=25, color=PALETTE[0])
        ax.set(xlabel="Month", ylabel="Plays a month")
        amounts_in_full(ax, "y")
        ax.grid(visible=False, axis="x")
    elif kind == "observations":
        _observations(ax, sums)
    elif kind == "spend":
        drawn, name = _one_currency(ax, sums)
        wide = _wide(drawn)
        _stack(ax, wide, wide.index, width=6.0)
        ax.set(xlabel="Week", ylabel=f"Spend a week, {name}" if name else "Spend a week")
    elif kind == "airplay":
        _stations(ax, sums)
    else:
        sums = sums.sort_values("place")
        ax.bar(sums["place"], sums["number"], color=PALETTE[0])
        ax.set(xlabel="Writers of a work", ylabel="Works", xticks=sums["place"])
        amounts_in_full(ax, "y")
        ax.grid(visible=False, axis="x")


def _one_currency(ax: "Axes", sums: "pd.DataFrame") -> tuple["pd.DataFrame", str]:
    """Choose the currency with the most lines, and let the title name the others."""
    lines = sums.groupby("currency")["lines"].sum().sort_values(ascending=False, kind="stable")
    drawn, *others = map(str, lines.index)
    if others:
        names = ", ".join(sorted(name or "lines without a currency" for name in others))
        ax.set_title(f"{drawn or 'No currency'} alone; there are also {names}")
    return sums[sums["currency"] == drawn], drawn


def _royalties(ax: "Axes", sums: "pd.DataFrame") -> None:
    drawn, name = _one_currency(ax, sums)
    wide = _wide(drawn)
    _stack(ax, wide, np.arange(len(wide)), width=0.8)
    periods = list(map(str, wide.index))
    step = max(1, len(periods) // 12 + (len(periods) > 12))
    name_columns(ax, range(0, len(periods), step), periods[::step])
    ax.set(xlabel="Period", ylabel=f"Net, {name}")


def _observations(ax: "Axes", sums: "pd.DataFrame") -> None:
    wide = _wide(sums)
    for i, name in enumerate(wide.columns):
        line = wide[name].dropna()
        marker = "o" if len(line) == 1 else ""
        ax.plot(
            line.index, line, color=_colour(i, str(name)), label=no_formula(name), marker=marker
        )
    # Views and saves differ a thousandfold.
    tops = wide.max()
    if (tops > 0).all() and tops.max() > 50 * tops.min():
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(bottom=0)
    else:
        amounts_in_full(ax, "y")
    ax.set(xlabel="Date", ylabel="A day")
    legend_beside(ax)


def _stations(ax: "Axes", sums: "pd.DataFrame") -> None:
    top = sums.sort_values(["number", "place"], ascending=[False, True])
    shown, rest = top.head(_BARS), top.iloc[_BARS:]
    names = list(shown["place"])
    values = shown["number"].tolist()
    if len(rest):
        names.append(counted(len(rest), "other"))
        values.append(float(rest["number"].sum()))
    bars = ax.barh(range(len(names)), values, color=PALETTE[0])
    ax.bar_label(bars, [f"{value:,.0f}" for value in values], padding=3, fontsize="small")
    ax.set(xlabel="Spins", ylabel="", ylim=(len(names) - 0.5, -0.5))
    name_rows(ax, range(len(names)), names)
    amounts_in_full(ax, "x")
    ax.margins(x=0.1)
    ax.grid(visible=False, axis="y")


def _wide(sums: "pd.DataFrame") -> "pd.DataFrame":
    """Give a column for each kind, the largest first, and one for all that are small."""
    table = sums.pivot_table(index="place", columns="kind", values="number", aggfunc="sum")
    order = table.abs().sum().sort_values(ascending=False, kind="stable").index
    table = table[order].sort_index()
    if len(order) > _COLOURS + 1:
        rest = table[order[_COLOURS:]].sum(axis=1, min_count=1)
        table = table[order[:_COLOURS]].assign(**{_REST: rest})
    return table


def _stack(ax: "Axes", wide: "pd.DataFrame", places: Any, *, width: float) -> None:
    """Stack bars upwards, and what is negative downwards."""
    above, below = np.zeros(len(wide)), np.zeros(len(wide))
    for i, name in enumerate(wide.columns):
        values = wide[name].fillna(0).to_numpy(dtype=float)
        base = np.where(values >= 0, above, below)
        ax.bar(
            places, values, width, bottom=base, color=_colour(i, str(name)), label=no_formula(name)
        )
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    if (below < 0).any():
        ax.axhline(0, color="#555555", linewidth=0.8)
    ax.grid(visible=False, axis="x")
    amounts_in_full(ax, "y")
    legend_beside(ax)


def _colour(i: int, name: str) -> str:
    return _REST_COLOUR if name == _REST else PALETTE[i % len(PALETTE)]
