"""From a spec to a score: form, harmony, and what each hand plays."""

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from musictools.datasets._synth._harmony import (
    Chord,
    Key,
    parse_key,
    parse_numeral,
    power_chord,
    voice_chord,
)
from musictools.datasets._synth._spec import SongSpec
from musictools.datasets._synth._style import Style
from musictools.datasets._synth._styles import STYLES
from musictools.datasets._synth._tune import SLOWED, Note, chord_at, make_theme, sing

#: Above this tempo sixteenth notes blur, and a drummer leaves them out.
FAST_BPM = 150.0
STROKES = {"X": 1.0, "x": 0.78, "o": 0.5, "-": 0.24}
#: Sections by how many phrases of four bars there are.
FORMS: dict[int, str] = {
    1: "verse",
    2: "verse chorus",
    3: "intro verse chorus",
    4: "intro verse chorus outro",
    5: "intro verse chorus bridge chorus",
    6: "intro verse chorus verse chorus outro",
    7: "intro verse chorus verse chorus bridge chorus",
    8: "intro verse chorus verse chorus bridge chorus outro",
}
#: Which section of the eight grows first when there is more time.
GROWTH = (2, 1, 4, 3, 6, 2, 1, 4, 3, 6, 5, 0, 7)
LAYERS: dict[str, tuple[str, ...]] = {
    "intro": ("bass", "chords", "pad"),
    "verse": ("bass", "chords", "lead"),
    "chorus": ("bass", "chords", "pad", "hook"),
    "bridge": ("bass", "chords", "pad", "lead"),
    "outro": ("bass", "chords", "pad"),
}


@dataclass(frozen=True)
class Section:
    """Some bars with one function."""

    name: str
    first_bar: int
    bars: int


@dataclass(frozen=True)
class Hit:
    """One drum stroke."""

    beat: float
    role: str
    velocity: float


@dataclass
class Score:
    """All that is played, in beats from the first downbeat."""

    beats_per_bar: int
    bars: int
    key: Key
    sections: list[Section]
    chords: list[tuple[float, Chord]] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    notes: dict[str, list[Note]] = field(default_factory=dict)


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Give an independent source of chance for one purpose, the same on every machine."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def compose(spec: SongSpec, *, bars: int) -> Score:
    """Write the score of a song.

    Parameters
    ----------
    spec : SongSpec
        What to write.
    bars : int
        How many whole bars.

    Returns
    -------
    Score
        Notes, strokes, chords and sections.
    """
    style, key = STYLES[spec.style], parse_key(spec.key)
    score = Score(spec.beats_per_bar, bars, key, form(bars))
    score.chords = _harmonise(style, score)
    rng = stream(spec.seed, "drums")
    for section in score.sections:
        score.hits += _drum(style, score, section, fast=spec.bpm > FAST_BPM, rng=rng)
    score.notes = {
        "bass": _bass(style, score, fast=spec.bpm > FAST_BPM),
        "chords": _comp(style, score, "chords"),
        "pad": _comp(style, score, "pad"),
        **_sing_all(style, score, spec),
    }
    _finish(score)
    return score


def form(bars: int) -> list[Section]:
    """Divide bars into sections of whole phrases; a rest of bars makes or lengthens the end."""
    phrases, rest = divmod(bars, 4)
    if phrases == 0:
        return [Section("verse", 0, bars)]
    names = FORMS[min(phrases, 8)].split()
    lengths = [4] * len(names)
    for i in range(phrases - len(names)):
        lengths[GROWTH[i % len(GROWTH)]] += 4
    if rest >= 2 and names[-1] != "outro":
        names, lengths = [*names, "outro"], [*lengths, rest]
    else:
        lengths[-1] += rest
    starts = np.cumsum([0, *lengths[:-1]])
    return [Section(n, int(s), k) for n, s, k in zip(names, starts, lengths, strict=True)]


def fit(pattern: str, steps: int) -> str:
    """Cut a bar of four beats to three, or let the third beat of three come twice."""
    return (pattern + pattern[8:12])[:steps] if len(pattern) < steps else pattern[:steps]


def thin(pattern: str) -> str:
    """Leave the sixteenths out, keeping accents."""
    return "".join(c if i % 2 == 0 or c in "Xx" else "." for i, c in enumerate(pattern))


def _harmonise(style: Style, score: Score) -> list[tuple[float, Chord]]:
    """Chords of every bar; the last bar rests on the tonic, led in by the dominant."""
    book = style.major if score.key.mode == "major" else style.minor
    tonic = "I" if score.key.mode == "major" else "i"
    chords: list[tuple[float, Chord]] = []
    for section in score.sections:
        bars = book.get(section.name, book["verse"])
        for bar in range(section.bars):
            number = section.first_bar + bar
            numerals = bars[bar % 4].split()
            if number == score.bars - 1:
                numerals = [tonic]
            elif number == score.bars - 2:
                numerals = ["V"]
            for i, numeral in enumerate(numerals):
                beat = number * score.beats_per_bar + 2.0 * i
                chords.append((beat, parse_numeral(numeral, score.key)))
    return [one for i, one in enumerate(chords) if i == 0 or chords[i - 1][1] != one[1]]


def _drum(
    style: Style, score: Score, section: Section, *, fast: bool, rng: np.random.Generator
) -> list[Hit]:
    groove = {"verse": style.verse, "chorus": style.chorus}.get(section.name, style.light)
    steps = 4 * score.beats_per_bar
    hits = []
    for bar in range(section.first_bar, section.first_bar + section.bars):
        for role, pattern in groove.items():
            marks = fit(pattern, steps)
            for i, mark in enumerate(thin(marks) if fast else marks):
                if mark in STROKES:
                    touch = STROKES[mark] * rng.uniform(0.92, 1.05)
                    hits.append(Hit(bar * score.beats_per_bar + i / 4, role, min(touch, 1.0)))
    start = float(section.first_bar * score.beats_per_bar)
    if section.name in {"chorus", "bridge"} or section.first_bar == 0:
        hits.append(Hit(start, "crash", 0.9 if section.name == "chorus" else 0.6))
    return _fill(style, score, section, hits=hits, rng=rng) if style.fills else hits


def _fill(
    style: Style, score: Score, section: Section, *, hits: list[Hit], rng: np.random.Generator
) -> list[Hit]:
    """Lead into the next section over the toms, in place of what the hands play there."""
    beats = float(rng.choice([1.0, 2.0]))
    end = float((section.first_bar + section.bars) * score.beats_per_bar)
    roles = ["snare", "snare", "tom1", "tom1", "tom2", "tom2", "tom3", "tom3"]
    roll = roles[-int(4 * beats) :] if beats == 2.0 else ["snare", "tom1", "tom2", "tom3"]
    kept = [hit for hit in hits if hit.beat < end - beats or hit.role == "kick"]
    for i, role in enumerate(roll):
        if "snare" in style.verse or role != "snare":
            kept.append(Hit(end - beats + i / 4, role, 0.55 + 0.4 * i / len(roll)))
    return kept


def _bass(style: Style, score: Score, *, fast: bool) -> list[Note]:
    part = style.parts["bass"]
    steps = 4 * score.beats_per_bar
    marks = fit(part.pattern, steps)
    events: list[tuple[float, str]] = []
    for bar in range(score.bars):
        for i, mark in enumerate(marks):
            # Sixteenths off the grid of eighths are pushed out as well when the song is fast.
            if mark != "." and not (fast and i % 2):
                events.append((bar * score.beats_per_bar + i / 4, mark))
    events = _end_on(events, score, mark="r")
    ends = [beat for beat, _ in events[1:]] + [float(score.bars * score.beats_per_bar)]
    notes = []
    for (beat, mark), end in zip(events, ends, strict=True):
        pitch = _bass_pitch(score, beat, mark=mark)
        accent = 0.9 if beat % 1 == 0 else 0.72
        notes.append(Note(beat, part.gate * min(end - beat, 4.0), pitch, accent))
    return notes


def _end_on(events: list[tuple[float, str]], score: Score, *, mark: str) -> list[tuple[float, str]]:
    """Put one event into the last bar, on its first beat."""
    last = float((score.bars - 1) * score.beats_per_bar)
    return [*(event for event in events if event[0] < last), (last, mark)]


def _bass_pitch(score: Score, beat: float, *, mark: str) -> int:
    chord = chord_at(score.chords, beat)
    root = 28 + (chord.root - 28) % 12
    if mark == "a":
        following = chord_at(score.chords, beat + 1.0)
        goal = 28 + (following.root - 28) % 12
        # From below through the leading note, or from above where the bass would run out.
        return goal - 1 if goal > 29 else goal + 2
    steps = {"r": 0, "O": 12, "t": chord_interval(chord, 1), "f": chord_interval(chord, 2)}
    return root + steps[mark]


def chord_interval(chord: Chord, index: int) -> int:
    """Semitones from the root to one chord tone."""
    return (chord.tones[index] - chord.root) % 12


def _comp(style: Style, score: Score, name: str) -> list[Note]:
    part = style.parts[name]
    steps = 4 * score.beats_per_bar
    marks = fit(part.pattern, steps)
    voiced = _voicings(style, score, name)
    events = [
        (bar * score.beats_per_bar + i / 4, mark)
        for bar in range(score.bars)
        for i, mark in enumerate(marks)
        if mark != "."
    ]
    events = _end_on(events, score, mark="x")
    ends = [beat for beat, _ in events[1:]] + [float(score.bars * score.beats_per_bar)]
    strum = 0.012 if "guitar" in part.voice else 0.0
    notes = []
    for (beat, mark), end in zip(events, ends, strict=True):
        chord = voiced[chord_at(score.chords, beat)]
        chosen = [chord[int(mark) % len(chord)]] if mark.isdigit() else list(chord)
        velocity = 0.5 if mark == "o" else 0.74
        # Down-strokes on the beat, up-strokes between.
        order = chosen if beat % 1 == 0 else chosen[::-1]
        for i, pitch in enumerate(order):
            notes.append(Note(beat + i * strum, part.gate * (end - beat), pitch, velocity))
    return notes


def _voicings(style: Style, score: Score, name: str) -> dict[Chord, tuple[int, ...]]:
    """One voicing for each chord, each near the one it follows when first heard."""
    found: dict[Chord, tuple[int, ...]] = {}
    previous: tuple[int, ...] | None = None
    for _, chord in score.chords:
        if chord not in found:
            if style.voicing == "power" and name == "chords":
                found[chord] = power_chord(chord)
            else:
                found[chord] = voice_chord(chord, previous, low=57 if name == "pad" else 54)
        previous = found[chord]
    return found


def _sing_all(style: Style, score: Score, spec: SongSpec) -> dict[str, list[Note]]:
    tune = SLOWED[style.tune] if spec.bpm > FAST_BPM else style.tune
    rng = stream(spec.seed, "tune")
    home = 67 + (score.key.tonic - 67 + 6) % 12 - 6
    themes = {
        name: make_theme(tune, score.beats_per_bar, centre=home + lift, rng=rng)
        for name, lift in (("verse", 0), ("chorus", 4), ("bridge", 2))
    }
    notes: dict[str, list[Note]] = {"lead": [], "hook": []}
    for section in score.sections:
        for layer in set(LAYERS[section.name]) & {"lead", "hook"}:
            for bar in range(section.first_bar, section.first_bar + section.bars, 4):
                first = float(bar * score.beats_per_bar)
                end = float((section.first_bar + section.bars) * score.beats_per_bar)
                phrase = sing(
                    themes[section.name], score.key, score.chords, first_beat=first,
                    beats=score.beats_per_bar,
                )  # fmt: skip
                notes[layer] += [note for note in phrase if note.beat < end - 1e-9]
    return notes


def _finish(score: Score) -> None:
    """Keep each layer to its sections, and hold the last chord."""
    last = float((score.bars - 1) * score.beats_per_bar)
    spans = {
        layer: [
            (s.first_bar * score.beats_per_bar, (s.first_bar + s.bars) * score.beats_per_bar)
            for s in score.sections
            if layer in LAYERS[s.name]
        ]
        for layer in score.notes
    }
    for layer, notes in score.notes.items():
        kept = [n for n in notes if any(a <= n.beat < b for a, b in spans[layer])]
        ending = [n for n in kept if n.beat >= last]
        first = min((n.beat for n in ending), default=last)
        held = [
            replace(
                n, beat=last + (n.beat - first), length=float(score.beats_per_bar), velocity=0.8
            )
            for n in ending
            if n.beat < first + 0.1
        ]
        score.notes[layer] = [n for n in kept if n.beat < last] + held
    score.hits = [h for h in score.hits if h.beat < last]
    score.hits += [Hit(last, "kick", 1.0), Hit(last, "crash", 1.0)]
