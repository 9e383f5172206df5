"""load_playback_targets(): to which loudness platforms play, by which rule, and who says so."""

from typing import TYPE_CHECKING

from musictools._shipped import shipped_table

if TYPE_CHECKING:
    import pandas as pd


def load_playback_targets() -> "pd.DataFrame":
    """Give the loudness that streaming services and broadcasters aim at, and their rules.

    A small table of facts, each with its source, the day it was looked up, and whether it could be
    verified; its datasheet is ``datasets/playback_targets.md``.

    Returns
    -------
    pandas.DataFrame
        One row for each platform and setting: ``platform``, ``setting``, ``applied_by``
        (``"service"``, or ``"producer"`` where a file has to be delivered so), ``target_lufs``,
        ``tolerance_lu`` (NaN where nothing has to be met), ``gain_up`` (``"never"``,
        ``"headroom"``: as far as the peaks allow, ``"limiter"``: all the way), ``ceiling_dbtp``
        (where peaks must end), ``album_mode`` (``"yes"``, ``"no"``, ``"unknown"``),
        ``max_true_peak_dbtp`` (asked for or advised in delivery; NaN where none is),
        ``loudness_measure``, ``source_url``, ``source_title``, ``checked_on`` (date),
        ``verified`` (``"yes"``: the platform's own page says so, ``"partly"``, ``"no"``),
        ``note``.

    Raises
    ------
    MusictoolsError
        If the installation lacks its data files.

    Examples
    --------
    >>> import musictools as mt
    >>> targets = mt.datasets.load_playback_targets()
    >>> targets.set_index(["platform", "setting"])["target_lufs"]["Spotify"].to_dict()
    {'normal': -14.0, 'loud': -11.0, 'quiet': -19.0}
    """
    return shipped_table("playback_targets")
