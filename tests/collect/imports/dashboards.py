"""Small files of dashboards, by hand."""

import datetime as dt
import os
import zipfile

AUDIENCE = (
    "date,listeners,monthly listeners,monthly active listeners,super listeners,streams,"
    "playlist adds,saves,followers\n"
)
TABLE = (
    "Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,"
    "Average view duration,Impressions,Impressions click-through rate (%)\n"
)
CHART = "Date,Content,Video title,Video publish time,Duration,Views\n"
OVERVIEW = '"Date","Video Views","Profile Views","Likes","Comments","Shares"\n'
FACEBOOK = (
    '"Post ID","Page ID","Page name",Title,Description,"Publish time",Date,Views,Reach,'
    '"Reactions, Comments and Shares",Reactions\n'
)
INSTAGRAM = (
    '"Post ID","Account ID","Account username","Account name",Description,"Publish time",Date,'
    "Views,Reach,Likes\n"
)
#: 2025-09-01 20:00 in UTC.
SECONDS = 1756756800


def write(path, text, encoding="utf-8", *, changed=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    if changed:
        stamp = dt.datetime.fromisoformat(changed).replace(tzinfo=dt.UTC).timestamp()
        os.utime(path, (stamp, stamp))
    return path


def pack(path, **files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", " ") + ".csv", text)
    return path


def numbers(result):
    """Every number by entity, metric and day."""
    table = result.table
    days = table["observed_at"].dt.strftime("%Y-%m-%d")
    keys = zip(table["entity_id"], table["metric"], days, strict=True)
    return dict(zip(keys, table["value"], strict=True))


def graph(title, *days, header='"Date","Primary"'):
    return "\n".join(["sep=,", f'"{title}"', header, *days]) + "\n"


def day(number, value):
    return f'"2025-08-{number:02}T00:00:00","{value}"'
