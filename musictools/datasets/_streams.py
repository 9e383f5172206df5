"""Everything that a service needs to share out a month: who streamed what, and who paid what."""

import pandas as pd

from musictools.datasets._label import Label, load_label
from musictools.datasets._world import _calendar
from musictools.datasets._world._facts import AD_REVENUE_USD, COUNTED_SECONDS, PLATFORMS
from musictools.errors import InputError, closest

#: The music that the label's world counts and does not name.
OTHER = "all other music"


def load_streams(platform: str, period: str, *, label: Label | None = None) -> pd.DataFrame:
    """Load the streams of a month on one service of the fictional label, of each account.

    Parameters
    ----------
    platform : str
        A service of the label's world, such as ``"Sprocket"``.
    period : str
        A month, such as ``"2025-11"``, in UTC like the label's statements.
    label : Label, optional
        Another label than that of `load_label`.

    Returns
    -------
    pandas.DataFrame
        Plays that are counted already: user_id, artist_id, artist, plays (streams of 30 s or more),
        platform, country, tier, paid_usd. Each account that had joined has a row for each artist of
        the label that it played, and one, with the artist ``all other music`` and no artist_id, for
        the rest of what it plays in a month. ``paid_usd`` is what comes in for the account, the
        same in each of its rows: its fee, or what advertising pays for a free one.

    Raises
    ------
    InputError
        If there is no such service, or the month is none of the label's.

    Examples
    --------
    >>> import musictools as mt
    >>> streams = mt.datasets.load_streams("Sprocket", "2025-11")
    >>> streams.columns.tolist()[:4], bool(streams["paid_usd"].gt(0).all())
    (['user_id', 'artist_id', 'artist', 'plays'], True)
    """
    world = load_label() if label is None else label
    services = [each.name for each in PLATFORMS]
    if platform not in services:
        raise InputError(
            "load the streams of a service",
            got=repr(platform),
            expected="one of " + ", ".join(services),
            hint=closest(str(platform), services),
        )
    begin, end = _month(period)
    members = world.listeners.query("platform == @platform and joined_on < @end")
    plays = world.plays
    here = (plays["platform"] == platform) & (plays["seconds"] >= COUNTED_SECONDS)
    plays = plays[here & plays["played_at"].between(begin, end, inclusive="left")]
    size = plays[["user_id", "artist_id"]].astype(str).groupby(["user_id", "artist_id"]).size()
    own = pd.DataFrame({"plays": size}).reset_index()
    heard = members.set_index("user_id")["all_plays_per_month"]
    # Who plays more of the label in a month than its mean of all music has played nothing else.
    rest = heard.sub(own.groupby("user_id")["plays"].sum(), fill_value=0).clip(lower=0)
    further = pd.DataFrame({"user_id": rest.index, "plays": rest.to_numpy("int64")})
    rows = pd.concat([own, further[further["plays"] > 0]], ignore_index=True)
    names = world.artists.set_index("artist_id")["name"]
    rows["artist"] = rows["artist_id"].map(names).fillna(OTHER)
    members = members.assign(
        paid_usd=members["fee_usd"].where(members["tier"] != "free", AD_REVENUE_USD)
    )
    facts = members[["user_id", "platform", "country", "tier", "paid_usd"]]
    rows = rows.merge(facts, on="user_id", how="inner", validate="m:1")
    first = ["user_id", "artist_id", "artist", "plays"]
    return rows[[*first, *(name for name in facts.columns if name != "user_id")]]


def _month(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    months = pd.period_range(_calendar.DAYS[0], _calendar.DAYS[-1], freq="M")
    if period not in set(months.astype(str)):
        raise InputError(
            "load the streams of a month",
            got=repr(period),
            expected=f"a month from {months[0]} to {months[-1]}",
            hint=repr(str(months[-1])),
        )
    month = pd.Period(period, freq="M")
    return month.start_time, (month + 1).start_time
