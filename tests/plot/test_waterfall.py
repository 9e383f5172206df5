"""Pictures of how one amount becomes another."""

from decimal import Decimal
from fractions import Fraction

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text().replace("\N{MINUS SIGN}", "-") for text in ax.texts]


def test_the_bars_meet_and_end_at_the_sum():
    steps = {"a": Decimal("10.10"), "b": Decimal("-3.30"), "c": Decimal("0.20")}
    ax = mt.plot.waterfall(steps, total="z", unit="EUR")
    assert texts(ax) == ["10.10", "-3.30", "+0.20", "7.00"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c", "z"]
    spans = [sorted((b.get_y(), b.get_y() + b.get_height())) for b in ax.patches]
    assert spans == [pytest.approx(p) for p in ([0, 10.1], [6.8, 10.1], [6.8, 7], [0, 7])]
    assert ax.get_ylabel() == "Amount (EUR)"
    assert ax.get_ylim()[0] <= 0


def test_a_series_of_fractions_is_added_exactly_and_may_fall_below_zero():
    steps = pd.Series({"a": Fraction(1, 3), "b": Fraction(-2, 3)}, dtype=object)
    figure, axes = plt.subplots(2)
    assert mt.plot.waterfall(steps, total="z", unit="$", digits=3, ax=axes[1]) is axes[1]
    assert texts(axes[1]) == ["0.333", "-0.667", "-0.333"]
    assert not axes[0].patches
    assert figure.axes == list(axes)


def test_halves_go_to_even_and_thousands_have_commas():
    ax = mt.plot.waterfall({"a": Decimal("1234.005"), "b": Decimal("0.01")}, total="z", unit="EUR")
    assert texts(ax) == ["1,234.00", "+0.01", "1,234.02"]


def test_dollars_in_names_are_no_formula():
    ax = mt.plot.waterfall({"$ one": 1, "two $": 2}, total="$", unit="USD")
    ax.figure.canvas.draw()
    assert ax.get_xticklabels()[0].get_text() == r"\$ one"


@pytest.mark.parametrize(
    "steps", [{}, {"a": 1}, {"a": "much", "b": 1}, {"a": float("nan"), "b": 1}, {"a": None, "b": 1}]
)
def test_what_cannot_be_drawn_is_refused(steps):
    with pytest.raises(mt.errors.InputError, match="draw a waterfall"):
        mt.plot.waterfall(steps, total="z", unit="EUR")
