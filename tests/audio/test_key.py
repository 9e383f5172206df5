"""Keys: of cadences exactly, of the development songs well enough, and where they change."""

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.audio._key_model import (
    frame_triads,
    gain_of,
    join_short_runs,
    likeliest_path,
    log_posteriors,
    log_softmax,
    turned,
)
from musictools.audio._keys import KEYS, ROOTS
from musictools.audio._model import load_model
from musictools.audio._pass import gather
from musictools.audio._peaks import HOP_S, PeakTrack

RATE = 22_050


def cadence(root, mode, cents=0.0):
    """I-IV-V-I with three harmonics a note; minor has the raised leading note."""
    third = 4 if mode == "major" else 3
    steps = [(0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7)]
    t = np.arange(RATE) / RATE
    fade = np.minimum(1, (1 - t) * 20)
    pieces = []
    for chord in steps:
        notes = [261.6256 * 2 ** ((root + step + cents / 100) / 12) for step in chord]
        tone = sum(0.5**h * np.sin(2 * np.pi * hz * (h + 1) * t) for hz in notes for h in range(3))
        pieces.append(0.1 * fade * tone)
    return np.concatenate(pieces * 2)


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("root", range(12))
def test_every_key_is_found(root, mode):
    found = mt.audio.key(cadence(root, mode), sample_rate=RATE)
    assert found.value == f"{ROOTS[root]} {mode}"
    assert found.value in KEYS
    assert 0.5 < found.confidence <= 1
    assert len(found.alternatives) == 4
    assert found.confidence + sum(share for _, share in found.alternatives) <= 1 + 1e-9
    assert list(found.segments["label"]) == [found.value]


def test_turning_the_music_turns_the_answer_and_nothing_else():
    """The weights are shared: confidence depends on no absolute pitch."""
    sure = [mt.audio.key(cadence(r, "minor"), sample_rate=RATE).confidence for r in (0, 5, 8)]
    assert np.ptp(sure) < 0.05
    shares = np.random.default_rng(4).dirichlet(np.ones(24), 3)
    higher = np.roll(shares.reshape(3, 2, 12), 5, axis=2).reshape(3, 24)
    weights = load_model("key")["whole"]
    ours = log_posteriors(shares, weights).reshape(3, 2, 12)
    theirs = log_posteriors(higher, weights).reshape(3, 2, 12)
    np.testing.assert_allclose(np.roll(ours, 5, axis=2), theirs, atol=1e-12)
    assert turned(shares).shape == (3, 12, 24)


@pytest.mark.parametrize("cents", [-40, -15, 20, 40])
def test_tuning_is_measured_and_does_not_move_the_key(cents):
    found = mt.audio.key(cadence(4, "minor", cents), sample_rate=RATE)
    assert found.tuning_cents == pytest.approx(cents, abs=3)
    assert found.value == "E minor"


def test_parts_of_different_tuning_are_heard_each_at_its_own():
    """One part is 45 cents sharp: at one tuning for all, notes fall between two."""
    in_tune, sharp = cadence(4, "minor"), cadence(4, "minor", 45)
    mixed = np.concatenate([in_tune, in_tune, in_tune, sharp])
    found = mt.audio.key(mixed, sample_rate=RATE)
    assert found.value == "E minor"
    assert list(found.segments["label"]) == ["E minor"]
    ours, wanted = (
        frame_triads(gather(mt.audio.from_samples(sound, RATE), [PeakTrack])[PeakTrack])
        for sound in (mixed, np.concatenate([in_tune] * 4))
    )
    # Past the joint, at 24 s, where two tunings are in one window; at one tuning it is 0.012.
    late = np.arange(len(ours)) * HOP_S > 28
    assert np.abs(ours - wanted)[late].mean() < 0.002


@pytest.mark.parametrize(
    "sound",
    [np.zeros(RATE * 3), np.full(RATE * 3, 0.3), np.eye(1, RATE * 3, 9)[0], np.array([0.5])],
    ids=["silence", "constant", "a click", "one sample"],
)
def test_no_key_without_pitch(sound):
    found = mt.audio.key(sound, sample_rate=RATE)
    if found.value is None:
        assert found.confidence == 0
        assert found.alternatives == ()
        assert math.isnan(found.tuning_cents)
        assert len(found.segments) == 0
    else:
        # The edge of a constant has a spectrum, and so has a click: an answer, but no certainty.
        assert found.confidence < 0.6
    assert list(found.segments.columns) == ["start_s", "end_s", "label"]


def test_silence_has_no_key():
    assert mt.audio.key(np.zeros(RATE * 3), sample_rate=RATE).value is None


def test_noise_is_not_sure_of_its_key():
    rng = np.random.default_rng(3)
    noises = [rng.normal(0, 0.1, RATE * 20) for _ in range(6)]
    sure = [mt.audio.key(noise, sample_rate=RATE).confidence for noise in noises]
    assert np.mean(sure) < 0.35


def test_a_chord_of_a_fifth_of_a_second_has_a_key():
    found = mt.audio.key(cadence(2, "major")[: RATE // 5], sample_rate=RATE)
    assert found.value in KEYS
    assert np.isfinite(found.confidence)


def joined(first, second, seconds, *, level=True):
    """Two songs one after the other, as loud."""
    parts = [s[..., : round(n * RATE)] for s, n in zip((first, second), seconds, strict=True)]
    return np.concatenate([p / np.sqrt(np.mean(p**2)) / 10 if level else p for p in parts], axis=-1)


def mono(samples, sample_rate):
    """At the rate of these tests."""
    import soxr

    return soxr.resample(samples.mean(axis=0), sample_rate, RATE)


def simulated(key, style, seed):
    song = mt.datasets.simulate_recording(style=style, key=key, duration_s=20, rng=seed)
    return mono(song.recording.samples, song.recording.sample_rate)


def test_a_song_that_changes_its_key_is_in_the_longer_one():
    first, second = simulated("C major", "pop", 5), simulated("Eb minor", "rock", 6)
    found = mt.audio.key(joined(first, second, (19, 11)), sample_rate=RATE)
    assert found.value == "C major"
    assert list(found.segments["label"]) == ["C major", "Eb minor"]
    assert found.segments["start_s"].tolist() == [0.0, found.segments["end_s"][0]]
    assert found.segments["end_s"][0] == pytest.approx(19, abs=3)
    assert found.segments["end_s"][1] == pytest.approx(30, abs=0.4)
    other = mt.audio.key(joined(second, first, (11, 19)), sample_rate=RATE)
    assert other.value == "C major"
    assert list(other.segments["label"]) == ["Eb minor", "C major"]


def test_three_seconds_are_no_modulation():
    first, second = simulated("C major", "pop", 5), simulated("Eb minor", "rock", 6)
    mixed = np.concatenate([first[: 12 * RATE], second[: 3 * RATE], first[: 12 * RATE]])
    found = mt.audio.key(mixed, sample_rate=RATE)
    assert list(found.segments["label"]) == ["C major"]


def test_the_path_is_the_best_of_all_paths():
    logs = log_softmax(np.random.default_rng(1).normal(0, 2, (5, 3)))
    stays, moves = math.log(0.7), math.log(0.3 / 2)

    def score(path):
        steps = sum(stays if a == b else moves for a, b in pairwise(path))
        return steps + sum(row[key] for row, key in zip(logs, path, strict=True))

    every = np.array(np.meshgrid(*[range(3)] * 5)).reshape(5, -1).T
    best = max(every.tolist(), key=score)
    assert likeliest_path(logs, stay=0.7).tolist() == best


def test_short_runs_join_the_neighbour_that_fits_them():
    windows = np.full((40, 24), -5.0)
    path = np.array([0] * 18 + [7] * 4 + [3] * 18)
    windows[np.arange(40), path] = -0.1
    windows[18:22, 3] = -1.0
    assert join_short_runs(windows, path) == ((0, 18, 0), (18, 40, 3))
    assert gain_of(windows, np.zeros(40, int)) <= 0


def test_keys_compare_by_their_answers():
    one, two = (mt.audio.key(cadence(0, "major"), sample_rate=RATE) for _ in range(2))
    assert one == two
    assert one.segments.equals(two.segments)
    assert "C major" in one._repr_html_()


def test_listing_columns_loads_no_compiler():
    """Numba takes half a second; only a measurement may need it."""
    code = (
        "import sys, musictools.audio._tonal, musictools.audio._key;"
        "print(sorted({'numba', 'pandas', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_model_says_what_it_was_made_of():
    model = load_model("key")
    assert model["made_by"] == "tools/training/train_key.py"
    for part in ("whole", "windows"):
        assert np.shape(model[part]["weights"]) == (2, 24)
        assert np.shape(model[part]["bias"]) == (2,)
    assert len(model["clues"]) == 7
    assert model["figures"]["studio"]["exact"] >= 0.88
    for row in model["reliability"]:
        # Two standard errors of a share, around what the confidence promises.
        spread = 2 * math.sqrt(0.25 / row["answers"])
        assert abs(row["right"] - row["mean_confidence"]) <= spread


@pytest.fixture(scope="module")
def songs(shared):
    folder = shared / "data" / "audio"
    index = pd.read_csv(folder / "index.csv").query("set == 'midi_render'")
    spelled = index["key"].replace({"Gb major": "F# major"})
    found = []
    for path, key in zip(index["path"], spelled, strict=True):
        recording = mt.audio.read(folder / path)
        found.append((mono(recording.samples, recording.sample_rate), key))
    assert len(found) == 24
    return found


def score(found, true):
    """MIREX, fifth up only."""
    mir_eval = pytest.importorskip("mir_eval")
    return np.mean([mir_eval.key.weighted_score(t, f) for f, t in zip(found, true, strict=True)])


@pytest.mark.parametrize("cents", [0, -40, 40])
def test_key_of_the_generated_songs(songs, cents):
    """Another sample rate is another tuning, and no resampling is in the way."""
    rate = round(RATE * 2 ** (cents / 1200))
    found = [mt.audio.key(samples, sample_rate=rate).value for samples, _ in songs]
    assert np.mean([f == key for f, (_, key) in zip(found, songs, strict=True)]) >= 0.95


def test_key_of_songs_that_modulate(songs):
    """19 s of one and 11 s of another, in either order: the longer part gives the key."""
    found, true = [], []
    for i, (samples, key) in enumerate(songs):
        other = songs[(i + 7) % len(songs)][0]
        found.append(mt.audio.key(joined(samples, other, (19, 11)), sample_rate=RATE).value)
        found.append(mt.audio.key(joined(other, samples, (11, 19)), sample_rate=RATE).value)
        true += [key, key]
    assert score(found, true) >= 0.85
