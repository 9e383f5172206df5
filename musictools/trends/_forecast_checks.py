"""Arguments that forecast() and backtest() look at in the same way."""

from collections.abc import Sequence

from musictools._checks import check_number
from musictools.errors import closest
from musictools.trends._forecast_methods import METHODS
from musictools.trends._read_series import Panel
from musictools.trends._series_checks import refuse


def check_method(method: str, what: str) -> None:
    """Check that there is such a method."""
    if method not in METHODS:
        expected = f"one of {', '.join(METHODS)}"
        refuse(what, f"method={method!r}", expected, closest(str(method), METHODS))


def check_levels(levels: Sequence[float], what: str) -> tuple[float, ...]:
    """Check the levels of intervals."""
    try:
        asked = tuple(float(level) for level in levels)
        right = all(0 < level < 100 for level in asked)
    except (TypeError, ValueError):
        asked, right = (), False
    if not right:
        refuse(what, f"levels={levels!r}", "per cents between 0 and 100", "levels=(50, 90)")
    return asked


def check_season(season: int | None, panel: Panel, what: str) -> None:
    """Check that a season is one, and was seen."""
    longest = int(panel.length.max(initial=0))
    if season is None:
        return
    if longest <= 2:
        refuse(what, f"season={season!r} of {longest} points", "a longer history", "leave it out")
    check_number(what, "season", season, (2, longest - 1))
