"""Decoding with libsndfile: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, CAF, AU."""

import os
import re
from typing import IO

import numpy as np
import soundfile

from musictools.audio._promise import Promise
from musictools.audio._sink import Decoded, OpenSink, Shape, Sink
from musictools.audio._sniff import Kind
from musictools.audio._window import Window

#: Small enough for the block to stay in the processor's cache while it is transposed.
BLOCK_FRAMES = 16_384
#: libsndfile's word for "I cannot know the length".
_ENDLESS = 2**62
_UNSUPPORTED_ENCODING = 4
#: Vorbis and Opus store surround in an order of their own, and libsndfile leaves it so: for each
#: channel of WAV's order, its place in theirs (Vorbis I specification, 4.3.9).
_VORBIS_ORDER = {3: (0, 2, 1), 5: (0, 2, 1, 3, 4), 6: (0, 2, 1, 5, 3, 4)}
_FLOATING = {"FLOAT", "DOUBLE", "VORBIS", "OPUS"}
#: Integers that are stored as they are: PCM_16, PCM_S8, ALAC_24 and so on.
_INTEGERS = re.compile(r"(?:PCM|ALAC)_[SU]?(\d+)")
_LOSSLESS_FLOATS = {"FLOAT", "DOUBLE"}


class RefusedError(Exception):
    """libsndfile does not open a file; ``foreign`` says that its codec is another's business."""

    def __init__(self, words: str, *, foreign: bool) -> None:
        self.words, self.foreign = words, foreign
        super().__init__(words)


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # soundfile is not typed for mypy
    """A sound file that is read from beginning to end, and never sought in."""

    def seekable(self) -> bool:
        """Say no: soundfile would seek after every block.

        That makes mpg123 decode some frames again, and libsndfile 1.2.2 fails at it behind the
        last sample of surround Opus and of a FLAC of unknown length.
        """
        return False


def decode(
    handle: IO[bytes], kind: Kind, promise: Promise, *, what: str, open_sink: OpenSink
) -> Decoded:
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
    open_sink : callable
        Asked for a sink as soon as the shape is known.

    Returns
    -------
    Decoded
        The sink with all that could be decoded; ``damage`` says where it had to stop early.

    Raises
    ------
    RefusedError
        If libsndfile does not open it.
    """
    window = Window(handle, kind.start, promise.patch)
    raw_place = os.lseek(handle.fileno(), 0, os.SEEK_CUR)
    try:
        with _opened(window, handle, kind, promise) as sound:
            sink = open_sink(_shape(sound, promise, what))
            vorbis = sound.format == "OGG" and sound.subtype in {"VORBIS", "OPUS"}
            damage = _pour(sound, sink, _VORBIS_ORDER.get(sound.channels) if vorbis else None)
    finally:
        # A copy of a descriptor shares its place, and Python's buffer would not notice.
        os.lseek(handle.fileno(), raw_place, os.SEEK_SET)
    if window.failure is not None:
        raise window.failure
    if damage and sink.filled == 0:
        raise RefusedError(damage, foreign=kind.foreign)
    exact = not (sound.subtype in _FLOATING or sound.subtype.startswith("MPEG"))
    return Decoded(sink, damage, exact=exact)


def _shape(sound: soundfile.SoundFile, promise: Promise, what: str) -> Shape:
    # A mask for another number of channels is a mistake of the program that wrote it.
    told = promise.layout if promise.layout and len(promise.layout) == sound.channels else None
    integers = _INTEGERS.fullmatch(sound.subtype)
    return Shape(
        what,
        sound.channels,
        sound.samplerate,
        told,
        _expected(sound, promise),
        bit_depth=int(integers[1]) if integers else None,
        lossless=integers is not None or sound.subtype in _LOSSLESS_FLOATS,
    )


def _expected(sound: soundfile.SoundFile, promise: Promise) -> int | None:
    if sound.format == "MP3" and promise.frames is not None:
        # Where nobody noted the length, libsndfile guesses from the first frame's bit rate.
        return promise.frames
    return sound.frames if 0 <= sound.frames < _ENDLESS else None


def _opened(window: Window, handle: IO[bytes], kind: Kind, promise: Promise) -> soundfile.SoundFile:
    # A descriptor is faster than calls back into Python, but belongs to POSIX.
    source: int | Window = window
    if os.name == "posix" and promise.patch is None:
        source = os.dup(handle.fileno())
        os.lseek(source, kind.start, os.SEEK_SET)
    try:
        return _Forward(source)
    except soundfile.LibsndfileError as error:
        foreign = kind.foreign or error.code == _UNSUPPORTED_ENCODING
        raise RefusedError(_words(error), foreign=foreign) from error


def _pour(sound: soundfile.SoundFile, sink: Sink, order: tuple[int, ...] | None) -> str | None:
    block = np.empty((BLOCK_FRAMES, sound.channels), np.float32)
    while True:
        block[:, 0] = np.nan
        try:
            count = sound.buffer_read_into(block, dtype="float32")
        except soundfile.LibsndfileError as error:
            # The block holds what was decoded before the broken place, but nobody says how much.
            untouched = np.isnan(block[:, 0])
            count = int(untouched.argmax()) if untouched.any() else BLOCK_FRAMES
            sink.add(block[:count].T, order=order)
            return _words(error)
        sink.add(block[:count].T, order=order)
        if count < BLOCK_FRAMES:
            return None


def _words(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).removeprefix("Error : ").strip().rstrip(".")
