"""Numbers of files in a collector's Store: once, and only what is new."""

import numpy as np
import pytest

import musictools as mt
from musictools.datasets._exports._distrokid import write_distrokid
from musictools.datasets._exports._youtube_studio import write_youtube_studio
from musictools.errors import ExportError

HEADER = "date,streams\n"
KEY = ["entity_id", "platform", "metric", "observed_at", "value"]


def timeline(path, rows):
    path.write_text(HEADER + rows, "utf-8")
    return path


def test_what_was_added_and_once(tmp_path):
    made = write_youtube_studio(mt.datasets.load_label(), tmp_path, np.random.default_rng(1))
    with mt.collect.Store(tmp_path / "store.sqlite") as store:
        first = mt.collect.read(made.path, into=store)
        mt.tables.check(first.table, "observations")
        held = store.frame("observations")
        assert len(first.table) == len(held) == len(made.truth)
        both = (first.table, made.truth)
        one, two = (frame.sort_values(KEY[:4])[KEY].to_numpy().tolist() for frame in both)
        assert one == two
        assert first.table["title"].notna().any()
        assert first.table["fetched_at"].notna().all()
        assert first.provenance["added"] == len(held)
        again = mt.collect.read_youtube_studio(made.path, into=store)
        mt.tables.check(again.table, "observations")
        assert len(again.table) == 0
        assert again.totals["rows"].sum() == len(held)
        assert len(store.frame("observations")) == len(held)
        assert set(held["policy"]) == {"own"}


def test_a_number_that_was_corrected(tmp_path):
    store = mt.collect.Store(":memory:")
    old = timeline(tmp_path / "A-timeline.csv", "2025-09-01,5\n2025-09-02,6\n")
    mt.collect.read(old, into=store)
    new = timeline(tmp_path / "A-timeline (1).csv", "2025-09-02,7\n2025-09-03,8\n")
    assert mt.collect.read(new, into=store).table["value"].tolist() == [7, 8]
    # The older file does not undo it.
    assert len(mt.collect.read(old, into=store).table) == 0
    series = store.series("streams", entity_id="A")
    assert series["y"].tolist() == [5, 7, 8]
    assert series["restated"].tolist() == [False, True, False]


def test_numbers_that_differ_are_not_kept(tmp_path):
    store = mt.collect.Store(":memory:")
    path = timeline(tmp_path / "A-timeline.csv", "2025-09-01,5\n2025-09-01,6\n2025-09-02,7\n")
    for count in (1, 0):
        result = mt.collect.read(path, into=store)
        assert len(result.table) == count
        assert len(result.problems) == 1
    assert store.frame("observations")["value"].tolist() == [7]


def test_other_tables_are_refused(tmp_path):
    made = write_distrokid(mt.datasets.load_label(), tmp_path, np.random.default_rng(1))
    store = mt.collect.Store(":memory:")
    with pytest.raises(ExportError, match=r'a file of royalties.*into="music.duckdb"'):
        mt.collect.read(made.path, into=store)
    assert store.frame("observations").empty
