"""One series out of a market table; what does not splice is refused."""

import pandas as pd
import pytest

import musictools as mt


@pytest.fixture(scope="module")
def market():
    return mt.datasets.load_market()


def test_the_latest_edition_counts_and_an_earlier_day_can_be_asked_for(market):
    def total(year, **given):
        series = mt.economics.market_series(market, region="world", **given)
        return series.set_index("year").revenue_usd_m[year]

    assert total(2018) == 18700
    assert total(2018, as_of="2019-12") == total(2018, as_of="2019") == 19100
    assert total(2014) == 13000
    assert total(2014, as_of="2018-12") == 14200
    with pytest.raises(mt.errors.InputError, match="no edition up to 2001-01"):
        total(2014, as_of="2001-01")


def test_two_bases_are_refused_until_one_is_chosen(market):
    with pytest.raises(mt.errors.InputError, match="at retail and at wholesale"):
        mt.economics.market_series(market, region="US")
    retail = mt.economics.market_series(market, region="US", basis="retail")
    wholesale = mt.economics.market_series(market, region="US", basis="wholesale")
    assert list(retail.year) == list(range(1973, 2025))
    assert list(wholesale.year) == [2013, 2014, 2020, 2021, 2022, 2023]
    assert not retail.year.duplicated().any()
    with pytest.raises(mt.errors.InputError, match="expected one basis"):
        mt.economics.join_market(retail, wholesale)


def test_whole_and_half_years_are_refused(market):
    both = pd.concat([market, mt.datasets.load_market(period="first half")])
    with pytest.raises(mt.errors.InputError, match="whole and half years"):
        mt.economics.market_series(both, region="US", basis="wholesale")


def test_joined_tables_keep_the_left_one(market):
    left = market.query("region == 'US' and basis == 'retail' and year <= 2000")
    right = market.query("region == 'US' and basis == 'retail' and year >= 1990").copy()
    right["revenue_usd_m"] += 1
    joined = mt.economics.join_market(left, right)
    whole = market.query("region == 'US' and basis == 'retail'")
    assert len(joined) == len(whole)
    series = mt.economics.market_series(joined, region="US").set_index("year").revenue_usd_m
    assert (series[1999], series[2001]) == (14584.7, 13741.9)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"region": "Wrld"}, "'world'"),
        ({"region": "US", "format": "strming"}, "'streaming'"),
        ({"region": "US", "basis": "whole sale"}, "'wholesale'"),
    ],
)
def test_what_is_not_there_is_named(market, asked, says):
    with pytest.raises(mt.errors.InputError, match=says):
        mt.economics.market_series(market, **asked)


def test_a_table_of_another_kind_is_refused(market):
    with pytest.raises(mt.errors.TableError, match="basis"):
        mt.economics.market_series(market.drop(columns="basis"), region="US")


def test_other_frames_are_read_and_what_is_none_is_refused(market):
    polars = pytest.importorskip("polars")
    retail = market.query("region == 'US' and basis == 'retail'")
    columns = ["year", "region", "format", "revenue_usd_m", "basis", "vintage", "source"]
    other = polars.DataFrame(retail[columns].to_dict("list"))
    series = mt.economics.market_series(other.lazy(), region="US")
    assert series.revenue_usd_m.sum() == pytest.approx(
        mt.economics.market_series(retail, region="US").revenue_usd_m.sum()
    )
    told = mt.economics.market_forecast(
        polars.from_pandas(series[["year", "revenue_usd_m"]]), 2
    ).verdict
    assert told.startswith(("There is skill", "No skill"))
    for nothing in (None, [1, 2], "market"):
        with pytest.raises(mt.errors.TableError, match="a table"):
            mt.economics.market_series(nothing, region="US")
    text = retail.assign(revenue_usd_m=retail.revenue_usd_m.astype(str))
    with pytest.raises(mt.errors.TableError, match="revenue_usd_m"):
        mt.economics.norton_bass(text)
