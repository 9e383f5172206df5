"""describe_rules(): the named rules as a table."""

from typing import TYPE_CHECKING

from musictools.economics import rules
from musictools.economics._rule import AXIOMS

if TYPE_CHECKING:
    import pandas as pd


def describe_rules() -> "pd.DataFrame":
    """List the named rules: formula, source, what they ask for, and which properties they have.

    Returns
    -------
    pandas.DataFrame
        One row a rule, with its default numbers, or ``alpha=0.7``, ``beta=0.5`` and
        ``rate=0.004`` where it has none, and `by_pool` by country. Columns ``rule``, ``formula``,
        ``source``, ``date``, ``inputs`` (what it asks of the plays), ``silent`` (where the fee of
        a subscriber without plays goes), and of each property whether the rule has it, missing
        where that is not known: ``efficient`` (payouts sum to the fees of all who played something
        that counts), ``null_artist`` (an artist whom nobody played gets nothing), ``anonymous``
        (names do not matter), ``additive`` (two sets of users that are paid apart are paid as
        together), ``local`` (without a user, only artists whom the user played get another
        payout), ``equal_streams`` (each stream brings the same), ``homogeneous`` (twice the plays
        of each user are twice the payout), ``merge_proof`` (artists who merge or split get the
        same together) and ``click_fraud_proof`` (a user can move no more than the own fee).

    Examples
    --------
    >>> import musictools as mt
    >>> table = mt.economics.describe_rules().set_index("rule")
    >>> bool(table.loc["user_centric", "local"]), bool(table.loc["pro_rata", "local"])
    (True, False)
    """
    import pandas as pd

    every = [
        rules.pro_rata(),
        rules.user_centric(),
        rules.shapley(),
        rules.compromise(),
        rules.concave(0.5),
        rules.scaled_user_prop(0.7),
        rules.user_cap(),
        rules.artist_centric(),
        rules.spotify_2024(),
        rules.fan_powered(),
        rules.direct_artist(),
        rules.apple_weights(),
        rules.per_stream(0.004),
        rules.by_pool("country", rules.pro_rata()),
    ]
    rows = [
        {
            "rule": each.name,
            "formula": str(each),
            "source": each.about.source,
            "date": each.about.date,
            "inputs": each.about.inputs,
            "silent": each.about.silent,
            **{axiom: each.about.axioms.get(axiom) for axiom in AXIOMS},
        }
        for each in every
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(AXIOMS, "boolean"))
