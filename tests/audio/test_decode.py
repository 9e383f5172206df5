"""`mt.audio.read`: every format comes in right, and every bad file leaves with a clear error."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musictools import errors
from musictools.audio import _sink
from musictools.audio._decode import AUDIO_SUFFIXES, read
from tests.audio.bad_files import (
    EXPECTED,
    RATE_HZ,
    encode,
    id3_tag,
    make_bad_files,
    picture,
    tone,
    wav_header,
)

HERE = Path(__file__).resolve()
SHARED = Path(os.environ.get("MUSICTOOLS_SHARED", HERE.parents[3] / "shared"))
#: One tone per loudspeaker of 5.1, in WAV's order; the fourth suits an LFE.
SURROUND_HZ = (300, 500, 700, 60, 900, 1100)

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg program")


def needs_av():
    pytest.importorskip("av", reason="needs the extra av")


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, timeout=60)


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def dominant_hz(samples: np.ndarray, rate_hz: int) -> list[int]:
    """The strongest frequency of each channel in its second second, in whole Hz."""
    return [int(i) for i in np.abs(np.fft.rfft(samples[:, rate_hz : 2 * rate_hz])).argmax(axis=1)]


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    return make_bad_files(tmp_path_factory.mktemp("bad"))


# --- what must come in right ---------------------------------------------------------------------

PCM_STEP = {
    "PCM_U8": 2**-7,
    "PCM_S8": 2**-7,
    "PCM_16": 2**-15,
    "PCM_24": 2**-23,
    "PCM_32": 2**-24,  # float32 keeps 24 bits
    "FLOAT": 2**-24,
    "DOUBLE": 2**-24,
}
PCM_FORMS = [
    *(("WAV", subtype) for subtype in PCM_STEP if subtype != "PCM_S8"),
    *(("WAVEX", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT")),
    *(("RF64", subtype) for subtype in ("PCM_16", "PCM_24")),
    *(("W64", subtype) for subtype in ("PCM_16", "PCM_24")),
    *(("AIFF", subtype) for subtype in ("PCM_S8", "PCM_16", "PCM_24", "FLOAT")),
    *(("CAF", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT")),
    *(("AU", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT")),
    *(("FLAC", subtype) for subtype in ("PCM_16", "PCM_24")),
]


@pytest.mark.parametrize(("container", "subtype"), PCM_FORMS)
@pytest.mark.parametrize("channels", [1, 2])
def test_lossless_forms_give_back_their_samples(tmp_path, container, subtype, channels):
    samples = tone(0.5, channels=channels)
    # A name that says nothing: the content decides.
    path = put(tmp_path, "song.bin", encode(samples, format=container, subtype=subtype))
    recording = read(path)
    assert recording.samples.shape == (channels, len(samples))
    assert recording.samples.dtype == np.float32
    assert recording.samples.flags.c_contiguous
    assert not recording.samples.flags.writeable
    assert recording.sample_rate == RATE_HZ
    assert recording.path == path
    assert np.abs(recording.samples.T - samples).max() <= 1.01 * PCM_STEP[subtype]


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 192_000])
def test_native_rate_is_kept(tmp_path, rate_hz):
    path = put(tmp_path, "a.wav", encode(tone(0.2, rate_hz=rate_hz), rate_hz, format="WAV"))
    recording = read(path)
    assert recording.sample_rate == rate_hz
    assert recording.duration_s == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("container", "subtype", "rate_hz"),
    [("OGG", "VORBIS", 44_100), ("OGG", "OPUS", 48_000), ("MP3", "MPEG_LAYER_III", 44_100)],
)
def test_lossy_forms_keep_what_exceeds_full_scale(tmp_path, container, subtype, rate_hz):
    t = np.arange(2 * rate_hz) / rate_hz
    loud = np.sin(2 * np.pi * 440 * t)[:, np.newaxis] * [1.5, 1.2]
    path = put(tmp_path, "loud.bin", encode(loud, rate_hz, format=container, subtype=subtype))
    middle = np.abs(read(path).samples[:, rate_hz // 2 : -rate_hz // 2]).max(axis=1)
    assert middle == pytest.approx([1.5, 1.2], rel=0.05)


def test_blocks_join_without_a_seam(tmp_path):
    path = put(tmp_path, "a.mp3", encode(tone(4.0), format="MP3"))
    whole, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert np.array_equal(read(path).samples.T, whole)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["s.ogg", "s.opus", "s.flac", "s.wav", "s.m4a", "s.ac3", "s.mka"])
def test_surround_stands_in_the_order_of_wav(tmp_path, name):
    if name.endswith((".m4a", ".ac3", ".mka")):
        needs_av()
    tones = "|".join(f"0.4*sin(2*PI*{hz}*t)" for hz in SURROUND_HZ)
    path = tmp_path / name
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={tones}:c=5.1:s=48000:d=3", str(path))
    recording = read(path)
    assert recording.layout == ("L", "R", "C", "LFE", "Ls", "Rs")
    assert dominant_hz(recording.samples, 48_000) == list(SURROUND_HZ)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("channels", [3, 4, 5, 6])
def test_ogg_surround_order_of_every_size(tmp_path, subtype, channels):
    wav_hz = [100 * (i + 2) for i in range(channels)]
    if channels == 6:
        wav_hz[3] = 60  # Opus low-passes the LFE
    # Vorbis I, 4.3.9: the centre stands second, and the LFE last.
    stored = {3: [0, 2, 1], 4: [0, 1, 2, 3], 5: [0, 2, 1, 3, 4], 6: [0, 2, 1, 4, 5, 3]}[channels]
    t = np.arange(3 * 48_000) / 48_000
    samples = np.stack([0.3 * np.sin(2 * np.pi * wav_hz[i] * t) for i in stored], axis=1)
    path = put(tmp_path, "a.ogg", encode(samples, 48_000, format="OGG", subtype=subtype))
    assert dominant_hz(read(path).samples, 48_000) == wav_hz


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.m4a", ["-c:a", "alac", "-sample_fmt", "s16p"]),
        ("b.m4a", ["-c:a", "alac", "-sample_fmt", "s32p"]),
        ("c.mka", ["-c:a", "pcm_u8"]),
        ("d.mka", ["-c:a", "pcm_s16le"]),
        ("e.mka", ["-c:a", "pcm_s24le"]),
        ("f.mka", ["-c:a", "pcm_s32le"]),
        ("g.mka", ["-c:a", "pcm_f32le"]),
        ("h.mka", ["-c:a", "pcm_f64le"]),
        ("i.wv", []),
        ("j.tta", []),
    ],
)
def test_ffmpeg_sample_formats_are_scaled_right(tmp_path, name, codec):
    needs_av()
    samples = tone(1.0)
    source = put(tmp_path, "source.wav", encode(samples, format="WAV", subtype="FLOAT"))
    ffmpeg("-i", str(source), *codec, str(tmp_path / name))
    recording = read(tmp_path / name)
    assert recording.samples.shape == (2, len(samples))
    step = 2**-7 if "pcm_u8" in codec else 2**-15
    assert np.abs(recording.samples.T - samples).max() <= 1.01 * step


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.webm", "a.wma", "a.aac", "a.mp4"])
def test_ffmpeg_formats_keep_overs_and_length(tmp_path, name):
    needs_av()
    loud = 5 * tone(3.0)
    source = put(tmp_path, "source.wav", encode(loud, format="WAV", subtype="FLOAT"))
    video = ["-f", "lavfi", "-i", "testsrc=d=1:s=64x64"] if name == "a.mp4" else []
    ffmpeg("-i", str(source), *video, str(tmp_path / name))
    recording = read(tmp_path / name)
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / name), "-f", "f32le", "-"]
    piped = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    other = np.frombuffer(piped, np.float32).reshape(-1, 2).T
    n = min(recording.samples.shape[1], other.shape[1])
    assert np.abs(recording.samples[:, :n] - other[:, :n]).max() < 1e-4
    assert np.abs(recording.samples).max() > 1.1
    slack_s = {"a.m4a": 0.0001, "a.mp4": 0.0001, "a.webm": 0.001}.get(name, 0.06)
    assert recording.duration_s == pytest.approx(3.0, abs=slack_s)


@needs_ffmpeg
def test_content_decides_and_not_the_name(tmp_path):
    needs_av()
    source = put(tmp_path, "source.wav", encode(tone(1.0), format="WAV"))
    ffmpeg("-i", str(source), str(tmp_path / "a.m4a"))
    disguised = shutil.move(tmp_path / "a.m4a", tmp_path / "a.mp3")
    assert read(disguised).channels == 2
    assert read(shutil.copy(source, tmp_path / "b.raw")).channels == 2


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "wmav2"), ("b.wav", "ac3"), ("c.caf", "alac")]
)
def test_codec_that_libsndfile_refuses_goes_to_ffmpeg(tmp_path, name, codec):
    needs_av()
    samples = tone(4.0)
    source = put(tmp_path, "source.bin", encode(samples, format="WAV"))
    ffmpeg("-i", str(source), "-c:a", codec, str(tmp_path / name))
    recording = read(tmp_path / name)
    assert recording.duration_s == pytest.approx(4.0, abs=0.1)
    # Silence or noise in a wrong place would change the energy.
    quarters = [q.std() for q in np.array_split(recording.samples[0], 4)]
    assert quarters == pytest.approx([samples[:, 0].std()] * 4, rel=0.05)


@pytest.mark.parametrize("artwork_bytes", [1_000, 3_000_000])
@pytest.mark.parametrize("container", ["MP3", "FLAC"])
def test_tags_around_the_music_change_nothing(tmp_path, capfd, artwork_bytes, container):
    plain = encode(tone(1.0), format=container)
    ape = b"APETAGEX" + (2000).to_bytes(4, "little") + bytes(20) + b"y" * 5_000
    tail = ape + b"TAG" + b"x" * 125 if container == "MP3" else b""
    tagged = put(tmp_path, "a.bin", id3_tag(artwork_bytes) + plain + tail)
    bare = put(tmp_path, "b.bin", plain)
    assert np.array_equal(read(tagged).samples, read(bare).samples)
    assert capfd.readouterr().err == ""


def test_names_of_every_alphabet_and_length(tmp_path):
    content = encode(tone(0.1), format="WAV")
    for name in ("Björk, Jóga 🎵.wav", "音楽.wav", "x" * 251 + ".wav", " .wav", "a'b\"c.wav"):
        assert read(put(tmp_path, name, content)).channels == 2
    assert read(str(put(tmp_path, "plain.wav", content))).channels == 2
    if sys.platform == "linux":
        undecodable = os.fsdecode(b"\xff\xfe.wav")
        assert read(put(tmp_path, undecodable, content)).channels == 2


def test_streamed_files_promise_nothing_and_read_whole(tmp_path):
    samples = tone(1.0)
    size = 2 * 2 * len(samples)
    body = encode(samples, format="WAV", subtype="PCM_16")[-size:]
    for declared in (0, 0x7FFFF000, 0xFFFFFFFF, 0xFFFFFFFF - 36):
        header = wav_header(declared, channels=2, rate_hz=RATE_HZ, bits=16)
        path = put(tmp_path, "stream.wav", header + body)
        assert read(path).samples.shape[1] == len(samples), declared


@needs_ffmpeg
@pytest.mark.parametrize("container", ["wav", "flac", "au", "caf", "aiff", "w64", "mp3", "ogg"])
def test_files_from_a_pipe_read_whole(tmp_path, container):
    source = put(tmp_path, "source.wav", encode(tone(2.0), format="WAV"))
    command = ["ffmpeg", "-v", "error", "-i", str(source), "-f", container, "-"]
    piped = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    length = read(put(tmp_path, "piped.bin", piped)).samples.shape[1]
    assert abs(length - 2 * RATE_HZ) <= (3 * 1152 if container == "mp3" else 0)


@pytest.mark.slow
def test_development_recordings_raise_no_alarm():
    folders = [SHARED / "data" / "audio", SHARED / "data" / "features" / "fma" / "clips"]
    files = [f for d in folders for f in sorted(d.rglob("*")) if f.suffix in AUDIO_SUFFIXES]
    if not files:
        pytest.skip("needs the development recordings, which MUSICTOOLS_SHARED points to")
    failed = {}
    for file in files:
        try:
            read(file)
        except errors.MusictoolsError as error:
            failed[file.name] = str(error)
    assert failed == {}


# --- what must leave with a clear error ----------------------------------------------------------


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_bad_file_raises_its_error(bad, name, capfd):
    if name not in bad:
        pytest.skip(f"this system, or this user, cannot make {name}")
    started = time.perf_counter()
    with pytest.raises(errors.MusictoolsError) as caught:
        read(bad[name])
    assert type(caught.value).__name__ == EXPECTED[name]
    assert time.perf_counter() - started < 0.5
    assert caught.value.hint
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", sorted(n for n in EXPECTED if EXPECTED[n].startswith("Trunc")))
def test_truncated_file_gives_what_is_there_when_asked(bad, name, capfd):
    with pytest.raises(errors.TruncatedAudioError, match="allow_truncated=True") as caught:
        read(bad[name])
    part = read(bad[name], allow_truncated=True)
    assert caught.value.got.startswith(f"{part.duration_s:.2f} s decoded")
    assert 0.5 < part.duration_s < 2.0
    assert np.isfinite(part.samples).all()
    if name.startswith("truncated") and not name.endswith(("ogg", "opus")):
        assert "promised 3.00 s" in caught.value.expected
    # mpg123 used to complain on stderr about a size that does not fit.
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("path", [b"song.wav", 7, None, "", "a\0b.wav", ["song.wav"]])
def test_no_path_is_refused(path):
    with pytest.raises(errors.InputError):
        read(path)


def test_near_name_is_named(tmp_path):
    put(tmp_path, "Halo (Master).wav", encode(tone(0.1), format="WAV"))
    with pytest.raises(errors.AudioNotFoundError, match=r"Halo \(Master\)\.wav'\?"):
        read(tmp_path / "halo (mastr).WAV")
    with pytest.raises(errors.AudioNotFoundError):
        read(tmp_path / ("y" * 5_000 + ".wav"))
    with pytest.raises(errors.AudioNotFoundError):
        read(tmp_path / "Halo (Master).wav" / "inside.wav")
    with pytest.raises(FileNotFoundError):
        read("nowhere/at/all.wav")


def test_folder_names_extract_as_the_remedy(tmp_path):
    with pytest.raises(errors.InputError, match="extract"):
        read(tmp_path)


@needs_ffmpeg
def test_without_pyav_the_extra_is_named_for_real_audio_only(tmp_path, monkeypatch):
    source = put(tmp_path, "source.wav", encode(tone(1.0), format="WAV"))
    ffmpeg("-i", str(source), str(tmp_path / "a.m4a"))
    shutil.move(tmp_path / "a.m4a", tmp_path / "a.mp3")
    text = put(tmp_path, "MAC addresses.mp3", b"MAC addresses of the studio\n" * 99)
    image = put(tmp_path, "picture.m4a", picture())
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install .*\[av\]"):
        read(tmp_path / "a.mp3")
    for path in (text, image):
        with pytest.raises(errors.UnsupportedAudioError):
            read(path)


@needs_ffmpeg
def test_video_without_sound_says_so(tmp_path):
    needs_av()
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x64", str(tmp_path / "a.mp4"))
    with pytest.raises(errors.UnsupportedAudioError, match="video and no audio"):
        read(tmp_path / "a.mp4")


@needs_ffmpeg
@pytest.mark.parametrize("name", ["fast.m4a", "slow.m4a", "a.webm", "a.wma", "a.wv", "a.tta"])
def test_cut_ffmpeg_formats_are_noticed(tmp_path, name):
    needs_av()
    source = put(tmp_path, "source.wav", encode(tone(6.0), format="WAV"))
    flags = ["-movflags", "+faststart"] if name == "fast.m4a" else []
    ffmpeg("-i", str(source), *flags, str(tmp_path / name))
    whole = (tmp_path / name).read_bytes()
    path = put(tmp_path, "cut.bin", whole[: len(whole) * 6 // 10])
    with pytest.raises((errors.TruncatedAudioError, errors.UnsupportedAudioError)) as caught:
        read(path)
    # Only an M4A keeps its index at the end, and has nothing without it.
    lost = isinstance(caught.value, errors.UnsupportedAudioError)
    assert lost == (name == "slow.m4a")
    if not lost:
        assert 2.0 < read(path, allow_truncated=True).duration_s < 4.5


def test_limit_on_values_counts_channels(tmp_path, monkeypatch):
    path = put(tmp_path, "a.flac", encode(tone(1.0), format="FLAC"))
    monkeypatch.setattr(_sink, "MAX_VALUES", 2 * RATE_HZ)
    assert read(path).channels == 2
    monkeypatch.setattr(_sink, "MAX_VALUES", 2 * RATE_HZ - 1)
    with pytest.raises(errors.AudioTooLongError):
        read(path)


@needs_ffmpeg
def test_limit_holds_while_decoding_where_no_header_tells(tmp_path, monkeypatch):
    needs_av()
    source = put(tmp_path, "source.wav", encode(tone(20.0), format="WAV"))
    ffmpeg("-i", str(source), str(tmp_path / "a.aac"))
    assert read(tmp_path / "a.aac").duration_s > 19
    monkeypatch.setattr(_sink, "MAX_DURATION_S", 15)
    with pytest.raises(errors.AudioTooLongError):
        read(tmp_path / "a.aac")


def test_many_threads_read_at_once(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    path = put(tmp_path, "a.flac", encode(tone(1.0), format="FLAC"))
    expected = read(path).samples
    with ThreadPoolExecutor(8) as pool:
        for recording in pool.map(read, [path] * 32):
            assert np.array_equal(recording.samples, expected)
