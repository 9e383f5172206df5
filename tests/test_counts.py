"""Numbers with their nouns."""

import pytest

from musictools._counts import counted


@pytest.mark.parametrize(
    ("count", "nouns", "said"),
    [
        (0, ["line"], "0 lines"),
        (1, ["line"], "1 line"),
        (1234, ["line"], "1,234 lines"),
        (1, ["city", "cities"], "1 city"),
        (2, ["city", "cities"], "2 cities"),
    ],
)
def test_one_is_not_many(count, nouns, said):
    assert counted(count, *nouns) == said
