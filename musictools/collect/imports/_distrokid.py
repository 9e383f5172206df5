"""DistroKid: what each store paid for each song in each month."""

from musictools.collect.imports._fields import (
    constant,
    country,
    derived,
    file_stem,
    isrc,
    money,
    number,
    period,
    text,
    upc,
)
from musictools.collect.imports._format import Evidence, Format
from musictools.collect.imports._reader import reader

_WITHHELD = ("Songwriter Royalties Withheld", "Songwriter Royalties Withheld (USD)")

_FORMAT = Format(
    name="distrokid",
    kind="royalties",
    title="DistroKid's earnings in detail",
    where="Bank > See excruciating detail, or Bank > Download a CSV; "
    "https://distrokid.zendesk.com/hc/en-us/categories/360001857274-Getting-Paid",
    evidence=(
        Evidence(
            "github.com/mkgs/distrokid-tsv parse.py @ce148aa13b682a9a6232b297ee6c99bfb001faaa",
            "2026-11-26",
        ),
        Evidence(
            "https://github.com/SuperHyperInstantFutureTime/TrackShift/wiki/"
            "Column-Definitions:-Distrokid",
            "2026-11-26",
        ),
        Evidence("https://song-royalty-calculator.com/blog/distrokid-csv-breakdown", "2026-11-26"),
    ),
    needs=(
        ("Sale Month", "Store", "Team Percentage", "Song/Album", "Earnings (USD)"),
        ("Sale Month", "Store", "Team Percentage", "Source Type", "Earnings (USD)"),
    ),
    columns={
        "statement": file_stem(),
        "period": period("Sale Month").required(),
        "payer": constant("DistroKid"),
        "platform": text("Store"),
        "country": country("Country of Sale"),
        "recording_id": isrc("ISRC"),
        "units": number("Quantity"),
        "fees": derived("coalesce(_withheld, 0)"),
        "gross": derived("net + fees"),
        "_withheld": money(*_WITHHELD).optional(),
        "net": money("Earnings (USD)").required(),
        "currency": constant("USD"),
        "title": text("Title"),
        "artist": text("Artist"),
        "isrc": derived("recording_id"),
        "upc": upc("UPC"),
        "use": text("Song/Album", "Source Type"),
        "team_percentage": number("Team Percentage").optional(),
        "recoup": money("Recoup (USD)").optional(),
    },
    notes=(
        "Earnings are after the team's percentage. Withheld songwriter royalties are fees.",
        "OU stands for everything outside the US, in files of Facebook and Instagram.",
        "The effect of Recoup on what is paid is not documented: it is kept, and not subtracted.",
        "Two lines that are the same are both kept: such files hold them.",
    ),
)

FORMATS = (_FORMAT,)
read_distrokid = reader(_FORMAT)
