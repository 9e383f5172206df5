"""explore_releases(): songs one by one, or all at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from musictools._counts import counted
from musictools.lab._chart import Chart, Series
from musictools.lab._knobs import Knob, Knobs, Lesson, Shown, knobs_of

WEEKS = 52
_FRESH_WEEKS = 8  # so long a song still loses listeners to the next one
_KNOBS = (
    Knob("releases", "Songs", 1, 8, 1, 4),
    Knob("gap_weeks", "Weeks between songs", 0, 12, 1, 6, "weeks"),
    Knob("first_week", "Streams of a first week", 10, 500, 10, 100, "thousand"),
    Knob("half_life_weeks", "Half-life of the excitement", 1, 12, 0.5, 3, "weeks"),
    Knob("lasting", "Part that stays for good", 0, 30, 1, 8, "%"),
    Knob("carried", "Listeners who come along to the next song", 0, 60, 5, 20, "%"),
    Knob("taken", "What a song takes from those just before it", 0, 60, 5, 25, "%"),
)


def explore_releases(values: Mapping[str, Any] | None = None) -> Knobs:
    """Turn the knobs of a year's release calendar.

    Parameters
    ----------
    values : mapping, optional
        Name to value of knobs that start elsewhere: ``releases``, ``gap_weeks``, ``first_week``
        (in thousands), ``half_life_weeks``, ``lasting``, ``carried``, ``taken`` (in percent).

    Returns
    -------
    Knobs
        A widget; a picture where no widgets run, or where anywidget is not installed.

    Raises
    ------
    InputError
        If there is no such knob, or it does not turn so far.

    Notes
    -----
    A song has F (l + (1 - l) 2^(-age / h)) streams a week, in thousands; F is the first week plus
    what is carried over of all streams of the week before, and each song of the last 8 weeks
    keeps 1 - taken of its streams for good when another comes out. A model to think with: measure
    your own with ``mt.trends.half_life``, ``mt.marketing.halo`` and ``cannibalisation``.

    Examples
    --------
    >>> import musictools as mt
    >>> calendar = mt.lab.explore_releases({"releases": 2, "gap_weeks": 8})
    >>> calendar.table["streams"].round().head(3).tolist()
    [100.0, 81.0, 66.0]
    """
    return knobs_of(LESSON, values)


def year_of_streams(values: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Give the streams of each song in each week of a year.

    Parameters
    ----------
    values : mapping
        Of all knobs.

    Returns
    -------
    numpy.ndarray, shape (songs, 52)
        In thousands.
    """
    songs, gap = int(values["releases"]), int(values["gap_weeks"])
    lasting, carried, taken = (values[name] / 100 for name in ("lasting", "carried", "taken"))
    streams = np.zeros((songs, WEEKS))
    age = np.arange(WEEKS)
    curve = lasting + (1 - lasting) * 0.5 ** (age / values["half_life_weeks"])
    for song in range(songs):
        start = song * gap
        if start >= WEEKS:
            break
        before = streams[:, start - 1].sum() if start else 0.0
        fresh = [old for old in range(song) if start - old * gap <= _FRESH_WEEKS]
        streams[fresh, start:] *= 1 - taken
        streams[song, start:] = (values["first_week"] + carried * before) * curve[: WEEKS - start]
    return streams


def _work(values: Mapping[str, Any]) -> Shown:
    import pandas as pd

    now = year_of_streams(values).sum(axis=0)
    at_once = year_of_streams({**values, "gap_weeks": 0}).sum(axis=0)
    by_gap = [year_of_streams({**values, "gap_weeks": gap}).sum() for gap in range(13)]
    best = int(np.argmax(by_gap))
    songs, gap = int(values["releases"]), int(values["gap_weeks"])
    weeks = np.arange(1, WEEKS + 1)
    words = f"One song brings {now.sum():,.0f} thousand streams in a year."
    if songs > 1:
        change = now.sum() / at_once.sum() - 1
        words = (
            f"{songs} songs, {counted(gap, 'week')} apart: {now.sum():,.0f} thousand streams in a "
            f"year, {change:+.0%} beside all at once; {counted(best, 'week')} would bring most."
        )
    released = [float(song * gap + 1) for song in range(songs) if song * gap < WEEKS]
    chart = Chart(
        kind="lines",
        x=weeks.tolist(),
        x_label="Week (number)",
        y_label="Streams (thousands a week)",
        series=[Series("this calendar", now.tolist()), Series("all at once", at_once.tolist())],
        marks=released,
    )
    table = pd.DataFrame({"week": weeks, "streams": now, "at_once": at_once})
    return Shown(chart, words, table)


LESSON = Lesson(
    "Release calendar: one song every few weeks, or all at once?",
    "A model of one artist without seasons, playlists or budgets; the year ends after 52 weeks.",
    _KNOBS,
    _work,
)
