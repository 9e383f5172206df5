"""Break-even, shows, price rises, scenarios, returns."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import musictools as mt
from musictools.economics import (
    Node,
    break_even_streams,
    irr,
    payback,
    price_elasticity,
    scenario_tree,
    tornado,
    tour_margin,
)


@given(
    st.integers(0, 10**8).map(lambda cents: Fraction(cents, 100)),
    st.fractions("0.0001", "0.02", max_denominator=10**5),
    st.fractions("0.01", 1, max_denominator=100),
)
def test_break_even_is_the_first_number_that_covers_the_cost(cost, rate, share):
    streams = break_even_streams(cost, rate, share=share)
    assert streams * rate * share >= cost
    assert streams == 0 or (streams - 1) * rate * share < cost


def test_break_even_is_not_fooled_by_floats():
    # 0.3 / 0.1 is 2.9999999999999996 in floats, and 0.7 / 0.1 is 6.999999999999999.
    assert break_even_streams(0.3, 0.1) == 3
    assert break_even_streams(2.1, 0.3) == 7
    with pytest.raises(mt.errors.InputError, match="rate=0"):
        break_even_streams(1, 0)


def test_a_show_by_hand():
    show = {
        "show": "Oslo", "tickets": 300, "price": 32.10, "ticket_tax": 0.07, "venue_share": 0.15,
        "cost_per_ticket": 1.50, "fixed_costs": 5_000, "merch_per_head": 8, "merch_cost": 0.4,
        "merch_venue_share": 0.2, "guarantee": 4_000,
    }  # fmt: skip
    row = tour_margin(pd.DataFrame([show])).iloc[0]
    # A ticket is 30.00 before tax, 25.50 after the house; goods leave 3.20 a head.
    assert row["ticket_income"] == pytest.approx(7_650)
    assert row["merch_income"] == pytest.approx(960)
    assert row["variable_costs"] == pytest.approx(450)
    assert row["contribution"] == pytest.approx(8_160)
    assert row["contribution_per_ticket"] == pytest.approx(27.2)
    assert row["profit"] == pytest.approx(3_160)
    assert row["break_even_tickets"] == math.ceil(5_000 / 27.2)


@given(st.integers(1, 400), st.integers(0, 6000), st.integers(0, 9000), st.integers(-3, 5))
@example(10, 4000, 5000, 3)
def test_break_even_tickets_are_where_profit_turns(price, guarantee, fixed, beside):
    show = {"show": "x", "price": price, "guarantee": guarantee, "fixed_costs": fixed}
    show |= {"merch_per_head": max(beside, 0), "cost_per_ticket": max(-beside, 0)}
    first = tour_margin(pd.DataFrame([show | {"tickets": 0}]))["break_even_tickets"][0]
    if math.isnan(first):
        assert price + beside <= 0
        return
    tickets = pd.DataFrame([show | {"tickets": n} for n in (first, first - 1) if n >= 0])
    profit = tour_margin(tickets)["profit"].tolist()
    assert profit[0] >= -1e-6
    assert len(profit) == 1 or profit[1] < 1e-6


def test_shows_are_checked():
    with pytest.raises(mt.errors.TableError, match="dict"):
        tour_margin({"show": "x"})
    good = pd.DataFrame([{"show": "x", "tickets": 1, "price": 1.0}])
    with pytest.raises(mt.errors.TableError, match="'price'"):
        tour_margin(good.drop(columns="price"))
    with pytest.raises(mt.errors.InputError, match="venue_share = 20"):
        tour_margin(good.assign(venue_share=20))
    with pytest.raises(mt.errors.InputError, match="tickets = nan"):
        tour_margin(good.assign(tickets=np.nan))


def rises(slope, trend, *, noise=0.0, sizes=(0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.1, 0.18), seed=0):
    change = np.log1p(np.array(sizes))
    off = np.random.default_rng(seed).normal(0, noise, len(sizes)) if noise else 0
    return pd.DataFrame(
        {
            "price_before": 10.0,
            "price_after": 10 * np.exp(change),
            "quantity_before": 500.0,
            "quantity_after": 500 * np.exp(trend + slope * change + off),
            "control_before": 80.0,
            "control_after": 80 * np.exp(trend),
        }
    )


def test_elasticity_and_trend_are_told_apart():
    events = rises(-0.35, 0.04)
    for trend in ("estimate", "control"):
        found = price_elasticity(events, trend=trend, rng=0)
        assert found.value == pytest.approx(-0.35)
        assert found.identified
    assert price_elasticity(events, rng=0).trend_value == pytest.approx(0.04)
    # Who forgets the growth of 4 % finds that people like it dearer.
    assert price_elasticity(events, trend="none", rng=0).value > -0.05


def test_one_size_of_rise_cannot_tell():
    found = price_elasticity(rises(-0.35, 0.04, sizes=(0.1,) * 8), rng=0)
    assert not found.identified
    assert math.isnan(found.value)
    assert "one size" in found.reason
    assert "2 events" in price_elasticity(rises(-1, 0, sizes=(0.1, 0.2)), rng=0).reason
    few = price_elasticity(rises(-1, 0, sizes=(0.1, 0.2, 0.3)), rng=0)
    assert few.identified
    assert math.isnan(few.lo)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = 0
    sizes = np.linspace(0.03, 0.25, 20)
    for seed in range(100):
        events = rises(-0.4, 0.03, noise=0.02, sizes=sizes, seed=seed)
        found = price_elasticity(events, draws=300, rng=seed)
        held += found.lo <= -0.4 <= found.hi
    assert 78 <= held <= 98


def test_price_rises_are_checked():
    with pytest.raises(mt.errors.TableError, match="control_before"):
        price_elasticity(rises(-1, 0).drop(columns="control_before"), trend="control")
    with pytest.raises(mt.errors.InputError, match="unchanged"):
        price_elasticity(rises(-1, 0).assign(price_after=10.0))
    with pytest.raises(mt.errors.InputError, match="estimate"):
        price_elasticity(rises(-1, 0), trend="estimated")


def test_a_tree_by_hand():
    tree = Node(
        "album", -20_000, children=[
            Node("tour", -5000, "0.25", [Node("full", 60_000, "0.5"), Node("half", 20_000, "0.5")]),
            Node("none", 8_000, "0.75"),
        ],
    )  # fmt: skip
    found = scenario_tree(tree)
    assert found.table["path"].tolist() == [
        "album > none", "album > tour > half", "album > tour > full"
    ]  # fmt: skip
    assert found.table["value"].tolist() == [-12_000, -5_000, 35_000]
    assert found.table["probability"].tolist() == [0.75, 0.125, 0.125]
    # -9,000 - 625 + 4,375
    assert found.expected == -5_250
    assert [found.quantile(q) for q in (0.05, 0.75, 0.8, 1.0)] == [-12_000, -12_000, -5_000, 35_000]
    variance = 0.75 * 6750**2 + 0.125 * 250**2 + 0.125 * 40250**2
    assert found.deviation == pytest.approx(math.sqrt(variance))


def test_probabilities_must_sum_to_one():
    with pytest.raises(mt.errors.InputError, match=r"sum to 0\.9 after 'x'"):
        scenario_tree(Node("x", children=[Node("a", 1, "0.5"), Node("b", 1, "0.4")]))
    with pytest.raises(mt.errors.InputError, match=r"1\.5"):
        scenario_tree(Node("x", children=[Node("a", 1, "1.5"), Node("b", 1, "-0.5")]))
    # Tenths of floats sum to 0.9999999999999999, and are right all the same.
    ten = [Node(str(i), i, 0.1) for i in range(10)]
    assert scenario_tree(Node("x", children=ten)).expected == 4.5


def test_a_tornado_by_hand():
    ranges = {"a": (1, 2, 3), "b": (-1, 0, 5), "c": (0, 0, 0)}
    found = tornado(lambda a, b, c: a * 10 - b + c, ranges)
    assert found.base == 20
    assert found.table["input"].tolist() == ["a", "b", "c"]
    assert found.table[["at_low", "at_high", "swing"]].to_numpy().tolist() == [
        [10, 30, 20], [21, 15, 6], [20, 20, 0]
    ]  # fmt: skip
    with pytest.raises(mt.errors.InputError, match="a="):
        tornado(lambda a: a, {"a": (2, 1, 3)})
    with pytest.raises(mt.errors.InputError, match="nan"):
        tornado(lambda a: math.nan, {"a": (1, 2, 3)})


def test_returns_by_the_quadratic_formula():
    # 100 = 60 v + 60 v^2
    v = (-60 + math.sqrt(3600 + 24000)) / 120
    assert irr([-100, 60, 60]) == pytest.approx(1 / v - 1, abs=1e-12)
    assert irr([-100, 60, 60], per_year=12) == pytest.approx(v**-12 - 1, abs=1e-9)
    assert irr([-100, 10, 10]) == pytest.approx(-0.6298, abs=1e-4)


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=30), st.floats(1, 5000))
def test_at_the_internal_rate_flows_are_worth_the_price(flows, price):
    rate = irr([-price, *flows])
    weights = (1 + rate) ** -np.arange(1, len(flows) + 1)
    assert float(np.array(flows) @ weights) == pytest.approx(price, rel=1e-6)


def test_flows_without_one_rate_are_refused():
    for flows in ([1, 2], [-1, 3, -2.5], [0, 0]):
        with pytest.raises(mt.errors.InputError, match="change"):
            irr(flows)
    with pytest.raises(mt.errors.InputError, match="finite"):
        irr([-1, math.nan])


def test_payback_by_hand():
    assert payback(100, [40, 40, 40]) == 2.5
    assert payback(100, [40, 40, 40], per_year=4) == 0.625
    assert payback(100, [40, 40]) == math.inf
    assert payback(0, [1]) == 0
    # Discounted at 25 %: 40, 32, 25.6 ... sum to 72 after two and to 97.6 after three years.
    assert payback(84.8, [50, 50, 50], discount=0.25) == pytest.approx(2.5)


@pytest.mark.parametrize(
    "reckon",
    [
        lambda: irr(["a"]),
        lambda: irr([-1, 2], per_year=0),
        lambda: payback(100, [40, 40], discount=-1),
        lambda: payback(math.nan, [40, 40]),
        lambda: scenario_tree(Node("r", 0, "0.5")),
        lambda: scenario_tree("r"),
        lambda: scenario_tree(Node("r", 1)).quantile(1.5),
        lambda: scenario_tree(Node("r", 1)).quantile(math.nan),
        lambda: tornado(abs, {"x": 3}),
        lambda: tornado(lambda x: "much", {"x": (1, 2, 3)}),
        lambda: price_elasticity(rises(-0.4, 0.0), draws=0),
        lambda: price_elasticity(rises(-0.4, 0.0), level=90),
        lambda: price_elasticity(rises(-0.4, 0.0).assign(price_before="much")),
        lambda: tour_margin(pd.DataFrame([{"show": "a", "tickets": 1, "price": "much"}])),
        lambda: tour_margin(pd.DataFrame([{"show": "a", "tickets": 1, "price": math.inf}])),
    ],
)
def test_what_cannot_be_reckoned_is_refused(reckon):
    with pytest.raises(mt.errors.InputError):
        reckon()


def test_a_guarantee_in_capitals_is_not_left_out():
    show = {"show": "a", "tickets": 10, "price": 20.0, "Guarantee": 1_000}
    with pytest.raises(mt.errors.TableError, match="rename it to 'guarantee'"):
        tour_margin(pd.DataFrame([show]))
