"""Learn Echonest features from FMA's tables; writes _models/echonest.json, .npz and .md.

    python tools/training/train_echonest.py --pairs ../shared/data/features/fma
    python tools/training/train_echonest.py                     # downloads 342 MB, once
    python tools/training/train_echonest.py --fma fma_metadata.zip

With ``--pairs``, from two small tables of 870 songs together; otherwise from all 13,129 songs that
have Echonest features. Only these: the terms of Spotify forbid to train on its content. Errors
are those of songs whose group (album, or artist) no model has seen: five folds of groups, and for
the intervals five more within the four others. Intervals are made from the errors of songs that
have the columns of all blocks, as every recording has; those of songs with one block are of another
model, and made them too narrow where they were counted in.
"""

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from _echonest_card import write_markdown
from _echonest_fit import (
    FOLDS,
    Held,
    Songs,
    fit_all,
    limits,
    nested_coverage,
    predict_held,
    residual_ends,
    weigh,
)
from _echonest_pairs import FEATURES, REMOTE, read_fma, read_pairs
from scipy.stats import spearmanr

from musictools.audio._echonest_model import NAME, STORED, Block, map_quantiles, scale_down

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "musictools" / "audio" / "_models"
#: Least share of the variance that a feature's tier explains.
_TIERS = (("good", 0.5), ("weak", 0.15), ("refused", -np.inf))
_QUANTILES = np.linspace(0, 1, 41)


def main() -> None:
    """Read the command line, learn, print the scores and write the model and its card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=Path, help="folder with the two small tables")
    parser.add_argument("--fma", type=Path, help="fma_metadata.zip, where it is there already")
    parser.add_argument("--out", type=Path, default=MODELS)
    asked = parser.parse_args()
    songs = read_pairs(asked.pairs) if asked.pairs else read_fma(asked.fma)
    blocks, card = learn(songs)
    save(blocks, card, asked.out)
    for name, row in card["features"].items():
        print(name, row["tier"], *(f"{k} {row[k]}" for k in SCORES))


SCORES = (
    *("r2", "mae", "median_mae", "error_90", "spearman"),
    *("coverage", "coverage_all_blocks"),
)
#: Ways to deal groups into folds, over which coverage is averaged.
DEALS = 10


def learn(songs: Songs) -> tuple[list[Block], dict[str, Any]]:
    """Fit everything, and find out what it is worth."""
    everyone = np.arange(len(songs.values))
    judged = everyone[songs.parts[0].known]
    held = predict_held(songs, everyone, judged)
    whole = held.whole
    # One deal of so few groups is luck: the mean of some says how intervals do.
    inside = np.mean([nested_coverage(songs, everyone, judged, deal) for deal in range(DEALS)], 0)
    # Who asks has a recording, and so the columns of all blocks.
    used = held.take(whole)
    ends, weights = residual_ends(songs, used), weigh(songs, held.each, judged)
    features: dict[str, Any] = {}
    for place, name in enumerate(FEATURES):
        row: dict[str, Any] = score(songs, held, place)
        row["coverage"] = _short(inside[:, place].mean())
        row["coverage_all_blocks"] = _short(inside[whole, place].mean())
        row["tier"] = next(tier for tier, least in _TIERS if row["r2"] >= least)
        row["log_offset"] = float(songs.offsets[place])
        row["weights"] = [_short(weight) for weight in weights[:, place]]
        row["residuals"] = [_short(end) for end in ends[:, place]]
        guessed = scale_down(held.scaled, songs.offsets)[:, place]
        row["quantiles"] = {
            "estimate": _quantiles(guessed),
            "echonest": _quantiles(songs.values[judged, place]),
        }
        spread = [map_quantiles(value, row["quantiles"]) for value in guessed]
        row["mae_quantile"] = _short(np.abs(spread - songs.values[judged, place]).mean())
        features[name] = row
    blocks = fit_all(songs, everyone)
    return blocks, {
        "made_by": "tools/training/train_echonest.py",
        "made_on": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "trained_on": {
            "songs": len(everyone),
            "songs_judged": len(judged),
            "songs_judged_with_all_blocks": int(whole.sum()),
            "songs_of_each_block": [int(part.known.sum()) for part in songs.parts],
            "groups_judged": int(np.unique(songs.groups(judged)).size),
            "folds": FOLDS,
            "deals": DEALS,
            "data": REMOTE.citation,
            "address": REMOTE.address,
            "licence": REMOTE.licence,
        },
        "features": features,
        "all_blocks": {name: score(songs, used, i) for i, name in enumerate(FEATURES)},
        "other_blocks": judge_others(songs),
        "blocks": [
            {"columns": list(block.names), "limit": _short(limit)}
            for block, limit in zip(blocks, limits(held), strict=True)
        ],
    }


def score(songs: Songs, held: Held, place: int) -> dict[str, Any]:
    """Errors of one feature on songs held back, beside those of the median."""
    truth = songs.values[held.rows, place]
    guessed = scale_down(held.scaled, songs.offsets)[:, place]
    off = np.abs(truth - guessed)
    return {
        "songs": len(truth),
        "r2": _short(1 - np.square(off).sum() / np.square(truth - truth.mean()).sum()),
        "mae": _short(off.mean()),
        "median_mae": _short(np.abs(truth - np.median(truth)).mean()),
        "error_90": _short(np.quantile(off, 0.9)),
        "spearman": _short(spearmanr(truth, guessed).statistic),
    }


def judge_others(songs: Songs) -> dict[str, Any]:
    """Judge the songs of each other block, in folds of their own."""
    everyone = np.arange(len(songs.values))
    found: dict[str, Any] = {}
    for part in songs.parts[1:]:
        held = predict_held(songs, everyone, everyone[part.known])
        recipe = part.names[0].partition(":")[0]
        found[recipe] = {name: score(songs, held, i) for i, name in enumerate(FEATURES)}
    return found


def save(blocks: list[Block], card: dict[str, Any], folder: Path) -> None:
    """Write numbers and card."""
    arrays: dict[str, npt.NDArray[np.floating]] = {}
    for place, block in enumerate(blocks):
        for name in STORED:
            # Waves were drawn in half precision; single is ample for the rest.
            kind = np.float16 if name in {"waves", "axes"} else np.float32
            arrays[f"{place}_{name}"] = getattr(block, name).astype(kind)
    np.savez_compressed(folder / f"{NAME}.npz", allow_pickle=False, **arrays)
    (folder / f"{NAME}.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    write_markdown(card, folder / f"{NAME}.md")


def _quantiles(values: Floats) -> list[float]:
    return [_short(value) for value in np.quantile(values, _QUANTILES)]


def _short(number: float) -> float:
    return float(f"{number:.4g}")


if __name__ == "__main__":
    main()
