"""The store: every row once, whatever is killed; numbers over time; what must be deleted."""

import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import musictools as mt
from musictools.collect._rows import Observation, Release, Track
from musictools.errors import InputError, NotFound, PolicyError, RateLimited
from tests.collect.hostile import PASSING, Said
from tests.collect.platforms.test_deezer import deezer

KILLED = Path(__file__).with_name("killed.py")


@pytest.fixture
def store(tmp_path):
    with mt.collect.Store(tmp_path / "store.sqlite") as one:
        yield one


def seen(day, value, *, metric="followers", entity="artist:1", platform="Deezer"):
    moment = dt.datetime(2026, 11, day, tzinfo=dt.UTC)
    return Observation(entity, platform, metric, moment, value)


def test_rows_and_raw_answers_are_kept(serve, store):
    server = serve(deezer(250))
    got = store.collect(mt.collect.Deezer(base_url=server.url).tracks("1"))
    assert (got.rows, got.calls, got.cached, got.resumed) == (250, 3, False, False)
    tracks = store.frame("tracks")
    assert len(tracks) == 250
    assert tracks["isrc"].is_unique
    assert set(tracks["policy"]) == {"Deezer"}
    assert tracks.attrs["policies"] == ("Deezer",)
    raw = store.frame("raw")
    assert list(raw["status"]) == [200] * 3
    assert tracks["raw_id"].isin(raw["raw_id"]).all()
    assert len(json.loads(raw["body"][0])["data"]) == 100
    assert (pd.Timestamp.now(tz="UTC") - raw["fetched_at"]).max() < pd.Timedelta("1min")


def test_the_same_question_is_asked_once_a_run(serve, store):
    server = serve(deezer(250))
    client = mt.collect.Deezer(base_url=server.url)
    store.collect(client.tracks("1"))
    again = store.collect(client.tracks("1"))
    assert (again.rows, again.cached) == (250, True)
    assert len(server.asked) == 3
    assert store.collect(client.tracks("1"), run="another").rows == 250
    assert store.collect(client.tracks("1"), refresh=True).calls == 3
    assert store.collect(client.tracks("2")).calls == 3
    assert len(server.asked) == 12
    assert len(store.frame("tracks")) == 250


def test_a_limit_holds_over_a_break(serve, store):
    healthy = deezer(1000)
    server = serve(
        lambda asked: healthy(asked) if asked.number("index", 0) < 100 else Said({}, 400)
    )
    client = mt.collect.Deezer(base_url=server.url)
    with pytest.raises(mt.errors.ServiceError):
        store.collect(client.tracks("1", limit=150))
    assert len(store.frame("tracks")) == 100
    server.platform = healthy
    got = store.collect(client.tracks("1", limit=150))
    assert (got.rows, got.calls, got.resumed) == (150, 2, True)


def test_a_rate_limit_keeps_what_is_there(serve, store):
    server = serve(deezer(3000), faults=["429 huge"], share=0.1, seed=5)
    client = mt.collect.Deezer(base_url=server.url)
    with pytest.raises(RateLimited):
        store.collect(client.tracks("1"))
    landed = len(store.frame("tracks"))
    assert 0 < landed < 3000
    assert landed % 100 == 0


def test_absence_is_remembered_for_a_day_and_only_if_confirmed(serve, store, monkeypatch):
    absent = Said({"error": {"type": "DataException", "message": "no data", "code": 800}})
    server = serve(lambda _: absent)
    client = mt.collect.Deezer(base_url=server.url)
    assert store.collect(client.artist("0")).absent
    assert store.collect(client.artist("0")) == mt.collect.Collected(0, 0, cached=True, absent=True)
    assert len(server.asked) == 1
    with pytest.raises(NotFound):
        client.artist("0").one()
    later = time.time() + 2 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.collect(client.artist("0")).calls == 1
    assert len(server.asked) == 3


def test_an_outage_is_no_absence(serve, store):
    server = serve(lambda _: Said({}, 503))
    client = mt.collect.Deezer(base_url=server.url)
    with pytest.raises(mt.errors.ServiceError):
        store.collect(client.artist("1"))
    server.platform = lambda _: Said({"id": 1, "name": "Ana", "nb_fan": 7})
    assert store.collect(client.artist("1")).rows == 1


def test_10_000_rows_killed_five_times(serve, tmp_path):
    """Faults in one request of ten, SIGKILL in mid-run five times: every row exactly once."""
    server = serve(deezer(10_000, repeat=2), faults=PASSING, share=0.1, seed=11)
    path = tmp_path / "store.sqlite"
    command = [sys.executable, str(KILLED), server.url, str(path)]
    kills = 0
    while kills < 5:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # It says so when pages have landed: the kill falls into the work and not before it.
        assert process.stdout.readline().strip() == "landed"
        time.sleep(0.01 * kills)
        os.kill(process.pid, signal.SIGKILL)
        process.stdout.close()
        if process.wait() == -signal.SIGKILL:
            kills += 1
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "done"
    with mt.collect.Store(path) as store:
        tracks, raw = store.frame("tracks"), store.frame("raw")
        jobs = store.frame("jobs")
    assert sorted(map(int, tracks["track_id"])) == list(range(10_000))
    # No page is lost, and none has landed twice.
    assert len(raw) == 100
    assert raw["params_hash"].is_unique
    assert (len(jobs), jobs["n_rows"][0], jobs["n_calls"][0]) == (1, 10_000, 100)
    assert jobs["finished_at"].notna().all()
    assert len(server.spoilt) >= 5
    # A page may be asked for twice only where a kill fell between its answer and its landing.
    assert len(server.asked) <= 100 + 5 * 4 + 5 * len(server.spoilt)


def test_numbers_are_added_and_never_replaced(store):
    assert store.add([seen(1, 10.0), seen(2, 12.0)], source="a.csv", policy="Deezer") == 2
    assert store.add([seen(1, 10.0), seen(2, 13.0)], source="b.csv", policy="Deezer") == 1
    kept = store.frame("observations")
    assert list(kept["value"]) == [10.0, 12.0, 13.0]
    assert list(kept["source"]) == ["a.csv", "a.csv", "b.csv"]
    # Back to the first number is news as well.
    assert store.add([seen(2, 12.0)], source="c.csv", policy="Deezer") == 1


def test_a_series_tells_gaps_and_corrections(store):
    store.add([seen(1, 10.0), seen(2, 11.0), seen(5, 15.0)], source="a", policy="Deezer")
    before = pd.Timestamp.now(tz="UTC")
    store.add([seen(2, 12.0)], source="b", policy="Deezer")
    series = store.series("followers")
    assert list(series.columns) == ["unique_id", "ds", "y", "gap", "restated", "policy"]
    assert list(series["unique_id"]) == ["Deezer/artist:1"] * 5
    assert series["y"].tolist()[:2] == [10.0, 12.0]
    assert series["gap"].tolist() == [False, False, True, True, False]
    assert series["y"].isna().tolist() == series["gap"].tolist()
    assert series["restated"].tolist() == [False, True, False, False, False]
    assert series["ds"].dtype.kind == "M"
    assert store.series("followers", as_of=before)["y"][1] == 11.0
    mt.tables.check(series.drop(columns=["policy"]).dropna(), "series")


def test_a_series_by_week_takes_the_last_number(store):
    days = [seen(day, float(day)) for day in range(1, 16)]
    store.add([*days, seen(3, 99.0, entity="artist:2")], source="a", policy="Deezer")
    weeks = store.series("followers", entity_id="artist:1", freq="W")
    # 1 November 2026 is a Sunday.
    assert weeks["ds"].dt.day.tolist() == [26, 2, 9]
    assert weeks["y"].tolist() == [1.0, 8.0, 15.0]
    assert len(store.series("followers", platform="Deezer")["unique_id"].unique()) == 2


def test_a_metric_that_is_not_there_is_named(store):
    store.add([seen(1, 1.0)], source="a", policy="Deezer")
    with pytest.raises(InputError, match="followers"):
        store.series("followerz")
    with pytest.raises(InputError, match="freq"):
        store.series("followers", freq="hour")


def test_expired_numbers_go_and_others_stay(store, monkeypatch):
    store.add([seen(1, 1.0, platform="YouTube")], source="a", policy="YouTube")
    store.add([seen(1, 1.0, platform="MusicBrainz")], source="a", policy="MusicBrainz")
    assert store.purge() == {}
    later = time.time() + 31 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.purge() == {"observations": 1}
    assert list(store.frame("observations")["platform"]) == ["MusicBrainz"]


def test_what_is_purged_is_gone_from_the_file(serve, tmp_path):
    server = serve(deezer(120))
    path = tmp_path / "store.sqlite"
    with mt.collect.Store(path) as store:
        store.collect(mt.collect.Deezer(base_url=server.url).tracks("1"))
        store.add([Release("Tidal", "r", "Kept")], source="a", policy="Deezer")
        gone = store.purge("Deezer", "17")
        assert gone == {"tracks": 1, "raw": 1}
        assert "17" not in set(store.frame("tracks")["track_id"])
        gone = store.purge("Deezer")
        assert (gone["tracks"], gone["raw"], gone["jobs"]) == (119, 1, 1)
        assert list(store.frame("releases")["title"]) == ["Kept"]
    data = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"QZAAA26" not in data
    assert b"Kept" in data


def test_export_is_read_by_duckdb(store, tmp_path):
    import duckdb

    store.add([Track("Deezer", "1", "Süß"), seen(1, 5.0)], source="a", policy="Deezer")
    files = store.export(tmp_path / "out")
    assert [file.name for file in files] == ["observations.parquet", "tracks.parquet"]
    with duckdb.connect() as db:
        titles = db.execute("SELECT title FROM read_parquet(?)", [str(files[1])]).fetchall()
        day = db.execute("SELECT observed_at::DATE FROM read_parquet(?)", [str(files[0])])
        assert day.fetchall() == [(dt.date(2026, 11, 1),)]
    assert titles == [("Süß",)]


def test_two_processes_write_at_once(serve, tmp_path):
    server = serve(deezer(2000))
    path = tmp_path / "store.sqlite"
    commands = [[sys.executable, str(KILLED), server.url, str(path), name] for name in "abc"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for command in commands]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    for process in running:
        process.stdout.close()
    with mt.collect.Store(path) as store:
        assert store.frame("jobs")["n_rows"].tolist() == [2000] * 3
        assert len(store.frame("tracks")) == 2000
        assert len(store.frame("raw")) == 60


def test_the_terms_travel_and_forbid(store):
    store.add([seen(d, 1.0, platform="YouTube") for d in (1, 2)], source="a", policy="YouTube")
    series = store.series("followers")
    assert series.attrs["policies"] == ("YouTube",)
    with pytest.raises(PolicyError, match="YouTube"):
        mt.collect.check_use(series, "aggregation")
    mt.collect.check_use(series, "aggregation", overrule=["YouTube"])
    with pytest.warns(UserWarning, match="do not say"):
        mt.collect.check_use(pd.DataFrame({"policy": ["Deezer"]}))
    with pytest.raises(InputError, match="machine learning"):
        mt.collect.check_use(series, "machine-learning")


def test_a_file_that_is_no_store_is_told(tmp_path):
    (tmp_path / "x.sqlite").write_text("a shopping list, and no database at all " * 40)
    with pytest.raises(mt.errors.ServiceError, match=r"x\.sqlite"):
        mt.collect.Store(tmp_path / "x.sqlite")
    with pytest.raises(mt.errors.ServiceError):
        mt.collect.Store(tmp_path / "nowhere" / "x.sqlite")


def test_the_file_is_plain_sqlite(store):
    store.add([seen(1, 5.0)], source="a", policy="Deezer")
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT value FROM observations").fetchall() == [(5.0,)]
    db.close()
    assert "tracks" in store.tables()
    with pytest.raises(InputError, match="tracks"):
        store.frame("sqlite_master; DROP TABLE tracks")


def test_many_open_a_new_file_at_once(tmp_path):
    """SQLite refuses a change of the journal's mode that two want at once, without waiting."""
    errors = []

    def open_it(path):
        try:
            mt.collect.Store(path).close()
        except mt.errors.MusictoolsError as error:
            errors.append(error)

    for i in range(25):
        path = tmp_path / f"{i}.sqlite"
        threads = [threading.Thread(target=open_it, args=(path,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors


def test_asking_anew_is_resumed_as_anew(serve, store):
    """Rows of the run before must not count as rows of the one that was broken off."""
    healthy = deezer(500)
    server = serve(healthy)
    client = mt.collect.Deezer(base_url=server.url)
    store.collect(client.tracks("1"))
    server.platform = lambda asked: (
        healthy(asked) if asked.number("index", 0) < 200 else Said({}, 400)
    )
    with pytest.raises(mt.errors.ServiceError):
        store.collect(client.tracks("1"), refresh=True)
    server.platform = healthy
    got = store.collect(client.tracks("1"), refresh=True)
    assert (got.rows, got.calls) == (500, 5)
    server.platform = lambda asked: (
        healthy(asked) if asked.number("index", 0) < 200 else Said({}, 400)
    )
    with pytest.raises(mt.errors.ServiceError):
        store.collect(client.tracks("1"), refresh=True)
    server.platform = healthy
    got = store.collect(client.tracks("1"))
    assert (got.rows, got.calls, got.resumed) == (500, 5, True)


def test_a_limit_is_kept_though_another_question_has_the_same_rows(serve, store):
    healthy = deezer(500)
    server = serve(
        lambda asked: healthy(asked) if asked.number("index", 0) < 200 else Said({}, 400)
    )
    client = mt.collect.Deezer(base_url=server.url)
    with pytest.raises(mt.errors.ServiceError):
        store.collect(client.tracks("1", limit=250))
    server.platform = healthy
    store.collect(client.tracks("1"), run="another")
    got = store.collect(client.tracks("1", limit=250))
    assert (got.rows, got.calls) == (250, 3)


def test_a_full_disk_is_told_and_spoils_nothing(tmp_path):
    with mt.collect.Store(tmp_path / "a.sqlite") as store:
        with store.database.read() as db:
            db.execute("PRAGMA max_page_count = 60").fetchall()
        rows = [Track("Deezer", str(i), "x" * 1000) for i in range(1000)]
        with pytest.raises(mt.errors.ServiceError, match="full"):
            store.add(rows, source="a", policy="Deezer")
        assert store.add(rows[:1], source="a", policy="Deezer") == 1
        assert len(store.frame("tracks")) == 1


def test_a_number_that_nobody_measured_is_a_gap(store):
    store.add([seen(1, 1.0), seen(3, 3.0)], source="a", policy="Deezer")
    assert store.add([seen(1, float("nan")), seen(2, float("nan"))], source="b", policy="D") == 0
    assert store.series("followers")["gap"].tolist() == [False, True, False]


def test_a_time_without_a_zone_is_utc(store, monkeypatch):
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    try:
        moment = dt.datetime(2026, 11, 1, 23)  # noqa: DTZ001 - that is the question
        store.add([Observation("a", "Deezer", "fans", moment, 1.0)], source="a", policy="Deezer")
        assert store.frame("observations")["observed_at"][0].isoformat()[:13] == "2026-11-01T23"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "wrong", [{"title": "x"}, Track("Deezer", None, "x"), Track("Deezer", "1", "\ud800")]
)
def test_rows_that_cannot_be_kept_are_refused(store, wrong):
    good = Track("Deezer", "2", "y")
    with pytest.raises(InputError, match="add rows"):
        store.add([good, wrong], source="a", policy="Deezer")
    assert store.frame("tracks").empty


def test_what_cannot_be_asked_of_a_store(store):
    with pytest.raises(InputError, match="nonsense"):
        store.frame("tracks", where="nonsense = 1")
    with pytest.raises(InputError, match="not yet read"):
        store.collect([Track("Deezer", "1", "x")])
    with pytest.raises(InputError, match="'Deezer'"):
        store.purge("Deezr")
    store.add([seen(1, 1.0)], source="a", policy="Deezer")
    with pytest.raises(InputError, match="as_of"):
        store.series("followers", as_of="some day")
    assert store.series("followers", as_of="2001-01-01")["y"].dtype == float


def test_a_purge_finds_numbers_and_earlier_answers(serve, store):
    people = {"27": "Ana", "271": "Bea"}

    def artists(asked):
        name = asked.path.rsplit("/", 1)[-1]
        return Said({"id": int(name), "name": people[name], "nb_fan": 7, "rank": 27})

    client = mt.collect.Deezer(base_url=serve(artists).url)
    for name in people:
        for day in ("one", "two"):
            store.collect(client.artist(name), run=day)
        store.collect(client.metrics(name))
    gone = store.purge("Deezer", "27")
    assert gone == {"artists": 1, "observations": 2, "raw": 3}
    assert store.frame("artists")["name"].tolist() == ["Bea"]
    assert not any("Ana" in body for body in store.frame("raw")["body"])
    assert len(store.frame("raw")) == 3


@pytest.mark.parametrize("make", [pd.DataFrame, "polars"])
def test_terms_are_found_after_a_merge(make):
    if make == "polars":
        make = pytest.importorskip("polars").DataFrame
    forbidden = make({"k": [1], "y": [1.0], "policy": ["Spotify"]})
    free = make({"k": [1], "z": [2.0], "policy": ["MusicBrainz"]})
    both = (
        forbidden.merge(free, on="k")
        if isinstance(forbidden, pd.DataFrame)
        else forbidden.join(free, on="k")
    )
    with pytest.raises(PolicyError, match="Spotify"):
        mt.collect.check_use(both)
    mt.collect.check_use(both, overrule="Spotify")


def test_terms_are_found_in_labels_and_attributes():
    frame = pd.DataFrame({"k": [1], "y": [1.0], "policy": ["spotify"]})
    plain = frame.drop(columns="policy")
    plain.attrs["policies"] = "Spotify"
    for one in (
        frame,
        frame.groupby("policy").sum(),
        frame.pivot_table(index="k", columns="policy", values="y"),
        plain,
    ):
        with pytest.raises(PolicyError, match="Spotify"):
            mt.collect.check_use(one)


def test_a_table_of_rows_names_its_terms(serve):
    server = serve(deezer(3))
    table = mt.collect.Deezer(base_url=server.url).tracks("1").to_frame()
    assert table.merge(table, on="track_id")["policy_x"].tolist() == ["Deezer"] * 3


def test_two_processes_with_one_question_count_each_page_once(serve, tmp_path):
    server = serve(deezer(2000))
    path = tmp_path / "store.sqlite"
    command = [sys.executable, str(KILLED), server.url, str(path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    for process in running:
        process.stdout.close()
    with mt.collect.Store(path) as store:
        (job,) = store.frame("jobs").to_dict("records")
        assert (job["n_rows"], job["n_calls"]) == (2000, 20)
        assert len(store.frame("raw")) == 20
        assert len(store.frame("tracks")) == 2000


def test_a_process_that_was_overtaken_goes_on_behind_the_other(serve, tmp_path):
    healthy = deezer(500)
    path = tmp_path / "store.sqlite"
    overtaken = []

    def slow(asked):
        if asked.number("index", 0) == 100 and not overtaken:
            overtaken.append(True)
            with mt.collect.Store(path) as other:
                other.collect(mt.collect.Deezer(base_url=server.url).tracks("1", limit=None))
        return healthy(asked)

    server = serve(slow)
    with mt.collect.Store(path) as store:
        got = store.collect(mt.collect.Deezer(base_url=server.url).tracks("1"))
        assert (got.rows, got.calls) == (500, 5)
        assert len(store.frame("raw")) == 5


def test_two_export_to_one_folder(store, tmp_path):
    store.add([Track("Deezer", str(i), "x") for i in range(5000)], source="a", policy="Deezer")
    (tmp_path / "out").mkdir()
    code = "import sys, musictools as mt; mt.collect.Store(sys.argv[1]).export(sys.argv[2])"
    command = [sys.executable, "-c", code, str(store.path), str(tmp_path / "out")]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["tracks.parquet"]


def test_a_closed_store_says_so(tmp_path):
    store = mt.collect.Store(tmp_path / "a.sqlite")
    store.close()
    store.close()
    for use in (lambda: store.frame("tracks"), lambda: store.export(tmp_path / "x")):
        with pytest.raises(InputError, match="closed"):
            use()
    with pytest.raises(InputError, match="closed"):
        store.add([seen(1, 1.0)], source="a", policy="Deezer")


def test_a_place_that_cannot_be_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr("musictools.collect._store.cache_dir", tmp_path.joinpath("file").joinpath)
    with pytest.raises(mt.errors.ServiceError, match="open the store"):
        mt.collect.Store()
