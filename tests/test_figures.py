"""Cards write money to the cent, years without thousands, and any table and sentence whole."""

import re
from decimal import Decimal

import pandas as pd
import pytest

from musictools._card import Card
from musictools._figures import figure, rows, shown
from musictools._html import MISSING, words
from musictools._units import is_chance, label


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


def test_intervals_are_written_as_their_number():
    told = rows({"net": 85.0, "lo_90": 80.0, "hi_90": 90.5}, None)
    assert told == {"Net": "85.00 (90 %: 80.00 to 90.50)"}
    frame = pd.DataFrame({"payout": [85.0], "lo": [80.0], "hi": [90.5], "x_lo": [1.0], "x_hi": [2]})
    assert cells(frame) == {"payout": ["85.00"], "lo": ["80.00 to 90.50"], "x_lo": ["1 to 2"]}


def test_a_card_says_what_is_money():
    kinds = {"value": "money", "net": "plays"}
    values = {"value": 85.0, "lo": 80.0, "hi": 90.5, "net": 7.0}
    assert rows(values, 90, kinds) == {"Value": "85.00 (90 %: 80.00 to 90.50)", "Net": "7"}
    told, columns = shown(pd.DataFrame([values]), 90, kinds)
    assert columns["value"][1](85.0) == "85.00"
    assert columns["net"][1](7.0) == "7"
    assert told["lo"][0] == "80.00 to 90.50"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("revenue_usd_m", "Revenue (million USD)"),
        ("price_eur", "Price (EUR)"),
        ("rubato_percent", "Rubato (%)"),
        ("spectral_tilt_db_per_octave", "Spectral tilt (dB per octave)"),
        ("spectral_slope_mean_db_per_khz", "Spectral slope, mean (dB per kHz)"),
        ("tempo_drift_percent_per_min", "Tempo drift (% per min)"),
        ("rate_usd_per_stream", "Rate (USD per stream)"),
        ("usd_per_stream", "USD per stream"),
        ("spins_per_week", "Spins per week"),
        ("lines_per_khz", "Lines per kHz"),
        ("silence_rate_20db", "Silence rate 20 dB"),
        ("chroma_fs", "Chroma, F#"),
        ("dc_offset_fs", "DC offset (of full scale)"),
        ("duration_s", "Duration (s)"),
        ("bark_kurtosis_min", "Bark kurtosis min"),
        ("at_most", "At most"),
        ("songs_1990s", "Songs 1990s"),
        ("p_p", "p value"),
    ],
)
def test_units_are_told(name, text):
    assert label(name) == text


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("p_value", True),
        ("pre_p_value", True),
        ("proportional_p", True),
        ("p_holm", True),
        ("p_family", True),
        ("p", False),
        ("p_lo_90", False),
        ("p_active", False),
        ("map", False),
        ("top_value", False),
    ],
)
def test_only_p_values_are_written_as_such(name, is_one):
    assert is_chance(name) is is_one
    assert (figure(0.0000002, name) == "below 0.001") is is_one
    assert bool(re.search(r"\bp value", label(name))) is is_one


@pytest.mark.parametrize("text", ["$x$", r"\(x\)", r"\[x\]", r"\begin{align}x\end{align}"])
def test_no_name_becomes_a_formula(text):
    """Notebooks look for the marks of formulas within one element only."""
    parts = re.split(r"<[^>]+>", words(text))
    assert "".join(parts) == text
    marks = r"\$.*\$|\\[(\[].*\\[)\]]|\\begin"
    assert re.search(marks, text)
    assert not any(re.search(marks, part) for part in parts)
    assert "\\(" not in parts


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


def test_two_intervals_of_one_amount_are_written_alike_in_rows_and_tables():
    values = {"payout": 5.0, "lo_90": 4.0, "hi_90": 6.0, "lo_50": 4.5, "hi_50": 5.5}
    (text,) = rows(values, None).values()
    table, _ = shown(pd.DataFrame([values]), None)
    for name, span in {"lo_90": "4.00 to 6.00", "lo_50": "4.50 to 5.50"}.items():
        assert span in text
        assert table.loc[0, name] == span
