"""Reconciling royalties: each fault is planted in clean statements, and found; clean ones are."""

from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import musictools as mt
from musictools.datasets._exports import _distrokid
from musictools.errors import InputError, TableError


@pytest.fixture(scope="module")
def label():
    return mt.datasets.load_label()


@pytest.fixture(scope="module")
def clean(label):
    return label.royalties[label.royalties["period"] >= "2025-01"].reset_index(drop=True)


def found(frame, **options):
    return mt.collect.reconcile(frame, **options).findings


def total(frame):
    return sum(frame["net"], Decimal(0))


def largest(frame, count=1):
    return frame.sort_values("units", ascending=False).head(count)


def test_clean_statements_give_no_finding(label):
    result = mt.collect.reconcile(label.royalties, recordings=label.recordings)
    assert result.findings.empty
    assert (result.errors, result.warnings, result.notes) == (0, 0, 0)
    assert sum(result.totals["net"]) == total(label.royalties)
    assert sum(result.totals["gross"]) == sum(label.royalties["gross"])
    assert result.totals["lines"].sum() == len(label.royalties)


def test_totals_are_exact_beyond_28_digits(clean):
    amounts = [Decimal("123456789.000000000000000000000001"), Decimal("0.1")] * 3
    few = clean.head(6).assign(net=amounts, gross=amounts, fees=Decimal(0))
    few = few.assign(payer="P", period="2025-01")
    sums = mt.collect.reconcile(few).totals
    assert sums["net"].tolist() == [Decimal("370370367.300000000000000000000003")]


def test_a_lost_statement(clean):
    gone = clean["statement"].unique()[4]
    row = found(clean[clean["statement"] != gone]).iloc[0]
    lost = clean[clean["statement"] == gone].iloc[0]
    assert (row["kind"], row["severity"]) == ("missing_period", "error")
    assert (row["payer"], row["period"]) == (lost["payer"], lost["period"])
    assert row["amount"] > 0


def test_a_platform_that_misses_a_month(clean):
    other = clean.assign(platform=np.where(clean["country"] == "US", "Second", clean["platform"]))
    part = (other["platform"] == "Second") & (other["period"] == "2025-06")
    rows = found(other[~part])
    assert set(rows["kind"]) == {"missing_period"}
    assert set(zip(rows["platform"], rows["period"], strict=True)) == {("Second", "2025-06")}
    assert set(rows["severity"]) == {"warning"}


def test_periods_that_were_expected(clean):
    early = clean[clean["period"] < "2025-12"]
    assert found(early).empty
    rows = found(early, expected=sorted(clean["period"].unique()))
    assert set(rows["period"]) == {"2025-12"}
    assert len(rows) == clean["payer"].nunique()
    payer = clean["payer"].iloc[0]
    rows = found(early, expected={payer: ["2025-12"]})
    assert rows["payer"].tolist() == [payer]
    with pytest.raises(InputError, match="soon"):
        found(early, expected=["soon"])


def test_quarters_and_who_pays_now_and_then(clean):
    line = clean.head(1)
    quarters = ["2024-Q1", "2024-Q2", "2024-Q4", "2025-Q1"]
    rows = found(pd.concat([line.assign(period=p, statement=p) for p in quarters]))
    assert rows["period"].tolist() == ["2024-Q3"]
    seldom = pd.concat([line.assign(period=p, statement=p) for p in ("2020-01", "2025-01")])
    assert found(seldom).empty
    odd = mt.collect.reconcile(line.assign(period="2025-01-01--2025-09-30"))
    assert odd.provenance["periods_not_compared"] == ["2025-01-01--2025-09-30"]


def test_a_statement_that_came_twice(clean):
    name = clean["statement"].unique()[3]
    again = clean[clean["statement"] == name]
    rows = found(pd.concat([clean, again.assign(statement=f"{name} (1)")]))
    assert rows["kind"].tolist() == ["repeated_statement"]
    row = rows.iloc[0]
    paid = again[again["net"] != 0]
    assert (row["amount"], row["lines"], row["severity"]) == (total(paid), len(paid), "error")
    assert (row["statement"], name in row["meaning"]) == (f"{name} (1)", True)


def test_a_statement_that_was_read_twice(clean):
    name = clean["statement"].unique()[3]
    again = clean[clean["statement"] == name]
    rows = found(pd.concat([clean, again]))
    assert rows["kind"].tolist() == ["repeated_statement"]
    assert rows["amount"].tolist() == [total(again)]


def test_a_line_that_was_paid_twice(clean):
    line = largest(clean[clean["period"] == "2025-03"])
    later = clean[(clean["payer"] == line["payer"].iloc[0]) & (clean["period"] == "2025-04")]
    copy = line.assign(statement=later["statement"].iloc[0])
    rows = found(pd.concat([clean, copy]))
    assert rows["kind"].tolist() == ["double_payment"]
    row = rows.iloc[0]
    assert (row["amount"], row["severity"]) == (line["net"].iloc[0], "error")
    assert (row["recording_id"], row["period"]) == (line["recording_id"].iloc[0], "2025-03")
    small = clean[(clean["units"] < 5) & (clean["net"] > 0)].head(1)
    rows = found(pd.concat([clean, small.assign(statement="late")]))
    assert rows["severity"].tolist() == ["warning"]


def test_duplicates_are_told_from_corrections(clean):
    line = largest(clean)
    back = line.assign(units=-line["units"], net=-line["net"], gross=-line["gross"])
    back = back.assign(fees=-line["fees"])
    rows = found(pd.concat([clean, line]))
    assert rows["kind"].tolist() == ["repeated_line"]
    assert rows["amount"].tolist() == [line["net"].iloc[0]]
    # Paid, taken back, and paid again: nothing is paid twice.
    rows = found(pd.concat([clean, back, line]))
    assert rows["kind"].tolist() == ["returns"]
    more = line.assign(net=line["net"] + 1, gross=line["gross"] + 1)
    rows = found(pd.concat([clean, back, more]))
    assert rows["kind"].tolist() == ["correction"]
    assert rows["amount"].tolist() == [Decimal(1)]


def test_returns_are_summed(clean):
    some = largest(clean, 3).assign(use="Download")
    back = some.assign(units=-some["units"], net=-some["net"], gross=-some["gross"])
    back = back.assign(fees=-some["fees"])
    rows = found(pd.concat([clean, some, back]))
    assert set(rows["kind"]) == {"returns"}
    assert total(rows.assign(net=rows["amount"])) == -total(some)
    assert rows["lines"].sum() == 3


def test_a_rate_that_stands_out(clean):
    busy = clean[clean["units"] >= 100]
    sizes = busy.groupby(["platform", "country", "period"])["net"].transform("size")
    place = busy[sizes >= 8].index[0]
    wrong = clean.copy()
    for name in ("gross", "fees", "net"):
        wrong.loc[place, name] = clean.loc[place, name] * 10
    rows = found(wrong)
    assert rows["kind"].tolist() == ["rate_outlier"]
    row = rows.iloc[0]
    assert row["recording_id"] == clean.loc[place, "recording_id"]
    assert float(row["amount"]) == pytest.approx(float(clean.loc[place, "net"]) * 9, rel=0.2)


def test_a_market_that_was_paid_at_another_rate(clean):
    part = (clean["platform"] == "Pomelo") & (clean["country"] == "US")
    part &= clean["period"] == "2025-05"
    wrong = clean.copy()
    for name in ("gross", "fees", "net"):
        wrong.loc[part, name] = [value / 2 for value in clean.loc[part, name]]
    rows = found(wrong)
    assert rows["kind"].tolist() == ["rate_outlier"]
    row = rows.iloc[0]
    assert (row["period"], row["recording_id"]) == ("2025-05", None)
    assert row["amount"] < 0


def test_units_of_nothing_are_no_rate(clean):
    odd = clean.copy()
    odd.loc[odd.index[:50], "units"] = 0
    odd.loc[odd.index[50:60], "units"] = np.nan if odd["units"].dtype == float else 0
    assert "rate_outlier" not in set(found(odd)["kind"])


def test_recordings_that_nobody_knows(label, clean):
    known = label.recordings[label.recordings["recording_id"] != "R02"]
    rows = found(clean, recordings=known)
    strange = clean[clean["recording_id"] == "R02"]
    assert set(rows["kind"]) == {"unmatched"}
    assert set(rows["recording_id"]) == {"R02"}
    assert total(rows.assign(net=rows["amount"])) == total(strange)
    codes = label.recordings.set_index("recording_id")["isrc"]
    coded = clean.assign(recording_id=clean["recording_id"].map(codes))
    hyphens = [f"{c[:2]}-{c[2:5]}-{c[5:7]}-{c[7:]}".lower() for c in codes]
    assert found(coded, recordings=hyphens).empty
    assert found(coded, recordings=pl.from_pandas(label.recordings[["isrc"]])).empty
    works = clean.assign(recording_id=None)
    assert "unmatched" not in set(found(works, recordings=label.recordings)["kind"])
    rows = found(works.assign(work_id=None), recordings=label.recordings)
    assert set(rows["kind"]) >= {"unmatched"}
    with pytest.raises(TableError, match="isrc"):
        found(clean, recordings=pd.DataFrame({"title": ["x"]}))


def test_a_second_currency_and_the_order_of_findings(clean):
    some = clean["period"] == "2025-07"
    mixed = clean.assign(
        currency=np.where(some & (clean["payer"] == clean["payer"][0]), "JPY", "USD")
    )
    mixed.loc[mixed.index[0], "fees"] = mixed["fees"][0] + 500
    rows = found(mixed)
    assert rows["kind"].tolist() == ["wrong_sum", "currency_mix"]
    assert rows["currency"].tolist() == ["USD", "JPY"]
    assert rows["amount"].tolist()[0] == Decimal(-500)
    amounts = found(clean[~clean["period"].isin(["2025-03", "2025-08"])])["amount"].map(abs)
    assert amounts.is_monotonic_decreasing


def test_frames_of_other_kinds(clean, label, tmp_path):
    broken = clean[clean["period"] != "2025-05"]
    want = found(broken)
    pd.testing.assert_frame_equal(found(pl.from_pandas(broken)), want)
    pd.testing.assert_frame_equal(found(pl.from_pandas(broken).lazy()), want)
    made = _distrokid.write_distrokid(label, tmp_path, np.random.default_rng(1))
    statement = mt.collect.read(made.path)
    with duckdb.connect(str(tmp_path / "m.duckdb")) as connection:
        stored = mt.collect.read(made.path, into=connection)
        one, two = (mt.collect.reconcile(each) for each in (statement, stored.table))
        assert sorted(one.findings["amount"]) == sorted(two.findings["amount"])
        assert sum(one.totals["net"]) == sum(two.totals["net"]) == total(made.truth)


def test_what_is_no_royalties_table(clean):
    with pytest.raises(TableError, match="royalties"):
        mt.collect.reconcile({"net": [1]})
    with pytest.raises(TableError):
        mt.collect.reconcile(clean.drop(columns="net"))
    with pytest.raises(TableError):
        mt.collect.reconcile(clean.assign(net=clean["net"].astype(float)))


def test_more_lines_than_memory_holds(clean, monkeypatch):
    from musictools.collect import _reconcile_table

    monkeypatch.setattr(_reconcile_table, "_MOST", 10)
    with pytest.raises(InputError, match="at most 10 lines"):
        mt.collect.reconcile(pl.from_pandas(clean))


def test_the_result_is_a_result(clean):
    result = mt.collect.reconcile(clean[clean["period"] != "2025-05"])
    frame = result.to_frame()
    assert frame.columns.tolist() == [
        "kind", "severity", "payer", "platform", "period", "statement", "recording_id", "amount",
        "currency", "lines", "meaning",
    ]  # fmt: skip
    assert "missing_period" in result._repr_html_()
    assert "0 errors" in mt.collect.reconcile(clean)._repr_html_()
    assert result.provenance["function"] == "collect.reconcile"
    assert len(mt.collect.reconcile(clean.head(0)).findings) == 0


def test_one_period_and_one_code_are_taken_for_what_they_are(clean):
    few = clean[clean["recording_id"].notna()].head(1)
    payer, code = few["payer"].iloc[0], few["recording_id"].iloc[0]
    kinds = found(few, expected={payer: "2024-12"}, recordings=code)["kind"].tolist()
    assert kinds == ["missing_period"]
