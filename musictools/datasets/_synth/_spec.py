"""What to synthesise: the one thing that the world hands to the studio."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Fault:
    """One planted production fault.

    Attributes
    ----------
    kind : str
        A finding kind of ``mt.audio.quality``, such as ``"clipping"`` or ``"hum"``.
    size : float
        Strength, in ``unit``.
    unit : str
        Such as ``"db"``, ``"hz"``, ``"dbfs"``, ``"ms"`` or ``"fs"`` (of full scale).
    start_s, end_s : float or None
        Where it is, in seconds; None for the whole song.
    frequency_hz : float or None
        Of hum (50 or 60) or a resonance, in Hz; None lets the planter choose.
    at_s : tuple of float
        Times of clicks or drop-outs, in seconds; empty lets the planter choose.
    """

    kind: str
    size: float
    unit: str
    start_s: float | None = None
    end_s: float | None = None
    frequency_hz: float | None = None
    at_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class SongSpec:
    """Everything that decides how a synthesised song sounds.

    Attributes
    ----------
    style : str
        A name of ``STYLES``.
    bpm : float
        Beats per minute, 60 to 190, steady.
    key : str
        Root and mode, such as ``"F# minor"``; roots are C Db D Eb E F F# G Ab A Bb B.
    beats_per_bar : int
        3 or 4.
    duration_s : float
        Wanted length in seconds; the song ends on a whole bar near it.
    loudness_lufs : float
        Integrated loudness of the master before faults.
    faults : tuple of Fault
        Planted after mastering, in order.
    seed : int
        Decides every random choice.
    """

    style: str
    bpm: float
    key: str
    beats_per_bar: int
    duration_s: float
    loudness_lufs: float
    faults: tuple[Fault, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Song:
    """A synthesised song and the truth about it.

    Attributes
    ----------
    samples : numpy.ndarray, shape (2, n), float32
        Full scale is 1.0.
    sample_rate : int
        In Hz.
    truth : dict
        ``bpm``, ``key``, ``beats_per_bar``, ``beats_s``, ``downbeats_s`` (arrays of seconds),
        ``chords`` and ``sections`` (lists of ``(start_s, end_s, label)``), ``loudness_lufs``,
        ``faults`` (list of Fault, with their places filled in).
    """

    samples: npt.NDArray[np.float32]
    sample_rate: int
    truth: dict[str, Any]
