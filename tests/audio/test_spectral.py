"""The shape of a spectrum: Essentia frame by frame where definitions agree, else formulas."""

import math

import librosa
import numpy as np
import pytest
import scipy.signal

from musictools.audio._framewise import STATISTICS
from musictools.audio._spectral import FLUX, LEVELS, SHAPES, describe_spectra, fit_tilt
from musictools.audio._spectral_kernels import measure_flux
from tests.audio.timbre_spectra import RATE, frames_of, harmonic_noise, measure

BIN_HZ = RATE / 2048


@pytest.fixture(scope="module")
def standard():
    essentia = pytest.importorskip("essentia")
    essentia.log.infoActive = essentia.log.warningActive = False
    return pytest.importorskip("essentia.standard")


@pytest.fixture(scope="module")
def power():
    return np.concatenate([frames_of(harmonic_noise(seed)) for seed in range(6)])


@pytest.fixture(scope="module")
def magnitude(power):
    return np.sqrt(power)


def shapes(power):
    rows = describe_spectra(power, np.sqrt(power))
    return {measure.name: rows[:, i] for i, measure in enumerate(SHAPES)}


@pytest.fixture(scope="module")
def ours(power):
    return shapes(power)


def test_centroid_and_rolloff_are_those_of_essentia(standard, power, magnitude, ours):
    centroid, rolloff = standard.Centroid(range=RATE / 2), standard.RollOff()
    np.testing.assert_allclose(
        ours["spectral_centroid"], [centroid(a) for a in magnitude], rtol=1e-5
    )
    np.testing.assert_allclose(ours["spectral_rolloff"], [rolloff(a) for a in magnitude], rtol=1e-5)


def test_moments_are_those_of_essentia_as_deviation_and_with_kurtosis_not_in_excess(
    standard, magnitude, ours
):
    moments, shape = standard.CentralMoments(range=RATE / 2), standard.DistributionShape()
    theirs = np.array([shape(moments(a)) for a in magnitude])
    np.testing.assert_allclose(ours["spectral_spread"] ** 2, theirs[:, 0], rtol=1e-4)
    np.testing.assert_allclose(ours["spectral_skewness"], theirs[:, 1], rtol=1e-3)
    np.testing.assert_allclose(ours["spectral_kurtosis"] - 3, theirs[:, 2], rtol=1e-3)


def test_flatness_crest_and_entropy_are_those_of_essentia(standard, power, magnitude, ours):
    # Essentia's flatness is a share of -60 dB.
    flatness, crest, entropy = standard.FlatnessDB(), standard.Crest(), standard.Entropy()
    theirs = [-60 * flatness(p) for p in power]
    np.testing.assert_allclose(ours["spectral_flatness"], theirs, atol=1e-3)
    theirs = [10 * math.log10(crest(p)) for p in power]
    np.testing.assert_allclose(ours["spectral_crest"], theirs, atol=1e-4)
    theirs = [entropy(a) for a in magnitude]
    np.testing.assert_allclose(ours["spectral_entropy"], theirs, atol=1e-4)


def test_strong_peak_is_that_of_essentia_over_the_sum_of_magnitudes(standard, magnitude, ours):
    strong = standard.StrongPeak()
    theirs = [strong(a) / a.sum(dtype=float) for a in magnitude]
    np.testing.assert_allclose(ours["spectral_strong_peak"], theirs, rtol=1e-4)


def test_complexity_is_that_of_essentia_with_a_threshold_beside_the_strongest(
    standard, magnitude, ours
):
    theirs = [
        standard.SpectralComplexity(magnitudeThreshold=float(0.005 * a[5:233].max()))(a)
        for a in magnitude
    ]
    assert list(ours["spectral_complexity"]) == theirs


def test_pitch_salience_is_that_of_essentia_below_5_khz_without_the_mean(standard, magnitude, ours):
    part = magnitude[:, :233]
    part = part - part.mean(axis=1, keepdims=True)
    salience = standard.PitchSalience(sampleRate=464 * BIN_HZ, lowBoundary=100, highBoundary=4900)
    theirs = [salience(p) for p in part]
    np.testing.assert_allclose(ours["pitch_salience"], theirs, atol=1e-5)


def test_flux_is_that_of_essentia_between_spectra_of_unit_norm(standard, magnitude):
    flux = standard.Flux()
    theirs = [flux(a / np.linalg.norm(a)) for a in magnitude]
    found = np.empty(len(magnitude))
    measure_flux(magnitude, np.zeros(1025, np.float32), found)
    np.testing.assert_allclose(found, theirs, atol=1e-5)


def test_energy_and_high_frequency_content_are_those_of_essentia_in_dbfs(standard):
    samples = harmonic_noise(3, seconds=2048 / RATE)
    power = frames_of(samples)
    found = measure(samples)
    scale = 2 / (3 / 8 * 2048**2)
    hfc = standard.HFC()(np.sqrt(power[0])) * scale / 1000
    assert found["spectral_hfc_mean_dbfs"] == pytest.approx(10 * math.log10(hfc), abs=1e-3)
    edges = {"low": (20, 150), "middle_low": (150, 800), "middle_high": (800, 4000)}
    for name, (low, high) in {**edges, "high": (4000, 20_000)}.items():
        # Essentia rounds the edges to bins; the bins are given here.
        first, last = math.ceil(low / BIN_HZ), math.ceil(high / BIN_HZ) - 1
        band = standard.EnergyBand(
            startCutoffFrequency=first * BIN_HZ, stopCutoffFrequency=last * BIN_HZ
        )
        theirs = 10 * math.log10(band(np.sqrt(power[0])) * scale)
        assert found[f"spectral_energyband_{name}_mean_dbfs"] == pytest.approx(theirs, abs=1e-3)


def test_rms_is_that_of_the_windowed_samples():
    samples = harmonic_noise(4, seconds=2048 / RATE) + 0.02
    window = scipy.signal.get_window("hann", 2048)
    level = 10 * math.log10(np.mean((samples * window) ** 2) / np.mean(window**2))
    assert measure(samples)["spectral_rms_mean_dbfs"] == pytest.approx(level, abs=1e-3)


def test_contrast_is_the_mean_of_the_ends_of_each_sorted_octave(power, ours):
    for i in range(6):
        bins = np.arange(1025) * BIN_HZ
        inside = power[:, (bins >= 200 * 2**i) & (bins < 400 * 2**i)].astype(float)
        count = round(inside.shape[1] / 5)
        ordered = np.sort(inside, axis=1)
        peak, valley = ordered[:, -count:].mean(axis=1), ordered[:, :count].mean(axis=1)
        contrast = 10 * np.log10(peak / valley)
        np.testing.assert_allclose(ours[f"spectral_contrast_{i}"], contrast, atol=1e-3)
        valley_db = 10 * np.log10(valley / power.mean(axis=1, dtype=float))
        np.testing.assert_allclose(ours[f"spectral_valley_{i}"], valley_db, atol=1e-3)


def test_contrast_of_wide_octaves_is_that_of_librosa_where_they_begin_a_bin_lower():
    power = frames_of(np.random.default_rng(1).normal(0, 0.1, 5 * RATE))
    found = shapes(power)
    theirs = librosa.feature.spectral_contrast(
        S=power.T.astype(float), sr=RATE, fmin=200, n_bands=6, quantile=0.2, linear=False
    )[1:]
    for i in range(3, 6):
        assert found[f"spectral_contrast_{i}"].mean() == pytest.approx(theirs[i].mean(), abs=0.1)


def test_line_is_that_of_librosas_poly_features_on_decibels(power, ours):
    decibel = 10 * np.log10(power.T.astype(float))
    slope, intercept = librosa.feature.poly_features(S=decibel, sr=RATE, order=1)
    np.testing.assert_allclose(ours["spectral_slope"], 1000 * slope, rtol=1e-4)
    level = intercept + 10 * math.log10(2 / (3 / 8 * 2048**2))
    np.testing.assert_allclose(ours["spectral_intercept"], level, rtol=1e-5)


def test_decrease_by_its_formula(magnitude, ours):
    # Peeters (2004), with the first bin above DC as the first.
    wide = magnitude[:, 1:].astype(float)
    distance = np.arange(1, wide.shape[1])
    decrease = ((wide[:, 1:] - wide[:, :1]) / distance).sum(axis=1) / wide[:, 1:].sum(axis=1)
    np.testing.assert_allclose(ours["spectral_decrease"], decrease, rtol=1e-6)


def test_decrease_is_not_the_regression_that_essentia_calls_so(standard, magnitude, ours):
    theirs = [standard.Decrease()(a) for a in 100 * magnitude[:3]]
    assert np.abs(theirs / ours["spectral_decrease"][:3]).min() > 2


def test_a_tone_is_pure_and_noise_is_not():
    t = np.arange(RATE) / RATE
    tone = shapes(frames_of(np.sin(2 * np.pi * 1000 * t)))
    noise = shapes(frames_of(np.random.default_rng(1).normal(0, 0.1, RATE)))
    assert (tone["spectral_complexity"] == 1).all()
    assert (noise["spectral_complexity"] > 40).all()
    assert tone["spectral_rolloff"] == pytest.approx(1000, abs=BIN_HZ)
    # A Hann window spreads a tone over three bins, with entropy of about 1.5 bits.
    assert tone["spectral_entropy"].max() < 2.5
    # Magnitudes of noise are Rayleigh: 10 - 0.24 bits.
    assert noise["spectral_entropy"].mean() == pytest.approx(math.log2(1025) - 0.24, abs=0.05)
    # The mean logarithm of an exponential power lies Euler's constant below that of its mean.
    euler_db = -10 / math.log(10) * np.euler_gamma
    assert noise["spectral_flatness"].mean() == pytest.approx(euler_db, abs=0.1)
    assert noise["pitch_salience"].mean() < 0.3
    assert tone["pitch_salience"].max() < 0.1


def test_pitch_salience_of_harmonics_is_high():
    t = np.arange(RATE) / RATE
    harmonic = sum(np.sin(2 * np.pi * 20 * BIN_HZ * k * t) for k in range(1, 11))
    assert shapes(frames_of(harmonic))["pitch_salience"].min() > 0.75


@pytest.mark.parametrize(("exponent", "db_per_octave"), [(0, 0.0), (1, -3.01), (2, -6.02)])
def test_tilt_of_coloured_noise(exponent, db_per_octave):
    rng = np.random.default_rng(2)
    spectrum = np.fft.rfft(rng.normal(0, 1, 10 * RATE))
    frequency = np.maximum(np.arange(spectrum.size) / 10, 20)
    noise = np.fft.irfft(spectrum * frequency ** (-exponent / 2))
    found = measure(0.5 * noise / np.abs(noise).max())["spectral_tilt_db_per_octave"]
    assert found == pytest.approx(db_per_octave, abs=0.15)


def test_tilt_looks_only_where_the_recording_can_have_sound():
    rng = np.random.default_rng(3)
    slow = measure(rng.normal(0, 0.1, 8000 * 5), sample_rate=8000)
    assert slow["spectral_tilt_db_per_octave"] == pytest.approx(0, abs=0.3)
    assert math.isnan(fit_tilt(np.ones(1025), 300))
    assert math.isnan(fit_tilt(np.zeros(1025), RATE))


def test_gain_moves_levels_by_itself_and_no_shape():
    samples = harmonic_noise(5, seconds=2)
    before, after = measure(samples), measure(0.25 * samples)
    moved = -20 * math.log10(4)
    for item in LEVELS:
        name = item.column("mean")
        assert after[name] - before[name] == pytest.approx(moved, abs=1e-4), name
    for item in (*SHAPES, *FLUX):
        for statistic in STATISTICS:
            name = item.column(statistic)
            shift = (
                moved
                if item.name == "spectral_intercept"
                and statistic in {"mean", "min", "median", "max"}
                else 0
            )
            assert after[name] == pytest.approx(before[name] + shift, rel=1e-5, abs=1e-5), name
    name = "spectral_tilt_db_per_octave"
    assert after[name] == pytest.approx(before[name], abs=1e-5)


def test_gaps_of_silence_leave_shapes_and_flux_alone():
    """Only frames above -100 dBFS count, and flux only between two of them."""
    sound = harmonic_noise(6, seconds=1)
    twice = np.concatenate((sound[:20_480], np.zeros(20_480), sound[:20_480]))
    rows = frames_of(twice)
    loud = rows.mean(axis=1) > 1e-10 * 2048 * 3 / 8
    assert 0 < loud.sum() < len(rows)
    found = measure(twice)
    expected = shapes(rows[loud])
    for item in SHAPES:
        assert found[item.column("mean")] == pytest.approx(expected[item.name].mean(), rel=1e-6)
    unit = np.sqrt(rows.astype(float))
    unit[loud] /= np.linalg.norm(unit[loud], axis=1, keepdims=True)
    steps = np.linalg.norm(np.diff(unit, axis=0), axis=1)[loud[1:] & loud[:-1]]
    assert found["spectral_flux_mean"] == pytest.approx(steps.mean(), rel=1e-5)
    assert found["spectral_flux_max"] == pytest.approx(steps.max(), rel=1e-5)


def test_silence_has_levels_at_the_floor_and_no_shape():
    found = measure(np.zeros(RATE))
    assert found["spectral_rms_mean_dbfs"] == pytest.approx(-120, abs=1e-4)
    assert math.isnan(found["spectral_centroid_mean_hz"])
    assert math.isnan(found["spectral_flux_mean"])
    assert math.isnan(found["zero_crossing_rate_mean"])
    assert math.isnan(found["dissonance_mean"])
