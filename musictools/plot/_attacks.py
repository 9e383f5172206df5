"""Pictures of attacks on a payout rule, and of how well they are found."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools.errors import InputError
from musictools.plot._style import (
    CHANCE,
    PALETTE,
    amounts_in_full,
    axes_or_current,
    chance_last,
    legend_of_groups,
    name_rows,
    plain_logs,
)
from musictools.plot._words import no_formula, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))


def farm_profit(result: Any, *, unit: str = "fees", ax: "Axes | None" = None) -> "Axes":
    """Draw the profit of a farm against its size, by rule.

    Parameters
    ----------
    result : FarmProfit
        Of ``mt.economics.farm_profit``.
    unit : str
        What the money is in.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each rule, a black one at no profit, and a dot where a rule
        breaks even.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> plays = pd.DataFrame({"user_id": ["a", "b"], "artist_id": ["x", "y"], "plays": [10, 30]})
    >>> ax = mt.plot.farm_profit(mt.economics.farm_profit(plays, ["pro_rata"], accounts=1))
    >>> ax.get_xlabel()
    'Plays of each account (number)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    ax.axhline(0.0, color="black", linewidth=0.9)
    for number, (rule, part) in enumerate(result.table.groupby("rule", sort=False)):
        colour = PALETTE[number % len(PALETTE)]
        style = _LINES[number % len(_LINES)]
        ax.plot(part["plays_per_account"], part["profit"], color=colour, ls=style, label=str(rule))
        even = float(result.break_even[rule])
        sizes = part["plays_per_account"]
        if np.isfinite(even) and sizes.min() <= even <= sizes.max():
            ax.plot(even, 0.0, "o", color=colour, label=f"breaks even at {even:,.0f}")
    ax.set(
        xscale="log",
        xlabel="Plays of each account (number)",
        ylabel=f"Profit of {counted(result.accounts, 'account')} ({unit})",
    )
    plain_logs(ax.xaxis)
    amounts_in_full(ax, "y")
    legend_of_groups(ax)
    return ax


def attack_profit(result: Any, *, unit: str = "USD", ax: "Axes | None" = None) -> "Axes":
    """Draw what an attack gained under each rule, beside what it cost.

    Parameters
    ----------
    result : AttackProfit
        Of ``mt.economics.attack_profit``.
    unit : str
        What the money is in.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a bar for each rule, the first on top, and a line at the cost.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, pandas as pd, musictools as mt
    >>> genuine = pd.DataFrame({"user_id": ["a", "b"], "artist_id": ["x", "y"], "plays": [9, 9]})
    >>> farm = pd.DataFrame({"user_id": ["bot"], "artist_id": ["z"], "plays": [90]})
    >>> found = mt.economics.attack_profit(
    ...     pd.concat([genuine, farm]), genuine, ["pro_rata", "user_centric"], targets=["z"]
    ... )
    >>> ax = mt.plot.attack_profit(found, unit="fees")
    >>> ax.get_xlabel()
    'Gain of the targets (fees)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = result.table
    places = np.arange(len(table))
    colours = [PALETTE[1] if profit > 0 else PALETTE[0] for profit in table["profit"]]
    bars = ax.barh(places, table["gain"], color=colours)
    ax.bar_label(
        bars,
        [("+" if profit > 0 else "") + written(profit) for profit in table["profit"]],
        padding=3,
    )
    ax.axvline(result.cost, color="black", linestyle="--", label=f"cost: {written(result.cost)}")
    ax.set(xlabel=f"Gain of the targets ({unit})", ylabel="Rule")
    ax.set_ylim(len(table) - 0.5, -0.5)
    name_rows(ax, places.tolist(), list(table["rule"]))
    ax.margins(x=0.15)
    amounts_in_full(ax, "x")
    ax.legend(title="labels: profit")
    return ax


def roc(scores: Any, truth: Any, *, label: str = "score", ax: "Axes | None" = None) -> "Axes":
    """Draw what part of fraud is found, against the part of genuine ones who are accused.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Higher for what is more suspicious.
    truth : array_like of bool, shape (n,)
        Whether it is fraud.
    label : str
        Name of the line.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise. Further lines may follow on the same axes.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with the area under the curve in the legend.

    Raises
    ------
    InputError
        If the lengths differ, or all are fraud, or none.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.roc([0.1, 0.2, 0.9], [False, False, True])
    >>> ax.get_legend_handles_labels()[1][0]
    'score (AUC 1.000)'
    >>> plt.close(ax.figure)
    """
    from sklearn.metrics import auc, roc_curve

    values, fraud = _checked(scores, truth)
    wrong, right, _ = roc_curve(fraud, values)
    ax = axes_or_current(ax)
    number = sum(line.get_label() != CHANCE for line in ax.lines)
    style, colour = _LINES[number % len(_LINES)], PALETTE[number % len(PALETTE)]
    text = f"{no_formula(label)} (AUC {auc(wrong, right):.3f})"
    ax.plot(wrong, right, label=text, color=colour, ls=style)
    if number + 1 == len(ax.lines):
        ax.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle=":", label=CHANCE)
    ax.set(xlabel="Genuine ones accused (share)", ylabel="Fraud found (share)")
    ax.legend(handles=chance_last(ax), loc="lower right", fontsize="small")
    return ax


def suspicion(
    scores: Any, truth: Any = None, *, threshold: float = 0.5, ax: "Axes | None" = None
) -> "Axes":
    """Draw how scores of accounts are distributed.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Scores, 0 to 1: the column ``score`` of ``mt.economics.suspicion``.
    truth : array_like of bool, shape (n,), optional
        Whether an account is fraud, where that is known.
    threshold : float
        From where on accounts are looked at.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a logarithmic scale of accounts.

    Raises
    ------
    InputError
        If the lengths differ, or with a truth by which all are fraud, or none.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.suspicion([0.0, 0.1, 0.9], [False, False, True])
    >>> ax.get_ylabel()
    'Accounts (number)'
    >>> plt.close(ax.figure)
    """
    if truth is None:
        values = np.asarray(scores, dtype=float)
        groups = [("accounts", values)]
    else:
        values, fraud = _checked(scores, truth)
        groups = [("genuine", values[~fraud]), ("fraud", values[fraud])]
    ax = axes_or_current(ax)
    bins = np.linspace(0.0, 1.0, 41).tolist()
    for number, (name, part) in enumerate(groups):
        style: dict[str, Any] = {
            "histtype": "stepfilled",
            "alpha": 0.6,
            "hatch": ("", "//")[number],
        }
        ax.hist(part, bins=bins, color=PALETTE[number], label=f"{name} ({len(part):,})", **style)
    ax.axvline(threshold, color="black", linestyle="--", label=f"looked at from {threshold:g}")
    ax.set(yscale="log", xlabel="Score (0 to 1)", ylabel="Accounts (number)")
    plain_logs(ax.yaxis)
    ax.legend()
    return ax


def _checked(scores: Any, truth: Any) -> tuple["np.ndarray", "np.ndarray"]:
    values, fraud = np.asarray(scores, dtype=float), np.asarray(truth).astype(bool)
    if values.shape != fraud.shape or values.ndim != 1 or fraud.all() or not fraud.any():
        raise InputError(
            "draw scores beside the truth",
            got=f"{values.size} scores and {int(fraud.sum())} frauds of {fraud.size}",
            expected="as many of both, some fraud and some not",
            hint="mt.plot.roc(table['score'], table['user_id'].isin(bots))",
        )
    return values, fraud
