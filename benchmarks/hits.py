"""How often HitModel is right about sound, where it is known what sound has to do with hits.

    python benchmarks/hits.py            # 40 worlds of each kind, some fifteen minutes
    python benchmarks/hits.py --worlds 5

Prints, for each kind of world, how many of its songs' tables get each verdict, and how many would
have got ``adds`` by the interval of the gain alone.
"""

import argparse
import time
from collections import Counter

import musictools as mt

#: Effect of sound, how much of fame can be heard, and what sound and hits follow alike.
KINDS = {
    "sound is nothing": {"effect": 0.0, "house_sound": 0.0},
    "sound tells fame": {"effect": 0.0, "house_sound": 0.6},
    "a wave": {"effect": 0.0, "house_sound": 0.6, "fashion": "wave"},
    "eras": {"effect": 0.0, "house_sound": 0.6, "fashion": "eras"},
    "seasons": {"effect": 0.0, "house_sound": 0.6, "fashion": "seasons"},
    "effect of 0.4": {"effect": 0.4, "house_sound": 0.6},
    "effect of 0.8": {"effect": 0.8, "house_sound": 0.6},
}


def main() -> None:
    """Read the command line, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--songs", type=int, default=900)
    asked = parser.parse_args()
    for name, how in KINDS.items():
        begun = time.process_time()
        verdicts: Counter[str] = Counter()
        for seed in range(asked.worlds):
            made = mt.datasets.simulate_hits(
                asked.songs, artists=asked.songs // 6, rng=100 + seed, **how
            )
            report = mt.trends.HitModel(rng=seed).fit(made.features, made.songs).report_
            verdicts[report.verdict] += 1
            both = report.scores.set_index("model").loc["both"]
            verdicts["gain alone"] += bool(both["gain_lo"] > 0)
        told = ", ".join(f"{k} {verdicts[k]}" for k in ("adds", "nothing", "unclear", "gain alone"))
        spent = (time.process_time() - begun) / asked.worlds
        print(f"{name}, {asked.worlds} worlds: {told}; {spent:.1f} s of CPU each", flush=True)


if __name__ == "__main__":
    main()
