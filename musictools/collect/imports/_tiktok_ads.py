"""TikTok Ads Manager: what campaigns cost."""

from musictools.collect.imports._field import Bound, Context, Field, column
from musictools.collect.imports._fields import constant, count, day, derived, money, number, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader
from musictools.collect.imports._usual import refusal

_NAMES = ("Campaign name", "Ad group name", "Ad name")


def _day() -> Field:
    told = day("By Day")

    def bind(self: Field, context: Context) -> Bound:
        if "By Day" in context.header:
            return told.bind(self, context)
        raise refusal(
            context,
            got="no column 'By Day': its lines are of no day",
            expected="a report by day",
            hint="add the dimension By Day in Custom reports; or read_table(path, mapping=..., "
            'constants={"ds": "2025-01-06"})',
        )

    return Field("TIMESTAMP", bind, ("By Day",), told.what, needed=True, must=False)


def _sums_up(context: Context) -> str:
    """Tell the line that sums up: it has no day, and no name or Total in its place."""
    name = context.first(_NAMES)
    if name is None or "By Day" not in context.header:
        return "FALSE"
    own = column(name)
    no_name = f"coalesce({own}, 'total') ILIKE 'total%'"
    no_day = f"coalesce({column('By Day')}, 'total') ILIKE 'total%'"
    # A line that has nothing but commas is no total.
    return f"({no_day} AND {no_name} AND {column('Cost')} IS NOT NULL)"


_FORMAT = Format(
    name="tiktok_ads",
    kind="spend",
    title="TikTok Ads Manager's custom report",
    where="TikTok Ads Manager > Analytics > Custom reports > Create > Run and export (CSV); "
    "https://ads.tiktok.com/help/article/create-scheduled-reports",
    evidence=(
        Evidence(
            "github.com/cl0ver012/whd_ai_assistant "
            "data_processing/scripts/process_tiktok_ads_zero_loss.py "
            "@5cef90615e28d8417f7c1a467ee40d414feb3f79",
            "2026-11-26",
        ),
        Evidence("https://ads.tiktok.com/help/article/basic-data", "2026-11-26"),
    ),
    needs=(
        ("By Day", "Campaign name", "Cost"),
        ("By Day", "Ad name", "Cost"),
        ("By Day", "Campaign name", "Cost", "Impressions", "Clicks (destination)"),
        ("Campaign name", "Cost", "Impressions", "Clicks (destination)"),
        ("Ad name", "Cost", "Impressions", "Clicks (destination)"),
    ),
    columns={
        "ds": _day(),
        "channel": constant("tiktok"),
        "spend": money("Cost").required(),
        "impressions": count("Impressions").optional(),
        "reach": count("Reach").optional(),
        "frequency": number("Frequency").optional(),
        "_campaign": text("Campaign name").optional(),
        "_group": text("Ad group name").optional(),
        "_ad": text("Ad name").optional(),
        "campaign": derived("coalesce(_campaign, _group, _ad)"),
        "clicks": count("Clicks (destination)", "Clicks (all)", "Clicks").optional(),
        "currency": text("Currency").optional(),
    },
    total_if=_sums_up,
    nothing=("-", "<5"),
    notes=(
        "Fewer than five impressions are written <5: how many there were is missing then.",
        "Reach does not add up, neither over days nor over campaigns.",
        "The words of the line that sums up were not seen in public: it is known by having no day.",
    ),
)

FORMATS = (_FORMAT,)
read_tiktok_ads = reader(_FORMAT)
