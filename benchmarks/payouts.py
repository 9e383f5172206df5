"""What three payout rules cost on many plays, beside the same written by hand.

    python benchmarks/payouts.py [--rows N ...] [--rounds N] [--folder FOLDER]

Plays of a simulated service are written to Parquet; pro-rata, user-centric and ScaledUserProp (at
0.7) are computed from the file together. Ours: ``mt.economics.compare`` of a DuckDB relation, and
of a lazy frame of polars. By hand: SQL in DuckDB, and polars streaming, which keep plays as they
are, as ours do; and SQL that sums plays to pairs of a user and an artist first, as most scripts do.
Each runs in a process of its own, in turns; packages are imported and tried on a thousand rows
before the clock starts, for all alike. Payouts must agree to 1e-9. Our processor time may be 1.5
times that of the same engine by hand from ten million plays on (below, what is measured is the
twentieth of a second that it takes to check the table), and our peak 4 GiB; what else the machine
does disturbs the wall clock. From each size to the next, cost may grow 1.5 times as much as the
rows.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from peak import peak_mib

TARGET, MEMORY_MIB, GROWTH, AGREE = 1.5, 4096, 1.5, 1e-9
ALPHA, WARM_ROWS = 0.7, 1_000
JUDGED_ROWS = 10_000_000
#: What each way is compared with; ours are held to it.
OURS = ("ours, DuckDB", "ours, polars")
PEER = {"ours, polars": "polars by hand", "polars by hand": "polars by hand"}

#: Plays and, for each user, what a play brings by the user-centric rule and by ScaledUserProp.
EVENTS = f"""
CREATE TEMP TABLE totals AS
    SELECT user_id, count(*)::DOUBLE AS t FROM plays GROUP BY user_id;
CREATE TEMP TABLE gamma AS
    WITH ranked AS (
        SELECT t, row_number() OVER (ORDER BY t DESC) - 1 AS used_up,
            sum(t) OVER (ORDER BY t DESC ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest
        FROM totals),
    aim AS (SELECT {ALPHA} * count(*) AS aim FROM totals)
    SELECT (aim - used_up) / rest AS gamma FROM ranked, aim
    WHERE used_up + rest / t >= aim ORDER BY t DESC LIMIT 1;
"""
EVENT_PAYOUTS = """
WITH users AS (
    SELECT user_id, 1 / t AS whole, least(gamma, 1 / t) AS scaled FROM totals, gamma)
SELECT artist_id, count(*)::DOUBLE * (SELECT count(*) / sum(t) FROM totals) AS pro_rata,
    sum(whole) AS user_centric, sum(scaled) AS scaled_user_prop
FROM plays JOIN users USING (user_id) GROUP BY artist_id
"""
PAIR_PAYOUTS = """
WITH pairs AS (
    SELECT user_id, artist_id, count(*)::DOUBLE AS n FROM plays GROUP BY user_id, artist_id),
parts AS (
    SELECT artist_id, n, t, n / t AS part
    FROM (SELECT *, sum(n) OVER (PARTITION BY user_id) AS t FROM pairs))
SELECT artist_id, sum(n) * (SELECT count(*) / sum(t) FROM totals) AS pro_rata,
    sum(part) AS user_centric, sum(part * least(gamma * t, 1)) AS scaled_user_prop
FROM parts, gamma GROUP BY artist_id
"""


def ours_duckdb(path: Path) -> object:
    """Ours, of a relation."""
    import duckdb

    connection = duckdb.connect()
    return ours(connection.read_parquet(str(path))).to_arrow_table()


def ours_polars(path: Path) -> object:
    """Ours, of a lazy frame."""
    import polars as pl

    return ours(pl.scan_parquet(path)).collect().to_arrow()


def ours(plays: object) -> object:
    import musictools as mt

    rules = mt.economics.rules
    chosen = [rules.pro_rata(), rules.user_centric(), rules.scaled_user_prop(ALPHA)]
    return mt.economics.compare(plays, chosen)


def duckdb_events(path: Path) -> object:
    """SQL that keeps plays as they are."""
    return sql(path, EVENT_PAYOUTS)


def duckdb_pairs(path: Path) -> object:
    """SQL that sums to pairs first."""
    return sql(path, PAIR_PAYOUTS)


def sql(path: Path, payouts: str) -> object:
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW plays AS SELECT * FROM read_parquet('{path}')")
    connection.execute(EVENTS)
    return connection.sql(payouts).to_arrow_table()


def polars_events(path: Path) -> object:
    """The same in polars, streaming."""
    import polars as pl

    plays = pl.scan_parquet(path)
    totals = plays.group_by("user_id").agg(t=pl.len().cast(pl.Float64))
    users = totals.collect(engine="streaming").sort("t", descending=True)
    played, aim = users["t"].to_numpy(), ALPHA * len(users)
    used_up, rest = np.arange(len(played)), np.cumsum(played[::-1])[::-1]
    place = int(np.argmax(used_up + rest / played >= aim))
    gamma = (aim - used_up[place]) / rest[place]
    users = users.select(
        "user_id", whole=1 / pl.col("t"), scaled=pl.min_horizontal(gamma, 1 / pl.col("t"))
    )
    stream = len(users) / float(played.sum())
    paid = plays.join(users.lazy(), on="user_id").group_by("artist_id")
    return (
        paid.agg(
            pro_rata=pl.len().cast(pl.Float64) * stream,
            user_centric=pl.col("whole").sum(),
            scaled_user_prop=pl.col("scaled").sum(),
        )
        .collect(engine="streaming")
        .to_arrow()
    )


WAYS: dict[str, Callable[[Path], object]] = {
    "ours, DuckDB": ours_duckdb,
    "DuckDB by hand": duckdb_events,
    "ours, polars": ours_polars,
    "polars by hand": polars_events,
    "DuckDB in pairs": duckdb_pairs,
}


def write(folder: Path, rows: int) -> Path:
    """Write plays, and a thousand of them to try on."""
    import duckdb

    import musictools as mt

    path = folder / f"{rows}" / "plays.parquet"
    if not path.exists():
        mt.datasets.simulate_plays(rows, out=path.parent, rng=0)
    few = f"SELECT * FROM read_parquet('{path}') LIMIT {WARM_ROWS}"
    duckdb.sql(few).write_parquet(str(path.with_name("few.parquet")))
    return path


def child(way: str, path: Path) -> dict[str, object]:
    """Compute, and say what it cost and what came out."""
    WAYS[way](path.with_name("few.parquet"))
    wall, spent = time.perf_counter(), cpu()
    found = WAYS[way](path)
    wall, spent = time.perf_counter() - wall, cpu() - spent
    table = found.to_pandas()  # type: ignore[attr-defined]
    # Dictionaries come in an order of their own.
    table = table.set_index(table["artist_id"].astype(str)).sort_index()
    columns = ("pro_rata", "user_centric", "scaled_user_prop")
    with path.with_name(f"{way}.npy").open("wb") as out:
        np.save(out, table[list(columns)].to_numpy())
    return {"wall": wall, "cpu": spent, "mib": peak_mib()}


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(way: str, path: Path) -> dict[str, float]:
    """Run one way in a process of its own."""
    command = [sys.executable, __file__, "--way", way, str(path)]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    told: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return told


def measure(path: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Run all ways in turns, and give medians of time and the largest peak."""
    told: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for i in range(rounds):
        # Forward and back, so that no way always follows the same one.
        for way in list(WAYS) if i % 2 == 0 else reversed(list(WAYS)):
            told[way].append(run(way, path))
    return {
        way: {
            "cpu": statistics.median(each["cpu"] for each in runs),
            "wall": statistics.median(each["wall"] for each in runs),
            "mib": max(each["mib"] for each in runs),
        }
        for way, runs in told.items()
    }


def differences(path: Path) -> dict[str, float]:
    """Give the largest relative difference from what SQL by hand pays."""
    right = np.load(path.with_name("DuckDB by hand.npy"))
    found = {way: np.load(path.with_name(f"{way}.npy")) for way in WAYS}
    return {way: float(np.max(np.abs(each / right - 1))) for way, each in found.items()}


def report(rows: int, path: Path, rounds: int) -> tuple[list[str], dict[str, float]]:
    """Measure one size, print it, and give what was missed and processor seconds by way."""
    measured, apart = measure(path, rounds), differences(path)
    print(f"\n{rows:,} plays, {path.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} cores")
    print(
        f"{'':<16}{'cpu s':>8}{'wall s':>8}{'MiB':>7}{'by hand: cpu':>14}{'wall':>7}{'differs':>9}"
    )
    missed = []
    for way, cost in measured.items():
        line = f"{way:<16}{cost['cpu']:>8.2f}{cost['wall']:>8.2f}{cost['mib']:>7.0f}"
        peer = measured[PEER.get(way, "DuckDB by hand")]
        ratio, waited = cost["cpu"] / peer["cpu"], cost["wall"] / peer["wall"]
        print(f"{line}{ratio:>13.2f}x{waited:>6.2f}x{apart[way]:>9.0e}", flush=True)
        if way in OURS and rows >= JUDGED_ROWS and ratio > TARGET:
            missed.append(f"{rows:,} plays, {way}: {ratio:.2f} times the processor time by hand")
        if way in OURS and cost["mib"] > MEMORY_MIB:
            missed.append(f"{rows:,} plays, {way}: {cost['mib']:.0f} MiB")
        if apart[way] > AGREE:
            missed.append(f"{rows:,} plays, {way}: other payouts, by {apart[way]:.0e}")
    return missed, {way: cost["cpu"] for way, cost in measured.items()}


def main() -> int:
    """Compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000, 100_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", help="where files are kept, 12 bytes a row; by default a temporary one"
    )
    asked = parser.parse_args()
    missed: list[str] = []
    before: tuple[int, dict[str, float]] | None = None
    with tempfile.TemporaryDirectory() as temporary:
        for rows in sorted(asked.rows):
            path = write(Path(asked.folder or temporary), rows)
            problems, costs = report(rows, path, asked.rounds)
            missed += problems
            if before:
                more = rows / before[0]
                for way in OURS:
                    growth = costs[way] / before[1][way]
                    print(f"{way}: {growth:.1f} times the cost of {before[0]:,} plays")
                    if growth > GROWTH * more:
                        missed.append(f"{way}: cost grew {growth:.1f} times, rows {more:.0f}")
            before = rows, costs
    print("\n" + "\n".join(f"missed: {each}" for each in missed or ["nothing"]))
    return int(bool(missed))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        print(json.dumps(child(sys.argv[2], Path(sys.argv[3]))))
    else:
        sys.exit(main())
