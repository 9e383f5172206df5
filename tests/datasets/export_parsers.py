"""Small parsers of listeners' and artists' exports, for tests: short, trusting, and ours alone.

Each takes the files of an export by name and yields what it finds: of a play its begin, title,
artist and duration; of a count whose it is, the metric, the day and the value as written.
"""

import csv
import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo


def utc(text, form):
    return datetime.strptime(text, form).replace(tzinfo=UTC)


def rows_of(content, **given):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), **given))


def parse_spotify_history(found):
    for name, content in found.items():
        for row in json.loads(content) if name.endswith(".json") else ():
            if title := row["master_metadata_track_name"]:
                lasted = timedelta(milliseconds=row["ms_played"])
                began = utc(row["ts"], "%Y-%m-%dT%H:%M:%SZ") - lasted
                yield began, title, row["master_metadata_album_artist_name"], lasted


def parse_spotify_account(found):
    for name, content in found.items():
        for row in json.loads(content) if "Userdata" not in name else ():
            if title := row.get("trackName"):
                lasted = timedelta(milliseconds=row["msPlayed"])
                began = utc(row["endTime"], "%Y-%m-%d %H:%M") - lasted
                yield began, title, row["artistName"], lasted


def parse_apple_play_activity(found):
    def moment(text):
        return datetime.fromisoformat(text.replace("Z", "")).replace(tzinfo=UTC)

    (content,) = found.values()
    for row in rows_of(content):
        if (row["Event Type"], row["Media Type"]) == ("PLAY_END", "AUDIO") and row["Song Name"]:
            told = int(row["Play Duration Milliseconds"])
            lasted = timedelta(milliseconds=told) if 0 <= told <= 86_400_000 else None
            began = row["Event Start Timestamp"]
            began = moment(began) if began else moment(row["Event End Timestamp"]) - lasted
            artist = row.get("Artist Name", row.get("Container Artist Name"))
            yield began, row["Song Name"], artist, lasted


def parse_youtube_takeout(found):
    ((name, content),) = found.items()
    text = content.decode()
    if name.endswith(".html"):
        song = (
            r'title">YouTube Music<br>.*?Watched\xa0<a href="[^"]*v=.{11}">([^<]*)</a><br>'
            r"<a [^>]*>([^<]*) - Topic</a><br>([^<]*) PST<br>"
        )
        for block in text.split('<div class="outer-cell')[1:]:
            if match := re.search(song, block):
                title, artist, local = map(html.unescape, match.groups())
                began = utc(local, "%b %d, %Y, %I:%M:%S %p") + timedelta(hours=8)
                yield began, title, artist, None
        return
    for row in json.loads(text):
        if row["header"] == "YouTube Music" and "subtitles" in row:
            title = row["title"].removeprefix("Watched ").removesuffix(" angesehen")
            artist = row["subtitles"][0]["name"].removesuffix(" - Topic")
            yield utc(row["time"], "%Y-%m-%dT%H:%M:%S.%fZ"), title, artist, None


def parse_lastfm(found):
    ((name, content),) = found.items()
    if name.startswith("recenttracks"):
        for row in rows_of(content):
            yield datetime.fromtimestamp(int(row["uts"]), UTC), row["track"], row["artist"], None
        return
    for row in rows_of(content, fieldnames=("artist", "album", "title", "date")):
        if row["date"]:
            yield utc(row["date"], "%d %b %Y %H:%M"), row["title"], row["artist"], None


def parse_deezer(found):
    # A workbook is an archive under another name.
    ((_, content),) = found.items()
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        # We wrote it ourselves a moment ago.
        parts = {n: ET.fromstring(book.read(n)) for n in book.namelist()}  # noqa: S314
    texts = [s[0].text for s in parts["xl/sharedStrings.xml"]]
    names = [s.get("name") for s in parts["xl/workbook.xml"][0]]
    sheet = parts[f"xl/worksheets/sheet{names.index('10_listeningHistory') + 1}.xml"]
    rows = []
    for line in sheet.iter(f"{space}row"):
        cells = {c.get("r")[0]: (c.get("t"), c[0].text) for c in line}
        rows.append({k: texts[int(v)] if t == "s" else v for k, (t, v) in cells.items()})
    assert list(rows[0].values()) == [
        *("Song Title", "Artist", "ISRC", "Album Title", "Listening Time"),
        *("Platform Name", "Platform Model", "Date"),
    ]
    for row in rows[1:]:
        lasted = None if row["E"] == "-1" else timedelta(seconds=int(row["E"]))
        yield utc(row["H"], "%Y-%m-%d %H:%M:%S"), row["A"], row["B"], lasted


def parse_tidal(found):
    (content,) = found.values()
    for row in rows_of(content):
        if row["product_type"] == "TRACK":
            zone = UTC if row["time_zone"] == "null" else ZoneInfo(row["time_zone"])
            local = datetime.strptime(row["entry_date"], "%d/%m/%Y %H:%M").replace(tzinfo=zone)
            lasted = timedelta(milliseconds=float(row["stream_duration_ms"]))
            yield local.astimezone(UTC), row["track_title"], row["artist_name"], lasted


def parse_spotify_for_artists(found):
    for name, content in found.items():
        for row in rows_of(content):
            whose = row.pop("song", None) or re.sub("-(audience-)?timeline.csv", "", name)
            day, kind = row.pop("date", "2026-01-05"), "_period" if "songs" in name else ""
            row.pop("release_date", None)
            for metric, value in row.items():
                yield whose, metric.replace(" ", "_") + kind, day, value


def parse_youtube_studio(found):
    for name, content in found.items():
        for row in csv.reader(io.StringIO(content.decode(), newline="")):
            if row[0] in {"Content", "Videos", "Date", "Datum", "Total", "Gesamt"}:
                continue
            if "Ta" in name[:2]:
                yield row[0].strip(), "views_period", "2025-12-31", row[4]
                yield row[0].strip(), "watch_hours_period", "2025-12-31", row[5]
                yield row[0].strip(), "impressions_period", "2025-12-31", row[8]
            else:
                yield row[1].strip() if len(row) > 2 else None, "views", row[0], row[-1]


def parse_tiktok(found):
    names = {
        "Overview.csv": ("views", "profile_views", "likes", "comments", "shares"),
        "FollowerHistory.csv": ("followers",),
        "Viewers.csv": ("viewers", "new_viewers", "returning_viewers"),
    }
    months = ("November", "December", "January", "novembro", "dezembro", "janeiro")
    for name, content in found.items():
        assert not content.endswith(b"\n")
        for row in list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]:
            month = months.index(next(m for m in months if m in row[0])) % 3
            number = int(re.search(r"\d+", row[0])[0])
            day = f"{2025 if month == 2 else 2024}-{(11, 12, 1)[month]:02d}-{number:02d}"
            if row[1] != "undefined":
                yield from ((None, m, day, v) for m, v in zip(names[name], row[1:], strict=False))


def parse_instagram_insights(found):
    titles = {
        "Views": "views",
        "Reach": "reach",
        "Viewers": "viewers",
        "Content interactions": "interactions",
        "Instagram follows": "follows",
        "Facebook follows": "follows",
        "Instagram profile visits": "profile_visits",
        "Facebook visits": "profile_visits",
        "Instagram link clicks": "link_clicks",
        "Facebook link clicks": "link_clicks",
    }
    for content in found.values():
        if content[:2] == b"\xff\xfe":
            _, title, text = content.decode("utf-16").split("\n", 2)
            for row in csv.DictReader(io.StringIO(text)):
                yield "me", titles[title.strip('"')], row["Date"][:10], row["Primary"]
            continue
        for row in rows_of(content):
            assert row["Date"] == "Lifetime"
            yield row["Post ID"], "views_total", "2026-01-05", row["Views"]
            yield row["Post ID"], "shares_total", "2026-01-05", row["Shares"]


parse_facebook_insights = parse_instagram_insights
