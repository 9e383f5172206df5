"""Simulated panels: everything adds up, and the naive answers fail where they should."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools import tables
from musictools.errors import InputError

QUESTIONS = ("campaign", "tour", "playlist", "post", "halo", "cannibalisation")


def simulate(question="campaign", **kwargs):
    return mt.datasets.simulate_panel(question, **{"rng": 5, **kwargs})


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("family", ["own", "other"])
def test_everything_adds_up(question, family):
    made = simulate(question, family=family)
    effects = made.truth["effects"]
    np.testing.assert_allclose(
        effects["expected"] + effects["effect"] + effects["noise"], effects["y"], rtol=1e-12
    )
    tables.check(made.series, "series")
    tables.check(made.events, "events")
    pd.testing.assert_frame_equal(
        made.series[["unique_id", "ds", "y"]], effects[["unique_id", "ds", "y"]]
    )
    never = ~effects["unique_id"].isin(made.treated)
    assert effects.loc[never, "effect"].eq(0).all()
    assert effects.loc[effects["age"] < -1, "effect"].eq(0).all()
    early = effects.loc[effects["age"] == -1, "effect"]
    assert early.gt(0).all() == (question == "tour" and family == "other")
    at_work = made.series["treated"] == 1
    assert made.att == pytest.approx(effects.loc[at_work, "effect"].mean())
    sums = effects[at_work].groupby("unique_id")["effect"].sum()
    table = made.truth["units"].set_index("unit_id")["total"]
    np.testing.assert_allclose(sums[table.index], table)
    assert set(made.events["subject"]) == set(made.treated)
    starts = made.events[made.events["kind"] != "playlist_remove"].set_index("subject")["ds"]
    known = made.units[made.units["treated"]].set_index("unit_id")["start"]
    assert starts[known.index].tolist() == known.tolist()


def test_kernels_of_the_own_family():
    def path(question):
        made = simulate(question)
        rows = made.truth["effects"].query("age >= 0 and unique_id == @made.treated[0]")
        return rows["effect"].to_numpy(), rows["age"].to_numpy(), made

    values, age, made = path("tour")
    level = made.units.set_index("unit_id")["level"][made.treated[0]]
    np.testing.assert_allclose(values, 0.3 * level * np.exp(-age / 4))
    values, age, made = path("halo")
    np.testing.assert_allclose(values / values[0], (age + 1) ** -0.6)
    values, age, made = path("post")
    size = made.events.set_index("subject")["size"][made.treated[0]]
    np.testing.assert_allclose(values, 0.6 * size * (age + 1) ** -1.2)
    values, age, made = path("cannibalisation")
    assert (values < 0).all()
    values, age, made = path("campaign")
    level = made.units.set_index("unit_id")["level"][made.treated[0]]
    np.testing.assert_allclose(values, 0.1 * level)


def test_todays_top_hits():
    made = simulate("playlist", size=18_500_000)
    np.testing.assert_allclose(made.truth["units"]["total"], 19.4e6)
    stays = made.series.groupby("unique_id")["treated"].sum()
    assert set(stays[made.treated]) == {10.0}
    kinds = made.events["kind"].value_counts()
    assert kinds["playlist_add"] == kinds["playlist_remove"] == 8


def did(made):
    """Differences of means: treated after less before, less the same of the others."""
    series = made.series.assign(
        after=made.series["ds"] >= made.start, hit=made.series["unique_id"].isin(made.treated)
    )
    mean = series.groupby(["hit", "after"])["y"].mean()
    return (mean[True, True] - mean[True, False]) - (mean[False, True] - mean[False, False])


def test_selection_biases_differences_and_chance_does_not():
    errors = {
        design: np.array(
            [
                (did(made) - made.att) / made.units["level"].mean()
                for made in (simulate(design=design, rng=seed) for seed in range(40))
            ]
        )
        for design in ("random", "selected")
    }
    standard_error = errors["random"].std() / np.sqrt(40)
    assert abs(errors["random"].mean()) < 3 * standard_error
    assert errors["selected"].mean() > 0.04
    assert errors["selected"].mean() > 5 * errors["selected"].std() / np.sqrt(40)


def test_noise_of_the_other_family():
    made = {f: simulate(family=f, units=400, periods=200) for f in ("own", "other")}
    for family, each in made.items():
        wide = each.truth["effects"].pivot_table(index="ds", columns="unique_id", values="noise")
        wide = wide / each.units.set_index("unit_id")["level"]
        assert wide.to_numpy().std() == pytest.approx(0.04, rel=0.05)
        lag = np.mean([np.corrcoef(v[1:], v[:-1])[0, 1] for v in wide.to_numpy().T])
        assert lag == pytest.approx(0.0 if family == "own" else 0.5, abs=0.05)


def test_seeds_and_placebos():
    one, two = simulate(), simulate()
    pd.testing.assert_frame_equal(one.series, two.series)
    assert not one.series.equals(simulate(rng=6).series)
    placebo = simulate(effect=0.0)
    assert placebo.att == 0.0
    change = one.series["y"] - placebo.series["y"]
    np.testing.assert_allclose(change, one.truth["effects"]["effect"], atol=1.0)


def test_halo_belongs_to_artists():
    made = simulate("halo", units=22, treated=2)
    hit = made.units[made.units["treated"]]
    assert hit["artist_id"].nunique() == 2
    assert made.units.groupby("artist_id")["treated"].nunique().max() == 1
    assert made.units.groupby("artist_id")["start"].nunique().max() == 1


def test_posts_are_daily_and_weeks_begin_on_monday():
    days = simulate("post", start="2024-05-16").series["ds"]
    assert days.iloc[1] - days.iloc[0] == pd.Timedelta(days=1)
    assert days.iloc[0] == pd.Timestamp("2024-05-13")
    by_day = simulate("post", units=300, noise=0.0, effect=0.0, periods=70).series
    weekday = by_day.groupby(by_day["ds"].dt.day_of_week)["y"].mean()
    assert weekday.idxmax() == 4


def test_it_shows_itself():
    made = simulate(units=10, treated=1)
    assert "10 units" in repr(made)
    assert made.treated[0] in made._repr_html_()
    assert made.provenance["rng"] == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": "weather"}, {"units": 3}, {"units": 10.5}, {"periods": 4}, {"treated": 0},
        {"treated": 40}, {"effect": -2.0}, {"effect": "big"}, {"size": 5.0},
        {"question": "halo", "units": 4}, {"question": "playlist", "size": -1},
        {"design": "odd"}, {"family": "odd"}, {"noise": -1.0}, {"start": "x"}, {"rng": "x"},
        {"question": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_refused(wrong):
    with pytest.raises(InputError, match="Try: "):
        simulate(**wrong)
