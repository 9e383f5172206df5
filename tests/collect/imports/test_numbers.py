"""Numbers, days and places as people write them: read exactly, or not at all."""

import datetime as dt
import math
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musictools.collect.imports import _moments
from musictools.collect.imports._countries import country_join, country_names
from musictools.collect.imports._field import Context, Options, column, trimmed
from musictools.collect.imports._fields import count
from musictools.collect.imports._numbers import EXACT, decimal_mark, number_sql, sure_marks
from musictools.errors import ExportError

CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone='America/New_York'")


def asked(expression, *values):
    query = f"SELECT {expression} FROM (SELECT unnest(?) AS v)"  # noqa: S608
    return [row[0] for row in CONNECTION.execute(query, [list(values)]).fetchall()]


POINT = {
    "1.5": "1.5", "-1": "-1", "+2": "2", ".5": "0.5", "1.": "1", "1,234.56": "1234.56",
    "1,234": "1234",
    "(4.10)": "-4.10", "$3.20": "3.20", "-$3.20": "-3.20", "1.2E-05": "0.000012", "12 EUR": "12",
    "4.10-": "-4.10", "USD 5.00": "5", "\u22125": "-5", "US$7.00": "7", "1 234.5": "1234.5",
    "1'234.50": "1234.50", "1\u2019234.50": "1234.50",
    "\u00a3 1,234,567.89": "1234567.89", "0.000000000000000000000001": "1e-24",
}  # fmt: skip
COMMA = {
    "1,5": "1.5", "1.234,56": "1234.56", "R$ 1.234,56": "1234.56", "1\u00a0234,5": "1234.5",
    "1\u202f234,50 \u20ac": "1234.50", "-0,258066": "-0.258066", "12": "12", "(1,10)": "-1.10",
}  # fmt: skip
NONE = [
    "1_000",
    "0x10",
    "inf",
    "nan",
    "-Infinity",
    "abc",
    "1.2.3",
    "--5",
    "5e",
    "1,23",
    "12,34,567",
    "..",
    "(5",
    "",
]


@pytest.mark.parametrize(("text", "value"), POINT.items())
def test_decimal_points(text, value):
    assert asked(number_sql("v", ".", EXACT), text) == [Decimal(value)]
    assert asked(number_sql("v", ".", "DOUBLE"), text) == [pytest.approx(float(value), rel=1e-15)]


@pytest.mark.parametrize(("text", "value"), COMMA.items())
def test_decimal_commas(text, value):
    assert asked(number_sql("v", ",", EXACT), text) == [Decimal(value)]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number(text):
    assert asked(number_sql("v", ".", EXACT), text) == [None]
    # What is not finite is refused where a row is judged.
    told = asked(number_sql("v", ".", "DOUBLE"), text)
    assert told == [None] or not math.isfinite(told[0])


def test_a_percentage_is_no_amount():
    assert asked(number_sql("v", ".", "DOUBLE"), "8.5%", "8.5 %") == [8.5, 8.5]
    assert asked(number_sql("v", ".", EXACT), "8.5%", "8.5 %") == [None, None]


def test_nothing_is_rounded():
    digits = "0.1234567890123456789012345"
    assert asked(number_sql("v", ".", EXACT), digits, digits[:-1], "1.5E-24") == [
        None,
        Decimal(digits[:-1]),
        None,
    ]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9
    )
)
def test_what_python_writes_is_read(value):
    assert asked(number_sql("v", ".", EXACT), str(value), f"{value:,f}") == [value, value]
    swapped = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    assert asked(number_sql("v", ",", EXACT), swapped) == [value]


def test_the_mark_is_told_by_the_column():
    assert decimal_mark(["1,234.5", "7"], "x") == "."
    assert decimal_mark(["1.234,5"], "x") == ","
    assert decimal_mark(["1.234", "0,5"], "x") == ","
    assert decimal_mark(["1.234.567"], "x") == ","
    assert decimal_mark(["1,234", "0.5"], "x") == "."
    assert decimal_mark(["1.234"], "x") == "."
    assert decimal_mark(["12"], "x") == "."


@pytest.mark.parametrize("values", [["1,234"], ["1,5", "1.5"]])
def test_a_mark_that_nobody_tells_is_asked_for(values):
    with pytest.raises(ExportError, match=r"'Net'.*decimal="):
        decimal_mark(values, "Net")
    assert decimal_mark(values, "Net", ",") == ","


def test_counts_have_no_decimals():
    told = counted("1.234", "1,234,567", "12", "1 234", "12.0", "1.5", "x", "-3")
    assert told == [1234, 1234567, 12, 1234, 12, None, None, -3]


def counted(*values, beside="", decimal=None):
    """Read counts of a file that has another column beside them."""
    rows = tuple((value, beside) for value in values)
    told = Options(decimal=decimal)
    day = dt.datetime(2025, 1, 1)  # noqa: DTZ001
    context = Context("f", day, ("v", "w"), "", rows, told, counts=frozenset({"v"}))
    field = count("v")
    return asked(field.bind(field, context).sql, *values)


def test_a_thousand_is_no_one_where_commas_are_decimal():
    assert counted("1.000", "12") == [1, 12]
    assert counted("1.000", beside="0,5") == [1000]
    assert counted("1.000", "1.234") == [1000, 1234]
    assert counted("1.000", "2,0", beside="0,5") == [1000, 2]
    assert counted("1.000", decimal=",") == [1000]
    assert counted("1,000", "3.0", beside="0.5") == [1000, 3]


def test_other_columns_tell_where_a_column_cannot():
    assert decimal_mark(["1.010"], "x", beside=[{","}, set()]) == ","
    assert decimal_mark(["1.010", "0.5"], "x", beside=[{","}]) == "."
    assert decimal_mark(["1,010"], "x", beside=[{"."}]) == "."
    assert decimal_mark(["1,010"], "x", beside=[{","}]) == ","
    for values, beside in (
        (["1,010"], [set()]),
        (["1.010"], [{",", "."}]),
        (["1.010", "1,010"], []),
    ):
        with pytest.raises(ExportError, match=r"decimal="):
            decimal_mark(values, "x", beside=beside)


def test_what_columns_show_beyond_doubt():
    assert sure_marks(["1.234,50", "7"]) == {","}
    assert sure_marks(["-1.234,50 €", "-"]) == set()
    assert sure_marks(["-1.234,50 €", "1", "-"]) == {","}
    assert sure_marks([",5"]) == {","}
    assert sure_marks(["1.234E-05"]) == {"."}
    # Words, months and days show nothing; nor does a thousand.
    for cells in (["Song 7,5", "x"], ["03.2025"], ["31.12.2025"], ["1.2.3"], ["1.234"], []):
        assert sure_marks(cells) == set()
    assert sure_marks(["1.234"], whole=True) == {","}
    assert sure_marks(["1,234"], whole=True) == {"."}
    assert sure_marks(["1.000"], whole=True) == set()


# --- days ----------------------------------------------------------------------------------------

ORDERS = ("%d/%m/%Y", "%m/%d/%Y")


def test_the_rows_tell_the_order():
    assert _moments.choose(["03/04/2025", "25/04/2025"], ORDERS, "x", day_first=None) == "%d/%m/%Y"
    assert _moments.choose(["03/04/2025", "04/25/2025"], ORDERS, "x", day_first=None) == "%m/%d/%Y"
    assert _moments.choose(["04/04/2025"], ORDERS, "x", day_first=None) == "%d/%m/%Y"


def test_an_order_that_nobody_tells_is_asked_for():
    with pytest.raises(ExportError, match="day_first=True"):
        _moments.choose(["03/04/2025"], ORDERS, "Date", day_first=None)
    assert _moments.choose(["03/04/2025"], ORDERS, "Date", day_first=False) == "%m/%d/%Y"


def test_dates_of_no_format_are_refused():
    with pytest.raises(ExportError, match="'yesterday'"):
        _moments.choose(["yesterday"], ORDERS, "Date", day_first=None)


def test_times_are_in_utc_whatever_the_session():
    (told,) = asked(_moments.moment_sql("v", "%Y-%m-%dT%H:%M:%S%z"), "2025-01-01T00:30:00+0200")
    assert str(told) == "2024-12-31 22:30:00"


@pytest.mark.parametrize(
    ("pattern", "by", "text", "period"),
    [
        ("%Y-%m", "month", "2025-03", "2025-03"),
        ("%Y-%m", "month", "2025-13", None),
        ("%Y-%m-%d", "month", "2025-03-31", "2025-03"),
        ("%Y-%m-%d", "quarter", "2025-04-01", "2025-Q2"),
        ("%YQ%q", "quarter", "2025Q4", "2025-Q4"),
        ("Q%q %Y", "quarter", "Q1 2024", "2024-Q1"),
        ("Q%q %Y", "quarter", "Q5 2024", None),
        ("%B %Y", "month", "October 2025", "2025-10"),
    ],
)
def test_periods(pattern, by, text, period):
    assert asked(_moments.period_sql("v", pattern, by), text) == [period]


# --- places and cells ----------------------------------------------------------------------------


def test_countries():
    alias = column("k")
    sql = (
        f"SELECT coalesce({alias}.code, v) FROM (SELECT unnest(?) AS v) {country_join('v', alias)}"  # noqa: S608
    )
    names = [
        "uk",
        "Türkiye",
        "Côte d'Ivoire",
        "Côte d\u2019Ivoire",
        "OU",
        "United States",
        "de",
        "World",
        None,
    ]
    told = duckdb.connect().execute(sql, [names]).fetchall()
    assert sorted(str(t[0]) for t in told) == sorted(
        ["GB", "TR", "CI", "CI", "OU", "US", "DE", "World", "None"]
    )
    codes = set(country_names().values())
    assert len(codes) == 250
    assert all(len(code) == 2 and code.isupper() for code in codes)


def test_cells_are_trimmed():
    assert asked(trimmed("v"), " a ", "b", "", "  ", "\tc", "d ") == [
        "a",
        "b",
        None,
        None,
        "\tc",
        "d",
    ]
