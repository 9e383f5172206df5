"""From a seed to a score: style, tempo, key, form, harmony, and what each hand plays."""

from dataclasses import replace

import numpy as np
from _band import play_band
from _clock import make_clock, wander
from _drummer import Hit, play_drums
from _form import modulate, write_form
from _grooves import GROOVES, Groove
from _harmony import Chord, Key, write_bars
from _parts import BASS_LOW, COMP_LOW, Grid, Harmony, Note
from _score import LIKE, Score, stream
from _styles import STYLES, Style

#: Length of a song.
SECONDS = (30.0, 45.0)
#: Share of songs that are something else than songs: loops of drums, of drums and bass, a riff.
LOOPS = {"drums": 0.06, "drums and bass": 0.025, "riff": 0.025}
#: Bars of a short loop.
LOOP_BARS = (1, 2, 2, 4, 4, 8)
GOLDEN = (5.0**0.5 - 1.0) / 2.0


def compose(seed: int) -> Score:
    """Write the score of a song.

    Parameters
    ----------
    seed : int
        Decides everything.

    Returns
    -------
    Score
        Notes, strokes, and the truth about them in beats.
    """
    rng = stream(seed, "frame")
    score = _frame(seed, rng)
    style = STYLES[score.style]
    _harmonise(score, style, seed)
    groove = _groove(style, score, stream(seed, "groove"))
    play_band(score, groove, seed)
    if groove:
        machine = score.loose_ms < 2.0
        score.hits = play_drums(
            groove,
            score.sections,
            score.grid,
            bars=score.bars,
            machine=machine,
            rng=stream(seed, "drums"),
        )
    if score.material == "song" and rng.random() < 0.5:
        _end(score)
    return score


def _frame(seed: int, rng: np.random.Generator) -> Score:
    names = list(STYLES)
    weights = np.array([STYLES[name].weight for name in names])
    # Steps of the golden ratio: any run of seeds has every style in its due share.
    place = float((seed + 1) * GOLDEN % 1.0)
    name = names[int(np.searchsorted(np.cumsum(weights / weights.sum()), place))]
    material = "song"
    if STYLES[name].drums != ("none",) and STYLES[name].div == 4:
        dice = float(rng.random())
        for kind, share in LOOPS.items():
            material = kind if 0.0 <= dice < share else material
            dice -= share
    style = STYLES[name]
    low, high = style.bpm
    bpm = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    bpm = float(round(bpm)) if rng.random() < 0.4 else round(bpm, 2)
    grid = Grid(style.beats_per_bar, style.div)
    bar_s = grid.beats_per_bar * 60.0 / bpm
    bars = max(6, round(float(rng.uniform(*SECONDS)) / bar_s))
    loop = material != "song"
    if loop and rng.random() < 0.6:
        bars = int(rng.choice(LOOP_BARS))
    tempo = "steady" if loop else str(rng.choice(style.tempo))
    swing = (float(rng.uniform(*style.swing)), style.swing_beats)
    if rng.random() < 0.3 and style.swing[0] == 0.5:
        swing = (0.5, style.swing_beats)
    start_s = 0.0 if loop else float(rng.uniform(0.02, 0.5))
    clock = make_clock(
        bpm,
        wander(tempo, bars * grid.beats_per_bar, beats_per_bar=grid.beats_per_bar, rng=rng),
        start_s=start_s,
        swing=swing,
    )
    electronic = bool(rng.random() < style.electronic)
    key = Key(int(rng.integers(12)), "minor" if rng.random() < style.minor else "major")
    sections = write_form(bars, electronic=style.kit == "electronic", loop=loop, rng=rng)
    tuning = float(rng.uniform(-45, 45)) if rng.random() < 0.35 else float(rng.normal(0, 3))
    return Score(
        name, material, bpm, grid, bars, clock,
        modulate(key, sections, grid, loop=loop, rng=rng), sections, [],
        float(rng.uniform(0, style.loose_ms)), tuning, electronic, tempo,
    )  # fmt: skip


def _harmonise(score: Score, style: Style, seed: int) -> None:
    """Write the chords of every section: the same label brings the same harmony."""
    book = (str(stream(seed, "book").choice(style.harmony)),)
    own = float(stream(seed, "own").random()) < 0.5
    chords: Harmony = []
    for section in score.sections:
        label = LIKE.get(section.label, section.label) if own else "all"
        for bar in range(section.first_bar, section.first_bar + section.bars):
            beat = float(bar * score.grid.beats_per_bar)
            key = score.key_at(beat)
            # The same chance for the same label gives the same numerals in any key.
            phrase = write_bars(key, book, stream(seed, f"harmony {label}"))
            # A phrase longer than its section, such as twelve bars of blues, runs on.
            first = section.first_bar if len(phrase) <= section.bars else 0
            group = phrase[(bar - first) % len(phrase)]
            step = score.grid.beats_per_bar // len(group) if len(group) > 1 else 0
            if score.grid.beats_per_bar == 3 and len(group) > 1:
                step = 2
            chords += [(beat + step * i, chord) for i, chord in enumerate(group)]
    score.chords = [c for i, c in enumerate(chords) if i == 0 or chords[i - 1][1] != c[1]]


def _groove(style: Style, score: Score, rng: np.random.Generator) -> Groove:
    names = [name for name in style.drums if name != "none"]
    name = str(rng.choice(style.drums if score.material in {"song", "riff"} else names))
    if name == "none" or score.material == "riff":
        return {}
    grooves = GROOVES[name]
    return dict(grooves[int(rng.integers(len(grooves)))])


def _end(score: Score) -> None:
    """Rest on the tonic in the last bar."""
    first = score.end_beat - score.grid.beats_per_bar
    key = score.keys[-1][1]
    tonic = Chord(key.tonic, "maj" if key.mode == "major" else "min")
    score.chords = [c for c in score.chords if c[0] < first] + [(first, tonic)]
    for name, track in score.tracks.items():
        playing = any(n.beat >= first - score.grid.beats_per_bar for n in track.notes)
        track.notes = [_cut(n, first) for n in track.notes if n.beat < first]
        if not playing:
            continue
        length = float(score.grid.beats_per_bar)
        if name == "bass":
            low = BASS_LOW + (key.tonic - BASS_LOW) % 12
            track.notes.append(Note(first, length, low, 0.9))
        elif name == "lead":
            near = track.notes[-1].pitch if track.notes else 67
            pitch = min(
                range(near - 6, near + 6), key=lambda p: ((p - key.tonic) % 12 != 0, abs(p - near))
            )
            track.notes.append(Note(first, length, pitch, 0.85))
        else:
            base = COMP_LOW + (key.tonic - COMP_LOW) % 12
            track.notes += [
                Note(first, length, base + (t - key.tonic) % 12, 0.8) for t in tonic.tones
            ]
    score.hits = [h for h in score.hits if h.beat < first]
    if score.hits:
        score.hits += [Hit(first, "kick", 0.95), Hit(first, "crash", 0.8)]


def _cut(note: Note, end: float) -> Note:
    return replace(note, length=max(0.05, min(note.length, end - note.beat)))
