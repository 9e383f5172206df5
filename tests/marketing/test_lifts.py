"""Lifts: simulated truth comes back, naive comparisons are wrong, bad input is refused."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.marketing._placebo_days import Days
from musictools.marketing._post_fit import Fit
from tests.marketing.lift_worlds import airplay_panel, posts_of

TOP_HITS = {"size": 18_500_000, "design": "momentum"}


@pytest.fixture(scope="module")
def hits():
    """Adds to Today's Top Hits that follow momentum: eight worlds, and what was measured."""
    made = [mt.datasets.simulate_panel("playlist", rng=seed, **TOP_HITS) for seed in range(8)]
    return [(each, mt.marketing.playlist_lift(each.series, each.events)) for each in made]


def test_top_hits_are_recovered_and_before_after_is_wrong(hits):
    lifts = [lift for _, lift in hits]
    total = np.array([lift.total for lift in lifts]) / 1e6
    stay = np.array([lift.per_add["periods"].mean() for lift in lifts])
    naive = np.array([lift.naive for lift in lifts]) * stay / 1e6
    # Aguiar and Waldfogel: 19.4 million streams an add.
    assert abs(total.mean() - 19.4) < 2
    assert naive.mean() - 19.4 > 5
    assert abs(total - 19.4).mean() < abs(naive - 19.4).mean() / 3
    assert sum(lift.total_lo_90 < 19.4e6 < lift.total_hi_90 for lift in lifts) >= 6
    assert all(lift.p_value < 0.05 for lift in lifts)
    # 19.4 million of 18.5 million followers in ten weeks.
    dose = np.mean([lift.per_1000_followers for lift in lifts])
    assert dose == pytest.approx(19.4 / 18.5 / 10 * 1000, rel=0.15)


def test_momentum_is_seen_and_said_and_placebo_dates_are_clean(hits):
    lifts = [lift for _, lift in hits]
    assert np.median([lift.before_p_value for lift in lifts]) < 0.01
    assert np.mean([lift.momentum_pct for lift in lifts]) > 15
    assert sum(lift.placebo_p_value <= 0.1 for lift in lifts) <= 3
    assert all(lift.removals == lift.adds for lift in lifts)
    assert "went another way than the others before" in lifts[0].words
    assert np.mean([lift.symmetric for lift in lifts]) == pytest.approx(1.94e6, rel=0.15)


def test_without_lift_there_is_none():
    for seed in range(3):
        made = mt.datasets.simulate_panel("playlist", effect=0, rng=seed, **TOP_HITS)
        lift = mt.marketing.playlist_lift(made.series, made.events)
        assert abs(lift.effect) < 0.4 * abs(lift.naive)
        assert lift.lo_90 < 0 < lift.hi_90


def test_without_momentum_it_is_the_event_study():
    """Callaway and Sant'Anna of one cohort, on series divided by their mean before."""
    made = mt.datasets.simulate_panel("campaign", units=12, periods=40, treated=1, rng=3)
    start = made.events["ds"].iloc[0]
    adds = made.events.assign(kind="playlist_add")
    lift = mt.marketing.playlist_lift(made.series, adds, momentum=False, horizon=5)
    wide = made.series.pivot_table(index="unique_id", columns="ds", values="y")
    at = wide.columns.get_loc(start)
    base = wide.iloc[:, at - 8 : at].mean(axis=1)
    long = wide.div(base, axis=0).reset_index().melt("unique_id", var_name="ds", value_name="y")
    long["ds"] = pd.to_datetime(long["ds"])
    long["treated_from"] = long["unique_id"].map({made.treated[0]: start})
    long["treated_from"] = pd.to_datetime(long["treated_from"])
    study = mt.marketing.event_study(long, controls="never")
    path = study.path.set_index("event_time")["effect"].loc[0:4] * base[made.treated[0]]
    assert lift.path["effect"].to_numpy() == pytest.approx(path.to_numpy())
    assert lift.effect == pytest.approx(path.mean())
    assert np.isnan(lift.drop)
    assert lift.removals == 0


def test_lists_are_paired_by_name_or_size_and_odd_adds_are_left_out():
    made = mt.datasets.simulate_panel("playlist", units=12, periods=60, rng=5)
    early = made.series["ds"].min()
    extra = pd.DataFrame({"ds": [early, early], "kind": ["playlist_add", "playlist_remove"],
                          "subject": ["track_001", "nobody"], "size": [1e6, 1.0]})  # fmt: skip
    events = pd.concat([made.events, extra])
    lift = mt.marketing.playlist_lift(made.series, events)
    assert "1 event of tracks without a series" in lift.words
    assert "adds left out" in lift.words
    named = made.events.assign(title="one list")
    one = mt.marketing.playlist_lift(made.series, named, playlist="title")
    two = mt.marketing.playlist_lift(made.series, made.events)
    pd.testing.assert_frame_equal(one.per_add, two.per_add)
    truth = made.events[made.events["kind"] == "playlist_remove"].set_index("subject")["ds"]
    table = one.to_frame().dropna(subset="removed").set_index("subject")
    assert (table["removed"] == truth[table.index]).all()


def test_every_add_that_is_not_used_is_accounted_for():
    """The label of the notebooks: its first adds come when it has hardly any other song."""
    label = mt.datasets.load_label()
    days = label.series.assign(unique_id=label.series["unique_id"].str.partition("/")[0])
    days = days.groupby(["unique_id", "ds"], as_index=False)["y"].sum()
    lift = mt.marketing.playlist_lift(days, label.events, playlist="title")
    asked = (label.events["kind"] == "playlist_add").sum()
    lost = [int(n) for n in re.findall(r"(\d+) (?:of \d+ )?adds? left out", lift.words)]
    assert len(lost) == 2
    assert lift.adds + sum(lost) == asked


def test_playlist_lift_refuses():
    made = mt.datasets.simulate_panel("playlist", units=6, periods=40, treated=5, rng=1)
    ask = mt.marketing.playlist_lift
    with pytest.raises(InputError, match="none of which has a series"):
        ask(made.series, made.events.assign(subject="x"))
    with pytest.raises(InputError, match="no event of kind"):
        ask(made.series, made.events.assign(kind="single"))
    with pytest.raises(InputError, match="fewer than four"):
        ask(made.series[made.series["unique_id"].isin([*made.treated[:3]])], made.events)
    with pytest.raises(InputError, match="without a change"):
        ask(made.series, made.events.assign(ds=made.series["ds"].min()))
    with pytest.raises(InputError, match="playlist="):
        ask(made.series, made.events, playlist="title")
    with pytest.raises(InputError, match="evenly"):
        ask(made.series[made.series["ds"] != made.series["ds"].iloc[3]], made.events)
    with pytest.raises(TableError):
        ask(made.series.drop(columns="y"), made.events)
    with pytest.raises(InputError, match="history"):
        ask(made.series, made.events, history=2)


def test_posts_are_recovered_by_platform():
    made = mt.datasets.simulate_panel("post", units=30, treated=24, periods=150, rng=2)
    posts = posts_of(made, 2)
    # TikTok does three times as much for each engaged.
    tiktok = posts.loc[posts["platform"] == "tiktok", "subject"]
    effects = made.truth["effects"].set_index(["unique_id", "ds"])["effect"]
    more = made.series.set_index(["unique_id", "ds"])["y"].astype(float)
    more += 2 * effects.where(effects.index.get_level_values(0).isin(tiktok), 0)
    lift = mt.marketing.post_lift(more.reset_index(), posts)
    table = lift.platforms.set_index("platform")
    engaged = 1000 * table["marks"] / table["reach"]
    one = 0.6 * ((np.arange(28) + 1.0) ** -1.2).sum()
    assert table["per_1000"]["instagram"] == pytest.approx(one * engaged["instagram"], rel=0.15)
    assert table["per_1000"]["tiktok"] == pytest.approx(3 * one * engaged["tiktok"], rel=0.15)
    assert lift.memory == 1.2
    assert lift.path["effect"].sum() == pytest.approx(lift.per_1000)
    shared = (table["per_1000"] * table["reach"]).sum() / table["reach"].sum()
    assert lift.per_1000 == pytest.approx(shared)


def test_posts_without_effect_are_rarely_called_one():
    wolf = []
    for seed in range(12):
        made = mt.datasets.simulate_panel(
            "post", units=15, treated=12, periods=100, effect=0, rng=seed
        )
        lift = mt.marketing.post_lift(made.series, posts_of(made, seed), memory_periods=14)
        wolf.append(lift.p_value <= 0.1)
    # Of 12 at 0.1 each, six or more in one of 2,000 runs.
    assert sum(wolf) <= 5


def test_placebo_days_err_as_posts_do(monkeypatch):
    """What comes back by what is learned of pasts: at once, as by fitting a set again and again."""
    caught, real = {}, Fit.as_learned

    def spy(self, sums, parts, days, errors):
        caught.update(fit=self, sums=sums, parts=parts, days=days, errors=errors)
        caught["out"] = real(self, sums, parts, days, errors)
        return caught["out"]

    monkeypatch.setattr(Fit, "as_learned", spy)
    made = mt.datasets.simulate_panel("post", units=12, treated=9, periods=100, effect=0, rng=1)
    mt.marketing.post_lift(made.series, made.events, memory_periods=14)
    fit, sums, parts, days = (caught[name] for name in ("fit", "sums", "parts", "days"))
    flat, right = 0, caught["errors"][0]
    for _ in range(30):
        beta = sums.solve(right)[flat]
        pairs = zip(days.rests, parts, strict=True)
        moved = [rest - columns[flat] @ beta for rest, (_, _, columns, _, _) in pairs]
        again = Days.of(fit.shapes(), parts, moved).usual(parts, fit.names)
        right = caught["errors"][0] - again + days.usual(parts, fit.names)
    assert caught["out"][0, flat] == pytest.approx(right[flat], rel=0.05)
    more = np.abs(caught["out"] / caught["errors"])[0, :, 0]
    # A flat memory reaches into what is learned; one that is gone at once does not.
    assert more[0] > 1.1
    assert more[-1] == pytest.approx(1, abs=0.05)


def test_post_lift_refuses_and_falls_back():
    made = mt.datasets.simulate_panel("post", units=8, treated=6, periods=80, rng=2)
    posts, ask = posts_of(made, 1), mt.marketing.post_lift
    with pytest.raises(InputError, match="engagement"):
        ask(made.series, posts.assign(engagement=30.0))
    with pytest.raises(InputError, match="kernel"):
        ask(made.series, posts, kernel="hill")
    with pytest.raises(InputError, match="no post within"):
        ask(made.series, posts.assign(ds=pd.Timestamp("1999-01-01")))
    with pytest.raises(InputError, match="missing, 0 or negative"):
        ask(made.series, posts.drop(columns="reach").assign(size=np.nan))
    with pytest.raises(InputError, match="without gaps"):
        ask(made.series[made.series["ds"] < made.series["ds"].min() + pd.Timedelta(days=20)],
            posts.assign(ds=made.series["ds"].min() + pd.Timedelta(days=9)))  # fmt: skip
    assert ask(made.series, made.events, kernel="exponential").unit == "engaged"
    # Reach alone is a mark as well, and then size does not matter.
    alone = posts.drop(columns="engagement").assign(size=7.0)
    found = ask(made.series, alone)
    assert found.unit == "reached"
    assert found.per_1000 == ask(made.series, alone.assign(engagement=1.0)).per_1000


@pytest.fixture(scope="module")
def radio():
    series, airplay, releases = airplay_panel(1)
    return mt.marketing.airplay_response(series, airplay, releases=releases, population=1e6)


def test_airplay_is_recovered_and_followers_are_found_out(radio):
    row = radio.media.iloc[0]
    # Half of 0.03 a contact is left after each week: 60 for each thousand in the long run.
    assert row.lo_90 < 60 < row.hi_90
    assert row.lo_90 > 0
    assert row.per_grp == pytest.approx(row.per_1000 * 10)
    assert radio.path["effect"].sum() == pytest.approx(row.total, rel=0.05)
    assert radio.lead_p_value > 0.05
    series, airplay, releases = airplay_panel(1, follows=0.3)
    led = mt.marketing.airplay_response(series, airplay, releases=releases)
    assert led.lead_p_value < 0.01
    assert "stations follow streams" in led.words


def test_campaigns_are_told_as_events_of_their_spend():
    """Money goes out with airplay and brings as much: without its weeks radio is paid for both."""
    series, airplay, releases = airplay_panel(1)
    aired = airplay.set_index(["recording_id", "ds"])["audience"]
    rng = np.random.default_rng(1)
    spend = (aired * rng.lognormal(0, 0.8, len(aired))).rename("size")
    bought = series.set_index(["unique_id", "ds"])["y"] + 0.06 * spend.to_numpy()
    weeks = spend[spend > 0].reset_index().rename(columns={"recording_id": "subject"})
    known = pd.concat([releases, weeks.assign(kind="campaign")])
    blind, told = (
        mt.marketing.airplay_response(bought.reset_index(), airplay, releases=each).media.iloc[0]
        for each in (releases, known)
    )
    assert blind.lo_90 > 60
    assert told.lo_90 < 60 < told.hi_90


def test_missing_audiences_are_those_of_the_station():
    series, airplay, releases = airplay_panel(2, recordings=6, weeks=60)
    flat = airplay.assign(audience=500.0 * airplay["spins"])
    flat.loc[flat["recording_id"] == "R01", "spins"] *= 3
    flat["audience"] = 500.0 * flat["spins"]
    holes = flat.assign(audience=flat["audience"].where(flat["recording_id"] != "R02"))
    one, two = (mt.marketing.airplay_response(series, each, releases=releases)
                for each in (flat, holes))  # fmt: skip
    pd.testing.assert_frame_equal(one.media, two.media)


def test_airplay_response_refuses():
    series, airplay, _ = airplay_panel(2, recordings=6, weeks=60)
    ask = mt.marketing.airplay_response
    with pytest.raises(InputError, match="none of which has a series"):
        ask(series, airplay.assign(recording_id="x"))
    days = pd.date_range("2023-01-02", periods=200)
    daily = pd.DataFrame({"unique_id": "R00", "ds": days, "y": np.arange(200.0)})
    with pytest.raises(InputError, match="longer periods"):
        ask(daily, airplay)
    with pytest.raises(InputError, match="no airplay within"):
        ask(series, airplay.assign(ds=airplay["ds"] + pd.Timedelta(days=7000)))
    with pytest.raises(InputError, match="without rows"):
        ask(series, airplay.iloc[:0])


def test_syncs_are_impacts_beside_peers():
    made = mt.datasets.simulate_panel("tour", units=16, treated=3, periods=60, rng=4)
    syncs = made.events.assign(kind="sync", size=2e6)
    lift = mt.marketing.sync_lift(made.series, syncs, periods=6)
    first = syncs.sort_values("ds").iloc[0]
    end = made.series["ds"].drop_duplicates().sort_values()
    end = end[end >= first["ds"]].iloc[:6]
    near = syncs[(syncs["ds"] <= end.iloc[-1]) & (syncs["subject"] != first["subject"])]
    part = made.series[(made.series["ds"] <= end.iloc[-1])
                       & ~made.series["unique_id"].isin(near["subject"])]  # fmt: skip
    alone = mt.marketing.impact(part, treated=first["subject"], start=first["ds"])
    assert lift.impacts[0].effect == alone.effect
    assert lift.effect == pytest.approx(lift.syncs["effect"].mean())
    half = (lift.syncs["hi_90"] - lift.syncs["effect"]).to_numpy()
    assert lift.hi_90 - lift.effect == pytest.approx(np.sqrt((half**2).sum()) / 3)
    assert lift.per_1000_contacts == pytest.approx(1000 * lift.total / 2e6)
    with pytest.raises(InputError, match="no sync"):
        mt.marketing.sync_lift(made.series, syncs.assign(subject="x"))


DAYS = pd.date_range("2025-01-01", periods=3)
TABLE = pd.DataFrame(
    {"ds": DAYS, "streams": [300, 330, 280], "listeners": [150, 160, 140], "saves": [15, 14, 15],
     "skips": [90, 80, 100], "followers": [1000, 1010, 1008]}
)  # fmt: skip


def test_funnel_has_the_interval_of_wilson():
    rates = mt.marketing.funnel(TABLE).table.set_index("rate")
    for name, count, of in (("save_rate", 44, 450), ("skip_rate", 270, 910),
                            ("follower_conversion", 10, 300)):  # fmt: skip
        low, high = binomtest(count, of).proportion_ci(0.9, method="wilson")
        row = rates.loc[name]
        assert (row["value"], row["lo_90"], row["hi_90"]) == pytest.approx((count / of, low, high))
    assert rates.loc["streams_per_listener", "value"] == pytest.approx(910 / 450)


def test_funnel_reads_observations_and_the_change_is_that_of_newcombe():
    long = TABLE.drop(columns="followers").melt("ds", var_name="metric")
    long = long.rename(columns={"ds": "observed_at"}).assign(
        entity_id="R01", platform="Pomelo", fetched_at=pd.NaT, source=None, policy=None
    )
    found = mt.marketing.funnel(long, split="2025-01-03")
    row = found.changes.set_index("rate").loc["save_rate"]
    (a, b), (c, d) = (binomtest(x, n).proportion_ci(0.9, method="wilson")
                      for x, n in ((29, 310), (15, 140)))  # fmt: skip
    p, q = 29 / 310, 15 / 140
    assert row["change"] == pytest.approx(q - p)
    assert row["lo_90"] == pytest.approx(q - p - np.hypot(q - c, b - p))
    assert row["hi_90"] == pytest.approx(q - p + np.hypot(d - q, p - a))
    with pytest.raises(InputError, match="2 entities"):
        mt.marketing.funnel(pd.concat([long, long.assign(entity_id="R02")]))


def test_days_that_differ_widen_the_interval_and_cover():
    rng, held, plain = np.random.default_rng(1), 0, 0
    for _ in range(100):
        n = rng.integers(200, 2000, 28)
        saves = rng.binomial(n, rng.beta(4, 46, 28))
        table = pd.DataFrame({"ds": np.arange(28), "listeners": n, "saves": saves})
        row = mt.marketing.funnel(table).table.iloc[0]
        held += row["lo_90"] <= 0.08 <= row["hi_90"]
        low, high = binomtest(int(saves.sum()), int(n.sum())).proportion_ci(0.9, method="wilson")
        plain += low <= 0.08 <= high
    assert held >= 83
    assert plain < 60


def test_funnel_sources_and_refusals():
    table = TABLE.assign(streams_source_playlist=[200, 200, 100], streams_source_library=100)
    rates = mt.marketing.funnel(table).table.set_index("rate")["value"]
    assert rates["source: playlist"] == pytest.approx(500 / 800)
    assert rates["source: playlist"] + rates["source: library"] == pytest.approx(1)
    with pytest.raises(InputError, match="two that make a rate"):
        mt.marketing.funnel(TABLE[["ds", "saves"]])
    with pytest.raises(InputError, match="above what it is a share of"):
        mt.marketing.funnel(TABLE.assign(saves=1000))
    with pytest.raises(InputError, match="negative"):
        mt.marketing.funnel(TABLE.assign(saves=-1))
    with pytest.raises(InputError, match="split"):
        mt.marketing.funnel(TABLE, split="2030-01-01")
    with pytest.raises(TableError, match="ds"):
        mt.marketing.funnel(TABLE.drop(columns="ds"))


def test_lifts_are_drawn(hits, radio):
    figure, ax = plt.subplots()
    lift = hits[0][1]
    assert lift.plot(ax=ax) is ax
    assert ax.get_lines()[0].get_ydata() == pytest.approx(lift.path["effect"])
    # Millions are written out, and the legend lies below what it explains.
    figure.canvas.draw()
    assert "2,000,000" in [text.get_text() for text in ax.get_yticklabels()]
    assert ax.get_yaxis().get_offset_text().get_text() == ""
    assert ax.get_legend().get_window_extent().y1 < ax.get_window_extent().y0
    ax.clear()
    assert radio.plot(ax=ax).get_lines()[0].get_ydata() == pytest.approx(radio.path["effect"])
    ax.clear()
    found = mt.marketing.funnel(TABLE, split=DAYS[1])
    assert found.plot(ax=ax).get_legend() is not None
    assert "Streams per listener" in ax.get_title(loc="left")
    plt.close(figure)
