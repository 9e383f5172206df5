"""Believe: what each platform paid, and the client's share of it."""

from musictools.collect.imports._fields import (
    constant,
    count,
    country,
    currency,
    derived,
    file_stem,
    isrc,
    money,
    period,
    text,
    upc,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_FORMAT = Format(
    name="believe",
    kind="royalties",
    title="Believe's financial report",
    where="Backstage > Finance > Financial reports; "
    "https://believedigital.zendesk.com/hc/pt-br/articles/360004372734",
    evidence=(
        Evidence(
            "github.com/SuperHyperInstantFutureTime/TrackShift "
            "class/Upload/BelieveDistributionUpload.php @ 5940198b44883bfc50b5547929dbddbaf580a8bf",
            "2026-11-26",
        ),
        Evidence("https://believedigital.zendesk.com/hc/pt-br/articles/360004372734", "2026-11-26"),
    ),
    needs=(("Reporting month", "Sales Month", "Platform", "Country / Region", "Net Revenue"),),
    columns={
        "statement": file_stem(),
        "period": period("Sales Month", formats=("%Y/%m/%d", "%Y-%m-%d", "%Y-%m")).required(),
        "payer": constant("Believe"),
        "platform": text("Platform"),
        "country": country("Country / Region"),
        "recording_id": isrc("ISRC"),
        "units": count("Quantity"),
        "gross": money("Gross Revenue").required(),
        "fees": derived("gross - net"),
        "net": money("Net Revenue").required(),
        "currency": currency("Client Payment Currency").required(),
        "title": text("Track title"),
        "artist": text("Artist Name"),
        "release": text("Release title"),
        "isrc": derived("recording_id"),
        "upc": upc("UPC"),
        "use": text("Sales Type"),
        "subscription": text("Streaming Subscription Type").optional(),
        "mechanical_fee": money("Mechanical Fee").optional(),
    },
    total_in=("Reporting month",),
    notes=(
        "The period is the month of the sale; platforms report late, so a file holds several.",
        "World stands for an unknown country, and is kept.",
        (
            "Files of Russian accounts have a Russian header, of which not all names are public: "
            "they are refused, and read_table reads them by a mapping of your own."
        ),
    ),
)

FORMATS = (_FORMAT,)
read_believe = reader(_FORMAT)
