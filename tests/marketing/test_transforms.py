"""Adstock, saturation and reach against independent formulas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.signal import lfilter
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.marketing._adstock import KERNELS, weights
from musictools.marketing._saturation import CURVES, curve

mk = mt.marketing


def test_geometric_is_the_recursion():
    x = np.random.default_rng(1).gamma(1, 1, 60)
    found = mk.adstock(x, "geometric", {"theta": 0.6}, lags=60, normalize=False)
    np.testing.assert_allclose(found, lfilter([1], [1, -0.6], x), rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "parameters", "expected"),
    [
        ("delayed", {"theta": 0.5, "delay": 1.0}, [0.5, 1.0, 0.5, 0.0625]),
        ("power_law", {"alpha": 2.0}, [1.0, 1 / 4, 1 / 9, 1 / 16]),
        # Meridian's: (1 - l / window) ** (1 / alpha - 1).
        ("binomial", {"alpha": 0.5}, [1.0, 0.75, 0.5, 0.25]),
    ],
)
def test_weights_by_hand(kind, parameters, expected):
    found = mk.adstock_weights(kind, parameters, lags=4, normalize=False)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(
        mk.adstock_weights(kind, parameters, lags=4), np.array(expected) / sum(expected), rtol=1e-12
    )


def test_weibull_kernels_are_those_of_scipy():
    given_ = {"shape": 1.7, "scale": 3.0}
    lag = np.arange(1, 9)
    pdf = stats.weibull_min.pdf(lag, 1.7, scale=3.0)
    np.testing.assert_allclose(mk.adstock_weights("weibull_pdf", given_, lags=8), pdf / pdf.sum())
    kept = np.cumprod(np.r_[1, stats.weibull_min.sf(lag[:-1], 1.7, scale=3.0)])
    np.testing.assert_allclose(
        mk.adstock_weights("weibull_cdf", given_, lags=8, normalize=False), kept
    )


def test_draws_and_channels_at_once():
    rng = np.random.default_rng(2)
    x, theta = rng.gamma(1, 1, (40, 3)), rng.uniform(0.1, 0.9, (5, 3))
    found = mk.adstock(x, "geometric", {"theta": theta})
    assert found.shape == (5, 40, 3)
    np.testing.assert_allclose(
        found[4, :, 1], mk.adstock(x[:, 1], "geometric", {"theta": theta[4, 1]}), rtol=1e-12
    )
    half = rng.uniform(0.5, 2, (5, 1, 3))
    bent = mk.saturate(found, "hill", {"half": half, "slope": 1.5})
    np.testing.assert_allclose(bent, found**1.5 / (found**1.5 + half**1.5), rtol=1e-9)


@pytest.mark.parametrize(
    ("kind", "parameters", "expected"),
    [
        ("logistic", {"rate": 0.7}, (1 - np.exp(-2.1)) / (1 + np.exp(-2.1))),
        ("tanh", {"scale": 2.0}, np.tanh(1.5)),
        ("root", {"exponent": 0.5}, np.sqrt(3)),
        ("log", {"scale": 2.0}, np.log(2.5)),
        ("michaelis_menten", {"half": 1.0}, 0.75),
    ],
)
def test_curves_by_hand(kind, parameters, expected):
    assert mk.saturate(3.0, kind, parameters) == pytest.approx(expected, rel=1e-12)
    assert mk.saturate(0.0, kind, parameters) == 0


@settings(max_examples=40)
@given(st.sampled_from(sorted(KERNELS)), st.integers(0, 10_000))
def test_slopes_of_kernels_are_finite_differences(kind, seed):
    rng = np.random.default_rng(seed)
    count = len(KERNELS[kind].parameters)
    # Farther out weights are cut off, which has an edge without a slope.
    free = rng.normal(0, 1, (count, 2)).clip(-2, 2)
    _, slopes = weights(kind, free, 9)
    for i in range(count):
        step = np.zeros((count, 1))
        step[i] = 1e-5
        change = weights(kind, free + step, 9)[0] - weights(kind, free - step, 9)[0]
        np.testing.assert_allclose(slopes[i], change / 2e-5, rtol=1e-5, atol=1e-6)


@settings(max_examples=40)
@given(st.sampled_from(sorted(CURVES)), st.integers(0, 10_000))
def test_slopes_of_curves_are_finite_differences(kind, seed):
    rng = np.random.default_rng(seed)
    count = len(CURVES[kind].parameters)
    free, x = rng.normal(0, 1, (count, 1)), rng.gamma(2, 1, 7) + 0.05
    value, along, slopes = curve(kind, x, free)
    assert (np.diff(value[np.argsort(x)]) >= 0).all()
    ahead, behind = (curve(kind, x + d, free)[0] for d in (1e-6, -1e-6))
    np.testing.assert_allclose(along, (ahead - behind) / 2e-6, rtol=1e-5, atol=1e-8)
    for i in range(count):
        step = np.zeros((count, 1))
        step[i] = 1e-5
        change = curve(kind, x, free + step)[0] - curve(kind, x, free - step)[0]
        np.testing.assert_allclose(slopes[i], change / 2e-5, rtol=1e-5, atol=1e-8)


def test_steps_of_a_pipeline():
    frame = pd.DataFrame({"tv": [4.0, 0.0, 2.0], "radio": [0.0, 6.0, 0.0]})
    steps = make_pipeline(
        mk.Adstock(parameters={"theta": [0.5, 0.2]}, lags=2), mk.Saturation(kind="log")
    ).set_output(transform="pandas")
    found = clone(steps).fit_transform(frame)
    assert list(found.columns) == ["tv", "radio"]
    stock = np.array([4.0, 2.0, 2.0]) / 1.5
    np.testing.assert_allclose(found["tv"], np.log1p(stock / stock.mean()), rtol=1e-12)
    with pytest.raises(InputError, match="theta = "):
        mk.Adstock(parameters={"theta": 1.5}).fit(frame)


def test_reach_by_the_negative_binomial():
    # 1 - P(0 contacts) of the distribution that media research uses.
    n, mean = 0.8, 1.7
    none = stats.nbinom.pmf(0, n, n / (n + mean))
    assert mk.reach(1700, 1000, spread=n) == pytest.approx(1000 * (1 - none), rel=1e-12)
    assert mk.reach(1700, 1000) == pytest.approx(1000 * (1 - stats.poisson.pmf(0, 1.7)), rel=1e-12)


def test_airplay_fills_the_audience_from_the_same_station():
    airplay = pd.DataFrame(
        {
            "ds": pd.to_datetime(["2025-01-06"] * 3),
            "station": ["A", "A", "T"],
            "medium": ["Radio", "Radio", "TV"],
            "recording_id": ["r"] * 3,
            "spins": [2, 5, 1],
            "audience": [2000.0, np.nan, 700.0],
            "seconds": [1.0] * 3,
        }
    )
    found = mk.airplay_contacts(airplay)
    assert found.iloc[0].to_dict() == {"radio": 7000.0, "tv": 700.0}
    with pytest.raises(InputError, match="no audience of 'T'"):
        mk.airplay_contacts(airplay.assign(audience=[1.0, np.nan, np.nan]))
    with pytest.raises(TableError, match="spins"):
        mk.airplay_contacts(airplay.drop(columns="spins"))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: mk.adstock([1.0], "geometricx"), "'geometric'"),
        (lambda: mk.adstock([1.0], "geometric", {"tetha": 0.5}), "'theta'"),
        (lambda: mk.adstock([np.nan]), "missing or not finite"),
        (lambda: mk.adstock(["a"]), "no numbers"),
        (lambda: mk.adstock([1.0], lags=0), "lags=0"),
        (lambda: mk.saturate([-1.0]), "negative"),
        (lambda: mk.saturate([1.0], "hil"), "'hill'"),
        (lambda: mk.saturate([1.0], "hill", {"half": 0.0}), "above 0"),
        (lambda: mk.grp([1.0], 0), "population=0"),
        (lambda: mk.reach([-1.0], 10), "negative"),
        (lambda: mk.reach([1.0], 10, spread=0), "spread=0"),
    ],
)
def test_bad_input_says_what_is_wrong(call, told):
    with pytest.raises(InputError, match=told):
        call()
