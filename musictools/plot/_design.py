"""Pictures of tests before they are run: power, matches, arms, sample sizes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from musictools._counts import counted
from musictools.plot._style import (
    CHANCE,
    PALETTE,
    axes_or_current,
    boxes_for_strange_letters,
)
from musictools.plot._words import no_formula, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.marketing import GeoTest, MatchedMarkets, Power, SampleSize

#: More would hide each other.
_MOST_MATCHES = 5


def power_curve(power: "Power", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how often a test finds an effect, by its size; a dot is the minimum detectable effect.

    Parameters
    ----------
    power : Power
        What ``mt.marketing.power`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line with its 90 % interval for each duration.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> history = mt.datasets.simulate_panel(units=12, periods=60, effect=0.0, rng=1).series
    >>> ax = mt.plot.power_curve(mt.marketing.power(history, rng=1))
    >>> ax.get_ylabel()
    'Tests that find the effect (%)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    smallest = power.by_duration.set_index("duration")["mde"]
    duration: Any
    for number, (duration, own) in enumerate(power.curve.groupby("duration", sort=False)):
        colour, mde = PALETTE[number % len(PALETTE)], float(smallest[duration])
        effect = 100.0 * own["effect"]
        found = "not reached" if np.isnan(mde) else f"{mde:.1%}"
        ax.plot(
            effect,
            100.0 * own["power"],
            color=colour,
            label=f"{counted(duration, 'period')}: {found}",
        )
        ax.fill_between(effect, 100.0 * own["lo_90"], 100.0 * own["hi_90"], color=colour,
                        alpha=0.15, linewidth=0)  # fmt: skip
        if not np.isnan(mde):
            ax.plot(100.0 * mde, 100.0 * power.target, "o", color=colour)
    ax.axhline(100.0 * power.target, color="#555555", linestyle="--", linewidth=0.9,
               label="power that is wanted")  # fmt: skip
    ax.axhline(100.0 - power.level, color="#999999", linestyle=":", linewidth=0.9, label=CHANCE)
    ax.set(xlabel="True effect (%)", ylabel="Tests that find the effect (%)", ylim=(0, 102))
    ax.margins(x=0.01)
    ax.legend(loc="lower right", fontsize="small", title="Minimum detectable effect")
    return ax


def matched_markets(matched: "MatchedMarkets", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the first unit and its matches, each around its own mean.

    Parameters
    ----------
    matched : MatchedMarkets
        What ``mt.marketing.matched_markets`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the unit in black, up to five matches in colour.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> history = mt.datasets.simulate_panel(units=8, effect=0.0, rng=1).series
    >>> ax = mt.plot.matched_markets(mt.marketing.matched_markets(history, treated="city_001"))
    >>> ax.get_ylabel()
    'Relative to own mean (%)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    unit = matched.matches["unit"].iloc[0]
    own = matched.matches[matched.matches["unit"] == unit].head(_MOST_MATCHES)
    with boxes_for_strange_letters():
        for number, row in enumerate(own.itertuples()):
            label = f"{no_formula(shortened(str(row.match)))}, {row.distance:.1%} apart"
            _relative(ax, matched.series, str(row.match), PALETTE[number % len(PALETTE)], label)
        _relative(ax, matched.series, str(unit), "black", no_formula(shortened(str(unit))))
        ax.set(xlabel="Period", ylabel="Relative to own mean (%)")
        ax.legend(loc="best", fontsize="small")
    ax.tick_params(axis="x", labelrotation=30)
    return ax


def geo_test(test: "GeoTest", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the history of the two arms, each around its own mean.

    Parameters
    ----------
    test : GeoTest
        What ``mt.marketing.geo_test`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> history = mt.datasets.simulate_panel(units=8, effect=0.0, rng=1).series
    >>> ax = mt.plot.geo_test(mt.marketing.geo_test(history, rng=1))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['control (4)', 'treated (4)']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    _relative(ax, test.series, "control", PALETTE[0], f"control ({test.n_control})")
    _relative(ax, test.series, "treated", PALETTE[1], f"treated ({test.n_treated})")
    ax.set(xlabel="Period", ylabel="Relative to own mean (%)")
    ax.legend(loc="best", fontsize="small")
    ax.tick_params(axis="x", labelrotation=30)
    return ax


def sample_size(size: "SampleSize", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the power of a comparison of creatives by the number of people.

    Parameters
    ----------
    size : SampleSize
        What ``mt.marketing.sample_size`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.sample_size(mt.marketing.sample_size(0.02, 0.25))
    >>> ax.get_xlabel()
    'People who see the first creative'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    people = np.linspace(2.0, max(2.5 * size.per_arm, 4.0), 80)
    ax.plot(people, [100.0 * size.power_at(float(n)) for n in people], color=PALETTE[0])
    ax.plot(size.per_arm, 100.0 * size.power_at(size.per_arm), "o", color=PALETTE[1],
            label=f"{size.per_arm:,} people, {size.target:.0%}")  # fmt: skip
    ax.axhline(100.0 * size.target, color="#555555", linestyle="--", linewidth=0.9)
    ax.set(xlabel="People who see the first creative", ylim=(0, 102),
           ylabel=f"Tests that find a difference of {size.lift:+.1%} (%)")  # fmt: skip
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(loc="lower right", fontsize="small")
    return ax


def _relative(ax: "Axes", series: "pd.DataFrame", name: str, colour: str, label: str) -> None:
    own = series[series["unique_id"] == name]
    ax.plot(own["ds"], 100.0 * (own["y"] / own["y"].mean() - 1.0), color=colour, label=label,
            linewidth=1.3)  # fmt: skip
