"""Sveriges Radio, as the documents of its open API describe it."""

import datetime as dt

import pytest

import musictools as mt
from musictools.errors import NotFound, NotOffered, RateLimited, RemovedByPlatform
from tests.collect.hostile import PASSING, Said

DAY = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
EVERY = dt.timedelta(minutes=4)


def date(when):
    return f"/Date({int(when.timestamp() * 1000)})/"


def song(i):
    start = DAY - dt.timedelta(hours=3) + i * EVERY
    return {
        "title": f"Song {i}", "description": f"Ana - Song {i}", "artist": "Ana",
        "composer": "Ana", "recordlabel": "Label", "albumname": "Album",
        "starttimeutc": date(start), "stoptimeutc": date(start + dt.timedelta(seconds=200)),
    }  # fmt: skip


def starts(one):
    return dt.datetime.fromtimestamp(int(one["starttimeutc"][6:-2]) / 1000, dt.UTC)


def sverigesradio(n_channels=0, *, hours=1, pages_of=None):
    """JSON on request; lists are paged unless told otherwise; a day is one of Stockholm.

    ``hours`` is how far that is ahead of UTC; ``pages_of`` pages the songs too, with a count.
    """

    def platform(asked):
        if asked.query.get("format") != "json":
            return Said(b"<sr><copyright>Sveriges Radio</copyright></sr>")
        page, size = asked.number("page", 1), asked.number("size", 10)
        if asked.path == "/channels":
            some = [
                {"id": i, "name": f"P{i}", "channeltype": "Rikskanal", "tagline": "",
                 "siteurl": f"https://sverigesradio.se/p{i}", "liveaudio": {"id": i, "url": "u"}}
                for i in range((page - 1) * size, min(page * size, n_channels))
            ]  # fmt: skip
            total = -(-n_channels // size)
            paged = {"page": page, "size": size, "totalhits": n_channels, "totalpages": total}
            return Said({"copyright": "c", "channels": some, "pagination": paged})
        if asked.query.get("id", asked.query.get("channelid")) != "164":
            return Said(b"<html>404</html>", 404)
        if asked.path == "/playlists/rightnow":
            untimed = {"title": "Next", "artist": "Bo"}
            return Said({"copyright": "c", "playlist": {
                "previoussong": song(1), "song": song(2), "nextsong": untimed,
                "channel": {"id": 164, "name": "P3"}}})  # fmt: skip
        assert asked.path == "/playlists/getplaylistbychannelid"
        a, b = (
            dt.datetime.fromisoformat(asked.query[name]).replace(tzinfo=dt.UTC)
            - dt.timedelta(hours=hours)
            for name in ("startdatetime", "enddatetime")
        )
        found = [one for one in map(song, range(1500)) if a <= starts(one) < b]
        if pages_of:
            paged = {"page": page, "totalpages": -(-len(found) // pages_of)}
            some = found[(page - 1) * pages_of : page * pages_of]
            return Said({"copyright": "c", "song": some, "pagination": paged})
        return Said({"copyright": "c", "song": found[(page - 1) * size : page * size]})

    return platform


def client(server, **kwargs):
    return mt.collect.SverigesRadio(base_url=server.url, **kwargs)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("hours", [0, 1, 2])
def test_every_song_once_whatever_the_zone(serve, seed, hours):
    server = serve(sverigesradio(hours=hours), faults=PASSING, share=0.3, seed=seed)
    rows = list(client(server).spins(164, start="2026-11-01", end="2026-11-03"))
    assert [row.title for row in rows] == [f"Song {i}" for i in range(45, 45 + 3 * 360)]
    assert rows[0].started_at == "2026-11-01T00:00:00+00:00"
    assert (rows[0].station, rows[0].artist, rows[0].seconds) == ("164", "Ana", 200)
    assert (rows[0].label, rows[0].album) == ("Label", "Album")


def test_songs_in_pages_are_read_to_the_end(serve):
    server = serve(sverigesradio(pages_of=100))
    assert len(list(client(server).spins(164, start="2026-11-01", end="2026-11-02"))) == 720


def test_moments_are_kept_to(serve):
    rows = client(serve(sverigesradio())).spins(
        "164", start="2026-11-01T10:00", end="2026-11-01T11:00:00+00:00"
    )
    assert [row.started_at[11:16] for row in rows] == [f"10:{4 * i:02}" for i in range(15)]


def test_channels_in_pages(serve):
    server = serve(sverigesradio(251), faults=PASSING, share=0.3)
    rows = list(client(server).stations())
    assert [row.station_id for row in rows] == [str(i) for i in range(251)]
    assert (rows[0].country, rows[0].medium, rows[0].tags) == ("SE", "radio", ("Rikskanal",))
    pages = {asked.query["page"] for asked in server.asked}
    assert pages == {"1", "2", "3"}


def test_what_is_on_air(serve):
    assert [row.title for row in client(serve(sverigesradio())).playing(164)] == [
        "Song 1", "Song 2",
    ]  # fmt: skip


def test_yesterday_is_meant_by_default():
    call = mt.collect.SverigesRadio().spins(164).call
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    assert call.arguments["start"] == f"{yesterday}T00:00:00+00:00"
    assert [one.param("startdatetime") for one in call.requests] == [
        str(yesterday), str(yesterday + dt.timedelta(days=1)),
    ]  # fmt: skip


def test_what_is_not_there(serve):
    with pytest.raises(NotFound):
        list(client(serve(sverigesradio())).spins(1))
    with pytest.raises(RateLimited):
        list(client(serve(sverigesradio(), faults=("429 huge",), share=1.0)).stations())
    with pytest.raises(NotOffered):
        mt.collect.SverigesRadio().artist("x")


def test_the_list_of_the_most_heard_is_gone():
    with pytest.raises(RemovedByPlatform, match="2017-09-26") as caught:
        mt.collect.SverigesRadio().charts()
    assert caught.value.removed_on == dt.date(2017, 9, 26)
    assert caught.value.alternatives == ("SverigesRadio.spins",)


def test_its_terms_forbid_storing():
    assert not mt.collect.policy("SverigesRadio").storable
