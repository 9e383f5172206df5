"""What is written in pictures of many or large things can still be read."""

import dataclasses
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt


@pytest.fixture
def ax():
    picture, axes = plt.subplots()
    yield axes
    plt.close(picture)


def boxes(ax, texts):
    ax.figure.canvas.draw()
    return [text.get_window_extent() for text in texts if text.get_text()]


def test_of_many_platforms_those_with_most_people_are_drawn(ax):
    people = pd.DataFrame({"platform": [f"P{n}" for n in range(40)]})
    people = people.assign(followers=range(1000, 41_000, 1000), listeners=99, plays=10_000)
    mt.plot.audience(people, ax=ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == [f"P{n}" for n in range(39, 29, -1)]
    assert ax.get_ylabel() == "The first 10 of 40"
    numbers = sorted(boxes(ax, ax.texts), key=lambda box: box.y0)
    assert len(numbers) == 30
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(numbers))


def test_a_reference_says_how_far_it_was_moved(ax):
    levels = pd.DataFrame({"frequency_hz": [100.0, 1000.0, 8000.0], "level_db": [-20, -30, -40.0]})
    mt.plot.spectrum(levels, reference=levels.assign(level_db=levels["level_db"] + 5), ax=ax)
    told = ax.get_legend().get_texts()[0].get_text()
    assert told == "Reference, moved by \N{MINUS SIGN}5.0 dB to the same mean level"


def test_sizes_of_farms_have_ticks_to_read(ax):
    table = pd.DataFrame(
        {"rule": "pro_rata", "plays_per_account": [4, 10, 40], "profit": [-1, 0, 9]}
    )
    even = pd.Series({"pro_rata": 10.0})
    found = mt.economics.FarmProfit(table=table, break_even=even, accounts=1, mean_plays=9)
    mt.plot.farm_profit(found, ax=ax)
    ax.figure.canvas.draw()
    inside = [t.get_text() for t in ax.get_xticklabels() if 4 <= t.get_position()[0] <= 40]
    assert inside == ["5", "10", "20"]


def test_inputs_of_a_tornado_stand_off_the_names(ax):
    ranges = {"streams": (1e6, 2e6, 4e6), "rate": (0.003, 0.0035, 0.004)}
    mt.economics.tornado(lambda streams, rate: streams * rate, ranges).plot(ax)
    frame = ax.get_window_extent()
    for box in boxes(ax, ax.texts):
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1


def test_what_airplay_brought_is_written_in_full(ax):
    made = mt.datasets.simulate_campaign(events=["airplay"], channels=1, rng=1)
    found = mt.marketing.airplay_response(made.series, made.airplay)
    path = found.path.assign(effect=np.linspace(0, 250_000, len(found.path)))
    dataclasses.replace(found, path=path).plot(ax)
    ax.figure.canvas.draw()
    assert "250,000" in [tick.get_text() for tick in ax.get_yticklabels()]


def test_a_legend_lies_on_no_song(ax):
    made = mt.datasets.simulate_hits(300, artists=60, rng=1)
    mt.trends.typicality(made.features, made.songs).plot(ax)
    ax.figure.canvas.draw()
    assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())
