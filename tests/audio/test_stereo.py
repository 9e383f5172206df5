"""The stereo image, against formulas and against a spectrum of the whole recording."""

import math

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._pass import analyse
from musictools.audio._stereo import FrontFrames, Stereo

RATE = 44_100
EDGES_HZ = {
    "": (20, 20_000),
    "low": (20, 120),
    "low_mid": (120, 500),
    "mid": (500, 2_000),
    "high_mid": (2_000, 6_000),
    "high": (6_000, 20_000),
}
DESCRIPTORS = {d.name: d for d in Stereo.descriptors}


def measure(samples, rate=RATE):
    return analyse(mt.audio.from_samples(samples, rate), [Stereo()])


def column(quantity, band, suffix=""):
    return "_".join(filter(None, (quantity, band, suffix)))


def noise(seconds=6.0, rate=RATE, channels=1, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (channels, int(seconds * rate)))


def tone(hz, t):
    """Fades in and out: an edge would put energy into every band."""
    return 0.1 * np.sin(2 * np.pi * hz * t) * np.hanning(t.shape[-1])


@pytest.mark.parametrize("angle", [0.1, 0.4, math.pi / 4, 1.2])
@pytest.mark.parametrize("band", EDGES_HZ)
def test_a_panned_source_keeps_correlation_and_shows_its_balance(angle, band):
    found = measure(np.outer([math.cos(angle), math.sin(angle)], noise()))
    assert found[column("stereo_correlation", band)] == pytest.approx(1, abs=1e-6)
    expected = 20 * math.log10(math.tan(angle))
    assert found[column("stereo_balance", band, "db")] == pytest.approx(expected, abs=1e-4)
    width = 0.5 - math.cos(angle) * math.sin(angle)
    assert found[column("stereo_width", band)] == pytest.approx(width, abs=1e-6)


def test_opposite_polarity_is_all_side_and_vanishes_in_mono():
    found = measure(np.outer([1, -1], noise()))
    for band in EDGES_HZ:
        assert found[column("stereo_correlation", band)] == pytest.approx(-1, abs=1e-6)
        assert found[column("stereo_width", band)] == pytest.approx(1, abs=1e-6)
    assert found["low_end_mono_share"] == pytest.approx(0, abs=1e-6)
    assert found["mono_compatibility_db"] == -60
    assert found["stereo_time_share"] == 1


def test_unrelated_channels_are_half_wide():
    found = measure(noise(30, channels=2))
    for band in EDGES_HZ:
        # 100 Hz in 30 s are 3000 independent values.
        assert found[column("stereo_correlation", band)] == pytest.approx(0, abs=0.06)
        assert found[column("stereo_width", band)] == pytest.approx(0.5, abs=0.03)
        assert found[column("stereo_correlation", band, "p05")] < 0
    assert found["mono_compatibility_db"] == pytest.approx(-10 * math.log10(2), abs=0.05)


@pytest.mark.parametrize("samples", [noise(), np.repeat(noise(), 2, axis=0)], ids=["one", "two"])
def test_mono_is_mono_in_one_channel_or_in_two(samples):
    found = measure(samples)
    for band in EDGES_HZ:
        assert found[column("stereo_correlation", band)] == pytest.approx(1, abs=1e-12)
        assert found[column("stereo_correlation", band, "p05")] == pytest.approx(1, abs=1e-12)
        assert found[column("stereo_width", band)] == pytest.approx(0, abs=1e-12)
        assert found[column("stereo_balance", band, "db")] == 0
    assert found["low_end_mono_share"] == 1
    assert found["mono_compatibility_db"] == pytest.approx(0, abs=1e-9)
    assert found["stereo_time_share"] == 0


@pytest.mark.parametrize("silent", [0, 1])
def test_one_silent_channel_gives_numbers(silent):
    samples = np.repeat(noise(), 2, axis=0)
    samples[silent] = 0
    found = measure(samples)
    assert found["stereo_correlation"] == 0
    assert found["stereo_correlation_low_p05"] == 0
    assert found["stereo_width"] == pytest.approx(0.5)
    assert found["stereo_balance_db"] == (60 if silent == 0 else -60)
    assert found["mono_compatibility_db"] == pytest.approx(-10 * math.log10(2))


@pytest.mark.parametrize("hz", [60, 200, 1_000, 3_000, 9_000])
def test_a_delay_turns_the_correlation_of_a_tone_by_its_phase(hz):
    delay_s = 0.1 / hz
    t = np.arange(6 * RATE) / RATE
    found = measure(tone(hz, np.stack([t, t - delay_s])))
    band = next(b for b, (low, high) in EDGES_HZ.items() if b and low <= hz < high)
    expected = math.cos(2 * np.pi * hz * delay_s)
    assert found[column("stereo_correlation", band)] == pytest.approx(expected, abs=1e-3)
    assert found["stereo_correlation"] == pytest.approx(expected, abs=1e-3)
    # Neighbours see the window's skirts; farther bands are empty.
    far = "high" if hz < 1_000 else "low"
    assert math.isnan(found[column("stereo_width", far)])


def test_bands_are_those_of_one_long_spectrum():
    """A reverberant mix with another image in each band, against scipy's cross spectra."""
    left, right = noise(20, channels=2, seed=3)
    low = signal.butter(4, [400, 3_000], "bandpass", fs=RATE)
    high = signal.butter(2, 3_000, "highpass", fs=RATE)
    samples = np.stack(
        [left + signal.lfilter(*low, right), 0.5 * right - signal.lfilter(*high, left)]
    )
    found = measure(samples)
    options = {"fs": RATE, "nperseg": 8192}
    hz, cross = signal.csd(*samples, **options)
    power = signal.welch(samples, **options)[1]
    for band, (bottom, top) in EDGES_HZ.items():
        inside = (hz >= bottom) & (hz < top)
        own, other = power[:, inside].sum(axis=1)
        both = cross.real[inside].sum()
        name = column("stereo_correlation", band)
        assert found[name] == pytest.approx(both / math.sqrt(own * other), abs=0.03), band
        name = column("stereo_width", band)
        assert found[name] == pytest.approx(0.5 - both / (own + other), abs=0.015), band
        name = column("stereo_balance", band, "db")
        assert found[name] == pytest.approx(10 * math.log10(other / own), abs=0.2), band


def test_the_percentile_finds_the_part_that_cancels():
    source = noise(40)[0]
    turned = source.copy()
    turned[: 4 * RATE] *= -1
    found = measure(np.stack([source, turned]))
    assert found["stereo_correlation_p05"] == pytest.approx(-1, abs=1e-6)
    assert found["stereo_correlation"] == pytest.approx(0.8, abs=0.02)
    assert found["mono_compatibility_p05_db"] == -60
    assert found["stereo_time_share"] == pytest.approx(0.1, abs=0.02)


def test_swapping_the_channels_turns_the_balance_and_nothing_else():
    samples = noise(channels=2) * [[1], [0.5]] + noise(seed=1)
    there, back = measure(samples), measure(samples[::-1])
    for name, value in there.items():
        assert back[name] == pytest.approx(-value if "balance" in name else value, abs=1e-6), name


@pytest.mark.parametrize("gain_db", [-50, 12])
def test_gain_changes_nothing(gain_db):
    samples = noise(channels=2) * [[1], [0.5]] + noise(seed=1)
    there, back = measure(samples), measure(samples * 10 ** (gain_db / 20))
    for name, value in there.items():
        assert back[name] == pytest.approx(value, abs=1e-5), name


@pytest.mark.parametrize("length", [1, 700, 4096, 10_000, 1 << 20])
def test_the_cut_into_blocks_changes_nothing(length):
    samples = np.asarray(noise(1.0 if length == 1 else 7.0, channels=2), dtype=np.float32)
    whole, cut = (FrontFrames(RATE, ("L", "R")) for _ in range(2))
    whole.update(samples)
    for start in range(0, samples.shape[1], length):
        cut.update(np.ascontiguousarray(samples[:, start : start + length]))
    np.testing.assert_allclose(cut.bands(), whole.bands(), rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(cut.long_term()[1], whole.long_term()[1], rtol=1e-4)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 96_000, 192_000])
def test_bands_mean_the_same_at_every_rate(rate):
    t = np.arange(5 * rate) / rate
    pans = {70: (1, 1), 300: (1, 0.5), 1_000: (1, -0.5), 3_000: (1, -1)}
    found = measure(sum(np.outer(pan, tone(hz, t)) for hz, pan in pans.items()), rate)
    assert found["stereo_correlation_low"] == pytest.approx(1, abs=1e-4)
    assert found["stereo_balance_low_mid_db"] == pytest.approx(-6.02, abs=0.01)
    assert found["stereo_correlation_mid"] == pytest.approx(-1, abs=1e-3)
    assert found["stereo_width_high_mid"] == pytest.approx(1, abs=1e-4)
    assert math.isnan(found["stereo_width_high"])


def test_power_of_the_long_term_spectrum_is_that_of_the_samples():
    track = FrontFrames(RATE, ("L", "R"))
    samples = np.asarray(noise(3 * 2.9722, channels=2), dtype=np.float32)
    track.update(samples)
    _, power = track.long_term()
    assert power.shape[1] == 512
    assert power.sum(axis=1)[:-1] == pytest.approx(0.01, rel=0.02)


def test_surround_counts_its_front_loudspeakers_only():
    front = noise(channels=2)
    rest = noise(channels=4, seed=9)
    there, back = measure(front), measure(np.concatenate([front, rest]))
    assert there == back


STRANGE = {
    "silence": np.zeros((2, RATE)),
    "dc": np.full((1, RATE), 0.5),
    "a click": np.eye(2, RATE, RATE // 2),
    "0.2 s": np.sin(np.arange(RATE // 5) / 9)[None],
    "one sample": np.array([[0.5]]),
    "5.1": noise(1, channels=6),
    "above full scale": 300 * np.sin(np.arange(RATE) / 9)[None],
    "barely anything": 1e-7 * noise(1, channels=2),
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
    heard = kind not in {"silence", "barely anything", "denormal"}
    assert math.isnan(found["stereo_width"]) != heard


def test_a_song_of_the_studio_has_a_mono_bass_and_wide_chords():
    song = mt.datasets.simulate_recording(style="pop", duration_s=8, rng=2)
    found = measure(song.recording.samples)
    assert found["low_end_mono_share"] > 0.95
    assert found["stereo_width"] > found["stereo_width_low"]
    assert abs(found["stereo_balance_db"]) < 1
