"""How near the media mix comes to a known truth, beside an oracle and a ridge regression.

    python benchmarks/mix.py [--seeds N] [--first SEED] [--scenarios NAME ...]

Four scenarios, 156 weeks and five channels, one of them always on. Independent: flights by chance.
Release: spend follows releases, and demand has a decay of its own that is none of the model's
kernels. Misspecified: as release, with carry-over and saturation of other families and heavy tails.
Weak: a tenth of the effect in three times the noise. The oracle is least squares that knows the
true curves; of the misspecified scenario too. Ridge is the mean of the thirty best.

Prints, for each scenario: median ROAS error over the channels that check() calls identified, of all
three; coverage of 90 % intervals; the mean difference of the total media effect from the oracle's,
with its standard error; how many channels are identified; the worst R-hat; CPU seconds of a fit.
Exits with 1 where a target of the issue is missed.
"""

import argparse
import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

import musictools as mt

WEEKS = 156
CHANNELS = ("tv", "radio", "social", "influencer", "search")
THETA = np.array([0.65, 0.45, 0.25, 0.35, 0.1])
SLOPE = np.array([1.3, 1.0, 1.0, 1.5, 1.0])
HALF = np.array([1.0, 1.2, 0.8, 1.0, 1.0])
BETA = np.array([1.6, 1.3, 1.8, 1.2, 2.0])
SCENARIOS = ("independent", "release", "misspecified", "weak")
#: Of the issue: largest median ROAS error, and least coverage.
ERROR = {"independent": 0.08, "release": 0.12}
COVER = {"misspecified": 0.80}
FOLLOWS = ("release", "misspecified")


@dataclass(frozen=True)
class Campaign:
    """What a scenario looks like to a reader, and what is true."""

    spend: pd.DataFrame
    y: pd.Series
    releases: pd.DataFrame | None
    contributions: np.ndarray
    shapes: np.ndarray
    baseline: np.ndarray


def simulate(scenario: str, seed: int) -> Campaign:
    rng = np.random.default_rng([seed, 99])
    week = np.arange(WEEKS)
    at = np.sort(rng.choice(np.arange(6, WEEKS - 8), 6, replace=False))
    size = rng.uniform(0.6, 1.6, 6)
    decay = np.zeros(WEEKS)
    for when, big in zip(at, size, strict=True):
        decay[when:] += big * (np.arange(WEEKS - when) + 1.0) ** -0.8
    follows = scenario in FOLLOWS
    spend = _following(rng, at, size) if follows else _flights(rng)
    spend[:, -1] = np.maximum(1 + 0.15 * rng.standard_normal(WEEKS), 0)
    spend *= np.array([40.0, 15.0, 20.0, 10.0, 8.0]) * 1000
    unit = np.array([own[own > 0].mean() for own in spend.T])
    stock = _stock(spend / unit, weibull=scenario == "misspecified")
    if scenario == "misspecified":
        shapes = 1.6 * np.tanh(stock / (1.4 * HALF))
    else:
        shapes = stock**SLOPE / (stock**SLOPE + HALF**SLOPE)
    brought = 1000 * BETA * shapes * (0.12 if scenario == "weak" else 1)
    season = 0.5 * np.sin(2 * np.pi * week / 52.18) + 0.3 * np.cos(4 * np.pi * week / 52.18)
    controls = [np.ones(WEEKS), week, season, decay] if follows else [np.ones(WEEKS), week, season]
    noise = 0.25 * rng.standard_normal(WEEKS) * (3 if scenario == "weak" else 1)
    if scenario == "misspecified":
        noise = noise + 0.15 * rng.standard_t(3, WEEKS)
    rest = 5 + 0.5 * week / WEEKS + season + 3 * decay * follows + noise
    days = pd.date_range("2023-01-02", periods=WEEKS, freq="7D")
    releases = pd.DataFrame({"ds": days[at], "kind": "single", "size": size})
    return Campaign(
        spend=pd.DataFrame(spend, index=days, columns=CHANNELS),
        y=pd.Series(1000 * rest + brought.sum(axis=1), index=days),
        releases=releases if follows else None,
        contributions=brought,
        shapes=shapes,
        baseline=np.stack(controls, axis=1),
    )


def _flights(rng: np.random.Generator) -> np.ndarray:
    spend = np.zeros((WEEKS, len(CHANNELS)))
    for c in range(len(CHANNELS) - 1):
        start = 0
        while start < WEEKS:
            own = spend[start : start + rng.integers(3, 9), c]
            own[:] = rng.uniform(0.4, 1.8) * rng.lognormal(0, 0.3, len(own))
            start += len(own) + rng.integers(2, 10)
    return spend


def _following(rng: np.random.Generator, at: np.ndarray, size: np.ndarray) -> np.ndarray:
    spend = np.zeros((WEEKS, len(CHANNELS)))
    for c in range(len(CHANNELS) - 1):
        for when, big in zip(at, size, strict=True):
            start = when - rng.integers(0, 3)
            own = spend[start : start + rng.integers(4, 9), c]
            own += big * rng.uniform(0.5, 1.5) * rng.lognormal(0, 0.3, len(own))
        for _ in range(3):
            start = rng.integers(0, WEEKS - 6)
            spend[start : start + 5, c] += rng.uniform(0.3, 1) * rng.lognormal(0, 0.3, 5)
    return spend


def _stock(spend: np.ndarray, *, weibull: bool) -> np.ndarray:
    lag = np.arange(20)
    out = np.zeros_like(spend)
    for c, theta in enumerate(THETA):
        kernel = theta**lag
        if weibull:
            long = (lag + 1) / (1 + 4 * theta)
            kernel = long**0.6 * np.exp(-(long**1.6))
        out[:, c] = np.convolve(spend[:, c], kernel / kernel.sum())[: len(spend)]
    return out


def oracle(campaign: Campaign) -> np.ndarray:
    """Contribution of each channel by least squares that knows curves and controls."""
    design = np.c_[campaign.baseline, campaign.shapes]
    found = np.linalg.lstsq(design, campaign.y, rcond=None)[0][-len(CHANNELS) :]
    return found * campaign.shapes.sum(axis=0)


def judge(scenario: str, seed: int) -> dict[str, object]:
    campaign = simulate(scenario, seed)
    truth = campaign.contributions.sum(axis=0)
    spent = campaign.spend.sum().to_numpy()
    began = time.process_time()
    mix = mt.marketing.MediaMix(rng=seed)
    mix.fit(campaign.spend, campaign.y, releases=campaign.releases)
    seconds = time.process_time() - began
    roas, check = mix.roas(), mix.check()
    ridge = mt.marketing.MediaMix(method="ridge", rng=seed)
    ridge.fit(campaign.spend, campaign.y, releases=campaign.releases)
    knows = oracle(campaign)
    true = truth / spent
    return {
        "mean": roas["mean"].to_numpy() / true - 1,
        "oracle": knows / truth - 1,
        "ridge": ridge.roas()["mean"].to_numpy() / true - 1,
        "covered": ((roas["lo_90"] <= true) & (true <= roas["hi_90"])).to_numpy(),
        "identified": np.isin(CHANNELS, check.identified),
        "total": float((roas["mean"] * spent).sum() / truth.sum() - 1),
        "oracle_total": float(knows.sum() / truth.sum() - 1),
        "r_hat": float(mix.diagnostics()["r_hat"]),
        "seconds": seconds,
        "promised": int((roas["verdict"] == "identified").sum()),
    }


def report(scenario: str, rows: list[dict[str, object]]) -> bool:
    of = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    known = of["identified"]
    off = of["total"] - of["oracle_total"]
    spread = off.std(ddof=1) / np.sqrt(len(off))
    errors = {
        name: float(np.median(np.abs(of[name][known]))) if known.any() else float("nan")
        for name in ("mean", "oracle", "ridge")
    }
    cover = float(of["covered"].mean())
    print(f"\n{scenario}, {len(rows)} seeds")
    print(
        "  median ROAS error of identified channels: "
        f"{errors['mean']:.1%} (oracle {errors['oracle']:.1%}, ridge {errors['ridge']:.1%})"
    )
    print(
        f"  identified by check(): {known.mean(axis=0).round(2)}; "
        f"a fit promises {of['promised'].mean():.1f}"
    )
    print(
        f"  coverage of 90 % intervals: {cover:.3f}, "
        f"by channel {of['covered'].mean(axis=0).round(2)}"
    )
    if known.any():
        print(f"  of identified channels {of['covered'][known].mean():.3f}")
    print(f"  mean signed error by channel {of['mean'].mean(axis=0).round(3)}")
    print(
        f"  total media effect less the oracle's: {off.mean():+.1%} (standard error {spread:.1%})"
    )
    print(f"  worst R-hat {of['r_hat'].max():.3f}; CPU seconds of a fit {of['seconds'].mean():.2f}")
    fine = of["r_hat"].max() < 1.05 and cover >= COVER.get(scenario, 0.85)
    if scenario != "weak":
        fine &= abs(off.mean()) <= 0.03
    if scenario in ERROR:
        fine &= errors["mean"] <= ERROR[scenario] and cover <= 0.95
    if scenario == "weak":
        fine &= not known.any()
    print("  targets met" if fine else "  TARGET MISSED")
    return bool(fine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--scenarios", nargs="*", default=SCENARIOS, choices=SCENARIOS)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    fine = [report(name, [judge(name, seed) for seed in seeds]) for name in given.scenarios]
    return int(not all(fine))


if __name__ == "__main__":
    sys.exit(main())
