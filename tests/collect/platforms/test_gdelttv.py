"""GDELT TV, as its announcement and the programs that use it describe it."""

import datetime as dt

import pytest

import musictools as mt
from musictools.errors import InputError, RateLimited, ServiceError
from tests.collect.hostile import PASSING, Said

QUERY = '"daft punk"'


def gdelt(asked):
    """One path; a station in the query; days as ``20260101T000000Z``; errors as plain text."""
    assert asked.path == "/tv"
    assert asked.query["format"] == "json"
    if asked.query["mode"] == "stationdetails":
        return Said({"station_details": [
            {"StationID": "CNN", "Description": "CNN", "Market": "National", "Network": "CNN",
             "StartDate": "2009-07-02", "EndDate": "2024-10-08"},
            {"StationID": "BBCNEWS", "Description": "BBC News", "Market": "International",
             "Network": "BBC", "StartDate": "2017-01-01", "EndDate": "2024-10-08"}]})  # fmt: skip
    words, _, station = asked.query["query"].partition(" station:")
    if len(words.strip('"')) < 3:
        return Said(b"One or more of your keywords were too short, too long or too common.\n")
    if station == "NOWHERE":
        return Said({})
    assert asked.query["mode"] == "timelinevol"
    a, b = (
        dt.datetime.strptime(asked.query[name], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
        for name in ("STARTDATETIME", "ENDDATETIME")
    )
    assert (b - a).days < 366
    # Both ends are rounded to whole days.
    days = (b.date() - a.date()).days + 1
    data = [
        {"date": (a + dt.timedelta(days=i)).strftime("%Y%m%dT000000Z"), "value": 0.25}
        for i in range(days)
    ]
    return Said({"query_details": {"title": words, "date_resolution": "day"},
                 "timeline": [{"series": station, "data": data}]})  # fmt: skip


def client(server, **kwargs):
    return mt.collect.GdeltTv(base_url=server.url, **kwargs)


@pytest.mark.parametrize("seed", range(2))
def test_every_day_of_every_station_once(serve, seed):
    server = serve(gdelt, faults=PASSING, share=0.3, seed=seed)
    rows = list(
        client(server).metrics(
            QUERY, stations=["CNN", "BBCNEWS"], start="2015-01-01", end="2023-12-31"
        )
    )
    days = [dt.datetime(2015, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=i) for i in range(3287)]
    for name in ("CNN", "BBCNEWS"):
        mine = [row for row in rows if row.entity_id == f"{QUERY} on {name}"]
        assert [row.observed_at for row in mine] == days
    assert {(row.metric, row.value) for row in rows} == {("airtime_percent", 0.25)}
    assert server.spoilt


def test_the_last_thirty_days_by_default(serve):
    server = serve(gdelt)
    rows = list(client(server).metrics(QUERY, stations="CNN"))
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    assert (len(rows), rows[-1].observed_at.date()) == (30, yesterday)
    assert len(client(server).metrics(QUERY).call.requests) == 3


def test_days_that_were_not_asked_for_are_left_out(serve):
    data = [{"date": f"2020-01-{day:02} 00:00:00", "value": 1} for day in range(1, 9)]
    said = Said({"timeline": [{"series": "CNN", "data": data}]})
    rows = client(serve(lambda _: said)).metrics(
        QUERY, stations="CNN", start="2020-01-03T12:00", end=dt.date(2020, 1, 5)
    )
    assert [row.observed_at.day for row in rows] == [3, 4, 5]


def test_a_query_that_nobody_mentions(serve):
    assert list(client(serve(gdelt)).metrics(QUERY, stations="NOWHERE")) == []


@pytest.mark.parametrize("station", ["cnn", "CNN mode:x", ""])
def test_a_station_is_one_name(station):
    with pytest.raises(InputError, match="stations"):
        mt.collect.GdeltTv().metrics(QUERY, stations=[station])


def test_an_error_in_plain_text_is_an_error(serve):
    server = serve(gdelt)
    with pytest.raises(ServiceError, match="too short, too long or too common"):
        list(client(server).metrics("x", stations="CNN"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [200, 429])
def test_haste_is_told_in_plain_text_too(serve, status):
    said = Said(b"Please limit requests to one every 5 seconds or contact us.", status)
    server = serve(lambda _: said)
    with pytest.raises(RateLimited, match="one every 5 seconds"):
        list(client(server, longest_wait_s=1).metrics(QUERY, stations="CNN"))
    assert len(server.asked) == 1


def test_stations_with_their_last_day(serve):
    rows = list(client(serve(gdelt)).stations())
    assert [(row.station_id, row.medium) for row in rows] == [("CNN", "TV"), ("BBCNEWS", "TV")]
    assert "2024-10-08" in rows[0].tags


def test_two_questions_are_two_jobs():
    tv = mt.collect.GdeltTv()
    ways = [{}, {"stations": "CNN"}, {"start": "2020-01-01"}, {"end": "2020-01-01"}]
    assert len({tv.metrics(QUERY, **way).call.name for way in ways}) == 4


def test_doubts_stand_in_its_policy():
    assert "uncertain" in mt.collect.policy("GdeltTv").note
