"""What is written in pictures of many or large things can still be read."""

import dataclasses
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.plot._style import plain_logs, small_title


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


def overlapping(ax, texts):
    return any(a.overlaps(b) for a, b in itertools.combinations(boxes(ax, texts), 2))


LONG = "The Extraordinarily Long Name of a Publishing Administrator of Many Territories, Ltd"


@pytest.mark.parametrize("rows", [1, 15, 40])
def test_names_of_many_rows_do_not_run_into_each_other(rows):
    table = pd.DataFrame({"platform": [f"P{n} {LONG}" for n in range(rows)], "setting": "normal"})
    table = table.assign(target_lufs=-14.0, loudness_lufs=-14.0, true_peak_dbtp=-1.0)
    with mt.plot.style():
        ax = mt.plot.playback(table, ax=plt.subplots()[1])
        assert not overlapping(ax, ax.get_yticklabels())
        assert ax.get_window_extent().width > ax.figure.bbox.width / 3


def test_what_is_quieter_than_usual_is_drawn(ax):
    table = pd.DataFrame({"platform": ["Tidal"], "setting": [""], "target_lufs": [-14.0]})
    mt.plot.playback(table.assign(loudness_lufs=-70.0, true_peak_dbtp=-60.0), ax=ax)
    assert ax.get_xlim()[0] < -70


def test_amounts_of_a_split_stand_on_no_name():
    steps = [mt.economics.Step(LONG, "0.3"), mt.economics.Step("$ artist $")]
    with mt.plot.style():
        ax = mt.plot.splits(mt.economics.split_income(123_456_789_012, steps))
        names = boxes(ax, ax.get_yticklabels())
        assert not any(a.overlaps(b) for a in boxes(ax, ax.texts) for b in names)
        assert all("e+" not in tick.get_text() for tick in ax.get_xticklabels())
        plt.close(ax.figure)


@pytest.mark.slow
def test_small_payers_are_one_colour_and_months_can_be_read():
    months = [f"{year}-{month:02d}" for year in range(1985, 2025) for month in range(1, 13)]
    sums = pd.DataFrame({"payer": [f"payer {n}" for n in range(12)]}).merge(
        pd.DataFrame({"period": months}), how="cross"
    )
    sums = sums.assign(currency="USD", net=1e9)
    with mt.plot.style():
        ax = mt.plot.royalties(sums, ax=plt.subplots()[1])
        names = [text.get_text() for text in ax.get_legend().get_texts()]
        assert names[-1] == "all others"
        assert len(names) == 8
        assert not overlapping(ax, ax.get_xticklabels())
        assert ax.yaxis.get_offset_text().get_text() == ""
        assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())


def test_many_currencies_have_labels_of_their_own():
    money = pd.DataFrame({"payer": "A", "period": "2025-01", "currency": list("ABCDEFGH")})
    with mt.plot.style():
        ax = mt.plot.royalties(money.assign(net=1000.0), ax=plt.subplots()[1])
        assert not overlapping(ax, [panel.yaxis.label for panel in ax.child_axes])


def test_copies_and_generators_can_be_told():
    scores = [
        {"generator": f"{n} {LONG}", "condition": f"mp3_at_{rate}_kbps_and_back", "auc": 0.9}
        for n in range(12)
        for rate in (64, 96, 128, 192, 256, 320)
    ]
    report = mt.audio.AIReport(
        scores=pd.DataFrame(scores).assign(auc_lo=0.8, auc_hi=1.0), shortcuts=pd.DataFrame(),
        verdict="unseen", sentences=(), threshold=0.5, human=8, generated=8, generators=12,
        failed=(),
    )  # fmt: skip
    with mt.plot.style():
        ax = report.plot(plt.subplots()[1])
        ax.figure.canvas.draw()
        legend = ax.get_legend()
        assert legend.get_texts()[-1].get_text() == "chance"
        assert not legend.get_window_extent().overlaps(ax.get_window_extent())
        assert all(text.get_rotation() == 30 for text in ax.get_xticklabels())


def test_chance_is_told_after_what_is_compared_with_it(ax):
    for name in ("bots", "farms"):
        mt.plot.roc([0.1, 0.2, 0.9], [False, False, True], label=name, ax=ax)
    told = [text.get_text().split(" (")[0] for text in ax.get_legend().get_texts()]
    assert told == ["bots", "farms", "chance"]


def test_worth_and_gains_are_written_without_powers(ax):
    streams = pd.DataFrame({"user_id": ["A", "B"], "plays": [1, 90_000], "money": [6.0, 6.0]})
    mt.plot.stream_worth(streams, mark="A", ax=ax)
    ax.figure.canvas.draw()
    inside = [
        tick.get_text()
        for tick in [*ax.get_xticklabels(), *ax.get_yticklabels()]
        if tick.get_text()
    ]
    assert {"10,000", "0.01"} <= set(inside)
    assert not any("mathdefault" in text for text in inside)


def test_names_of_spans_fit_beside_long_names_of_rows():
    parts = pd.DataFrame({"start_s": np.arange(20) * 9.0, "label": [*"ABABC"] * 4})
    parts = parts.assign(end_s=parts["start_s"] + 9)
    with mt.plot.style():
        ax = mt.plot.spans({LONG: parts, "$b$": parts}, ax=plt.subplots()[1])
        assert len(ax.texts) == 40
        assert not overlapping(ax, ax.texts)
        assert ax.get_yticklabels()[1].get_text() == r"\$b\$"


def test_a_small_title_stays_over_its_axes():
    with mt.plot.style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
        small_title(left, "No trend: growth without a price rise would be taken for its effect")
        small_title(right, "16 events")
        figure.draw_without_rendering()
        boxes = [ax._left_title.get_window_extent() for ax in (left, right)]
    assert boxes[0].x1 < right.bbox.x0
    assert boxes[1].x1 < right.bbox.x1


@pytest.mark.parametrize("ends", [(1e-6, 1e-2), (2e-5, 8e-5), (3, 18.5), (1, 1e12)])
def test_logarithmic_axes_have_ticks_to_read_without_powers(ax, ends):
    ax.set(yscale="log", ylim=ends)
    plain_logs(ax.yaxis)
    inside = [tick for tick in ax.yaxis.get_majorticklocs() if ends[0] <= tick <= ends[1]]
    assert len(inside) >= 3
    texts = ax.yaxis.get_major_formatter().format_ticks(inside)
    assert "e" not in "".join(texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ([np.nan, "A"], ["A"]),
        (np.array([np.nan, np.nan]), []),
        (pd.Categorical([None, "A"]), ["A"]),
    ],
)
def test_an_unlabelled_span_has_no_name(ax, label, names):
    parts = pd.DataFrame({"start_s": [0.0, 1.0], "end_s": [1.0, 2.0], "label": label})
    mt.plot.spans(parts, ax=ax)
    assert [text.get_text() for text in ax.texts if text.get_text()] == names


def test_hours_in_which_nothing_is_heard_are_no_less_than_none(ax):
    plays = pd.DataFrame({"played_at": [pd.Timestamp("2025-06-02 20:15")], "seconds": [0.0]})
    mt.plot.hours_of_week(plays, ax=ax)
    assert ax.collections[0].get_clim() == (0, 1)


def test_rates_of_a_funnel_stand_off_the_edge(ax):
    table = pd.DataFrame({"ds": [1, 2], "streams": [300, 330], "listeners": [150, 160]})
    mt.plot.funnel(mt.marketing.funnel(table.assign(saves=15)), ax=ax)
    assert ax.get_ylim() == (-0.5, 0.5)


def test_ratios_near_one_have_ticks_to_read(ax):
    ax.set(xscale="log", xlim=(0.7, 1.5))
    plain_logs(ax.xaxis)
    ax.figure.canvas.draw()
    inside = [t for t in ax.get_xticks() if 0.7 <= t <= 1.5]
    assert len(inside) >= 3
    ax.set(xlim=(1, 1e6))
    plain_logs(ax.xaxis)
    ax.figure.canvas.draw()
    written = [t.get_text() for t in ax.get_xticklabels() if 1 <= t.get_position()[0] <= 1e6]
    assert written[-1] == "1,000,000"
    assert not overlapping(ax, ax.get_xticklabels())


def test_a_legend_of_many_groups_stands_beside_the_axes(ax):
    curves = pd.DataFrame({"cohort": np.repeat([f"{year}" for year in range(2000, 2012)], 3)})
    curves = curves.assign(age=[0, 1, 2] * 12, series=9, present=1.0)
    mt.plot.cohorts(curves, ax=ax)
    ax.figure.canvas.draw()
    assert not ax.get_legend().get_window_extent().overlaps(ax.get_window_extent())
    assert all(tick == int(tick) for tick in ax.get_xticks())
