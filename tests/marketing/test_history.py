"""One reader for the wing: the same faults, in the same words, whoever reads."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError
from musictools.marketing._history import read_history, read_series
from musictools.marketing._placing import places
from tests.marketing.test_power import long, noise

GOOD = long(noise(units=6, periods=40))
READERS = {
    "impact": lambda f: mt.marketing.impact(f, treated="U000", start=f["ds"].unique()[30]),
    "event_study": lambda f: mt.marketing.event_study(f.assign(treated_from=np.nan)),
    "power": mt.marketing.power,
    "matched_markets": mt.marketing.matched_markets,
    "geo_test": mt.marketing.geo_test,
    "spillover": mt.marketing.spillover,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda f: pd.concat([f, f.iloc[[3]]]), "1 row whose series and time came before"),
        (lambda f: f.assign(y=f["y"].where(f.index != 3, np.inf)), "an infinite y of 'U000'"),
        (lambda f: f.drop(columns="y"), "no column 'y'"),
    ],
)
def test_all_readers_refuse_the_same(reader, spoil, told):
    with pytest.raises(TableError) as caught:
        READERS[reader](spoil(GOOD))
    assert told in str(caught.value)


def test_gaps_are_refused_or_left_out():
    frame = GOOD[~((GOOD["unique_id"] == "U002") & (GOOD["ds"] == GOOD["ds"].iloc[5]))]
    with pytest.raises(TableError, match="no value of 'U002'"):
        read_history(frame, "read")
    left = read_history(frame, "read", gaps="leave_out")
    assert left.names == ["U000", "U001", "U003", "U004", "U005"]
    assert left.notes == ("left out, since they lack periods: 'U002'",)
    whole = read_history(GOOD, "read")
    assert left.y.tolist() == whole.y[[0, 1, 3, 4, 5]].tolist()
    with pytest.raises(TableError, match="no unit that has every period"):
        read_history(GOOD.assign(y=np.nan), "read", gaps="leave_out")


def test_categories_without_rows_are_nobody():
    frame = GOOD.assign(unique_id=pd.Categorical(GOOD["unique_id"])).query("unique_id != 'U001'")
    assert "U001" not in read_history(frame, "read").names
    assert set(read_series(frame, "read")["unique_id"]) == set(GOOD["unique_id"]) - {"U001"}


def test_days_fall_into_weeks():
    weeks = pd.date_range("2025-01-06", periods=4, freq="7D")
    days = pd.to_datetime(["2025-01-05", "2025-01-06", "2025-01-12", "2025-01-27", "2025-02-03"])
    assert places(weeks, days, "place").tolist() == [-1, 0, 0, 3, -1]
    assert places(weeks, pd.Series(days).dt.tz_localize("UTC"), "place")[2] == 0
    assert places(pd.Index([10, 12, 14]), [11, 15, 16], "place").tolist() == [0, 2, -1]
    with pytest.raises(InputError, match="both dates"):
        places(weeks, [1, 2], "place")
