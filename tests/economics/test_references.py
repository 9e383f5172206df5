"""Every rule against its definition, written a second time, user by user, in exact fractions."""

from collections import defaultdict
from fractions import Fraction

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musictools.economics import compare, rules
from tests.economics.frames import frame, table_of

CELL = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.integers(1, 60), st.sampled_from([31, 60, 240]),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
CELLS = st.lists(CELL, min_size=1, max_size=10, unique_by=lambda cell: cell[:2])
FEES = st.lists(st.integers(1, 20), min_size=4, max_size=4)


def by_user(cells, weight=lambda _: 1):
    held = defaultdict(lambda: defaultdict(Fraction))
    for cell in cells:
        held[cell[0]][cell[1]] += cell[2] * Fraction(weight(cell))
    return {user: dict(own) for user, own in held.items()}


def split_own(weights, fees, part):
    got = defaultdict(Fraction)
    for user, own in weights.items():
        pieces = part(own)
        whole = sum(pieces.values())
        for artist, piece in pieces.items():
            if whole:
                got[artist] += fees[user] * piece / whole
    return got


def pooled(weights, fees, scale=lambda _: Fraction(1)):
    moved = {
        (user, artist): n * scale(user)
        for user, own in weights.items()
        for artist, n in own.items()
    }
    whole = sum(moved.values())
    money = sum(fees[user] for user in weights)
    got = defaultdict(Fraction)
    for (_, artist), n in moved.items():
        if whole:
            got[artist] += money * n / whole
    return got


def mixed(first, second, share):
    return {a: share * first.get(a, 0) + (1 - share) * second.get(a, 0) for a in {*first, *second}}


def pro_rata(cells, fees):
    return pooled(by_user(cells), fees)


def user_centric(cells, fees):
    return split_own(by_user(cells), fees, dict)


def shapley(cells, fees):
    return split_own(by_user(cells), fees, lambda own: dict.fromkeys(own, Fraction(1)))


def top(own):
    most = max(own.values())
    return {artist: Fraction(n == most) for artist, n in own.items()}


def direct_artist(cells, fees):
    return mixed(split_own(by_user(cells), fees, top), pro_rata(cells, fees), Fraction(1, 10))


def compromise(cells, fees):
    return mixed(pro_rata(cells, fees), user_centric(cells, fees), Fraction(1, 4))


def scaled_user_prop(cells, fees):
    """Gamma by trying every set of users whose fee is used up, the most eager ones first."""
    weights = by_user(cells)
    total = {user: sum(own.values()) for user, own in weights.items()}
    aim = Fraction(7, 10) * sum(fees[user] for user in weights)
    eager = sorted(weights, key=lambda user: fees[user] / total[user])
    for k in range(len(eager)):
        left = aim - sum(fees[user] for user in eager[:k])
        gamma = left / sum(total[user] for user in eager[k:])
        paid = {user: min(gamma * total[user], fees[user]) for user in weights}
        if sum(paid.values()) == aim:
            return split_own(weights, paid, dict)
    raise AssertionError("no gamma")


def user_cap(cells, fees):
    weights = by_user(cells)
    return pooled(weights, fees, lambda user: min(Fraction(1), 25 / sum(weights[user].values())))


def reached(cells, key, streams, listeners):
    plays, users = defaultdict(int), defaultdict(set)
    for cell in cells:
        plays[key(cell)] += cell[2]
        users[key(cell)].add(cell[0])
    return {k for k in plays if plays[k] >= streams and len(users[k]) >= listeners}


def artist_centric(cells, fees):
    strong = reached(cells, lambda cell: cell[1], 40, 2)

    def weight(cell):
        return (2 if cell[1] in strong else 1) * (2 if cell[4] else 1) * (0 if cell[5] else 1)

    plays = by_user(cells)
    # Plays beyond the cap are counted before weights.
    return pooled(
        by_user(cells, weight), fees, lambda u: min(Fraction(1), 25 / sum(plays[u].values()))
    )


def spotify_2024(cells, fees):
    strong = reached(cells, lambda cell: cell[1], 40, 2)

    def weight(cell):
        return Fraction(cell[1] in strong) * (Fraction(1, 5) if cell[5] else 1)

    return pooled(by_user(cells, weight), fees)


def fan_powered(cells, fees):
    return split_own(by_user(cells, lambda cell: cell[3]), fees, dict)


def apple_weights(cells, fees):
    return pooled(by_user(cells, lambda cell: Fraction(11, 10) if cell[6] else 1), fees)


def per_stream(cells, _fees):
    got = defaultdict(Fraction)
    for cell in cells:
        got[cell[1]] += cell[2] * Fraction(1, 250)
    return got


def concave_half(cells, fees):
    return split_own(by_user(cells), fees, lambda own: {a: float(n) ** 0.5 for a, n in own.items()})


PAIRS = {
    pro_rata: rules.pro_rata(),
    user_centric: rules.user_centric(),
    shapley: rules.shapley(),
    direct_artist: rules.direct_artist(0.1),
    compromise: rules.compromise(0.25),
    scaled_user_prop: rules.scaled_user_prop(0.7),
    user_cap: rules.user_cap(25),
    artist_centric: rules.artist_centric(cap=25, streams=40, listeners=2),
    spotify_2024: rules.spotify_2024(streams=40, listeners=2, of="artist_id"),
    fan_powered: rules.fan_powered(),
    apple_weights: rules.apple_weights(),
    per_stream: rules.per_stream(rate=0.004),
    concave_half: rules.concave(0.5),
}


@settings(max_examples=15)
@given(cells=CELLS, prices=FEES, kind=st.sampled_from(["pandas", "polars", "pyarrow"]))
def test_rules_pay_what_their_definitions_say(cells, prices, kind):
    names = ["user_id", "artist_id", "plays", "seconds", "active", "noise", "spatial"]
    plays = pd.DataFrame(cells, columns=names)
    fees = {user: Fraction(price) for user, price in enumerate(prices)}
    table = pd.DataFrame({"user_id": list(fees), "fee": [float(fee) for fee in fees.values()]})
    played = table[table["user_id"].isin(plays["user_id"])]
    given_as = frame(kind, pa.Table.from_pandas(plays), None)
    got = table_of(compare(given_as, list(PAIRS.values()), fee=played)).set_index("artist_id")
    for reference, rule in PAIRS.items():
        wanted = reference(cells, fees)
        for artist in got.index:
            assert got.loc[artist, rule.name] == pytest.approx(
                float(wanted.get(artist, 0)), rel=1e-12, abs=1e-12
            ), f"{rule.name} pays {artist} otherwise"


def test_the_reference_itself_gives_the_published_cases():
    """Case G3 of the notes: three users, three artists; exact fractions from formulas."""
    rows = [(0, 0, 10), (0, 1, 10), (1, 1, 20), (1, 2, 20), (2, 2, 60)]
    cells = [(*row, 60, False, False, False) for row in rows]
    fees = dict.fromkeys(range(3), Fraction(1))
    assert pro_rata(cells, fees) == {0: Fraction(1, 4), 1: Fraction(3, 4), 2: Fraction(2)}
    assert user_centric(cells, fees) == {0: Fraction(1, 2), 1: Fraction(1), 2: Fraction(3, 2)}
    assert scaled_user_prop(cells, fees) == {
        0: Fraction(11, 60), 1: Fraction(11, 20), 2: Fraction(41, 30)
    }  # fmt: skip
