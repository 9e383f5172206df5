"""Fraud: found without labels, whatever the frame, and what it earns under each rule."""

import os
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import rankdata

import musictools as mt
from musictools.economics import rules
from musictools.errors import InputError, TableError

HERE = Path(__file__).resolve()
SHARED = Path(os.environ.get("MUSICTOOLS_SHARED", HERE.parents[3] / "shared"))
HETREC = SHARED / "data" / "economics" / "hetrec2011-lastfm-2k"


def auc(fraud, score):
    ranks, k = rankdata(score), fraud.sum()
    return (ranks[fraud].sum() - k * (k + 1) / 2) / (k * (len(score) - k))


@pytest.fixture(scope="module")
def copied():
    farm = mt.datasets.CopyingFarm(accounts=60)
    return mt.datasets.simulate_plays(200_000, attacks=farm, rng=21)


@pytest.fixture(scope="module")
def found(copied):
    return mt.economics.suspicion(copied.plays)


def test_copies_of_listeners_are_found_by_what_they_share(copied, found):
    fraud = found["user_id"].isin(copied.truth["users"]["user_id"]).to_numpy()
    assert fraud.sum() == 60
    assert auc(fraud, found["score"].to_numpy()) > 0.97
    plays = copied.plays["user_id"].value_counts().reindex(found["user_id"]).to_numpy()
    assert abs(auc(fraud, plays) - 0.5) < 0.1, "the number of plays tells nothing"
    heavy = found[~fraud].iloc[np.argsort(-plays[~fraud])[:20]]
    assert (heavy["score"] < 0.5).mean() >= 0.95
    target = copied.truth["targets"]["artist_id"].iloc[0]
    assert found["reasons"].iloc[:30].str.contains(str(target)).all()
    artists = mt.economics.suspicious_artists(copied.plays)
    assert artists["artist_id"].iloc[0] == target


def test_robots_are_found_and_what_they_do_is_told():
    farm = mt.datasets.BotFarm(accounts=20, plays_per_day=60, artists=5)
    made = mt.datasets.simulate_plays(200_000, attacks=farm, rng=22)
    got = mt.economics.suspicion(made.plays)
    fraud = got["user_id"].isin(made.truth["users"]["user_id"]).to_numpy()
    assert auc(fraud, got["score"].to_numpy()) == 1.0
    words = got["reasons"].iloc[0]
    for said in ("100.0 % of plays heard for 30 to 39 s", "round the clock", "gaps that differ"):
        assert said in words


def test_sliced_artists_are_found_from_few_plays():
    made = mt.datasets.simulate_plays(100_000, attacks=mt.datasets.TrackSlicing(artists=40), rng=24)
    got = mt.economics.suspicious_artists(made.plays)
    sliced = got["artist_id"].isin(made.truth["targets"]["artist_id"]).to_numpy()
    few = sliced & (got["plays"] >= 3).to_numpy() & (got["plays"] < 12).to_numpy()
    assert few.sum() >= 3
    top = got["score"][few]
    assert top.min() > got["score"][~sliced].quantile(0.995)
    assert got["reasons"][few].iloc[:3].str.contains("100.0 % of plays heard for 30 to 39 s").all()
    assert not (got["score"][~sliced] >= 0.5).any()
    # Who hears hardly anything but pieces has the habit of a robot; hardly anybody does.
    assert (mt.economics.suspicion(made.plays)["score"] >= 0.5).mean() < 0.02


def test_names_and_order_of_rows_do_not_matter(copied, found):
    order = np.random.default_rng(0).permutation(len(copied.plays))
    plays = copied.plays.iloc[order].assign(
        user_id=copied.plays["user_id"].astype(str).iloc[order].str[::-1]
    )
    other = mt.economics.suspicion(plays)
    back = other.assign(user_id=other["user_id"].str[::-1]).set_index("user_id")["score"]
    own = found.assign(user_id=found["user_id"].astype(str)).set_index("user_id")["score"]
    assert np.allclose(back.reindex(own.index), own, atol=1e-8)


def test_any_frame_gives_the_same_as_its_own_kind(copied, found):
    plain = copied.plays[["user_id", "artist_id", "played_at", "seconds"]].astype(
        {"user_id": str, "artist_id": str}
    )
    eager = pl.from_pandas(plain)
    relation = duckdb.from_arrow(eager.to_arrow())
    results = {
        "polars": mt.economics.suspicion(eager).to_pandas(),
        "lazy": mt.economics.suspicion(eager.lazy()).collect().to_pandas(),
        "arrow": mt.economics.suspicion(eager.to_arrow()).to_pandas(),
        "duckdb": mt.economics.suspicion(relation).df(),
    }
    for kind, table in results.items():
        assert list(table.columns) == ["user_id", "score", "reasons"], kind
        assert table["user_id"].tolist() == found["user_id"].astype(str).tolist(), kind
        assert np.allclose(table["score"], found["score"], atol=1e-8), kind


def test_counts_alone_are_enough_to_look_at():
    plays = pd.DataFrame({"user_id": [1, 1, 2], "artist_id": [7, 8, 7], "plays": [3, 1, 2]})
    got = mt.economics.suspicion(plays)
    assert sorted(got["user_id"]) == [1, 2]
    assert (got["score"] < 0.5).all()


@pytest.mark.parametrize(
    ("plays", "said"),
    [
        (pd.DataFrame({"user_id": [], "artist_id": []}), "no plays"),
        (pd.DataFrame({"user_id": ["a", None], "artist_id": ["x", "y"]}), "1 play without"),
        (pd.DataFrame({"user_id": ["a"], "artist_id": ["x"], "plays": [-1]}), "negative"),
        (pd.DataFrame({"user_id": ["a"], "artist_id": ["x"], "played_at": ["?"]}), "played_at"),
        (pd.DataFrame({"user": ["a"], "artist_id": ["x"]}), "user_id"),
    ],
)  # fmt: skip
def test_bad_plays_are_refused(plays, said):
    with pytest.raises(TableError, match=said):
        mt.economics.suspicion(plays)


# --- what it earns -------------------------------------------------------------------------------


@pytest.mark.skipif(not HETREC.is_dir(), reason="needs HetRec Last.fm-2k in ../shared")
def test_farms_on_hetrec_earn_what_was_published():
    path = next(HETREC.rglob("user_artists.dat"))
    plays = pd.read_csv(path, sep="\t")
    plays.columns = ["user_id", "artist_id", "plays"]
    mean = plays["plays"].sum() / plays["user_id"].nunique()
    got = mt.economics.farm_profit(
        plays,
        ["pro_rata", 0.7 * rules.user_centric(), rules.scaled_user_prop(0.7)],
        plays_per_account=[mean, 5 * mean, 20 * mean],
    )
    paid = got.table.pivot_table(index="plays_per_account", columns="rule", values="payout")
    assert paid["pro_rata"].round().tolist() == [100, 416, 1024]
    assert (0.7 * paid["pro_rata"] / 100 - 1).round(2).tolist() == [-0.30, 1.91, 6.17]
    assert np.allclose(paid["0.7_user_centric"], 70)
    assert (paid["scaled_user_prop"] <= 100 + 1e-9).all()


def test_where_farms_break_even_is_what_the_formula_says():
    plays = pd.DataFrame({"user_id": range(50), "artist_id": range(50), "plays": 100})
    got = mt.economics.farm_profit(
        plays, [0.7 * rules.pro_rata(), rules.pro_rata(), 0.7 * rules.user_centric()], accounts=5
    )
    form = mt.economics.break_even_plays
    assert got.break_even["0.7_pro_rata"] == pytest.approx(
        form(users=50, plays=5000, accounts=5, share=0.7), rel=1e-6
    )
    assert got.break_even["pro_rata"] == pytest.approx(100, rel=1e-6)
    assert got.break_even["0.7_user_centric"] == np.inf
    scaled = [rules.scaled_user_prop(0.7)]
    bound = form("scaled_user_prop", users=50, plays=5000, accounts=5, share=0.7)
    alike = mt.economics.farm_profit(plays, scaled, accounts=5)
    assert alike.break_even["scaled_user_prop"] == pytest.approx(bound, rel=1e-6)
    uneven = plays.assign(plays=[10] * 25 + [190] * 25)
    sooner = mt.economics.farm_profit(uneven, scaled, accounts=5)
    assert sooner.break_even["scaled_user_prop"] < bound
    assert sooner.table["profit"].max() <= 1e-9
    with pytest.raises(InputError, match="shapley"):
        form("shapley", users=1, plays=1)


def test_the_case_of_1040_accounts():
    # 52 accounts of each of 20 providers at 636 plays a day: the indictment's own arithmetic.
    accounts, each = 52 * 20, 636
    farm = mt.datasets.BotFarm(accounts=accounts, plays_per_day=each)
    day = farm.accounts * farm.plays_per_day
    assert day == 661_440
    assert day * 0.005 == pytest.approx(3307.2)


def test_generated_music_takes_x_of_one_plus_x_from_the_others():
    diluted = mt.datasets.AIDilution(share=0.1, fraudulent=1.0, accounts=20)
    made = mt.datasets.simulate_plays(100_000, attacks=diluted, rng=23)
    before = mt.datasets.simulate_plays(100_000, rng=23)
    # Fees of the robots would enlarge the pool: a pool of one is shared before and after.
    got = mt.economics.attack_profit(
        made.plays, before.plays, ["pro_rata"], targets=made.truth["targets"]["artist_id"], fee=1.0,
        counted_s=0,
    )  # fmt: skip
    row = got.table.iloc[0]
    users = before.plays["user_id"].nunique()
    lost = 1 - (row["others"] + users) / (users + got.accounts)
    assert lost == pytest.approx(mt.economics.dilution_loss(0.1), rel=1e-6)
    assert row["with_attack"] - row["without"] == row["gain"]
    assert row["profit"] == pytest.approx(row["gain"] - got.accounts)


@pytest.fixture(scope="module")
def few():
    rng = np.random.default_rng(3)
    n = 1500
    return pd.DataFrame(
        {
            "user_id": rng.integers(0, 40, n),
            "artist_id": rng.zipf(1.5, n) % 50,
            "seconds": rng.integers(10, 300, n).astype(float),
            "active": rng.random(n) < 0.3,
        }
    )


def scores(found):
    return dict(zip(found["user_id"], found["score"], strict=True))


def test_rows_stored_backwards_or_without_seconds(few):
    known = scores(mt.economics.suspicion(few))
    assert scores(mt.economics.suspicion(few[::-1])) == known
    gaps = few.assign(seconds=few["seconds"].where(few.index > 300))
    known = scores(mt.economics.suspicion(gaps))
    for kept in (True, False):
        told = pl.from_pandas(gaps, nan_to_null=kept)
        assert scores(mt.economics.suspicion(told)) == known


def test_plays_that_suspicion_cannot_read(few):
    look = mt.economics.suspicious_artists
    with pytest.raises(TableError, match="infinite"):
        look(few.assign(plays=np.inf))
    with pytest.raises(TableError, match="rename it to 'seconds'"):
        look(few.rename(columns={"seconds": "Seconds"}))
    with pytest.raises(TableError, match="truth values"):
        look(few.assign(active="no"))
    with pytest.raises(TableError, match="several types"):
        look(few.assign(user_id=[each if each % 2 else str(each) for each in few["user_id"]]))


def test_a_farm_beside_plays_that_are_no_counts():
    plays = pd.DataFrame({"user_id": ["a", "a", "b"], "artist_id": ["x", "x", "y"]})
    look = mt.economics.farm_profit
    # The sums of pairs, 5 and 30, are well.
    for counts in ([10, -5, 30], [5, np.nan, 30], [0, 0, 0]):
        with pytest.raises(InputError, match="missing, infinite or below zero"):
            look(plays.assign(plays=counts), ["pro_rata"], accounts=1, plays_per_account=[5])
    with pytest.raises(TableError, match="expected numbers"):
        look(plays.assign(plays=["1", "2", "3"]), ["pro_rata"])
    with pytest.raises(TableError, match="rename it to 'plays'"):
        look(plays.assign(Plays=1), ["pro_rata"])
    found = look(plays, ["pro_rata"], accounts=1, plays_per_account=2)
    assert found.table["payout"].tolist() == [3 * 2 / 5]


def test_an_attack_for_nobody_and_fees_of_other_kinds():
    genuine = pd.DataFrame({"user_id": ["a", "b"], "artist_id": ["x", "y"]})
    attacked = pd.concat([genuine, pd.DataFrame({"user_id": ["bot"], "artist_id": ["x"]})])
    look = mt.economics.attack_profit
    with pytest.raises(InputError, match="targets that nobody plays"):
        look(attacked, genuine, ["pro_rata"], targets=["z"])
    for fee in (2, np.int64(2), Decimal(2)):
        assert look(attacked, genuine, ["pro_rata"], targets=["x"], fee=fee).table["gain"][0] == 2
