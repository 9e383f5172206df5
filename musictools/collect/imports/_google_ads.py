"""Google Ads: what campaigns cost."""

import re

from musictools.collect.imports._field import Bound, Context, Field, column
from musictools.collect.imports._fields import constant, count, day, money, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader
from musictools.collect.imports._usual import first_day, refusal

_DAYS = ("%Y-%m-%d", "%b %d, %Y", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y")
_TIMES = ("Day", "Week", "Month")
_LONG = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d")
#: With a colon, since campaigns have names such as "Total Wine".
_TOTAL = r"(?i)^\s*(Total|Gesamt)\s?:"
_TRANSLATED = {
    "Jour": "Day", "Campagne": "Campaign", "Code de la devise": "Currency code", "Coût": "Cost",
    "Clics": "Clicks", "Tag": "Day", "Kampagne": "Campaign", "Währungscode": "Currency code",
    "Kosten": "Cost", "Klicks": "Clicks", "Campanha": "Campaign", "Custo": "Cost",
}  # fmt: skip


def _day() -> Field:
    """Read the day, week or month of a line; without any, the first day of the whole report."""
    told = day(*_TIMES, formats=_DAYS)

    def bind(self: Field, context: Context) -> Bound:
        if context.first(_TIMES) is not None:
            return told.bind(self, context)
        for line in context.preamble.splitlines():
            start = re.split(r"\s[-\u2013]\s", line.strip().strip('"'))[0]
            found = first_day(start.strip().strip('"'), _LONG)
            if found is not None:
                return Bound(f"TIMESTAMP '{found:%Y-%m-%d}'", same=True)
        raise refusal(
            context,
            got="no column 'Day', and no period above the header",
            expected="a report by day, week or month, or of one period",
            hint="Segment > Time > Day in Google Ads, and download it again",
        )

    return Field("TIMESTAMP", bind, _TIMES, told.what, needed=True, must=False)


def _sums_up(context: Context) -> str:
    first = column(context.header[0])
    name = column("Campaign")
    either = (f"coalesce(regexp_matches({each}, '{_TOTAL}'), FALSE)" for each in (first, name))
    return f"({' OR '.join(either)})"


_FORMAT = Format(
    name="google_ads",
    kind="spend",
    title="Google Ads' report of campaigns",
    where="Google Ads > Campaigns > Segment > Time > Day > Download > .csv or Excel .csv",
    evidence=(
        Evidence(
            "github.com/d2ccfo-ops/cfo-backend scripts/checkAdSpendCsv.ts "
            "@c4048f9bec66bf8ca5981b9b19fc8307bacd2b28",
            "2026-11-26",
        ),
        Evidence(
            "github.com/datablogin/PaidSearchNav-MCP tests/unit/api/test_campaigns_parser.py "
            "@3b82cdfd0ab8ea32bed25839bd52b7d334461004",
            "2026-11-26",
        ),
    ),
    needs=(
        ("Campaign", "Currency code", "Cost"),
        ("Campaign", "Cost", "Impr."),
        ("Campaign", "Currency code", "Cost", "Impr."),
        ("Day", "Campaign", "Currency code", "Cost"),
        ("Day", "Campaign", "Cost", "Impr.", "Clicks"),
    ),
    columns={
        "ds": _day(),
        "channel": constant("google"),
        "spend": money("Cost").required(),
        "impressions": count("Impr.").optional(),
        "reach": count("Unique users").optional(),
        "campaign": text("Campaign").required(),
        "clicks": count("Clicks").optional(),
        "currency": text("Currency code").optional(),
    },
    total_if=_sums_up,
    nothing=("--",),
    rename=_TRANSLATED,
    notes=(
        "Without a column of days, a line is the sum of the whole report, and ds is its first day.",
        "A campaign has several lines a day where there is a segment; they are kept apart.",
        "Totals are of several scopes: one of them must be the sum of the lines.",
        "Without the column Currency code nobody can tell the currency.",
    ),
)

FORMATS = (_FORMAT,)
read_google_ads = reader(_FORMAT)
