"""Power by placebo tests: against textbook formulas where the history is pure noise."""

import functools

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

import musictools as mt
from musictools.errors import InputError, TableError

power = mt.marketing.power


def long(y, names=None):
    """Long table of rows of numbers."""
    names = names or [f"U{n:03d}" for n in range(len(y))]
    days = pd.date_range("2020-01-06", periods=y.shape[1], freq="W-MON")
    return pd.DataFrame(
        {
            "unique_id": np.repeat(names, y.shape[1]),
            "ds": np.tile(days, len(y)),
            "y": y.ravel(),
        }
    )


def noise(units=20, periods=400, sd=0.05, seed=1):
    """Independent log-normal numbers around levels that differ."""
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(8, 1, (units, 1)) + sd * rng.standard_normal((units, periods)))


def test_geo_power_is_that_of_the_t_test():
    """On pure noise: a t test of 6 against 14 whose standard deviation is known."""
    duration, pre = 4, 8
    effects = [0.0, 0.02, 0.04, 0.06, 0.08]
    made = power(long(noise()), treated=6, duration=duration, pre=pre, effects=effects,
                 runs=6000, rng=2)  # fmt: skip
    sd = 0.05 * np.sqrt(1 / duration + 1 / pre)
    for effect, found in zip(effects, made.curve["power"], strict=True):
        expected = TTestIndPower().power(np.log1p(effect) / sd, nobs1=6, ratio=14 / 6, alpha=0.1)
        assert found == pytest.approx(expected, abs=0.03)
    assert made.false_positive == pytest.approx(0.1, abs=0.02)
    smallest = TTestIndPower().solve_power(nobs1=6, ratio=14 / 6, alpha=0.1, power=0.8) * sd
    fine = power(long(noise()), treated=6, duration=duration, pre=pre, runs=6000, rng=2)
    assert fine.mde == pytest.approx(np.expm1(smallest), rel=0.05)
    assert fine.mde_per_period == pytest.approx(fine.mde * noise().mean())


def test_switchback_power_is_that_of_the_paired_test():
    made = power(long(noise(units=1, periods=4000)), design="switchback", duration=20,
                 effects=[0.02, 0.04, 0.06], runs=5000, rng=3)  # fmt: skip
    for effect, found in zip(made.curve["effect"], made.curve["power"], strict=True):
        size = np.log1p(effect) / (0.05 * np.sqrt(2))
        expected = TTestPower().power(size, nobs=10, alpha=0.1)
        assert found == pytest.approx(expected, abs=0.03)


def test_carry_over_blurs_a_switchback():
    history = long(noise(units=3, periods=300))
    sharp, blurred = (
        power(history, design="switchback", duration=24, block=2, carry=carry, rng=1).mde
        for carry in (0.0, 0.5)
    )
    # In blocks of eight, (1 - 1/8) less 1/8 of the effect is left between on and off, about.
    long_sharp, long_blurred = (
        power(history, design="switchback", duration=96, block=8, carry=carry, rng=1)
        for carry in (0.0, 0.5)
    )
    assert 1.1 < long_blurred.mde / long_sharp.mde < 1.6
    assert long_sharp.treated == 3
    assert blurred > 1.3 * sharp


def test_pre_post_by_hand():
    """Each date against the dates of which it shares no period, written out again."""
    y = noise(units=1, periods=120, seed=4)[0]
    duration, pre = 3, 6
    made = power(long(y[None]), design="pre_post", duration=duration, pre=pre,
                 effects=[0.05, 0.1], rng=1)  # fmt: skip
    starts = range(pre, 120 - duration + 1)
    growth = {s: np.log(y[s : s + duration].mean() / y[s - pre : s].mean()) for s in starts}
    for effect, found in zip(made.curve["effect"], made.curve["power"], strict=True):
        hits = []
        for s in starts:
            others = np.array([g for o, g in growth.items() if abs(o - s) >= duration + pre])
            z = growth[s] + np.log1p(effect) - others.mean()
            apart = len(others) / (duration + pre)
            wider = np.sqrt(1 + 1 / apart) * stats.t.ppf(0.95, apart - 1) / stats.norm.ppf(0.95)
            beyond = (wider * np.abs(others - others.mean()) >= abs(z)).sum()
            p = (1 + beyond) / (1 + len(others))
            hits.append(p <= 0.1 + 1e-12 and (effect == 0 or z > 0))
        assert found == pytest.approx(np.mean(hits), abs=0.01)
    assert made.runs == len(growth)
    assert made.false_positive < 0.13


def test_pre_post_finds_nothing_too_often_where_nothing_is():
    """Season, trend and correlated noise: on average no more than the level promises."""
    found = [
        power(
            mt.datasets.simulate_panel(
                units=20, periods=156, effect=0.0, rng=seed, family=family
            ).series,
            design="pre_post",
            effects=[0.05],
            runs=200,
            rng=1,
        ).false_positive
        for seed in range(8)
        for family in ("own", "other")
    ]
    assert 0.03 < np.mean(found) < 0.115


def t_test(series, *, treated, start):
    """Plain differences in differences, written out again."""
    before = series[series["ds"] < start].groupby("unique_id")["y"].mean()
    growth = np.log(series[series["ds"] >= start].groupby("unique_id")["y"].mean() / before)
    inside = growth.index.isin(treated)
    test = stats.ttest_ind(growth[inside], growth[~inside])
    effect = growth[inside].mean() - growth[~inside].mean()
    return {"effect": effect, "p_value": test.pvalue}


def test_an_estimator_of_ones_own():
    history = long(noise(units=8, periods=40))
    kwargs = {"treated": ["U001", "U005"], "duration": 4, "effects": [0.06], "rng": 1}
    plain = power(history, **kwargs)
    own = power(history, estimator=t_test, **kwargs)
    assert plain.runs == own.runs == 40 - 8 - 4 + 1
    np.testing.assert_array_equal(plain.curve["power"], own.curve["power"])

    class Answer:
        effect, p_value = 1.0, 0.0

    sure = power(history, estimator=lambda *_, **__: Answer(), **kwargs)
    assert sure.curve["power"].eq(1.0).all()
    assert "do not trust it" in sure.verdict
    # Nothing that is found at effect 0 may look like a small effect that can be seen.
    assert sure.mde > 0
    drawn = power(history, estimator=t_test, treated=2, runs=10, rng=1)
    assert drawn.runs == 10
    summed = power(history, design="pre_post", runs=10, rng=1, effects=[0.1],
                   estimator=lambda series, **_: {"effect": 1.0, "p_value": series.unique_id
                                                  .nunique() - 1.0})  # fmt: skip
    assert summed.curve["power"].eq(1.0).all()


@pytest.mark.parametrize("answer", [None, 3.0, {"effect": 1.0}, {"effect": None, "p_value": 1}])
def test_an_estimator_must_answer(answer):
    with pytest.raises(InputError, match="p_value"):
        power(long(noise(periods=40)), estimator=lambda *_, **__: answer, runs=10)


def test_longer_tests_find_less():
    made = power(long(noise()), treated=5, duration=[2, 4, 8], pre=16, rng=1)
    assert made.by_duration["mde"].is_monotonic_decreasing
    assert made.mde == made.by_duration["mde"].iloc[0]
    assert made.to_frame()["duration"].unique().tolist() == [2, 4, 8]
    for _, curve in made.curve.groupby("duration"):
        assert (curve["lo_90"] <= curve["power"]).all()
        assert (curve["hi_90"] >= curve["power"]).all()
        assert curve["power"].iloc[-1] > 0.95


def test_losses_can_be_tested_too():
    gain, loss = (
        power(long(noise()), treated=5, effects=np.multiply(sign, [0.02, 0.05, 0.1]), rng=1)
        for sign in (1, -1)
    )
    assert loss.mde == pytest.approx(-gain.mde, rel=0.15)


def test_selected_units_are_not_trusted():
    """Units that grow faster than others: the t test finds something where nothing happened."""
    y = noise(units=20, periods=200)
    y[:5] *= np.exp(0.01 * np.arange(200))
    made = power(long(y), treated=[f"U{n:03d}" for n in range(5)], rng=1)
    assert made.false_positive > 0.8
    assert "do not trust" in made.verdict
    fair = power(long(noise(units=20, periods=200)), treated=["U000", "U001"], rng=1)
    assert "do not trust" not in fair.verdict


def test_what_is_out_of_reach_is_said():
    made = power(long(noise(sd=0.5)), treated=2, effects=[0.01, 0.02], rng=1)
    assert np.isnan(made.mde)
    assert "no effect up to 2.0%" in made.verdict
    rough = power(long(noise(periods=20)), treated=["U001"], duration=4, rng=1)
    assert "rough" in rough.verdict


def test_same_seed_same_numbers_and_units_do_not_matter():
    history = long(noise(periods=60))
    one, two = power(history, rng=1), power(history, rng=1)
    pd.testing.assert_frame_equal(one.curve, two.curve)
    scaled = power(history.assign(y=history["y"] * 1000).sample(frac=1, random_state=1), rng=1)
    pd.testing.assert_frame_equal(scaled.curve, one.curve)
    assert one.provenance["rng"] == 1
    assert "MDE" in one._repr_html_()


def test_with_the_simulated_panel():
    """The effect that power() says is found in 80 % of tests is found in 80 % of new panels."""
    made = functools.partial(mt.datasets.simulate_panel, "campaign", units=30, periods=60)
    smallest = power(made(effect=0.0, rng=0).series, treated=6, duration=20, pre=40, runs=400,
                     rng=1).mde  # fmt: skip
    hits = []
    for seed in range(60):
        panel = made(effect=smallest, rng=100 + seed)
        answer = t_test(panel.series, treated=panel.treated, start=panel.start)
        hits.append(answer["p_value"] <= 0.1 and answer["effect"] > 0)
    assert 0.6 < np.mean(hits) < 0.95


GOOD = long(noise(units=6, periods=60))


@pytest.mark.parametrize(
    ("frame", "kwargs"),
    [
        (GOOD.drop(columns="y"), {}),
        (pd.concat([GOOD, GOOD.head(1)]), {}),
        (GOOD.iloc[1:], {}),
        (GOOD.assign(y=GOOD["y"].where(GOOD.index != 3)), {}),
        (GOOD.head(0), {}),
    ],
)
def test_tables_that_cannot_be_used(frame, kwargs):
    with pytest.raises(TableError, match="Try: "):
        power(frame, **kwargs)


@pytest.mark.parametrize(
    "wrong",
    [
        {"treated": "U0001"}, {"treated": []}, {"treated": 6}, {"treated": 0}, {"treated": 1.5},
        {"treated": [f"U{n:03d}" for n in range(6)]}, {"duration": 0}, {"duration": []},
        {"duration": "long"}, {"duration": 60}, {"pre": 0}, {"pre": 60}, {"design": "goe"},
        {"effects": []}, {"effects": [0.0]}, {"effects": [-0.1, 0.1]}, {"effects": ["a"]},
        {"effects": [-1.0]}, {"effects": [np.inf]}, {"estimator": 3}, {"target": 1.0},
        {"level": 100}, {"level": "90"}, {"block": 0, "design": "switchback"},
        {"carry": 1.0, "design": "switchback"}, {"duration": 4, "design": "switchback"},
        {"design": "switchback", "estimator": t_test}, {"runs": 1}, {"rng": "x"},
        {"design": "pre_post", "level": 99.9}, {"duration": 4, "block": 40, "design": "switchback"},
        {"design": "switchback", "duration": 80},
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_used(wrong):
    with pytest.raises(InputError, match="Try: "):
        power(GOOD, **wrong)


@pytest.mark.parametrize("design", ["geo", "pre_post", "switchback"])
def test_nothing_cannot_grow(design):
    dead = GOOD.assign(y=0.0)
    with pytest.raises(InputError, match="above 0"):
        power(dead, design=design, duration=8)


def test_one_series_is_no_geo_test():
    with pytest.raises(InputError, match="pre_post"):
        power(long(noise(units=1)))
