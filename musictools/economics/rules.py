"""The named rules, each a short composition of the parts.

Every rule says where it was published, since when it is in use, what it asks of the plays, where
the fee of a subscriber goes who played nothing, and which properties it has; `describe_rules`
lists all that as a table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from musictools.economics._rule import About, Pools, Rule, Term
from musictools.economics._terms import (
    Flag,
    Held,
    OwnFee,
    PerStream,
    Pooled,
    Reach,
    Scaled,
    Seconds,
    Split,
    ToTop,
    check_positive,
    check_share,
)
from musictools.errors import InputError

__all__ = [
    "apple_weights",
    "artist_centric",
    "by_pool",
    "compromise",
    "concave",
    "direct_artist",
    "fan_powered",
    "per_stream",
    "pro_rata",
    "scaled_user_prop",
    "shapley",
    "spotify_2024",
    "user_cap",
    "user_centric",
]

_ALWAYS = {"efficient": True, "null_artist": True, "anonymous": True}
_SHARED = "into the pool, for all"
_KEPT = "stays with the platform"
_NONE = "nothing besides who played whom"


def _axioms(told: str) -> Mapping[str, bool]:
    """Take apart properties written as ``additive local -equal_streams``."""
    said = {each.lstrip("-"): not each.startswith("-") for each in told.split()}
    return _ALWAYS | said


def pro_rata() -> Rule:
    """Share all fees in one pool, in proportion to streams.

    Returns
    -------
    Rule
        Named ``pro_rata``. The fee of a silent subscriber goes into the pool.

    Notes
    -----
    Also MCPS or GlobalProp: ``payout = fees * streams / all streams``. Source: Alaei, Makhdoumi,
    Malekian and Pekec, Management Science 68(12), 2022; the rule of most services.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.pro_rata()
    <pro_rata: all fees, in proportion to plays, split by plays>
    """
    axioms = _axioms("-additive -local equal_streams homogeneous merge_proof -click_fraud_proof")
    source = "Alaei et al., Management Science 68(12), 2022"
    about = About(source, "in use since the 2000s", _NONE, _SHARED, axioms)
    return Rule("pro_rata", (Term(Pooled()),), about=about)


def user_centric(*, silent: Literal["kept", "shared"] = "kept") -> Rule:
    """Share each user's own fee, in proportion to that user's streams.

    Parameters
    ----------
    silent : {'kept', 'shared'}, default: 'kept'
        What becomes of the fees of subscribers without plays: the platform keeps them, so that
        every payout depends on the artist's own listeners alone; or they are shared in proportion
        to streams.

    Returns
    -------
    Rule
        Named ``user_centric``.

    Raises
    ------
    InputError
        If ``silent`` is something else.

    Notes
    -----
    Also UCPS, UserProp. Source: Bergantinos and Moreno-Ternero, arXiv 2310.11861; Alaei et al.,
    2022.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.user_centric()
    <user_centric: the user's own fee, split by plays>
    """
    told = "-equal_streams homogeneous merge_proof"
    axioms = _axioms(f"additive local {told} click_fraud_proof" if silent == "kept" else told)
    source = "Bergantinos and Moreno-Ternero, arXiv 2310.11861, 2023"
    where = _KEPT if silent == "kept" else "shared, in proportion to streams"
    about = About(source, "proposed in the 2010s", _NONE, where, axioms)
    return Rule("user_centric", (Term(OwnFee(silent)),), about=about)


def shapley() -> Rule:
    """Share each user's own fee, the same for every artist that the user played.

    Returns
    -------
    Rule
        Named ``shapley``. The fee of a silent subscriber stays with the platform.

    Notes
    -----
    It is the Shapley value of the game in which artists are worth the fees of the users who
    played nobody else. Source: Bergantinos and Moreno-Ternero, arXiv 2411.07166; Information
    Economics and Policy 71, 2025, 101142.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.shapley()
    <shapley: the user's own fee, split evenly over artists>
    """
    axioms = _axioms("additive local -equal_streams -homogeneous -merge_proof click_fraud_proof")
    source = "Bergantinos and Moreno-Ternero, arXiv 2411.07166, 2024"
    about = About(source, "2024", _NONE, _KEPT, axioms)
    return Rule("shapley", (Term(OwnFee(), Split(0.0)),), about=about)


def concave(beta: float) -> Rule:
    """Share each user's own fee, in proportion to a power of that user's streams.

    Parameters
    ----------
    beta : float
        0 to 1: 1 is `user_centric`, 0 is `shapley`, and between them the hundredth play of an
        artist counts for less than the first.

    Returns
    -------
    Rule
        Named ``concave``. The fee of a silent subscriber stays with the platform.

    Raises
    ------
    InputError
        If ``beta`` is not between 0 and 1.

    Notes
    -----
    Our own bridge between two published rules.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.concave(0.5)
    <concave: the user's own fee, split by plays ** 0.5>
    """
    told = {
        0: "-homogeneous -merge_proof -equal_streams",
        1: "homogeneous merge_proof -equal_streams",
    }
    rest = told.get(int(beta) if beta in {0, 1} else 0, told[0])
    axioms = _axioms(f"additive local {rest} click_fraud_proof")
    about = About("musictools", "2026", _NONE, _KEPT, axioms)
    return Rule("concave", (Term(OwnFee(), Split(beta)),), about=about)


def scaled_user_prop(alpha: float) -> Rule:
    """Pay the same for each stream until the user's fee is used up; ``alpha`` of all fees together.

    Parameters
    ----------
    alpha : float
        Part of all fees that is handed out, 0 to 1. At 1 it is `user_centric`; so low that no
        fee is used up, it is ``alpha`` times `pro_rata`.

    Returns
    -------
    Rule
        Named ``scaled_user_prop``. It hands out ``alpha`` times the fees, not all of them. The fee
        of a silent subscriber counts for that sum; no more is handed out than those paid who
        played.

    Raises
    ------
    InputError
        If ``alpha`` is not between 0 and 1.

    Notes
    -----
    A user's part is ``min(gamma * streams, fee)``, with gamma such that they sum to ``alpha``
    times the fees. Proof against three kinds of manipulation. Source: Ghosh, Neoh, Teh and
    Tyrovolas, ICML 2025, arXiv 2511.04465.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.scaled_user_prop(0.7).name
    'scaled_user_prop'
    """
    # At 1 it is user-centric; so low that no fee is used up, it has all of pro-rata.
    told = "homogeneous merge_proof click_fraud_proof"
    told += " additive local -equal_streams" if alpha == 1 else " -efficient"
    axioms = _axioms(told if alpha in {0, 1} else f"{told} -additive -local -equal_streams")
    source = "Ghosh, Neoh, Teh and Tyrovolas, ICML 2025, arXiv 2511.04465"
    about = About(source, "2025", _NONE, "counts for what is handed out, for all", axioms)
    return Rule("scaled_user_prop", (Term(Scaled(alpha)),), about=about)


def compromise(weight: float = 0.5) -> Rule:
    """Share some of the fees by `pro_rata`, the rest by `user_centric`.

    Parameters
    ----------
    weight : float, default: 0.5
        Part of the fees that goes by `pro_rata`, 0 to 1.

    Returns
    -------
    Rule
        Named ``compromise``. The fee of a silent subscriber goes that way as well: the pro-rata
        part into the pool, and the rest stays with the platform.

    Raises
    ------
    InputError
        If ``weight`` is not between 0 and 1.

    Notes
    -----
    Source: the weighted rules of Bergantinos and Moreno-Ternero, arXiv 2310.11861.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> len(rules.compromise(0.3).terms)
    2
    """
    check_share(weight, "weight")
    axioms = _axioms("-additive -local -equal_streams homogeneous merge_proof -click_fraud_proof")
    source = "Bergantinos and Moreno-Ternero, arXiv 2310.11861, 2023"
    about = About(source, "2023", _NONE, "in part into the pool, in part kept", axioms)
    terms = (Term(Pooled(), share=weight), Term(OwnFee(), share=1 - weight))
    return Rule(
        "compromise", terms, about=about if 0 < weight < 1 else replace(about, axioms=_ALWAYS)
    )


def user_cap(cap: float = 1000) -> Rule:
    """Share all fees in one pool, in proportion to streams, of which each user counts for so many.

    Parameters
    ----------
    cap : float, default: 1000
        Streams of a user that count; Deezer's for a month.

    Returns
    -------
    Rule
        Named ``user_cap``. The fee of a silent subscriber goes into the pool.

    Raises
    ------
    InputError
        If ``cap`` is no number above 0.

    Notes
    -----
    Source: deezer.com/explore/artist-remuneration: each user counts as 1,000 streams a month at
    most, of 600 on average.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> print(rules.user_cap(cap=600))
    all fees, in proportion to plays, at most 600 plays of a user, split by plays
    """
    check_positive(cap, "cap", "a number of plays above 0")
    axioms = _axioms("-additive -local -equal_streams homogeneous merge_proof -click_fraud_proof")
    about = About("deezer.com/explore/artist-remuneration", "2023", _NONE, _SHARED, axioms)
    return Rule("user_cap", (Term(Pooled(cap)),), about=about)


def artist_centric(
    *,
    cap: float = 1000,
    streams: float = 1000,
    listeners: float = 500,
    boost: float = 2.0,
    active: float = 2.0,
    noise: float = 0.0,
) -> Rule:
    """Pay by Deezer's rule: streams of professional artists and of songs that were looked for weigh double.

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
    axioms = _axioms("-additive -local -equal_streams -homogeneous -merge_proof -click_fraud_proof")
    inputs = "active and noise, where there are such"
    about = About("deezer.com/explore/artist-remuneration", "2023-10", inputs, _SHARED, axioms)
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
        ``artificial`` set do not count.

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
    axioms = _axioms(f"-additive -local -equal_streams -homogeneous {merging} -click_fraud_proof")
    inputs = "recording_id; noise and artificial, where there are such"
    source = "Music Business Worldwide, 2023-11; octiive.com"
    about = About(source, "2024-04-01", inputs, _SHARED, axioms)
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
    axioms = _axioms("additive local -equal_streams homogeneous merge_proof click_fraud_proof")
    about = About("SoundCloud, 2021-03; Music Ally", "2021-04", "seconds", _KEPT, axioms)
    return Rule("fan_powered", (Term(OwnFee(), weights=(Seconds(),)),), about=about)


def direct_artist(share: float = 0.1) -> Rule:
    """Pay by Tidal's rule of 2021: some of each fee to the user's most played artist, the rest pro-rata.

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
    axioms = _axioms("-additive -local -equal_streams -homogeneous -merge_proof -click_fraud_proof")
    about = About(
        "Music Ally; support.tidal.com", "2021-12", _NONE, "in part into the pool", axioms
    )
    terms = (Term(Pooled(), share=1 - share), Term(OwnFee(), ToTop(), share=share))
    return Rule(
        "direct_artist", terms, about=about if share > 0 else replace(about, axioms=_ALWAYS)
    )


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
    axioms = _axioms("-additive -local -equal_streams -click_fraud_proof")
    about = About("Apple's letter to labels (not verified)", "2024-01", "spatial", _SHARED, axioms)
    return Rule(
        "apple_weights", (Term(Pooled(), weights=(Flag("spatial", spatial),)),), about=about
    )


def per_stream(rate: float) -> Rule:
    """Pay a fixed rate for each stream, whatever users pay.

    Parameters
    ----------
    rate : float
        Money for a stream.

    Returns
    -------
    Rule
        Named ``per_stream``. It hands out ``rate`` times the streams: the platform bears the risk.

    Raises
    ------
    InputError
        If ``rate`` is no number above zero.

    Notes
    -----
    No service pays so; published "rates" are averages.

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.per_stream(rate=0.004)
    <per_stream: 0.004 for each stream, split by plays>
    """
    told = "-efficient additive local equal_streams homogeneous merge_proof"
    axioms = _axioms(f"{told} -click_fraud_proof")
    about = About("as many calculators on the web", "", _NONE, "stays with the platform", axioms)
    return Rule("per_stream", (Term(PerStream(rate)),), about=about)


def by_pool(
    columns: str | Iterable[str],
    rule: Rule,
    *,
    share: float = 1.0,
    per_subscriber: float = 0.0,
    guarantee: float = 0.0,
) -> Rule:
    """Follow a rule within each pool, such as a country and a product, and add up.

    Parameters
    ----------
    columns : str or iterable of str
        Columns of the plays that tell the pool.
    rule : Rule
        The rule.
    share : float, default: 1
        Part of a pool's revenue that is handed out.
    per_subscriber : float, default: 0
        Minimum for each subscriber of a pool.
    guarantee : float, default: 0
        Minimum for each pool.

    Returns
    -------
    Rule
        Named after the rule and the columns, such as ``pro_rata_by_country``. A pool hands out the
        largest of its share and both minimums. The fee of a user who plays in several pools
        belongs to them in proportion to the plays.

    Raises
    ------
    InputError
        If there is no column, the rule has pools already, or a number cannot be.

    Notes
    -----
    Source: the structure that Tidal's support page describes (pools by country and plan).

    Examples
    --------
    >>> from musictools.economics import rules
    >>> rules.by_pool(["country", "tier"], rules.pro_rata()).name
    'pro_rata_by_country_tier'
    """
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if not names or rule.pools is not None:
        raise InputError(
            "follow a rule by pool",
            got=f"columns {names} and {rule!r}",
            expected="at least one column, and a rule without pools",
            hint='by_pool(["country"], pro_rata())',
        )
    check_share(share, "share")
    for name, value in (("per_subscriber", per_subscriber), ("guarantee", guarantee)):
        check_positive(value, name, "a number, 0 or more", zero=True)
    pools = Pools(names, share, per_subscriber, guarantee)
    about = replace(rule.about, axioms={"null_artist": True, "anonymous": True})
    name = "_".join([rule.name, "by", *names])
    return replace(rule, name=name, pools=pools, about=about)
