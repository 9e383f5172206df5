"""How often lazy frames are run, what is read of them, and what they leave behind."""

import gc

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from polars.io.plugins import register_io_source

import musictools as mt
from musictools.economics import rules
from tests.economics.frames import paid

N = 3000
PLAYS = pl.DataFrame(
    {
        "user_id": [f"u{i % 7}" for i in range(N)],
        "artist_id": [f"a{i % 11}" for i in range(N)],
        "recording_id": [f"r{i % 13}" for i in range(N)],
        "seconds": [i % 300 for i in range(N)],
    }
)
FLAT = [rules.pro_rata(), rules.user_centric(), rules.scaled_user_prop(0.7)]
#: Rules, and how often they are allowed to look at plays, as `payouts` promises.
RUNS = [
    (FLAT, 2),
    ([*FLAT, rules.compromise(), rules.user_cap(50)], 2),
    ([rules.shapley()], 2),
    ([*FLAT, rules.shapley()], 4),
    ([rules.fan_powered()], 2),
    ([rules.spotify_2024(streams=1, listeners=1)], 3),
]


class Watched:
    """A lazy frame of polars that remembers which columns it was asked for, each time."""

    def __init__(self):
        self.asked = []
        self.frame = register_io_source(self._read, schema=PLAYS.schema, is_pure=False)

    def _read(self, columns, predicate, rows, _size):
        self.asked.append(set(columns or PLAYS.columns))
        table = PLAYS.select(columns) if columns else PLAYS
        table = table.head(rows) if rows is not None else table
        yield table.filter(predicate) if predicate is not None else table


@pytest.mark.parametrize(("chosen", "runs"), RUNS)
def test_runs_of_a_lazy_frame(chosen, runs):
    plays = Watched()
    found = mt.economics.compare(plays.frame, chosen)
    assert len(plays.asked) == runs
    first, second = found.collect(), found.collect()
    assert len(plays.asked) == runs
    assert first.equals(second)
    assert len(first) == 11


def test_columns_that_are_read():
    plays = Watched()
    mt.economics.compare(plays.frame, FLAT)
    assert plays.asked == [{"user_id"}, {"user_id", "artist_id"}]
    plays = Watched()
    mt.economics.payouts(plays.frame, "fan_powered")
    assert plays.asked == [{"user_id", "seconds"}, {"user_id", "artist_id", "seconds"}]


@pytest.mark.parametrize(("chosen", "runs"), RUNS)
def test_runs_of_a_relation(chosen, runs):
    seen = []

    def tick(users: pa.ChunkedArray) -> pa.ChunkedArray:
        seen.append(len(users))
        return users

    connection = duckdb.connect()
    connection.create_function(
        "tick", tick, ["VARCHAR"], "VARCHAR", type="arrow", side_effects=True
    )
    held = connection.from_arrow(PLAYS.to_arrow())
    # In a filter, since a column that is not needed is not computed.
    plays = held.filter("tick(user_id) IS NOT NULL")
    found = mt.economics.compare(plays, chosen)
    assert sum(seen) == runs * N
    first, second = found.fetchall(), found.fetchall()
    assert sum(seen) == runs * N
    assert first == second
    assert len(first) == 11


def test_a_relation_leaves_nothing_behind():
    connection = duckdb.connect()
    connection.from_arrow(PLAYS.to_arrow()).create("plays_")
    connection.sql("CREATE TABLE small AS SELECT 1 AS one")
    before = connection.sql("SHOW ALL TABLES").fetchall()
    found = mt.economics.payouts(connection.table("plays_"), "user_centric", fee=11)
    again = mt.economics.payouts(connection.table("plays_"), "pro_rata", fee=1)
    gc.collect()
    assert sum(paid(found).values()) == pytest.approx(77)
    assert sum(paid(again).values()) == pytest.approx(7)
    assert connection.sql("SHOW ALL TABLES").fetchall() == before
    # A result is a relation like any other of that connection.
    joined = connection.sql("SELECT count(*), sum(plays) FROM found JOIN plays_ USING (artist_id)")
    # 8 artists have 273 plays and 3 have 272, each met once a play.
    assert joined.fetchall() == [(N, 8 * 273**2 + 3 * 272**2)]


def test_plays_in_a_file_and_on_the_default_connection(tmp_path):
    PLAYS.write_parquet(tmp_path / "plays.parquet")
    right = paid(mt.economics.payouts(PLAYS, "user_centric"))
    for plays in (
        pl.scan_parquet(tmp_path / "plays.parquet"),
        duckdb.read_parquet(str(tmp_path / "plays.parquet")),
        duckdb.read_parquet(str(tmp_path / "plays.parquet")).filter("seconds >= 0"),
    ):
        assert paid(mt.economics.payouts(plays, "user_centric")) == pytest.approx(right, rel=1e-12)
