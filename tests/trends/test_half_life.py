"""Decay: the compiled loop against definitions, and half-lives that were planted."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize

import musictools as mt
from musictools.trends import _decay_kernels as kernels
from musictools.trends._decay_curves import KINDS, MODELS, SIZES, bounds, half_lives, means
from musictools.trends._decay_fit import Fit, _fitted

TRUTH = {
    "exponential": np.log([1, 0.05]),
    "power": np.log([1, 6, 1.4]),
    "stretched": np.log([1, 0.12, 0.6]),
    "biexponential": np.log([0.7, 0.3, 0.25, 0.02, 0.05]),
}
STEPS = np.arange(104)
WEEKS = STEPS.astype(float)


def planted(model, *, series=60, scale=2000, seed=1):
    """Counts about a curve, with swings of 14 %."""
    rng = np.random.default_rng(seed)
    mean = scale * means(model, TRUTH[model], WEEKS)
    y = rng.poisson(rng.gamma(50, mean / 50, (series, len(WEEKS))))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i:03d}" for i in range(series)], len(WEEKS)),
            "ds": np.tile(STEPS, series),
            "y": y.ravel().astype(float),
        }
    )


@pytest.mark.parametrize("model", MODELS)
def test_slopes_of_curves_are_their_differences(model):
    theta = TRUTH[model] + 0.1
    slope, plain = np.zeros(SIZES[model]), np.exp(theta)
    for t in (0.0, 0.5, 7.0, 90.0):
        value = kernels.curve(KINDS[model], t, theta, plain, slope)
        assert value == pytest.approx(means(model, theta, np.array([t]))[0], rel=1e-12)
        for j in range(len(theta)):
            step = np.zeros(len(theta))
            step[j] = 1e-6
            ends = [means(model, theta + s * step, np.array([t]))[0] for s in (1, -1)]
            assert slope[j] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-7)


def score(mean, y, noise):
    return (y - mean) / (mean * (1 - noise + noise * mean))


@pytest.mark.parametrize("noise", [0.001, 0.3, 0.999])
def test_the_quasi_deviance_is_the_integral_that_defines_it(noise):
    for y, mean in ((0.4, 0.7), (0.7, 0.1), (0.0, 0.3)):
        area = quad(score, mean, y or 1e-12, args=(y, noise))[0]
        assert kernels.gap(y, mean, noise) == pytest.approx(2 * area, rel=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_half_lives_are_where_the_curve_is_at_half(model):
    age = float(half_lives(model, TRUTH[model]))
    value = means(model, TRUTH[model], np.array([0.0, age]))
    assert value[1] == pytest.approx(value[0] / 2, rel=1e-9)


def test_a_high_floor_is_never_at_half():
    assert half_lives("biexponential", np.log([0.2, 1, 0.2, 0.1, 0.6])) == np.inf


@pytest.mark.parametrize("model", MODELS)
def test_no_better_fit_is_found_by_another_optimiser(model):
    rng = np.random.default_rng(3)
    mean = means(model, TRUTH[model], WEEKS)
    y = mean * rng.gamma(40, 1 / 40, len(WEEKS))
    fit = Fit(t=WEEKS, y=y / y.max(), scale=1.0, noise=0.5)
    ours, deviance = _fitted(model, [fit], [len(WEEKS)])
    low, high = bounds(model, WEEKS[-1], 1.0)

    def missed(theta):
        m = np.maximum(means(model, np.clip(theta, low, high), WEEKS), 1e-9)
        return sum(map(kernels.gap, fit.y, m, [0.5] * len(m)))

    assert deviance[0] == pytest.approx(missed(ours[0]), rel=1e-6)
    for begin in (ours[0] + 0.2, TRUTH[model]):
        other = minimize(missed, begin, method="Nelder-Mead", options={"maxiter": 4000})
        assert deviance[0] <= other.fun * (1 + 1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_planted_half_lives_are_found_when_the_shape_is_known(model):
    truth = float(half_lives(model, TRUTH[model]))
    table = mt.trends.half_life(planted(model), models=[model], start="first", rng=0).table
    assert table["half_life"].median() == pytest.approx(truth, rel=0.06)
    held = (table["lo"] <= truth) & (truth <= table["hi"])
    # 60 intervals of 90 %: fewer than 44 would be one chance in two thousand.
    assert held.sum() >= 44


@pytest.mark.parametrize("model", MODELS)
def test_planted_half_lives_are_found_when_it_is_not(model):
    truth = float(half_lives(model, TRUTH[model]))
    table = mt.trends.half_life(planted(model), start="first", rng=0).table
    assert table["half_life"].median() == pytest.approx(truth, rel=0.25)
    assert ((table["lo"] <= truth) & (truth <= table["hi"])).sum() >= 44


def test_clear_shapes_are_chosen_and_the_curve_goes_through():
    for model in ("exponential", "power"):
        y = 900 * means(model, TRUTH[model], WEEKS)
        frame = pd.DataFrame({"unique_id": "a", "ds": STEPS, "y": y})
        found = mt.trends.half_life(frame, rng=0)
        assert found.table["model"].tolist() == [model]
        age = found.table["half_life"][0]
        assert age == pytest.approx(float(half_lives(model, TRUTH[model])), rel=1e-3)
        later = found.predict([0, 200])
        expected = 900 * means(model, TRUTH[model], np.array([0.0, 200.0]))
        assert later["y_hat"].tolist() == pytest.approx(expected.tolist(), rel=2e-3)


def test_dates_count_in_days_and_age_begins_at_the_peak():
    days = pd.date_range("2025-01-06", periods=60, freq="7D")
    y = np.r_[10, 50, 300, 1000 * 0.5 ** (np.arange(57) * 7 / 21)]
    found = mt.trends.half_life(pd.DataFrame({"unique_id": "a", "ds": days, "y": y}), rng=0)
    assert found.unit == "days"
    row = found.table.iloc[0]
    assert row["half_life"] == pytest.approx(21, rel=1e-3)
    assert row["start"] == days[3]
    assert row["points"] == 57


def test_draws_of_a_sum_of_curves_fit_as_well_as_they_should():
    """What a draw misses by, over the spread, is about chi-square with five degrees."""
    found = mt.trends.half_life(
        planted("biexponential", series=1, seed=4), models=["biexponential"], start="first"
    )
    fit = found.fits["s000"]
    ((curve, drawn),) = fit.draws(2000, np.random.default_rng(0))
    theta = np.vstack([curve.theta, drawn])
    deviance = np.zeros(len(theta))
    kernels.gather_all(KINDS[curve.model], fit.t, fit.y, fit.noise, theta, deviance)
    worse = (deviance[1:] - deviance[0]) / curve.spread
    assert 2.5 < worse.mean() < 7.5
    assert worse.min() > -0.01
    rough = np.vstack([curve.theta, curve.draws(2000, np.random.default_rng(0))])
    kernels.gather_all(KINDS[curve.model], fit.t, fit.y, fit.noise, rough, deviance)
    assert ((deviance[1:] - deviance[0]) / curve.spread).mean() > worse.mean()


def test_intervals_widen_where_errors_last():
    rng = np.random.default_rng(5)
    mean = 1000 * 0.97**WEEKS
    fresh = rng.normal(0, 0.1, len(WEEKS))
    lasting = np.zeros(len(WEEKS))
    for i in range(1, len(WEEKS)):
        lasting[i] = 0.8 * lasting[i - 1] + fresh[i] * 0.6
    widths = []
    for error in (fresh, lasting):
        frame = pd.DataFrame({"unique_id": "a", "ds": STEPS, "y": mean * np.exp(error)})
        found = mt.trends.half_life(frame, models=["exponential"], start="first", rng=0).table
        widths.append(float((found["hi"] - found["lo"]).iloc[0]))
    assert widths[1] > 1.4 * widths[0]


def test_series_that_cannot_be_fitted_say_so_and_others_go_on():
    good = pd.DataFrame({"unique_id": "good", "ds": range(40), "y": 100 * 0.9 ** np.arange(40)})
    zero = pd.DataFrame({"unique_id": "zero", "ds": range(40), "y": 0.0})
    rising = pd.DataFrame({"unique_id": "rising", "ds": range(40), "y": np.arange(40.0)})
    flat = pd.DataFrame({"unique_id": "flat", "ds": range(40), "y": 7.0})
    found = mt.trends.half_life(pd.concat([zero, rising, good, flat]), rng=0)
    table = found.table.set_index("unique_id")
    assert table.loc["good", "half_life"] == pytest.approx(np.log(0.5) / np.log(0.9), rel=1e-3)
    assert table.loc["zero", "note"] == "nothing but zeros"
    assert "only 1 point " in table.loc["rising", "note"]
    assert "hardly fades in what was seen" in table.loc["flat", "note"]
    assert table["model"].isna().tolist() == [False, False, True, True]
    alone = mt.trends.half_life(good, rng=0).table.set_index("unique_id")
    assert alone.loc["good", "half_life"] == table.loc["good", "half_life"]


def test_what_hardly_fades_has_no_half_life_and_an_interval_open_above():
    rng = np.random.default_rng(1)
    made = {
        "floor": 600 + 400 * 0.8**WEEKS,
        "noisy": 1000 * np.exp(rng.normal(0, 0.1, len(WEEKS))),
        "slow": 1000 * 0.997**WEEKS,
    }
    parts = [pd.DataFrame({"unique_id": n, "ds": STEPS, "y": y}) for n, y in made.items()]
    found = mt.trends.half_life(pd.concat(parts), start="first", rng=0)
    table = found.table.set_index("unique_id")
    assert table.loc[["floor", "noisy"], "half_life"].tolist() == [np.inf, np.inf]
    assert table.loc[["floor", "noisy"], "hi"].tolist() == [np.inf, np.inf]
    assert (table["lo"] <= 10 * WEEKS[-1]).all()
    assert table["note"].str.split(":").str[0].tolist() == [
        "stays above a half in what was seen",
        "hardly fades in what was seen",
        "half-life beyond the series",
    ]
    assert table.loc["slow", "half_life"] == pytest.approx(np.log(0.5) / np.log(0.997), rel=0.01)
    assert "hardly fades" in found._repr_html_()
    ax = mt.plot.decay(found, unique_id="noisy")
    assert "hardly fades in what was seen" in ax.get_legend().get_texts()[-1].get_text()
    plt.close(ax.figure)


def test_the_same_seed_gives_the_same_intervals():
    frame = planted("power", series=3)
    first, second = (mt.trends.half_life(frame, rng=9).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_frames_of_polars_give_the_same():
    frame = planted("power", series=2)
    tables = [mt.trends.half_life(f, rng=9).table for f in (frame, pl.DataFrame(frame).lazy())]
    pd.testing.assert_frame_equal(*tables)
    with pytest.raises(mt.errors.TableError, match="list"):
        mt.trends.half_life([1, 2])


def test_gaps_and_missing_values_are_no_zeros():
    frame = pd.DataFrame({"unique_id": "a", "ds": STEPS, "y": 500 * 0.95**WEEKS})
    frame.loc[10:20, "y"] = np.nan
    found = mt.trends.half_life(frame.drop(index=range(40, 60)), rng=0).table
    assert found["half_life"][0] == pytest.approx(np.log(0.5) / np.log(0.95), rel=1e-3)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"models": ["exponental"]}, "'exponential'"),
        ({"models": []}, "models"),
        ({"start": "top"}, "peak"),
        ({"holdout": 0.9}, "holdout"),
        ({"level": 90}, "level"),
    ],
)
def test_bad_arguments_are_refused(change, match):
    with pytest.raises(mt.errors.InputError, match=match):
        mt.trends.half_life(planted("power", series=1), **change)


def test_bad_series_are_refused():
    frame = planted("power", series=1)
    with pytest.raises(mt.errors.TableError, match="'y'"):
        mt.trends.half_life(frame.drop(columns="y"))
    with pytest.raises(mt.errors.InputError, match="below zero"):
        mt.trends.half_life(frame.assign(y=-1.0))
    with pytest.raises(mt.errors.InputError, match="twice"):
        mt.trends.half_life(pd.concat([frame, frame]))
    with pytest.raises(mt.errors.InputError, match="no values"):
        mt.trends.half_life(frame.assign(y=np.nan))
