"""What the audio tests share."""

import pytest

import musictools as mt


@pytest.fixture(scope="session")
def measured(shared, tmp_path_factory):
    """The features table of the development recordings, measured once a session."""
    out = tmp_path_factory.mktemp("measured") / "features.parquet"
    return mt.audio.extract(shared / "data" / "audio", out=out, progress=False)
