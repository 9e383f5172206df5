"""Pictures of rules: what is drawn is what was computed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def why():
    plays = pd.DataFrame(
        {
            "user_id": ["a", "a", "b", "c"],
            "artist_id": ["$x", "y", "y", "z"],
            "plays": [10, 5, 85, 1],
        }
    )
    known = pd.DataFrame({"artist_id": ["$x", "y"], "genre": ["rap", "folk"]})
    return mt.economics.explain_payouts(plays, artists=known)


def test_lorenz_curves(why):
    curve = mt.economics.lorenz(why.artists, column="base")
    ax = mt.plot.lorenz({"one": curve, "two": curve})
    assert len(ax.lines) == 3
    assert np.allclose(ax.lines[1].get_ydata(), curve["payout_share"])
    gini = mt.economics.inequality(why.artists, column="base")["gini"]
    assert ax.get_legend().get_texts()[1].get_text() == f"one (Gini {gini:.3f})"
    with pytest.raises(InputError, match="none"):
        mt.plot.lorenz({})
    with pytest.raises(TableError, match="artists_share"):
        mt.plot.lorenz(why.artists)


def test_deltas_are_bars_of_both_rules(why):
    ax = why.plot()
    table = why.by_decile()
    assert len(ax.patches) == 2 * len(table) == 6
    assert np.allclose([bar.get_height() for bar in ax.patches[:3]], table["base_share"])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["pro_rata", "user_centric"]
    for by, count in (("ranks", 1), ("intensity", 3), ("genre", 3)):
        _, ax = plt.subplots()
        assert len(mt.plot.rule_deltas(why, by=by, ax=ax).patches) == 2 * count
    with pytest.raises(TableError, match="base_share"):
        mt.plot.rule_deltas(why.artists)


def test_gainers_and_losers(why):
    ax = mt.plot.gainers_losers(why)
    assert sum(len(points.get_offsets()) for points in ax.collections) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["2 gain", "1 lose"]
    # Each name stands at a point of its own, which is marked.
    marked = [tuple(line.get_xydata()[0]) for line in ax.lines[1:]]
    assert marked == [text.xy for text in ax.texts] != []
    with pytest.raises(TableError, match="'name'"):
        mt.plot.gainers_losers(why, label="name")


def test_a_fee_flows_on_whole():
    plays = pd.DataFrame({"user_id": ["a"] * 10 + ["b"], "artist_id": [*range(10), 50]})
    flow = mt.economics.follow_fee(plays, "a", "pro_rata", fee=11)
    ax = mt.plot.fee_flow(flow, names={0: "$A"}, top=3)
    assert np.isclose(sum(-bar.get_height() for bar in ax.patches[1:]), 11)
    assert [t.get_text() for t in ax.texts] == [
        r"\$A: 1.00", "1: 1.00", "2: 1.00", "7 more that were played: 7.00",
        "1 artist not played: 1.00",
    ]  # fmt: skip
    heights = [t.get_position()[1] for t in ax.texts]
    assert (np.diff(heights) < -0.6).all()
    with pytest.raises(InputError, match="0 of money"):
        mt.plot.fee_flow(flow.assign(amount=0.0))
    with pytest.raises(TableError, match="'played'"):
        mt.plot.fee_flow(flow[["artist_id", "amount"]])


def test_a_comparison_in_a_notebook_is_escaped(why):
    from dataclasses import replace

    text = replace(why, base="<b>one</b>")._repr_html_()
    assert "<b>one" not in text
    assert "&lt;b&gt;one" in text
    assert "of the artists 2 gain and 1 lose" in text
