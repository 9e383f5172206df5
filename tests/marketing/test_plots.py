"""Pictures of impacts show what the results hold."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest

import musictools as mt
from musictools.errors import InputError
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


def test_placebos_stand_beside_what_was_found(ax):
    found = mt.marketing.impact(panel(), treated="s00", start=START)
    mt.plot.placebos(found, ax=ax)
    space = found.placebos.query("kind == 'space'")["ratio"].to_numpy()
    others, *rest = ax.get_lines()
    assert others.get_xdata() == pytest.approx(np.sort(space))
    own = rest[-2].get_xdata()[0]
    # The rank that is drawn is the p-value that is told.
    larger = int((np.abs(space) >= abs(own)).sum())
    assert found.p_value == pytest.approx((1 + larger) / (1 + len(space)))
    assert f" {larger} of {len(space)} others" in ax.get_title(loc="left")
    plt.close(mt.plot.placebos(found, value="effect", ax=plt.subplots()[1]).figure)


def test_placebos_that_are_not_there_are_asked_for(ax):
    found = mt.marketing.impact(panel(), treated="s00", start=START)
    with pytest.raises(InputError, match="'ratio' or 'effect'"):
        mt.plot.placebos(found, value="p", ax=ax)
    none = dataclasses.replace(found, placebos=found.placebos.iloc[:0])
    with pytest.raises(InputError, match="without placebos"):
        mt.plot.placebos(none, ax=ax)
