"""Payouts of cases that are known exactly, by frames of every kind."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import musictools as mt
from musictools.economics import _payouts, rules
from musictools.errors import ImbalanceError, InputError
from tests.economics.frames import KINDS, LAZY, NATIVE, counted, events, frame, paid, table_of

F = Fraction
#: Plays (rows are artists, columns users, each of whom pays 1), and payouts by pro-rata,
#: user-centric, Shapley index and ScaledUserProp at 0.7, derived with fractions.
GOLDEN = {
    "G1": (
        [[10, 0], [0, 90]],
        ([F(1, 5), F(9, 5)], [F(1), F(1)], [F(1), F(1)], [F(2, 5), F(1)]),
    ),
    "G2": (
        [[10, 0], [0, 3000]],
        ([F(2, 301), F(600, 301)], [F(1), F(1)], [F(1), F(1)], [F(2, 5), F(1)]),
    ),
    "G3": (
        [[10, 0, 0], [10, 20, 0], [0, 20, 60]],
        (
            [F(1, 4), F(3, 4), F(2)],
            [F(1, 2), F(1), F(3, 2)],
            [F(1, 2), F(1), F(3, 2)],
            [F(11, 60), F(11, 20), F(41, 30)],
        ),
    ),
    "G4": (
        [[30, 20], [20, 30]],
        ([F(1), F(1)], [F(1), F(1)], [F(1), F(1)], [F(7, 10), F(7, 10)]),
    ),
    "G5": (
        [[99, 0], [1, 1]],
        (
            [F(198, 101), F(4, 101)],
            [F(99, 100), F(101, 100)],
            [F(1, 2), F(3, 2)],
            [F(99, 100), F(41, 100)],
        ),
    ),
}
RULES = (rules.pro_rata(), rules.user_centric(), rules.shapley(), rules.scaled_user_prop(0.7))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", GOLDEN)
@pytest.mark.parametrize("form", [events, counted])
def test_golden_cases(kind, case, form, tmp_path):
    matrix, expected = GOLDEN[case]
    plays = frame(kind, form(matrix), tmp_path)
    found = mt.economics.compare(plays, RULES)
    assert isinstance(found, NATIVE[kind])
    for rule, payouts in zip(RULES, expected, strict=True):
        got = paid(found, rule.name)
        assert len(got) == len(payouts)
        for i, exact in enumerate(payouts):
            assert got[f"a{i}"] == pytest.approx(float(exact), rel=1e-12)
    assert paid(found, "plays") == {f"a{i}": sum(row) for i, row in enumerate(matrix)}


@pytest.mark.parametrize("kind", KINDS)
def test_payouts_give_what_compare_gives(kind, tmp_path):
    plays = frame(kind, events(GOLDEN["G3"][0]), tmp_path)
    found = mt.economics.payouts(plays, rules.user_centric(), fee=10)
    assert isinstance(found, NATIVE[kind])
    table = table_of(found)
    assert list(table.columns) == ["artist_id", "plays", "payout", "share"]
    assert table["artist_id"].to_list() == ["a2", "a1", "a0"]
    assert table["plays"].to_list() == [80, 30, 10]
    np.testing.assert_allclose(table["payout"], [15, 10, 5], rtol=1e-12)
    np.testing.assert_allclose(table["share"], [1 / 2, 1 / 3, 1 / 6], rtol=1e-12)


def test_hesse_pays_ben_nearly_all():
    plays = frame("pandas", counted(GOLDEN["G2"][0]), None)
    table = mt.economics.payouts(plays, "pro_rata", fee=6)
    # "99.67 percent", and four cents for Joey.
    assert table["share"].round(4).to_list() == [0.9967, 0.0033]
    assert table["payout"].round(2).to_list() == [11.96, 0.04]


def random_plays(rows, rng):
    """Skewed plays with every column that a rule may ask for."""
    users = (rng.pareto(1.2, rows) * 30).astype(int) % 2000
    return {
        "user_id": [f"u{i}" for i in users],
        "artist_id": [f"a{i}" for i in (rng.pareto(1.1, rows) * 5).astype(int) % 3000],
        "recording_id": [f"r{i}" for i in rng.integers(0, 500, rows)],
        # A user of several countries, sometimes.
        "country": [("DE", "BR")[i % 2] for i in users + (rng.random(rows) < 0.05)],
        "seconds": rng.integers(0, 400, rows),
        "active": rng.random(rows) < 0.2,
        "noise": rng.random(rows) < 0.1,
        "artificial": rng.random(rows) < 0.02,
        "spatial": rng.random(rows) < 0.5,
    }


EVERY = (
    *RULES,
    rules.compromise(),
    rules.concave(0.5),
    rules.user_cap(20),
    rules.artist_centric(cap=20, streams=50, listeners=10),
    rules.spotify_2024(streams=190, listeners=20),
    rules.fan_powered(),
    rules.direct_artist(),
    rules.apple_weights(),
    rules.per_stream(0.004),
    rules.by_pool("country", rules.scaled_user_prop(0.7)).named("pools"),
)


@pytest.fixture(scope="module")
def many():
    plays = random_plays(100_000, np.random.default_rng(7))
    return plays, mt.economics.compare(frame("pandas", plays, None), EVERY, fee=9.99)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pandas"])
def test_all_kinds_agree(kind, many, tmp_path):
    plays, right = many
    found = table_of(mt.economics.compare(frame(kind, plays, tmp_path), EVERY, fee=9.99))
    assert found["artist_id"].to_list() == right["artist_id"].to_list()
    for rule in EVERY:
        np.testing.assert_allclose(found[rule.name], right[rule.name], rtol=1e-12)


def test_any_number_of_threads_agrees(many):
    duckdb = pytest.importorskip("duckdb")
    plays, right = many
    for threads in (1, 4):
        connection = duckdb.connect(config={"threads": threads})
        found = table_of(
            mt.economics.compare(connection.from_arrow(pa.table(plays)), EVERY, fee=9.99)
        )
        for rule in EVERY:
            np.testing.assert_allclose(found[rule.name], right[rule.name], rtol=1e-12)


def test_what_is_handed_out_is_the_fees(many):
    plays, found = many
    fees = 9.99 * len(set(plays["user_id"]))
    for rule in EVERY:
        part = {"scaled_user_prop": 0.7, "pools": 0.7}.get(rule.name, 1.0)
        aim = 0.004 * 100_000 if rule.name == "per_stream" else part * fees
        assert found[rule.name].sum() == pytest.approx(aim, rel=1e-12)


def test_rules_by_their_definition(many):
    """Each rule written out once more, pair by pair, in pandas."""
    plays, found = many
    table, right = pd.DataFrame(plays), found.set_index("artist_id")
    pairs = table.groupby(["user_id", "artist_id"]).size()
    whole = pairs.groupby("user_id").transform("sum")
    users, fee = pairs.groupby("user_id").ngroups, 9.99

    def by_artist(values):
        return values.groupby("artist_id").sum().reindex(right.index).to_numpy()

    streams = pairs.groupby("artist_id").sum().reindex(right.index).to_numpy()
    expected = {
        "pro_rata": fee * users * streams / len(table),
        "user_centric": by_artist(fee * pairs / whole),
        "shapley": by_artist(fee / pairs.groupby("user_id").transform("size")),
        "concave": by_artist(fee * pairs**0.5 / (pairs**0.5).groupby("user_id").transform("sum")),
        "per_stream": 0.004 * streams,
    }
    capped = pairs / whole * np.minimum(whole, 20)
    expected["user_cap"] = by_artist(fee * users * capped / capped.sum())
    top = pairs == pairs.groupby("user_id").transform("max")
    tied = fee * top / top.groupby("user_id").transform("sum")
    expected["direct_artist"] = 0.9 * expected["pro_rata"] + 0.1 * by_artist(tied)
    weights = table.assign(w=1 + 0.1 * table["spatial"]).groupby("artist_id")["w"].sum()
    weights = weights.reindex(right.index).to_numpy()
    expected["apple_weights"] = fee * users * weights / weights.sum()
    heard = table.groupby(["user_id", "artist_id"])["seconds"].sum()
    heard = heard / heard.groupby("user_id").transform("sum")
    # Who heard nothing for a second pays nobody.
    expected["fan_powered"] = by_artist(fee * heard.fillna(0))
    for name, values in expected.items():
        np.testing.assert_allclose(right[name], values, rtol=1e-12, atol=1e-15, err_msg=name)


def test_deezer_and_spotify_by_their_definition(many):
    plays, found = many
    table, right = pd.DataFrame(plays), found.set_index("artist_id")
    money = 9.99 * table["user_id"].nunique()
    artists = table.groupby("artist_id")["user_id"].agg(["size", "nunique"])
    boosted = artists.index[(artists["size"] >= 50) & (artists["nunique"] >= 10)]
    assert 0 < len(boosted) < len(artists)
    w = np.where(table["artist_id"].isin(boosted), 2.0, 1.0)
    w *= np.where(table["active"], 2.0, 1.0) * np.where(table["noise"], 0.0, 1.0)
    played = table.groupby("user_id")["artist_id"].transform("size")
    w *= np.minimum(played, 20) / played
    expected = money * table.assign(w=w).groupby("artist_id")["w"].sum() / w.sum()
    np.testing.assert_allclose(
        right["artist_centric"], expected.reindex(right.index), rtol=1e-12, atol=1e-15
    )
    tracks = table.groupby("recording_id")["user_id"].agg(["size", "nunique"])
    eligible = tracks.index[(tracks["size"] >= 190) & (tracks["nunique"] >= 20)]
    assert 0 < len(eligible) < len(tracks)
    w = table["recording_id"].isin(eligible) * np.where(table["noise"], 0.2, 1.0)
    w *= np.where(table["artificial"], 0.0, 1.0)
    expected = money * table.assign(w=w).groupby("artist_id")["w"].sum() / w.sum()
    np.testing.assert_allclose(
        right["spotify_2024"], expected.reindex(right.index), rtol=1e-12, atol=1e-15
    )


def test_a_mixture_is_the_compromise(many):
    plays = frame("polars", many[0], None)
    mixed = (0.3 * rules.pro_rata() + 0.7 * rules.user_centric()).named("mixed")
    table = table_of(mt.economics.compare(plays, [mixed, rules.compromise(0.3), "pro_rata"]))
    np.testing.assert_allclose(table["mixed"], table["compromise"], rtol=1e-12)
    assert abs(table["mixed"] - table["pro_rata"]).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_ties_stand_in_the_order_of_their_ids(kind, tmp_path):
    # 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in their last bits, in one order or the other.
    fees = {f"u{i}": fee for i, fee in enumerate([0.3, 0.2, 0.1, 0.1, 0.2, 0.3])}
    fee = {"user_id": list(fees), "fee": list(fees.values())}
    plays = {"user_id": list(fees), "artist_id": ["a", "a", "a", "b", "b", "b"]}
    for order in (slice(None), slice(None, None, -1)):
        turned = {name: values[order] for name, values in plays.items()}
        plays_of = frame(kind, turned, tmp_path)
        found = mt.economics.payouts(plays_of, "user_centric", fee=pd.DataFrame(fee))
        assert list(paid(found)) == ["a", "b"]


def test_the_largest_comes_first(many):
    plays, _ = many
    table = mt.economics.payouts(frame("pandas", plays, None), "user_centric")
    assert (np.diff(table["payout"]) <= 1e-11 * table["payout"].to_numpy()[1:]).all()
    assert table["share"].sum() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("kind", ["pandas", *LAZY[:2]])
def test_a_rule_that_does_not_add_up_is_an_error(kind, monkeypatch, tmp_path):
    plays = frame(kind, events(GOLDEN["G3"][0]), tmp_path)
    right = _payouts.factor_of

    def wrong(*given):
        factor, total = right(*given)
        return factor * (1 + 2e-9), total

    monkeypatch.setattr(_payouts, "factor_of", wrong)
    with pytest.raises(ImbalanceError, match=r"payouts that sum to 3\.00000000") as told:
        mt.economics.payouts(plays, "user_centric")
    assert told.value.expected.startswith("3.0,")
    monkeypatch.setattr(_payouts, "factor_of", lambda *given: (float("nan"), right(*given)[1]))
    with pytest.raises(ImbalanceError):
        mt.economics.payouts(plays, "user_centric")


def test_names_of_rules():
    plays = frame("pandas", events(GOLDEN["G3"][0]), None)
    taken = [
        [rules.pro_rata(), rules.pro_rata()],
        [rules.pro_rata(), rules.pro_rata().named("Pro_Rata")],
        [rules.pro_rata().named("plays")],
        [rules.pro_rata().named("")],
        [],
    ]
    for chosen in taken:
        with pytest.raises(InputError, match="a name of its own"):
            mt.economics.compare(plays, chosen)
    # A result of one rule has no column of that name.
    table = mt.economics.payouts(plays, rules.pro_rata().named("plays"))
    assert table["payout"].to_list() == pytest.approx([2, 0.75, 0.25])
    assert list(mt.economics.compare(plays, "pro_rata").columns) == [
        "artist_id",
        "plays",
        "pro_rata",
    ]
    with pytest.raises(InputError, match="'user_centric'"):
        mt.economics.payouts(plays, "user_centrc")
    with pytest.raises(InputError, match="type int"):
        mt.economics.payouts(plays, 3)
