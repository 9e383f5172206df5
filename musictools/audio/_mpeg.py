"""Frames of MPEG audio (MP1, MP2, MP3): where they begin and how many a file holds.

The frame header and its tables are those of ISO/IEC 11172-3 and 13818-3; the Xing, Info and VBRI
headers are a custom of encoders, described by their authors.
"""

from dataclasses import dataclass
from typing import IO

#: How far to look for the first frame behind a tag.
SEARCH_BYTES = 1 << 16
_KBITS = {  # by (is MPEG-1, layer)
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


@dataclass(frozen=True)
class Frame:
    """One frame header: its length in bytes and samples, and what must not change after it."""

    size: int
    samples: int
    rate_hz: int
    layer: int
    mono: bool
    mpeg1: bool

    def follows(self, other: "Frame") -> bool:
        """Whether this frame can belong to the same stream as another."""
        return (self.rate_hz, self.layer) == (other.rate_hz, other.layer)


def parse_frame(head: bytes) -> Frame | None:
    """Read the four bytes of a frame header; None if they are no frame header."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    # Bit rate 0 means "free format", whose frame length stands nowhere.
    if version == 1 or layer == 4 or bitrate in {0, 15} or rate == 3:
        return None
    mpeg1 = version == 3
    kbits = _KBITS[mpeg1, layer if mpeg1 or layer == 1 else 2][bitrate]
    rate_hz, padding = _RATES_HZ[version][rate], head[2] >> 1 & 1
    samples = 384 if layer == 1 else 576 if layer == 3 and not mpeg1 else 1152
    size = samples // 8 * kbits * 1000 // rate_hz + padding
    if layer == 1:
        size = (12 * kbits * 1000 // rate_hz + padding) * 4
    return Frame(size, samples, rate_hz, layer, head[3] >> 6 == 3, mpeg1)


def find_frames(handle: IO[bytes], start: int) -> int | None:
    """Find the first byte of three frames in a row (or of as many as the file has)."""
    handle.seek(start)
    data = handle.read(SEARCH_BYTES + 3 * 8192)
    place = data.find(b"\xff")
    while 0 <= place < SEARCH_BYTES:
        if _frames_in_row(data, place):
            return start + place
        place = data.find(b"\xff", place + 1)
    return None


def _frames_in_row(data: bytes, place: int, wanted: int = 3) -> bool:
    first = None
    for count in range(wanted):
        frame = parse_frame(data[place : place + 4])
        if frame is None or (first is not None and not frame.follows(first)):
            # A short file may end, or go over into a tag, behind its first or second frame.
            cut = count == 2 and place + 4 > len(data)
            return cut or (count >= 1 and _is_end(data, place))
        first, place = frame, place + frame.size
    return True


def _is_end(data: bytes, place: int) -> bool:
    return place == len(data) or data[place:].startswith((b"TAG", b"APETAGEX", b"LYRICSBEGIN"))


@dataclass(frozen=True)
class EncoderNote:
    """What a Xing, Info or VBRI header in the first frame says.

    Attributes
    ----------
    samples : int or None
        Samples of the whole stream at its own rate, without the encoder's padding.
    size : int or None
        Bytes of the whole stream.
    size_at : int or None
        File position of that 32-bit number.
    """

    samples: int | None
    size: int | None = None
    size_at: int | None = None


def read_note(handle: IO[bytes], first: int) -> EncoderNote | None:
    """Read the encoder's note in the first frame of a stream, if there is one."""
    handle.seek(first)
    data = handle.read(512)
    frame = parse_frame(data)
    if frame is None:
        return None
    side = (17 if frame.mono else 32) if frame.mpeg1 else (9 if frame.mono else 17)
    if data[36:40] == b"VBRI":
        count = int.from_bytes(data[50:54], "big")
        return EncoderNote(count * frame.samples if count else None)
    place = 4 + side
    if data[place : place + 4] not in {b"Xing", b"Info"}:
        return None
    flags, place = data[place + 7], place + 8
    count, size, size_at = 0, None, None
    if flags & 1:
        count, place = int.from_bytes(data[place : place + 4], "big"), place + 4
    if flags & 2:
        size, size_at = int.from_bytes(data[place : place + 4], "big"), first + place
        place += 4
    place += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    # Behind the nine letters of the encoder's name and twelve more bytes: delay and padding.
    delays = data[place + 21 : place + 24]
    trimmed = (delays[0] << 4 | delays[1] >> 4) + ((delays[1] & 15) << 8 | delays[2])
    samples = count * frame.samples - trimmed
    return EncoderNote(samples if count and samples > 0 else None, size, size_at)


@dataclass(frozen=True)
class Walk:
    """What stepping from frame to frame found: samples seen, and bytes the last frame lacks."""

    samples: int
    rate_hz: int
    lacking: int


def walk(handle: IO[bytes], first: int, *, max_s: float) -> Walk | None:
    """Step from frame header to frame header until the stream ends or ``max_s`` is passed.

    Returns
    -------
    Walk or None
        None where the steps lose the stream, or where they cannot begin.
    """
    end = handle.seek(0, 2)
    handle.seek(first)
    begin = parse_frame(handle.read(4))
    if begin is None:
        return None
    most = max_s * begin.rate_hz / begin.samples
    count, place, head = 0, first, b""
    sizes: dict[bytes, int] = {}  # a stream has few different headers and very many frames
    while count <= most:
        handle.seek(place)
        head = handle.read(4)
        if head not in sizes:
            frame = parse_frame(head)
            sizes[head] = frame.size if frame is not None and frame.follows(begin) else 0
        if sizes[head] == 0 or place + sizes[head] > end:
            break
        place += sizes[head]
        count += 1
    lacking = max(0, place + sizes[head] - end)
    if count > most:
        # Far enough to know that it is too long; how long is only for the message.
        count = round(count * (end - first) / (place - first))
    elif not lacking and not _ends_well(head):
        return None
    return Walk(count * begin.samples, begin.rate_hz, lacking)


def _ends_well(head: bytes) -> bool:
    # Tags and zero padding are no loss; up to three stray bytes hold nothing.
    return len(head) < 4 or head[:3] in {b"TAG", b"APE", b"LYR", b"ID3", b"\0\0\0"}
