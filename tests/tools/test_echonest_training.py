"""Training of the Echonest estimates: folds, intervals, and the tables it reads."""

import dataclasses
import io
import sys
import zipfile

import numpy as np
import pytest


@pytest.fixture(scope="module")
def tools(root):
    """The modules, found the way their own siblings find each other."""
    folder = str(root / "tools" / "training")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    try:
        import _echonest_fit
        import _echonest_pairs
        import train_echonest

        yield _echonest_fit, _echonest_pairs, train_echonest
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            if "echonest" in name and not name.startswith("musictools"):
                del sys.modules[name]


@pytest.fixture(scope="module")
def songs(tools):
    """Two blocks that each know half of the truth; the second has half of the songs."""
    fit, *_ = tools
    rng = np.random.default_rng(0)
    ids = np.sort(rng.choice(6000, 300, replace=False))
    table = rng.normal(size=(300, 40))
    truth = 0.5 + 0.08 * table[:, 0] + 0.08 * table[:, 20] + rng.normal(0, 0.05, 300)
    second = table[:, 20:].copy()
    second[::2] = np.nan
    setting = fit.Setting(10, 30, 32)
    parts = [
        fit.Part(tuple(f"clip_22k:a{i}" for i in range(20)), table[:, :20], setting),
        fit.Part(tuple(f"whole_44k:b{i}" for i in range(20)), second, setting),
    ]
    values = np.clip(np.stack([truth] * 7, axis=1), 0, 1)
    return fit.Songs(parts, values, ids.astype(np.intp), 15, np.zeros(7))


def test_no_fold_parts_a_group(tools, songs):
    fit, *_ = tools
    everyone = np.arange(300)
    groups = songs.groups(everyone)
    assert groups.max() > 50
    assert ((np.diff(songs.ids) > 15) == (np.diff(groups) > 0)).all()
    judged = everyone[songs.parts[1].known]
    tests = []
    for learn, test in fit.folds(songs, everyone, judged):
        assert not set(groups[np.setdiff1d(learn, judged)]) & set(groups[test])
        assert not set(songs.groups(judged)[np.isin(judged, learn)]) & set(
            songs.groups(judged)[np.isin(judged, test)]
        )
        tests += test.tolist()
    assert sorted(tests) == judged.tolist()


def test_two_blocks_know_more_than_one(tools, songs):
    fit, _, train = tools
    everyone = np.arange(300)
    held = fit.predict_held(songs, everyone, everyone)
    alone = dataclasses.replace(songs, parts=songs.parts[:1])
    one = fit.predict_held(alone, everyone, everyone)
    assert train.score(songs, held, 0)["mae"] < train.score(songs, one, 0)["mae"] - 0.005
    assert fit.nested_coverage(songs, everyone, everyone)[:, 0].mean() == pytest.approx(
        0.9, abs=0.04
    )


def test_songs_with_all_blocks_are_judged_by_the_errors_of_their_like(tools, songs):
    """The second block knows all that can be known: errors without it say nothing of those with."""
    fit, *_ = tools
    second = np.nan_to_num(songs.parts[1].table)
    there = songs.parts[1].known
    noise = np.random.default_rng(1).normal(0, 0.03, 300)
    truth = 0.5 + np.where(there, 0.1 * second[:, 0], 3 * noise) + noise
    known = dataclasses.replace(songs, values=np.clip(np.stack([truth] * 7, axis=1), 0, 1))
    everyone = np.arange(300)
    held = fit.predict_held(known, everyone, everyone)
    assert (held.whole == there).all()
    both, mixed = (fit.residual_ends(known, x)[:, 0] for x in (held.take(held.whole), held))
    assert np.ptp(both) < 0.85 * np.ptp(mixed)
    inside = fit.nested_coverage(known, everyone, everyone, deal=1)[:, 0]
    for like in (there, ~there):
        assert inside[like].mean() == pytest.approx(0.9, abs=0.04)


def test_what_is_saved_is_what_was_learned(tools, songs, tmp_path):
    *_, train = tools
    blocks, card = train.learn(songs)
    train.save(blocks, card, tmp_path)
    arrays = np.load(tmp_path / "echonest.npz", allow_pickle=False)
    assert arrays["0_waves"] == pytest.approx(blocks[0].waves)
    assert "| energy |" in (tmp_path / "echonest.md").read_text("utf-8")
    assert card["features"]["energy"]["tier"] == "weak" or card["features"]["energy"]["r2"] >= 0.5


def test_errors_of_the_card_are_those_of_the_tables(tools, shared):
    """The folds run again, without the nested ones, give what the model card says."""
    fit, pairs, train = tools
    folder = shared / "data" / "features" / "fma"
    if not folder.is_dir():
        pytest.skip("no FMA tables in the research data")
    from musictools.audio._echonest_model import card

    if card()["trained_on"]["songs"] != 870:
        pytest.skip("the model was trained on all of FMA")
    songs = pairs.read_pairs(folder)
    everyone = np.arange(870)
    judged = everyone[songs.parts[0].known]
    held = fit.predict_held(songs, everyone, judged)
    for place, name in enumerate(pairs.FEATURES):
        told = card()["features"][name]
        assert train.score(songs, held, place)["mae"] == pytest.approx(told["mae"], abs=5e-4)
    ends = fit.residual_ends(songs, held.take(held.whole))
    told = [each["residuals"] for each in card()["features"].values()]
    assert np.transpose(told) == pytest.approx(ends, abs=1e-3)


def test_the_archive_is_read_by_its_own_names(tools, tmp_path):
    """A zip laid out as FMA's: heads of several lines, the name of the index on the next."""
    _, pairs, _ = tools
    rng = np.random.default_rng(1)
    families = {"chroma_cens": 12, "chroma_cqt": 12, "chroma_stft": 12, "mfcc": 20, "rmse": 1}
    families |= {"spectral_bandwidth": 1, "spectral_centroid": 1, "spectral_contrast": 7}
    families |= {"spectral_rolloff": 1, "tonnetz": 6, "zcr": 1}
    columns = [
        (family, statistic, f"{row + 1:02d}")
        for family, rows in families.items()
        for statistic in ("kurtosis", "max", "mean", "median", "min", "skew", "std")
        for row in range(rows)
    ]
    assert len(columns) == 518
    audio = [("echonest", "audio_features", name) for name in (*pairs.FEATURES, "tempo")]
    meta = [("echonest", "metadata", "artist_name")]
    features = rng.normal(size=(6, 518))
    values = rng.uniform(size=(6, 8))
    files = {
        "features.csv": _written(columns, range(2, 8), features),
        "echonest.csv": _written(audio + meta, range(3, 9), np.c_[values, np.ones(6)]),
        "tracks.csv": _written(
            [("album", "id"), ("artist", "id")], range(9), np.arange(18).reshape(9, 2) // 4
        ),
    }
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"fma_metadata/{name}", text)
    songs = pairs.read_fma(tmp_path / "made.zip")
    (part,) = songs.parts
    assert songs.values == pytest.approx(values[:5, :7])  # songs 3 to 7 stand in all tables
    assert songs.groups(np.arange(5)).tolist() == [0, 1, 1, 2, 2]
    place = part.names.index("whole_44k:mfcc_skew_03")
    assert part.table[:, place] == pytest.approx(
        features[1:, columns.index(("mfcc", "skew", "03"))]
    )
    assert "fma_44k:spectral_contrast_std_06" in part.names
    assert not any(name.endswith(("contrast_mean_07", "chroma_cqt_mean_01")) for name in part.names)
    assert "fma_44k:chroma_cqt_std_largest" in part.names


def _written(columns, index, rows):
    text = io.StringIO()
    for level in range(len(columns[0])):
        text.write(",".join(["", *(name[level] for name in columns)]) + "\n")
    text.write("track_id" + "," * len(columns) + "\n")
    for track, row in zip(index, rows, strict=True):
        text.write(",".join([str(track), *(repr(float(x)) for x in row)]) + "\n")
    return text.getvalue()
