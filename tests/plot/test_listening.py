"""Pictures of when somebody listens, and of what a stream is worth."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def minutes(ax):
    return np.asarray(ax.collections[0].get_array()).reshape(7, 24)


def test_hours_follow_the_clock_and_summer_time():
    # Wednesdays, at 8 in Berlin, in winter and in summer; 22 weeks lie between.
    times = pd.to_datetime(["2025-02-05 07:00", "2025-07-02 06:00"])
    plays = pd.DataFrame({"played_at": times, "seconds": [600.0, 600.0]})
    ax = mt.plot.hours_of_week(plays, zone="Europe/Berlin")
    weeks = 148 / 7
    assert np.argwhere(minutes(ax)).tolist() == [[2, 8]]
    assert minutes(ax)[2, 8] == pytest.approx(20 / weeks)
    assert np.argwhere(minutes(mt.plot.hours_of_week(plays, ax=plt.figure().gca()))).tolist() == [
        [2, 6],
        [2, 7],
    ]


def test_hours_that_cannot_be_drawn():
    plays = pd.DataFrame({"played_at": pd.to_datetime(["2025-02-05"]), "seconds": [1.0]})
    with pytest.raises(TableError, match="seconds"):
        mt.plot.hours_of_week(plays.drop(columns="seconds"))
    with pytest.raises(InputError, match="no play"):
        mt.plot.hours_of_week(plays.head(0))
    with pytest.raises(InputError, match="zone"):
        mt.plot.hours_of_week(plays, zone="Here")


STREAMS = pd.DataFrame(
    {
        "user_id": ["A", "A", "B", "C"],
        "plays": [10, 30, 60, 100],
        "money": [4.0, 4.0, 12.0, 0.0],
        "tier": ["student", "student", "premium", "free"],
    }
)


def test_a_stream_of_each_listener_and_of_all():
    ax = mt.plot.stream_worth(STREAMS, mark="A", unit="EUR")
    points = {tuple(map(float, c.get_offsets()[0])) for c in ax.collections if len(c.get_offsets())}
    assert points == {(40.0, 0.1), (60.0, 0.2)}
    assert [float(y) for y in ax.lines[0].get_ydata()] == [16 / 200] * 2
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["premium (1)", "student (1)", "pro rata: all streams", "A"]
    assert (ax.get_xscale(), ax.get_ylabel()) == ("log", "A stream (EUR)")
    plain = mt.plot.stream_worth(STREAMS.drop(columns="tier"), ax=plt.figure().gca())
    assert plain.get_legend().get_texts()[0].get_text() == "listeners (2)"


def test_worth_that_cannot_be_drawn():
    with pytest.raises(TableError, match="money"):
        mt.plot.stream_worth(STREAMS.drop(columns="money"))
    with pytest.raises(InputError, match="no listener"):
        mt.plot.stream_worth(STREAMS.assign(money=0.0))
    with pytest.raises(InputError, match="brings in money"):
        mt.plot.stream_worth(STREAMS, mark="C")
