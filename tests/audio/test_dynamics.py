"""Dynamics against the letter of each definition, and against essentia."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.audio._dynamics import Dynamics, dynamic_range
from musictools.audio._levels import LevelSums
from musictools.audio._pass import analyse
from musictools.audio._recording import LAYOUTS, from_samples

RATE = 44_100


def measure(samples, rate=RATE):
    return analyse(from_samples(samples, rate), [Dynamics()])


def song(seconds, *, rate=RATE, seed=0):
    """Stereo with drums, a chord and a quiet half, from formulas."""
    t = np.arange(round(seconds * rate)) / rate
    rng = np.random.default_rng(seed)
    kick = np.sin(2 * np.pi * 60 * (t % 0.5)) * np.exp(-8 * (t % 0.5))
    chord = sum(np.sin(2 * np.pi * hz * t + hz) for hz in (220, 277.2, 329.6)) / 6
    hat = rng.normal(0, 0.3, t.size) * np.exp(-60 * (t % 0.25))
    level = np.where(t % 8 < 4, 0.8, 0.15) * (1 + 0.3 * np.sin(t / 3))
    return np.stack([level * (kick + chord), level * (0.6 * kick + chord + hat)]).astype(np.float32)


@pytest.fixture(scope="module")
def programme():
    return song(40)


def test_plr_is_true_peak_less_integrated_loudness(programme):
    found = mt.audio.loudness(programme, sample_rate=RATE)
    assert found.plr_lu == pytest.approx(found.true_peak_dbtp - found.integrated_lufs)
    assert measure(programme)["plr_lu"] == found.plr_lu
    assert measure(programme)["replay_gain_db"] == pytest.approx(-18 - found.integrated_lufs)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_psr_of_each_3_s_cut_out_by_hand(rate):
    samples = song(12, rate=rate)
    history = mt.audio.loudness(samples, sample_rate=rate).history.dropna()
    assert len(history) == 91
    for row in (0, 17, 44, 90):
        end_s, short_term, found = history.iloc[row][["time_s", "short_term_lufs", "psr_lu"]]
        end = round(end_s * rate)
        # The neighbours of the first and last sample are part of the curve between them.
        piece = samples[:, max(0, end - 3 * rate) : end].copy()
        ramp = np.minimum(1, np.arange(piece.shape[1]) / 32)
        cut_out = mt.audio.loudness(piece * ramp * ramp[::-1], sample_rate=rate)
        assert found == pytest.approx(cut_out.true_peak_dbtp - short_term, abs=1e-3)


def test_psr_statistics_leave_silence_out():
    samples = np.concatenate([song(10), np.zeros((2, 10 * RATE), np.float32)], axis=1)
    found = mt.audio.loudness(samples, sample_rate=RATE)
    heard = found.history["psr_lu"].dropna()
    # Up to 13.0 s there is sound in the last 3 s; the filter alone rings on beyond.
    assert len(heard) == 100
    assert (found.history.loc[heard.index, "short_term_lufs"] > -70).all()
    described = measure(samples)
    assert described["psr_min_lu"] == found.psr_lu == heard.min()
    assert described["psr_p05_lu"] == pytest.approx(heard.quantile(0.05))
    assert described["psr_median_lu"] == pytest.approx(heard.median())


def dr_by_the_letter(samples, rate):
    """DR of a stereo recording, loop by loop."""
    size = round(132_480 / 44_100 * rate)
    channels = []
    for channel in np.asarray(samples, np.float32).astype(float):
        rms, peak = [], []
        for start in range(0, len(channel), size):
            block = channel[start : start + size]
            rms.append(math.sqrt(2 * sum(block * block) / len(block)))
            peak.append(max(abs(block)))
        # A histogram of 0.01 dB, read from its loud end.
        histogram = {}
        for value in rms:
            step = round(20 * math.log10(value) * 100)
            histogram[step] = histogram.get(step, 0) + 1
        wanted = max(1, int(0.2 * len(rms)))
        missing, total = wanted, 0.0
        for step in sorted(histogram, reverse=True):
            taken = min(missing, histogram[step])
            total += taken * (10 ** (step / 100 / 20)) ** 2
            missing -= taken
        second = sorted(peak)[-2]
        channels.append(-20 * math.log10(math.sqrt(total / wanted) / second))
    return sum(channels) / len(channels)


@pytest.mark.parametrize(
    ("seconds", "rate"), [(40, 44_100), (33.5, 48_000), (6.1, 44_100), (63, 8_000), (20, 96_000)]
)
def test_dr_by_the_letter_of_its_specification(seconds, rate):
    samples = song(seconds, rate=rate, seed=1)
    found = measure(samples, rate)
    exact = dr_by_the_letter(samples, rate)
    assert found["dr_exact_db"] == pytest.approx(exact, abs=1e-9)
    assert found["dr_db"] == math.floor(exact + 0.5)
    assert mt.audio.loudness(samples, sample_rate=rate).dr_db == found["dr_db"]


def test_dr_of_a_sine_is_nought_and_of_one_loud_block_known():
    """A block of 132,480 samples at 44.1 kHz, no more and no fewer, holds the loud part."""
    n = np.arange(10 * 132_480)
    tone = np.sin(2 * np.pi * 1000 * n / RATE)
    assert measure(0.5 * tone)["dr_exact_db"] == pytest.approx(0, abs=0.01)
    loud = np.where((n >= 2 * 132_480) & (n < 4 * 132_480), 0.5, 0.05)
    assert measure(loud * tone)["dr_exact_db"] == pytest.approx(0, abs=0.01)
    # One block of the loudest two is 20 dB down, and the second peak with it.
    loud = np.where((n >= 2 * 132_480) & (n < 3 * 132_480), 0.5, 0.05)
    expected = 20 * math.log10(0.05 / math.sqrt((0.5**2 + 0.05**2) / 2))
    assert measure(loud * tone)["dr_exact_db"] == pytest.approx(expected, abs=0.01)


def test_dr_leaves_silent_channels_out():
    stereo = song(20)
    six = np.zeros((6, stereo.shape[1]), np.float32)
    six[:2] = stereo
    assert measure(six)["dr_exact_db"] == measure(stereo)["dr_exact_db"]


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 9000), max_size=6), seed=st.integers(0, 9))
def test_levels_of_blocks_cut_anywhere_are_the_same(cuts, seed):
    samples = np.random.default_rng(seed).normal(0.1, 0.1, (2, 9000)).astype(np.float32)
    whole, cut = LevelSums(1000, LAYOUTS[2]), LevelSums(1000, LAYOUTS[2])
    whole.update(samples)
    for part in np.split(samples, sorted(cuts), axis=1):
        cut.update(np.ascontiguousarray(part))
    assert cut.finish() == pytest.approx(whole.finish(), abs=1e-9)
    assert dynamic_range(cut) == pytest.approx(dynamic_range(whole), abs=1e-9)


@settings(max_examples=10)
@given(gain_db=st.floats(-20, 20))
def test_gain_changes_no_dynamics(gain_db):
    samples = song(9, rate=8_000)
    plain, moved = measure(samples, 8_000), measure(samples * 10 ** (gain_db / 20), 8_000)
    for name in ("plr_lu", "psr_min_lu", "psr_p05_lu", "psr_median_lu", "average_loudness"):
        assert moved[name] == pytest.approx(plain[name], abs=1e-5)
    # The histogram of DR has steps of 0.01 dB.
    assert moved["dr_exact_db"] == pytest.approx(plain["dr_exact_db"], abs=0.011)
    # The level starts from silence at -90 dB, wherever the rest lies.
    assert moved["dynamic_complexity_db"] == pytest.approx(plain["dynamic_complexity_db"], abs=1e-4)


def test_channels_may_be_swapped(programme):
    plain, swapped = measure(programme), measure(programme[::-1])
    assert swapped == pytest.approx(plain, abs=1e-6)


def test_dynamic_complexity_of_two_known_levels():
    """Half of the time 20 dB down: the loud half weighs 0.9 ** -20 times as much."""
    t = np.arange(60 * 48_000) / 48_000
    level = np.where(t % 20 < 10, 0.5, 0.05)
    found = measure(level * np.sin(2 * np.pi * 1000 * t), 48_000)["dynamic_complexity_db"]
    overall = -20 / (1 + 0.9**-20)
    expected = (abs(overall) + abs(-20 - overall)) / 2
    assert found == pytest.approx(expected, abs=0.1)
    silent = np.zeros(7 * 48_000)
    padded = np.concatenate([silent, level * np.sin(2 * np.pi * 1000 * t), silent])
    assert measure(padded, 48_000)["dynamic_complexity_db"] == pytest.approx(expected, abs=0.5)


def test_dynamic_complexity_follows_that_of_essentia():
    """Another weighting and two channels for one: near, and the same order of recordings."""
    es = pytest.importorskip("essentia.standard")
    ours, theirs = [], []
    for depth in (0.0, 0.5, 0.8, 0.95):
        t = np.arange(20 * RATE) / RATE
        level = 0.5 * (1 - depth * (t % 6 < 3))
        noise = np.random.default_rng(2).normal(0, 0.2, t.size) * level
        mono = (noise + level * np.sin(2 * np.pi * 500 * t)).astype(np.float32)
        ours.append(measure(np.stack([mono, mono]))["dynamic_complexity_db"])
        theirs.append(es.DynamicComplexity()(mono)[0])
    np.testing.assert_allclose(ours, theirs, atol=0.15)


def test_average_loudness_is_that_of_essentia(programme):
    es = pytest.importorskip("essentia.standard")
    mono = programme.mean(axis=0)
    starts = range(0, mono.size - 88_200 + 1, 44_100)
    loudness = np.array([es.Loudness()(mono[s : s + 88_200]) for s in starts])
    share = np.maximum(loudness / loudness.max(), 1e-4)
    position = 10 * math.log10(share.mean())
    expected = 0.5 + 0.5 * math.tanh(-1 + 2 * (position + 5) / 3)
    found = measure(programme)["average_loudness"]
    assert 0.1 < found < 0.9
    assert found == pytest.approx(expected, abs=1e-4)


def test_silence_rates_are_those_of_essentia(programme):
    es = pytest.importorskip("essentia.standard")
    mono = programme.mean(axis=0)
    rates = es.SilenceRate(thresholds=[10 ** (-level / 10) for level in (20, 30, 60)])
    starts = range(0, mono.size - 2048 + 1, 1024)
    expected = np.mean([rates(mono[s : s + 2048]) for s in starts], axis=0)
    found = measure(programme)
    assert expected[0] > expected[1] > 0
    for level, share in zip((20, 30, 60), expected, strict=True):
        assert found[f"silence_rate_{level}db"] == pytest.approx(share, abs=1e-9)


STRANGE = {
    "silence": np.zeros((2, 8 * 8_000)),
    "one sample": np.array([[0.5]]),
    "a click": np.eye(1, 8 * 8_000, 8_000),
    "0.2 s": 0.5 * np.sin(np.arange(1600) / 9)[None],
    "dc": np.full((1, 8 * 8_000), 0.5),
    "noise": np.random.default_rng(1).normal(0, 0.2, (6, 8 * 8_000)),
    "denormal": np.full((1, 8 * 8_000), 1e-40),
}
NAN = {
    "silence": {"psr_min_lu", "dr_db", "dynamic_complexity_db", "average_loudness", "plr_lu"},
    "one sample": {"psr_min_lu", "dr_db", "dynamic_complexity_db", "plr_lu"},
    "a click": {"dr_db"},
    "0.2 s": {"psr_min_lu", "dr_db", "plr_lu"},
    "dc": set(),
    "noise": set(),
}


@pytest.mark.parametrize("rate", [1_000, 8_000, 44_100, 192_000])
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_recordings_give_numbers_in_range_or_documented_nan(kind, rate):
    found = measure(STRANGE[kind], rate)
    rows = {row.name: row for row in Dynamics.descriptors}
    assert list(found) == list(rows)
    for name, value in found.items():
        if math.isnan(value):
            assert "NaN" in rows[name].meaning
        else:
            assert math.isfinite(value)
            assert rows[name].minimum - 1e-9 <= value <= rows[name].maximum + 1e-9


@pytest.mark.parametrize("kind", NAN)
def test_what_is_nan_and_what_is_not(kind):
    found = measure(STRANGE[kind], 8_000)
    missing = {name for name, value in found.items() if math.isnan(value)}
    assert {name for name in missing if name in set().union(*NAN.values())} >= NAN[kind]
    if kind in {"dc", "noise"}:
        assert not missing
