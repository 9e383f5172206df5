"""What a descriptor is, and what a family of them wants from the pass over the samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

from musictools._threads import one_thread
from musictools._version import __version__

if TYPE_CHECKING:
    from musictools.audio._recording import Begin

Value: TypeAlias = float | str | None
Block: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Descriptor:
    """One column of the features table.

    Attributes
    ----------
    name : str
        Column name, with the unit as its suffix.
    unit : str
        Such as ``"Hz"``, ``"LUFS"``, ``"1"`` for a pure number, ``"text"`` for a word.
    family : str
        The room that computes it.
    minimum, maximum : float
        Bounds that hold for every recording; infinite where there is none.
    source : str
        Standard or paper that defines it.
    meaning : str
        One sentence, with the case that gives NaN.
    """

    name: str
    unit: str
    family: str
    minimum: float
    maximum: float
    source: str
    meaning: str


@dataclass(frozen=True)
class Mono:
    """A request for the mono mix at a rate, as blocks of shape (n,).

    Attributes
    ----------
    rate_hz : int
        The mix (mean of all channels but the low-frequency effects) is resampled to this rate, so
        that columns of recordings of different rates compare.
    """

    rate_hz: int


@dataclass(frozen=True)
class Spectrum:
    """A request for power spectra of the mono mix: Hann frames of ``size``, every ``hop``.

    Attributes
    ----------
    rate_hz : int
        As of ``Mono``.
    size, hop : int
        In samples at ``rate_hz``.
    centred : bool
        Frame i is centred on sample ``i * hop`` (zeros before the start and after the end);
        otherwise it begins there.
    """

    rate_hz: int
    size: int
    hop: int
    centred: bool = False


class Playable(Protocol):
    """A recording, in memory or still in its file."""

    @property
    def path(self) -> Path | None:
        """Where it is, or was read from."""

    def play(self, begin: "Begin") -> bool | None:
        """Hand the samples to the listener that ``begin`` gives for a format.

        Tells whether the file is lossless; None where nobody knows.
        """


class Track(Protocol):
    """What the pass gathers from one recording for the families that want it.

    ``needs`` says what ``update`` is fed: None for the samples as they are, shape (channels, n);
    ``Mono`` for shape (n,); ``Spectrum`` for power spectra, shape (frames, size // 2 + 1). A block
    is only to be read, and only until ``update`` returns.
    """

    @property
    def needs(self) -> Mono | Spectrum | None:
        """What ``update`` is fed."""

    def __init__(self, sample_rate: int, layout: tuple[str, ...]) -> None:
        """Begin a recording."""

    def update(self, block: Block) -> None:
        """Take the next block."""


T = TypeVar("T")


class Tracks:
    """The finished tracks of one recording, and what has been concluded from them.

    Parameters
    ----------
    gathered : mapping
        Each track by its class.
    sample_rate : int
        In Hz.
    layout : tuple of str
        Loudspeaker of each channel.
    frames : int
        Samples per channel.
    bit_depth : int, optional
        Bits of a stored sample; None where they are no integers, or nobody knows.
    lossless : bool, optional
        Whether the file keeps every sample; None where nobody knows.
    path : pathlib.Path, optional
        Where the recording is, or was read from.
    """

    def __init__(
        self,
        gathered: Mapping[type[Track], Track],
        *,
        sample_rate: int = 1,
        layout: tuple[str, ...] = (),
        frames: int = 0,
        bit_depth: int | None = None,
        lossless: bool | None = None,
        path: Path | None = None,
    ) -> None:
        self.sample_rate, self.layout, self.duration_s = sample_rate, layout, frames / sample_rate
        self.bit_depth, self.lossless, self._path = bit_depth, lossless, path
        self._gathered = gathered
        self._concluded: dict[Callable[..., Any], Any] = {}

    def __getitem__(self, kind: type[T]) -> T:
        """Give the track of one class."""
        return cast("T", self._gathered[cast("type[Track]", kind)])

    def provenance(self, function: str) -> dict[str, Any]:
        """Record what a result was made of: version, function, and the recording."""
        return {
            "musictools": __version__,
            "function": function,
            "path": None if self._path is None else str(self._path),
            "sample_rate_hz": self.sample_rate,
            "channels": len(self.layout),
            "bit_depth": self.bit_depth,
            "duration_s": self.duration_s,
        }

    def once(self, conclude: "Callable[[Tracks], T]") -> T:
        """Give what a function concludes from these tracks, without asking it twice."""
        if conclude not in self._concluded:
            with one_thread():
                self._concluded[conclude] = conclude(self)
        return cast("T", self._concluded[conclude])


class Family(Protocol):
    """A room of descriptors."""

    @property
    def tracks(self) -> tuple[type[Track], ...]:
        """What the pass has to gather for it."""

    @property
    def descriptors(self) -> tuple[Descriptor, ...]:
        """The columns it gives."""

    def measure(self, tracks: Tracks) -> Mapping[str, Value]:
        """Give a value for every descriptor."""
