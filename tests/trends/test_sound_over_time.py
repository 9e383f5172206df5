"""Typicality, inverted Us, trends and revolutions: what was planted, and what was not."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import kendalltau, theilslopes

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.trends._hit_songs import read_dates
from musictools.trends._revolutions import kernel, novelty


@pytest.fixture(scope="module")
def bulge():
    return mt.datasets.simulate_hits(
        1_000, artists=150, effect=1.0, shape="inverted_u", fame=0.8, rng=2
    )


def test_typicality_by_hand():
    values = np.array([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5], [0.3, 0.6]])
    frame = pd.DataFrame(values, columns=["x", "y"]).assign(
        recording_id=list("abcd"),
        artist=list("pqrp"),
        released_at=pd.to_datetime(["2000-01-01", "2000-02-01", "2000-03-01", "2000-04-01"]),
    )
    found = mt.trends.typicality(frame, fewest=1).table.set_index("recording_id")
    low, high = np.quantile(values, [0.01, 0.99], axis=0)
    scaled = np.clip((values - low) / (high - low), 0, 1)
    unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    # Of the songs before d, that of its own artist does not count.
    assert found.loc["d", "typicality"] == pytest.approx(
        (unit[3] @ unit[1] + unit[3] @ unit[2]) / 2
    )
    assert found.loc["d", "neighbours"] == 2
    assert np.isnan(found.loc["a", "typicality"])


def test_the_songs_of_near_genres_count_more():
    random = np.random.default_rng(0)
    n = 300
    kind = np.arange(n) % 2
    values = np.clip(random.normal(np.where(kind, 0.2, 0.8)[:, None] * [1, 0] + 0.1, 0.05), 0, 1)
    values[:, 1] = np.clip(random.normal(np.where(kind, 0.9, 0.1), 0.05), 0, 1)
    frame = pd.DataFrame(values, columns=["x", "y"]).assign(
        recording_id=[f"r{i}" for i in range(n)],
        artist=[f"a{i}" for i in range(n)],
        genre=np.where(kind, "b", "a"),
        released_at=pd.date_range("2000-01-01", periods=n, freq="3D"),
    )
    flat = mt.trends.typicality(frame).table["typicality"].mean()
    weighted = mt.trends.typicality(frame, genre="genre").table["typicality"].mean()
    assert weighted > flat + 0.1


def test_the_middle_does_best_where_it_was_planted_and_not_elsewhere(bulge):
    typical = mt.trends.typicality(bulge.features, bulge.songs, genre="genre")
    found = typical.inverted_u(bulge.songs)
    assert found.verdict == "inverted_u"
    assert 0.35 < found.peak_lo < found.peak < found.peak_hi < 0.65
    plain = mt.datasets.simulate_hits(1_000, artists=150, effect=0, house_sound=0, rng=2)
    other = mt.trends.typicality(plain.features, plain.songs, genre="genre")
    assert other.inverted_u(plain.songs).verdict != "inverted_u"
    with pytest.raises(InputError, match="no column 'hits'"):
        typical.inverted_u(bulge.songs, outcome="hits")


def test_a_curve_that_levels_off_is_no_inverted_u():
    random = np.random.default_rng(1)
    found = []
    for _ in range(20):
        x = random.random(400)
        y = np.minimum(x, 0.6) + random.normal(0, 0.15, 400)
        found.append(mt.trends.inverted_u(x, y).verdict)
    assert found.count("inverted_u") <= 1
    x = random.random(400)
    assert mt.trends.inverted_u(x, (x - 0.5) ** 2 + random.normal(0, 0.03, 400)).verdict == "u"
    falls = mt.trends.inverted_u(x, -x + random.normal(0, 0.3, 400))
    assert falls.verdict == "falls"
    assert falls.slope_low < 0
    assert "Less is better" in falls.words()
    assert falls.line_low_lo < falls.line_low < falls.line_low_hi
    for wrong in (x[:10], np.full(400, 1.0), np.where(x > 0.5, np.nan, x)):
        with pytest.raises(InputError):
            mt.trends.inverted_u(wrong, x[: len(wrong)])


def test_slopes_of_two_lines_have_the_intervals_of_statsmodels():
    """Two lines that break at a place that is known: the same as a regression by hand."""
    random = np.random.default_rng(3)
    x = np.sort(random.random(300))
    y = -np.abs(x - 0.5) + random.normal(0, 0.05, 300)
    found = mt.trends.inverted_u(x, y, level=0.8)
    assert found.verdict == "inverted_u"
    wide = mt.trends.inverted_u(x, y, level=0.99)
    assert wide.line_low_lo < 1 < wide.line_low_hi
    assert wide.line_high_lo < -1 < wide.line_high_hi
    z = (x - x.mean()) / x.std()
    fit = sm.OLS(y, np.column_stack([np.ones(300), z, z**2])).fit(cov_type="HC1", use_t=True)
    at = np.quantile(z, 0.02)
    ends = fit.t_test([0, 1, 2 * at]).conf_int(alpha=0.2)[0] / x.std()
    assert [found.slope_low_lo, found.slope_low_hi] == pytest.approx(ends, rel=0.01)


def test_a_verdict_is_what_its_intervals_say():
    """At a higher level the same slopes are no longer sure, and neither is the verdict."""
    random = np.random.default_rng(5)
    x = random.random(150)
    y = -2 * (x - 0.5) ** 2 + random.normal(0, 0.5, 150)
    verdicts = []
    for level in (0.5, 0.8, 0.9, 0.99, 0.999):
        found = mt.trends.inverted_u(x, y, level=level)
        sure = min(found.slope_low_lo, found.line_low_lo) > 0
        sure &= max(found.slope_high_hi, found.line_high_hi) < 0
        assert (found.verdict == "inverted_u") == sure
        verdicts.append(found.verdict)
    assert verdicts[0] == "inverted_u" != verdicts[-1]


def test_means_of_bins_allow_for_groups():
    random = np.random.default_rng(6)
    who = np.repeat(np.arange(24), 20)
    x = np.repeat(np.linspace(0, 1, 24), 20) + random.normal(0, 0.01, 480)
    y = random.normal(0, 1, 24)[who] + random.normal(0, 0.1, 480)
    alone = mt.trends.inverted_u(x, y).bins
    grouped = mt.trends.inverted_u(x, y, groups=who).bins
    assert np.nanmean(grouped["hi"] - grouped["lo"]) > 1.5 * (alone["hi"] - alone["lo"]).mean()


def test_one_large_group_is_no_ground_for_errors():
    random = np.random.default_rng(9)
    x, y = random.random(210), random.normal(size=210)
    with pytest.raises(InputError, match="the largest with 190 of 210 songs"):
        mt.trends.inverted_u(x, y, groups=np.repeat(np.arange(11), [190] + [2] * 10))
    half = mt.trends.inverted_u(x, y, groups=np.repeat(np.arange(11), [100] + [11] * 10))
    assert half.groups == 11


def test_new_year_is_that_of_the_clock_on_the_wall():
    days = pd.date_range("2020-01-01", periods=3, freq="YS", tz="Europe/Paris")
    assert read_dates(pd.Series(days), "read").dt.year.tolist() == [2020, 2021, 2022]


def test_what_failed_is_not_typical(bulge):
    """A file that could not be measured has no sound, and not that of the middle."""
    features = bulge.features.copy()
    names = list(features.columns[1:])
    features.loc[5:9, names] = np.nan
    found = mt.trends.typicality(features, bulge.songs)
    assert not set(features["recording_id"][5:10]) & set(found.table["recording_id"])
    spoilt = bulge.features.assign(error=["cannot be read", *[None] * (len(features) - 1)])
    found = mt.trends.typicality(spoilt, bulge.songs)
    assert features["recording_id"][0] not in set(found.table["recording_id"])
    with pytest.raises(TableError, match="more than once"):
        mt.trends.typicality(bulge.features, pd.concat([bulge.songs, bulge.songs.head(1)]))


def test_songs_of_one_artist_are_not_compared_however_it_is_spelt(bulge):
    spelt = bulge.songs.copy()
    spelt.loc[::2, "artist"] = spelt["artist"][::2].str.lower() + " ft. nobody"
    one, two = (mt.trends.typicality(bulge.features, each).table for each in (bulge.songs, spelt))
    pd.testing.assert_series_equal(one["typicality"], two["typicality"])


def test_a_slow_swing_is_no_trend():
    """Of sounds that wander, without direction, few have a trend; uncorrected, most have."""
    random = np.random.default_rng(8)
    years = np.repeat(np.arange(1980, 2020), 6)
    walk = np.zeros((40, 30))
    for k in range(1, 40):
        walk[k] = 0.8 * walk[k - 1] + random.normal(0, 1, 30)
    frame = pd.DataFrame(
        np.repeat(walk, 6, axis=0) + random.normal(0, 0.3, (240, 30)),
        columns=[f"c{k}" for k in range(30)],
    ).assign(
        recording_id=[f"r{i}" for i in range(240)],
        artist=[f"a{i}" for i in range(240)],
        released_at=years,
    )
    found = mt.trends.sound_evolution(frame, draws=50, rng=1).trends
    found = found[found["column"] != "variety"]
    medians = pd.DataFrame(walk).apply(lambda y: kendalltau(np.arange(40), y).pvalue)
    assert (medians < 0.05).mean() > 0.3
    assert (found["p_value"] < 0.05).mean() < 0.25


def test_the_checkerboard_by_definition():
    shape = kernel(3)
    assert shape.sum() == pytest.approx(0)
    assert shape[:3, 3:].sum() + shape[3:, :3].sum() == pytest.approx(1)
    assert np.allclose(np.diag(shape), 0)
    # Two plateaus at distance 2: all that is across is 2 apart, and all within is 0.
    means = np.repeat([[0.0, 0.0], [2.0, 0.0]], 5, axis=0)
    assert novelty(means, 3)[2] == pytest.approx(2)
    assert novelty(means, 3).argmax() == 2


@pytest.fixture(scope="module")
def leap():
    made = mt.datasets.simulate_hits(900, artists=300, drift=0.06, revolution=2006, rng=1)
    return made, mt.trends.sound_evolution(made.features, made.songs, draws=300, rng=1)


def test_a_planted_revolution_is_found_and_only_that(leap):
    _, found = leap
    assert found.revolutions["year"].tolist() == [2006]
    assert "A revolution in 2006" in found.words()


def test_drift_alone_is_no_revolution():
    for seed in range(3):
        made = mt.datasets.simulate_hits(500, artists=150, drift=0.15, rng=seed)
        found = mt.trends.sound_evolution(made.features, made.songs, draws=200, rng=seed)
        assert not len(found.revolutions)
        assert "No revolution" in found.words()


def test_medians_and_slopes_are_those_of_pandas_and_scipy(leap):
    made, found = leap
    joined = made.features.merge(made.songs)
    years = joined["released_at"].dt.year
    kept = years.map(years.value_counts()) >= 5
    by_year = joined["integrated_lufs"][kept].groupby(years[kept]).median()
    rows = found.medians[found.medians["column"] == "integrated_lufs"].set_index("year")
    assert np.allclose(rows["median"], by_year)
    assert ((rows["lo"] <= rows["median"]) & (rows["median"] <= rows["hi"])).all()
    trend = found.trends.set_index("column").loc["integrated_lufs"]
    assert trend["slope"] == pytest.approx(theilslopes(by_year, by_year.index).slope)
    # 0.06 standard deviations a year, of 2.5 LUFS each.
    assert trend["lo"] < 0.15 < trend["hi"]
    assert trend["p_holm"] < 0.05


def test_variety_falls_where_songs_get_more_alike():
    random = np.random.default_rng(3)
    year = np.repeat(np.arange(2000, 2020), 30)
    frame = pd.DataFrame(
        random.normal(size=(600, 4)) * np.linspace(2, 1, 600)[:, None], columns=list("wxyz")
    )
    frame = frame.assign(
        recording_id=[f"r{i}" for i in range(600)], artist=[f"a{i}" for i in range(600)], year=year
    )
    found = mt.trends.sound_evolution(frame, date="year", draws=50, rng=1)
    assert found._repr_html_().count("A remaster that is dated") == 1
    trend = found.trends.set_index("column").loc["variety"]
    assert trend["hi"] < 0
    again = mt.trends.sound_evolution(frame, date="year", draws=50, rng=1)
    pd.testing.assert_frame_equal(found.novelty, again.novelty)


def test_wrong_arguments_are_refused(leap):
    made, _ = leap
    with pytest.raises(TableError, match="no column 'day'"):
        mt.trends.sound_evolution(made.features, made.songs, date="day")
    with pytest.raises(InputError, match="no column 'dr_bd'"):
        mt.trends.sound_evolution(made.features, made.songs, columns=["dr_bd"])
    with pytest.raises(InputError, match="0 years with enough songs"):
        mt.trends.sound_evolution(made.features, made.songs, fewest=900)
    with pytest.raises(InputError):
        mt.trends.typicality(made.features, made.songs, window_days=0)
    few = mt.trends.sound_evolution(made.features, made.songs, half_width=20, draws=50)
    assert not len(few.novelty)
    assert "Too few years" in few.words()
