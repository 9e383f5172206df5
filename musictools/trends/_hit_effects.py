"""How the chance of a hit goes with one column, with a band from other draws of artists."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from musictools._result import Result
from musictools._version import __version__
from musictools.trends._hit_folds import Recipe, matrix
from musictools.trends._hit_scores import interval
from musictools.trends._hit_songs import Songs

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_MOST_ROWS = 400


@dataclass(frozen=True, kw_only=True, repr=False)
class HitEffect(Result):
    """A partial effect.

    Attributes
    ----------
    table : pandas.DataFrame
        ``value`` of the column, mean ``chance`` of a hit over the songs if all had that value, and
        ``lo, hi``.
    column : str
        Which column.
    difference, lo, hi : float
        Chance at the 90th percentile less chance at the 10th, with its interval.
    shape : str
        ``rises``, ``falls``, ``bulges``, ``dips`` or ``flat``; flat is what cannot be told from it.
    level : float
        Level of the intervals.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "hit_effect"
    _called: ClassVar[str] = "Partial effect on the chance of a hit"
    _caption: ClassVar[str] = "By value"

    table: "pd.DataFrame" = field(repr=False)
    column: str
    difference: float
    lo: float
    hi: float
    shape: str
    level: float

    def to_frame(self) -> "pd.DataFrame":
        """Give a row for each point.

        Returns
        -------
        pandas.DataFrame
            As ``table``.
        """
        return self.table.copy()

    def words(self) -> str:
        """Say what it looks like.

        Returns
        -------
        str
            A sentence or two.
        """
        moved = f"{100 * self.difference:+.1f} points [{100 * self.lo:+.1f}, {100 * self.hi:+.1f}]"
        if self.shape == "flat":
            return f"No effect of {self.column} can be told from none: {moved} from low to high."
        return (
            f"The chance of a hit {self.shape} with {self.column}: {moved} from its 10th to its "
            "90th percentile, all else equal. Equal columns, that is: not equal promotion."
        )


class Fits(NamedTuple):
    """What the effects of all columns rest on.

    Attributes
    ----------
    x : numpy.ndarray
        Columns that are learnt from, a row for each song.
    some : numpy.ndarray
        Rows of the songs over which chances are averaged.
    others : list
        Models fitted to other draws of artists.
    """

    x: Floats
    some: npt.NDArray[np.intp]
    others: list[Any]


def fits(songs: Songs, past: Floats, recipe: Recipe, *, using: str, draws: int) -> Fits:
    """Fit models to other draws of artists."""
    random = np.random.default_rng(recipe.seed)
    x = matrix(songs, past, using)
    some = np.sort(random.permutation(len(x))[:_MOST_ROWS])
    return Fits(x, some, _others(songs, x, recipe, using, draws, random))


def effect(
    songs: Songs, model: Any, fitted: Fits, *, column: str, points: int, level: float
) -> HitEffect:
    """Average the chance of a hit over the songs, with one column set to each value."""
    import pandas as pd

    x, some = fitted.x, fitted.some
    place = list(songs.sound.columns).index(column)
    values = x[:, place][np.isfinite(x[:, place])]
    grid = np.concatenate(
        [
            np.quantile(values, [0.1, 0.5, 0.9]),
            np.linspace(np.quantile(values, 0.02), np.quantile(values, 0.98), points),
        ]
    )
    stacked = np.tile(x[some], (len(grid), 1))
    stacked[:, place] = np.repeat(grid, len(some))

    def curve(model: Any) -> Floats:
        out: Floats = model.predict_proba(stacked)[:, 1].reshape(len(grid), -1).mean(axis=1)
        return out

    middle = curve(model)
    drawn = np.array([curve(other) for other in fitted.others])
    # Draws hold fewer different artists, and their models dare less: only the spread is theirs.
    drawn += middle - drawn.mean(axis=0)
    bands = np.array([interval(drawn[:, k], level) for k in range(len(grid))])
    rise, up, down = (
        interval(each, level)
        for each in (
            drawn[:, 2] - drawn[:, 0],
            drawn[:, 1] - drawn[:, 0],
            drawn[:, 2] - drawn[:, 1],
        )
    )
    table = pd.DataFrame(
        {"value": grid[3:], "chance": middle[3:], "lo": bands[3:, 0], "hi": bands[3:, 1]}
    )
    return HitEffect(
        table=table,
        column=column,
        difference=float(middle[2] - middle[0]),
        lo=rise[0],
        hi=rise[1],
        shape=_shape(rise, up, down),
        level=level,
        provenance={"musictools": __version__, "function": "trends.HitModel.effect"},
    )


def _others(
    songs: Songs, x: Floats, recipe: Recipe, using: str, draws: int, random: np.random.Generator
) -> list[Any]:
    names, place = np.unique(songs.artist.astype(str), return_inverse=True)
    rows_of = [np.flatnonzero(place == k) for k in range(len(names))]
    out: list[Any] = []
    while len(out) < draws:
        chosen = random.integers(0, len(names), len(names))
        rows = np.concatenate([rows_of[k] for k in chosen])
        # A copy of an artist must not be taken for another one when it is calibrated.
        if 1 < songs.hit[rows].sum() < len(rows) - 1:
            out.append(recipe.fitted(using, x[rows], songs.hit[rows], songs.artist[rows]))
    return out


def _shape(rise: tuple[float, float], up: tuple[float, float], down: tuple[float, float]) -> str:
    if up[0] > 0 and down[1] < 0:
        return "bulges"
    if up[1] < 0 and down[0] > 0:
        return "dips"
    if rise[0] > 0:
        return "rises"
    return "falls" if rise[1] < 0 else "flat"
