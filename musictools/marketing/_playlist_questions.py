"""What playlist_lift() asks: on the list, off it, before, and at placebo dates."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.marketing._local_compare import LEVEL, Compared, Spots, compare, student
from musictools.marketing._spells import Spells

if TYPE_CHECKING:
    import pandas as pd

#: The least past before a removal, and what is looked at from a placebo date on.
_SHORT = 4


@dataclass(frozen=True)
class Asked:
    """Series x periods, what happened to them, and how to look at it."""

    rows: np.ndarray
    told: Spells
    history: int
    horizon: int
    momentum: bool
    seed: int

    def compare(self, spots: Spots, offsets: np.ndarray, **other: Any) -> Compared:
        """Compare with series that are on no list then."""
        busy = (self.told.lists > 0) | self.told.changed
        given = {"history": self.history, "momentum": self.momentum, "seed": self.seed} | other
        return compare(self.rows, busy, spots, offsets=offsets, **given)

    def spots(self, row: np.ndarray, place: np.ndarray, history: int) -> tuple[Spots, np.ndarray]:
        """Lay out changes with a past in which nothing changed; and which of those given."""
        width, kept, last = self.rows.shape[1], [], []
        for number, (r, p) in enumerate(zip(row, place, strict=True)):
            if not history <= p < width:
                continue
            past = self.rows[r, p - history : p]
            quiet = not self.told.changed[r, p - history : p].any()
            if not (quiet and np.isfinite(past).all() and past.mean() > 0):
                continue
            ahead = np.flatnonzero(self.told.changed[r, p + 1 :])
            gone = np.flatnonzero(~np.isfinite(self.rows[r, p:]))
            ends = [ahead[0] if len(ahead) else width, gone[0] - 1 if len(gone) else width]
            if min(ends) >= 0:
                kept.append(number)
                last.append(min(ends))
        which = np.array(kept, int)
        return Spots(row[which], place[which], np.array(last, int)), which


def while_on(
    asked: Asked, found: Compared, followers: np.ndarray
) -> "tuple[dict[str, Any], pd.DataFrame]":
    """Measure effects while on the list: mean, total, by followers, by time."""
    import pandas as pd

    known = found.known.astype(float)
    count, adds = known.sum(axis=0), (known.sum(axis=1) > 0).sum()
    size = np.nan_to_num(followers)[:, None] / 1000
    # Adds count by what they tell: noise goes with the level of a track.
    heavy = size / found.base[:, None] ** 2 * known
    questions = [known / known.sum(), known / adds, heavy / max((heavy * size).sum(), 1e-300)]
    questions += [
        np.where(np.arange(len(count)) == h, known, 0) / max(count[h], 1) for h in range(len(count))
    ]
    weights = np.array(questions)
    if not (size > 0).any():
        weights[2] = 0.0
    effects = found.apply(weights)
    small = student(found.dates, found.features.shape[1])
    draws = found.errors(weights, asked.seed) * small
    half = np.quantile(np.abs(draws), LEVEL, axis=0)
    low, high = effects - half, effects + half
    dosed = bool((size > 0).any())
    named = ("effect", "lo_90", "hi_90"), ("total", "total_lo_90", "total_hi_90"), \
        ("per_1000_followers", "dose_lo_90", "dose_hi_90")  # fmt: skip
    numbers: dict[str, Any] = {}
    for number, names in enumerate(named):
        told = (effects[number], low[number], high[number])
        numbers |= {
            name: float(value) if dosed or number < 2 else float("nan")
            for name, value in zip(names, told, strict=True)
        }
    numbers["p_value"] = _p_value(effects[0], draws[:, 0])
    numbers["draws"] = draws[:, 0]
    path = pd.DataFrame(
        {
            "event_time": found.offsets,
            "effect": effects[3:],
            "lo_90": low[3:],
            "hi_90": high[3:],
            "adds": count.astype(int),
        }
    )
    return numbers, path[path["adds"] > 0].reset_index(drop=True)


def off(asked: Asked, draws: np.ndarray, effect: float) -> dict[str, Any]:
    """Tell what was lost after removals, and whether that is what adds brought."""
    told = asked.told
    gone = told.stop < asked.rows.shape[1]
    # As long a past on the list as most of them have.
    stays = (told.stop - told.start)[gone]
    usual = int(np.median(stays)) if len(stays) else _SHORT
    past = max(_SHORT, min(asked.history, usual - 1))
    spots, which = asked.spots(told.row[gone], told.stop[gone], past)
    # Of tracks that are on no list from then on: the others have not lost what they had.
    off = np.array([told.lists[r, p] == 0 for r, p in zip(spots.row, spots.place, strict=True)])
    spots = spots.keep(np.flatnonzero(off)) if len(which) else spots
    names = ("drop", "drop_lo_90", "drop_hi_90", "symmetric", "symmetric_lo_90",
             "symmetric_hi_90", "asymmetry_p_value")  # fmt: skip
    nothing = dict.fromkeys(names, float("nan")) | {"removals": 0}
    if not len(spots):
        return nothing
    found = asked.compare(spots, np.arange(asked.history), history=past)
    known = found.known.astype(float)
    if not known.any():
        return nothing
    weights = -known[None] / known.sum()
    drop = float(found.apply(weights)[0])
    errors = found.errors(weights, asked.seed)[:, 0] * student(found.dates, found.features.shape[1])
    both = (effect + drop) / 2
    told_draws = (drop, errors), (both, (errors + draws) / 2)
    values = [
        value
        for middle, each in told_draws
        for half in [float(np.quantile(np.abs(each), LEVEL))]
        for value in (middle, middle - half, middle + half)
    ]
    values.append(_p_value(effect - drop, draws - errors))
    return dict(zip(names, values, strict=True)) | {"removals": int((known.sum(axis=1) > 0).sum())}


def before(asked: Asked, spots: Spots, path: "pd.DataFrame") -> dict[str, Any]:
    """Tell how the added went before beside others, and what that makes of a plain comparison."""
    offsets = np.arange(-asked.history, asked.horizon)
    plain = asked.compare(spots, offsets, momentum=False)
    known = plain.known.astype(float)
    early = offsets < -1
    weights = np.array([
        np.where(offsets == h, known, 0) / max(known[:, offsets == h].sum(), 1) for h in offsets
    ])  # fmt: skip
    values = plain.apply(weights)
    draws = plain.errors(weights, asked.seed)[:, early] * student(plain.dates, 0)
    sizes = draws.std(axis=0)
    largest = (np.abs(draws) / sizes).max(axis=1)
    seen = (np.abs(values[early]) / sizes).max()
    after = offsets >= 0
    level = np.average(plain.base, weights=np.maximum(known.sum(axis=1), 1e-9))
    path.insert(4, "unadjusted", values[after][: len(path)])
    on = np.where(after, known, 0)
    lifts = []
    for number, (row, place) in enumerate(zip(spots.row, spots.place, strict=True)):
        stay = int(min(spots.last[number] + 1, asked.horizon))
        after_mean = np.nanmean(asked.rows[row, place : place + stay])
        lifts.append((after_mean - plain.base[number], stay))
    return {
        "momentum_pct": float(-100 * values[0] / level),
        "before_p_value": float((1 + (largest >= seen).sum()) / (1 + len(draws))),
        "unadjusted": float(plain.apply(on[None] / max(on.sum(), 1))[0]),
        "naive": float(np.average([x for x, _ in lifts], weights=[n for _, n in lifts])),
    }


def placebo(asked: Asked, spots: Spots) -> dict[str, float]:
    """Measure at dates whose outcomes end where the history of the add begins."""
    names = ("placebo", "placebo_lo_90", "placebo_hi_90", "placebo_p_value")
    span = min(asked.horizon, _SHORT)
    earlier, _ = asked.spots(spots.row, spots.place - asked.history - span, asked.history)
    if not len(earlier):
        return dict.fromkeys(names, float("nan"))
    found = asked.compare(earlier, np.arange(span))
    known = found.known.astype(float)
    if not known.any():
        return dict.fromkeys(names, float("nan"))
    weights = known[None] / known.sum()
    value = float(found.apply(weights)[0])
    errors = found.errors(weights, asked.seed)[:, 0] * student(found.dates, found.features.shape[1])
    half = float(np.quantile(np.abs(errors), LEVEL))
    told = (value, value - half, value + half, _p_value(value, errors))
    return dict(zip(names, told, strict=True))


def _p_value(value: float, draws: np.ndarray) -> float:
    return float((1 + (np.abs(draws) >= abs(value)).sum()) / (1 + len(draws)))
