"""Dashboards whose files nobody has shown in public: mappings, as far as anything is known."""

from dataclasses import replace

from musictools.collect.imports._fields import count, day, file_day, file_stem, number, text
from musictools.collect.imports._format import Format
from musictools.collect.imports._shapes import own

_UNVERIFIED = "Unverified: no public file or description shows its header."
_BASE = Format(
    name="",
    kind="observations",
    title="",
    where="",
    evidence=(),
    columns={},
    verified=False,
    guessed=False,
)

_APPLE = replace(
    _BASE,
    name="apple_music_for_artists",
    title="Apple Music for Artists",
    where="artists.apple.com > Songs > Show all > the arrow that points down; what its words mean: "
    "https://artists.apple.com/support/109-understand-your-analytics",
    # Words of a parser that looks for parts of names, and of no whole header.
    needs=(("Song", "Plays"),),
    columns={
        "entity_id": text("Song").required(),
        **own("apple_music"),
        "observed_at": file_day(),
        "title": text("Song"),
    },
    metrics={
        "plays_period": count("Plays"),
        "average_daily_listeners_period": number("Average Daily Listeners").optional(),
        "shazams_period": count("Shazams", "Shazam").optional(),
        "spins_period": count("Radio Spins").optional(),
        "purchases_period": count("Purchases").optional(),
    },
    rename={
        "Morceau": "Song",
        "Écoutes": "Plays",
        "Moy. d'auditeurs": "Average Daily Listeners",
        "Achats": "Purchases",
    },
    notes=(
        _UNVERIFIED + " Its columns are known in words only, some of them in French.",
        "It has no date: numbers are those of the day on which the file was last changed.",
    ),
)
_CHARTMETRIC = replace(
    _BASE,
    name="chartmetric",
    title="Chartmetric",
    where="app.chartmetric.com > an artist > a graph > Export CSV",
    needs=(("Date",),),
    columns={
        "entity_id": file_stem(),
        **own("chartmetric"),
        "observed_at": day(
            "Date", formats=("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%b %d, %Y", "%B %d, %Y")
        ).required(),
    },
    metrics={
        name.lower().replace(" ", "_"): count(name).optional()
        for name in (
            "Spotify Monthly Listeners",
            "Spotify Popularity Index",
            "TikTok Sound Posts",
            "TikTok Sound Posts Change",
            "YouTube Daily Video Views",
            "Editorial Playlist Reach",
            "User Generated Playlist Total Reach",
            "Algorithmic Playlist Total Reach",
        )
    },
    notes=(
        _UNVERIFIED + " Each graph has columns of its own, and these are but a few of them.",
        "Its terms are Chartmetric's, though the file is your own.",
    ),
)
_LUMINATE = replace(
    _BASE,
    name="luminate",
    title="Luminate",
    where="Luminate Connect > a report > Export",
    columns=own("luminate"),
    notes=(
        _UNVERIFIED + " Say which of its columns is which: read_table(path, mapping=...).",
        "Its terms are Luminate's, though the file is your own.",
    ),
)
_SONGSTATS = replace(
    _BASE,
    name="songstats",
    title="Songstats",
    where="songstats.com > an artist or a track > Export",
    columns=own("songstats"),
    notes=(
        _UNVERIFIED + " Say which of its columns is which: read_table(path, mapping=...).",
        "Its terms are Songstats', though the file is your own.",
    ),
)

FORMATS = (_APPLE, _CHARTMETRIC, _LUMINATE, _SONGSTATS)
