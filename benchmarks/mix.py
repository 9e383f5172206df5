"""How near the media mix comes to a known truth, beside an oracle and a ridge regression.

    python benchmarks/mix.py [--seeds 20] [--first SEED] [--scenarios NAME ...] [--jobs N]
        [--pymc SEEDS]

Campaigns come from ``mt.datasets.simulate_campaign``: 156 weeks, five channels of which search is
always on, and releases. The four scenarios of the issue:

independent    flights by chance
release        spend follows the releases, whose decay is none of the model's kernels
misspecified   as release, with other carry-over and saturation, heavy tails, effects that drift,
               a step in the baseline, and releases of one kind that differ
weak           a fifth of the effect in twice the noise

and what was left open before them:

null           as independent, and a sixth channel that does nothing
student        as independent, noise of Student's t with 3 degrees of freedom; noise="student"
normal         the same sales, noise="normal"
lift           as release, with one lift test of search
eight          as independent, eight channels
short          as independent, 52 weeks
friday         as release, releases dated four days late: what they do begins with the Monday
               of their week, and the reader gives its Friday

The oracle is least squares that knows the true curves, and the true shape of trend, season and
releases; of the misspecified scenario too. Ridge is the mean of the thirty best.

Measured on seeds 3000-3039, looked at once, after kernels, carry-over and what is loose were chosen
on seeds below 200 (runs that had not converged were then repeated with longer chains):

=============  =========================  ======  =======  ==========  ============  =========
scenario       error of identified        oracle  of all   coverage    total less    worst
               channels                           channels             the oracle's  R-hat
=============  =========================  ======  =======  ==========  ============  =========
independent    6.8 % (1.3), 75 of 200     2.6 %   10.8 %   .935 (.018) +1.8 % (1.2)  1.019
release        3.9 % (1.5), 22 of 200     7.3 %   11.1 %   .950 (.019) -1.1 % (1.7)  1.016
misspecified   94 %, 2 of 200, by mistake 16 %    16.6 %   .855 (.024) +17.0 % (2.0) 1.032
weak           none is promised           -       90 %     .965 (.014) no claim      1.012
=============  =========================  ======  =======  ==========  ============  =========

Known miss: misspecified, the total is 17 % above that of the oracle, which knows the curves, their
drift and the step. It was 30 % (and coverage .66) before the baseline could step, releases differ
and effects drift (``_media_loose``). With true curves the same controls give no bias, with the
right families of curves 15 % remain: it is the priors of curves, in data that say little of them.
A prior of steeper Hill curves takes 4 points of it, and makes the total of the release scenario
-6 %; free kernels, one floor more, noise of Student's t and logistic curves do not help.

Beside PyMC-Marketing 0.19.2 (1,500 tuning steps), seeds 1100-1102, median ROAS error of all
channels, coverage, CPU seconds of a fit: release 13.6 % and theirs 16.1 %, .93 both, 2.3 and 253;
independent 9.0 and 11.5 %, .80 and .87, 2.2 and 274; misspecified 19 and 46 %, .93 and .67, 4.9 and
210; weak 87 and 45 %, 1.00 and .93, 3.4 and 573. Their R-hat 1.02, 1.03, 4.2 and 1.04 (60
divergences): where the model is wrong they do not converge. In weak data an answer is its prior,
and ours expects more of media than was there (the total is 80 % above the oracle's on those
seeds): none of it is promised.

What was left open, seeds 3000-3019: a channel that does nothing gets 1.2 % of sales, is covered in
.90 and never called identified; tails of Student's t, taken as such, error of identified channels
4.8 % and coverage .90, taken as normal 5.3 % and .93, R-hat 1.12.

Numbers are the same for any number of jobs. In brackets: standard errors over seeds. Exits with 1
where a target of the issue is missed.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import musictools as mt

Row = dict[str, Any]
NOTHING = mt.datasets.MediaChannel(name="nothing", effect=0.0)
FIVE = ("tv", "radio", "paid_social", "influencer", "search")
FOLLOWS = {"design": "release_driven"}


@dataclass(frozen=True)
class Scenario:
    """What is simulated, how it is fitted, and what the issue asks of it."""

    made: Mapping[str, Any] = field(default_factory=dict)
    fitted: Mapping[str, Any] = field(default_factory=dict)
    error: float | None = None
    cover: tuple[float, float] = (0.85, 0.95)
    identified: bool = True
    #: Whether the issue has a line about it.
    judged: bool = True
    tested: bool = False
    friday: bool = False


SCENARIOS = {
    "independent": Scenario(error=0.08),
    "release": Scenario(FOLLOWS, error=0.12),
    "misspecified": Scenario(FOLLOWS | {"family": "other"}, cover=(0.80, 1.0)),
    "weak": Scenario({"design": "weak"}, cover=(0.85, 1.0), identified=False),
    "null": Scenario({"channels": [*FIVE, NOTHING]}, judged=False),
    "student": Scenario({"heavy_tails": True}, {"noise": "student"}, judged=False),
    "normal": Scenario({"heavy_tails": True}, judged=False),
    "lift": Scenario(FOLLOWS | {"lift_tests": 1}, judged=False, tested=True),
    "eight": Scenario({"channels": 8}, judged=False),
    "short": Scenario({"weeks": 52, "releases": 2}, judged=False),
    "friday": Scenario(FOLLOWS, judged=False, friday=True),
}
ISSUE = tuple(name for name, scenario in SCENARIOS.items() if scenario.judged)


def simulate(name: str, seed: int) -> tuple[Any, dict[str, Any]]:
    """Make a campaign, and what a reader would give to fit() beside spend and sales."""
    scenario = SCENARIOS[name]
    campaign = mt.datasets.simulate_campaign(events="releases", rng=seed, **scenario.made)
    releases = campaign.releases
    if scenario.friday:
        releases = releases.assign(ds=releases["ds"] + pd.Timedelta(days=4))
    given: dict[str, Any] = {"releases": releases}
    if scenario.tested:
        given["lift_tests"] = campaign.lift_tests.query("channel == 'search'")
    return campaign, given


def oracle(campaign: Any) -> np.ndarray:
    """Contribution of each channel by least squares that knows every shape."""
    weekly = campaign.truth["weekly"]
    shapes = weekly[[*campaign.spend.columns, "level", "trend", "season", "regime", "releases"]]
    size = np.abs(shapes).sum()
    design = (shapes / size.where(size > 0, 1.0)).to_numpy()
    found = np.linalg.lstsq(design, weekly["y"].to_numpy(), rcond=None)[0]
    return found[: campaign.spend.shape[1]]


def fitted(name: str, seed: int, campaign: Any, given: dict[str, Any]) -> tuple[Any, float]:
    """Fit one campaign, and take the processor time."""
    began = time.process_time()
    mix = mt.marketing.MediaMix(rng=seed, **SCENARIOS[name].fitted)
    mix.fit(campaign.spend, campaign.y, **given)
    return mix, time.process_time() - began


def judge(name: str, seed: int) -> Row:
    """Fit one campaign in every way, and compare with the truth."""
    campaign, given = simulate(name, seed)
    truth = campaign.truth["contributions"].sum().to_numpy()
    spent = campaign.spend.sum().to_numpy()
    mix, seconds = fitted(name, seed, campaign, given)
    roas, check = mix.roas(), mix.check()
    ridge = mt.marketing.MediaMix(method="ridge", rng=seed).fit(campaign.spend, campaign.y, **given)
    brought, knows = (roas["mean"] * spent).to_numpy(), oracle(campaign)
    quick = (ridge.roas()["mean"] * spent).to_numpy()
    real = truth > 0
    true = np.where(real, truth, np.nan)
    return {
        "channels": list(campaign.spend.columns),
        "real": real,
        "mean": brought / true - 1,
        "oracle": knows / true - 1,
        "ridge": quick / true - 1,
        "share": brought / float(campaign.y.sum()),
        "covered": ((roas["lo_90"] * spent <= truth) & (truth <= roas["hi_90"] * spent)).to_numpy(),
        "identified": np.isin(campaign.spend.columns, check.identified),
        "promised": (roas["verdict"] == "identified").to_numpy(),
        "total": float(brought.sum() / truth.sum() - 1),
        "oracle_total": float(knows.sum() / truth.sum() - 1),
        "ridge_total": float(quick.sum() / truth.sum() - 1),
        "r_hat": float(mix.diagnostics()["r_hat"]),
        "seconds": seconds,
    }


def ask_pymc(name: str, seed: int) -> Row:
    """Fit one campaign by PyMC-Marketing as well, tuned for long enough to converge."""
    campaign, given = simulate(name, seed)
    truth = campaign.truth["contributions"].sum().to_numpy()
    spent = campaign.spend.sum().to_numpy()
    mix, seconds = fitted(name, seed, campaign, given)
    theirs = mix.pymc(tune=1500)
    row: Row = {"r_hat": theirs.r_hat, "divergences": theirs.divergences}
    row |= {"seconds": np.array([seconds, theirs.seconds])}
    tables = [mix.roas()[["mean", "lo_90", "hi_90"]], theirs.roas()[["mean", "lo_90", "hi_90"]]]
    for key, at in (("mean", "mean"), ("low", "lo_90"), ("high", "hi_90")):
        row[key] = np.stack([(table[at] * spent).to_numpy() / truth for table in tables])
    return row


def report_pymc(rows: list[Row]) -> None:
    of = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    error = np.median(np.abs(of["mean"] - 1), axis=(0, 2))
    cover = ((of["low"] <= 1) & (of["high"] >= 1)).mean(axis=(0, 2))
    seconds = of["seconds"].mean(axis=0)
    print(
        f"  beside PyMC-Marketing, {len(rows)} seeds: median ROAS error of all channels "
        f"{error[0]:.1%} and theirs {error[1]:.1%}, coverage {cover[0]:.2f} and {cover[1]:.2f}, "
        f"their R-hat {of['r_hat'].max():.3f}, divergences {of['divergences'].sum()}, "
        f"CPU seconds {seconds[0]:.1f} and {seconds[1]:.0f}"
    )


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Mean over seeds, and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def median_and_error(errors: np.ndarray, known: np.ndarray) -> tuple[float, float]:
    """Median absolute error of what is identified; its error by drawing seeds anew."""
    if not known.any():
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    drawn = [rng.integers(len(errors), size=len(errors)) for _ in range(400)]
    medians = [np.median(np.abs(errors[d][known[d]])) for d in drawn if known[d].any()]
    return float(np.median(np.abs(errors[known]))), float(np.std(medians))


def report(name: str, rows: list[Row]) -> bool:
    """Print what was found; say whether targets are met."""
    scenario = SCENARIOS[name]
    of = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    real, known = of["real"], of["identified"] & of["real"]
    errors = {way: median_and_error(of[way], known) for way in ("mean", "oracle", "ridge")}
    off = {way: mean_and_error(of[way] - of["oracle_total"]) for way in ("total", "ridge_total")}
    cover = mean_and_error(of["covered"][:, real[0]].mean(axis=1))
    told = ", ".join(f"{c} {p:.2f}" for c, p in zip(of["channels"][0], known.mean(axis=0),
                                                    strict=True))  # fmt: skip
    worst = float(of["r_hat"].max())
    print(f"\n{name}, {len(rows)} seeds")
    print(f"  identified by check(), part of seeds: {told}")
    for way, called in (("mean", "musictools"), ("oracle", "oracle"), ("ridge", "ridge, best 30")):
        middle, spread = errors[way]
        print(f"  median ROAS error of those, {called}: {middle:.1%} ({spread:.1%})")
    every = np.median(np.abs(of["mean"][:, real[0]])), np.median(np.abs(of["oracle"][:, real[0]]))
    print(f"  of all channels {every[0]:.1%}, oracle {every[1]:.1%}, "
          f"ridge {np.median(np.abs(of['ridge'][:, real[0]])):.1%}")  # fmt: skip
    inside = f"; of identified channels {of['covered'][known].mean():.3f}" if known.any() else ""
    print(f"  coverage of 90 % intervals {cover[0]:.3f} ({cover[1]:.3f}){inside}")
    print(f"  total media effect less the oracle's {off['total'][0]:+.1%} ({off['total'][1]:.1%}), "
          f"ridge {off['ridge_total'][0]:+.1%} ({off['ridge_total'][1]:.1%})")  # fmt: skip
    print(f"  a fit alone promises {of['promised'].sum(axis=1).mean():.2f} channels")
    if not real.all():
        nothing = ~real[0]
        print(f"  channels that do nothing: share of sales {of['share'][:, nothing].mean():.1%}, "
              f"covered {of['covered'][:, nothing].mean():.2f}, called identified "
              f"{of['identified'][:, nothing].mean():.2f}")  # fmt: skip
    print(f"  worst R-hat {worst:.3f}; CPU seconds of a fit {of['seconds'].mean():.2f}")
    if not scenario.judged:
        return True
    fine = worst < 1.05 and scenario.cover[0] <= cover[0] <= scenario.cover[1]
    if scenario.identified:
        fine &= abs(off["total"][0]) <= 0.03
    else:
        fine &= not (of["identified"].any() or of["promised"].any())
    fine &= scenario.error is None or errors["mean"][0] <= scenario.error
    print("  targets met" if fine else "  TARGET MISSED")
    return bool(fine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--scenarios", nargs="*", default=ISSUE, choices=SCENARIOS)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--pymc", type=int, default=0, help="so many seeds, by PyMC-Marketing too")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    fine = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for name in given.scenarios:
            found = map if given.jobs == 1 else pool.map
            fine.append(report(name, list(found(partial(judge, name), seeds))))
            if given.pymc:
                report_pymc(list(found(partial(ask_pymc, name), seeds[: given.pymc])))
            sys.stdout.flush()
    return int(not all(fine))


if __name__ == "__main__":
    sys.exit(main())
