"""Roughness, zero crossings, and what holds for all of timbre."""

import math

import librosa
import numpy as np
import pytest
import scipy.signal

from musictools.audio import _roughness
from musictools.audio._framewise import STATISTICS
from musictools.audio._recording import BLOCK_S
from musictools.audio._roughness import a_weighting, dissonance
from musictools.audio._roughness_kernels import find_partials, sum_roughness
from musictools.audio._timbre import Timbre
from tests.audio.test_descriptors import STRANGE
from tests.audio.timbre_spectra import RATE, frames_of, harmonic_noise, measure

TONAL_RATE = 11_025


def tones(*frequencies, amplitudes=None):
    """Spectra of the tonal room of some sines."""
    t = np.arange(TONAL_RATE) / TONAL_RATE
    amplitudes = amplitudes or [0.2] * len(frequencies)
    phases = range(len(frequencies))
    parts = zip(frequencies, amplitudes, phases, strict=True)
    return frames_of(
        sum(a * np.sin(2 * np.pi * hz * t + phase) for hz, a, phase in parts), 4096, 2048
    )


def expected_roughness(frequencies, amplitudes):
    """Hutchinson and Knopoff's sum, in NumPy."""
    f, a = np.asarray(frequencies, float), np.asarray(amplitudes, float)
    width = 1.72 * f**0.65
    apart = np.abs(f[:, None] - f) / ((width[:, None] + width) / 2)
    curve = np.where(apart <= 1.2, (4 * apart * np.exp(1 - 4 * apart)) ** 2, 0)
    return 0.5 * (a[:, None] * a * curve).sum() / (a**2).sum()


def test_roughness_of_partials_by_its_formula():
    rng = np.random.default_rng(1)
    f, a = np.sort(rng.uniform(60, 5000, 80)), rng.uniform(0.01, 1, 80)
    assert sum_roughness(f, a, 80) == pytest.approx(expected_roughness(f, a), rel=1e-12)
    assert sum_roughness(f, a, 1) == 0
    assert sum_roughness(f, a, 0) == 0


@pytest.mark.parametrize("hz", [400.0, 1000.0, 3000.0])
def test_two_tones_are_roughest_a_quarter_of_a_critical_band_apart(hz):
    width = 1.72 * hz**0.65
    shares = np.arange(0.17, 0.6, 0.02)
    found = [dissonance(tones(hz, hz + share * width)).mean() for share in shares]
    assert shares[int(np.argmax(found))] == pytest.approx(0.25, abs=0.03)
    # Two equal amplitudes: half of the curve, which is one at its top.
    assert max(found) == pytest.approx(0.5, abs=0.02)
    assert dissonance(tones(hz, hz + 1.5 * width)).max() == 0
    assert dissonance(tones(hz)).max() == 0


def test_partials_are_found_where_they_are():
    power = tones(333.3, 1234.5, amplitudes=[0.3, 0.1])[0]
    frequencies, amplitudes = np.empty(100), np.empty(100)
    weights = np.zeros(2049, np.float32)
    weights[15:1800] = 1
    count = find_partials(power, weights, 1e-4, frequencies, amplitudes)
    assert count == 2
    np.testing.assert_allclose(
        frequencies[:2] * TONAL_RATE / 4096, [333.3, 1234.5], atol=0.06 * TONAL_RATE / 4096
    )
    assert amplitudes[0] / amplitudes[1] == pytest.approx(3, rel=0.02)


def test_noise_leaves_the_hundred_strongest():
    noise = np.random.default_rng(1).normal(0, 0.1, 4096)
    power = frames_of(noise, 4096, 2048)[0]
    frequencies, amplitudes = np.empty(100), np.empty(100)
    weights = np.zeros(2049, np.float32)
    weights[15:1800] = 1
    assert find_partials(power, weights, 1e-4, frequencies, amplitudes) == 100
    assert (np.diff(frequencies) > 0).all()
    inner = power[14:1801]
    peaks = scipy.signal.find_peaks(inner)[0]
    strongest = np.sort(peaks[np.argsort(inner[peaks])[-100:]]) + 14
    assert set(np.round(frequencies).astype(int)) == set(strongest)


def test_a_semitone_is_rougher_than_a_fifth_as_for_essentia(essentia_dissonance):
    def chord(ratio):
        partials = [(k * hz, 1 / k) for hz in (440, 440 * ratio) for k in range(1, 7)]
        frequencies, amplitudes = zip(*sorted(partials), strict=True)
        return frequencies, amplitudes

    ratios = {"octave": 2.0, "fifth": 3 / 2, "major third": 5 / 4, "semitone": 16 / 15}
    ours = [
        dissonance(tones(*f, amplitudes=[0.05 * x for x in a])).mean()
        for f, a in map(chord, ratios.values())
    ]
    theirs = [essentia_dissonance(f, np.square(a)) for f, a in map(chord, ratios.values())]
    assert list(np.argsort(ours)) == list(np.argsort(theirs)) == [0, 1, 2, 3]


@pytest.fixture
def essentia_dissonance():
    standard = pytest.importorskip("essentia.standard")

    def measured(frequencies, intensities):
        return standard.Dissonance()(
            np.asarray(frequencies, np.float32), np.asarray(intensities, np.float32)
        )

    return measured


def test_a_weighting_is_that_of_librosa():
    frequency = np.array([31.5, 100.0, 1000.0, 4000.0])
    theirs = librosa.A_weighting(frequency)
    np.testing.assert_allclose(20 * np.log10(a_weighting(frequency)), theirs, atol=0.01)


def test_weights_reach_from_40_hz_to_5_khz():
    used = np.flatnonzero(_roughness._weights()) * TONAL_RATE / 4096
    assert 40 <= used[0] < 45
    assert 4995 < used[-1] <= 5000


def test_zero_crossings_of_a_tone_and_of_essentia():
    standard = pytest.importorskip("essentia.standard")
    samples = harmonic_noise(1, seconds=3).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, 2048)[::1024]
    rate = standard.ZeroCrossingRate()
    theirs = np.array([rate(frame.copy()) for frame in frames])
    found = measure(samples)
    assert found["zero_crossing_rate_mean"] == pytest.approx(theirs.mean(), rel=1e-6)
    assert found["zero_crossing_rate_std"] == pytest.approx(theirs.std(), rel=1e-5)
    assert found["zero_crossing_rate_max"] == pytest.approx(theirs.max(), rel=1e-6)
    tone = measure(np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE + 0.1))
    assert tone["zero_crossing_rate_mean"] == pytest.approx(2000 / RATE, rel=0.01)


@pytest.mark.parametrize("length", [1, 1023, 1024, 1500, 2047, 2048, 3071, 3072])
def test_zero_crossings_of_short_sounds(length):
    samples = np.where(np.arange(length) % 2, -0.5, 0.5)
    found = measure(samples)
    # Zeros follow what is shorter than a frame, and are not negative.
    ends_below = length < 2048 and length % 2 == 0
    changes = min(length, 2048) - 1 + ends_below
    assert found["zero_crossing_rate_max"] == pytest.approx(changes / 2048)


def test_values_are_within_the_bounds_and_in_the_order_of_the_list():
    found = measure(harmonic_noise(1, seconds=2))
    assert list(found) == [d.name for d in Timbre.descriptors]
    for d in Timbre.descriptors:
        assert math.isfinite(found[d.name])
        assert d.minimum - 1e-9 <= found[d.name] <= d.maximum + 1e-9, d.name


def test_a_shift_by_whole_hops_keeps_what_the_frames_tell():
    """Frames that are silent have no shape: only those across the start are new."""
    # Both hops are whole: 2048 samples at 11,025 Hz are 8192 at 44,100.
    tone = np.sin(2 * np.pi * 437 * np.arange(8192 * 30) / RATE) * 0.3
    noise = np.random.default_rng(1).normal(0, 0.01, tone.size)
    before = measure(tone + noise)
    after = measure(np.concatenate((np.zeros(8192), tone + noise)))
    for name in before:
        if name.endswith("_median") or "_median_" in name:
            assert after[name] == pytest.approx(before[name], rel=0.03, abs=0.1), name


def test_a_sound_played_twice_keeps_its_means():
    # A period of the sound fits a hop, so that frames across the seam are like all others.
    hop = np.random.default_rng(3).normal(0, 0.1, 8192)
    once, twice = np.tile(hop, 12), np.tile(hop, 24)
    first, second = measure(once), measure(twice)
    for name in first:
        statistic = next(s for s in name.split("_") if s in {*STATISTICS, "tilt", "cov"})
        if statistic in {"mean", "median", "tilt"} and not name.startswith("dissonance"):
            assert second[name] == pytest.approx(first[name], rel=0.02, abs=0.05), name


def test_blocks_do_not_matter():
    """Recordings are cut into blocks of seconds: statistics of frames know nothing of it."""
    samples = harmonic_noise(9, seconds=2.5 * BLOCK_S)
    found = measure(samples)
    from musictools.audio._spectral import SHAPES, describe_spectra

    power = frames_of(samples)
    rows = describe_spectra(power, np.sqrt(power))
    for i, item in enumerate(SHAPES):
        assert found[item.column("mean")] == pytest.approx(rows[:, i].mean(), rel=1e-5)
        assert found[item.column("dmean")] == pytest.approx(
            np.abs(np.diff(rows[:, i])).mean(), rel=1e-4, abs=1e-6
        )


@pytest.mark.parametrize("rate", [1_000, 8_000, 44_100, 192_000])
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_recordings_give_numbers_in_range_or_nan(kind, rate):
    found = measure(STRANGE[kind], sample_rate=rate)
    for d in Timbre.descriptors:
        value = found[d.name]
        if math.isnan(value):
            assert "NaN" in d.meaning
        else:
            assert math.isfinite(value), d.name
            assert d.minimum - 1e-9 <= value <= d.maximum + 1e-9, (d.name, value)
