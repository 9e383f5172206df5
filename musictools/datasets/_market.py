"""Tables of the market: revenues, one service's quarters, head-counts, prices, rules of charts."""

from typing import TYPE_CHECKING

from musictools._shipped import shipped_table
from musictools.errors import InputError, closest

if TYPE_CHECKING:
    import pandas as pd

_PERIODS = ("year", "first half")


def load_market(*, period: str = "year") -> "pd.DataFrame":
    """Give revenues of recorded music by format, with their basis, edition and source.

    The United States by family of formats since 1973 (RIAA) and the world's totals as IFPI printed
    and later restated them; the datasheet is ``datasets/market.md``. Retail (what listeners pay)
    and wholesale (what labels get) do not add up: ``mt.economics.market_series`` keeps them apart.

    Parameters
    ----------
    period : str
        ``"year"``, or ``"first half"`` for the half-years 2024 and 2025 in which the United States
        went over from retail to wholesale.

    Returns
    -------
    pandas.DataFrame
        A `market` table: ``year``, ``region`` (``"US"``, ``"world"``), ``format`` (``"total"``,
        ``"physical"``, ``"download"``, ``"streaming"``, ``"performance"``, ``"synchronization"``,
        ``"other"``), ``revenue_usd_m``, ``basis`` (``"retail"``, ``"wholesale"``), ``vintage``
        (month of publication, text), ``source``; also ``period``, ``source_url``, ``checked_on``,
        ``verified`` (``"yes"``: the publisher's own page, ``"partly"``: a paper or a copy,
        ``"no"``: the page was not kept) and ``note``. A figure that was restated has a row for each
        vintage.

    Raises
    ------
    InputError
        If there is no such period.
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> market = mt.datasets.load_market()
    >>> us = market.query("region == 'US' and format == 'total' and year == 2014")
    >>> us.set_index(["basis", "vintage"])["revenue_usd_m"].to_dict()
    {('retail', '2015-03'): 6970.0, ('retail', '2020-02'): 6694.7, ('wholesale', '2015-03'): 4860.0}
    """
    if period not in _PERIODS:
        raise InputError(
            "load the market",
            got=f"period={period!r}",
            expected="'year' or 'first half'",
            hint=closest(str(period), _PERIODS),
        )
    market = shipped_table("market")
    return market[market["period"] == period].reset_index(drop=True)


def load_spotify_quarters() -> "pd.DataFrame":
    """Give Spotify's quarters since 2017: revenue, cost, profit, users.

    The datasheet is ``datasets/spotify_quarters.md``. Revenue less cost is gross profit in every
    row, and the two segments add up, to a million for rounding.

    Returns
    -------
    pandas.DataFrame
        One row for each quarter: ``quarter_end`` (date); in millions of euros
        ``premium_revenue_eur_m``, ``ad_revenue_eur_m``, ``revenue_eur_m``, ``premium_cost_eur_m``,
        ``ad_cost_eur_m``, ``cost_of_revenue_eur_m``, ``premium_gross_profit_eur_m``,
        ``ad_gross_profit_eur_m``, ``gross_profit_eur_m``, ``research_eur_m``, ``marketing_eur_m``,
        ``administration_eur_m``, ``operating_income_eur_m``; ``gross_margin_pct`` as printed; in
        millions ``monthly_users_m``, ``subscribers_m``, ``ad_users_m`` (which overlap: they do not
        add up); ``premium_arpu_eur`` a month; ``vintage``, ``source``, ``source_url``,
        ``checked_on``, ``verified``, ``note``. What was not found is NaN.

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> last = mt.datasets.load_spotify_quarters().iloc[-1]
    >>> str(last.quarter_end.date()), float(last.revenue_eur_m), float(last.subscribers_m)
    ('2025-12-31', 4531.0, 290.0)
    """
    return _dated("spotify_quarters", "quarter_end")


def load_loud_and_clear() -> "pd.DataFrame":
    """Give how many artists reached which sum in a year, as Spotify says in *Loud & Clear*.

    The datasheet is ``datasets/loud_and_clear.md``. Sums are what their recordings and songs were
    paid to rights holders, not what artists received.

    Returns
    -------
    pandas.DataFrame
        One row for each year, threshold and edition: ``year``, ``threshold_usd``, ``artists`` (who
        reached it or more), ``vintage`` (month of the edition, text), ``source``, ``source_url``,
        ``checked_on``, ``verified``, ``note``. A count that was restated has a row for each
        edition.

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> counts = mt.datasets.load_loud_and_clear()
    >>> million = counts[(counts.year == 2020) & (counts.threshold_usd == 1_000_000)]
    >>> dict(zip(million.vintage, million.artists))
    {'2021-03': 870, '2022-03': 860}
    """
    return shipped_table("loud_and_clear")


def load_subscription_prices() -> "pd.DataFrame":
    """Give what subscriptions of streaming services cost, and from which day on.

    Only prices that a public page names; the datasheet is ``datasets/subscription_prices.md``.

    Returns
    -------
    pandas.DataFrame
        One row for each price: ``service``, ``plan``, ``region`` (ISO 3166 alpha-2), ``currency``
        (ISO 4217), ``price_month``, ``day`` (text: a day, a month or a year, as exact as the
        source), ``day_is`` (``"launch"``, ``"announced"``, ``"effective"``, ``"in force"``: seen on
        that day, ``"until"``: the last day of an old price), ``source``, ``source_url``,
        ``checked_on``, ``verified``, ``note``.

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> prices = mt.datasets.load_subscription_prices()
    >>> one = prices.query("service == 'Spotify' and plan == 'individual' and region == 'US'")
    >>> one.set_index("day").price_month.drop("2023-07-23").to_dict()
    {'2011': 9.99, '2023-07-24': 10.99, '2024-06-04': 11.99, '2026-01-15': 12.99}
    """
    return shipped_table("subscription_prices", text=("day",))


def load_chart_rules() -> "pd.DataFrame":
    """Give rules of charts and awards with their dates: units, weights, recurrents, thresholds.

    The datasheet is ``datasets/chart_rules.md``. ``mt.economics.album_units`` and
    ``mt.economics.is_recurrent`` reckon by them.

    Returns
    -------
    pandas.DataFrame
        One row for each rule: ``rules`` (whose: ``"billboard_200"``, ``"riaa_album"``, ...),
        ``region``, ``kind`` (``"units"``: what makes one unit; ``"weights"``: streams that weigh as
        much as a paid one; ``"recurrent"``: when a song leaves; ``"award"``), ``valid_from``,
        ``valid_to`` (dates, both within; missing where unknown or open), ``sales_per_unit``,
        ``tracks_per_unit``, ``premium_streams_per_unit``, ``ad_streams_per_unit`` (NaN: do not
        count), ``top_track_off`` (share of the most-streamed track's streams that is taken off),
        ``weeks``, ``below_rank``, ``level``, ``units``, ``source``, ``source_url``, ``checked_on``,
        ``verified``, ``note``.

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> rules = mt.datasets.load_chart_rules()
    >>> billboard = rules[rules.rules == "billboard_200"]
    >>> billboard.premium_streams_per_unit.astype(int).tolist()
    [1500, 1250, 1000]
    """
    return _dated("chart_rules", "valid_from", "valid_to")


def _dated(name: str, *columns: str) -> "pd.DataFrame":
    """Read a table whose days are in columns of other names than ``checked_on``."""
    import pandas as pd

    table = shipped_table(name)
    return table.assign(**{column: pd.to_datetime(table[column]) for column in columns})
