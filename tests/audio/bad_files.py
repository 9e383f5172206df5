"""One file of each kind of bad, made by code. `make_bad_files(folder)` writes them all."""

import io
import os
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 44_100
#: What `mt.audio.read` raises for each, by class name. A few need a system that has the thing.
EXPECTED = {
    "missing.wav": "AudioNotFoundError",
    "dangling.wav": "AudioNotFoundError",
    "folder.wav": "InputError",
    "locked.wav": "AudioError",
    "pipe.wav": "UnsupportedAudioError",
    "zero_bytes.wav": "EmptyAudioError",
    "no_samples.wav": "EmptyAudioError",
    "no_samples.aiff": "EmptyAudioError",
    "text.mp3": "UnsupportedAudioError",
    "text.wav": "UnsupportedAudioError",
    "picture.mp3": "UnsupportedAudioError",
    "archive.flac": "UnsupportedAudioError",
    "document.ogg": "UnsupportedAudioError",
    "noise.mp3": "UnsupportedAudioError",
    "nothing_but_zeros.m4a": "UnsupportedAudioError",
    "tag_only.mp3": "UnsupportedAudioError",
    "header_cut.wav": "UnsupportedAudioError",
    "eight_channels.wav": "UnsupportedAudioError",
    "truncated.wav": "TruncatedAudioError",
    "truncated.aiff": "TruncatedAudioError",
    "truncated.caf": "TruncatedAudioError",
    "truncated.flac": "TruncatedAudioError",
    "truncated.ogg": "TruncatedAudioError",
    "truncated.opus": "TruncatedAudioError",
    "truncated.mp3": "TruncatedAudioError",
    "damaged.flac": "TruncatedAudioError",
    "lying_11_hours.wav": "TruncatedAudioError",
    "eleven_hours.wav": "AudioTooLongError",
    "lying_11_hours.flac": "AudioTooLongError",
    "nan.wav": "InvalidSamplesError",
    "infinite.wav": "InvalidSamplesError",
}


def make_bad_files(folder: Path) -> dict[str, Path]:
    """Write every bad file into a folder and return them by name.

    What the system cannot make (links, named pipes, a file locked against its owner) is left out.
    """
    _not_audio(folder)
    _broken(folder)
    _bad_samples(folder)
    made = {path.name: path for path in folder.iterdir()}
    made["missing.wav"] = folder / "missing.wav"
    made |= _system_things(folder)
    return dict(sorted(made.items()))


def tone(seconds: float = 1.0, *, channels: int = 2, rate_hz: int = RATE_HZ) -> np.ndarray:
    """A quiet chord with a little noise, of shape (n, channels): a codec finds work in it."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6)) / 10
    noise = np.random.default_rng(7).normal(scale=0.01, size=(len(t), channels))
    return chord[:, np.newaxis] + noise


def encode(samples: np.ndarray, rate_hz: int = RATE_HZ, **form: str) -> bytes:
    """Encode samples of shape (n, channels) in memory."""
    target = io.BytesIO()
    channels = samples.shape[1]
    with soundfile.SoundFile(target, "w", rate_hz, channels, **form) as sound:
        # In one piece, long Vorbis overflows the stack inside libsndfile 1.2.2.
        for start in range(0, len(samples), 4096):
            sound.write(samples[start : start + 4096])
    return target.getvalue()


def wav_header(data_bytes: int, *, channels: int = 1, rate_hz: int = 8_000, bits: int = 8) -> bytes:
    """A plain WAV header that declares so many bytes of sound."""
    align = channels * bits // 8
    fmt = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * align, align, bits)
    size = min(36 + data_bytes, 0xFFFFFFFF)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", size, b"WAVE", b"fmt ", 16)
        + fmt
        + struct.pack("<4sI", b"data", data_bytes)
    )


def id3_tag(size: int) -> bytes:
    """An ID3v2.3 tag with one picture of so many bytes."""
    body = b"\0image/jpeg\0\x03\0" + np.random.default_rng(3).bytes(size)
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    n = len(frame)
    return b"ID3\x03\0\0" + bytes(n >> shift & 127 for shift in (21, 14, 7, 0)) + frame


def picture() -> bytes:
    """A small PNG."""
    rows = zlib.compress(np.random.default_rng(5).bytes(33 * 32))

    def chunk(name: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _not_audio(folder: Path) -> None:
    text = "These are the words of a song, and not its sound.\n" * 400
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("words.txt", text)
    contents = {
        "zero_bytes.wav": b"",
        "text.mp3": text.encode(),
        "text.wav": ("RIFF WAVE and other words: äöü\n" * 100).encode(),
        "picture.mp3": picture(),
        "archive.flac": archive.getvalue(),
        "document.ogg": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n" * 50,
        "noise.mp3": np.random.default_rng(11).bytes(200_000),
        "nothing_but_zeros.m4a": bytes(50_000),
        "tag_only.mp3": id3_tag(5_000),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def _broken(folder: Path) -> None:
    song = tone(3.0)
    forms = {
        "truncated.wav": {"format": "WAV", "subtype": "PCM_16"},
        "truncated.aiff": {"format": "AIFF", "subtype": "PCM_24"},
        "truncated.caf": {"format": "CAF", "subtype": "PCM_16"},
        "truncated.flac": {"format": "FLAC", "subtype": "PCM_16"},
        "truncated.ogg": {"format": "OGG", "subtype": "VORBIS"},
        "truncated.opus": {"format": "OGG", "subtype": "OPUS"},
        "truncated.mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
    }
    for name, form in forms.items():
        rate_hz = 48_000 if name.endswith("opus") else RATE_HZ
        whole = encode(song, rate_hz, **form)
        (folder / name).write_bytes(whole[: round(len(whole) * 0.6)])
    flac = bytearray(encode(song, format="FLAC", subtype="PCM_16"))
    middle = len(flac) // 2
    flac[middle : middle + 200] = bytes(200)
    (folder / "damaged.flac").write_bytes(flac)
    (folder / "header_cut.wav").write_bytes(wav_header(8_000)[:30])
    eleven_hours = 11 * 3600 * 8_000
    (folder / "lying_11_hours.wav").write_bytes(wav_header(eleven_hours) + bytes([128, 130] * 4000))
    (folder / "lying_11_hours.flac").write_bytes(_flac_of(11 * 3600 * RATE_HZ))
    # Sparse: on most file systems the hole takes no room.
    with (folder / "eleven_hours.wav").open("wb") as target:
        target.write(wav_header(eleven_hours))
        target.truncate(44 + eleven_hours)


def _flac_of(frames: int) -> bytes:
    """A short FLAC whose header claims so many samples."""
    flac = bytearray(encode(tone(0.5), format="FLAC", subtype="PCM_16"))
    packed = int.from_bytes(flac[18:26], "big") >> 36 << 36 | frames
    flac[18:26] = packed.to_bytes(8, "big")
    return bytes(flac)


def _bad_samples(folder: Path) -> None:
    samples = tone(1.0)
    (folder / "no_samples.wav").write_bytes(encode(samples[:0], format="WAV", subtype="PCM_16"))
    (folder / "no_samples.aiff").write_bytes(encode(samples[:0], format="AIFF", subtype="PCM_16"))
    wide = tone(0.2, channels=8)
    (folder / "eight_channels.wav").write_bytes(encode(wide, format="WAV", subtype="PCM_16"))
    for name, value in (("nan.wav", np.nan), ("infinite.wav", np.inf)):
        bad = samples.copy()
        bad[20_000, 1] = value
        (folder / name).write_bytes(encode(bad, format="WAV", subtype="FLOAT"))


def _system_things(folder: Path) -> dict[str, Path]:
    things = {name: folder / name for name in ("dangling.wav", "folder.wav", "pipe.wav")}
    things["folder.wav"].mkdir()
    if sys.platform == "win32":
        return {"folder.wav": things["folder.wav"]}
    things["dangling.wav"].symlink_to(folder / "gone.wav")
    os.mkfifo(things["pipe.wav"])
    if os.geteuid() != 0:  # nothing is locked against root
        things["locked.wav"] = folder / "locked.wav"
        things["locked.wav"].write_bytes(encode(tone(0.1), format="WAV", subtype="PCM_16"))
        things["locked.wav"].chmod(0)
    return things
