"""The tables of the market: complete, cited, consistent, as their datasheets say."""

import numpy as np
import pytest

import musictools as mt

NAMES = ("market", "spotify_quarters", "loud_and_clear", "subscription_prices", "chart_rules")
LOADERS = {name: getattr(mt.datasets, f"load_{name}") for name in NAMES}


@pytest.fixture
def market():
    return mt.datasets.load_market()


@pytest.fixture
def quarters():
    return mt.datasets.load_spotify_quarters().set_index("quarter_end")


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_where_it_is_from(name):
    table = LOADERS[name]()
    assert table.source_url.str.match("https?://").all()
    assert table.source.notna().all()
    assert (table.checked_on == "2026-11-26").all()
    assert table.verified.isin({"yes", "partly", "no"}).all()
    assert table[table.verified == "no"].note.notna().all(), "why it could not be verified"


@pytest.mark.parametrize("name", NAMES)
def test_the_datasheet_tells_the_same(name, root):
    sheet = (root / "datasets" / f"{name}.md").read_text("utf-8")
    rows = (root / "datasets" / f"{name}.csv").read_text("utf-8").strip().splitlines()
    assert all(f"`{column}`" in sheet for column in LOADERS[name]())
    assert f"| {len(rows) - 1} rows" in sheet
    assert f"mt.datasets.load_{name}()" in sheet


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_may_change_the_copy(name):
    table = LOADERS[name]()
    table.loc[:, "source"] = "me"
    assert (LOADERS[name]().source != "me").all()


def test_the_market_is_a_market_table(market):
    assert mt.tables.check(market, "market") is market
    assert not market.duplicated(["year", "region", "format", "basis", "vintage"]).any()
    assert market.basis.isin({"retail", "wholesale"}).all()
    assert market.vintage.str.fullmatch(r"\d{4}-\d{2}").all()
    assert (market.vintage.str[:4].astype(int) > market.year).all(), "no year before it is over"
    with pytest.raises(mt.errors.InputError, match="first half"):
        mt.datasets.load_market(period="half")


def test_the_turning_points_of_the_us_market(market):
    us = market.query("region == 'US' and format == 'total' and vintage == '2020-02'")
    total = us.set_index("year").revenue_usd_m
    assert total[[1973, 1999, 2014, 2019]].tolist() == [2016.6, 14584.7, 6694.7, 11111.6]
    assert list(total.index) == list(range(1973, 2020))
    assert total.idxmax() == 1999
    assert total.loc[2000:].idxmin() == 2014


def test_families_add_up_to_the_total(market):
    old = market[market.vintage == "2020-02"]
    wide = old.pivot_table(index="year", columns="format", values="revenue_usd_m")
    assert (wide.drop(columns="total").sum(axis=1) - wide.total).abs().max() <= 0.2001
    # The RIAA gives 43 % as the peak of downloads, in 2012, and of 2014 37 % and 1 % ringtones,
    # 27 % streaming, 32 % physical.
    share = 100 * wide.div(wide.total, axis=0)
    assert share.download.idxmax() == 2012
    assert share.download[2012] == pytest.approx(43, abs=0.5)
    assert share.loc[2014, ["streaming", "physical"]].round().tolist() == [27, 32]


def test_later_families_are_what_releases_say_in_per_cent(market):
    late = market.query("region == 'US' and basis == 'retail' and year >= 2020")
    wide = late.sort_values("vintage").drop_duplicates(["year", "format"], keep="last")
    wide = wide.pivot_table(index="year", columns="format", values="revenue_usd_m")
    share = 100 * wide.div(wide.total, axis=0)
    for year, streaming in {2020: 83, 2021: 83, 2022: 84, 2023: 84, 2024: 84}.items():
        assert share.streaming[year] == pytest.approx(streaming, abs=0.9)
    known = wide.drop(columns="total").sum(axis=1)
    # What is left is synchronization and rounding.
    assert ((wide.total - known) / wide.total).between(0, 0.03).all()


def test_retail_is_half_as_much_again_as_wholesale(market):
    half = mt.datasets.load_market(period="first half")
    both = half.query("year == 2024").set_index("basis").revenue_usd_m
    assert both.to_dict() == {"retail": 8650.0, "wholesale": 5537.0}
    us = market.query("region == 'US' and format == 'total'").drop_duplicates(
        ["year", "basis"], keep="last"
    )
    wide = us.pivot_table(index="year", columns="basis", values="revenue_usd_m").dropna()
    assert len(wide) >= 5
    assert (wide.retail / wide.wholesale).between(1.37, 1.58).all()


def test_ifpi_restates(market):
    world = market.query("region == 'world' and format == 'total'")
    told = world.set_index(["year", "vintage"]).revenue_usd_m
    assert told[2018].to_dict() == {"2019-04": 19100.0, "2020-05": 18700.0}
    assert told[2021].to_dict() == {"2022-03": 25900.0, "2023-03": 24000.0}
    # Growth as printed, within the rounding of totals: of one edition, never across two.
    for year, growth, edition in ((2022, 9.0, "2023-03"), (2024, 4.8, "2025-03")):
        both = told[year][edition] / told[year - 1][edition]
        assert 100 * (both - 1) == pytest.approx(growth, abs=0.4)
    across = told[2022]["2023-03"] / told[2021]["2022-03"]
    assert 100 * (across - 1) < 2
    assert (world.basis == "wholesale").all()


def test_profit_and_loss_of_every_quarter(quarters):
    q = quarters
    assert len(q) == 36
    assert (q.revenue_eur_m - q.cost_of_revenue_eur_m == q.gross_profit_eur_m).all()
    assert (q.premium_revenue_eur_m + q.ad_revenue_eur_m - q.revenue_eur_m).abs().max() <= 1
    margin = 100 * q.gross_profit_eur_m / q.revenue_eur_m
    printed = q.gross_margin_pct.dropna()
    assert len(printed) == 19
    assert (margin - printed).abs().max() <= 0.0501


def test_segments_add_up_in_every_quarter_that_has_them(quarters):
    q = quarters.dropna(subset=["premium_cost_eur_m"])
    assert len(q) == 25
    for segment in ("premium", "ad"):
        profit = q[f"{segment}_revenue_eur_m"] - q[f"{segment}_cost_eur_m"]
        assert (profit - q[f"{segment}_gross_profit_eur_m"]).abs().max() <= 1
    assert (q.premium_cost_eur_m + q.ad_cost_eur_m - q.cost_of_revenue_eur_m).abs().max() <= 1
    profits = q.premium_gross_profit_eur_m + q.ad_gross_profit_eur_m
    assert (profits - q.gross_profit_eur_m).abs().max() <= 1
    expenses = q[["research_eur_m", "marketing_eur_m", "administration_eur_m"]].sum(axis=1)
    income = (q.gross_profit_eur_m - expenses - q.operating_income_eur_m).dropna()
    assert len(income) == 8
    assert income.abs().max() <= 1


def test_2017_is_that_of_the_prospectus(quarters):
    # Prospectus of 2018: cost of revenue of 2017, million euros.
    year = quarters.loc["2017"].sum(numeric_only=True)
    assert year.cost_of_revenue_eur_m == 3241
    assert (year.premium_cost_eur_m, year.ad_cost_eur_m) == (2868, 373)
    assert year.ad_revenue_eur_m == 416


def test_quarters_follow_each_other_and_users_overlap(quarters):
    assert list(quarters.index.to_period("Q").diff().dropna().map(lambda gap: gap.n)) == [1] * 35
    both = quarters.subscribers_m + quarters.ad_users_m
    assert (both > quarters.monthly_users_m).sum() > 30
    assert (both - quarters.monthly_users_m).between(-1, 20).all()
    # The average revenue of a subscriber and month, from the table's own columns.
    middle = (quarters.subscribers_m + quarters.subscribers_m.shift()) / 2
    own = quarters.premium_revenue_eur_m / middle / 3
    assert ((own / quarters.premium_arpu_eur - 1).abs().dropna() < 0.06).all()


def test_head_counts_fall_with_the_threshold_and_rise_with_the_years():
    counts = mt.datasets.load_loud_and_clear()
    assert not counts.duplicated(["year", "threshold_usd", "vintage"]).any()
    for _, edition in counts.groupby(["year", "vintage"]):
        assert edition.sort_values("threshold_usd").artists.is_monotonic_decreasing
    told = counts.set_index(["year", "threshold_usd", "vintage"]).artists
    assert told[2020, 1_000_000].to_dict() == {"2021-03": 870, "2022-03": 860}
    assert told[2020, 1000].to_dict() == {"2021-03": 184_500, "2022-03": 186_600}
    assert told[2017, 50_000].to_dict() == {"2021-03": 7300, "2025-03": 7400}
    last = counts.sort_values("vintage").drop_duplicates(["year", "threshold_usd"], keep="last")
    for _, series in last.groupby("threshold_usd"):
        assert series.sort_values("year").artists.is_monotonic_increasing


def test_prices_of_spotify_in_the_united_states():
    prices = mt.datasets.load_subscription_prices()
    spotify = prices.query("service == 'Spotify' and region == 'US' and day_is != 'until'")
    paid = spotify.groupby("plan").price_month.apply(list).to_dict()
    assert paid["individual"] == [9.99, 10.99, 11.99, 12.99]
    assert paid["family"] == [15.99, 16.99, 19.99, 21.99]
    assert paid["duo"] == [14.99, 16.99, 18.99]
    assert paid["student"] == [5.99, 5.99, 6.99]


def test_prices_are_sound():
    prices = mt.datasets.load_subscription_prices()
    assert prices.price_month.between(3, 25).all()
    assert prices.day.str.fullmatch(r"\d{4}(-\d{2}){0,2}").all()
    assert prices.day_is.isin({"launch", "announced", "effective", "in force", "until"}).all()
    assert not prices.duplicated(["service", "plan", "region", "day"]).any()
    money = dict(zip(prices.region, prices.currency, strict=True))
    assert money == {"US": "USD", "GB": "GBP", "FR": "EUR"}


def test_rules_follow_each_other_without_gap_or_overlap():
    rules = mt.datasets.load_chart_rules()
    key = ["rules", "kind"]
    counting = rules[rules.kind.isin({"units", "weights"})].sort_values("valid_from")
    for name, own in counting.groupby(key):
        assert own.valid_to.isna().sum() == 1, name
        days = own.valid_from.to_numpy()[1:] - own.valid_to.to_numpy()[:-1]
        assert (days == np.timedelta64(1, "D")).all(), name
    awards = rules[rules.kind == "award"].groupby(["rules", "valid_to"], dropna=False)
    assert all(own.units.is_monotonic_increasing for _, own in awards)
    assert rules[rules.kind == "award"].units.gt(0).all()
