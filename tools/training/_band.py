"""The band of a training song: who is hired, and what they play in each section."""

from dataclasses import dataclass

import numpy as np
from _bands import INSTRUMENTS
from _grooves import Groove
from _parts import (
    BASS_LOW,
    COMP_LOW,
    Hand,
    Note,
    choose_bass,
    choose_comp,
    gate_of,
    make_tune,
    play_bass,
    play_comp,
)
from _patterns import fill_steps
from _score import LIKE, Score, Section, Track, stream
from _styles import STYLES

#: Leads with a vibrato of their own.
SINGING = {"voice", "violin", "sax", "flute", "trumpet", "guitarlead", "clarinet", "lead", "cello"}
STRUMMED = {"steel", "nylon", "clean", "banjo", "drive"}
#: Patterns in sixteenths, which blur in fast songs.
DENSE = {"arp16", "gate16", "funk16", "power16", "strum16", "bossa16"}
DENSE_BELOW_BPM = 150.0


@dataclass
class Band:
    """Who plays, and how.

    Attributes
    ----------
    tracks : dict of str to Track
        ``bass``, ``comp``, ``extra``, ``pad`` and ``lead``.
    hired : frozenset of str
        Those of them that play.
    bass_line : str
        Name of the bass pattern.
    kick : str
        One bar of the bass drum, that a bass may follow.
    low : int
        Lowest note of the bass.
    high : int
        Lowest note of the chords.
    strum : float
        Beats between the strings of a strummed chord.
    alone : bool
        Whether the chords have to do without a bass.
    rng : numpy.random.Generator
        Chance.
    """

    tracks: dict[str, Track]
    hired: frozenset[str]
    bass_line: str
    kick: str
    low: int
    high: int
    strum: float
    alone: bool
    rng: np.random.Generator


def play_band(score: Score, groove: Groove, seed: int) -> None:
    """Fill the tracks of a score.

    Parameters
    ----------
    score : Score
        With its sections and chords.
    groove : Groove
        Of the drums.
    seed : int
        Of the song.
    """
    if score.material == "drums":
        return
    band = _hire(score, groove, stream(seed, "band"))
    for section in score.sections:
        _play_section(score, band, section, seed)
    score.tracks = {name: track for name, track in band.tracks.items() if track.notes}
    if not score.tracks and not groove:
        # Every part drew silence: let the chords sound after all.
        comp = band.tracks["comp"]
        comp.instrument = comp.instrument if comp.instrument in INSTRUMENTS else "piano"
        everything = Section("all", 0, score.bars, frozenset())
        band.high, band.strum, band.alone = COMP_LOW, 0.0, True
        comp.notes = _accompany("block2", score, band, everything, seed=seed, rng=band.rng)
        score.tracks = {"comp": comp}


def _hire(score: Score, groove: Groove, rng: np.random.Generator) -> Band:
    style, material = STYLES[score.style], score.material
    low = BASS_LOW + int(rng.integers(0, 6))
    bass_line = str(rng.choice(style.bass))
    if material == "drums and bass" and bass_line == "none":
        bass_line = "root8"
    choices = {"bass": style.basses, "comp": style.comps, "extra": style.comps, "pad": style.pads,
               "lead": style.leads}  # fmt: skip
    tracks = {name: Track(str(rng.choice(names)), []) for name, names in choices.items()}
    with_pad, with_lead = rng.random() < style.pad, rng.random() < style.lead
    if tracks["lead"].instrument in SINGING:
        tracks["lead"].vibrato_cents = float(rng.choice([0.0, rng.uniform(12, 45)]))
    # Without a bass the chords reach down for their roots.
    alone = bass_line == "none" and material == "song"
    high = COMP_LOW + int(rng.integers(-3, 9)) - 4 * alone
    strum = float(rng.uniform(0.01, 0.035)) if tracks["comp"].instrument in STRUMMED else 0.0
    hired = {"bass", "comp", "extra"}
    if material == "riff":
        with_pad, with_lead = False, rng.random() < 0.2
        # One of the two, so that a riff stands alone.
        hired = {"bass"} if rng.random() < 0.5 else {"comp"}
    if bass_line == "none":
        hired -= {"bass"}
    hired |= ({"pad"} if with_pad else set()) | ({"lead"} if with_lead else set())
    hired &= {"bass"} if material == "drums and bass" else hired
    kick = fill_steps(groove.get("kick", ""), score.grid.steps)
    return Band(tracks, frozenset(hired), bass_line, kick, low, high, strum, alone, rng)


def _play_section(score: Score, band: Band, section: Section, seed: int) -> None:
    label, style = LIKE.get(section.label, section.label), STYLES[score.style]
    grid, span = score.grid, (section.first_bar, section.bars)
    here = section.layers & band.hired
    rng = stream(seed, f"parts {label}")
    if "bass" in here:
        line = choose_bass(band.bass_line, grid, band.kick, stream(seed, "bass line"))
        band.tracks["bass"].notes += play_bass(
            line, score.chords, grid, bars=span, gate=gate_of(band.bass_line), low=band.low, rng=rng
        )
    if "comp" in here:
        own = label if rng.random() < 0.4 else ""
        name = str(stream(seed, f"comp {own}").choice(style.comp))
        band.tracks["comp"].notes += _accompany(name, score, band, section, seed=seed, rng=rng)
    if "extra" in here and band.rng.random() < 0.5:
        name = str(rng.choice(style.comp))
        other = Band(**{**vars(band), "high": COMP_LOW + 8, "strum": 0.0, "alone": False})
        band.tracks["extra"].notes += _accompany(
            name, score, other, section, seed=seed + 1, rng=rng
        )
    if "pad" in here:
        band.tracks["pad"].notes += play_comp(
            "x" + "." * (grid.steps - 1), score.chords, grid, bars=span,
            hand=Hand(1.0, COMP_LOW + 4), rng=rng,
        )  # fmt: skip
    if "lead" in here:
        busy = str(rng.choice(_busy(score.bpm)))
        band.tracks["lead"].notes += make_tune(
            score.chords, score.key_at(section.first_bar * grid.beats_per_bar), grid, bars=span,
            centre=int(rng.integers(64, 76)), busy=busy, rng=stream(seed, f"tune {label}"),
        )  # fmt: skip


def _accompany(
    name: str, score: Score, band: Band, section: Section, *, seed: int, rng: np.random.Generator
) -> list[Note]:
    pattern = choose_comp(name, score.grid, stream(seed, f"rhythm {name}"))
    if name in DENSE and score.bpm > DENSE_BELOW_BPM:
        pattern = "".join(mark if i % 2 == 0 else "." for i, mark in enumerate(pattern))
    gate = float(rng.choice([0.95, 0.4])) if name == "free" else gate_of(name)
    return play_comp(
        pattern, score.chords, score.grid, bars=(section.first_bar, section.bars),
        hand=Hand(gate, band.high, band.strum, band.alone), rng=rng,
    )  # fmt: skip


def _busy(bpm: float) -> tuple[str, ...]:
    """Say how busy a tune may be at a tempo."""
    if bpm > 140:
        return ("sparse", "medium")
    return ("sparse", "medium", "busy") if bpm > 95 else ("medium", "busy", "busy")
