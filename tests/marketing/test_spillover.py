"""Leads that were put in are found, those that were not are not, and the corrections are right."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError
from musictools.marketing import _lead_lag as lead_lag


def platforms(seed, *, lead=0.0, periods=160, entities=1, bump=0.0):
    """A leads B by two periods; C stands alone; releases move all, A first."""
    rng = np.random.default_rng(seed)
    frames, events = [], []
    for entity in range(entities):
        new = rng.normal(0, 0.1, (3, periods))
        new[1, 2:] += lead * new[0, :-2]
        for at in (30, 70, 110):
            events.append((at + entity, "single", f"e{entity}", 1.0))
            for row, tail in enumerate((2.0, 9.0, 5.0)):
                age = np.arange(periods) - at - entity
                new[row] += np.where(age >= 0, bump * np.exp(-np.maximum(age, 0) / tail), 0)
        for name, row in zip("ABC", new, strict=True):
            y = 1000 * np.exp(row + 0.003 * np.arange(periods))
            frames.append(
                pd.DataFrame({"unique_id": f"e{entity}/{name}", "ds": np.arange(periods), "y": y})
            )
    return pd.concat(frames), pd.DataFrame(events, columns=["ds", "kind", "subject", "size"])


def leads(found):
    return set(found.pairs.loc[found.pairs["leads"], ["leader", "follower"]].apply(tuple, axis=1))


@pytest.fixture(scope="module")
def led():
    series, events = platforms(1, lead=0.7)
    return mt.marketing.spillover(series, split="/", events=events)


def test_a_lead_is_found_at_its_lag(led):
    assert leads(led) == {("A", "B")}
    top = led.pairs.iloc[0]
    assert top["peak_lag"] == 2
    own = led.path.query("leader == 'A' and follower == 'B' and lag == 2").iloc[0]
    assert own["lo_90"] < 0.7 < own["hi_90"]
    assert own["response"] == top["peak"]
    assert "A leads B" in led.verdict
    assert "no cause" in led.verdict
    assert led.to_frame().equals(led.pairs)


def test_alone_a_regression_gives_the_same_response():
    """Oracle: ordinary least squares of what is two periods on, on all lags, by lstsq."""
    series, _ = platforms(3, lead=0.5)
    found = mt.marketing.spillover(series, split="/", lags=2, season=())
    logs = np.log(series["y"].to_numpy().reshape(3, -1))
    basis = np.column_stack([np.ones(160), np.arange(160)])
    rest = logs.T - basis @ np.linalg.lstsq(basis, logs.T, rcond=None)[0]
    lags = np.column_stack([rest[2 - lag : 158 - lag] for lag in range(3)])
    slopes = np.linalg.lstsq(lags, rest[4:, 1], rcond=None)[0]
    own = found.path.query("leader == 'A' and follower == 'B' and lag == 2")["response"].iloc[0]
    assert own == pytest.approx(slopes[0], rel=1e-9)


def test_releases_look_like_leads_until_they_are_told():
    blind, told = 0, 0
    for seed in range(12):
        series, events = platforms(seed, bump=1.0)
        blind += mt.marketing.spillover(series, split="/").found > 0
        told += mt.marketing.spillover(series, split="/", events=events).found > 0
    assert blind >= 5
    assert told <= 2


def test_any_lead_among_independent_series_is_rare():
    runs = [mt.marketing.spillover(platforms(100 + s)[0], split="/").found > 0 for s in range(40)]
    # 40 runs at 0.10: more than 9 has a chance of 0.5 %.
    assert sum(runs) <= 9


def test_what_all_entities_share_is_no_lead():
    series, events = platforms(5, lead=0.6, entities=4)
    rng = np.random.default_rng(0)
    shock = rng.normal(0, 0.3, 160)
    # C has next period what A has now, in all entities at once.
    move = {"A": shock, "B": np.zeros(160), "C": np.roll(shock, 1)}
    names = series["unique_id"].str[-1]
    y = series["y"] * np.exp([move[n][t] for n, t in zip(names, series["ds"], strict=True)])
    found = mt.marketing.spillover(series.assign(y=y), split="/", events=events)
    assert leads(found) == {("A", "B")}
    one = series.assign(y=y)[series["unique_id"].str.startswith("e0")]
    assert ("A", "C") in leads(mt.marketing.spillover(one, split="/"))


def test_corrections_agree_with_those_of_others():
    multitest = pytest.importorskip("statsmodels.stats.multitest").multipletests
    p_values = np.random.default_rng(0).random(12) ** 3
    for own, theirs in (("holm", "holm"), ("bh", "fdr_bh"), ("by", "fdr_by")):
        assert lead_lag.adjusted(p_values, own) == pytest.approx(
            multitest(p_values, method=theirs)[1]
        )


def test_cleaning_takes_out_all_it_should():
    t = np.arange(200.0)
    pure = 3 + 0.1 * t + np.sin(2 * np.pi * t / 52) + 5 * (t == 60) + 4 * (t == 61)
    kept, used = lead_lag.clean(pure[None, None], (52.0,), [np.array([60])], 2)
    assert np.abs(kept).max() < 1e-9
    assert used == 2 + 6 + 2 + 2
    assert lead_lag.usual_seasons(pd.date_range("2024-01-01", periods=800)) == (7.0, 365.25)
    assert lead_lag.usual_seasons(pd.RangeIndex(800)) == ()


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"correction": "bonferroni"}, "'holm'"), ({"scale": "logs"}, "'log'"),
        ({"split": "|"}, "without"), ({"lags": 0}, "lags"), ({"blackout": -1}, "blackout"),
        ({"lags": 30, "horizon": 100}, "periods"), ({"level": 20}, "level"),
    ],
)  # fmt: skip
def test_settings_are_checked(how, told):
    with pytest.raises(InputError, match=told):
        mt.marketing.spillover(platforms(1)[0], **({"split": "/"} | how))


def test_series_that_cannot_be_used():
    series, _ = platforms(1)
    with pytest.raises(InputError, match="evenly spaced"):
        mt.marketing.spillover(series[series["ds"] != 40], split="/")
    flat = series.assign(y=series["y"].where(series["unique_id"] != "e0/C", 5.0))
    with pytest.raises(InputError, match="nothing varies"):
        mt.marketing.spillover(flat, split="/")
    with pytest.raises(InputError, match="values below 0"):
        mt.marketing.spillover(series.assign(y=-series["y"]), split="/")
    two, _ = platforms(1, entities=2)
    with pytest.raises(InputError, match="'e0' on 'C'"):
        mt.marketing.spillover(two[two["unique_id"] != "e0/C"], split="/")


def test_it_is_drawn(led):
    ax = led.plot(plt.subplots()[1])
    assert ax.get_lines()[0].get_ydata() == pytest.approx(
        led.path.query("leader == 'A' and follower == 'B'")["response"]
    )
    assert ax.get_lines()[0].get_linestyle() == "-"
    assert ax.get_lines()[1].get_linestyle() == "--"
    plt.close(ax.figure)
