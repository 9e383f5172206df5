"""The rules of services: Deezer, Spotify, SoundCloud, Tidal, Apple Music."""

from typing import Any, Literal

from musictools.economics._rule import About, Rule, Term
from musictools.economics._rules_of_research import KEPT, NO_OTHER, NONE, SHARED, axioms_of
from musictools.economics._terms import (
    Flag,
    Held,
    OwnFee,
    Pooled,
    Reach,
    Seconds,
    ToTop,
    check_positive,
    check_share,
)
from musictools.errors import InputError


def artist_centric(
    *,
    cap: float = 1000,
    streams: float = 1000,
    listeners: float = 500,
    boost: float = 2.0,
    active: float = 2.0,
    noise: float = 0.0,
) -> Rule:
    """Pay by Deezer's rule: streams of professional artists, and of searched songs, weigh double.

    Parameters
    ----------
    cap : float, default: 1000
        Streams of a user that count, in a month.
    streams, listeners : float, default: 1000 and 500
        What an artist has to reach in the plays at hand, both, to be boosted.
    boost : float, default: 2
        Weight of the streams of those artists.
    active : float, default: 2
        Further weight of streams with ``active`` set, that is of songs that were searched for.
    noise : float, default: 0
        Weight of streams with ``noise`` set.

    Returns
    -------
    Rule
        Named ``artist_centric``. The fee of a silent subscriber goes into the pool. Plays may
        have columns ``active`` and ``noise``.

    Raises
    ------
    InputError
        If a number is not one, or below zero.

    Notes
    -----
    The pool is shared in proportion to ``weight * min(1, cap / streams of the user)``. The
    thresholds are for a month of a national service: scale them for other data, and say so. Source:
    deezer.com/explore/artist-remuneration; in use in France since the fourth quarter of 2023.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.artist_centric(streams=10, listeners=2).name
    'artist_centric'
    """
    check_positive(cap, "cap", "a number of plays above 0")
    weights = (
        Reach("artist_id", streams, listeners, boost),
        Flag("active", active),
        Flag("noise", noise),
    )
    axioms = axioms_of(NO_OTHER if boost != 1 else "-additive -local -click_fraud_proof")
    inputs = "active and noise, where there are such"
    about = About("deezer.com/explore/artist-remuneration", "2023-10", inputs, SHARED, axioms)
    return Rule("artist_centric", (Term(Pooled(cap), weights=weights),), about=about)


def spotify_2024(
    *,
    streams: float = 1000,
    listeners: float = 50,
    noise: float = 0.2,
    history: Any = None,
    of: Literal["recording_id", "artist_id"] = "recording_id",
) -> Rule:
    """Pay by Spotify's rule since 2024: pro-rata, over tracks with enough streams.

    Parameters
    ----------
    streams : float, default: 1000
        Streams that a track must have had in the last twelve months.
    listeners : float, default: 50
        Listeners that it must have had; Spotify does not tell the number.
    noise : float, default: 0.2
        Weight of streams with ``noise`` set, a fraction that Spotify does not tell.
    history : frame, optional
        Columns ``recording_id, plays, listeners`` of the last twelve months; otherwise the plays
        at hand are counted.
    of : {'recording_id', 'artist_id'}, default: 'recording_id'
        What must have the streams; by artist for plays that tell no recordings.

    Returns
    -------
    Rule
        Named ``spotify_2024``. The fee of a silent subscriber goes into the pool. Streams with
        ``artificial`` set do not count. Where nothing has the streams, nobody is paid.

    Raises
    ------
    InputError
        If a number is not one, or below zero, or ``of`` is something else.

    Notes
    -----
    In use since 2024-04-01, within markets and products (`by_pool`). Distributors pay for each
    track of which 90 % of the streams are artificial, about 10 USD a month: that is no payout, and
    not subtracted here. Sources: Spotify's announcement of 2023-11, as told by Music Business
    Worldwide; the number of listeners and the weight of noise as octiive.com tells them.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.spotify_2024(streams=10, listeners=1).name
    'spotify_2024'
    """
    if of not in {"recording_id", "artist_id"}:
        raise InputError(
            "make the rule spotify_2024",
            got=f"of={of!r}",
            expected="'recording_id' or 'artist_id'",
            hint="spotify_2024(of='artist_id') for plays without recordings",
        )
    held = None if history is None else Held(history)
    weights = (
        Reach(of, streams, listeners, 1.0, 0.0, held),
        Flag("noise", noise),
        Flag("artificial", 0.0),
    )
    # Artists who merge keep their tracks, and those their streams.
    merging = "merge_proof" if of == "recording_id" else "-merge_proof"
    axioms = axioms_of(f"-additive -local -equal_streams -homogeneous {merging} -click_fraud_proof")
    inputs = "recording_id; noise and artificial, where there are such"
    source = "Music Business Worldwide, 2023-11; octiive.com"
    about = About(source, "2024-04-01", inputs, SHARED, axioms)
    return Rule("spotify_2024", (Term(Pooled(), weights=weights),), about=about)


def fan_powered() -> Rule:
    """Pay by SoundCloud's rule: each user's own money, in proportion to listening time.

    Returns
    -------
    Rule
        Named ``fan_powered``. It asks for ``seconds``. The money of a silent user stays with the
        platform.

    Notes
    -----
    A user's money is the fee, or what advertisers paid for the user: give both as ``fee=`` (a
    frame), less the 45 % that SoundCloud keeps. Source: SoundCloud's announcement of 2021-03, as
    told by Music Ally; in use since 2021-04.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.fan_powered()
    <fan_powered: the user's own fee, split by plays, a stream weighs by listening time>
    """
    axioms = axioms_of("additive local -equal_streams homogeneous merge_proof click_fraud_proof")
    about = About("SoundCloud, 2021-03; Music Ally", "2021-04", "seconds", KEPT, axioms)
    return Rule("fan_powered", (Term(OwnFee(), weights=(Seconds(),)),), about=about)


def direct_artist(share: float = 0.1) -> Rule:
    """Pay by Tidal's rule of 2021: some of each fee to the user's top artist, the rest pro-rata.

    Parameters
    ----------
    share : float, default: 0.1
        Part of a fee that goes to the top artist, 0 to 1. Artists that tie share it.

    Returns
    -------
    Rule
        Named ``direct_artist``. The fee of a silent subscriber goes into the pool, but for that
        part, which stays with the platform.

    Raises
    ------
    InputError
        If ``share`` is not between 0 and 1.

    Notes
    -----
    Up to 10 % of the fee of 19.99 USD, 2021 to 2023. Source: Music Ally, support.tidal.com.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> [term.share for term in rules.direct_artist().terms]
    [0.9, 0.1]
    """
    check_share(share, "share")
    told = "additive local -equal_streams -homogeneous -merge_proof click_fraud_proof"
    axioms = axioms_of(told if share == 1 else NO_OTHER if share > 0 else "")
    where = KEPT if share == 1 else "in part into the pool"
    about = About("Music Ally; support.tidal.com", "2021-12", NONE, where, axioms)
    terms = (Term(Pooled(), share=1 - share), Term(OwnFee(), ToTop(), share=share))
    return Rule("direct_artist", terms, about=about)


def apple_weights(*, spatial: float = 1.1) -> Rule:
    """Pay by Apple Music's rule: pro-rata, where streams of songs in Spatial Audio weigh more.

    Parameters
    ----------
    spatial : float, default: 1.1
        Weight of streams with ``spatial`` set; up to 10 % more since 2024.

    Returns
    -------
    Rule
        Named ``apple_weights``. The fee of a silent subscriber goes into the pool.

    Raises
    ------
    InputError
        If the weight is no number, or below zero.

    Notes
    -----
    From memory of Apple's letters to artists (2021) and labels (2024): not verified.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.apple_weights().terms[0].weights
    (Flag(column='spatial', factor=1.1, optional=True),)
    """
    pooled = "-additive -local -click_fraud_proof"
    axioms = axioms_of(pooled if spatial == 1 else f"{pooled} -equal_streams")
    about = About("Apple's letter to labels (not verified)", "2024-01", "spatial", SHARED, axioms)
    return Rule(
        "apple_weights", (Term(Pooled(), weights=(Flag("spatial", spatial),)),), about=about
    )
