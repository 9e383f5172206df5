"""Tunes: motifs that come back, phrases that breathe, steps rather than leaps."""

from dataclasses import dataclass

import numpy as np

from musictools.datasets._synth._harmony import Chord, Key

#: Rhythm cells of one bar in sixteenths: x begins a note, - holds it, . rests. The last of each
#: list ends a phrase.
RHYTHMS: dict[tuple[str, int], tuple[str, ...]] = {
    ("sparse", 4): ("x-----x-x---x---", "x---x---x-------", "....x---x-x-x---", "x-------------.."),
    ("medium", 4): ("x-x-x---x-x-x---", "x---x-x-x-x-x---", "..x-x-x-x---x-x-", "x-x-x-------...."),
    ("busy", 4): ("x-x-x-x-..x-x-x-", "x--x--x-x-x-x-x-", "..x-x-x-x-x-x---", "x-x-x-----......"),
    ("sparse", 3): ("x-------x---", "x---x---x---", "x-----x-x---", "x---------.."),
    ("medium", 3): ("x-------x---", "x---x-x-x---", "x---x---x-x-", "x-------...."),
    ("busy", 3): ("x---x-x-x-x-", "x-x-x---x---", "x---x---x-x-", "x-------...."),
}
#: Thin cells for fast songs, where eighth notes run too quickly to sing.
SLOWED = {"busy": "medium", "medium": "sparse", "sparse": "sparse"}
STEPS = np.array([-2, -1, 0, 1, 2])
#: Mostly steps, now and then a third; landing on a chord tone makes the leaps.
ODDS = np.array([0.1, 0.36, 0.1, 0.34, 0.1])


@dataclass(frozen=True)
class Note:
    """One note: place and length in beats, MIDI pitch, strength 0 to 1."""

    beat: float
    length: float
    pitch: float
    velocity: float


@dataclass(frozen=True)
class Motif:
    """A rhythm cell, and the move in scale steps to each of its notes."""

    cell: str
    moves: tuple[int, ...]

    def onsets(self) -> list[tuple[int, int]]:
        """First step and length of each note, in sixteenths."""
        starts = [i for i, mark in enumerate(self.cell) if mark == "x"]
        lengths = [
            1 + len(self.cell[i + 1 :]) - len(self.cell[i + 1 :].lstrip("-")) for i in starts
        ]
        return list(zip(starts, lengths, strict=True))


@dataclass(frozen=True)
class Theme:
    """Two motifs and a close: the phrase is A B A' close."""

    first: Motif
    second: Motif
    end: Motif
    centre: int

    def bar(self, place: int) -> Motif:
        """Give the motif of a bar, counted in its phrase of four."""
        return (self.first, self.second, self.first, self.end)[place % 4]


def make_theme(tune: str, beats_per_bar: int, *, centre: int, rng: np.random.Generator) -> Theme:
    """Invent one theme about a middle pitch."""
    *cells, close = RHYTHMS[tune, beats_per_bar]
    one, two = rng.choice(len(cells), size=2, replace=False)

    def motif(cell: str) -> Motif:
        moves = rng.choice(STEPS, size=cell.count("x"), p=ODDS)
        return Motif(cell, tuple(int(move) for move in moves))

    return Theme(motif(cells[one]), motif(cells[two]), motif(close), centre)


def bend(pitch: int, key: Key, chord: Chord) -> int:
    """Follow the chord where it alters the scale, as the leading note of minor does."""
    if pitch % 12 in chord.tones:
        return pitch
    for change in (1, -1):
        altered = (pitch + change) % 12
        if altered in chord.tones and altered not in key.scale:
            return pitch + change
    return pitch


def land(target: int, before: int, chord: Chord) -> int:
    """Give the chord tone near a target that takes the smaller leap from the note before."""
    options = [p for p in range(target - 5, target + 6) if p % 12 in chord.tones]
    return min(options, key=lambda p: abs(p - target) + 0.6 * abs(p - before))


def sing(
    theme: Theme, key: Key, chords: list[tuple[float, Chord]], *, first_beat: float, beats: int
) -> list[Note]:
    """Sing a theme over chords.

    Parameters
    ----------
    theme : Theme
        What to sing.
    key : Key
        Whose scale to sing in.
    chords : list of (beat, Chord)
        In order, from ``first_beat`` on.
    first_beat : float
        Where it begins, in beats.
    beats : int
        Beats of one bar.

    Returns
    -------
    list of Note
        One phrase of four bars.
    """
    ladder = [p for p in range(theme.centre - 24, theme.centre + 25) if p % 12 in key.scale]
    middle = min(range(len(ladder)), key=lambda i: abs(ladder[i] - theme.centre))
    notes: list[Note] = []
    for bar in range(4):
        motif = theme.bar(bar)
        # The motif returns at the same place, so that it is heard as the same.
        rung = middle if bar in (0, 2) else _rung(notes, ladder)
        for (step, length), move in zip(motif.onsets(), motif.moves, strict=True):
            rung = _fold(rung + move, middle)
            beat = first_beat + bar * beats + step / 4
            chord = chord_at(chords, beat)
            strong = step % 8 == 0 or length >= 6
            before = int(notes[-1].pitch) if notes else ladder[rung]
            aim = ladder[rung]
            pitch = land(aim, before, chord) if strong else bend(aim, key, chord)
            rung = min(range(len(ladder)), key=lambda i: abs(ladder[i] - pitch))
            accent = 0.82 if step % 4 == 0 else 0.68
            notes.append(Note(beat, 0.95 * length / 4, pitch, accent))
    return notes


def _fold(rung: int, middle: int) -> int:
    # Reflect at four steps from the middle: a ninth in all, what a voice does without strain.
    if rung > middle + 4:
        return 2 * (middle + 4) - rung
    if rung < middle - 4:
        return 2 * (middle - 4) - rung
    return rung


def _rung(notes: list[Note], ladder: list[int]) -> int:
    last = notes[-1].pitch
    return min(range(len(ladder)), key=lambda i: abs(ladder[i] - last))


def chord_at(chords: list[tuple[float, Chord]], beat: float) -> Chord:
    """Give the chord that sounds at a beat."""
    return [chord for start, chord in chords if start <= beat + 1e-9][-1]
