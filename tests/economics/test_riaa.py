"""The reader's own copy of the RIAA's table."""

import pandas as pd
import pytest

import musictools as mt

ROWS = ["format,metric,year,value", "CD,Value,1999,12816.3", "CD,Units,1999,938.9"]


@pytest.fixture
def copy(tmp_path):
    def write(*rows, encoding="utf-8"):
        path = tmp_path / "riaa.csv"
        path.write_text("\n".join(rows) + "\n", encoding=encoding)
        return path

    return write


@pytest.fixture(scope="module")
def riaa(shared):
    path = shared / "data" / "economics" / "industry" / "riaa_us_by_format_1973_2019.csv"
    if not path.is_file():
        pytest.skip("no copy of the RIAA's table")
    return mt.economics.read_riaa(path)


def test_totals_of_the_copy(riaa):
    total = riaa.groupby("year").revenue_usd_m.sum()
    known = {1973: 2016.6, 1999: 14584.7, 2014: 6694.7, 2019: 11111.6}
    assert total[list(known)].round(1).to_dict() == known
    assert mt.tables.check(riaa, "market") is riaa
    assert (riaa.basis == "retail").all()
    assert (riaa.vintage == "2019").all()
    cd = riaa[riaa.format == "CD"].set_index("year")
    # The adjusted value of the last year is the nominal one.
    assert cd.revenue_adjusted_usd_m[2019] == pytest.approx(cd.revenue_usd_m[2019])
    assert cd.revenue_adjusted_usd_m[1999] / cd.revenue_usd_m[1999] == pytest.approx(1.53, abs=0.02)
    subscriptions = riaa[riaa.format == "Paid Subscription"].set_index("year")
    assert subscriptions.units_m[2016] == pytest.approx(22.68)
    assert subscriptions.revenue_usd_m[2019] == pytest.approx(5934.4, abs=0.1)


def test_shipped_sums_are_those_of_the_copy(riaa):
    own = riaa.groupby(["year", "family"]).revenue_usd_m.sum().dropna()
    own = own[own != 0]
    shipped = mt.datasets.load_market().query("vintage == '2020-02' and format != 'total'")
    shipped = shipped.set_index(["year", "format"]).revenue_usd_m
    assert set(shipped.index) == set(own.index)
    assert (shipped - own.rename_axis(["year", "format"])).abs().max() <= 0.0501


@pytest.mark.parametrize("column", ["value", "value_actual"])
def test_both_headers_are_read(copy, column):
    rows = [ROWS[0].replace("value", column), *ROWS[1:], "Synchronization,Value,1999,"]
    table = mt.economics.read_riaa(copy(*rows, encoding="utf-8-sig"))
    assert table[["format", "units_m", "revenue_usd_m"]].to_numpy().tolist() == [
        ["CD", 938.9, 12816.3]
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["a,b", "1,2"], "the columns a, b"),
        ([*ROWS, "Wax Cylinder,Value,1999,1"], "'Wax Cylinder'"),
        ([*ROWS, "CD,Value,1999,3"], "two values of CD in 1999"),
        ([ROWS[0]], "no row"),
        ([ROWS[0], "CD,Value,soon,3"], "no row"),
        ([""], "no table|columns"),
    ],
)
def test_what_is_no_such_table_is_refused(copy, rows, says):
    with pytest.raises(mt.errors.ExportError, match=says):
        mt.economics.read_riaa(copy(*rows))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(mt.errors.InputError, match=r"none\.csv"):
        mt.economics.read_riaa(tmp_path / "none.csv")


def test_the_full_table_is_not_shipped(root):
    for path in (root / "datasets").glob("*.csv"):
        table = pd.read_csv(path, nrows=2000)
        assert "format" not in table or len(table[table["format"] == "CD"]) == 0


def test_downloads_of_the_copy_add_less_than_nothing_in_real_dollars_too(riaa):
    """What notebook 08 says of the copy."""
    value = "revenue_adjusted_usd_m"
    sums = riaa.groupby(["year", riaa["family"].rename("format")])[value].sum().reset_index()
    waves = ["physical", "download", "streaming"]
    fit = mt.economics.norton_bass(sums, value=value, formats=waves)
    assert fit.parameters.set_index("format").m["download"] < 0
    assert any(note.startswith("m of download is below zero") for note in fit.notes)


def test_a_value_that_is_no_plain_number_is_not_left_out(copy):
    with pytest.raises(mt.errors.ExportError, match=r"'12,816\.3'"):
        mt.economics.read_riaa(copy(*ROWS, 'LP/EP,Value,1999,"12,816.3"'))
    # An empty one is none.
    assert len(mt.economics.read_riaa(copy(*ROWS, "LP/EP,Value,1999,"))) == 1
