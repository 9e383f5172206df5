"""Clicks: found in music, at their places, and not where drums and waves have edges."""

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._clicks import ClickDetector, ClickPeaks
from musictools.audio._stream import hear

RATE = 44_100
DETECTOR = ClickDetector()


def find(samples, rate=RATE):
    recording = mt.audio.from_samples(np.asarray(samples, np.float32), rate)
    return list(DETECTOR.find(hear(recording, DETECTOR.tracks)))


@pytest.fixture(scope="module", params=["pop", "jazz", "folk"])
def song(request):
    return mt.datasets.simulate_recording(style=request.param, duration_s=12, rng=4).recording


def with_click(samples, at, shape, over_db=16.0):
    """Add a click, so many dB over the RMS of the 50 ms around."""
    out = samples.copy()
    around = samples[:, at - RATE // 40 : at + RATE // 40]
    height = 10 ** (over_db / 20) * np.sqrt(np.square(around).mean())
    out[:, at : at + len(shape)] += height * np.asarray(shape, np.float32)
    return out


def test_clean_songs_have_none(song):
    assert find(song.samples) == []


@pytest.mark.parametrize("shape", [[1.0], [1.0, -0.5, 0.2, -0.08], [0.7, 1.0, 0.7]])
@pytest.mark.parametrize("at_s", [3.217, 7.111])
def test_a_click_is_found_at_its_place(song, shape, at_s):
    [found] = find(with_click(song.samples, round(at_s * RATE), shape))
    assert found.kind == "click"
    assert found.severity == "warning"
    assert found.start_s == pytest.approx(at_s, abs=0.001)
    assert found.end_s == found.start_s
    # The level counts on the louder side of the click.
    assert 10 < found.value < 20
    assert 0.5 <= found.confidence <= 1


def test_a_click_of_one_channel_is_found(song):
    out = song.samples.copy()
    out[1, 200_000] += 0.8
    [found] = find(out)
    assert found.start_s == pytest.approx(200_000 / RATE, abs=0.001)


def test_what_the_channels_share_hides_no_click():
    """A click of one channel in loud noise that both have: only the difference shows it."""
    rng = np.random.default_rng(5)
    both = 0.1 * rng.standard_normal(6 * RATE)
    sides = np.stack([both, both]) + 0.002 * rng.standard_normal((2, both.size))
    assert find(sides) == []
    sides[0, 100_000] += 0.3
    [found] = find(sides)
    assert found.start_s == pytest.approx(100_000 / RATE, abs=0.001)


def test_a_sharp_drum_that_comes_again_is_no_click():
    rng = np.random.default_rng(6)
    hit = 0.05 * rng.standard_normal(RATE // 10) * np.exp(-np.arange(RATE // 10) / 2_000)
    hit[0] = 0.6
    out = 0.1 * np.sin(2 * np.pi * 100 * np.arange(6 * RATE) / RATE)
    out += 0.02 * rng.standard_normal(out.size)
    for start in np.array([0.7, 1.9, 3.4, 5.0]) * RATE:
        out[int(start) : int(start) + hit.size] += hit
    assert find(out) == []


def test_a_note_that_rings_on_is_no_click():
    t = np.arange(6 * RATE) / RATE
    out = 0.1 * np.sin(2 * np.pi * 60 * t) + 1e-4 * np.random.default_rng(7).standard_normal(t.size)
    ring = 0.5 * np.cos(2 * np.pi * 7_000 * t[:400]) * np.exp(-t[:400] / 0.0006)
    out[100_000:100_400] += ring
    assert find(out) == []


def test_a_jump_in_a_steady_sound_is_found():
    t = np.arange(5 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 1_320 * t)
    # 25 samples are a quarter of a period.
    [found] = find(np.delete(tone, np.s_[100_000:100_025]))
    assert found.start_s == pytest.approx(100_000 / RATE, abs=0.001)


def test_many_are_merged_and_the_worst_ten_told(song):
    out = song.samples.copy()
    places = np.random.default_rng(3).integers(RATE, 11 * RATE, 60)
    out[:, places] += 0.9
    found = find(out)
    assert 1 <= len(found) <= 10
    assert max(f.end_s - f.start_s for f in found) > 1
    assert "clicks" in found[0].meaning


@pytest.mark.parametrize("block", [1_000, 30_011, 441_000])
def test_blocks_change_nothing(song, block):
    samples = with_click(song.samples, 150_000, [1.0])

    def places(size):
        track = ClickPeaks(RATE, ("L", "R"))
        for start in range(0, samples.shape[1], size):
            track.update(samples[:, start : start + size])
        return track.clicks()

    once, parts = places(samples.shape[1]), places(block)
    assert once.times_s.tolist() == parts.times_s.tolist() != []
    assert once.margin == pytest.approx(parts.margin, rel=1e-6)


def wave(kind, hz):
    t = np.arange(6 * RATE) / RATE
    return 0.5 * kind(2 * np.pi * hz * t)


@pytest.mark.parametrize("hz", [27.5, 55, 110, 1_000])
def test_edges_of_waves_are_no_clicks(hz):
    assert find(wave(signal.square, hz)) == []
    assert find(wave(signal.sawtooth, hz)) == []
    assert find(wave(lambda phase: signal.square(phase, 0.1), hz)) == []


def test_drums_are_no_clicks():
    rng = np.random.default_rng(0)
    t = np.arange(RATE // 4) / RATE
    kick = np.sin(2 * np.pi * (50 * t + 6 * (1 - np.exp(-30 * t)))) * np.exp(-8 * t)
    snare = rng.standard_normal(t.size) * np.exp(-25 * t)
    bars = np.tile(np.concatenate([0.8 * kick, 0.2 * snare]), 12)
    assert find(bars + 1e-4 * rng.standard_normal(bars.size)) == []


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 6), (22_050, 1), (96_000, 2), (192_000, 1)])
def test_any_rate_and_number_of_channels(rate, channels):
    rng = np.random.default_rng(1)
    noise = signal.lfilter([0.02], [1, -0.95], rng.standard_normal((channels, 3 * rate)))
    assert find(noise, rate) == []
    noise[-1, 2 * rate] += 1
    [found] = find(noise, rate)
    assert found.start_s == pytest.approx(2, abs=0.001)


@pytest.mark.parametrize("n", [1, 100, RATE // 10, RATE])
def test_short_and_silent_recordings(n):
    assert find(np.zeros((2, n))) == []
    assert find(np.ones((1, n))) == []


def test_chirps_and_noise_have_none():
    t = np.arange(8 * RATE) / RATE
    assert find(0.9 * signal.chirp(t, 20, 8, 20_000, "logarithmic")) == []
    assert find(0.2 * np.random.default_rng(2).standard_normal(t.size).clip(-4, 4)) == []


def test_many_clicks_are_told_as_the_ten_loudest_stretches():
    rate = 8_000
    samples = 0.01 * np.random.default_rng(8).standard_normal(40 * rate)
    places = (2 + 2.5 * np.arange(14)) * rate
    samples[places.astype(int)] += np.linspace(0.3, 0.9, 14)
    found = find(samples, rate)
    assert len(found) == 10
    assert [one.start_s for one in found] == pytest.approx(places[4:] / rate, abs=0.001)
    assert all("(14 in the whole recording)" in one.meaning for one in found)


def ticking(places_s, duration_s, height, rate=8_000):
    """A tone in a little noise with clicks on top."""
    t = np.arange(int(duration_s * rate)) / rate
    samples = 0.05 * np.sin(2 * np.pi * 100 * t)
    samples += 0.001 * np.random.default_rng(9).standard_normal(t.size)
    samples[(np.asarray(places_s) * rate).astype(int)] += height
    return find(samples, rate)


def test_a_click_that_towers_is_an_error_and_a_lower_one_a_warning():
    assert [f.severity for f in ticking([5.003], 10, 0.6)] == ["error"]
    assert [f.severity for f in ticking([5.003], 10, 0.25)] == ["warning"]


@pytest.mark.parametrize(
    ("count", "duration_s", "severity"),
    [(4, 10, "warning"), (6, 10, "error"), (8, 60, "warning"), (11, 60, "error")],
)
def test_ten_clicks_a_minute_are_an_error(count, duration_s, severity):
    found = ticking(np.linspace(1, duration_s - 1.03, count), duration_s, 0.25)
    assert {f.severity for f in found} == {severity}


def test_only_the_minute_that_crackles_is_an_error():
    found = ticking([5.01, 90.02, *np.linspace(150, 161.5, 12)], 200, 0.25)
    assert [f.severity for f in found if f.start_s < 100] == ["warning"] * 2
    assert {f.severity for f in found if f.start_s > 100} == {"error"}
