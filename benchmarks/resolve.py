"""How right resolution is, beside plain rapidfuzz, and what a million rows against a million cost.

    python benchmarks/resolve.py [--rows N] [--seeds A B ...] [--no-isrc] [--no-plain]

Gold pairs come from made-up catalogues (see catalogues.py): the second is the first as others would
spell it, by the stated rates. For each kind of change it prints precision (of the lines that are
said to be matched), recall (of the true pairs) and abstention (left rows that are put to a person);
``absent`` are left rows that have none on the right. Plain is ``token_set_ratio`` on "artist
title", the best of all right rows, with the threshold that gives our recall, for at most 2,000 left
rows.

Rules were set while looking at seeds below 1000; seeds from 5000 on are for judging.
"""

import argparse
import time

import numpy as np
import pandas as pd
from catalogues import KINDS, catalogues
from peak import peak_mib

import musictools as mt

TARGET_PRECISION, TARGET_RECALL = 0.99, 0.90
PLAIN_ROWS = 2_000


def judge(left: pd.DataFrame, right: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Resolve, and count by kind."""
    begun = time.perf_counter()
    hidden = ["rec", "kind"]
    found = mt.collect.resolve(left.drop(columns=hidden), right.drop(columns=hidden))
    seconds = time.perf_counter() - begun
    lines = found.table.merge(left[["recording_id", "rec", "kind"]], left_on="left_id",
                              right_on="recording_id")  # fmt: skip
    lines["right_rec"] = lines["right_id"].map(right.set_index("recording_id")["rec"])
    matched = lines[lines["state"] == "matched"].assign(right=lambda f: f["rec"] == f["right_rec"])
    gold = left[["rec", "kind"]].merge(right[["rec"]], on="rec")["kind"].value_counts()
    rows = left["kind"].value_counts()
    unsure = lines[lines["state"] == "ambiguous"].groupby("kind")["left_id"].nunique()
    table = pd.DataFrame({"rows": rows, "pairs": gold, "unsure": unsure}).fillna(0)
    table["lines"] = matched["kind"].value_counts()
    table["hits"] = matched[matched["right"]]["kind"].value_counts()
    table = table.fillna(0).reindex([*(name for name, _, _ in KINDS), "absent"]).fillna(0)
    table.loc["all"] = table.sum()
    return table, matched, seconds


def rates(table: pd.DataFrame) -> pd.DataFrame:
    """Turn counts into precision, recall and abstention."""
    return pd.DataFrame(
        {
            "rows": table["rows"].astype(int),
            "precision": table["hits"] / table["lines"],
            "recall": table["hits"] / table["pairs"],
            "abstained": table["unsure"] / table["rows"],
            "wrong": (table["lines"] - table["hits"]).astype(int),
        }
    )


def plain(left: pd.DataFrame, right: pd.DataFrame, recall: float) -> tuple[float, float]:
    """Give precision and recall of the usual way, at our recall if it gets there."""
    from rapidfuzz import fuzz, process, utils

    some = left.sample(min(PLAIN_ROWS, len(left)), random_state=0)
    texts = [
        [
            utils.default_process(f"{a} {t}")
            for a, t in zip(frame["artist"], frame["title"], strict=True)
        ]
        for frame in (some, right)
    ]
    best, scores = [], []
    for start in range(0, len(some), 100):
        grid = process.cdist(
            texts[0][start : start + 100], texts[1], scorer=fuzz.token_set_ratio, workers=2
        )
        best += grid.argmax(axis=1).tolist()
        scores += grid.max(axis=1).tolist()
    hit = right["rec"].to_numpy()[best] == some["rec"].to_numpy()
    order = np.argsort(-np.array(scores), kind="stable")
    right_so_far = np.cumsum(hit[order])
    recalls = right_so_far / max(1, some["rec"].isin(right["rec"]).sum())
    enough = np.flatnonzero(recalls >= recall)
    at = enough[0] if len(enough) else len(order) - 1
    return float(right_so_far[at] / (at + 1)), float(recalls[at])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--no-isrc", action="store_true", help="the fuzzy road alone")
    parser.add_argument("--no-plain", action="store_true")
    parser.add_argument("--wrong", type=int, default=0, help="show so many wrong lines")
    words = parser.parse_args()
    tables, usual = [], []
    for seed in words.seeds:
        left, right = catalogues(words.rows, seed, isrc=not words.no_isrc)
        table, matched, seconds = judge(left, right)
        tables.append(table)
        peak = peak_mib() / 2**10
        print(
            f"seed {seed}: {len(left):,} x {len(right):,} rows in {seconds:.1f} s,"
            f" peak {peak:.2f} GiB"
        )
        if words.wrong:
            show(matched, left, right, words.wrong)
        if not words.no_plain:
            row_recall = (
                matched.loc[matched["right"], "left_id"].nunique()
                / left["rec"].isin(right["rec"]).sum()
            )
            usual.append((*plain(left, right, row_recall), row_recall))
    total = rates(sum(tables[1:], tables[0]))
    print("stated rates:", ", ".join(f"{name} {rate:.0%}" for name, rate, _ in KINDS))
    print(total.to_string(float_format=lambda v: f"{v:.4f}"))
    ours = total.loc["all"]
    ok = ours["precision"] >= TARGET_PRECISION and ours["recall"] >= TARGET_RECALL
    if usual:
        precision, recall, row_recall = np.mean(usual, axis=0)
        print(f"plain token_set_ratio: precision {precision:.4f} at recall {recall:.4f} of rows"
              f" (ours {ours['precision']:.4f} at {row_recall:.4f})")  # fmt: skip
        ok &= ours["precision"] > precision
    print("targets", "met" if ok else "MISSED")
    return 0 if ok else 1


def show(matched: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame, n: int) -> None:
    """Print wrong lines side by side."""
    wrong = matched[~matched["right"]].head(n)
    columns = ["title", "artist", "isrc", "duration_s", "year"]
    a, b = left.set_index("recording_id")[columns], right.set_index("recording_id")[columns]
    for line in wrong.itertuples():
        print(line.kind, "|", line.score, line.evidence)
        print("   ", *a.loc[line.left_id].tolist(), sep=" | ")
        print("   ", *b.loc[line.right_id].tolist(), sep=" | ")


if __name__ == "__main__":
    raise SystemExit(main())
