"""The table of exchange rates: complete, exact text, and as its datasheet says."""

import re
from decimal import Decimal

import pytest

import musictools as mt


@pytest.fixture
def rates():
    return mt.datasets.load_exchange_rates()


def test_known_averages_of_the_bank(rates):
    # As the European Central Bank gives them, with its four or two places.
    known = {
        ("2024-12", "USD"): "1.0479",
        ("2025-01", "USD"): "1.0354",
        ("2024-12", "JPY"): "161.08",
    }
    found = rates.set_index(["month", "currency"]).rate
    for key, value in known.items():
        places = Decimal(value).as_tuple().exponent
        assert str(Decimal(found[key]).quantize(Decimal((0, (1,), places)))) == value


def test_currencies_and_months_that_were_promised(rates):
    wanted = {
        "USD", "GBP", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "CHF", "MXN", "BRL", "PLN", "KRW",
        "INR",
    }  # fmt: skip
    recent = rates[rates.month >= "2020-01"]
    months = sorted(set(recent.month))
    assert (months[0], months[-1], len(months)) == ("2020-01", "2026-10", 82)
    for currency in wanted:
        assert set(recent[recent.currency == currency].month) == set(months), currency


def test_each_row_is_sound(rates):
    assert not rates.duplicated(["month", "currency"]).any()
    assert rates.currency.map(lambda code: bool(re.fullmatch("[A-Z]{3}", code))).all()
    assert "EUR" not in set(rates.currency)
    numbers = [Decimal(rate) for rate in rates.rate]
    assert min(numbers) > 0
    assert all(number.as_tuple().exponent >= -6 for number in numbers)
    assert rates.days.between(1, 23).all()
    assert rates.equals(rates.sort_values(["month", "currency"]))


def test_the_krone_is_held_to_the_euro(rates):
    # Denmark keeps within 2.25 % of 7.46038 (ERM II): a column that slipped would show.
    danish = rates[rates.currency == "DKK"].rate.map(float)
    assert danish.between(7.40, 7.50).all()


def test_the_datasheet_tells_the_same(rates, root):
    sheet = (root / "datasets" / "exchange_rates.md").read_text("utf-8")
    assert all(f"`{column}`" in sheet for column in rates)
    assert f"{len(rates)} rows" in sheet
    assert f"{rates.currency.nunique()} currencies" in sheet
    assert "Source: ECB statistics" in sheet


def test_a_reader_may_change_the_copy(rates):
    rates.loc[:, "rate"] = "0"
    assert (mt.datasets.load_exchange_rates().rate != "0").all()
