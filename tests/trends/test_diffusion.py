"""Bass and Gompertz: slopes against differences, and parameters that were planted."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import minimize

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.trends._growth_curves import peaks, shares, slopes

TRUTH = {"bass": np.log([0.01, 0.25]), "gompertz": np.array([np.log(0.15), 12.0])}
NAMED = {"bass": {"p": 0.01, "q": 0.25}, "gompertz": {"k": 0.15, "peak": 12.0}}
FITS = {"bass": mt.trends.bass, "gompertz": mt.trends.gompertz}


def newcomers(model, weeks, m=20_000):
    t = np.arange(1, weeks + 1.0)
    return m * (shares(model, TRUTH[model], t) - shares(model, TRUTH[model], t - 1))


def frame(y):
    y = np.atleast_2d(y)
    names = np.repeat([f"s{i:04d}" for i in range(len(y))], y.shape[1])
    return pd.DataFrame(
        {"unique_id": names, "ds": np.tile(np.arange(y.shape[1]), len(y)), "y": y.ravel() * 1.0}
    )


@pytest.mark.parametrize("model", TRUTH)
def test_slopes_are_differences(model):
    t = np.array([0.5, 3.0, 11.0, 40.0])
    theta = TRUTH[model] + 0.1
    share, *found = slopes(model, theta, t)
    assert share == pytest.approx(shares(model, theta, t), rel=1e-12)
    for k in range(2):
        step = 1e-6 * np.eye(2)[k]
        wanted = (shares(model, theta + step, t) - shares(model, theta - step, t)) / 2e-6
        assert found[k] == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("model", TRUTH)
def test_the_peak_is_where_most_come(model):
    t = np.linspace(0.01, 40, 40_000)
    rate = np.gradient(shares(model, TRUTH[model], t), t)
    assert float(peaks(model, TRUTH[model])) == pytest.approx(t[rate.argmax()], abs=0.01)


@pytest.mark.parametrize("model", TRUTH)
@pytest.mark.parametrize(("weeks", "evenness"), [(52, 20), (25, 20), (40, None)])
def test_planted_parameters_lie_in_nine_of_ten_intervals(model, weeks, evenness):
    rng = np.random.default_rng(5)
    mean = np.tile(newcomers(model, weeks), (200, 1))
    y = rng.poisson(mean if evenness is None else rng.gamma(evenness, mean / evenness))
    found = FITS[model](frame(y), rng=0).table
    for name, truth in ({"m": 20_000} | NAMED[model]).items():
        assert found[name].median() == pytest.approx(truth, rel=0.03)
        inside = (found[f"{name}_lo"] <= truth) & (truth <= found[f"{name}_hi"])
        # Of 200, 0.9 +- 2.5 standard errors, and a little for estimated variances.
        assert 0.84 <= inside.mean() <= 0.97


def test_the_fit_is_the_best_that_a_general_optimiser_finds():
    y = np.random.default_rng(2).poisson(newcomers("bass", 30, m=900)).astype(float)
    found = mt.trends.bass(frame(y), rng=0).table.iloc[0]
    t = np.arange(1, 31.0)

    def deviance(theta):
        part = shares("bass", theta[1:], t) - shares("bass", theta[1:], t - 1)
        return (np.exp(theta[0]) * part - y * (theta[0] + np.log(part))).sum()

    best = minimize(
        deviance, np.log([800, 0.02, 0.2]), method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000},
    )  # fmt: skip
    assert np.log(found[["m", "p", "q"]].to_numpy(float)) == pytest.approx(best.x, abs=1e-4)


def test_totals_gaps_and_late_starts():
    y = newcomers("bass", 40)
    whole = frame(y)
    total = whole.assign(y=np.cumsum(y))
    start = pd.DataFrame({"unique_id": "s0000", "ds": [-1], "y": [0.0]})
    told = mt.trends.bass(pd.concat([start, total]), cumulative=True, rng=0).table
    late = mt.trends.bass(frame(np.r_[np.zeros(9), y]), rng=0).table
    gappy = mt.trends.bass(whole.drop(index=[7, 8, 20]), rng=0).table
    for found in (told, late, gappy):
        assert found[["m", "p", "q"]].iloc[0].tolist() == pytest.approx(
            [20_000, 0.01, 0.25], rel=1e-3
        )


def test_what_cannot_be_fitted_says_why():
    parts = [
        frame(np.zeros(20)).assign(unique_id="a silent"),
        frame(np.ones(3)).assign(unique_id="b short"),
        frame(newcomers("bass", 8)).assign(unique_id="c young"),
    ]
    found = mt.trends.bass(pl.DataFrame(pd.concat(parts)), rng=0)
    notes = found.table["note"].tolist()
    assert notes[0] == "nothing but zeros"
    assert notes[1] == "only 3 points from the first newcomers on"
    assert notes[2].startswith("not past its peak")
    assert found.table["m"].isna().tolist() == [True, True, False]
    assert "c young" in found._repr_html_()
    ahead = found.predict([10.0, 200.0])
    assert ahead["cumulative"].iloc[1] == pytest.approx(found.table["m"][2], rel=1e-6)


def test_bad_series_are_refused():
    with pytest.raises(InputError, match="falling"):
        mt.trends.bass(frame([5, 4, 6, 7, 8, 9, 9]), cumulative=True)
    with pytest.raises(InputError, match="below zero"):
        mt.trends.gompertz(frame([5, -4, 6, 7, 8, 9, 9]))
    with pytest.raises(InputError, match="twice"):
        mt.trends.bass(pd.concat([frame(np.ones(9))] * 2))
    with pytest.raises(TableError, match="unique_id"):
        mt.trends.bass(pd.DataFrame({"y": [1.0]}))
    with pytest.raises(InputError, match="level"):
        mt.trends.bass(frame(np.ones(9)), level=90)
