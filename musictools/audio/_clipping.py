"""Clipping: tops of the waveform that are cut off flat.

A limiter touches its ceiling with single samples, and a smooth crest glides in and out. What was
cut off lies flat for three samples or more, comes in with a step at both ends, and does so again
and again at one height, the rail. The rail need not be full scale (the level may have been
changed since), nor the same for both channels, or above and below. Rounding to 16 bits, with
dither or without, is allowed for; what a lossy codec or a filter made of clipping afterwards is
not flat, and is not found.

Square waves and chip tunes are flat by design. They are told by their edges (out of one flat
stretch into the next), by flat stretches between the extremes, which music that was cut off has
only by accident, and by crossing from one extreme to the other in a sample or two. One steady
square wave and a sine that was cut off nearly whole are the same samples: they are held to be a
square wave. A fader that moved after the clipping spreads the tops over many heights, and may hide
it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._descriptor import Block, Tracks
from musictools.audio._finding import Finding, Kind, Severity, confidence
from musictools.audio._places import Place, Places, places
from musictools.audio._tops import Column, Tops

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Two tops of a rail differ by the tolerance of flatness at most, and a little for rounding.
_SAME = 1.3e-4
# Flat tops at one height: at the extreme of the whole recording, and elsewhere, where they must
# also be spread over some tenths of a second.
_FEWEST, _FEWEST_INSIDE, _FEWEST_TENTHS = 3, 5, 2
# In the whole recording, all channels together.
_FEWEST_IN_ALL = 5
# More of either, for each flat top, and it is a synthesiser.
_MOST_JUMPS, _MOST_LEDGES = 0.5, 1.0
# A tenth that has most of its samples at the rails and no more than this between them for each
# flat top is a square wave: it needs one or two to cross.
_MOSTLY, _CROSSING = 0.5, 3.0
# Where a recording goes higher elsewhere, a pulse wave that plays alone is the other explanation.
_MOST_AT_RAIL_INSIDE = 0.3
_WARNING_PERCENT, _ERROR_PERCENT = 0.01, 0.5
# What lasts less than 3 s is measured against 3 s.
_LEAST_TENTHS = 30

KIND = Kind(
    "clipping",
    "fact",
    "%",
    "share of samples that lie at the rail, in the worst channel",
    "At least 5 flat tops (3 samples or more within 1e-4, steps at both ends) at one height: 3 "
    "above or below at the extreme of the recording, or 5 in 2 tenths of a second inside it. "
    "Warning from 0.01 %, error from 0.5 % of the samples of a stretch.",
    "definition",
)


@dataclass(frozen=True)
class _Cut:
    """What was cut off: samples at the rail, shape (channels, tenths), and flat tops in all."""

    samples: Floats
    tops: int


class Clipping:
    """Finds clipping."""

    tracks = (Tops,)
    kinds = (KIND,)

    def find(self, tracks: Tracks) -> Iterator[Finding]:
        """Look for flat tops."""
        lengths = tracks[Tops].lengths()
        cut = _cut(tracks[Tops].table(), lengths)
        if not cut.tops:
            return
        worst = cut.samples.max(axis=0)
        overall = _percent(cut.samples, lengths)
        found = places(worst > 0, worst, tracks.duration_s)
        for place in found:
            part = slice(place.first, place.last)
            yield _tell(place, found, _percent(cut.samples[:, part], lengths[part]), overall, cut)


def _tell(place: Place, found: Places, percent: float, overall: float, cut: _Cut) -> Finding:
    severity: Severity = "info"
    if percent >= _WARNING_PERCENT:
        severity = "error" if percent >= _ERROR_PERCENT else "warning"
    heard = "hard to hear" if severity == "info" else "heard as crackle and a harsh edge"
    return KIND.found(
        place.start_s,
        place.end_s,
        severity=severity,
        value=percent,
        confidence=confidence(cut.tops - _FEWEST_IN_ALL + 1, _FEWEST_IN_ALL),
        meaning=f"{percent:.2g} % of the samples here lie in tops that are cut off flat "
        f"({overall:.2g} % of the recording), {heard}{found.among()}.",
        remedy="Go back to the mix and lower the level before the stage that clips; where there is "
        "no mix, a de-clipper can redraw the tops.",
    )


def _percent(samples: Floats, lengths: npt.NDArray[np.int64]) -> float:
    """Share in the worst channel."""
    least = np.mean(lengths) * min(_LEAST_TENTHS, lengths.size)
    return 100 * float(samples.sum(axis=1).max()) / max(float(lengths.sum()), float(least))


def _cut(table: Block, lengths: npt.NDArray[np.int64]) -> _Cut:
    """Find the rails of every channel, above and below."""
    samples = np.zeros(table.shape[:2])
    tops = 0
    for row, channel in enumerate(table):
        sides = channel[:, : Column.LOWER], channel[:, Column.LOWER : Column.LEDGES]
        both = sides[0] + sides[1]
        at_rails = both[:, Column.SAMPLES] / lengths
        between = (lengths - both[:, Column.SAMPLES]) / np.maximum(both[:, Column.FLAT], 1)
        square = (at_rails > _MOSTLY) & (between <= _CROSSING)
        for side in sides:
            found = _Side(side, channel[:, Column.LEDGES], square, at_rails)
            for rail in found.rails():
                samples[row] += np.where(rail, side[:, Column.SAMPLES], 0)
                tops += int(side[rail, Column.FLAT].sum())
    return _Cut(samples, tops) if tops >= _FEWEST_IN_ALL else _Cut(samples, 0)


@dataclass(frozen=True)
class _Side:
    """The upper or the lower end of every tenth of one channel, and what speaks for a synth."""

    ends: Block
    ledges: Block
    square: Flags
    at_rails: Floats

    def rails(self) -> Iterator[Flags]:
        """Give the tenths that reach each rail."""
        height = self.ends[:, Column.HEIGHT].astype(np.float64)
        flat = self.ends[:, Column.FLAT]
        tops = flat > 0
        # Synthesisers have flat tops at many heights: all together are held against each inside.
        inside = self._is_music(tops) and self._seldom(tops)
        below = np.inf
        for level in np.sort(height[tops])[::-1]:
            if level > below:
                continue
            below = level - _SAME
            highest = level >= height.max() - _SAME
            rail = (height > below) & ((height <= level) | highest)
            here = flat[rail]
            if highest:
                cut = here.sum() >= _FEWEST and self._is_music(rail & (flat > 0))
            else:
                cut = inside and here.sum() >= _FEWEST_INSIDE
                cut = cut and (here > 0).sum() >= _FEWEST_TENTHS
            if cut:
                yield rail

    def _is_music(self, tenths: Flags) -> bool:
        """Tell whether what is flat is tops that were cut off, and not steps of a synthesiser."""
        flat = float(self.ends[tenths, Column.FLAT].sum())
        jumps, ledges = self.ends[tenths, Column.JUMPS].sum(), self.ledges[tenths].sum()
        mostly_square = self.square[tenths].sum() > 0.5 * tenths.sum()
        return bool(
            jumps <= _MOST_JUMPS * flat and ledges <= _MOST_LEDGES * flat and not mostly_square
        )

    def _seldom(self, tenths: Flags) -> bool:
        """Tell whether samples are at the rails for a small part of the time."""
        often = self.at_rails[tenths] > _MOST_AT_RAIL_INSIDE
        return bool(often.sum() <= 0.5 * tenths.sum())
