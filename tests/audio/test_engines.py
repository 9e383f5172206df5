"""Other engines: the same contract, their own columns, and where ours agrees with theirs."""

import functools
import math
import shutil

import numpy as np
import pandas as pd
import pytest
import soundfile

import musictools as mt
from musictools import errors
from musictools.audio._engine import ENGINES, choose
from musictools.audio._stream import as_source

RATE = 44_100


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="pop", duration_s=10, rng=4).recording


@pytest.fixture(scope="module")
def folder(tmp_path_factory, song):
    folder = tmp_path_factory.mktemp("engines")
    soundfile.write(folder / "song.flac", song.samples.T, RATE)
    soundfile.write(folder / "short.wav", np.zeros(2000), RATE)
    (folder / "text.wav").write_text("no sound at all")
    return folder


@pytest.fixture(scope="module")
def first_run(folder, tmp_path_factory):
    """Measure the folder with an engine, once, and give the table and its file."""

    @functools.cache
    def run(engine):
        out = tmp_path_factory.mktemp(engine) / "f.parquet"
        return mt.audio.extract(folder, out=out, jobs=1, engine=engine, progress=False), out

    return run


@pytest.fixture(params=["essentia", "librosa"])
def engine(request):
    pytest.importorskip(request.param)
    return request.param


def test_columns_are_what_is_measured(engine, song):
    listed = mt.audio.descriptors(engine=engine)
    assert listed["name"].is_unique
    assert listed["name"].str.startswith(f"{engine}_").all()
    found = mt.audio.describe(song, engine=engine)
    assert list(found.index) == list(listed["name"])
    assert found.notna().mean() > 0.99
    texts = set(listed["name"][listed["unit"] == "text"])
    for name, value in found.items():
        assert isinstance(value, str if name in texts else float), name
        assert name in texts or not math.isinf(value)


def test_the_table_keeps_its_contract(engine, folder, first_run, tmp_path):
    table, file = first_run(engine)
    out = shutil.copy(file, tmp_path)
    names = list(mt.audio.descriptors(engine=engine)["name"])
    assert list(table.columns) == ["path", "recording_id", "error", *names, "features_version"]
    errors_by_name = table.set_index(table["path"].str.rsplit("/").str[-1])["error"]
    assert pd.isna(errors_by_name["song.flac"])
    assert errors_by_name["short.wav"].startswith("AudioError")
    assert "Error" in errors_by_name["text.wav"]
    assert table["features_version"].str.startswith(f"{engine}-").all()
    again = mt.audio.extract(folder, out=out, jobs=1, engine=engine, progress=False)
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def test_engines_do_not_take_each_others_rows(folder, first_run, tmp_path):
    out = shutil.copy(first_run("librosa")[1], tmp_path)
    ours = mt.audio.extract(folder / "song.flac", out=out, jobs=1, progress=False)
    assert "librosa_tempo_bpm" not in ours.columns
    assert ours["integrated_lufs"].notna().all()


def test_an_unknown_engine_is_named_with_its_neighbour(song):
    with pytest.raises(errors.InputError, match="essentia"):
        mt.audio.describe(song, engine="esentia")


def test_a_missing_engine_names_its_extra(song, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "essentia", None)
    with pytest.raises(errors.MissingExtraError, match="essentia"):
        mt.audio.describe(song, engine="essentia")


def test_every_engine_is_there():
    for name in ENGINES:
        if name != "essentia":
            assert choose(name).columns()


def test_our_own_engine_is_the_default(song):
    assert mt.audio.describe(song).equals(mt.audio.describe(song, engine="musictools"))
    assert as_source(song) is song
