"""What each hand of a training song plays, given the chords."""

from dataclasses import dataclass

import numpy as np
from _harmony import Chord, Key
from _patterns import BASSES, COMPS, GATES, LONGEST_STAB, fill_steps, fit_bars

#: Registers in MIDI notes: lowest of the bass, lowest of the chords, middle of the tune.
BASS_LOW = 28
COMP_LOW = 52
LONGEST_BEATS = 8.0
#: Likelihood of a syncopated note by its place in a beat of four steps: first, second, third, last.
WEIGHTS = (0.75, 0.15, 0.5, 0.25)


@dataclass(frozen=True)
class Note:
    """One note: place and length in beats, MIDI pitch, strength 0 to 1."""

    beat: float
    length: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Grid:
    """The steps of a song's metre."""

    beats_per_bar: int
    div: int

    @property
    def steps(self) -> int:
        """Steps of a bar."""
        return self.beats_per_bar * self.div


@dataclass(frozen=True)
class Hand:
    """How chords are played.

    Attributes
    ----------
    gate : float
        Share of the time to the next event that each is held.
    low : int
        Lowest MIDI note.
    strum : float
        Beats between the strings of a strummed chord.
    alone : bool
        Whether nobody else plays the bass.
    """

    gate: float
    low: int
    strum: float = 0.0
    alone: bool = False


#: Chords by the beat they begin at.
Harmony = list[tuple[float, Chord]]


def chord_at(chords: Harmony, beat: float) -> Chord:
    """Give the chord that sounds at a beat."""
    place = np.searchsorted([start for start, _ in chords], beat + 1e-6, side="right")
    return chords[max(int(place) - 1, 0)][1]


def syncopate(grid: Grid, density: float, rng: np.random.Generator) -> str:
    """Draw a rhythm of one bar, likelier on beats than off them."""
    weights = WEIGHTS if grid.div == 4 else (0.8, 0.2, 0.4)
    marks = [
        "x" if rng.random() < density * weights[i % grid.div] else "." for i in range(grid.steps)
    ]
    if rng.random() < 0.8 or "x" not in marks:
        marks[0] = "x"
    return "".join(marks)


def spread_marks(pattern: str, grid: Grid, first_bar: int, bars: int) -> list[tuple[float, str]]:
    """Give the beat of each sign of a pattern that repeats over some bars."""
    marks = fill_steps(fit_bars(pattern, grid.steps), bars * grid.steps)
    start = float(first_bar * grid.beats_per_bar)
    return [(start + i / grid.div, mark) for i, mark in enumerate(marks) if mark != "."]


def lengths(events: list[tuple[float, str]], end: float, *, gate: float) -> list[float]:
    """Hold each event until the next, or a share of it."""
    ends = [beat for beat, _ in events[1:]] + [end] * bool(events)
    longest = LONGEST_BEATS if gate > 0.75 else LONGEST_STAB
    return [min(gate * (b - a), longest) for (a, _), b in zip(events, ends, strict=True)]


def choose_bass(name: str, grid: Grid, kick: str, rng: np.random.Generator) -> str:
    """Draw the rhythm of a bass; ``lock`` follows the bass drum, ``synco`` is drawn freely."""
    if name == "lock" and "x" in kick.lower():
        return "".join("r" if mark in "Xx" else "." for mark in kick)
    if name in {"synco", "lock"}:
        steps = syncopate(grid, float(rng.uniform(0.35, 0.8)), rng).replace("x", "r")
        signs = rng.choice(list("rrrrfOt"), size=len(steps))
        return "r" + "".join(
            s if m == "r" else "." for m, s in zip(steps[1:], signs[1:], strict=True)
        )
    if name == "walk":
        return "w..." * grid.beats_per_bar
    return str(rng.choice(BASSES[name]))


def play_bass(
    pattern: str, chords: Harmony, grid: Grid, *, bars: tuple[int, int], gate: float,
    low: int, rng: np.random.Generator,
) -> list[Note]:  # fmt: skip
    """Play a bass over some bars.

    Parameters
    ----------
    pattern : str
        Signs of ``BASSES``; w walks.
    chords : Harmony
        Of the song.
    grid : Grid
        Its steps.
    bars : tuple of int
        First bar and number of bars.
    gate : float
        Share of the time to the next note that each is held.
    low : int
        Lowest MIDI note.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of Note
        In time order.
    """
    events = spread_marks(pattern, grid, *bars)
    end = float((bars[0] + bars[1]) * grid.beats_per_bar)
    starts = {beat for beat, _ in chords}
    notes: list[Note] = []
    before = low + 8
    for (beat, mark), length in zip(events, lengths(events, end, gate=gate), strict=True):
        if mark == ",":
            continue
        chord = chord_at(chords, beat)
        root = low + (chord.root - low) % 12
        if root > low + 9:
            root -= 12 if root - 12 >= low - 3 else 0
        if mark == "w":
            pitch = _walk(beat, before, chords, low=low, on_root=beat in starts, rng=rng)
        elif mark == "a":
            goal = low + (chord_at(chords, beat + 1.0).root - low) % 12
            pitch = goal + int(rng.choice([-1, 1, 2]))
        else:
            tones = [(t - chord.root) % 12 for t in chord.tones]
            fifth = tones[-1] if len(tones) == 2 else tones[2]
            pitch = root + {"r": 0, "f": fifth, "O": 12, "t": tones[1]}[mark]
        before = pitch
        accent = 0.92 if beat % grid.beats_per_bar == 0 else 0.8 if beat % 1 == 0 else 0.72
        notes.append(Note(beat, max(length, 0.1), pitch, accent * float(rng.uniform(0.93, 1.05))))
    return notes


def _walk(
    beat: float, before: int, chords: Harmony, *, low: int, on_root: bool, rng: np.random.Generator
) -> int:
    """Walk to a chord tone or, before a change, to a neighbour of the next root."""
    chord, following = chord_at(chords, beat), chord_at(chords, beat + 1.0)
    if on_root:
        options = [p for p in range(low, low + 20) if p % 12 == chord.root]
    elif following != chord:
        goal = following.root
        options = [p for p in range(low, low + 20) if (p - goal) % 12 in {1, 11, 7}]
    else:
        passing = {*chord.tones, (chord.root + 2) % 12, (chord.root + 9) % 12}
        options = [p for p in range(low, low + 20) if p % 12 in passing and p != before]
    gaps = np.array([abs(p - before) + 0.3 * abs(p - (low + 9)) for p in options])
    odds = np.exp(-gaps / 2.0)
    return int(rng.choice(options, p=odds / odds.sum()))


def voice_chord(
    chord: Chord, before: tuple[int, ...] | None, *, low: int, spread: bool
) -> tuple[int, ...]:
    """Lay a chord out close to the one before; ``spread`` doubles the root below."""
    best: tuple[int, ...] = ()
    cost = np.inf
    tones = [t % 12 for t in chord.tones]
    for turn in range(len(tones)):
        order = tones[turn:] + tones[:turn]
        base = low + (order[0] - low) % 12
        pitches = [base]
        for tone in order[1:]:
            pitches.append(pitches[-1] + ((tone - pitches[-1]) % 12 or 12))
        price = abs(np.mean(pitches) - (np.mean(before) if before else low + 8))
        if price < cost:
            best, cost = tuple(pitches), float(price)
    if spread:
        root = low - 12 + (chord.root - low) % 12
        best = (root, *[p for p in best if p - root > 2])
    return best


def choose_comp(name: str, grid: Grid, rng: np.random.Generator) -> str:
    """Draw the rhythm of an accompaniment; ``free`` is drawn freely."""
    if name == "free":
        return syncopate(grid, float(rng.uniform(0.4, 0.9)), rng)
    return str(rng.choice(COMPS[name]))


def play_comp(
    pattern: str, chords: Harmony, grid: Grid, *, bars: tuple[int, int], hand: Hand,
    rng: np.random.Generator,
) -> list[Note]:  # fmt: skip
    """Play chords over some bars.

    Parameters
    ----------
    pattern : str
        Signs of ``COMPS``.
    chords : Harmony
        Of the song.
    grid : Grid
        Its steps.
    bars : tuple of int
        First bar and number of bars.
    hand : Hand
        How they are played.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of Note
        In time order.
    """
    events = spread_marks(pattern, grid, *bars)
    if "." * grid.steps == fill_steps(pattern, grid.steps):
        return []
    # A held chord has to change with the harmony, even where the pattern has no stroke.
    if hand.gate > 0.75:
        first, last = bars[0] * grid.beats_per_bar, (bars[0] + bars[1]) * grid.beats_per_bar
        there = {beat for beat, _ in events}
        changes = [b for b, _ in chords if first <= b < last and b not in there]
        sparse = len(events) <= 2 * bars[1]
        events = sorted(events + [(b, "x") for b in changes]) if sparse else events
    end = float((bars[0] + bars[1]) * grid.beats_per_bar)
    spread = hand.alone or bool(rng.random() < 0.25)
    notes: list[Note] = []
    voiced: tuple[int, ...] | None = None
    chord: Chord | None = None
    for (beat, mark), length in zip(events, lengths(events, end, gate=hand.gate), strict=True):
        if mark == ",":
            continue
        if chord_at(chords, beat) != chord or voiced is None:
            chord = chord_at(chords, beat)
            voiced = voice_chord(chord, voiced, low=hand.low, spread=spread)
        velocity = 0.52 if mark == "o" else 0.78 if beat % 1 == 0 else 0.7
        velocity *= float(rng.uniform(0.9, 1.08))
        if mark.isdigit():
            octave, index = divmod(int(mark), len(voiced))
            held = min(2.0, max(length, 0.25)) if hand.gate > 0.75 else length
            notes.append(Note(beat, held, voiced[index] + 12 * octave, velocity))
            continue
        order = voiced if beat % 1 == 0 else voiced[::-1]
        for i, pitch in enumerate(order):
            notes.append(Note(beat + i * hand.strum, max(length, 0.1), pitch, velocity))
    return notes


#: Rhythms of a bar of a tune: odds of a new note at each place of a beat, by how busy it is.
BUSY = {
    "sparse": (0.55, 0.0, 0.12, 0.0),
    "medium": (0.8, 0.05, 0.45, 0.08),
    "busy": (0.9, 0.3, 0.8, 0.35),
}


def make_tune(
    chords: Harmony, key: Key, grid: Grid, *, bars: tuple[int, int], centre: int, busy: str,
    rng: np.random.Generator,
) -> list[Note]:  # fmt: skip
    """Invent a tune: two rhythmic motifs that return, steps, chord tones on strong beats.

    Parameters
    ----------
    chords : Harmony
        Of the song.
    key : Key
        Whose scale it moves in.
    grid : Grid
        Steps of the metre.
    bars : tuple of int
        First bar and number of bars.
    centre : int
        Middle MIDI note.
    busy : str
        ``sparse``, ``medium`` or ``busy``.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of Note
        In time order, without overlaps.
    """
    odds = BUSY[busy] if grid.div == 4 else (BUSY[busy][0], BUSY[busy][1], BUSY[busy][2] * 0.8)
    motifs = [[i for i in range(grid.steps) if rng.random() < odds[i % grid.div]] for _ in range(2)]
    moves = [rng.choice([-2, -1, -1, 0, 1, 1, 2], size=grid.steps) for _ in range(2)]
    rest = float(rng.choice([0.0, 0.15, 0.35]))
    ladder_at = 0
    pitch = centre
    places: list[tuple[float, int]] = []
    for bar in range(bars[1]):
        if rng.random() < rest * 0.6:
            continue
        which = (0, 1, 0, 1)[bar % 4] if bar % 8 < 6 else int(rng.integers(2))
        for step in motifs[which]:
            beat = (bars[0] + bar) * grid.beats_per_bar + step / grid.div
            chord = chord_at(chords, beat)
            scale = _scale_under(key, chord)
            ladder = [p for p in range(centre - 11, centre + 12) if p % 12 in scale]
            nearest = min(range(len(ladder)), key=lambda i: abs(ladder[i] - pitch))
            ladder_at = int(np.clip(nearest + moves[which][step], 0, len(ladder) - 1))
            pitch = ladder[ladder_at]
            if step % grid.div == 0:
                tones = [p for p in range(centre - 11, centre + 12) if p % 12 in chord.tones]
                pitch = min(tones, key=lambda p: (abs(p - pitch), p))
            # Phrases come to rest on the tonic, where the chord allows.
            if bar % 4 == 3 and step == motifs[which][-1] and key.tonic in chord.tones:
                pitch = min(range(pitch - 6, pitch + 6), key=lambda p: (p - key.tonic) % 12 != 0)
            places.append((beat, pitch))
    if not places:
        return []
    ends = [beat for beat, _ in places[1:]] + [float((bars[0] + bars[1]) * grid.beats_per_bar)]
    legato = float(rng.choice([0.95, 0.8, 1.0]))
    return [
        Note(b, min(legato * (e - b), 3.0), p, float(rng.uniform(0.72, 0.95)))
        for (b, p), e in zip(places, ends, strict=True)
    ]


def _scale_under(key: Key, chord: Chord) -> set[int]:
    """Give the scale, altered where the chord alters it, as the leading note of minor does."""
    scale = set(key.scale)
    for tone in chord.tones:
        if tone not in scale:
            scale -= {(tone + 1) % 12, (tone - 1) % 12} - set(chord.tones)
            scale.add(tone)
    return scale


def gate_of(name: str) -> float:
    """Share of the time to the next note that a named pattern holds."""
    return GATES.get(name, 0.95)
