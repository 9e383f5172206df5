"""What is told about one song when it is held against others: a row of numbers."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from musictools.audio._descriptor import Track, Tracks
from musictools.audio._dynamics import dynamic_range, peak_to_loudness, psr_statistics
from musictools.audio._levels import LevelSums
from musictools.audio._loudness_sums import LoudnessSums
from musictools.audio._stereo import SILENCE, FrontFrames, Stereo
from musictools.audio._third_octaves import BANDS_HZ, LowFrames, third_octaves
from musictools.audio._true_peak import TruePeaks

#: What the pass has to gather for :func:`song_row`.
COMPARISON_TRACKS: tuple[type[Track], ...] = (
    FrontFrames,
    LowFrames,
    LevelSums,
    LoudnessSums,
    TruePeaks,
)


@dataclass(frozen=True)
class Quantity:
    """One number of a row.

    Attributes
    ----------
    name, unit : str
        As in the features table.
    spoken : str
        What a sentence calls it.
    tolerance : float
        A difference that is worth a word, in ``unit``: what engineers would call a change of
        character rather than of taste.
    cause : str
        Quantities that move together; a reader is told of one of them.
    """

    name: str
    unit: str
    spoken: str
    tolerance: float
    cause: str


_BANDS = {
    "": "",
    "_low": " from 20 to 120 Hz",
    "_low_mid": " from 120 to 500 Hz",
    "_mid": " from 500 Hz to 2 kHz",
    "_high_mid": " from 2 to 6 kHz",
    "_high": " from 6 to 20 kHz",
}


def _cause(band: str) -> str:
    return "width of the low end" if band == "_low" else "width"


QUANTITIES: tuple[Quantity, ...] = (
    Quantity("integrated_lufs", "LUFS", "Loudness", 2.0, "loudness"),
    Quantity("true_peak_dbtp", "dBTP", "True peak", 1.0, "peak"),
    Quantity("loudness_range_lu", "LU", "Loudness range", 3.0, "range"),
    Quantity("plr_lu", "LU", "Peak-to-loudness ratio", 2.0, "punch"),
    Quantity("psr_min_lu", "LU", "Smallest peak-to-short-term-loudness ratio", 2.0, "punch"),
    Quantity("dr_exact_db", "dB", "DR", 2.0, "punch"),
    Quantity("crest_db", "dB", "Crest factor", 2.0, "punch"),
    Quantity("low_end_share", "1", "Share of the energy below 120 Hz", 0.15, "low end"),
    Quantity(
        "low_end_mono_share",
        "1",
        "Mono share of the energy below 120 Hz",
        0.1,
        "width of the low end",
    ),
    *(
        Quantity(f"stereo_width{band}", "1", f"Stereo width{where}", 0.08, _cause(band))
        for band, where in _BANDS.items()
    ),
    *(
        Quantity(f"stereo_correlation{band}", "1", f"Correlation{where}", 0.2, _cause(band))
        for band, where in _BANDS.items()
    ),
)
NAMES: tuple[str, ...] = tuple(quantity.name for quantity in QUANTITIES)


def band_column(band_hz: float) -> str:
    """Name the column of a third octave: ``third_octave_31_5_db``."""
    return f"third_octave_{band_hz:g}_db".replace(".", "_")


@cache
def band_columns() -> tuple[str, ...]:
    """Name the columns of all third octaves."""
    return tuple(band_column(band_hz) for band_hz in BANDS_HZ)


def song_row(tracks: Tracks) -> dict[str, float]:
    """Give every quantity, then the level of every third octave in dB over the loudness."""
    image = Stereo().measure(tracks)
    levels = tracks[LevelSums].finish()
    loudness = tracks[LoudnessSums].finish()
    found = {
        "integrated_lufs": loudness["integrated_lufs"],
        "true_peak_dbtp": tracks[TruePeaks].true_peak_dbtp(),
        "loudness_range_lu": loudness["loudness_range_lu"],
        "plr_lu": peak_to_loudness(tracks),
        "psr_min_lu": psr_statistics(tracks)["psr_min_lu"],
        "dr_exact_db": dynamic_range(tracks[LevelSums])[1],
        "crest_db": levels["crest_db"],
        "low_end_share": _low_end_share(tracks[FrontFrames]),
        **image,
    }
    octaves = zip(band_columns(), tracks.once(third_octaves), strict=True)
    return {name: _number(found[name]) for name in NAMES} | {k: float(v) for k, v in octaves}


def _low_end_share(frames: FrontFrames) -> float:
    """Energy from 20 to 120 Hz over that from 20 Hz to 20 kHz; NaN for silence."""
    energy = frames.bands()[:, :, :2].sum(axis=(0, 2))
    if not energy.sum() > 2 * SILENCE * frames.frames:
        return math.nan
    return float(energy[0] / energy.sum())


def _number(value: object) -> float:
    return float(np.float64(value)) if value is not None else math.nan  # type: ignore[arg-type]  # no word is among them
