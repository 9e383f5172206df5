"""Voices: one note of one instrument, as samples."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import signal

SAMPLE_RATE = 44_100
#: No partial above this: cymbals reach higher through noise, pitched voices need not.
TOP_HZ = 18_000.0
TABLE = 2_048
#: Samples that are filtered at a time.
PIECE = 1 << 19
#: Vowel "ah" of a light voice: centre and width of its resonances, in Hz, and their strength.
VOWEL = ((750.0, 160.0, 1.0), (1_200.0, 200.0, 0.6), (2_700.0, 350.0, 0.35), (3_700.0, 500.0, 0.2))

Sound = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Patch:
    """A wavetable voice: an oscillator bank, a moving filter and an envelope.

    The filter moves by cross-fading two tables of the same wave, one dark and one bright, since
    a filter whose corner changes at each sample cannot be written with array operations.
    """

    wave: str
    dark_hz: float
    bright_hz: float
    attack_s: float = 0.005
    decay_s: float = 0.4
    sustain: float = 0.7
    release_s: float = 0.12
    sweep_s: float = 0.2
    unison: int = 1
    detune_cents: float = 0.0
    vibrato_cents: float = 0.0
    breath: float = 0.0
    sub: float = 0.0


def seconds(n: int) -> Floats:
    """Give the times of ``n`` samples."""
    return np.arange(n, dtype=np.float64) / SAMPLE_RATE


def envelope(patch: Patch, n: int, held_s: float) -> Sound:
    """Attack, decay, sustain and release, ending at exactly zero."""
    t = seconds(n)
    rise = np.minimum(t / patch.attack_s, 1.0)
    fall = np.exp(-np.maximum(t - patch.attack_s, 0.0) / patch.decay_s)
    level = rise * (patch.sustain + (1.0 - patch.sustain) * fall)
    level *= np.exp(-np.maximum(t - held_s, 0.0) * (4.0 / patch.release_s))
    return close(level.astype(np.float32))


def close(sound: Sound, fade_s: float = 0.006) -> Sound:
    """Fade the last few milliseconds out, so that no voice ends in a click."""
    n = min(sound.shape[-1], int(fade_s * SAMPLE_RATE))
    sound[..., sound.shape[-1] - n :] *= np.linspace(1.0, 0.0, n, dtype=np.float32)
    return sound


def _harmonics(wave: str, k: Floats, freq_hz: float) -> Floats:
    if wave == "saw":
        return 1.0 / k
    if wave == "square":
        return (k % 2) / k
    if wave == "reed":
        return np.asarray(np.abs(np.sin(np.pi * 0.28 * k)) / k**0.8)
    if wave == "organ":
        drawbars = {1: 1.0, 2: 0.8, 3: 0.6, 4: 0.35, 6: 0.2, 8: 0.15}
        return np.array([drawbars.get(int(i), 0.0) for i in k])
    if wave == "flute":
        return 1.0 / k**2.2
    # A glottal source of -12 dB per octave, shaped by the resonances of a vowel.
    hz = k * freq_hz
    shape = sum(a / np.sqrt(1.0 + ((hz - f) / w) ** 2) for f, w, a in VOWEL)
    return np.asarray(shape / k**0.45)


@lru_cache(maxsize=512)
def cycle(wave: str, freq_hz: float, cutoff_hz: float) -> Sound:
    """One period of a band-limited wave behind a low-pass of 12 dB per octave."""
    k = np.arange(1.0, max(2.0, min(TOP_HZ / freq_hz, TABLE / 4)))
    spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
    gain = 1.0 / np.sqrt(1.0 + (k * freq_hz / cutoff_hz) ** 4)
    # Minus j: a sum of sines, whose saw has one edge a period.
    spectrum[1 : k.size + 1] = -1j * _harmonics(wave, k, freq_hz) * gain
    table = np.fft.irfft(spectrum)
    table /= np.sqrt(np.mean(table**2)) + 1e-12
    # One more entry, so that interpolation never has to wrap.
    return np.append(table, table[0]).astype(np.float32)


def _vibrato(patch: Patch, t: Floats, rng: np.random.Generator) -> Floats:
    # Depth grows over the first half second, as players do; the rate differs a little by note.
    rate_hz = rng.uniform(4.8, 5.8)
    depth = patch.vibrato_cents / 1_200.0 * np.log(2.0) * np.minimum(t / 0.5, 1.0) ** 2
    return np.asarray(depth * -np.cos(2 * np.pi * rate_hz * t) / (2 * np.pi * rate_hz))


def play_patch(
    patch: Patch, freq_hz: float, length_s: float, *, velocity: float, rng: np.random.Generator
) -> Sound:
    """One note of a wavetable voice.

    Returns
    -------
    numpy.ndarray, shape (n,) or (2, n), float32
        Two channels where several detuned oscillators spread over the stereo picture.
    """
    n = int((length_s + patch.release_s) * SAMPLE_RATE)
    t = seconds(n)
    base = freq_hz * t
    if patch.vibrato_cents:
        base += freq_hz * _vibrato(patch, t, rng)
    # A harder touch opens the filter.
    bright = cycle(patch.wave, freq_hz, patch.bright_hz * (0.5 + 0.7 * velocity))
    dark = cycle(patch.wave, freq_hz, patch.dark_hz)
    dark_steps, bright_steps = np.diff(dark), np.diff(bright)
    sweep = np.exp(-t / patch.sweep_s).astype(np.float32)
    channels = 2 if patch.unison > 1 else 1
    out = np.zeros((channels, n), dtype=np.float32)
    for voice in range(patch.unison):
        spread = 2.0 * voice / max(patch.unison - 1, 1) - 1.0
        ratio = 2.0 ** (spread * patch.detune_cents / 1_200.0)
        place = base * ratio + (rng.random() if channels == 2 else 0.0)
        # The rest of a division by one, which takes several times as long.
        place -= np.floor(place)
        place *= TABLE
        index = place.astype(np.int32)
        part = (place - index).astype(np.float32)
        low = dark[index] + part * dark_steps[index]
        high = bright[index] + part * bright_steps[index]
        low += sweep * (high - low)
        out[voice % channels] += low
    if patch.sub:
        out += (patch.sub * np.sin(2 * np.pi * base)).astype(np.float32)
    if patch.breath:
        air = rng.standard_normal(n).astype(np.float32)
        air[1:] -= 0.6 * air[:-1]
        out += patch.breath * air
    out *= envelope(patch, n, length_s) * np.float32(velocity / np.sqrt(patch.unison))
    return out if channels == 2 else out[0]


def ring(freqs_hz: Floats, amps: Floats, decays_s: Floats, *, n: int, phases: Floats) -> Sound:
    """Sum decaying sines (the modes of a struck body)."""
    block = max(1, int(np.sqrt(n)))
    poles = (2j * np.pi * freqs_hz - 1.0 / decays_s) / SAMPLE_RATE
    # exp(a + b) = exp(a) exp(b): a table of block starts times a table of steps within a block.
    starts = np.exp(np.outer(np.arange(0, n, block), poles)) * (amps * np.exp(1j * phases))
    steps = np.exp(np.outer(poles, np.arange(block)))
    return np.asarray((starts @ steps).imag.ravel()[:n], dtype=np.float32)


def noise_burst(n: int, decay_s: float, rng: np.random.Generator) -> Sound:
    """White noise that dies away."""
    fall = np.exp(-seconds(n) / decay_s).astype(np.float32)
    return rng.standard_normal(n).astype(np.float32) * fall


def band(sound: Sound, low_hz: float | None, high_hz: float | None, *, order: int = 2) -> Sound:
    """Butterworth high-pass, low-pass or both, forwards only."""
    corners = [hz for hz in (low_hz, high_hz) if hz]
    kind = "bandpass" if len(corners) == 2 else "highpass" if low_hz else "lowpass"
    sos = signal.butter(
        order, corners if len(corners) == 2 else corners[0], kind, fs=SAMPLE_RATE, output="sos"
    )
    state = np.zeros((sos.shape[0], *sound.shape[:-1], 2))
    out = np.empty_like(sound)
    # Piece by piece: filters work in double precision, and songs can be long.
    for start in range(0, sound.shape[-1], PIECE):
        part = slice(start, start + PIECE)
        out[..., part], state = signal.sosfilt(sos, sound[..., part], axis=-1, zi=state)
    return out


def piano(freq_hz: float, length_s: float, *, velocity: float, rng: np.random.Generator) -> Sound:
    """Stiff struck string: stretched partials, the high ones shorter; a knock at the start."""
    n = int((min(length_s, 4.0) + 0.25) * SAMPLE_RATE)
    k = np.arange(1.0, 22.0)
    partials = freq_hz * k * np.sqrt(1.0 + 0.00035 * k**2)
    k, partials = k[partials < 11_000], partials[partials < 11_000]
    amps = (
        np.abs(np.sin(np.pi * k / 8.5)) / k**0.6 * np.exp(-k * freq_hz / (900 + 3_600 * velocity))
    )
    long_s = 2.6 * (220.0 / freq_hz) ** 0.55
    decays = long_s / (1.0 + 0.22 * (k - 1.0))
    phases = rng.uniform(0.0, 0.3, k.size)
    # Two strings a cent apart make the slow beating of a real one.
    out = ring(partials, amps, decays, n=n, phases=phases)
    out += ring(partials * 1.0006, 0.6 * amps, decays * 0.7, n=n, phases=phases)
    knock = band(noise_burst(n, 0.012, rng), 250.0, 3_500.0)
    out = out / np.float32(np.abs(out).max() + 1e-9) + 0.1 * velocity * knock
    return _release(out, length_s, 0.16) * np.float32(velocity)


def electric_piano(
    freq_hz: float, length_s: float, *, velocity: float, rng: np.random.Generator
) -> Sound:
    """Two-operator FM with a bell-like tine, in slow stereo tremolo."""
    n = int((length_s + 0.3) * SAMPLE_RATE)
    t = seconds(n)
    index = (0.5 + 1.6 * velocity) * np.exp(-t / 0.55)
    body = np.sin(2 * np.pi * freq_hz * t + index * np.sin(2 * np.pi * freq_hz * t))
    tine_hz = min(freq_hz * 14.0, 9_000.0)
    tine = 0.12 * velocity * np.exp(-t / 0.09) * np.sin(2 * np.pi * tine_hz * t)
    out = ((body + tine) * np.exp(-t / (2.2 * (220.0 / freq_hz) ** 0.4))).astype(np.float32)
    out = _release(out, length_s, 0.18) * np.float32(0.8 * velocity)
    sway = (0.25 * np.sin(2 * np.pi * (4.6 * t + rng.random()))).astype(np.float32)
    return np.stack([out * (1 + sway), out * (1 - sway)])


def mallet(freq_hz: float, length_s: float, *, velocity: float, rng: np.random.Generator) -> Sound:
    """Tuned bar: fundamental, double octave and a short third mode."""
    n = int((min(length_s, 2.0) + 0.9) * SAMPLE_RATE)
    ratios = np.array([1.0, 3.98, 9.2])
    keep = ratios * freq_hz < TOP_HZ
    amps = np.array([1.0, 0.28 * velocity, 0.12 * velocity])[keep]
    decays = np.array([0.9, 0.35, 0.07])[keep]
    phases = rng.uniform(0, 0.2, ratios.size)[keep]
    out = ring(ratios[keep] * freq_hz, amps, decays, n=n, phases=phases)
    return close(out, 0.05) * np.float32(velocity)


@dataclass(frozen=True)
class String:
    """A plucked string: how bright, how long, where it is plucked, how hollow its body is."""

    bright_hz: float
    decay_s: float
    pick: float = 0.18
    damp_hz: float = 2_500.0
    release_s: float = 0.12
    body: float = 0.0


def pluck(
    string: String, freq_hz: float, length_s: float, *, velocity: float, rng: np.random.Generator
) -> Sound:
    """One note of a plucked string: a noise period that circulates and loses its highs.

    References
    ----------
    Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music
    Journal 7(2), 1983; here the loop filter acts on each harmonic at once.
    """
    n = int((length_s + string.release_s) * SAMPLE_RATE)
    period = int(np.ceil(SAMPLE_RATE / freq_hz))
    k = np.arange(period // 2 + 1, dtype=np.float64)
    hz = k * freq_hz
    start = np.sin(np.pi * k * string.pick) / np.maximum(k, 1.0) ** 0.75
    start *= 1.0 / (1.0 + (hz / (string.bright_hz * (0.4 + 0.8 * velocity))) ** 2)
    start[hz > TOP_HZ] = 0.0
    wave = start * np.exp(1j * rng.uniform(0.0, 2.0 * np.pi, k.size))
    decay_s = string.decay_s * (196.0 / freq_hz) ** 0.35 / (1.0 + (hz / string.damp_hz) ** 1.4)
    turns = int(np.ceil(n * freq_hz / SAMPLE_RATE)) + 2
    loss = np.exp(-np.outer(np.arange(turns) / freq_hz, 1.0 / decay_s))
    loop = np.fft.irfft(wave * loss, n=period, axis=1).ravel()
    # The loop is a whole number of samples; reading it a little slower tunes it exactly.
    out = np.interp(np.arange(n) * (period * freq_hz / SAMPLE_RATE), np.arange(loop.size), loop)
    sound = (out / (np.abs(out[: 4 * period]).max() + 1e-9)).astype(np.float32)
    if string.body:
        sound += string.body * velocity * band(noise_burst(n, 0.02, rng), 80.0, 900.0)
    return _release(sound, length_s, string.release_s) * np.float32(velocity)


def _release(sound: Sound, held_s: float, release_s: float) -> Sound:
    """Damp what rings on after the key is let go."""
    held = min(int(held_s * SAMPLE_RATE), sound.shape[-1])
    tail = seconds(sound.shape[-1] - held)
    sound[..., held:] *= np.exp(-tail * (4.0 / release_s)).astype(np.float32)
    # The first millisecond rises, since a string that starts anywhere would click.
    rise = min(44, sound.shape[-1])
    sound[..., :rise] *= np.linspace(0.0, 1.0, rise, dtype=np.float32)
    return close(sound)


PATCHES: dict[str, Patch] = {
    "synth bass": Patch("saw", 280, 1_400, decay_s=0.25, sustain=0.75, sweep_s=0.12, sub=0.9),
    "sub bass": Patch("flute", 500, 900, 0.006, sustain=0.9, decay_s=0.6, sub=1.2),
    "reese bass": Patch("saw", 420, 1_100, sustain=0.9, sweep_s=0.6, vibrato_cents=6, sub=1.0),
    "strings": Patch(
        "saw",
        1_900,
        3_200,
        0.09,
        sustain=0.85,
        release_s=0.5,
        sweep_s=1.5,
        unison=4,
        detune_cents=9,
    ),
    "warm pad": Patch(
        "saw", 700, 1_500, 0.12, sustain=0.9, release_s=0.6, sweep_s=1.2, unison=4, detune_cents=7
    ),
    "super saw": Patch(
        "saw",
        3_000,
        9_000,
        0.006,
        decay_s=0.5,
        sustain=0.6,
        sweep_s=0.25,
        unison=6,
        detune_cents=14,
    ),
    "organ": Patch("organ", 4_000, 7_000, 0.008, sustain=0.95, unison=2, detune_cents=3),
    "brass": Patch(
        "saw", 900, 4_200, 0.025, decay_s=0.3, sustain=0.75, sweep_s=0.3, unison=2, detune_cents=5
    ),
    "voice": Patch(
        "vowel", 5_000, 9_000, 0.045, sustain=0.85, release_s=0.18, vibrato_cents=28, breath=0.018
    ),
    "flute": Patch(
        "flute", 5_000, 8_000, 0.05, sustain=0.85, release_s=0.15, vibrato_cents=16, breath=0.035
    ),
    "sax": Patch(
        "reed",
        1_500,
        4_500,
        0.03,
        sustain=0.8,
        release_s=0.14,
        sweep_s=0.4,
        vibrato_cents=18,
        breath=0.03,
    ),
    "saw lead": Patch(
        "saw",
        2_200,
        6_500,
        0.008,
        sustain=0.75,
        sweep_s=0.35,
        unison=2,
        detune_cents=6,
        vibrato_cents=12,
    ),
    "square lead": Patch("square", 1_600, 5_000, 0.006, decay_s=0.3, sustain=0.6, vibrato_cents=12),
    "synth pluck": Patch("saw", 500, 6_500, 0.003, decay_s=0.25, sustain=0.15, sweep_s=0.09),
    "guitar lead": Patch("saw", 1_800, 4_500, 0.006, sustain=0.8, sweep_s=0.5, vibrato_cents=20),
}
STRINGS: dict[str, String] = {
    "steel guitar": String(3_800, 1.6, body=0.15),
    "nylon guitar": String(1_900, 1.1, pick=0.3, body=0.2),
    "electric guitar": String(3_000, 2.2, pick=0.12),
    "muted guitar": String(2_600, 0.22, pick=0.1, release_s=0.05),
    "finger bass": String(1_100, 2.0, pick=0.25, damp_hz=1_200),
    "picked bass": String(2_200, 1.8, pick=0.15, damp_hz=1_600),
    "upright bass": String(700, 1.0, pick=0.3, damp_hz=900, body=0.3),
    "slap bass": String(4_200, 1.3, pick=0.1, body=0.15),
}
STRUCK: dict[str, Callable[..., Sound]] = {
    "piano": piano,
    "electric piano": electric_piano,
    "mallet": mallet,
}


def play(
    voice: str, pitch: float, length_s: float, *, velocity: float, rng: np.random.Generator
) -> Sound:
    """One note of a named voice.

    Parameters
    ----------
    voice : str
        A name of ``PATCHES``, ``STRINGS`` or ``STRUCK``.
    pitch : float
        MIDI note number; 69 is A at 440 Hz.
    length_s : float
        How long it is held, in seconds; the release comes on top.
    velocity : float
        0 to 1.
    rng : numpy.random.Generator
        For phases, noise and vibrato.

    Returns
    -------
    numpy.ndarray, shape (n,) or (2, n), float32
        The note.
    """
    freq_hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    if voice in PATCHES:
        return play_patch(PATCHES[voice], freq_hz, length_s, velocity=velocity, rng=rng)
    if voice in STRINGS:
        return pluck(STRINGS[voice], freq_hz, length_s, velocity=velocity, rng=rng)
    return STRUCK[voice](freq_hz, length_s, velocity=velocity, rng=rng)
