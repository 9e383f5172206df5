"""Posts fitted to series: marks, kernels and placebo days."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from musictools.errors import InputError
from musictools.marketing._baseline import Track
from musictools.marketing._local_compare import LEVEL
from musictools.marketing._placebo_days import WHAT, Days, Sums, windows

if TYPE_CHECKING:
    import pandas as pd

#: Shapes of memory by period since the post: (t + 1)^-x, exp(-t / x).
KERNELS = {
    "power": (0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0),
    "exponential": (0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
}
#: The fit follows posts for longer than is told, or their tails would sink into the baseline.
LONGER = 3
_ROUNDS = 4


@dataclass(frozen=True)
class Fit:
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
        age = np.arange(self.span * LONGER, dtype=float)[None]
        x = np.array(KERNELS[self.kernel])[:, None]
        shapes: np.ndarray = (age + 1) ** -x if self.kernel == "power" else np.exp(-age / x)
        return shapes

    def own(self, track: Track) -> "pd.DataFrame":
        """Give the posts of a series within its span."""
        at = self.placed["at"] - track.first
        mine = (self.placed["row"] == self.rows.index(track.name)) & (at >= 0)
        return self.placed.assign(at=at)[mine & (at < len(track.y))]

    def columns(self, track: Track, posts: "pd.DataFrame") -> np.ndarray:
        """Give what each platform would do, kernels x periods x platforms, less the baseline."""
        shapes, length = self.shapes(), len(track.y)
        out = np.zeros((len(shapes), length, len(self.names)))
        for at, platform, mark in zip(posts["at"], posts["platform"], posts["mark"], strict=True):
            end = min(at + shapes.shape[1], length)
            out[:, at:end, self.names.index(platform)] += mark * shapes[:, : end - at]
        return np.array([track.rest(each) for each in out])

    def measure(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Fit, take placebo days off, and say how sure."""
        parts = []
        for track in self.made:
            posts = self.own(track)
            if len(posts):
                left = track.rest(track.y)
                size = float(left.std() * np.sqrt(len(left) / (len(left) - track.base.shape[1])))
                parts.append((track, posts, self.columns(track, posts) / size, left / size, size))
        if not parts:
            raise InputError(WHAT, got="no post within a series that can be used",
                             expected="at least one", hint="longer series")  # fmt: skip
        sums = self.equations(parts)
        best = sums.best(sums.right)
        beta = sums.solve(sums.right)[best]
        right, usual = sums.right, np.zeros_like(sums.right)
        for _ in range(_ROUNDS):
            # What goes on by itself is learned from what posts do not explain, and the other way.
            rests = [left - columns[best] @ beta for _, _, columns, left, _ in parts]
            days = Days.of(self.shapes(), parts, rests)
            usual = days.usual(parts, self.names)
            right = sums.right - usual
            best = sums.best(right)
            beta = sums.solve(right)[best]
        drawn = days.placebos(parts, self.names, np.random.default_rng(self.seed))
        errors = self.as_learned(sums, parts, days, drawn - drawn.mean(axis=0))
        effect = sums.told(right, best)
        # What would be found if that were the truth, with the noise of placebo days.
        again = sums.across[:, best] @ beta + errors
        found = sums.told(again, sums.best(again))
        half = np.quantile(np.abs(found - effect), LEVEL, axis=0)
        wider = self.unequal(sums, parts, days, errors, (beta, best))
        half *= wider
        p_values = self.p_values(sums, right, errors, wider)
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

    def as_learned(
        self, sums: Sums, parts: list[Any], days: Days, errors: np.ndarray
    ) -> np.ndarray:
        """Make placebo days err as posts do, whose errors change what is learned of pasts.

        What posts are taken to have brought is left out of what pasts lead to, so that an error in
        the one comes back by the other. Placebo days are not fitted in turns, which would take a
        fit for each of their sets: how much comes back is found once for each kernel and platform.
        """
        usual, rests = days.usual(parts, self.names), days.rests
        sizes = sums.solve(errors).std(axis=0)
        out = np.empty_like(errors)
        for kernel, square in enumerate(sums.square):
            back = np.zeros_like(square)
            for platform, size in enumerate(np.maximum(sizes[kernel], 1e-300)):
                moved = [
                    rest - size * columns[kernel][:, platform]
                    for rest, (_, _, columns, _, _) in zip(rests, parts, strict=True)
                ]
                other = Days.of(self.shapes(), parts, moved).usual(parts, self.names)
                back[:, platform] = (other - usual)[kernel] / size
            out[:, kernel] = errors[:, kernel] @ (square @ np.linalg.pinv(square + back)).T
        return out

    def equations(self, parts: list[Any]) -> Sums:
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
        return Sums(
            right,
            square,
            across,
            self.shapes()[:, : self.span].sum(axis=1),
            scale,
            reach / reach.sum(),
        )

    def unequal(
        self, sums: Sums, parts: list[Any], days: "Days", errors: np.ndarray, fit: Any
    ) -> np.ndarray:
        """By how much posts that differ from each other widen the intervals."""
        beta, best = fit
        scores = []
        for number, (_, posts, columns, left, size) in enumerate(parts):
            rest = left - columns[best] @ beta
            seen = windows(rest, self.shapes())[:, best] - days.expected[number][:, best]
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
        at_least: np.ndarray = np.maximum(wider, 1.0)
        return at_least

    def p_values(
        self, sums: Sums, right: np.ndarray, errors: np.ndarray, wider: np.ndarray
    ) -> np.ndarray:
        """Compare each effect, in units of its own error, with those of placebo days.

        Days after posts may vary more than placebo days do; the error is as wide as the interval's.
        """
        every = np.arange(len(right))
        sizes = np.array([sums.told(errors, np.full(len(errors), k)).std(axis=0) for k in every])
        sizes = np.maximum(sizes, 1e-300)
        best, bests = sums.best(right), sums.best(errors)
        seen = np.abs(sums.told(right, best) / sizes[best]) / wider
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
