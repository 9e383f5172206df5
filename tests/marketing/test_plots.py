"""Pictures of impacts show what the results hold."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import musictools as mt
from tests.marketing.test_event_study import staggered
from tests.marketing.test_impact import START, panel


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_impact_is_drawn_with_its_band(ax):
    found = mt.marketing.impact(panel(), treated="s00", start=START)
    assert found.plot(ax=ax) is ax
    observed, expected = ax.get_lines()[:2]
    assert observed.get_ydata() == pytest.approx(found.path["observed"])
    assert expected.get_ydata() == pytest.approx(found.path["counterfactual"])
    drawn = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert drawn.min() == pytest.approx((found.path["observed"] - found.path["hi_90"]).min())
    assert f"p = {found.p_value:.3f}" in ax.get_title(loc="left")


def test_without_a_band_there_is_none(ax):
    found = mt.marketing.impact(
        panel(treated=3), treated=["s00", "s01", "s02"], start=START, interval="jackknife"
    )
    found.plot(ax=ax)
    assert not ax.collections


def test_event_study_is_drawn(ax):
    study = mt.marketing.event_study(staggered(effect=lambda since: 3.0 + 0 * since))
    assert study.plot(ax=ax) is ax
    assert len(ax.containers) == 2
    assert ax.containers[1][0].get_ydata() == pytest.approx(
        study.path["effect"][study.path["event_time"] >= 0]
    )
    assert np.isclose(ax.get_lines()[-1].get_xdata()[0], -0.5)
