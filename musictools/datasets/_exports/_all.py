"""simulate_exports(): every file that people download, made from the fictional label."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from musictools._checks import generator
from musictools.datasets._exports._apple_play_activity import write_apple_play_activity
from musictools.datasets._exports._ascap import write_ascap
from musictools.datasets._exports._bandcamp import write_bandcamp
from musictools.datasets._exports._believe import write_believe
from musictools.datasets._exports._bmi import write_bmi
from musictools.datasets._exports._cdbaby import write_cdbaby
from musictools.datasets._exports._cwr import write_cwr
from musictools.datasets._exports._deezer import write_deezer
from musictools.datasets._exports._distrokid import write_distrokid
from musictools.datasets._exports._dsr import write_dsr
from musictools.datasets._exports._facebook_insights import write_facebook_insights
from musictools.datasets._exports._google_ads import write_google_ads
from musictools.datasets._exports._instagram_insights import write_instagram_insights
from musictools.datasets._exports._lastfm import write_lastfm
from musictools.datasets._exports._meta_ads import write_meta_ads
from musictools.datasets._exports._orchard import write_orchard
from musictools.datasets._exports._soundcloud import write_soundcloud
from musictools.datasets._exports._soundexchange import write_soundexchange
from musictools.datasets._exports._spotify_account import write_spotify_account
from musictools.datasets._exports._spotify_for_artists import write_spotify_for_artists
from musictools.datasets._exports._spotify_history import write_spotify_history
from musictools.datasets._exports._tidal import write_tidal
from musictools.datasets._exports._tiktok import write_tiktok
from musictools.datasets._exports._tiktok_ads import write_tiktok_ads
from musictools.datasets._exports._tunecore import write_tunecore
from musictools.datasets._exports._written import SimulatedExport, Writer
from musictools.datasets._exports._youtube_studio import write_youtube_studio
from musictools.datasets._exports._youtube_takeout import write_youtube_takeout
from musictools.datasets._label import Label, load_label
from musictools.errors import InputError, closest

_WRITERS: Mapping[str, Writer] = {
    "apple_play_activity": write_apple_play_activity,
    "ascap": write_ascap,
    "bandcamp": write_bandcamp,
    "believe": write_believe,
    "bmi": write_bmi,
    "cdbaby": write_cdbaby,
    "cwr": write_cwr,
    "deezer": write_deezer,
    "distrokid": write_distrokid,
    "dsr": write_dsr,
    "facebook_insights": write_facebook_insights,
    "google_ads": write_google_ads,
    "instagram_insights": write_instagram_insights,
    "lastfm": write_lastfm,
    "meta_ads": write_meta_ads,
    "orchard": write_orchard,
    "soundcloud": write_soundcloud,
    "soundexchange": write_soundexchange,
    "spotify_account": write_spotify_account,
    "spotify_for_artists": write_spotify_for_artists,
    "spotify_history": write_spotify_history,
    "tidal": write_tidal,
    "tiktok": write_tiktok,
    "tiktok_ads": write_tiktok_ads,
    "tunecore": write_tunecore,
    "youtube_studio": write_youtube_studio,
    "youtube_takeout": write_youtube_takeout,
}


def simulate_exports(
    folder: str | Path,
    *,
    formats: str | Iterable[str] | None = None,
    label: Label | None = None,
    listener: str | None = None,
    rng: int | np.random.Generator = 0,
) -> dict[str, SimulatedExport]:
    """Write the files that people download from platforms, payers and societies.

    Real ones are private. These are made of the fictional label, from what is public about each
    format, with its known quirks; and the truth of each is told with it.

    Parameters
    ----------
    folder : path-like
        Where to; a folder for each format is made in it.
    formats : str or iterable of str, optional
        Names, as in ``mt.collect.formats()``; by default all that can be simulated.
    label : Label, optional
        Another label than that of `load_label`.
    listener : str, optional
        An account of ``label.listeners``, whose histories from Spotify then hold all that it hears:
        the music of other labels, too, which is made up. Without it they are those of a keen
        listener, and hold the label's music only.
    rng : int or numpy.random.Generator
        Seed: the same seed writes the same bytes, whichever formats are asked for.

    Returns
    -------
    dict of str to SimulatedExport
        Name of the format to the file or folder, and the table that it holds.

    Raises
    ------
    InputError
        If a format cannot be simulated, or there is no such listener.

    Examples
    --------
    >>> import tempfile, musictools as mt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = mt.datasets.simulate_exports(folder, formats="bandcamp")["bandcamp"]
    >>> made.kind, made.truth["payer"].unique().tolist()
    ('royalties', ['Bandcamp'])
    """
    wanted = (
        [formats] if isinstance(formats, str) else list(_WRITERS if formats is None else formats)
    )
    for name in wanted:
        if name not in _WRITERS:
            raise InputError(
                f"simulate an export of {name!r}",
                got=repr(name),
                expected="a format that can be simulated",
                hint=closest(str(name), _WRITERS),
            )
    world = load_label() if label is None else label
    if listener is not None and listener not in (known := set(world.listeners["user_id"])):
        raise InputError(
            f"simulate the history of {listener!r}",
            got=repr(listener),
            expected="a user_id of label.listeners",
            hint=closest(str(listener), known),
        )
    # Each format has a stream of its own, so that one does not depend on the others.
    spawned = generator(rng, "simulate an export").spawn(len(_WRITERS))
    streams = dict(zip(_WRITERS, spawned, strict=True))
    writers: Mapping[str, Writer] = {
        **_WRITERS,
        "spotify_account": partial(write_spotify_account, listener=listener),
        "spotify_history": partial(write_spotify_history, listener=listener),
    }
    made = {}
    for name in wanted:
        home = Path(folder) / name
        home.mkdir(parents=True, exist_ok=True)
        made[name] = writers[name](world, home, streams[name])
    return made
