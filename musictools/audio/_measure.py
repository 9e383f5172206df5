"""What a worker process does with one recording."""

import logging
from pathlib import Path

from musictools.audio._descriptor import Value
from musictools.audio._engine import choose
from musictools.audio._shards import content_id, write_shard
from musictools.audio._stream import as_source
from musictools.errors import AudioError

_log = logging.getLogger("musictools")


def measure(
    path: str, recording_id: str | None, shard: str | None, engine: str = "musictools"
) -> dict[str, Value]:
    """Measure one file, and leave its row in a shard before anybody is told.

    Parameters
    ----------
    path : str
        The recording.
    recording_id : str or None
        The content that it had when the run began.
    shard : str or None
        Where to leave the row.
    engine : str
        Who measures.

    Returns
    -------
    dict of str to float, str or None
        One value for each descriptor.

    Raises
    ------
    AudioError
        If the file cannot be read, or changed meanwhile.
    """
    row = dict(choose(engine).measure(as_source(path)))
    if content_id(path) != recording_id:
        # Its numbers would stand under another recording's name from now on.
        raise AudioError(
            f"measure {Path(path).name}",
            got="a file that changed meanwhile",
            expected="the same content as at the start",
            hint="run again",
        )
    if shard is not None:
        try:
            write_shard(Path(shard), row)
        except OSError as error:
            # The row is worth more than the chance to resume.
            _log.warning("cannot keep %s for a later run: %s", shard, error)
    return row
