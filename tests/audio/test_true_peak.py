"""True peak: the standard's own cases, long sincs, ffmpeg, and no seam anywhere."""

import math
import re
import subprocess

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import irfft, rfft
from scipy.signal import firwin

import musictools as mt
from musictools.audio._recording import LAYOUTS
from musictools.audio._true_peak import TruePeaks, bend_bound, interpolators

RATES = (44_100, 48_000, 96_000)


def true_peak(samples, rate):
    return mt.audio.loudness(samples, sample_rate=rate).true_peak_dbtp


def long_sinc_db(samples, *, up=32, silence=4096):
    """Peak of the band-limited curve, at 32 points a sample, through all samples at once."""
    single = np.atleast_2d(np.asarray(samples, np.float32)).astype(float)
    padded = np.pad(single, ((0, 0), (silence, silence + single.shape[1] % 2)))
    # Bins that a Fourier transform of a longer curve has beyond those of the samples are zero.
    curve = irfft(rfft(padded, axis=1), up * padded.shape[1], axis=1) * up
    return 20 * math.log10(np.abs(curve).max())


def faded(tone, rate):
    ramp = np.minimum(1, np.arange(tone.size) / (0.01 * rate))
    return tone * np.minimum(ramp, ramp[::-1])


# EBU Tech 3341, table 1: part of the rate, amplitude, phase in degrees.
TONES = {15: (4, 0.5, 0), 16: (4, 0.5, 45), 17: (6, 0.5, 60), 18: (8, 0.5, 67.5), 19: (4, 1.41, 45)}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", TONES)
def test_ebu_3341_tones_between_the_samples(case, rate):
    part, amplitude, phase = TONES[case]
    angle = 2 * np.pi * np.arange(rate) / part + math.radians(phase)
    tone = faded(amplitude * np.sin(angle), rate)
    found = true_peak(np.stack([tone, tone]), rate)
    assert found == pytest.approx(20 * math.log10(amplitude), abs=0.02)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("offset", range(4))
def test_ebu_3341_cases_20_to_23_a_louder_period_in_a_tone(offset, rate):
    """Made at four times the rate, low-passed, and thinned out from four starting points."""
    quarter = np.sin(2 * np.pi * np.arange(16) / 16)
    sixth = 0.5 * np.sin(2 * np.pi * np.arange(24 * 500) / 24)
    fine = np.concatenate([sixth, quarter, sixth])
    # Flat to 0.45 of the rate: the louder period is a transient with a wide spectrum.
    low_pass = firwin(4095, 0.95 / 4, window=("kaiser", 8.0))
    smooth = np.convolve(fine, low_pass, mode="same")
    coarse = faded(smooth[offset::4], rate)
    found = true_peak(np.stack([coarse, coarse]), rate)
    assert -0.4 <= found <= 0.2
    assert found == pytest.approx(long_sinc_db(coarse), abs=0.02)


@pytest.mark.parametrize("part", [0.05, 0.1, 0.25, 0.3, 0.4, 0.45])
@pytest.mark.parametrize("phase", [0.0, 0.4, 1.1])
def test_tones_of_any_frequency_and_phase(part, phase):
    n = np.arange(4410)
    tone = 0.5 * np.sin(2 * np.pi * part * n + phase) * np.hanning(n.size)
    assert true_peak(tone, 44_100) == pytest.approx(long_sinc_db(tone), abs=0.05)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cut_off", [0.2, 0.6, 0.9])
def test_noise_against_a_long_sinc(seed, cut_off):
    noise = np.random.default_rng(seed).normal(0, 0.1, (2, 20_000))
    taps = firwin(1001, cut_off)
    noise = np.stack([np.convolve(row, taps, mode="same") for row in noise])
    assert true_peak(noise, 44_100) == pytest.approx(long_sinc_db(noise), abs=0.05)


def test_clipped_music_against_a_long_sinc():
    """Flat tops and hard edges, up to the 20 kHz that converters and codecs leave.

    Nearer to half the rate a sinc of any length rings on, and two meters may differ by 0.3 dB.
    """
    t = np.arange(2 * 44_100) / 44_100
    kick = np.sin(2 * np.pi * (50 * t + 8 * np.exp(-30 * (t % 0.5)))) * np.exp(-6 * (t % 0.5))
    chord = sum(2 * ((hz * t) % 1) - 1 for hz in (110.0, 138.6, 164.8))
    noise = np.random.default_rng(4).normal(0, 1, t.size) * np.exp(-40 * (t % 0.25))
    hot = np.clip(kick + 0.3 * chord + 0.4 * noise, -0.9, 0.9)
    hot = np.convolve(hot, firwin(201, 20_000 / 22_050), mode="same")
    found = mt.audio.loudness(hot, sample_rate=44_100)
    assert found.true_peak_dbtp > found.sample_peak_dbfs + 0.3
    assert found.true_peak_dbtp == pytest.approx(long_sinc_db(hot), abs=0.05)


def test_an_abrupt_start_and_end_overshoot():
    step = np.full(3200, 0.5)
    found = true_peak(step, 44_100)
    assert found > 20 * math.log10(0.5) + 0.5
    assert found == pytest.approx(long_sinc_db(step), abs=0.05)
    backwards = np.concatenate([np.zeros(777), step])
    assert true_peak(backwards[::-1], 44_100) == pytest.approx(found, abs=1e-6)
    assert true_peak(backwards, 44_100) == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("rate", [1_000, 8_000, 22_050, 96_000, 192_000, 384_000])
def test_any_rate(rate):
    n = np.arange(rate // 2)
    # Above 96 kHz music has nothing above an eighth of the rate.
    hz = rate / (4 if rate <= 96_000 else 8) * 1.01
    tone = np.sin(2 * np.pi * hz * n / rate + 0.3) * np.hanning(n.size)
    assert true_peak(tone, rate) == pytest.approx(long_sinc_db(tone), abs=0.05)


def test_never_below_the_sample_peak_and_nan_for_silence():
    rng = np.random.default_rng(0)
    for length in (1, 2, 31, 32, 33, 100):
        samples = rng.normal(0, 0.1, (1, length)).astype(np.float32)
        found = mt.audio.loudness(samples, sample_rate=44_100)
        assert found.true_peak_dbtp >= found.sample_peak_dbfs - 1e-6
    assert math.isnan(true_peak(np.zeros((2, 44_100)), 44_100))


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 5000), max_size=6), seed=st.integers(0, 100))
def test_blocks_cut_anywhere_give_the_same(cuts, seed):
    samples = np.random.default_rng(seed).normal(0, 0.1, (2, 5000)).astype(np.float32)
    whole, cut = TruePeaks(8_000, LAYOUTS[2]), TruePeaks(8_000, LAYOUTS[2])
    whole.update(samples)
    for part in np.split(samples, sorted(cuts), axis=1):
        cut.update(np.ascontiguousarray(part))
    np.testing.assert_array_equal(cut.series(), whole.series())
    assert cut.series().size == 7  # 0.625 s


def test_each_tenth_of_a_second_has_its_own_peak():
    n = np.arange(48_000)
    level = 0.1 + 0.08 * (n // 4800)
    samples = (level * np.sin(2 * np.pi * 1000 * n / 48_000))[None].astype(np.float32)
    track = TruePeaks(48_000, LAYOUTS[1])
    track.update(samples)
    np.testing.assert_allclose(track.series(), 0.1 + 0.08 * np.arange(10), rtol=0.02)


def test_the_bound_that_lets_most_of_a_song_be_left_out_holds():
    """No samples, the worst ones included, bend the curve more than the bound says."""
    taps = interpolators()
    bound = bend_bound(taps)
    rng = np.random.default_rng(1)
    rows = [*rng.normal(0, 1, (200, 48)), *np.sign(taps), np.arange(48.0), np.ones(48)]
    for row in rows:
        curve = np.abs(np.diff(row, 2)).max()
        for phase, between in enumerate(taps @ row, start=1):
            line = row[23] + (row[24] - row[23]) * phase / 4
            assert abs(between - line) <= bound * curve + 1e-9


def test_the_development_recordings_agree_with_ffmpeg(shared, ffmpeg):
    """ffmpeg prints one decimal, takes four points a sample, and looks at no parabola."""
    index = pd.read_csv(shared / "data" / "audio" / "index.csv")
    paths = index["path"][index["seconds"] < 60].iloc[::9]
    assert len(paths) >= 5
    for name in paths:
        path = shared / "data" / "audio" / name
        command = [ffmpeg, "-nostdin", "-hide_banner", "-i", path, "-af", "ebur128=peak=true"]
        said = subprocess.run(
            [*command, "-f", "null", "-"], capture_output=True, text=True, check=True
        ).stderr
        theirs = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", said)[-1])
        assert mt.audio.loudness(path).true_peak_dbtp == pytest.approx(theirs, abs=0.16), name
