"""Estimated features of one recording, with their errors beside them."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from musictools._card import Table
from musictools._html import is_missing
from musictools._result import Result

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the table, in order; the index is ``feature``.
COLUMNS = ("estimate", "lo_90", "hi_90", "unit", "tier", "mae", "baseline_mae", "note")
SCHEMA, SCHEMA_VERSION = "musictools.feature-estimates", 1
CAPTION = "Echonest-calibrated estimates, never Spotify-equal"


@dataclass(frozen=True, repr=False)
class FeatureEstimates(Result):
    """What audio alone tells about the features that the Echo Nest gave to songs.

    Also read like its table: ``estimates.loc["energy", "estimate"]``, ``estimates["tier"]``.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each feature, by which it is indexed: ``estimate``, ``lo_90``, ``hi_90`` (a
        conformal interval; NaN for what is measured), ``unit``, ``tier`` (``"measured"``,
        ``"good"``, ``"weak"``, ``"refused"``), ``mae`` (mean absolute error on songs that the model
        had not seen), ``baseline_mae`` (of the median of all songs, for comparison), ``note``.
    out_of_domain : bool
        Whether the recording is unlike the songs that were learned from: as few of those are.
        Intervals then promise nothing.
    distance : float
        From those songs, over the limit above which a recording is out of domain; NaN where
        nothing was estimated.
    words : tuple of str
        What a reader has to know, in plain sentences.
    provenance : dict
        Version, function, the recording, and the model: when and on what it was trained.
    """

    _drawn_by: ClassVar[str] = "feature_estimates"

    table: "pd.DataFrame" = field(repr=False, compare=False)
    out_of_domain: bool
    distance: float
    words: tuple[str, ...]

    def to_frame(self) -> "pd.DataFrame":
        """Give the table.

        Returns
        -------
        pandas.DataFrame
            One row for each feature, by which it is indexed.
        """
        return self.table.copy()

    def to_json(self) -> str:
        """Write everything as JSON; what is not a number is null.

        Returns
        -------
        str
            With ``schema`` and ``schema_version``; ``features`` holds a row by each name.
        """
        rows = {
            str(name): {column: _plain(value) for column, value in row.items()}
            for name, row in self.table.to_dict("index").items()
        }
        whole = {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "features": rows,
            "out_of_domain": self.out_of_domain,
            "distance": _plain(self.distance),
            "words": list(self.words),
            "provenance": {key: _plain(value) for key, value in self.provenance.items()},
        }
        return json.dumps(whole, indent=1, allow_nan=False)

    @property
    def loc(self) -> Any:
        """Rows and columns of the table by name, as pandas gives them."""
        return self.table.loc

    @property
    def index(self) -> "pd.Index[str]":
        """Names of the features."""
        return self.table.index

    @property
    def columns(self) -> "pd.Index[str]":
        """Names of the columns."""
        return self.table.columns

    def __getitem__(self, column: str) -> "pd.Series[Any]":
        """Give a column of the table."""
        found: pd.Series[Any] = self.table[column]
        return found

    def __len__(self) -> int:
        """Count the features."""
        return len(self.table)

    def _tables(self) -> Iterable[Table]:
        return [(CAPTION, self.table)]


def _plain(value: Any) -> Any:
    if is_missing(value) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
