"""On and off in turns: balanced schedules, effects that were put in, what is carried over."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import musictools as mt
from musictools.errors import InputError


def played(plan, *, lift, carry=0.0, noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    level, dose = 0.0, []
    for on in plan.schedule["on"]:
        level = (1 - carry) * on + carry * level
        dose.append(level)
    week = 1 + 0.3 * np.sin(2 * np.pi * np.arange(plan.periods) / 7)
    y = 1000 * week * (1 + lift * np.array(dose)) * np.exp(rng.normal(0, noise, plan.periods))
    return pd.DataFrame({"unique_id": "SE", "ds": plan.schedule["ds"], "y": y})


@pytest.fixture(scope="module")
def plan():
    return mt.marketing.switchback(100, block=7, washout=2, rng=1)


def test_each_pair_has_one_of_each(plan):
    table = plan.to_frame()
    assert plan.pairs == 7
    assert plan.periods == len(table) == 98
    assert (table.groupby("pair")["on"].sum() == 7).all()
    assert (table.groupby("block")["on"].std() == 0).all()
    assert (table.groupby("block")["used"].sum() == 5).all()
    assert table.equals(mt.marketing.switchback(100, block=7, washout=2, rng=1).schedule)
    orders = {tuple(mt.marketing.switchback(42, rng=seed).schedule["on"]) for seed in range(40)}
    assert len(orders) == 8, "all orders of three pairs come up"


def test_the_estimate_is_a_paired_t_test(plan):
    made = [plan.estimate(played(plan, lift=0.2, seed=seed)) for seed in range(40)]
    assert np.mean([each.effect_pct for each in made]) == pytest.approx(20, abs=0.4)
    assert np.mean([each.lo_90 < 20 < each.hi_90 for each in made]) >= 0.75
    found = made[0]
    gaps = np.log(found.pairs["on"] / found.pairs["off"])
    oracle = stats.ttest_1samp(gaps, 0)
    assert found.p_value == pytest.approx(oracle.pvalue)
    low, high = oracle.confidence_interval(0.9)
    assert (found.lo_90, found.hi_90) == pytest.approx((100 * np.expm1(low), 100 * np.expm1(high)))
    # All seven gaps have one sign: only the order itself and its mirror are as extreme.
    assert found.p_random == pytest.approx(2 / 2**7)
    on = found.path["on"]
    assert found.total == pytest.approx(
        found.path["y"][on].sum() * (1 - 1 / (1 + found.effect_pct / 100))
    )


def test_carry_over_is_seen_and_washed_out():
    plain = mt.marketing.switchback(140, block=7, rng=2)
    found = plain.estimate(played(plain, lift=0.2, carry=0.6, noise=0.005))
    assert found.hi_90 < 20
    assert found.carry_p_value < 0.05
    assert 0.3 < found.carry < 0.8
    assert "carried over" in found.verdict
    washed = mt.marketing.switchback(140, block=7, washout=4, rng=2)
    better = washed.estimate(played(washed, lift=0.2, carry=0.6, noise=0.005))
    assert abs(better.effect_pct - 20) < abs(found.effect_pct - 20) / 3
    none = plain.estimate(played(plain, lift=0.2, noise=0.005))
    assert abs(none.carry) < 0.15


def test_power_knows_of_the_washout():
    history = pd.DataFrame({"unique_id": "SE", "ds": np.arange(150),
                            "y": np.random.default_rng(3).normal(1000, 40, 150)})  # fmt: skip
    how = {"carry": 0.6, "runs": 400, "rng": 1}
    plain = mt.marketing.switchback(112, block=7, rng=1).power(history, **how)
    washed = mt.marketing.switchback(112, block=7, washout=3, rng=1).power(history, **how)
    assert 0.05 < plain.false_positive < 0.16
    assert washed.provenance["washout"] == 3
    assert washed.mde != plain.mde
    # What is planned finds an effect of the size promised about as often as promised.
    plan = mt.marketing.switchback(112, block=7, washout=3, rng=1)
    hits = [
        plan.estimate(played(plan, lift=washed.mde, carry=0.6, noise=0.04, seed=s)).p_value <= 0.1
        for s in range(40)
    ]
    assert 0.62 < np.mean(hits) < 0.95


def test_dates_are_welcome(plan):
    days = pd.date_range("2026-01-05", periods=56, tz="UTC")
    dated = mt.marketing.switchback(days, block=7, rng=1)
    assert dated.schedule["ds"].tolist() == days.tolist()
    assert np.isfinite(dated.estimate(played(dated, lift=0.1)).effect_pct)
    ax = plan.plot(plt.subplots()[1])
    assert ax.get_lines()[0].get_ydata().sum() == plan.schedule["on"].sum()
    plt.close(ax.figure)
    ax = plan.estimate(played(plan, lift=0.1)).plot(plt.subplots()[1])
    assert len(ax.get_lines()[1].get_xdata()) == plan.pairs
    plt.close(ax.figure)


@pytest.mark.parametrize(
    "how",
    [{"periods": 20}, {"block": 0}, {"washout": 7}, {"periods": [3, 2, 1]}, {"rng": -1},
     {"periods": 1.5}],
    ids=str,
)  # fmt: skip
def test_plans_that_cannot_be(how):
    with pytest.raises(InputError, match="Try: "):
        mt.marketing.switchback(**({"periods": 84} | how))


def test_series_that_do_not_fit(plan):
    series = played(plan, lift=0.1)
    with pytest.raises(InputError, match="no value at 97"):
        plan.estimate(series.iloc[:-1])
    with pytest.raises(InputError, match="a block with nothing"):
        plan.estimate(series.assign(y=series["y"].where(series["ds"] > 20, 0.0)))
