"""Descriptors against librosa, against formulas, and against their own declarations."""

import math

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import musictools as mt
from musictools.audio._filters import mel_filters

RATE = 44_100


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(5).normal(0, 0.1, RATE * 5).astype(np.float32)


def test_mel_filters_are_those_of_librosa():
    ours = mel_filters(RATE, 2048, 40, top_hz=11_025.0)
    theirs = librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=40, fmax=11_025.0)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7)


def test_mfcc_is_that_of_librosa(noise):
    ours = mt.audio.describe(noise, sample_rate=RATE)
    mel = librosa.feature.melspectrogram(
        y=noise, sr=RATE, n_fft=2048, hop_length=1024, center=False, n_mels=40, fmax=11_025.0
    )
    theirs = librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=None), n_mfcc=13)
    for i in range(13):
        assert ours[f"mfcc_{i:02d}_mean_db"] == pytest.approx(theirs[i].mean(), abs=1e-3)
        assert ours[f"mfcc_{i:02d}_std_db"] == pytest.approx(theirs[i].std(), abs=1e-3)


def test_spectral_moments_are_those_of_librosa(noise):
    ours = mt.audio.describe(noise, sample_rate=RATE)
    power = np.abs(librosa.stft(noise, n_fft=2048, hop_length=1024, center=False)) ** 2
    centroid = librosa.feature.spectral_centroid(S=np.sqrt(power), sr=RATE)
    spread = librosa.feature.spectral_bandwidth(S=np.sqrt(power), sr=RATE)
    rolloff = librosa.feature.spectral_rolloff(S=power, sr=RATE, roll_percent=0.85)
    assert ours["spectral_centroid_mean_hz"] == pytest.approx(centroid.mean(), rel=1e-4)
    assert ours["spectral_centroid_std_hz"] == pytest.approx(centroid.std(), rel=1e-3)
    assert ours["spectral_spread_mean_hz"] == pytest.approx(spread.mean(), rel=1e-4)
    assert ours["spectral_rolloff_mean_hz"] == pytest.approx(rolloff.mean(), rel=1e-4)
    flatness = 10 * np.log10(librosa.feature.spectral_flatness(S=power, power=1.0, amin=1e-30))
    assert ours["spectral_flatness_mean_db"] == pytest.approx(flatness.mean(), abs=1e-2)


def test_the_shape_of_a_flat_spectrum():
    """A click has a flat spectrum: its moments are those of a uniform distribution."""
    click = np.zeros(2048)
    click[1024] = 1.0
    found = mt.audio.describe(click, sample_rate=RATE)
    assert found["spectral_centroid_mean_hz"] == pytest.approx(RATE / 4, rel=1e-3)
    assert found["spectral_spread_mean_hz"] == pytest.approx(RATE / 2 / math.sqrt(12), rel=1e-2)
    assert found["spectral_skewness_mean"] == pytest.approx(0, abs=1e-3)
    assert found["spectral_kurtosis_mean"] == pytest.approx(1.8, abs=1e-2)
    assert found["spectral_flatness_mean_db"] == pytest.approx(0, abs=1e-3)


def test_levels_of_a_known_tone():
    t = np.arange(RATE) / RATE
    found = mt.audio.describe(0.5 * np.sin(2 * np.pi * 100 * t) + 0.1, sample_rate=RATE)
    assert found["sample_peak_dbfs"] == pytest.approx(20 * math.log10(0.6), abs=1e-3)
    assert found["rms_dbfs"] == pytest.approx(10 * math.log10(0.125 + 0.01), abs=1e-3)
    assert found["dc_offset_fs"] == pytest.approx(0.1, abs=1e-6)
    assert found["crest_db"] == pytest.approx(found["sample_peak_dbfs"] - found["rms_dbfs"])
    assert found["duration_s"] == 1.0


def test_the_list_matches_what_is_measured(noise):
    table = mt.audio.descriptors()
    assert table["name"].is_unique
    assert list(mt.audio.describe(noise, sample_rate=RATE).index) == list(table["name"])
    assert (table[["unit", "family", "source", "meaning"]].map(len) > 0).all(axis=None)


STRANGE = {
    "silence": np.zeros((2, RATE * 3)),
    "dc": np.full((1, RATE * 3), 0.5),
    "white noise": np.random.default_rng(1).normal(0, 0.2, (2, RATE * 3)),
    "a click": np.eye(1, RATE * 3, RATE),
    "0.2 s": np.sin(np.arange(RATE // 5) / 9)[None],
    "one sample": np.array([[0.5]]),
    "opposite channels": np.outer([1, -1], np.sin(np.arange(RATE * 3) / 9)),
    "5.1": np.random.default_rng(2).normal(0, 0.1, (6, RATE * 3)),
    "above full scale": 3 * np.sin(np.arange(RATE * 3) / 9)[None],
    "barely anything": 1e-7 * np.random.default_rng(3).normal(0, 1, (1, RATE * 3)),
    "denormal": np.full((1, RATE * 3), 1e-40),
}


@pytest.mark.parametrize("rate", [1_000, 8_000, 44_100, 192_000])
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_recordings_give_numbers_in_range_or_nan(kind, rate):
    # Longer than two minutes at the lowest rate, which shows nothing that one does not.
    found = mt.audio.describe(STRANGE[kind][:, : 60 * rate], sample_rate=rate)
    table = mt.audio.descriptors().set_index("name").to_dict("index")
    for name, value in found.items():
        row = table[name]
        if row["unit"] == "text":
            assert value is None or isinstance(value, str)
        elif not math.isnan(value):
            assert math.isfinite(value), name
            assert row["minimum"] - 1e-9 <= value <= row["maximum"] + 1e-9, (name, value)
        else:
            assert "NaN" in row["meaning"], f"{name} is NaN and does not say when"


#: What many a good recording does not have: a lossy cut-off, a second tempo, a swing, clear bars.
OPTIONAL = (
    "bandwidth_cutoff_", "bpm_histogram_second_", "swing_", "rubato_", "beats_per_bar", "downbeat_",
)  # fmt: skip


def test_an_ordinary_song_has_no_gap():
    song = mt.datasets.simulate_recording(duration_s=15, rng=3)
    found = mt.audio.describe(song.recording)
    gaps = [name for name in found.index[found.isna()] if not name.startswith(OPTIONAL)]
    assert not gaps
    assert found["key"] == song.truth["key"]


SECONDS = 14 * RATE
#: Noise has no pitch (and its mean over five channels next to none), a steady tone no beat; one
#: pitch alone is no chord. All else has an answer.
NO_ANSWER = {
    "white noise": (np.random.default_rng(1).normal(0, 0.2, (2, SECONDS)), {"tonal", "chords"}),
    "5.1": (np.random.default_rng(2).normal(0, 0.1, (6, SECONDS)), {"tonal", "chords"}),
    "a tone": (3 * np.sin(np.arange(SECONDS) / 9)[None], {"rhythm", "chords"}),
}


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_only_what_has_no_answer_is_nan(kind):
    samples, unanswered = NO_ANSWER[kind]
    found = mt.audio.describe(samples, sample_rate=RATE)
    family = mt.audio.descriptors().set_index("name")["family"]
    gaps = [name for name in found.index[found.isna()] if not name.startswith(OPTIONAL)]
    assert set(family[gaps]) <= unanswered, [n for n in gaps if family[n] not in unanswered]


@settings(max_examples=10)
@given(gain_db=st.floats(-30, 12), seed=st.integers(0, 1000))
def test_gain_moves_levels_by_itself_and_nothing_else(gain_db, seed):
    rng = np.random.default_rng(seed)
    t = np.arange(RATE * 4) / RATE
    base = sum(rng.uniform(0.02, 0.1) * np.sin(2 * np.pi * hz * t) for hz in (220, 277.18, 329.63))
    base = base * (1 + (np.arange(t.size) % (RATE // 2) < 4000)) + rng.normal(0, 0.01, t.size)
    before = mt.audio.describe(base, sample_rate=RATE)
    after = mt.audio.describe(base * 10 ** (gain_db / 20), sample_rate=RATE)
    for name in ("integrated_lufs", "sample_peak_dbfs", "rms_dbfs", "max_momentary_lufs"):
        assert after[name] - before[name] == pytest.approx(gain_db, abs=0.01)
    for name in ("crest_db", "loudness_range_lu", "spectral_flatness_mean_db", "tuning_cents"):
        assert after[name] == pytest.approx(before[name], abs=0.05)
    assert after["key"] == before["key"]
    assert after["tempo_bpm"] == pytest.approx(before["tempo_bpm"], rel=1e-3)


def test_swapping_the_channels_changes_nothing():
    stereo = np.random.default_rng(8).normal(0, 0.1, (2, RATE * 4))
    table = mt.audio.descriptors().set_index("name")
    numbers = table.index[table["unit"] != "text"]
    there = mt.audio.describe(stereo, sample_rate=RATE)[numbers].astype(float)
    back = mt.audio.describe(stereo[::-1], sample_rate=RATE)[numbers].astype(float)
    balance = numbers.str.startswith("stereo_balance_")
    np.testing.assert_allclose(there[~balance], back[~balance], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(there[balance], -back[balance], rtol=1e-5)
    assert balance.sum() == 6


def test_the_same_recording_gives_the_same_bits():
    stereo = np.random.default_rng(9).normal(0, 0.1, (2, RATE * 4))
    first, second = (mt.audio.describe(stereo, sample_rate=RATE) for _ in range(2))
    assert first.equals(second)
