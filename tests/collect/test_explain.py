"""explain_change(): parts that sum to the change, to the last digit."""

from decimal import Decimal

import pandas as pd
import pytest

import musictools as mt


def line(period, units, net, **others):
    row = dict.fromkeys(("recording_id", "work_id"), "x") | {"statement": "S", "payer": "P"}
    row |= {"platform": "Store", "country": "SE", "currency": "USD", "period": period}
    net = Decimal(net)
    return row | {"units": units, "gross": net, "fees": Decimal(0), "net": net} | others


def table(*lines):
    return pd.DataFrame(lines)


def rates(**months):
    rows = [
        {"month": m.replace("_", "-")[1:], "currency": "USD", "rate": r} for m, r in months.items()
    ]
    return pd.DataFrame(rows)


def test_each_factor_alone_is_the_whole_change():
    before = line("2025-01", 100.0, "1.00")
    more = mt.collect.explain_change(
        table(before, line("2025-02", 150.0, "1.50")), "2025-01", "2025-02"
    )
    assert more.steps == {"2025-01": Decimal("1.00"), "volume": Decimal("0.50")}
    dearer = mt.collect.explain_change(
        table(before, line("2025-02", 100.0, "1.20")), "2025-01", "2025-02"
    )
    assert dearer.steps == {"2025-01": Decimal("1.00"), "rate": Decimal("0.20")}
    euros = mt.collect.convert_currency(
        table(before, line("2025-02", 100.0, "1.00")), "EUR",
        rates=rates(_2025_01="1", _2025_02="1.25"),
    )  # fmt: skip
    weaker = mt.collect.explain_change(euros, "2025-01", "2025-02")
    assert weaker.steps == {"2025-01": Decimal("1.00"), "currency": Decimal("-0.20")}
    assert weaker.currency == "EUR"


def test_three_factors_are_the_mean_of_all_orders():
    # 2 x 3 x 5 becomes 4 x 6 x 10: each factor doubles, so each has a third of the change.
    euros = mt.collect.convert_currency(
        table(line("2025-01", 2.0, "6"), line("2025-02", 4.0, "24")), "EUR",
        rates=rates(_2025_01="0.2", _2025_02="0.1"),
    )  # fmt: skip
    change = mt.collect.explain_change(euros, "2025-01", "2025-02")
    assert change.steps["2025-01"] == 30
    assert {change.steps[part] for part in ("volume", "rate", "currency")} == {Decimal(70)}


def test_parts_of_the_label_sum_exactly_in_every_month_and_market():
    euros = mt.collect.convert_currency(mt.datasets.load_label().royalties, "EUR")
    months = sorted(euros["period"].unique())
    for before, after in zip(months[::5], months[5::5], strict=False):
        change = mt.collect.explain_change(euros, before, after)
        own = [sum(euros[euros["period"] == month]["net"]) for month in (before, after)]
        frame = change.to_frame()
        assert float(sum(change.steps.values()) - own[1]) == pytest.approx(0, abs=1e-20)
        parts = frame[["volume", "rate", "currency", "other"]]
        assert all(
            sum(row) == total for row, total in zip(parts.values, frame["change"], strict=True)
        )
        assert frame["change"].abs().is_monotonic_decreasing


def test_markets_that_come_and_go_are_volume_and_refunds_are_other():
    royalties = table(
        line("2025-01", 10.0, "1", country="SE"),
        line("2025-02", 20.0, "3", country="DE"),
        line("2025-01", 10.0, "1", country="FR"),
        line("2025-02", -10.0, "-1", country="FR"),
        line("2025-02", float("nan"), "7", country="US"),
    )
    found = mt.collect.explain_change(royalties, "2025-01", "2025-02")
    frame = found.to_frame().set_index("country")
    assert frame["volume"].to_dict() == {"US": 0, "DE": 3, "FR": 0, "SE": -1}
    assert frame["other"].to_dict() == {"US": 7, "DE": 0, "FR": -2, "SE": 0}
    assert "7.00" in found._repr_html_()
    assert found.plot().get_ylabel() == "Amount (USD)"


def test_by_makes_the_market():
    royalties = table(
        line("2025-01", 10.0, "1", country="SE"), line("2025-02", 10.0, "4", country="DE")
    )
    split = mt.collect.explain_change(royalties, "2025-01", "2025-02")
    whole = mt.collect.explain_change(royalties, "2025-01", "2025-02", by=["payer"])
    assert split.steps == {"2025-01": 1, "volume": 3}
    assert whole.steps == {"2025-01": 1, "rate": 3}


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"before": "2024-01"}, mt.errors.InputError, "no line of '2024-01'"),
        ({"by": ["stores"]}, mt.errors.TableError, "by 'stores'"),
        ({"by": ["currency"]}, mt.errors.TableError, "by 'currency'"),
        ({"lines": [{"currency": "EUR"}]}, mt.errors.TableError, "EUR, USD"),
        ({"lines": [{"net": 1.0}]}, mt.errors.TableError, "decimal in currency"),
    ],
)
def test_what_cannot_be_explained_is_refused(change, error, says):
    extra = [line("2025-01", 1.0, "1") | each for each in change.pop("lines", [])]
    royalties = table(line("2025-01", 1.0, "1"), line("2025-02", 1.0, "1"), *extra)
    given = {"before": "2025-01", "after": "2025-02"} | change
    with pytest.raises(error, match=says):
        mt.collect.explain_change(royalties, **given)
