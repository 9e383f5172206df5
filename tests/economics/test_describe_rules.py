"""The table of rules."""

import pandas as pd

import musictools as mt
from musictools.economics import rules
from musictools.economics._rule import AXIOMS


def test_every_named_rule_is_told():
    table = mt.economics.describe_rules()
    assert set(rules.__all__) == set(table["rule"].str.replace("pro_rata_by_country", "by_pool"))
    assert table["rule"].is_unique
    for column in ("formula", "source", "inputs", "silent"):
        assert (table[column].str.len() > 0).all()
    assert table.columns[6:].to_list() == list(AXIOMS)


def test_what_is_told_of_the_rules_of_the_theorems():
    table = mt.economics.describe_rules().set_index("rule")
    told = table.loc[["pro_rata", "user_centric", "shapley", "scaled_user_prop"]]
    # Bergantinos and Moreno-Ternero 2023 and 2024; Ghosh et al. 2025.
    assert told["additive"].to_list() == [False, True, True, False]
    assert told["local"].to_list() == [False, True, True, False]
    assert told["homogeneous"].to_list() == [True, True, False, True]
    assert told["merge_proof"].to_list() == [True, True, False, True]
    assert told["click_fraud_proof"].to_list() == [False, True, True, True]
    assert told.loc["pro_rata", "formula"] == "all fees, in proportion to plays, split by plays"
    assert table.loc["spotify_2024", "date"] == "2024-04-01"
    # What is not known is missing, and neither yes nor no.
    assert table.loc["pro_rata_by_country", "local"] is pd.NA
