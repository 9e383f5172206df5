"""Pictures of who gets what by which rule."""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter

from musictools._counts import counted
from musictools._result import Result
from musictools.errors import InputError, TableError, closest
from musictools.plot._style import (
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
    name_columns,
    plain_logs,
)
from musictools.plot._words import no_formula, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

_UP, _DOWN = PALETTE[2], PALETTE[1]
_CURVE = ("artists_share", "payout_share")
_DASHES = ("-", "--", "-.", ":")
#: Points of a curve that a screen can show.
_POINTS = 2000
#: Letters of a name beside a point.
_NAME = 24


def lorenz(
    curves: "pd.DataFrame | Mapping[str, pd.DataFrame]", *, ax: "Axes | None" = None
) -> "Axes":
    """Draw Lorenz curves: which part of the money the poorest artists have.

    Parameters
    ----------
    curves : pandas.DataFrame, or mapping of str to pandas.DataFrame
        What ``mt.economics.lorenz`` gave, or several, by name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each curve, with its Gini coefficient, and the diagonal on
        which all get the same.

    Raises
    ------
    TableError
        If a table is no Lorenz curve.
    InputError
        If there is none.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.lorenz({"some rule": mt.economics.lorenz([1.0, 3.0])})
    >>> ax.get_legend().get_texts()[1].get_text()
    'some rule (Gini 0.250)'
    >>> plt.close(ax.figure)
    """
    named: dict[str, Any] = {"payouts": curves} if hasattr(curves, "columns") else dict(curves)
    if not named:
        raise InputError(
            "draw Lorenz curves", got="none", expected="at least one", hint="mt.economics.lorenz(p)"
        )
    for curve in named.values():
        _check(curve, _CURVE, "draw a Lorenz curve", "mt.economics.lorenz(payouts)")
    ax = axes_or_current(ax)
    ax.plot([0, 1], [0, 1], color="#777777", linewidth=1, label="all get the same")
    with boxes_for_strange_letters():
        for number, (name, curve) in enumerate(named.items()):
            x, y = (curve[each].to_numpy(dtype=float) for each in _CURVE)
            gini = 1 - float(np.sum(np.diff(x) * (y[1:] + y[:-1])))
            some = np.unique(np.linspace(0, len(x) - 1, min(len(x), _POINTS)).astype(int))
            ax.plot(
                x[some], y[some], color=PALETTE[number % len(PALETTE)], linewidth=1.8,
                linestyle=_DASHES[number % len(_DASHES)],
                label=f"{no_formula(name)} (Gini {gini:.3f})",
            )  # fmt: skip
        ax.legend(loc="upper left")
    ax.set(xlabel="Artists, the poorest first (share)", ylabel="Payouts (share)")
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    return ax


def rule_deltas(
    data: "Result | pd.DataFrame", *, by: str | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw what share of the money groups of artists get by two rules.

    Parameters
    ----------
    data : RuleComparison or pandas.DataFrame
        What ``mt.economics.explain_payouts`` gave, or one of its tables of groups.
    by : str, optional
        Of a comparison: ``"ranks"``, ``"intensity"``, or something known of the artists, such as
        ``"genre"``; deciles of rank otherwise.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: two bars for each group, and above them the change from the first rule
        to the second.

    Raises
    ------
    TableError
        If the table is no such one.
    InputError
        If nothing of that name is known of artists.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> ax = mt.plot.rule_deltas(mt.economics.explain_payouts(plays).by_decile(2))
    >>> [text.get_text() for text in ax.texts]
    ['\u221244%', '+400%']
    >>> plt.close(ax.figure)
    """
    table, names = _groups(data, by)
    wanted = ("base_share", "other_share", "relative_delta")
    _check(table, wanted, "draw deltas", "mt.economics.explain_payouts(plays).by_decile()")
    label = str(table.columns[0])
    ax = axes_or_current(ax)
    places = np.arange(len(table))
    with boxes_for_strange_letters():
        for shift, rule, colour in ((-0.2, "base", PALETTE[0]), (0.2, "other", PALETTE[4])):
            ax.bar(
                places + shift,
                table[f"{rule}_share"],
                0.4,
                color=colour,
                label=no_formula(names[rule]),
            )
        name_columns(ax, places.tolist(), list(table[label]))
        ax.legend(loc="upper right")
    tops = table[["base_share", "other_share"]].max(axis=1)
    for place, top, change in zip(places, tops, table["relative_delta"], strict=True):
        ax.annotate(
            _percent(change), (float(place), float(top)), (0, 3), textcoords="offset points",
            ha="center", va="bottom", fontsize="small", color=_UP if change >= 0 else _DOWN,
        )  # fmt: skip
    ax.set_ylim(0, float(tops.max()) * 1.12)
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set(xlabel=_AXES.get(label, label.capitalize()), ylabel="Share of the money (%)")
    ax.grid(visible=False, axis="x")
    return ax


_AXES = {
    "decile": "Artists by rank of plays (decile, 1 has most)",
    "ranks": "Artists by rank of plays",
    "group": "Artists by plays of their listeners (group, 1 has the lightest)",
}


def gainers_losers(
    data: "Result", *, label: str | None = None, top: int = 5, ax: "Axes | None" = None
) -> "Axes":
    """Draw each artist's gain or loss from one rule to another.

    Parameters
    ----------
    data : RuleComparison
        What ``mt.economics.explain_payouts`` gave.
    label : str, optional
        Column of its artists with their names; otherwise ``artist_id``.
    top : int, default: 5
        How many names to write, of those with the largest gains and losses of money each; those
        that would run into others are left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with logarithmic scales: a point for each artist who is paid by both
        rules, the ratio of payouts over the plays. The title counts those who are not.

    Raises
    ------
    TableError
        If it is no comparison, or has no such column.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> plays = pd.DataFrame(
    ...     {"user_id": ["a", "b"], "artist_id": ["Joey", "Ben"], "plays": [10, 90]}
    ... )
    >>> ax = mt.plot.gainers_losers(mt.economics.explain_payouts(plays))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['1 gain', '1 lose']
    >>> plt.close(ax.figure)
    """
    artists: Any = getattr(data, "artists", None)
    name = label or "artist_id"
    needed = ("plays", "base", "other", "delta", name)
    _check(artists, needed, "draw gains and losses", "mt.economics.explain_payouts(plays)")
    drawn = artists[(artists["base"] > 0) & (artists["other"] > 0)]
    ax = axes_or_current(ax)
    ratio = drawn["other"] / drawn["base"]
    for sign, colour, word in ((1, _UP, "gain"), (-1, _DOWN, "lose")):
        some = np.sign(drawn["delta"]) == sign
        count = int((np.sign(artists["delta"]) == sign).sum())
        ax.scatter(
            drawn["plays"][some], ratio[some], s=12, alpha=0.35, color=colour, linewidth=0,
            marker="^" if sign > 0 else "v", label=f"{count:,} {word}",
            rasterized=len(drawn) > 5000,
        )  # fmt: skip
    ax.axhline(1, color="#555555", linewidth=0.8)
    ax.set(xscale="log", yscale="log", xlabel="Plays (number)")
    # Room for names above the highest point and below the lowest.
    ax.margins(y=0.12)
    plain_logs(ax.xaxis)
    plain_logs(ax.yaxis)
    rules = no_formula(data.other), no_formula(data.base)  # type: ignore[attr-defined]
    ax.set_ylabel(f"Payout, {rules[0]} / {rules[1]} (ratio)")
    lost = len(artists) - len(drawn)
    if lost:
        who = counted(lost, "artist")
        ax.set_title(f"Without {who} whom one rule pays nothing", fontsize="small")
    ends = drawn.loc[
        [*drawn["delta"].nlargest(top).index, *drawn["delta"].nsmallest(top).index]
    ].drop_duplicates("artist_id")
    _name_ends(ax, ends.assign(ratio=ratio[ends.index]), name)
    with boxes_for_strange_letters():
        legend = ax.legend(loc="upper right")
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set_alpha(1)
    return ax


def _name_ends(ax: "Axes", ends: "pd.DataFrame", name: str) -> None:
    """Write names at points, where they do not run into each other."""
    written: list[tuple[float, float]] = []
    # What a name takes of the width and of the height, in powers of ten.
    decades = [float(np.diff(np.log10(lim))[0]) for lim in (ax.get_xlim(), ax.get_ylim())]
    room = 0.18 * decades[0], 0.07 * decades[1]
    middle = float(np.mean(np.log10(ax.get_xlim())))
    for row in ends.to_dict("records"):
        at = row["plays"], row["ratio"]
        place = float(np.log10(at[0])), float(np.log10(at[1]))
        if any(abs(place[0] - x) < room[0] and abs(place[1] - y) < room[1] for x, y in written):
            continue
        written.append(place)
        gains = at[1] >= 1
        ax.plot(
            *at, "^" if gains else "v", markersize=5,
            color=_UP if gains else _DOWN, markeredgecolor="black", markeredgewidth=0.8,
        )  # fmt: skip
        # Away from the line, on white, so that neither it nor other points go through a name;
        # towards the middle, so that it leaves the picture on neither side.
        ax.annotate(
            no_formula(shortened(str(row[name]), _NAME)), at,
            (0, 9 if gains else -9), textcoords="offset points", fontsize="x-small",
            ha="right" if place[0] > middle else "left", va="bottom" if gains else "top",
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )  # fmt: skip


def _groups(data: Any, by: str | None) -> tuple["pd.DataFrame", dict[str, str]]:
    """Give the table to draw, and names of the rules."""
    names = {"base": "first rule", "other": "second rule"}
    if not isinstance(data, Result):
        return data, names
    names = {each: str(getattr(data, each, names[each])) for each in names}
    made: Any = data
    if not hasattr(made, "by_decile"):
        return getattr(made, "artists", made), names
    if by is None:
        return made.by_decile(), names
    if by == "ranks":
        return made.by_rank(), names
    return (made.by_intensity() if by == "intensity" else made.by(by)), names


def _check(table: Any, wanted: tuple[str, ...], what: str, hint: str) -> None:
    columns = [str(each) for each in getattr(table, "columns", ())]
    for name in wanted:
        if name not in columns:
            raise TableError(
                what,
                got=f"a table without the column {name!r}"
                if columns
                else f"an object of type {type(table).__name__}",
                expected="the columns " + ", ".join(wanted),
                hint=f"{closest(name, columns)}; or {hint}" if columns else hint,
            )


def _percent(change: float) -> str:
    if not np.isfinite(change):
        return "new"
    text = f"{change:+,.0%}".replace("-", "\u2212")
    # A change of nearly nothing has no sign.
    return "0%" if text[1:] == "0%" else text
