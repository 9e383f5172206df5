"""Weeks taken apart: parts add up, and are near the truth of a simulation."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.marketing._media_data import Side, read_media


@pytest.fixture(scope="module")
def made():
    return mt.datasets.simulate_campaign(
        design="release_driven", events="releases", channels=["tv", "radio"], rng=4
    )


@pytest.fixture(scope="module")
def mix(made):
    fitted = mt.marketing.MediaMix(method="ridge", rng=0)
    return fitted.fit(made.spend, made.y, releases=made.releases)


def test_parts_add_up(mix, made):
    parts = mix.decompose()
    assert list(parts) == ["base", "releases", "tv", "radio", "left_over"]
    assert parts.index.equals(made.spend.index)
    np.testing.assert_allclose(parts.sum(axis=1), made.y, rtol=1e-9)
    np.testing.assert_allclose(parts[["tv", "radio"]], mix.contributions(), rtol=1e-12)
    # What is left is the noise that diagnostics() tells of, and its base takes the intercept.
    assert abs(parts["left_over"].mean()) < 1e-6 * made.y.mean()
    assert parts["left_over"].std() == pytest.approx(mix.diagnostics()["noise_sd"], rel=0.1)


def test_waves_of_releases_are_found(mix, made):
    weekly, parts = made.truth["weekly"], mix.decompose()
    assert np.corrcoef(parts["releases"], weekly["releases"])[0, 1] > 0.95
    assert parts["releases"].sum() == pytest.approx(weekly["releases"].sum(), rel=0.3)
    assert parts["base"].mean() == pytest.approx(
        weekly[["level", "trend", "season", "regime"]].sum(axis=1).mean(), rel=0.1
    )


def test_posts_controls_and_territories_stand_apart():
    rng = np.random.default_rng(3)
    weeks = pd.date_range("2023-01-02", periods=80, freq="7D")
    # Rows of two territories take turns.
    spend = pd.DataFrame({"tv": rng.gamma(0.5, 100, 160)})
    price = rng.normal(0, 1, 160)
    posts = pd.DataFrame({"ds": weeks[[20, 50]], "kind": "post", "size": [1.0, 2.0]})
    sales = np.tile([500.0, 900.0], 80) + 0.2 * spend["tv"] - 30 * price
    sales[[40, 41, 100, 101]] += [200.0, 200.0, 400.0, 400.0]
    fitted = mt.marketing.MediaMix(method="ridge").fit(
        spend, sales, dates=np.repeat(weeks, 2), groups=np.tile(["DE", "FR"], 80), posts=posts,
        controls=pd.DataFrame({"price": price}),
    )  # fmt: skip
    parts = fitted.decompose()
    assert list(parts) == ["base", "posts", "controls", "tv", "left_over"]
    np.testing.assert_allclose(parts.sum(axis=1), sales, rtol=1e-9)
    np.testing.assert_allclose(parts["controls"], -30 * price, atol=8)
    assert (parts["posts"][40:42] > 100).all()
    assert (parts["posts"][:40].abs() < 1e-6).all()
    assert parts["base"][1::2].mean() == pytest.approx(parts["base"][::2].mean() + 400, rel=0.05)


def test_a_model_that_was_not_fitted_is_refused():
    with pytest.raises(InputError, match="not fitted"):
        mt.marketing.MediaMix().decompose()


def test_a_notebook_shows_the_verdict_and_no_diagram(mix):
    """Jupyter asks for the bundle before the page, and scikit-learn has one of its own."""
    shown = mix._repr_mimebundle_(include=None, exclude=None)
    assert shown["text/html"] == mix._repr_html_()
    assert "quick look" in shown["text/html"]
    assert "sk-" not in shown["text/html"]
    assert shown["text/plain"] == "MediaMix(method='ridge', rng=0)"
    unfitted = mt.marketing.MediaMix()._repr_mimebundle_()
    assert "MediaMix() is not fitted." in unfitted["text/html"]


@pytest.mark.slow
def test_a_plan_says_which_channels_it_may_not_touch():
    rng = np.random.default_rng(5)
    flights = rng.gamma(2, 50, (110, 2)) * (rng.random((110, 2)) < 0.5)
    spend = pd.DataFrame(flights, columns=["tv", "radio"])
    spend["search"] = 100 + 0.5 * rng.standard_normal(110)
    sales = 900 + 2 * spend["tv"] ** 0.8 + spend["radio"] ** 0.8 + rng.normal(0, 5, 110)
    plan = mt.marketing.MediaMix(rng=0).fit(spend, sales).allocate(10_000)
    assert plan.table["held"].tolist() == [False, False, True]
    assert plan.verdict.endswith(" Held at today's part, too little being known: search.")


def test_money_as_exports_have_it_is_money(made):
    """Decimals, and zeros that were filled in; words are still refused."""
    exact = made.spend.astype(object)
    exact["tv"] = [Decimal(repr(value)) if value else 0.0 for value in made.spend["tv"]]
    quick = mt.marketing.MediaMix(method="ridge", rng=0)
    plain = mt.marketing.MediaMix(method="ridge", rng=0)
    found = quick.fit(exact, made.y).roas()["mean"]
    np.testing.assert_allclose(found, plain.fit(made.spend, made.y).roas()["mean"], rtol=1e-12)
    with pytest.raises(TableError, match="channel 'tv'"):
        quick.fit(exact.assign(tv="much"), made.y)


WEEKS = pd.date_range("2023-01-02", periods=60, freq="7D")


def read(*, numbered=False, groups=None, every="7D", **given):
    """What the model sees of two groups, or one."""
    rng = np.random.default_rng(0)
    dates = np.arange(60) if numbered else pd.date_range("2023-01-02", periods=60, freq=every)
    count = len(groups or [0])
    spend = pd.DataFrame({"tv": rng.gamma(0.5, 100, 60 * count)})
    side = Side(
        dates=np.tile(dates, count),
        groups=None if groups is None else np.repeat(groups, 60),
        **given,
    )
    return read_media(spend, 500 + spend["tv"] + rng.normal(0, 5, 60 * count), side)


EVENT = pd.DataFrame({"ds": WEEKS[[20]], "kind": "single", "size": [1.0]})
TEST = pd.DataFrame(
    {"channel": ["tv"], "start": WEEKS[[5]], "end": WEEKS[[9]], "lift": 1.0, "sd": 0.5}
)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"releases": EVENT.assign(size="12k")}, "sizes that are no numbers"),
        ({"posts": EVENT.assign(kind=None)}, "without its kind"),
        ({"releases": EVENT, "numbered": True}, "beside numbered weeks"),
        ({"lift_tests": TEST, "numbered": True}, "beside numbered weeks"),
        ({"lift_tests": TEST.assign(group="DE")}, "a lift test in 'DE'"),
        ({"lift_tests": TEST.assign(lift="much")}, "a lift of much"),
        ({"lift_tests": TEST, "groups": ["DE", "FR"]}, "no column group"),
        ({"lift_tests": TEST.assign(group=3), "groups": [1, 2]}, "a lift test in 3"),
        ({"releases": EVENT.assign(group="Sweden"), "groups": ["DE", "FR"]}, "groups 'Sweden'"),
    ],
)
def test_side_tables_that_cannot_be_used_are_refused(given, message):
    with pytest.raises((InputError, TableError), match=message):
        read(**given)


def test_events_of_other_territories_are_told():
    both = pd.concat([EVENT.assign(group="DE"), EVENT.assign(group="SE")])
    assert read(releases=both, groups=["DE", "FR"]).notes[-1].endswith("left out: 'SE'")


def test_lift_tests_may_be_of_polars():
    polars = pytest.importorskip("polars")
    assert read(lift_tests=polars.from_pandas(TEST)).panel.lifts == read(
        lift_tests=TEST
    ).panel.lifts  # fmt: skip


def test_weeks_of_kernels_are_weeks_where_rows_are_days():
    found = read(releases=EVENT.assign(ds=WEEKS[[1]]), every="D", season=0)
    column = found.panel.controls[0][:, found.columns.index("single, 4 weeks")]
    # The release is on day 7; four weeks later half of it is left.
    assert column[35] == pytest.approx(column[7] / 2)
