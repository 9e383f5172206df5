"""The voice proxy: glides that take all partials along, and what it says of real voices."""

import math

import numpy as np
import pytest

import musictools as mt
from musictools.audio._pass import analyse, gather
from musictools.audio._vocal import SlideFrames, Vocal

RATE = 44_100
DESCRIPTORS = {d.name: d for d in Vocal.descriptors}


def measure(samples, rate=RATE):
    return analyse(mt.audio.from_samples(samples, rate), [Vocal()])


def harmonic(pitch_hz, rate=RATE):
    """Partials up to 5 kHz over a pitch that moves."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate
    most = min(5_000, rate / 2)
    return sum(np.sin(k * phase) / k for k in range(1, int(most / pitch_hz.max()) + 1)) / 8


def times(seconds=10.0, rate=RATE):
    return np.arange(int(seconds * rate)) / rate


def vibrato(cents, seconds=10.0, rate=RATE):
    t = times(seconds, rate)
    return harmonic(220 * 2 ** (cents / 1_200 * np.sin(2 * np.pi * 5.5 * t)), rate)


def test_a_glide_is_seen_in_every_frame():
    """An octave in a second: 28 cents from frame to frame."""
    found = measure(harmonic(220 * 2 ** np.abs((times() % 2) - 1)))
    assert found["pitch_slide_share"] > 0.8
    assert found["vocal_presence"] > 0.95
    assert found["vocal_time_share"] == 1


def test_a_pitch_that_stands_still_is_none():
    found = measure(harmonic(np.full(RATE * 10, 220.0)))
    assert found["vocal_presence"] == 0
    assert found["pitch_slide_share"] == 0


def test_struck_notes_do_not_slide():
    t = times()
    steps = 220 * 2 ** (np.array([0, 4, 7, 12, 7, 4])[(4 * t).astype(int) % 6] / 12)
    assert measure(harmonic(steps) * np.exp(-4 * (t % 0.25)))["vocal_presence"] < 0.2


def test_deep_vibrato_counts_and_shallow_does_not():
    assert measure(vibrato(100))["vocal_presence"] > 0.9
    assert measure(vibrato(5))["vocal_presence"] < 0.05


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_voice(seed):
    noise = np.random.default_rng(seed).normal(0, 0.1, RATE * 10)
    assert measure(noise)["vocal_presence"] < 0.05


def test_half_a_voice_is_half_a_voice():
    still = harmonic(np.full(RATE * 10, 220.0))
    found = measure(np.concatenate([vibrato(100), still]))
    assert found["vocal_time_share"] == pytest.approx(0.5, abs=0.06)


def test_pauses_do_not_count():
    pause = np.zeros(RATE * 10)
    there, back = measure(vibrato(100)), measure(np.concatenate([vibrato(100), pause]))
    assert back["vocal_presence"] == pytest.approx(there["vocal_presence"], abs=0.05)


@pytest.mark.parametrize("rate", [16_000, 48_000, 96_000])
def test_the_rate_changes_little(rate):
    there, back = measure(vibrato(100)), measure(vibrato(100, rate=rate), rate)
    assert back["pitch_slide_share"] == pytest.approx(there["pitch_slide_share"], abs=0.05)


@pytest.mark.parametrize("gain_db", [-40, 12])
def test_gain_changes_nothing(gain_db):
    samples = vibrato(60, seconds=5)
    assert measure(samples) == pytest.approx(measure(samples * 10 ** (gain_db / 20)), abs=0.01)


@pytest.mark.parametrize("length", [1, 7, 128])
def test_the_cut_into_blocks_changes_nothing(length):
    power = np.random.default_rng(0).exponential(1, (300, 1025)).astype(np.float32)
    whole, cut = (SlideFrames(RATE, ("M",)) for _ in range(2))
    whole.update(power)
    for start in range(0, len(power), length):
        cut.update(power[start : start + length])
    for one, other in zip(whole.finish(), cut.finish(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_shift_is_that_of_the_partials():
    """The kernel against a search written with numpy.corrcoef."""
    from musictools.audio._vocal_kernels import find_slides

    points = np.random.default_rng(0).random((20, 50)).astype(np.float32)
    points[1::2, 2:] = points[::2, :-2] + 0.3 * points[1::2, 2:]
    edges = np.array([5, 25, 45])
    found = np.empty((19, 2), dtype=np.int64)
    find_slides(points, edges, 5, 0.5, found)
    for frame in range(19):
        for band, (low, high) in enumerate([(5, 25), (25, 45)]):
            likeness = [
                np.corrcoef(points[frame, low:high], points[frame + 1, low + s : high + s])[0, 1]
                for s in range(-5, 6)
            ]
            expected = int(np.argmax(likeness)) - 5 if max(likeness) > 0.5 else 0
            assert found[frame, band] == expected
    assert (found[::2] == 2).all()


STRANGE = {
    "silence": np.zeros((2, RATE)),
    "dc": np.full((1, RATE), 0.5),
    "a click": np.eye(2, RATE, RATE // 2),
    "0.2 s": np.sin(np.arange(RATE // 5) / 9)[None],
    "one sample": np.array([[0.5]]),
    "5.1": np.random.default_rng(1).normal(0, 0.1, (6, RATE)),
    "barely anything": 1e-7 * np.random.default_rng(1).normal(0, 0.1, (1, RATE)),
    "denormal": np.full((2, RATE), 1e-40),
}


@pytest.mark.parametrize("rate", [1_000, 8_000, 44_100, 192_000])
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_recordings_give_numbers_in_range_or_nan(kind, rate):
    found = measure(STRANGE[kind], rate)
    assert list(found) == list(DESCRIPTORS)
    for name, value in found.items():
        row = DESCRIPTORS[name]
        assert row.minimum <= value <= row.maximum or math.isnan(value), (name, value)
        assert not math.isnan(value) or "NaN" in row.meaning


def test_voices_stand_above_instruments(shared):
    folder = shared / "data" / "audio" / "librosa_examples"
    found = {
        path.name: measure(*_read(path))["vocal_presence"] for path in sorted(folder.glob("*.ogg"))
    }
    speech = [value for name, value in found.items() if name[0].isdigit()]
    song = next(value for name, value in found.items() if name.startswith("Karissa"))
    others = [v for n, v in found.items() if not n[0].isdigit() and not n.startswith("Karissa")]
    assert min(speech) > 0.9
    assert max(others) < song < min(speech)


def _read(path):
    recording = mt.audio.read(path)
    return recording.samples, recording.sample_rate


def test_only_few_numbers_a_second_are_kept():
    track = gather(mt.audio.from_samples(vibrato(60), RATE), [SlideFrames])[SlideFrames]
    slides, sounds = track.finish()
    assert len(slides) == len(sounds) == RATE * 10 // 1024 - 2
