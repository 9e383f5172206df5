"""Cut starts and ends: found where sound was cut, and not at attacks and decays."""

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._edges import EdgeDetector, Edges
from musictools.audio._stream import hear

RATE = 44_100
DETECTOR = EdgeDetector()


def find(samples, rate=RATE):
    recording = mt.audio.from_samples(np.asarray(samples, np.float32), rate)
    return list(DETECTOR.find(hear(recording, DETECTOR.tracks)))


@pytest.fixture(scope="module", params=["pop", "soul"])
def song(request):
    return mt.datasets.simulate_recording(style=request.param, duration_s=25, rng=6).recording


def test_whole_songs_have_none(song):
    assert find(song.samples) == []


@pytest.mark.parametrize("cut_s", [1, 4])
def test_a_cut_start_is_found(song, cut_s):
    [found] = find(song.samples[:, round(cut_s * RATE) :])
    assert (found.kind, found.severity, found.unit) == ("truncated_start", "warning", "dB")
    assert found.start_s == found.end_s == 0
    assert found.value > -20


@pytest.mark.parametrize("cut_s", [3.5, 5])
def test_a_cut_end_is_found(song, cut_s):
    cut = song.samples[:, : -round(cut_s * RATE)]
    [found] = find(cut)
    assert (found.kind, found.severity) == ("truncated_end", "warning")
    assert found.end_s == pytest.approx(cut.shape[1] / RATE)
    assert found.value > -24


def decaying():
    """Beats that begin at zero with a steep attack, and decay."""
    t = np.arange(20 * RATE) / RATE
    return 0.8 * np.sin(2 * np.pi * 110 * t) * np.exp(-6 * (t % 0.5))


def test_an_attack_on_the_first_sample_is_no_cut():
    assert find(decaying() * np.clip(np.linspace(20, 0, 20 * RATE), 0, 1)) == []


def test_an_offset_and_a_stray_first_sample_are_no_cut():
    # The second is what a codec may leave of what stood before.
    tone = decaying() * np.clip(np.linspace(20, 0, 20 * RATE), 0, 1)
    assert find(tone + 0.05) == []
    tone[0] = 0.4
    assert find(tone) == []


@pytest.mark.parametrize("hz", [50, 59.94])
@pytest.mark.parametrize(("gain", "dbfs"), [(1, -40), (1, -36), (0.3, -42), (0.1, -54)])
def test_hum_under_a_song_that_ends_is_no_cut(song, hz, dbfs, gain):
    t = np.arange(song.samples.shape[1]) / RATE
    partials = [0.8 ** (k - 1) * np.sin(2 * np.pi * k * hz * t + k) for k in range(1, 6)]
    hum = 10 ** (dbfs / 20) * sum(partials)
    assert find(gain * song.samples + hum) == []
    assert find(gain * song.samples + hum + 0.02) == []


def test_a_noise_floor_under_a_song_that_ends_is_no_cut(song):
    samples = np.pad(0.1 * song.samples, ((0, 0), (RATE // 4, RATE // 4)))
    noise = 0.008 * np.random.default_rng(1).standard_normal(samples.shape)
    assert find(samples + noise) == []


@pytest.mark.parametrize("channels", [1, 2])
def test_a_noise_floor_is_one_at_low_rates_too(channels):
    rate = 8_000
    t = np.arange(20 * rate) / rate
    for seed in range(10):
        rng = np.random.default_rng(seed)
        tune = 0.3 * np.sin(2 * np.pi * 440 * t) * np.clip(np.minimum(t - 1, 18 - t), 0, 1)
        noise = 0.008 * rng.standard_normal((channels, t.size))
        assert find(tune + noise, rate) == []


@pytest.mark.parametrize("where", ["start", "end"])
def test_hum_hides_no_cut(song, where):
    t = np.arange(song.samples.shape[1]) / RATE
    spoilt = song.samples + 0.008 * np.sin(2 * np.pi * 50 * t) + 0.02
    cut = spoilt[:, 4 * RATE :] if where == "start" else spoilt[:, : -5 * RATE]
    assert [f.kind for f in find(cut)] == [f"truncated_{where}"]


def test_a_drum_trimmed_to_its_first_sample_is_no_cut():
    rng, t = np.random.default_rng(3), np.arange(20 * RATE) / RATE
    drum = 0.2 * rng.standard_normal(t.size) * np.exp(-40 * (t % 0.5))
    ramp = np.linspace(0, 1, 9)
    drum[:9] *= ramp
    assert [f.kind for f in find(drum)] == []


def test_a_recording_cut_at_both_ends_may_be_a_loop(song):
    middle = song.samples[:, 4 * RATE : 20 * RATE]
    assert {f.severity for f in find(middle)} == {"info"}


def test_a_fade_is_no_cut(song):
    n = song.samples.shape[1]
    fade = np.clip(np.arange(n) / RATE / 0.05, 0, 1)
    middle = song.samples[:, 3 * RATE : 20 * RATE]
    gain = fade[: middle.shape[1]]
    assert find(middle * gain * gain[::-1]) == []


def test_loops_are_told_as_information():
    tone = 0.5 * np.cos(2 * np.pi * 220 * np.arange(4 * RATE) / RATE)
    found = find(tone)
    assert {f.kind for f in found} == {"truncated_start", "truncated_end"}
    assert {f.severity for f in found} == {"info"}


@pytest.mark.parametrize("block", [1_001, 30_011])
def test_blocks_change_nothing(song, block):
    whole, parts = Edges(RATE, ("L", "R")), Edges(RATE, ("L", "R"))
    whole.update(song.samples)
    for start in range(0, song.samples.shape[1], block):
        parts.update(song.samples[:, start : start + block])
    assert np.array_equal(whole.start, parts.start)
    assert np.array_equal(whole.end, parts.end)


@pytest.mark.parametrize("n", [1, 100, RATE // 10, RATE])
@pytest.mark.parametrize("rate", [8_000, RATE, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_short_recordings_and_silence(n, rate, channels):
    assert find(np.zeros((channels, n)), rate) == []
    find(np.tile(signal.square(np.arange(n)), (channels, 1)), rate)
