"""Pictures of what one thing does to others: platforms, catalogues, cities, releases, blocks."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from musictools._counts import counted
from musictools._figures import chance
from musictools.plot._style import (
    PALETTE,
    amounts_in_full,
    axes_or_current,
    boxes_for_strange_letters,
    legend_beside,
)
from musictools.plot._words import no_formula, shortened, time_label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from musictools.marketing import (
        Cannibalisation,
        Halo,
        Spillover,
        Switchback,
        SwitchbackEffect,
        TourEffect,
    )

#: More lines would hide each other.
_MOST = 4


def spillover(found: "Spillover", *, ax: "Axes | None" = None) -> "Axes":
    """Draw how followers answer to leaders, lag by lag, for the pairs with the smallest p-values.

    Parameters
    ----------
    found : Spillover
        What ``mt.marketing.spillover`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; pairs that lead are drawn through, others dashed.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> series = pd.DataFrame({"unique_id": np.repeat(["TikTok", "Spotify"], 120),
    ...                        "ds": np.tile(np.arange(120), 2), "y": rng.uniform(90, 110, 240)})
    >>> ax = mt.plot.spillover(mt.marketing.spillover(series))
    >>> ax.get_xlabel()
    'Lag (periods)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    with boxes_for_strange_letters():
        for number, pair in enumerate(found.pairs.head(_MOST).itertuples()):
            own = found.path[
                (found.path["leader"] == pair.leader) & (found.path["follower"] == pair.follower)
            ]
            colour = PALETTE[number]
            names = (shortened(str(name), 20) for name in (pair.leader, pair.follower))
            label = f"{' → '.join(names)}, {chance(pair.p_adjusted)}"
            ax.plot(own["lag"], own["response"], "o-" if pair.leads else "o--", color=colour,
                    markersize=4, label=no_formula(label))  # fmt: skip
            ax.fill_between(own["lag"], own["lo_90"], own["hi_90"], color=colour, alpha=0.12,
                            linewidth=0)  # fmt: skip
        ax.axhline(0, color="#555555", linewidth=0.8)
        ax.set(xlabel="Lag (periods)", ylabel="Response to a surprise of 1")
        ax.legend(loc="best", fontsize="small", title="Leader → follower")
    return ax


def halo(found: "Halo", *, ax: "Axes | None" = None) -> "Axes":
    """Draw what a release did for the rest of the catalogue, period by period.

    Parameters
    ----------
    found : Halo
        What ``mt.marketing.halo`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: plays beside what would have been; of several releases, effects by time.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> series = pd.DataFrame({"unique_id": np.repeat([f"R{n}" for n in range(12)], 50),
    ...                        "ds": np.tile(np.arange(50), 12), "y": rng.poisson(900, 600)})
    >>> recordings = pd.DataFrame({"recording_id": [*series["unique_id"].unique(), "new"],
    ...     "artist": [*(f"artist {n // 2}" for n in range(12)), "artist 0"], "title": "",
    ...     "isrc": "", "path": None, "duration_s": 180.0})
    >>> found = mt.marketing.halo(series, "new", recordings=recordings, start=40)
    >>> ax = mt.plot.halo(found)
    >>> ax.get_ylabel()
    'Plays a period'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = found.path
    with boxes_for_strange_letters():
        if "ds" in path:
            expected = path["counterfactual"]
            ax.plot(path["ds"], path["observed"], color="black", label="seen")
            ax.plot(path["ds"], expected, "--", color=PALETTE[0], label="without the release")
            after = path["lo_90"].notna()
            low, high = (path["observed"] / (1 + path[end] / 100) for end in ("hi_90", "lo_90"))
            ax.fill_between(path["ds"][after], low[after], high[after], color=PALETTE[0],
                            alpha=0.2, linewidth=0, label="90 % interval")  # fmt: skip
            ax.axvline(path["ds"][after].iloc[0], color="#555555", linestyle=(0, (2, 3)))
            ax.set(xlabel=time_label(path["ds"]), ylabel="Plays a period")
            amounts_in_full(ax, "y")
        else:
            _since(ax, path["event_time"], path)
            ax.set(xlabel="Periods since the release", ylabel="Effect on the catalogue (%)")
        ax.legend(loc="best", fontsize="small")
    change = f"{found.effect_pct:+.1f} % ({found.lo_90:.1f} to {found.hi_90:.1f} %)"
    _titled(ax, f"Catalogue {change}, {chance(found.p_value)}")
    return ax


def tour_effect(found: "TourEffect", *, ax: "Axes | None" = None) -> "Axes":
    """Draw the effect of shows on streams in their cities, by the time since the show.

    Parameters
    ----------
    found : TourEffect
        What ``mt.marketing.tour_effect`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; the time from the announcement to the show is shaded.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> rng = np.random.default_rng(0)
    >>> series = pd.DataFrame({"unique_id": np.repeat([f"city {n}" for n in range(12)], 40),
    ...                        "ds": np.tile(np.arange(40), 12), "y": rng.poisson(900, 480)})
    >>> shows = pd.DataFrame({"ds": [25, 28], "kind": "show", "subject": ["city 0", "city 1"],
    ...                       "size": 500.0})
    >>> ax = mt.plot.tour_effect(mt.marketing.tour_effect(series, shows))
    >>> ax.get_xlabel()
    'Periods since the show'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = found.path
    if found.lead:
        ax.axvspan(-found.lead - 0.5, -0.5, color=PALETTE[4], alpha=0.15, linewidth=0,
                   label="announced, not yet played")  # fmt: skip
    ax.fill_between(path["event_time"], path["band_lo_90"], path["band_hi_90"], color=PALETTE[0],
                    alpha=0.15, linewidth=0, label="90 % band, all times together")  # fmt: skip
    _since(ax, path["event_time"], path)
    ax.set(xlabel="Periods since the show", ylabel="Effect on streams in the city (%)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    span = f"{found.total_lo_90:,.0f} to {found.total_hi_90:,.0f}"
    cities = counted(found.played, "city", "cities")
    _titled(ax, f"{found.total:,.0f} extra streams ({span}) in {cities}")
    # Bands reach into every corner.
    legend_beside(ax)
    return ax


def cannibalisation(found: "Cannibalisation", *, ax: "Axes | None" = None) -> "Axes":
    """Draw a release beside its own decay, and the release that came after it.

    Parameters
    ----------
    found : Cannibalisation
        What ``mt.marketing.cannibalisation`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; from the second release on with the 90 % interval of what was expected.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> weeks, rng = np.arange(40), np.random.default_rng(0)
    >>> series = pd.concat([pd.DataFrame({"unique_id": f"R{n}", "ds": weeks,
    ...     "y": rng.poisson(5000 * 0.5 ** (weeks / (5 + n % 4)) + 400)}) for n in range(8)])
    >>> releases = pd.DataFrame({"ds": [20], "kind": "single", "subject": "new", "size": 1.0})
    >>> found = mt.marketing.cannibalisation(series, releases, first="R0", second="new")
    >>> ax = mt.plot.cannibalisation(found)
    >>> ax.get_ylabel()
    'Plays a period'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    path = found.path
    after = np.arange(len(path)) >= found.age
    low, high = (1 + end / 100 for end in (found.lo_90, found.hi_90))
    middle = 1 + found.effect_pct / 100
    expected = path["counterfactual"]
    with boxes_for_strange_letters():
        ax.plot(
            path["ds"], path["observed"], color="black", label=no_formula(shortened(found.first))
        )
        ax.plot(path["ds"], expected, "--", color=PALETTE[0],
                label=f"its decay ({found.model})")  # fmt: skip
        ax.fill_between(path["ds"][after], (expected * middle / high)[after],
                        (expected * middle / low)[after], color=PALETTE[0], alpha=0.2,
                        linewidth=0, label="90 % interval")  # fmt: skip
        ax.plot(
            path["ds"], path["second"], color=PALETTE[1], label=no_formula(shortened(found.second))
        )
        ax.axvline(path["ds"][after].iloc[0], color="#555555", linestyle=(0, (2, 3)))
        ax.set(xlabel=time_label(path["ds"]), ylabel="Plays a period")
        ax.legend(loc="best", fontsize="small")
    ax.set_ylim(bottom=0)
    amounts_in_full(ax, "y")
    change = f"{found.effect_pct:+.1f} % ({found.lo_90:.1f} to {found.hi_90:.1f} %)"
    _titled(ax, f"The first {change}, {chance(found.p_value)}")
    return ax


def switchback_schedule(plan: "Switchback", *, ax: "Axes | None" = None) -> "Axes":
    """Draw when a campaign is on and off.

    Parameters
    ----------
    plan : Switchback
        What ``mt.marketing.switchback`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; periods of washout are grey.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, musictools as mt
    >>> ax = mt.plot.switchback_schedule(mt.marketing.switchback(84, washout=1, rng=1))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['off', 'on']
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    table = plan.schedule
    ax.step(table["ds"], table["on"].astype(int), where="post", color=PALETTE[0])
    dropped = ~table["used"].to_numpy()
    ax.plot(table["ds"][dropped], table["on"][dropped].astype(int), "s", color="#999999",
            markersize=4, label="washout, not used")  # fmt: skip
    ax.set_yticks([0, 1], ["off", "on"])
    ax.set(xlabel=time_label(table["ds"]), ylabel="Campaign", ylim=(-0.3, 1.3))
    if dropped.any():
        ax.legend(loc="upper right", fontsize="small")
    return ax


def switchback(found: "SwitchbackEffect", *, ax: "Axes | None" = None) -> "Axes":
    """Draw each pair of blocks: on against off.

    Parameters
    ----------
    found : SwitchbackEffect
        What the ``estimate`` of a ``Switchback`` gives.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the current axes otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a dot for each pair, the mean with its interval.

    Examples
    --------
    >>> import matplotlib.pyplot as plt, numpy as np, pandas as pd, musictools as mt
    >>> plan = mt.marketing.switchback(84, rng=1)
    >>> series = pd.DataFrame({"unique_id": "SE", "ds": np.arange(84),
    ...                        "y": np.random.default_rng(0).poisson(900, 84)})
    >>> ax = mt.plot.switchback(plan.estimate(series))
    >>> ax.get_ylabel()
    'On over off (%)'
    >>> plt.close(ax.figure)
    """
    ax = axes_or_current(ax)
    ax.axhspan(found.lo_90, found.hi_90, color=PALETTE[0], alpha=0.15, linewidth=0,
               label="90 % interval of the mean")  # fmt: skip
    mean = f"mean, {found.effect_pct:+.1f} %".replace("-", "\N{MINUS SIGN}")
    ax.axhline(found.effect_pct, color=PALETTE[0], label=mean)
    ax.plot(found.pairs["pair"] + 1, 100 * np.expm1(found.pairs["gap"]), "o", color="black",
            label="pair of blocks")  # fmt: skip
    ax.axhline(0, color="#555555", linewidth=0.8)
    ax.set_xticks(found.pairs["pair"] + 1)
    ax.set(xlabel="Pair of blocks", ylabel="On over off (%)")
    ax.legend(loc="best", fontsize="small")
    return ax


def _titled(ax: "Axes", text: str) -> None:
    ax.set_title(text.replace("-", "\N{MINUS SIGN}"), loc="left", fontsize="medium")


def _since(ax: "Axes", since: "pd.Series[int]", path: "pd.DataFrame") -> None:
    effect = path["effect_pct"]
    bars = np.array([effect - path["lo_90"], path["hi_90"] - effect])
    ax.errorbar(since, effect, bars, fmt="o", color=PALETTE[0], markersize=4, linewidth=1,
                label="effect, 90 % interval of each")  # fmt: skip
    ax.axhline(0, color="#555555", linewidth=0.8)
    ax.axvline(-0.5, color="#555555", linestyle=(0, (2, 3)))
