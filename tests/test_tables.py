"""The contracts of the tables hold for every kind of frame, and say what is wrong."""

from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from musictools import tables
from musictools.errors import TableError


@pytest.fixture
def plays():
    return pd.DataFrame(
        {
            "user_id": ["u1", "u2"],
            "artist_id": pd.Categorical(["a", "a"]),
            "played_at": pd.to_datetime(["2025-01-01 10:00", "2025-01-02 11:00"]),
            "seconds": [31, 12],
        }
    )


def test_all_eleven_tables_are_described():
    expected = "recordings features observations series plays spend events royalties works airplay"
    assert set(tables.TABLES) == {*expected.split(), "market"}
    listed = tables.describe()
    assert set(listed["table"]) == set(tables.TABLES)
    assert (listed["meaning"].str.len() > 5).all()
    assert not listed.duplicated(["table", "column"]).any()


def test_every_kind_of_frame_comes_back_as_it_was_given(plays):
    kinds = (
        plays,
        pl.from_pandas(plays),
        pl.from_pandas(plays).lazy(),
        pa.Table.from_pandas(plays),
        duckdb.from_df(plays),
    )
    for frame in kinds:
        assert tables.check(frame, "plays") is frame


def test_a_lazy_frame_is_not_computed():
    def explode(_):
        raise AssertionError

    lazy = pl.LazyFrame({"ds": [1], "unique_id": ["a"], "y": [1.0]}).map_batches(
        explode, schema={"ds": pl.Int64, "unique_id": pl.String, "y": pl.Float64}
    )
    assert tables.check(lazy, "series") is lazy


@pytest.mark.parametrize("convert", [lambda f: f, pl.from_pandas, duckdb.from_df])
def test_a_missing_column_names_its_near_match(plays, convert):
    frame = convert(plays.rename(columns={"user_id": "UserId"}))
    with pytest.raises(TableError, match="rename 'UserId' to 'user_id'"):
        tables.check(frame, "plays")


def test_a_missing_column_without_near_match_points_to_the_description(plays):
    with pytest.raises(TableError, match=r"no column 'artist_id'.*describe\('plays'\)"):
        tables.check(plays.drop(columns="artist_id"), "plays")


@pytest.mark.parametrize("convert", [lambda f: f, pl.from_pandas, duckdb.from_df])
def test_a_column_of_the_wrong_kind_is_refused(plays, convert):
    frame = convert(plays.assign(seconds=["thirty", "twelve"]))
    with pytest.raises(TableError, match=r"'seconds' of type String; expected number in seconds"):
        tables.check(frame, "plays")


def test_dates_as_text_are_refused(plays):
    with pytest.raises(TableError, match="to_datetime"):
        tables.check(plays.assign(played_at=["2025-01-01", "2025-01-02"]), "plays")


def test_missing_keys_are_refused_and_missing_facts_are_not(plays):
    with pytest.raises(TableError, match="1 missing values in column 'user_id'"):
        tables.check(plays.assign(user_id=["u1", None]), "plays")
    tables.check(plays.assign(seconds=[None, None], country=[None, None]), "plays")


def test_an_unknown_table_and_a_thing_that_is_no_table():
    with pytest.raises(TableError, match="Try: 'plays'"):
        tables.check(pd.DataFrame(), "play")
    with pytest.raises(TableError, match="Try: 'spend'"):
        tables.describe("spends")
    with pytest.raises(TableError, match="object of type dict"):
        tables.check({"user_id": []}, "plays")


def test_money_must_be_exact():
    line = {
        **{key: ["x"] for key in ("statement", "period", "payer", "platform", "country")},
        **{key: ["x"] for key in ("recording_id", "work_id", "currency")},
        "units": [3],
    }
    exact = {key: [Decimal("0.10")] for key in ("gross", "fees", "net")}
    frame = pd.DataFrame(line | exact)
    tables.check(frame, "royalties")
    tables.check(pl.DataFrame(line | exact), "royalties")
    with pytest.raises(TableError, match="'gross' of type Float64; expected decimal"):
        tables.check(pd.DataFrame(line | exact | {"gross": [0.1]}), "royalties")


def test_lists_are_lists_in_every_kind_of_frame():
    works = pd.DataFrame(
        {"work_id": ["w"], "title": ["t"], "writers": [["a", "b"]], "shares": [[0.5, 0.5]]}
    )
    for frame in (works, pl.from_pandas(works), pa.Table.from_pandas(works), duckdb.from_df(works)):
        tables.check(frame, "works")
    with pytest.raises(TableError, match="'shares'"):
        tables.check(works.assign(shares="1/2, 1/2"), "works")
