"""Chords: exact on tones, mostly right on songs, none where there is none."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.audio._chord_model import (
    CHORDS,
    NONE,
    ChordEvidence,
    ChordWeights,
    Clues,
    chord_scores,
)
from musictools.audio._chords import Chords, chords, spans_of
from musictools.audio._keys import ROOTS
from musictools.audio._pass import analyse
from musictools.audio._peaks import FIRST_S, HOP_S
from musictools.audio._viterbi import log_softmax

RATE = 11_025
STEPS = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10)}


def play(labels, *, seconds=2.0, partials=5, cents=0.0):
    """Play chords of harmonic tones around middle C, over a bass."""
    t = np.arange(round(seconds * RATE)) / RATE
    sounds = []
    for label in labels:
        root, quality = label.split(":")
        notes = [ROOTS.index(root) + step for step in STEPS[quality]]
        notes.append(ROOTS.index(root) - 24)
        hertz = [261.626 * 2 ** ((note + cents / 100) / 12) for note in notes]
        sounds.append(
            sum(np.sin(2 * np.pi * f * k * t) / k**1.5 for f in hertz for k in range(1, partials))
        )
    sound = np.concatenate(sounds)
    return 0.5 * sound / np.abs(sound).max()


def check_contiguous(table, duration_s):
    assert list(table.columns) == ["start_s", "end_s", "label"]
    assert table["start_s"].iloc[0] == 0.0
    assert table["end_s"].iloc[-1] == pytest.approx(duration_s, abs=1e-9)
    assert (table["start_s"].to_numpy()[1:] == table["end_s"].to_numpy()[:-1]).all()
    assert (table["end_s"] > table["start_s"]).all()
    assert set(table["label"]) <= set(CHORDS)


# Steps of a fifth and a third, so that no chord follows itself.
ORDER = [CHORDS[12 * quality + 7 * root % 12] for quality in range(3) for root in range(12)]


@pytest.mark.parametrize("cents", [0.0, 35.0, -35.0])
def test_every_chord_is_found_on_tones(cents):
    table = chords(play(ORDER, cents=cents), sample_rate=RATE)
    check_contiguous(table, 72.0)
    assert list(table["label"]) == ORDER
    # Nothing is struck here. A frame lasts 0.37 s, and where the last chord shares notes with the
    # next, a change may seem a quarter of a second late: the next beat, if beats are half seconds.
    late_s = np.abs(table["start_s"].to_numpy() - 2.0 * np.arange(36))
    assert np.quantile(late_s, 0.95) < 0.1
    assert late_s.max() <= 0.5


def test_a_cadence_of_sines_is_found():
    cadence = ["D:min", "G:7", "C:maj", "A:min", "F:maj", "C:maj"]
    table = chords(play(cadence, partials=2), sample_rate=RATE)
    assert list(table["label"]) == cadence


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(RATE * 4),
        np.full(RATE * 4, 0.5),
        0.1 * np.random.default_rng(0).standard_normal(RATE * 10),
        np.eye(1, RATE * 3, RATE)[0],
        np.zeros(1),
    ],
    ids=["silence", "dc", "white noise", "click", "one sample"],
)
def test_where_there_is_no_chord_there_is_one_row_of_none(sound):
    table = chords(sound, sample_rate=RATE)
    check_contiguous(table, len(sound) / RATE)
    assert list(table["label"]) == ["N"]


def test_silence_between_chords_is_none():
    rest = np.zeros(RATE * 3)
    sound = np.concatenate([rest, play(["C:maj"]), rest, play(["A:min"]), rest])
    table = chords(sound, sample_rate=RATE)
    assert list(table["label"]) == ["N", "C:maj", "N", "A:min", "N"]
    assert np.abs(table["start_s"].to_numpy() - [0, 3, 5, 8, 10]).max() < 0.3


def test_later_is_later():
    """A delay of whole hops moves every row by as much."""
    hops = 27
    lead = np.zeros(2048 * hops)
    labels = ["C:maj", "G:7", "E:min", "F:maj"]
    sound = play(labels)
    first = chords(np.concatenate([lead, sound]), sample_rate=RATE)
    second = chords(np.concatenate([np.zeros(2048 * 7), sound]), sample_rate=RATE)
    assert list(first["label"]) == list(second["label"]) == ["N", *labels]
    moved = first["start_s"].to_numpy()[2:] - second["start_s"].to_numpy()[2:]
    np.testing.assert_allclose(moved, (hops - 7) * HOP_S, atol=0.05)


def test_gain_changes_nothing():
    sound = play(["C:maj", "G:7", "E:min", "F:maj"])
    loud, soft = (chords(sound * gain, sample_rate=RATE) for gain in (1.0, 0.02))
    assert list(loud["label"]) == list(soft["label"])
    np.testing.assert_allclose(loud["start_s"], soft["start_s"], atol=0.01)


@pytest.mark.parametrize(("style", "share"), [("pop", 0.9), ("folk", 0.9), ("jazz", 0.75)])
def test_most_of_a_simulated_song_is_right(style, share):
    mir_eval = pytest.importorskip("mir_eval")
    song = mt.datasets.simulate_recording(style=style, duration_s=30, rng=77)
    table = chords(song.recording)
    check_contiguous(table, song.recording.duration_s)
    true = song.truth["chords"]
    spans, labels = mir_eval.util.adjust_intervals(
        table[["start_s", "end_s"]].to_numpy(),
        list(table["label"]),
        t_min=true["start_s"].iloc[0],
        t_max=true["end_s"].iloc[-1],
    )
    joint, right, found = mir_eval.util.merge_labeled_intervals(
        true[["start_s", "end_s"]].to_numpy(), list(true["label"]), spans, labels
    )
    agree = mir_eval.chord.majmin(right, found)
    lasts = mir_eval.util.intervals_to_durations(joint)
    assert mir_eval.chord.weighted_accuracy(agree, lasts) >= share


def test_the_network_turns_with_the_notes():
    """Chords of notes that are moved by some semitones are moved as far."""
    rng = np.random.default_rng(1)
    shapes = {
        "hidden": (108, 5),
        "hidden_bias": (5,),
        "chord": (5, 3),
        "chord_bias": (3,),
        "scale": (2, 14),
        "quiet": (14, 4),
        "quiet_bias": (4,),
        "none": (4,),
        "none_bias": (1,),
    }
    drawn = {k: rng.standard_normal(v).astype(np.float32) for k, v in shapes.items()}
    weights = ChordWeights(**drawn)
    notes = rng.standard_normal((6, 9, 12)).astype(np.float32)
    sound = rng.standard_normal((6, 14)).astype(np.float32)
    still = chord_scores(Clues(notes, sound, np.ones(6, bool)), weights)
    for steps in (1, 7):
        moved = Clues(np.roll(notes, steps, axis=2), sound, np.ones(6, bool))
        expected = np.roll(still[:, :NONE].reshape(6, 3, 12), steps, axis=2).reshape(6, NONE)
        np.testing.assert_allclose(chord_scores(moved, weights)[:, :NONE], expected, atol=1e-4)
    # The root C sees the notes as they are: a plain network of one layer.
    layer = np.tanh(notes.reshape(6, -1) @ drawn["hidden"] + drawn["hidden_bias"])
    expected = layer @ drawn["chord"] + drawn["chord_bias"]
    np.testing.assert_allclose(still[:, :NONE].reshape(6, 3, 12)[:, :, 0], expected, atol=1e-4)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.lists(st.integers(0, 36), min_size=0, max_size=30), seed=st.integers(0, 99))
def test_spans_of_any_path_are_contiguous(path, seed):
    logs = log_softmax(np.random.default_rng(seed).standard_normal((len(path), 37)))
    end_s = 2 * FIRST_S + max(len(path) - 1, 0) * HOP_S
    spans = spans_of(ChordEvidence(logs, np.array(path, np.int64)), end_s)
    assert spans[0][0] == 0.0
    assert spans[-1][1] == end_s
    assert all(a[1] == b[0] and a[2] != b[2] for a, b in pairwise(spans))
    assert all(end > start for start, end, _ in spans)
    changes = [chord for i, chord in enumerate(path) if not i or path[i - 1] != chord]
    assert [chord for *_, chord in spans] == (changes or [NONE])


def test_columns_follow_from_the_chords():
    labels = ["A:min", "F:maj", "A:min", "E:7"]
    sound = play(labels)
    values = analyse(mt.audio.from_samples(sound, RATE), [Chords()])
    assert set(values) == {d.name for d in Chords.descriptors}
    assert values["chords_key"] == "A"
    assert values["chords_scale"] == "minor"
    assert values["chords_changes_rate_hz"] == pytest.approx(3 / 8, abs=0.02)
    assert values["chords_number_rate"] == 3 / 4
    assert values["chords_none_share"] == 0
    assert values["chords_sevenths_share"] == pytest.approx(0.25, abs=0.04)
    assert values["chords_minor_share"] == pytest.approx(0.5, abs=0.04)
    histogram = {k: v for k, v in values.items() if k.startswith("chords_histogram")}
    assert len(histogram) == 24
    assert sum(histogram.values()) == pytest.approx(1)
    assert histogram["chords_histogram_minor_0"] == values["chords_minor_share"]
    # F is eight semitones above A, and E seven.
    assert histogram["chords_histogram_major_8"] == pytest.approx(0.25, abs=0.04)
    assert histogram["chords_histogram_major_7"] == values["chords_sevenths_share"]
    assert 0.8 < values["chords_strength_median"] <= 1


@pytest.mark.parametrize("samples", [1, 2205, RATE * 3])
@pytest.mark.parametrize("kind", ["zeros", "noise", "click"])
def test_columns_are_within_bounds_or_missing_as_documented(kind, samples):
    sound = {
        "zeros": np.zeros(samples),
        "noise": np.random.default_rng(0).uniform(-1, 1, samples),
        "click": np.eye(1, samples, samples // 2)[0],
    }[kind]
    values = analyse(mt.audio.from_samples(sound, RATE), [Chords()])
    for descriptor in Chords.descriptors:
        value = values[descriptor.name]
        if value is None or (descriptor.unit != "text" and np.isnan(value)):
            assert "NaN" in descriptor.meaning or "Null" in descriptor.meaning
        elif descriptor.unit != "text":
            assert descriptor.minimum <= value <= descriptor.maximum
