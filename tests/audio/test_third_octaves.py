"""Third octaves, against sines, pink noise and a bank of filters made elsewhere."""

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._pass import Pass
from musictools.audio._stream import hear
from musictools.audio._third_octaves import (
    BALANCE_TRACKS,
    BANDS_HZ,
    CENTRES_HZ,
    EDGES_HZ,
    FLOOR_DB,
    Decimator,
    third_octaves,
)


def dbfs(samples, rate):
    """Levels in dBFS: those over loudness, and the loudness."""
    tracks = hear(samples, BALANCE_TRACKS, sample_rate=rate)
    return third_octaves(tracks) + tracks[LoudnessSums].integrated_lufs()


def coloured(slope_db_per_octave, rate=44_100, seconds=30, seed=0):
    size = rate * seconds
    rng = np.random.default_rng(seed)
    # Magnitudes are exact: chance would leave 0.3 dB in the narrow bands.
    spectrum = np.exp(2j * np.pi * rng.random(size // 2 + 1))
    hz = np.arange(size // 2 + 1) / seconds
    spectrum[hz < 10] = 0
    spectrum[hz >= 10] *= 10 ** (slope_db_per_octave / 20 * np.log2(hz[hz >= 10] / 1000))
    noise = np.fft.irfft(spectrum, size)
    return 0.1 * noise / noise.std()


def test_the_bands_are_those_of_the_standard():
    assert len(BANDS_HZ) == 30
    assert np.allclose(CENTRES_HZ, BANDS_HZ, rtol=0.02)
    assert np.allclose(EDGES_HZ[1:] / EDGES_HZ[:-1], 10**0.1)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_pink_noise_is_flat(rate):
    levels = dbfs(coloured(-3.0103, rate), rate)
    there = rate / 2 >= 1.1 * CENTRES_HZ
    assert np.isnan(levels[~there]).all()
    # The last band may be cut at half the rate.
    flat = levels[there][:-1]
    assert np.abs(flat - np.median(flat)).max() < 0.5


@pytest.mark.parametrize("band", [0, 3, 8, 12, 13, 17, 22, 29])
def test_a_sine_is_all_in_its_band(band):
    t = np.arange(44_100 * 5) / 44_100
    levels = dbfs(0.1 * np.sin(2 * np.pi * CENTRES_HZ[band] * t), 44_100)
    assert levels[band] == pytest.approx(-23.01, abs=0.3)
    others = np.delete(levels, [max(band - 1, 0), band, min(band + 1, 29)])
    assert others.max() < -45


def test_levels_are_over_the_loudness_and_a_tone_of_1_khz_reads_0():
    t = np.arange(44_100 * 5) / 44_100
    tone = 0.05 * np.sin(2 * np.pi * 1000 * t)
    for samples in (tone, np.stack([tone, tone]), np.stack([tone, 0 * tone])):
        tracks = hear(samples, BALANCE_TRACKS, sample_rate=44_100)
        assert third_octaves(tracks)[BANDS_HZ.index(1000)] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("slope", [-4.5, -3, 0])
def test_a_bank_of_filters_agrees(slope):
    noise = coloured(slope, seconds=20, seed=1)
    levels = dbfs(noise, 44_100)
    for band in range(2, 28):
        hz = EDGES_HZ[band : band + 2]
        # Decimated first: a narrow band near 0 Hz is beyond a filter in double precision.
        step = max(1, int(44_100 / 2 / hz[1] / 3))
        slow = signal.resample_poly(noise, 1, step) if step > 1 else noise
        sections = signal.butter(8, hz, "bandpass", fs=44_100 / step, output="sos")
        expected = 10 * np.log10(np.mean(signal.sosfilt(sections, slow) ** 2))
        assert levels[band] == pytest.approx(expected, abs=0.35), BANDS_HZ[band]


def test_pauses_do_not_count():
    noise = coloured(-3.0103, seconds=12)
    paused = np.concatenate([noise, np.zeros(44_100 * 12)])
    whole, half = (
        third_octaves(hear(x, BALANCE_TRACKS, sample_rate=44_100)) for x in (noise, paused)
    )
    assert np.abs(whole - half).max() < 0.05


@pytest.mark.parametrize("size", [777, 44_100, 123_457])
def test_blocks_do_not_matter(size):
    samples = np.stack([coloured(-3, seconds=8), coloured(-6, seconds=8, seed=2)])
    samples = samples.astype(np.float32)
    whole, pieces = (Pass(44_100, ("L", "R"), BALANCE_TRACKS) for _ in range(2))
    whole.push(samples.copy())
    for start in range(0, samples.shape[1], size):
        pieces.push(samples[:, start : start + size].copy())
    expected, found = (third_octaves(made.finish()) for made in (whole, pieces))
    assert found == pytest.approx(expected, abs=1e-4)


def test_a_decimated_signal_begins_where_it_did():
    t = np.arange(44_100) / 44_100
    decimator = Decimator(8)
    tone = np.sin(2 * np.pi * 300 * t).astype(np.float32)
    found = np.concatenate([decimator.push(tone), decimator.push(tone[:0], last=True)])
    assert found[50:-50] == pytest.approx(tone[::8][50 : found.size - 50], abs=1e-3)


@pytest.mark.parametrize("rate", [1_000, 8_000, 44_100, 192_000])
@pytest.mark.parametrize("frames", [1, 100, 20_000])
def test_anything_gives_levels_or_none(rate, frames):
    square = np.sign(np.sin(np.arange(frames) / 7 + 0.1))
    for samples in (
        square,
        np.zeros((2, frames)),
        np.tile(square, (6, 1)),
        np.tile(square, (3, 1)),
    ):
        levels = third_octaves(hear(samples, BALANCE_TRACKS, sample_rate=rate))
        assert levels.shape == (30,)
        assert np.isnan(levels).all() or np.nanmin(levels) >= FLOOR_DB


def test_a_5_1_recording_is_its_front_pair():
    front = np.stack([coloured(-3, seconds=4), coloured(-3, seconds=4, seed=3)])
    wide = np.zeros((6, front.shape[1]))
    wide[:2] = front
    found = [third_octaves(hear(x, BALANCE_TRACKS, sample_rate=44_100)) for x in (front, wide)]
    assert found[1] == pytest.approx(found[0], abs=1e-6)
    assert mt.audio.from_samples(wide, 44_100).channels == 6
