"""What reading a statement costs, beside DuckDB reading the same file as text.

    python benchmarks/imports.py [--gigabytes N] [--rounds N] [--broken N]

A statement of DistroKid's shape is written, of the given size, with some lines broken on purpose.
Text: ``CREATE TABLE ... AS SELECT * FROM read_csv(path, all_varchar=true)`` into a database file,
with DuckDB as it comes. Ours: ``mt.collect.read(path, into=...)`` with its progress bar, that is
exact amounts, checked and normalised cells, and each broken line told with its number. Each runs in
a process of its own, in turns; the medians' ratio has to be 0.8 or more, and our memory must stay
below a gigabyte.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from peak import peak_mib

TARGET, MEMORY_MIB = 0.8, 1024
HEADER = (
    "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\tTeam Percentage\t"
    "Song/Album\tCountry of Sale\tSongwriter Royalties Withheld\tEarnings (USD)\n"
)


def write(path: Path, gigabytes: float, broken: int) -> tuple[int, str]:
    """Write a statement, and give the number of its good lines and their exact sum."""
    rng = np.random.default_rng(0)
    stores = ["Ebbtide", "Sprocket", "Pomelo", "Sprocket (Ads)", "Ebbtide Shorts"]
    countries = ["US", "DE", "GB", "BR", "JP", "MX", "SE", "FR"]
    lines, pico, size = 0, 0, int(gigabytes * 1e9)
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        while out.tell() < size:
            n = 100_000
            song, store, month = rng.integers(0, [[5000], [5], [12]], (3, n))
            plays, place, paid = rng.integers(1, [[5000], [9], [3 * 10**12]], (3, n))
            out.writelines(
                f"2025-{m + 1:02}-20\t2025-{m + 1:02}\t{stores[s]}\tArtist No. {t % 500}\t"
                f"A Song of Some Length {t}\tXXABC25{t:05}\t20{t:010}\t{q}\t100\tSong\t"
                f"{countries[c - 1]}\t0\t{p // 10**12}.{p % 10**12:012}\n"
                for t, s, m, q, c, p in zip(
                    *(each.tolist() for each in (song, store, month, plays, place, paid)),
                    strict=True,
                )
            )
            lines, pico = lines + n, pico + int(paid.sum())
        for i in range(broken):
            out.write(f"2025-01-20\t2025-01\tEbbtide\tArtist\tBroken {i}\tno amount\n")
    return lines, f"{pico // 10**12}.{pico % 10**12:012}"


def text(path: Path, folder: Path) -> dict[str, float | str]:
    """Read it as text."""
    import duckdb

    connection = duckdb.connect(str(folder / "text.duckdb"))
    options = "all_varchar=true, ignore_errors=true"
    connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}', {options})")
    connection.execute("CHECKPOINT")
    return {"lines": connection.execute("SELECT count(*) FROM t").fetchall()[0][0]}


def ours(path: Path, folder: Path) -> dict[str, float | str]:
    """Read it as a statement."""
    import musictools as mt

    result = mt.collect.read(path, into=folder / "ours.duckdb", progress=True)
    return {
        "lines": int(result.totals["rows"].sum()),
        "net": str(result.totals["net"].sum()),
        "problems": len(result.problems),
    }


def run(way: str, path: Path) -> dict[str, float | str]:
    """Run one way in a process of its own, into a fresh database."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        command = [sys.executable, __file__, "--way", way, str(path), folder]
        said = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        )
    return json.loads(said.stdout.splitlines()[-1])


def child(way: str, path: str, folder: str) -> None:
    """Do it, and say how long it took and how much memory."""
    start = time.perf_counter()
    said = {"text": text, "ours": ours}[way](Path(path), Path(folder))
    said["seconds"] = time.perf_counter() - start
    said["mib"] = peak_mib()
    print(json.dumps(said))


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--broken", type=int, default=100)
    parser.add_argument("--folder", help="where there is room; by default the temporary folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "statement.tsv"
        lines, paid = write(path, asked.gigabytes, asked.broken)
        print(f"{path.stat().st_size / 1e9:.2f} GB, {lines:,} lines, {os.cpu_count()} cores")
        times: dict[str, list[float]] = {"text": [], "ours": []}
        for i in range(asked.rounds):
            for way in ("text", "ours") if i % 2 == 0 else ("ours", "text"):
                said = run(way, path)
                times[way].append(float(said["seconds"]))
                print(way, {k: round(v, 1) if isinstance(v, float) else v for k, v in said.items()})
                assert said["lines"] == lines
                if way == "ours":
                    assert said["net"].rstrip("0") == paid.rstrip("0"), (said["net"], paid)
                    assert said["problems"] == asked.broken
                    assert float(said["mib"]) <= MEMORY_MIB, "more than a gigabyte"
        ratio = statistics.median(times["text"]) / statistics.median(times["ours"])
        print(f"ratio {ratio:.2f}, wanted {TARGET} or more")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        child(*sys.argv[2:5])
    else:
        main()
