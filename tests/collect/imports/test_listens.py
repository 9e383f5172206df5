"""Histories of listeners: every version read whole, and nasty files line by line."""

import functools
import gzip
import io
import json
import shutil
import types
import zipfile
from importlib import import_module

import duckdb
import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import ExportError
from tests.collect.imports.compare import assert_same, plain, rows

VERSIONS = {
    "spotify_history": ("new", "old"),
    "spotify_account": ("new", "old"),
    "apple_play_activity": ("named", "unnamed"),
    "youtube_takeout": ("json", "html", "german"),
    "lastfm": ("headless", "headed"),
    "deezer": (None,),
    "tidal": (None,),
}
EVERY = [(name, version) for name, some in VERSIONS.items() for version in some]
#: What the simulated files tell of a person.
PRIVATE = ("listener-example", "192.0.2.", "198.51.100.", "203.0.113.", "example phone")
PRIVATE += ("Exampleton", "A1B", "000000000", "example, phone", "listener@example.com")


@functools.cache
def label():
    """The label, with the plays of a few only: all of them take time."""
    plays = (whole := mt.datasets.load_label()).plays
    counts = plays["user_id"].value_counts()
    keen = counts.index[counts.between(300, 400)][:40]
    plays = plays[plays["user_id"].isin(keen)].reset_index(drop=True)
    return types.SimpleNamespace(plays=plays, recordings=whole.recordings)


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    """Write an export, each once: tests only read them."""

    @functools.cache
    def written(name, version, seed=0):
        room = import_module(f"musictools.datasets._exports._{name}")
        chosen = {} if version is None else {"version": version}
        folder, rng = tmp_path_factory.mktemp("made"), np.random.default_rng(seed)
        return getattr(room, f"write_{name}")(label(), folder, rng, **chosen)

    return written


def put(folder, name, content):
    path = folder / name
    if isinstance(content, str):
        content = content.encode()
    elif not isinstance(content, bytes):
        content = json.dumps(content).encode()
    path.write_bytes(content)
    return path


def cells(column):
    return [plain(cell) for cell in column]


# --- what all share ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("name", "version"), EVERY)
def test_round_trip(name, version, seed, write):
    made = write(name, version, seed)
    result = getattr(mt.collect, f"read_{name}")(made.path)
    assert_same(result, made)
    (totals,) = result.totals.to_dict("records")
    assert totals["rows"] == len(made.truth)
    assert totals["lines"] == totals["rows"] + totals["left_out"]
    assert totals["left_out"] == sum(result.provenance["left_out"].values())
    assert (result.table["user_id"] == "me").all()


def test_every_simulated_export_is_recognised(tmp_path):
    every = mt.datasets.simulate_exports(tmp_path, formats=VERSIONS, label=label())
    for made in every.values():
        assert_same(mt.collect.read(made.path), made)
        assert_same(mt.collect.read(made.path.parent), made)


@pytest.mark.parametrize(("name", "version"), EVERY)
def test_packed_otherwise(name, version, write, tmp_path):
    made = write(name, version)
    whole = made.path.read_bytes()
    wrapped = tmp_path / "outer.zip"
    with zipfile.ZipFile(wrapped, "w") as archive:
        archive.writestr(f"some folder/{made.path.name}", whole)
        archive.writestr("readme.txt", "nothing\n")
    assert_same(mt.collect.read(wrapped), made)
    if zipfile.is_zipfile(made.path):
        return
    packed = tmp_path / f"{made.path.name}.gz"
    packed.write_bytes(gzip.compress(whole))
    assert_same(mt.collect.read(packed), made)


@pytest.mark.parametrize(("name", "version"), EVERY)
def test_into_a_database_and_nothing_private(name, version, write, tmp_path):
    made = write(name, version)
    path = tmp_path / "history.duckdb"
    memory = mt.collect.read(made.path).table
    columns = [each for each in memory.columns if each != "fetched_at"]
    for _ in range(2):
        connection = duckdb.connect(str(path))
        assert rows(mt.collect.read(made.path, into=connection).to_frame(), columns) == rows(
            memory, columns
        )
        (counted,) = connection.sql("SELECT count(*) FROM plays").fetchall()
        assert counted == (len(memory),)
        connection.close()
    # The name of a file may be anybody's.
    shown = memory.drop(columns=["source"]).to_csv() + str(memory.columns)
    stored = path.read_bytes().replace(made.path.name.encode(), b"")
    for text in PRIVATE:
        assert text not in shown
        assert text.encode() not in stored


@pytest.mark.parametrize(
    ("name", "version", "column", "text"),
    [
        ("spotify_history", "old", "username", "listener-example"),
        ("spotify_history", "old", "ip_address", "192.0.2.17"),
        ("spotify_history", "new", "ip_address", "192.0.2.17"),
        ("apple_play_activity", "named", "ip_address", "198.51.100.23"),
        ("apple_play_activity", "unnamed", "city", "Exampleton"),
        ("deezer", None, "device_model", "example phone"),
        ("tidal", None, "ip_address", "203.0.113.9"),
    ],
)
def test_private_when_asked_for(name, version, column, text, write):
    result = mt.collect.read(write(name, version).path, private=True)
    assert text in set(result.table[column])


def test_a_spotify_zip_with_both_downloads(write, tmp_path):
    both = tmp_path / "both"
    made = {}
    for name in ("spotify_history", "spotify_account"):
        made[name] = write(name, "new")
        with zipfile.ZipFile(made[name].path) as archive:
            archive.extractall(both)
    path = shutil.make_archive(str(tmp_path / "my_spotify_data"), "zip", both)
    for given in (path, both):
        with pytest.raises(ExportError, match=r"spotify_account.*spotify_history|spotify_h.*unt"):
            mt.collect.read(given)
        assert_same(mt.collect.read_spotify_history(given), made["spotify_history"])
        assert_same(mt.collect.read_spotify_account(given), made["spotify_account"])


# --- Spotify -------------------------------------------------------------------------------------


def stream(title="Song", *, ended="2024-01-02T03:04:05Z", ms=65_000, **more):
    return {
        "ts": ended,
        "username": "Secret Person",
        "platform": "android",
        "ms_played": ms,
        "conn_country": "DE",
        "ip_addr": "192.0.2.1",
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": "A",
        "master_metadata_album_album_name": "R",
        "spotify_track_uri": "spotify:track:" + "a" * 22,
        "episode_name": None,
        "reason_start": "trackdone",
        "reason_end": "",
        "shuffle": False,
        "skipped": None,
        "offline": 0.0,
        "incognito_mode": 1.0,
    } | more


def test_spotify_history_nasty(tmp_path):
    streams = [
        stream(),
        stream("\u201cÜ\u201d", conn_country="ZZ", spotify_track_uri="spotify:local:A:R:Song:65"),
        stream(ms=-1),
        stream(ended="2024-13-02T03:04:05Z"),
        stream(ms=1e30),
        stream(skipped="perhaps"),
        stream(master_metadata_album_artist_name=None),
        {"Songs": 3},
        stream(None, episode_name="Talk"),
        stream(None),
        stream("last", ms=0, conn_country=""),
        stream(),
    ]
    text = "[\n" + ",\n".join(map(json.dumps, streams)) + ',\n{"ts": "2024-01-02T03:04\n'
    path = put(tmp_path, "Streaming_History_Audio_2024_0.json", "\ufeff" + text)
    result = mt.collect.read(path)
    table = result.table
    assert table["title"].tolist() == ["Song", "\u201cÜ\u201d", "last", "Song"]
    assert cells(table["country"]) == ["DE", None, None, "DE"]
    assert cells(table["recording_id"])[:2] == ["a" * 22, None]
    assert table["played_at"][0] == pd.Timestamp("2024-01-02 03:03:00")
    assert table["seconds"].tolist() == [65, 65, 0, 65]
    assert table["offline"].tolist() == [False] * 4
    assert table["incognito"].tolist() == [True] * 4
    assert cells(table["skipped"]) == [None] * 4
    assert cells(table["reason_end"]) == [None] * 4
    assert result.provenance["left_out"] == {"podcast": 1, "no name of a song": 1}
    problems = result.problems
    assert problems["line"].tolist() == [4, 5, 6, 7, 8, 9, 14]
    assert "ms_played cannot be -1" in problems["why"][0]
    assert "ts is not a time" in problems["why"][1]
    assert not problems["text"].str.contains("192.0.2|Secret").any()
    assert not problems["why"].str.contains("192.0.2|Secret").any()


def test_spotify_history_of_another_year(tmp_path):
    streams = [stream(ended="2022-01-02 13:30:30", ms=30_000) for _ in range(2)]
    table = mt.collect.read(put(tmp_path, "endsong.json", streams)).table
    assert table["played_at"].tolist() == [pd.Timestamp("2022-01-02 13:30:00")] * 2


@pytest.mark.parametrize("gone", ["master_metadata_album_artist_name", "conn_country"])
def test_spotify_history_without_a_key(gone, tmp_path):
    streams = [{k: v for k, v in stream().items() if k != gone} for _ in range(3)]
    with pytest.raises(ExportError, match=gone):
        mt.collect.read(put(tmp_path, "endsong.json", streams))


@pytest.mark.parametrize("content", ["", "[]", "{}", "[1, 2]", '{"ts": 3}', "\n\n", "[", "null"])
@pytest.mark.parametrize("name", VERSIONS)
def test_what_is_no_history(name, content, tmp_path):
    path = put(tmp_path, "history.json", content)
    with pytest.raises(ExportError):
        mt.collect.read(path)
    with pytest.raises(ExportError):
        getattr(mt.collect, f"read_{name}")(path)


def test_spotify_account_nasty(tmp_path):
    def row(end="2024-01-02 03:04", ms=60_000, artist="A"):
        return {"endTime": end, "artistName": artist, "trackName": "T", "msPlayed": ms}

    played = [row(), row("2024-01-02T03:04"), row(ms=-5), row(ms="x"), row(artist=""), row(), row()]
    result = mt.collect.read(put(tmp_path, "StreamingHistory0.json", played))
    assert result.format == "spotify_account"
    assert result.table["played_at"].tolist() == [pd.Timestamp("2024-01-02 03:03")] * 3
    assert len(result.problems) == 4
    without = [{k: v for k, v in row().items() if k != "msPlayed"}]
    with pytest.raises(ExportError):
        mt.collect.read(put(tmp_path, "StreamingHistory1.json", without))


# --- Apple ---------------------------------------------------------------------------------------

APPLE = (
    "Apple ID Number,Artist Name,Client IP Address,Event End Timestamp,Event Start Timestamp,"
    "Event Type,Media Type,Offline,Play Duration Milliseconds,Song Name,Store Front Name,"
    "End Reason Type,Something New\n"
)


def played(
    title="Song",
    *,
    artist="A",
    end="2024-01-02T03:04:05.5Z",
    start="",
    kind="PLAY_END",
    media="AUDIO",
    ms="5000",
):
    return (
        f'"123456789","{artist}","192.0.2.7","{end}","{start}",{kind},{media},TRUE,"{ms}",{title},'
        '"United States",TRACK_SKIPPED_FORWARDS,"A secret"\n'
    )


def test_apple_nasty(tmp_path):
    lines = [
        APPLE,
        played(),
        played(artist=""),
        played('"two\nlines"', start="2024-01-02T03:04:05"),
        "\n",
        played(start="2024-01-02T03:04:05Z", ms="-140027"),
        played(start="2024-01-02T03:04:05.250Z", ms="1614006218000"),
        played(end=""),
        played(end="", start="02.01.2024"),
        played(end="yesterday"),
        played(ms="long"),
        played(kind="LYRIC_DISPLAY"),
        played(media="VIDEO"),
        played(""),
        played(kind=""),
        "1,2,3\n",
        played().rstrip("\n")[:40],
    ]
    result = mt.collect.read(put(tmp_path, "play activity.csv", "".join(lines)))
    table = result.table
    assert table["title"].tolist() == ["Song", "Song", "two\nlines", "Song", "Song", "Song"]
    assert table["artist_id"].tolist() == ["A", "", "A", "A", "A", "A"]
    assert result.provenance["remarks"] == {"no artist": 1}
    seconds = [5, 5, 5, None, None, 5]
    assert cells(table["seconds"]) == seconds
    times = ["00.5", "00.5", "05", "05", "05.25", "00.5"]
    assert table["played_at"].tolist() == [pd.Timestamp(f"2024-01-02 03:04:{t}") for t in times]
    assert set(table["country"]) == {"US"}
    assert table["skipped"].tolist() == [True] * 6
    assert table["offline"].tolist() == [True] * 6
    assert result.problems["line"].tolist() == [9, 10, 11, 12, 17, 18]
    left_out = {"event that is no play": 1, "video": 1, "no name of a song": 1}
    assert result.provenance["left_out"] == left_out
    shown = result.problems.to_csv()
    assert not any(text in shown for text in ("192.0.2.7", "123456789", "secret"))


@pytest.mark.parametrize("gone", ["Event Type", "Play Duration Milliseconds", "Song Name"])
def test_apple_without_a_column(gone, tmp_path):
    text = (APPLE + played()).replace(gone, "Another")
    with pytest.raises(ExportError, match=gone):
        mt.collect.read_apple_play_activity(put(tmp_path, "a.csv", text))


def test_apple_of_old(tmp_path):
    text = (APPLE + played()).replace("Song Name", "Content Name")
    assert mt.collect.read(put(tmp_path, "a.csv", text)).table["title"].tolist() == ["Song"]


def test_archives_lie_in_archives_but_not_endlessly(tmp_path):
    def wrapped(content, deep):
        for _ in range(deep):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("inner.zip" if content[:2] == b"PK" else "a.csv", content)
            content = out.getvalue()
        return content

    whole = (APPLE + played()).encode()
    assert len(mt.collect.read(put(tmp_path, "a.zip", wrapped(whole, 5))).table) == 1
    with pytest.raises(ExportError):
        mt.collect.read(put(tmp_path, "b.zip", wrapped(whole, 9)))
    broken = wrapped(wrapped(whole, 1)[:60], 1).replace(b"a.csv", b"a.zip")
    with pytest.raises(ExportError):
        mt.collect.read(put(tmp_path, "c.zip", broken))


# --- YouTube -------------------------------------------------------------------------------------


def watched(title="Watched Song", *, time="2024-01-02T03:04:05.678Z", **more):
    return {
        "header": "YouTube Music",
        "title": title,
        "titleUrl": "https://music.youtube.com/watch?v=abc-_123XYZ&feature=share",
        "subtitles": [{"name": "The A - Topic - Topic", "url": "https://example.com"}],
        "time": time,
    } | more


def test_youtube_json_nasty(tmp_path):
    bare = {k: v for k, v in watched("Watched Unnamed").items() if k != "subtitles"}
    entries = [
        watched(time="2024-01-02T03:04:05Z"),
        watched("Watched\u00a0Watched Over"),
        watched("\u201eEin Lied\u201c angesehen"),
        watched("Hai guardato Canzone"),
        watched("Просмотрено: Песня"),
        bare,
        watched(time="soon"),
        watched(header=None),
        bare | {"title": "Watched https://music.youtube.com/watch?v=abc-_123XYZ"},
        watched(header="YouTube"),
        watched(header="YouTube", details=[{"name": "From YouTube Music"}]),
        watched(header="YouTube", details=[{"name": "From Google Ads"}]),
        bare | {"titleUrl": None},
        watched("Visited YouTube Music", titleUrl="https://music.youtube.com/"),
    ]
    result = mt.collect.read(put(tmp_path, "watch-history.json", entries))
    table = result.table
    titles = ["Song", "Watched Over", "Ein Lied", "Canzone", "Просмотрено: Песня", "Unnamed"]
    assert table["title"].tolist() == [*titles, "Song"]
    assert cells(table["artist"])[:6] == ["The A - Topic"] * 5 + [None]
    assert table["artist_id"].tolist()[5:] == ["", "The A - Topic"]
    assert set(table["recording_id"]) == {"abc-_123XYZ"}
    assert table["played_at"].tolist()[0] == pd.Timestamp("2024-01-02 03:04:05")
    assert table["played_at"].tolist()[1] == pd.Timestamp("2024-01-02 03:04:05.678")
    assert len(result.problems) == 2
    assert sum(result.provenance["left_out"].values()) == 5
    assert result.provenance["remarks"] == {"no artist": 1}


CELL = (
    '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
    '<div class="header-cell"><p class="mdl-typography--title">{header}<br></p></div>'
    '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">{body}</div>'
    '<div class="content-cell mdl-cell mdl-typography--caption"><b>Products:</b><br>&emsp;YouTube'
    "<br></div></div></div>"
)
LINK = '<a href="https://music.youtube.com/watch?v=abc-_123XYZ">{}</a>'


def cell(time, *, header="YouTube Music", title="Q&amp;A", artist="The A - Topic"):
    body = f'Watched\u00a0{LINK.format(title)}<br><a href="https://x">{artist}</a><br>{time}<br>'
    return CELL.format(header=header, body=body)


def test_youtube_page_nasty(tmp_path):
    times = {
        "Jul 3, 2026, 12:41:03\u202fAM PDT": "2026-07-03 07:41:03",
        "Jul 3, 2026, 12:41:03 PM GMT+05:30": "2026-07-03 07:11:03",
        "Mar 8, 2015, 5:14:40 PM": "2015-03-08 17:14:40",
        "Dec 31, 2025, 11:00:00 PM BST": "2025-12-31 22:00:00",
    }
    odd = [
        "Jul 3, 2026, 12:41:03 PM IST",
        "3. Juli 2026, 12:41:03 MESZ",
        "Jul 33, 2026, 1:41:03 PM",
    ]
    cells = [*map(cell, [*times, *odd]), CELL.format(header="YouTube Music", body="What<br>")]
    cells += [cell("Jul 3, 2026, 1:00:00 PM UTC", header="YouTube")]
    page = "<html><head><style>p {}</style></head><body>\n" + "\n".join(cells) + "</body></html>"
    result = mt.collect.read(put(tmp_path, "watch-history.html", page))
    assert result.format == "youtube_takeout"
    assert result.table["played_at"].tolist() == list(map(pd.Timestamp, times.values()))
    assert set(result.table["title"]) == {"Q&A"}
    assert set(result.table["artist_id"]) == {"The A"}
    assert result.problems["line"].tolist() == [6, 7, 8, 9]
    assert result.problems["why"].str.contains("several clocks").sum() == 1
    assert sum(result.provenance["left_out"].values()) == 1


def test_youtube_page_in_blocks(write, tmp_path, monkeypatch):
    from musictools.collect.imports import _youtube_page

    made = write("youtube_takeout", "html")
    for size in (17, 1000, 4099):
        monkeypatch.setattr(_youtube_page, "_BLOCK", size)
        assert_same(mt.collect.read(made.path), made)


def test_youtube_page_in_another_language(tmp_path):
    cells = [cell(f"{day}. Juli 2026, 12:41:03 MESZ") for day in range(1, 31)]
    with pytest.raises(ExportError, match="JSON"):
        mt.collect.read(put(tmp_path, "Verlauf.html", "<html>" + "".join(cells)))


def test_a_page_of_searches_is_none(tmp_path):
    page = "<html>" + CELL.format(header="Search", body="Searched for<br>Jul 3, 2026<br>")
    with pytest.raises(ExportError):
        mt.collect.read(put(tmp_path, "MyActivity.html", page))


# --- Last.fm -------------------------------------------------------------------------------------


def test_lastfm_headless_nasty(tmp_path):
    lines = [
        "A,R,Playing now,",
        "A,R,Song,22 May 2014 20:11",
        "A,,No album,22 May 2014 20:12",
        "",
        "A,R,Too, many,22 May 2014 20:11",
        "A,R,Old,01 Jan 1970 00:00",
        "A,R,Odd,31 Feb 2014 20:11",
        ",R,Nobody,22 May 2014 20:11",
        "A,R",
        'A,R,7" single,22 May 2014 20:11',
        "A,R,,",
        "A,R,Last,2 May 2014 20:11",
    ]
    for end in ("\n", "\r\n"):
        result = mt.collect.read(put(tmp_path, "someone.csv", end.join(lines)))
        assert result.table["title"].tolist() == ["Song", "No album", '7" single', "Last"]
        assert cells(result.table["release"]) == ["R", None, "R", "R"]
        assert result.table["played_at"].iloc[0] == pd.Timestamp("2014-05-22 20:11")
        assert result.problems["line"].tolist() == [5, 6, 7, 8, 9, 11]
        assert result.provenance["left_out"] == {"playing now": 1}


def test_lastfm_headed_nasty(tmp_path):
    head = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"

    def row(uts="1779022496", artist="A", mbid=""):
        return f'"{uts}","17 May 2026, 12:54","{artist}","","","","T, ""x""","{mbid}"\n'

    odd = [row("1.779E+09"), row("0"), row("-5"), row(""), row(artist=" "), row("1000000000000")]
    text = "\ufeff" + head + row(mbid="m") + "".join(odd) + row()
    for encoding in ("utf-8", "utf-16"):
        result = mt.collect.read(put(tmp_path, "recenttracks.csv", text.encode(encoding)))
        assert result.table["played_at"].tolist() == [pd.Timestamp("2026-05-17 12:54:56")] * 2
        assert result.table["title"].tolist() == ['T, "x"'] * 2
        assert cells(result.table["recording_id"]) == ["m", None]
        assert result.problems["line"].tolist() == [3, 4, 5, 6, 7, 8]


def test_lastfm_other_headers(tmp_path):
    text = "uts,utc_time,artist,album,track\n1779022496,x,A,R,T\n"
    assert len(mt.collect.read(put(tmp_path, "a.csv", text)).table) == 1
    text = "artist,album,name,date\nA,R,T,22 May 2014 20:11\n"
    assert len(mt.collect.read(put(tmp_path, "b.csv", text)).table) == 1
    text = "uts,utc_time,artist,track\n1779022496,x,A,T\n"
    with pytest.raises(ExportError, match="album"):
        mt.collect.read_lastfm(put(tmp_path, "c.csv", text))
    empty = "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
    assert len(mt.collect.read(put(tmp_path, "d.csv", empty)).table) == 0


# --- Tidal ---------------------------------------------------------------------------------------

TIDAL = (
    "artist_name,track_title,entry_date,stream_duration_ms,product_type,ip_address,"
    "client_name_from_session,country_name,region_name,city_name,postal_code,time_zone\n"
)


def tidal(when="08/03/2022 19:01", zone="America/Toronto", *, ms="270000.0", kind="TRACK"):
    return f'"A, B",T,{when},{ms},{kind},192.0.2.5,null,Canada,null,Town,null,{zone}\n'


def test_tidal_nasty(tmp_path):
    lines = ["Your data\n", "\n", TIDAL, tidal(), tidal(zone="null"), tidal("06/11/2022 1:30")]
    lines += [tidal("13/13/2022 1:30"), tidal(zone="Mars/Base"), tidal(ms="-1.0"), tidal(ms="null")]
    lines += [tidal(kind="ALBUM"), "A,B\n", "\n", tidal('"x'), tidal(ms="330.00000000000000")]
    result = mt.collect.read(put(tmp_path, "streaming.csv", "".join(lines)))
    times = ["2022-03-09 00:01", "2022-03-08 19:01", "2022-11-06 05:30", "2022-03-09 00:01"]
    times.append("2022-03-09 00:01")
    assert result.table["played_at"].tolist() == list(map(pd.Timestamp, times))
    assert result.table["seconds"].fillna(-1).tolist() == [270, 270, 270, -1, 0.33]
    assert set(result.table["country"]) == {"CA"}
    assert set(result.table["artist_id"]) == {"A, B"}
    assert result.problems["line"].tolist() == [7, 8, 9, 12, 14]
    assert "192.0.2.5" not in result.problems.to_csv()
    assert result.provenance["left_out"] == {"album, or what else is no track": 1}


def test_tidal_without_a_column(tmp_path):
    text = (TIDAL + tidal()).replace("time_zone", "zone")
    with pytest.raises(ExportError, match="time_zone"):
        mt.collect.read(put(tmp_path, "streaming.csv", text))
