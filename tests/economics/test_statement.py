"""Advances, recoupment and what is paid, against statements reckoned by hand."""

from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.economics import (
    deal_360,
    distribution_deal,
    profit_split_deal,
    royalty_deal,
    statement,
)


def cash(revenue, **columns):
    return pd.DataFrame({"period": range(1, len(revenue) + 1), "revenue": revenue, **columns})


def column(found, name):
    return [int(100 * value) / 100 for value in found.table[name]]


def test_a_royalty_recoups_from_the_artists_share():
    deal = royalty_deal("0.20", advance=30_000)
    found = statement(deal, cash([100_000] * 4, costs=[20_000, 0, 0, 0]))
    assert column(found, "opening") == [0, 30_000, 10_000, 0]
    assert column(found, "earned") == [20_000] * 4
    assert column(found, "recouped") == [20_000, 20_000, 10_000, 0]
    assert column(found, "paid") == [0, 0, 10_000, 20_000]
    assert column(found, "closing") == [30_000, 10_000, 0, 0]
    assert column(found, "to_artist") == [30_000, 0, 10_000, 20_000]
    assert column(found, "to_company") == [50_000, 100_000, 90_000, 80_000]
    assert (found.recouped_in, found.paid, found.balance) == (3, 30_000, 0)


def test_a_profit_split_recoups_from_all_receipts():
    deal = profit_split_deal("0.5", advance=30_000)
    found = statement(deal, cash([40_000, 40_000, 40_000], costs=[20_000, 0, 0]))
    # 50,000 are repaid by 40,000 and 10,000; then 30,000 and 40,000 are halved.
    assert column(found, "recouped") == [40_000, 10_000, 0]
    assert column(found, "paid") == [0, 15_000, 20_000]
    assert column(found, "to_company") == [-10_000, 25_000, 20_000]


def test_half_cents_do_not_drift():
    found = statement(profit_split_deal("0.5"), cash(["0.01"] * 4))
    assert column(found, "paid") == [0.01, 0, 0.01, 0]


def test_sales_that_recoup_the_same_balance():
    """A fifth of receipts needs five times the sales that all of them need."""
    sales = cash([50_000] * 6)
    royalty = statement(royalty_deal("0.20", advance=50_000), sales)
    split = statement(profit_split_deal("0.20", advance=50_000), sales)
    assert (royalty.recouped_in, split.recouped_in) == (5, 1)


def test_distribution_takes_its_fee_first():
    found = statement(distribution_deal("0.15"), cash([20_000, 100.03], costs=[10_000, 0]))
    assert column(found, "fee") == [3_000, 15.0]
    assert column(found, "paid") == [7_000, 85.03]
    assert column(found, "to_company") == [3_000, 15.0]


def test_a_360_deal_takes_part_in_other_income():
    money = cash([10_000, 10_000], touring=[50_000, 0], merch=["1000.01", 0])
    deal = deal_360("0.18", {"touring": "0.15", "merch": "0.20"}, advance=10_000)
    found = statement(deal, money)
    assert column(found, "participation") == [7_700, 0]
    assert column(found, "closing") == [8_200, 6_400]
    assert column(found, "to_artist") == [10_000 + 51_000.01 - 7_700, 0]
    deal = deal_360("0.18", {"touring": "0.15"}, participation_recoups=True, advance=10_000)
    found = statement(deal, money)
    assert column(found, "recouped") == [1_800 + 7_500, 700]
    assert column(found, "paid") == [0, 1_100]


def test_an_escalator_is_blended_within_the_period_that_crosses_it():
    deal = royalty_deal("0.20", escalator=[(1000, "0.25"), (1400, "0.30")])
    found = statement(deal, cash([800, 400, 400, 100], units=[800, 400, 400, 100]))
    # 800 at 20 %; 200 at 20 and 200 at 25 %; 200 at 25 and 200 at 30 %; 100 at 30 %.
    assert column(found, "paid") == [160, 90, 110, 30]
    assert found.table["rate"].tolist() == pytest.approx([0.2, 0.225, 0.275, 0.3])


def test_returned_units_go_back_down_the_escalator():
    deal = royalty_deal("0.20", escalator=[(1000, "0.25")])
    found = statement(deal, cash([1200, -300, 300], units=[1200, -300, 300]))
    # 1000 x .20 + 200 x .25; back: 200 at .25, 100 at .20; and forth again over the owed 70.
    assert column(found, "earned") == [250, -70, 70]
    assert column(found, "closing") == [0, 70, 0]
    assert column(found, "paid") == [250, 0, 0]


def test_reserves_are_held_and_released():
    deal = royalty_deal("0.5", reserve="0.2", release_after=2)
    found = statement(deal, cash([1000, 1000, 1000, 0, 0]))
    assert column(found, "withheld") == [100, 100, 100, 0, 0]
    assert column(found, "released") == [0, 0, 100, 100, 100]
    assert column(found, "reserve") == [100, 200, 200, 100, 0]
    assert column(found, "paid") == [400, 400, 500, 100, 100]


def test_a_minimum_is_one_more_advance():
    deal = royalty_deal("0.20", advance=5_000, minimum=1_000)
    found = statement(deal, cash([10_000, 40_000]))
    assert column(found, "top_up") == [1_000, 0]
    assert column(found, "paid") == [1_000, 4_000]
    assert column(found, "closing") == [4_000, 0]


def test_returns_raise_the_balance():
    found = statement(royalty_deal("0.20"), cash([1_000, -500, 1_000]))
    assert column(found, "closing") == [0, 100, 0]
    assert column(found, "paid") == [200, 0, 100]


def albums():
    rows = [(p, d, r) for p in (1, 2, 3) for d, r in (("first", 500), ("second", 100))]
    return pd.DataFrame(rows, columns=["period", "deal", "revenue"])


def test_cross_collateral_by_hand():
    deals = [
        royalty_deal("0.20", advance=50, name="first"),
        royalty_deal("0.20", advance=130, name="second"),
    ]
    apart = statement(deals, albums()).table
    assert apart[apart.deal == "first"].paid.tolist() == [50, 100, 100]
    assert apart[apart.deal == "second"].closing.tolist() == [110, 90, 70]
    found = statement(deals, albums(), cross_collateralise=True)
    first = found.table[found.table.deal == "first"]
    second = found.table[found.table.deal == "second"]
    # The first earns 100 a period: 50 repay its own advance, then 50 and 40 the second's.
    assert first.contributed.tolist() == [50, 40, 0]
    assert first.paid.tolist() == [0, 60, 100]
    assert second.recouped.tolist() == [70, 60, 0]
    assert second.closing.tolist() == [60, 0, 0]
    assert second.paid.tolist() == [0, 0, 20]
    assert found.recouped_in == 2


MONEY = st.integers(-200_000, 2_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
COST = st.integers(0, 900_000).map(lambda cents: Decimal(cents).scaleb(-2))
SHARE = st.fractions(0, 1, max_denominator=40)


@st.composite
def deals(draw, name="deal", *, least=True):
    common = {
        "advance": draw(COST),
        "reserve": draw(SHARE),
        "release_after": draw(st.integers(1, 4)),
        "minimum": draw(COST) if least else 0,
        "name": name,
    }
    kind = draw(st.sampled_from(["royalty", "split", "distribution"]))
    if kind == "royalty":
        steps = draw(st.sampled_from([(), ((500, "0.5"),), ((100, "0.3"), (900, "0.9"))]))
        return royalty_deal(draw(SHARE), escalator=steps, **common)
    if kind == "split":
        return profit_split_deal(draw(SHARE), **common)
    return distribution_deal(draw(SHARE), share=draw(SHARE), **common)


ROWS = st.lists(st.tuples(MONEY, COST, st.integers(-50, 800)), min_size=1, max_size=7)


def table(rows, **columns):
    revenue, costs, units = zip(*rows, strict=True)
    return cash(revenue, costs=costs, units=units, **columns)


@settings(max_examples=60)
@given(deals(), ROWS)
def test_no_cent_is_lost(deal, rows):
    t = statement(deal, table(rows)).table
    assert (t.opening + t.advance + t.costs + t.top_up - t.recouped == t.closing).all()
    assert (t.to_artist + t.to_company + t.costs == t.revenue + t.other).all()
    assert t.opening.iloc[1:].tolist() == t.closing.iloc[:-1].tolist()
    assert (t.withheld.cumsum() - t.released.cumsum() == t.reserve).all()
    assert (t.closing >= 0).all()
    assert (t.paid >= 0).all()


@settings(max_examples=60)
@given(deals(least=False), ROWS)
def test_nothing_is_paid_while_there_is_a_balance(deal, rows):
    t = statement(deal, table(rows)).table
    assert (t.paid[t.closing > 0] == 0).all()


@settings(max_examples=60)
@given(deals("a", least=False), deals("b", least=False), ROWS, ROWS)
def test_crossing_moves_balances_and_makes_none(first, second, rows, others):
    money = pd.concat([table(rows, deal="a"), table(others, deal="b")])
    t = statement([first, second], money, cross_collateralise=True).table
    assert (t.opening + t.advance + t.costs - t.recouped == t.closing).all()
    apart = statement([first, second], money).table
    sums = [
        x.groupby("period", sort=False)[["earned", "advance", "costs"]].sum() for x in (t, apart)
    ]
    assert sums[0].equals(sums[1])
    whole = t.groupby("period", sort=False)[["closing", "paid"]].sum()
    assert (whole.paid[whole.closing > 0] == 0).all()
    # What was credited went into balances or on to be paid (all of it under a royalty).
    credited = t.earned - t.withheld + t.released
    rest = (credited.groupby(t.period).sum() - t.recouped.groupby(t.period).sum()).to_numpy()
    paid = t.paid.groupby(t.period).sum().to_numpy()
    assert (paid <= rest).all()
    if {first.recoup_from, second.recoup_from} == {"artist_share"}:
        assert (paid == rest).all()
        assert t.paid.sum() <= apart.paid.sum()


def test_streams_worth_less_than_a_cent_add_up():
    """A thousand rows of 0.003 are 3.00; each rounded by itself would be nothing."""
    deal = mt.economics.royalty_deal("0.5")
    made = mt.economics.statement(deal, pd.DataFrame({"period": 1, "revenue": ["0.003"] * 1000}))
    assert made.table["revenue"].tolist() == [Decimal("3.00")]
    assert made.paid == Decimal("1.50")


def test_the_page_says_once_when_it_is_even():
    deal = mt.economics.royalty_deal("0.5", advance=10)
    made = mt.economics.statement(deal, pd.DataFrame({"period": [1, 2], "revenue": [10, 30]}))
    assert made._repr_html_().count("even in 2") == 1


def test_rows_of_a_period_are_added_and_frames_may_be_polars():
    rows = {"period": ["2025-Q2", "2025-Q1", "2025-Q1"], "revenue": ["10.00", "0.10", 0.2]}
    for make in (pd.DataFrame, pl.DataFrame):
        frame = make(rows, **({"strict": False} if make is pl.DataFrame else {}))
        found = statement(royalty_deal(1), frame)
        assert found.table["period"].tolist() == ["2025-Q1", "2025-Q2"]
        assert found.table["paid"].map(str).tolist() == ["0.30", "10.00"]


@pytest.mark.parametrize(
    ("money", "match"),
    [
        (pd.DataFrame({"period": [1]}), "'revenue'"),
        (cash([None]), "nan|None"),
        (cash([1], costs=[-5]), "costs of -5"),
        (cash([1], deal=["other"]), "'other'"),
        (cash([1])[:0], "no periods"),
        (cash([1, 2]).assign(period=[1, "b"]), "several kinds"),
        ({"period": 1}, "dict"),
    ],
)
def test_cash_that_cannot_be_accounted_is_refused(money, match):
    with pytest.raises(mt.errors.InputError, match=match):
        statement(royalty_deal("0.2"), money)


def test_deals_that_make_no_sense_are_refused():
    with pytest.raises(mt.errors.InputError, match=r"1\.2"):
        royalty_deal("1.2")
    with pytest.raises(mt.errors.InputError, match="escalator"):
        royalty_deal("0.2", escalator=[(100, "0.3"), (50, "0.4")])
    with pytest.raises(mt.errors.InputError, match="release_after"):
        royalty_deal("0.2", release_after=0)
    with pytest.raises(mt.errors.InputError, match="advance"):
        royalty_deal("0.2", advance=-1)
    with pytest.raises(mt.errors.InputError, match="name of its own"):
        statement([royalty_deal("0.2")] * 2, albums())
    with pytest.raises(mt.errors.InputError, match="a deal or several"):
        statement([], albums())
    with pytest.raises(mt.errors.TableError, match="'units'"):
        statement(royalty_deal("0.2", escalator=[(1, "0.3")]), cash([1]))
    with pytest.raises(mt.errors.TableError, match="'touring'"):
        statement(deal_360("0.2", {"touring": "0.1"}), cash([1]))


def test_costs_in_capitals_are_not_left_out():
    with pytest.raises(mt.errors.TableError, match="'Costs'; or rename"):
        statement(royalty_deal("0.2"), cash([100], Costs=[50]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: royalty_deal("0.2", release_after=2.5),
        lambda: royalty_deal("0.2", release_after="2"),
        lambda: royalty_deal("0.2", escalator=(10, "0.5")),
        lambda: mt.economics.deal_360("0.2", ["merch"]),
        lambda: mt.economics.deal_360("0.2", {"revenue": "0.1"}),
    ],
)
def test_deals_that_cannot_be(make):
    with pytest.raises(mt.errors.InputError, match="make a deal"):
        make()
