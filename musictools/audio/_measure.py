"""What a worker process does with one recording."""

from pathlib import Path

from musictools.audio._decode import read
from musictools.audio._describe import FAMILIES
from musictools.audio._descriptor import Value
from musictools.audio._pass import analyse
from musictools.audio._shards import write_shard


def measure(path: str, shard: str | None) -> dict[str, Value]:
    """Measure one file, and leave its row in a shard before anybody is told.

    Parameters
    ----------
    path : str
        The recording.
    shard : str or None
        Where to leave the row.

    Returns
    -------
    dict of str to float, str or None
        One value for each descriptor.
    """
    row = analyse(read(path), FAMILIES)
    if shard is not None:
        write_shard(Path(shard), row)
    return row
