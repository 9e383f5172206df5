"""The upper end of the spectrum: cliffs found where filters made them, and nowhere else."""

import math
import subprocess

import numpy as np
import pytest
import soundfile as sf
import soxr
from scipy import signal

import musictools as mt
from musictools.audio._bandwidth import Bandwidth
from musictools.audio._pass import analyse

RATE = 44_100
DESCRIPTORS = {d.name: d for d in Bandwidth.descriptors}
CUTOFF, DEPTH = "bandwidth_cutoff_hz", "bandwidth_cutoff_depth_db"


def measure(source, rate=RATE):
    if isinstance(source, np.ndarray):
        source = mt.audio.from_samples(source, rate)
    return analyse(source, [Bandwidth()])


def noise(seconds=8.0, rate=RATE, slope=np.ones_like):
    """Fades in and out: an edge would reach over all frequencies."""
    n = int(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(0, 1, n))
    shaped = np.fft.irfft(spectrum * slope(np.fft.rfftfreq(n, 1 / rate)), n)
    return 0.1 * shaped / shaped.std() * signal.windows.tukey(n, 0.1)


def pink(seconds=8.0, rate=RATE, slope=np.ones_like):
    return noise(seconds, rate, lambda hz: slope(hz) / np.sqrt(np.maximum(hz, 10)))


def low_passed(samples, hz, rate=RATE, width_hz=300):
    """Corner (-6 dB) at ``hz``, 80 dB down half the width above."""
    taps, beta = signal.kaiserord(80.0, width_hz / (rate / 2))
    kernel = signal.firwin(taps | 1, hz, window=("kaiser", beta), fs=rate)
    return signal.oaconvolve(samples, np.atleast_2d(kernel), mode="same", axes=-1)


@pytest.fixture(scope="module", params=["pop", "jazz", "house"])
def song(request):
    return mt.datasets.simulate_recording(style=request.param, duration_s=10, rng=4).recording


@pytest.mark.parametrize("hz", [4_000, 8_000, 12_000, 15_000, 16_000, 19_000])
@pytest.mark.parametrize("source", [noise, pink])
def test_a_low_pass_is_found_in_noise(source, hz):
    found = measure(low_passed(np.atleast_2d(source()), hz))
    assert found[CUTOFF] == pytest.approx(hz, abs=100)
    assert found[DEPTH] > 40
    # 80 dB in 150 Hz, blurred by a window of 43 Hz: it looks less steep where hertz are few to an
    # octave.
    assert found["bandwidth_cutoff_slope_db_per_octave"] > 400


@pytest.mark.parametrize("hz", [12_000, 15_000, 16_000, 19_000])
def test_a_low_pass_is_found_in_songs(song, hz):
    found = measure(low_passed(song.samples, hz))
    assert found[CUTOFF] == pytest.approx(hz, abs=300)
    assert found[DEPTH] > 40
    assert found["effective_bandwidth_hz"] == pytest.approx(hz, abs=400)


def test_none_is_claimed_for_songs_as_they_are(song):
    found = measure(song)
    assert math.isnan(found[CUTOFF])
    assert found[DEPTH] < 10
    assert found["effective_bandwidth_hz"] > 21_900


@pytest.mark.parametrize("source", [noise, pink])
@pytest.mark.parametrize("rate", [8_000, RATE, 96_000])
def test_none_is_claimed_for_noise_that_reaches_the_top(source, rate):
    found = measure(source(rate=rate), rate)
    assert math.isnan(found[CUTOFF])
    assert found[DEPTH] < 6
    assert found["effective_bandwidth_hz"] == pytest.approx(rate / 2, rel=0.02)


@pytest.mark.parametrize("hz", [1_000, 5_000, 12_000])
@pytest.mark.parametrize("order", [1, 2, 4, 8])
@pytest.mark.parametrize("source", [noise, pink])
def test_none_is_claimed_for_gentle_slopes(source, order, hz):
    """6, 12, 24 and 48 dB an octave: what instruments, microphones and equalisers do."""
    found = measure(source(slope=lambda f: 1 / np.sqrt(1 + (f / hz) ** (2 * order))))
    assert math.isnan(found[CUTOFF]), found


def test_none_is_claimed_for_few_partials():
    """A tone, and an organ of eight notes whose partials end at 5 kHz: gaps are no plateau."""
    t = np.arange(6 * RATE) / RATE
    for hz in (1_500, 2_000, 3_000, 9_000):
        found = measure(0.3 * np.sin(2 * np.pi * hz * t) * np.hanning(t.size))
        assert math.isnan(found[CUTOFF]), hz
        # The skirt of the window is 80 dB down after four steps of 43 Hz.
        assert found["effective_bandwidth_hz"] == pytest.approx(hz, abs=4 * 43)
    notes = [220 * 2 ** (step / 12) for step in (0, 3, 7, 12, 15, 19, 22, 24)]
    organ = sum(
        np.sin(2 * np.pi * k * hz * t) / k for hz in notes for k in range(1, 30) if k * hz < 5_000
    )
    assert math.isnan(measure(0.03 * organ)[CUTOFF])


@pytest.mark.parametrize(("source_hz", "rate"), [(22_050, 44_100), (32_000, 48_000),
                                                 (44_100, 96_000), (48_000, 192_000)])  # fmt: skip
def test_an_upsampled_source_ends_at_half_its_own_rate(source_hz, rate):
    found = measure(soxr.resample(noise(6, rate=source_hz), source_hz, rate), rate)
    assert found[CUTOFF] == pytest.approx(source_hz / 2, rel=0.06)
    assert found["effective_bandwidth_hz"] == pytest.approx(source_hz / 2, rel=0.06)


def test_sound_above_the_compact_disc_is_seen():
    found = measure(low_passed(noise(rate=96_000)[None], 30_000, rate=96_000), 96_000)
    assert found[CUTOFF] == pytest.approx(30_000, abs=100)


@pytest.mark.parametrize("fault", [mt.datasets.Fault("bandwidth_cutoff", 16_000.0, "hz"),
                                   mt.datasets.Fault("upsampled_source", 22_050.0, "hz")],
                         ids=lambda fault: fault.kind)  # fmt: skip
@pytest.mark.parametrize("style", ["ballad", "folk", "drum and bass"])
def test_faults_of_the_studio_are_found(style, fault):
    song = mt.datasets.simulate_recording(style=style, duration_s=8, faults=[fault], rng=6)
    expected = 16_000 if fault.kind == "bandwidth_cutoff" else 22_050 / 2
    assert measure(song.recording)[CUTOFF] == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(("kbps", "expected"), [(128, 16_500), (192, 18_600), (320, 20_100)])
def test_the_low_pass_of_an_mp3_encoder_is_found(song, ffmpeg, tmp_path, kbps, expected):
    """LAME states 17, 19 and 20.5 kHz for the stop, half a kilohertz above the corner."""
    wav, mp3 = tmp_path / "song.wav", tmp_path / "song.mp3"
    sf.write(wav, song.samples.T, RATE)
    command = [ffmpeg, "-v", "error", "-i", wav, "-c:a", "libmp3lame", "-b:a", f"{kbps}k", mp3]
    subprocess.run(command, check=True)
    found = measure(mt.audio.read(mp3))
    assert found[CUTOFF] == pytest.approx(expected, abs=300)
    assert found[DEPTH] > 40


def test_a_click_and_a_quiet_intro_hide_no_cliff():
    samples = low_passed(noise(20)[None], 16_000)
    samples[:, : 6 * RATE] *= 1e-3
    samples[:, 10 * RATE] = 1.0
    assert measure(samples)[CUTOFF] == pytest.approx(16_000, abs=100)


def test_a_notch_is_no_cliff():
    stop = signal.firwin(801, [9_000, 13_000], fs=RATE)
    found = measure(signal.oaconvolve(noise(), stop, mode="same"))
    assert math.isnan(found[CUTOFF])


def test_energy_above_16_khz():
    found = measure(noise(20))
    expected = 10 * math.log10(1 - 16_000 / (RATE / 2))
    assert found["energy_above_16khz_db"] == pytest.approx(expected, abs=0.1)
    assert math.isnan(measure(noise(rate=32_000), 32_000)["energy_above_16khz_db"])


@pytest.mark.parametrize("gain_db", [-40, 12])
def test_gain_changes_nothing(gain_db):
    samples = low_passed(pink()[None], 15_000)
    there, back = measure(samples), measure(samples * 10 ** (gain_db / 20))
    for name, value in there.items():
        assert back[name] == pytest.approx(value, rel=1e-4), name


STRANGE = {
    "silence": np.zeros((2, RATE)),
    "dc": np.full((1, RATE), 0.5),
    "a click": np.eye(2, RATE, RATE // 2),
    "0.2 s": np.sin(np.arange(RATE // 5) / 9)[None],
    "one sample": np.array([[0.5]]),
    "5.1": np.random.default_rng(1).normal(0, 0.1, (6, RATE)),
    "barely anything": 1e-7 * noise(1)[None],
    "denormal": np.full((2, RATE), 1e-40),
}


@pytest.mark.parametrize("rate", [1_000, 8_000, 44_100, 192_000])
@pytest.mark.parametrize("kind", STRANGE)
def test_strange_recordings_give_numbers_in_range_or_nan(kind, rate):
    found = measure(STRANGE[kind], rate)
    assert list(found) == list(DESCRIPTORS)
    for name, value in found.items():
        row = DESCRIPTORS[name]
        assert row.minimum <= value <= row.maximum or math.isnan(value), (name, value)
        assert not math.isnan(value) or "NaN" in row.meaning


def test_real_recordings(shared):
    """Loops that were never lossy have no cliff; codecs and resamplers left theirs."""
    folder = shared / "data" / "audio"
    for name in ("breakbeat", "mika", "industrial", "electric"):
        found = measure(mt.audio.read(folder / "sonicpi_loops" / f"loop_{name}.flac"))
        assert math.isnan(found[CUTOFF]), name
    # Read from a plot of the long-term spectrum.
    for name, hz in (("xmoto/speeditup", 15_750), ("frozen_bubble/introzik", 15_450)):
        found = measure(mt.audio.read(folder / f"deb_{name}.ogg"))
        assert found[CUTOFF] == pytest.approx(hz, abs=300), name
    # Speech at 16 kHz, stored at 22.05 kHz.
    speech = measure(mt.audio.read(folder / "librosa_examples" / "5703-47212-0000.ogg"))
    assert speech[CUTOFF] == pytest.approx(7_600, abs=200)
