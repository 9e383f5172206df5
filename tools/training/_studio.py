"""Training songs played by the voices of musictools' own studio."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from scipy import signal

from musictools.datasets._synth._drums import (
    KITS,
    PANS,
    Kick,
    Plate,
    Snare,
    brush,
    clap,
    rim,
    tom,
)
from musictools.datasets._synth._voices import (
    PATCHES,
    SAMPLE_RATE,
    STRINGS,
    Sound,
    close,
    noise_burst,
    play,
    play_patch,
    pluck,
    ring,
)

Piece = Callable[[np.random.Generator], Sound]
#: Level of each piece before the kit is shaken up.
GAINS = {
    "kick": 1.0, "snare": 0.75, "clap": 0.6, "rim": 0.45, "hat": 0.28, "open": 0.32, "pedal": 0.22,
    "ride": 0.28, "crash": 0.45, "shaker": 0.22, "tamb": 0.28, "tom1": 0.6, "tom2": 0.6,
    "tom3": 0.65, "conga_hi": 0.4, "conga_lo": 0.45, "cowbell": 0.28, "agogo_hi": 0.25,
    "agogo_lo": 0.25, "clave": 0.35, "wood": 0.3, "triangle": 0.16, "timbale": 0.4,
}  # fmt: skip
#: Lengths of notes are rounded up to this, so that one rendering serves many notes.
LENGTH_STEP_S = 0.06
#: Velocities at which notes are rendered; in between only the level changes.
LAYERS = 2
TAKES = 2


def _bar(hz: tuple[float, ...], decay_s: float, rng: np.random.Generator) -> Sound:
    """Strike metal or wood: some modes and a tick."""
    n = int(min(6 * decay_s, 1.2) * SAMPLE_RATE)
    freqs = np.array(hz) * rng.uniform(0.995, 1.005)
    amps = 1.0 / np.arange(1.0, freqs.size + 1.0)
    out = ring(freqs, amps, np.full(freqs.size, decay_s), n=n, phases=np.zeros(freqs.size))
    return close(out + 0.15 * noise_burst(n, 0.003, rng), 0.02)


def make_kit(sort: str, rng: np.random.Generator) -> dict[str, Piece]:
    """Build a kit whose every piece differs from song to song.

    Parameters
    ----------
    sort : str
        A name of ``KITS``.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    dict of str to callable
        Each gives one stroke.
    """
    base = KITS[sort]
    pieces: dict[str, Piece] = dict(base.pieces)
    for role, piece in list(pieces.items()):
        stretch = float(np.exp(rng.normal(0.0, 0.3)))
        pitch = float(np.exp(rng.normal(0.0, 0.12)))
        if isinstance(piece, Kick):
            pieces[role] = replace(
                piece, low_hz=piece.low_hz * pitch, top_hz=piece.top_hz * stretch,
                decay_s=piece.decay_s * stretch, click=piece.click * float(rng.uniform(0.2, 2.0)),
                drive=piece.drive * float(rng.uniform(0.7, 2.2)),
            )  # fmt: skip
        elif isinstance(piece, Snare):
            pieces[role] = replace(
                piece, tone_hz=piece.tone_hz * pitch,
                tone=piece.tone * float(rng.uniform(0.4, 1.6)),
                wires_s=piece.wires_s * stretch, low_hz=piece.low_hz * pitch**2,
            )  # fmt: skip
        elif isinstance(piece, Plate):
            pieces[role] = replace(
                piece, decay_s=piece.decay_s * stretch, low_hz=piece.low_hz * pitch**2,
                metal=piece.metal * float(rng.uniform(0.2, 2.0)),
            )  # fmt: skip
    pieces.setdefault("rim", rim)
    if sort == "soft" and rng.random() < 0.5:
        pieces["snare"] = brush
    high = float(rng.uniform(230.0, 400.0))
    return pieces | {
        "clap": clap,
        "tamb": Plate(float(rng.uniform(0.04, 0.1)), 6_000.0, 0.6),
        "conga_hi": partial(tom, high), "conga_lo": partial(tom, high * 0.72),
        "timbale": partial(tom, high * 1.4),
        "cowbell": partial(_bar, (562.0, 845.0, 1_900.0), 0.07),
        "agogo_hi": partial(_bar, (1_080.0, 2_700.0), 0.09),
        "agogo_lo": partial(_bar, (760.0, 1_900.0), 0.09),
        "clave": partial(_bar, (2_450.0, 5_100.0), 0.025),
        "wood": partial(_bar, (900.0, 2_100.0), 0.03),
        "triangle": partial(_bar, (4_100.0, 6_350.0, 9_700.0), 0.35),
    }  # fmt: skip


def play_hits(
    strokes: list[tuple[float, str, float]], sort: str, *, n: int, rng: np.random.Generator
) -> Sound:
    """Play drum strokes.

    Parameters
    ----------
    strokes : list of (float, str, float)
        Time in seconds, piece, strength.
    sort : str
        A name of ``KITS``.
    n : int
        Samples wanted.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        The drums.
    """
    kit = make_kit(sort, rng)
    gains = {role: GAINS[role] * float(np.exp(rng.normal(0.0, 0.25))) for role in GAINS}
    takes: dict[str, list[Sound]] = {}
    for role in sorted({role for _, role, _ in strokes}):
        made = [kit[role](rng) for _ in range(TAKES)]
        takes[role] = [s * np.float32(gains[role] / (np.abs(s).max() + 1e-9)) for s in made]
    wide = float(rng.uniform(0.0, 1.0))
    track = np.zeros((2, n), dtype=np.float32)
    for time_s, role, velocity in strokes:
        take = takes[role][int(rng.integers(TAKES))]
        angle = (wide * PANS.get(role, 0.25) + 1.0) * np.pi / 4.0
        loud = velocity**1.3
        place(track, take, round(time_s * SAMPLE_RATE),
              gains=(loud * float(np.cos(angle)), loud * float(np.sin(angle))))  # fmt: skip
    return track


def place(track: Sound, sound: Sound, start: int, *, gains: tuple[float, float]) -> None:
    """Add a sound to a track at a sample; what does not fit is dropped."""
    start = max(start, 0)
    end = min(start + sound.shape[-1], track.shape[1])
    for row in range(2) if end > start else ():
        mono = sound[row] if sound.ndim == 2 else sound
        track[row, start:end] += np.float32(gains[row]) * mono[: end - start]


def vary_voice(voice: str, rng: np.random.Generator) -> Callable[..., Sound]:
    """Give a player of a voice whose timbre differs from song to song."""
    bright = float(np.exp(rng.normal(0.0, 0.35)))
    if voice in PATCHES:
        patch = PATCHES[voice]
        wave = patch.wave
        if "lead" in voice or "synth" in voice:
            wave = str(rng.choice(["saw", "square", "reed", wave]))
        patch = replace(
            patch, wave=wave, bright_hz=patch.bright_hz * bright, dark_hz=patch.dark_hz * bright,
            sweep_s=patch.sweep_s * float(np.exp(rng.normal(0.0, 0.4))),
            unison=min(patch.unison, 4),
            attack_s=patch.attack_s * float(np.exp(rng.normal(0.0, 0.4))),
            detune_cents=patch.detune_cents * float(rng.uniform(0.5, 1.3)),
            vibrato_cents=patch.vibrato_cents * float(rng.uniform(0.0, 1.8)),
        )  # fmt: skip
        return partial(play_patch, patch)
    if voice in STRINGS:
        string = STRINGS[voice]
        pick = float(np.clip(string.pick * rng.uniform(0.7, 1.4), 0.05, 0.45))
        string = replace(string, bright_hz=string.bright_hz * bright, pick=pick)
        return partial(pluck, string)

    def struck(freq_hz: float, length_s: float, **how: object) -> Sound:
        pitch = 69.0 + 12.0 * float(np.log2(freq_hz / 440.0))
        return play(voice, pitch, length_s, **how)  # type: ignore[arg-type]

    return struck


def play_notes(
    notes: list[tuple[float, float, float, float]], voice: str, *, n: int, rng: np.random.Generator
) -> Sound:
    """Play notes on one voice.

    Parameters
    ----------
    notes : list of (float, float, float, float)
        Time and length in seconds, MIDI pitch with its tuning, strength.
    voice : str
        Of the studio.
    n : int
        Samples wanted.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        The track, panned somewhere.
    """
    track = np.zeros((2, n), dtype=np.float32)
    sound_of = vary_voice(voice, rng)
    made: dict[tuple[float, int, int], Sound] = {}
    angle = (float(rng.uniform(-0.5, 0.5)) + 1.0) * np.pi / 4.0
    left, right = float(np.cos(angle)), float(np.sin(angle))
    for time_s, length_s, pitch, velocity in notes:
        layer = 1 + int(velocity > 0.62)
        # Steps that grow with the length: nobody hears 2.0 s against 2.1 s.
        steps = max(1, int(np.ceil(np.log1p(length_s / LENGTH_STEP_S) * 6.0)))
        key = (pitch, steps, layer)
        if key not in made:
            held_s = LENGTH_STEP_S * float(np.expm1(steps / 6.0))
            freq_hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
            made[key] = sound_of(freq_hz, held_s, velocity=0.55 if layer == 1 else 0.85, rng=rng)
        loud = velocity / (0.55 if layer == 1 else 0.85)
        place(track, made[key], round(time_s * SAMPLE_RATE), gains=(loud * left, loud * right))
    return track


def duck(kicks_s: list[float], beat_s: float, *, depth_db: float, n: int) -> Sound:
    """Give the gain of a side-chain that every bass drum pushes down."""
    pulse = np.zeros(n // 64 + 2, dtype=np.float64)
    for time_s in kicks_s:
        index = int(time_s * SAMPLE_RATE / 64)
        if index < pulse.size:
            pulse[index] = 1.0
    pole = float(np.exp(-64.0 / SAMPLE_RATE / (0.35 * beat_s)))
    dip = np.minimum(signal.lfilter([1.0], [1.0, -pole], pulse), 1.0)
    gain = 10.0 ** (-depth_db * dip / 20.0)
    return np.repeat(gain.astype(np.float32), 64)[:n]
