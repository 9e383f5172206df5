"""Tables on pages: what may stand in two lines, and what may not."""

import pandas as pd
import pytest

from musictools._html import plain, table


@pytest.mark.parametrize(
    ("texts", "in_one_line"),
    [
        (["1,234,567.89 to 12,345,678.90", "\N{EN DASH}"], True),
        (["-0.000000123 to 0.0000004567"], True),
        (["what is no interval, and longer than a name"], False),
        (["1 to 2, and more words than an interval has"], False),
    ],
)
def test_an_interval_is_not_broken(texts, in_one_line):
    frame = pd.DataFrame({"name": ["a"] * len(texts), "span": texts})
    markup = table(frame, {"name": ("Name", plain), "span": ("Span", plain)}, caption="Spans")
    cell = markup[markup.index("<td") :]
    assert ("white-space:nowrap" in cell) is in_one_line
