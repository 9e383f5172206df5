"""Decoding with PyAV (FFmpeg): AAC in M4A, WMA, WebM and whatever else libsndfile does not open."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from musictools._optional import require
from musictools.audio._recording import SPEAKERS
from musictools.audio._sink import MOST_PADDING, Decoded, OpenSink, Shape, Sink
from musictools.audio._sniff import Kind
from musictools.audio._window import Window
from musictools.errors import MusictoolsError, UnsupportedAudioError

#: Containers whose header states the length; elsewhere FFmpeg estimates it from the bit rate.
_STATED = {"mp4", "asf", "matroska", "wv", "tta", "ape"}
#: Codecs look ahead and pad by up to two of their frames, and containers round.
_SLACK_S, _SLACK_SHARE = 0.25, 0.01
#: Loudspeakers in WAV's order, in FFmpeg's names.
_WAV_ORDER = tuple(SPEAKERS)
#: What PyAV raises besides its own errors, at values that it does not know.
_OTHER_ERRORS = (OSError, ValueError, LookupError, ArithmeticError, RuntimeError)
_INTEGER_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63}


def decode(handle: IO[bytes], kind: Kind, *, what: str, open_sink: OpenSink) -> Decoded:
    """Decode the first audio stream of an open file.

    Parameters
    ----------
    handle : binary file
        Open for reading.
    kind : Kind
        What it holds.
    what : str
        The beginning of an error message, such as ``"read song.m4a"``.
    open_sink : callable
        Asked for a sink as soon as the shape is known.

    Returns
    -------
    Decoded
        The sink with all that could be decoded.

    Raises
    ------
    MissingExtraError
        If PyAV is not installed.
    UnsupportedAudioError
        If FFmpeg cannot open it, or finds no audio in it.
    """
    av = require("av", extra="av", purpose=f"{what} ({kind.name})")
    window = Window(handle, kind.start)
    try:
        # A file object, not a name: FFmpeg takes some names for addresses. A fixed demuxer, since
        # its guesses turn text and pictures into streams.
        with av.open(window, "r", format=kind.demuxer, **_lenient(av)) as container:
            decoded = _decode_container(av, container, kind, what, open_sink)
    except MusictoolsError:
        raise
    except (av.FFmpegError, *_OTHER_ERRORS) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise _unreadable(what, kind, words) from error
    if window.failure is not None:
        raise window.failure
    return decoded


def _lenient(av: Any) -> dict[str, str]:
    """Let a title in a wrong encoding not spoil the sound: PyAV 19 does so without being asked."""
    return {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}


def _decode_container(
    av: Any, container: Any, kind: Kind, what: str, open_sink: OpenSink
) -> Decoded:
    if not container.streams.audio:
        video = "video and no audio" if container.streams.video else "no audio"
        raise UnsupportedAudioError(
            what,
            got=f"{kind.name} with {video}",
            expected="at least one audio stream",
            hint="export the sound track as FLAC or WAV",
        )
    stream = container.streams.audio[0]
    promised_s = _promised_s(container, stream, kind)
    if stream.codec_context is None:
        raise _unreadable(what, kind, "a codec that FFmpeg does not know")
    pouring = _Pouring(what, kind, promised_s, open_sink)
    sink, damage, exact = pouring.run(av, container, stream)
    promised = None if promised_s is None else round(promised_s * sink.shape.rate_hz)
    # The container of an M4A knows better than its codec where the music ends.
    if kind.key == "mp4" and promised and 0 < sink.filled - promised <= MOST_PADDING:
        sink.trim(promised)
    return Decoded(sink, damage, _worth_saying(promised_s, sink), exact)


def _promised_s(container: Any, stream: Any, kind: Kind) -> float | None:
    if kind.key not in _STATED:
        return None
    if stream.duration and stream.time_base and kind.key != "asf":
        return float(stream.duration * stream.time_base)
    # The container's length is that of its longest stream, which may be the picture.
    alone = len(container.streams) == 1
    return container.duration / 1e6 if container.duration and alone else None


def _worth_saying(promised_s: float | None, sink: Sink) -> float | None:
    if promised_s is None:
        return None
    short = promised_s - sink.filled / sink.shape.rate_hz
    return promised_s if short > max(_SLACK_S, _SLACK_SHARE * promised_s) else None


@dataclass(frozen=True)
class _Pouring:
    """What is known of a stream before its first frame."""

    what: str
    kind: Kind
    promised_s: float | None
    open_sink: OpenSink

    def run(self, av: Any, container: Any, stream: Any) -> tuple[Sink, str | None, bool]:
        """Decode all frames; give the sink, the damage, and whether the samples are integers."""
        sink: Sink | None = None
        damage: str | None = None
        scale: float | None = None
        for frame in _frames(av, container, stream):
            if isinstance(frame, str):
                # A stream may be joined in the middle of a frame: only later faults are damage.
                damage = damage or (None if sink is None else frame)
                continue
            sink = sink or self.open_sink(self._shape(stream, frame))
            scale = _INTEGER_SCALE.get(frame.format.name.removesuffix("p"))
            _add(sink, frame, scale=scale)
        if sink is None:
            raise _unreadable(self.what, self.kind, "no frame that can be decoded")
        return sink, damage, scale is not None

    def _shape(self, stream: Any, frame: Any) -> Shape:
        rate_hz, names = frame.sample_rate, _names(frame)
        expected = None
        if self.promised_s is not None:
            expected = math.floor(self.promised_s * rate_hz)
        elif stream.duration and stream.time_base:
            # FFmpeg's own estimates may be wrong, so this is a size to begin with and no more.
            estimate = math.ceil(float(stream.duration * stream.time_base) * rate_hz)
            expected = min(estimate + MOST_PADDING, 2**24)
        order = _wav_order(names) or range(len(names))
        told = tuple(SPEAKERS.get(names[i], "") for i in order)
        # One channel is mono, whatever loudspeaker FFmpeg thinks of.
        layout = told if len(names) > 1 and all(told) else None
        codec = stream.codec_context.codec
        # Some, such as WavPack, can be either.
        lossless = codec.lossless if codec.lossless != codec.lossy else None
        padding = MOST_PADDING
        return Shape(self.what, len(names), rate_hz, layout, expected, padding, lossless=lossless)


def _frames(av: Any, container: Any, stream: Any) -> Iterator[Any]:
    """Give decoded frames, and a string in the place of what cannot be decoded."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            yield str(error.strerror)
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.FFmpegError as error:
            yield str(error.strerror)


def _names(frame: Any) -> list[str]:
    return [channel.name for channel in frame.layout.channels]


def _add(sink: Sink, frame: Any, *, scale: float | None) -> None:
    names, shape = _names(frame), sink.shape
    if len(names) != shape.channels or frame.sample_rate != shape.rate_hz:
        raise UnsupportedAudioError(
            shape.what,
            got=f"{shape.channels} x {shape.rate_hz} Hz that turn into "
            f"{len(names)} x {frame.sample_rate} Hz at {sink.filled / shape.rate_hz:.2f} s",
            expected="one sample rate and one number of channels throughout",
            hint="convert it first: ffmpeg -i FILE out.flac",
        )
    block: npt.NDArray[Any] = frame.to_ndarray()
    if not frame.format.is_planar:
        block = block.reshape(-1, shape.channels).T
    if scale is not None:
        block = block.astype(np.float32 if scale <= 2.0**15 else np.float64)
        block = (block - (128.0 if frame.format.name.startswith("u8") else 0.0)) / scale
    sink.add(block, order=_wav_order(names))


def _wav_order(names: list[str]) -> list[int] | None:
    if any(name not in _WAV_ORDER for name in names):
        return None
    order = sorted(range(len(names)), key=lambda i: _WAV_ORDER.index(names[i]))
    return None if order == sorted(order) else order


def _unreadable(what: str, kind: Kind, words: str) -> UnsupportedAudioError:
    return UnsupportedAudioError(
        what,
        got=f"{kind.name} that FFmpeg cannot decode ({words})",
        expected="a whole file: a header, an index and sound",
        hint="copy or download it again; a cut M4A has lost its index at the end",
    )
