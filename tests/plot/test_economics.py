"""Pictures of splits, deals, decay and values: what is drawn is what was reckoned."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.economics import (
    Node,
    Step,
    mechanical_royalty,
    price_elasticity,
    profit_split_deal,
    royalty_deal,
    scenario_tree,
    split_income,
    statement,
    tornado,
    value_by_multiple,
)


def test_bars_of_a_split_follow_each_other_to_the_whole():
    steps = [Step("platform", "0.3"), Step("$ label"), Step("artist", of="$ label")]
    ax = split_income(200, steps, currency="EUR").plot()
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert spans == [(0, 60), (60, 200)]
    assert [t.get_text() for t in ax.texts] == ["60.00 (30.0 %)", "140.00 (70.0 %)"]
    assert ax.get_xlabel() == "Amount (EUR)"
    split_income(-200, steps).plot()
    ax.figure.canvas.draw()


def overlapping(texts):
    """Pairs of neighbours that run into each other."""
    boxes = [t.get_window_extent() for t in texts if t.get_text()]
    return [(a, b) for a, b in pairwise(sorted(boxes, key=lambda box: box.x0)) if a.x1 > b.x0]


@pytest.mark.parametrize("size", [(3.0, 2.5), (4.5, 2.5), (8.0, 3.6)])
@pytest.mark.parametrize("whole", ["90", "10990000", "1234567890.12"])
def test_amounts_stand_side_by_side_in_full(size, whole):
    with mt.plot.style():
        ax = plt.subplots(figsize=size)[1]
        mt.plot.splits(split_income(whole, [Step("service", "0.3"), Step("label")]), ax=ax)
        ax.figure.canvas.draw()
        assert ax.xaxis.get_offset_text().get_text() == ""
        labels = ax.get_xticklabels()
        assert len(labels) >= 2
        assert not overlapping(labels)
    shown = [float(t.get_text().replace(",", "")) for t in labels]
    assert np.allclose(shown, ax.get_xticks())


@pytest.mark.parametrize("size", [(3.0, 2.5), (4.5, 2.5), (8.0, 3.6)])
@pytest.mark.parametrize("period", ["2024Q{}", "2025-01-0{}", "the year until 2025-01-0{}"])
def test_periods_do_not_run_into_each_other(size, period):
    money = pd.DataFrame({"period": [period.format(n) for n in range(1, 10)], "revenue": 3e7})
    with mt.plot.style():
        ax = plt.subplots(figsize=size)[1]
        mt.plot.recoupment(statement(royalty_deal("0.5", advance=8e7), money), ax=ax)
        ax.figure.canvas.draw()
        assert not overlapping(ax.get_xticklabels())
        assert ax.yaxis.get_offset_text().get_text() == ""
    assert ax.get_xticklabels()[0].get_text() == period.format(1)


def test_balances_are_below_zero_and_payments_above():
    money = pd.DataFrame({"period": pd.date_range("2025-01-01", periods=3, freq="QS")})
    money = pd.concat([money.assign(revenue=100, deal=name) for name in ("a", "b")])
    deals = [royalty_deal("0.5", advance=80, name="a"), profit_split_deal(advance=80, name="b")]
    ax = mt.plot.recoupment(statement(deals, money), unit="USD")
    assert [line.get_ydata().tolist() for line in ax.lines[:2]] == [[-30, 0, 0], [0, 0, 0]]
    assert [bar.get_height() for bar in ax.patches] == [0, 20, 50, 10, 50, 50]
    assert ax.get_xticklabels()[0].get_text() == "2025-01-01"
    many = pd.DataFrame({"period": range(100), "revenue": 1})
    plt.close("all")
    assert len(statement(royalty_deal(1), many).plot().get_xticks()) <= 8


def test_the_mechanical_formula_is_a_waterfall():
    pool = mechanical_royalty(
        2026, revenue=500_000, content_cost=520_000, subscribers=100_000, performance=80_000
    )
    ax = pool.plot()
    texts = [t.get_text().replace("\N{MINUS SIGN}", "-") for t in ax.texts]
    assert texts == ["110,000.00", "-80,000.00", "+30,000.00", "60,000.00"]
    assert ax.get_ylabel() == "Amount (USD)"


def test_a_decay_goes_through_its_half():
    weeks = np.arange(40)
    series = pd.DataFrame({"unique_id": "a_$", "ds": weeks, "y": 800 * 0.5 ** (weeks / 6)})
    found = mt.trends.half_life(series, rng=0)
    ax = mt.plot.decay(found, unit="streams")
    ages, values = ax.lines[0].get_data()
    assert np.interp(6, ages, values) == pytest.approx(400, rel=1e-2)
    assert ax.lines[1].get_xdata()[0] == pytest.approx(6, rel=1e-3)
    assert ax.get_ylabel() == "Value (streams)"
    ax.figure.canvas.draw()
    with pytest.raises(mt.errors.InputError, match="'a_\\$'"):
        mt.plot.decay(found, unique_id="a_")
    nothing = mt.trends.half_life(series.assign(y=0.0))
    with pytest.raises(mt.errors.InputError, match="column note"):
        nothing.plot()


def test_values_are_in_order_with_their_intervals():
    found = value_by_multiple({"A": 1, "B": 3, "C": 2}, (8, 10, 12))
    ax = mt.plot.valuation(found, top=2, unit="USD")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["B", "C"]
    assert [line.get_xdata().tolist() for line in ax.lines] == [[24, 36], [30], [16, 24], [20]]
    assert "3 recordings: 60 USD (48 to 72)" in {ax.get_title(loc="left"), ax.get_title()}


def test_a_tornado_has_its_ends():
    found = tornado(lambda a, b: a - b, {"a": (1000, 2000, 4000), "b": (0, 0.25, 1)})
    ax = found.plot()
    ends = [round(bar.get_x() + bar.get_width(), 2) for bar in ax.patches]
    assert ends == [999.75, 3999.75, 2000, 1999]
    assert [t.get_text() for t in ax.texts] == ["1,000", "4,000", "0", "1"]
    sides = [t.get_ha() for t in ax.texts]
    assert sides == ["right", "left", "left", "right"]


def test_an_elasticity_is_a_slope_or_no_line():
    rises = pd.DataFrame({"price_before": 10.0, "price_after": [11.0, 12, 13, 14, 15]})
    rises = rises.assign(quantity_before=1.0, quantity_after=(rises["price_after"] / 10) ** -0.5)
    ax = price_elasticity(rises, rng=0).plot()
    x, y = ax.lines[-1].get_data()
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(-0.5)
    plt.close("all")
    ax = price_elasticity(rises.assign(price_after=11.0)).plot()
    assert len(ax.lines) == 1
    assert "one size" in ax.get_title(loc="center") + ax.get_title(loc="left")


@pytest.mark.parametrize("slope", [-0.5, 0.5])
def test_no_point_lies_below_the_legend_of_an_elasticity(slope):
    price = np.linspace(10.5, 12, 30)
    rises = pd.DataFrame({"price_before": 10.0, "price_after": price, "quantity_before": 1.0})
    noise = np.random.default_rng(1).normal(0, 0.05, 30)
    rises["quantity_after"] = (price / 10) ** slope * np.exp(noise)
    with mt.plot.style():
        ax = plt.subplots(figsize=(4.5, 3.2))[1]
        mt.plot.elasticity(price_elasticity(rises, trend="none", rng=0), ax=ax)
        ax.figure.canvas.draw()
        legend = ax.get_legend().get_window_extent()
        points = ax.transData.transform(ax.collections[0].get_offsets())
    assert not any(legend.contains(*point) for point in points)


def test_scenarios_are_steps():
    tree = Node("x", children=[Node("a", 10, "0.25"), Node("b", 30, "0.75")])
    ax = scenario_tree(tree).plot()
    assert ax.lines[0].get_xdata().tolist() == [9, 10, 30, 31]
    assert ax.lines[0].get_ydata().tolist() == [0, 25, 100, 100]
    assert ax.lines[1].get_xdata()[0] == 25


def test_results_in_a_notebook_are_escaped():
    name = "<script>"
    shown = [
        split_income(1, [Step(name, "0.5")]),
        statement(royalty_deal("0.5", name=name), pd.DataFrame({"period": [name], "revenue": [1]})),
        value_by_multiple({name: 1}, 10),
        mt.trends.half_life(pd.DataFrame({"unique_id": name, "ds": range(9), "y": 2.0**9}), rng=0),
    ]
    for result in shown:
        html = result._repr_html_()
        assert name not in html
        assert "&lt;script&gt;" in html
