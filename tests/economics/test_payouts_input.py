"""What payouts make of fees of all kinds, of pools, and of plays that are odd or wrong."""

import enum
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import musictools as mt
from musictools.economics import rules
from musictools.economics._rule import Rule, Term
from musictools.economics._terms import Flag, OwnFee, Pooled, Seconds
from musictools.errors import InputError, TableError
from tests.economics.frames import KINDS, frame, paid, table_of

pay = mt.economics.payouts
TWO = {"user_id": ["u", "v"], "artist_id": ["x", "y"], "plays": [10, 90]}


def made(kind, columns, folder=None, **types):
    """Make a frame of which some columns have a given arrow type."""
    arrays = {name: pa.array(values, types.get(name)) for name, values in columns.items()}
    return frame(kind, pa.table(arrays), folder)


# --- fees ----------------------------------------------------------------------------------------

FEES = {"user_id": ["v", "u", "quiet", "mute"], "fee": [6.0, 10.0, 3.0, 1.0]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fee_kind", ["pandas", "polars", "polars_lazy", "pyarrow", "duckdb"])
def test_fees_in_a_frame_of_any_kind(kind, fee_kind, tmp_path):
    plays, fee = made(kind, TWO, tmp_path), made(fee_kind, FEES)
    assert paid(pay(plays, "user_centric", fee=fee)) == pytest.approx({"x": 10, "y": 6})
    assert paid(pay(plays, "pro_rata", fee=fee)) == pytest.approx({"x": 2, "y": 18})


@pytest.mark.parametrize(
    ("rule", "x", "y"),
    [
        # 10 and 6 are paid by who plays, 4 by who does not; 10 plays and 90.
        (rules.pro_rata(), 2, 18),
        (rules.user_centric(), 10, 6),
        (rules.user_centric(silent="shared"), 10.4, 9.6),
        (rules.shapley(), 10, 6),
        (rules.concave(0.5), 10, 6),
        (rules.fan_powered(), 10, 6),
        (rules.compromise(0.5), 6, 12),
        (rules.user_cap(10), 10, 10),
        (rules.direct_artist(0.1), 0.9 * 2 + 1, 0.9 * 18 + 0.6),
        # Half of all 20; v's fee is used up at 6 / 90 a play: below, u is paid 10 x gamma.
        (rules.scaled_user_prop(0.5), 4, 6),
        # A tenth of 20 is 2 for 100 plays, and nobody's fee is used up.
        (rules.scaled_user_prop(0.1), 0.2, 1.8),
        # 18 would be asked for, and 16 is what they paid who played.
        (rules.scaled_user_prop(0.9), 10, 6),
        (rules.per_stream(0.5), 5, 45),
    ],
    ids=lambda each: each.name if isinstance(each, Rule) else "",
)
def test_where_the_fees_of_silent_subscribers_go(rule, x, y):
    plays = made("pandas", TWO | {"seconds": [30, 30]})
    assert paid(pay(plays, rule, fee=made("pandas", FEES))) == pytest.approx({"x": x, "y": y})


def test_fees_as_numbers():
    plays = made("pandas", TWO)
    for fee in (10, 10.0, np.float32(10), np.int64(10), Decimal("10.00")):
        assert paid(pay(plays, "pro_rata", fee=fee)) == pytest.approx({"x": 2, "y": 18})
    assert paid(pay(plays, "user_centric", fee=0)) == {"x": 0, "y": 0}
    assert table_of(pay(plays, "user_centric", fee=0))["share"].to_list() == [0, 0]
    for fee in (-1, float("nan"), float("inf"), True, None, "10", {"u": 1}):
        with pytest.raises(InputError, match=r"fee|frame"):
            pay(plays, "pro_rata", fee=fee)


def test_a_pool_scales_fees():
    plays, fee = made("pandas", TWO), made("pandas", FEES)
    assert paid(pay(plays, "pro_rata", pool=1000)) == pytest.approx({"x": 100, "y": 900})
    assert paid(pay(plays, "user_centric", fee=fee, pool=40)) == pytest.approx({"x": 20, "y": 12})
    with pytest.raises(InputError, match="fees that sum to 0"):
        pay(plays, "pro_rata", fee=0, pool=1)
    for pool in (-1, float("nan"), "much"):
        with pytest.raises(InputError, match="pool="):
            pay(plays, "pro_rata", pool=pool)


@pytest.mark.parametrize(
    ("fees", "said"),
    [
        ({"user_id": ["u"], "fee": [1.0]}, "no fee of 1 user who played, such as 'v'"),
        ({"user_id": ["u", "v"], "fee": [1.0, None]}, "missing, infinite or below zero"),
        ({"user_id": ["u", "v"], "fee": [1.0, float("inf")]}, "missing, infinite or below zero"),
        ({"user_id": ["u", "v"], "fee": [1.0, -1.0]}, "missing, infinite or below zero"),
        ({"user_id": ["u", "v", "u"], "fee": [1.0, 1.0, 1.0]}, "two fees"),
        ({"user_id": ["u", "v", None], "fee": [1.0, 1.0, 1.0]}, "without an id"),
        ({"user_id": ["u", "v"], "price": [1.0, 1.0]}, "a column 'fee'"),
        ({"User_ID": ["u", "v"], "fee": [1.0, 1.0]}, "'User_ID'; or rename it to 'user_id'"),
        ({"user_id": ["u", "v"], "fee": ["1", "1"]}, "a column 'fee' of String"),
    ],
)
def test_fees_that_cannot_be(fees, said):
    for kind in ("pandas", "polars", "duckdb"):
        with pytest.raises(TableError, match=said):
            pay(made("pandas", TWO), "pro_rata", fee=made(kind, fees))


# --- pools ---------------------------------------------------------------------------------------

POOLED = {
    "user_id": ["u", "u", "v", "w", "w"],
    "artist_id": ["x", "x", "y", "x", "y"],
    "country": ["DE", "BR", "DE", "DE", "DE"],
    "tier": ["paid", "paid", "paid", "free", "free"],
    "plays": [30, 10, 60, 5, 15],
}


@pytest.mark.parametrize("kind", KINDS)
def test_pools_by_country_and_tier(kind, tmp_path):
    plays = made(kind, POOLED, tmp_path)
    # u pays 4: 3 in Germany, 1 in Brazil. DE paid: 3 + 4 = 7 for 90 plays; DE free: 4 for 20.
    both = rules.by_pool(["country", "tier"], rules.pro_rata())
    found = paid(pay(plays, both, fee=4))
    assert found == pytest.approx({"x": 7 / 3 + 1 + 1, "y": 14 / 3 + 3}, rel=1e-12)
    # By tier alone: paid 8 for 100 plays, free 4 for 20.
    found = paid(pay(plays, rules.by_pool("tier", rules.pro_rata()), fee=4))
    assert found == pytest.approx({"x": 3.2 + 1, "y": 4.8 + 3}, rel=1e-12)
    found = paid(pay(plays, rules.by_pool("tier", rules.user_centric()), fee=4))
    assert found == pytest.approx({"x": 5, "y": 7}, rel=1e-12)
    found = paid(pay(plays, rules.by_pool("tier", rules.shapley(), share=0.5), fee=4))
    assert found == pytest.approx({"x": 3, "y": 3}, rel=1e-12)


def test_minimums_of_a_pool():
    plays = made("pandas", POOLED)

    def x_and_y(fee=4, **minimum):
        return paid(pay(plays, rules.by_pool("tier", rules.pro_rata(), **minimum), fee=fee))

    # Paid: 40 of 100 plays are x's; free: 5 of 20. Revenue 8 and 4.
    assert x_and_y(share=0.5) == pytest.approx({"x": 2.1, "y": 3.9})
    # 3 for each of two subscribers is above 4, and for one above 2.
    assert x_and_y(share=0.5, per_subscriber=3) == pytest.approx({"x": 3.15, "y": 5.85})
    # 3 in all is below 4 and above 2.
    assert x_and_y(share=0.5, guarantee=3) == pytest.approx({"x": 1.6 + 0.75, "y": 2.4 + 2.25})
    assert x_and_y(per_subscriber=1, guarantee=1) == pytest.approx(x_and_y())
    # Nobody pays, and the guarantee is due.
    assert x_and_y(fee=0, guarantee=10) == pytest.approx({"x": 6.5, "y": 13.5})
    rule = rules.by_pool("tier", rules.user_centric(), per_subscriber=2)
    assert paid(pay(plays, rule, fee=0)) == pytest.approx({"x": 2.5, "y": 3.5})


def test_silent_subscribers_of_pools():
    plays = made("pandas", POOLED)
    fees = {"user_id": ["u", "v", "w", "q"], "fee": [4.0] * 4, "tier": ["paid"] * 4}
    by_tier = rules.by_pool("tier", rules.pro_rata())
    # q pays 4 into the pool of who pays.
    found = paid(pay(plays, by_tier, fee=made("polars", fees)))
    assert found == pytest.approx({"x": 4.8 + 1, "y": 7.2 + 3})
    counted = rules.by_pool("tier", rules.pro_rata(), share=0, per_subscriber=1)
    found = paid(pay(plays, counted, fee=made("polars", fees)))
    assert sum(found.values()) == pytest.approx(4)
    del fees["tier"]
    with pytest.raises(TableError, match="a column 'tier'"):
        pay(plays, by_tier, fee=made("polars", fees))
    fees["tier"] = ["paid", "paid", "free", "student"]
    with pytest.raises(InputError, match="4 of fees in pools without plays"):
        pay(plays, by_tier, fee=made("polars", fees))


def test_a_user_of_pools_without_plays():
    plays = {**POOLED, "plays": [0, 0, 60, 5, 15]}
    found = pay(made("pandas", plays), rules.by_pool("country", rules.user_centric()), fee=4)
    # u's fee is kept: nothing was played for it.
    assert paid(found) == pytest.approx({"x": 1, "y": 7})


@pytest.mark.parametrize("columns", [["country", "country"], "user_id", ["artist_id"], "Plays"])
def test_pools_that_cannot_be(columns):
    names = [columns] if isinstance(columns, str) else columns
    plays = pd.DataFrame(POOLED | {name: POOLED["tier"] for name in names if name not in POOLED})
    with pytest.raises(InputError, match=r"each column once|a column 'plays'|capitals"):
        pay(plays, rules.by_pool(columns, rules.pro_rata()))


def test_missing_pools():
    with pytest.raises(TableError, match="a column 'country'"):
        pay(made("pandas", TWO), rules.by_pool("country", rules.pro_rata()))
    plays = made("polars", TWO | {"country": ["DE", None]})
    with pytest.raises(TableError, match="90 plays without country"):
        pay(plays, rules.by_pool("country", rules.pro_rata()))


# --- what some rules ask for ---------------------------------------------------------------------


def test_columns_that_are_missing_are_named():
    plays = made("pandas", TWO)
    with pytest.raises(TableError, match=r"by listening time.*a column 'seconds'"):
        pay(plays, "fan_powered")
    with pytest.raises(TableError, match="a column 'recording_id'"):
        pay(plays, "spotify_2024")
    asked = Rule("asked", (Term(Pooled(), weights=(Flag("liked", 2.0, optional=False),)),))
    with pytest.raises(TableError, match="a column 'liked'"):
        pay(plays, asked)
    for name in ("user_id", "artist_id"):
        with pytest.raises(TableError, match=f"a column '{name}'"):
            pay(plays.drop(columns=name), "pro_rata")


@pytest.mark.parametrize("kind", KINDS)
def test_listening_time(kind, tmp_path):
    plays = {"user_id": ["u", "u", "u"], "artist_id": ["x", "y", "y"], "seconds": [300, 60, 40]}
    found = pay(made(kind, plays, tmp_path), "fan_powered")
    assert paid(found) == pytest.approx({"x": 0.75, "y": 0.25})
    # With counts, seconds are those of each play.
    found = pay(made(kind, plays | {"plays": [1, 5, 15]}, tmp_path), "fan_powered")
    assert paid(found) == pytest.approx({"x": 0.25, "y": 0.75})
    for odd in (None, float("nan"), float("inf"), -1.0):
        wrong = made(kind, plays | {"seconds": [300.0, 60.0, odd]}, tmp_path)
        with pytest.raises(TableError, match="values of 'seconds'"):
            pay(wrong, "fan_powered")


@pytest.mark.parametrize("kind", KINDS)
def test_flags(kind, tmp_path):
    plays = {
        "user_id": ["u"] * 4,
        "artist_id": ["x", "x", "y", "y"],
        "spatial": [True, None, False, None],
    }
    # What is missing is no flag.
    found = pay(made(kind, plays, tmp_path), rules.apple_weights(spatial=2))
    assert paid(found) == pytest.approx({"x": 0.6, "y": 0.4})
    whole = plays | {"spatial": [1, None, 0, 0]}
    found = pay(made(kind, whole, tmp_path, spatial=pa.int8()), rules.apple_weights(spatial=2))
    assert paid(found) == pytest.approx({"x": 0.6, "y": 0.4})
    with pytest.raises(InputError, match=r"a column of .*; expected truth values"):
        pay(made(kind, plays | {"spatial": ["no"] * 4}, tmp_path), "apple_weights")
    without = {name: plays[name] for name in ("user_id", "artist_id")}
    assert paid(pay(made(kind, without, tmp_path), "apple_weights"))["x"] == pytest.approx(0.5)


def test_weights_of_nothing():
    plays = made("pandas", TWO | {"artificial": [True, True], "recording_id": ["r", "s"]})
    found = pay(plays, rules.spotify_2024(streams=1, listeners=1))
    assert paid(found) == {"x": 0, "y": 0}
    timed = Rule("timed", (Term(OwnFee(), weights=(Seconds(), Flag("active", 0.0))),))
    plays = made("pandas", TWO | {"seconds": [30, 40], "active": [True, False]})
    assert paid(pay(plays, timed)) == {"x": 0, "y": 1}


@pytest.mark.parametrize("told", ["pandas", "polars", "polars_lazy", "pyarrow", "duckdb"])
@pytest.mark.parametrize("kind", ["pandas", "polars", "polars_lazy", "pyarrow", "duckdb"])
def test_a_history_counts_instead_of_the_plays(kind, told):
    plays = made(kind, TWO | {"recording_id": ["r", "s"]})
    history = {"recording_id": ["r", "s"], "plays": [1000, 999], "listeners": [50, 50]}
    found = pay(plays, rules.spotify_2024(history=made(told, history)), fee=2)
    assert paid(found) == {"x": 4, "y": 0}
    # Arrow has two types of text.
    wide = made(told, history, recording_id=pa.large_string())
    assert paid(pay(plays, rules.spotify_2024(history=wide), fee=2)) == {"x": 4, "y": 0}
    with pytest.raises(TableError, match="a column 'listeners'"):
        pay(plays, rules.spotify_2024(history=made(told, {"recording_id": ["r"], "plays": [1]})))
    numbered = made(told, history | {"recording_id": [1, 2]})
    with pytest.raises(TableError, match="'recording_id' of type Int64"):
        pay(plays, rules.spotify_2024(history=numbered))


ALIKE = [
    (pa.string(), pa.dictionary(pa.int32(), pa.string())),
    (pa.dictionary(pa.int32(), pa.string()), pa.string()),
    (pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.string())),
    (pa.int64(), pa.int32()), (pa.int32(), pa.int64()), (pa.int64(), pa.float64()),
]  # fmt: skip


@pytest.mark.parametrize("told", ["pandas", "polars", "pyarrow", "duckdb"])
@pytest.mark.parametrize("kind", ["pandas", "polars", "polars_lazy", "pyarrow", "duckdb"])
@pytest.mark.parametrize(("ours", "theirs"), ALIKE, ids=str)
def test_a_history_whose_ids_are_the_same_in_another_type(kind, told, ours, theirs):
    ids = pa.array([1, 2] if pa.types.is_integer(ours) else ["r", "s"])
    plays = made(kind, TWO | {"recording_id": ids.cast(ours)})
    history = {"recording_id": ids.cast(theirs), "plays": [1000, 999]}
    history = made(told, history | {"listeners": [50, 50]})
    assert paid(pay(plays, rules.spotify_2024(history=history), fee=2)) == {"x": 4, "y": 0}


@pytest.mark.parametrize("ours", [pl.String, pl.Categorical, pl.Enum(["r", "s"])], ids=str)
def test_a_history_whose_ids_are_a_closed_list(ours):
    plays = made("polars", TWO | {"recording_id": ["r", "s"]})
    history = {"recording_id": ["r", "q"], "plays": [1000, 1000], "listeners": [50, 50]}
    listed = pl.col("recording_id").cast(pl.Enum(["q", "r"]))
    told = made("polars", history).with_columns(listed)
    found = pay(
        plays.with_columns(pl.col("recording_id").cast(ours)), rules.spotify_2024(history=told)
    )
    assert paid(found) == {"x": 2, "y": 0}


@pytest.mark.parametrize("told", ["pandas", "polars", "pyarrow", "duckdb"])
def test_half_a_number_is_no_id(told):
    history = {"recording_id": [1.5, 2.5], "plays": [1000, 1000], "listeners": [50, 50]}
    plays = made("polars", TWO | {"recording_id": [1, 2]})
    assert paid(pay(plays, rules.spotify_2024(history=made(told, history)))) == {"x": 0, "y": 0}


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_reaches_enough(kind, tmp_path):
    plays = made(kind, TWO | {"recording_id": ["r", "s"]}, tmp_path)
    assert paid(pay(plays, "spotify_2024")) == {"x": 0, "y": 0}
    # Nobody is boosted, all weigh the same; of v's plays 40 count.
    found = pay(plays, rules.artist_centric(cap=40), fee=5)
    assert paid(found) == pytest.approx({"x": 2, "y": 8})


# --- odd plays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["pro_rata", "user_centric", "shapley"])
@pytest.mark.parametrize("odd", [None, float("nan"), float("inf"), -1.0])
def test_counts_that_are_no_numbers(kind, rule, odd, tmp_path):
    # The sum of the user, 10 - 1, is well.
    plays = {"user_id": ["u", "u"], "artist_id": ["x", "x"], "plays": [10.0, odd]}
    with pytest.raises(TableError, match="'plays' that are missing, infinite or below zero"):
        pay(made(kind, plays, tmp_path), rule)


@pytest.mark.parametrize("kind", KINDS)
def test_large_counts_do_not_overflow(kind, tmp_path):
    plays = {"user_id": ["u", "u", "v"], "artist_id": ["x", "y", "y"]}
    for count, kind_of in ((2**31 - 1, pa.int32()), (2**32 - 1, pa.uint32()), (2**62, pa.int64())):
        counts = plays | {"plays": [count, count, count]}
        found = made(kind, counts, tmp_path, plays=kind_of)
        found = mt.economics.compare(found, ["pro_rata", "user_centric", "shapley"], fee=3e6)
        assert paid(found, "pro_rata") == pytest.approx({"x": 2e6, "y": 4e6}, rel=1e-12)
        assert paid(found, "user_centric") == pytest.approx({"x": 1.5e6, "y": 4.5e6}, rel=1e-12)
        assert paid(found, "shapley") == pytest.approx({"x": 1.5e6, "y": 4.5e6}, rel=1e-12)
        assert paid(found, "plays") == {"x": float(count), "y": 2.0 * count}


def test_many_users_times_many_plays_do_not_overflow():
    # 30,000 plays times 200,000 users are more than 2**32, where counts of polars end.
    users = np.arange(200_000)
    plays = pl.DataFrame({"user_id": users, "artist_id": np.minimum(users // 30_000, 1)})
    found = paid(pay(plays, "pro_rata"))
    assert found == pytest.approx({0: 30_000, 1: 170_000}, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["pro_rata", "user_centric", "shapley", "direct_artist"])
def test_zeros_and_ones(kind, rule, tmp_path):
    one = {"user_id": ["u"], "artist_id": ["x"]}
    assert paid(pay(made(kind, one, tmp_path), rule, fee=5)) == {"x": 5}
    # Rows of no plays are no plays.
    none = {"user_id": ["u", "u"], "artist_id": ["x", "y"], "plays": [7, 0]}
    found = table_of(pay(made(kind, none, tmp_path), rule, fee=5))
    assert found.to_dict("list") == {
        "artist_id": ["x", "y"], "plays": [7, 0], "payout": [5, 0], "share": [1, 0]
    }  # fmt: skip
    nothing = table_of(pay(made(kind, none | {"plays": [0, 0]}, tmp_path), rule, fee=5))
    assert nothing["payout"].to_list() == [0, 0]
    texts = pa.string()
    empty = made(kind, {"user_id": [], "artist_id": []}, tmp_path, user_id=texts, artist_id=texts)
    with pytest.raises(TableError, match="got no plays"):
        pay(empty, rule)


def test_an_empty_frame_without_types():
    for plays in (pd.DataFrame(columns=["user_id", "artist_id"]), pd.DataFrame()):
        with pytest.raises(TableError, match=r"no plays|columns none"):
            pay(plays, "pro_rata")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["pro_rata", "user_centric", "shapley"])
@pytest.mark.parametrize("name", ["user_id", "artist_id"])
def test_missing_ids(kind, rule, name, tmp_path):
    plays = {"user_id": ["u", "v", "w"], "artist_id": ["x", "y", "z"]}
    plays[name] = ["u", None, None]
    with pytest.raises(TableError, match=f"2 plays without {name}"):
        pay(made(kind, plays, tmp_path), rule)
    with pytest.raises(TableError, match=f"70 plays without {name}"):
        pay(made(kind, plays | {"plays": [10, 30, 40]}, tmp_path), rule)


def test_ids_of_floats():
    plays = pl.DataFrame({"user_id": [1.0, float("nan")], "artist_id": ["x", "y"]})
    with pytest.raises(TableError, match="1 play without user_id"):
        pay(plays, "user_centric")


@pytest.mark.parametrize("kind", KINDS)
def test_ids_of_other_types(kind, tmp_path):
    fee = {"user_id": [3, 1, 2], "fee": [3.0, 1.0, 2.0]}
    plays = {"user_id": [1, 2, 2], "artist_id": [20, 20, 100]}
    found = pay(made(kind, plays, tmp_path), "user_centric", fee=made("pandas", fee))
    assert list(paid(found).items()) == [(20, 2), (100, 1)]
    text = {"user_id": ["Ü", "U", "u", "ü"], "artist_id": ["坂本", "Björk", "björk", "🎻"]}
    found = pay(made(kind, text, tmp_path), "user_centric")
    assert paid(found) == dict.fromkeys(["Björk", "björk", "坂本", "🎻"], 1)
    assert list(paid(found)) == ["Björk", "björk", "坂本", "🎻"]
    coded = pa.dictionary(pa.int32(), pa.string())
    coded = made(kind, text | {"plays": [1, 2, 3, 4]}, tmp_path, user_id=coded, artist_id=coded)
    found = mt.economics.compare(coded, ["user_centric", "shapley", "pro_rata"])
    assert list(paid(found, "shapley")) == ["🎻", "björk", "Björk", "坂本"]
    assert paid(found, "pro_rata")["🎻"] == pytest.approx(1.6)


def test_categories_of_pandas_and_enums_of_polars():
    text = {"user_id": ["u", "v", "v"], "artist_id": ["x", "x", "y"]}
    table = pd.DataFrame(text).astype({"user_id": "category", "artist_id": "category"})
    # A category that nobody has is nobody.
    table["artist_id"] = table["artist_id"].cat.add_categories(["nobody"])
    assert paid(pay(table, "user_centric")) == {"x": 1.5, "y": 0.5}
    fee = table[["user_id"]].drop_duplicates().assign(fee=2.0)
    assert paid(pay(table, "user_centric", fee=fee)) == {"x": 3, "y": 1}
    names = pl.Enum(enum.StrEnum("Names", {each: each for each in "zyxvu"}))
    kinds = {"user_id": names, "artist_id": names}
    for plays in (pl.DataFrame(text, schema=kinds), pl.LazyFrame(text, schema=kinds)):
        assert paid(pay(plays, "user_centric")) == {"x": 1.5, "y": 0.5}
    dtypes = {"user_id": "string", "artist_id": "string", "plays": "Int64"}
    for backend in ("numpy_nullable", "pyarrow"):
        table = pd.DataFrame(text | {"plays": [1, 1, 1]}).astype(dtypes)
        table = table.convert_dtypes(dtype_backend=backend)
        assert paid(pay(table, "user_centric")) == {"x": 1.5, "y": 0.5}
        table.loc[1, "plays"] = pd.NA
        with pytest.raises(TableError, match="'plays' that are missing"):
            pay(table, "user_centric")


def test_ids_of_several_types_in_one_column():
    for plays in ({"user_id": [1, "a"], "artist_id": ["x", "y"]},
                  {"user_id": ["a", "b"], "artist_id": [1, "y"]}):  # fmt: skip
        with pytest.raises(TableError, match="of several types in one column"):
            pay(pd.DataFrame(plays), "user_centric")


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_occur_twice_are_two_plays(kind, tmp_path):
    plays = {"user_id": ["u", "u", "u"], "artist_id": ["x", "x", "y"]}
    assert paid(pay(made(kind, plays, tmp_path), "user_centric")) == pytest.approx(
        {"x": 2 / 3, "y": 1 / 3}
    )
    plays |= {"plays": [10, 10, 5]}
    assert paid(pay(made(kind, plays, tmp_path), "user_centric")) == pytest.approx(
        {"x": 0.8, "y": 0.2}
    )


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_columns_like_ours_or_like_keywords(kind, tmp_path):
    ours = ["_plays", "_weight", "_total", "_factor_0", "_pay_0", "_part", "_rule_0", "payout"]
    keywords = ["select", "order", "group", "user", "a b", 'q"uote', "share"]
    plays = TWO | {name: ["t", "t"] for name in ours + keywords}
    found = table_of(pay(made(kind, plays, tmp_path), "user_centric"))
    assert found.columns.to_list() == ["artist_id", "plays", "payout", "share"]
    assert found["payout"].to_list() == [1, 1]
    for name in keywords:
        rule = rules.by_pool(name, rules.pro_rata())
        assert paid(pay(made(kind, plays, tmp_path), rule)) == pytest.approx({"x": 0.2, "y": 1.8})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["User_ID", "Plays", "ACTIVE"])
def test_names_of_columns_in_capitals_are_refused(kind, name, tmp_path):
    plays = TWO | {"active": [True, False]}
    plays = {name if key == name.lower() else key: values for key, values in plays.items()}
    with pytest.raises(TableError, match=f"Try: '{name}'; or rename it to '{name.lower()}'"):
        pay(made(kind, plays, tmp_path), "artist_centric")


@pytest.mark.parametrize("plays", [{"user_id": ["u"]}, [1], None, pd.Series([1])])
def test_what_is_no_frame(plays):
    with pytest.raises(TableError, match="expected a pandas, polars, pyarrow, DuckDB or PySpark"):
        pay(plays, "pro_rata")


def test_counts_as_text():
    with pytest.raises(TableError, match="a column 'plays' of String; expected numbers"):
        pay(made("pandas", TWO | {"plays": ["10", "90"]}), "pro_rata")


def test_ids_that_arrow_cannot_sort():
    for kind in (pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        plays = pa.table({"user_id": pa.array(["u", "v"], kind), "artist_id": ["x", "y"]})
        with pytest.raises(TableError, match="a column 'user_id' of"):
            pay(plays.to_pandas(types_mapper=pd.ArrowDtype), "user_centric")
    with pytest.raises(TableError, match="a column 'user_id' of string_view"):
        pay(plays.set_column(0, "user_id", pa.array(["u", "v"], pa.string_view())), "user_centric")
    assert paid(pay(plays, "user_centric")) == {"x": 1, "y": 1}
