"""The mixing desk: notes to tracks, tracks to a stereo mix in a room."""

from functools import lru_cache

import numpy as np
from scipy import signal

from musictools.datasets._synth._compose import Hit, Score, stream
from musictools.datasets._synth._drums import KITS, PANS, stroke
from musictools.datasets._synth._master import gated_lufs
from musictools.datasets._synth._style import Part, Style
from musictools.datasets._synth._tune import Note
from musictools.datasets._synth._voices import SAMPLE_RATE, Sound, band, play

#: A breath before the first downbeat.
LEAD_IN_S = 0.05
#: Level of the drums; all other tracks are set against it.
DRUMS_LUFS = -20.0
#: Recordings of each drum piece, that take turns.
TAKES = 3
#: Velocities at which notes are rendered; in between only the level changes.
LAYERS = 4


class Clock:
    """From beats to samples: tempo, swing, and the looseness of hands."""

    def __init__(self, bpm: float, style: Style, rng: np.random.Generator) -> None:
        self.beat_s = 60.0 / bpm
        self._style = style
        self._rng = rng

    def sample(self, beat: float) -> int:
        """Give the sample at which something on a beat begins."""
        late_s = np.clip(self._rng.normal(0.0, 1.0), -2.0, 2.0) * self._style.loose_ms / 1_000.0
        place_s = LEAD_IN_S + self.beat_s * swung(beat, self._style) + late_s
        return max(0, round(float(place_s) * SAMPLE_RATE))


def swung(beat: float, style: Style) -> float:
    """Move what lies off the beat; beats stay where they are."""
    unit = 1.0 if style.swing_unit == 8 else 0.5
    whole, part = divmod(beat / unit, 1.0)
    if part < 0.5:
        part = part * 2.0 * style.swing
    else:
        part = style.swing + (part - 0.5) * 2.0 * (1.0 - style.swing)
    return unit * (whole + part)


def mix(score: Score, style: Style, *, bpm: float, seed: int, n: int) -> Sound:
    """Play a score and mix it.

    Parameters
    ----------
    score : Score
        What is played.
    style : Style
        On what, how, and where.
    bpm : float
        Tempo.
    seed : int
        Of the song.
    n : int
        Wanted length in samples.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        The mix, at about -18 LUFS.
    """
    out = np.zeros((2, n), dtype=np.float32)
    send = np.zeros(n, dtype=np.float32)
    clock = Clock(bpm, style, stream(seed, "hands"))
    drums = _drum_track(score, style, clock, n=n, rng=stream(seed, "kit"))
    _set_level(drums, DRUMS_LUFS)
    out += drums
    send += 0.1 * band(drums.sum(axis=0), 250.0, None)
    del drums
    duck = _duck(score.hits, style, clock.beat_s, n=n) if style.pump_db else None
    for name, part in style.parts.items():
        notes = score.notes[name]
        if not notes:
            continue
        track = _track(notes, part, clock, n=n, rng=stream(seed, name))
        _strip(track, part, clock.beat_s)
        _set_level(track, DRUMS_LUFS + part.level_lu)
        if duck is not None and name in {"bass", "chords", "pad"}:
            track *= duck
        out += track
        send += part.send * track.sum(axis=0)
        del track
    for row, wet in enumerate(room(style.reverb_s)):
        tail = signal.oaconvolve(send, wet)[:n]
        out[row] += np.float32(10 ** ((style.wet_db + 12.0) / 20)) * tail
    return out


def _place(track: Sound, sound: Sound, start: int, *, left: float, right: float) -> None:
    end = min(start + sound.shape[-1], track.shape[1])
    if end <= start:
        return
    two = sound.ndim == 2
    track[0, start:end] += np.float32(left) * (sound[0] if two else sound)[: end - start]
    track[1, start:end] += np.float32(right) * (sound[1] if two else sound)[: end - start]


def _pan(pan: float) -> tuple[float, float]:
    angle = (pan + 1.0) * np.pi / 4.0
    return float(np.cos(angle)), float(np.sin(angle))


def _drum_track(
    score: Score, style: Style, clock: Clock, *, n: int, rng: np.random.Generator
) -> Sound:
    kit, tonic = KITS[style.kit], score.key.tonic
    roles = sorted({hit.role for hit in score.hits})
    takes = {
        role: [stroke(kit, role, tonic=tonic, rng=rng) for _ in range(TAKES)] for role in roles
    }
    track = np.zeros((2, n), dtype=np.float32)
    for hit in score.hits:
        take = takes[hit.role][int(rng.integers(TAKES))]
        left, right = _pan(PANS[hit.role])
        loud = hit.velocity**1.3
        _place(track, take, clock.sample(hit.beat), left=loud * left, right=loud * right)
    return track


def _track(
    notes: list[Note], part: Part, clock: Clock, *, n: int, rng: np.random.Generator
) -> Sound:
    track = np.zeros((2, n), dtype=np.float32)
    made: dict[tuple[float, float, int], Sound] = {}
    left, right = _pan(part.pan)
    for note in notes:
        layer = min(LAYERS, 1 + int(note.velocity * LAYERS))
        length_s = round(note.length * clock.beat_s, 3)
        key = (note.pitch, length_s, layer)
        if key not in made:
            made[key] = play(part.voice, note.pitch, length_s, velocity=layer / LAYERS, rng=rng)
        loud = note.velocity / (layer / LAYERS) * rng.uniform(0.93, 1.03)
        start = clock.sample(note.beat)
        _place(track, made[key], start, left=loud * left, right=loud * right)
    return track


def _strip(track: Sound, part: Part, beat_s: float) -> None:
    """Channel strip: saturation, filters, doubling and echo."""
    if part.drive:
        level = 4.0 * np.sqrt(np.vdot(track, track) / track.size) + 1e-9
        track *= np.float32((0.4 + part.drive) / level)
        np.tanh(track, out=track)
    if part.low_hz:
        track[:] = band(track, part.low_hz, None)
    if part.high_hz:
        track[:] = band(track, None, part.high_hz)
    if part.double_ms:
        late = int(part.double_ms * SAMPLE_RATE / 1_000.0)
        # Each side is later in turn, so that neither leads the picture.
        left, right = track.copy()
        track[1, late:] += 0.5 * left[:-late]
        track[0, 3 * late // 2 :] += 0.5 * right[: -(3 * late // 2)]
    if part.echo:
        _echo(track, part.echo, int(0.75 * beat_s * SAMPLE_RATE))


def _echo(track: Sound, level: float, late: int) -> None:
    dry = track.mean(axis=0)
    for turn in (1, 2, 3):
        if turn * late < dry.size:
            gain = np.float32(level**turn if level < 0.3 else level * 0.5 ** (turn - 1))
            track[turn % 2, turn * late :] += gain * dry[: -turn * late]


def _set_level(track: Sound, lufs: float) -> None:
    # The sum of both channels is enough to set a fader by, in half the time.
    heard = gated_lufs(track.sum(axis=0, keepdims=True) * np.float32(0.5**0.5))
    if np.isfinite(heard):
        track *= np.float32(10 ** ((lufs - heard) / 20))


def _duck(hits: list[Hit], style: Style, beat_s: float, *, n: int) -> Sound:
    """Gain that dips at each kick and comes back within a beat."""
    gain = np.ones(n, dtype=np.float32)
    low = 10 ** (-style.pump_db / 20)
    length = int(min(0.9 * beat_s, 0.35) * SAMPLE_RATE)
    shape = (low + (1.0 - low) * np.linspace(0.0, 1.0, length) ** 1.5).astype(np.float32)
    ease = int(0.004 * SAMPLE_RATE)
    shape[:ease] = np.linspace(1.0, shape[ease], ease)
    for hit in hits:
        if hit.role == "kick":
            start = round((LEAD_IN_S + beat_s * swung(hit.beat, style)) * SAMPLE_RATE)
            view = gain[start : start + length]
            np.minimum(view, shape[: view.size], out=view)
    return gain


@lru_cache(maxsize=16)
def room(reverb_s: float) -> Sound:
    """Impulse response of a room: early reflections, then noise that dies and darkens.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        Unit energy in each channel.
    """
    rng = stream(0, f"room {reverb_s}")
    n = int(reverb_s * SAMPLE_RATE)
    t = np.arange(n) / SAMPLE_RATE
    out = np.zeros((2, n), dtype=np.float32)
    for row in range(2):
        noise = rng.standard_normal(n).astype(np.float32)
        # Highs die three times as fast, for air and walls take them.
        low, high = band(noise, 180.0, 3_000.0), band(noise, 3_000.0, 12_000.0)
        wet = low * 10 ** (-3.0 * t / reverb_s) + 0.7 * high * 10 ** (-9.0 * t / reverb_s)
        wet *= np.minimum(t / 0.03, 1.0)
        for _ in range(6):
            wet[int(rng.uniform(0.006, 0.045) * SAMPLE_RATE)] += 8.0 * rng.choice([-1.0, 1.0])
        out[row] = wet / np.sqrt((wet**2).sum())
    return out
