"""From a score to sound: hands, sound fonts or the studio, and the balance of the mix."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from _bands import DRUM_KEYS, DRUM_KITS, INSTRUMENTS, STUDIO_KITS
from _club import club
from _midi import BEND_PER_SEMITONE, DRUM_CHANNEL, SAMPLE_RATE, TAIL_S, Events, Sound, play_midi
from _parts import Note
from _score import Score, Track, stream
from _studio import duck, play_hits, play_notes
from _styles import STYLES

#: Level of each track against the drums, in dB, and how far a song strays from it.
LEVELS_DB = {"bass": -2.0, "comp": -2.0, "extra": -9.0, "pad": -9.0, "lead": -3.0}
STRAY_DB = 3.0
#: Controllers of volume; a sound font's voices are balanced among themselves.
VOLUMES = {"bass": 90, "comp": 100, "extra": 72, "pad": 70, "lead": 98}
CHANNELS = {"bass": 0, "comp": 1, "extra": 2, "pad": 3, "lead": 4}
#: Share of songs that the studio plays alone, though there are sound fonts.
STUDIO_SHARE = 0.12
#: Steps of a vibrato.
BEND_STEP_S = 0.025

Played = dict[str, list[tuple[float, float, int, float]]]
Strokes = list[tuple[float, str, float]]


@dataclass(frozen=True)
class Setup:
    """Which back end plays the drums and which the rest."""

    drums: str
    pitched: str
    font: Path | None


def choose_setup(score: Score, seed: int, fonts: list[Path]) -> Setup:
    """Choose the back ends: ``studio`` or ``font`` for each half of the band."""
    rng = stream(seed, "setup")
    dice, alone = float(rng.random()), float(rng.random()) < STUDIO_SHARE
    if not fonts or alone:
        return Setup("studio", "studio", None)
    odds = np.array([0.5 if "opl" in font.name.lower() else 1.0 for font in fonts])
    font = fonts[int(rng.choice(len(fonts), p=odds / odds.sum()))]
    if not score.electronic:
        return Setup("studio" if dice < 0.1 else "font", "font", font)
    return Setup("studio" if dice < 0.8 else "font", "studio" if dice > 0.35 else "font", font)


def perform(score: Score, seed: int) -> tuple[Played, Strokes]:
    """Give every note its time: the clock, and hands that are never quite on it."""
    rng = stream(seed, "hands")
    loose_s = score.loose_ms / 1_000.0
    played: Played = {}
    for name, track in score.tracks.items():
        late_s = float(rng.normal(0.0, 0.4 * loose_s))
        # Whoever sings takes more liberties.
        own_s = loose_s * (2.0 if track.vibrato_cents else 1.0)
        played[name] = [_time(note, score, late_s + _slip(own_s, rng)) for note in track.notes]
    strokes: Strokes = []
    for role in sorted({hit.role for hit in score.hits}):
        late_s = float(rng.normal(0.0, 0.3 * loose_s))
        for hit in score.hits:
            if hit.role == role:
                time_s = score.clock.at(hit.beat) + late_s + _slip(0.6 * loose_s, rng)
                strokes.append((max(time_s, 0.0), role, hit.velocity))
    return played, sorted(strokes)


def _slip(loose_s: float, rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(0.0, 1.0), -2.0, 2.0)) * loose_s


def _time(note: Note, score: Score, late_s: float) -> tuple[float, float, int, float]:
    start_s = score.clock.at(note.beat)
    end_s = score.clock.at(note.beat + note.length)
    return (
        max(start_s + late_s, 0.0),
        max(end_s - start_s, 0.04),
        note.pitch,
        min(note.velocity, 1.0),
    )


def play(score: Score, seed: int, fonts: list[Path]) -> tuple[Sound, Setup]:
    """Play a score.

    Parameters
    ----------
    score : Score
        What to play.
    seed : int
        Of the song.
    fonts : list of Path
        Sound fonts; without any the studio plays everything.

    Returns
    -------
    numpy.ndarray, shape (2, n), float32
        The dry mix, level as it comes.
    Setup
        Who played.
    """
    setup = choose_setup(score, seed, fonts)
    n = int((score.clock.plain(score.end_beat) + TAIL_S) * SAMPLE_RATE)
    played, strokes = perform(score, seed)
    rng = stream(seed, "mix")
    kit = STYLES[score.style].kit
    both = setup.drums == setup.pitched == "font"
    out = np.zeros((2, n), dtype=np.float32)
    if played and setup.pitched == "font":
        events = _write(score, played, strokes if both else [], rng=rng)
        out += _font(events, setup, score, n=n, rng=rng)
    elif played:
        out += _studio(score, played, n=n, rng=rng)
    if strokes and not both:
        if setup.drums == "font":
            drums = _font(_write(score, {}, strokes, rng=rng), setup, score, n=n, rng=rng)
        else:
            sort = str(rng.choice(STUDIO_KITS[kit]))
            drums = play_hits(strokes, sort, n=n, rng=rng)
        if played:
            if STYLES[score.style].kit == "electronic":
                out = club(out, score, rng)
            out = _balance(out, drums, score, strokes, rng=rng)
        else:
            out = drums
    elif strokes and not played:
        out = _font(_write(score, {}, strokes, rng=rng), setup, score, n=n, rng=rng)
    return out, setup


def loudness(samples: Sound) -> float:
    """Level of the loud parts: the 80th percentile of the power of 50 ms blocks, in dB."""
    size = SAMPLE_RATE // 20
    mono = samples.mean(axis=0)
    blocks = mono[: mono.size // size * size].reshape(-1, size)
    if not blocks.size:
        return -120.0
    return float(10 * np.log10(np.percentile((blocks**2).mean(axis=1), 80) + 1e-12))


def _balance(
    band: Sound, drums: Sound, score: Score, strokes: Strokes, *, rng: np.random.Generator
) -> Sound:
    """Set the band against the drums, and let the bass drum push it down in some club songs."""
    shift = loudness(drums) - loudness(band) + float(rng.normal(-1.0, STRAY_DB))
    band *= np.float32(10 ** (np.clip(shift, -60.0, 60.0) / 20))
    kicks = [t for t, role, _ in strokes if role == "kick"]
    if STYLES[score.style].kit == "electronic" and kicks and rng.random() < 0.5:
        depth_db = float(rng.uniform(3.0, 14.0))
        band *= duck(kicks, 60.0 / score.bpm, depth_db=depth_db, n=band.shape[1])
    return band + drums


def _studio(score: Score, played: Played, *, n: int, rng: np.random.Generator) -> Sound:
    out = np.zeros((2, n), dtype=np.float32)
    for name, notes in played.items():
        voices = INSTRUMENTS[score.tracks[name].instrument][1]
        tuned = [
            (t, length, pitch + score.tuning_cents / 100.0, v) for t, length, pitch, v in notes
        ]
        track = play_notes(tuned, str(rng.choice(voices)), n=n, rng=rng)
        level = LEVELS_DB[name] + float(rng.normal(0.0, STRAY_DB))
        out += track * np.float32(10 ** ((level - 20.0 - loudness(track)) / 20))
    return out


def _font(events: Events, setup: Setup, score: Score, *, n: int, rng: np.random.Generator) -> Sound:
    if setup.font is None:
        message = "no sound font to play with"
        raise ValueError(message)
    end_s = score.clock.plain(score.end_beat) + TAIL_S
    reverb, chorus = bool(rng.random() < 0.7), bool(rng.random() < 0.5)
    return play_midi(events.file(end_s), setup.font, reverb=reverb, chorus=chorus, n=n)


def _write(score: Score, played: Played, strokes: Strokes, *, rng: np.random.Generator) -> Events:
    """Write the MIDI events of a performance."""
    events = Events()
    for name, notes in played.items():
        channel, track = CHANNELS[name], score.tracks[name]
        programs = INSTRUMENTS[track.instrument][0]
        events.program(channel, int(rng.choice(programs)))
        events.control(channel, 7, VOLUMES[name] * 10 ** (rng.normal(0.0, STRAY_DB) / 40.0))
        events.control(channel, 10, 64 + rng.normal(0.0, 20.0) * (name != "bass"))
        events.control(channel, 91, rng.uniform(10.0, 70.0))
        events.control(channel, 93, rng.uniform(0.0, 40.0))
        events.tune(channel, score.tuning_cents)
        for start_s, length_s, pitch, velocity in notes:
            events.note(channel, start_s, start_s + length_s, pitch=pitch, velocity=velocity)
        if track.vibrato_cents:
            _sing(events, channel, track, notes, rng=rng)
    if strokes:
        kit = STYLES[score.style].kit
        events.program(DRUM_CHANNEL, int(rng.choice(DRUM_KITS[kit])))
        events.control(DRUM_CHANNEL, 7, 100 * 10 ** (rng.normal(0.0, STRAY_DB) / 40.0))
        events.control(DRUM_CHANNEL, 91, rng.uniform(0.0, 60.0))
        keys = {role: int(rng.choice(options)) for role, options in DRUM_KEYS.items()}
        for time_s, role, velocity in strokes:
            events.note(DRUM_CHANNEL, time_s, time_s + 0.1, pitch=keys[role], velocity=velocity)
    return events


def _sing(
    events: Events, channel: int, track: Track, notes: list[tuple[float, float, int, float]], *,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Bend a lead as a voice does: from below into the note, then a vibrato that grows."""
    rate_hz, depth = float(rng.uniform(4.6, 6.4)), track.vibrato_cents / 100.0
    scoop = float(rng.choice([0.0, rng.uniform(0.2, 0.9)]))
    for start_s, length_s, _, _ in notes:
        scooped = scoop and rng.random() < 0.5
        for t in np.arange(0.0, length_s, BEND_STEP_S):
            grown = min(float(t) / 0.35, 1.0) ** 2
            bend = depth * grown * float(np.sin(2 * np.pi * rate_hz * t))
            bend -= scoop * float(np.exp(-t / 0.05)) if scooped else 0.0
            events.bend(channel, start_s + float(t), max(bend, -8_192 / BEND_PER_SEMITONE))
