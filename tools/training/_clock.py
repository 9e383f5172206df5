"""The clock of a training song: beats to seconds, with swing, drift, rubato and ritardando."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Floats = npt.NDArray[np.float64]
#: Longest deviation of a drifting tempo from the nominal one.
DRIFT = 0.04
#: What the last bar of a ritardando is slowed to, as a share of the tempo.
SLOWEST = (0.62, 0.85)


@dataclass(frozen=True)
class Clock:
    """When beats fall.

    Attributes
    ----------
    beats_s : numpy.ndarray, shape (beats + 1,)
        The time of each beat and of the end of the last one, in seconds.
    swing : float
        Where the second of two notes falls, as a share of the pair: 0.5 is straight.
    swing_beats : float
        Length of such a pair: 1 swings eighth notes, 0.5 sixteenths.
    """

    beats_s: Floats
    swing: float = 0.5
    swing_beats: float = 1.0

    def at(self, beat: float) -> float:
        """Give the time of a place in beats, with its swing."""
        whole, part = divmod(beat / self.swing_beats, 1.0)
        if part < 0.5:
            part *= 2.0 * self.swing
        else:
            part = self.swing + (part - 0.5) * 2.0 * (1.0 - self.swing)
        return self.plain(self.swing_beats * (whole + part))

    def plain(self, beat: float) -> float:
        """Give the time of a place in beats, unswung; the last beat goes on beyond the end."""
        last = self.beats_s.size - 1
        if beat >= last:
            step_s = self.beats_s[-1] - self.beats_s[-2]
            return float(self.beats_s[-1] + (beat - last) * step_s)
        return float(np.interp(beat, np.arange(last + 1), self.beats_s))


def wander(kind: str, count: int, *, beats_per_bar: int, rng: np.random.Generator) -> Floats:
    """Give the tempo of each beat as a multiple of the nominal tempo.

    Parameters
    ----------
    kind : str
        ``steady``, ``human`` (within 1 %), ``drift`` (slow walk within 4 %), ``ramp`` (steadily
        faster or slower), ``rubato`` (phrases breathe), ``ritardando`` (human, slower at the end).
    count : int
        Beats.
    beats_per_bar : int
        For phrases and the last bar.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    numpy.ndarray, shape (count,)
        About 1.
    """
    tempo = np.ones(count)
    place = np.linspace(0.0, 1.0, count)
    if kind in {"human", "ritardando", "rubato"}:
        slow = ndimage.gaussian_filter1d(rng.standard_normal(count), 3.0)
        tempo += float(rng.uniform(0.002, 0.006)) * slow / (slow.std() + 1e-9)
        tempo += rng.normal(0.0, 0.003, count)
    if kind == "drift":
        walk = ndimage.gaussian_filter1d(np.cumsum(rng.standard_normal(count)), 4.0)
        walk -= walk.mean()
        tempo += float(rng.uniform(0.4, 1.0)) * DRIFT * walk / (np.abs(walk).max() + 1e-9)
    if kind == "ramp":
        tempo += float(rng.choice([-1.0, 1.0]) * rng.uniform(0.015, DRIFT)) * (2 * place - 1)
    if kind == "rubato":
        phrase = beats_per_bar * float(rng.choice([2, 4]))
        depth = float(rng.uniform(0.03, 0.09))
        tempo -= depth * np.cos(2 * np.pi * np.arange(count) / phrase)
        # A musician waits a little before the next phrase.
        ends = np.arange(count) % phrase >= phrase - 1.0
        tempo[ends] *= 1.0 - float(rng.uniform(0.02, 0.12))
    if kind == "ritardando" or (kind == "rubato" and rng.random() < 0.5):
        last = min(beats_per_bar * 2, count)
        tempo[count - last :] *= np.linspace(1.0, rng.uniform(*SLOWEST), last) ** 1.3
    return tempo


def make_clock(bpm: float, tempo: Floats, *, start_s: float, swing: tuple[float, float]) -> Clock:
    """Add the beats up.

    Parameters
    ----------
    bpm : float
        Nominal tempo.
    tempo : numpy.ndarray
        Of each beat, as a multiple of the nominal tempo.
    start_s : float
        Time of the first beat.
    swing : tuple of float
        Share of the pair and length of the pair in beats.

    Returns
    -------
    Clock
        Ready to be asked.
    """
    steps_s = 60.0 / (bpm * tempo)
    beats_s = start_s + np.concatenate([[0.0], np.cumsum(steps_s)])
    return Clock(beats_s, *swing)
