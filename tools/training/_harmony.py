"""Harmony of training songs: numerals, common progressions, and freely generated ones."""

import re
from dataclasses import dataclass

import numpy as np

ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
#: Semitones above the root, by the shorthand of Harte et al., "Symbolic representation of musical
#: chords", ISMIR 2005.
QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8),
    "sus4": (0, 5, 7), "sus2": (0, 2, 7), "5": (0, 7), "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10), "minmaj7": (0, 3, 7, 11),
    "hdim7": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "maj6": (0, 4, 7, 9), "min6": (0, 3, 7, 9),
    "9": (0, 4, 7, 10, 14), "maj9": (0, 4, 7, 11, 14), "min9": (0, 3, 7, 10, 14),
}  # fmt: skip
#: What stands behind an upper- (True) or lower-case numeral.
SUFFIXES: dict[tuple[bool, str], str] = {
    (True, ""): "maj", (True, "7"): "7", (True, "M7"): "maj7", (True, "9"): "9",
    (True, "M9"): "maj9", (True, "6"): "maj6", (True, "+"): "aug", (True, "s4"): "sus4",
    (True, "s2"): "sus2", (True, "5"): "5", (False, ""): "min", (False, "7"): "min7",
    (False, "M7"): "minmaj7", (False, "9"): "min9", (False, "6"): "min6", (False, "o"): "dim",
    (False, "h7"): "hdim7", (False, "o7"): "dim7",
}  # fmt: skip
DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
#: Plain chords, and the richer ones that may stand for them.
RICHER: dict[str, tuple[str, ...]] = {
    "maj": ("maj7", "maj7", "maj9", "maj6", "sus2"),
    "min": ("min7", "min7", "min9", "min6"),
    "7": ("9", "7", "sus4"),
    "dim": ("hdim7", "dim7"),
}


@dataclass(frozen=True)
class Key:
    """A tonic (0 is C) and a mode."""

    tonic: int
    mode: str

    @property
    def label(self) -> str:
        """Such as ``"F# minor"``."""
        return f"{ROOTS[self.tonic]} {self.mode}"

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
        return f"{ROOTS[self.root]}:{self.quality}"

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes from the root up."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])


def read_numeral(numeral: str, key: Key) -> Chord:
    """Read a numeral; accidentals count from the major scale in both modes, as in ``bVII``."""
    found = re.fullmatch(r"([b#]?)([iv]+|[IV]+)(.*)", numeral)
    if found is None:
        message = f"no numeral: {numeral}"
        raise ValueError(message)
    sign, degree, suffix = found.groups()
    step = DEGREES[degree.lower()] + {"": 0, "b": -1, "#": 1}[sign]
    return Chord((key.tonic + step) % 12, SUFFIXES[degree.isupper(), suffix])


#: Common progressions by flavour and mode; one word a bar, a slash divides a bar.
BOOKS: dict[str, dict[str, tuple[str, ...]]] = {
    "pop": {
        "major": (
            "I V vi IV", "I vi IV V", "I IV vi V", "I iii IV V", "I IV I V", "I V IV V",
            "I ii IV V", "I vi V IV", "I V/IV vi IV", "I vi ii V", "I IV ii V",
            "I V iii vi IV V I I", "I V vi iii IV I IV V", "I bVII IV I", "I I7 IV iv",
            "I III7 vi IV", "I Vs4 vi IV", "ii IV I V", "I iii vi IV",
        ),
        "minor": (
            "i bVI bIII bVII", "i bVII bVI V", "i iv bVI V", "i bVI iv V", "i bVII iv bVI",
            "i bIII bVII iv", "i iv bVII bIII", "i v bVI bVII", "i bVI bVII i",
            "i bVII bVI bVII", "i iv i V7", "i bVI bVII i", "iv bVI i V", "i V7 i iv",
        ),
    },
    "rock": {
        "major": (
            "I bVII IV I", "I IV V IV", "I I IV V", "I bIII IV I", "I V IV IV", "I IV I V",
            "I vi IV V", "I bVI bVII I", "I/bVII IV", "I V IV I", "I V bVII IV",
        ),
        "minor": (
            "i bVII bVI bVII", "i bVI bVII i", "i bIII IV i", "i iv bVII bIII", "i bVI iv V",
            "i bIII bVII IV", "i i bVI bVII", "i bII i bVII", "i v bVI iv", "i/bVII bVI",
        ),
    },
    "power": {
        "major": ("I5 IV5 V5 IV5", "I5 bVII5 IV5 I5", "I5 V5 vi IV5", "I5 I5 IV5 V5"),
        "minor": (
            "I5 bVI5 bVII5 I5", "I5 bVII5 bVI5 bVII5", "I5 bII5 I5 bVII5", "I5 bIII5 IV5 I5",
            "I5 I5 bVI5 V5", "I5 bVI5 bIII5 bVII5", "I5 bIII5 bVI5 V7",
        ),
    },
    "jazz": {
        "major": (
            "IM7 vi7 ii7 V7", "ii7 V7 IM7 IM7", "IM7 VI7 ii7 V7", "iii7 VI7 ii7 V7",
            "IM7/vi7 ii7/V7 iii7/VI7 ii7/V7", "IM7 IM7 ii7 V7", "IM9 iv7 iii7 VI7 ii7 V7 IM7 V7",
            "IM7 II7 ii7 V7", "IM7 bVII7 IM7 VI7 ii7 V7 I6 V7", "IM7 #ivh7/VII7 iii7/VI7 ii7/V7",
            "I6 io7 ii7 V9", "ii9 V9 IM9 VI7", "IM7 IVM7 iii7/VI7 ii7/V7",
        ),
        "minor": (
            "i7 iv7 bVIIM7 bIIIM7 bVIM7 iih7 V7 i7", "i7 iih7 V7 i7", "i6 bVI7 V7 i6",
            "i7 iv7 iih7 V7", "iM7 bVI7/V7 i7 iih7/V7", "i7 IV7 i7 V7", "i9 bVI7 iih7 V7",
            "i7 bIII7 iih7 V7", "iih7 V7 i6 i6", "i7 i7 iv7 iv7 iih7 V7 i7 V7",
        ),
    },
    "blues": {
        "major": (
            "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7", "I7 IV7 I7 I7 IV7 IV7 I7 VI7 ii7 V7 I7 V7",
            "I7 IV7 I7 V7", "I IV7 I V7",
        ),
        "minor": (
            "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7", "i iv i V7", "i7 iv7 i7 V7",
            "i7 iv7 i7 i7 iv7 iv7 i7 i7 V7 iv7 i7 V7",
        ),
    },
    "soul": {
        "major": (
            "IM7 iii7 vi7 IVM7", "IM7 vi7 ii7 V9", "I I7 IV iv", "IM9 IVM9", "ii9 V9 IM9 IM7",
            "IM7 IVM7 iii7 ii7", "I IV/V I IV/V", "IM7 III7 vi7 ii7/V7", "IM7 ii7 iii7 IVM7",
        ),
        "minor": (
            "i9 iv9 i9 V7", "i7 bVIM7 iv7 V7", "i9 IV9", "i7 bVIIM7 bVIM7 v7",
            "i7 iv7 bVII7 bIIIM7",
            "i7 bVIM7 V7 i7", "i9 bIIIM7 iv7 V7", "i9 i9 iv9 v7",
        ),
    },
    "vamp": {
        "major": ("I9 I9 I9 V7", "I7 I7 IV7 I7", "I I IV I", "I I bVII I", "IM7 IM7 ii7 V7",
                  "I7 I7 I7 V7", "I Vs4"),
        "minor": ("i7 i7 i7 V7", "i7 IV7", "i i bVII i", "i i bVI i", "i7 v7", "i iv", "i9 IV9",
                  "i bII", "i"),
    },
    "dance": {
        "major": ("I V vi IV", "I vi IV V", "I IV I V", "IM7 iii7 IVM7 V", "I I IV V", "I ii vi V"),
        "minor": (
            "i bVI bIII bVII", "i i bVI bVII", "i i i bVII", "i i iv v", "i7 v7", "i bVI",
            "i bIII bVII iv",
            "i9 bVIM7", "i iv", "i bVI bVII v", "i bII", "i bVI i bVII", "i7 iv7", "i v bVI bVII",
        ),
    },
    "folk": {
        "major": (
            "I IV I V", "I V I IV", "I I IV V", "I vi IV V", "I IV V I", "I bVII IV I", "I ii IV I",
            "I V IV I", "I I V V IV IV I V", "I V vi IV", "I/V IV I V", "I IV I V7 I IV I/V7 I",
        ),
        "minor": (
            "i bVII i v", "i bVII bVI bVII", "i iv i V", "i bIII bVII i", "i i bVII bVII",
            "i V i bVII", "i IV i bVII", "i bVI bIII bVII",
        ),
    },
    "classical": {
        "major": (
            "I IV V7 I", "I V7 I V7 I IV V7 I", "I vi ii V7", "I/V vi/iii IV/I IV/V7",
            "I IV viio iii vi ii V7 I", "I V7 V7 I", "I ii V7 I", "I II7 V V7", "I I7 IV viio7",
            "I vi II7 V", "I III7 vi V7", "I IV I/V7 I",
        ),
        "minor": (
            "i iv V7 i", "i V7 i V7 i iv V7 i", "i iv bVII bIII bVI iio V7 i", "i V i V",
            "i bVI iv V7", "i iih7 V7 i", "i bII V7 i", "i viio7 i V7", "i v bVI bIII iv i iih7 V7",
            "i bVI viio7 i", "i I7 iv V7",
        ),
    },
}  # fmt: skip

#: Where functional harmony goes next, with odds; secondary dominants resolve.
NEXT: dict[str, dict[str, dict[str, float]]] = {
    "major": {
        "I": {"IV": 4, "V": 3, "vi": 4, "ii": 3, "iii": 1.5, "bVII": 0.7, "iv": 0.3, "VI7": 0.6,
              "III7": 0.5, "I7": 0.4, "bVI": 0.3, "viio": 0.3, "II7": 0.3},
        "ii": {"V": 6, "IV": 1, "viio": 0.6, "I": 0.8, "vi": 0.5, "iv": 0.2},
        "iii": {"vi": 4, "IV": 4, "ii": 1, "I": 0.3},
        "IV": {"V": 5, "I": 4, "ii": 2, "vi": 1, "iv": 0.7, "viio": 0.4, "iii": 0.7, "bVII": 0.4},
        "V": {"I": 6, "vi": 3, "IV": 1.2, "ii": 0.5, "iii": 0.4},
        "vi": {"IV": 4, "ii": 3, "V": 2, "iii": 1, "I": 0.7, "II7": 0.5},
        "viio": {"I": 5, "iii": 1, "vi": 1}, "bVII": {"IV": 4, "I": 3, "V": 1, "bVI": 0.5},
        "iv": {"I": 5, "V": 2, "bVII": 1}, "VI7": {"ii": 1}, "III7": {"vi": 4, "IV": 1},
        "II7": {"V": 4, "ii": 1}, "I7": {"IV": 1}, "bVI": {"bVII": 3, "V": 2, "iv": 1},
    },
    "minor": {
        "i": {"iv": 4, "bVI": 4, "bVII": 3, "V": 3, "bIII": 2, "v": 1, "iio": 1.2, "bII": 0.3,
              "I7": 0.4, "IV": 0.5, "viio": 0.4},
        "iio": {"V": 6, "i": 0.5, "v": 0.3}, "bIII": {"bVI": 3, "bVII": 2, "iv": 2, "V": 1, "i": 1},
        "iv": {"V": 4, "i": 3, "bVII": 2, "iio": 1, "bVI": 0.8}, "v": {"bVI": 3, "i": 2, "iv": 2},
        "V": {"i": 7, "bVI": 2, "iv": 0.6}, "IV": {"i": 3, "bVII": 2, "V": 1},
        "bVI": {"bVII": 4, "V": 3, "iv": 2, "bIII": 2, "iio": 1, "i": 1},
        "bVII": {"bIII": 3, "i": 4, "bVI": 2, "v": 0.7}, "bII": {"V": 3, "i": 2},
        "I7": {"iv": 1}, "viio": {"i": 4, "V": 1},
    },
}  # fmt: skip


def walk_harmony(key: Key, count: int, *, rich: float, rng: np.random.Generator) -> list[Chord]:
    """Walk through functional harmony, from the tonic (mostly) to a cadence (mostly).

    Parameters
    ----------
    key : Key
        In which to walk.
    count : int
        Chords wanted.
    rich : float
        Share of chords, 0 to 1, that get sevenths, ninths or suspensions.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of Chord
        One phrase.
    """
    table = NEXT[key.mode]
    tonic = "I" if key.mode == "major" else "i"
    state = tonic if rng.random() < 0.85 else str(rng.choice(list(table[tonic])))
    numerals = []
    for _ in range(count):
        numerals.append(state)
        odds = np.array(list(table[state].values()))
        state = str(rng.choice(list(table[state]), p=odds / odds.sum()))
    if count >= 4 and rng.random() < 0.7:
        ends = [("V", tonic), ("V", tonic), ("IV" if key.mode == "major" else "iv", "V")]
        numerals[-2:] = ends[int(rng.integers(3))]
    # A phrase that hardly touches its tonic has no key that a listener would name.
    if numerals.count(tonic) * 4 < count:
        numerals[0] = tonic
    return [enrich(read_numeral(n, key), rich=rich, rng=rng) for n in numerals]


def enrich(chord: Chord, *, rich: float, rng: np.random.Generator) -> Chord:
    """Give a chord a seventh or more, or leave it plain; a dominant gets its own seventh."""
    if rng.random() >= rich or chord.quality not in RICHER:
        return chord
    return Chord(chord.root, str(rng.choice(RICHER[chord.quality])))


def enrich_dominant(chord: Chord, key: Key, *, rich: float, rng: np.random.Generator) -> Chord:
    """Like ``enrich``, but the fifth step becomes a dominant seventh, never a major seventh."""
    if chord.quality == "maj" and chord.root == (key.tonic + 7) % 12:
        return Chord(chord.root, "7") if rng.random() < rich else chord
    return enrich(chord, rich=rich, rng=rng)


def read_progression(text: str, key: Key) -> list[list[Chord]]:
    """Read bars of numerals, each with one chord or, divided by a slash, two."""
    return [[read_numeral(n, key) for n in bar.split("/")] for bar in text.split()]


def write_bars(key: Key, books: tuple[str, ...], rng: np.random.Generator) -> list[list[Chord]]:
    """Write one phrase of harmony: from a book, or freely.

    Parameters
    ----------
    key : Key
        In which to write.
    books : tuple of str
        Names of ``BOOKS``, or ``"free"``, ``"free7"`` (rich in sevenths).
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of list of Chord
        For each bar the chords that share it evenly (one or two).
    """
    book = str(rng.choice(books))
    if not book.startswith("free"):
        bars = read_progression(str(rng.choice(BOOKS[book][key.mode])), key)
        rich = 0.25 if book in {"pop", "dance", "folk"} and rng.random() < 0.3 else 0.0
        return [[enrich_dominant(c, key, rich=rich, rng=rng) for c in bar] for bar in bars]
    rich = float(rng.uniform(0.6, 1.0) if book == "free7" else rng.choice([0.0, 0.1, 0.3]))
    count = int(rng.choice([4, 8]))
    chords = walk_harmony(key, count, rich=0.0, rng=rng)
    chords = [enrich_dominant(c, key, rich=rich, rng=rng) for c in chords]
    pace = rng.random()
    if pace < 0.25 and count == 8:
        return [chords[i : i + 2] for i in range(0, count, 2)]
    if pace < 0.4 and count == 4:
        return [[c] for c in chords for _ in range(2)]
    return [[c] for c in chords]
