"""Dashboards of artists: nasty files, line by line."""

import zipfile

import pandas as pd
import pytest

import musictools as mt
from musictools.datasets._exports._packing import xlsx_bytes
from musictools.errors import ExportError
from tests.collect.imports.dashboards import (
    AUDIENCE,
    CHART,
    FACEBOOK,
    INSTAGRAM,
    OVERVIEW,
    SECONDS,
    TABLE,
    day,
    graph,
    numbers,
    pack,
    write,
)

# --- Spotify -------------------------------------------------------------------------------------


def test_spotify_nasty(tmp_path):
    good = '2025-09-0{},10,20,15,2,"1,024",1,-,7\n'
    lines = [AUDIENCE, good.format(1), "\n", good.format(2).replace("10", "ten"), "2025-09-03,1\n"]
    lines += ["2025-09-04,1,2,3,4,5,6,7,8,9\n", "03/09/2025,1,2,3,4,5,6,7,8\n"]
    lines += [",1,2,3,4,5,6,7,8\n"]
    lines += ["2025-09-08,-1,2,3,4,1.5,6,7,8\n", good.format(9).strip()]
    path = write(tmp_path / "Ze_x (1).csv", "".join(lines).replace("\n", "\r\n"), "utf-8-sig")
    result = mt.collect.read(path)
    assert result.problems["line"].tolist() == [4, 5, 6, 7, 8, 9]
    found = numbers(result)
    assert {key[0] for key in found} == {"Ze_x"}
    assert found["Ze_x", "streams", "2025-09-01"] == 1024
    assert ("Ze_x", "saves", "2025-09-01") not in found
    assert {key[2] for key in found} == {"2025-09-01", "2025-09-09"}
    assert len(found) == 14


def test_spotify_names(tmp_path):
    header, row = "date,streams\n", "2025-09-01,5\n"
    for name, entity in {
        "Night_-timeline.csv": "Night_",
        "A-timeline-timeline_20251129_180552.csv": "A-timeline",
        "B-timeline (2).csv": "B",
    }.items():
        result = mt.collect.read(write(tmp_path / name, header + row))
        assert numbers(result) == {(entity, "streams", "2025-09-01"): 5}
        assert result.table["title"].tolist() == [entity]
    other = write(tmp_path / "mine.csv", header + row)
    # Anybody may write such a header.
    with pytest.raises(ExportError):
        mt.collect.read(other)
    assert numbers(mt.collect.read_spotify_for_artists(other)) == {
        ("mine", "streams", "2025-09-01"): 5
    }
    with pytest.raises(ExportError):
        mt.collect.read(write(tmp_path / "C-timeline.csv", "date,streams,skips\n2025-09-01,5,1\n"))


def test_spotify_songs_and_playlists(tmp_path):
    songs = "song,listeners,streams,saves,release_date\nIntro,1,5,0,2020-01-01\n"
    songs += "Intro,2,9,0,2021-01-01\nOutro,3,9,1,\n"
    path = write(tmp_path / "Ze-songs-28day.csv", songs, changed="2025-10-03T23:00")
    result = mt.collect.read(path)
    assert result.table["observed_at"].unique() == [pd.Timestamp("2025-10-03")]
    assert set(result.table["artist"]) == {"Ze"}
    # Two songs of one name are told apart by nothing: both stay, and it is said.
    why = result.problems["why"].tolist()
    assert why == [
        "listeners_period of 'Intro' on 2025-10-03 is told differently: 1, 2",
        "streams_period of 'Intro' on 2025-10-03 is told differently: 5, 9",
    ]
    assert len(result.table) == 8
    assert result.provenance["left_out"] == {"told before, with the same number": 1}
    lists = 'title,author,listeners,streams,date_added\n"Mix, new",Someone,4,6,n/a\nX,Y,-,0,\n'
    result = mt.collect.read(write(tmp_path / "playlists.csv", lists, changed="2025-10-03T23:00"))
    assert numbers(result) == {
        ("Mix, new", "listeners_period", "2025-10-03"): 4,
        ("Mix, new", "streams_period", "2025-10-03"): 6,
        ("X", "streams_period", "2025-10-03"): 0,
    }
    assert "last changed" in " ".join(result.provenance["notes"])


def test_days_that_overlap(tmp_path):
    header = "date,streams\n"
    write(tmp_path / "d" / "A-timeline.csv", f"{header}2025-09-01,5\n2025-09-02,6\n")
    write(tmp_path / "d" / "A-timeline (1).csv", f"{header}2025-09-02,6\n2025-09-03,7\n")
    result = mt.collect.read(tmp_path / "d")
    assert sorted(numbers(result).values()) == [5, 6, 7]
    assert len(result.table) == 3
    assert len(result.problems) == 0
    write(tmp_path / "d" / "A-timeline (2).csv", f"{header}2025-09-03,8\n")
    result = mt.collect.read(tmp_path / "d")
    assert result.problems["why"].tolist() == [
        "streams of 'A' on 2025-09-03 is told differently: 7, 8"
    ]


# --- YouTube -------------------------------------------------------------------------------------


def test_youtube_nasty(tmp_path):
    rows = [
        "Total,,,,100,5.5,3,0:01:00,1000,4.5\n",
        '" -abcdefghij","A, ""B""","Jan 6, 2024",100,1,0.5,-2,0:16:02,"1,000",4.5\n',
        "Totalabcdef,C,,1,,,,,,\n",
        "bcdefghijkl,D,,1,x,,,,,\n",
        "cdefghijklm,E,,1,1,,,1.5,,\n",
        "short\n",
        ",F,,1,1,,,,,\n",
        "defghijklmn,G,,1,2,1e-3,,,,",
    ]
    path = tmp_path / "Content 2025-08-01_2025-08-31 Ze X (1).zip"
    pack(path, Table_data=TABLE + "".join(rows))
    result = mt.collect.read(path)
    assert result.problems["line"].tolist() == [5, 6, 7, 8]
    found = numbers(result)
    end = "2025-08-31"
    assert found == {
        ("-abcdefghij", "views_period", end): 1,
        ("-abcdefghij", "watch_hours_period", end): 0.5,
        ("-abcdefghij", "subscribers_net_period", end): -2,
        ("-abcdefghij", "average_view_duration_s_period", end): 962,
        ("-abcdefghij", "impressions_period", end): 1000,
        ("-abcdefghij", "impressions_ctr_percent_period", end): 4.5,
        ("defghijklmn", "views_period", end): 2,
        ("defghijklmn", "watch_hours_period", end): 0.001,
    }
    assert result.provenance["left_out"] == {"the row that sums up": 1}


def test_youtube_without_its_archive(tmp_path):
    path = write(tmp_path / "x" / "Table data.csv", TABLE + "a,b,,1,5,,,,,\n", changed="2025-09-09")
    assert numbers(mt.collect.read(path)) == {("a", "views_period", "2025-09-09"): 5}
    totals = "Date,Views\n2025-08-01,5\n2025-08-02,6\n"
    result = mt.collect.read(write(tmp_path / "Totals.csv", totals))
    assert set(result.table["entity_id"]) == {"me"}
    folder = tmp_path / "Content 2025-08-01_2025-08-31 Ze X"
    result = mt.collect.read(write(folder / "Totals.csv", totals))
    assert set(result.table["entity_id"]) == {"Ze X"}
    with pytest.raises(ExportError):
        mt.collect.read(write(tmp_path / "views.csv", totals))


def test_youtube_by_weeks_and_months(tmp_path):
    weeks = "2025-07-27,a,b,,1,5\n2025-08-03,a,b,,1,6\n"
    path = tmp_path / "Content 2025-07-28_2025-08-06 Ze.zip"
    pack(path, Chart_data=CHART + weeks, Totals="Date,Views\n2025-07-27,7\n2025-08-03,8\n")
    assert numbers(mt.collect.read(path)) == {
        ("a", "views_period", "2025-08-02"): 5,
        ("a", "views_period", "2025-08-06"): 6,
        ("Ze", "views_period", "2025-08-02"): 7,
        ("Ze", "views_period", "2025-08-06"): 8,
    }
    months = "2025-01-01,a,b,,1,5\n2025-02-01,a,b,,1,6\nx,a,b,,1,7\n"
    result = mt.collect.read(write(tmp_path / "Chart data.csv", CHART + months))
    assert numbers(result) == {
        ("a", "views_period", "2025-01-31"): 5,
        ("a", "views_period", "2025-02-28"): 6,
    }
    assert result.problems["line"].tolist() == [4]
    one = mt.collect.read(write(tmp_path / "y" / "Chart data.csv", CHART + "2025-01-01,a,b,,1,5\n"))
    assert numbers(one) == {("a", "views_period", "2025-01-01"): 5}


def test_youtube_columns_and_languages(tmp_path):
    soft = TABLE.replace("Video title", "Video\u00ad title").replace("Average view duration,", "")
    soft = soft.replace("Impressions,", "Estimated revenue (CHF),Thumbnail impressions,")
    path = write(
        tmp_path / "t.csv", soft + "a\u00adb,t,,1,1,2,3,4.25,5,6.5\n", changed="2025-09-09"
    )
    assert numbers(mt.collect.read(path)) == {
        ("ab", "views_period", "2025-09-09"): 1,
        ("ab", "watch_hours_period", "2025-09-09"): 2,
        ("ab", "subscribers_net_period", "2025-09-09"): 3,
        ("ab", "estimated_revenue_chf_period", "2025-09-09"): 4.25,
        ("ab", "impressions_period", "2025-09-09"): 5,
        ("ab", "impressions_ctr_percent_period", "2025-09-09"): 6.5,
    }
    bare = "Content,Video title,Video publish time,Duration,Saves\na,b,,1,2\n"
    with pytest.raises(ExportError, match="no column with numbers among 'Content'"):
        mt.collect.read(write(tmp_path / "u.csv", bare))
    with pytest.raises(ExportError, match="Vidéos"):
        mt.collect.read(write(tmp_path / "v.csv", "Vidéos,Titre de la vidéo,Vues\na,b,1\n"))


# --- TikTok --------------------------------------------------------------------------------------


def overview(*days):
    return OVERVIEW + "\n".join(f'"{each}","{n}","0","0","0","0"' for n, each in enumerate(days))


def views(result):
    return {key[2]: value for key, value in numbers(result).items() if key[1] == "views"}


def test_tiktok_years(tmp_path):
    path = tmp_path / f"Overview_2024-06-18_{SECONDS}_ze.x (1).zip"
    pack(path, Overview=overview("December 31", "January 1", "August 31"))
    result = mt.collect.read(path)
    assert views(result) == {"2024-12-31": 0, "2025-01-01": 1, "2025-08-31": 2}
    assert set(result.table["entity_id"]) == {"ze.x"}
    # The newest day may stand first.
    pack(path, Overview=overview("August 31", "August 30", "January 1", "December 31"))
    assert sorted(views(mt.collect.read(path))) == [
        "2024-12-31", "2025-01-01", "2025-08-30", "2025-08-31"
    ]  # fmt: skip
    # Without a time in a name it is the file's: the last row tells, though it be a year younger.
    alone = write(
        tmp_path / "Overview.csv",
        overview("28 tháng Hai", "29 tháng Hai", "01 tháng Ba"),
        "utf-8-sig",
        changed="2025-02-10T12:00",
    )
    result = mt.collect.read(alone)
    assert sorted(views(result)) == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert set(result.table["entity_id"]) == {"me"}


def test_tiktok_nasty(tmp_path):
    rows = [
        OVERVIEW,
        '"August 29","undefined","1","2","3","4"\n',
        '"31 de agosto","5","1","2","3","4"\n',
        '"August 32","5","1","2","3","4"\n',
        '"","5","1","2","3","4"\n',
        '"August 30","5k","1","2","3","4"\n',
        '"August 30","5","1"\n',
        '"September 1","5","1","2","3","4',
    ]
    path = write(tmp_path / "Overview.csv", "".join(rows), changed="2025-09-02T12:00")
    result = mt.collect.read(path)
    assert result.problems["line"].tolist() == [4, 5, 6, 7, 8]
    assert views(result) == {"2025-08-31": 5}
    assert len(result.table) == 9


def test_tiktok_refuses_what_has_no_year(tmp_path):
    twice = write(tmp_path / "a" / "Overview.csv", overview("August 30", "May 1", "August 30"))
    with pytest.raises(ExportError, match="comes twice"):
        mt.collect.read(twice)
    french = write(tmp_path / "b" / "Overview.csv", overview("30 août"))
    with pytest.raises(ExportError, match="'30 août'"):
        mt.collect.read(french)


def test_tiktok_other_files(tmp_path):
    path = tmp_path / f"Followers_{SECONDS}_ze.zip"
    pack(
        path,
        FollowerHistory='"Date","Followers","Difference in followers from previous day"\n'
        '"August 30","undefined","0"\n"August 31","7","1"',
        FollowerActivity='"Date","Hour","Active followers"\n"August 31","0","5"\n',
        FollowerGender='"Gender","Distribution"\n"Female","0.5"\n"Male","0.5"',
        FollowerTopTerritories='"Top territories","Distribution"\n"DE","0.5"',
        Viewers='"Date","Total Viewers","New Viewers","Returning Viewers"\n'
        '"August 30","3","1","2"\n"August 31","undefined","0","0"',
        Content='"Time","Video title","Video link","Post time","Total likes","Total comments",'
        '"Total shares","Total views"\n"September 1","T","https://www.tiktok.com/@ze/video/7123456",'
        '"May 1","1","2","3","4"',
    )
    result = mt.collect.read(path)
    assert result.format == "tiktok"
    assert numbers(result) == {
        ("ze", "followers", "2025-08-31"): 7,
        ("ze", "viewers", "2025-08-30"): 3,
        ("ze", "new_viewers", "2025-08-30"): 1,
        ("ze", "returning_viewers", "2025-08-30"): 2,
        ("7123456", "likes_total", "2025-09-01"): 1,
        ("7123456", "comments_total", "2025-09-01"): 2,
        ("7123456", "shares_total", "2025-09-01"): 3,
        ("7123456", "views_total", "2025-09-01"): 4,
    }
    assert result.provenance["left_out"] == {
        "how followers are spread": 4,
        "a day whose viewers are not known": 1,
    }


def test_tiktok_as_a_workbook(tmp_path):
    header = [name.strip('"') for name in OVERVIEW.strip().split(",")]
    rows = [header, ["August 30", 5, 1, 2, 3, None], ["August 31", "undefined", 1, 2, 3, 4], ["x"]]
    path = tmp_path / f"Overview_2024-06-18_{SECONDS}_ze.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Overview.xlsx", xlsx_bytes({"Sheet1": rows}))
    result = mt.collect.read(path)
    assert views(result) == {"2025-08-30": 5}
    assert len(result.table) == 8
    assert result.problems["line"].tolist() == [4]
    other = tmp_path / "o.xlsx"
    other.write_bytes(xlsx_bytes({"S": [["a", "b"], [1, 2]]}))
    with pytest.raises(ExportError, match="begins with 'a,b'"):
        mt.collect.read(other)


# --- Meta ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8", "utf-8-sig"])
def test_meta_nasty_graph(encoding, tmp_path):
    rows = [day(1, 20), day(2, ""), day(3, "1,250"), day(4, "x"), '"01/02/2025","3"', '"a"']
    text = graph("Facebook follows", *rows, day(8, 4)).replace("\n", "\r\n")
    result = mt.collect.read(write(tmp_path / "Follows (1).csv", text, encoding))
    assert result.format == "facebook_insights"
    assert numbers(result) == {
        ("me", "follows", "2025-08-01"): 20,
        ("me", "follows", "2025-08-03"): 1250,
        ("me", "follows", "2025-08-08"): 4,
    }
    assert result.problems["line"].tolist() == [7, 8, 9]
    assert result.provenance["left_out"] == {"a day without a number": 1}


def test_meta_which_network(tmp_path):
    lone = write(tmp_path / "Views.csv", graph("Views", day(1, 5)), "utf-16")
    with pytest.raises(ExportError, match="facebook_insights or instagram_insights"):
        mt.collect.read(lone)
    for name in ("facebook", "instagram"):
        reader = getattr(mt.collect, f"read_{name}_insights")
        assert set(reader(lone).table["platform"]) == {name}
        assert set(mt.collect.read(lone, format=f"{name}_insights").table["platform"]) == {name}
    write(tmp_path / "Visits.csv", graph("Instagram profile visits", day(1, 6)), "utf-16")
    result = mt.collect.read(tmp_path)
    assert result.format == "instagram_insights"
    assert numbers(result) == {
        ("me", "views", "2025-08-01"): 5,
        ("me", "profile_visits", "2025-08-01"): 6,
    }
    write(tmp_path / "Follows.csv", graph("Facebook follows", day(1, 6)), "utf-16")
    with pytest.raises(ExportError, match="may be of facebook_insights or instagram_insights"):
        mt.collect.read(tmp_path)
    with pytest.raises(ExportError):
        mt.collect.read_instagram_insights(tmp_path / "Follows.csv")


def test_meta_refuses_other_graphs(tmp_path):
    other = write(tmp_path / "a.csv", graph("Stars sent", day(1, 5)), "utf-16")
    with pytest.raises(ExportError, match="the title 'stars sent'"):
        mt.collect.read_facebook_insights(other)
    more = graph("Earnings", '"2025-08-01","1.5","2"', header='"Date","Primary","stars"')
    with pytest.raises(ExportError):
        mt.collect.read_facebook_insights(write(tmp_path / "b.csv", more, "utf-16"))
    with pytest.raises(ExportError, match="without a title"):
        mt.collect.read_facebook_insights(
            write(tmp_path / "c.csv", '"Date","Primary"\n"2025-08-01","1"\n')
        )


def test_meta_nasty_posts(tmp_path):
    rest = '"09/28/2025 18:12"'
    rows = [
        f'1827720132094663,1,P,"One ""two""\n\n#three",,{rest},Lifetime,27,"1,250",4,4\n',
        f"1.22158E+17,1,P,T,,{rest},Lifetime,1,1,1,1\n",
        f"1827720132094664,1,P,T,,{rest},09/28/2025,1,1,1,1\n",
        f"1827720132094665,1,P,T,,{rest},Lifetime,x,1,1,1\n",
        f",1,P,T,,{rest},Lifetime,1,1,1,1\n",
        f"1827720132094666,1,P,,Longer,{rest},Lifetime,,0,,\n",
    ]
    path = write(
        tmp_path / "Sep-01-2025_Sep-30-2025_1.csv",
        FACEBOOK + "".join(rows),
        "utf-8-sig",
        changed="2025-10-02T01:00",
    )
    result = mt.collect.read(path)
    assert result.problems["line"].tolist() == [5, 6, 7, 8]
    assert numbers(result) == {
        ("1827720132094663", "views_total", "2025-10-02"): 27,
        ("1827720132094663", "reach_total", "2025-10-02"): 1250,
        ("1827720132094663", "interactions_total", "2025-10-02"): 4,
        ("1827720132094663", "reactions_total", "2025-10-02"): 4,
        ("1827720132094666", "reach_total", "2025-10-02"): 0,
    }
    assert set(result.table["title"]) == {'One "two"\n\n#three', "Longer"}
    row = f"17900000000000001,1,someone.example,Ze,C,{rest},Lifetime,5,4,3\n"
    result = mt.collect.read(write(tmp_path / "i.csv", INSTAGRAM + row, "utf-8-sig"))
    assert result.format == "instagram_insights"
    assert set(result.table["artist"]) == {"Ze"}
    broken = row.replace(",5,4,3", ",five,4,3")
    path = write(tmp_path / "j.csv", INSTAGRAM + row.replace("1790", "1791") + broken, "utf-8-sig")
    read = mt.collect.read(path, into=tmp_path / "private.duckdb")
    assert read.problems["line"].tolist() == [3]
    shown = read.problems.to_string() + read.to_frame().to_string() + repr(read.provenance)
    assert "someone.example" not in shown
    assert "username" not in read.to_frame()
    del read
    assert b"someone.example" not in (tmp_path / "private.duckdb").read_bytes()
    mine = mt.collect.read(path, private=True)
    assert set(mine.table["username"]) == {"someone.example"}
    german = INSTAGRAM.replace('"Publish time"', '"Veröffentlichungszeit"')
    with pytest.raises(ExportError):
        mt.collect.read(write(tmp_path / "g.csv", german + row))


# --- presets -------------------------------------------------------------------------------------


def test_presets_are_read_by_name_only(tmp_path):
    text = 'Date,Spotify Monthly Listeners,Events\n2025-08-01,"1,234",Release\n2025-08-02,,\n'
    path = write(tmp_path / "graph.csv", text)
    with pytest.raises(ExportError):
        mt.collect.read(path)
    result = mt.collect.read(path, format="chartmetric")
    assert numbers(result) == {("graph", "spotify_monthly_listeners", "2025-08-01"): 1234}
    songs = write(tmp_path / "songs.csv", "Morceau,Écoutes\nA,5\n", changed="2025-08-02")
    result = mt.collect.read(songs, format="apple_music_for_artists")
    assert numbers(result) == {("A", "plays_period", "2025-08-02"): 5}
