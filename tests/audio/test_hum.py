import numpy as np
import pytest
from scipy import signal

import musictools as mt
from musictools.audio._hum import Hum, _clearest
from musictools.audio._hum_lines import HumLines
from musictools.audio._noise import Noise, noise_floor
from musictools.audio._resonance import Resonance
from musictools.audio._sibilance import Sibilance
from musictools.audio._stream import hear
from musictools.datasets._synth._faults import apply_faults
from musictools.datasets._synth._spec import Fault

RATE = 44_100
HUM = Hum()
ALL = (HUM, Noise(), Sibilance(), Resonance())


def find(samples, *detectors, rate=RATE):
    samples = np.asarray(samples, dtype=np.float32)
    tracks = hear(samples, {k for d in detectors for k in d.tracks}, sample_rate=rate)
    return [found for d in detectors for found in d.find(tracks)]


@pytest.fixture(scope="module")
def song():
    return mt.datasets.simulate_recording(style="ballad", duration_s=20, rng=7).recording.samples


def planted(samples, fault):
    return apply_faults(samples, RATE, [fault], rng=np.random.default_rng(0))[0]


def tone(hz, seconds=14.0, dbfs=-50.0):
    t = np.arange(int(seconds * RATE)) / RATE
    return np.sqrt(2) * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t + 1)


def test_a_clean_song_has_none(song):
    assert find(song, HUM) == []


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_under_a_song_is_found_with_its_frequency(song, mains):
    [found] = find(planted(song, Fault("hum", -50.0, "dbfs", frequency_hz=mains)), HUM)
    assert f"hum of {mains:g} Hz" in found.meaning
    assert -58 < found.value < -48
    assert (found.unit, found.start_s) == ("dBFS", 0.0)
    assert found.end_s == pytest.approx(song.shape[1] / RATE)
    assert found.confidence > 0.9


@pytest.mark.parametrize("seconds", [3.0, 3.1, 3.2, 3.3, 3.4, 3.6])
def test_hum_of_few_seconds_breaks_nothing(seconds):
    noise = 1e-4 * np.random.default_rng(0).standard_normal((2, int(seconds * RATE)))
    found = find(noise + tone(50, seconds, -30), HUM)
    assert len(found) == (seconds >= 3.2)


def test_hum_in_the_second_half_is_placed_there(song):
    fault = Fault("hum", -45.0, "dbfs", frequency_hz=50.0, start_s=10.0)
    [found] = find(planted(song, fault), HUM)
    assert 6 <= found.start_s <= 14
    assert "in all" in found.meaning


def test_hum_in_one_channel_tells_that_channels_level(song):
    out = song.copy()
    out[1] += tone(60.05, song.shape[1] / RATE)[: song.shape[1]].astype(np.float32)
    [found] = find(out, HUM)
    assert found.value == pytest.approx(-50, abs=2)


def test_hum_is_a_warning_where_it_is_heard_and_no_more_than_information_where_not():
    rng = np.random.default_rng(1)
    quiet = np.tile(tone(50.0), (2, 1))
    [found] = find(quiet, HUM)
    assert (found.severity, found.value) == ("warning", pytest.approx(-50, abs=0.3))
    loud = quiet + signal.sosfilt(
        signal.butter(4, 1000, "high", fs=RATE, output="sos"),
        0.3 * rng.standard_normal(quiet.shape),
    )
    [found] = find(loud, HUM)
    assert found.severity == "info"


def notes(hz, every_s, sound_s, *, seconds=14.0, falls_hz=0.0):
    """One note again and again, each as the one before; a drum's falls to its pitch."""
    t = np.arange(int(seconds * RATE)) / RATE
    at = t % every_s
    turns = hz * at + falls_hz * 0.04 * (1 - np.exp(-at / 0.04))
    return 0.5 * np.sin(2 * np.pi * turns) * np.exp(-at / sound_s) * np.minimum(at / 0.005, 1)


@pytest.mark.parametrize(
    ("hz", "every_s", "sound_s"),
    [(49.0, 2.0, 5.0), (98.0, 4.0, 9.0), (61.74, 1.0, 3.0), (123.47, 0.5, 0.2)],
)
def test_bass_is_no_hum(hz, every_s, sound_s):
    assert find(notes(hz, every_s, sound_s), HUM) == []


@pytest.mark.parametrize(("hz", "every_s"), [(50.7, 0.5), (61.0, 0.48), (48.0, 0.4688)])
def test_a_drum_near_the_mains_is_no_hum(hz, every_s):
    assert find(notes(hz, every_s, 0.15, falls_hz=120), HUM) == []


@pytest.mark.parametrize("sound_s", [0.05, 0.15, 0.3])
@pytest.mark.parametrize(("hz", "every_s"), [(60.0, 1.0), (50.0, 0.5), (50.0, 0.48), (60.0, 0.4)])
def test_a_drum_in_step_with_the_mains_is_no_hum(hz, every_s, sound_s):
    # Each stroke begins at the same phase: a line as sharp as that of the mains.
    assert find(notes(hz, every_s, sound_s, seconds=30.0, falls_hz=120), HUM) == []


@pytest.mark.parametrize("hz", [40.0, 44.0, 52.0, 66.0, 70.0, 80.0])
def test_a_loud_drone_beside_the_mains_is_no_hum(hz):
    # As far off as frames or their windows repeat.
    assert find(tone(hz, dbfs=-12), HUM) == []


@pytest.mark.parametrize(
    ("hz", "every_s", "sound_s"),
    [(60.5, 0.5, 1.0), (50.5, 0.5, 0.2), (46.25, 0.5, 0.2), (55.0, 0.25, 0.1)],
)
def test_a_note_that_makes_a_line_at_the_mains_is_no_hum(hz, every_s, sound_s):
    # Struck twice a second in one phase, its lines lie at whole multiples of 2 Hz.
    assert find(notes(hz, every_s, sound_s), HUM) == []


def test_hum_in_half_of_a_song_that_never_rests_is_found_and_goes_on_to_the_end():
    bass = never_resting_bass(96.0, np.random.default_rng(9))
    hum = tone(50.0, 96.0)
    hum[: hum.size // 2] = 0
    [found] = find(bass + hum, HUM)
    assert 40 <= found.start_s <= 56
    assert found.end_s == pytest.approx(96.0)


class Heard:
    """Two lines in four segments: the first stands out in all of them, both do in the last."""

    history = [()] * 4

    def parts(self):
        return [(0, 4), (2, 4)]

    def standing(self, first, stop, floor):
        del floor
        single = (first, stop) == (3, 4)
        out = np.array([[9.0 if single else 2.0 * (stop - first)], [9.0 * single]])
        return out, out


def test_a_single_segment_counts_for_a_line_that_is_clear_in_no_longer_part():
    assert [one[1:] for one in _clearest(Heard())] == [(3, 4, 1, 0), (0, 4, 0, 0)]


def never_resting_bass(seconds, rng):
    """Notes that follow each other without a gap, each with a level and a phase of its own."""
    pieces = []
    while sum(piece.size for piece in pieces) < seconds * RATE:
        t = np.arange(int(rng.choice([0.25, 0.5]) * RATE)) / RATE
        hz = rng.choice([41.2, 43.65, 46.25, 55.0, 65.41, 73.42])
        swell = rng.uniform(0.02, 0.2) * np.exp(-t / 0.4) * np.minimum(t / 0.01, 1)
        pieces.append(swell * np.sin(2 * np.pi * hz * t + rng.uniform(0, 7)))
    return np.concatenate(pieces)[: int(seconds * RATE)]


@pytest.mark.parametrize("hz", [50.02, 60.0])
def test_one_sine_under_a_bass_that_never_rests_is_found(hz):
    bass = never_resting_bass(64.0, np.random.default_rng(8))
    assert find(bass, HUM) == []
    [found] = find(bass + tone(hz, 64.0), HUM)
    assert f"hum of {hz:.0f} Hz" in found.meaning
    assert found.value == pytest.approx(-50, abs=1.5)


@pytest.mark.parametrize("hz", [49.0, 55.0, 61.74, 98.0, 123.47, 146.83])
def test_a_drone_in_tune_is_no_hum(hz):
    assert find(tone(hz, dbfs=-15), HUM) == []


def test_numbers_do_not_hang_on_blocks(song):
    def evidence(size):
        lines = HumLines(RATE, ("L", "R"))
        for i in range(0, song.shape[1], size):
            lines.update(np.ascontiguousarray(song[:, i : i + size]))
        scales, steady = lines.finish()
        return [*(scale.standing(0.02) for scale in scales), *steady.standing(0, 1, 2.0)]

    for a, b in zip(evidence(8 * RATE), evidence(12_345), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000, 192_000])
def test_hum_is_found_at_any_rate(rate):
    rng = np.random.default_rng(2)
    t = np.arange(12 * rate) / rate
    x = 0.02 * rng.standard_normal(t.size) + np.sqrt(2) * 0.00316 * np.sin(2 * np.pi * 60 * t)
    [found] = find(x, HUM, rate=rate)
    assert found.value == pytest.approx(-50, abs=1.5)


def test_steady_noise_is_measured_and_told():
    # A song with pauses: where music never rests there is no floor to be measured.
    song = mt.datasets.simulate_recording(style="hip-hop", duration_s=20, rng=2005)
    song = song.recording.samples
    noise = 10 ** (-45 / 20) * np.random.default_rng(3).standard_normal(song.shape[1])
    tracks = hear((song + noise).astype(np.float32), Noise.tracks, sample_rate=RATE)
    floor, snr = noise_floor(tracks)
    assert floor == pytest.approx(-45, abs=2)
    assert 20 < snr < 35
    assert [f.severity for f in Noise().find(tracks)] == ["info"]
    clean = hear(song, Noise.tracks, sample_rate=RATE)
    assert np.isnan(noise_floor(clean)).all()


def test_bursts_like_an_s_are_found_where_they_are(song):
    rng = np.random.default_rng(4)
    sos = signal.butter(4, [5000, 9000], "band", fs=RATE, output="sos")
    gate = np.zeros(song.shape[1])
    for start in range(10 * RATE, 14 * RATE, RATE // 3):
        gate[start : start + 4000] = np.hanning(4000)
    hiss = 3 * gate * signal.sosfilt(sos, rng.standard_normal(gate.size))
    found = find(song + hiss, Sibilance())
    assert found
    assert all(f.severity == "info" for f in found)
    assert any(9.9 < f.start_s < f.end_s < 14.3 for f in found)


def test_a_ringing_filter_is_found_with_its_frequency():
    rng = np.random.default_rng(5)
    x = 0.05 * rng.standard_normal((2, 12 * RATE)).astype(np.float32)
    fault = Fault("resonance", 15.0, "db", frequency_hz=1000.0)
    [found] = find(planted(x, fault), Resonance())
    assert 6 < found.value < 15
    assert any(f"{hz} Hz" in found.meaning for hz in range(960, 1041))
    assert find(x, Resonance()) == []


T = np.arange(10 * RATE) / RATE


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 20 * RATE)),
        np.zeros(1),
        np.ones(4410),
        np.sign(np.sin(2 * np.pi * 441 * T)),
        signal.chirp(T, 20, 10, 20_000),
        (np.arange(T.size) % RATE == 0).astype(float),
        np.ones((6, 5 * RATE)) * np.sin(T[: 5 * RATE] * 700),
        np.random.default_rng(6).uniform(-1, 1, (3, 5 * RATE)),
    ],
    ids=["silence", "one", "short", "square", "chirp", "impulses", "six", "noise"],
)
def test_worst_cases_pass_and_have_no_hum(samples):
    found = find(samples, *ALL)
    assert not [f for f in found if f.kind == "hum"]
    assert all(f.severity == "info" and np.isfinite(f.value) for f in found)


@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_odd_rates_pass(rate):
    x = np.random.default_rng(7).uniform(-1, 1, (2, 4 * rate)).astype(np.float32)
    assert not [f for f in find(x, *ALL, rate=rate) if f.kind == "hum"]
