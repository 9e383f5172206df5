"""Pictures of attention and of lives on a chart."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


@pytest.fixture(scope="module")
def chart():
    return mt.datasets.simulate_chart(weeks=60, size=20, rng=1)


def series(y, name="a $1 song"):
    return pd.DataFrame({"unique_id": name, "ds": np.arange(len(y)), "y": np.asarray(y, float)})


def test_survival_is_a_stair_for_each_group(chart):
    runs = mt.trends.chart_runs(chart.chart).merge(chart.songs[["song", "playlisted"]])
    found = mt.trends.survival(runs, by="playlisted")
    ax = found.plot()
    assert len(ax.get_lines()) == 2
    stair = ax.get_lines()[0].get_ydata()
    assert stair[0] == 1
    assert stair[-1] == found.table.query("group == False")["survival"].iloc[-1]
    assert "median" in ax.get_legend().get_texts()[1].get_text()
    plt.close(ax.figure)


def test_hazards_stand_in_the_order_of_the_table(chart):
    runs = mt.trends.chart_runs(chart.chart).merge(chart.songs[["song", "playlisted"]])
    found = mt.trends.cox(runs, ["playlisted", "debut"])
    ax = mt.plot.hazards(found)
    labels = [each.get_text() for each in ax.get_yticklabels()]
    assert labels[::-1] == found.table["covariate"].tolist()
    plt.close(ax.figure)


def test_a_run_breaks_where_the_title_is_gone():
    dates = pd.to_datetime(["2024-01-06", "2024-01-13", "2024-01-20"])
    rows = pd.DataFrame({"date": dates, "rank": [9, 1, 3], "song": ["A", "B", "A"]})
    ax = mt.plot.chart_run(rows, {"song": "A"})
    assert np.isnan(ax.get_lines()[0].get_ydata()).tolist() == [False, True, False]
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "the top is at the top"
    plt.close(ax.figure)
    with pytest.raises(InputError, match="title of the chart"):
        mt.plot.chart_run(rows, {"song": "C"})
    with pytest.raises(TableError, match="artist"):
        mt.plot.chart_run(rows, {"artist": "C"})


def test_breakouts_mark_each_change():
    y = np.r_[np.tile([10.0, 12, 11], 9), np.tile([40.0, 44, 42], 9)]
    ax = mt.trends.breakouts(series(y)).plot()
    assert ax.get_yscale() == "log"
    seen, level, rise = ax.get_lines()
    assert seen.get_ydata().tolist() == y.tolist()
    assert level.get_ydata()[0] == pytest.approx(11, rel=0.02)
    assert rise.get_xdata()[0] == 27
    plt.close(ax.figure)


def test_curves_of_growth_and_responses():
    t = np.arange(30)
    found = mt.trends.bass(series(90 * np.exp(-((t - 9) ** 2) / 40)), rng=0)
    ax = found.plot()
    assert ax.get_title(loc="center") + ax.get_title(loc="left") == r"a \$1 song"
    assert ax.get_lines()[1].get_xdata()[-1] == 45
    plt.close(ax.figure)
    views = series(9.0 + 50 * (t % 10 == 5)).assign(promotion=(t % 10 == 5) * 1.0)
    ax = mt.trends.hawkes(views, rng=0).plot()
    assert ax.get_lines()[0].get_ydata().tolist() == views["y"].tolist()
    plt.close(ax.figure)
    with pytest.raises(InputError, match="unique_id='b'"):
        mt.plot.diffusion(found, unique_id="b")
