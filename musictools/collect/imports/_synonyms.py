"""What files call the columns of our tables, in several languages; and what stands in them."""

import re
from collections.abc import Sequence

from musictools.collect.imports._countries import country_names
from musictools.collect.imports._usual import MOMENTS, PERIODS, reads

#: Our column to names of theirs, the surest first, without marks and in lower case.
NAMES: dict[str, tuple[str, ...]] = {
    name: tuple(some.split("|"))
    for name, some in {
        "period": "period|sale month|sales month|sales period|usage month|month of sale|month"
        "|usage period|activity period|statement period|reporting month|accounting period"
        "|royalty period|transaction month|quarter|sales date|sale date|transaction date|date"
        "|reporting period|reporting date|monat|verkaufsmonat|abrechnungsmonat|abrechnungszeitraum"
        "|nutzungsmonat|leistungsmonat|zeitraum|quartal"
        "|période|periode|mois|mois de vente|período|periodo|mes|mês|mese|maand|期間|月",
        "payer": "payer|distributor|paid by|society|zahler|distributeur|distribuidor",
        "platform": "platform|store|store name|dsp|service|partner|partner name|retailer|shop"
        "|music service|outlet|channel|source|plattform|dienst|händler|anbieter|plateforme|magasin"
        "|boutique|plataforma|tienda|loja|piattaforma|negozio|winkel",
        "country": "country|country of sale|sale country|sales country|territory|country region"
        "|country code|country name|market|region|delivery country|land|verkaufsland|gebiet|pays"
        "|territoire|país|pais|territorio|território|paese|国",
        "isrc": "isrc|isrc code|track isrc|song isrc|recording isrc|optional isrc|isrc number",
        "recording_id": "recording id|track id|song id|track uri|spotify track uri|video id"
        "|recording mbid|track mbid",
        "upc": "upc|ean|barcode|upc ean|ean upc|release upc|display upc|gtin|upc code|album upc",
        "iswc": "iswc|iswc code",
        "work_id": "work id|work number|work no|work code|song code|werknummer|title number"
        "|submitter work number|opus number|werk nr|numéro d oeuvre",
        "units": "units|quantity|units sold|sales|streams|plays|count|number of plays|qty"
        "|volume|number of units|menge|anzahl|stückzahl|quantité|cantidad|unidades|quantidade"
        "|quantità|unità|aantal|数量",
        "gross": "gross|gross revenue|gross amount|gross earnings|gross royalty|gross income|brutto"
        "|bruttobetrag|bruttoumsatz|brut|montant brut|bruto|lordo|importo lordo",
        "fees": "fees|fee|commission|distribution fee|deductions|deduction|service fee|withheld"
        "|withholding|gebühr|gebühren|provision|abzug|abzüge|frais|comisión|comissão|commissione",
        "net": "net|net revenue|net amount|net earnings|net royalty|net income"
        "|total earned|earnings|royalty|royalties|royalty amount|amount due|payable"
        "|net payable|your share|revenue|net sales|net share|amount|total|income"
        "|paid|payout|amount paid|payable amount|subtotal|netto|nettobetrag|erlös|ertrag"
        "|vergütung|auszahlung|auszahlungsbetrag|zahlung|betrag|tantiemen"
        "|sum|summe|montant net|montant|revenus|revenu|redevances|importe neto|importe"
        "|ingresos|ganancias|receita|ganhos|valor|importo|guadagni|ricavi|bedrag|収益|payment",
        "currency": "currency|currency code|payment currency|client payment currency"
        "|account currency|currency of payment|währung|devise|monnaie|moneda|divisa|moeda|valuta"
        "|通貨",
        "title": "title|track title|song title|song|track|track name|song name|work title"
        "|recording title|title name|sound recording title|name|titel|songtitel|titre|chanson"
        "|título|titulo|canción|música|faixa|titolo|brano|nummer|曲名|タイトル",
        "artist": "artist|artist name|track artist|artists|artist s|performer|featured artist"
        "|main artist|interpret|künstler|interprète|artiste|artista|intérprete|artiest|uitvoerder"
        "|アーティスト",
        "release": "release|album|release title|album name|album title|product|release name"
        "|alben|sortie|álbum|アルバム",
        "use": "use|sales type|transaction type|usage type|sale type|type|song album|source type"
        "|use type|nutzungsart|art|type d utilisation|tipo|typ",
        "played_at": "played at|utc time|timestamp|ts|played|time|date time|datetime|end time"
        "|listened at|scrobbled at|entry date|uts|date|zeit|zeitpunkt|gehört am|heure|fecha|hora"
        "|data|ora",
        "seconds": "seconds|duration|ms played|stream duration ms|play duration|listening time"
        "|time on air|length|duration ms|dauer|spieldauer|sekunden|durée|duración|duração|durata"
        "|airtime",
        "plays": "plays|play count|listens|scrobbles|wiedergaben|écoutes|reproducciones",
        "observed_at": "date|day|observed at|datum|tag|jour|fecha|día|dia|data|giorno|dag|week",
        "metric": "metric|measure|kennzahl|métrica|statistic",
        "value": "value|wert|valeur|valor|valore",
        "ds": "day|date|week|air date|airdate|by day|week start|week beginning|reporting starts"
        "|broadcast date|spin date|datum|tag|woche|sendedatum|jour|semaine|fecha|día|semana|data"
        "|dia|giorno|settimana|dag|日",
        "station": "station|station name|call letters|radio station|channel or program name|channel"
        "|network|name of service|sender|radiosender|emisora|emissora|emittente|chaîne|zender",
        "medium": "medium|media|media type",
        "spins": "spins|plays|play frequency|detections|airplays|number of spins|play count"
        "|einsätze|sendungen|diffusions|passages|emisiones|passaggi|count",
        "audience": "audience|audience reach|listeners|impressions|aqh|contacts|hörer|reichweite"
        "|auditeurs|audiencia|ascolti|actual total performances",
        "channel": "channel|platform|network|ad platform|source|media channel|kanal|canal|canale",
        "spend": "spend|amount spent|cost|total spend|ad spend|media cost|budget spent|spent|kosten"
        "|ausgaben|ausgegebener betrag|dépenses|coût|montant dépensé|gasto|importe gastado|coste"
        "|custo|valor usado|valor gasto|spesa|importo speso|costo|消化金額",
        "impressions": "impressions|impr|views|impressionen|impresiones|impressões|impressioni"
        "|インプレッション",
        "reach": "reach|unique users|people reached|reichweite|couverture|alcance|copertura|リーチ",
        "frequency": "frequency|avg frequency|frequenz|répétition|frecuencia|frequência|frequenza",
        "campaign": "campaign|campaign name|kampagne|kampagnenname|campagne|nom de la campagne"
        "|campaña|nombre de la campaña|campanha|nome da campanha|campagna|キャンペーン名",
        "clicks": "clicks|link clicks|clicks all|clicks destination|klicks|clics|clics en el enlace"
        "|cliques|clic",
        "writers": "writers|writer|composers|composer|authors|songwriters|songwriter|urheber"
        "|komponist|komponisten|autoren|auteurs|compositeurs|autores|compositores|autori"
        "|compositori",
        "shares": "shares|share|splits|split|ownership|anteil|anteile|parts|participación"
        "|porcentaje|quota|quote|writer shares",
    }.items()
}

#: What is counted, by the names of wide tables.
METRICS: dict[str, tuple[str, ...]] = {
    name: tuple(some.split("|"))
    for name, some in {
        "streams": "streams|stream count|total streams|plays|ストリーム",
        "listeners": "listeners|monthly listeners|unique listeners|hörer|oyentes|auditeurs",
        "followers": "followers|follower|total followers|abonnenten|seguidores|abonnés",
        "saves": "saves|playlist adds and saves|library adds",
        "views": "views|video views|view count|aufrufe|vues|visualizaciones|vistas",
        "likes": "likes|like count|gefällt mir|j aime",
        "comments": "comments|comment count|kommentare|commentaires|comentarios",
        "shares": "shares|share count|geteilt|partages",
        "subscribers": "subscribers|subscriber count|abos",
        "watch_hours": "watch time hours|watch hours",
        "playlist_adds": "playlist adds|playlist additions",
        "shazams": "shazams|shazam count",
        "impressions": "impressions|impressionen",
        "reach": "reach|accounts reached|reichweite",
    }.items()
}

_SHAPES = {
    "isrc": r"[A-Za-z]{2}-?[A-Za-z0-9]{3}-?\d{2}-?\d{5}",
    "upc": r"\d{11,14}(\.0)?",
    "iswc": r"T-?\d{3}\.?\d{3}\.?\d{3}-?[\d]",
    "number": r"[-+(]?\W{0,2}[A-Z]{0,3}\s?[-+]?(\d[\d.,'\s\u00a0\u202f]*|[.,]\d+)([eE][-+]?\d+)?\s?"
    r"(%|[A-Z]{3}|\W{0,2})\)?",
    "clock": r"(\d+:)?\d{1,2}:\d{2}(\.\d+)?",
}
_EPOCH = r"1\d{9}(\d{3})?"
#: Codes of ISO 4217, with those that have gone but have exchange rates; without ALL and TOP, which
#: are words in headers.
CODES = frozenset(
    {
        "AED", "AFN", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
        "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF",
        "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CYP", "CZK", "DJF", "DKK", "DOP", "DZD",
        "EEK", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF",
        "GTQ", "GYD", "HKD", "HNL", "HRK", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK",
        "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK",
        "LBP", "LKR", "LRD", "LSL", "LTL", "LVL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT",
        "MOP", "MRU", "MTL", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
        "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "ROL", "RON",
        "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SIT", "SKK", "SLE",
        "SLL", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TRL",
        "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES", "VND", "VUV",
        "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG", "ZWL",
    }
)  # fmt: skip
CURRENCIES = CODES | {"€", "£"}
_BRACKETED = re.compile(r"[(\uff08\[]\s*([A-Z]{3})\s*[)\uff09\]]\s*$")
#: What the cells of our columns must be; other columns take any text.
CONTENT: dict[str, tuple[str, ...]] = {
    "isrc": ("isrc",), "upc": ("upc",), "iswc": ("iswc",), "country": ("country",),
    "currency": ("currency",), "period": ("period", "moment"), "played_at": ("moment",),
    "observed_at": ("moment",), "ds": ("moment",), "seconds": ("number", "clock"),
    **dict.fromkeys(
        (
            "units", "gross", "fees", "net", "plays", "value", "spins", "audience", "spend",
            "impressions", "reach", "frequency", "clicks",
        ),
        ("number",),
    ),
}  # fmt: skip
#: Columns whose cells say what they are, whatever the name, and how sure that is.
BY_CONTENT = {
    "isrc": 0.8, "iswc": 0.8, "currency": 0.65, "country": 0.6, "upc": 0.55, "period": 0.5,
    "played_at": 0.5, "observed_at": 0.5, "ds": 0.5,
}  # fmt: skip


def currency_of(name: str) -> str | None:
    """Give the currency that a column's name ends with in brackets, as in ``Amount (EUR)``."""
    seen = _BRACKETED.search(name)
    # Three capitals may be anything: "Units (PCS)".
    return seen[1] if seen and seen[1] in CODES else None


def words_of(name: str) -> str:
    """Give a column's name in lower case, without marks, and without what stands in brackets."""
    bare = re.sub(r"[(\uff08\[][^)\uff09\]]*[)\uff09\]]\s*$", "", name) or name
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
    return " ".join(re.sub(r"[\W_]+", " ", split).casefold().split())


def content_of(values: Sequence[str]) -> dict[str, float]:
    """Say which kinds of content the cells of a column are, and which part of them."""
    some = list(dict.fromkeys(values))[:200]
    if not some:
        return {}
    found = {
        kind: sum(re.fullmatch(shape, each) is not None for each in some) / len(some)
        for kind, shape in _SHAPES.items()
    }
    names = country_names()
    found["country"] = sum(each.casefold() in names for each in some) / len(some)
    found["currency"] = sum(each.upper() in CURRENCIES for each in some) / len(some)
    found["epoch"] = sum(re.fullmatch(_EPOCH, each) is not None for each in some) / len(some)
    found["moment"] = max(_read_by(some, MOMENTS), found["epoch"])
    found["period"] = _read_by(some, PERIODS)
    found["digits of a day"] = sum(reads(each, "%Y%m%d") for each in some) / len(some)
    return found


def _read_by(values: Sequence[str], formats: Sequence[str]) -> float:
    """Say which part of some cells is read by the format that reads the most of them."""
    few = values[:30]
    could = [each for each in formats if any(reads(cell, each) for cell in few[:3])]
    counts = [sum(reads(cell, each) for cell in few) for each in could]
    return max(counts, default=0) / len(few)
