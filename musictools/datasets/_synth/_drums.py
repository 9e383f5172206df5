"""Drums: one stroke of one piece of a kit, as samples."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from musictools.datasets._synth._voices import (
    SAMPLE_RATE,
    Sound,
    band,
    close,
    noise_burst,
    ring,
    seconds,
)

#: Modes of a struck plate, in Hz: deliberately no harmonic series.
PLATE_HZ = np.array([2_137.0, 3_089.0, 4_211.0, 5_431.0, 6_337.0, 7_919.0, 9_473.0, 11_213.0])


@dataclass(frozen=True)
class Kick:
    """A bass drum: the pitch falls from ``top_hz`` to ``low_hz``."""

    low_hz: float = 52.0
    top_hz: float = 160.0
    drop_s: float = 0.03
    decay_s: float = 0.16
    click: float = 0.35
    drive: float = 1.4

    def __call__(self, rng: np.random.Generator) -> Sound:
        """One stroke."""
        n = int(min(5.0 * self.decay_s, 1.0) * SAMPLE_RATE)
        t = seconds(n)
        turns = self.low_hz * t
        turns += (self.top_hz - self.low_hz) * self.drop_s * (1.0 - np.exp(-t / self.drop_s))
        body = np.sin(2 * np.pi * turns) * np.exp(-t / self.decay_s) * np.minimum(t / 0.0008, 1.0)
        out = np.tanh(self.drive * body).astype(np.float32)
        out += self.click * band(noise_burst(n, 0.004, rng), 1_500.0, 9_000.0)
        return close(out, 0.03)


@dataclass(frozen=True)
class Snare:
    """A snare drum: two skin modes below a rattle of wires."""

    tone_hz: float = 186.0
    tone: float = 0.7
    tone_s: float = 0.07
    wires_s: float = 0.11
    low_hz: float = 900.0
    high_hz: float = 13_000.0

    def __call__(self, rng: np.random.Generator) -> Sound:
        """One stroke."""
        n = int((5.0 * max(self.wires_s, self.tone_s)) * SAMPLE_RATE)
        modes = np.array([1.0, 1.72, 2.4]) * self.tone_hz
        decays = self.tone_s * np.array([1.0, 0.7, 0.4])
        amps = self.tone * np.array([1.0, 0.6, 0.3])
        out = ring(modes, amps, decays, n=n, phases=np.zeros(3))
        out += 0.5 * band(noise_burst(n, self.wires_s, rng), self.low_hz, self.high_hz)
        out += 0.5 * band(noise_burst(n, 0.006, rng), 2_000.0, 16_000.0)
        return close(out, 0.02)


def tuned(kick: Kick, tonic: int) -> Kick:
    """Give the same bass drum on the nearest tonic or fifth."""
    notes = np.array([12 * octave + tonic + step for octave in range(1, 5) for step in (0, 7)])
    hz = 440.0 * 2.0 ** ((notes - 69.0) / 12.0)
    return replace(kick, low_hz=float(hz[np.argmin(np.abs(np.log2(hz / kick.low_hz)))]))


def clap(rng: np.random.Generator) -> Sound:
    """Four hands, a few milliseconds apart, and their room."""
    n = int(0.4 * SAMPLE_RATE)
    out = np.zeros(n, dtype=np.float32)
    for late_s, decay_s in ((0.0, 0.006), (0.011, 0.006), (0.021, 0.006), (0.03, 0.075)):
        start = int(late_s * SAMPLE_RATE)
        out[start:] += noise_burst(n - start, decay_s, rng)
    return close(band(out, 850.0, 6_500.0), 0.02)


@dataclass(frozen=True)
class Plate:
    """Anything of sheet metal: hats, ride and crash."""

    decay_s: float
    low_hz: float = 6_500.0
    metal: float = 0.35
    attack_s: float = 0.0
    ping: float = 0.0

    def __call__(self, rng: np.random.Generator) -> Sound:
        """One stroke."""
        n = int((4.5 * self.decay_s + 0.02) * SAMPLE_RATE)
        out = noise_burst(n, self.decay_s, rng)
        tune = PLATE_HZ * rng.uniform(0.99, 1.01)
        decays = np.full(tune.size, self.decay_s * 1.2)
        phases = rng.uniform(0, 2 * np.pi, tune.size)
        out += ring(tune, np.full(tune.size, self.metal), decays, n=n, phases=phases)
        out = band(out, self.low_hz, None, order=3)
        if self.ping:
            pings = np.array([3_350.0, 5_120.0])
            loud = np.array([self.ping, 0.5 * self.ping])
            out += ring(pings, loud, np.array([0.25, 0.12]), n=n, phases=np.zeros(2))
        if self.attack_s:
            out *= np.minimum(seconds(n) / self.attack_s, 1.0).astype(np.float32)
        return close(0.5 * out, 0.05 * self.decay_s + 0.01)


def tom(tune_hz: float, rng: np.random.Generator) -> Sound:
    """Strike a tom: a falling skin tone with a stick."""
    out = Kick(tune_hz, 1.7 * tune_hz, 0.05, 0.2, click=0.12, drive=1.0)(rng)
    return 0.8 * out


def rim(rng: np.random.Generator) -> Sound:
    """Lay a stick across the rim: short and woody."""
    n = int(0.12 * SAMPLE_RATE)
    modes = np.array([420.0, 1_640.0, 2_450.0])
    decays = np.array([0.02, 0.014, 0.01])
    out = ring(modes, np.array([0.5, 1.0, 0.5]), decays, n=n, phases=np.zeros(3))
    return close(0.7 * out + 0.2 * band(noise_burst(n, 0.01, rng), 1_000.0, 12_000.0))


def brush(rng: np.random.Generator) -> Sound:
    """Sweep a wire brush over the skin: soft noise without an edge."""
    n = int(0.32 * SAMPLE_RATE)
    out = band(noise_burst(n, 0.07, rng), 700.0, 14_000.0)
    return close(0.6 * out * np.minimum(seconds(n) / 0.012, 1.0).astype(np.float32), 0.05)


_HAT = Plate(0.028)
_PEDAL = Plate(0.02, 5_000.0)
_TOMS: dict[str, Callable[[np.random.Generator], Sound]] = {
    "tom1": partial(tom, 165.0),
    "tom2": partial(tom, 122.0),
    "tom3": partial(tom, 88.0),
}
_METAL: dict[str, Callable[[np.random.Generator], Sound]] = {
    "hat": _HAT,
    "open": Plate(0.16),
    "pedal": _PEDAL,
    "ride": Plate(0.4, 5_000.0, 0.2, ping=0.25),
    "crash": Plate(0.55, 2_800.0, 0.3, 0.003),
    "shaker": Plate(0.03, 5_500.0, 0.0, 0.018),
    "rim": rim,
}


@dataclass(frozen=True)
class Kit:
    """Pieces by role, and where each stands in the picture."""

    pieces: dict[str, Callable[[np.random.Generator], Sound]]
    gains: dict[str, float] = field(default_factory=dict)


#: -1 left to 1 right, seen by the listener.
PANS: dict[str, float] = {
    "hat": 0.3, "open": 0.3, "pedal": 0.3, "ride": -0.35, "crash": -0.25, "shaker": -0.4,
    "tom1": 0.35, "tom2": 0.0, "tom3": -0.35, "rim": 0.05, "kick": 0.0, "snare": 0.0,
}  # fmt: skip
#: Peak level of a full stroke against the kick.
GAINS: dict[str, float] = {
    "kick": 1.0, "snare": 0.8, "hat": 0.3, "open": 0.32, "pedal": 0.25, "ride": 0.3, "crash": 0.42,
    "shaker": 0.3, "tom1": 0.7, "tom2": 0.75, "tom3": 0.8, "rim": 0.5,
}  # fmt: skip

KITS: dict[str, Kit] = {
    "studio": Kit({**_METAL, **_TOMS, "kick": Kick(), "snare": Snare()}),
    "loud": Kit(
        {**_METAL, **_TOMS, "kick": Kick(58, 190, 0.025, 0.14, 0.6, 2.0),
         "snare": Snare(200, 0.9, 0.09, 0.15), "hat": Plate(0.05, 5_500.0)},
        {"hat": 0.34, "crash": 0.5},
    ),
    "soft": Kit(
        {**_METAL, **_TOMS, "kick": Kick(50, 110, 0.03, 0.12, 0.12, 0.9), "snare": brush,
         "hat": Plate(0.02, 7_500.0)},
        {"snare": 0.5, "hat": 0.2},
    ),
    "machine": Kit(
        {**_METAL, **_TOMS, "kick": Kick(48, 220, 0.022, 0.18, 0.3, 2.4), "snare": clap,
         "hat": Plate(0.02, 8_000.0, 0.5), "open": Plate(0.12, 7_500.0, 0.5)},
        {"kick": 1.15, "open": 0.36},
    ),
    "deep": Kit(
        {**_METAL, **_TOMS, "kick": Kick(44, 130, 0.05, 0.32, 0.2, 1.8),
         "snare": Snare(210, 0.45, 0.05, 0.08, 1_400.0), "hat": Plate(0.016, 8_500.0, 0.4)},
        {"kick": 1.0, "hat": 0.42, "open": 0.4},
    ),
    "breaks": Kit(
        {**_METAL, **_TOMS, "kick": Kick(60, 180, 0.02, 0.1, 0.5, 1.8),
         "snare": Snare(225, 0.8, 0.05, 0.09, 1_200.0, 15_000.0)},
    ),
    "jazz": Kit(
        {**_METAL, **_TOMS, "kick": Kick(62, 120, 0.03, 0.1, 0.1, 0.8),
         "snare": Snare(215, 0.5, 0.05, 0.07)},
        {"kick": 0.6, "snare": 0.5, "ride": 0.4, "pedal": 0.3},
    ),
}  # fmt: skip


def stroke(kit: Kit, role: str, *, tonic: int, rng: np.random.Generator) -> Sound:
    """One full stroke, at the level of its role in the kit.

    The bass drum is tuned to the tonic or the fifth of the key, whichever is nearer (``tonic`` 0
    is C): a kick on any other note fights the bass.
    """
    piece = kit.pieces[role]
    sound = (tuned(piece, tonic) if isinstance(piece, Kick) else piece)(rng)
    peak = float(np.abs(sound).max()) + 1e-9
    return sound * np.float32(kit.gains.get(role, GAINS[role]) / peak)
