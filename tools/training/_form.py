"""Form of a training song: its sections, who plays in them, and where the key changes."""

import numpy as np
from _harmony import Key
from _parts import Grid
from _score import LIKE, Section

#: Share of songs that change their key, if their sections allow it.
MODULATED = 0.2
#: Where a modulation goes, in semitones.
MODULATIONS = (1, 2, 2, 3, 5, 5, 7, 7, 9, 10, 4, 8, -1)
POP_FORM = ("verse", "chorus", "verse", "chorus", "bridge", "chorus")
CLUB_FORM = ("build", "drop", "break", "drop", "build", "drop")


def write_form(
    bars: int, *, electronic: bool, loop: bool, rng: np.random.Generator
) -> list[Section]:
    """Divide bars into sections.

    Parameters
    ----------
    bars : int
        Of the song.
    electronic : bool
        Whether it has drops instead of choruses.
    loop : bool
        Whether it is one section with everybody in it.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of Section
        In order; the same label has the same players.
    """
    everyone = frozenset({"drums", "bass", "comp", "pad", "lead", "extra"})
    if loop or rng.random() < 0.2:
        return [Section("loop", 0, bars, everyone)]
    phrase = 4 if bars < 28 else 8
    labels = list(CLUB_FORM if electronic else POP_FORM)
    if rng.random() < 0.5:
        labels = ["intro", *labels]
    if rng.random() < 0.3:
        labels = labels[1:]
    layers: dict[str, frozenset[str]] = {}
    out: list[Section] = []
    place = 0
    for label in labels:
        if bars - place <= 0:
            break
        length = 2 if label == "intro" and bars < 16 else phrase
        # A rest too short for a section of its own lengthens the one before.
        if bars - place - length < 2 or label == labels[-1]:
            length = bars - place
        if label not in layers:
            layers[label] = _layers(label, rng)
        out.append(Section(label, place, length, layers[label]))
        place += length
    return out


def _layers(label: str, rng: np.random.Generator) -> frozenset[str]:
    kind = LIKE.get(label, label)
    if kind == "intro":
        choices = [
            {"drums"}, {"comp"}, {"comp", "bass"}, {"drums", "bass", "comp"}, {"pad", "comp"},
            {"drums", "comp"}, {"light", "pad", "bass", "comp"},
        ]  # fmt: skip
        return frozenset(choices[int(rng.integers(len(choices)))])
    if kind == "bridge":
        choices = [
            {"comp", "pad"}, {"comp", "lead", "pad"}, {"light", "comp", "bass"},
            {"pad", "comp", "extra"}, {"drums", "bass", "comp", "lead"},
            {"bass", "comp", "pad", "light", "lead"},
        ]  # fmt: skip
        return frozenset(choices[int(rng.integers(len(choices)))])
    there = {"drums", "bass", "comp"}
    odds = {"lead": 0.75, "pad": 0.3, "extra": 0.2}
    if kind == "chorus":
        odds = {"lead": 0.85, "pad": 0.8, "extra": 0.7}
    elif rng.random() < 0.15:
        there = {"light", "bass", "comp"}
    return frozenset(there | {name for name, p in odds.items() if rng.random() < p})


def modulate(
    key: Key, sections: list[Section], grid: Grid, *, loop: bool, rng: np.random.Generator
) -> list[tuple[float, Key]]:
    """Give the keys by the beat they begin at: one, or two that meet between two sections.

    Parameters
    ----------
    key : Key
        The first.
    sections : list of Section
        Of the song.
    grid : Grid
        Its metre.
    loop : bool
        Loops keep their key.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of (float, Key)
        In order.
    """
    keys = [(0.0, key)]
    if loop or rng.random() >= MODULATED:
        return keys
    last = sections[-1].first_bar + sections[-1].bars
    bars = [s.first_bar for s in sections if 0.25 * last <= s.first_bar <= 0.75 * last]
    if not bars:
        return keys
    bar = int(rng.choice(bars))
    shift = int(rng.choice(MODULATIONS))
    mode = key.mode if rng.random() < 0.75 else {"major": "minor", "minor": "major"}[key.mode]
    if mode != key.mode:
        # The relative or the parallel key.
        shift = int(rng.choice([0, 9 if mode == "minor" else 3]))
    keys.append((float(bar * grid.beats_per_bar), Key((key.tonic + shift) % 12, mode)))
    return keys
