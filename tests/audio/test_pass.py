"""The pass: frames and rates are what they say, and blocks leave no seam."""

import librosa
import numpy as np
import pytest

from musictools.audio import _pass
from musictools.audio._descriptor import Spectrum
from musictools.audio._recording import from_samples


class Collector:
    """A family that keeps what it is fed."""

    descriptors = ()

    def __init__(self, needs):
        self.needs = needs
        self.blocks = []

    def start(self, sample_rate, layout):
        return self

    def update(self, block):
        self.blocks.append(block.copy())

    def finish(self):
        return {}


def collect(samples, rate, needs):
    collector = Collector(needs)
    _pass.analyse(from_samples(samples, rate), [collector])
    return collector.blocks


@pytest.fixture
def noise():
    return np.random.default_rng(3).normal(0, 0.1, 22_050 * 7 + 123).astype(np.float32)


@pytest.mark.parametrize("centred", [False, True])
def test_power_spectra_are_those_of_librosa(noise, centred):
    spectrum = Spectrum(rate_hz=22_050, size=1024, hop=128, centred=centred)
    power = np.concatenate(collect(noise, 22_050, spectrum))
    theirs = np.abs(librosa.stft(noise, n_fft=1024, hop_length=128, center=centred)) ** 2
    assert power.shape == theirs.T.shape
    np.testing.assert_allclose(power, theirs.T, rtol=1e-3, atol=1e-4)


def test_blocks_leave_no_seam(noise, monkeypatch):
    spectrum = Spectrum(rate_hz=16_000, size=512, hop=160)
    whole = np.concatenate(collect(noise, 22_050, spectrum))
    monkeypatch.setattr(_pass, "CHUNK_S", 1)
    cut = np.concatenate(collect(noise, 22_050, spectrum))
    assert whole.shape == cut.shape
    np.testing.assert_allclose(whole, cut, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
def test_a_tone_stays_where_it_is_at_any_rate(rate):
    tone = np.sin(2 * np.pi * 1000 * np.arange(rate * 3) / rate)
    power = np.concatenate(collect(tone, rate, Spectrum(rate_hz=22_050, size=2205, hop=1024)))
    assert set(power[2:-2].argmax(axis=1)) == {100}


def test_the_mono_mix_leaves_out_the_low_frequency_effects():
    samples = np.zeros((6, 48_000))
    samples[3] = 0.5
    power = np.concatenate(collect(samples, 48_000, Spectrum(rate_hz=48_000, size=1024, hop=512)))
    assert power.max() == 0


@pytest.mark.parametrize("length", [1, 100, 2047, 2048, 2049])
def test_the_shortest_recordings_give_one_frame(length):
    power = np.concatenate(collect(np.ones(length), 44_100, Spectrum(44_100, 2048, 1024)))
    assert power.shape == (1, 1025)


def test_samples_are_fed_once_and_whole(noise):
    blocks = collect(np.stack([noise, -noise]), 22_050, None)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), np.stack([noise, -noise]))
