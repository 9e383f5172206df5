"""Recordings made to order, with the truth about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from musictools._checks import generator
from musictools.audio._keys import KEYS
from musictools.audio._recording import Recording, from_samples
from musictools.datasets._synth._faults import usual_fault
from musictools.datasets._synth._render import check_spec, render
from musictools.datasets._synth._spec import Fault, SongSpec
from musictools.datasets._synth._styles import STYLES
from musictools.datasets._truth import tabled
from musictools.errors import InputError, closest

__all__ = ["SimulatedRecording", "simulate_recording"]

# A master as it leaves the studio; floats of single precision hold as many.
_BIT_DEPTH = 24


@dataclass(frozen=True, eq=False)
class SimulatedRecording:
    """A synthesised song and everything that is known about it.

    Attributes
    ----------
    recording : Recording
        44.1 kHz stereo.
    truth : dict
        ``style``, ``bpm``, ``key``, ``beats_per_bar``, ``beats_s`` and ``downbeats_s`` (arrays of
        seconds), ``chords`` and ``sections`` (tables start_s, end_s, label; chords in Harte's
        notation), ``loudness_lufs`` (before faults) and ``faults`` (each with ``kind``,
        ``size``, ``unit``, ``start_s``, ``end_s``, ``frequency_hz``, ``at_s``).
    """

    recording: Recording
    truth: dict[str, Any]

    def __repr__(self) -> str:
        faults = ", ".join(fault.kind for fault in self.truth["faults"]) or "no faults"
        return (
            f"<SimulatedRecording {self.truth['style']}, {self.truth['bpm']:g} BPM, "
            f"{self.truth['key']}, {self.recording.duration_s:.2f} s, {faults}>"
        )


def simulate_recording(
    *,
    style: str = "pop",
    bpm: float | None = None,
    key: str | None = None,
    duration_s: float = 30.0,
    loudness_lufs: float = -14.0,
    faults: Iterable[str | Fault] = (),
    rng: int | np.random.Generator | None = None,
) -> SimulatedRecording:
    """Synthesise a song with drums, bass, chords and a tune, and tell the truth about it.

    Parameters
    ----------
    style : str, default "pop"
        pop, rock, ballad, waltz, house, hip-hop, folk, jazz, soul or drum and bass.
    bpm : float, optional
        Beats per minute, 60 to 190, steady; drawn from the range of the style where left out.
    key : str, optional
        Such as ``"F# minor"``; roots are C Db D Eb E F F# G Ab A Bb B; drawn where left out.
    duration_s : float, default 30.0
        About how long, 5 to 600 s; the song ends on a whole bar, and rings out.
    loudness_lufs : float, default -14.0
        Integrated loudness before faults, -40 to -6 LUFS.
    faults : iterable of str or Fault
        Names of faults, such as ``"hum"``, in their usual size, or faults with a size of your own.
    rng : int or numpy.random.Generator, optional
        Seed. The same seed gives the same samples.

    Returns
    -------
    SimulatedRecording
        ``.recording`` and ``.truth``.

    Raises
    ------
    InputError
        If a style, key or fault is unknown, or a number is out of range.

    Notes
    -----
    Beats stand exactly on the grid; swing moves only what lies between them, and the hands of
    the players stray by a few milliseconds. A rendering takes about 2 s for each minute of song.

    Examples
    --------
    >>> import musictools as mt
    >>> song = mt.datasets.simulate_recording(
    ...     style="waltz", bpm=120, key="D minor", duration_s=8, faults=["hum"], rng=1
    ... )
    >>> song
    <SimulatedRecording waltz, 120 BPM, D minor, 7.65 s, hum>
    >>> song.truth["chords"]["label"][0]
    'D:min'
    """
    rng = generator(rng, "simulate a recording")
    seed = int(rng.integers(2**32))
    if style not in STYLES:
        raise InputError(
            "simulate a recording",
            got=f"style {style!r}",
            expected="a known style",
            hint=closest(str(style), STYLES),
        )
    # Both are drawn always, so that giving one of them leaves the other as it was.
    drawn_bpm = round(float(rng.uniform(*STYLES[style].bpm)), 1)
    drawn_key = KEYS[int(rng.integers(len(KEYS)))]
    spec = SongSpec(
        style=style,
        bpm=drawn_bpm if bpm is None else _number("bpm", bpm),
        key=drawn_key if key is None else key,
        beats_per_bar=STYLES[style].beats_per_bar,
        duration_s=_number("duration_s", duration_s),
        loudness_lufs=_number("loudness_lufs", loudness_lufs),
        faults=_faults(faults),
        seed=seed,
    )
    check_spec(spec)
    song = render(spec)
    recording = from_samples(song.samples, song.sample_rate, bit_depth=_BIT_DEPTH)
    return SimulatedRecording(recording, tabled(song.truth))


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise InputError(
            "simulate a recording",
            got=f"{name}={value!r}",
            expected="a number",
            hint=f"leave {name} out",
        )
    return float(value)


def _faults(faults: object) -> tuple[Fault, ...]:
    named = [faults] if isinstance(faults, str | Fault) else faults
    found: list[Fault] = []
    for one in named if isinstance(named, Iterable) else [named]:
        if not isinstance(one, str | Fault):
            raise InputError(
                "simulate a recording",
                got=f"the fault {one!r}",
                expected="names of faults, or mt.datasets.Fault",
                hint='faults=["hum"]',
            )
        found.append(usual_fault(one) if isinstance(one, str) else one)
    return tuple(found)
