"""Pictures of the market: what is drawn where, and how bases are kept apart."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt


def table(years, basis, **formats):
    rows = [
        {"year": y, "region": "US", "format": f, "revenue_usd_m": v, "basis": basis}
        for f, values in formats.items()
        for y, v in zip(years, values, strict=True)
        if not np.isnan(v)
    ]
    return pd.DataFrame(rows)


def test_areas_stand_on_each_other():
    six = table(range(2000, 2006), "retail", physical=[1000.0] * 6, streaming=[2000.0] * 6)
    ax = mt.plot.market_history(six)
    drawn = [c for c in ax.collections if len(c.get_paths()) and len(c.get_paths()[0].vertices) > 4]
    spans = [
        (round(v[:, 1].min(), 6), round(v[:, 1].max(), 6))
        for v in (c.get_paths()[0].vertices for c in drawn)
    ]
    assert spans == [(0, 1), (1, 3)]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["physical", "streaming"]


def test_a_new_basis_is_a_break_and_not_a_fall():
    retail = table(range(2000, 2006), "retail", streaming=[3000.0] * 6, total=[3000.0] * 6)
    later = table(range(2006, 2012), "wholesale", streaming=[2000.0] * 6, total=[2000.0] * 6)
    ax = mt.plot.market_history(pd.concat([retail, later]))
    names = [line.get_label() for line in ax.lines]
    assert {"total, retail", "total, wholesale"} <= set(names)
    (border,) = [line for line in ax.lines if line.get_label().startswith("_")]
    assert border.get_xdata()[0] == 2005.5
    areas = [c.get_paths()[0].vertices for c in ax.collections if len(c.get_paths())]
    reach = sorted((v[:, 0].min(), v[:, 0].max()) for v in areas if len(v) > 4)
    assert reach == [(2000, 2005), (2006, 2011)], "no area across the break"
    for line in ax.lines:
        if line.get_label().startswith("total"):
            x = np.asarray(line.get_xdata(), float)
            assert x.max() <= 2005 or x.min() >= 2006


def test_what_is_unknown_is_no_area():
    gap = table(range(2000, 2006), "retail",
                physical=[1000.0, np.nan, 1000.0, 1000.0, 1000.0, 1000.0],
                streaming=[2000.0] * 6)  # fmt: skip
    ax = mt.plot.market_history(gap)
    assert [bar.get_height() for bar in ax.patches if bar.get_x() == 2000.6] == [0, 2]


def test_the_shipped_market():
    ax = mt.plot.market_history(mt.datasets.load_market())
    total = next(line for line in ax.lines if line.get_label() == "total, retail")
    top = dict(zip(total.get_xdata(), total.get_ydata(), strict=True))
    assert (top[1999], top[2024]) == pytest.approx((14.5847, 17.7))
    wholesale = next(line for line in ax.lines if line.get_label() == "total, wholesale")
    values = np.asarray(wholesale.get_ydata(), float)
    assert np.isnan(values).sum() == 5, "2015 to 2019 are not known: the line is broken"
    world = mt.plot.market_history(
        mt.datasets.load_market(), region="world", ax=plt.figure().add_subplot()
    )
    assert world.get_xlabel() == "Year"


@pytest.mark.parametrize(
    ("market", "region", "says"),
    [
        (mt.datasets.load_market().drop(columns="basis"), "US", "'basis'"),
        (mt.datasets.load_market(), "USA", "'US'"),
        (
            pd.concat([mt.datasets.load_market(), mt.datasets.load_market(period="first half")]),
            "US",
            "whole and half years",
        ),
        (None, "US", "'year'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(market, region, says):
    with pytest.raises(mt.errors.InputError, match=says):
        mt.plot.market_history(market, region=region)


def test_succession_and_forecast_draw_themselves():
    market = mt.datasets.load_market()
    us = market[(market.vintage == "2020-02") & market.format.isin(["download", "streaming"])]
    fit = mt.economics.norton_bass(us, shared=False, horizon=4)
    ax = fit.plot(ax=plt.figure().add_subplot())
    assert ax.get_ylabel() == "Revenue (million USD, nominal)"
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [(line.get_xdata()[0], line.get_xdata()[-1]) for line in dashed] == [(2019, 2023)] * 2
    assert "&lt;" not in fit._repr_html_()
    assert "R squared" in fit._repr_html_()
    series = mt.economics.market_series(market, region="US", basis="retail")
    ax = mt.economics.market_forecast(series, 4).plot(ax=plt.figure().add_subplot())
    history, ahead = ax.lines
    assert (history.get_xdata()[-1], ahead.get_xdata()[0], ahead.get_xdata()[-1]) == (
        2024,
        2024,
        2028,
    )
    assert ahead.get_ydata()[0] == 17700
    assert [t.get_text() for t in ax.get_legend().get_texts()][1] == "forecast (naive)"


def test_many_formats_share_an_area_and_the_oldest_is_at_the_bottom():
    years = range(2000, 2010)
    sizes = {f"f{n}": np.where(np.arange(10) >= 9 - n, 100.0 + n, 0.0) for n in range(10)}
    ax = mt.plot.market_history(table(years, "retail", **sizes))
    names = [t.get_text() for t in ax.get_legend().get_texts()]
    assert len(names) == 8
    assert names[0] == "f9", "the one that began first"
    assert "all others" in names
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in ax.collections if c.get_paths()]
    assert max(tops) == pytest.approx(sum(v[-1] for v in sizes.values()) / 1000)
