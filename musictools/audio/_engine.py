"""Who measures: this package, or essentia or librosa for comparison."""

import importlib
from collections.abc import Mapping
from typing import Protocol

from musictools.audio._descriptor import Descriptor, Value
from musictools.audio._recording import Recording
from musictools.audio._stream import AudioFile
from musictools.errors import InputError, closest

#: The first is the one that is meant where none is named.
ENGINES = ("musictools", "essentia", "librosa")


class Engine(Protocol):
    """A way to turn a recording into one row."""

    def version(self) -> str:
        """Name what its numbers depend on besides the names of its columns."""

    def columns(self) -> tuple[Descriptor, ...]:
        """Every descriptor that it gives, without loading what computes them."""

    def measure(self, source: Recording | AudioFile) -> Mapping[str, Value]:
        """Give a value for every descriptor."""


def choose(engine: str) -> Engine:
    """Give an engine by its name.

    Raises
    ------
    InputError
        If there is none of that name.
    MissingExtraError
        If the package that it stands for is not installed.
    """
    if engine not in ENGINES:
        raise InputError(
            "choose an engine",
            got=f"engine={engine!r}",
            expected=", ".join(ENGINES),
            hint=closest(str(engine), ENGINES),
        )
    module = importlib.import_module(f"musictools.audio._engine_{engine}")
    chosen: Engine = module.ENGINE
    return chosen
