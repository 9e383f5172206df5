"""One recording held against a reference: tonal balance, dynamics, width, low end."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from musictools._result import Result
from musictools.audio._comparison_words import compared_in_words
from musictools.audio._descriptor import Tracks
from musictools.audio._percentiles import middle, percentile_of, usual
from musictools.audio._reference_profile import ReferenceProfile
from musictools.audio._song_row import QUANTITIES, band_columns, song_row
from musictools.audio._third_octaves import BANDS_HZ

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """One recording beside one or many references.

    Attributes
    ----------
    tonal_balance : pandas.DataFrame
        One row for each third octave: ``band_hz`` (nominal centre), ``level_db`` (mean power over
        the loudness), ``reference_db`` (median of the references), ``difference_db``,
        ``lo_db`` and ``hi_db`` (5th and 95th percentile), ``percentile``.
    measures : pandas.DataFrame
        One row for each of loudness, peak, dynamics, low end, and width and correlation by band:
        ``name``, ``unit``, ``value``, ``reference`` (median), ``difference``, ``lo`` and ``hi``
        (5th and 95th percentile), ``percentile`` (share of the references that have less, those
        that have as much counted by half), ``inside`` (from the 5th to the 95th percentile).
    references : int
        How many recordings the reference has. For a single one, percentiles, ``lo`` and ``hi``
        are NaN and ``inside`` is missing.
    words : tuple of str
        The largest differences, five at most, in plain sentences.
    provenance : dict
        Version, function, and the recording.
    """

    _drawn_by: ClassVar[str] = "tonal_balance"
    _called: ClassVar[str] = "Beside the references"
    _caption: ClassVar[str] = "Measures and third octaves"

    tonal_balance: "pd.DataFrame" = field(repr=False, compare=False)
    measures: "pd.DataFrame" = field(repr=False, compare=False)
    references: int
    words: tuple[str, ...]

    def to_frame(self) -> "pd.DataFrame":
        """Give measures and third octaves in one table.

        Returns
        -------
        pandas.DataFrame
            The columns of ``measures``; third octaves are called as in
            :class:`ReferenceProfile`.
        """
        import pandas as pd

        inner = self.tonal_balance.rename(
            columns={name: name.removesuffix("_db") for name in self.tonal_balance.columns}
        ).rename(columns={"level": "value"})
        octaves = inner.assign(
            name=band_columns(), unit="dB", inside=_inside(inner["value"], inner["lo"], inner["hi"])
        )
        return pd.concat([self.measures, octaves[self.measures.columns]], ignore_index=True)


def compare(tracks: Tracks, profile: ReferenceProfile) -> Comparison:
    """Hold a recording that the pass has heard against a profile.

    Parameters
    ----------
    tracks : Tracks
        With ``COMPARISON_TRACKS`` of ``_song_row`` gathered.
    profile : ReferenceProfile
        One or many references: see ``as_profile``.

    Returns
    -------
    Comparison
        What differs.
    """
    row = song_row(tracks)
    balance, measures = _balance(row, profile), _measures(row, profile)
    return Comparison(
        tonal_balance=balance,
        measures=measures,
        references=len(profile),
        words=compared_in_words(row, profile),
        provenance=tracks.provenance("quality"),
    )


def _balance(row: dict[str, float], profile: ReferenceProfile) -> "pd.DataFrame":
    import pandas as pd

    found = [_against(row[name], profile.column(name)) for name in band_columns()]
    frame = pd.DataFrame(
        found, columns=["level_db", "reference_db", "difference_db", "lo_db", "hi_db", "percentile"]
    )
    frame.insert(0, "band_hz", np.array(BANDS_HZ, np.float64))
    return frame


def _measures(row: dict[str, float], profile: ReferenceProfile) -> "pd.DataFrame":
    import pandas as pd

    found = [_against(row[q.name], profile.column(q.name)) for q in QUANTITIES]
    frame = pd.DataFrame(
        found, columns=["value", "reference", "difference", "lo", "hi", "percentile"]
    )
    frame.insert(0, "name", pd.Series([q.name for q in QUANTITIES], dtype="str"))
    frame.insert(1, "unit", pd.Series([q.unit for q in QUANTITIES], dtype="str"))
    frame["inside"] = _inside(frame["value"], frame["lo"], frame["hi"])
    return frame


def _against(value: float, corpus: Floats) -> tuple[float, float, float, float, float, float]:
    """Value, median, difference, 5th and 95th percentile, and percentile of the value."""
    reference = middle(corpus)
    return value, reference, value - reference, *usual(corpus), percentile_of(value, corpus)


def _inside(value: "pd.Series[float]", lo: "pd.Series[float]", hi: "pd.Series[float]") -> Any:
    inside = ((value >= lo) & (value <= hi)).astype("boolean")
    return inside.mask(value.isna() | lo.isna())
