"""Where a recording comes from: cuts and resampled sources found, and nothing in clean songs."""

import math

import numpy as np
import pytest
import soundfile
import soxr
from scipy import signal

import musictools as mt
from musictools.audio._finding import look
from musictools.audio._origin import Origin
from musictools.audio._stream import hear
from musictools.datasets._synth._faults import Fault, apply_faults

RATE = 44_100
STYLES = ("pop", "jazz", "house")


def found(samples, rate=RATE, *, lossless=True):
    """Findings by kind, of a recording that is written so."""
    tracks = hear(np.asarray(samples, dtype=np.float32), Origin.tracks, sample_rate=rate)
    tracks.lossless = lossless
    findings = list(look(tracks, [Origin()]))
    assert all(0.5 <= f.confidence <= 1 for f in findings)
    assert all((f.start_s, f.end_s) == (0, tracks.duration_s) for f in findings)
    return {f.kind: f for f in findings}


def rounded(samples):
    """16 bits with triangular dither."""
    rng = np.random.default_rng(1)
    dither = rng.uniform(-0.5, 0.5, samples.shape) + rng.uniform(-0.5, 0.5, samples.shape)
    return np.round(np.clip(samples, -1, 1) * 32_767 + dither) / 32_768


def butterworth(samples, hz, order, rate=RATE):
    return signal.sosfilt(signal.butter(order, hz, fs=rate, output="sos"), samples, axis=1)


def by_soxr(samples, rate, source, quality="HQ"):
    low = soxr.resample(samples.T, rate, source, quality)
    return soxr.resample(low, source, rate, quality).T


def by_scipy(samples, rate, source):
    g = math.gcd(rate, source)
    low = signal.resample_poly(samples, source // g, rate // g, axis=1)
    return signal.resample_poly(low, rate // g, source // g, axis=1)


def by_line(samples, rate, source):
    low = soxr.resample(samples.T, rate, source).T
    t = np.arange(int(low.shape[1] * rate / source)) * source / rate
    return np.stack([np.interp(t, np.arange(low.shape[1]), row) for row in low])


def noise(seconds=10.0, rate=RATE, channels=2):
    return 0.1 * np.random.default_rng(0).standard_normal((channels, int(seconds * rate)))


@pytest.fixture(scope="module", params=STYLES)
def song(request):
    made = mt.datasets.simulate_recording(style=request.param, duration_s=12, rng=40)
    return made.recording.samples


def test_a_song_as_it_is_has_no_finding(song):
    assert found(song) == {}
    assert found(rounded(song)) == {}


@pytest.mark.parametrize("hz", [11_000, 13_000, 15_000, 16_000, 17_000])
def test_a_planted_cut_is_found(song, hz):
    planted, _ = apply_faults(
        song, RATE, [Fault("bandwidth_cutoff", float(hz), "hz")], rng=np.random.default_rng(0)
    )
    cut = found(rounded(planted))["bandwidth_cutoff"]
    assert cut.value == pytest.approx(hz, rel=0.01)
    assert cut.severity == ("warning" if hz < 16_500 else "info")
    assert f"{cut.value / 1000:.1f} kHz" in cut.meaning
    assert cut.confidence > 0.9
    # A file that may be lossy itself may have a cut.
    unknown = found(planted, lossless=None)["bandwidth_cutoff"]
    assert unknown.severity == "info"
    # Nor may floating point, of which the depth is unknown as well.
    assert "a lossless one should not" in unknown.meaning


@pytest.mark.parametrize("order", [6, 8, 12])
def test_a_gentle_low_pass_is_found(song, order):
    found_cut = found(rounded(butterworth(song, 16_000, order)))["bandwidth_cutoff"]
    assert found_cut.value == pytest.approx(16_300, abs=800)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_dull_song_is_not_a_cut_one(song, order):
    assert found(rounded(butterworth(song, 5_000, order))) == {}


@pytest.mark.parametrize("hz", [18_500, 20_000])
def test_what_good_codecs_and_converters_leave_out_is_harmless(song, hz):
    assert "bandwidth_cutoff" not in found(rounded(butterworth(song, hz, 20)))


@pytest.mark.parametrize("until_s", [5, 8])
def test_a_song_that_is_cut_in_part_is_no_cut_song(song, until_s):
    cut = butterworth(song, 12_000, 12)
    part = np.concatenate([cut[:, : until_s * RATE], song[:, until_s * RATE :]], axis=1)
    assert found(part) == {}


@pytest.mark.parametrize("source", [22_050, 24_000, 32_000])
@pytest.mark.parametrize("way", [by_soxr, by_scipy, by_line])
def test_an_upsampled_source_is_found(song, source, way):
    up = found(rounded(way(song, RATE, source)))["upsampled_source"]
    assert (up.value, up.severity) == (source, "warning")
    assert f"{source / 1000:g} kHz" in up.meaning


@pytest.mark.parametrize(("rate", "source"), [(96_000, 48_000), (96_000, 44_100), (88_200, 44_100)])
def test_a_false_high_rate_is_found(rate, source):
    true = noise(6, rate)
    assert found(true, rate) == {}
    findings = found(by_soxr(true, rate, source), rate)
    assert list(findings) == ["upsampled_source"]
    assert findings["upsampled_source"].value == source
    assert findings["upsampled_source"].confidence > 0.8


def test_a_codec_and_a_source_of_32_khz_are_not_sworn_to(song):
    up = found(rounded(by_soxr(song, RATE, 32_000)))["upsampled_source"]
    assert up.confidence < 0.8
    assert "lossy codec" in up.meaning
    assert found(by_soxr(song, RATE, 32_000), lossless=None)["upsampled_source"].severity == "info"
    # The encoder of a lossy file explains the edge, and no codec ends as low as the other.
    assert set(found(by_soxr(song, RATE, 32_000), lossless=False)) == {"bandwidth_cutoff"}
    assert "upsampled_source" in found(by_soxr(song, RATE, 22_050), lossless=False)


def test_low_rates_are_not_judged():
    rate = 22_050
    assert found(by_soxr(noise(rate=rate), rate, 16_000), rate) == {}


@pytest.mark.parametrize("rate", [8_000, 32_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 5])
def test_odd_recordings_have_no_finding(rate, channels):
    t = np.arange(rate) / rate
    for one in (
        np.zeros(rate),
        np.zeros(1),
        np.sin(2 * np.pi * 1_000 * t[: rate // 10]),
        np.sign(np.sin(2 * np.pi * 997 * t)),
        np.sign(np.sin(2 * np.pi * 1_000 * (t + 1e-6))),
        signal.chirp(t, 20, 1, rate / 2.1),
        (t == t[rate // 2]).astype(float),
    ):
        assert found(np.tile(one, (channels, 1)), rate) == {}


def test_blocks_do_not_matter(song):
    from musictools.audio._spectrum_edge import find_edge
    from musictools.audio._stereo import FrontFrames

    cut = butterworth(song, 15_000, 10).astype(np.float32)
    edges = []
    for size in (cut.shape[1], 10_007):
        track = FrontFrames(RATE, ("L", "R"))
        for start in range(0, cut.shape[1], size):
            track.update(cut[:, start : start + size])
        tracks = hear(cut[:, :RATE], Origin.tracks, sample_rate=RATE)
        tracks._gathered = {FrontFrames: track}
        edges.append(find_edge(tracks))
    assert edges[0] is not None
    assert edges[0].corner_hz == pytest.approx(edges[1].corner_hz, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "form", "severity", "words"),
    [
        ("a.wav", {"subtype": "FLOAT"}, "warning", "a lossless file should not have it"),
        ("a.wav", {"subtype": "PCM_16"}, "warning", "a lossless file should not have it"),
        ("a.flac", {}, "warning", "a lossless file should not have it"),
        ("a.ogg", {"subtype": "VORBIS"}, "info", "this file is lossy, so that its own encoder"),
        ("a.mp3", {}, "info", "this file is lossy, so that its own encoder"),
    ],
)
def test_a_lossy_file_may_end_early_and_a_lossless_one_may_not(
    tmp_path, song, name, form, severity, words
):
    with soundfile.SoundFile(tmp_path / name, "w", RATE, 2, **form) as file:
        planted = apply_faults(song, RATE, [Fault("bandwidth_cutoff", 12_000.0, "hz")], rng=1)[0]
        # In pieces: libsndfile 1.2.2 crashes at long ones.
        for start in range(0, planted.shape[1], 4096):
            file.write(planted[:, start : start + 4096].T)
    for source in (tmp_path / name, mt.audio.read(tmp_path / name)):
        tracks = hear(source, Origin.tracks)
        (cut,) = [f for f in look(tracks, [Origin()]) if f.kind == "bandwidth_cutoff"]
        assert cut.severity == severity
        assert words in cut.meaning
        assert ("higher bit rate" in cut.remedy) == (severity == "info")
    assert mt.audio.read(tmp_path / name).lossless is (severity == "warning")


def test_an_array_says_whether_it_is_lossless_by_its_bit_depth():
    assert mt.audio.from_samples(np.zeros(9), RATE).lossless is None
    assert mt.audio.from_samples(np.zeros(9), RATE, bit_depth=24).lossless is True
