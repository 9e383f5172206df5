"""Samples above full scale: how severe they are, and what is said about unscaled integers."""

import numpy as np
import pytest

import musictools as mt
from musictools.audio._overs import Overs
from musictools.audio._stream import hear

RATE = 44_100


def find(samples):
    recording = mt.audio.from_samples(np.asarray(samples, np.float32), RATE)
    return list(Overs().find(hear(recording, Overs.tracks)))


def music():
    """Soft noise that swells, in two channels."""
    noise = np.random.default_rng(1).standard_normal((2, 10 * RATE)).clip(-4, 4)
    return 0.2 * noise * np.hanning(10 * RATE)


def raised(x, channel, share):
    """So large a share of the samples of two seconds above full scale."""
    out = x.copy()
    out[channel, 4 * RATE : 6 * RATE : round(1 / share)] = 1.2
    return out


@pytest.mark.parametrize("share", [0.02, 0.006])
@pytest.mark.parametrize("channel", [0, 1, slice(None)])
def test_many_overs_are_an_error(share, channel):
    [found] = find(raised(music(), channel, share))
    assert found.severity == "error"


def test_few_overs_are_a_warning_and_slight_ones_information():
    assert [f.severity for f in find(raised(music(), 0, 0.003))] == ["warning"]
    x = music()
    x[0, 5 * RATE] = 1.005
    assert [f.severity for f in find(x)] == ["info"]


def test_one_wave_that_is_over_is_no_error():
    x = music()
    x[0, 5 * RATE : 5 * RATE + 60] = 1.04
    assert [f.severity for f in find(x)] == ["warning"]


def test_a_few_overs_of_one_place_are_no_error_because_of_another():
    x = raised(music(), 0, 0.02)
    x[1, RATE] = 1.3
    assert [f.severity for f in find(x)] == ["warning", "error"]


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_integers_that_nobody_scaled_are_said_to_be_so(bits):
    full = 2 ** (bits - 1)
    x = music()
    [found, *_] = find(x / np.abs(x).max() * 0.9 * full)
    assert found.severity == "error"
    assert found.remedy.startswith(f"Divide integers by {full}, if they have {bits} bits")
    assert "headroom" in find(x / np.abs(x).max() * 2)[0].remedy


def test_a_single_sample_of_integers_is_an_error():
    x = np.zeros(RATE)
    x[1_000] = 32_768
    [found] = find(x)
    assert (found.severity, "32768" in found.remedy) == ("error", True)
    assert found.value == pytest.approx(90.3, abs=0.1)
