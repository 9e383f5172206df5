"""post_lift(): what posts brought, by platform: marked events with a memory, and placebo days."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from musictools._checks import check_number
from musictools._result import Result
from musictools._version import __version__
from musictools.errors import InputError
from musictools.marketing._baseline import Track, need, tracks
from musictools.marketing._local_compare import LEVEL, wide
from musictools.marketing._panel import read_series
from musictools.marketing._spells import places, read_events

if TYPE_CHECKING:
    import pandas as pd

_WHAT = "measure the lift of posts"
#: Shapes of memory by period since the post: (t + 1)^-x, exp(-t / x).
KERNELS = {
    "power": (0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0),
    "exponential": (0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
}
_DRAWS = 999
#: Posts as near as this move to placebo days together.
_TOGETHER = 3
#: Placebo days: so many of those most alike, at least, or this part of them.
_ALIKE, _ALIKE_PART = 30, 0.25
#: Periods whose means tell how it was going.
_PASTS = (1, 3, 7, 14)
#: The fit follows posts for longer than is told, or their tails would sink into the baseline.
_LONGER = 3
_ROUNDS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class PostLift(Result):
    """What posts brought, by platform, with intervals, and in words.

    Attributes
    ----------
    per_1000, lo_90, hi_90 : float
        What all posts together brought for each 1,000 people reached (or engaged: see `unit`),
        within `memory_periods` of the post.
    p_value : float
        Of no effect, two-sided.
    unit : str
        ``"reached"``, or ``"engaged"`` where the reach is not known.
    platforms : pandas.DataFrame
        ``platform``, ``posts``, ``reach``, ``marks``, ``per_1000``, ``lo_90``, ``hi_90``,
        ``p_value``, ``total`` (what its posts brought together).
    kernel : str
        ``"power"`` or ``"exponential"``.
    memory, memory_lo_90, memory_hi_90 : float
        Exponent of the power law or time of the exponential, in periods; of a grid of values.
    memory_periods : int
        How long a post was followed.
    placebo_per_1000 : float
        What the same posts would seem to have brought by the pasts that they followed; taken off.
    path : pandas.DataFrame
        ``age``, ``effect``: per 1,000 and period after a post, over all platforms.
    posts, series : int
        How many were used.
    words : str
        What it means, what it does not, and what was done to the data.
    provenance : dict
        What made it.
    """

    _drawn_by: ClassVar[str] = "post_lift"

    per_1000: float
    lo_90: float
    hi_90: float
    p_value: float
    unit: str
    platforms: "pd.DataFrame"
    kernel: str
    memory: float
    memory_lo_90: float
    memory_hi_90: float
    memory_periods: int
    placebo_per_1000: float
    path: "pd.DataFrame"
    posts: int
    series: int
    words: str

    def to_frame(self) -> "pd.DataFrame":
        """Give what posts brought, one row a platform.

        Returns
        -------
        pandas.DataFrame
            A copy of ``platforms``.
        """
        return self.platforms.copy()


@dataclass(frozen=True)
class _Sums:
    """Normal equations of the posts: kernels x platforms (x platforms)."""

    right: np.ndarray
    square: np.ndarray
    #: Each kernel's columns times those of each other kernel.
    across: np.ndarray
    sums: np.ndarray
    #: From the coefficient of a platform to its effect per 1,000, before the sum of the kernel.
    scale: np.ndarray
    #: Share of each platform in all of them together.
    share: np.ndarray

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Coefficients of every kernel; right is (draws) x kernels x platforms."""
        inverse = np.linalg.pinv(self.square, hermitian=True)
        found: np.ndarray = np.einsum("kpq,...kq->...kp", inverse, right)
        return found

    def best(self, right: np.ndarray) -> np.ndarray:
        """Kernel that explains most."""
        gain = (self.solve(right) * right).sum(axis=-1)
        best: np.ndarray = gain.argmax(axis=-1)
        return best

    def told(self, right: np.ndarray, best: np.ndarray) -> np.ndarray:
        """Effects per 1,000 of each platform, and of all."""
        beta = np.take_along_axis(self.solve(right), best[..., None, None], axis=-2)[..., 0, :]
        own = beta * self.sums[best][..., None] * self.scale
        return np.concatenate([own, (own * self.share).sum(axis=-1, keepdims=True)], axis=-1)


def post_lift(
    series: "pd.DataFrame",
    posts: "pd.DataFrame",
    *,
    kernel: str = "power",
    memory_periods: int = 28,
    releases: "pd.DataFrame | None" = None,
    kinds: tuple[str, ...] = ("post", "influencer_post"),
    rng: int = 0,
) -> PostLift:
    """Measure what posts on Instagram, X, Facebook, TikTok ... brought.

    A post is an event with a mark, people reached times their rate of engagement, and a memory: its
    effect fades by a power law or exponentially. It is measured on what is left of each series
    after its level, a line that bends every six weeks, days of the week, releases, and what moves
    all series. Posts follow what is going on: how days without a post went on after a past like
    that of each post is learned from them and taken off, and days without a post, of the same day
    of the week and a like past, are the placebo days that tell what chance does.

    Parameters
    ----------
    series : pandas.DataFrame
        A `series` table, evenly spaced, best of days: one series or many.
    posts : pandas.DataFrame
        An `events` table with ``platform``, ``reach`` and ``engagement`` (a rate from 0 to 1);
        without these two, ``size`` counts as people engaged. ``subject`` names the series; where it
        names none, every post counts for every series.
    kernel : str
        ``"power"``: (t + 1)^-x, a short peak and a long tail, or ``"exponential"``: exp(-t / x). x
        is that of a grid which explains most.
    memory_periods : int
        Periods from the post on that belong to it.
    releases : pandas.DataFrame, optional
        An `events` table of other things (releases, tours) whose decay is allowed for. Posts come
        with releases: without it they are credited with them.
    kinds : tuple of str
        Kinds of events that are posts.
    rng : int
        Seed of placebo days.

    Returns
    -------
    PostLift
        Effects per 1,000 people reached, by platform and together, memory, and words.

    Raises
    ------
    TableError
        If a table lacks a column or a row stands there twice.
    InputError
        If there is no post within the series, a mark is negative or missing, or series are too
        short.

    Notes
    -----
    Intervals and p-values come from 999 sets of placebo days, with the kernel chosen anew in each.

    MEASURED

    Examples
    --------
    >>> import musictools as mt
    >>> made = mt.datasets.simulate_panel("post", units=20, treated=15, periods=120, rng=1)
    >>> posts = made.events.assign(platform="tiktok", reach=made.events["size"] / 0.05,
    ...                            engagement=0.05)
    >>> lift = mt.marketing.post_lift(made.series, posts)
    >>> lift.posts, lift.p_value < 0.05
    (15, True)
    """
    import pandas as pd

    if kernel not in KERNELS:
        raise InputError(_WHAT, got=f"kernel={kernel!r}", expected=" or ".join(map(repr, KERNELS)),
                         hint="kernel='power'")  # fmt: skip
    span = int(check_number(_WHAT, "memory_periods", memory_periods, (2, 1000)))
    seed = int(check_number(_WHAT, "rng", rng, (0, 2**32 - 1)))
    laid = wide(read_series(series, _WHAT), _WHAT)
    notes: list[str] = []
    table, unit = _marks(read_events(posts, tuple(kinds), _WHAT))
    placed, names = _placed(table, laid, notes)
    marked = np.zeros(laid.shape, bool)
    for row, at in zip(placed["row"], placed["at"], strict=True):
        marked[row, at : at + _LONGER * span] = True
    made = tracks(laid, releases=releases, marked=marked, what=_WHAT, notes=notes)
    need(made, _WHAT, notes)
    fitted = _Fit(made, placed, names, list(laid.index), kernel, span, seed)
    numbers, platforms, path = fitted.measure(unit)
    return PostLift(
        **numbers,
        unit=unit,
        platforms=pd.DataFrame(platforms),
        path=pd.DataFrame(path),
        kernel=kernel,
        memory_periods=span,
        words=_words(numbers, pd.DataFrame(platforms), unit, kernel, span, releases, notes),
        provenance={
            "musictools": __version__,
            "function": "marketing.post_lift",
            "kernel": kernel,
            "memory_periods": span,
        },
    )


def _marks(table: "pd.DataFrame") -> "tuple[pd.DataFrame, str]":
    whole = all(name in table and table[name].notna().all() for name in ("reach", "engagement"))
    if whole:
        reach, rate = table["reach"].astype(float), table["engagement"].astype(float)
        if (rate > 1).any():
            raise InputError(_WHAT, got=f"engagement={rate.max():g}", expected="a rate from 0 to 1",
                             hint="posts['engagement'] / posts['reach']")  # fmt: skip
        mark = reach * rate
    else:
        reach = mark = table["size"]
    if not (np.isfinite(mark) & (mark >= 0) & (reach > 0)).all() or not mark.sum() > 0:
        raise InputError(
            _WHAT,
            got="a post whose reach and engagement, or size, is missing, 0 or negative",
            expected="reach and engagement of every post, or its size",
            hint="posts = posts[posts['size'] > 0]",
        )
    platform = table["platform"].astype(str) if "platform" in table else "all posts"
    return table.assign(platform=platform, reach=reach, mark=mark), (
        "reached" if whole else "engaged"
    )


def _placed(
    table: "pd.DataFrame", laid: "pd.DataFrame", notes: list[str]
) -> "tuple[pd.DataFrame, list[str]]":
    """Give a row for each post and series it counts for."""
    import pandas as pd

    names = [str(name) for name in laid.index]
    named = table["subject"].isin(names)
    at = places(laid.columns, table["ds"], _WHAT)
    table = table.assign(at=at)
    if named.any():
        if not named.all():
            notes.append(f"{int((~named).sum())} posts about what has no series were left out")
        table = table[named].assign(row=[names.index(each) for each in table["subject"][named]])
    else:
        if len(names) > 1:
            notes.append("no post names a series, so that each counts for all of them")
        table = pd.concat([table.assign(row=row) for row in range(len(names))])
    inside = (table["at"] >= 0) & (table["at"] < laid.shape[1])
    if not inside.all():
        notes.append(f"{int((~inside).sum())} posts outside the series were left out")
    if not inside.any():
        raise InputError(_WHAT, got="no post within the series", expected="posts of these times",
                         hint="compare posts.ds with series.ds")  # fmt: skip
    return table[inside].reset_index(drop=True), sorted(set(table.loc[inside, "platform"]))


@dataclass(frozen=True)
class _Fit:
    """Everything that is needed to measure."""

    made: list[Track]
    placed: "pd.DataFrame"
    names: list[str]
    rows: list[Any]
    kernel: str
    span: int
    seed: int

    def shapes(self) -> np.ndarray:
        """Kernels x ages."""
        age = np.arange(self.span * _LONGER, dtype=float)[None]
        x = np.array(KERNELS[self.kernel])[:, None]
        return (age + 1) ** -x if self.kernel == "power" else np.exp(-age / x)

    def own(self, track: Track) -> "pd.DataFrame":
        """Posts of a series within its span."""
        at = self.placed["at"] - track.first
        mine = (self.placed["row"] == self.rows.index(track.name)) & (at >= 0)
        return self.placed.assign(at=at)[mine & (at < len(track.y))]

    def columns(self, track: Track, posts: "pd.DataFrame") -> np.ndarray:
        """What each platform would do, kernels x periods x platforms, less the baseline."""
        shapes, length = self.shapes(), len(track.y)
        out = np.zeros((len(shapes), length, len(self.names)))
        for at, platform, mark in zip(posts["at"], posts["platform"], posts["mark"], strict=True):
            end = min(at + shapes.shape[1], length)
            out[:, at:end, self.names.index(platform)] += mark * shapes[:, : end - at]
        return np.array([track.rest(each) for each in out])

    def measure(self, unit: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Fit, take placebo days off, and say how sure."""
        parts = []
        for track in self.made:
            posts = self.own(track)
            if len(posts):
                left = track.rest(track.y)
                size = float(left.std() * np.sqrt(len(left) / (len(left) - track.base.shape[1])))
                parts.append((track, posts, self.columns(track, posts) / size, left / size, size))
        if not parts:
            raise InputError(_WHAT, got="no post within a series that can be used",
                             expected="at least one", hint="longer series")  # fmt: skip
        sums = self.equations(parts)
        best = sums.best(sums.right)
        beta = sums.solve(sums.right)[best]
        right, usual = sums.right, np.zeros_like(sums.right)
        for _ in range(_ROUNDS):
            # What goes on by itself is learned from what posts do not explain, and the other way.
            rests = [left - columns[best] @ beta for _, _, columns, left, _ in parts]
            days = _Days.of(self.shapes(), parts, rests)
            usual = days.usual(parts, self.names)
            right = sums.right - usual
            best = sums.best(right)
            beta = sums.solve(right)[best]
        drawn = days.placebos(parts, self.names, np.random.default_rng(self.seed))
        errors = drawn - drawn.mean(axis=0)
        effect = sums.told(right, best)
        # What would be found if that were the truth, with the noise of placebo days.
        again = sums.across[:, best] @ beta + errors
        found = sums.told(again, sums.best(again))
        half = np.quantile(np.abs(found - effect), LEVEL, axis=0)
        half *= self.unequal(sums, parts, days, errors, (beta, best))
        p_values = self.p_values(sums, right, errors)
        grid = np.array(KERNELS[self.kernel])
        low, high = np.quantile(grid[sums.best(again)], [0.05, 0.95])
        used = [posts for _, posts, _, _, _ in parts]
        numbers = {
            "per_1000": float(effect[-1]),
            "lo_90": float(effect[-1] - half[-1]),
            "hi_90": float(effect[-1] + half[-1]),
            "p_value": float(p_values[-1]),
            "memory": float(grid[best]),
            "memory_lo_90": float(low),
            "memory_hi_90": float(high),
            "placebo_per_1000": float(sums.told(usual, best)[-1]),
            "posts": sum(map(len, used)),
            "series": len(used),
        }
        platforms = self.table(used, effect, half, p_values)
        shape = self.shapes()[best, : self.span]
        path = {"age": np.arange(self.span), "effect": effect[-1] * shape / shape.sum()}
        return numbers, platforms, path

    def equations(self, parts: list[Any]) -> _Sums:
        """Add up over series."""
        count, number = len(KERNELS[self.kernel]), len(self.names)
        right, across = np.zeros((count, number)), np.zeros((count, count, number, number))
        reach, marks = np.zeros(number), np.zeros(number)
        for _, posts, columns, left, _ in parts:
            right += np.einsum("ktp,t->kp", columns, left)
            across += np.einsum("ktp,ltq->klpq", columns, columns, optimize=True)
            for number_, name in enumerate(self.names):
                mine = posts[posts["platform"] == name]
                reach[number_] += mine["reach"].sum()
                marks[number_] += mine["mark"].sum()
        square = np.array([across[k, k] for k in range(count)])
        scale = 1000 * marks / np.maximum(reach, 1e-300)
        return _Sums(right, square, across, self.shapes()[:, : self.span].sum(axis=1), scale, reach / reach.sum())

    def unequal(
        self, sums: _Sums, parts: list[Any], days: "_Days", errors: np.ndarray, fit: Any
    ) -> np.ndarray:
        """By how much posts that differ from each other widen the intervals."""
        beta, best = fit
        scores = []
        for number, (_, posts, columns, left, size) in enumerate(parts):
            rest = left - columns[best] @ beta
            seen = _windows(rest, self.shapes())[:, best] - days.expected[number][:, best]
            for at, platform, mark in zip(
                posts["at"], posts["platform"], posts["mark"], strict=True
            ):
                score = np.zeros(len(self.names))
                score[self.names.index(platform)] = mark / size * seen[at]
                scores.append(score)
        each = np.array(scores)
        count = np.maximum((each != 0).sum(axis=0), 2)
        each *= np.sqrt(count / (count - 1))
        right = np.zeros((len(each), *sums.right.shape))
        right[:, best] = each
        own = sums.told(right, np.full(len(each), best))
        chance = sums.told(errors, np.full(len(errors), best)).std(axis=0)
        wider = np.sqrt((own**2).sum(axis=0)) / np.maximum(chance, 1e-300)
        return np.maximum(wider, 1.0)

    def p_values(self, sums: _Sums, right: np.ndarray, errors: np.ndarray) -> np.ndarray:
        """Compare each effect, in units of its own error, with those of placebo days."""
        every = np.arange(len(right))
        sizes = np.array([sums.told(errors, np.full(len(errors), k)).std(axis=0) for k in every])
        sizes = np.maximum(sizes, 1e-300)
        best, bests = sums.best(right), sums.best(errors)
        seen = np.abs(sums.told(right, best) / sizes[best])
        chance = np.abs(sums.told(errors, bests) / sizes[bests])
        out: np.ndarray = (1 + (chance >= seen).sum(axis=0)) / (1 + len(errors))
        return out

    def table(
        self, used: list[Any], effect: np.ndarray, half: np.ndarray, p_values: np.ndarray
    ) -> dict[str, Any]:
        """One row a platform."""
        import pandas as pd

        posts = pd.concat(used)
        by = posts.groupby("platform")[["reach", "mark"]].sum().reindex(self.names)
        return {
            "platform": self.names,
            "posts": posts.groupby("platform").size().reindex(self.names).to_numpy(),
            "reach": by["reach"].to_numpy(),
            "marks": by["mark"].to_numpy(),
            "per_1000": effect[:-1],
            "lo_90": (effect - half)[:-1],
            "hi_90": (effect + half)[:-1],
            "p_value": p_values[:-1],
            "total": effect[:-1] * by["reach"].to_numpy() / 1000,
        }


@dataclass(frozen=True)
class _Days:
    """What follows every day of every series, beside what its past leads to."""

    #: Of each series, days x kernels: kernel-weighted sums of what follows, and as expected.
    seen: list[np.ndarray]
    expected: list[np.ndarray]
    #: Days without a post near, of all series together: series and day.
    pool: np.ndarray

    @classmethod
    def of(cls, shapes: np.ndarray, parts: list[Any], rests: list[np.ndarray]) -> "_Days":
        """Learn from days without a post what a past leads to."""
        seen = [_windows(rest, shapes) for rest in rests]
        pasts = [_pasts(rest) for rest in rests]
        pool = []
        for number, (_, posts, _, left, _) in enumerate(parts):
            day = np.arange(len(left))
            far = np.abs(day[:, None] - posts["at"].to_numpy()[None]).min(axis=1) > _TOGETHER
            far &= (day >= _PASTS[-1]) & (day < len(left) - _PASTS[-1])
            pool.append(np.column_stack([np.full(far.sum(), number), day[far]]))
        places = np.concatenate(pool)
        if len(places) < _ALIKE:
            raise InputError(_WHAT, got=f"{len(places)} days without a post near",
                             expected=f"at least {_ALIKE}", hint="longer series")  # fmt: skip
        past = np.array([pasts[n][day] for n, day in places])
        after = np.array([seen[n][day] for n, day in places])
        learned = np.linalg.lstsq(past, after, rcond=None)[0]
        return cls(seen, [each @ learned for each in pasts], places)

    def usual(self, parts: list[Any], names: list[str]) -> np.ndarray:
        """What the pasts of the posts lead to without them: kernels x platforms."""
        out = np.zeros((self.seen[0].shape[1], len(names)))
        for number, (_, posts, _, _, size) in enumerate(parts):
            for at, name, mark in zip(posts["at"], posts["platform"], posts["mark"], strict=True):
                out[:, names.index(name)] += mark / size * self.expected[number][at]
        return out

    def placebos(
        self, parts: list[Any], names: list[str], rng: np.random.Generator
    ) -> np.ndarray:
        """What posts on placebo days would seem to bring: draws x kernels x platforms."""
        out = np.zeros((_DRAWS, self.seen[0].shape[1], len(names)))
        start = np.concatenate([[0], np.cumsum([len(each) for each in self.seen])])
        ends = start[self.pool[:, 0] + 1] - 1
        flat = start[self.pool[:, 0]] + self.pool[:, 1]
        left = np.concatenate(self.seen) - np.concatenate(self.expected)
        going = np.concatenate(self.expected)[:, 0]
        first = np.array([track.first for track, *_ in parts])
        weekday = (first[self.pool[:, 0]] + self.pool[:, 1]) % 7
        for number, (track, table, _, _, size) in enumerate(parts):
            posts = table.sort_values("at", kind="stable")
            group = np.concatenate([[0], np.cumsum(np.diff(posts["at"]) > _TOGETHER)])
            for each in range(group[-1] + 1):
                mine = posts[group == each]
                one = int(mine["at"].iloc[0])
                alike = np.arange(len(flat))
                same = np.flatnonzero(weekday == (track.first + one) % 7)
                if track.daily and len(same) >= _ALIKE:
                    alike = same
                off = np.abs(going[flat[alike]] - going[start[number] + one])
                alike = alike[np.argsort(off, kind="stable")]
                alike = alike[: max(_ALIKE, int(_ALIKE_PART * len(alike)))]
                picked = alike[rng.integers(len(alike), size=_DRAWS)]
                for at, name, mark in zip(mine["at"], mine["platform"], mine["mark"], strict=True):
                    moved = np.minimum(flat[picked] + at - one, ends[picked])
                    out[:, :, names.index(name)] += mark / size * left[moved]
        return out


def _windows(rest: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Kernel-weighted sums of what follows each day: days x kernels."""
    span = shapes.shape[1]
    padded = np.concatenate([rest, np.zeros(span)])
    out: np.ndarray = np.lib.stride_tricks.sliding_window_view(padded, span)[: len(rest)] @ shapes.T
    return out


def _pasts(rest: np.ndarray) -> np.ndarray:
    """Means of the last days before each day, over several spans, and one."""
    sums = np.concatenate([[0.0], np.cumsum(rest)])
    at = np.arange(len(rest))
    means = [(sums[at] - sums[np.maximum(at - n, 0)]) / n for n in _PASTS]
    return np.column_stack([*means, np.ones(len(rest))])


def _words(
    numbers: dict[str, Any], platforms: "pd.DataFrame", unit: str, kernel: str, span: int,
    releases: Any, notes: list[str],
) -> str:  # fmt: skip
    low, high = numbers["lo_90"], numbers["hi_90"]
    told = [
        f"{numbers['posts']} posts brought on average {numbers['per_1000']:,.4g} for each 1,000 "
        f"{unit} within {span} periods (90 % interval {low:,.4g} to {high:,.4g}, p = "
        f"{numbers['p_value']:.3f})."
    ]
    if low <= 0 <= high:
        told.append("No lift at all is also compatible with the data; that does not show that there "
                    "was none.")  # fmt: skip
    if len(platforms) > 1:
        sure = platforms[platforms["p_value"] <= (1 - LEVEL) / len(platforms)]
        told.append(
            "By platform: " + "; ".join(
                f"{row.platform} {row.per_1000:,.4g} ({row.lo_90:,.4g} to {row.hi_90:,.4g})"
                for row in platforms.itertuples()
            ) + ". " + (f"Told from none, with {len(platforms)} looked at: "
                        f"{', '.join(sure['platform'])}." if len(sure) else
                        f"With {len(platforms)} looked at, none is told from none by itself.")
        )  # fmt: skip
    memory = "exponent" if kernel == "power" else "periods"
    told.append(f"Memory: {kernel}, {memory} {numbers['memory']:g} ({numbers['memory_lo_90']:g} to "
                f"{numbers['memory_hi_90']:g}).")  # fmt: skip
    told.append(f"Days without a post whose past went alike would seem to bring "
                f"{numbers['placebo_per_1000']:,.4g}; that is taken off.")  # fmt: skip
    if releases is None:
        told.append("No releases were given: what came with a post (a release, a playlist) is part "
                    "of the number.")  # fmt: skip
    else:
        told.append("What came with a post and is not in releases is part of the number.")
    told.extend(f"Of the data: {note}." for note in notes)
    return " ".join(told)
