"""Songs to learn from: the same by the same seed, and told truly."""

import itertools
import json
import re
import sys

import numpy as np
import pytest
import soundfile as sf

LABEL = re.compile(r"(N|(C|Db|D|Eb|E|F|F#|G|Ab|A|Bb|B):[a-z0-9]+)")
KEY = re.compile(r"(C|Db|D|Eb|E|F|F#|G|Ab|A|Bb|B) (major|minor)")
COMPOSED = range(60)
#: A loop of four bars, which is quickly made.
SHORT = 67
LONG = 8


@pytest.fixture(scope="module")
def maker(root):
    """The generator, found the way its own siblings find each other."""
    folder = str(root / "tools" / "training")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    try:
        import songs

        yield songs
    finally:
        sys.path.remove(folder)
        # Its modules have common names, which other tools may use as well.
        for name in set(sys.modules) - before:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(folder):
                del sys.modules[name]


@pytest.fixture(scope="module")
def told(maker):
    """The scores of many seeds with their truth, unplayed."""
    out = []
    for seed in COMPOSED:
        score = maker.compose(seed)
        end_s = score.clock.plain(score.end_beat) + 1.0
        out.append((score, maker.describe_truth(score, 0.7, end_s), end_s - 0.7))
    return out


@pytest.fixture(scope="module")
def song(maker):
    return maker.make_song(SHORT, fonts=[])


def test_same_seed_same_song(maker, song):
    again = maker.make_song(SHORT, fonts=[])
    assert np.array_equal(song.samples, again.samples)
    assert song.truth == again.truth


@pytest.mark.parametrize("seed", [SHORT, LONG])
def test_samples(maker, song, seed):
    song = song if seed == SHORT else maker.make_song(seed, fonts=[])
    assert song.samples.dtype == np.float32
    assert song.samples.shape[0] == 2
    assert np.isfinite(song.samples).all()
    assert 0.05 < np.abs(song.samples).max() <= 1.0
    assert abs(song.samples.shape[1] / song.sample_rate - song.truth["duration_s"]) < 1e-3
    assert song.truth["played_by"] in {"studio", "none"}


def test_beats(told):
    for _, truth, length_s in told:
        beats = np.array(truth["beats_s"])
        assert (np.diff(beats) > 0.2).all()
        assert beats[0] >= 0.0
        assert beats[-1] < length_s
        assert set(truth["downbeats_s"]) <= set(truth["beats_s"])
        # From downbeat to downbeat there is one bar.
        where = np.searchsorted(beats, truth["downbeats_s"])
        assert set(np.diff(where)) <= {truth["beats_per_bar"]}
        assert truth["bpm"] == pytest.approx(60.0 / np.median(np.diff(beats)), rel=0.02)


@pytest.mark.parametrize("layer", ["chords", "key_segments", "sections"])
def test_spans_cover_the_song(told, layer):
    for _, truth, length_s in told:
        spans = truth[layer]
        assert spans[0][0] == 0.0
        assert spans[-1][1] == pytest.approx(length_s, abs=1e-4)
        for one, two in itertools.pairwise(spans):
            assert one[1] == pytest.approx(two[0], abs=1e-4)
            assert one[1] > one[0]


def test_labels(told):
    for score, truth, _ in told:
        assert all(LABEL.fullmatch(label) for _, _, label in truth["chords"])
        if score.tracks:
            assert KEY.fullmatch(truth["key"])
            assert truth["key"] in {label for _, _, label in truth["key_segments"]}
        else:
            assert truth["key"] is None
            assert {label for _, _, label in truth["chords"]} == {"N"}
        assert json.loads(json.dumps(truth))["style"] == score.style


def test_variety(told):
    assert len({score.style for score, _, _ in told}) >= 24
    assert len({truth["key"] for _, truth, _ in told}) >= 15
    assert len({truth["tempo"] for _, truth, _ in told}) >= 4
    assert {truth["beats_per_bar"] for _, truth, _ in told} >= {2, 3, 4}
    assert any(len(truth["key_segments"]) > 1 for _, truth, _ in told)


def test_notes_follow_the_chords(told):
    # What the chord instrument plays belongs to the chord of the truth, except where it rings on.
    checked = 0
    for score, _, _ in told:
        for note in score.tracks["comp"].notes if "comp" in score.tracks else ():
            chord = [c for beat, c in score.chords if beat <= note.beat + 1e-6][-1]
            assert note.pitch % 12 in {tone % 12 for tone in chord.tones}
            checked += 1
    assert checked > 1_000


@pytest.mark.usefixtures("maker")
def test_strokes_are_heard_on_the_beats():
    import _clock
    import _studio

    rng = np.random.default_rng(0)
    tempo = _clock.wander("drift", 24, beats_per_bar=4, rng=rng)
    assert np.ptp(tempo) > 0.01
    clock = _clock.make_clock(100.0, tempo, start_s=0.3, swing=(0.5, 1.0))
    strokes = [(float(t), "kick", 1.0) for t in clock.beats_s[:16]]
    n = int((clock.beats_s[16] + 1.0) * 44_100)
    sound = _studio.play_hits(strokes, "machine", n=n, rng=rng).sum(axis=0)
    for time_s, _, _ in strokes:
        at = round(time_s * 44_100)
        before, after = np.abs(sound[at - 400 : at]).max(), np.abs(sound[at : at + 800]).max()
        assert after > 4.0 * before


@pytest.mark.usefixtures("maker")
def test_swing_moves_offbeats_only():
    from _clock import make_clock

    clock = make_clock(120.0, np.ones(8), start_s=0.1, swing=(2 / 3, 1.0))
    assert clock.at(3.0) == pytest.approx(1.6)
    assert clock.at(3.5) == pytest.approx(1.6 + 0.5 * 2 / 3)


def test_folder_is_a_cache(maker, tmp_path, monkeypatch, song):
    monkeypatch.setattr(maker, "make_song", lambda _seed: song)
    first = list(maker.songs(3, 1, tmp_path))
    monkeypatch.setattr(maker, "make_song", None)
    path, truth = next(iter(maker.songs(3, 1, tmp_path)))
    assert first == [(path, truth)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["00003.flac", "00003.json"]
    samples, rate = sf.read(str(path), dtype="float32")
    assert rate == 44_100
    assert np.abs(samples.T - song.samples).max() < 1e-3


def test_sound_fonts_are_in_tune_and_in_time(maker):
    import _midi

    fonts = maker.find_fonts()
    if not fonts:
        pytest.skip("no fluidsynth, or no sound fonts")
    events = _midi.Events()
    events.program(0, 73)
    events.tune(0, 35.0)
    events.note(0, 0.5, 1.5, pitch=69, velocity=0.8)
    sound = _midi.play_midi(events.file(2.0), fonts[0], reverb=False, chorus=False, n=88_200)
    mono = sound.mean(axis=0)
    assert np.abs(mono[: int(0.49 * 44_100)]).max() < 1e-4
    assert np.abs(mono[int(0.5 * 44_100) : int(0.6 * 44_100)]).max() > 1e-3
    power = np.abs(np.fft.rfft(mono[30_000:62_000] * np.hanning(32_000), 1 << 19))
    found_hz = np.argmax(power) * 44_100 / (1 << 19)
    cents = 1_200 * np.log2(found_hz / 440.0) % 1_200
    assert cents == pytest.approx(35.0, abs=6.0)
