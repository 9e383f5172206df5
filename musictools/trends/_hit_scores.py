"""Brier scores, skill and reliability, with intervals from artists that might have been others."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.trends._hit_folds import VIEWS, Judged
from musictools.trends._hit_leaks import auc

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


def other_artists(artist: npt.NDArray[Any], draws: int, random: np.random.Generator) -> Floats:
    """Give how often each song would be there if other artists had come, shape (draws, songs)."""
    names, place = np.unique(artist.astype(str), return_inverse=True)
    times = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    out: Floats = times[:, place].astype(float)
    return out


def interval(values: Floats, level: float) -> tuple[float, float]:
    """Give the quantiles that hold a part of all."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def scores(
    judged: Judged, hit: npt.NDArray[np.int_], times: Floats, level: float
) -> "pd.DataFrame":
    """Give a row for each view: Brier score, skill against the base rate and against history."""
    import pandas as pd

    rows = []
    base = (judged.chance["base"] - hit) ** 2
    past = (judged.chance["history"] - hit) ** 2
    for view in VIEWS:
        chance = judged.chance[view]
        loss = (chance - hit) ** 2
        skill, gain = 1 - loss.sum() / base.sum(), 1 - loss.sum() / past.sum()
        lo, hi = interval(1 - (times @ loss) / (times @ base), level)
        gain_lo, gain_hi = interval(1 - (times @ loss) / (times @ past), level)
        sure = np.clip(chance, 1e-6, 1 - 1e-6)
        rows.append(
            {
                "model": view,
                "brier": loss.mean(),
                "log_loss": -np.where(hit == 1, np.log(sure), np.log(1 - sure)).mean(),
                "auc": auc(hit, chance),
                "skill": skill,
                "skill_lo": lo,
                "skill_hi": hi,
                "gain": gain,
                "gain_lo": gain_lo,
                "gain_hi": gain_hi,
            }
        )
    return pd.DataFrame(rows)


def reliability(judged: Judged, hit: npt.NDArray[np.int_], bins: int) -> "pd.DataFrame":
    """Give, in bins of about as many songs, what was predicted and what came."""
    import pandas as pd
    from scipy.stats import binomtest

    rows = []
    for view in VIEWS:
        chance = judged.chance[view]
        edges = np.unique(np.quantile(chance, np.linspace(0, 1, bins + 1)[1:-1]))
        place = np.searchsorted(edges, chance, side="right")
        for each in np.unique(place):
            here = place == each
            count, hits = int(here.sum()), int(hit[here].sum())
            band = binomtest(hits, count).proportion_ci(0.9, method="wilson")
            rows.append((view, count, chance[here].mean(), hits / count, band.low, band.high))
    names = ["model", "songs", "predicted", "seen", "seen_lo", "seen_hi"]
    return pd.DataFrame(rows, columns=names)


def importance_table(
    groups: list[list[str]], lost: Floats, times: Floats, level: float
) -> "pd.DataFrame":
    """Give a row for each group of columns: what shuffling it costs, with an interval."""
    import pandas as pd

    drawn = (times @ lost) / times.sum(axis=1, keepdims=True)
    rows = []
    for number, group in enumerate(groups):
        lo, hi = interval(drawn[:, number], level)
        last = number == len(groups) - 1
        name = "artist history and date" if last else _named(group)
        rows.append((name, ", ".join(group), len(group), lost[:, number].mean(), lo, hi))
    names = ["group", "columns", "size", "loss", "lo", "hi"]
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values("loss", ascending=False, kind="stable").reset_index(drop=True)


def _named(group: list[str]) -> str:
    return group[0] if len(group) == 1 else f"{group[0]} and {len(group) - 1} more"
