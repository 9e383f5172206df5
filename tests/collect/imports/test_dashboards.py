"""Dashboards of artists: every version of every format read whole."""

import gzip
import shutil

import numpy as np
import pytest

import musictools as mt
from musictools.datasets._exports._facebook_insights import write_facebook_insights
from musictools.datasets._exports._instagram_insights import write_instagram_insights
from musictools.datasets._exports._spotify_for_artists import write_spotify_for_artists
from musictools.datasets._exports._tiktok import write_tiktok
from musictools.datasets._exports._youtube_studio import write_youtube_studio
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same
from tests.collect.imports.dashboards import (
    AUDIENCE,
    FACEBOOK,
    INSTAGRAM,
    OVERVIEW,
    TABLE,
    numbers,
    write,
)

VERSIONS = [
    *((write_spotify_for_artists, {"version": each}) for each in ("2026", "2025", "2019")),
    *((write_youtube_studio, {"version": each}) for each in ("english", "german")),
    *((write_tiktok, {"version": each}) for each in ("english", "portuguese")),
    (write_instagram_insights, {}),
    (write_facebook_insights, {}),
]


@pytest.fixture(scope="module")
def label():
    return mt.datasets.load_label()


# --- every format --------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda p: f"{p[0].__name__[6:]}-{p[1]}")
def exports(request, label, tmp_path_factory):
    """One version of one format, thrice."""
    make, version = request.param
    homes = [tmp_path_factory.mktemp("made") for _ in range(3)]
    return [
        make(label, home, np.random.default_rng(seed), **version) for seed, home in enumerate(homes)
    ]


def test_round_trip(exports):
    for made in exports:
        result = mt.collect.read(made.path)
        assert_same(result, made)
        assert result.table["value"].sum() == pytest.approx(made.truth["value"].sum(), rel=1e-12)
        assert set(result.table["policy"]) == {"own"}
        assert result.table["fetched_at"].isna().all()
        assert not result.provenance["other_files"]
        assert result.provenance["notes"]


def test_in_memory_is_in_a_database_and_once(exports, tmp_path):
    made = exports[0]
    reader = getattr(mt.collect, f"read_{made.format}")
    one = reader(made.path).table
    columns = ["entity_id", "platform", "metric", "observed_at", "value"]
    for _ in range(2):
        two = reader(made.path, into=tmp_path / "music.duckdb").to_frame()
        first, second = (frame[columns].sort_values(columns[:4]) for frame in (one, two))
        assert first.to_numpy().tolist() == second.to_numpy().tolist()


def test_packed_anew(exports, tmp_path):
    made = exports[1]
    if made.format in {"youtube_studio", "tiktok"}:
        # Its archives are what tells the account.
        return
    archive = shutil.make_archive(str(tmp_path / "again"), "zip", made.path)
    # Archives keep even seconds of a zone that nobody tells: the day of the file may differ.
    got = mt.collect.read(archive).table
    assert len(got) == len(made.truth)
    assert got["value"].sum() == pytest.approx(made.truth["value"].sum())


def test_a_file_alone_and_gzipped(label, tmp_path):
    made = write_spotify_for_artists(label, tmp_path, np.random.default_rng(7), version="2025")
    for path in sorted(made.path.glob("*.csv")):
        alone = mt.collect.read(path)
        packed = tmp_path / f"{path.name}.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        assert alone.format == "spotify_for_artists"
        again = mt.collect.read(packed)
        assert sorted(numbers(again).values()) == sorted(numbers(alone).values())
        assert (again.table["entity_id"] == alone.table["entity_id"]).all()


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("spotify_for_artists", AUDIENCE),
        ("youtube_studio", TABLE),
        ("tiktok", OVERVIEW),
        ("instagram_insights", INSTAGRAM),
        ("facebook_insights", FACEBOOK),
    ],
)
def test_empty_and_header_only(name, header, tmp_path):
    reader = getattr(mt.collect, f"read_{name}")
    with pytest.raises(ExportError, match="empty"):
        reader(write(tmp_path / "a.csv", ""))
    only = reader(write(tmp_path / "b.csv", header))
    assert len(only.table) == 0
    assert len(only.problems) == 0
    mt.tables.check(only.table, "observations")


@pytest.mark.parametrize(
    ("name", "header", "gone"),
    [
        ("spotify_for_artists", AUDIENCE, "saves"),
        ("tiktok", OVERVIEW, "Shares"),
        ("facebook_insights", FACEBOOK, "Date"),
        ("instagram_insights", INSTAGRAM, "Date"),
    ],
)
def test_a_column_gone(name, header, gone, tmp_path):
    cells = [cell for cell in header.strip().split(",") if cell.strip('"') != gone]
    path = write(tmp_path / "a.csv", ",".join(cells) + "\n")
    with pytest.raises(ExportError, match=f"no column '{gone}'"):
        getattr(mt.collect, f"read_{name}")(path)


def test_only_unverified_formats_lack_a_reader():
    known = mt.collect.formats("observations").set_index("format")
    presets = {"apple_music_for_artists", "chartmetric", "luminate", "songstats"}
    assert set(known.index[~known["verified"]]) >= presets
    assert known.loc[sorted(presets), "notes"].str.contains("Unverified").all()
    assert (known.loc[sorted(presets), "evidence"] == "").all()
    for name in known.index[known["verified"]]:
        assert callable(getattr(mt.collect, f"read_{name}"))
