"""Pictures of tests before they are run show the numbers of their results."""

import numpy as np
import pytest

import musictools as mt

HISTORY = mt.datasets.simulate_panel(units=12, periods=60, effect=0.0, rng=1).series


def test_power_curve(axes):
    made = mt.marketing.power(HISTORY, treated=3, duration=[2, 4], rng=1)
    assert made.plot(axes) is axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    own = made.curve[made.curve["duration"] == 4]
    mde = made.by_duration["mde"].iloc[1]
    np.testing.assert_allclose(lines[f"4 periods: {mde:.1%}"].get_ydata(), 100 * own["power"])
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose([dot.get_xdata()[0] for dot in dots], 100 * made.by_duration["mde"])


def test_power_out_of_reach(axes):
    made = mt.marketing.power(HISTORY, treated=3, effects=[0.0001], rng=1)
    made.plot(axes)
    assert not [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert "not reached" in axes.get_legend().get_texts()[0].get_text()


def test_matches_and_arms(axes):
    made = mt.marketing.matched_markets(HISTORY, treated="city_002", count=9)
    made.plot(axes)
    assert len(axes.get_lines()) == 6
    y = HISTORY.query("unique_id == 'city_002'")["y"]
    np.testing.assert_allclose(axes.get_lines()[-1].get_ydata(), 100 * (y / y.mean() - 1))
    axes.clear()
    test = mt.marketing.geo_test(HISTORY, rng=1)
    test.plot(axes)
    assert len(axes.get_lines()) == 2
    assert axes.get_ylabel() == "Relative to own mean (%)"


def test_sample_size(axes):
    made = mt.marketing.sample_size(5.0, 0.1, sd=4.0, level=90)
    made.plot(axes)
    dot = axes.get_lines()[1]
    assert dot.get_xdata()[0] == made.per_arm
    assert dot.get_ydata()[0] == pytest.approx(80, abs=0.5)
