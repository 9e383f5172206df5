"""What a descriptor is, and what a family of them wants from the pass over the samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

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
class Spectrum:
    """A request for power spectra of the mono mix: Hann frames of ``size``, every ``hop``.

    Attributes
    ----------
    rate_hz : int
        The mix is resampled to this rate first, so that columns of recordings of different rates
        compare.
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


class Accumulator(Protocol):
    """The state of one family on one recording."""

    def update(self, block: Block) -> None:
        """Take the next block: samples (channels, n), or power spectra (frames, size // 2 + 1)."""

    def finish(self) -> Mapping[str, Value]:
        """Give a value for every descriptor of the family."""


class Family(Protocol):
    """A room of descriptors."""

    @property
    def needs(self) -> Spectrum | None:
        """What ``update`` is fed: None for the samples themselves."""

    @property
    def descriptors(self) -> tuple[Descriptor, ...]:
        """The columns it gives."""

    def start(self, sample_rate: int, layout: tuple[str, ...]) -> Accumulator:
        """Begin a recording."""
