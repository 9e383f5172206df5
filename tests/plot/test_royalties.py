"""The picture of royalties: bars of each payer, crosses where a period is missing."""

from decimal import Decimal

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


def lines(*rows):
    frame = pd.DataFrame(rows, columns=["payer", "period", "currency", "net"])
    return frame.assign(net=[Decimal(value) for value in frame["net"]])


def crosses(ax):
    return [line for line in ax.lines if line.get_marker() == "x"]


def test_bars_add_up_and_gaps_are_marked():
    frame = lines(
        ("A", "2025-01", "USD", "2"), ("A", "2025-01", "USD", "1"), ("A", "2025-03", "USD", "4"),
        ("B", "2025-01", "USD", "5"), ("B", "2025-02", "USD", "-1"), ("B", "2025-03", "USD", "1"),
    )  # fmt: skip
    _, ax = plt.subplots()
    assert mt.plot.royalties(frame, ax=ax) is ax
    assert sum(bar.get_height() for bar in ax.patches) == 12
    assert max(bar.get_y() + bar.get_height() for bar in ax.patches) == 8
    assert len(crosses(ax)) == 1
    assert ax.get_ylabel() == "Net (USD)"
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["A", "B", "no statement"]


def test_a_panel_for_each_currency_and_quarters():
    frame = lines(
        ("A", "2025-Q1", "EUR", "2"), ("A", "2025-Q3", "EUR", "2"), ("B", "2025-01", "JPY", "900"),
    )  # fmt: skip
    ax = mt.plot.royalties(frame)
    assert [panel.get_ylabel() for panel in ax.child_axes] == ["Net (EUR)", "Net (JPY)"]
    assert [len(crosses(panel)) for panel in ax.child_axes] == [1, 0]


def test_a_reconciliation_draws_itself():
    royalties = mt.datasets.load_label().royalties
    result = mt.collect.reconcile(royalties[royalties["period"] != "2024-05"])
    ax = result.plot()
    assert len(crosses(ax)) == royalties["payer"].nunique()
    heights = sum(bar.get_height() for bar in ax.patches)
    assert np.isclose(heights, float(sum(result.totals["net"])))


def test_what_cannot_be_drawn():
    with pytest.raises(TableError, match="net"):
        mt.plot.royalties(lines().drop(columns="net"))
    for period in ("2024-11-01--2025-02-01", "²²-01", None):
        with pytest.raises(InputError):
            mt.plot.royalties(lines(("A", period, "USD", "1")))
    with pytest.raises(TableError, match="type list"):
        mt.plot.royalties([1])


def test_no_money_is_left_out_in_silence():
    frame = lines(("A", "2025-01", "USD", "1"), (None, "2025-01", "USD", "90"))
    ax = mt.plot.royalties(frame)
    assert sum(bar.get_height() for bar in ax.patches) == 91
    assert "unknown payer" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert mt.plot.royalties(frame.assign(currency=None)).get_ylabel() == "Net (no currency)"
    ax = mt.plot.royalties(lines(("A", "2025-01", "USD", "1"), ("A", "2025", "USD", "5")))
    assert ax.get_title() == "Not drawn: 1 line without month or quarter"
