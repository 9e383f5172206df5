"""Keys: of cadences exactly, of the development songs well enough, and where they change."""

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.audio._chord_model import hear_chords
from musictools.audio._key_model import (
    SCALES,
    Harmony,
    find_harmony,
    find_scales,
    gain_of,
    gather_clues,
    join_short_runs,
    log_posteriors,
    part_features,
    window_features,
)
from musictools.audio._keys import KEYS, ROOTS
from musictools.audio._model import load_model
from musictools.audio._pass import gather
from musictools.audio._peaks import HOP_S, PeakTrack
from musictools.audio._viterbi import (
    change_posteriors,
    likeliest_path,
    log_softmax,
    state_posteriors,
)

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
    model = load_model("key")
    there, up = (harmony_of_chance(turn) for turn in (0, 5))
    for features, weights in ((window_features, "windows"), (whole_features, "whole")):
        ours, theirs = (log_posteriors(features(h), model[weights]) for h in (there, up))
        np.testing.assert_allclose(turn_classes(ours, 5), theirs, atol=1e-9)
    ours, theirs = (
        gather_clues(h, find_scales(h, model["windows"]), model["whole"]) for h in (there, up)
    )
    np.testing.assert_allclose(turn_classes(ours.T, 5).T, theirs, atol=1e-9)


def harmony_of_chance(turn):
    """Some chords and changes, all of them higher by some semitones."""
    rng = np.random.default_rng(4)
    odds = turn_classes(rng.dirichlet(np.full(36, 0.1), 120), turn)
    leaving, arriving = (
        turn_classes(share * rng.dirichlet(np.full(24, 0.1), 119), turn) for share in (1.0, 0.2)
    )
    return Harmony(np.ones(120, bool), odds, leaving, arriving)


def whole_features(harmony):
    return part_features(harmony, np.ones((1, len(harmony.heard))))


def turn_classes(rows, turn):
    return np.roll(rows.reshape(len(rows), -1, 12), turn, axis=2).reshape(rows.shape)


def test_what_keys_are_read_from_is_how_often_chords_sound_and_follow():
    odds, leaving, arriving = np.zeros((10, 36)), np.zeros((9, 24)), np.zeros((9, 24))
    odds[:6, 0], odds[6:, 31] = 1.0, 1.0
    leaving[5, 0], arriving[5, 7] = 1.0, 1.0
    # From a chord to its seventh is no change.
    leaving[7, 7], arriving[7, 7] = 1.0, 1.0
    harmony = Harmony(np.ones(10, bool), odds, leaving, arriving)
    parts = np.stack((np.ones(10), np.arange(10) < 6))
    from_c, from_g = part_features(harmony, parts)[:, (0, 7)].swapaxes(0, 1)
    shares = (1 + from_c[:, :36]) ** 2 / 36
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    # A fiftieth is shared by all, so that little evidence is no certainty.
    np.testing.assert_allclose(shares[0, [0, 31]], [0.6, 0.4], atol=0.015)
    np.testing.assert_allclose(shares[1, [0, 31]], [1.0, 0.0], atol=0.025)
    # From C it is I, V7; from G it is IV, I7: what follows counts in the part it falls into.
    assert np.flatnonzero(from_c[0, 36:]).tolist() == [7]
    assert np.flatnonzero(from_g[0, 36:]).tolist() == [5 * 24]
    assert not from_c[1, 36:].any()


def test_a_key_and_its_relative_share_a_scale():
    for key, relative in (("C major", "A minor"), ("Eb major", "C minor"), ("B major", "Ab minor")):
        assert SCALES[KEYS.index(key)] == SCALES[KEYS.index(relative)]
    assert np.bincount(SCALES).tolist() == [2] * 12


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
        gather(mt.audio.from_samples(sound, RATE), [PeakTrack])[PeakTrack].chroma(
            tuning_window_s=7.0
        )
        for sound in (mixed, np.concatenate([in_tune] * 4))
    )
    # Past the joint, at 24 s, where two tunings are in one window; at one tuning for all it is
    # a tenth and more.
    late = np.arange(len(ours)) * HOP_S > 28
    assert np.abs(ours - wanted)[late].mean() < 0.03 * wanted.mean()


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


def test_posteriors_of_states_are_those_of_all_paths():
    logs, stay = log_softmax(np.random.default_rng(2).normal(0, 2, (5, 3))), 0.7
    every = np.array(np.meshgrid(*[range(3)] * 5)).reshape(5, -1).T
    same = (every[:, 1:] == every[:, :-1]).sum(axis=1)
    odds = stay**same * ((1 - stay) / 2) ** (4 - same)
    odds *= np.exp(logs[np.arange(5), every].sum(axis=1))
    expected = [
        [odds[every[:, step] == state].sum() / odds.sum() for state in range(3)]
        for step in range(5)
    ]
    np.testing.assert_allclose(state_posteriors(logs, stay=stay), expected, atol=1e-12)


def test_posteriors_of_changes_are_those_of_all_paths():
    logs, stay = log_softmax(np.random.default_rng(3).normal(0, 2, (4, 3))), 0.7
    every = np.array(np.meshgrid(*[range(3)] * 4)).reshape(4, -1).T
    same = (every[:, 1:] == every[:, :-1]).sum(axis=1)
    odds = stay**same * ((1 - stay) / 2) ** (3 - same)
    odds *= np.exp(logs[np.arange(4), every].sum(axis=1))
    leaving, arriving = change_posteriors(logs, stay=stay)
    for step in range(3):
        for a, b in ((0, 1), (2, 1), (1, 2), (2, 0)):
            both = (every[:, step] == a) & (every[:, step + 1] == b)
            expected = odds[both].sum() / odds.sum()
            assert leaving[step, a] * arriving[step, b] == pytest.approx(expected, abs=1e-12)
    assert change_posteriors(logs[:1], stay=stay)[0].shape == (0, 3)


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
    shown = one._repr_html_()
    assert "C major" in shown
    assert all(f"{name} ({share:.2f})" in shown for name, share in one.alternatives)


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
    for part, features in (("whole", 36 + 24 * 24), ("windows", 36)):
        assert np.shape(model[part]["weights"]) == (2, features)
        assert np.shape(model[part]["bias"]) == (2,)
    assert len(model["clues"]) == 8
    assert model["figures"]["studio"]["exact"] >= 0.88
    for row in model["reliability"]:
        # Two standard errors of a share, around what the confidence promises.
        spread = 2 * math.sqrt(0.25 / row["answers"])
        assert abs(row["right"] - row["mean_confidence"]) <= spread


@pytest.mark.parametrize("style", ["jazz", "ballad", "house", "rock"])
def test_a_few_cents_tip_nothing(style):
    """By another sample rate, which moves tuning and tempo as a tape does."""
    song = simulated("A minor", style, 21)
    found = [
        mt.audio.key(song, sample_rate=round(RATE * 2 ** (cents / 1200)))
        for cents in (0, -45, -30, -12, 12, 30, 45)
    ]
    assert {one.value for one in found} == {"A minor"}
    assert np.ptp([one.confidence for one in found]) < 0.1
    tunings = [one.tuning_cents - found[0].tuning_cents for one in found]
    np.testing.assert_allclose(tunings, [0, -45, -30, -12, 12, 30, 45], atol=3)


def test_scales_of_windows_follow_a_song_that_leaves_its_key():
    first, second = simulated("C major", "pop", 5), simulated("Eb minor", "rock", 6)
    mixed = joined(first, second, (15, 15))
    track = gather(mt.audio.from_samples(mixed, RATE), [PeakTrack])[PeakTrack]
    scales = find_scales(find_harmony(track, hear_chords(track)), load_model("key")["windows"])
    middle = len(scales.path) // 2
    assert scales.posterior[: middle - 4, 0].min() > 0.9
    assert scales.posterior[middle + 4 :, 6].min() > 0.9
    assert scales.gain > 20
    np.testing.assert_allclose(np.exp(scales.windows).sum(axis=1), 1)


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
