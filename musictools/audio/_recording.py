"""One recording in memory: the only thing that the audio functions work on."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from musictools.errors import EmptyAudioError, InputError, InvalidSamplesError

#: Seconds of sound that are handed on at a time: few enough for little memory, and many enough for
#: the hundred calls that a block costs to be nothing beside what they do.
BLOCK_S = 8

# Full scale is 1, or 2^31 where a program forgot to scale; squares of much more overflow.
_LARGEST = 1e12

Samples: TypeAlias = npt.NDArray[np.float32]
Array: TypeAlias = npt.NDArray[np.floating] | Sequence[float] | Sequence[Sequence[float]]
Source: TypeAlias = "Recording | Array | str | os.PathLike[str]"

#: Loudspeaker of each channel, by channel count, in the order of WAV and BS.1770.
LAYOUTS: dict[int, tuple[str, ...]] = {
    1: ("M",),
    2: ("L", "R"),
    3: ("L", "R", "C"),
    4: ("L", "R", "Ls", "Rs"),
    5: ("L", "R", "C", "Ls", "Rs"),
    6: ("L", "R", "C", "LFE", "Ls", "Rs"),
}
#: Loudspeakers in WAV's order of channels: FFmpeg's names, and those of BS.1770 used here.
SPEAKERS: dict[str, str] = {
    "FL": "L", "FR": "R", "FC": "C", "LFE": "LFE", "BL": "Ls", "BR": "Rs",
    "FLC": "Lc", "FRC": "Rc", "BC": "Cs", "SL": "Ls", "SR": "Rs",
}  # fmt: skip
MIN_RATE_HZ, MAX_RATE_HZ = 1_000, 768_000


class Listener(Protocol):
    """Hears a recording from beginning to end."""

    def push(self, block: Samples) -> None:
        """Take the next samples, shape (channels, n)."""


#: Given a sample rate, a layout and a bit depth, it gives who is to hear the recording.
Begin: TypeAlias = Callable[[int, tuple[str, ...], int | None], Listener]


@dataclass(frozen=True, eq=False)
class Recording:
    """One recording in memory.

    Attributes
    ----------
    samples : numpy.ndarray, shape (channels, n), float32, read-only
        Full scale is 1.0; what a lossy codec decodes above it is kept, never clamped. Channels
        stand in the order of WAV: L R C LFE Ls Rs.
    sample_rate : int
        Samples per second, in Hz, as stored in the file.
    path : pathlib.Path or None
        Where it was read from.
    layout : tuple of str
        Loudspeaker of each channel: M (mono), L, R, C, LFE, Ls, Rs, Cs (rear centre), Lc, Rc; the
        usual one for the number of channels where the file does not say.
    bit_depth : int or None
        Bits of a sample in the file; None for lossy formats and floats, and for an array that does
        not say.
    lossless : bool or None
        Whether the file keeps every sample, as WAV and FLAC do in whatever bits, and MP3 and AAC
        do not; None for an array that does not say its bit depth.
    """

    samples: Samples
    sample_rate: int
    path: Path | None = None
    layout: tuple[str, ...] = ()
    bit_depth: int | None = None
    lossless: bool | None = None

    def __post_init__(self) -> None:
        if not self.layout:
            object.__setattr__(self, "layout", LAYOUTS[self.samples.shape[0]])
        if self.lossless is None and self.bit_depth is not None:
            object.__setattr__(self, "lossless", True)

    @property
    def channels(self) -> int:
        """Number of channels, 1 (mono) to 6 (5.1)."""
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.samples.shape[1] / self.sample_rate)

    def play(self, begin: Begin) -> bool | None:
        """Hand the samples to a listener, some seconds at a time.

        Parameters
        ----------
        begin : callable
            Given the sample rate, the layout and the bit depth, it gives a listener; its ``push``
            takes blocks of shape (channels, n), C-contiguous.

        Returns
        -------
        bool or None
            ``lossless``.
        """
        listener = begin(self.sample_rate, self.layout, self.bit_depth)
        size = BLOCK_S * self.sample_rate
        for start in range(0, self.samples.shape[1], size):
            # A copy: pieces of a larger array are neither contiguous nor writable, and compiled
            # loops want both.
            listener.push(self.samples[:, start : start + size].copy())
        return self.lossless

    def __repr__(self) -> str:
        name = f"{self.path.name!r}: " if self.path else ""
        return (
            f"<Recording {name}{self.duration_s:.2f} s, {self.channels} channel"
            f"{'s' if self.channels > 1 else ''}, {self.sample_rate} Hz>"
        )


def from_samples(
    samples: Array,
    sample_rate: int,
    *,
    path: str | os.PathLike[str] | None = None,
    layout: Sequence[str] | None = None,
    bit_depth: int | None = None,
) -> Recording:
    """Make a recording of an array.

    Parameters
    ----------
    samples : array_like, shape (channels, n) or (n,)
        Full scale is 1.0. Integers are refused, since their full scale cannot be known.
    sample_rate : int
        Samples per second, in Hz, 1,000 to 768,000.
    path : path-like, optional
        A name to remember it by.
    layout : sequence of str, optional
        Loudspeaker of each channel, such as ``["L", "R", "LFE"]``; by default that of WAV for so
        many channels.
    bit_depth : int, optional
        Bits of a sample in the file that it came from, or is meant for.

    Returns
    -------
    Recording
        A float32 copy, read-only.

    Raises
    ------
    InputError
        If the array is not one- or two-dimensional with one to six rows of floats, the rate or the
        bit depth is out of range, or the layout does not fit.
    EmptyAudioError
        If there are no samples.
    InvalidSamplesError
        If a sample is NaN, infinite or enormous.

    Examples
    --------
    >>> import numpy as np
    >>> import musictools as mt
    >>> mt.audio.from_samples(np.zeros((2, 44_100)), 44_100)
    <Recording 1.00 s, 2 channels, 44100 Hz>
    """
    array = np.asarray(samples)
    if not np.issubdtype(array.dtype, np.floating):
        raise InputError(
            "make a recording",
            got=f"samples of type {array.dtype}",
            expected="floats with full scale 1.0",
            hint="divide 16-bit integers by 32768.0",
        )
    if array.ndim == 1:
        array = array[np.newaxis]
    if array.ndim == 2 and 0 in array.shape:
        raise EmptyAudioError(
            "make a recording",
            got=f"an array of shape {array.shape}",
            expected="at least one sample",
            hint="check what was cut or filtered before",
        )
    if array.ndim != 2 or array.shape[0] not in LAYOUTS:
        raise InputError(
            "make a recording",
            got=f"an array of shape {array.shape}",
            expected="(channels, n) with 1 to 6 channels, or (n,)",
            hint="pass samples.T if channels stand last",
        )
    rate = _checked_rate(sample_rate)
    # A copy always: a recording that changes under its reader is no recording.
    with np.errstate(over="ignore"):
        owned = np.array(array, dtype=np.float32, order="C")
    check_finite(owned, rate, what="make a recording")
    owned.setflags(write=False)
    named = () if layout is None else _checked_layout(layout, owned.shape[0])
    bits = None if bit_depth is None else _checked_bits(bit_depth)
    return Recording(owned, rate, None if path is None else Path(path), named, bits)


def as_recording(source: Source, sample_rate: int | None = None) -> Recording:
    """Turn what an audio function was given into a recording.

    Parameters
    ----------
    source : Recording, path-like or array_like
        A recording, a file, or samples of shape (channels, n) or (n,).
    sample_rate : int, optional
        In Hz; needed for an array, refused otherwise.

    Returns
    -------
    Recording
        The recording itself, the decoded file, or a copy of the array.
    """
    from musictools.audio._decode import read

    if isinstance(source, Recording | str | os.PathLike):
        if sample_rate is not None:
            kind = "Recording" if isinstance(source, Recording) else "file"
            raise InputError(
                "use a recording",
                got=f"sample_rate={sample_rate} beside a {kind}",
                expected="the rate that it brings along",
                hint="leave sample_rate out",
            )
        return source if isinstance(source, Recording) else read(source)
    if sample_rate is None:
        raise InputError(
            "use an array as a recording",
            got="no sample_rate",
            expected="samples per second",
            hint="pass sample_rate=44100",
        )
    return from_samples(source, sample_rate)


def check_finite(samples: Samples, sample_rate: int, *, what: str, first: int = 0) -> None:
    """Raise InvalidSamplesError if a sample is NaN, infinite or enormous.

    ``first`` is where they begin.
    """
    # Two cheap numbers find any of them; only then is it worth looking where.
    if not samples.size or (samples.max() <= _LARGEST and samples.min() >= -_LARGEST):
        return
    bad = ~(np.abs(samples) <= _LARGEST)
    channel, place = (int(i) for i in np.argwhere(bad)[np.argmin(np.argwhere(bad)[:, 1])])
    raise InvalidSamplesError(
        what,
        got=f"{int(bad.sum())} NaN, infinite or enormous samples, the first at "
        f"{(first + place) / sample_rate:.3f} s in channel {channel + 1}",
        expected=f"numbers up to {_LARGEST:g}, where 1 is full scale",
        hint="export the file again, or pass numpy.nan_to_num(samples) to mt.audio.from_samples",
    )


def _checked_layout(layout: Sequence[str], channels: int) -> tuple[str, ...]:
    known = ("M", *dict.fromkeys(SPEAKERS.values()))
    if len(layout) != channels or any(name not in known for name in layout):
        raise InputError(
            "make a recording",
            got=f"layout={list(layout)!r} for {channels} channels",
            expected=f"one of {' '.join(known)} for each channel",
            hint=f"layout={list(LAYOUTS[channels])}",
        )
    return tuple(layout)


def _checked_rate(sample_rate: int) -> int:
    # bool is an int, and a float rate from a table is common and harmless when whole.
    whole = not isinstance(sample_rate, bool) and float(sample_rate).is_integer()
    if not whole or not MIN_RATE_HZ <= sample_rate <= MAX_RATE_HZ:
        raise InputError(
            "make a recording",
            got=f"sample_rate={sample_rate!r}",
            expected=f"a whole number of Hz from {MIN_RATE_HZ} to {MAX_RATE_HZ}",
            hint="pass sample_rate=44100",
        )
    return int(sample_rate)


def _checked_bits(bit_depth: int) -> int:
    if isinstance(bit_depth, bool) or bit_depth != int(bit_depth) or not 1 <= bit_depth <= 64:
        raise InputError(
            "make a recording",
            got=f"bit_depth={bit_depth!r}",
            expected="a whole number of bits from 1 to 64, or nothing for floats",
            hint="pass bit_depth=24",
        )
    return int(bit_depth)
