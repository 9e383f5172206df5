"""YouTube Studio's advanced mode: a zip of a table, a chart and totals, in English or German."""

import datetime as dt
import itertools
import re
from collections.abc import Iterable
from dataclasses import replace

from musictools.collect.imports._field import Bound, Context, Field, column, quoted
from musictools.collect.imports._fields import count, day, derived, number, text
from musictools.collect.imports._format import Evidence, Format, Sample
from musictools.collect.imports._reader import reader
from musictools.collect.imports._shapes import clock, day_in_name, named, own

#: Name of the zip: the tab, the first day, the last day, the channel.
_LAST_DAY = r"\d{4}-\d{2}-\d{2}_(\d{4}-\d{2}-\d{2})"
_CHANNEL = r"\d{4}-\d{2}-\d{2}_\d{4}-\d{2}-\d{2} (.+?)(?: ?\(\d+\))?(?:\.zip)?$"
_CURRENCIES = (
    "AUD", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR",
    "JPY", "KRW", "MXN", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TRY", "TWD", "USD",
    "ZAR",
)  # fmt: skip
_GERMAN = {
    "Datum": "Date",
    "Videos": "Content",
    "Videotitel": "Video title",
    "Veröffentlichungszeitpunkt des Videos": "Video publish time",
    "Dauer": "Duration",
    "Aufrufe": "Views",
    "Wiedergabezeit (Stunden)": "Watch time (hours)",
    "Abonnenten": "Subscribers",
    "Impressionen": "Impressions",
    "Klickrate der Impressionen (%)": "Impressions click-through rate (%)",
    **{f"Geschätzter Umsatz ({each})": f"Estimated revenue ({each})" for each in _CURRENCIES},
}
#: Which columns there are is what the person ticked.
_METRICS: dict[str, Field] = {
    "views": count("Views").optional(),
    "watch_hours": number("Watch time (hours)").optional(),
    "subscribers_net": count("Subscribers").optional(),
    "average_view_duration_s": clock("Average view duration").optional(),
    "impressions": count("Impressions", "Thumbnail impressions").optional(),
    "impressions_ctr_percent": number(
        "Impressions click-through rate (%)", "Thumbnail click-through rate (%)"
    ).optional(),
    "likes": count("Likes").optional(),
    "dislikes": count("Dislikes").optional(),
    "new_viewers": count("New viewers").optional(),
    "returning_viewers": count("Returning viewers").optional(),
    **{
        f"estimated_revenue_{each.lower()}": number(f"Estimated revenue ({each})").optional()
        for each in _CURRENCIES
    },
}
_PERIODS = {f"{metric}_period": each for metric, each in _METRICS.items()}
_VIDEO = {
    "_id": text("Content").required(),
    # Some exports hold soft hyphens, which nobody sees.
    "entity_id": derived("replace(_id, chr(173), '')"),
    **own("youtube"),
    "title": text("Video title"),
}
_WHOLE = {
    "_channel": named(_CHANNEL, where="around"),
    "entity_id": derived("coalesce(nullif(_channel, ''), 'me')"),
    **own("youtube"),
    "artist": derived("nullif(_channel, '')"),
}
_BASE = Format(
    kind="observations",
    name="youtube_studio",
    title="YouTube Studio's advanced mode",
    where="studio.youtube.com > Analytics > Advanced mode > Content > Export current view > "
    "Comma-separated values (.csv)",
    evidence=(
        Evidence(
            "github.com/wdr-data/wdr-okr okr/admin/youtube.py @3d25114a (English and German)",
            "2026-11-26",
        ),
    ),
    rename=_GERMAN,
    nothing=("-", "n/a"),
    notes=(
        (
            "Numbers of the table are those of a period, and their names end in _period: they are "
            "of the last day in the zip's name, else of the day on which the file was last "
            "changed."
        ),
        "A chart by weeks, months or years gives numbers of periods too, on the last day of each.",
        (
            "The table's first row sums up more videos than are exported (500 at most): it is left"
            " out, and counted."
        ),
        "The channel's name stands in the zip's name only; without it the channel is 'me'.",
        "Files in other languages than English and German are refused.",
    ),
    columns={},
)


def _by_day(sample: Sample) -> bool:
    """Tell whether a chart goes day by day; of one date alone nobody can tell."""
    return _step(re.findall(r'^"?(\d{4}-\d{2}-\d{2})\b', sample.text, re.MULTILINE)) == 1


def _by_more(sample: Sample) -> bool:
    return not _by_day(sample)


def _step(dates: Iterable[str]) -> int:
    """Give the fewest days between two dates; 0 where there is but one."""
    days = set()
    for each in dates:
        try:
            days.add(dt.date.fromisoformat(each))
        except ValueError:
            # The row tells that it is no date.
            continue
    return min(((b - a).days for a, b in itertools.pairwise(sorted(days))), default=0)


def _end_of_step(*names: str) -> Field:
    """Read the first day of a week, month or year, and give its last, within the zip's days."""

    def bind(self: Field, context: Context) -> Bound:
        raw = column(self.names[0])
        step = _step(context.values(self.names[0]))
        first = f"try_strptime({raw}, '%Y-%m-%d')"
        end = first
        if step:
            width = "1 YEAR" if step > 300 else "1 MONTH" if step > 27 else f"{step} DAY"
            end = f"{first} + INTERVAL {width} - INTERVAL 1 DAY"
        seen = re.search(_LAST_DAY, context.around)
        if seen:
            last = f"TRY_CAST({quoted(seen[1])} AS TIMESTAMP)"
            end = (
                f"greatest({first}, least({end}, {last}))" if step else f"greatest({first}, {last})"
            )
        return Bound(f"CASE WHEN {first} IS NOT NULL THEN CAST({end} AS TIMESTAMP) END", raw)

    return Field("TIMESTAMP", bind, names, "a day")


_TABLE = replace(
    _BASE,
    needs=(("Content", "Video title", "Video publish time"),),
    columns={**_VIDEO, "observed_at": day_in_name(_LAST_DAY)},
    metrics=_PERIODS,
    leave_out={
        "the row that sums up": "{Content} IN ('Total', 'Gesamt') AND {Video title} IS NULL"
    },
)
_CHART = replace(_BASE, needs=(("Date", "Content", "Video title", "Video publish time"),))
_TOTALS = replace(
    _BASE,
    needs=tuple(("Date", name) for each in _METRICS.values() for name in each.names),
    exact=True,
    called=r"(^|/)(Totals|Gesamtwerte)\b",
)
_DAY = {"observed_at": day("Date").required()}
_STEP = {"observed_at": _end_of_step("Date").required()}

FORMATS = (
    _TABLE,
    replace(_CHART, columns=_VIDEO | _DAY, metrics=_METRICS, also=_by_day),
    replace(_CHART, columns=_VIDEO | _STEP, metrics=_PERIODS, also=_by_more),
    replace(_TOTALS, columns=_WHOLE | _DAY, metrics=_METRICS, also=_by_day),
    replace(_TOTALS, columns=_WHOLE | _STEP, metrics=_PERIODS, also=_by_more),
)
read_youtube_studio = reader(_TABLE)
