"""The truth about a song, as readers get it."""

from typing import Any

import pandas as pd


def tabled(truth: dict[str, Any]) -> dict[str, Any]:
    """Give the truth about a song with its chords and sections as tables."""
    spans = {
        name: pd.DataFrame(truth[name], columns=["start_s", "end_s", "label"])
        for name in ("chords", "sections")
    }
    return truth | spans
