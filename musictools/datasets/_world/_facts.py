"""What does not depend on the seed: names, places, fees and the true effect of each channel.

Every name is invented. A likeness to a person, a band, a station or a service is an accident.
"""

from dataclasses import dataclass

LABEL_NAME = "Lantern & Tide"
START, END = "2023-01-01", "2025-12-31"

#: Part of a service's income that goes to those who own recordings; distribution fee of that.
PAYOUT_SHARE = 0.55
DISTRIBUTION_FEE = 0.15
#: What an account without subscription brings in through advertising, US dollars a month.
AD_REVENUE_USD = 0.62
COUNTED_SECONDS = 30


@dataclass(frozen=True)
class Artist:
    """An artist of the label; ``pull`` is audience size, relative."""

    name: str
    style: str
    country: str
    genre: str
    founded: int
    debut_week: int
    pull: float


ARTISTS = (
    Artist("Maren Solvåg", "pop", "SE", "Nordic pop", 2019, 5, 3.2),
    Artist("The Copper Hours", "rock", "GB", "indie rock", 2016, 9, 1.9),
    Artist("Ilse Brandt-Keller", "ballad", "DE", "singer-songwriter", 2018, 14, 0.9),
    Artist("Trollsjö Vals", "waltz", "SE", "folk waltz", 2012, 18, 0.45),
    Artist("KVADRAT/9", "house", "DE", "house", 2020, 3, 2.4),
    Artist("Juno Okafor-Reyes", "hip-hop", "US", "hip-hop", 2021, 7, 4.1),
    Artist("Wren & Alderman", "folk", "GB", "folk", 2014, 22, 0.7),
    Artist("Trío Azulejo Roto", "jazz", "MX", "jazz", 2009, 48, 0.35),
    Artist("Della Marchetti", "soul", "US", "soul", 2017, 12, 1.5),
    Artist("Nightbus Theory", "drum and bass", "GB", "drum and bass", 2019, 55, 1.1),
    Artist("Zoë Çelikkaya", "pop", "FR", "electropop", 2022, 62, 2.0),
    Artist("Linha da Maré", "rock", "BR", "art rock", 2015, 78, 0.6),
)

#: (title, style) by artist, in order: two singles, the album's, the deluxe edition's.
TITLES: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("Midnight Ferry", "pop"),
        ("Paper Lanterns", "pop"),
        ("Second Summer", "house"),
        ("Midnight Ferry (Acoustic)", "folk"),
    ),
    (
        ("Static in the Hallway", "rock"),
        ("Ten Thousand Doors", "rock"),
        ("Low Winter Sun", "ballad"),
        ("Rust & Honey", "rock"),
    ),
    (("Was du nicht sagst", "ballad"), ("Leise, leise", "ballad"), ("Über den Dächern", "pop")),
    (("Björkvalsen", "waltz"), ("Månskensvals", "waltz")),
    (
        ("Grid Reference", "house"),
        ("Concrete Weather", "house"),
        ("Halogen", "house"),
        ("Grid Reference (Night Mix)", "drum and bass"),
    ),
    (
        ("Corner Store Gospel", "hip-hop"),
        ("<b>Bold</b> & Broke", "hip-hop"),
        ("Auntie's Porch", "soul"),
        ("No Small Talk", "hip-hop"),
    ),
    (("The Ash Grove Road", "folk"), ("Harbour Song", "waltz"), ("Seven Crows", "folk")),
    (("Sobremesa", "jazz"), ("Vals para Nadie", "waltz")),
    (("Slow Burn Avenue", "soul"), ("Tell It Plain", "soul"), ("Velvet Hour", "ballad")),
    (("Last Stop, Peckham", "drum and bass"), ("夜のバス (Night Bus)", "drum and bass")),
    (("Néon doux", "pop"), ("Crème solaire", "house"), ("Je t'écris demain", "pop")),
    (("Maré Cheia", "rock"), ("Sal", "jazz")),
)

#: Style: slowest and fastest tempo, usual loudness in LUFS.
STYLE_FACTS: dict[str, tuple[float, float, float]] = {
    "pop": (96.0, 124.0, -9.5),
    "rock": (110.0, 150.0, -8.6),
    "ballad": (62.0, 80.0, -13.0),
    "waltz": (90.0, 170.0, -13.8),
    "house": (118.0, 128.0, -8.2),
    "hip-hop": (78.0, 98.0, -8.8),
    "folk": (84.0, 120.0, -14.4),
    "jazz": (110.0, 180.0, -15.4),
    "soul": (88.0, 114.0, -11.4),
    "drum and bass": (168.0, 178.0, -7.4),
}

WRITERS = (
    "A. Lindqvist-Moor",
    "B. Okonjo-Hale",
    "C. Fairwether",
    "D. Santerre",
    "E. Çağlayan-Roth",
    "F. Nakamori-Bell",
    "G. Dos Ventos",
    "H. Aldergate",
)


@dataclass(frozen=True)
class Platform:
    """A streaming service; ``like`` names the kind of real service that it resembles."""

    name: str
    like: str
    listeners: float
    joined_before: float
    tiers: tuple[tuple[str, float, float], ...]


#: Tiers are (name, fee in US dollars a month in the US, part of the listeners).
PLATFORMS = (
    Platform(
        "Sprocket",
        "Spotify",
        0.62,
        0.55,
        (("free", 0.0, 0.48), ("student", 5.99, 0.12), ("premium", 11.99, 0.40)),
    ),
    Platform(
        "Pomelo", "Apple Music", 0.29, 0.62, (("student", 5.99, 0.15), ("premium", 10.99, 0.85))
    ),
    Platform("Ebbtide", "Tidal", 0.09, 0.40, (("premium", 10.99, 0.70), ("hifi", 19.99, 0.30))),
)

#: Part of the listeners, and price level relative to the US.
COUNTRIES: dict[str, tuple[float, float]] = {
    "US": (0.30, 1.00),
    "GB": (0.17, 1.10),
    "DE": (0.14, 1.00),
    "FR": (0.10, 0.98),
    "SE": (0.09, 0.95),
    "BR": (0.09, 0.38),
    "MX": (0.07, 0.55),
    "JP": (0.04, 0.66),
}


@dataclass(frozen=True)
class Channel:
    """A channel of promotion and its true effect.

    ``driver`` is the column that acts: money for most, audience for broadcasting. ``share`` is
    the part of all streams that the channel brings over the three years; ``half`` is the driver's
    weekly level at half effect, as a multiple of its mean over the weeks in which it is not zero.
    """

    name: str
    driver: str
    theta: float
    shape: float
    half: float
    share: float
    mix: float
    cpm_usd: float


CHANNELS = (
    Channel("instagram", "spend", 0.35, 1.2, 1.2, 0.050, 0.24, 6.5),
    Channel("x", "spend", 0.10, 1.0, 1.5, 0.008, 0.06, 5.0),
    Channel("facebook", "spend", 0.25, 1.0, 1.6, 0.016, 0.11, 7.5),
    Channel("tiktok", "spend", 0.45, 1.5, 1.1, 0.072, 0.22, 4.2),
    Channel("radio", "audience", 0.60, 1.3, 1.2, 0.042, 0.14, 3.1),
    Channel("tv", "audience", 0.65, 1.4, 1.0, 0.034, 0.13, 11.0),
    Channel("playlists", "spend", 0.50, 1.1, 1.3, 0.038, 0.10, 2.8),
)

#: Station: medium, country, people who hear one spin (scaled to this small world).
STATIONS: dict[str, tuple[str, str, float]] = {
    "Pier FM": ("radio", "GB", 52.0),
    "Radio Nordlys": ("radio", "SE", 38.0),
    "Kanal Elbe": ("radio", "DE", 44.0),
    "Onde Libre": ("radio", "FR", 35.0),
    "WQZ 88.1": ("radio", "US", 61.0),
    "Rádio Varanda": ("radio", "BR", 30.0),
    "Cabina Sur": ("radio", "MX", 26.0),
    "Late Stage": ("TV", "US", 540.0),
    "Studio 12": ("TV", "GB", 410.0),
    "Lördagsrummet": ("TV", "SE", 260.0),
    "Canal Quartier": ("TV", "FR", 300.0),
}

#: Playlist and its followers (scaled to this small world).
PLAYLISTS: dict[str, int] = {
    "Fresh Friday Finds": 5200,
    "Kitchen Disco": 3100,
    "Quiet Hours": 2400,
    "Gym Floor": 2900,
    "Sunday Paper": 1500,
    "Undertow": 900,
}

INFLUENCERS = ("@lottathelens", "@gearshiftgus", "@miravinyl", "@dj.tangerine", "@paoencasa")


@dataclass(frozen=True)
class Kernel:
    """Answer of streams to an event: two exponentials and a floor, 1 at age 0.

    ``floor + (1 - floor) (fast exp(-t/tau_fast_days) + (1 - fast) exp(-t/tau_slow_days))``;
    a ``floor`` lasts for ever, which is the back catalogue.
    """

    fast: float
    tau_fast_days: float
    tau_slow_days: float
    floor: float


KERNELS: dict[str, Kernel] = {
    "pre_save": Kernel(1.0, 1.5, 1.5, 0.0),
    "single": Kernel(0.62, 6.0, 75.0, 0.10),
    "album": Kernel(0.55, 9.0, 95.0, 0.09),
    "deluxe": Kernel(0.60, 8.0, 60.0, 0.06),
    "tour": Kernel(0.20, 10.0, 28.0, 0.0),
    "influencer_post": Kernel(0.85, 2.5, 14.0, 0.0),
}

#: Monday to Sunday, mean 1.
WEEKDAY = (0.93, 0.94, 0.96, 0.99, 1.12, 1.08, 0.98)
#: Two Fourier pairs of the year: sine and cosine, first and second harmonic.
YEARLY = (0.04, -0.06, 0.05, 0.03)
#: Factor on the day of release, and on Fridays in the four weeks after it.
NEW_MUSIC_FRIDAY = (1.30, 1.10)
#: Daily counts are negative binomial with this size: variance = mean + mean^2 / size.
DISPERSION = 40.0
TARGET_PLAYS = 1_200_000
N_LISTENERS = 10_000
FRAUD_ACCOUNTS = 15
