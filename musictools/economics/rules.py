"""The named rules, each a short composition of the parts.

Every rule says where it was published, since when it is in use, what it asks of the plays, where
the fee of a subscriber goes who played nothing, and which properties it has; `describe_rules`
lists all that as a table.
"""

from musictools.economics._rules_of_research import (
    by_pool,
    compromise,
    concave,
    per_stream,
    pro_rata,
    scaled_user_prop,
    shapley,
    user_cap,
    user_centric,
)
from musictools.economics._rules_of_services import (
    apple_weights,
    artist_centric,
    direct_artist,
    fan_powered,
    spotify_2024,
)

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
