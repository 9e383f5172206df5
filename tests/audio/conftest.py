"""What the audio tests share."""

import pandas as pd
import pytest

import musictools as mt
from musictools.audio._beats import find_beats
from musictools.audio._downbeats import find_bars
from musictools.audio._pass import gather
from musictools.audio._rhythm import Rhythm


@pytest.fixture(scope="session")
def measured(shared, tmp_path_factory):
    """The features table of the development recordings, measured once a session."""
    out = tmp_path_factory.mktemp("measured") / "features.parquet"
    return mt.audio.extract(shared / "data" / "audio", out=out, progress=False)


@pytest.fixture(scope="session")
def rhythms(shared):
    """The development recordings whose tempo is known, each heard once; to read only.

    A frame of what is known and of what is measured, and beats and bars by path.
    """
    folder = shared / "data" / "audio"
    known = pd.read_csv(folder / "index.csv").dropna(subset=["bpm"])
    rows, beats = [], {}
    for path in known["path"]:
        tracks = gather(mt.audio.read(folder / path), Rhythm.tracks)
        rows.append(Rhythm().measure(tracks))
        beats[path] = tracks.once(find_beats), tracks.once(find_bars)
    return known.join(pd.DataFrame(rows, index=known.index), validate="1:1"), beats
