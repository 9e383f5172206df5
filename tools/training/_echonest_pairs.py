"""Songs of the Free Music Archive with their Echonest features: from two small tables, or all."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from _echonest_fit import Part, Setting, Songs

from musictools.audio._echonest_model import key_free_columns
from musictools.audio._fma_recipe import RECIPES
from musictools.datasets._fetch import Remote, fetch

Floats = npt.NDArray[np.float64]

FEATURES = (
    *("energy", "acousticness", "danceability", "instrumentalness", "valence", "speechiness"),
    "liveness",
)
#: Both lie near 0 for most songs; a straight scale would lose to the median of all.
OFFSETS = np.array([0.15 if name in {"speechiness", "liveness"} else 0.0 for name in FEATURES])
REMOTE = Remote(
    name="FMA metadata",
    file="fma_metadata.zip",
    address="https://os.unil.cloud.switch.ch/fma/fma_metadata.zip",
    checksum="sha1:f0df49ffe5f2a6008d7dc83c6915b31835dfe733",
    size_mb=342,
    licence="CC BY 4.0",
    citation=(
        "M. Defferrard, K. Benzi, P. Vandergheynst, X. Bresson, FMA: a dataset for music analysis, "
        "ISMIR 2017"
    ),
    own_copy="--fma fma_metadata.zip",
)
_CLIPS, _WHOLES = "pair_A_631x74_librosa22k_echonest", "pair_B_471x140_mfcc44k_echonest"
# Ids that lie no further apart are of one album or its neighbours.
_GAP = 15


def read_pairs(folder: Path) -> Songs:
    """Read the two tables: means of clips at 22.05 kHz, statistics of cepstra at 44.1 kHz."""
    clips = pd.read_csv(folder / f"{_CLIPS}.csv.gz").set_index("track_id")
    wholes = pd.read_csv(folder / f"{_WHOLES}.csv.gz").set_index("track_id")
    ids = np.union1d(clips.index, wholes.index)
    values = clips[_targets()].reindex(ids).fillna(wholes[_targets()])
    # The seventh band of contrast depends on the decoder.
    named = {
        name: f"clip_22k:{family}_mean_{int(row) + 1:02d}"
        for name in clips.columns
        for family, _, row in (name.partition("."),)
        if row and name != "spectral_contrast.6"
    }
    cepstra = {name: f"whole_44k:{name}" for name in wholes.columns if name.startswith("mfcc")}
    clip = clips[list(named)].rename(columns=named).reindex(ids)
    whole = wholes[list(cepstra)].rename(columns=cepstra).reindex(ids)
    return Songs(
        [_part(clip, Setting(60, 5, 512)), _part(whole, Setting(300, 60, 256))],
        values.to_numpy(np.float64),
        ids.astype(np.intp),
        _GAP,
        OFFSETS,
    )


def read_fma(place: Path | None) -> Songs:
    """Read all 13,129 songs from fma_metadata.zip, which is downloaded where it is not given."""
    wanted = {
        f"{family}_{statistic}": name
        for name in ("fma_44k", "whole_44k")
        for family in RECIPES[name].families
        for statistic in RECIPES[name].statistics
    }
    with zipfile.ZipFile(fetch(REMOTE) if place is None else place) as archive:
        echonest = _member(archive, "echonest.csv", 3)
        table = _member(archive, "features.csv", 3, keep=tuple(wanted))
        artist = _member(archive, "tracks.csv", 2, keep=("artist_id",))["artist_id"]
    echonest = echonest.rename(columns=lambda name: name.removeprefix("echonest_audio_features_"))
    echonest = echonest[list(FEATURES)].dropna()
    ids = np.array(sorted(set(echonest.index) & set(table.index) & set(artist.dropna().index)))
    table = table.drop(
        columns=[f"spectral_contrast_{name}_07" for name in RECIPES["fma_44k"].statistics]
    )
    named = {name: f"{wanted[name.rpartition('_')[0]]}:{name}" for name in table.columns}
    return Songs(
        [_part(table.loc[ids].rename(columns=named), Setting(300, 30, 512))],
        echonest.loc[ids].to_numpy(np.float64),
        artist.loc[ids].to_numpy().astype(np.intp),
        0,
        OFFSETS,
    )


def _targets() -> list[str]:
    return [f"echonest_{name}" for name in FEATURES]


def _part(table: pd.DataFrame, setting: Setting) -> Part:
    columns = key_free_columns({str(name): table[name].to_numpy(np.float64) for name in table})
    names = tuple(sorted(columns))
    return Part(names, np.stack([np.asarray(columns[name]) for name in names], axis=1), setting)


def _member(
    archive: zipfile.ZipFile, name: str, levels: int, *, keep: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Read a table whose columns have names of several levels, which are joined by ``_``."""
    place = next(each for each in archive.namelist() if each.endswith(f"/{name}"))
    with archive.open(place) as opened:
        lines = csv.reader(io.TextIOWrapper(opened, "utf-8"))
        heads = [
            "_".join(parts) for parts in zip(*(next(lines) for _ in range(levels)), strict=True)
        ]
    used = [i for i, head in enumerate(heads) if i == 0 or not keep or head.startswith(keep)]
    with archive.open(place) as opened:
        # One more line holds the name of the index.
        found = pd.read_csv(
            opened, skiprows=levels + 1, header=None, usecols=used, low_memory=False
        )
    found.columns = ["track_id", *(heads[i] for i in used[1:])]
    return found.set_index("track_id")
