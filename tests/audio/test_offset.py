"""DC offset, padded bit depth and over-limiting."""

import numpy as np
import pytest
import soundfile as sf

import musictools as mt
from musictools.audio._limiting import Limiting
from musictools.audio._offset import Means, Offset
from musictools.audio._padding import Padding, UsedBits
from musictools.audio._pass import Pass
from musictools.audio._stream import hear
from musictools.datasets._synth._faults import apply_faults
from musictools.datasets._synth._spec import Fault

RATE = 44_100


def find(detector, samples, rate=RATE, bits=None):
    samples = np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32)
    source = mt.audio.from_samples(samples, rate, bit_depth=bits)
    return list(detector.find(hear(source, detector.tracks)))


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="soul", duration_s=12, rng=9).recording.samples


@pytest.mark.parametrize("size", [0.005, -0.005, 0.03])
def test_offset_is_found_with_sign_and_size(song, size):
    [found] = find(Offset(), song + size)
    assert found.value == pytest.approx(size, abs=0.001)
    assert found.severity == ("warning" if abs(size) > 0.01 else "info")
    assert (found.start_s, found.end_s) == pytest.approx((0, song.shape[1] / RATE))
    [left] = find(Offset(), song + np.array([[size], [0]]))
    assert left.value == pytest.approx(size, abs=0.001)


def test_offset_of_a_part_is_placed(song):
    x = song.copy()
    x[:, 3 * RATE :] += 0.02
    [found] = find(Offset(), x)
    assert found.start_s == pytest.approx(3, abs=0.7)
    assert found.value == pytest.approx(0.02, abs=0.002)


def test_no_offset(song):
    t = np.arange(10 * RATE) / RATE
    rng = np.random.default_rng(0)
    note = np.exp(-3 * (t % 1))
    for x in (
        song,
        song[:, : 3 * RATE],
        0.9 * np.sin(2 * np.pi * 31 * t),
        0.9 * np.sin(2 * np.pi * 3.3 * t),
        # Half a wave rectified has a mean that follows its level.
        0.3 * note * np.maximum(np.sin(2 * np.pi * 220 * t), 0),
        0.3 * rng.standard_normal(t.size),
        np.cumsum(rng.standard_normal(t.size)) / 20_000 * np.sin(2 * np.pi * 0.4 * t),
    ):
        assert find(Offset(), x) == []


def test_blocks_do_not_matter(song):
    x = np.ascontiguousarray(np.round(song * 2_048) / 2_048, dtype=np.float32)
    seen = []
    for size in (x.shape[1], 33_333, 501):
        run = Pass(RATE, ("L", "R"), (Means, UsedBits))
        for start in range(0, x.shape[1], size):
            run.push(np.ascontiguousarray(x[:, start : start + size]))
        tracks = run.finish()
        seen.append((tracks[Means].series(), tracks[UsedBits].depths()))
    for (means, powers), depths in seen[1:]:
        np.testing.assert_allclose(means, seen[0][0][0], rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(powers, seen[0][0][1], rtol=1e-6)
        np.testing.assert_array_equal(depths, seen[0][1])


@pytest.mark.parametrize("bits", [8, 12, 16, 20])
def test_padding_is_found_and_measured(song, bits):
    x = np.round(song * 0.9 * 2 ** (bits - 1)) / 2 ** (bits - 1)
    [found] = find(Padding(), x, bits=24)
    assert (found.severity, found.value, found.unit) == ("warning", bits, "bit")
    assert find(Padding(), x, bits=bits) == []
    assert bool(find(Padding(), x)) == (bits <= 14)


def test_padding_of_files(song, tmp_path):
    x = np.round(song[:, : 3 * RATE] * 0.9 * 2**15) / 2**15
    for name, subtype, found in (
        ("a.wav", "PCM_24", 1),
        ("b.flac", "PCM_24", 1),
        ("c.wav", "PCM_16", 0),
    ):
        sf.write(tmp_path / name, x.T, RATE, subtype=subtype)
        assert len(list(Padding().find(hear(tmp_path / name, Padding().tracks)))) == found
    sf.write(tmp_path / "full.wav", song.T * 0.9, RATE, subtype="PCM_24")
    assert not list(Padding().find(hear(tmp_path / "full.wav", Padding().tracks)))
    sf.write(tmp_path / "wide.wav", np.round(song.T * 0.9 * 2**23) / 2**23, RATE, subtype="PCM_32")
    [wide] = Padding().find(hear(tmp_path / "wide.wav", Padding().tracks))
    assert wide.value == 24


def test_a_fade_made_afterwards_hides_no_padding_and_silence_says_nothing(song):
    x = np.round(song * 0.9 * 2**15) / 2**15
    x[:, -RATE // 2 :] *= np.linspace(1, 0, RATE // 2)
    x[:, : 2 * RATE] = 0
    [found] = find(Padding(), np.round(x * 2**23) / 2**23, bits=24)
    assert found.value == 16
    assert find(Padding(), np.zeros((2, RATE)), bits=24) == []
    assert find(Padding(), np.sign(np.sin(np.arange(RATE) / 9)), bits=24) == []


def test_over_limiting_is_judged(song):
    assert find(Limiting(), song) == []
    hard, _ = apply_faults(
        song, RATE, [Fault("over_limiting", 14.0, "db")], rng=np.random.default_rng(0)
    )
    [found] = find(Limiting(), hard)
    assert (found.severity, found.unit) == ("info", "LU")
    assert found.value < 9


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 3, 6])
@pytest.mark.parametrize("samples", [1, 900, 30_001])
def test_any_shape(rate, channels, samples):
    square = np.sign(np.sin(np.arange(samples) / 7 + 0.1))
    for x in (np.zeros(samples), square):
        for detector in (Offset(), Padding()):
            assert find(detector, np.tile(x, (channels, 1)), rate, 24) == []
        # A square wave is as dense as can be.
        assert len(find(Limiting(), np.tile(x, (channels, 1)), rate, 24)) <= 1
