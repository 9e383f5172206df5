"""Trends, breakouts, stages, cohorts and concentration, against SciPy and definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import kendalltau, norm, theilslopes

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.trends import _breakouts
from musictools.trends._mann_kendall import slope_of
from musictools.trends._segments import noise, segments

numbers = hnp.arrays(float, st.integers(4, 40), elements=st.integers(-6, 6).map(float))


def frame(y, name="a"):
    return pd.DataFrame({"unique_id": name, "ds": np.arange(len(y)), "y": np.asarray(y, float)})


@settings(max_examples=60)
@given(numbers)
def test_trends_are_those_of_scipy(y):
    t = np.arange(len(y), dtype=float)
    found = slope_of(t, y, 0.9, correct=False)
    slope, _, low, high = theilslopes(y, t, 0.9)
    assert found.slope == slope
    if len(np.unique(y)) > 1:
        assert (found.lo, found.hi) == pytest.approx((low, high), abs=1e-12)
        assert found.tau == pytest.approx(kendalltau(t, y).statistic, abs=1e-12)


def test_p_values_are_manns():
    """S and its variance with ties, counted pair by pair."""
    y = np.array([1, 3, 3, 2, 5, 5, 5, 7, 6, 8.0])
    s = sum(np.sign(y[j] - y[i]) for i in range(10) for j in range(i + 1, 10))
    variance = (10 * 9 * 25 - 2 * 1 * 9 - 3 * 2 * 11) / 18
    found = mt.trends.mann_kendall(frame(y), correct=False).iloc[0]
    assert found["s"] == s
    assert found["p_value"] == pytest.approx(2 * norm.sf((s - 1) / variance**0.5))


def test_slow_swings_are_no_trends():
    rng = np.random.default_rng(1)
    x = np.zeros((150, 60))
    for t in range(1, 60):
        x[:, t] = 0.6 * x[:, t - 1] + rng.normal(size=150)
    series = pd.concat([frame(row, f"s{i:03d}") for i, row in enumerate(x)])
    plain = mt.trends.mann_kendall(series, correct=False)
    right = mt.trends.mann_kendall(series)
    assert (plain["p_value"] < 0.05).mean() > 0.2
    assert (right["p_value"] < 0.05).mean() < 0.6 * (plain["p_value"] < 0.05).mean()
    assert (right["inflation"] >= 1).all()
    white = pd.concat([frame(row, f"s{i:03d}") for i, row in enumerate(rng.normal(size=(150, 60)))])
    assert 0.0 <= (mt.trends.mann_kendall(white)["p_value"] < 0.05).mean() < 0.1


@settings(max_examples=80)
@given(numbers, st.floats(0.1, 30), st.integers(1, 4))
def test_divisions_are_the_best_of_all(y, penalty, least):
    """Pruning loses nothing: dynamic programming over all beginnings finds no better."""
    n = len(y)
    best = np.r_[-penalty, np.full(n, np.inf)]
    for end in range(1, n + 1):
        for begin in range(end - least + 1):
            part = y[begin:end]
            cost = best[begin] + ((part - part.mean()) ** 2).sum() + penalty
            best[end] = min(best[end], cost)
    begins = segments(y, penalty, least)
    ends = [*begins[1:], n]
    assert all(b - a >= least for a, b in zip(begins, ends, strict=True))
    squares = sum(((y[a:b] - y[a:b].mean()) ** 2).sum() for a, b in zip(begins, ends, strict=True))
    assert squares + penalty * (len(begins) - 1) == pytest.approx(best[n], abs=1e-9)


def test_noise_is_told_from_levels():
    rng = np.random.default_rng(2)
    x = np.zeros(4000)
    for t in range(1, 4000):
        x[t] = 0.5 * x[t - 1] + rng.normal()
    spread, together = noise(x + np.repeat([0, 30, 5, 60], 1000))
    assert spread == pytest.approx(1 / np.sqrt(1 - 0.25), rel=0.1)
    assert together == pytest.approx(0.5, abs=0.1)


def test_planted_breakouts_are_found_and_quiet_series_have_none():
    rng = np.random.default_rng(3)
    mean = np.r_[np.full(40, 100.0), np.full(30, 300.0), np.full(30, 140.0)]
    loud = [frame(mean * rng.lognormal(0, 0.2, 100), f"loud{i:02d}") for i in range(40)]
    calm = [frame(100 * rng.lognormal(0, 0.2, 100), f"calm{i:02d}") for i in range(40)]
    found = mt.trends.breakouts(pd.concat([*loud, *calm]))
    table = found.table
    assert table["unique_id"].str.startswith("calm").mean() < 0.1
    rises = table[(table["kind"] == "rise") & table["unique_id"].str.startswith("loud")]
    assert (rises["ds"] - 40).abs().le(1).sum() >= 38
    assert rises["ratio"].median() == pytest.approx(3, rel=0.1)
    assert found.levels.groupby("unique_id").size().eq(100).all()


@pytest.mark.parametrize(("mean", "least"), [(0.3, 8), (1, 13), (5, 15), (50, 18)])
def test_small_counts_are_no_breakouts(mean, least):
    rng = np.random.default_rng(7)
    calm = [frame(rng.poisson(mean, 60), f"{i:02d}") for i in range(40)]
    found = mt.trends.breakouts(pd.concat(calm)).table
    assert found["unique_id"].nunique() <= 3
    # Not because nothing is found.
    loud = np.r_[np.full(30, mean), np.full(30, 8 * mean)]
    stepped = [frame(rng.poisson(loud), f"{i:02d}") for i in range(20)]
    rises = mt.trends.breakouts(pd.concat(stepped)).table.query("kind == 'rise'")
    assert rises["ds"].between(27, 33).sum() >= least


@pytest.mark.parametrize(("low", "high"), [(50, 400), (400, 50), (5, 40), (2, 2000)])
def test_a_level_that_scatters_more_is_not_cut_up(low, high):
    """In logarithms, counts scatter more the smaller they are."""
    rng = np.random.default_rng(11)
    steps = [frame(rng.poisson(np.repeat([low, high], 40)), f"{i:02d}") for i in range(50)]
    table = mt.trends.breakouts(pd.concat(steps)).table
    right = table[table["ds"].between(39, 41)]
    assert len(right) >= 48
    assert (right["kind"] == ("rise" if high > low else "fall")).all()
    assert len(table) - len(right) <= 4


def test_a_step_that_goes_costs_its_neighbours_only(monkeypatch):
    seen = []
    noise_of = _breakouts.noise
    monkeypatch.setattr(_breakouts, "noise", lambda *x: seen.append(1) or noise_of(*x))
    scatter = np.repeat([1.0, 0.01], 250) * np.random.default_rng(0).standard_normal(500)
    mt.trends.breakouts(frame(np.exp(5 + scatter)), shortest=1)
    assert 100 < len(seen) < 1500


def test_momentum_tells_growth_and_its_sign():
    rng = np.random.default_rng(4)
    week = np.arange(24)
    made = {
        "a rising": 1e5 * 1.06**week * rng.lognormal(0, 0.03, 24),
        "b falling": 1e5 * 0.9**week * rng.lognormal(0, 0.03, 24),
        "c flat": 1e5 * rng.lognormal(0, 0.1, 24),
        "d short": np.ones(3),
    }
    found = mt.trends.momentum(pd.concat([frame(y, name) for name, y in made.items()]))
    assert found["trend"].tolist() == ["rising", "falling", "flat", "unknown"]
    assert found["growth"][0] == pytest.approx(0.06, abs=0.01)
    assert found["ratio"][0] == pytest.approx(1.06**8, rel=0.05)


def test_what_has_ended_is_neither_falling_nor_steady():
    week = np.arange(40)
    made = {
        "a zeros": np.r_[1e5 * 0.8**week, np.zeros(8)],
        "b absent": np.full(36, 1e4),
        "c few zeros": np.r_[np.full(46, 1e4), 0, 0],
        "d seldom": np.tile([3.0, 0, 0, 0, 0, 0], 8),
        "e goes on": np.full(48, 1e4),
        "f one point": [7.0],
    }
    series = pd.concat([frame(y, name) for name, y in made.items()])
    # Steps may be counted from each series' own beginning: only of dates the end is known.
    steps = mt.trends.momentum(series)["trend"].tolist()
    assert steps == ["ended", "flat", "flat", "flat", "flat", "unknown"]
    series["ds"] = pd.Timestamp("2025-01-06", tz="UTC") + pd.to_timedelta(7 * series["ds"], "D")
    found = mt.trends.momentum(series)
    assert found["trend"].tolist() == ["ended", "ended", "flat", "flat", "flat", "ended"]
    stages = mt.trends.career_stage(series).set_index("unique_id")["stage"]
    assert stages["a zeros"] == stages["b absent"] == stages["f one point"] == "dormant"


def test_growth_does_not_depend_on_the_unit():
    y = 0.002 * 1.05 ** np.arange(16)
    small, large = (mt.trends.momentum(frame(y * unit)).iloc[0] for unit in (1, 1e9))
    assert small["growth"] == pytest.approx(large["growth"], abs=0.001)
    assert small["trend"] == "rising"


def test_stages_of_a_career():
    rise, fall = 1.1 ** np.arange(30), 0.9 ** np.arange(30)
    made = {
        "breaking": 1000 * rise,
        "dormant": np.r_[np.full(20, 1e6), np.full(20, 10)],
        "fading": 1e6 * fall,
        "new": np.r_[np.zeros(40), np.arange(1, 10)],
        "peaking": 1e5 + np.tile([0, 500, -500, 200], 10),
        "reviving": np.r_[1e6 * fall, 4e4 * 1.1 ** np.arange(20)],
        "steady": np.r_[np.full(20, 1e6), 4e5 + np.tile([0, 500, -500, 200], 10)],
        "unheard": np.zeros(30),
    }
    found = mt.trends.career_stage(pd.concat([frame(y, name) for name, y in made.items()]))
    assert found["stage"].tolist() == found["unique_id"].tolist()


def test_cohorts_count_who_is_gone_and_leave_out_who_is_not_seen():
    weeks = pd.date_range("2023-12-04", periods=8, freq="7D")
    rows = [("a", 0, 10), ("a", 1, 8), ("b", 1, 6), ("b", 3, 2), ("c", 6, 5), ("c", 7, 1)]
    points = pd.DataFrame(rows, columns=["unique_id", "at", "y"])
    points["ds"] = pd.DatetimeIndex(weeks[points["at"]])
    pad = pd.DataFrame({"unique_id": "z", "ds": weeks, "y": 1.0})
    found = mt.trends.cohort_curves(pd.concat([points, pad])[["unique_id", "ds", "y"]], ages=3)
    old = found[found["cohort"] == "2023"].set_index("age")
    assert old.loc[1, ["series", "mean", "present"]].tolist() == [3, (8 + 0 + 1) / 3, 2 / 3]
    assert old.loc[2, "mean"] == pytest.approx((0 + 2 + 1) / 3)
    young = found[found["cohort"] == "2024"]
    assert young["age"].tolist() == [0, 1], "c is seen for two weeks only"
    with pytest.raises(InputError, match="steps, not dates"):
        mt.trends.cohort_curves(frame([1, 2, 3]))
    with pytest.raises(TableError, match="several cohorts"):
        mt.trends.cohort_curves(frame([1, 2]).assign(kind=["x", "y"]), cohort="kind")


def test_concentration_is_that_of_the_inequality_wing():
    rng = np.random.default_rng(5)
    y = rng.pareto(1.1, (3, 200)) + 0.1
    series = pd.DataFrame(
        {
            "unique_id": np.tile([f"artist{i}" for i in range(200)], 3),
            "ds": pd.to_datetime(np.repeat(["2021-03-01", "2022-04-01", "2022-09-01"], 200)),
            "y": y.ravel(),
        }
    )
    found = mt.trends.concentration(series)
    assert found["period"].dt.year.tolist() == [2021, 2022]
    sums = y[1] + y[2]
    peer = mt.economics.inequality(sums)
    row = found.iloc[1]
    for name in ("gini", "hhi", "top_1_percent_share", "effective_number"):
        assert row[name] == pytest.approx(peer[name], rel=1e-12)
    assert row["top_10_share"] == pytest.approx(np.sort(sums)[-10:].sum() / sums.sum())
    with pytest.raises(InputError, match="period"):
        mt.trends.concentration(series, period="fortnight")


def test_concentration_of_nothing_has_its_columns():
    some = pd.DataFrame({"unique_id": ["a", "b"], "ds": 1, "y": [1.0, 3.0]})
    found, nothing = (
        mt.trends.concentration(some.assign(y=some["y"] * k), period=None) for k in (1, 0)
    )
    assert nothing.empty
    assert list(nothing) == list(found)
