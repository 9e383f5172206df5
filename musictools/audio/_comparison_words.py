"""The largest differences between a recording and a reference, in plain sentences."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musictools.audio._finding import stretches
from musictools.audio._percentiles import middle, usual
from musictools.audio._reference_profile import ReferenceProfile
from musictools.audio._song_row import QUANTITIES, Quantity, band_columns
from musictools.audio._third_octaves import BANDS_HZ

Floats = npt.NDArray[np.float64]

#: So many differences are told.
MOST = 5
#: A difference of a third octave that is worth a word.
_TONAL_DB = 2.0
# A difference of less than this share of what is worth a word, or of what is usual, is not told.
_LEAST = 0.75
# What both have so far below the loudness is not heard beside the rest.
_UNHEARD_DB = -50.0
# Nothing is twice as different for being empty.
_LARGEST_DB = 20.0
# A difference over an octave counts more than one of a single band, and up to so much.
_OCTAVE, _BROADEST = 3, 1.5
# Bands below this tell the same as the share of the low end.
_LOW_END_HZ = 160
# For fewer songs than this, a percentage would pretend to know more than it does.
_FEW_SONGS = 20
# Of the windows of a song, a fade or a pause may hide one or two.
_WHOLE = 0.85
# Null tests: rounding to 16 bits and dither leave less, and a lossy codec at a high rate about so.
_SAME_DB, _CLOSE_DB = -60.0, -25.0
_NO_LOUDNESS = (
    "There is no loudness to match (silence, less than 0.4 s, or a rate below 8 kHz), so the tonal "
    "balance cannot be compared."
)
_DIFFERENCE_UNITS = {"LUFS": "LU", "dBTP": "dB"}


@dataclass(frozen=True)
class Difference:
    """One thing to tell.

    Attributes
    ----------
    size : float
        1 is worth a word.
    cause : str
        Of differences with one cause, only the largest is told.
    text : str
        The sentence.
    """

    size: float
    cause: str
    text: str


def compared_in_words(row: Mapping[str, float], profile: ReferenceProfile) -> tuple[str, ...]:
    """Tell the largest differences of a song to its reference, five at most."""
    levels = np.array([row[name] for name in band_columns()])
    if np.isnan(levels).all():
        return (_NO_LOUDNESS,)
    corpus = profile.levels_db()
    reference = np.array([middle(column) for column in corpus.T])
    told = largest(
        [
            *tonal_differences(levels, reference, corpus=corpus),
            *measure_differences(
                row,
                {q.name: middle(profile.column(q.name)) for q in QUANTITIES},
                corpus={q.name: profile.column(q.name) for q in QUANTITIES},
            ),
        ]
    )
    return told or (nothing(levels - reference),)


def nothing(difference_db: Floats) -> str:
    """Say that nothing differs by much."""
    known = np.abs(difference_db[~np.isnan(difference_db)])
    if not known.size:
        return "The reference has no third octave to compare with."
    return (
        "Nothing differs by much: the third octaves are within "
        f"{max(0.1, float(np.quantile(known, 0.9))):.1f} dB of the reference, nine of ten of them."
    )


def largest(differences: Iterable[Difference]) -> tuple[str, ...]:
    """Give the sentences of the largest, one for each cause."""
    told: dict[str, str] = {}
    for difference in sorted(differences, key=lambda d: -d.size):
        if difference.size >= _LEAST and len(told) < MOST:
            told.setdefault(difference.cause, difference.text)
    return tuple(told.values())


def tonal_differences(
    levels: Floats, reference: Floats, *, corpus: Floats | None = None, other: str = "the reference"
) -> list[Difference]:
    """Tell neighbouring third octaves that differ alike.

    Parameters
    ----------
    levels, reference : numpy.ndarray, shape (30,)
        In dB over the loudness.
    corpus : numpy.ndarray, shape (recordings, 30), optional
        The levels of every reference.
    other : str
        What the reference is called.
    """
    # Against what is usual in the corpus, or what is worth a word if that is more.
    spread = [usual(column) for column in corpus.T] if corpus is not None else []
    half = np.array([(hi - lo) / 2 for lo, hi in spread] or [math.nan] * levels.size)
    scale = np.fmax(half, _TONAL_DB)
    with np.errstate(invalid="ignore"):
        heard = np.fmax(levels, reference) > _UNHEARD_DB
        sizes = np.clip(levels - reference, -_LARGEST_DB, _LARGEST_DB) / scale
        signs = np.where(heard & (np.abs(sizes) >= _LEAST), np.sign(sizes), 0)
    found = []
    for sign in (1, -1):
        for start, stop in stretches(signs == sign):
            run = slice(start, stop)
            breadth = min(_BROADEST, math.sqrt((stop - start) / _OCTAVE))
            difference = float((levels - reference)[run].mean())
            text = f"{_range(start, stop)} {_is_apart(difference, 'dB', other)}"
            if corpus is not None:
                text += _among(float(levels[run].mean()), corpus[:, run].mean(axis=1))
            low = BANDS_HZ[stop - 1] <= _LOW_END_HZ
            cause = "low end" if low else f"bands from {start}"
            size = float(np.abs(sizes[run]).mean())
            found.append(Difference(size * max(breadth, 0.75), cause, text + "."))
    return found


def measure_differences(
    row: Mapping[str, float],
    reference: Mapping[str, float],
    *,
    corpus: Mapping[str, Floats] | None = None,
    other: str = "the reference",
) -> list[Difference]:
    """Tell the measures that differ.

    Parameters
    ----------
    row, reference : mapping of str to float
        Values by name.
    corpus : mapping of str to numpy.ndarray, optional
        The values of every reference.
    other : str
        What the reference is called.
    """
    found = []
    for quantity in QUANTITIES:
        value, beside = row[quantity.name], reference[quantity.name]
        if math.isnan(value) or math.isnan(beside):
            continue
        lo, hi = usual(corpus[quantity.name]) if corpus is not None else (math.nan, math.nan)
        scale = float(np.fmax(quantity.tolerance, (hi - lo) / 2))
        unit = _DIFFERENCE_UNITS.get(quantity.unit, quantity.unit)
        text = f"{quantity.spoken} {_is_apart(value - beside, unit, other)}"
        text += f" ({_with_unit(value, quantity)} against {_with_unit(beside, quantity)})"
        if corpus is not None:
            text += _among(value, corpus[quantity.name])
        found.append(Difference(abs(value - beside) / scale, quantity.cause, text + "."))
    return found


def _is_apart(difference: float, unit: str, other: str) -> str:
    amount = f"{abs(difference):.2f}" if unit == "1" else f"{abs(difference):.1f} {unit}"
    return f"is {amount} {'above' if difference > 0 else 'below'} {other}"


def _with_unit(value: float, quantity: Quantity) -> str:
    return f"{value:.2f}" if quantity.unit == "1" else f"{value:.1f} {quantity.unit}"


def _range(start: int, stop: int) -> str:
    """Say where a run of bands lies."""
    low, high = BANDS_HZ[start], BANDS_HZ[stop - 1]
    if low == high:
        return f"The band at {_spoken_hz(low)}"
    if low >= 1000 or high < 1000:
        unit, by = ("kHz", 1000) if low >= 1000 else ("Hz", 1)
        return f"{low / by:g} to {high / by:g} {unit}"
    return f"{_spoken_hz(low)} to {_spoken_hz(high)}"


def _spoken_hz(hz: float) -> str:
    return f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz:g} Hz"


def _among(value: float, corpus: Floats) -> str:
    """Say how many songs of a corpus have less, or more, whichever are most."""
    known = corpus[~np.isnan(corpus)]
    if known.size < 2:
        return ""
    less, more = int(np.sum(known < value)), int(np.sum(known > value))
    most, word = (less, "less") if less >= more else (more, "more")
    if most == known.size:
        which = "all of its songs"
    elif known.size < _FEW_SONGS:
        which = f"{most} of its {known.size} songs"
    else:
        which = f"{100 * most / known.size:.0f} % of its songs"
    return f"; {which} have {word}"


def masters_in_words(
    found: Mapping[str, float], rows: Sequence[Mapping[str, float]]
) -> tuple[str, ...]:
    """Tell how a second master lies beside a first, then what differs most.

    Parameters
    ----------
    found : mapping
        The numbers of a ``MasterComparison``.
    rows : sequence of mapping
        ``song_row`` of the first and of the second.
    """
    first, second = rows
    levels = [np.array([row[name] for name in band_columns()]) for row in (second, first)]
    # Loudness is told with the offset, and moves the peak along.
    told = largest(
        [
            *tonal_differences(*levels, other="the first, loudness matched"),
            *(
                d
                for d in measure_differences(second, first, other="the first")
                if d.cause not in {"loudness", "peak"}
            ),
        ]
    )
    return (_placed(found), *_doubts(found), _nulled(found), *told)


def _placed(found: Mapping[str, float]) -> str:
    offset_s, gain_db = found["offset_s"], found["gain_db"]
    when = f"{abs(offset_s):.4f} s {'later' if offset_s > 0 else 'earlier'}"
    when = when if abs(offset_s) >= 5e-5 else "at the same sample"
    level = f"{abs(gain_db):.1f} LU {'louder' if gain_db > 0 else 'quieter'}"
    level = level if abs(gain_db) >= 0.05 else "as loud"
    polarity = ", with opposite polarity" if found["inverted"] else ""
    return f"The second begins {when} and is {level}{polarity}."


def _doubts(found: Mapping[str, float]) -> Iterator[str]:
    drift_ppm = found["drift_ppm"]
    if drift_ppm:
        amount = f"{abs(drift_ppm):.0f} ppm" if abs(drift_ppm) < 1000 else ""
        amount = amount or f"{abs(drift_ppm) / 1e4:.2f} %"
        yield (
            f"The second runs {amount} {'slower' if drift_ppm > 0 else 'faster'}, and was brought "
            "to the speed of the first before it was compared."
        )
    if found["agreement"] < _WHOLE:
        yield (
            f"Only {100 * found['agreement']:.0f} % of the song lies at this offset: the rest may "
            "be cut, moved or another take, and spoils what follows."
        )


def _nulled(found: Mapping[str, float]) -> str:
    residual_db = found["residual_db"]
    if residual_db <= _SAME_DB:
        return f"They null to {residual_db:.0f} dB: but for level they are the same."
    if residual_db <= _CLOSE_DB:
        return f"They null to {residual_db:.0f} dB: differences are small."
    return f"They null to {residual_db:.0f} dB only: spectrum or dynamics were changed."
