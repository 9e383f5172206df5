"""One simulated campaign, settled: spend, what drives the outcome, and the exact truth."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musictools.datasets._campaign import _curves, _happenings, _spending
from musictools.datasets._campaign._settings import UNIT, WEAK_EFFECT, WEAK_NOISE, MediaChannel
from musictools.datasets._world._chance import stream

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

Floats = npt.NDArray[np.float64]

_BASE = 5.0
#: Names of what is not a channel; their sum is the baseline.
BASELINE = ("level", "trend", "season", "regime", "releases", "posts", "playlists", "airplay",
            "sync")  # fmt: skip
_GROUP = {"post": "posts", "airplay": "airplay", "sync": "sync", "playlist_add": "playlists",
          "playlist_remove": "playlists"}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """All that was asked for."""

    weeks: int
    design: str
    family: str
    channels: tuple[MediaChannel, ...]
    territories: tuple[str, ...] | None
    outcome: str
    events: tuple[str, ...]
    releases: int
    dark_weeks: int
    noise: float
    heavy_tails: bool
    regime_change: bool
    time_varying: bool
    start: "dt.date"
    seed: int


@dataclass(frozen=True)
class Story:
    """What came of a plan."""

    plan: Plan
    spend: "pd.DataFrame"
    weekly: "pd.DataFrame"
    curves: dict[tuple[str, str], _curves.Curve]
    sizes: dict[str, float]
    found: list[_happenings.Happening]
    event_effects: "pd.DataFrame"

    @property
    def mondays(self) -> "pd.DatetimeIndex":
        """First days of the weeks."""
        return mondays(self.plan)

    @property
    def names(self) -> list[str]:
        """Channels."""
        return [channel.name for channel in self.plan.channels]


def mondays(plan: Plan) -> "pd.DatetimeIndex":
    """First days of the weeks of a plan."""
    import pandas as pd

    return pd.date_range(plan.start, periods=plan.weeks, freq="W-MON", name="ds", unit="ns")


def tell(plan: Plan) -> Story:
    """Settle a plan."""
    import pandas as pd

    days = mondays(plan)
    schedule = _happenings.release_plan(plan.releases, plan.weeks, plan.seed)
    spread = 0.0 if plan.family == "own" else 0.25
    found = _happenings.happenings(
        schedule, plan.events, weeks=plan.weeks, seed=plan.seed, spread=spread
    )
    responses = [_happenings.response(event, plan.weeks, plan.family) for event in found]
    sizes = _sizes(plan)
    curves: dict[tuple[str, str], _curves.Curve] = {}
    spends, weeklies, effects = [], [], []
    for name, size in sizes.items():
        unit, seed = UNIT[plan.outcome] * size, _territory_seed(plan, name)
        local = _spend(plan, schedule, size, seed)
        made = _make_curves(plan, local, (name, unit), seed)
        curves |= {(name, each.channel): each for each in made}
        parts = _baseline(plan, found, responses, seed) * unit
        for curve in made:
            parts[curve.channel] = curve.effect(local[curve.channel].to_numpy())
        weeklies.append(_observed(plan, parts, unit, seed).set_axis(days))
        spends.append(local.set_axis(days))
        effects.append(
            pd.DataFrame(
                unit * np.reshape(responses, (len(found), plan.weeks)).T,
                index=days,
                columns=[f"E{number:03d}" for number in range(1, len(found) + 1)],
            )
        )
    joined = [_joined(frames, plan.territories) for frames in (spends, weeklies, effects)]
    return Story(plan, joined[0], joined[1], curves, sizes, found, joined[2])


def _joined(frames: "list[pd.DataFrame]", names: tuple[str, ...] | None) -> "pd.DataFrame":
    import pandas as pd

    if names is None:
        return frames[0]
    return pd.concat(frames, keys=names, names=["territory", "ds"])


def _territory_seed(plan: Plan, name: str) -> int:
    if plan.territories is None:
        return plan.seed
    return int(stream(plan.seed, f"territory/{name}").integers(2**62))


def _sizes(plan: Plan) -> dict[str, float]:
    """Part of the market of each territory; they sum to 1."""
    if plan.territories is None:
        return {"all": 1.0}
    drawn = {n: float(stream(plan.seed, f"size/{n}").lognormal(0, 0.6)) for n in plan.territories}
    total = sum(drawn.values())
    return {name: size / total for name, size in drawn.items()}


def _spend(plan: Plan, schedule: list[tuple[int, str]], size: float, seed: int) -> "pd.DataFrame":
    import pandas as pd

    columns = {}
    for channel in plan.channels:
        spend = _spending.plan_spend(channel, plan.design, schedule, weeks=plan.weeks, seed=seed)
        dark = int(stream(seed, f"dark seed/{channel.name}").integers(2**62))
        columns[channel.name] = np.round(size * _spending.darken(spend, plan.dark_weeks, dark), 2)
    return pd.DataFrame(columns)


def _make_curves(
    plan: Plan, spend: "pd.DataFrame", where: tuple[str, float], seed: int
) -> list[_curves.Curve]:
    territory, unit = where
    scale = WEAK_EFFECT if plan.design == "weak" else 1.0
    made = []
    for channel in plan.channels:
        rng = stream(seed, f"curve/{channel.name}")
        # Territories differ, by a quarter or so; the whole is as the channel says.
        own = 1.0 if plan.territories is None else float(rng.lognormal(-0.03, 0.25))
        drift = _curves.drifts(rng, plan.weeks, moving=plan.time_varying)
        made.append(
            _curves.make_curve(
                channel,
                spend[channel.name].to_numpy(),
                (territory, unit * scale * own, plan.family),
                drift,
            )
        )
    return made


def _baseline(
    plan: Plan, found: list[_happenings.Happening], responses: list[Floats], seed: int
) -> "pd.DataFrame":
    """All but paid media, in units of the model."""
    import pandas as pd

    t = np.arange(plan.weeks)
    parts = pd.DataFrame(0.0, index=t, columns=list(BASELINE))
    rng = stream(seed, "baseline")
    parts["level"] = _BASE
    parts["trend"] = rng.uniform(0.2, 1.2) * t / 156.0
    phase = 2.0 * np.pi * t / (365.25 / 7.0)
    for harmonic, height in ((1, 0.4), (2, 0.2)):
        sine, cosine = height * rng.normal(0.0, 0.7, 2)
        parts["season"] += sine * np.sin(harmonic * phase) + cosine * np.cos(harmonic * phase)
    at, step = int(rng.uniform(0.35, 0.65) * plan.weeks), 0.9 * rng.choice([-1.0, 1.0])
    if plan.regime_change:
        parts.loc[at:, "regime"] = step
    for event, effect in zip(found, responses, strict=True):
        parts[_GROUP.get(event.kind, "releases")] += effect
    return parts


def _observed(plan: Plan, parts: "pd.DataFrame", unit: float, seed: int) -> "pd.DataFrame":
    """Add noise, and count: streams are whole, and money has cents."""
    rng = stream(seed, "noise")
    size = plan.noise * unit * (WEAK_NOISE if plan.design == "weak" else 1.0)
    if plan.heavy_tails:
        # Divided by its standard deviation, so that only the tails differ.
        noise = rng.standard_t(3.0, plan.weeks) / np.sqrt(3.0)
    else:
        noise = rng.standard_normal(plan.weeks)
    expected = parts.sum(axis=1)
    digits = 0 if plan.outcome == "streams" else 2
    y = np.round(np.maximum(expected + size * noise, 0.0), digits)
    return parts.assign(noise=y - expected, y=y)


def channel_truth(story: Story) -> "pd.DataFrame":
    """One row for each channel and territory: its curve, money, effect, share and ROAS."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (territory, name), curve in story.curves.items():
        money, weekly = local(story.spend, territory), local(story.weekly, territory)
        x = money[name].to_numpy()
        spent, brought = float(x.sum()), float(weekly[name].sum())
        more = float(curve.effect(1.01 * x).sum()) - brought
        rows.append(
            curve.facts()
            | {
                "spend": spent,
                "contribution": brought,
                "share": brought / float(weekly["y"].sum()),
                "roas": brought / spent if spent else np.nan,
                "marginal_roas": more / (0.01 * spent) if spent else np.nan,
            }
        )
    return pd.DataFrame(rows)


def local(frame: "pd.DataFrame", territory: str) -> "pd.DataFrame":
    """Rows of one territory."""
    import pandas as pd

    if "territory" in frame.index.names:
        return pd.DataFrame(frame.loc[territory])
    return frame


def lift_tests(story: Story, channels: list[str], count: int) -> "pd.DataFrame":
    """Run experiments beside the data: eight weeks against regions that never had the channel."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    unit = UNIT[story.plan.outcome]
    for (territory, name), curve in story.curves.items():
        x = local(story.spend, territory)[name].to_numpy()
        effect = curve.effect(x)
        rng = stream(story.plan.seed, f"lift/{territory}/{name}")
        for _ in range(count if name in channels else 0):
            running = np.flatnonzero(x[:-8] > 0) if len(x) > 16 else np.flatnonzero(x)
            first = int(rng.choice(running)) if len(running) else 0
            during = slice(first, first + 8)
            # With what earlier weeks carry over, as the media mix reads it.
            true = float(effect[during].sum())
            sd = 0.2 * true + 0.02 * unit * story.sizes[territory]
            rows.append(
                {
                    "channel": name,
                    "group": territory,
                    "start": story.mondays[during][0],
                    "end": story.mondays[during][-1],
                    "lift": true + sd * rng.standard_normal(),
                    "sd": sd,
                    "spend": float(x[during].sum()),
                    "true_lift": true,
                }
            )
    columns = ["channel", "group", "start", "end", "lift", "sd", "spend", "true_lift"]
    table = pd.DataFrame(rows, columns=columns)
    return table if story.plan.territories else table.drop(columns="group")
