"""Pictures of generations, and of the shares of the few."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import TableError


@pytest.fixture(scope="module")
def curves():
    weeks = pd.date_range("2023-12-04", periods=12, freq="7D")
    parts = [
        pd.DataFrame({"unique_id": name, "ds": weeks[start:stop], "y": 5.0})
        for name, start, stop in (("a", 0, 3), ("b", 1, 12), ("c", 6, 9), ("d", 9, 12))
    ]
    return mt.trends.cohort_curves(pd.concat(parts), ages=8)


def test_a_generation_is_drawn_as_far_as_half_of_it_was_seen(curves):
    ax = mt.plot.cohorts(curves, unit="weeks")
    old, young = ax.get_lines()
    # Of 2023 both can be seen for nine steps; of 2024 one for five steps, and the other for two.
    assert list(old.get_xdata()) == list(range(9))
    assert list(old.get_ydata()[:4]) == [1, 1, 1, 0.5]
    assert list(young.get_xdata()) == [0, 1, 2, 3, 4, 5]
    assert [each.get_text() for each in ax.get_legend().get_texts()] == ["2023", "2024"]
    assert ax.get_xlabel() == "Age (weeks)"
    plt.close(ax.figure)


def test_shares_are_in_per_cent_and_in_order_of_size():
    streams = pd.DataFrame({
        "unique_id": list("abc") * 2,
        "ds": pd.to_datetime(["2024-05-01"] * 3 + ["2025-05-01"] * 3),
        "y": [8.0, 1, 1, 5, 5, 10],
    })  # fmt: skip
    ax = mt.plot.concentration(mt.trends.concentration(streams))
    first, ten, _ = ax.get_lines()
    assert first.get_ydata() == pytest.approx([80, 50])
    assert ten.get_ydata() == pytest.approx([100, 100])
    plt.close(ax.figure)


@pytest.mark.parametrize("draw", [mt.plot.cohorts, mt.plot.concentration])
def test_another_table_is_refused_with_the_name_of_the_right_one(draw):
    with pytest.raises(TableError, match=r"mt\.trends\."):
        draw(pd.DataFrame({"a": [1]}))
