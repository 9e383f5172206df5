"""What catalogues are worth: closed forms, and truth that was planted."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.economics import value_by_multiple, value_catalogue


def test_net_share_times_multiple():
    """altstreet.investments, NPS multiple: 1.2 m gross, 15 % administration, 15 times."""
    found = value_by_multiple(1_200_000, 15, admin="0.15")
    assert (found.net, found.value) == (1_020_000, 15_300_000)


def test_multiples_by_recording_and_a_range():
    found = value_by_multiple({"A": 100, "B": "300.50"}, (8, 10, 12), admin="0.1")
    assert found.table["value"].tolist() == [900, 2704.5]
    assert (found.lo, found.value, found.hi) == (360.45 * 8, 3604.5, 360.45 * 12)
    frame = found.to_frame()
    assert frame["unique_id"].tolist() == ["A", "B", "(all)"]
    assert frame["value"].iloc[-1] == 3604.5
    for income, multiple, admin in ((-1, 10, 0), (1, (12, 10, 8), 0), (1, 10, 2), (1, (1, 2), 0)):
        with pytest.raises(mt.errors.InputError, match="value a catalogue"):
            value_by_multiple(income, multiple, admin=admin)


def weekly(name, weeks, quotient, *, first=1000.0, start="2022-01-03"):
    days = pd.date_range(start, periods=weeks, freq="7D")
    return pd.DataFrame({"unique_id": name, "ds": days, "y": first * quotient ** np.arange(weeks)})


def test_an_exponential_without_noise_has_a_closed_form():
    income = weekly("song", 104, 0.98)
    found = value_catalogue(income, discount=0.08, years=10, admin=0.15, rng=0)
    q = 0.98 * 1.08 ** (-7 / 365.25)
    steps = round(10 * 365.25 / 7)
    head = 850 * 0.98**103
    expected = head * q * (1 - q**steps) / (1 - q)
    assert found.value == pytest.approx(expected, rel=1e-4)
    assert found.lo == pytest.approx(expected, rel=2e-3)
    assert found.hi == pytest.approx(expected, rel=2e-3)
    net = 850 * sum(0.98**k for k in range(104 - 53, 104))
    assert found.net == pytest.approx(net, rel=0.03)
    assert found.multiple == pytest.approx(found.value / found.net)
    # Flows by year sum to the undiscounted geometric series.
    total = head * 0.98 * (1 - 0.98**steps) / 0.02
    assert sum(found.flows) == pytest.approx(total, rel=1e-4)
    assert len(found.flows) == 10


def test_a_floor_holds_the_income_of_the_tail():
    income = weekly("song", 104, 0.95)
    bare = value_catalogue(income, discount=0.1, years=30, rng=0)
    held = value_catalogue(income, discount=0.1, years=30, floor=0.5, rng=0)
    annuity = sum(1.1 ** (-7 / 365.25 * k) for k in range(1, round(30 * 365.25 / 7) + 1))
    weekly_floor = 0.5 * held.net * 7 / 365.25
    assert bare.value < 0.2 * held.value
    assert held.value == pytest.approx(weekly_floor * annuity, rel=1e-2)


def test_a_doubtful_discount_rate_widens_the_interval():
    income = weekly("song", 104, 0.995)
    sure = value_catalogue(income, discount=0.1, rng=0)
    doubtful = value_catalogue(income, discount=(0.1, 0.02), rng=0)
    assert doubtful.value == sure.value
    assert doubtful.hi - doubtful.lo > 10 * (sure.hi - sure.lo)
    again = value_catalogue(income, discount=(0.1, 0.02), rng=0)
    assert (again.lo, again.hi) == (doubtful.lo, doubtful.hi)


def test_intervals_hold_planted_values():
    """Each song loses its own part a month; the present value of what is to come is known."""
    rng = np.random.default_rng(7)
    months = np.arange(48)
    parts, truth = [], []
    days = pd.date_range("2020-01-01", periods=48, freq="MS")
    for i in range(40):
        q = rng.uniform(0.93, 0.985)
        mean = rng.gamma(2, 500) * q**months
        y = mean * rng.gamma(50, 1 / 50, 48)
        parts.append(pd.DataFrame({"unique_id": f"{i:02d}", "ds": days, "y": y}))
        v = q * 1.1 ** (-1 / 12)
        truth.append(mean[-1] * v * (1 - v**240) / (1 - v))
    found = value_catalogue(pd.concat(parts), discount=0.10, years=20, rng=1)
    held = (found.table["lo"] <= truth) & (truth <= found.table["hi"])
    assert held.mean() >= 0.75
    assert found.lo <= sum(truth) <= found.hi
    assert found.value == pytest.approx(sum(truth), rel=0.15)
    # Chance evens out: the whole is surer than its parts.
    assert found.hi - found.lo < (found.table["hi"] - found.table["lo"]).sum()


def test_what_is_too_young_gets_the_multiple_of_the_others():
    old = weekly("old", 104, 0.98)
    new = weekly("new", 4, 1.0, first=50.0, start="2023-12-04")
    found = value_catalogue(pd.concat([old, new]), discount=0.1, rng=0)
    table = found.table.set_index("unique_id")
    assert table.loc["new", "multiple"] == pytest.approx(table.loc["old", "multiple"])
    assert "multiple of the others" in table.loc["new", "note"]
    assert found.value == pytest.approx(table["value"].sum())


def test_returns_of_a_price():
    found = value_catalogue(weekly("song", 104, 0.99), discount=0.10, years=15, rng=0)
    # Bought at its value, it returns about the discount rate (flows are summed by year, paid late).
    assert 0.05 < mt.economics.irr([-found.value, *found.flows]) < 0.10
    assert 0 < mt.economics.payback(found.value, found.flows) < 15


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"discount": 0}, "discount"),
        ({"years": 0}, "years"),
        ({"floor": 2}, "floor"),
        ({"admin": 1}, "admin"),
    ],
)
def test_bad_arguments_are_refused(change, match):
    with pytest.raises(mt.errors.InputError, match=match):
        value_catalogue(weekly("song", 104, 0.98), **change)


def test_bad_tables_are_refused():
    with pytest.raises(mt.errors.InputError, match="dates"):
        value_catalogue(weekly("song", 104, 0.98).assign(ds=range(104)))
    with pytest.raises(mt.errors.InputError, match="no recording"):
        value_catalogue(weekly("song", 4, 0.98))


def test_the_label():
    label = mt.datasets.load_label()
    royalties = label.royalties
    money = royalties.assign(
        y=royalties["net"].astype(float), ds=pd.to_datetime(royalties["period"])
    )
    money = money.rename(columns={"recording_id": "unique_id"}).dropna(subset=["unique_id"])
    series = money.groupby(["unique_id", "ds"], as_index=False)["y"].sum()
    found = value_catalogue(series[series["y"] >= 0], rng=0)
    assert 0 < found.lo < found.value < found.hi
    assert found.net == pytest.approx(
        series[series["ds"] > series["ds"].max() - pd.DateOffset(years=1)]["y"].sum(), rel=1e-6
    )


def test_two_incomes_of_one_recording_are_not_one():
    for income in (pd.Series([1, 2, 3], index=["a", "a", "b"]), {1: 5, "1": 6}):
        with pytest.raises(mt.errors.InputError, match=r"incomes of \d recordings"):
            value_by_multiple(income, 10)


@pytest.mark.parametrize(
    "odd",
    [
        {"discount": -0.05}, {"discount": "0.1"}, {"discount": (0.1,)}, {"draws": 0}, {"level": 90},
        {"draws": 2.5}, {"rng": "x"},
    ],
)  # fmt: skip
def test_a_valuation_that_cannot_be(odd):
    with pytest.raises(mt.errors.InputError, match="value a catalogue"):
        value_catalogue(weekly("a", 30, 0.97), **odd)


def test_income_in_exact_decimals_is_income():
    income = weekly("a", 30, 0.97)
    income["y"] = income["y"].round(2)
    exact = income.assign(y=income["y"].map(lambda each: Decimal(str(each))))
    values = [value_catalogue(each, draws=5, rng=0).value for each in (income, exact)]
    assert values[0] == values[1]
