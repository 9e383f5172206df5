"""The picture of a resolution."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


def test_bars_count_rows_and_not_lines():
    left = pd.DataFrame({"recording_id": [1, 2, 3], "title": ["A", "B", "Same"], "artist": "X"})
    right = pd.DataFrame(
        {"recording_id": [4, 5, 6, 7], "title": ["A", "A", "Same", "Same"], "artist": "X",
         "duration_s": [100.0, 100.0, 100.0, 200.0]}
    )  # fmt: skip
    ax = mt.collect.resolve(left, right).plot(plt.figure().gca())
    widths = {c.get_label(): [bar.get_width() for bar in c] for c in ax.containers}
    assert widths == {"fuzzy": [1, 1, 0], "nothing like it": [0, 0, 1]}
    plt.close(ax.figure)


def test_what_cannot_be_drawn_is_told():
    with pytest.raises(TableError, match="'left_id'"):
        mt.plot.matches([1])
    with pytest.raises(TableError, match="'state'"):
        mt.plot.matches(pd.DataFrame({"left_id": [1], "method": ["id"]}))
    with pytest.raises(InputError, match="no rows"):
        mt.plot.matches(pd.DataFrame({"left_id": [], "state": [], "method": []}))
