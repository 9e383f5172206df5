"""Chart runs, survival and hazards: the Hot 100's facts, other packages, and definitions."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

import musictools as mt
from musictools.errors import InputError, TableError


@pytest.fixture(scope="module")
def hot100(shared):
    path = shared / "data" / "trends" / "hot100_1958_2019.parquet"
    if not path.is_file():
        pytest.skip("the research data hold no Hot 100")
    return mt.datasets.fetch_hot100(path)


@pytest.fixture(scope="module")
def made():
    return mt.datasets.simulate_chart(weeks=300, size=60, hazard_ratio=0.5, rng=2)


@pytest.fixture(scope="module")
def lives(made):
    runs = mt.trends.chart_runs(made.chart).merge(made.songs[["song", "playlisted"]])
    runs = runs[runs["seen"]].reset_index(drop=True)
    return runs.assign(z=np.random.default_rng(0).normal(size=len(runs)))


def test_the_facts_of_the_hot_100(hot100):
    assert (len(hot100), hot100["date"].nunique()) == (320_387, 3_204)
    runs = mt.trends.chart_runs(hot100)
    assert len(runs) == 28_459
    longest = runs.nlargest(4, "weeks")
    assert dict(zip(longest["song"], longest["weeks"], strict=True)) == {
        "Radioactive": 87,
        "Sail": 79,
        "I'm Yours": 76,
        "How Do I Live": 69,
    }
    tens = runs[runs["entry"].between("2010-01-01", "2019-12-31")]
    assert round(float(tens["weeks"].mean()), 2) == 11.42
    assert round(100 * float((tens["weeks"] == 1).mean()), 2) == 28.17
    # The chart's own count of weeks agrees, wherever it ends at ours.
    told = hot100.groupby(["song", "artist"])["weeks"].max()
    ours = runs.set_index(["song", "artist"])["weeks"]
    assert (told == ours.reindex(told.index)).mean() > 0.98
    # Sail came back after a year away.
    sail = runs[runs["song"] == "Sail"].iloc[0]
    assert (sail["re_entries"], sail["peak"]) == (1, 17)


def test_recurrent_rules_show_in_survival(hot100):
    runs = mt.trends.chart_runs(hot100)
    tens = runs[runs["entry"] >= "2010-01-01"]
    found = mt.trends.survival(tens).table.set_index("time")
    hazard = found["events"] / found["at_risk"]
    # Below 50 after 20 weeks a song leaves.
    assert hazard[20] > 5 * hazard[19]
    assert found["events"].sum() < len(tens), "songs of the last chart are censored"


def test_runs_of_a_chart_by_hand():
    rows = [
        ("2024-01-06", 2, "A"), ("2024-01-06", 1, "B"),
        ("2024-01-13", 1, "A"), ("2024-01-13", 2, "A"),
        ("2024-01-20", 1, "B"), ("2024-01-20", 2, "C"),
        ("2024-01-29", 3, "A"), ("2024-01-29", 1, "C"),
    ]  # fmt: skip
    chart = pd.DataFrame(rows, columns=["date", "rank", "song"])
    runs = mt.trends.chart_runs(chart.sample(frac=1, random_state=1), by=["song"]).set_index("song")
    a, b, c = (runs.loc[name] for name in "ABC")
    assert (a["debut"], a["peak"], a["weeks_to_peak"], a["weeks_at_peak"]) == (2, 1, 1, 1)
    assert (a["weeks"], a["runs"], a["longest_run"], a["span"], a["left"]) == (3, 2, 2, 4, False)
    assert (b["weeks"], b["re_entries"], b["left"], b["seen"]) == (2, 1, True, False)
    assert (c["entry"], c["peak_date"]) == (pd.Timestamp("2024-01-20"), pd.Timestamp("2024-01-29"))
    assert c["seen"]


def test_simulated_charts_are_full_and_survive_as_they_say(made, lives):
    assert (
        (made.chart.groupby("date")["rank"].agg(["min", "max", "size"]) == [1, 60, 60]).all().all()
    )
    found = mt.trends.survival(lives, by="playlisted", level=0.99)
    for listed, truth in made.truth["survival"].groupby("playlisted"):
        for week in (1, 5, 10, 20):
            wanted = truth.set_index("weeks")["survival"][week]
            row = found.at(week).set_index("group").loc[listed]
            assert row["lo"] <= wanted <= row["hi"]
    again = mt.datasets.simulate_chart(weeks=300, size=60, hazard_ratio=0.5, rng=2)
    pd.testing.assert_frame_equal(made.chart, again.chart)


def test_late_watchers_do_not_look_long_lived(made):
    """Who was there before the first chart is known only because it lasted."""
    songs = made.songs
    first = made.chart["date"].min()
    before = ((first - songs["entry"]).dt.days // 7).clip(lower=0)
    end = (made.chart["date"].max() - songs["entry"]).dt.days // 7 + 1
    table = pd.DataFrame({"weeks": np.minimum(songs["weeks"], end), "left": songs["left"]})
    table = table.assign(before=before)[~songs["playlisted"]]
    truth = float(np.exp(-((20 / 10) ** 0.8)))
    right = mt.trends.survival(table, entry="before", level=0.99).at(20).iloc[0]
    wrong = mt.trends.survival(table).at(20).iloc[0]
    assert right["lo"] <= truth <= right["hi"]
    assert wrong["survival"] > right["survival"]


def late(weeks, entry, left):
    return pd.DataFrame({"weeks": weeks, "before": entry, "left": left})


def test_one_early_title_does_not_end_the_curve():
    rng = np.random.default_rng(5)
    weeks = 20 + rng.exponential(10, 50)
    many = late(weeks, np.full(50, 12.0), np.ones(50))
    whole = pd.concat([late([3.0], [0.0], [1]), many], ignore_index=True)
    with pytest.raises(InputError) as told:
        mt.trends.survival(whole, entry="before")
    for part in ("1 watched at the age of 3", "50 were seen", "frame[frame['weeks'] > 3]"):
        assert part in str(told.value)
    # What it says to do gives the curve of the others.
    rest = mt.trends.survival(whole[whole["weeks"] > 3], entry="before")
    alone = mt.trends.survival(many)
    assert rest.table["survival"].tolist() == pytest.approx(alone.table["survival"].tolist())
    assert 20 < rest.groups["median"][0] < 40
    grouped = pd.concat([whole.assign(kind="a"), many.assign(kind="b")])
    with pytest.raises(InputError, match="of 'a'"):
        mt.trends.survival(grouped, entry="before", by="kind")


def test_one_late_title_is_left_out_itself():
    whole = late([2, 3, 4, 5, 90], [0, 0, 0, 0, 70], [1, 1, 0, 1, 1])
    with pytest.raises(InputError, match=r"frame\[frame\['before'\] < 5\]"):
        mt.trends.survival(whole, entry="before")
    found = mt.trends.survival(whole[whole["before"] < 5], entry="before")
    assert found.table["survival"].iloc[-1] == 0
    # Nobody is at risk for a while, but none of those before ended last.
    quiet = late([2, 3, 90], [0, 0, 70], [1, 0, 0])
    assert mt.trends.survival(quiet, entry="before").table["survival"].iloc[-1] == 0.5


def test_survival_agrees_with_statsmodels(lives):
    ended = lives["left"].astype(int)
    found = mt.trends.survival(lives, interval="plain", level=0.95)
    peer = SurvfuncRight(lives["weeks"], ended)
    rows = found.table[found.table["events"] > 0]
    assert rows["survival"].to_numpy() == pytest.approx(peer.surv_prob, abs=1e-12)
    se = (rows["hi"] - rows["survival"]).to_numpy() / 1.959963984540054
    free = ((rows["hi"] < 1) & (rows["survival"] > 0)).to_numpy()
    assert se[free] == pytest.approx(peer.surv_prob_se[free], abs=1e-12)
    assert found.groups["median"][0] == peer.quantile(0.5)
    groups = mt.trends.survival(lives, by="playlisted")
    statistic, p_value = survdiff(lives["weeks"], ended, lives["playlisted"])
    assert groups.statistic == pytest.approx(float(statistic), rel=1e-9)
    assert groups.p_value == pytest.approx(float(p_value), rel=1e-6)


def test_log_log_intervals_are_the_textbooks():
    """Greenwood on log(-log S), by hand for one time: S = .8 of 5, one ended."""
    found = mt.trends.survival(pd.DataFrame({"weeks": [1, 2, 2, 4, 5], "left": [1, 1, 0, 1, 0]}))
    row = found.table.iloc[1]
    reach = 1.6448536269514722 * np.sqrt(1 / (5 * 4)) / abs(np.log(0.8))
    assert row["lo"] == pytest.approx(0.8 ** np.exp(reach))
    assert row["hi"] == pytest.approx(0.8 ** np.exp(-reach))
    assert found.groups[["n", "events", "median"]].iloc[0].tolist() == [5, 3, 4]


def test_intervals_of_survival_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(80):
        life, watched = rng.exponential(10, 60), rng.uniform(2, 25, 60)
        table = pd.DataFrame({"weeks": np.minimum(life, watched), "left": life <= watched})
        row = mt.trends.survival(table).at(8.0).iloc[0]
        inside += row["lo"] <= np.exp(-0.8) <= row["hi"]
    assert 0.8 <= inside / 80 <= 0.98


@pytest.mark.parametrize("entry", [None, "begun"])
def test_cox_agrees_with_statsmodels(lives, entry):
    rng = np.random.default_rng(6)
    table = lives.assign(begun=np.floor(rng.random(len(lives)) * lives["weeks"]))
    # Who enters at the very time of an end is at risk there for statsmodels; not for us, nor in R.
    table["begun"] += 0.5
    found = mt.trends.cox(table, ["playlisted", "z"], entry=entry)
    x = table[["playlisted", "z"]].astype(float)
    begun = table["begun"].to_numpy() if entry else None
    peer = PHReg(
        table["weeks"], x, status=table["left"].astype(int), entry=begun, ties="efron"
    ).fit()
    rows = found.table
    assert rows["coefficient"].to_numpy() == pytest.approx(peer.params, abs=1e-6)
    assert rows["se"].to_numpy() == pytest.approx(peer.bse, rel=1e-4)
    assert rows["p_value"].to_numpy() == pytest.approx(peer.pvalues, rel=1e-3)
    assert found.log_likelihood == pytest.approx(peer.llf, rel=1e-9)


def test_cox_maximises_efrons_likelihood_as_it_is_written():
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"weeks": rng.integers(1, 6, 40), "left": rng.random(40) < 0.8})
    table["a"], table["kind"] = rng.normal(size=40), rng.choice(["cd", "lp", "mc"], 40)
    x = np.column_stack([table["a"], table["kind"] == "lp", table["kind"] == "mc"]).astype(float)

    def minus(beta):
        total, risk = 0.0, np.exp(x @ beta)
        for week in range(1, 6):
            tied = ((table["weeks"] == week) & table["left"]).to_numpy()
            there = (table["weeks"] >= week).to_numpy()
            total += (x[tied] @ beta).sum()
            for k in range(tied.sum()):
                total -= np.log(risk[there].sum() - k / tied.sum() * risk[tied].sum())
        return -total

    best = minimize(minus, np.zeros(3), method="BFGS", options={"gtol": 1e-8})
    found = mt.trends.cox(table, ["a", "kind"])
    assert found.table["covariate"].tolist() == ["a", "kind_lp", "kind_mc"]
    assert found.table["coefficient"].to_numpy() == pytest.approx(best.x, abs=1e-5)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-8)


def test_hazards_that_change_are_told_from_those_that_do_not(made, lives):
    found = mt.trends.cox(lives, ["playlisted", "z"])
    row = found.table.iloc[0]
    assert row["lo"] <= made.truth["hazard_ratio"] <= row["hi"]
    assert (found.table["proportional_p"] > 0.01).all()
    rng = np.random.default_rng(9)
    group = np.repeat([0, 1], 300)
    # The second kind leaves at once or never: its hazard falls against the first's.
    life = np.where(group, rng.weibull(0.5, 600), rng.weibull(2.0, 600))
    crossing = mt.trends.cox(pd.DataFrame({"weeks": life, "kind": group}), ["kind"], event=None)
    assert crossing.table["proportional_p"][0] < 1e-6


def test_bad_lives_are_refused(lives):
    with pytest.raises(TableError, match="no column 'days'"):
        mt.trends.survival(lives, duration="days")
    with pytest.raises(InputError, match="0 or less"):
        mt.trends.survival(lives.assign(weeks=0))
    with pytest.raises(InputError, match="interval"):
        mt.trends.survival(lives, interval="exact")
    with pytest.raises(InputError, match="do not vary: z"):
        mt.trends.cox(lives.assign(z=1.0), ["z"])
    with pytest.raises(InputError, match="follows from the others"):
        mt.trends.cox(lives.assign(w=2 * lives["z"]), ["z", "w"])
    ended = np.r_[np.ones(30), np.zeros(30)]
    with pytest.raises(InputError, match="run away with 'z'"):
        mt.trends.cox(pd.DataFrame({"weeks": 3.0, "left": ended, "z": ended}), ["z"])
    with pytest.raises(TableError, match="no column 'rank'"):
        mt.trends.chart_runs(lives.rename(columns={"entry": "date"}))
    with pytest.raises(TableError, match="ranks below 1"):
        mt.trends.chart_runs(
            pd.DataFrame({"date": ["2024-01-06"], "rank": 0, "song": "A"}), by="song"
        )
