"""Sample sizes: against statsmodels and against coins that are tossed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep

import musictools as mt
from musictools.errors import InputError

size = mt.marketing.sample_size


def statsmodels_power(base, other, n, alpha, ratio=1.0):
    # statsmodels takes prop1 = prop2 + diff, and ratio = nobs2 / nobs1.
    found = power_proportions_2indep(other - base, base, n * ratio, ratio=1 / ratio, alpha=alpha,
                                     return_results=True)  # fmt: skip
    return found.power


@settings(max_examples=60)
@given(st.floats(0.005, 0.6), st.floats(0.05, 0.6), st.sampled_from([0.7, 0.8, 0.95]))
def test_rates_are_those_of_statsmodels(base, lift, target):
    made = size(base, lift, target=target)
    at = statsmodels_power(base, made.other, made.per_arm, 0.05)
    below = statsmodels_power(base, made.other, max(made.per_arm - 1, 1), 0.05)
    # statsmodels adds the other tail, of which nothing is left at these sizes.
    assert at >= target - 1e-6
    assert below <= target + 1e-4 or made.per_arm == 2
    assert made.power_at(made.per_arm) == pytest.approx(at, abs=1e-4)


def test_a_published_size():
    """Fleiss, Levin and Paik's formula by hand: 0.60 against 0.70, 95 %, 80 %: 356 a group."""
    made = size(0.60, 0.70 / 0.60 - 1)
    assert made.per_arm == 356
    assert made.total == 712


@pytest.mark.parametrize(("d", "ratio"), [(0.5, 1.0), (0.2, 2.0), (1.5, 1.0), (0.05, 0.5)])
def test_means_are_those_of_statsmodels(d, ratio):
    made = size(10.0, d / 10 * 4.0, sd=4.0, ratio=ratio, level=90)
    expected = TTestIndPower().solve_power(d, power=0.8, ratio=ratio, alpha=0.1)
    assert made.per_arm == int(np.ceil(expected))
    assert made.per_other == int(np.ceil(expected * ratio))
    again = TTestIndPower().power(d, made.per_arm, 0.1, ratio=made.per_other / made.per_arm)
    assert made.power_at(made.per_arm) == pytest.approx(again, abs=1e-6)


def test_64_a_group():
    """Cohen's classic: a medium effect, 80 %, 5 %, needs 64 a group."""
    assert size(1.0, 0.5, sd=1.0).per_arm == 64


def test_coins_agree():
    made = size(0.05, 0.4, target=0.8)
    rng, n, runs = np.random.default_rng(1), made.per_arm, 20_000
    a, b = rng.binomial(n, made.base, runs) / n, rng.binomial(n, made.other, runs) / n
    pooled = (a + b) / 2
    z = (b - a) / np.sqrt(2 * pooled * (1 - pooled) / n)
    assert (z > 1.959964).mean() == pytest.approx(0.8, abs=0.012)


def test_more_arms_share_the_error():
    made = size(0.05, 0.2, arms=5, per_day=1000)
    alone = size(0.05, 0.2, level=100 - 5 / 4)
    assert made.per_arm == alone.per_arm
    assert made.total == 5 * made.per_arm
    assert made.days == made.total / 1000
    assert "days" in made.verdict
    assert np.isnan(alone.days)
    assert made.to_frame()["total"].iloc[0] == made.total


def test_losses_and_huge_effects():
    assert size(0.3, -0.5).per_arm == size(0.15, 1.0).per_arm
    assert size(1.0, 1e5, sd=1e-3).per_arm == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"base": 0.0}, {"base": 1.0}, {"base": 2.0}, {"base": "x"}, {"lift": 0.0}, {"lift": 20.0},
        {"lift": float("nan")}, {"sd": 0.0}, {"sd": -1.0}, {"target": 1.0}, {"level": 100},
        {"arms": 1}, {"ratio": 0.0}, {"per_day": 0.0}, {"base": 0.0, "sd": 1.0},
        {"lift": 1e-9, "sd": 100.0}, {"sd": float("inf")}, {"base": True},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_refused(wrong):
    with pytest.raises(InputError, match="Try: "):
        size(**{"base": 0.1, "lift": 0.1, **wrong})


def test_power_at_refuses_nobody():
    with pytest.raises(InputError, match="per_arm"):
        size(0.1, 0.1).power_at(0)
