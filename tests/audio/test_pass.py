"""The pass: frames and rates are what they say, and blocks leave no seam."""

import librosa
import numpy as np
import pytest

from musictools.audio import _pass, _recording
from musictools.audio._descriptor import Mono, Spectrum, Tracks
from musictools.audio._recording import from_samples


def collect(samples, rate, wanted):
    class Collector:
        """A track that keeps what it is fed."""

        needs = wanted

        def __init__(self, sample_rate, layout):
            self.blocks = []

        def update(self, block):
            self.blocks.append(block.copy())

    return _pass.gather(from_samples(samples, rate), [Collector])[Collector].blocks


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
    monkeypatch.setattr(_recording, "BLOCK_S", 1)
    cut = np.concatenate(collect(noise, 22_050, spectrum))
    assert whole.shape == cut.shape
    np.testing.assert_allclose(whole, cut, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 192_000])
def test_a_tone_stays_where_it_is_at_any_rate(rate):
    tone = np.sin(2 * np.pi * 1000 * np.arange(rate * 3) / rate)
    power = np.concatenate(collect(tone, rate, Spectrum(rate_hz=22_050, size=2205, hop=1024)))
    assert set(power[2:-2].argmax(axis=1)) == {100}


@pytest.mark.parametrize(
    ("sample_rate", "made"),
    [
        (44_100, [(44_100, 44_100), (44_100, 22_050), (22_050, 11_025)]),
        (48_000, [(48_000, 44_100), (44_100, 22_050), (22_050, 11_025)]),
        (22_050, [(22_050, 22_050), (22_050, 11_025)]),
        (11_025, [(11_025, 11_025)]),
    ],
)
def test_half_a_rate_is_made_from_the_whole_whoever_else_asks(sample_rate, made):
    assert _pass._chain(sample_rate, [11_025]) == made
    every = _pass._chain(sample_rate, [11_025, 22_050, 44_100])
    assert dict(map(reversed, made)).items() <= dict(map(reversed, every)).items()
    assert _pass._chain(sample_rate, [16_000]) == [(sample_rate, 16_000)]


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


def test_the_mono_mix_is_fed_at_its_rate(noise):
    blocks = collect(np.stack([noise, -noise / 2]), 22_050, Mono(22_050))
    np.testing.assert_allclose(np.concatenate(blocks), noise / 4, atol=1e-7)
    tone = np.sin(2 * np.pi * 1000 * np.arange(48_000 * 3) / 48_000)
    halved = np.concatenate(collect(tone, 48_000, Mono(24_000)))
    assert halved.size == pytest.approx(72_000, abs=2)
    np.testing.assert_allclose(halved[5000:60_000], tone[::2][5000:60_000], atol=1e-3)


def test_blocks_are_contiguous_for_compiled_loops(noise):
    class Listener:
        def push(self, block):
            assert block.flags.c_contiguous
            assert block.flags.writeable
            assert block.shape[0] == 2

    from_samples(np.stack([noise, noise]), 22_050).play(lambda _rate, _layout, _bits: Listener())


def test_a_conclusion_is_drawn_once():
    asked = []
    tracks = Tracks({})

    def conclude(found):
        asked.append(found)
        return 7

    assert tracks.once(conclude) == tracks.once(conclude) == 7
    assert asked == [tracks]
