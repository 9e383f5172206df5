"""What headers promise, against files whose true length is known."""

import io

import numpy as np
import pytest

from musictools.audio._mpeg import find_frames, parse_frame, read_note, walk
from musictools.audio._promise import BYTE_SLACK, MPEG_SLACK, Promise, read_promise
from musictools.audio._sniff import Kind, sniff
from musictools.audio._window import Window
from tests.audio.bad_files import RATE_HZ, encode, id3_tag, tone, wav_header

SECONDS = 3.0


def promise_of(content: bytes) -> Promise:
    handle = io.BytesIO(content)
    kind = sniff(handle)
    assert isinstance(kind, Kind), kind
    return read_promise(handle, kind)


def noteless_mp3() -> bytes:
    """An MP3 without the frame that notes its length."""
    content = encode(tone(SECONDS), format="MP3", subtype="MPEG_LAYER_III")
    start = find_frames(io.BytesIO(content), 0)
    return content[start + parse_frame(content[start : start + 4]).size :]


BYTE_FORMS = [("WAV", "PCM_16"), ("RF64", "PCM_24"), ("W64", "PCM_16"), ("AIFF", "PCM_24")]
BYTE_FORMS += [("CAF", "FLOAT"), ("AU", "PCM_16"), ("WAV", "MS_ADPCM"), ("WAVEX", "FLOAT")]


@pytest.mark.parametrize(("container", "subtype"), BYTE_FORMS)
def test_declared_bytes_agree_with_the_file(container, subtype):
    content = encode(tone(SECONDS), format=container, subtype=subtype)
    promise = promise_of(content)
    assert promise.declared_bytes == promise.present_bytes
    assert not promise.broken(1)
    cut = promise_of(content[: -BYTE_SLACK - 1])
    assert cut.broken(1)
    assert promise_of(content[:-BYTE_SLACK]).broken(1) is False
    frames = round(SECONDS * RATE_HZ)
    share = cut.present_bytes / cut.declared_bytes
    assert cut.expected(round(frames * share)) == pytest.approx(frames, abs=1)


def test_chunks_around_the_sound_change_nothing():
    content = encode(tone(SECONDS), format="WAV", subtype="PCM_16")
    extra = b"LIST" + (5).to_bytes(4, "little") + b"words\0"
    around = content[:12] + extra + content[12:] + extra
    promise = promise_of(around)
    assert promise.declared_bytes == promise_of(content).declared_bytes
    assert not promise.broken(1)


def test_empty_wav_is_not_taken_for_a_stopped_recording():
    empty = wav_header(0)
    extra = b"LIST" + (4).to_bytes(4, "little") + b"INFO"
    assert promise_of(empty) == promise_of(empty + extra) == Promise()
    stopped = promise_of(empty + bytes(1000))
    assert stopped == Promise(patch=(40, (1000).to_bytes(4, "little")))


@pytest.mark.parametrize("declared", [0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF - 44])
def test_sizes_left_open_promise_nothing(declared):
    promise = promise_of(wav_header(declared) + bytes(1000))
    assert promise == Promise()


def test_flac_states_its_samples_or_nothing():
    content = bytearray(encode(tone(SECONDS), format="FLAC", subtype="PCM_16"))
    frames = round(SECONDS * RATE_HZ)
    assert promise_of(bytes(content)).frames == frames
    assert promise_of(id3_tag(2_000) + bytes(content)).frames == frames
    assert promise_of(bytes(content)).broken(frames - 1)
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    assert promise_of(bytes(content)) == Promise()


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_ogg_is_whole_only_with_its_last_page(subtype):
    content = encode(tone(SECONDS, rate_hz=48_000), 48_000, format="OGG", subtype=subtype)
    assert promise_of(content).cut is None
    assert promise_of(content + b"TAG" + bytes(125)).cut is None
    assert promise_of(content[:-1]).cut == "a last page that breaks off"
    last = content.rfind(b"OggS")
    assert promise_of(content[:last]).cut == "no end-of-stream mark"
    assert promise_of(content[: last + 20]).cut == "a last page that breaks off"
    assert promise_of(content[:last] + bytes(200_000)).cut == "no Ogg page at the end"


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_mp3_note_states_the_samples(rate_hz, channels):
    samples = tone(SECONDS, channels=channels, rate_hz=rate_hz)
    content = encode(samples, rate_hz, format="MP3", subtype="MPEG_LAYER_III")
    for tag in (b"", id3_tag(100_000)):
        promise = promise_of(tag + content)
        # The encoder notes delay and padding as well, so nothing is left open.
        assert promise.frames == len(samples)
        assert promise.patch is None
        assert not promise.broken(len(samples) - MPEG_SLACK)
        assert promise.broken(len(samples) - MPEG_SLACK - 1)


def test_cut_mp3_brings_the_patch_that_quiets_the_decoder():
    content = encode(tone(SECONDS), format="MP3", subtype="MPEG_LAYER_III")
    cut = content[: len(content) // 2]
    place, new = promise_of(cut).patch
    handle = io.BytesIO(cut)
    before = read_note(handle, find_frames(handle, 0))
    assert before.size == len(content)
    assert int.from_bytes(new, "big") == len(cut)
    assert cut[place : place + 4] == len(content).to_bytes(4, "big")


def test_mp3_without_a_note_is_walked_through():
    content = noteless_mp3()
    promise = promise_of(content)
    assert promise.cut is None
    assert promise.frames % 1152 == 0
    assert promise.frames == pytest.approx(SECONDS * RATE_HZ, abs=MPEG_SLACK)
    assert promise_of(content[:-50]).cut == "a last frame that lacks 50 bytes"
    assert promise_of(content + b"TAG" + bytes(125)) == promise
    # Where the steps lose the stream, nothing is promised.
    lost = content[:5_000] + b"not a frame" + content[5_000:]
    assert promise_of(lost) == Promise()


def test_walk_stops_at_the_limit():
    content = noteless_mp3()
    steps = walk(io.BytesIO(content), 0, max_s=1.0)
    assert steps.samples > RATE_HZ
    assert steps.samples == pytest.approx(SECONDS * RATE_HZ, rel=0.05)


def test_random_bytes_are_no_mp3():
    rng = np.random.default_rng(2)
    for _ in range(40):
        assert find_frames(io.BytesIO(rng.bytes(50_000)), 0) is None
    assert find_frames(io.BytesIO(b"\xff" * 50_000), 0) is None


@pytest.mark.parametrize(
    ("head", "size", "samples", "rate_hz"),
    [
        # ISO/IEC 11172-3: 144 x 128,000 / 44,100 = 417.96 -> 417 bytes, and one of padding.
        ("fffb9000", 417, 1152, 44_100),
        ("fffb9200", 418, 1152, 44_100),
        ("fffbe400", 960, 1152, 48_000),  # 320 kbit/s at 48 kHz
        ("fff38000", 208, 576, 22_050),  # MPEG-2 layer III, 64 kbit/s
        ("fffda000", 626, 1152, 44_100),  # layer II, 192 kbit/s
    ],
)
def test_frame_header_against_the_standard(head, size, samples, rate_hz):
    frame = parse_frame(bytes.fromhex(head))
    assert (frame.size, frame.samples, frame.rate_hz) == (size, samples, rate_hz)


@pytest.mark.parametrize("head", ["fffb0000", "fffbf000", "fffb9c00", "ffeb9000", "fff99000", "ff"])
def test_what_is_no_frame_header(head):
    assert parse_frame(bytes.fromhex(head)) is None


@pytest.mark.parametrize("step", [1, 3, 7, 100])
def test_window_shows_the_patched_part(step):
    content = bytes(range(100))
    window = Window(io.BytesIO(content), 10, (40, b"\xff\xfe\xfd\xfc"))
    seen = b""
    while piece := window.read(step):
        seen += piece
    assert seen == content[10:40] + b"\xff\xfe\xfd\xfc" + content[44:]
    assert window.seek(-10, 2) == 80
    assert window.read(3) == content[90:93]
    # A damaged header may ask for the impossible; nothing happens, and nothing is raised.
    assert window.seek(-1_000, 0) == window.tell() == 83
