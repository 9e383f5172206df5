"""Pictures of what a unit brings."""

from decimal import Decimal

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import musictools as mt


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def lines(**others):
    rows = {
        "platform": ["A", "A", "B", "B", "A"],
        "country": ["SE", "SE", "SE", "MX", "MX"],
        "units": [1000.0, 2000.0, 1000.0, 1000.0, 5.0],
        "net": [Decimal(text) for text in ("4", "12", "9", "1", "5")],
        "currency": ["USD"] * 5,
    }
    return pd.DataFrame(rows | others)


def test_boxes_stand_at_the_rates_of_their_store_and_country():
    figure, axes = plt.subplots(2)
    ax = mt.plot.royalty_rates(lines(), ax=axes[1])
    assert ax is axes[1]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["SE", "MX"]
    assert ax.get_xlabel() == "Net of 1,000 units (USD)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B"]
    medians = sorted({float(x) for line in ax.lines for x in line.get_xdata()})
    assert medians == pytest.approx([1, 4, 4.5, 5, 5.5, 6, 9])
    assert figure.axes == list(axes)


def test_few_units_and_refunds_are_left_out_and_may_be_let_in():
    few = mt.plot.royalty_rates(lines(), least=1, per=1, ax=plt.figure().add_subplot())
    assert few.get_xlabel() == "Net of 1 unit (USD)"
    back = lines(net=[Decimal(-1)] * 4 + [Decimal(1)])
    with pytest.raises(mt.errors.InputError, match="100 units"):
        mt.plot.royalty_rates(back)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (lines().drop(columns="units"), "'units'"),
        (lines(currency=["USD", "EUR", "USD", "USD", "USD"]), "EUR, USD"),
        (None, "'platform'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(frame, says):
    with pytest.raises(mt.errors.TableError, match=says):
        mt.plot.royalty_rates(frame)
