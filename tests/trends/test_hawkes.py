"""Responses to promotion: the recursion against its formula, and truths that were planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import zeta

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.trends._hawkes_fit import answers, memory

CURVED = np.array([[0.7, np.log(0.8), np.log(0.9)]])


def mean_of(promotion, *, gamma=500, eta=20, mu=30, branching=0.5, c=0.8, theta=0.9):
    """The definition, term by term."""
    scale = branching / zeta(1 + theta, 1 + c)
    x = np.zeros(len(promotion))
    for t in range(len(x)):
        x[t] = (gamma if t == 0 else eta) + mu * promotion[t]
        x[t] += sum(scale * x[u] * (t - u + c) ** -(1 + theta) for u in range(t))
    return x


def frame(y, promotion):
    y = np.atleast_2d(y)
    names = np.repeat([f"s{i:03d}" for i in range(len(y))], y.shape[1])
    columns = {"ds": np.tile(np.arange(y.shape[1]), len(y)), "y": y.ravel() * 1.0}
    return pd.DataFrame({"unique_id": names, **columns, "promotion": np.tile(promotion, len(y))})


@pytest.fixture(scope="module")
def promotion():
    rng = np.random.default_rng(3)
    return np.where(rng.random(100) < 0.12, rng.gamma(2, 20, 100), 0.0)


def test_bases_are_the_definition(promotion):
    branching = 1 / (1 + np.exp(-0.7))
    bases = answers(CURVED, promotion[None], np.array([100]))[0]
    for k, one in enumerate(("gamma", "eta", "mu")):
        alone = dict.fromkeys(("gamma", "eta", "mu"), 0.0) | {one: 1.0}
        wanted = mean_of(promotion, branching=branching, **alone)
        assert bases[k] == pytest.approx(wanted, rel=1e-10)


def test_all_that_comes_of_one_is_one_over_what_is_not_passed_on():
    curved = np.array([[-0.5, np.log(0.8), np.log(2.0)]])
    length = 6000
    h = answers(curved, np.zeros((1, length)), np.array([length]))[0, 0]
    branching = 1 / (1 + np.exp(0.5))
    assert h.sum() == pytest.approx(1 / (1 - branching), rel=1e-3)
    scale, shape = memory(curved)
    lags = np.arange(1, 200_000)
    assert float((scale[0] * (lags + shape[0, 0]) ** -3.0).sum()) == pytest.approx(
        branching, rel=1e-5
    )


@pytest.mark.parametrize("branching", [0.3, 0.8])
def test_planted_responses_are_recovered(promotion, branching):
    rng = np.random.default_rng(7)
    mean = np.tile(mean_of(promotion, branching=branching), (120, 1))
    y = rng.poisson(rng.gamma(30, mean / 30))
    found = mt.trends.hawkes(frame(y, promotion), rng=0).table
    truth = {"mu": 30, "branching": branching, "virality": 30 / (1 - branching)}
    for name, value in truth.items():
        assert found[name].median() == pytest.approx(value, rel=0.06)
        inside = (found[f"{name}_lo"] <= value) & (value <= found[f"{name}_hi"])
        # Intervals of nine in ten are a little too narrow: the memory is bent, not an ellipse.
        assert 0.78 <= inside.mean() <= 0.98


def test_without_noise_nothing_is_left_over(promotion):
    found = mt.trends.hawkes(frame(mean_of(promotion), promotion), rng=0)
    row = found.table.iloc[0]
    wanted = {"mu": 30, "branching": 0.5, "gamma": 500, "eta": 20, "virality": 60}
    for name, value in wanted.items():
        assert row[name] == pytest.approx(value, rel=0.02)
    assert row["explained"] > 0.99999
    alone = mean_of(promotion) - mean_of(promotion, mu=0)
    assert row["promoted"] == pytest.approx(alone.sum() / mean_of(promotion).sum(), rel=0.01)
    response = found.response(4000)
    assert response["response"][0] == pytest.approx(row["mu"])
    assert response["cumulative"].iloc[-1] == pytest.approx(row["virality"], rel=0.02)


def test_promotion_that_does_nothing_is_found_to_do_nothing(promotion):
    rng = np.random.default_rng(1)
    y = rng.poisson(np.tile(mean_of(promotion, mu=0, eta=200), (60, 1)))
    found = mt.trends.hawkes(frame(y, promotion), rng=0).table
    # A unit brings 0; per unit, noise is 200 ** 0.5 over some 500 units in all.
    assert found["mu"].median() < 0.1
    assert (found["mu_lo"] <= 0.02).mean() > 0.85


def test_what_cannot_be_fitted_says_why(promotion):
    y = mean_of(promotion)
    parts = [
        frame(y, 0 * promotion).assign(unique_id="a quiet"),
        frame(y[:10], promotion[:10]).assign(unique_id="b short"),
        frame(y, promotion).assign(unique_id="c gaps").drop(index=[5, 6]),
        frame(0 * y, promotion).assign(unique_id="d silent"),
        frame(y, promotion - 1).assign(unique_id="e negative"),
    ]
    found = mt.trends.hawkes(pd.concat(parts), rng=0).table
    heads = [note.split(":")[0] for note in found["note"]]
    assert heads == [
        "no promotion",
        "only 10 points",
        "gaps",
        "nothing but zeros",
        "promotion below zero",
    ]
    assert found["virality"].isna().all()


def test_what_means_little_is_said_in_words(promotion):
    rng = np.random.default_rng(2)
    walk = np.maximum(1000 + rng.normal(3, 30, 100).cumsum(), 0)
    parts = [
        frame(rng.poisson(100, 100), np.ones(100)).assign(unique_id="a always"),
        frame(rng.poisson(100, 100), np.r_[5, np.zeros(99)]).assign(unique_id="b first only"),
        frame(100 * 1.06 ** np.arange(100), promotion).assign(unique_id="c endless"),
        frame(walk, promotion).assign(unique_id="d walk"),
        frame(mean_of(promotion), promotion).assign(unique_id="e told"),
    ]
    found = mt.trends.hawkes(pd.concat(parts), rng=0)
    notes = dict(zip(found.table["unique_id"], found.table["note"], strict=True))
    assert notes["a always"].startswith("promotion never varies")
    assert notes["b first only"].startswith("promotion varies nowhere after the first step")
    assert "branching near 1" in notes["c endless"]
    assert "the process explains" in notes["a always"]
    assert notes["d walk"] == "no response to promotion was found"
    assert notes["e told"] == ""
    unknown = found.response(3).query("unique_id == 'a always'")
    assert unknown["response"].isna().all()


@pytest.mark.parametrize(
    "ds",
    [
        pd.date_range("2018-01-31", periods=100, freq="ME"),
        pd.date_range("2025-01-06", periods=100, freq="7D", tz="Europe/Paris"),
    ],
)
def test_months_and_weeks_of_summer_time_are_even(promotion, ds):
    whole = frame(mean_of(promotion), promotion).assign(ds=ds)
    assert mt.trends.hawkes(whole, rng=0).table["note"].tolist() == [""]
    holes = whole.drop(index=[50])
    assert mt.trends.hawkes(holes, rng=0).table["note"][0].startswith("gaps")


def test_bad_input_is_refused(promotion):
    whole = frame(mean_of(promotion), promotion)
    with pytest.raises(TableError, match="no column 'posts'"):
        mt.trends.hawkes(whole, promotion="posts")
    with pytest.raises(TableError, match="missing"):
        mt.trends.hawkes(whole.assign(promotion=np.nan))
    with pytest.raises(InputError, match="draws"):
        mt.trends.hawkes(whole, draws=1)
