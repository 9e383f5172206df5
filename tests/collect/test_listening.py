"""What a listener's plays add up to: counted by hand, at the edges of months, days and clocks."""

import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


def played(*rows):
    frame = pd.DataFrame(rows, columns=["artist_id", "recording_id", "played_at", "seconds"])
    return frame.assign(played_at=pd.to_datetime(frame["played_at"], format="ISO8601"))


SMALL = played(
    ("X", "x1", "2025-01-31 22:00", 200.0),
    ("X", "x1", "2025-01-31 22:10", 29.9),  # a skip: neither a stream nor a repeat
    ("Y", "y1", "2025-01-31 23:30", 30.0),  # already February in Berlin, and after a long pause
    ("Z", "z1", "2025-02-01 00:00:30", 10.0),  # a skip: Z is not discovered by it
    ("Z", "z1", "2025-02-10 12:00", 120.0),
    ("X", "x1", "2025-02-10 12:02", 240.0),
)


def test_months_are_counted_by_hand():
    table = mt.collect.listening(SMALL, zone="Europe/Berlin")
    assert table["rows"].to_dict() == {"2025-01": 2, "2025-02": 4}
    assert table["streams"].tolist() == [1, 3]
    assert table["hours"].tolist() == pytest.approx([229.9 / 3600, 400 / 3600])
    assert table["sessions"].tolist() == [1, 2]
    assert table["artists"].tolist() == [1, 3]
    assert table["new_artists"].tolist() == [1, 2]
    assert table["recordings"].tolist() == [1, 3]
    assert table["new_recordings"].tolist() == [1, 2]
    assert table["top_10"].tolist() == [1, 1]
    assert table["effective_artists"].tolist() == pytest.approx([1, 3])
    assert table["repeats"].tolist() == pytest.approx([0, 1 / 3])


def test_the_clock_and_the_order_of_rows():
    assert mt.collect.listening(SMALL)["rows"].tolist() == [3, 3]
    shuffled = SMALL.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(mt.collect.listening(shuffled), mt.collect.listening(SMALL))
    year = mt.collect.listening(SMALL, by="year")
    assert year.index.tolist() == ["2025"]
    assert year[["rows", "new_artists"]].to_numpy().tolist() == [[6, 3]]


def test_a_session_ends_with_its_longest_play():
    long = played(
        ("X", "x", "2025-01-01 10:00", 7200.0),
        ("Y", "y", "2025-01-01 10:05", 60.0),
        ("Z", "z", "2025-01-01 12:20", 60.0),
    )
    assert mt.collect.listening(long)["sessions"].tolist() == [1]
    assert mt.collect.listening(long, pause_s=600)["sessions"].tolist() == [2]


def test_what_is_not_timed_or_has_no_identifier_counts():
    frame = played(("X", None, "2025-01-01", None), ("X", None, "2025-01-02", 100.0))
    table = mt.collect.listening(frame.assign(title=["One", "Two"]))
    assert table[["streams", "recordings"]].to_numpy().tolist() == [[2, 2]]
    assert mt.collect.listening(frame.drop(columns="recording_id"))["recordings"].tolist() == [1]


def test_a_month_of_skips_alone():
    frame = played(("X", "x", "2025-01-01", 5.0), ("X", "x", "2025-02-01", 100.0))
    table = mt.collect.listening(frame)
    assert table["new_artists"].tolist() == [0, 1]
    assert table["top_10"].isna().tolist() == [True, False]


def test_what_cannot_be_added_up():
    with pytest.raises(TableError, match="artist_id"):
        mt.collect.listening(SMALL.drop(columns="artist_id"))
    with pytest.raises(InputError, match="no play"):
        mt.collect.listening(SMALL.head(0))
    with pytest.raises(InputError, match="zone"):
        mt.collect.listening(SMALL, zone="Berlin/Nowhere")
    with pytest.raises(InputError, match="'month' or 'year'"):
        mt.collect.listening(SMALL, by="week")


def loves(lasting_d):
    """One old love all along, and one a month later on, each heard every day for a while."""
    days = pd.date_range("2023-01-01", periods=900)
    rows = [("old", "old", day, 200.0) for day in days]
    for n, start in enumerate(range(100, 500, 30)):
        rows += [(f"new {n}", "r", day, 200.0) for day in days[start : start + lasting_d(n)]]
    return played(*rows)


def test_favourites_fade_when_they_do():
    curve = mt.collect.fading(loves(lambda _: 7 * 12))
    assert (curve.index[0], curve.index[-1], curve.index.name) == (7, 51, "week")
    assert curve.loc[7] == 1
    assert curve.loc[11] == 1
    assert curve.loc[13] == 0.5
    assert curve.loc[15:].max() == 0


def test_choosing_by_the_end_is_wrong_in_the_known_direction():
    # All are heard alike in their first weeks; one in three stays for long.
    plays = loves(lambda n: 300 if n % 3 == 0 else 56)
    right = mt.collect.fading(plays, top=14)
    wrong = mt.collect.fading(plays, top=4, choose="all_weeks")
    assert wrong.loc[20] == 1 > right.loc[20] > 0.2


def test_a_history_that_is_too_short():
    with pytest.raises(InputError, match="weeks=26"):
        mt.collect.fading(SMALL)
    with pytest.raises(InputError, match="choose"):
        mt.collect.fading(SMALL, choose="end")
