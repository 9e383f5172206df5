"""Pictures of a media mix show its numbers."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt

MADE = mt.datasets.simulate_campaign(80, channels=["tv", "radio"], events=(), rng=1)


@pytest.fixture(scope="module")
def mix():
    return mt.marketing.MediaMix(method="ridge", rng=0).fit(MADE.spend, MADE.y)


def test_weeks_stand_upon_each_other(mix, axes):
    assert mt.plot.media_weeks(mix, ax=axes) is axes
    np.testing.assert_allclose(axes.get_lines()[0].get_ydata(), MADE.y)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["sales", "radio", "tv", "base"]
    # The upper edge of the last area is all but the noise.
    top = axes.collections[-1].get_paths()[0].vertices[:, 1].max()
    parts = mix.decompose()
    assert top == pytest.approx((MADE.y - parts["left_over"]).max())
    assert axes.get_ylabel() == "Sales (in each week)"


def test_returns_from_elsewhere_are_marked(mix, axes):
    truth = MADE.truth["channels"].set_index("channel")["roas"]
    mt.plot.media_roas(mix, beside={"truth": truth, "test": pd.Series({"tv": 3.0})}, ax=axes)
    marks = {line.get_label(): line for line in axes.get_lines()}
    rows = [text.get_text() for text in axes.get_yticklabels()]
    np.testing.assert_allclose(marks["truth"].get_xdata(), truth[rows])
    at = marks["test"].get_xdata()[rows.index("tv")], marks["test"].get_xdata()[rows.index("radio")]
    assert at[0] == 3.0
    assert np.isnan(at[1])
    assert {text.get_text() for text in axes.get_legend().get_texts()} >= {"truth", "test"}


def test_axes_of_a_budget_have_units(mix, axes):
    mix.allocate(10_000).plot(axes)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Spend (in the window)",
                                                      "Sales (in the window)")  # fmt: skip
