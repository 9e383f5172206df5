"""Simulated campaigns: everything adds up, designs are what they say, and seeds are kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools import tables
from musictools.errors import InputError, TableError

Channel = mt.datasets.MediaChannel
DESIGNS = ("independent", "release_driven", "weak", "always_on")


def simulate(**kwargs):
    return mt.datasets.simulate_campaign(**{"rng": 7, **kwargs})


def parts_of(made):
    return made.truth["weekly"].drop(columns="y")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("family", ["own", "other"])
@pytest.mark.parametrize("territories", [None, 3])
def test_everything_adds_up(design, family, territories):
    made = simulate(design=design, family=family, territories=territories, lift_tests=1)
    y = made.y.to_numpy()
    np.testing.assert_allclose(parts_of(made).sum(axis=1), y, rtol=1e-12)
    assert (y == np.round(y)).all()
    assert (y > 0).all()
    events = made.truth["event_effects"].sum(axis=1)
    groups = ["releases", "posts", "playlists", "airplay", "sync"]
    np.testing.assert_allclose(made.truth["weekly"][groups].sum(axis=1), events, rtol=1e-9)
    own = made.truth["weekly"][list(made.spend)]
    pd.testing.assert_frame_equal(own, made.truth["contributions"])
    for frame, table in (("media", "spend"), ("events", "events"), ("airplay", "airplay"),
                         ("series", "series")):  # fmt: skip
        tables.check(getattr(made, frame), table)
    assert made.series["y"].tolist() == y.tolist()


def test_own_family_by_the_textbook():
    """Contributions again, from the formulas and the parameters in the truth alone."""
    made = simulate(territories=["north", "south"])
    for row in made.truth["channels"].itertuples():
        x = made.spend.loc[row.territory, row.channel].to_numpy()
        a, carried = 0.0, []
        for value in x:
            a = (1 - row.theta) * value + row.theta * a
            carried.append(a)
        carried = np.array(carried)
        powered = carried**row.shape
        again = row.beta * powered / (powered + row.half_saturation**row.shape)
        own = made.truth["contributions"].loc[row.territory, row.channel]
        np.testing.assert_allclose(own, again, rtol=1e-9, atol=1e-6)
        assert row.roas == pytest.approx(again.sum() / x.sum())
        assert row.share == pytest.approx(again.sum() / made.y.loc[row.territory].sum())


def test_other_family_by_the_textbook():
    made = simulate(family="other", time_varying=False)
    for row in made.truth["channels"].itertuples():
        x = made.spend[row.channel].to_numpy()
        lag = np.arange(26) + 0.5
        weights = (lag / row.weibull_scale_weeks) * np.exp(-((lag / row.weibull_scale_weeks) ** 2))
        weights /= weights.sum()
        carried = [sum(weights[i] * x[t - i] for i in range(min(t + 1, 26))) for t in range(156)]
        z = np.log(3) * np.array(carried) / row.half_saturation
        again = row.beta * (1 - np.exp(-z)) / (1 + np.exp(-z))
        np.testing.assert_allclose(made.truth["contributions"][row.channel], again, rtol=1e-9)
        # The peak of tv is delayed.
        assert row.channel != "tv" or np.argmax(weights) > 0
    assert np.isnan(made.truth["channels"]["theta"]).all()


def test_release_driven_spend_follows_releases():
    found = {design: [] for design in ("independent", "release_driven")}
    for design, list_ in found.items():
        for seed in range(8):
            made = simulate(design=design, rng=seed)
            flighted = made.spend.drop(columns="search")
            list_.append(flighted.corrwith(made.truth["weekly"]["releases"]).mean())
    assert abs(np.mean(found["independent"])) < 0.1
    assert 0.55 < np.mean(found["release_driven"]) < 0.75


@pytest.mark.parametrize("design", DESIGNS)
def test_search_never_rests(design):
    made = simulate(design=design, weeks=1000)
    rel = made.spend.std() / made.spend.mean()
    assert rel["search"] == pytest.approx(0.15, abs=0.02)
    if design == "always_on":
        assert (rel.between(0.13, 0.17)).all()
        assert (made.spend > 0).all(axis=None)
    else:
        assert (rel.drop("search") > 0.6).all()


def test_oracle_errors_are_those_of_the_study():
    """With the true curves search is known to 41 %, as in research, and flights to 4-9 %."""
    errors = []
    for seed in range(12):
        made = simulate(rng=seed, events="releases")
        weekly, t = made.truth["weekly"], np.arange(156)
        waves = [f(2 * np.pi * h * t * 7 / 365.25) for h in (1, 2) for f in (np.sin, np.cos)]
        kinds = made.truth["events"]["kind"].to_numpy()
        kernels = [
            made.truth["event_effects"].loc[:, kinds == kind].sum(axis=1)
            for kind in np.unique(kinds)
        ]
        media = made.truth["contributions"].to_numpy()
        design = np.column_stack([media, np.ones(156), t, *waves, *kernels])
        errors.append(25_000 * np.sqrt(np.diag(np.linalg.inv(design.T @ design)))[:5])
        fitted = design @ np.linalg.lstsq(design, weekly["y"], rcond=None)[0]
        assert np.std(weekly["y"] - fitted) == pytest.approx(25_000, rel=0.25)
    mean = np.mean(errors, axis=0)
    assert mean[4] == pytest.approx(0.41, abs=0.06)
    assert (mean[:4] > 0.035).all()
    assert (mean[:4] < 0.095).all()


def test_families_differ_only_where_asked():
    own, other = simulate(), simulate(family="other")
    pd.testing.assert_frame_equal(own.spend, other.spend)
    assert (own.truth["drift"] == 1.0).all(axis=None)
    moved = other.truth["drift"]
    assert ((moved.max() - moved.min()) > 0.4).all()
    assert own.truth["weekly"]["regime"].eq(0).all()
    steps = other.truth["weekly"]["regime"].diff().abs().dropna()
    assert (steps > 0).sum() == 1
    tamed = simulate(family="other", heavy_tails=False, regime_change=False, time_varying=False)
    assert tamed.truth["weekly"]["regime"].eq(0).all()
    # Release kernels of the other family are no power law.
    album = other.truth["events"].query("kind == 'album'")["event_id"].iloc[0]
    path = other.truth["event_effects"][album].to_numpy()
    path = path[path > 0]
    assert np.std(np.log(path) + 0.8 * np.log(np.arange(1, len(path) + 1))) > 0.05
    path = own.truth["event_effects"][album].to_numpy()
    path = path[path > 0]
    np.testing.assert_allclose(path, path[0] * np.arange(1, len(path) + 1) ** -0.8)


def test_tails():
    noise = {
        heavy: simulate(weeks=2000, heavy_tails=heavy, rng=3).truth["weekly"]["noise"]
        for heavy in (False, True)
    }
    assert noise[False].std() == pytest.approx(25_000, rel=0.04)
    assert abs(noise[False].kurt()) < 0.4
    assert noise[True].kurt() > 3


def test_weak_is_weak():
    strong, weak = simulate(), simulate(design="weak")
    pd.testing.assert_frame_equal(strong.spend, weak.spend)
    np.testing.assert_allclose(
        weak.truth["contributions"], 0.2 * strong.truth["contributions"], rtol=1e-12
    )
    ratio = weak.truth["weekly"]["noise"].std() / strong.truth["weekly"]["noise"].std()
    assert ratio == pytest.approx(2.0, rel=1e-3)


def test_dark_weeks_and_another_plan():
    made, dark = simulate(), simulate(dark_weeks=8)
    assert (dark.spend["search"] == 0).sum() == 8
    same = dark.spend["search"] > 0
    assert dark.spend["search"][same].equals(made.spend["search"][same])
    off = made.contributions_of(made.spend.assign(search=0.0, tv=2 * made.spend["tv"]))
    assert off["search"].eq(0).all()
    assert off["tv"].sum() > made.truth["contributions"]["tv"].sum()
    pd.testing.assert_frame_equal(
        made.contributions_of(made.spend), made.truth["contributions"], check_names=False
    )
    # Marginal return again, by a plan of one per cent more.
    more = made.contributions_of(1.01 * made.spend).sum()
    gain = more - made.truth["contributions"].sum()
    expected = gain / (0.01 * made.spend.sum())
    table = made.truth["channels"].set_index("channel")["marginal_roas"]
    np.testing.assert_allclose(table, expected[table.index], rtol=1e-6)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda spend: spend.iloc[1:],
        lambda spend: spend.drop(columns="tv"),
        lambda spend: spend.assign(tv=-1.0),
        lambda spend: spend.assign(tv=np.nan),
        lambda spend: spend.assign(tv="much"),
        lambda spend: spend.to_numpy(),
    ],
)
def test_another_plan_must_fit(spoil):
    made = simulate(weeks=30)
    with pytest.raises(TableError, match="Try: "):
        made.contributions_of(spoil(made.spend))


def test_lift_tests_measure_the_truth():
    made = simulate(lift_tests=40, channels=["tv", "search"])
    known = made.truth["lift_tests"]
    assert len(known) == 80
    z = (known["lift"] - known["true_lift"]) / known["sd"]
    assert abs(z.mean()) < 0.35
    assert 0.8 < z.std() < 1.2
    assert list(made.lift_tests) == ["channel", "start", "end", "lift", "sd"]
    for row in known.itertuples():
        brought = made.truth["contributions"].loc[row.start : row.end, row.channel]
        assert len(brought) == 8
        assert row.true_lift == pytest.approx(brought.sum(), rel=1e-9)
        assert row.spend == pytest.approx(made.spend.loc[row.start : row.end, row.channel].sum())


def test_the_media_mix_takes_a_campaign_as_it_is():
    """Dates of releases, and columns of lift tests, of one market and of several."""
    design = {"design": "release_driven", "events": "releases", "lift_tests": 1}
    made = simulate(**design)
    parts = mt.marketing.MediaMix(method="ridge", rng=0).fit(
        made.spend, made.y, releases=made.releases, lift_tests=made.lift_tests
    ).decompose()  # fmt: skip
    late = made.releases.assign(ds=made.releases["ds"] + pd.Timedelta(days=4))
    moved = mt.marketing.MediaMix(method="ridge", rng=0).fit(made.spend, made.y, releases=late)
    truth = made.truth["weekly"]["releases"]
    # By week-to-week changes: what stays after a release cannot be told from the baseline's level.
    error, worse = (
        (found["releases"] - truth).diff().abs().mean() for found in (parts, moved.decompose())
    )
    assert error < 0.8 * worse
    several = simulate(territories=2, weeks=80, releases=2, channels=2, **design)
    assert set(several.lift_tests["group"]) == {"T01", "T02"}
    where = several.spend.index.get_level_values("territory")
    mix = mt.marketing.MediaMix(method="ridge", rng=0).fit(
        several.spend, several.y, dates=several.spend.index.get_level_values("ds"), groups=where,
        releases=several.releases, lift_tests=several.lift_tests,
    )  # fmt: skip
    assert mix.groups_ == ["T01", "T02"]


def test_playlists_are_anchored():
    """Today's Top Hits: 18.5 million followers, 19.4 million streams; here in ten weeks."""
    made = simulate(events="playlists", weeks=300)
    dose = made.truth["doses"].set_index("kind")["per_unit_of_size"]["playlist_add"]
    assert dose * 18.5e6 * 10 == pytest.approx(19.4e6)
    events, effects = made.truth["events"], made.truth["event_effects"]
    for row in events[events["kind"] == "playlist_add"].itertuples():
        gone = events[(events["kind"] == "playlist_remove") & (events["subject"] == row.subject)]
        listed = (made.spend.index >= row.ds) & (made.spend.index < gone["ds"].iloc[0])
        np.testing.assert_allclose(effects[row.event_id], np.where(listed, dose * row.size, 0.0))
    used = made.controls["playlist_followers"] * dose
    np.testing.assert_allclose(used, made.truth["weekly"]["playlists"], atol=1e-6)


def test_events_are_chosen():
    kinds = set(simulate().events["kind"])
    assert kinds == {"pre_save", "single", "album", "deluxe", "tour", "post", "playlist_add",
                     "playlist_remove", "airplay", "sync"}  # fmt: skip
    made = simulate(events=["releases"])
    assert set(made.events["kind"]) == {"pre_save", "single", "album", "deluxe", "tour"}
    assert len(made.events.query("kind in ['single', 'album', 'deluxe']")) == 6
    assert len(made.releases) == len(made.events)
    assert made.truth["weekly"][["posts", "playlists", "airplay", "sync"]].eq(0).all(axis=None)
    posts = simulate().events.query("kind == 'post'")
    np.testing.assert_allclose(posts["size"], posts["reach"] * posts["engagement"])
    assert len(simulate(events=[]).events) == 0
    assert len(simulate(releases=0, events="releases").events) == 0


def test_effects_are_caused_by_what_came_before():
    made = simulate()
    for row in made.truth["events"].itertuples():
        effect = made.truth["event_effects"][row.event_id]
        assert effect[effect.index < row.ds].eq(0).all()
        # The first week is a whole one, so it is dated by its first day.
        assert effect[row.ds] > 0 or row.kind == "playlist_remove"


def test_broadcasting_has_reach_and_frequency():
    media = simulate().media
    known = media[media["channel"].isin(["tv", "radio"])]
    assert media.loc[~media["channel"].isin(["tv", "radio"]), "reach"].isna().all()
    assert (known["reach"] <= known["impressions"]).all()
    on = known[known["spend"] > 0]
    np.testing.assert_allclose(on["reach"] * on["frequency"], on["impressions"])
    assert (on["frequency"] >= 1).all()
    np.testing.assert_allclose(on["grp"], 100 * on["impressions"] / 2_000_000)
    assert known.loc[known["spend"] == 0, "impressions"].eq(0).all()


def test_territories():
    made = simulate(territories=5, channels=3)
    assert made.spend.index.names == ["territory", "ds"]
    assert made.spend.shape == (5 * 156, 3)
    assert set(made.series["unique_id"]) == {"T01", "T02", "T03", "T04", "T05"}
    betas = made.truth["channels"].pivot_table(index="territory", columns="channel", values="roas")
    assert (betas.std() > 0).all()
    assert made.media.groupby("territory")["spend"].sum().std() > 0


def test_channels():
    own = Channel(name="nothing", effect=0.0)
    made = simulate(channels=["tv", own], lift_tests=1)
    table = made.truth["channels"].set_index("channel")
    assert table["contribution"]["nothing"] == 0
    assert list(made.spend) == ["tv", "nothing"]
    assert simulate(channels=8).spend.shape == (156, 8)
    # A channel more changes nothing about the others.
    pd.testing.assert_frame_equal(simulate(channels=8).spend.iloc[:, :5], simulate().spend)


def test_sales_are_money():
    made = simulate(outcome="sales")
    assert made.y.mean() == pytest.approx(simulate().y.mean() / 10, rel=1e-4)
    np.testing.assert_allclose(made.y, made.y.round(2), atol=1e-9)
    np.testing.assert_allclose(parts_of(made).sum(axis=1), made.y, rtol=1e-12)


def test_a_seed_is_a_seed():
    one, two, three = simulate(), simulate(), simulate(rng=8)
    for name in ("spend", "media", "events", "series", "lift_tests"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert not one.y.equals(three.y)
    kept = simulate(rng=np.random.default_rng(7))
    assert kept.y.equals(one.y)
    assert one.provenance["rng"] == 7
    assert kept.provenance["rng"] is None


def test_what_comes_back_is_the_readers_own():
    made = simulate()
    kept = made.truth["contributions"]["tv"].sum()
    plan = made.spend.copy()
    made.spend.iloc[:, :] = 0.0
    made.truth["weekly"].iloc[:, :] = 0.0
    assert made.contributions_of(plan)["tv"].sum() == pytest.approx(kept)


def test_it_shows_itself():
    made = simulate(channels=[Channel(name="<b>tv</b>")], territories=2)
    assert "in 2 territories" in repr(made)
    assert "&lt;b&gt;tv" in made._repr_html_()
    assert "<b>tv" not in made._repr_html_()


def test_start_is_a_monday():
    assert simulate(start="2024-05-16").spend.index[0] == pd.Timestamp("2024-05-13")
    assert simulate(start=pd.Timestamp("2024-05-16")).spend.index[0] == pd.Timestamp("2024-05-13")


@pytest.mark.parametrize(
    "wrong",
    [
        {"weeks": 5}, {"weeks": 52.5}, {"weeks": True}, {"weeks": "many"},
        {"design": "dependent"}, {"family": "mine"}, {"channels": 9}, {"channels": 0},
        {"channels": ["tv", "tv"]}, {"channels": []}, {"channels": "fax"}, {"channels": 1.5},
        {"channels": [Channel(name="tv", theta=1.0)]}, {"channels": [Channel(name=" ")]},
        {"channels": [Channel(name="tv", effect=float("nan"))]}, {"channels": [None]},
        {"territories": 0}, {"territories": []}, {"territories": ["a", "a"]},
        {"territories": [1]}, {"territories": 1.5}, {"outcome": "joy"}, {"events": ["tv"]},
        {"events": 3}, {"releases": -1}, {"dark_weeks": 100}, {"lift_tests": -1},
        {"noise": -0.1}, {"noise": float("inf")}, {"start": "soon"}, {"start": None},
        {"start": pd.NaT}, {"start": "1800-01-01"}, {"rng": -1}, {"rng": "x"},
        {"events": [["tv"]]}, {"design": ["weak"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_refused(wrong):
    with pytest.raises(InputError, match="Try: "):
        simulate(**wrong)


@settings(max_examples=25)
@given(
    weeks=st.integers(20, 120),
    design=st.sampled_from(DESIGNS),
    family=st.sampled_from(["own", "other"]),
    channels=st.integers(1, 8),
    releases=st.integers(0, 20),
    dark=st.integers(0, 10),
    seed=st.integers(0, 2**32),
)
def test_any_campaign_holds(weeks, design, family, channels, releases, dark, seed):
    made = simulate(weeks=weeks, design=design, family=family, channels=channels,
                    releases=releases, dark_weeks=dark, lift_tests=1, rng=seed)  # fmt: skip
    np.testing.assert_allclose(parts_of(made).sum(axis=1), made.y, rtol=1e-9)
    assert (made.spend >= 0).all(axis=None)
    assert (made.truth["contributions"] >= 0).all(axis=None)
    most = made.truth["channels"].set_index("channel")["beta"] * made.truth["drift"].max()
    assert (made.truth["contributions"].max() <= most + 1e-9).all()
    assert np.isfinite(made.lift_tests["lift"]).all()
