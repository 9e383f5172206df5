"""Forecasts of the market: honest about what they add to the last figure."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt


def frame(y, start=1980):
    return pd.DataFrame({"year": start + np.arange(len(y)), "y": y})


def forecast(y, horizon=3, **given):
    return mt.economics.market_forecast(frame(y), horizon, value="y", **given)


def test_steady_growth_is_seen():
    rng = np.random.default_rng(3)
    y = np.exp(7 + 0.06 * np.arange(43) + rng.normal(0, 0.01, 43))
    found = forecast(y[:40])
    assert found.method != "naive"
    assert found.skill > 0.7
    assert 0 < found.skill_lo < found.skill < found.skill_hi < 1
    assert "There is skill" in found.verdict
    np.testing.assert_allclose(found.forecast.y_hat, y[40:], rtol=0.04)
    assert found.forecast.year.tolist() == [2020, 2021, 2022]


def test_a_random_walk_shows_no_skill_and_intervals_hold():
    rng = np.random.default_rng(5)
    inside, trusted = [], 0
    for _ in range(60):
        y = np.exp(7 + np.cumsum(rng.normal(0, 0.08, 43)))
        found = forecast(y[:40])
        trusted += found.method != "naive"
        inside.append((found.forecast.lo_90 < y[40:]) & (y[40:] < found.forecast.hi_90))
        if found.method == "naive":
            np.testing.assert_allclose(found.forecast.y_hat, y[39], rtol=1e-12)
    assert trusted <= 6
    assert 0.8 <= np.mean(inside) <= 0.98


def test_the_backtest_of_naive_is_reckoned_by_hand():
    y = np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.1, 20))) * 100
    table = forecast(y, 2).backtest.set_index(["method", "horizon"])
    for h in (1, 2):
        off = [abs(y[t - 1] / y[t - 1 + h] - 1) for t in range(8, 20) if t - 1 + h < 20]
        row = table.loc[("naive", h)]
        assert row.origins == len(off)
        assert row.error_pct == pytest.approx(100 * np.mean(off))
    slope = [(np.log(y[t - 1]) - np.log(y[t - 6])) / 5 for t in range(8, 20)]
    drift = [abs(y[t - 1] * np.exp(s) / y[t] - 1) for t, s in zip(range(8, 20), slope, strict=True)]
    assert table.loc[("drift", 1)].error_pct == pytest.approx(100 * np.mean(drift))


def test_no_choice_looks_ahead():
    """What was forecast up to a year does not change when later years do."""
    y = np.exp(7 + np.cumsum(np.random.default_rng(1).normal(0.03, 0.06, 40)))
    other = y.copy()
    other[30:] *= np.linspace(0.9, 0.2, 10)
    from musictools.economics import _market_forecast as room

    one, two = (room._errors(np.log(series), 3) for series in (y, other))
    first, second = room._chosen(one)[0], room._chosen(two)[0]
    # Origins whose three years all lie before the change.
    np.testing.assert_array_equal(first[:20], second[:20])
    assert not np.allclose(first[22:25], second[22:25])


def test_what_never_changes_needs_no_skill():
    found = forecast(np.full(20, 5.0))
    assert (found.method, found.skill, found.skill_lo) == ("naive", 0, 0)
    assert found.forecast.drop(columns="year").to_numpy().tolist() == [[5.0] * 3] * 3


def test_the_united_states():
    us = mt.economics.market_series(mt.datasets.load_market(), region="US", basis="retail")
    found = mt.economics.market_forecast(us, 5)
    assert found.method == "naive"
    assert "No skill is shown" in found.verdict
    np.testing.assert_allclose(found.forecast.y_hat, 17700)
    width = found.forecast.hi_90 - found.forecast.lo_90
    assert width.is_monotonic_increasing
    assert found.to_frame().equals(found.forecast)
    assert mt.economics.market_forecast(us, 5).skill_lo == found.skill_lo


GOOD = np.linspace(100, 200, 20)


@pytest.mark.parametrize(
    ("table", "horizon", "says"),
    [
        (frame(GOOD).drop(index=5), 3, "a gap before 1986"),
        (frame(GOOD[:10]), 3, "10 years"),
        (frame(GOOD), 7, "horizon=7"),
        (frame(GOOD), 0, "horizon=0"),
        (frame(GOOD), "3", "horizon='3'"),
        (frame(GOOD), True, "horizon=True"),
        (frame(GOOD * np.where(np.arange(20) == 4, 0, 1)), 3, "not above zero"),
        (pd.concat([frame(GOOD), frame(GOOD[:1])]), 3, "several figures"),
        (frame(GOOD).assign(basis=["retail"] * 10 + ["wholesale"] * 10), 3, "at wholesale"),
        (frame(GOOD).assign(format=["a"] * 10 + ["b"] * 10), 3, "2 formats"),
        (frame(GOOD).rename(columns={"y": "x"}), 3, "'y'"),
    ],
)
def test_what_cannot_be_forecast_is_refused(table, horizon, says):
    with pytest.raises(mt.errors.InputError, match=says):
        mt.economics.market_forecast(table, horizon, value="y")
