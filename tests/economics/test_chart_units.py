"""Units of charts and awards, and recurrents, by the rules of the day."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import musictools as mt

units = mt.economics.album_units


@pytest.mark.parametrize(
    ("rules", "day", "tracks", "premium", "ad"),
    [
        ("billboard_200", "2014-12-13", 10, 1500, 1500),
        ("billboard_200", "2018-07-13", 10, 1500, 1500),
        ("billboard_200", "2018-07-14", 10, 1250, 3750),
        ("billboard_200", "2026-01-16", 10, 1250, 3750),
        ("billboard_200", "2026-01-17", 10, 1000, 2500),
        ("riaa_album", "2016-02-01", 10, 1500, 1500),
        ("riaa_single", "2020-01-01", 1, 150, 150),
        ("uk_singles", "2016-12-31", 1, 100, 100),
        ("uk_singles", "2017-06-01", 1, 150, 150),
        ("uk_singles", "2018-07-06", 1, 100, 600),
        ("uk_singles_accelerated", "2018-07-06", 1, 200, 1200),
    ],
)
def test_one_unit_of_each_kind(rules, day, tracks, premium, ad):
    for counts in ({"tracks": tracks}, {"premium_streams": premium}, {"ad_streams": ad}):
        assert units(**counts, rules=rules, date=day) == 1
    assert units(sales=3, rules=rules, date=day) == 3


def test_awards_that_count_no_free_streams():
    assert units(premium_streams=2000, ad_streams=10**9, rules="bvmi_album") == 1
    assert units(premium_streams=200, ad_streams=5, rules="bvmi_single", date="2018-04-06") == 1
    assert units(premium_streams=100, rules="bvmi_single", date="2018-04-05") == 1


def test_france_takes_off_half_of_the_most_streamed_track():
    streams = {"premium_streams": 4_000_000, "top_track_streams": 1_000_000}
    assert units(sales=100, **streams, rules="snep_album") == 100 + Fraction(3_500_000, 1500)
    for top in (None, 5_000_000):
        with pytest.raises(mt.errors.InputError, match="top_track_streams"):
            units(premium_streams=4_000_000, top_track_streams=top, rules="snep_album")


@given(st.integers(0, 10**7), st.integers(0, 10**8), st.integers(0, 10**11), st.integers(0, 10**11))
def test_units_are_exact_and_add_up(sales, tracks, premium, ad):
    counts = {"sales": sales, "tracks": tracks, "premium_streams": premium, "ad_streams": ad}
    whole = units(**counts, date="2020-01-01")
    # 7,500 is a multiple of all that makes a unit.
    assert whole * 7500 == 7500 * sales + 750 * tracks + 6 * premium + 2 * ad
    assert whole == sum(units(**{k: v}, date="2020-01-01") for k, v in counts.items())
    assert units(**counts, date="2026-01-17") >= whole


def test_the_change_of_2026_is_what_billboard_says():
    # A fifth fewer paid streams and a third fewer free ones make a unit.
    assert units(premium_streams=800, date="2026-01-17") == units(
        premium_streams=1000, date="2025-12-20"
    )
    assert units(ad_streams=2000, date="2026-01-17") == units(ad_streams=3000, date="2025-12-20")


def test_days_may_be_given_in_several_ways_and_none_is_now():
    day = dt.date(2018, 7, 14)
    given_as = [day, dt.datetime(2018, 7, 14, 9), pd.Timestamp(day), "2018-07-14"]  # noqa: DTZ001
    assert {units(ad_streams=3750, date=one) for one in given_as} == {1}
    assert units(premium_streams=np.int64(1000)) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sales": -1}, "sales=-1"),
        ({"ad_streams": 1.5}, "ad_streams=1.5"),
        ({"tracks": float("nan")}, "tracks=nan"),
        ({"sales": True}, "sales=True"),
        ({"rules": "bilboard_200"}, "'billboard_200'"),
        ({"rules": "hot_100"}, "rules of kind 'units'"),
        ({"date": "2014-12-06"}, "2014-12-13"),
        ({"date": "July"}, "date='July'"),
        ({"tracks": 3, "rules": "bvmi_album"}, "tracks=0"),
    ],
)
def test_what_cannot_be_counted_is_refused(wrong, says):
    with pytest.raises(mt.errors.InputError, match=says):
        units(**wrong)


@pytest.mark.parametrize(
    ("rank", "weeks", "old", "new"),
    [
        (50, 20, False, False),
        (51, 19, False, False),
        (51, 20, True, True),
        (26, 26, False, True),
        (25, 51, False, False),
        (26, 52, True, True),
        (11, 52, False, True),
        (10, 60, False, False),
        (6, 78, False, True),
        (5, 120, False, False),
        # Teddy Swims' "Lose Control", 112 weeks: gone on the day of the new rules.
        (6, 112, False, True),
    ],
)
def test_when_a_song_leaves_the_hot_100(rank, weeks, old, new):
    assert mt.economics.is_recurrent(rank, weeks, date="2025-10-18") is old
    assert mt.economics.is_recurrent(rank, weeks, date="2025-10-25") is new
    assert mt.economics.is_recurrent(rank, weeks) is new


def test_odd_ranks_and_early_days_are_refused():
    for wrong in ((0, 3), (3, -1), (2.5, 3)):
        with pytest.raises(mt.errors.InputError):
            mt.economics.is_recurrent(*wrong)
    with pytest.raises(mt.errors.InputError, match="2019"):
        mt.economics.is_recurrent(60, 30, date="1975-01-04")
