"""Channels, designs and families of simulated campaigns, and the door that checks them."""

import datetime as dt
import numbers
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from musictools._checks import check_number, generator
from musictools.errors import InputError, closest

WHAT = "simulate a campaign"
DESIGNS = ("independent", "release_driven", "weak", "always_on")
FAMILIES = ("own", "other")
GROUPS = ("releases", "posts", "playlists", "airplay", "sync")
#: What one unit of the model is worth: its baseline is 5 units a week.
UNIT = {"streams": 100_000.0, "sales": 10_000.0}
#: Of a weak campaign: effects are so much smaller and noise is so much larger.
WEAK_EFFECT, WEAK_NOISE = 0.2, 2.0


@dataclass(frozen=True, kw_only=True)
class MediaChannel:
    """One channel of a simulated campaign and what it truly does.

    Attributes
    ----------
    name : str
        Name of the column.
    theta : float
        Part of the exposure that is carried over into the next week, 0 to 0.95.
    shape : float
        Exponent of the Hill curve.
    half : float
        Adstock at half effect, as a multiple of the mean spend of weeks with spend.
    effect : float
        Effect at full saturation, in units of a fifth of the baseline; 0 is a channel that does
        nothing.
    weekly_spend : float
        Mean spend of a week that has any.
    cpm : float
        Cost of a thousand impressions.
    always_on : bool
        Whether it never rests, and its spend hardly varies.
    broadcast : bool
        Whether reach and frequency are known, as of radio and TV.
    """

    name: str
    theta: float = 0.3
    shape: float = 1.0
    half: float = 1.0
    effect: float = 1.5
    weekly_spend: float = 8_000.0
    cpm: float = 6.0
    always_on: bool = False
    broadcast: bool = False


def _channel(name: str, curve: tuple[float, float, float], spend: float, cpm: float,
             *, always_on: bool = False, broadcast: bool = False) -> MediaChannel:  # fmt: skip
    theta, shape, effect = curve
    return MediaChannel(name=name, theta=theta, shape=shape, effect=effect, weekly_spend=spend,
                        cpm=cpm, always_on=always_on, broadcast=broadcast)  # fmt: skip


#: The first five are the default; costs are made up, of the right order.
CHANNELS = (
    _channel("tv", (0.65, 1.3, 2.2), 20_000.0, 14.0, broadcast=True),
    _channel("radio", (0.45, 1.0, 1.7), 9_000.0, 5.0, broadcast=True),
    _channel("paid_social", (0.25, 1.0, 2.0), 8_000.0, 7.0),
    _channel("influencer", (0.35, 1.5, 1.5), 6_000.0, 9.0),
    _channel("search", (0.1, 1.0, 1.5), 4_000.0, 11.0, always_on=True),
    _channel("online_video", (0.3, 1.2, 1.5), 7_000.0, 8.0),
    _channel("out_of_home", (0.5, 1.1, 1.2), 8_000.0, 4.0),
    _channel("print", (0.2, 1.0, 0.8), 4_000.0, 12.0),
)
_LIMITS = {
    "theta": (0.0, 0.95),
    "shape": (0.2, 6.0),
    "half": (0.01, 100.0),
    "effect": (0.0, 1_000.0),
    "weekly_spend": (1.0, 1e9),
    "cpm": (0.01, 1e5),
}


def refused(got: str, expected: str, hint: str, what: str = WHAT) -> InputError:
    """Make the error of an argument that cannot be used."""
    return InputError(what, got=got, expected=expected, hint=hint)


def check_choice(name: str, value: object, options: Iterable[str], what: str = WHAT) -> str:
    """Give one of the names that are known."""
    known = tuple(options)
    if value not in known:
        hint = closest(str(value), known)
        raise refused(f"{name}={value!r}", "one of " + ", ".join(map(repr, known)), hint, what)
    return str(value)


def check_names(name: str, value: object, options: tuple[str, ...]) -> tuple[str, ...]:
    """Give some of the names that are known, in their own order."""
    asked = [value] if isinstance(value, str) else value
    if not isinstance(asked, Iterable):
        raise refused(f"{name}={value!r}", "names", f"{name}={options[:2]!r}")
    chosen = {check_choice(name, each, options) for each in asked}
    return tuple(each for each in options if each in chosen)


def check_seed(rng: object, what: str = WHAT) -> int:
    """Give the seed that stands for a seed or a generator."""
    return int(generator(rng, what).integers(2**62))


def check_monday(start: object, what: str = WHAT) -> dt.date:
    """Give the Monday of the week of a day."""
    try:
        day = start if isinstance(start, dt.date) else dt.date.fromisoformat(start)  # type: ignore[arg-type]
        # A Timestamp is a datetime, and a datetime is a date.
        day = dt.date(day.year, day.month, day.day)
    except (TypeError, ValueError) as error:
        raise refused(
            f"start={start!r}", "a day such as '2023-01-02'", "start='2023-01-02'", what
        ) from error
    if not 1971 <= day.year <= 2200:
        raise refused(f"start={start!r}", "a year from 1971 to 2200", "leave start out", what)
    return day - dt.timedelta(days=day.weekday())


def check_channels(channels: object) -> tuple[MediaChannel, ...]:
    """Give the channels that a number, names or channels stand for."""
    known = {channel.name: channel for channel in CHANNELS}
    if isinstance(channels, numbers.Integral):
        return CHANNELS[: int(check_number(WHAT, "channels", channels, (1, len(CHANNELS))))]
    asked = [channels] if isinstance(channels, str | MediaChannel) else channels
    if not isinstance(asked, Iterable):
        raise refused(f"channels={channels!r}", "a number, names or channels", "channels=5")
    found = tuple(
        each if isinstance(each, MediaChannel) else known[check_choice("channel", each, known)]
        for each in asked
    )
    names = [channel.name for channel in found]
    if not found or len(set(names)) < len(names):
        raise refused(f"channels {names}", "one or more, each once", "channels=5")
    return tuple(_checked(channel) for channel in found)


def _checked(channel: MediaChannel) -> MediaChannel:
    name: object = channel.name
    if not isinstance(name, str) or not name.strip():
        raise refused(f"name={name!r}", "a name", 'MediaChannel(name="tv")')
    numbers_ = {f.name: getattr(channel, f.name) for f in fields(channel) if f.name in _LIMITS}
    checked = {
        name: check_number(WHAT, f"{channel.name}.{name}", value, _LIMITS[name])
        for name, value in numbers_.items()
    }
    return replace(channel, **checked)  # type: ignore[arg-type]


def check_territories(territories: object) -> tuple[str, ...] | None:
    """Give the names of the territories; None where there is but the whole."""
    if territories is None:
        return None
    if isinstance(territories, numbers.Integral):
        count = int(check_number(WHAT, "territories", territories, (1, 500)))
        return tuple(f"T{number:02d}" for number in range(1, count + 1))
    asked = [territories] if isinstance(territories, str) else territories
    names = tuple(asked) if isinstance(asked, Iterable) else ()
    if not names or len(set(names)) < len(names) or not all(isinstance(n, str) for n in names):
        raise refused(f"territories={territories!r}", "a number, or names", "territories=5")
    return names
