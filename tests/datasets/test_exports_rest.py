"""Simulated exports of works, airplay and spend: headers as in the evidence, and the truth."""

import csv
import io
from collections import defaultdict
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools import tables
from musictools.datasets._exports._cwr import write_cwr
from musictools.datasets._exports._google_ads import write_google_ads
from musictools.datasets._exports._meta_ads import write_meta_ads
from musictools.datasets._exports._soundexchange import write_soundexchange
from musictools.datasets._exports._tiktok_ads import write_tiktok_ads

D = Decimal
WRITERS = {
    "cwr": write_cwr,
    "soundexchange": write_soundexchange,
    "meta_ads": write_meta_ads,
    "google_ads": write_google_ads,
    "tiktok_ads": write_tiktok_ads,
}
SEEDS = (0, 1, 7)


@pytest.fixture(scope="module")
def label():
    return mt.datasets.load_label()


@pytest.fixture(scope="module")
def exports(label, tmp_path_factory):
    made = {}
    for name, write in WRITERS.items():
        for seed in SEEDS:
            folder = tmp_path_factory.mktemp(name)
            made[name, seed] = write(label, folder, np.random.default_rng(seed))
    return made


@pytest.fixture(params=SEEDS)
def seed(request):
    return request.param


def text_of(export):
    raw = export.path.read_bytes()
    return raw.decode("utf-16" if raw[:2] == b"\xff\xfe" else "utf-8-sig")


# --- all of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRITERS)
def test_the_truth_is_a_table(exports, seed, name):
    export = exports[name, seed]
    assert export.format == name
    assert export.quirks
    tables.check(export.truth, export.kind)
    assert 20 <= len(export.truth) < 2000
    if export.kind == "spend":
        assert export.truth["spend"].map(lambda value: isinstance(value, D)).all()


@pytest.mark.parametrize("name", WRITERS)
def test_the_seed_decides(label, exports, seed, name, tmp_path):
    again = WRITERS[name](label, tmp_path, np.random.default_rng(seed))
    first = exports[name, seed]
    assert again.path.parent == tmp_path
    assert again.path.name == first.path.name
    assert again.path.read_bytes() == first.path.read_bytes()
    pd.testing.assert_frame_equal(again.truth, first.truth)


@pytest.mark.parametrize("name", WRITERS)
def test_other_seeds_make_other_files(exports, name):
    assert len({exports[name, seed].path.read_bytes() for seed in SEEDS}) == len(SEEDS)


# --- works ---------------------------------------------------------------------------------------

#: Whole lengths of CWR 2.1, as in the published samples.
LENGTHS = {
    "HDR": 101, "GRH": 28, "NWR": 260, "REV": 260, "SPU": 183, "OPU": 183, "SPT": 58, "SWR": 180,
    "OWR": 180, "SWT": 52, "PWR": 110, "PER": 118, "REC": 266, "GRT": 37, "TRL": 24,
}  # fmt: skip


def records(export):
    raw = export.path.read_bytes()
    assert not raw.endswith(b"\n"), "the trailer has no line end"
    lines = raw.decode("ascii").split("\r\n")
    # Blanks at the end may be cut, and count all the same.
    return [line.ljust(LENGTHS[line[:3]]) for line in lines], lines


def field(line, start, length):
    """By the positions that CWR's own documents give, from 1."""
    return line[start - 1 : start - 1 + length].strip()


def test_cwr_records_have_their_lengths_and_places(exports, seed):
    full, cut = records(exports["cwr", seed])
    assert [len(line) for line in full] == [LENGTHS[line[:3]] for line in full]
    assert [len(line) for line in full] != [len(line) for line in cut], "some blanks are cut"
    header = full[0]
    assert (field(header, 4, 2), field(header, 60, 5)) == ("PB", "01.10")
    groups = [line for line in full if line[:3] == "GRH"]
    assert [(field(g, 4, 3), field(g, 7, 5), field(g, 12, 5)) for g in groups] == [
        ("NWR", "00001", "02.10"),
        ("REV", "00002", "02.10"),
    ]
    isrcs = {field(line, 250, 12) for line in full if line[:3] == "REC"}
    assert isrcs == set(mt.datasets.load_label().recordings["isrc"])


def test_cwr_counts_are_right(exports, seed):
    full, _ = records(exports["cwr", seed])
    ends = [i for i, line in enumerate(full) if line[:3] == "GRT"]
    begins = [i for i, line in enumerate(full) if line[:3] == "GRH"]
    for begin, end in zip(begins, ends, strict=True):
        inside = full[begin : end + 1]
        works = [line for line in inside if line[:3] in {"NWR", "REV"}]
        assert int(field(full[end], 9, 8)) == len(works)
        assert int(field(full[end], 17, 8)) == len(inside)
        # Records of a transaction count on from nought.
        runs = defaultdict(list)
        for line in inside[1:-1]:
            runs[int(field(line, 4, 8))].append(int(field(line, 12, 8)))
        assert list(runs) == list(range(len(works)))
        assert all(run == list(range(len(run))) for run in runs.values())
    trailer = full[-1]
    assert int(field(trailer, 4, 5)) == 2
    assert int(field(trailer, 9, 8)) == sum(line[:3] in {"NWR", "REV"} for line in full)
    assert int(field(trailer, 17, 8)) == len(full)


def test_cwr_shares_add_up(exports, seed):
    full, _ = records(exports["cwr", seed])
    totals = defaultdict(lambda: [0, 0, 0])
    group = 0
    starts = {"SPU": (116, 124, 132), "SWR": (130, 138, 146)}
    starts |= {"OPU": starts["SPU"], "OWR": starts["SWR"]}
    for line in full:
        group += line[:3] == "GRH"
        for i, start in enumerate(starts.get(line[:3], ())):
            totals[group, field(line, 4, 8)][i] += int(field(line, start, 5))
    assert totals
    assert {tuple(parts) for parts in totals.values()} == {(10_000, 10_000, 10_000)}


def test_cwr_is_what_the_truth_says(exports, seed):
    export = exports["cwr", seed]
    full, _ = records(export)
    works, number = {}, ""
    for line in full:
        if line[:3] in {"NWR", "REV"}:
            number = field(line, 82, 14)
            works[number] = [field(line, 20, 60), [], [], field(line, 96, 11)]
        if line[:3] in {"SWR", "OWR"}:
            works[number][1].append(f"{field(line, 74, 30)} {field(line, 29, 45)}".strip())
            works[number][2].append(int(field(line, 130, 5)))
    truth = export.truth.set_index("work_id")
    assert set(works) == set(truth.index)
    for number, (title, names, parts, iswc) in works.items():
        row = truth.loc[number]
        assert (row["title"], row["writers"]) == (title, names)
        assert row["shares"] == pytest.approx([part / sum(parts) for part in parts], abs=1e-12)
        assert sum(row["shares"]) == pytest.approx(1)
        assert (row["iswc"] if isinstance(row["iswc"], str) else "") == iswc
    assert sum(title.endswith(" (FILM)") for title in truth["title"]) == 1
    assert truth["iswc"].isna().sum() == 3
    codes = truth["iswc"].dropna()
    assert all(mt.collect.identify(code, "iswc").valid for code in codes)


# --- airplay -------------------------------------------------------------------------------------


def test_soundexchange_is_what_the_truth_says(exports, seed):
    export = exports["soundexchange", seed]
    raw = export.path.read_bytes()
    header, _, rest = raw.partition(b"\r\n")
    assert header == (
        b'"NAME_OF_SERVICE","TRANSMISSION_CATEGORY","FEATURED_ARTIST","SOUND_RECORDING_TITLE",'
        b'"ISRC","ALBUM_TITLE","MARKETING_LABEL","ACTUAL_TOTAL_PERFORMANCES",'
        b'"AGGREGATE_TUNING_HOURS","CHANNEL_OR_PROGRAM_NAME","PLAY_FREQUENCY"'
    )
    assert b"\r" not in rest
    rows = list(csv.DictReader(io.StringIO(text_of(export), newline="")))
    assert len({row["AGGREGATE_TUNING_HOURS"] for row in rows}) == 1
    assert {row["ACTUAL_TOTAL_PERFORMANCES"] for row in rows} == {""}
    truth = export.truth
    assert sum(int(row["PLAY_FREQUENCY"]) for row in rows) == truth["spins"].sum()
    named = [
        row["ISRC"] or f"{row['FEATURED_ARTIST']} - {row['SOUND_RECORDING_TITLE']}" for row in rows
    ]
    assert named == list(truth["recording_id"])
    assert {row["CHANNEL_OR_PROGRAM_NAME"] for row in rows} == set(truth["station"])
    assert any(row["ISRC"] == "" for row in rows)
    start = export.path.stem.split("_")[0].split("-")[0][-8:]
    assert set(truth["ds"]) == {pd.Timestamp(start)}


# --- spend ---------------------------------------------------------------------------------------


def same_days(found, truth):
    """Compare (day, campaign, spend) as a reader without our code would see them."""
    told = zip(truth["ds"].dt.strftime("%Y-%m-%d"), truth["campaign"], truth["spend"], strict=True)
    assert sorted(found) == sorted(told)


def test_meta_ads_is_what_the_truth_says(exports, seed):
    export = exports["meta_ads", seed]
    assert export.path.read_bytes().startswith(b"\xef\xbb\xbfReporting starts,Reporting ends,")
    rows = list(csv.DictReader(io.StringIO(text_of(export))))
    assert list(rows[0]) == [
        "Reporting starts", "Reporting ends", "Campaign name", "Campaign delivery", "Day",
        "Amount spent (USD)", "Impressions", "Reach", "Frequency", "Link clicks",
    ]  # fmt: skip
    total, *days = rows
    assert total["Campaign name"] == total["Day"] == ""
    assert D(total["Amount spent (USD)"]) == sum(D(row["Amount spent (USD)"]) for row in days)
    assert len({(row["Reporting starts"], row["Reporting ends"]) for row in rows}) == 1
    same_days(
        [(row["Day"], row["Campaign name"], D(row["Amount spent (USD)"])) for row in days],
        export.truth,
    )
    truth = export.truth
    assert sum(int(row["Impressions"]) for row in days) == truth["impressions"].sum()
    assert sum(int(row["Link clicks"] or 0) for row in days) == truth["clicks"].sum()
    assert truth["clicks"].isna().sum() == sum(row["Link clicks"] == "" for row in days) > 0
    ratio = truth["impressions"] / truth["reach"]
    np.testing.assert_allclose(truth["frequency"], ratio, rtol=1e-5)


def test_google_ads_is_what_the_truth_says(exports, seed):
    export = exports["google_ads", seed]
    assert export.path.read_bytes()[:2] == b"\xff\xfe"
    title, period, header, *lines = text_of(export).splitlines()
    assert title == "Campaign report"
    assert period.count(",") == 2
    names = header.split("\t")
    assert names == [
        "Day", "Campaign status", "Campaign", "Budget", "Budget name", "Budget type",
        "Currency code", "Campaign type", "Impr.", "Clicks", "CTR", "Cost", "Avg. CPM",
    ]  # fmt: skip
    rows = [dict(zip(names, line.split("\t"), strict=True)) for line in lines]
    totals = [row for row in rows if row["Day"].startswith("Total: ")]
    days = [row for row in rows if not row["Day"].startswith("Total: ")]
    assert [row["Day"] for row in totals] == ["Total: Campaigns", "Total: Account"]

    def plain(text):
        return D(text.replace(",", ""))

    for row in totals:
        assert plain(row["Cost"]) == export.truth["spend"].sum()
        assert plain(row["Impr."]) == export.truth["impressions"].sum()
    assert "," in totals[0]["Impr."]
    assert " --" in {row["CTR"] for row in days}
    same_days([(row["Day"], row["Campaign"], plain(row["Cost"])) for row in days], export.truth)
    first, last = (pd.Timestamp(part) for part in period.split(" - "))
    assert export.truth["ds"].between(first, last).all()


def test_tiktok_ads_is_what_the_truth_says(exports, seed):
    export = exports["tiktok_ads", seed]
    rows = list(csv.DictReader(io.StringIO(text_of(export))))
    assert list(rows[0]) == [
        "By Day", "Campaign name", "Currency", "Cost", "CPC (destination)", "CPM", "Impressions",
        "Clicks (destination)", "CTR (destination)", "Reach", "Frequency",
    ]  # fmt: skip
    *days, total = rows
    assert total["By Day"] == "-"
    same_days([(row["By Day"], row["Campaign name"], D(row["Cost"])) for row in days], export.truth)
    assert D(total["Cost"]) == export.truth["spend"].sum()
    masked = [row["Impressions"] == "<5" for row in days]
    assert any(masked)
    assert list(export.truth["impressions"].isna()) == masked
    shown = sum(int(row["Impressions"]) for row in days if row["Impressions"] != "<5")
    assert shown == export.truth["impressions"].sum()
    assert sum(int(row["Clicks (destination)"]) for row in days) == export.truth["clicks"].sum()


def test_all_money_of_the_weeks_is_there(label, exports, seed):
    """A report of whole weeks holds what the label's own table says, to the cent."""
    channels = {"meta_ads": ("facebook", "instagram"), "google_ads": ("tv",)}
    for name, bought in channels.items():
        truth = exports[name, seed].truth
        first = truth["ds"].min()
        monday = first - pd.Timedelta(days=first.weekday())
        weeks = {"meta_ads": 4, "google_ads": 8}[name]
        spend = label.spend
        spend = spend[spend["channel"].isin(bought) & (spend["impressions"] > 0)]
        spend = spend[(spend["ds"] >= monday) & (spend["ds"] < monday + pd.Timedelta(weeks=weeks))]
        assert float(truth["spend"].sum()) == pytest.approx(spend["spend"].sum(), abs=0.005)


def test_no_format_is_none(tmp_path):
    assert mt.datasets.simulate_exports(tmp_path, formats=[]) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_format_has_one_folder(tmp_path):
    made = mt.datasets.simulate_exports(tmp_path, formats=["tidal", "tiktok", "distrokid"])
    assert made["tidal"].path == tmp_path / "tidal" / "streaming.csv"
    assert made["tiktok"].path == tmp_path / "tiktok"
