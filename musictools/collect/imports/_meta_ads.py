"""Meta Ads Manager: what was spent on Facebook and Instagram."""

import re

from musictools.collect.imports._field import Bound, Context, Field, column, quoted
from musictools.collect.imports._fields import constant, count, day, derived, money, number, text
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_BRACKETED = re.compile(r"\s*[(\uff08]([A-Z]{3})[)\uff09]\s*$")
#: What stands for the day in lines of pivot tables that sum up.
_ALL = ("all", "総計", "todas", "todos", "tous", "alle", "전체", "全部")
_NAMES = ("Campaign name", "Ad set name", "Ad name")

# English header to its translations, as they were seen.
_TRANSLATED = {
    "Reporting starts": "berichtsstart|début des rapports|inicio del informe|início dos relatórios"
    "|レポート開始日|보고 시작|报告开始日期|分析報告開始|بداية التقارير",
    "Reporting ends": "fin del informe|término dos relatórios|encerramento dos relatórios"
    "|نهاية التقارير",
    "Day": "tag|jour|día|日",
    "Campaign name": "name der kampagne|kampagnenname|nom de la campagne|nombre de la campaña"
    "|nome da campanha|nome della campagna|キャンペーン名|캠페인 이름|广告系列名称|行銷活動名稱"
    "|اسم الحملة",
    "Ad set name": "name der anzeigengruppe|nom de l\u2019ensemble de publicités"
    "|nombre del conjunto de anuncios|nome do conjunto de anúncios|広告セット名|광고 세트 이름"
    "|广告组名称|廣告組合名稱",
    "Ad name": "name der anzeige|nom de la publicité|nombre del anuncio|nome do anúncio|広告名"
    "|광고 이름|广告名称|廣告名稱",
    "Amount spent": "ausgegebener betrag|montant dépensé|importe gastado|valor usado|valor gasto"
    "|importo speso|消化金額|지출 금액|已花费金额|花費金額|المبلغ الذي تم إنفاقه",
    "Impressions": "impressionen|impresiones|impressões|インプレッション|노출|展示次数|曝光次數"
    "|مرات الظهور",
    "Reach": "reichweite|couverture|alcance|リーチ|도달|覆盖人数|觸及人數",
    "Frequency": "frequenz|répétition|frecuencia|frequência|フリークエンシー|빈도|频次|頻率",
    "Link clicks": "link-klicks|clics sur un lien|clics en el enlace|cliques no link"
    "|リンクのクリック",
    "Clicks (all)": "klicks (alle)|clics (todos)",
}


def _without_currency(name: str) -> str:
    return _BRACKETED.sub("", name)


def _currency() -> Field:
    """Take the currency from the header, else from the column of that name."""

    def bind(self: Field, context: Context) -> Bound:
        spent = [
            seen[1]
            for own, written in zip(context.header, context.written, strict=True)
            if own == "Amount spent" and (seen := _BRACKETED.search(written))
        ]
        if spent:
            return Bound(quoted(spent[0]), same=True)
        name = context.first(self.names)
        return Bound("CAST(NULL AS VARCHAR)" if name is None else f"upper({column(name)})")

    return Field("VARCHAR", bind, ("Currency",), must=False)


def _sums_up(context: Context) -> str:
    """Lines of the whole account have no name, or have Total in its place."""
    name = context.first(_NAMES)
    if name is None:
        return f"{column('Day')} IS NULL" if "Day" in context.header else "FALSE"
    own = column(name)
    # A line that has nothing but commas is no total.
    return f"(coalesce({own}, 'Total') ILIKE 'total' AND {column('Amount spent')} IS NOT NULL)"


_FORMAT = Format(
    name="meta_ads",
    kind="spend",
    title="Meta Ads Manager's table of campaigns",
    where="Ads Manager > Campaigns > Breakdown > By time > Day > Reports > Export > .csv",
    evidence=(
        Evidence(
            "github.com/logly/mureo mureo/byod/adapters/meta_ads.py "
            "@0759bce584e096d3f5f86cb3b60946583f3258b9",
            "2026-11-26",
        ),
        Evidence(
            "github.com/d2ccfo-ops/cfo-backend scripts/checkAdSpendCsv.ts "
            "@c4048f9bec66bf8ca5981b9b19fc8307bacd2b28",
            "2026-11-26",
        ),
        Evidence(
            "github.com/cl0ver012/whd_ai_assistant data_processing/scripts/process_meta_ads.py "
            "@5cef90615e28d8417f7c1a467ee40d414feb3f79",
            "2026-11-26",
        ),
    ),
    needs=(
        ("Reporting starts", "Amount spent"),
        ("Reporting starts", "Campaign name", "Amount spent"),
        ("Reporting starts", "Campaign name", "Day", "Amount spent"),
        ("Day", "Campaign name", "Amount spent"),
        ("Day", "Ad set name", "Amount spent"),
        ("Day", "Amount spent", "Impressions"),
    ),
    columns={
        "ds": day(
            "Day",
            "Reporting starts",
            formats=("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y"),
        ).required(),
        "channel": constant("meta"),
        "spend": money("Amount spent").required(),
        "impressions": count("Impressions").optional(),
        "reach": count("Reach").optional(),
        "frequency": number("Frequency").optional(),
        "_campaign": text("Campaign name").optional(),
        "_set": text("Ad set name").optional(),
        "_ad": text("Ad name").optional(),
        "campaign": derived("coalesce(_campaign, _set, _ad)"),
        "clicks": count("Link clicks", "Clicks (all)").optional(),
        "currency": _currency(),
    },
    leave_out={
        "subtotals of all days": f"lower({{Day}}) IN ({', '.join(map(quoted, _ALL))})",
    },
    total_if=_sums_up,
    rename={there: here for here, some in _TRANSLATED.items() for there in some.split("|")},
    tidy=_without_currency,
    notes=(
        "Without the column Day, a line is the sum of the whole report, and ds is its first day.",
        "Reach does not add up, neither over days nor over campaigns.",
        "A campaign has several lines a day where there is a breakdown; they are kept apart.",
        "Lines without a campaign are the account's totals: spend is held against them.",
    ),
)

FORMATS = (_FORMAT,)
read_meta_ads = reader(_FORMAT)
