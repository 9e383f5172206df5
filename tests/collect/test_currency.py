"""Royalties in one currency: exact, traceable, and refused where a rate is missing."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

import musictools as mt
from musictools import tables
from musictools.errors import InputError, TableError

D = Decimal


def lines(*rows):
    """(currency, period, gross, fees) to a royalties table with a strange index."""
    frame = pd.DataFrame(
        [
            {
                "statement": "S1",
                "period": period,
                "payer": "P",
                "platform": "Spotify",
                "country": "DE",
                "recording_id": f"R{i}",
                "work_id": None,
                "units": 10.0,
                "gross": D(gross),
                "fees": D(fees),
                "net": D(gross) - D(fees),
                "currency": currency,
            }
            for i, (currency, period, gross, fees) in enumerate(rows)
        ],
        index=range(100, 100 - len(rows), -1),
    )
    return frame.astype({"recording_id": "str", "work_id": object})


def own(rows, **more):
    frame = pd.DataFrame(rows, columns=["month", "currency", "rate"])
    return frame.assign(**more)


RATES = own(
    [
        ("2025-01", "USD", "1.0"),
        ("2025-02", "USD", "1.1"),
        ("2025-03", "USD", "1.3"),
        ("2025-01", "GBP", "0.8"),
        ("2025-02", "GBP", "0.9"),
        ("2025-03", "GBP", "0.7"),
    ]
)


def test_one_month_is_multiplied_and_told():
    table = lines(("EUR", "2025-02", "123456.789", "0.01"), ("EUR", "2025-02", "-5.55", "0"))
    found = mt.collect.convert_currency(table, "USD", rates=RATES)
    assert tables.check(found, "royalties") is found
    assert list(found.gross) == [D("123456.789") * D("1.1"), D("-5.55") * D("1.1")]
    assert list(found.rate) == [D("1.1")] * 2
    assert list(found.rate_month) == ["2025-02"] * 2
    assert list(found.gross_original) == list(table.gross)
    assert set(found.currency) == {"USD"}
    assert set(found.currency_original) == {"EUR"}
    assert list(found.index) == list(table.index)
    assert (table.currency == "EUR").all(), "the reader's own table is as it was"


def test_cross_rates_are_exact_to_twenty_digits_and_the_sums_hold():
    table = lines(("GBP", "2025-03", "10.37", "3.01"), ("GBP", "2025-01", "0.000001", "0"))
    found = mt.collect.convert_currency(table, "USD", rates=RATES)
    for rate, exact in zip(found.rate, (Fraction(13, 7), Fraction(10, 8)), strict=True):
        assert len(rate.as_tuple().digits) <= 20
        assert abs(Fraction(rate) / exact - 1) < Fraction(1, 10**19)
    # Not one digit of a product is rounded away: anybody can reckon it again.
    for amount, before, rate in zip(found.gross, found.gross_original, found.rate, strict=True):
        assert Fraction(amount) == Fraction(before) * Fraction(rate)
    assert all(
        Fraction(g) - Fraction(f) == Fraction(n)
        for g, f, n in zip(found.gross, found.fees, found.net, strict=True)
    )


def test_a_quarter_has_the_mean_of_its_months():
    found = mt.collect.convert_currency(
        lines(("EUR", "2025-Q1", "3", "0"), ("GBP", "2025-Q1", "3", "0")), "USD", rates=RATES
    )
    mean = Fraction(34, 30)
    assert abs(Fraction(found.rate.iloc[0]) - mean) < Fraction(1, 10**18)
    assert abs(Fraction(found.rate.iloc[1]) - mean / Fraction(24, 30)) < Fraction(1, 10**18)
    assert set(found.rate_month) == {"2025-01..2025-03"}


def test_the_same_currency_needs_no_rate():
    table = lines(("USD", "1970-01", "1.10", "0"), ("USD", "2025-01", "2", "0"))
    found = mt.collect.convert_currency(table, "USD")
    assert list(map(str, found.net)) == ["1.10", "2"]
    assert list(found.rate) == [1, 1]


def test_shipped_rates_are_those_of_the_data_set():
    shipped = mt.datasets.load_exchange_rates().set_index(["month", "currency"]).rate
    table = lines(("EUR", "2025-06", "1", "0"), ("JPY", "2025-06", "1", "0"))
    found = mt.collect.convert_currency(table, "SEK")
    crown, yen = (D(shipped["2025-06", code]) for code in ("SEK", "JPY"))
    assert found.rate.iloc[0] == crown
    assert abs(found.rate.iloc[1] - crown / yen) < D("1e-20")
    again = mt.collect.convert_currency(table, "SEK", rates=mt.datasets.load_exchange_rates())
    pd.testing.assert_frame_equal(found, again)


def test_into_the_base():
    found = mt.collect.convert_currency(lines(("GBP", "2025-01", "1", "0")), "EUR", rates=RATES)
    assert found.net.iloc[0] == D("1.25")


def test_another_base():
    dollars = own([("2025-01", "EUR", 0.5), ("2025-01", "GBP", "0.25")], base="USD")
    table = lines(("USD", "2025-01", "8", "0"), ("GBP", "2025-01", "1", "0"))
    found = mt.collect.convert_currency(table, "EUR", rates=dollars)
    assert list(found.net) == [4, 2]


def test_daily_rates_are_averaged():
    days = pd.DataFrame(
        {
            "date": pd.to_datetime(["2025-01-02", "2025-01-03", "2025-02-03"]),
            "currency": "USD",
            "rate": ["1.0", "1.5", "9"],
        }
    )
    table = lines(("EUR", "2025-01", "4", "0"))
    assert mt.collect.convert_currency(table, "USD", rates=days).net.iloc[0] == 5
    text = days.assign(date=days.date.dt.strftime("%Y-%m-%d"))
    assert mt.collect.convert_currency(table, "USD", rates=text).net.iloc[0] == 5


def test_other_columns_and_empty_amounts():
    table = lines(("EUR", "2025-02", "1", "0"), ("EUR", "2025-02", "1", "0"))
    table["tax"] = [D("2"), None]
    found = mt.collect.convert_currency(table, "USD", rates=RATES, columns=["tax"])
    assert found.tax.iloc[0] == D("2.2")
    assert found.tax.iloc[1] is None
    assert list(found.gross) == [1, 1]
    assert "gross_original" not in found


def test_an_empty_table_stays_empty():
    found = mt.collect.convert_currency(lines(("EUR", "2025-02", "1", "0")).iloc[:0], "USD")
    assert len(found) == 0
    assert {"rate", "rate_month", "net_original"} <= set(found)


def test_a_missing_rate_is_told_with_its_months():
    table = lines(
        ("GBP", "2024-12", "1", "0"), ("ARS", "2025-01", "1", "0"), ("EUR", "2025-Q2", "1", "0")
    )
    with pytest.raises(InputError) as error:
        mt.collect.convert_currency(table, "USD", rates=RATES)
    told = str(error.value)
    for part in ("ARS in 2025-01", "GBP in 2024-12", "USD in 2024-12, 2025-04, 2025-05, 2025-06"):
        assert part in told
    with pytest.raises(InputError, match="1999-01 to 2026-10"):
        mt.collect.convert_currency(lines(("GBP", "2030-01", "1", "0")), "USD")


def test_no_rate_of_the_past_is_taken_for_what_comes_after_the_table():
    last = mt.datasets.load_exchange_rates()["month"].max()
    after = [f"{pd.Period(last, 'M') + 1}", f"{pd.Period(last, 'M') + 2}"]
    table = lines(*[("GBP", month, "1", "0") for month in (last, *after)])
    with pytest.raises(InputError) as error:
        mt.collect.convert_currency(table, "USD")
    told = str(error.value)
    for code in ("GBP", "USD"):
        assert f"{code} in {', '.join(after)}" in told
    assert f"to {last}, and no month takes the rate of another" in told
    # The way out that it names.
    rows = [
        (month, code, rate) for month in after for code, rate in (("GBP", "0.9"), ("USD", "1.2"))
    ]
    more = pd.concat([mt.datasets.load_exchange_rates(), own(rows)])
    found = mt.collect.convert_currency(table, "USD", rates=more)
    assert found["rate_month"].tolist() == [last, *after]
    assert abs(found["rate"].iloc[2] - D("1.2") / D("0.9")) < D("1e-15")


@pytest.mark.parametrize("period", ["2026-12", "2027-01", "2026-Q4", "2027-Q1"])
def test_statements_that_are_newer_than_the_table_are_refused(period):
    # As it was first shipped: later editions go further.
    rates = mt.datasets.load_exchange_rates().query("month <= '2026-10'")
    with pytest.raises(InputError, match=r"USD in .*202[67]-(12|01).*rates="):
        mt.collect.convert_currency(lines(("EUR", period, "1", "0")), "USD", rates=rates)


def test_a_currency_that_is_no_longer_quoted_has_no_old_rate():
    with pytest.raises(InputError, match="RUB in 2025-01"):
        mt.collect.convert_currency(lines(("RUB", "2025-01", "1", "0")), "EUR")


@pytest.mark.parametrize("period", ["2025", "2025-13", "2025-Q5", "March 2025", "2025-03 "])
def test_a_period_that_is_none(period):
    with pytest.raises(InputError, match="2025-Q1"):
        mt.collect.convert_currency(lines(("EUR", period, "1", "0")), "USD", rates=RATES)


@pytest.mark.parametrize(
    ("rates", "match"),
    [
        (own([("2025-1", "USD", "1")]), "the month '2025-1'"),
        (own([("2025-01", "usd", "1")]), "the currency 'usd'"),
        (own([("2025-01", "USD", "0")]), "the rate '0'"),
        (own([("2025-01", "USD", "-1")]), "above zero"),
        (own([("2025-01", "USD", "one")]), "the rate 'one'"),
        (own([("2025-01", "USD", float("nan"))]), "above zero"),
        (own([("2025-01", "USD", "1")] * 2), "USD twice in 2025-01"),
        (own([("2025-01", "USD", "1"), ("2025-01", "EUR", "2")]), "EUR, in which the rates are"),
        (own([("2025-01", "USD", "1")], date="2025-01-01"), "'month' or 'date'"),
        (own([("2025-01", "USD", "1")]).drop(columns="rate"), "'currency' and 'rate'"),
        (own([("2025-01", "USD", "1"), ("2025-01", "GBP", "1")], base=["EUR", "USD"]), "one base"),
        (own([], base=[]), "one base"),
        (own([("2025-01", "USD", "1.1"), ("2025-01", "EUR", "2")]), "a rate of 1 of the base"),
        (pd.DataFrame({"date": ["soon"], "currency": "USD", "rate": 1}), "the date 'soon'"),
        (pd.DataFrame({"date": [pd.NaT], "currency": "USD", "rate": 1}), "the date NaT"),
        ("2025", "columns none"),
    ],
)
def test_rates_that_cannot_be_used(rates, match):
    with pytest.raises(InputError, match=match):
        mt.collect.convert_currency(lines(("EUR", "2025-01", "1", "0")), "USD", rates=rates)


def test_no_such_currency():
    with pytest.raises(InputError, match="'USD'; or rates="):
        mt.collect.convert_currency(lines(("EUR", "2025-01", "1", "0")), "usd")


def test_not_twice():
    once = mt.collect.convert_currency(lines(("EUR", "2025-01", "1", "0")), "USD", rates=RATES)
    with pytest.raises(InputError, match="converted"):
        mt.collect.convert_currency(once, "EUR", rates=RATES)


def test_only_exact_decimals():
    table = lines(("EUR", "2025-01", "1", "0"))
    with pytest.raises(TableError, match="royalties"):
        mt.collect.convert_currency(table.drop(columns="net"), "USD")
    with pytest.raises(TableError, match="exact decimals"):
        mt.collect.convert_currency(table.assign(tax=0.5), "USD", columns=["tax"])
    with pytest.raises(TableError, match="no column 'tax'"):
        mt.collect.convert_currency(table, "USD", columns=["tax"])
    with pytest.raises(InputError, match="a list of names"):
        mt.collect.convert_currency(table, "USD", columns="net")


def test_other_frames_are_told_what_to_do():
    polars = pytest.importorskip("polars")
    table = lines(("EUR", "2025-01", "1", "0"))
    with pytest.raises(TableError, match="to_pandas"):
        mt.collect.convert_currency(polars.from_pandas(table.astype({"work_id": "str"})), "USD")


def test_amounts_without_end_are_refused():
    frame = lines(("EUR", "2025-01", "1", "0")).assign(net=D("Infinity"))
    with pytest.raises(TableError, match="Infinity"):
        mt.collect.convert_currency(frame, "USD")


def test_a_hundred_thousand_lines_are_quick():
    import time

    table = pd.concat([lines(*[("GBP", "2025-Q1", "0.00123", "0.0001")] * 1000)] * 100)
    began = time.perf_counter()
    found = mt.collect.convert_currency(table, "USD", rates=RATES)
    assert time.perf_counter() - began < 20
    assert len(found) == 100_000
