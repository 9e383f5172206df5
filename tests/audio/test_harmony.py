"""Changes of harmony: found where the chroma changes, repeated as often as it does."""

import numpy as np
import pytest

from musictools.audio._harmony import cosine_distance, repeats_of, trace_changes


def chords(lengths, *, rng):
    """Chroma of chords of two notes that no neighbour shares, each held for some frames."""
    rows, previous = [], set()
    for length in lengths:
        free = [note for note in range(12) if note not in previous]
        previous = set(rng.choice(free, 2, replace=False).tolist())
        row = np.zeros(12)
        row[list(previous)] = 1.0
        rows += [row] * length
    return np.array(rows)


def test_changes_stand_where_chords_change():
    votes = chords([10, 14, 9, 20], rng=np.random.default_rng(0))
    harmony, bass = trace_changes((votes, np.ones_like(votes)))
    assert harmony.size == len(votes) + 1
    peaks = 1 + np.flatnonzero((harmony[1:-1] > harmony[:-2]) & (harmony[1:-1] >= harmony[2:]))
    assert peaks.tolist() == [10, 24, 33]
    np.testing.assert_allclose(harmony[peaks], 1.0, atol=1e-12)
    assert harmony[17] == pytest.approx(0, abs=1e-12)  # in the middle of a chord
    np.testing.assert_allclose(bass, 0, atol=1e-12)


def test_changes_repeat_after_the_length_of_a_chord():
    votes = chords([8] * 30, rng=np.random.default_rng(1))
    rate_hz = 5.0
    repeats = repeats_of(
        trace_changes((votes, votes)), rate_hz, np.array([4, 8, 16, 12, 200]) / rate_hz
    )
    assert repeats.shape == (2, 5)
    assert (repeats[:, [1, 2]] > 0.8).all()
    assert (repeats[:, [0, 3]] < 0).all()
    assert (repeats[:, 4] == 0).all()  # beyond three quarters


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_too_little_to_change(frames):
    votes = np.ones((frames, 12))
    changes = trace_changes((votes, votes))
    assert changes.shape == (2, frames + 1)
    assert not repeats_of(changes, 5.0, np.array([0.2, 1.0])).any()


def test_distance_of_silence_is_none():
    rows = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    others = np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    np.testing.assert_allclose(cosine_distance(rows, others), [0, 1, 0], atol=1e-12)
