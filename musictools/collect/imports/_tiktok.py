"""TikTok Studio: zips of CSV files whose days have no year."""

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from musictools.collect.imports._field import Bound, Context, Field, column, quoted
from musictools.collect.imports._fields import constant, count, derived, file_day, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader
from musictools.collect.imports._shapes import named, own
from musictools.errors import ExportError

#: Name of the zip: what it holds, a date that is not the export's, its time in seconds, the handle.
_HANDLE = (
    r"^(?:Overview|Followers|Viewers|Content)_(?:\d{4}-\d{2}-\d{2}_)?(?:\d{10}_)?"
    r"(.+?)(?: ?\(\d+\))?(?:\.zip)?$"
)
_SECONDS = re.compile(r"_(1\d{9})(?=[_.]|$)")
_PORTUGUESE_MONTHS = (
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
)
_VIETNAMESE_MONTHS = "Một,Hai,Ba,Tư,Năm,Sáu,Bảy,Tám,Chín,Mười,Mười Một,Mười Hai"
#: How each language writes a day.
_SPELLINGS: tuple[tuple[str, Sequence[str]], ...] = (
    ("{month} {day}", calendar.month_name[1:]),
    ("{day} de {month}", _PORTUGUESE_MONTHS.split()),
    ("{day} tháng {month}", _VIETNAMESE_MONTHS.split(",")),
)
_PORTUGUESE = {
    "Data": "Date",
    "Visualizações de vídeo": "Video Views",
    "Visualizações do perfil": "Profile Views",
    "Curtidas": "Likes",
    "Comentários": "Comments",
    "Compartilhamentos": "Shares",
    "Seguidores": "Followers",
    "Diferença de seguidores em relação ao dia anterior": "Difference in followers from previous "
    "day",
}


@cache
def _spelled(*languages: int) -> Mapping[str, tuple[int, int]]:
    """Give every day of a leap year as it may be written, in small letters: month and day."""
    found = {}
    for shape, months in [_SPELLINGS[each] for each in languages or range(len(_SPELLINGS))]:
        for number, month in enumerate(months, start=1):
            for day in range(1, calendar.monthrange(2024, number)[1] + 1):
                for written in {str(day), f"{day:02}"}:
                    found[shape.format(month=month, day=written).casefold()] = (number, day)
    return found


def _before(month: int, day: int, last: dt.date) -> dt.date | None:
    """Give the latest such day that is not after another; None where it is not within a year."""
    for year in (last.year, last.year - 1):
        try:
            found = dt.date(year, month, day)
        except ValueError:
            # There is no 29th of February in most years.
            continue
        if found <= last:
            return found
    return None


def _exported(context: Context) -> dt.date:
    """Give the day of the export: the zip's name tells its second, or else the file its own day."""
    seen = _SECONDS.search(context.around)
    if seen:
        return dt.datetime.fromtimestamp(int(seen[1]), dt.UTC).date()
    return context.modified.date()


def _last_day(context: Context, name: str) -> dt.date:
    """Give the day of the last row: the file may have been packed again long after its export."""
    exported = _exported(context)
    days = [seen for each in context.values(name) if (seen := _spelled().get(each.casefold()))]
    if not days:
        if context.values(name):
            raise ExportError(
                f"understand the days of {context.file}",
                got=repr(context.values(name)[0]),
                expected="days such as 'August 31', '31 de agosto' or '31 tháng Tám'",
                hint="set TikTok Studio to English, and download it again",
            )
        return exported
    end = days[-1] if _rises(days) else days[0]
    if len(days) != len(set(days)):
        raise ExportError(
            f"tell the years of {context.file}",
            got="a day of the year that comes twice",
            expected="days of one year at most, each once",
            hint="download at most 365 days at a time",
        )
    return _before(*end, exported) or exported


def _rises(days: Sequence[tuple[int, int]]) -> bool:
    """Tell whether later rows are later days, though a new year may lie between them."""
    steps = [(b > a) - (b < a) for a, b in itertools.pairwise(days)]
    return sum(steps) >= 0


def year_day(*names: str, in_order: bool = True) -> Field:
    """Read a day without a year: the latest one that is not after the last row, or the export."""

    def bind(self: Field, context: Context) -> Bound:
        name = self.names[0]
        last = _last_day(context, name) if in_order else _exported(context)
        cells = {each.casefold() for each in context.values(name)}
        # The database looks up each cell, and is quicker with one language than with all.
        own = [n for n in range(len(_SPELLINGS)) if not cells.isdisjoint(_spelled(n))]
        known = {
            written: day
            for written, (month, number) in _spelled(*own).items()
            if (day := _before(month, number, last))
        }
        raw, alias = column(name), column(f"days of {name}")
        rows = ", ".join(
            f"({quoted(written)}, TIMESTAMP '{day}')" for written, day in known.items()
        )
        join = f"LEFT JOIN (VALUES {rows}) AS {alias}(_spelled, _day) ON _spelled = lower({raw})"
        return Bound(f"{alias}._day", raw, join)

    return Field("TIMESTAMP", bind, names, "a day such as August 31")


_ACCOUNT = {
    "_handle": named(_HANDLE, where="around"),
    "entity_id": derived("coalesce(nullif(_handle, ''), 'me')"),
    **own("tiktok"),
    "observed_at": year_day("Date").required(),
}
_BASE = Format(
    name="tiktok",
    kind="observations",
    title="TikTok Studio",
    where="tiktok.com/tiktokstudio > Analytics > Overview, Viewers or Followers > Download data > "
    "CSV; https://www.tiktok.com/creator-academy/en/article/tool-analytics-intro",
    evidence=(
        Evidence(
            "github.com/duytienitptit/ahd-dashboard docs/CSV_FORMAT.md "
            "@3355e6f294db3ce5960c4b28ed9706c4bb261dcc",
            "2026-11-26",
        ),
        Evidence("https://www.tiktok.com/creator-academy/en/article/tool-analytics-intro",
                 "2026-11-26"),
    ),
    columns={},
    rename=_PORTUGUESE,
    nothing=("undefined",),
    notes=(
        (
            "Days have no year: the last row is taken for the latest such day before the export, "
            "whose time stands in the name of some zips; without it, before the day on which the "
            "file was last changed. So do not unpack and edit old ones."
        ),
        "The account's handle stands in the zip's name only; without it the account is 'me'.",
        "The difference of followers is in truth the one to the next day: it is not read.",
        "Numbers of videos, whose names end in _total, are those of their life.",
        "How followers are spread over hours, genders and territories is left out, and counted.",
    ),
)  # fmt: skip
_OVERVIEW = replace(
    _BASE,
    needs=(("Date", "Video Views", "Profile Views"),),
    columns=_ACCOUNT,
    metrics={
        "views": count("Video Views"),
        "profile_views": count("Profile Views"),
        "likes": count("Likes"),
        "comments": count("Comments"),
        "shares": count("Shares"),
    },
)
_FOLLOWERS = replace(
    _BASE,
    needs=(("Date", "Followers", "Difference in followers from previous day"),),
    columns=_ACCOUNT,
    metrics={"followers": count("Followers")},
)
_VIEWERS = replace(
    _BASE,
    needs=(("Date", "Total Viewers"),),
    columns=_ACCOUNT,
    metrics={
        "viewers": count("Total Viewers"),
        "new_viewers": count("New Viewers"),
        "returning_viewers": count("Returning Viewers"),
    },
    leave_out={"a day whose viewers are not known": "{Total Viewers} IS NULL"},
)
_CONTENT = replace(
    _BASE,
    needs=(("Time", "Video title", "Video link", "Post time"),),
    columns={
        "_link": text("Video link").required(),
        "entity_id": derived(r"coalesce(nullif(regexp_extract(_link, '/(\d+)', 1), ''), _link)"),
        **own("tiktok"),
        "observed_at": year_day("Time", in_order=False).required(),
        "title": text("Video title"),
    },
    metrics={
        "likes_total": count("Total likes"),
        "comments_total": count("Total comments"),
        "shares_total": count("Total shares"),
        "views_total": count("Total views"),
    },
)
_SPREAD = replace(
    _BASE,
    exact=True,
    columns={
        "entity_id": constant("me"),
        **own("tiktok"),
        "metric": constant("followers"),
        "observed_at": file_day(),
    },
)


def _spread(*needs: str, called: str = "") -> Format:
    """Give a table of how followers are spread: all of it is left out, and counted."""
    # A condition that is a constant would keep DuckDB from looking at the file at all.
    whole = f"concat({{{needs[-1]}}}, '.') <> ''"
    return replace(
        _SPREAD, needs=(needs,), called=called, leave_out={"how followers are spread": whole}
    )


FORMATS = (
    _OVERVIEW,
    _FOLLOWERS,
    _VIEWERS,
    _CONTENT,
    _spread("Date", "Hour", "Active followers"),
    _spread("Gender", "Distribution", called="FollowerGender"),
    _spread("Top territories", "Distribution"),
)
read_tiktok = reader(_OVERVIEW)
