"""``musictools extract`` as a person types it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from tests.audio.bad_files import make_bad_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    for i in range(2):
        sf.write(folder / f"{i}.wav", 0.1 * np.sin(np.arange(22_050) / (9 + i)), 22_050)
    return folder


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "musictools", "extract", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def test_a_folder_becomes_a_parquet_file(folder, tmp_path):
    ran = run(folder, "-o", tmp_path / "f.parquet", "--jobs", 1)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("2 of 2 recordings measured")
    assert pd.read_parquet(tmp_path / "f.parquet")["duration_s"].tolist() == [1.0, 1.0]


def test_without_a_name_it_is_called_features(folder, tmp_path):
    assert run(folder, cwd=tmp_path).returncode == 0
    assert (tmp_path / "features.parquet").is_file()


def test_csv_and_json_go_to_standard_output(folder, tmp_path):
    ran = run(folder, "--csv", "--jobs", 1, cwd=tmp_path)
    assert len(pd.read_csv(io.StringIO(ran.stdout))) == 2
    ran = run(folder, "--json", "--jobs", 1, cwd=tmp_path)
    rows = json.loads(ran.stdout)
    assert [row["channels"] for row in rows] == [1.0, 1.0]
    assert rows[0]["error"] is None
    assert rows[0]["loudness_range_lu"] is None  # one second is too short for a range
    assert list(tmp_path.iterdir()) == []


def test_csv_and_json_stand_beside_the_table(folder, tmp_path):
    out = tmp_path / "f.parquet"
    assert run(folder, "-o", out, "--csv", "--json", "--jobs", 1).returncode == 0
    table = pd.read_parquet(out)
    from_csv = pd.read_csv(tmp_path / "f.csv")
    assert from_csv["rms_dbfs"].tolist() == pytest.approx(table["rms_dbfs"].tolist(), rel=1e-14)
    assert len(json.loads((tmp_path / "f.json").read_text("utf-8"))) == 2


def test_other_peoples_side_files_are_not_overwritten(folder, tmp_path):
    for suffix in (".csv", ".json"):
        (tmp_path / f"f{suffix}").write_text("mine")
        ran = run(folder, "-o", tmp_path / "f.parquet", "--" + suffix[1:])
        assert ran.returncode == 1
        assert "another file of that name" in ran.stderr
        assert (tmp_path / f"f{suffix}").read_text() == "mine"
        assert not (tmp_path / "f.parquet").exists()


def test_csv_does_not_depend_on_the_console(tmp_path):
    (tmp_path / "music").mkdir()
    sf.write(tmp_path / "music" / "\u97f3\u697d.wav", np.full(8_000, 0.1), 8_000)
    ran = subprocess.run(
        [sys.executable, "-m", "musictools", "extract", tmp_path / "music", "--csv"],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        check=True,
    )
    assert "\u97f3\u697d.wav" in ran.stdout.decode("utf-8")
    assert b"\r" not in ran.stdout


def test_bad_files_are_rows_and_one_line_says_why(folder, tmp_path):
    bad = tmp_path / "bad"
    bad.mkdir()
    make_bad_files(bad)["eleven_hours.wav"].unlink()  # not bad here, and takes minutes
    sf.write(bad / "8_khz.wav", np.full(8_000, 0.1), 8_000)
    sf.write(bad / "192_khz.wav", np.full(192_000, 0.1), 192_000)
    ran = run(bad, "-o", tmp_path / "f.parquet")
    assert ran.returncode == 0, ran.stderr
    summary = ran.stderr.strip().splitlines()[-1]
    table = pd.read_parquet(tmp_path / "f.parquet")
    failed = table[table["error"].notna()]
    assert f"{len(failed)} failed" in summary
    assert "TruncatedAudioError" in summary
    by_name = {
        Path(path).name: error for path, error in zip(table["path"], table["error"], strict=True)
    }
    assert pd.isna(by_name["8_khz.wav"])
    assert pd.isna(by_name["192_khz.wav"])
    for name, kind in {
        "zero_bytes.wav": "EmptyAudioError",
        "text.mp3": "UnsupportedAudioError",
        "truncated.mp3": "TruncatedAudioError",
        "no_samples.wav": "EmptyAudioError",
        "nan.wav": "InvalidSamplesError",
        "lying_11_hours.flac": "TruncatedAudioError",
    }.items():
        assert by_name[name].startswith(kind), name


def test_a_folder_that_is_not_there_is_one_clean_line(tmp_path):
    ran = run(tmp_path / "nowhere", "-o", tmp_path / "f.parquet")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "nowhere" in ran.stderr
    assert "Try: " in ran.stderr
    assert not (tmp_path / "f.parquet").exists()


@pytest.mark.parametrize("wrong", [["--jobs", "0"], ["--no-such-option"], []])
def test_wrong_usage_leaves_with_two(folder, wrong):
    assert run(*([folder] if wrong else []), *wrong).returncode == 2
