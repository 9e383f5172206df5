"""Extraction: one row a file whatever happens, nothing lost, nothing done twice."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

import musictools as mt
from musictools.audio import _engine_musictools, _extract, _measure, _shards
from musictools.audio._find import find_files
from musictools.errors import AudioNotFoundError, InputError
from tests.audio.bad_files import make_bad_files

RATE = 22_050


def write_song(path, seed=0, seconds=3.0):
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    tone = sum(
        rng.uniform(0.05, 0.15) * np.sin(2 * np.pi * hz * t) for hz in rng.uniform(100, 2000, 4)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, tone * (1 + (np.arange(t.size) % (RATE // 2) < 900)) / 2, RATE)
    return path


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Five songs that no test touches."""
    songs = tmp_path_factory.mktemp("songs")
    for i in range(5):
        write_song(songs / f"{i}.wav", seed=i)
    return songs


@pytest.fixture(scope="module")
def by_one_worker(songs):
    """Their table, to read only."""
    return mt.audio.extract(songs, jobs=1)


@pytest.fixture
def folder(songs, tmp_path):
    """Five songs to do anything with."""
    return Path(shutil.copytree(songs, tmp_path / "music"))


@pytest.fixture
def measured_paths(monkeypatch):
    """Which files are measured, in this process: what comes of workers is told elsewhere."""
    seen = []

    def run(target, tasks, *, jobs, **limits):
        for task in tasks if target.endswith(":measure") else ():
            seen.append(Path(task["path"]).name)
            try:
                yield _extract._workers.Outcome(task, _measure.measure(**task))
            except mt.errors.MusictoolsError as error:
                yield _extract._workers.Outcome(task, error=f"{type(error).__name__}: {error}")

    monkeypatch.setattr(_extract._workers, "run", run)
    return seen


def test_the_table_has_the_promised_columns(songs, by_one_worker):
    table = by_one_worker
    names = list(mt.audio.descriptors()["name"])
    assert list(table.columns) == ["path", "recording_id", "error", *names, "features_version"]
    assert table["path"].tolist() == [str(songs / f"{i}.wav") for i in range(5)]
    assert table["error"].isna().all()
    assert table["recording_id"].is_unique
    mt.tables.check(table, "features")


def test_a_row_is_what_describe_gives(by_one_worker):
    for row in by_one_worker.to_dict("records"):
        described = mt.audio.describe(row["path"])
        for name, value in described.items():
            assert row[name] == value or (pd.isna(row[name]) and pd.isna(value)), name


def test_the_number_of_workers_changes_no_number(songs, by_one_worker):
    three = mt.audio.extract(songs, jobs=3)
    pd.testing.assert_frame_equal(by_one_worker, three, check_exact=True)


def test_the_file_is_the_table(folder, tmp_path):
    out = tmp_path / "new folder" / "features.parquet"
    table = mt.audio.extract(folder, out=out, jobs=2)
    pd.testing.assert_frame_equal(pd.read_parquet(out), table, check_exact=True)
    assert list(out.parent.iterdir()) == [out]


def test_nothing_is_measured_twice(folder, tmp_path, measured_paths):
    out = tmp_path / "f.parquet"
    first = mt.audio.extract(folder, out=out)
    assert len(measured_paths) == 5
    again = mt.audio.extract(folder, out=out)
    assert len(measured_paths) == 5
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    mt.audio.extract(folder, out=out, resume=False)
    assert len(measured_paths) == 10


def test_content_decides_not_the_name(folder, tmp_path, measured_paths):
    out = tmp_path / "f.parquet"
    mt.audio.extract(folder, out=out)
    (folder / "0.wav").rename(folder / "moved.wav")
    write_song(folder / "1.wav", seed=99)
    measured_paths.clear()
    table = mt.audio.extract(folder, out=out)
    assert measured_paths == ["1.wav"]
    assert len(table) == 5


def test_copies_of_one_song_are_rows_of_their_own(folder, tmp_path, measured_paths):
    out = tmp_path / "f.parquet"
    (folder / "copy.wav").write_bytes((folder / "0.wav").read_bytes())
    first = mt.audio.extract(folder, out=out)
    assert len(first) == 6
    pd.testing.assert_frame_equal(mt.audio.extract(folder, out=out), first, check_exact=True)
    assert len(measured_paths) == 6


def test_another_version_of_the_descriptors_is_measured_anew(
    folder, tmp_path, measured_paths, monkeypatch
):
    out = tmp_path / "f.parquet"
    mt.audio.extract(folder, out=out)
    monkeypatch.setattr(_engine_musictools, "REVISION", _engine_musictools.REVISION + 1)
    mt.audio.extract(folder, out=out)
    assert len(measured_paths) == 10


def test_a_killed_run_goes_on_where_it_stopped(tmp_path, measured_paths):
    if sys.platform == "win32":
        pytest.skip("no SIGKILL on Windows")
    folder, out = tmp_path / "music", tmp_path / "f.parquet"
    for i in range(12):
        write_song(folder / f"{i:02d}.wav", seed=i, seconds=20)
    whole = mt.audio.extract(folder, jobs=2)
    code = "import sys, musictools as mt; mt.audio.extract(sys.argv[1], out=sys.argv[2], jobs=2)"
    child = subprocess.Popen([sys.executable, "-c", code, folder, out], start_new_session=True)
    parts = tmp_path / "f.parquet.parts"
    deadline = time.monotonic() + 120
    while len(list(parts.glob("*.json"))) < 4:
        assert child.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    time.sleep(2)  # the workers finish the song they are at, find nobody there, and leave
    assert not out.exists()
    finished = list(parts.glob("*.json"))
    assert 4 <= len(finished) < 12

    measured_paths.clear()
    resumed = mt.audio.extract(folder, out=out, jobs=2)
    assert len(measured_paths) == 12 - len(finished)
    pd.testing.assert_frame_equal(resumed, whole, check_exact=True)
    assert not parts.exists()


def test_finished_shards_are_not_measured_again(folder, tmp_path, measured_paths):
    out = tmp_path / "f.parquet"
    whole = mt.audio.extract(folder, out=out)
    version = whole["features_version"].iloc[0]
    out.unlink()
    shards = _shards.Shards(out, version)
    for path, recording_id in zip(whole["path"][:3], whole["recording_id"][:3], strict=True):
        _measure.measure(path, recording_id, str(shards.path(recording_id)))
    shards.path(whole["recording_id"][3]).write_text('{"half": ', "utf-8")
    shards.path(whole["recording_id"][4]).write_text("{}", "utf-8")
    measured_paths.clear()
    again = mt.audio.extract(folder, out=out)
    assert sorted(measured_paths) == ["3.wav", "4.wav"]
    pd.testing.assert_frame_equal(again, whole, check_exact=True)


def test_every_bad_file_is_one_row(tmp_path):
    (tmp_path / "bad").mkdir()
    made = make_bad_files(tmp_path / "bad")
    made.pop("eleven_hours.wav").unlink()  # streamed, it is not bad: but it takes minutes
    write_song(tmp_path / "bad" / "good.wav")
    table = mt.audio.extract(tmp_path / "bad", jobs=2).set_index("path")
    listed = {str(p) for p in made.values() if str(p) in find_files(tmp_path / "bad")}
    assert set(table.index) == listed | {str(tmp_path / "bad" / "good.wav")}
    numbers = table.drop(columns=["recording_id", "error", "features_version", "key"])
    failed = table["error"].notna()
    assert numbers[failed].isna().all(axis=None)
    assert numbers.loc[~failed, "duration_s"].notna().all()
    assert failed.sum() >= 5
    assert not failed[str(tmp_path / "bad" / "good.wav")]
    assert table.loc[failed, "error"].str.contains("Try: ").all()


def test_a_file_that_changes_meanwhile_is_no_other_files_row(folder, tmp_path, monkeypatch):
    real = _measure.choose

    def swap(engine):
        write_song(folder / "0.wav", seed=77)
        return real(engine)

    recording_id = _shards.content_id(str(folder / "0.wav"))
    monkeypatch.setattr(_measure, "choose", swap)
    with pytest.raises(mt.errors.AudioError, match="changed meanwhile"):
        _measure.measure(str(folder / "0.wav"), recording_id, str(tmp_path / "shard.json"))
    assert not (tmp_path / "shard.json").exists()


def test_a_row_that_cannot_be_kept_is_not_lost(folder, tmp_path):
    (tmp_path / "f.parquet.parts").write_text("a file where the folder should be")
    table = mt.audio.extract(folder, out=tmp_path / "f.parquet", jobs=1)
    assert table["error"].isna().all()


def test_rows_that_a_smaller_run_lacks_are_kept_beside(folder, tmp_path, measured_paths):
    out = tmp_path / "f.parquet"
    whole = mt.audio.extract(folder, out=out)
    mt.audio.extract(folder, out=out)
    assert not (tmp_path / "f.previous.parquet").exists()
    assert len(mt.audio.extract(folder / "0.wav", out=out)) == 1
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "f.previous.parquet"), whole)


def test_names_that_are_no_text_are_spelt_out(songs, tmp_path):
    if sys.platform in {"win32", "darwin"}:
        pytest.skip("file names are text there")
    folder = tmp_path / "music"
    folder.mkdir()
    for content, name in ((b"", b"\xff.wav"), ((songs / "0.wav").read_bytes(), b"\xfe.wav")):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(content)
    table = mt.audio.extract(folder, out=tmp_path / "f.parquet", jobs=1)
    assert table["path"].str.endswith("\\xff.wav").sum() == 1
    assert table["error"].notna().sum() == 1
    assert len(pd.read_parquet(tmp_path / "f.parquet")) == 2


def test_a_folder_that_cannot_be_written_to_is_known_before_any_work(folder, measured_paths):
    with pytest.raises(InputError, match="can be written to"):
        mt.audio.extract(folder, out=folder / "0.wav" / "f.parquet")
    for name in (".", "", "/"):
        with pytest.raises(InputError, match="ends in"):
            mt.audio.extract(folder, out=name)
    assert measured_paths == []


def test_files_in_the_readers_folder_are_not_imported(folder, tmp_path, monkeypatch):
    (tmp_path / "soundfile.py").write_text("raise SystemExit('the wrong soundfile')")
    monkeypatch.chdir(tmp_path)
    assert mt.audio.extract(folder, jobs=1)["error"].isna().all()


def test_brackets_in_names_are_letters(tmp_path):
    live = write_song(tmp_path / "album [live]" / "Take [1].wav")
    other = write_song(tmp_path / "Take 1.wav")
    assert find_files(live) == [str(live)]
    assert find_files(str(tmp_path / "album [live]" / "*.wav")) == [str(live)]
    assert find_files([other, tmp_path / "Take [1].wav"]) == [
        str(other),
        str(tmp_path / "Take [1].wav"),
    ]
    assert find_files([str(other), str(tmp_path / "Take [1].wav")])[1].endswith("Take [1].wav")


def test_a_missing_file_among_others_is_a_row(folder):
    table = mt.audio.extract([folder / "0.wav", folder / "gone.wav"], jobs=1)
    assert table["error"].isna().tolist() == [True, False]
    assert table["error"][1].startswith("AudioNotFoundError")
    assert pd.isna(table["recording_id"][1])


def test_errors_are_tried_again(folder, tmp_path, measured_paths):
    out = tmp_path / "f.parquet"
    (folder / "0.wav").write_bytes(b"")
    assert mt.audio.extract(folder, out=out)["error"].notna().sum() == 1
    write_song(folder / "0.wav")
    measured_paths.clear()
    assert mt.audio.extract(folder, out=out)["error"].notna().sum() == 0
    assert measured_paths == ["0.wav"]


@pytest.mark.parametrize("nothing", ["no such folder", "*.flac", []])
def test_nothing_to_do_is_an_error(nothing):
    with pytest.raises(AudioNotFoundError, match="find recordings"):
        mt.audio.extract(nothing)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(AudioNotFoundError, match="find recordings"):
        mt.audio.extract(tmp_path)


@pytest.mark.parametrize("wrong", [3, [None], b"bytes", [b"bytes"]])
def test_a_path_that_is_none_is_an_error(wrong):
    with pytest.raises(InputError, match="a path, a pattern"):
        mt.audio.extract(wrong)


def test_jobs_below_one_is_an_error(folder):
    with pytest.raises(InputError, match="jobs=0"):
        mt.audio.extract(folder, jobs=0)


def test_other_peoples_files_are_not_overwritten(folder, tmp_path):
    theirs = tmp_path / "theirs.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(theirs)
    text = tmp_path / "text.parquet"
    text.write_text("not a table")
    for out in (theirs, text):
        before = out.read_bytes()
        for resume in (True, False):
            with pytest.raises(InputError, match="features table"):
                mt.audio.extract(folder, out=out, resume=resume)
        assert out.read_bytes() == before
    with pytest.raises(InputError, match=r"ends in \.parquet"):
        mt.audio.extract(folder, out=tmp_path / "table.csv")


def test_folders_patterns_and_files_are_found_once(tmp_path):
    a = write_song(tmp_path / "album" / "a.wav")
    b = write_song(tmp_path / "album" / "disc 2" / "b.WAV")
    for ignored in ("album/.hidden/x.wav", "album/._a.wav", "album/cover.jpg", "album/notes.txt"):
        (tmp_path / ignored).parent.mkdir(exist_ok=True)
        (tmp_path / ignored).write_bytes(b"x")
    (tmp_path / "album" / "loop").symlink_to(tmp_path / "album", target_is_directory=True)
    both = [str(a), str(b)]
    assert find_files(tmp_path) == both
    assert find_files([a, tmp_path / "album", str(tmp_path / "album" / "*.wav")]) == both
    assert find_files(str(tmp_path / "**" / "*.WAV")) == [str(b)]
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "linked album").symlink_to(tmp_path / "album", target_is_directory=True)
    assert len(find_files(tmp_path / "more")) == 2


@pytest.mark.slow
def test_the_development_recordings_all_measure(measured):
    assert len(measured) == 90
    assert measured["error"].isna().all()
    assert measured["integrated_lufs"].notna().all()
