"""How often the intervals of impact() and event_study() hold the truth, and cry wolf.

    python benchmarks/impact.py [--runs 400] [--only default staggered chosen speed] [--methods did]

Each run makes a panel by chance: three common factors (AR(1) of .7) that each series follows with
loadings of its own (normal around 1, sd .5), a level of its own, and noise that lasts (AR(1) of .5,
steps of sd 1). Nothing is done to the treated: `covered` is the share of 90 % intervals that hold
zero; `false` the share of p-values of at most 0.10; `width` the median half width, in sd of the
steps of the noise. A constant effect moves estimate and interval alike (a test shows it), so that
the share that holds it is the same. The standard error of a share of 400 runs near 0.9 is .015.

Scenarios: `default` 30 donors, 60 periods before, 12 after; `short` 16 and 6; `few` 6 donors;
`trend` each series has a straight trend of its own; `heavy` noise from Student's t with 3 degrees
of freedom; `large` the treated series follows the factors twice as strongly as its donors do;
`several` 5 of 35 are treated. Rules were set while looking at seeds below 1000; seeds from 5000 on
are for judging.

`chosen` asks another question: `simulate_panel("campaign", units=40, effect=.06)` with 1 or 5
treated, in per cent of each city's mean before, once of cities that were growing anyway
(`selected`) and once of any (`random`): how often the interval of "synthetic_did" holds the true
effect, and how often `words` says that earlier starts find something (`leaving`); then how often it
says so in the scenarios above, where nothing is wrong. A tenth of `--runs` for each of the two.

`speed` takes the shape of California's tobacco programme (38 donors, 19 years before, 12 after) and
gives the processor seconds of each method with its default inference, and how many times those of
one maximum-likelihood fit by statsmodels (local level, four regressors) that is. Best of `ROUNDS`,
taken in turns. An ordinary machine should stay below half a second each.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import musictools as mt
from musictools.marketing import _estimate
from musictools.marketing._impact import INTERVALS

FIRST_SEED = 5000
ROUNDS = 3
OTHERS = ("staggered", "chosen", "speed")
SCENARIOS: dict[str, dict[str, float]] = {
    "default": {},
    "short": {"before": 16, "after": 6},
    "few": {"donors": 6},
    "trend": {"trend": 0.2},
    "heavy": {"freedom": 3},
    "large": {"larger": 2.0},
    "several": {"treated": 5},
}


def lasting(
    rng: np.random.Generator, shape: tuple[int, int], memory: float, freedom: float | None = None
) -> np.ndarray:
    """AR(1) noise, stationary from the first period on."""
    steps = rng.standard_normal(shape)
    if freedom:
        steps = rng.standard_t(freedom, shape) / np.sqrt(freedom / (freedom - 2))
    noise = np.empty(shape)
    noise[:, 0] = steps[:, 0] / np.sqrt(1 - memory**2)
    for t in range(1, shape[1]):
        noise[:, t] = memory * noise[:, t - 1] + steps[:, t]
    return noise


def panel(
    seed: int,
    *,
    donors: int = 30,
    before: int = 60,
    after: int = 12,
    treated: int = 1,
    trend: float = 0.0,
    freedom: float | None = None,
    larger: float = 1.0,
) -> np.ndarray:
    """Series x periods; the treated come first, and nothing was done to them."""
    rng = np.random.default_rng(seed)
    count, periods = donors + treated, before + after
    factors = lasting(rng, (3, periods), 0.7)
    loadings = rng.normal(1, 0.5, (count, 3))
    loadings[:treated] *= larger
    levels = (
        10
        + rng.normal(0, 2, (count, 1))
        + trend * rng.normal(1, 0.5, (count, 1)) * np.arange(periods)
    )
    return levels + loadings @ factors + lasting(rng, (count, periods), 0.5, freedom)


def long(values: np.ndarray) -> pd.DataFrame:
    count, periods = values.shape
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{n:02d}" for n in range(count)], periods),
            "ds": np.tile(np.arange(periods), count),
            "y": values.ravel(),
        }
    )


def judge(
    scenario: str, runs: int, methods: list[str]
) -> dict[tuple[str, str], list[tuple[float, ...]]]:
    """Coverage, false positives and width of every method and interval."""
    settings = SCENARIOS[scenario]
    treated, before = int(settings.get("treated", 1)), int(settings.get("before", 60))
    names = [f"s{n:02d}" for n in range(treated)]
    found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for run in range(runs):
        values = panel(FIRST_SEED + run, **settings)
        frame = long(values)
        for method in methods:
            for interval in INTERVALS[method]:
                if interval == "jackknife" and treated == 1:
                    continue
                how = {"treated": names, "start": before, "method": method, "interval": interval}
                begun = time.perf_counter()
                null = mt.marketing.impact(frame, **how)
                seconds = time.perf_counter() - begun
                held = null.lo_90 <= 0 <= null.hi_90
                row = (held, null.p_value <= 0.10, (null.hi_90 - null.lo_90) / 2, seconds)
                found.setdefault((method, interval), []).append(row)
    return found


def judge_event_study(runs: int, units: int, *, single: bool) -> np.ndarray:
    """The same for staggered starts: three cohorts, and as many units never treated."""
    rows = []
    for run in range(runs):
        values = panel(FIRST_SEED + run, donors=units - 1, before=20, after=10)
        size = 1 if single else units // 6
        starts = np.full(units, np.nan)
        for number, start in enumerate((14, 18, 22)):
            starts[number * size : (number + 1) * size] = start
        frame = long(values).assign(treated_from=np.repeat(starts, values.shape[1]))
        study = mt.marketing.event_study(frame, rng=run)
        path = study.path[study.path["event_time"] != -1]
        inside = ((path["band_lo_90"] <= 0) & (path["band_hi_90"] >= 0)).all()
        width = (study.hi_90 - study.lo_90) / 2
        held = study.lo_90 <= 0 <= study.hi_90
        rows.append((held, study.p_value <= 0.10, width, inside, study.pre_p_value <= 0.10))
    return np.array(rows, float)


def judge_choice(design: str, runs: int) -> np.ndarray:
    """Whether the interval held the truth, and whether words warned, by panel."""
    rows = []
    for run in range(runs):
        made = mt.datasets.simulate_panel(
            "campaign", units=40, treated=1 if run % 2 == 0 else 5, effect=0.06, design=design,
            rng=run,
        )  # fmt: skip
        table = made.truth["effects"]
        past = table[table["ds"] < made.start].groupby("unique_id")["y"].mean()
        table[["y", "effect"]] *= (100 / table["unique_id"].map(past)).to_numpy()[:, None]
        at_work = table["unique_id"].isin(made.treated) & (table["ds"] >= made.start)
        found = mt.marketing.impact(
            table[["unique_id", "ds", "y"]], treated=made.treated, start=made.start
        )
        true = table.loc[at_work, "effect"].mean()
        rows.append((found.lo_90 <= true <= found.hi_90, "were leaving" in found.words))
    return np.array(rows, float)


def judge_warning(scenario: str, runs: int) -> float:
    """How often words warn of earlier starts where nobody was chosen."""
    settings = SCENARIOS[scenario]
    treated = [f"s{n:02d}" for n in range(int(settings.get("treated", 1)))]
    start = int(settings.get("before", 60))
    said = [
        "were leaving" in mt.marketing.impact(
            long(panel(FIRST_SEED + run, **settings)), treated=treated, start=start
        ).words
        for run in range(runs)
    ]  # fmt: skip
    return float(np.mean(said))


def chosen(runs: int) -> None:
    """Print what a choice does, and how often words warn with and without one."""
    for design in ("selected", "random"):
        rows = judge_choice(design, runs)
        held, warned = rows.mean(axis=0)
        held_if = [rows[rows[:, 1] == said, 0].mean() for said in (0, 1)]
        print(f"{design:8} covered {held:.3f}  leaving {warned:.3f}  covered where it does not / "
              f"does say so {held_if[0]:.3f} / {held_if[1]:.3f}", flush=True)  # fmt: skip
    for scenario in SCENARIOS:
        print(f"{scenario:8} leaving {judge_warning(scenario, runs):.3f}", flush=True)


def speed() -> None:
    """Print what a fit with its inference costs, beside one fit by statsmodels."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    values = panel(FIRST_SEED, donors=38, before=19, after=12)
    frame = long(values)

    def by_statsmodels() -> None:
        local = UnobservedComponents(values[0, :19], "llevel", exog=values[1:5, :19].T)
        local.fit(disp=False)

    def ours(method: str) -> Callable[[], object]:
        return lambda: mt.marketing.impact(frame, treated="s00", start=19, method=method)

    fits = {"statsmodels": by_statsmodels} | {method: ours(method) for method in INTERVALS}
    took_s: dict[str, list[float]] = {name: [] for name in fits}
    for _ in range(ROUNDS):
        for name, fit in fits.items():
            begun = time.process_time()
            fit()
            took_s[name].append(time.process_time() - begun)
    least_s = {name: min(each) for name, each in took_s.items()}
    for name, seconds in least_s.items():
        ratio = seconds / least_s["statsmodels"]
        print(f"speed    {name:28} {seconds:.3f} s  {ratio:.1f} x statsmodels", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--only", nargs="*", default=[*SCENARIOS, *OTHERS])
    parser.add_argument("--methods", nargs="*", default=list(INTERVALS))
    asked = parser.parse_args()
    if "chosen" in asked.only:
        chosen(max(10, asked.runs // 10))
    if "speed" in asked.only:
        speed()
    # Earlier starts are no part of the interval, and cost most of the time.
    _estimate._EARLIER = 0  # noqa: SLF001
    for scenario in [each for each in asked.only if each not in ("chosen", "speed")]:
        if scenario == "staggered":
            for units, single in ((36, False), (12, True)):
                shares = judge_event_study(asked.runs, units, single=single)
                named = ("covered", "false", "width", "band", "false_pre")
                told = dict(zip(named, shares.mean(axis=0).round(3).tolist(), strict=True))
                print(f"staggered, {units} units, {'one' if single else units // 6} a cohort", told)
            continue
        for (method, interval), rows in judge(scenario, asked.runs, asked.methods).items():
            held, wolf, _, seconds = np.mean(rows, axis=0)
            width = np.median([row[2] for row in rows])
            print(f"{scenario:8} {method:28} {interval:10} covered {held:.3f}  false {wolf:.3f}"
                  f"  width {width:.2f}  {seconds:.3f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
