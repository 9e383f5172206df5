"""Bands and cepstra: Essentia, librosa and SciPy where definitions agree, else formulas."""

import math

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal

from musictools.audio._bands import describe_shape
from musictools.audio._filters import (
    BARK_EDGES_HZ,
    FilterBank,
    bark_filters,
    cosines,
    erb_centres_hz,
    erb_filters,
    mel_filters,
)
from tests.audio.timbre_spectra import RATE, frames_of, harmonic_noise, measure

ERB = {"bottom_hz": 40.0, "top_hz": 22_050.0}


@pytest.fixture(scope="module")
def standard():
    essentia = pytest.importorskip("essentia")
    essentia.log.infoActive = essentia.log.warningActive = False
    return pytest.importorskip("essentia.standard")


@pytest.fixture(scope="module")
def power():
    return np.concatenate([frames_of(harmonic_noise(seed)) for seed in range(6)])


def test_mel_bands_are_those_of_essentia_on_slaneys_scale(standard):
    # Noise, since Essentia's 32-bit weights are coarse for a partial at the foot of a triangle.
    power = frames_of(np.random.default_rng(1).normal(0, 0.1, RATE // 2))
    bands = standard.MelBands(
        numberBands=40, highFrequencyBound=11_025, warpingFormula="slaneyMel", weighting="linear",
        normalize="unit_tri",
    )  # fmt: skip
    theirs = np.array([bands(np.sqrt(p)) for p in power])
    np.testing.assert_allclose(
        power @ mel_filters(RATE, 2048, 40, top_hz=11_025.0).T, theirs, rtol=1e-4
    )


def test_mel128_filters_are_those_of_librosa():
    theirs = librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=128)
    np.testing.assert_allclose(
        mel_filters(RATE, 2048, 128, top_hz=22_050.0), theirs, rtol=0, atol=1e-7
    )


def test_bark_bands_are_those_of_essentia(standard, power):
    bands = standard.BarkBands(numberBands=27)
    theirs = np.array([bands(np.sqrt(p)) for p in power])
    np.testing.assert_allclose(power @ bark_filters(RATE, 2048).T, theirs, rtol=1e-5)


@pytest.mark.parametrize("band", [3, 12, 20, 30, 36])
def test_erb_filters_are_gammatones_of_scipy(band):
    centre = erb_centres_hz(40, **ERB)[band]
    taps, _ = scipy.signal.gammatone(centre, "fir", numtaps=8192, fs=RATE)
    fine = np.abs(np.fft.rfft(taps)) ** 2
    ours = erb_filters(RATE, 2048, 40, **ERB)[band]
    # The closed form leaves out the mirror image, which reaches the lowest bands a little.
    np.testing.assert_allclose(ours, fine[::4] / fine.max(), atol=0.02)


def test_erb_centres_are_those_of_essentia_whose_filters_differ_in_gain(standard):
    """Essentia's responses are not squared, not of equal height, and use one pole twice."""
    bands = standard.ERBBands(lowFrequencyBound=40)
    theirs = np.array([bands(unit) for unit in np.eye(1025, dtype=np.float32)]).T
    ours = erb_filters(RATE, 2048, 40, **ERB)
    middle = slice(3, 30)
    assert np.abs(theirs.argmax(1) - ours.argmax(1))[middle].max() <= 1
    assert theirs.max(axis=1).max() / theirs.max(axis=1).min() > 1000
    assert (ours.max(axis=1) > 0.8).all()


def test_erb_filters_are_one_erb_wide():
    ours = erb_filters(RATE, 2048, 40, **ERB)
    centres = erb_centres_hz(40, **ERB)[10:35]
    width = ours[10:35].sum(axis=1) * RATE / 2048
    np.testing.assert_allclose(width, 24.7 + centres / 9.26449, rtol=0.02)


def test_a_bank_applies_each_filter():
    rng = np.random.default_rng(1)
    banks = [mel_filters(RATE, 2048, 40, top_hz=11_025.0), erb_filters(RATE, 2048, 40, **ERB)]
    power = rng.exponential(1, (7, 1025)).astype(np.float32)
    bank = FilterBank(banks)
    assert bank.size == 80
    np.testing.assert_allclose(bank.apply(power), power @ np.concatenate(banks).T, rtol=1e-5)


def test_cosines_are_those_of_scipy():
    rows = np.random.default_rng(1).normal(0, 1, (5, 40))
    theirs = scipy.fft.dct(rows, norm="ortho")[:, :13]
    np.testing.assert_allclose(rows @ cosines(40, 13), theirs, atol=1e-5)


def test_gfcc_is_the_cepstrum_of_the_erb_levels():
    samples = harmonic_noise(2, seconds=1)
    found = measure(samples)
    bands = frames_of(samples).astype(float) @ erb_filters(RATE, 2048, 40, **ERB).T
    level = np.maximum(10 * np.log10(bands * 2 / (3 / 8 * 2048**2)), -120)
    cepstrum = scipy.fft.dct(level, norm="ortho")
    for i in range(13):
        assert found[f"gfcc_{i:02d}_mean_db"] == pytest.approx(cepstrum[:, i].mean(), abs=1e-3)
        assert found[f"gfcc_{i:02d}_std_db"] == pytest.approx(cepstrum[:, i].std(), abs=1e-3)


def test_covariances_of_cepstra_are_those_of_numpy():
    samples = harmonic_noise(2, seconds=1)
    found = measure(samples)
    mel = frames_of(samples).astype(float) @ mel_filters(RATE, 2048, 40, top_hz=11_025.0).T
    cepstrum = scipy.fft.dct(np.maximum(10 * np.log10(mel), -100), norm="ortho")[:, :13]
    erb = frames_of(samples).astype(float) @ erb_filters(RATE, 2048, 40, **ERB).T
    level = np.maximum(10 * np.log10(erb * 2 / (3 / 8 * 2048**2)), -120)
    gammatone = scipy.fft.dct(level, norm="ortho")[:, :13]
    for name, rows in (("mfcc", cepstrum), ("gfcc", gammatone)):
        theirs = np.cov(rows, rowvar=False, bias=True)
        spread = np.sqrt(np.diag(theirs))
        for i in range(13):
            for j in range(i + 1, 13):
                ours = found[f"{name}_cov_{i:02d}_{j:02d}_db2"]
                assert abs(ours - theirs[i, j]) < 1e-4 * spread[i] * spread[j]


def test_gfcc_is_made_of_bands_as_that_of_essentia(standard, power):
    gfcc = standard.GFCC(type="power", logType="dbpow")
    for p in power[::10]:
        bands, theirs = gfcc(np.sqrt(p))
        np.testing.assert_allclose(10 * np.log10(bands) @ cosines(40, 13), theirs, atol=2e-3)


@pytest.mark.parametrize("bands", [40, 27])
def test_shapes_of_bands_are_those_of_essentia(standard, bands):
    rng = np.random.default_rng(bands)
    power = rng.exponential(1, (20, bands)).astype(np.float32) ** 2
    found = describe_shape(power, 10 * np.log10(power))
    crest, flatness = standard.Crest(), standard.FlatnessDB()
    moments, shape = standard.CentralMoments(range=bands - 1), standard.DistributionShape()
    theirs = np.array([shape(moments(p)) for p in power])
    np.testing.assert_allclose(found[:, 0], [10 * math.log10(crest(p)) for p in power], atol=1e-4)
    np.testing.assert_allclose(found[:, 1], [-60 * flatness(p) for p in power], atol=1e-3)
    np.testing.assert_allclose(found[:, 2] - 3, theirs[:, 2], atol=1e-4)
    np.testing.assert_allclose(found[:, 3], theirs[:, 1], atol=1e-4)
    np.testing.assert_allclose(found[:, 4] ** 2, theirs[:, 0], rtol=1e-4)


def test_bands_without_power_count_as_alike():
    none, flat = np.zeros((1, 40), np.float32), np.ones((1, 40), np.float32)
    np.testing.assert_allclose(
        describe_shape(none, none - 380), describe_shape(flat, none), atol=1e-9
    )


@pytest.mark.parametrize("hz", [440.0, 1000.0, 5000.0])
def test_a_full_scale_sine_reads_three_decibels_below_full_scale_where_it_lies(hz):
    found = measure(np.sin(2 * np.pi * hz * np.arange(RATE) / RATE))
    bark = np.searchsorted(BARK_EDGES_HZ, hz, side="right") - 1
    assert found[f"bark_band_{bark:02d}_mean_dbfs"] == pytest.approx(-3.01, abs=0.05)
    for scale in ("mel", "mel128", "bark", "erb"):
        levels = [
            value
            for name, value in found.items()
            if name.startswith(f"{scale}_band_") and name.endswith("_median_dbfs")
        ]
        # Triangles share what lies between two of them: up to three decibels less.
        assert -6.5 < max(levels) < -2.9
        assert min(levels) < -60


def test_gain_moves_levels_and_the_first_coefficient_only():
    samples = harmonic_noise(7, seconds=2)
    before, after = measure(samples), measure(0.5 * samples)
    moved = -20 * math.log10(2)
    compared = 0
    for name, value in before.items():
        if "_band_" in name and name.endswith("_mean_dbfs") and value > -100:
            assert after[name] - value == pytest.approx(moved, abs=1e-4), name
        elif name.startswith(("mel_", "bark_", "erb_")) and "_band_" not in name:
            assert after[name] == pytest.approx(value, rel=1e-4, abs=1e-4), name
        elif name in {"mfcc_00_mean_db", "gfcc_00_mean_db"}:
            assert after[name] - value == pytest.approx(moved * math.sqrt(40), abs=1e-2)
        elif name.startswith(("mfcc", "gfcc")) and name.endswith(("_mean_db", "_std_db")):
            assert after[name] == pytest.approx(value, abs=1e-2), name
        else:
            continue
        compared += 1
    assert compared > 300


def test_every_band_gives_seven_statistics():
    found = measure(harmonic_noise(8, seconds=1))
    bands = [name for name in found if "_band_" in name]
    assert len(bands) == (40 + 128 + 27 + 40) * 7
    for name in ("mel_band_07", "mel128_band_007", "bark_band_07", "erb_band_07"):
        low, middle, high = (found[f"{name}_{s}_dbfs"] for s in ("min", "median", "max"))
        assert low < middle < high
