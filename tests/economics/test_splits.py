"""Splits of income, and the US mechanical formula."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import musictools as mt
from musictools.economics import Step, bundle_revenue, mechanical_royalty, split_income


def chain():
    return [
        Step("platform", "0.30"),
        Step("publishing", "0.15"),
        Step("label"),
        Step("distributor", "0.20", of="label"),
        Step("performer", "0.25", of="label", base="rest"),
        Step("society", "0.10", of="publishing"),
        Step("writer A", "0.5", of="publishing", base="rest"),
        Step("writer B", of="publishing"),
    ]


def test_the_chain_by_hand():
    split = split_income("99.99", chain(), currency="USD")
    # Platform 29.997, publishing 14.9985, label 54.9945: cents 2999.7, 1499.85, 5499.45 -> one each
    # to .85 and .7. Distributor 20 % of 54.99 = 10.998, performer 25 % of 43.992 = 10.998, label
    # keeps 32.994. Publishing 15.00: society 1.50, writers 6.75 each.
    assert {k: str(v) for k, v in split.payees.items()} == {
        "platform": "30.00", "publishing": "0.00", "label": "32.99", "distributor": "11.00",
        "performer": "11.00", "society": "1.50", "writer A": "6.75", "writer B": "6.75",
    }  # fmt: skip
    table = split.table.set_index("payee")
    assert table.loc["label", "amount"] == Decimal("54.99")
    assert table.loc["performer", "base"] == Decimal("43.992")
    assert table.loc["performer", "rate"] == Decimal("0.25")
    assert sum(split.payees.values()) == split.gross == Decimal("99.99")


RATES = st.lists(st.fractions(0, 1, max_denominator=1000), min_size=1, max_size=6)


@given(st.integers(-(10**9), 10**9), RATES, RATES)
def test_parts_sum_to_the_whole_and_are_right_to_the_cent(cents, first, second):
    gross = Decimal(cents).scaleb(-2)
    steps = [Step(f"a{i}", rate, base="rest") for i, rate in enumerate(first)]
    steps += [Step(f"b{i}", rate, of="a0", base="rest") for i, rate in enumerate(second)]
    split = split_income(gross, steps)
    assert sum(split.payees.values()) == gross
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in split.payees.values())
    left = Fraction(gross)
    for i, rate in enumerate(first):
        got = Fraction(split.table["amount"][i])
        assert abs(got - left * rate) < Fraction(1, 100)
        left -= left * rate


def test_what_nobody_takes_is_named_and_flat_amounts_stop_at_what_is_left():
    split = split_income(10, [Step("fee", amount=8), Step("other", amount=8)])
    assert split.payees == {"fee": Decimal(8), "other": Decimal(2)}
    split = split_income(-10, [Step("fee", amount=8), Step("half", "0.5")])
    assert split.payees == {"fee": 0, "half": -5, "(unassigned)": -5}


@pytest.mark.parametrize(
    ("steps", "match"),
    [
        ([], "no steps"),
        ([Step("a", "1.2")], "rate from 0 to 1"),
        ([Step("a", "0.7"), Step("b", "0.7")], "more of 'gross' than is left"),
        ([Step("a", "0.1"), Step("a", "0.1")], "twice"),
        ([Step("a", "0.1", of="labell"), Step("labell")], "of='labell'"),
        ([Step("gross", "0.1")], "twice"),
        ([Step("a", "0.1", amount=3)], "flat amount"),
        ([Step("a", "much")], "much"),
    ],
)
def test_bad_steps_are_refused(steps, match):
    with pytest.raises(mt.errors.InputError, match=match):
        split_income(100, steps)


def test_each_leg_of_the_mechanical_formula_by_hand():
    def owed(revenue, cost, performance):
        return mechanical_royalty(
            2026, revenue=revenue, content_cost=cost, subscribers=100_000, performance=performance
        )

    by_revenue = owed(1_000_000, 520_000, 60_000)
    # 15.3 % of a million; 26.2 % of 520,000 is 136,240, capped at 1.10 x 100,000.
    assert (by_revenue.revenue_leg, by_revenue.content_leg) == (153_000, 110_000)
    assert (by_revenue.payable, by_revenue.binding) == (93_000, "revenue")
    by_cost = owed(500_000, 400_000, 20_000)
    assert (by_cost.all_in, by_cost.payable, by_cost.binding) == (104_800, 84_800, "content cost")
    capped = owed(500_000, 520_000, 20_000)
    assert (capped.all_in, capped.payable, capped.binding) == (110_000, 90_000, "cap")
    floored = owed(500_000, 520_000, 80_000)
    assert (floored.floor, floored.payable, floored.binding) == (60_000, 60_000, "floor")
    assert sum(floored.steps.values()) == floored.payable
    assert floored.steps["Up to the floor"] == 30_000


def test_the_table_of_a_mechanical_royalty_has_what_is_documented():
    pool = mechanical_royalty(
        2026, revenue=500_000, content_cost=520_000, subscribers=100_000, performance=80_000
    )
    table = pool.to_frame()
    documented = re.findall(r"(?m)^    ([a-z_, ]+) : ", type(pool).__doc__)
    names = [name for line in documented for name in line.split(", ")]
    assert list(table.columns) == [name for name in names if name != "provenance"]
    assert len(table) == 1
    # 15.3 % of half a million; 26.2 % of 520,000 capped at 1.10 a head; 0.60 a head at least.
    told = [2026, "standalone portable", 76_500, 110_000, 110_000, 80_000, 60_000, 60_000, "floor"]
    assert table.iloc[0].tolist() == [*told, "USD"]
    amounts = ["revenue_leg", "content_leg", "all_in", "performance", "floor", "payable"]
    assert all(isinstance(value, Decimal) for value in table.loc[0, amounts])
    bundle = mechanical_royalty(2024, "bundle", revenue=1, content_cost=1, subscribers=1)
    assert list(bundle.to_frame().columns) == list(table.columns)
    assert bundle.to_frame().loc[0, "floor"] is None


def test_a_bundle_pays_less_and_has_no_known_floor():
    # The same million of revenue, of which the bundle rule counts 10.99 / (10.99 + 9.99).
    music = bundle_revenue(1_000_000, "10.99", "9.99")
    assert music == Decimal("523832.22")
    bundle = mechanical_royalty(2024, "bundle", revenue=music, content_cost=300_000, subscribers=1)
    # 15.2 % of it is 79,622.50; 24.5 % of 300,000 is 73,500, and nothing caps it.
    assert (bundle.revenue_leg, bundle.content_leg) == (Decimal("79622.50"), 73_500)
    assert bundle.floor is None
    assert bundle.payable == Decimal("79622.50")
    lifted = mechanical_royalty(
        2024, "bundle", revenue=0, content_cost=0, subscribers=1000, floor="0.33"
    )
    assert lifted.payable == 330


def test_rates_rise_and_every_row_says_where_it_is_from(root):
    rates = mt.datasets.load_mechanical_rates()
    portable = rates[rates.offering == "standalone portable"].set_index("year")
    assert portable.headline_rate.to_dict() == {
        2023: 0.151, 2024: 0.152, 2025: 0.1525, 2026: 0.153, 2027: 0.1535,
    }  # fmt: skip
    assert not rates.duplicated(["year", "offering"]).any()
    assert rates[["source", "source_url", "checked_on", "note"]].notna().all(axis=None)
    assert rates.verified.isin({"yes", "partly", "no"}).all()
    sheet = (root / "datasets" / "mechanical_rates.md").read_text("utf-8")
    assert all(f"`{column}`" in sheet for column in rates)
    assert f"{len(rates)} rows" in sheet


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"year": 2022}, "2023 to 2027"),
        ({"offering": "bundles"}, "'bundle'"),
        ({"revenue": -1}, "below zero"),
        ({"subscribers": None}, "None"),
    ],
)
def test_bad_questions_about_mechanicals_are_refused(change, match):
    good = {"year": 2026, "revenue": 1, "content_cost": 1, "subscribers": 1}
    with pytest.raises(mt.errors.InputError, match=match):
        mechanical_royalty(**(good | change))


def test_bundles_need_prices():
    with pytest.raises(mt.errors.InputError, match="prices"):
        bundle_revenue(10, 0, [0])


def test_a_rate_beside_a_flat_amount_of_nothing_is_no_step():
    with pytest.raises(mt.errors.InputError, match="or a flat amount"):
        split_income(100, [Step("a", "0.3", amount=0)])


@pytest.mark.parametrize("steps", [Step("a", "0.5"), [("a", "0.5")]])
def test_what_is_no_list_of_steps(steps):
    with pytest.raises(mt.errors.InputError, match="a list of Step"):
        split_income(100, steps)


def test_a_floor_below_zero_owes_nobody():
    figures = {"revenue": 100, "content_cost": 10, "subscribers": 1, "performance": 50}
    with pytest.raises(mt.errors.InputError, match="floor=-100"):
        mechanical_royalty(2026, **figures, floor=-100)
    # No floor is known of a bundle: publishers give nothing back.
    found = mechanical_royalty(2026, "bundle", **figures)
    assert (found.payable, found.floor, found.binding) == (0, None, "floor")
