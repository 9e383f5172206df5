"""explore_payouts(): the same plays and the same fees, and who gets them by which rule."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from musictools.economics import compare, rules
from musictools.lab._chart import Chart, Series
from musictools.lab._knobs import Knob, Knobs, Lesson, Shown, knobs_of

if TYPE_CHECKING:
    import pandas as pd

ACCOUNTS = 1000
_KNOBS = (
    Knob("heavy", "Accounts that play all day", 0, 60, 1, 20, "%"),
    Knob("heavy_plays", "Plays of each of them in a month", 100, 3000, 50, 900),
    Knob("light_plays", "Plays of every other account", 5, 300, 5, 90),
    Knob("bots", "Accounts of a farm", 0, 10, 0.5, 1, "%"),
    Knob("bot_plays", "Plays of each of these", 100, 20_000, 100, 6000),
    Knob("alpha", "Alpha of the scaled rule", 0.1, 1, 0.05, 0.7),
    Knob("fee", "What an account pays into the pot", 1, 20, 0.5, 7, "euro"),
)
#: Who listens to whom, in parts of their plays.
TASTES: Mapping[str, Mapping[str, float]] = {
    "light": {"Folk duo": 0.7, "Pop star": 0.3},
    "heavy": {"Pop star": 0.9, "Folk duo": 0.1},
    "bot": {"Noise farm": 1.0},
}
ARTISTS = ("Pop star", "Folk duo", "Noise farm")


def explore_payouts(values: Mapping[str, Any] | None = None) -> Knobs:
    """Turn the knobs of a thousand listeners and three rules.

    Parameters
    ----------
    values : mapping, optional
        Name to value of knobs that start elsewhere: ``heavy``, ``heavy_plays``, ``light_plays``,
        ``bots``, ``bot_plays``, ``alpha``, ``fee``.

    Returns
    -------
    Knobs
        A widget; a picture where no widgets run, or where anywidget is not installed.

    Raises
    ------
    InputError
        If there is no such knob, or it does not turn so far.

    See Also
    --------
    musictools.economics.compare : The same for your own plays.

    Notes
    -----
    Light listeners play a folk duo (70 %) and a pop star (30 %), heavy ones the star (90 %) and
    the duo (10 %), the accounts of a farm nothing but its noise. All accounts pay the same.

    Examples
    --------
    >>> import musictools as mt
    >>> rules = mt.lab.explore_payouts({"bots": 0}).table
    >>> rules["user_centric"].round().tolist()
    [2940.0, 4060.0, 0.0]
    """
    return knobs_of(LESSON, values)


def monthly_plays(values: Mapping[str, Any]) -> "pd.DataFrame":
    """Give the plays of a thousand accounts in a month.

    Parameters
    ----------
    values : mapping
        Of all knobs.

    Returns
    -------
    pandas.DataFrame
        ``user_id``, ``artist_id``, ``plays``; no rows without plays.
    """
    import pandas as pd

    heavy, bots = (round(ACCOUNTS * values[name] / 100) for name in ("heavy", "bots"))
    counts = {"heavy": heavy, "bot": bots, "light": ACCOUNTS - heavy - bots}
    each = {"heavy": "heavy_plays", "bot": "bot_plays", "light": "light_plays"}
    rows = [
        (f"{kind}-{number}", artist, share * values[each[kind]])
        for kind, count in counts.items()
        for number in range(count)
        for artist, share in TASTES[kind].items()
    ]
    return pd.DataFrame(rows, columns=["user_id", "artist_id", "plays"])


def _work(values: Mapping[str, Any]) -> Shown:
    plays = monthly_plays(values)
    chosen = [rules.pro_rata(), rules.user_centric(), rules.scaled_user_prop(values["alpha"])]
    paid = compare(plays, chosen, fee=values["fee"]).set_index("artist_id")
    paid = paid.reindex(list(ARTISTS), fill_value=0.0)
    names = [rule.name for rule in chosen]
    star, duo, farm = (_said(name, *paid.loc[name, names[:2]]) for name in ARTISTS)
    words = (
        f"Of {ACCOUNTS * values['fee']:,.0f} euro the {duo}; the {star}; the {farm}. The scaled "
        f"rule hands out {paid[names[2]].sum():,.0f}."
    )
    chart = Chart(
        kind="bars",
        x=list(ARTISTS),
        x_label="Artist",
        y_label="Payout (euro a month)",
        series=[
            Series(label, [float(v) for v in paid[name]])
            for label, name in zip(("pro rata", "user-centric", "scaled"), names, strict=True)
        ],
        marks=[],
    )
    return Shown(chart, words, paid.reset_index())


def _said(name: str, pro_rata: Any, user_centric: Any) -> str:
    return f"{name} {pro_rata:,.0f} by pro rata, {user_centric:,.0f} user-centric"


LESSON = Lesson(
    "Payout rules: the same plays, the same fees, and who gets them?",
    "All that is paid in is handed out; services keep about a third before they do.",
    _KNOBS,
    _work,
)
