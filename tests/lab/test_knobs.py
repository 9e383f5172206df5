"""Small models with knobs: their numbers, by another way, and what can be turned."""

import base64
import sys
import types

import numpy as np
import pytest
from scipy.optimize import minimize

import musictools as mt
from musictools.errors import InputError, MissingExtraError
from musictools.lab import _knobs_widget
from musictools.lab._adstock_knobs import LESSON as ADSTOCK
from musictools.lab._adstock_knobs import burst
from musictools.lab._budget_knobs import CHANNELS, best_split
from musictools.lab._payout_knobs import LESSON as PAYOUTS
from musictools.lab._payout_knobs import monthly_plays
from musictools.lab._release_knobs import LESSON as RELEASES
from musictools.lab._release_knobs import year_of_streams
from tests.notebook_rules import output_problems

ALL = ("explore_payouts", "explore_adstock", "explore_budget", "explore_releases")


def test_payouts_are_those_of_the_rules_by_hand():
    values = PAYOUTS.settled({"heavy": 25, "heavy_plays": 1000, "light_plays": 100, "bots": 1,
                              "bot_plays": 5000, "fee": 8})  # fmt: skip
    plays = monthly_plays(values)
    assert plays["user_id"].nunique() == 1000
    table = mt.lab.explore_payouts(values).table.set_index("artist_id")
    star, duo, farm = 250 * 900 + 740 * 30, 250 * 100 + 740 * 70, 10 * 5000
    total = star + duo + farm
    pro_rata = [8000 * one / total for one in (star, duo, farm)]
    user_centric = [8 * (250 * 0.9 + 740 * 0.3), 8 * (250 * 0.1 + 740 * 0.7), 8 * 10]
    rows = ["Pop star", "Folk duo", "Noise farm"]
    np.testing.assert_allclose(table.loc[rows, "pro_rata"], pro_rata, rtol=1e-9)
    np.testing.assert_allclose(table.loc[rows, "user_centric"], user_centric, rtol=1e-9)
    scaled = table.drop(columns=["pro_rata", "user_centric", "plays"]).to_numpy().sum()
    assert scaled == pytest.approx(0.7 * 8000)


def test_a_farm_of_nobody_is_paid_nothing():
    assert mt.lab.explore_payouts({"bots": 0}).table.set_index("artist_id").loc[
        "Noise farm"
    ].to_list() == [0, 0, 0, 0]


def test_adstock_moves_money_in_time_and_loses_none():
    values = ADSTOCK.settled({"theta": 0.5, "spend": 12, "burst_weeks": 3, "half": 4, "slope": 1})
    spend, worked, streams = burst(values)
    assert spend.sum() == pytest.approx(12)
    assert worked.sum() == pytest.approx(12, rel=1e-3)
    # With theta = 1/2, weights of 13 weeks are nearly 1/2, 1/4, ...
    np.testing.assert_allclose(worked[2:6], [2, 3, 3.5, 1.75], rtol=2e-4)
    np.testing.assert_allclose(streams, 100 * worked / (4 + worked))


def test_the_next_euro_of_a_saturated_channel_brings_less_than_the_average():
    words = mt.lab.explore_adstock({"spend": 100, "slope": 1.0, "half": 1.0}).words
    average, following = (float(words.split()[i]) for i in (-9, -4))
    assert following < average / 3


@pytest.mark.parametrize("budget", [1.0, 7.0, 30.0, 200.0])
def test_the_best_split_is_the_one_that_an_optimiser_finds(budget):
    tops, halves = (np.array(column) for column in zip(*CHANNELS.values(), strict=True))
    split = best_split(budget, tops, halves)
    assert split.sum() == pytest.approx(budget)
    assert (split >= 0).all()
    found = minimize(
        lambda x: -(tops * x / (halves + x)).sum(),
        np.full(4, budget / 4),
        bounds=[(0, budget)] * 4,
        constraints={"type": "eq", "fun": lambda x: x.sum() - budget},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert (tops * split / (halves + split)).sum() == pytest.approx(-found.fun, rel=1e-5)
    table = mt.lab.explore_budget({"budget": budget}).table
    assert table["best_streams"].sum() >= table["streams"].sum()
    np.testing.assert_allclose(table["spend"], budget / 4)


def test_no_weight_at_all_is_an_equal_split():
    nothing = dict.fromkeys(("instagram", "tiktok", "radio", "posters"), 0)
    assert set(mt.lab.explore_budget({**nothing, "budget": 40}).table["spend"]) == {10.0}


def test_streams_of_a_year_by_hand():
    values = RELEASES.settled({"releases": 2, "gap_weeks": 2, "first_week": 100, "lasting": 10,
                               "half_life_weeks": 1, "carried": 50, "taken": 20})  # fmt: skip
    streams = year_of_streams(values)
    np.testing.assert_allclose(streams[0, :4], [100, 55, 0.8 * 32.5, 0.8 * 21.25])
    np.testing.assert_allclose(streams[1, :4], [0, 0, 100 + 27.5, 127.5 * 0.55])


def test_songs_after_the_year_bring_nothing():
    values = RELEASES.settled({"releases": 8, "gap_weeks": 12, "taken": 0, "carried": 0})
    streams = year_of_streams(values)
    assert streams.shape == (8, 52)
    assert np.count_nonzero(streams.sum(axis=1)) == 5  # weeks 1, 13, 25, 37, 49


@pytest.mark.parametrize("name", ALL)
def test_knobs_turn_from_python_and_show_what_they_give(name):
    knobs = getattr(mt.lab, name)()
    words, table = knobs.words, knobs.table
    knob = knobs.lesson.knobs[-1]
    seen = []
    knobs.observe(lambda change: seen.append(change["new"][knob.name]), "values")
    knobs.values = {knob.name: knob.high}
    assert seen == [knob.high]
    assert set(knobs.values) == {one.name for one in knobs.lesson.knobs}
    assert knobs.words != words
    assert not knobs.table.equals(table)
    data, notes = knobs._repr_mimebundle_()
    assert knobs.words.split(",")[0] in data["text/html"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert all(notes["musictools"]["axes"][0]), "labels on both axes"


@pytest.mark.parametrize("name", ALL)
def test_every_knob_works_at_both_ends(name):
    lesson = getattr(mt.lab, name)().lesson
    for knob in lesson.knobs:
        for end in getattr(knob, "options", None) or (knob.low, knob.high):
            shown = lesson.work(lesson.settled({knob.name: end}))
            assert np.isfinite(np.concatenate([one.y for one in shown.chart.series])).all()
            assert len(shown.words) > 20


@pytest.mark.parametrize(
    ("values", "told"),
    [({"feee": 3}, "'fee'"), ({"fee": 0}, "from 1.0 to 20.0"), ({"fee": "much"}, "from 1.0"),
     ({"fee": True}, "from 1.0"), ({"fee": float("nan")}, "from 1.0")],
)  # fmt: skip
def test_knobs_do_not_turn_further_than_they_do(values, told):
    with pytest.raises(InputError, match=told):
        mt.lab.explore_payouts(values)
    knobs = mt.lab.explore_payouts()
    with pytest.raises(InputError, match=told):
        knobs.values = values
    assert knobs.values["fee"] == 7


def test_choices_are_words_that_are_there():
    with pytest.raises(InputError, match="'delayed'"):
        mt.lab.explore_adstock({"kernel": "delaid"})
    with pytest.raises(InputError, match="names with values"):
        mt.lab.explore_adstock().values = 3


def test_without_anywidget_knobs_are_a_picture(monkeypatch):
    def missing():
        raise MissingExtraError("turn", got="nothing", expected="it", hint="pip")

    monkeypatch.setattr(_knobs_widget, "knobs_class", missing)
    knobs = mt.lab.explore_releases()
    assert type(knobs) is _knobs_widget.StillKnobs
    before = knobs.words
    knobs.values = {"releases": 8}
    assert knobs.words != before
    assert "image/png" in knobs._repr_mimebundle_()[0]


@pytest.mark.parametrize("name", ALL)
def test_the_picture_of_every_lesson_keeps_the_rules_of_notebooks(name):
    data, notes = getattr(mt.lab, name)()._repr_mimebundle_()
    output = {"output_type": "display_data", "data": data, "metadata": notes}
    assert list(output_problems({"cells": [{"source": [name], "outputs": [output]}]})) == []


def test_colab_is_told_to_show_widgets(monkeypatch):
    """anywidget does so where Colab runs; what it says must survive beside our picture."""
    util = pytest.importorskip("anywidget._util", reason="no anywidget: knobs are a picture")
    asked = []
    output = types.ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: asked.append(True)
    output._widgets = types.SimpleNamespace(_installed_url="https://example.org/manager.js")
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    util.enable_custom_widget_manager_once.cache_clear()
    data, notes = mt.lab.explore_adstock()._repr_mimebundle_()
    kind = "application/vnd.jupyter.widget-view+json"
    assert asked == [True]
    assert notes[kind]["colab"]["custom_widget_manager"]["url"].endswith("manager.js")
    assert {kind, "image/png", "text/html"} <= set(data)
