"""What a file holds, told by its content and never by its name."""

from dataclasses import dataclass
from typing import IO

from musictools.audio._mpeg import find_frames

#: Bytes that decide; ID3v2 tags before them are stepped over.
HEAD_BYTES = 4096
#: WAVE format tags that libsndfile decodes: PCM, ADPCM, float, A-law, mu-law, IMA, GSM, NMS, G.721,
#: MP3, extensible.
_WAVE_TAGS = {0x01, 0x02, 0x03, 0x06, 0x07, 0x11, 0x31, 0x38, 0x40, 0x50, 0x55, 0xFFFE}
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_MP4_ATOMS = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
#: Outer words that say nothing without the inner one, eight bytes on.
_OUTER = {b"RIFF", b"RIFX", b"RF64", b"FORM"}
_SNDFILE_MAGIC = {
    b"RIFFWAVE": ("WAV", "wav"),
    b"RIFXWAVE": ("WAV", "wav"),
    b"RF64WAVE": ("RF64", "wav"),
    _W64: ("W64", "w64"),
    b"FORMAIFF": ("AIFF", "aiff"),
    b"FORMAIFC": ("AIFF-C", "aiff"),
    b"fLaC": ("FLAC", "flac"),
    b"OggS": ("Ogg", "ogg"),
    b"caff": ("CAF", "caf"),
    b".snd": ("AU", "au"),
    b"dns.": ("AU", "au"),
}
_AV_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (_ASF, "WMA/ASF", "asf"),
    (b"\x1aE\xdf\xa3", "Matroska/WebM", "matroska"),
    (b"\x0bw", "AC-3", "ac3"),
    (b"MAC ", "Monkey's Audio", "ape"),
    (b"wvpk", "WavPack", "wv"),
    (b"TTA1", "TTA", "tta"),
    (b"MPCK", "Musepack", "mpc8"),
    (b"MP+", "Musepack", "mpc"),
    (b"DSD ", "DSF", "dsf"),
    (b"FRM8", "DSDIFF", "iff"),
    (b"#!AMR", "AMR", "amr"),
    (b"FLV\x01", "Flash video", "flv"),
    (b".RMF", "RealMedia", "rm"),
    (b"\x00\x00\x01\xba", "MPEG programme stream", "mpeg"),
)
_NOT_AUDIO: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MThd", "a MIDI file: notes, not sound"),
)


@dataclass(frozen=True)
class Kind:
    """One kind of audio file.

    Attributes
    ----------
    name : str
        For messages.
    key : str
        For what reads headers: "wav", "flac", "ogg", "mp3", "mp4" and so on.
    demuxer : str
        FFmpeg's name of the container.
    start : int
        Byte where the audio container begins, behind any ID3v2 tag.
    sndfile : bool
        Whether libsndfile is the one to ask.
    foreign : bool
        Whether the codec inside is one that libsndfile may not know.
    """

    name: str
    key: str
    demuxer: str
    start: int = 0
    sndfile: bool = False
    foreign: bool = False


def sniff(handle: IO[bytes]) -> Kind | str:
    """Tell the kind of an open file, or say in words what it is instead of audio."""
    start = _after_id3(handle)
    handle.seek(start)
    head = handle.read(HEAD_BYTES)
    # First of all, since many a magic word is a word: "MAC addresses of the studio" is text.
    if _is_text(head):
        return "text"
    kind = _sndfile_kind(head, start) or _av_kind(head, start)
    if kind is not None:
        return kind
    for magic, words in _NOT_AUDIO:
        if head.startswith(magic):
            return words
    first = find_frames(handle, start)
    if first is not None:
        return Kind("MP3", "mp3", "mp3", first, sndfile=True)
    return _in_words(head, tagged=start > 0)


def _after_id3(handle: IO[bytes]) -> int:
    # Several tags in a row happen: one tool adds its own before another's.
    start = 0
    while True:
        handle.seek(start)
        head = handle.read(10)
        if len(head) < 10 or not head.startswith(b"ID3") or max(head[6:10]) > 127:
            return start
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        start += 10 + size + (10 if head[5] & 0x10 else 0)


def _sndfile_kind(head: bytes, start: int) -> Kind | None:
    magic = head[:4] + (head[8:12] if head[:4] in _OUTER else b"")
    if head.startswith(_W64):
        magic = _W64
    if magic not in _SNDFILE_MAGIC:
        return None
    name, key = _SNDFILE_MAGIC[magic]
    foreign = _FOREIGN[key](head) if key in _FOREIGN else False
    return Kind(name, key, key, start, sndfile=True, foreign=foreign)


def _av_kind(head: bytes, start: int) -> Kind | None:
    for magic, name, demuxer in _AV_MAGIC:
        if head.startswith(magic):
            return Kind(name, demuxer, demuxer, start)
    if head[4:8] in _MP4_ATOMS and int.from_bytes(head[:4], "big") in range(1 << 31):
        return Kind("MP4/M4A", "mp4", "mov", start)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Kind("AVI", "avi", "avi", start)
    if len(head) > 2 * 188 and head[0] == head[188] == head[376] == 0x47:
        return Kind("MPEG transport stream", "mpegts", "mpegts", start)
    if _is_adts(head):
        return Kind("AAC", "aac", "aac", start)
    return None


def _is_adts(head: bytes) -> bool:
    # Two frames in a row: twelve set bits alone happen by chance.
    place = 0
    for _ in range(2):
        frame = head[place : place + 6]
        if len(frame) < 6 or frame[0] != 0xFF or frame[1] & 0xF6 != 0xF0:
            return False
        size = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
        if size < 7:
            return False
        place += size
    return True


def _foreign_wave(head: bytes) -> bool:
    place = head.find(b"fmt ")
    tag = head[place + 8 : place + 10]
    if place < 0 or len(tag) < 2:
        return False
    return int.from_bytes(tag, "big" if head[:4] == b"RIFX" else "little") not in _WAVE_TAGS


def _foreign_ogg(head: bytes) -> bool:
    # The first page holds one packet, which names the codec.
    packet = head[27 + head[26] :] if len(head) > 27 else b""
    return bool(packet) and not packet.startswith((b"\x01vorbis", b"\x7fFLAC", b"OpusHead"))


def _foreign_caf(head: bytes) -> bool:
    return head[28:32] not in {b"lpcm", b"ulaw", b"alaw"}


_FOREIGN = {"wav": _foreign_wave, "ogg": _foreign_ogg, "caf": _foreign_caf}


def _in_words(head: bytes, *, tagged: bool) -> str:
    if not head:
        return "an ID3 tag and nothing behind it" if tagged else "nothing"
    if not head.strip(b"\0"):
        return "zero bytes where the audio should begin"
    return f"bytes of no known audio format ({head[:8].hex(' ')})"


def _is_text(head: bytes) -> bool:
    try:
        # The cut at 512 may split a letter, hence "ignore" there.
        text = head[:512].decode("utf-8", errors="strict" if len(head) < 512 else "ignore")
    except UnicodeDecodeError:
        return False
    # What "ignore" dropped must not be more than that one letter.
    whole = len(text.encode()) > min(len(head), 512) - 4
    return bool(text) and whole and all(c.isprintable() or c.isspace() for c in text)
