"""TuneCore: what each store paid for each song, in the currency of the account."""

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

# TuneCore leaves Optional ISRC empty where it gave the code itself: the song's ID then is the code.
# Otherwise the ID only looks like one.
_ISRC = (
    "coalesce(_isrc, CASE WHEN title IS NOT NULL "
    "AND regexp_full_match(_song_id, '[A-Z]{2}[A-Z0-9]{3}[0-9]{7}') THEN _song_id END)"
)

_FORMAT = Format(
    name="tunecore",
    kind="royalties",
    title="TuneCore's sales report",
    where="Money & Analytics > the sales report of a month, as CSV",
    evidence=(
        Evidence(
            "github.com/SuperHyperInstantFutureTime/TrackShift test/files/Tunecore_Test.csv "
            "@ 12914f7ac9f694b8a92b0a5a19ffbc107928745d",
            "2026-11-26",
        ),
        Evidence(
            "https://github.com/SuperHyperInstantFutureTime/TrackShift/wiki/"
            "Column-Definitions:-Tunecore",
            "2026-11-26",
        ),
    ),
    needs=(("Sales Period", "Posted Date", "Store Name", "TC Song ID", "Total Earned"),),
    columns={
        "statement": file_stem(),
        "period": period("Sales Period", formats=("%Y-%m-%d",)).required(),
        "payer": constant("TuneCore"),
        "platform": text("Store Name"),
        "country": country("Country Of Sale"),
        "recording_id": derived(_ISRC),
        "units": count("# Units Sold"),
        "gross": derived("net"),
        "fees": derived("0"),
        "net": money("Total Earned").required(),
        "currency": currency("Currency").required(),
        "title": text("Song Title"),
        "artist": text("Artist"),
        "release": text("Release Title"),
        "isrc": derived(_ISRC),
        "_isrc": isrc("Optional ISRC"),
        "_song_id": isrc("TC Song ID"),
        "upc": derived("coalesce(_own_upc, _upc)"),
        "_own_upc": upc("Optional UPC"),
        "_upc": upc("UPC"),
        "use": text("Sales Type"),
        "commission": money("Commission").optional(),
    },
    total_in=("Sales Period",),
    notes=(
        "What is paid is Total Earned, in the account's currency; Net Sales is in the store's.",
        "Where Optional ISRC is empty, TuneCore gave the code, and it stands as TC Song ID.",
        "The sign of Commission is not documented: it is kept, and not subtracted.",
        "Old files with dates like 24-03-01 or 2024/01/03 are refused: they can be read two ways.",
    ),
)

FORMATS = (_FORMAT,)
read_tunecore = reader(_FORMAT)
