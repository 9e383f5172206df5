"""Cards write money to the cent, years without thousands, and any table and sentence whole."""

import re
from decimal import Decimal

import pandas as pd
import pytest

from musictools._card import Card
from musictools._figures import figure, shown
from musictools._html import MISSING


def cells(frame):
    """What a card writes in each column."""
    told, columns = shown(frame, None)
    return {name: [write(value) for value in told[name]] for name, (_, write) in columns.items()}


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (123.45, "net_usd", "123.45"),
        (85.0, "payout", "85.00"),
        (1234567.891, "revenue", "1,234,567.89"),
        (0.0062, "rate_usd", "0.0062"),
        (123.45, "planet", "123.5"),
        (float("nan"), "net", MISSING),
    ],
)
def test_money_keeps_its_cents(value, name, text):
    assert figure(value, name) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.0038", "0.0038"),
        ("-0.004", "-0.004"),
        ("-0", "0.00"),
        ("0.125", "0.13"),
        ("NaN", MISSING),
        ("Infinity", MISSING),
        ("1e30", f"{10**30:,}.00"),
    ],
)
def test_decimals_lose_nothing_below_a_cent(value, text):
    assert figure(Decimal(value)) == text


def test_columns_of_money():
    assert cells(pd.DataFrame({"net_usd": [12.34, 1234.56]}))["net_usd"] == ["12.34", "1,234.56"]
    assert cells(pd.DataFrame({"payout": [85.0, None]}))["payout"] == ["85.00", MISSING]
    rates = pd.DataFrame({"per_stream_usd": [0.0038, 0.0062]})
    assert cells(rates)["per_stream_usd"] == ["0.0038", "0.0062"]
    exact = rates.map(lambda value: Decimal(str(value)))
    assert cells(exact) == cells(rates)


@pytest.mark.parametrize("name", ["share", "net"])
def test_missing_numbers_of_pandas(name):
    column = pd.array([0.25, None], dtype="Float64")
    assert cells(pd.DataFrame({name: column}))[name][1] == MISSING


def test_columns_of_any_name():
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", 1, "1"])
    assert list(cells(frame)) == ["a", "a 2", "1", "1 2"]
    levels = pd.MultiIndex.from_tuples([("streams", "sum"), ("day", "")])
    assert list(cells(pd.DataFrame([[1, 2]], columns=levels))) == ["streams sum", "day"]


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (1999, "vintage", "1999"),
        (1999, "release_year", "1999"),
        (1999.0, "first_year", "1999"),
        (123456, "track_id", "123456"),
        (20240, "seed", "20240"),
        (0.35, "year", "0.35"),
        (12000, "plays_per_year", "12,000"),
        (12000, "plays_paid_to", "12,000"),
    ],
)
def test_years_have_no_thousands(value, name, text):
    assert figure(value, name) == text
    assert cells(pd.DataFrame({name: [value]}))[name] == [text if value != 0.35 else "0.350"]


def test_small_chances_have_three_places():
    assert figure(0.0496, "p_value") == "0.050"
    assert figure(0.0444, "p_value") == "0.044"
    assert figure(0.31, "p_value") == "0.31"


class Shown(Card):
    """A card of a table and a sentence."""

    def __init__(self, frame=None, told=""):
        self.frame, self.told = frame, told

    def _verdict(self):
        return self.told

    def _tables(self):
        return [] if self.frame is None else [("Plays", self.frame)]


@pytest.mark.parametrize(
    ("index", "heads"),
    [
        (pd.Index(["x", "y"], name="plays"), ["Plays"]),
        (pd.Index(["x", "y"]), ["Index", "Plays"]),
        (pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["artist", "day"]),
         ["Artist", "Day", "Plays"]),
        (pd.Index([7, 3]), ["Plays"]),
        (pd.Index([7, 3], name="day"), ["Day", "Plays"]),
    ],
)  # fmt: skip
def test_an_index_is_shown_once(index, heads):
    page = Shown(pd.DataFrame({"plays": [1, 2]}, index=index))._repr_html_()
    assert re.findall(r"scope='col'[^>]*>([^<]*)<", page) == heads


def test_no_name_ends_a_sentence():
    told = "The top is Dr. Dre, then J. Cole at 440 Hz. It is sure."
    assert repr(Shown(told=told)) == "Shown: The top is Dr. Dre, then J. Cole at 440 Hz."
    assert repr(Shown(told="x" * 500)).startswith("Shown: xxxx")
    assert len(repr(Shown(told="x" * 500))) < 250
