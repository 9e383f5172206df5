"""Padded bit depth: telephone codes are no padding, and are told as what they are."""

import numpy as np
import pytest
import soundfile

import musictools as mt
from musictools.audio._padding import Padding
from musictools.audio._stream import hear

RATE = 8_000


def find(recording):
    return list(Padding().find(hear(recording, Padding.tracks)))


def voice(peak=0.9):
    """Bursts of noise and a tone, in two channels."""
    t = np.arange(12 * RATE) / RATE
    noise = np.random.default_rng(4).standard_normal((2, t.size)) * (0.05 + 0.05 * np.sin(3 * t))
    both = noise + 0.5 * np.sin(2 * np.pi * 300 * t) * np.sin(t) ** 2
    return (peak * both / np.abs(both).max()).astype(np.float32)


@pytest.mark.parametrize("code", ["ULAW", "ALAW"])
@pytest.mark.parametrize("form", ["WAV", "AU", "AIFF"])
@pytest.mark.parametrize("peak", [0.9, 0.1])
def test_telephone_codes_are_no_padding(tmp_path, form, code, peak):
    path = tmp_path / f"song.{form.lower()}"
    soundfile.write(path, voice(peak).T, RATE, format=form, subtype=code)
    assert find(mt.audio.read(path)) == []


@pytest.mark.parametrize("code", ["ULAW", "ALAW"])
@pytest.mark.parametrize("bits", [16, 24])
def test_a_telephone_code_stored_in_more_bits_is_told_as_such(tmp_path, code, bits):
    coded, path = tmp_path / "coded.wav", tmp_path / "song.wav"
    soundfile.write(coded, voice().T, RATE, subtype=code)
    soundfile.write(path, mt.audio.read(coded).samples.T, RATE, subtype=f"PCM_{bits}")
    [found] = find(mt.audio.read(path))
    assert (found.severity, found.value) == ("warning", 8)
    assert "mu-law or A-law" in found.meaning
    assert f"the file has {bits}" in found.meaning


@pytest.mark.parametrize("bits", [8, 12, 13, 14])
@pytest.mark.parametrize("stored", [None, 16, 24])
def test_true_padding_is_told_with_its_bits(bits, stored):
    steps = 2.0 ** (bits - 1)
    x = np.round(voice() * steps) / steps
    [found] = find(mt.audio.from_samples(x.astype(np.float32), RATE, bit_depth=stored))
    assert (found.value, found.severity) == (bits, "warning")
    assert f"source of {bits} bits" in found.meaning


def test_full_depth_is_not_padded():
    for bits in (16, 24):
        steps = 2.0 ** (bits - 1)
        x = (np.round(voice() * steps) / steps).astype(np.float32)
        assert find(mt.audio.from_samples(x, RATE, bit_depth=bits)) == []
        assert find(mt.audio.from_samples(x, RATE)) == []


@pytest.mark.parametrize("used", [14, 16])
def test_silence_at_the_start_makes_no_telephone_code_of_padding(used):
    steps = 2.0 ** (used - 1)
    x = np.round(voice() * steps) / steps
    x[:, : 2 * RATE] = 0
    [found] = find(mt.audio.from_samples(x.astype(np.float32), RATE, bit_depth=24))
    assert found.value == used
