"""Judgements: measured where nothing is found too, more of them where there is more."""

import math

import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._finding import Judge
from musictools.audio._limiting import Limiting
from musictools.audio._noise import Noise, QuietLines
from musictools.audio._quality import DETECTORS
from musictools.audio._resonance import Resonance
from musictools.audio._sibilance import Sibilance
from musictools.audio._stream import hear

RATE = 44_100
SECONDS = 12
TIME = np.arange(SECONDS * RATE) / RATE
WHITE = np.random.default_rng(7).standard_normal(TIME.size)


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="folk", duration_s=SECONDS, rng=1207).recording


def judged(judge, samples, rate=RATE):
    """Measure and findings."""
    tracks = hear(np.asarray(samples), judge.tracks, sample_rate=rate)
    return judge.measure(tracks), list(judge.find(tracks))


def level(wave, dbfs):
    return wave / np.sqrt(np.mean(wave**2)) * 10 ** (dbfs / 20)


def partials(*fundamentals, most=300):
    """Sawtooth-like tones; frequencies are rounded to whole periods, so that one FFT makes all."""
    rng = np.random.default_rng(3)
    spectrum = np.zeros(TIME.size // 2 + 1, complex)
    for f in fundamentals:
        for k in range(1, min(most, int(20_000 / f)) + 1):
            spectrum[round(f * k * SECONDS)] += np.exp(1j * rng.uniform(0, 6)) / k
    return np.fft.irfft(spectrum, TIME.size)


def limited(samples, db):
    top = np.abs(samples).max()
    return np.clip(samples * 10 ** (db / 20), -top, top)


def ringing(samples, db):
    b, a = signal.iirpeak(900.0, 12, fs=RATE)
    return samples + (10 ** (db / 20) - 1) * signal.lfilter(b, a, samples, axis=1)


def hissing(samples, db):
    band = signal.butter(4, [5000, 9000], "band", fs=RATE, output="sos")
    own = np.sqrt(np.mean(signal.sosfilt(band, samples.mean(axis=0)) ** 2))
    open_ = np.arange(samples.shape[1]) % RATE < 4000
    bursts = signal.sosfilt(band, WHITE[: samples.shape[1]]) * open_
    return samples + level(bursts, 20 * np.log10(own) + db - 10)


SPOILT = [
    (Limiting(), limited, (4, 8, 14), 0.0),
    (Resonance(), ringing, (8, 14, 20), 6.0),
    (Sibilance(), hissing, (14, 20, 26), 9.0),
    (Noise(), lambda x, db: x + level(WHITE[: x.shape[1]], db), (-75, -60, -45), 0.15),
]


def test_every_judgement_is_measured():
    judges = [detector for detector in DETECTORS if isinstance(detector, Judge)]
    kinds = [kind for judge in judges for kind in judge.kinds]
    of_judgement = [k for d in DETECTORS for k in d.kinds if k.basis == "judgement"]
    assert kinds == of_judgement
    assert len(judges) == len(kinds), "one measure for one kind"


@pytest.mark.parametrize(("judge", "spoil", "strengths", "limit"), SPOILT)
def test_more_of_it_measures_more(song, judge, spoil, strengths, limit):
    cases = [song.samples, *(spoil(song.samples, strength) for strength in strengths)]
    measured, found = zip(*(judged(judge, case) for case in cases), strict=True)
    assert all(math.isfinite(value) for value in measured)
    assert found[0] == [], "a clean song"
    assert list(measured) == sorted(measured)
    assert measured[-1] > limit > measured[0]
    assert [bool(some) for some in found] == [value > limit for value in measured]
    assert {f.severity for some in found for f in some} == {"info"}


@pytest.mark.parametrize("judge", [judge for judge, *_ in SPOILT])
@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.full((1, 1), 0.5), RATE),
        (np.full((2, 4_410), 0.5), RATE),
        (np.zeros((2, RATE)), RATE),
        (0.1 * WHITE[None, :8_000], 8_000),
        (0.1 * WHITE[: 6 * RATE].reshape(6, RATE), 48_000),
        (np.sign(np.sin(np.arange(96_000) / 9)), 192_000),
    ],
    ids=["1 sample", "0.1 s", "silence", "8 kHz", "5.1", "square"],
)
def test_what_cannot_be_told_is_no_number(judge, samples, rate):
    measured, found = judged(judge, samples, rate)
    assert math.isnan(measured)
    assert not found


def test_too_short_and_too_many_channels_are_no_number():
    assert all(math.isnan(judged(judge, WHITE[:4000] / 9)[0]) for judge, *_ in SPOILT)
    assert math.isnan(judged(Limiting(), WHITE.reshape(6, -1) / 9)[0])


@pytest.mark.parametrize(
    "wave",
    [
        np.sin(2 * np.pi * 1000 * TIME),
        signal.square(2 * np.pi * 220 * TIME),
        partials(55.0),
        partials(40.0, most=500),
        partials(110.0, 165.0, 220.0),
        partials(65.4, 98.0, 130.8, 164.8, 196.0),
        partials(55.0, 55.3, 82.4, 82.7, 110.2),
        (np.arange(TIME.size) % 1764 == 0).astype(float),
    ],
    ids=["sine", "square", "organ", "low saw", "chord", "cluster", "detuned drone", "pulses"],
)
def test_steady_tones_are_no_noise(wave):
    for dbfs in (-15, -40):
        measured, found = judged(Noise(), level(wave, dbfs))
        assert found == []
        assert measured < 0.1


@pytest.mark.parametrize("slope_db", [0, -3, -6, 3])
def test_noise_of_any_colour_is_found(slope_db):
    bins = np.maximum(np.arange(TIME.size // 2 + 1), 1) / TIME.size
    coloured = np.fft.irfft(np.fft.rfft(WHITE) * bins ** (slope_db / 6.02), TIME.size)
    assert judged(Noise(), level(coloured, -20))[1]


def test_noise_beside_a_tone_is_found_at_its_level():
    _, (found,) = judged(Noise(), level(np.sin(2 * np.pi * 1000 * TIME), -10) + level(WHITE, -55))
    assert found.value == pytest.approx(-55, abs=1)


def test_noise_does_not_depend_on_blocks():
    samples = (0.1 * np.sin(2 * np.pi * 440 * TIME) + 0.01 * WHITE).astype(np.float32)
    whole = hear(samples, (QuietLines,), sample_rate=RATE)[QuietLines]
    frames = (
        np.abs(
            signal.ShortTimeFFT(signal.get_window("hann", 8192), 8192, RATE).stft(
                samples, p0=1, p1=60
            )
        ).T
        ** 2
    )
    for sizes in ((1,), (3, 7), (100,)):
        parts, one = (QuietLines(RATE, ("M",)) for _ in range(2))
        one.update(frames.astype(np.float32))
        start = turn = 0
        while start < len(frames):
            size = sizes[turn % len(sizes)]
            parts.update(frames[start : start + size].astype(np.float32))
            start, turn = start + size, turn + 1
        np.testing.assert_allclose(parts.flatness(), one.flatness(), rtol=1e-5)
    assert whole.flatness().shape == (13,)


def test_a_mono_file_is_as_limited_as_the_two_equal_channels_that_play_it(song):
    mono = limited(song.samples, 10).mean(axis=0)
    alone, (found,) = judged(Limiting(), mono)
    both, (same,) = judged(Limiting(), np.stack([mono, mono]))
    assert alone == pytest.approx(both, abs=1e-6)
    assert found.value == pytest.approx(same.value, abs=1e-6)
    assert found.meaning == same.meaning


def test_what_is_said_of_limiting_is_what_is_measured(song):
    loud = mt.audio.from_samples(limited(song.samples, 10), RATE)
    row = mt.audio.describe(loud)
    found = mt.audio.quality(loud).findings.set_index("kind").loc["over_limiting"]
    assert found["value"] == pytest.approx(row["plr_lu"])
    fifth = f"{row['psr_p05_lu']:.1f} LU or less in the densest twentieth of all stretches of 3 s"
    assert fifth in found["meaning"]
