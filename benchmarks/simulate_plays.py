"""How fast a simulated service is written to Parquet, and in how much memory.

    python benchmarks/simulate_plays.py [--plays N] [--jobs N]

Prints rows a second, the same for each processor second (waiting aside, what one core does), the
peak of the process's memory, and bytes a row on disk. The target is a million rows for each
processor second, in memory that does not grow with the rows.
"""

import argparse
import sys
import tempfile
import time

from peak import peak_mib

import musictools as mt

TARGET = 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plays", type=int, default=10_000_000)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    # The first call loads what is imported when it is needed.
    mt.datasets.simulate_plays(1_000, rng=0)
    before = peak_mib()
    with tempfile.TemporaryDirectory() as folder:
        wall, spent = time.perf_counter(), time.process_time()
        made = mt.datasets.simulate_plays(given.plays, out=folder, jobs=given.jobs, rng=1)
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
        assert made.path is not None
        size = (made.path / "plays.parquet").stat().st_size
    print(f"{made!r}, jobs={given.jobs}")
    print(f"{given.plays / wall:,.0f} rows/s, {given.plays / spent:,.0f} rows per processor second")
    print(f"peak {peak_mib():,.0f} MiB, of which {before:,.0f} MiB before; {wall:.1f} s")
    print(f"{size / given.plays:.1f} bytes a row on disk")
    return int(given.plays / spent < TARGET)


if __name__ == "__main__":
    sys.exit(main())
