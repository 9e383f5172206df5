"""A file that is streamed gives what it gives in memory, however long it is."""

import struct
import subprocess
import sys

import numpy as np
import pytest

import musictools as mt
from musictools import errors
from musictools.audio import _sink
from musictools.audio._stream import AudioFile, as_source
from tests.audio.bad_files import EXPECTED, RATE_HZ, encode, make_bad_files, tone, wav_header
from tests.audio.test_decode import ffmpeg, needs_av, needs_ffmpeg, put


class Ear:
    """A listener that keeps what it hears."""

    def __init__(self, rate_hz, layout):
        self.rate_hz, self.layout, self.blocks = rate_hz, layout, []

    def push(self, block):
        assert block.flags.c_contiguous
        assert block.flags.writeable
        self.blocks.append(block.copy())
        block[:] = np.nan  # nobody else may rely on it

    @property
    def samples(self):
        return np.concatenate(self.blocks, axis=1)


def hear(source):
    ears = []

    def begin(rate_hz, layout, _bit_depth):
        ears.append(Ear(rate_hz, layout))
        return ears[-1]

    source.play(begin)
    return ears[-1]


FORMS = [
    ("a.wav", {"format": "WAV", "subtype": "PCM_24"}),
    ("a.flac", {"format": "FLAC"}),
    ("a.ogg", {"format": "OGG", "subtype": "VORBIS"}),
    ("a.mp3", {"format": "MP3"}),
    ("a.aiff", {"format": "AIFF"}),
]


@pytest.mark.parametrize(("name", "form"), FORMS)
@pytest.mark.parametrize("seconds", [0.3, 4.0, 4.02, 7.3])
def test_streaming_hears_what_reading_reads(tmp_path, name, form, seconds):
    path = put(tmp_path, name, encode(tone(seconds), **form))
    recording = mt.audio.read(path)
    streamed, played = hear(AudioFile(path)), hear(recording)
    np.testing.assert_array_equal(streamed.samples, recording.samples)
    assert (streamed.rate_hz, streamed.layout) == (recording.sample_rate, recording.layout)
    # The same blocks, so that sums taken block by block are the same to the last bit.
    assert [b.shape for b in streamed.blocks] == [b.shape for b in played.blocks]


@needs_ffmpeg
@pytest.mark.parametrize("seconds", [1.0, 4.0, 4.04, 6.0])
def test_what_a_container_takes_back_is_not_heard(tmp_path, seconds):
    needs_av()
    source = put(tmp_path, "source.wav", encode(tone(seconds), format="WAV"))
    ffmpeg("-i", str(source), str(tmp_path / "a.m4a"))
    recording = mt.audio.read(tmp_path / "a.m4a")
    assert recording.duration_s == pytest.approx(seconds, abs=0.001)
    np.testing.assert_array_equal(hear(AudioFile(tmp_path / "a.m4a")).samples, recording.samples)


def test_describe_gives_the_same_for_a_file_and_for_its_samples(tmp_path):
    path = put(tmp_path, "a.flac", encode(tone(5.0), format="FLAC"))
    there, here = mt.audio.describe(path), mt.audio.describe(mt.audio.read(path))
    assert there.equals(here)


def test_what_is_too_long_to_read_can_be_described(tmp_path, monkeypatch):
    path = put(tmp_path, "a.flac", encode(tone(5.0), format="FLAC"))
    monkeypatch.setattr(_sink, "MAX_DURATION_S", 3)
    with pytest.raises(errors.AudioTooLongError, match="describe"):
        mt.audio.read(path)
    assert mt.audio.describe(path)["duration_s"] == 5.0


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"eleven_hours.wav"}))
def test_bad_files_fail_the_same_way_when_streamed(tmp_path, name):
    path = make_bad_files(tmp_path).get(name)
    if path is None or name == "locked.wav":
        pytest.skip(f"this system, or this user, cannot make {name}")
    wanted = "TruncatedAudioError" if name == "lying_11_hours.flac" else EXPECTED[name]
    with pytest.raises(errors.MusictoolsError) as caught:
        hear(as_source(path))
    assert type(caught.value).__name__ == wanted
    if wanted != "AudioTooLongError" and name != "lying_11_hours.flac":
        with pytest.raises(type(caught.value)) as read:
            mt.audio.read(path)
        assert str(read.value) == str(caught.value)


def test_a_bad_sample_far_into_a_file_is_placed_right(tmp_path):
    samples = tone(7.0)
    samples[5 * RATE_HZ, 1] = np.nan
    path = put(tmp_path, "a.wav", encode(samples, format="WAV", subtype="FLOAT"))
    with pytest.raises(errors.InvalidSamplesError, match=r"at 5\.000 s in channel 2"):
        hear(as_source(path))


def extensible(samples, mask):
    """A WAV of 16 bits with a channel mask."""
    channels = samples.shape[1]
    data = (samples * 32767).astype("<i2").tobytes()
    form = struct.pack(
        "<HHIIHH", 0xFFFE, channels, RATE_HZ, RATE_HZ * channels * 2, channels * 2, 16
    )
    form += struct.pack("<HHI", 22, 16, mask) + struct.pack("<H", 1)
    form += bytes.fromhex("000000001000800000aa00389b71")
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


LAYOUTS = [
    (0x003, ("L", "R")),
    (0x00B, ("L", "R", "LFE")),
    (0x107, ("L", "R", "C", "Cs")),
    (0x033, ("L", "R", "Ls", "Rs")),
    (0x603, ("L", "R", "Ls", "Rs")),
    (0x60F, ("L", "R", "C", "LFE", "Ls", "Rs")),
]


@pytest.mark.parametrize(("mask", "layout"), LAYOUTS)
def test_the_mask_of_a_wav_names_the_loudspeakers(tmp_path, mask, layout):
    path = put(tmp_path, "a.wav", extensible(tone(1.0, channels=len(layout)), mask))
    assert mt.audio.read(path).layout == layout
    assert hear(as_source(path)).layout == layout


@pytest.mark.parametrize("mask", [0, 0x3F, 1 << 13])
def test_a_mask_that_does_not_fit_is_passed_over(tmp_path, mask):
    path = put(tmp_path, "a.wav", extensible(tone(1.0, channels=3), mask))
    assert mt.audio.read(path).layout == ("L", "R", "C")


def test_the_layout_decides_what_counts():
    """2.1 is not 3.0: its third channel is left out of loudness."""
    samples = np.stack([0.1 * np.sin(np.arange(RATE_HZ * 2) / 9)] * 3)
    plain = mt.audio.from_samples(samples, RATE_HZ)
    low = mt.audio.from_samples(samples, RATE_HZ, layout=["L", "R", "LFE"])
    difference = mt.audio.loudness(plain).integrated_lufs - mt.audio.loudness(low).integrated_lufs
    assert difference == pytest.approx(10 * np.log10(3 / 2), abs=1e-6)


@pytest.mark.parametrize("layout", [["L"], ["L", "X"], "LR C"])
def test_a_layout_that_does_not_fit_is_refused(layout):
    with pytest.raises(errors.InputError, match="layout"):
        mt.audio.from_samples(np.zeros((2, 100)), RATE_HZ, layout=layout)


@needs_ffmpeg
def test_ffmpeg_names_the_loudspeakers_too(tmp_path):
    needs_av()
    path = put(tmp_path, "a.wav", extensible(tone(1.0, channels=3), 0x00B))
    ffmpeg("-i", str(path), str(tmp_path / "a.wv"))
    assert mt.audio.read(tmp_path / "a.wv").layout == ("L", "R", "LFE")


LONG = """
import pathlib, sys
import musictools as mt
row = mt.audio.describe(sys.argv[1])
peak = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(row["duration_s"], int(peak) / 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_hours_take_less_than_a_gibibyte(tmp_path):
    path = tmp_path / "long.wav"
    frames, rng = 7200 * 44_100, np.random.default_rng(1)
    minute = (rng.normal(0, 0.1, (44_100 * 60, 2)) * 32767).astype("<i2")
    minute[:, :] += (3000 * np.sin(np.arange(44_100 * 60) / 30)[:, None]).astype("<i2")
    with path.open("wb") as file:
        file.write(wav_header(frames * 4, channels=2, rate_hz=44_100, bits=16))
        for i in range(120):
            file.write(np.roll(minute, 4410 * i, axis=0).tobytes())
    done = subprocess.run(
        [sys.executable, "-c", LONG, str(path)], capture_output=True, text=True, check=True
    )
    seconds, mebibytes = map(float, done.stdout.split())
    assert seconds == 7200
    assert mebibytes < 1024


def test_samples_whose_squares_would_overflow_are_refused():
    samples = np.full(1_000, 0.5)
    samples[700] = -1e13
    with pytest.raises(errors.InvalidSamplesError, match=r"1 NaN, infinite or enormous"):
        mt.audio.describe(samples, sample_rate=1_000)
    samples[700] = 2.0**31
    assert mt.audio.describe(samples, sample_rate=1_000)["sample_peak_dbfs"] > 180
