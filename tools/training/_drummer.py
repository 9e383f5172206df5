"""Drums of a training song: a groove, changed at will, with fills and breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from _grooves import EXTRAS, HATS, STROKES, Groove
from _parts import Grid
from _patterns import fill_steps, fit_bars

CYMBALS = ("hat", "open", "ride", "pedal", "shaker", "crash")


@dataclass(frozen=True)
class Hit:
    """One drum stroke: place in beats, piece, strength 0 to 1."""

    beat: float
    role: str
    velocity: float


class Span(Protocol):
    """What the drummer has to know of a section."""

    @property
    def label(self) -> str:
        """Its name."""

    @property
    def first_bar(self) -> int:
        """Where it begins."""

    @property
    def bars(self) -> int:
        """How long it is."""

    @property
    def layers(self) -> frozenset[str]:
        """Who plays."""


def mutate(groove: Groove, grid: Grid, rng: np.random.Generator) -> Groove:
    """Change a groove: other cymbals, another percussionist, a bass drum that strays, ghosts."""
    out = {role: fill_steps(marks, max(grid.steps, len(marks))) for role, marks in groove.items()}
    four = out.get("kick", "")[: grid.steps].startswith("X...X...X...X...")
    if grid.div == 4 and grid.steps >= 12 and rng.random() < 0.35 and set(out) & set(CYMBALS):
        out = {role: marks for role, marks in out.items() if role not in CYMBALS}
        out |= HATS[int(rng.integers(len(HATS)))]
    if grid.div == 4 and grid.steps == 16 and rng.random() < 0.3:
        out = EXTRAS[int(rng.integers(len(EXTRAS)))] | out
    if "kick" in out and not four and rng.random() < 0.5:
        out["kick"] = _stray(out["kick"], grid, rng)
    if "snare" in out and rng.random() < 0.2:
        marks = out.pop("snare")
        swap = str(rng.choice(["clap", "rim"])) if "-" not in marks else "snare"
        out[swap] = marks
    if "snare" in out and grid.div == 4 and rng.random() < 0.25:
        out["snare"] = "".join(
            "-" if m == "." and i % 2 and rng.random() < 0.2 else m
            for i, m in enumerate(out["snare"])
        )
    if rng.random() < 0.1 and len(out) > 2:
        out.pop(str(rng.choice([role for role in out if role in CYMBALS] or list(out))))
    return {role: fit_bars(marks, grid.steps) for role, marks in out.items()}


def _stray(marks: str, grid: Grid, rng: np.random.Generator) -> str:
    signs = list(marks)
    for i, mark in enumerate(signs):
        if mark == "." and i % grid.div and rng.random() < 0.07:
            signs[i] = "x"
        elif mark == "x" and rng.random() < 0.2:
            signs[i] = "."
    return "".join(signs)


def play_drums(
    groove: Groove, sections: Sequence[Span], grid: Grid, *, bars: int, machine: bool,
    rng: np.random.Generator,
) -> list[Hit]:  # fmt: skip
    """Play a groove through the sections of a song.

    Parameters
    ----------
    groove : Groove
        As the style has it.
    sections : sequence of Span
        In order.
    grid : Grid
        Steps of the metre.
    bars : int
        Of the song.
    machine : bool
        Whether strokes of the same sign are of the same strength.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    list of Hit
        In no special order.
    """
    verse = mutate(groove, grid, rng)
    chorus = dict(verse)
    if rng.random() < 0.5:
        chorus |= {r: m for r, m in mutate(groove, grid, rng).items() if r in CYMBALS}
    light_roles = {"kick", "hat", "shaker", "ride", "rim"} if rng.random() < 0.5 else set(CYMBALS)
    light = {r: m for r, m in verse.items() if r in light_roles} or verse
    fills = float(rng.choice([0.0, 0.5, 0.9])) if len(sections) > 1 or bars > 8 else 0.0
    touch = 0.02 if machine else 0.08
    hits: list[Hit] = []
    for section in sections:
        loud = section.label in {"chorus", "drop"}
        if "drums" not in section.layers and "light" not in section.layers:
            continue
        played = light if "light" in section.layers else chorus if loud else verse
        for bar in range(section.first_bar, section.first_bar + section.bars):
            last = bar == section.first_bar + section.bars - 1
            fill = (last or (bar + 1) % 4 == 0) and rng.random() < fills * (1.0 if last else 0.35)
            hits += _play_bar(played, bar, grid, cut=_fill_steps(grid, rng) if fill else 0, rng=rng,
                              touch=touch)  # fmt: skip
        if loud and rng.random() < 0.7 and len(sections) > 1:
            hits.append(Hit(float(section.first_bar * grid.beats_per_bar), "crash", 0.85))
    return hits


def _fill_steps(grid: Grid, rng: np.random.Generator) -> int:
    return grid.div * int(rng.integers(1, max(2, grid.beats_per_bar // 2 + 1)))


def _play_bar(
    groove: Groove, bar: int, grid: Grid, *, cut: int, touch: float, rng: np.random.Generator
) -> list[Hit]:
    """Play one bar; its last ``cut`` steps are a fill instead."""
    start = float(bar * grid.beats_per_bar)
    hits = []
    for role, marks in groove.items():
        offset = bar * grid.steps
        for i in range(grid.steps):
            mark = marks[(offset + i) % len(marks)]
            if mark == "." or (i >= grid.steps - cut and role != "kick"):
                continue
            strength = STROKES[mark] * (1.0 + float(rng.normal(0.0, touch)))
            hits.append(Hit(start + i / grid.div, role, float(np.clip(strength, 0.1, 1.0))))
    if not cut:
        return hits
    pool = [("snare",), ("tom1", "tom2", "tom3"), ("snare", "tom1", "tom3"), ("kick", "snare"), ()]
    roles = pool[int(rng.integers(len(pool)))]
    for i in range(cut if roles else 0):
        if rng.random() < 0.75:
            role = roles[min(i * len(roles) // cut, len(roles) - 1)]
            hits.append(Hit(start + (grid.steps - cut + i) / grid.div, role, 0.55 + 0.4 * i / cut))
    return hits
