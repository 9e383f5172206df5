"""The loudest seconds of a recording, kept while it plays by, whatever its length."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._recording import Samples, Source
from musictools.audio._stream import as_source
from musictools.errors import InputError

# An edge would reach over all frequencies, and overshoot between its samples.
_FADE_S = 0.01


@dataclass(frozen=True, eq=False)
class Excerpt:
    """A part of a recording.

    Attributes
    ----------
    samples : numpy.ndarray, shape (channels, n), float32
        Faded over 10 ms where it was cut.
    rate_hz : int
        Samples per second.
    layout : tuple of str
        Loudspeaker of each channel.
    start_s, end_s : float
        Where it lies in the recording.
    """

    samples: Samples
    rate_hz: int
    layout: tuple[str, ...]
    start_s: float
    end_s: float


def loudest(source: Source, seconds: float, *, sample_rate: int | None = None) -> Excerpt:
    """Give the part with the most energy, in whole seconds; everything where it is no longer.

    Parameters
    ----------
    source : Recording, path-like or array_like
        As for every audio function.
    seconds : float
        Length, rounded up to whole seconds.
    sample_rate : int, optional
        In Hz; needed for an array only.

    Returns
    -------
    Excerpt
        The first of them where several are as loud.

    Raises
    ------
    InputError
        If ``seconds`` is no positive number.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise InputError(
            "take an excerpt",
            got=f"excerpt_s={seconds!r}",
            expected="a positive number of seconds",
            hint="excerpt_s=30",
        )
    begun: list[_Loudest] = []

    def begin(rate_hz: int, layout: tuple[str, ...], _bits: int | None) -> _Loudest:
        begun.append(_Loudest(rate_hz, layout, math.ceil(seconds)))
        return begun[-1]

    as_source(source, sample_rate).play(begin)
    return begun[-1].finish()


class _Loudest:
    """Keeps the last seconds and the best so far, second by second."""

    def __init__(self, rate_hz: int, layout: tuple[str, ...], seconds: int) -> None:
        self._rate, self._layout = rate_hz, layout
        self._recent: deque[tuple[Samples, float]] = deque(maxlen=seconds)
        self._best: list[tuple[Samples, float]] = []
        self._best_energy, self._best_end = -1.0, 0
        self._begun, self._filled = self._second(), 0
        self._seen = 0

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        taken = 0
        while taken < block.shape[1]:
            part = block[:, taken : taken + self._rate - self._filled]
            self._begun[:, self._filled : self._filled + part.shape[1]] = part
            taken += part.shape[1]
            self._filled += part.shape[1]
            if self._filled == self._rate:
                self._keep()

    def finish(self) -> Excerpt:
        """Give the best part."""
        if self._filled:
            self._keep()
        samples = np.concatenate([second for second, _ in self._best], axis=1)
        end = self._best_end
        start = end - samples.shape[1]
        fade = min(round(_FADE_S * self._rate), samples.shape[1] // 2)
        ramp = np.sin(np.linspace(0, np.pi / 2, fade, endpoint=False, dtype=np.float32)) ** 2
        if start > 0:
            samples[:, :fade] *= ramp
        if end < self._seen and fade:
            samples[:, -fade:] *= ramp[::-1]
        return Excerpt(samples, self._rate, self._layout, start / self._rate, end / self._rate)

    def _second(self) -> npt.NDArray[np.float32]:
        return np.empty((len(self._layout), self._rate), np.float32)

    def _keep(self) -> None:
        second = self._begun[:, : self._filled]
        filling = len(self._recent) < (self._recent.maxlen or 0)
        self._recent.append((second, float(np.square(second, dtype=np.float64).sum())))
        self._seen += self._filled
        energy = sum(part for _, part in self._recent)
        if filling or energy > self._best_energy:
            self._best, self._best_energy = list(self._recent), energy
            self._best_end = self._seen
        self._begun, self._filled = self._second(), 0
