"""explore_adstock(): how long money works, and when more of it no longer does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools.lab._chart import Chart, Series
from musictools.lab._knobs import Choice, Knob, Knobs, Lesson, Shown, knobs_of
from musictools.marketing import adstock, saturate

WEEKS, _FIRST = 26, 2
_KNOBS = (
    Choice("kernel", "Carry-over", ("geometric", "delayed"), "geometric"),
    Knob("theta", "Kept from week to week", 0.05, 0.95, 0.05, 0.6),
    Knob("delay", "Weeks until it works most (delayed only)", 0.5, 6, 0.5, 2, "weeks"),
    Knob("spend", "Money in all", 1, 100, 1, 50, "thousand"),
    Knob("burst_weeks", "Spread over", 1, 20, 1, 4, "weeks"),
    Knob("half", "Money a week at half of the ceiling", 1, 30, 0.5, 6, "thousand"),
    Knob("slope", "Steepness", 0.5, 3, 0.1, 1.4),
    Knob("ceiling", "Ceiling of streams", 10, 500, 10, 100, "thousand a week"),
)


def explore_adstock(values: Mapping[str, Any] | None = None) -> Knobs:
    """Turn the knobs of carry-over and saturation.

    Parameters
    ----------
    values : mapping, optional
        Name to value of knobs that start elsewhere: ``kernel``, ``theta``, ``delay``, ``spend``,
        ``burst_weeks``, ``half``, ``slope``, ``ceiling``.

    Returns
    -------
    Knobs
        A widget; a picture where no widgets run, or where anywidget is not installed.

    Raises
    ------
    InputError
        If there is no such knob, or it does not turn so far.

    See Also
    --------
    musictools.marketing.adstock, musictools.marketing.saturate : What it shows.

    Examples
    --------
    >>> import musictools as mt
    >>> mt.lab.explore_adstock({"theta": 0.5}).table.columns.tolist()
    ['week', 'spend', 'adstock', 'streams']
    """
    return knobs_of(LESSON, values)


def burst(values: Mapping[str, Any]) -> tuple[npt.NDArray[np.float64], ...]:
    """Give spend, spend as it works, and what it brings, week by week.

    Parameters
    ----------
    values : mapping
        Of all knobs.

    Returns
    -------
    spend, worked, streams : numpy.ndarray, shape (26,)
        In thousands.
    """
    spend = np.zeros(WEEKS)
    long = int(values["burst_weeks"])
    spend[_FIRST : _FIRST + long] = values["spend"] / long
    kernel = values["kernel"]
    names = ("theta", "delay") if kernel == "delayed" else ("theta",)
    worked = adstock(spend, kernel, {name: values[name] for name in names})
    curve = {"half": values["half"], "slope": values["slope"]}
    return spend, worked, values["ceiling"] * saturate(worked, "hill", curve)


def _work(values: Mapping[str, Any]) -> Shown:
    import pandas as pd

    spend, worked, streams = burst(values)
    total = float(streams.sum())
    more = float(burst({**values, "spend": values["spend"] * 1.01})[2].sum()) - total
    average, next_one = total / values["spend"], more / (values["spend"] * 0.01)
    last = _FIRST + int(values["burst_weeks"])
    later = float(streams[last:].sum()) / total if total else 0.0
    words = (
        f"{values['spend']:g} thousand bring {total:,.0f} thousand streams, {later:.0%} of them "
        f"after the last euro: {average:.1f} streams for each, but {next_one:.1f} for the next."
    )
    weeks = np.arange(1, WEEKS + 1)
    chart = Chart(
        kind="lines",
        x=weeks.tolist(),
        x_label="Week (number)",
        y_label="Money and streams (thousands a week)",
        series=[
            Series("streams", streams.tolist()),
            Series("spend", spend.tolist()),
            Series("spend as it works (adstock)", worked.tolist()),
        ],
        marks=[],
    )
    table = pd.DataFrame({"week": weeks, "spend": spend, "adstock": worked, "streams": streams})
    return Shown(chart, words, table)


LESSON = Lesson(
    "Carry-over and saturation: when does the next euro work?",
    "One channel alone, within 26 weeks; no release, season or other channel beside it.",
    _KNOBS,
    _work,
)
