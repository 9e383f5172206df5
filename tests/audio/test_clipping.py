"""Clipping: what is cut off flat is found and placed; what is flat or loud by design is not."""

import numpy as np
import pytest

import musictools as mt
from musictools.audio._clipping import Clipping
from musictools.audio._overs import IntersamplePeaks, Overs
from musictools.audio._pass import Pass
from musictools.audio._stream import hear
from musictools.audio._tops import Tops

RATE = 44_100


def find(samples, rate=RATE, detector=None):
    detector = detector or Clipping()
    samples = np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32)
    return list(detector.find(hear(samples, detector.tracks, sample_rate=rate)))


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="rock", duration_s=12, rng=7).recording.samples


def cut(x, share):
    rail = np.quantile(np.abs(x), 1 - share)
    return np.clip(x, -rail, rail)


def to_16_bits(x, rng=None):
    dither = 0 if rng is None else rng.random(x.shape) - rng.random(x.shape)
    return np.clip(np.round(x * 32_768 + dither), -32_768, 32_767) / 32_768


@pytest.mark.parametrize("gain", [1.0, -0.4])
@pytest.mark.parametrize("finish", ["float", "rounded", "dithered"])
def test_a_thousandth_that_is_cut_off_is_found_with_its_share(song, gain, finish):
    x = cut(song, 1e-3) * gain
    if finish != "float":
        x = to_16_bits(x, np.random.default_rng(0) if finish == "dithered" else None)
    found = find(x)
    assert found
    assert {f.kind for f in found} == {"clipping"}
    assert all(f.severity != "info" for f in found)
    lying = sum(f.value / 100 * max(f.end_s - f.start_s, 3) * RATE for f in found)
    rail = np.abs(x).max(axis=1, keepdims=True)
    assert lying == pytest.approx((np.abs(x) > rail - 1e-4).sum(axis=1).max(), rel=0.3)


def test_clean_songs_are_clean(song):
    quiet = mt.datasets.simulate_recording(style="jazz", duration_s=10, rng=8).recording.samples
    for x in (song, quiet, song / np.abs(song).max(), to_16_bits(song), song * 1.5):
        assert find(x) == []


def test_more_is_worse(song):
    few = np.clip(song * 1.25, -1, 1)
    many = np.clip(song * 4, -1, 1)
    assert {f.severity for f in find(many)} == {"error"}
    assert sum(f.value for f in find(few)) < sum(f.value for f in find(many))


def test_a_cut_stretch_is_placed_in_one_channel_and_below_the_peak_of_the_rest(song):
    x = song.copy()
    x[1, 4 * RATE : 7 * RATE] = np.clip(3 * x[1, 4 * RATE : 7 * RATE], -0.5, 0.5)
    assert np.abs(x).max() > 0.6
    [found] = find(x)
    assert found.start_s == pytest.approx(4, abs=0.3)
    assert found.end_s == pytest.approx(7, abs=0.3)


def squares():
    t = np.arange(8 * RATE) / RATE
    notes = np.repeat([110, 330, 220, 440, 165, 880, 262, 131], RATE)
    phase = np.cumsum(notes / RATE)
    lead = np.where(phase % 1 < 0.25, 1.0, -1.0)
    bass = np.where(phase / 3 % 1 < 0.5, 1.0, -1.0)
    beat = 4 * t % 1 < 0.5
    return {
        "steady": np.sign(np.sin(2 * np.pi * 441.7 * t + 0.1)),
        "melody": 0.5 * lead,
        "chip tune": 0.3 * lead + 0.4 * bass,
        "in steps": lead * (1 - np.floor(15 * (t % 1)) / 15),
        "gated": 0.8 * beat * (phase % 1 < 0.5),
        "two bits": np.round(1.5 * np.sin(2 * np.pi * 60 * t)) / 2,
        "eight bits": np.round(90 * np.sin(2 * np.pi * 60 * t) * np.cos(t)) / 128,
        "held": np.repeat(np.random.default_rng(1).uniform(-1, 1, t.size // 4), 4),
    }


@pytest.mark.parametrize("name", squares())
def test_flat_by_design_is_not_clipping(name):
    x = squares()[name]
    assert find(np.stack([x, 0.7 * x])) == []
    assert find(to_16_bits(0.9 * x)) == []


def test_smooth_crests_and_noise_are_not_clipping():
    t = np.arange(6 * RATE) / RATE
    rng = np.random.default_rng(2)
    for x in (
        np.sin(2 * np.pi * 20 * t),
        np.sin(2 * np.pi * 1_700 * t * t),
        np.tanh(3 * np.sin(2 * np.pi * 200 * t)),
        rng.uniform(-1, 1, t.size),
        0.02 * rng.standard_normal(t.size),
        (np.arange(t.size) % 4_410 == 0) * 1.0,
        np.full(t.size, 0.5),
    ):
        assert find(x) == []
        assert find(to_16_bits(0.9 * x)) == []


def test_a_limiter_touches_its_ceiling_and_clips_nothing(song):
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    loud = 4 * song
    need = np.minimum(1, 0.9 / np.maximum(np.abs(loud).max(axis=0), 1e-9))
    gain = uniform_filter1d(minimum_filter1d(need, 401), 201)
    limited = loud * gain
    assert np.abs(limited).max() == pytest.approx(0.9, rel=1e-3)
    assert find(limited) == []


def test_blocks_do_not_matter(song):
    x = np.ascontiguousarray(cut(song, 1e-3).astype(np.float32))
    tables = []
    for size in (x.shape[1], 100_003, 997):
        tops = Pass(RATE, ("L", "R"), (Tops,))
        for start in range(0, x.shape[1], size):
            tops.push(np.ascontiguousarray(x[:, start : start + size]))
        track = tops.finish()[Tops]
        tables.append(track.table())
        assert track.lengths().sum() == x.shape[1]
    np.testing.assert_array_equal(tables[0], tables[1])
    np.testing.assert_array_equal(tables[0], tables[2])


@pytest.mark.parametrize("rate", [8_000, 11_025, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("samples", [1, 800, 30_001])
def test_any_shape(rate, channels, samples):
    for x in (np.zeros((channels, samples)), np.ones((channels, samples))):
        for detector in (Clipping(), Overs(), IntersamplePeaks()):
            assert (
                find(x, rate, detector) == []
                or samples > 1
                or isinstance(detector, IntersamplePeaks)
            )


def test_overs_are_counted_and_placed(song):
    x = 0.9 * song / np.abs(song).max()
    x[0, 5 * RATE], x[1, 5 * RATE + 30] = 1.2, -1.1
    [over] = find(x, detector=Overs())
    assert (over.kind, over.severity) == ("decoder_overs", "warning")
    assert over.value == pytest.approx(20 * np.log10(1.2), abs=0.01)
    assert (over.start_s, over.end_s) == pytest.approx((5.0, 5.1))
    assert over.meaning.startswith("2 samples")
    assert find(x) == []
    assert find(np.clip(x, -1, 1), detector=Overs()) == []
    assert find(x / 1.2 * (1 + 1e-6), detector=Overs()) == []


def test_what_is_over_and_flat_is_both(song):
    x = np.clip(4 * song, -1.2, 1.2)
    assert find(x)
    assert find(x, detector=Overs())[0].value == pytest.approx(1.58, abs=0.01)


def test_peaks_between_samples():
    t = np.arange(6 * RATE) / RATE
    x = 0.5 * np.sin(2 * np.pi * 440 * t)
    burst = slice(2 * RATE, 3 * RATE)
    x[burst] = 0.98 * np.sqrt(2) * np.sin(2 * np.pi * RATE / 4 * t[burst] + np.pi / 4)
    [peak] = find(x, detector=IntersamplePeaks())
    assert (peak.kind, peak.severity) == ("intersample_peak", "warning")
    assert peak.value == pytest.approx(2.8, abs=0.2)
    assert (peak.start_s, peak.end_s) == pytest.approx((2.0, 3.0), abs=0.11)
    assert find(0.7 * x, detector=IntersamplePeaks()) == []
    # What its samples show already is told as an over.
    assert find(1.1 * x, detector=IntersamplePeaks()) == []


def test_no_more_than_ten_places():
    rng = np.random.default_rng(3)
    x = 0.1 * rng.standard_normal(200 * 8_000)
    for second in range(2, 62, 4):
        x[second * 8_000] = 1.1 + second / 100
    found = find(x, 8_000, Overs())
    assert len(found) == 10
    assert "15 stretches" in found[0].meaning
    assert max(f.value for f in found) == pytest.approx(20 * np.log10(1.68), abs=0.01)
