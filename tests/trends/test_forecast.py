"""Forecasts: what is refused or repaired, what no origin may know, and sums that add up."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, MusictoolsError
from musictools.trends import (
    _conformal,
    _dropout,
    _forecast_blend,
    _forecast_covariates,
    _global_model,
    _read_series,
)

WEEKS = pd.date_range("2022-01-03", periods=60, freq="7D")


@pytest.fixture(scope="module", autouse=True)
def _small_models():
    """Few trees, and of the bagged models one: what is tested holds of small models too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_global_model, "_TREES", 15)
        patch.setattr(_dropout, "_BAG", 1)
        patch.setitem(_dropout._SETTINGS, "max_iter", 30)
        yield


def one(y, *, name="a", ds=None):
    y = np.asarray(y, dtype=float)
    return pd.DataFrame({"unique_id": name, "ds": WEEKS[: len(y)] if ds is None else ds, "y": y})


@pytest.fixture(scope="module")
def made():
    return mt.datasets.simulate_streams(40, weeks=90, families=["release", "adoption"], rng=3)


@pytest.fixture(scope="module")
def tested(made):
    return mt.trends.backtest(made.series, 4, origins=2, rng=0)


def test_bad_series_are_refused_in_words():
    good = one(np.arange(30) + 1.0)
    zones = good.assign(ds=good["ds"].astype(object))
    zones.loc[0, "ds"] = pd.Timestamp("2022-01-03", tz="UTC")
    cases = {
        "twice": pd.concat([good, good.iloc[[4]]]),
        "from 0 up": good.assign(y=good["y"] - 5),
        "no value of 'a' at 2022-01-24": good.drop(index=3),
        "one time zone": zones,
        "no values": good.iloc[:0],
        "steps of one length": pd.concat(
            [good, one([1.0, 2.0], name="b", ds=[pd.Timestamp("2022-01-05"), WEEKS[5]])]
        ),
    }
    for told, frame in cases.items():
        with pytest.raises(MusictoolsError) as error:
            mt.trends.forecast(frame, 2)
        assert told in str(error.value)


def test_gaps_are_filled_when_asked_and_it_is_said():
    holes = one(np.arange(30) + 1.0).drop(index=[3, 4]).sample(frac=1, random_state=1)
    filled = mt.trends.forecast(holes, 1, gaps="interpolate", method="naive")
    assert filled.history["y"].tolist() == (np.arange(30) + 1.0).tolist()
    assert filled.notes == (
        "a: 2 missing weeks interpolated.",
        "rows were not in order of time: sorted.",
    )
    zero = mt.trends.forecast(holes, 1, gaps="zero", method="naive").history["y"]
    assert zero[3:5].tolist() == [0.0, 0.0]
    assert zero.drop([3, 4]).gt(0).all()


def test_single_points_and_nothing_but_zeros_stay():
    frame = pd.concat([one([7.0]), one(np.zeros(20), name="b")])
    ahead = mt.trends.forecast(frame, 3, rng=0)
    assert ahead.table["y_hat"].tolist() == [7.0] * 3 + [0.0] * 3
    assert len(ahead.notes) == 2
    assert ahead.verdict.startswith("Too little to tell")


@pytest.mark.parametrize(
    "ds",
    [
        pd.date_range("2020-01-31", periods=14, freq="ME"),
        pd.date_range("2020-02-01", periods=14, freq="QS-FEB"),
        pd.date_range("2020-03-01", periods=14, freq="D", tz="Europe/Paris"),
        pd.date_range("2020-03-28", periods=14, freq="h"),
        pd.RangeIndex(14),
    ],
)
def test_time_goes_on_in_the_steps_of_the_series(ds):
    frame = one(np.ones(10), ds=ds[:10])
    ahead = mt.trends.forecast(frame, 4, method="naive").table
    assert list(ahead["ds"]) == list(ds[10:])


def test_simple_methods_by_hand():
    y = [3.0, 5.0, 7.0, 9.0, 1.0]
    steps = pd.DataFrame({"unique_id": "a", "ds": range(5), "y": y})
    said = {
        method: mt.trends.forecast(steps, 5, method=method, season=4).table["y_hat"].tolist()
        for method in ("naive", "seasonal_naive", "drift")
    }
    assert said["naive"] == [1.0] * 5
    assert said["seasonal_naive"] == [5.0, 7.0, 9.0, 1.0, 5.0]
    assert said["drift"] == [0.5, 0.0, 0.0, 0.0, 0.0]


def test_rank_of_conformal_scores():
    scores = np.arange(1.0, 100.0)
    # Of 99 scores and one more, 90 % are at most the 90th.
    assert _conformal.upper(scores, 0.9) == 90.0


def test_coverage_on_exchangeable_errors():
    rng = np.random.default_rng(0)
    draw = lambda n: rng.standard_t(3, (n, 2))  # noqa: E731
    zeros, far = np.zeros((4000, 2)), np.full((4000, 2), 50.0)
    kinds = {"scale": np.ones(4000), "active": rng.random(4000) < 0.5}
    kinds["swing"] = rng.random(4000)
    past = _conformal.Past(truth=far + draw(4000), middle=far, **kinds)
    now = _conformal.Past(truth=zeros, middle=far, **kinds)
    low, high = _conformal.bands(past, now, 80)
    came = far + draw(4000)
    assert abs(((came >= low) & (came <= high)).mean() - 0.8) < 0.02


def test_weights_go_to_the_method_that_was_right():
    truth = np.arange(40.0).reshape(20, 2) + 1
    forecasts = np.stack([truth + 3, truth, truth - 5])
    origins = np.repeat([0, 1], 10), np.tile(2 * np.arange(10), 2)
    found = _forecast_blend.weigh(forecasts, truth, np.ones(20, dtype=bool), origins, 2)
    assert found[True].tolist() == [[0.0, 1.0, 0.0]] * 2
    # Where nothing was seen, naive.
    assert found[False].tolist() == [[1.0, 0.0, 0.0]] * 2


def test_the_default_beats_naive_on_streams_that_fade(tested):
    scores = tested.scores.set_index(["method", "part"])
    assert scores.loc[("combination", "all"), "skill"] > 0
    assert scores.loc[("combination", "all"), "pinball_skill"] > 0.1
    assert "against naive, at 2 origins" in tested.verdict
    assert 0.8 < scores.loc[("combination", "active"), "coverage"] < 1.0


def test_scores_by_hand(tested):
    rows = tested.forecasts[tested.forecasts["method"] == "naive"]
    miss = (rows["y"] - rows["y_hat"]).abs().mean()
    assert tested.scores.query("method == 'naive' and part == 'all'")["mae"].iloc[0] == miss
    held = rows["y"].between(rows["lo_90"], rows["hi_90"]).mean()
    assert tested.scores.query("method == 'naive' and part == 'all'")["coverage"].iloc[0] == held


def test_no_origin_knows_what_comes_after(made, tested):
    first = tested.forecasts["origin"].min()
    other = made.series[made.series["ds"] <= first + pd.Timedelta("28D")].copy()
    later = other["ds"] > first
    other.loc[later, "y"] = np.random.default_rng(1).permutation(other.loc[later, "y"]) * 7
    again = mt.trends.backtest(other, 4, origins=1, rng=0).forecasts
    columns = ["unique_id", "y_hat", "lo_90", "hi_90"]
    for method in ("naive", "combination"):
        same, before = (
            f[(f["origin"] == first) & (f["method"] == method)][columns].reset_index(drop=True)
            for f in (again, tested.forecasts)
        )
        pd.testing.assert_frame_equal(same, before)


def test_noise_has_no_skill_and_says_so():
    rng = np.random.default_rng(4)
    walks = np.exp(5 + np.cumsum(rng.normal(0, 0.1, (8, 60)), axis=1))
    frame = pd.concat([one(y, name=str(n)) for n, y in enumerate(walks)])
    verdict = mt.trends.backtest(frame, 4, method="drift", rng=0).verdict
    assert verdict.startswith(("No skill is shown", "Worse than naive"))


def test_one_series_is_too_little_to_tell():
    y = 5000 * 0.97 ** np.arange(60)
    few = mt.trends.backtest(one(y), 4, method="drift")
    assert few.verdict.startswith("Too little to tell")
    assert few.skill > 0.3
    single = mt.trends.backtest(one(y), 4, origins=1, method="drift")
    assert (single.skill_lo, single.skill_hi) == (-np.inf, 1.0)
    assert "at one origin" in single.verdict
    # As many origins that share what came after them are no more than one.
    near = mt.trends.backtest(one(y), 8, origins=8, step=1, method="drift")
    assert near.verdict.startswith("Too little to tell")
    many = mt.trends.backtest(one(y), 4, origins=8, method="drift")
    assert many.verdict.startswith("There is skill")
    assert mt.trends.forecast(one(y[:12]), 2).verdict.startswith("Too little to tell")


def test_intervals_of_skill_hold_with_few_series():
    """Of eight series without skill, 90 % intervals leave out zero in about one case of ten."""
    rng = np.random.default_rng(8)
    out = 0
    for _ in range(400):
        naive = rng.lognormal(0, 0.3, 8)
        found = _forecast_blend.skill(naive * rng.normal(1, 0.2, 8), naive, np.arange(8), rng)
        out += found.low > 0 or found.high < 0
    assert 0.05 < out / 400 < 0.14


@pytest.mark.parametrize("method", ["combination", "drift"])
def test_the_order_of_rows_and_series_changes_nothing(made, method):
    few = made.series[made.series["unique_id"].isin(made.series["unique_id"].unique()[:12])]
    mixed = few.sample(frac=1, random_state=2)
    first, second = (mt.trends.forecast(f, 3, method=method, rng=0) for f in (few, mixed))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.table["unique_id"].is_monotonic_increasing
    tests = [mt.trends.backtest(f, 3, origins=2, method=method, rng=0) for f in (few, mixed)]
    pd.testing.assert_frame_equal(tests[0].forecasts, tests[1].forecasts)
    assert tests[0].verdict == tests[1].verdict


def test_only_what_was_announced_by_the_origin_is_known_ahead():
    panel = _read_series.read_series(one(np.ones(40)), "test")
    last, day = WEEKS[39], pd.Timedelta("1D")
    told = [pd.NaT, last + 2 * day, last, last - 30 * day]
    events = pd.DataFrame({"ds": [WEEKS[42]], "kind": "tour", "subject": None, "size": 1.0})
    for announced, known in zip(told, (False, False, True, True), strict=True):
        given = events.assign(announced=announced)
        outside = _forecast_covariates.read_outside(None, given, panel, 3, "test")
        assert bool(outside.coming(panel, 3)) == known, announced
        assert bool(outside.notes) != known


@pytest.mark.parametrize("method", ["combination", "seasonal_naive", "boosting"])
def test_intervals_nest(made, method):
    few = made.series[made.series["unique_id"] < "track_0016"]
    told = {"method": method, "levels": (95, 80), "rng": 0}
    total = {"all": list(few["unique_id"].unique())}
    ahead = mt.trends.forecast(mt.trends.aggregate(few, total), 4, **told)
    tested = mt.trends.backtest(few, 4, origins=1, **told)
    # The middle of naive is the last value, and may lie outside what changes were.
    judged = tested.forecasts[tested.forecasts["method"] == method]
    for rows in (ahead.table, mt.trends.reconcile(ahead, total).table, judged):
        order = ["lo_95", "lo_80", "y_hat", "hi_80", "hi_95"]
        assert (np.diff(rows[order].to_numpy(), axis=1) >= -1e-9).all()


def test_too_few_scores_widen_on_either_side():
    scores = np.array([-5.0, -4.0, -3.0])
    found = [_conformal.upper(scores, share) for share in (0.5, 0.8, 0.9, 0.95, 0.99)]
    assert found == sorted(found)


@pytest.mark.parametrize("season", [0, 1, -3, 2.5, True, "week", 40])
def test_seasons_are_checked(season):
    frame = one(np.arange(40) + 1.0)
    for call in (mt.trends.forecast, mt.trends.backtest):
        with pytest.raises(InputError, match="season"):
            call(frame, 2, method="seasonal_naive", season=season)


def test_hours_of_a_zone_go_on_when_clocks_are_put_back():
    ds = pd.date_range("2024-10-26 12:00", periods=34, freq="h", tz="Europe/Paris")
    ahead = mt.trends.forecast(one(np.ones(30), ds=ds[:30]), 4, method="naive").table
    assert list(ahead["ds"]) == list(ds[30:])


def test_a_series_ends_where_its_last_value_is():
    y = np.r_[np.arange(20.0), np.nan, 21.0, np.nan, np.nan]
    ahead = mt.trends.forecast(one(y), 1, method="naive", gaps="interpolate").table
    assert ahead["ds"].tolist() == [WEEKS[22]]


def test_rules_of_the_hot_100_by_date():
    clock = _read_series.Clock("seconds", 604_800)
    rules = _dropout.chart_rules("hot_100", clock, "test")
    days = pd.Series(pd.to_datetime(["2015-05-09", "2015-05-09", "2026-05-09", "2026-05-09"]))
    weeks = np.array([20.0, 21.0, 27.0, 79.0])
    assert rules.limit(clock.number(days), weeks).tolist() == [101.0, 50.0, 25.0, 5.0]


def test_survival_tells_who_leaves():
    """Songs that lose ten points a week until they are gone, and songs that stay."""
    rng = np.random.default_rng(2)
    rows = []
    for number in range(60):
        fade = np.maximum(rng.integers(60, 100) - 10.0 * np.arange(20), 0)
        stay = np.full(20, float(rng.integers(60, 100)))
        ds = WEEKS[:20]
        rows.append(one(stay if number % 2 else fade, name=f"{number}", ds=ds))
    frame = pd.concat(rows)
    cut = frame[(frame["unique_id"] != "0") | (frame["ds"] <= WEEKS[4])]
    ahead = mt.trends.forecast(cut, 6, method="survival", rng=0, gaps="error").table
    mine = ahead[ahead["unique_id"] == "0"]["y_hat"].to_numpy()
    assert mine[-1] == 0.0
    assert mine[0] > 0.0
    assert ahead[ahead["unique_id"] == "1"]["y_hat"].min() > 50


PARENTS = {"x": ["a", "b"], "y": ["c", "d"], "label": ["x", "y"]}


@pytest.fixture(scope="module")
def tracks():
    rng = np.random.default_rng(5)
    means = zip("abcd", (9, 50, 3, 200), strict=True)
    return pd.concat([one(rng.poisson(mean, 60), name=name) for name, mean in means])


@pytest.fixture(scope="module")
def ahead(tracks):
    return mt.trends.forecast(mt.trends.aggregate(tracks, PARENTS), 3, rng=0)


@pytest.mark.parametrize("method", ["mint", "bottom_up"])
def test_sums_add_up(method, tracks, ahead):
    y = mt.trends.reconcile(ahead, PARENTS, method=method).table
    wide = y.pivot_table(index="ds", columns="unique_id", values="y_hat")
    np.testing.assert_allclose(wide["x"], wide["a"] + wide["b"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(wide["label"], wide[list("abcd")].sum(axis=1), rtol=0, atol=1e-9)
    assert (y["lo_90"] <= y["hi_90"]).all()
    with pytest.raises(InputError, match="part of itself"):
        mt.trends.aggregate(tracks, {"x": ["y"], "y": ["x"]})


def test_classical_models_or_how_to_get_them():
    pytest.importorskip("statsforecast", reason="the extra 'forecast' is not installed")
    from statsforecast.models import AutoETS

    y = 100 + np.random.default_rng(3).normal(0, 5, 40).cumsum()
    said = mt.trends.forecast(one(y), 3, method="ets").table["y_hat"]
    np.testing.assert_allclose(said, AutoETS(season_length=1).forecast(y, 3)["mean"])


@pytest.fixture(scope="module")
def pushed():
    """Series three times as high in weeks of promotion, and errors of who knows of none."""
    rng = np.random.default_rng(6)
    on = rng.random((24, 44)) < 0.2
    y = rng.uniform(50, 500, (24, 1)) * np.where(on, 3.0, 1.0) * rng.lognormal(0, 0.05, on.shape)
    frame = pd.concat([one(row, name=f"{n:02d}") for n, row in enumerate(y)], ignore_index=True)

    def miss(**told):
        past, truth = frame[frame["ds"] <= WEEKS[41]], frame[frame["ds"] > WEEKS[41]]["y"]
        ahead = mt.trends.forecast(past, 2, method="boosting", levels=(), rng=0, **told).table
        return np.abs(ahead["y_hat"].to_numpy() - truth.to_numpy()).mean()

    return frame.assign(promoted=on.ravel().astype(float)).drop(columns="y"), miss, miss()


@pytest.mark.parametrize("kind", ["covariates", "events"])
def test_what_is_known_ahead_makes_forecasts_better(kind, pushed):
    known, miss, unknowing = pushed
    events = known[known["promoted"] > 0].rename(columns={"unique_id": "subject"})
    events = events.assign(kind="promotion", size=1.0, announced=events["ds"] - pd.Timedelta("28D"))
    told = {"covariates": known} if kind == "covariates" else {"events": events}
    assert miss(**told) < 0.5 * unknowing


def test_a_rule_of_the_chart_is_known_before_its_first_week():
    """At rank 40 a song could stay for long; from 25 October 2025 on it leaves after 26 weeks."""
    rng = np.random.default_rng(7)
    weeks = pd.date_range("2024-07-06", "2025-10-18", freq="7D")
    rows = []
    for number in range(60):
        points = 61.0 if number % 3 == 0 else rng.integers(20, 90)
        stays = 40 if points > 50 else 20
        begin = rng.integers(0, len(weeks) - 5) if number else len(weeks) - 25
        ds = weeks[begin : begin + stays]
        y = points + rng.integers(-1, 2, len(ds))
        rows.append(one(y, name=f"{number}", ds=ds))
    said = {}
    for chart in (None, "hot_100"):
        made = mt.trends.forecast(
            pd.concat(rows), 4, method="survival", gaps="zero", chart=chart, rng=0
        ).table
        said[chart] = made[made["unique_id"] == "0"]["y_hat"].to_numpy()
    assert said[None].min() > 50
    assert said["hot_100"][0] > 50
    assert said["hot_100"][-1] == 0.0


@pytest.mark.parametrize("method", ["combination", "naive", "drift", "seasonal_naive"])
@pytest.mark.parametrize("ds", [0, WEEKS[0]])
def test_one_point_stays(method, ds):
    found = mt.trends.forecast(one([5.0], ds=[ds]), 2, method=method)
    assert found.table["y_hat"].tolist() == [5.0, 5.0]
    assert found.notes == ("1 series with one point, which stays; the intervals have no width.",)
    assert found.errors.empty
    assert found.skill == 0


@pytest.mark.parametrize("y", [[90.0, 92.0, 93.0], [95.0, 93.0, 90.0, 89.0, 85.0]])
def test_intervals_of_few_errors_on_one_side_reach_to_both(y):
    found = mt.trends.forecast(one(y), 1, method="naive").table.iloc[0]
    assert found["hi_90"] - found["y_hat"] == pytest.approx(found["y_hat"] - found["lo_90"])
    assert found["hi_90"] - found["y_hat"] > np.abs(np.diff(y)).max() / 2


def test_enough_scores_are_taken_side_by_side():
    scores = np.r_[np.zeros(30), np.arange(1.0, 70)]
    assert _conformal.upper(-scores, 0.95, far=True) == _conformal.upper(-scores, 0.95) == 0
    assert _conformal.upper(-scores[-3:], 0.95, far=True) == 69 * 1.5


def test_what_misses_where_naive_never_does_is_worse():
    frame = pd.concat([one([*[n + 1.0] * 31, *[9.0] * 9], name=f"{n}") for n in range(6)])
    found = mt.trends.backtest(frame, 2, method="drift", rng=0)
    assert found.skill == -np.inf
    assert found.verdict.startswith("Worse than naive")
    scores = found.scores.set_index(["method", "part"])["skill"]
    assert scores["drift", "all"] == -np.inf
    assert scores["naive", "all"] == 0
    assert set(found.by_horizon.groupby("method")["skill"].max().items()) == {
        ("drift", -np.inf),
        ("naive", 0.0),
    }


def test_covariates_of_no_series_are_told():
    y = one(np.arange(20.0) + 5, name="song")
    known = y.drop(columns="y").assign(followers=1.0)
    both = pd.concat([known, known.assign(unique_id="other")])
    found = mt.trends.forecast(y, 2, method="naive", covariates=both)
    assert found.notes == ("Left out: covariates of 1 name without a series.",)
    with pytest.raises(InputError, match="and of no series"):
        mt.trends.forecast(y, 2, method="naive", covariates=known.assign(unique_id="songs"))


def test_local_weeks_kept_in_utc_are_told_how_to_become_weeks():
    weeks = pd.date_range("2022-01-03", periods=40, freq="7D", tz="Europe/Paris")
    y = one(np.arange(40.0), ds=weeks.tz_convert("UTC"))
    with pytest.raises(InputError, match="tz_convert"):
        mt.trends.forecast(y, 2, method="naive")
    local = y.assign(ds=y["ds"].dt.tz_convert("Europe/Paris"))
    assert len(mt.trends.forecast(local, 2, method="naive").table) == 2


def test_one_series_alone_shows_no_skill_where_naive_never_misses_the_others():
    mine, naive = np.r_[np.full(7, 0.1), 1.0], np.r_[np.zeros(7), 9.0]
    found = _forecast_blend.skill(mine, naive, np.arange(8), np.random.default_rng(0))
    assert found.value > 0.8
    assert found.low == -np.inf
    assert found.high > found.value
    assert _forecast_blend.verdict(found, "drift", "here").startswith("No skill is shown")
