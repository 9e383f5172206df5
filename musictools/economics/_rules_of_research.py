"""The rules that research compares: pro-rata, user-centric, and what lies between and beside."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from musictools.economics._rule import About, Pools, Rule, Term
from musictools.economics._terms import (
    OwnFee,
    PerStream,
    Pooled,
    Scaled,
    Split,
    check_positive,
    check_share,
)
from musictools.errors import InputError

ALWAYS = {"efficient": True, "null_artist": True, "anonymous": True}
SHARED = "into the pool, for all"
KEPT = "stays with the platform"
NONE = "nothing besides who played whom"
NO_OTHER = "-additive -local -equal_streams -homogeneous -merge_proof -click_fraud_proof"


def axioms_of(told: str) -> Mapping[str, bool]:
    """Take apart properties written as ``additive local -equal_streams``."""
    said = {each.lstrip("-"): not each.startswith("-") for each in told.split()}
    return ALWAYS | said


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
    axioms = axioms_of("-additive -local equal_streams homogeneous merge_proof -click_fraud_proof")
    source = "Alaei et al., Management Science 68(12), 2022"
    about = About(source, "in use since the 2000s", NONE, SHARED, axioms)
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
    axioms = axioms_of(f"additive local {told} click_fraud_proof" if silent == "kept" else told)
    source = "Bergantinos and Moreno-Ternero, arXiv 2310.11861, 2023"
    where = KEPT if silent == "kept" else "shared, in proportion to streams"
    about = About(source, "proposed in the 2010s", NONE, where, axioms)
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
    axioms = axioms_of("additive local -equal_streams -homogeneous -merge_proof click_fraud_proof")
    source = "Bergantinos and Moreno-Ternero, arXiv 2411.07166, 2024"
    about = About(source, "2024", NONE, KEPT, axioms)
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
    axioms = axioms_of(f"additive local {rest} click_fraud_proof")
    about = About("musictools", "2026", NONE, KEPT, axioms)
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
    axioms = axioms_of(told if alpha in {0, 1} else f"{told} -additive -local -equal_streams")
    source = "Ghosh, Neoh, Teh and Tyrovolas, ICML 2025, arXiv 2511.04465"
    about = About(source, "2025", NONE, "counts for what is handed out, for all", axioms)
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
    axioms = axioms_of("-additive -local -equal_streams homogeneous merge_proof -click_fraud_proof")
    source = "Bergantinos and Moreno-Ternero, arXiv 2310.11861, 2023"
    about = About(source, "2023", NONE, "in part into the pool, in part kept", axioms)
    terms = (Term(Pooled(), share=weight), Term(OwnFee(), share=1 - weight))
    return Rule(
        "compromise", terms, about=about if 0 < weight < 1 else replace(about, axioms=ALWAYS)
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
    axioms = axioms_of("-additive -local -equal_streams homogeneous merge_proof -click_fraud_proof")
    about = About("deezer.com/explore/artist-remuneration", "2023", NONE, SHARED, axioms)
    return Rule("user_cap", (Term(Pooled(cap)),), about=about)


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
    axioms = axioms_of(f"{told} -click_fraud_proof")
    about = About("as many calculators on the web", "", NONE, "stays with the platform", axioms)
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
