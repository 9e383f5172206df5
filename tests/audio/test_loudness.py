"""Loudness: the standard's own cases made from formulas, and ffmpeg as an oracle."""

import math
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import freqz, freqz_sos

import musictools as mt
from musictools.audio._k_weighting import k_weighting
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._recording import LAYOUTS

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


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_the_numerator_of_the_high_pass_is_what_the_loop_takes_it_for(rate):
    high_pass = k_weighting(rate)[1]
    np.testing.assert_array_equal(high_pass[:3] / high_pass[0], [1, -2, 1])


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
@pytest.mark.parametrize("case", ["1", "2"])
def test_ebu_3341_steady_tones_read_the_same_on_every_scale(case, rate):
    found = mt.audio.loudness(programme(INTEGRATED[case], rate=rate), sample_rate=rate)
    level = INTEGRATED[case][0][0]
    assert found.max_momentary_lufs == pytest.approx(level, abs=0.1)
    assert found.max_short_term_lufs == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("parts", "column", "settled_s"),
    [
        ([(-20, 1.34), (-30, 1.66)] * 5, "short_term_lufs", 3),
        ([(-20, 0.18), (-30, 0.22)] * 25, "momentary_lufs", 1),
    ],
    ids=["case 9", "case 12"],
)
def test_ebu_3341_cases_9_and_12_stay_constant(parts, column, settled_s, rate):
    history = mt.audio.loudness(programme(parts, rate=rate), sample_rate=rate).history
    settled = history.loc[history["time_s"] >= settled_s, column]
    assert len(settled) > 80
    assert (settled + 23).abs().max() <= 0.1


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("seconds", "step_s", "name"),
    [(3, 0.15, "max_short_term_lufs"), (0.4, 0.02, "max_momentary_lufs")],
    ids=["10 and 11", "13 and 14"],
)
def test_ebu_3341_cases_10_to_14_find_the_loudest_moment_wherever_it_lies(
    seconds, step_s, name, rate
):
    """Cases 10 and 13 are files of one level; 11 and 14 rise by 1 dB from one to the next."""
    tone = sine(0, seconds, rate=rate)[:1]
    for shift in range(20):
        lead = np.zeros((1, round(shift * step_s * rate)))
        silence = np.zeros((1, rate))
        mono = np.concatenate([lead, tone, silence], axis=1)
        for level in (-23, -38 + shift):
            # One channel of 3.01 dB more stands for two, and takes half the time.
            gain = 10 ** (level / 20) * math.sqrt(2)
            found = _maxima(gain * mono, rate)[name]
            assert found == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_ebu_3341_cases_11_and_14_in_one_stream(rate):
    """As a live meter sees them: each moment is louder than all before."""
    for seconds, step_s, column in (
        (3, 0.15, "short_term_lufs"),
        (0.4, 0.02, "momentary_lufs"),
    ):
        for i in range(0, 20, 6):
            parts = [(-200, i * step_s), (-38 + i, seconds), (-200, seconds - i * step_s)]
            history = mt.audio.loudness(
                programme([p for p in parts if p[1]], rate=rate), sample_rate=rate
            ).history
            # The history has a row every 100 ms: the window may lie 50 ms aside.
            loudest = history[column].max()
            missing = 10 * math.log10(1 - 0.05 / seconds)
            assert -38 + i + missing - 0.1 <= loudest <= -38 + i + 0.1


def _maxima(samples, rate):
    sums = LoudnessSums(rate, LAYOUTS[len(samples)])
    sums.update(samples.astype(np.float32))
    return sums.finish()


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


# What libebur128's own tests expect of the recordings of Tech 3342, to all their digits.
LIBEBUR128_RANGES = {"1": 10.001105, "2": 4.999373, "3": 19.995064, "4": 14.999274}


@pytest.mark.parametrize("case", RANGES)
def test_range_is_that_of_libebur128(case):
    samples = programme([(level, 20) for level in RANGES[case][0]], rate=48_000)
    found = mt.audio.loudness(samples, sample_rate=48_000)
    assert found.loudness_range_lu == pytest.approx(LIBEBUR128_RANGES[case], abs=0.01)


def bass_heavy(kind, *, rate):
    """Twelve seconds of stereo with most of its energy below 150 Hz, from a formula."""
    t = np.arange(12 * rate) / rate
    if kind == "kick":
        beat = t % 0.5
        mono = np.sin(2 * np.pi * (45 * beat + 6 * (1 - np.exp(-25 * beat)))) * np.exp(-5 * beat)
    elif kind == "sweep":
        mono = 0.5 * np.sin(2 * np.pi * (20 * t + 130 / 24 * t**2))
    else:
        # Steps of noise that is the same at every rate: tones of chance phases.
        hz = np.geomspace(18, 150, 60)
        phase = np.random.default_rng(7).uniform(0, 2 * np.pi, hz.size)
        mono = sum(np.sin(2 * np.pi * f * t + p) for f, p in zip(hz, phase, strict=True)) / 30
        mono = mono * np.where(t % 4 < 2, 1.0, 0.2)
    return np.stack([mono, 0.7 * mono + 0.02 * np.sin(2 * np.pi * 3000 * t)])


def reference(samples, rate):
    """Integrated loudness in float64 by the letter: the printed filter as a frequency response."""
    b1, a1 = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [
            1,
            -1.69065929318241,
            0.73248077421585,
        ],
    )
    b2, a2 = [1, -2, 1], [1, -1.99004745483398, 0.99007225036621]
    # The printed digits hold at 48 kHz; elsewhere, at the same frequency in Hz.
    size = next_fast_len(samples.shape[1] + 4 * rate)
    hz = np.fft.rfftfreq(size, 1 / rate)
    response = freqz(b1, a1, hz, fs=48_000)[1] * freqz(b2, a2, hz, fs=48_000)[1]
    response[hz > 20_000] = 1.0
    power = np.square(irfft(rfft(samples, size, axis=1) * response, size, axis=1)).sum(axis=0)
    blocks, start = [], 0
    while round(start * 0.1 * rate) + round(0.4 * rate) <= samples.shape[1]:
        first = round(start * 0.1 * rate)
        blocks.append(power[first : first + round(0.4 * rate)].mean())
        start += 1
    blocks = np.array(blocks)
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    return -0.691 + 10 * math.log10(blocks[blocks > blocks.mean() / 10].mean())


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", ["kick", "sweep", "noise"])
def test_bass_heavy_programme_against_a_reference_in_float64(kind, rate):
    samples = bass_heavy(kind, rate=rate)
    found = mt.audio.loudness(samples, sample_rate=rate)
    assert found.integrated_lufs == pytest.approx(reference(samples, rate), abs=0.01)


@pytest.mark.parametrize("kind", ["kick", "noise"])
def test_pyloudnorm_agrees_where_it_has_the_same_filter(kind):
    samples = bass_heavy(kind, rate=48_000)
    meter = pyloudnorm.Meter(48_000, filter_class="DeMan")
    found = mt.audio.loudness(samples, sample_rate=48_000)
    assert found.integrated_lufs == pytest.approx(meter.integrated_loudness(samples.T), abs=2e-3)


@settings(max_examples=25)
@given(
    cuts=st.lists(st.integers(0, 40_000), max_size=6),
    rate=st.sampled_from([8_000, 11_025]),
    channels=st.integers(1, 6),
)
def test_blocks_cut_anywhere_give_the_same(cuts, rate, channels):
    samples = np.random.default_rng(rate).normal(0, 0.1, (channels, 40_000)).astype(np.float32)
    whole, cut = (LoudnessSums(rate, LAYOUTS[channels]) for _ in range(2))
    whole.update(samples)
    for part in np.split(samples, sorted(cuts), axis=1):
        cut.update(part)
    np.testing.assert_allclose(cut.powers(), whole.powers(), rtol=1e-9)
    assert cut.finish() == pytest.approx(whole.finish(), abs=1e-9)


def test_blocks_of_any_memory_layout():
    samples = np.random.default_rng(3).normal(0, 0.1, (16_000, 2)).astype(np.float32)
    contiguous, other = LoudnessSums(8_000, LAYOUTS[2]), LoudnessSums(8_000, LAYOUTS[2])
    contiguous.update(np.ascontiguousarray(samples.T))
    samples.setflags(write=False)
    other.update(samples.T)
    np.testing.assert_array_equal(contiguous.powers(), other.powers())


@settings(max_examples=10)
@given(gain_db=st.floats(-20, 20))
def test_gain_moves_every_loudness_and_changes_no_range(gain_db):
    samples = bass_heavy("kick", rate=8_000)
    plain = mt.audio.loudness(samples, sample_rate=8_000)
    moved = mt.audio.loudness(samples * 10 ** (gain_db / 20), sample_rate=8_000)
    for name in (
        "integrated_lufs",
        "max_momentary_lufs",
        "max_short_term_lufs",
        "true_peak_dbtp",
        "sample_peak_dbfs",
    ):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name) + gain_db, abs=1e-5)
    for name in ("loudness_range_lu", "plr_lu", "psr_lu"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), abs=1e-5)


def test_channels_may_be_swapped():
    samples = bass_heavy("kick", rate=8_000)
    plain = mt.audio.loudness(samples, sample_rate=8_000).to_frame()
    swapped = mt.audio.loudness(samples[::-1], sample_rate=8_000).to_frame()
    pd.testing.assert_frame_equal(plain, swapped, rtol=1e-12)


def test_the_statistics_are_those_of_the_history():
    samples = programme([(-20, 4), (-90, 4), (-30, 4)], rate=8_000)
    described = mt.audio.describe(samples, sample_rate=8_000)
    history = mt.audio.loudness(samples, sample_rate=8_000).history
    for name in ("momentary_lufs", "short_term_lufs"):
        heard = history[name][history[name] > -70].to_numpy()
        moved = np.abs(np.diff(heard))
        assert described[f"{name}_mean"] == pytest.approx(heard.mean(), abs=1e-6)
        assert described[f"{name}_std"] == pytest.approx(heard.std(), abs=1e-6)
        assert described[f"{name}_min"] == heard.min()
        assert described[f"{name}_median"] == pytest.approx(np.median(heard), abs=1e-5)
        assert described[f"{name}_max"] == heard.max()
        assert described[f"{name}_dmean"] == pytest.approx(moved.mean(), abs=1e-6)
        assert described[f"{name}_dstd"] == pytest.approx(moved.std(), abs=1e-6)


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


@pytest.mark.slow
def test_every_development_recording_agrees_with_ffmpeg(shared, ffmpeg, measured):
    """ffmpeg prints one decimal, so 0.05 of the 0.1 LU, and of the 0.15 dB, is its rounding.

    It oversamples to 192 kHz and reads no higher than the largest of those points, so low rates
    and bright sounds differ most.
    """

    def oracle(path):
        command = [ffmpeg, "-nostdin", "-nostats", "-hide_banner", "-i", path]
        command += ["-af", "ebur128=peak=true", "-f", "null", "-"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        loudness = re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1]
        return float(loudness), float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", said)[-1])

    ours = measured.set_index("path")
    with ThreadPoolExecutor(2) as pool:
        theirs = list(pool.map(oracle, ours.index))
    theirs = pd.DataFrame(theirs, ours.index, ["integrated_lufs", "true_peak_dbtp"])
    assert len(ours) == 90
    apart = (ours[theirs.columns] - theirs).abs()
    assert apart["integrated_lufs"].max() <= 0.1, apart["integrated_lufs"].nlargest(5)
    allowed = np.where(ours["sample_rate_hz"] < 44_100, 0.2, 0.15)
    assert (apart["true_peak_dbtp"] <= allowed).all(), apart["true_peak_dbtp"].nlargest(5)
