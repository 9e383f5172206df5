"""What the header of a file promises, so that a cut copy does not pass for a short song."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Literal

from musictools.audio._mpeg import read_note, walk
from musictools.audio._recording import SPEAKERS
from musictools.audio._sniff import Kind

#: Encoders pad and decoders trim: up to three frames of difference mean nothing in an MP3.
MPEG_SLACK = 3 * 1152
#: Writers that count their own header as sound are off by up to this much.
BYTE_SLACK = 128
_MAX_CHUNKS = 10_000
_EXTENSIBLE = 0xFFFE
#: Frame headers of an MP3 are counted up to this length; beyond, the length is estimated.
_MOST_COUNTED_S = 48 * 3600
_OGG_TAIL_BYTES = 2 * 65_307  # the largest page, twice


@dataclass(frozen=True)
class Promise:
    """What a header says should be there. Every part is None where it says nothing.

    Attributes
    ----------
    frames : int or None
        Samples per channel of the whole recording.
    slack : int
        How many of them may be missing without meaning anything.
    declared_bytes, present_bytes : int or None
        Size of the sound data as declared, and as found in the file.
    cut : str or None
        A visible cut, in words.
    patch : tuple of (int, bytes) or None
        File position and bytes that make the header agree with the file, for decoders that
        complain or refuse when it does not.
    layout : tuple of str or None
        Loudspeaker of each channel.
    """

    frames: int | None = None
    slack: int = 0
    declared_bytes: int | None = None
    present_bytes: int | None = None
    cut: str | None = None
    patch: tuple[int, bytes] | None = None
    layout: tuple[str, ...] | None = None

    def broken(self, decoded: int) -> bool:
        """Whether so many decoded samples are fewer than was promised."""
        if self.cut is not None or self._lacks_bytes():
            return True
        return self.frames is not None and decoded < self.frames - self.slack

    def expected(self, decoded: int) -> int | None:
        """How many samples were promised, seen from how many came."""
        if self.frames is not None:
            return self.frames
        if self._lacks_bytes() and self.declared_bytes and self.present_bytes and decoded:
            return round(decoded * self.declared_bytes / self.present_bytes)
        return None

    def _lacks_bytes(self) -> bool:
        if self.declared_bytes is None or self.present_bytes is None:
            return False
        return self.declared_bytes - self.present_bytes > BYTE_SLACK


def read_promise(handle: IO[bytes], kind: Kind) -> Promise:
    """Read what the header of an open file promises; nothing, for a header that is no use."""
    reader = _READERS.get(kind.key)
    if reader is None:
        return Promise()
    handle.seek(0, 2)
    size = handle.tell()
    try:
        return reader(handle, kind.start, size)
    except (struct.error, IndexError, ValueError, OverflowError, OSError):
        # A header that breaks off, or points nowhere, is the decoder's to complain about.
        return Promise()


def _riff(handle: IO[bytes], start: int, size: int) -> Promise:
    handle.seek(start)
    order: Literal["big", "little"] = "big" if handle.read(4) == b"RIFX" else "little"
    wide: int | None = None
    layout: tuple[str, ...] | None = None
    for name, length, place in _chunks(handle, start + 12, order="<" if order == "little" else ">"):
        if name == b"ds64":
            handle.seek(place + 8)
            wide = int.from_bytes(handle.read(8), "little")
        elif name == b"fmt ":
            layout = _speakers(handle, place, order=order)
        elif name == b"data":
            declared = wide if wide is not None and length == 0xFFFFFFFF else length
            if declared == 0 and _sound_follows(handle, place, size):
                # A program that was stopped leaves 0 behind, which libsndfile believes.
                patch = (place - 4, min(size - place, 2**32 - 1).to_bytes(4, order))
                return Promise(patch=patch, layout=layout)
            return replace(_by_bytes(declared, size - place), layout=layout)
    return Promise()


def _speakers(
    handle: IO[bytes], place: int, *, order: Literal["big", "little"]
) -> tuple[str, ...] | None:
    """Loudspeakers by the channel mask of an extensible WAV; None where it says nothing."""
    handle.seek(place)
    chunk = handle.read(24)
    if len(chunk) < 24 or int.from_bytes(chunk[:2], order) != _EXTENSIBLE:
        return None
    channels, mask = int.from_bytes(chunk[2:4], order), int.from_bytes(chunk[20:24], order)
    named = [name for bit, name in enumerate(SPEAKERS.values()) if mask >> bit & 1]
    # Positions overhead or beyond, and masks for more or fewer channels, are no help. One channel
    # is mono, wherever it is meant to stand.
    known = mask >> len(SPEAKERS) == 0 and len(named) == channels > 1
    return tuple(named) if known else None


def _sound_follows(handle: IO[bytes], place: int, size: int) -> bool:
    # Behind an honest empty chunk stands the end of the file, or another chunk that fits in it.
    handle.seek(place)
    head = handle.read(8)
    fits = int.from_bytes(head[4:], "little") <= size - place - 8
    return len(head) == 8 and not (head[:4].isascii() and head[:4].decode().isprintable() and fits)


def _aiff(handle: IO[bytes], start: int, size: int) -> Promise:
    for name, length, place in _chunks(handle, start + 12, order=">"):
        if name == b"SSND":
            # Offset and block size stand before the sound.
            return _by_bytes(length - 8, size - place - 8) if length > 8 else Promise()
    return Promise()


def _w64(handle: IO[bytes], start: int, size: int) -> Promise:
    place = start + 40
    for _ in range(_MAX_CHUNKS):
        handle.seek(place)
        name, length = struct.unpack("<16sQ", handle.read(24))
        if name.startswith(b"data"):
            return _by_bytes(length - 24, size - place - 24)
        place += max(24, length + 7 & ~7)
    return Promise()


def _caf(handle: IO[bytes], start: int, size: int) -> Promise:
    place = start + 8
    for _ in range(_MAX_CHUNKS):
        handle.seek(place)
        name, length = struct.unpack(">4sq", handle.read(12))
        if name == b"data":
            present = size - place - 12
            # libsndfile refuses both "to the end of the file" (-1) and a size beyond it.
            patch = (place + 4, present.to_bytes(8, "big")) if not 0 <= length <= present else None
            if length < 0:
                return Promise(patch=patch)
            return Promise(declared_bytes=length, present_bytes=present, patch=patch)
        place += 12 + max(0, length)
    return Promise()


def _au(handle: IO[bytes], start: int, size: int) -> Promise:
    handle.seek(start)
    order = ">" if handle.read(4) == b".snd" else "<"
    offset, length = struct.unpack(f"{order}II", handle.read(8))
    return _by_bytes(length, size - start - offset)


def _flac(handle: IO[bytes], start: int, _size: int) -> Promise:
    handle.seek(start + 4)
    block = handle.read(22)
    if len(block) < 22 or block[0] & 0x7F != 0:
        return Promise()
    # The last 36 of the 64 bits that begin with the sample rate; 0 stands for "not known".
    total = int.from_bytes(block[14:22], "big") & 0xFFFFFFFFF
    return Promise(frames=total or None)


def _ogg(handle: IO[bytes], _start: int, size: int) -> Promise:
    begin = max(0, size - _OGG_TAIL_BYTES)
    handle.seek(begin)
    tail = handle.read(_OGG_TAIL_BYTES)
    place = tail.rfind(b"OggS\0")
    if place < 0:
        return Promise(cut="no Ogg page at the end")
    header = tail[place : place + 27]
    lengths = tail[place + 27 : place + 27 + header[26]] if len(header) == 27 else b""
    if len(header) < 27 or len(lengths) < header[26]:
        return Promise(cut="a last page that breaks off")
    if place + 27 + len(lengths) + sum(lengths) > len(tail):
        return Promise(cut="a last page that breaks off")
    return Promise(cut=None if header[5] & 4 else "no end-of-stream mark")


def _mp3(handle: IO[bytes], start: int, size: int) -> Promise:
    note = read_note(handle, start)
    if note is not None and note.samples is not None:
        true_size = size - start
        patch = None
        # mpg123 prints a warning where these differ by a hundredth; large tags can do that.
        if note.size and note.size_at and abs(note.size - true_size) > note.size / 200:
            patch = (note.size_at, true_size.to_bytes(8, "big")[-4:])
        return Promise(frames=note.samples, slack=MPEG_SLACK, patch=patch)
    steps = walk(handle, start, max_s=_MOST_COUNTED_S)
    if steps is None:
        return Promise()
    cut = f"a last frame that lacks {steps.lacking} bytes" if steps.lacking else None
    return Promise(frames=steps.samples, slack=MPEG_SLACK, cut=cut)


def _chunks(handle: IO[bytes], place: int, *, order: str) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(_MAX_CHUNKS):
        handle.seek(place)
        head = handle.read(8)
        if len(head) < 8:
            return
        name, length = struct.unpack(f"{order}4sI", head)
        yield name, length, place + 8
        place += 8 + length + (length & 1)


def _by_bytes(declared: int, present: int) -> Promise:
    # Programs that write to a pipe cannot go back to fill in the size. They leave 0, or the
    # largest number that fits, less a header or a buffer.
    unknown = (
        declared <= 0
        or 0x7FFF0000 <= declared <= 0x80000000
        or 0xFFFF0000 <= declared <= 0xFFFFFFFF
        or declared >= 2**62
    )
    return Promise() if unknown else Promise(declared_bytes=declared, present_bytes=max(0, present))


_READERS: dict[str, Callable[[IO[bytes], int, int], Promise]] = {
    "wav": _riff,
    "aiff": _aiff,
    "w64": _w64,
    "caf": _caf,
    "au": _au,
    "flac": _flac,
    "ogg": _ogg,
    "mp3": _mp3,
}
