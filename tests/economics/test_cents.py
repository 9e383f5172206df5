"""Whole cents that sum exactly."""

from decimal import Decimal
from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import musictools as mt
from musictools.economics import to_cents

AMOUNTS = st.lists(st.decimals(-(10**7), 10**7, places=5, allow_nan=False), min_size=1, max_size=40)


def test_largest_remainders_get_the_missing_cents():
    # Cents 33.3, 33.3, 33.4 and 0.9 sum to 100.9, so 101: down 33+33+33+0 = 99, two are missing.
    assert to_cents([0.333, 0.333, 0.334, 0.009]) == [33, 33, 34, 1]
    assert to_cents([Fraction(1, 3)] * 3, Decimal(1)) == [34, 33, 33]
    assert to_cents([-10 / 3, -10 / 3, -10 / 3]) == [-333, -333, -334]


def test_the_total_is_rounded_half_to_even():
    assert to_cents([Decimal("0.005"), Decimal("0.02")]) == [0, 2]
    assert to_cents([Decimal("0.005"), Decimal("0.03")]) == [1, 3]


@given(AMOUNTS)
def test_cents_sum_to_the_total_and_none_moves_a_whole_cent(amounts):
    cents = to_cents(amounts)
    assert sum(cents) == round(Fraction(sum(map(Fraction, amounts))) * 100)
    assert all(abs(Fraction(a) * 100 - c) < 1 for a, c in zip(amounts, cents, strict=True))


@given(AMOUNTS)
def test_floats_give_the_cents_of_the_decimals_that_they_stand_for(amounts):
    small = [amount / 1000 for amount in amounts]
    assert to_cents([float(a) for a in small]) == to_cents([round(a, 9) for a in small])


def test_sums_in_another_order_give_the_same_cents():
    rng = np.random.default_rng(1)
    payouts = rng.gamma(0.3, 20, 2000)
    noisy = payouts * (1 + rng.normal(0, 1e-14, 2000))
    assert to_cents(payouts.tolist()) == to_cents(noisy.tolist())


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_frames_get_a_column_and_ties_go_by_id(make):
    frame = make({"artist_id": ["c", "a", "b"], "payout": [1 / 3, 1 / 3, 1 / 3]})
    out = to_cents(frame)
    assert type(out) is type(frame)
    assert dict(zip(out["artist_id"], out["cents"], strict=True)) == {"a": 34, "b": 33, "c": 33}
    assert "cents" not in frame.columns
    turned = to_cents(make({"artist_id": ["b", "c", "a"], "payout": [1 / 3, 1 / 3, 1 / 3]}))
    assert dict(zip(turned["artist_id"], turned["cents"], strict=True))["a"] == 34


def test_series_keep_their_index_and_name():
    series = pd.Series([0.335, 0.665], index=["x", "y"], name="money")
    out = to_cents(series)
    assert out.to_dict() == {"x": 34, "y": 66}
    assert out.name == "money"
    assert to_cents(pl.Series("money", [0.335, 0.665])).to_list() == [34, 66]


@pytest.mark.parametrize(
    ("amounts", "total", "match"),
    [
        ([1.0, float("nan")], None, "nan"),
        ([1.0, float("inf")], None, "inf"),
        ([1e15], None, "decimal"),
        ([Decimal(1), None], None, "None"),
        ([Decimal(1), True], None, "True"),
        ([0.5, 0.5], 2, "total=2.00"),
        ([0.5, 0.5], Decimal("0.99"), "total=0.99"),
    ],
)
def test_what_cannot_be_rounded_is_refused(amounts, total, match):
    with pytest.raises(mt.errors.InputError, match=match):
        to_cents(amounts, total)


def test_frames_without_payouts_and_lazy_ones_are_refused():
    with pytest.raises(mt.errors.TableError, match="payout"):
        to_cents(pd.DataFrame({"amount": [1.0]}))
    with pytest.raises(mt.errors.TableError, match="lazy"):
        to_cents(pl.LazyFrame({"payout": [1.0]}))
    with pytest.raises(mt.errors.TableError, match="to_arrow_table"):
        to_cents(duckdb.sql("select 1.0 as payout"))


def test_nothing_is_nothing():
    assert to_cents([]) == []
    assert to_cents(pd.DataFrame({"payout": []}))["cents"].tolist() == []


def test_large_payouts_in_floats_are_told_to_the_cent():
    # A year of the largest artists, of a pool of 10 billion.
    rng = np.random.default_rng(3)
    cents = rng.integers(0, 10**11, 2000)
    assert to_cents((cents / 100).tolist()) == cents.tolist()
    assert to_cents([1e9 / 3] * 3) == [33333333334, 33333333333, 33333333333]


@pytest.mark.parametrize("amounts", ["15", 1.5, {"a": 1.5}, None])
def test_what_holds_no_amounts(amounts):
    with pytest.raises(mt.errors.InputError, match="several amounts"):
        to_cents(amounts)
