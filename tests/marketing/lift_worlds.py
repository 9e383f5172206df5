"""Worlds with a known truth for tests of lifts and benchmarks/lifts.py: posts, airplay."""

from typing import Any

import numpy as np
import pandas as pd


def posts_of(made: Any, seed: int) -> pd.DataFrame:
    """Posts on two platforms, with their reach, of the people engaged that were simulated."""
    rng, table = np.random.default_rng(seed), made.events.copy()
    table["platform"] = rng.choice(["instagram", "tiktok"], len(table))
    table["engagement"] = rng.uniform(0.02, 0.1, len(table))
    table["reach"] = table["size"] / table["engagement"]
    return table


def airplay_panel(
    seed: int, *, effect: float = 0.03, follows: float = 0.0, recordings: int = 20, weeks: int = 104
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Recordings with releases, and airplay that comes after them: series, airplay, releases.

    Half of an effect is left after a week. ``follows`` lets stations play what rose last week.
    """
    rng, t = np.random.default_rng(seed), np.arange(weeks, dtype=float)
    mondays = pd.date_range("2023-01-02", periods=weeks, freq="W-MON")
    season = 0.05 * np.sin(2 * np.pi * t / 52)
    series, airplay, releases = [], [], []
    for number in range(recordings):
        name, level = f"R{number:02d}", 50_000 * rng.lognormal(0, 0.5)
        out = int(rng.integers(2, weeks // 2))
        since = np.maximum(t - out, 0)
        decay = np.where(t >= out, 2 * (since + 1) ** -0.8, 0.0)
        noise = np.zeros(weeks)
        for week in range(weeks):
            noise[week] = 0.4 * noise[week - 1] + 0.05 * rng.standard_normal()
        start = out + int(rng.integers(1, 12))
        hump = np.where(t >= start, (t - start + 1) * np.exp(-(t - start) / 4) / 1.6, 0.0)
        heard = level * hump * rng.lognormal(0, 0.5, weeks)
        heard *= np.exp(follows * np.concatenate([[0.0], noise[:-1]]) / 0.05)
        carried = np.zeros(weeks)
        for week in range(weeks):
            carried[week] = (carried[week - 1] if week else 0.0) * 0.5 + heard[week]
        y = level * (1 + season + decay + noise) + effect * carried
        series.append(pd.DataFrame({"unique_id": name, "ds": mondays, "y": y.round()}))
        airplay.append(pd.DataFrame({"ds": mondays, "station": "Pier FM", "medium": "radio",
                                     "recording_id": name, "spins": 10.0, "audience": heard,
                                     "seconds": 2000.0}))  # fmt: skip
        releases.append((mondays[out], "single", name, 1.0))
    return (
        pd.concat(series, ignore_index=True),
        pd.concat(airplay, ignore_index=True),
        pd.DataFrame(releases, columns=["ds", "kind", "subject", "size"]),
    )
