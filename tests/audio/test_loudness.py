"""Loudness: the standard's own cases made from formulas, and ffmpeg as an oracle."""

import math
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy.signal import freqz_sos

import musictools as mt
from musictools.audio._loudness import k_weighting

RATES = (44_100, 48_000, 96_000)


def sine(level_dbfs, seconds, *, rate, hz=1000.0, start=0):
    """A stereo tone whose phase runs on from sample ``start``."""
    t = (start + np.arange(round(seconds * rate))) / rate
    return np.tile(10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * t), (2, 1))


def programme(parts, *, rate):
    """Tones of (level, seconds) one after the other, phase-continuous."""
    start, pieces = 0, []
    for level, seconds in parts:
        pieces.append(sine(level, seconds, rate=rate, start=start))
        start += pieces[-1].shape[1]
    return np.concatenate(pieces, axis=1)


def test_k_weighting_gives_the_digits_that_the_standard_prints():
    printed = [
        [
            1.53512485958697,
            -2.69169618940638,
            1.19839281085285,
            1,
            -1.69065929318241,
            0.73248077421585,
        ],
        [1, -2, 1, 1, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting(48_000), printed, rtol=0, atol=2e-14)


# EBU Tech 3341 (2023), table 1: integrated loudness.
INTEGRATED = {
    "1": [(-23, 20)],
    "2": [(-33, 20)],
    "3": [(-36, 10), (-23, 60), (-36, 10)],
    "4": [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    "5": [(-26, 20), (-20, 20.1), (-26, 20)],
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", INTEGRATED)
def test_ebu_3341_integrated(case, rate):
    expected = -33.0 if case == "2" else -23.0
    found = mt.audio.loudness(programme(INTEGRATED[case], rate=rate), sample_rate=rate)
    assert found.integrated_lufs == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_ebu_3341_case_6_weights_the_channels_of_5_1(rate):
    tone = sine(0, 20, rate=rate)[0]
    levels = np.array([-28, -28, -24, -math.inf, -30, -30])
    found = mt.audio.loudness(10 ** (levels[:, None] / 20) * tone, sample_rate=rate)
    assert found.integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_the_low_frequency_effects_do_not_count():
    tone = sine(-20, 5, rate=48_000)[0]
    quiet = np.zeros((6, tone.size))
    quiet[0] = tone
    loud = quiet.copy()
    loud[3] = 0.9
    assert (
        mt.audio.loudness(loud, sample_rate=48_000).integrated_lufs
        == mt.audio.loudness(quiet, sample_rate=48_000).integrated_lufs
    )


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shift", range(0, 20, 3))
def test_ebu_3341_cases_10_and_13_find_the_loudest_moment_wherever_it_lies(shift, rate):
    silence = np.zeros((2, rate))
    for seconds, step, name in (
        (3, 0.15, "max_short_term_lufs"),
        (0.4, 0.02, "max_momentary_lufs"),
    ):
        lead = np.zeros((2, round(shift * step * rate)))
        tone = sine(-23, seconds, rate=rate)
        found = mt.audio.loudness(np.concatenate([lead, tone, silence], axis=1), sample_rate=rate)
        assert getattr(found, name) == pytest.approx(-23.0, abs=0.1)


# EBU Tech 3342 (2023), table 1.
RANGES = {
    "1": ([-20, -30], 10),
    "2": ([-20, -15], 5),
    "3": ([-40, -20], 20),
    "4": ([-50, -35, -20, -35, -50], 15),
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", RANGES)
def test_ebu_3342_range(case, rate):
    levels, expected = RANGES[case]
    samples = programme([(level, 20) for level in levels], rate=rate)
    found = mt.audio.loudness(samples, sample_rate=rate)
    assert found.loudness_range_lu == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [30, 60, 100, 997])
def test_bass_reads_as_the_filter_says(hz, rate):
    """A float32 or fourth-order filter passes every 1 kHz case and fails here."""
    _, response = freqz_sos(k_weighting(48_000), worN=[hz], fs=48_000)
    expected = -20 - 0.691 + 20 * math.log10(abs(response[0]))
    found = mt.audio.loudness(sine(-20, 10, rate=rate, hz=hz), sample_rate=rate)
    assert found.integrated_lufs == pytest.approx(expected, abs=0.02)


def test_a_quiet_part_after_a_loud_one_keeps_its_level():
    samples = programme([(0, 30), (-69, 10)], rate=48_000)
    history = mt.audio.loudness(samples, sample_rate=48_000).history
    assert history["momentary_lufs"].iloc[-1] == pytest.approx(-69, abs=0.05)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 37_800])
def test_rates_where_ten_milliseconds_are_no_whole_number_of_samples(rate):
    found = mt.audio.loudness(sine(-23, 8, rate=rate, hz=500), sample_rate=rate)
    _, response = freqz_sos(k_weighting(rate), worN=[500], fs=rate)
    expected = -23 - 0.691 + 20 * math.log10(abs(response[0]))
    assert found.integrated_lufs == pytest.approx(expected, abs=0.02)
    assert len(found.history) == 77  # (8 s - 0.4 s) / 0.1 s + 1


def test_silence_and_short_sounds_are_nan_not_warnings():
    silence = mt.audio.loudness(np.zeros(48_000 * 4), sample_rate=48_000)
    short = mt.audio.loudness(np.full(480, 0.5), sample_rate=48_000)
    slow = mt.audio.loudness(np.full(40_000, 0.5), sample_rate=4_000)
    for found in (silence, short, slow):
        assert math.isnan(found.integrated_lufs)
        assert math.isnan(found.max_momentary_lufs)
    assert math.isnan(silence.sample_peak_dbfs)
    assert short.sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)


def test_the_history_of_a_short_recording_holds_no_short_term():
    history = mt.audio.loudness(sine(-20, 1, rate=48_000), sample_rate=48_000).history
    assert len(history) == 7
    assert history["short_term_lufs"].isna().all()


def test_every_development_recording_agrees_with_ffmpeg(shared, ffmpeg, measured):
    """ffmpeg prints one decimal, so 0.05 of the 0.1 LU is its rounding."""

    def oracle(path):
        command = [
            ffmpeg,
            "-nostdin",
            "-hide_banner",
            "-i",
            path,
            "-af",
            "ebur128",
            "-f",
            "null",
            "-",
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])

    with ThreadPoolExecutor(2) as pool:
        theirs = pd.Series(list(pool.map(oracle, measured["path"])), index=measured["path"])
    ours = measured.set_index("path")["integrated_lufs"]
    assert len(ours) == 90
    worst = (ours - theirs).abs()
    assert worst.max() <= 0.1, worst.nlargest(5)
