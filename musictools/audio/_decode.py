"""Reading a recording from a file: the one door for every format."""

import difflib
import errno
import os
import stat
from itertools import islice
from pathlib import Path
from typing import IO

from musictools.audio import _decode_av, _decode_sf
from musictools.audio._promise import Promise, read_promise
from musictools.audio._recording import Recording, check_finite
from musictools.audio._sink import MAX_DURATION_S, MAX_VALUES, ArraySink, Decoded, OpenSink, Shape
from musictools.audio._sniff import Kind, sniff
from musictools.errors import (
    AudioError,
    AudioNotFoundError,
    EmptyAudioError,
    InputError,
    TruncatedAudioError,
    UnsupportedAudioError,
)

__all__ = ["AUDIO_SUFFIXES", "MAX_DURATION_S", "MAX_VALUES", "read"]

#: Endings of names that a scan of a folder takes for audio. ``read`` itself looks inside.
# fmt: off
AUDIO_SUFFIXES: frozenset[str] = frozenset({
    ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".au", ".caf", ".dff",
    ".dsf", ".flac", ".m4a", ".m4b", ".mka", ".mp2", ".mp3", ".mp4", ".mpc", ".oga",
    ".ogg", ".opus", ".rf64", ".snd", ".spx", ".tta", ".w64", ".wav", ".wave", ".weba",
    ".webm", ".wma", ".wv",
})
# fmt: on
_NEIGHBOURS = 10_000


def read(path: str | os.PathLike[str], *, allow_truncated: bool = False) -> Recording:
    """Read a recording from a file.

    The content decides, not the name. WAV (with RF64 and W64), FLAC, Ogg Vorbis, Opus, MP3, AIFF,
    CAF and AU need nothing else; M4A, AAC, WMA, WebM, the sound of a video and other kinds need
    the extra ``av``. Nothing is resampled, mixed or clamped: what a lossy codec decodes above
    full scale comes through.

    Parameters
    ----------
    path : path-like
        The file.
    allow_truncated : bool, default False
        Return what decodes of a file that holds less than its header promises.

    Returns
    -------
    Recording
        ``samples`` of shape (channels, n), float32, full scale 1.0, read-only; one to six
        channels in the order L R C LFE Ls Rs; at the sample rate of the file, in Hz.

    Raises
    ------
    InputError
        If ``path`` is no path, or a folder.
    AudioNotFoundError
        If there is no such file.
    UnsupportedAudioError
        If it holds no audio, damaged audio, a codec that nothing here decodes, or more than six
        channels.
    EmptyAudioError
        If it holds no bytes, or no samples.
    TruncatedAudioError
        If it holds less than its header promises, or breaks off in the middle. An MP3 may lack
        three frames, since encoders pad and decoders trim; PCM may lack 128 bytes, since some
        writers count their own header. Sizes that streaming programs leave open (0 or the
        largest number) promise nothing.
    InvalidSamplesError
        If a sample is NaN, infinite or enormous.
    AudioTooLongError
        If it is longer than two hours, or than 2**30 values (channels x samples, 4 GiB).
    MissingExtraError
        If it takes the extra ``av``, and that is not installed.
    AudioError
        If it cannot be opened or read.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile, musictools as mt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     soundfile.write(f"{folder}/tone.wav", np.zeros((22_050, 2)), 44_100)
    ...     mt.audio.read(f"{folder}/tone.wav")
    <Recording 'tone.wav': 0.50 s, 2 channels, 44100 Hz>
    """
    file = check_path(path)
    opened: list[ArraySink] = []

    def open_sink(shape: Shape) -> ArraySink:
        opened.append(ArraySink(shape))
        return opened[-1]

    decoded = pour(file, open_sink, allow_truncated=allow_truncated)
    samples, shape = opened[-1].samples(), opened[-1].shape
    if not decoded.exact:
        check_finite(samples, shape.rate_hz, what=shape.what)
    samples.setflags(write=False)
    made = (samples, shape.rate_hz, file, shape.speakers, shape.bit_depth, shape.lossless)
    return Recording(*made)


def pour(file: Path, open_sink: OpenSink, *, allow_truncated: bool = False) -> Decoded:
    """Decode a file into a sink; errors are those of :func:`read`, but for length and values."""
    what = f"read {file.name}"
    try:
        with file.open("rb") as handle:
            kind = sniff(handle)
            if isinstance(kind, str):
                raise _not_audio(what, kind)
            promise = read_promise(handle, kind)
            decoded = _decode(handle, kind, promise, what=what, open_sink=open_sink)
    except OSError as error:
        if isinstance(error, AudioError):
            raise
        raise _unopenable(what, error) from error
    if not allow_truncated:
        _check_whole(what, decoded, promise)
    if decoded.sink.filled == 0:
        raise EmptyAudioError(
            what,
            got=f"{kind.name} with a header and no samples",
            expected="at least one sample",
            hint="export it again",
        )
    return decoded


def _decode(
    handle: IO[bytes], kind: Kind, promise: Promise, *, what: str, open_sink: OpenSink
) -> Decoded:
    if not kind.sndfile:
        return _decode_av.decode(handle, kind, what=what, open_sink=open_sink)
    try:
        return _decode_sf.decode(handle, kind, promise, what=what, open_sink=open_sink)
    except _decode_sf.RefusedError as refusal:
        if refusal.foreign:
            return _decode_av.decode(handle, kind, what=what, open_sink=open_sink)
        if promise.broken(0):
            raise TruncatedAudioError(
                what,
                got=f"{kind.name} of which nothing decodes ({refusal.words})",
                expected=promise.cut or "as much as the header promises",
                hint="copy or download it again",
            ) from refusal
        raise UnsupportedAudioError(
            what,
            got=f"damaged {kind.name} (libsndfile: {refusal.words})",
            expected="a readable header and sound",
            hint="copy or download it again, or export it again as FLAC or WAV",
        ) from refusal


def _check_whole(what: str, decoded: Decoded, promise: Promise) -> None:
    n, rate_hz = decoded.sink.filled, decoded.sink.shape.rate_hz
    short = promise.broken(n)
    if not short and decoded.damage is None and decoded.promised_s is None:
        return
    reason = decoded.damage or (promise.cut if short else None)
    frames = promise.expected(n)
    promised_s = frames / rate_hz if frames is not None else decoded.promised_s
    raise TruncatedAudioError(
        what,
        got=f"{n / rate_hz:.2f} s decoded" + (f" ({reason})" if reason else ""),
        expected="an unbroken file" if promised_s is None else f"the promised {promised_s:.2f} s",
        hint="copy or download it again, or take what is there: "
        "mt.audio.read(path, allow_truncated=True)",
    )


def check_path(path: str | os.PathLike[str]) -> Path:
    """Make sure that a path leads to a file that may hold a recording."""
    what = "read a recording"
    # Annotations stop nobody at run time, and bytes would pass most of what follows.
    given: object = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(given, str) or not given or "\0" in given:
        raise InputError(
            what,
            got=f"{path!r}" if isinstance(given, str | bytes) else f"a {type(path).__name__}",
            expected="the path of a file, as str or pathlib.Path",
            hint='mt.audio.read("song.wav"), or mt.audio.from_samples(samples, sample_rate)',
        )
    file = Path(given).expanduser()
    what = f"read {file.name}"
    try:
        info = file.stat()
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL}:
            raise _not_found(what, file) from error
        raise _unopenable(what, error) from error
    if stat.S_ISDIR(info.st_mode):
        raise InputError(
            what,
            got=f"the folder {given!r}",
            expected="one file",
            hint=f"mt.audio.extract({given!r}) describes every file in it",
        )
    if not stat.S_ISREG(info.st_mode):
        raise UnsupportedAudioError(
            what,
            got="a pipe, a device or a socket",
            expected="a file on disk",
            hint="save the stream to a file first",
        )
    if info.st_size == 0:
        raise EmptyAudioError(
            what, got="0 bytes", expected="audio", hint="copy or download it again"
        )
    return file


def _not_found(what: str, file: Path) -> AudioNotFoundError:
    got = "a link to nothing" if _is_link(file) else f"no file {str(file)!r}"
    near = _near(file)
    folder = file.absolute().parent
    hint = f"did you mean {near!r}?" if near else f"look into {folder}, and check the spelling"
    return AudioNotFoundError(what, got=got, expected="the path of a file", hint=hint)


def _is_link(file: Path) -> bool:
    try:
        return file.is_symlink()
    except OSError:
        return False


def _near(file: Path) -> str | None:
    try:
        with os.scandir(file.parent) as entries:
            names = {e.name.casefold(): e.name for e in islice(entries, _NEIGHBOURS)}
    except OSError:
        return None
    names.pop(file.name.casefold() if _is_link(file) else "", None)
    found = difflib.get_close_matches(file.name.casefold(), names, n=1, cutoff=0.7)
    return str(file.with_name(names[found[0]])) if found else None


def _not_audio(what: str, words: str) -> UnsupportedAudioError:
    return UnsupportedAudioError(
        what,
        got=words,
        expected="audio: WAV, FLAC, Ogg, Opus, MP3, AIFF, CAF, AU, or M4A and more with PyAV",
        hint="open it in a player, and export it as FLAC or WAV",
    )


def _unopenable(what: str, error: OSError) -> AudioError:
    return AudioError(
        what,
        got=error.strerror or str(error),
        expected="a file that can be opened and read",
        hint="check its permissions and the disk it is on",
    )
