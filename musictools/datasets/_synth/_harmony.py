"""Keys, chords and voice leading."""

import re
from dataclasses import dataclass

from musictools.audio._keys import KEYS, ROOTS
from musictools.errors import InputError, closest

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
#: Names of a root that are not used here, and the one that is.
ENHARMONIC = {"C#": "Db", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb", "Cb": "B", "E#": "F"}
#: Semitones above the root, by the shorthand of Harte et al., "Symbolic representation of musical
#: chords", ISMIR 2005.
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "sus4": (0, 5, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "hdim7": (0, 3, 6, 10),
}
#: How the progressions of this package write a quality behind an upper- or lower-case numeral.
SUFFIXES: dict[tuple[bool, str], str] = {
    (True, ""): "", (True, "7"): "7", (True, "M7"): "maj7", (True, "s4"): "sus4",
    (False, ""): "min", (False, "7"): "min7", (False, "o"): "dim", (False, "h7"): "hdim7",
}  # fmt: skip
NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii")


@dataclass(frozen=True)
class Key:
    """A tonic (0 is C) and a mode."""

    tonic: int
    mode: str

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of its seven steps, from the tonic up."""
        return tuple((self.tonic + step) % 12 for step in SCALES[self.mode])


@dataclass(frozen=True)
class Chord:
    """A root (0 is C) and a quality of ``QUALITIES``."""

    root: int
    quality: str

    @property
    def label(self) -> str:
        """Harte's notation, such as ``"A:min"``."""
        return ROOTS[self.root] + (f":{self.quality}" if self.quality else "")

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes from the root up."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])


def parse_key(name: str) -> Key:
    """Read a key such as ``"F# minor"``."""
    if name not in KEYS:
        raise InputError(
            "choose a key",
            got=repr(name),
            expected="a root of C Db D Eb E F F# G Ab A Bb B and 'major' or 'minor'",
            hint=_likely_key(str(name)),
        )
    root, mode = name.split()
    return Key(ROOTS.index(root), mode)


def _likely_key(name: str) -> str:
    """Say which key was meant: the same one in another spelling, or a near match."""
    root, _, mode = name.strip().partition(" ")
    root = root[:1].upper() + root[1:].lower()
    meant = f"{ENHARMONIC.get(root, root)} {mode.strip().lower()}"
    return repr(meant) if meant in KEYS else closest(name, KEYS)


def parse_numeral(numeral: str, key: Key) -> Chord:
    """Read a Roman numeral such as ``"V7"`` or ``"bVII"`` in a key."""
    found = re.fullmatch(r"(b?)([IViv]+)(.*)", numeral)
    if found is None or (found[2].isupper(), found[3]) not in SUFFIXES:
        raise InputError(
            "read a chord", got=repr(numeral), expected="a Roman numeral", hint="write 'V7'"
        )
    flat, roman, suffix = found.groups()
    root = key.scale[NUMERALS.index(roman.lower())] - bool(flat)
    return Chord(root % 12, SUFFIXES[roman.isupper(), suffix])


def voice_chord(
    chord: Chord, previous: tuple[int, ...] | None, *, low: int = 53
) -> tuple[int, ...]:
    """Close position nearest to the chord before.

    Parameters
    ----------
    chord : Chord
        What to play.
    previous : tuple of int or None
        MIDI notes of the chord before.
    low : int, default 53
        MIDI note about which the lowest voice stays.

    Returns
    -------
    tuple of int
        MIDI notes, rising.
    """
    options = []
    for bottom in range(low - 4, low + 8):
        if bottom % 12 in chord.tones:
            others = sorted((tone - bottom) % 12 for tone in chord.tones)
            options.append(tuple(bottom + step for step in others))
    if previous is None:
        return min(options, key=lambda notes: abs(notes[0] - low))
    return min(options, key=lambda notes: _travel(notes, previous) + 0.3 * abs(notes[0] - low))


def _travel(notes: tuple[int, ...], previous: tuple[int, ...]) -> int:
    return sum(min(abs(note - before) for before in previous) for note in notes)


def power_chord(chord: Chord) -> tuple[int, ...]:
    """Root, fifth and octave in the low register of a guitar, and the third above for colour."""
    root = 40 + (chord.root - 40) % 12
    return (root, root + 7, root + 12, root + 12 + (chord.tones[1] - chord.root) % 12)
