"""How well forecast() does beside naive and the classical models, on charts and simulated streams.

    python benchmarks/forecast.py [--ends DAY ...] [--seeds N ...] [--many] [--peers 60]
        [--dropout]

Charts: artists and songs of the Hot 100 as points (101 less the rank, summed for artists; none: 0),
four years before the end; artists that charted in the two years before the first origin, songs that
came in the year before it, drawn by seed. They are in
../shared/data/trends, no part of the product.
Streams: `mt.datasets.simulate_streams`, seven laws of which one is a random walk.
Horizon 8 weeks, origins 8 weeks apart; models, weights and intervals are made anew at each origin.
Everything was tuned on charts up to 2013 and on seeds below 100 and 200 to 204; judged on the ends
and seeds that are the defaults here. Exits with 1 where a target is missed.

What was seen when tuning (three streams, three charts, three origins; mae to naive): variance
ratios among the features brought the walk from 1.05 to 1.03 by boosting alone. Weights, streams |
charts: own past and that of all as twelve origins 0.33 | 0.81 (`release` 1.02, on 42 series of all
families 1.46); own ones only where better by a standard error 0.38 | 0.82; by empirical Bayes 0.33
| 0.81; the best of all for every series 0.38 | 0.78, walk 1.03; half of each of the last two, which
is taken, 0.34 | 0.79, no family above 0.99. Some thirty rules were tried. On four streams and two
charts left over (without the variance ratios) it has 0.45 | 0.73, the first 0.41 | 0.73. On eight
panels of forty series that fade all five lie at 0.96 to 0.99; on one alone, such as that of the
test (0.99 to 1.02), there is nothing to tell. Classes by swing brought coverage of streams from
0.948 to 0.935, scores of the later half of the origins to 0.925 (charts 0.923 by both; `niche` from
0.90 to 0.86); classes by age or level, and the sides apart, left `niche` at 0.75 to 0.89 and cost
pinball. Drop-out, three splits before 2014: 0.908 at first; more windows, younger ones, deeper
trees 0.899; three models 0.897, of more and younger windows yet 0.889; a direct model of absolute
errors 0.918.

Judged once with the code of its day, streams of seeds 300 to 304 had mae 0.331, pinball 0.301,
cover 0.920, charts to 2018-09-29 (seed 300, 600 series) 0.792, 0.663, 0.898; charts to 2016-09-24
with weights before that 0.781, 0.634, 0.867. Since then the order of rows was taken out of the
numbers and bins of features are found once for all models of a fit; nothing was chosen by these
figures. The same ends and seeds again: streams mae 0.338, pinball 0.301, cover 0.918; families
adoption 0.837, catalogue 0.872, christmas 0.175, niche 0.957 (but pinball 1.209), release 0.975,
viral 0.898, walk 1.011; the whole is ruled by `christmas`, the mean of the other six is 0.93; of
one seed alone walk reached 1.06. Charts to 2018-09-29 0.800 (artists 0.869, songs 0.719), pinball
0.665, cover 0.903; to 2016-09-24 0.712, 0.565, 0.919. A new seed, 310: 0.359, 0.345, 0.933 (of one
seed; wanted at most 0.93), no family above 0.99. Drop-out after the 8th chart week 0.907, after the
12th 0.850. A thousand series of 170 weeks: 7 to 14 CPU s. Beside the classical ones, twenty series
each, seed 310 and charts to 2016-09-24: streams mae ours 0.82, ETS 0.96, Theta 1.00, ARIMA 1.05;
charts ours 0.68, ETS 0.97, Theta 1.23 (ARIMA not waited for; of six series with earlier models ours
1.00, ARIMA 0.89).

`mae` and `pinball` are ratios to naive with each series' own empirical residual quantiles; `cover`
is of 90 % intervals, series above zero at the origin and at zero apart. --many judges 17
half-yearly ends, one origin each. --peers shows AutoETS, AutoTheta and AutoARIMA (statsforecast) on
so many series of each kind, and ours on the same. --dropout: points of songs 1 to 4 weeks after
their 8th and 12th chart week, learned from debuts since 2000 up to 2013, judged on debuts from 2014
on.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import musictools as mt

SHARED = Path(os.environ.get("MUSICTOOLS_SHARED") or Path(__file__).resolve().parents[2] / "shared")
HORIZON = 8
WEEK = pd.Timedelta(days=7)
#: Targets: ratios to naive (all, any group, pinball, drop-out), and coverage of 90 % intervals.
MOST_MAE, MOST_GROUP, MOST_PINBALL, MOST_DROPOUT = 0.95, 1.05, 0.90, 0.92
COVER = (0.87, 0.93)
PEERS = ("ets", "theta", "arima")


def hot100() -> pd.DataFrame:
    rows = pd.read_parquet(SHARED / "data" / "trends" / "hot100_1958_2019.parquet")
    rows["ds"] = pd.to_datetime(rows["date"])
    rows["y"] = 101.0 - rows["rank"]
    return rows


def charts(
    rows: pd.DataFrame, end: pd.Timestamp, origins: int, count: int, seed: int
) -> pd.DataFrame:
    """Long frames of artists and of songs; chosen by what was known at the first origin."""
    rows = rows[(rows["ds"] <= end) & (rows["ds"] > end - 208 * WEEK)]
    first = end - origins * HORIZON * WEEK
    known = rows[rows["ds"] <= first]
    rng = np.random.default_rng(seed)
    parts = []
    for kind, back in (("artist", 104), ("song", 52)):
        names = rows["artist"] if kind == "artist" else rows["song"] + " | " + rows["artist"]
        own = names[known.index]
        began = known["ds"].groupby(own).min()
        recent = known["ds"].groupby(own).max() if kind == "artist" else began
        able = np.sort(recent.index[recent > first - back * WEEK].to_numpy(dtype=object))
        chosen = set(rng.choice(able, min(count, len(able)), replace=False))
        mine = rows.assign(unique_id=kind + ": " + names)[names.isin(chosen)]
        parts.append(mine.groupby(["unique_id", "ds"], as_index=False)["y"].sum())
    whole = pd.concat(parts)
    # Every series goes on at zero to the last chart.
    ends = whole.groupby("unique_id", as_index=False)["y"].first().assign(ds=end, y=0.0)
    return pd.concat([whole, ends]).drop_duplicates(["unique_id", "ds"])


def losses(rows: pd.DataFrame) -> pd.DataFrame:
    y, low, high = rows["y"], rows["lo_90"], rows["hi_90"]
    miss = (y - rows["y_hat"]).abs()
    under, over = y - low, y - high
    sides = np.maximum(0.05 * under, -0.95 * under) + np.maximum(0.95 * over, -0.05 * over)
    return rows.assign(miss=miss, pinball=(miss / 2 + sides) / 3, held=(y >= low) & (y <= high))


def told(name: str, rows: pd.DataFrame, method: str) -> tuple[float, float, float]:
    """Print and give ratios of errors and pinball losses to naive, and coverage where active."""
    mine = losses(rows[rows["method"] == method])
    naive = losses(rows[rows["method"] == "naive"])
    active, gone = mine[mine["active"]], mine[~mine["active"]]
    mae = mine["miss"].sum() / max(naive["miss"].sum(), 1e-9)
    pinball = mine["pinball"].sum() / max(naive["pinball"].sum(), 1e-9)
    plain = naive.loc[naive["active"], "held"].mean()
    print(
        f"{name:<12} {method:<12} {mine['unique_id'].nunique():>5} series  mae {mae:.3f}  "
        f"pinball {pinball:.3f}  cover active {active['held'].mean():.3f} (naive {plain:.3f}), "
        f"gone {gone['held'].mean():.3f}"
    )
    return mae, pinball, float(active["held"].mean())


def judged(title: str, rows: pd.DataFrame) -> list[str]:
    """Give what misses its target, of all runs of a kind together."""
    print(f"\n{title}: all runs together")
    mae, pinball, cover = told("all", rows, "combination")
    missed = [] if mae <= MOST_MAE else [f"{title}: mae {mae:.3f}, wanted {MOST_MAE}"]
    if pinball > MOST_PINBALL:
        missed.append(f"{title}: pinball {pinball:.3f}, wanted {MOST_PINBALL}")
    if not COVER[0] <= cover <= COVER[1]:
        missed.append(f"{title}: cover {cover:.3f}, wanted {COVER}")
    for group, own in rows.groupby("group"):
        mae = told(str(group), own, "combination")[0]
        if mae > MOST_GROUP:
            missed.append(f"{title}, {group}: mae {mae:.3f}, wanted {MOST_GROUP}")
    return missed


def run(
    series: pd.DataFrame, groups: Any, title: str, *, origins: int, peers: int, gaps: str
) -> pd.DataFrame:
    clock, cpu = time.perf_counter(), time.process_time()
    tested = mt.trends.backtest(series, HORIZON, origins=origins, gaps=gaps, rng=0)
    wall, cpu = time.perf_counter() - clock, time.process_time() - cpu
    count = series["unique_id"].nunique()
    each = 1000 * cpu / count / origins
    print(
        f"\n{title}: {count} series, {origins} origins, {wall:.0f} s ({each:.1f} CPU s a thousand)"
    )
    print(tested.verdict)
    rows = tested.forecasts.assign(group=tested.forecasts["unique_id"].map(groups))
    told("all", rows, "combination")
    for group, own in rows.groupby("group"):
        told(group, own, "combination")
    if peers:
        beside(series, rows, origins, peers, gaps)
    return rows


def beside(series: pd.DataFrame, rows: pd.DataFrame, origins: int, count: int, gaps: str) -> None:
    """Ask classical models about some series that were active at an origin."""
    able = np.sort(rows.loc[rows["active"], "unique_id"].unique().astype(str))
    chosen = np.random.default_rng(0).choice(able, min(count, len(able)), replace=False)
    some = series[series["unique_id"].isin(chosen)]
    told("same series", rows[rows["unique_id"].isin(chosen)], "combination")
    for peer in PEERS:
        cpu = time.process_time()
        tested = mt.trends.backtest(some, HORIZON, origins=origins, gaps=gaps, method=peer, rng=0)
        told("same series", tested.forecasts, peer)
        print(f"{'':<12} {time.process_time() - cpu:.0f} CPU s, intervals by past origins and all")


def many(rows: pd.DataFrame, args: argparse.Namespace) -> None:
    parts = []
    for end in pd.date_range(end=args.ends[-1], periods=17, freq="182D"):
        last = rows.loc[rows["ds"] <= end, "ds"].max()
        series = charts(rows, last, 1, args.count, args.seeds[0])
        tested = mt.trends.backtest(series, HORIZON, origins=1, gaps="zero", rng=0)
        print(f"{last:%Y-%m-%d}  skill {tested.skill:.3f}", flush=True)
        parts.append(tested.forecasts)
    whole = pd.concat(parts)
    told("17 ends", whole, "combination")
    for kind in ("artist", "song"):
        told(kind, whole[whole["unique_id"].str.startswith(kind)], "combination")


def dropout(rows: pd.DataFrame, week: int) -> list[str]:
    """Learn from songs that came before 2014; judge later ones after some week on the chart."""
    from musictools.trends._dropout import fit_survival
    from musictools.trends._forecast_features import states
    from musictools.trends._read_series import read_series

    rows = rows.assign(unique_id=rows["song"] + " | " + rows["artist"])
    began = rows.groupby("unique_id")["ds"].transform("min")
    split = pd.Timestamp("2014-01-01")
    columns = ["unique_id", "ds", "y"]
    early = rows[(began >= "2000-01-01") & (began < split) & (rows["ds"] < split)]
    learned = read_series(early[columns], "learn", gaps="zero")
    model = fit_survival(
        states(learned),
        4,
        (0.05, 0.95),
        hidden=0,
        rng=np.random.default_rng(0),
        chart="hot_100",
        clock=learned.clock,
    )
    late = rows[began >= split].sort_values("ds")
    reached = late[late.groupby("unique_id").cumcount() == week - 1].set_index("unique_id")["ds"]
    reached = reached[reached <= rows["ds"].max() - 4 * WEEK]
    mine = late[late["unique_id"].isin(reached.index)]
    known = mine[mine["ds"] <= mine["unique_id"].map(reached)]
    # Weeks off the chart before that one are zeros; each series ends at its own.
    filled = (
        known.set_index("ds")
        .groupby("unique_id")["y"]
        .apply(lambda y: y.asfreq("7D", fill_value=0))
    )
    panel = read_series(filled.reset_index(), "judge")
    points = mine.set_index(["unique_id", "ds"])["y"].to_dict()
    truth = np.array(
        [[points.get((n, reached[n] + k * WEEK), 0.0) for k in range(1, 5)] for n in panel.names]
    )
    count, width = panel.y.shape
    said = model.predict(states(panel), np.arange(count), np.full(count, width - 1), 4)
    naive = np.abs(truth - panel.y[:, -1:])
    miss = np.abs(truth - said.middle)
    held = (truth >= said.sides[0.05]) & (truth <= said.sides[0.95])
    by = ", ".join(f"{ratio:.3f}" for ratio in miss.mean(0) / naive.mean(0))
    ratio = miss.mean() / naive.mean()
    print(
        f"\ndrop-out after week {week}: {count} songs, naive {naive.mean():.2f} points, "
        f"ratio {ratio:.3f} (weeks 1-4: {by}), cover {held.mean():.3f}"
    )
    return (
        [] if ratio <= MOST_DROPOUT else [f"drop-out, {week}: {ratio:.3f}, wanted {MOST_DROPOUT}"]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--ends", nargs="+", default=["2016-09-24", "2018-09-29"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[300, 301, 302, 303, 304])
    parser.add_argument("--origins", type=int, default=3)
    parser.add_argument("--count", type=int, default=300, help="artists, and songs")
    parser.add_argument("--many", action="store_true")
    parser.add_argument("--peers", type=int, default=0)
    parser.add_argument("--dropout", action="store_true")
    args = parser.parse_args()
    shared = {"origins": args.origins, "peers": args.peers}
    parts = []
    for seed in args.seeds:
        made = mt.datasets.simulate_streams(560, weeks=170, rng=seed)
        families = made.tracks.set_index("unique_id")["family"]
        title = f"simulated streams, seed {seed}"
        parts.append(run(made.series, families, title, gaps="error", **shared))
    missed = judged("simulated streams", pd.concat(parts))
    if SHARED.is_dir():
        missed += on_charts(args, shared)
    else:
        print("no charts: neither MUSICTOOLS_SHARED nor ../shared is there")
    print("\n" + ("\n".join(["missed:", *missed]) if missed else "every target is met"))
    sys.exit(bool(missed))


def on_charts(args: argparse.Namespace, shared: dict[str, int]) -> list[str]:
    """Judge charts at each end, with another draw of series for each."""
    rows = hot100()
    parts = []
    for number, day in enumerate(args.ends):
        end = rows.loc[rows["ds"] <= pd.Timestamp(day), "ds"].max()
        series = charts(rows, end, args.origins, args.count, args.seeds[0] + number)
        kinds = {name: name.split(":")[0] for name in series["unique_id"].unique()}
        title = f"Hot 100 to {end:%Y-%m-%d}"
        parts.append(run(series, kinds, title, gaps="zero", **shared))
    missed = judged("Hot 100", pd.concat(parts))
    if args.many:
        many(rows, args)
    for week in (8, 12) if args.dropout else ():
        missed += dropout(rows, week)
    return missed


if __name__ == "__main__":
    main()
