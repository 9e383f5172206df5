"""Decoding with libsndfile: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, CAF, AU."""

import os
from typing import IO

import numpy as np
import soundfile

from musictools.audio._promise import Promise
from musictools.audio._sink import Decoded, Sink
from musictools.audio._sniff import Kind

#: Small enough for the block to stay in the processor's cache while it is transposed.
BLOCK_FRAMES = 16_384
#: libsndfile's word for "I cannot know the length".
_ENDLESS = 2**62
_UNSUPPORTED_ENCODING, _SEEK_FAILED = 4, 39
#: Vorbis and Opus store surround in an order of their own, and libsndfile leaves it so: for each
#: channel of WAV's order, its place in theirs (Vorbis I specification, 4.3.9).
_VORBIS_ORDER = {3: (0, 2, 1), 5: (0, 2, 1, 3, 4), 6: (0, 2, 1, 5, 3, 4)}
_FLOATING = {"FLOAT", "DOUBLE", "VORBIS", "OPUS"}


class RefusedError(Exception):
    """libsndfile does not open a file; ``foreign`` says that its codec is another's business."""

    def __init__(self, words: str, *, foreign: bool) -> None:
        self.words, self.foreign = words, foreign
        super().__init__(words)


class Window:
    """A file from some byte on, with a few bytes of its header replaced.

    Errors of the operating system are kept for later: they cannot pass through C.
    """

    def __init__(self, handle: IO[bytes], start: int, patch: tuple[int, bytes] | None) -> None:
        self._handle, self._start, self._patch = handle, start, patch
        self.failure: OSError | None = None
        handle.seek(start)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, counting from the window's first byte."""
        if whence == os.SEEK_SET:
            offset += self._start
        try:
            self._handle.seek(offset, whence)
        except OSError as error:
            self.failure = error
        return self.tell()

    def tell(self) -> int:
        """Say where the next byte comes from."""
        return self._handle.tell() - self._start

    def read(self, count: int) -> bytes:
        """Read bytes, the replaced ones among them."""
        place = self._handle.tell()
        try:
            data = self._handle.read(count)
        except OSError as error:
            self.failure = error
            return b""
        if self._patch is None:
            return data
        at, new = self._patch[0] - place, self._patch[1]
        if at >= len(data) or at + len(new) <= 0:
            return data
        mixed = bytearray(data)
        for i, byte in enumerate(new, start=at):
            if 0 <= i < len(mixed):
                mixed[i] = byte
        return bytes(mixed)


def decode(handle: IO[bytes], kind: Kind, promise: Promise, *, what: str) -> Decoded:
    """Decode an open file.

    Parameters
    ----------
    handle : binary file
        Open for reading.
    kind : Kind
        What it holds.
    promise : Promise
        What its header promises.
    what : str
        The beginning of an error message, such as ``"read song.flac"``.

    Returns
    -------
    Decoded
        All that could be decoded; ``damage`` says where it had to stop early.

    Raises
    ------
    RefusedError
        If libsndfile does not open it.
    """
    window = Window(handle, kind.start, promise.patch)
    raw_place = os.lseek(handle.fileno(), 0, os.SEEK_CUR)
    try:
        with _opened(window, handle, kind) as sound:
            sink = Sink(what, sound.channels, sound.samplerate, expected=_expected(sound, promise))
            damage = _pour(sound, sink)
    finally:
        # A copy of a descriptor shares its place, and Python's buffer would not notice.
        os.lseek(handle.fileno(), raw_place, os.SEEK_SET)
    if window.failure is not None:
        raise window.failure
    if damage and sink.filled == 0:
        raise RefusedError(damage, foreign=kind.foreign)
    exact = not (sound.subtype in _FLOATING or sound.subtype.startswith("MPEG"))
    vorbis = sound.format == "OGG" and sound.subtype in {"VORBIS", "OPUS"}
    samples = sink.finish()
    order = _VORBIS_ORDER.get(sound.channels) if vorbis else None
    if order is not None:
        samples = np.ascontiguousarray(samples[list(order)])
    return Decoded(samples, sound.samplerate, damage, exact=exact)


def _expected(sound: soundfile.SoundFile, promise: Promise) -> int | None:
    if sound.format == "MP3" and promise.frames is not None:
        # Where nobody noted the length, libsndfile guesses from the first frame's bit rate.
        return promise.frames
    return sound.frames if 0 <= sound.frames < _ENDLESS else None


def _opened(window: Window, handle: IO[bytes], kind: Kind) -> soundfile.SoundFile:
    # A descriptor is twice as fast as calls back into Python, but starts at byte 0 only on POSIX.
    # An MP3 takes the window always: behind its tags mpg123 has less to complain about on stderr.
    source: int | Window = window
    if os.name == "posix" and kind.start == 0 and kind.key not in {"mp3", "caf"}:
        source = os.dup(handle.fileno())
        os.lseek(source, 0, os.SEEK_SET)
    try:
        return soundfile.SoundFile(source)
    except soundfile.LibsndfileError as error:
        foreign = kind.foreign or error.code == _UNSUPPORTED_ENCODING
        raise RefusedError(_words(error), foreign=foreign) from error


def _pour(sound: soundfile.SoundFile, sink: Sink) -> str | None:
    block = np.empty((BLOCK_FRAMES, sound.channels), np.float32)
    while True:
        block[:, 0] = np.nan
        try:
            count = sound.buffer_read_into(block, dtype="float32")
        except soundfile.LibsndfileError as error:
            # The block holds what was decoded before the broken place, but nobody says how much.
            untouched = np.isnan(block[:, 0])
            count = int(untouched.argmax()) if untouched.any() else BLOCK_FRAMES
            sink.add(block[:count].T)
            return None if _harmless(error, sound, sink) else _words(error)
        sink.add(block[:count].T)
        if count < BLOCK_FRAMES:
            return None


def _harmless(error: soundfile.LibsndfileError, sound: soundfile.SoundFile, sink: Sink) -> bool:
    # soundfile seeks after each read. Behind the last sample, libsndfile 1.2.2 cannot do that in
    # surround Opus, nor in a FLAC of unknown length.
    if sound.frames >= _ENDLESS:
        return bool(error.code == _SEEK_FAILED)
    return sink.filled >= sound.frames > 0


def _words(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip().rstrip(".")
