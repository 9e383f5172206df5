"""A plan carried out: into memory, or into Parquet a part at a time."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from musictools.datasets._plays import _tables
from musictools.datasets._plays._listening import Rows, blocks
from musictools.datasets._plays._plan import Plan

#: Rows of one row group of a file; what is held in memory follows from it.
GROUP_ROWS = 1 << 20
_TEXT_COLUMNS = ["user_id", "artist_id", "recording_id", "country", "tier"]


def _in_order(plan: Plan, jobs: int) -> Iterator[Rows]:
    """Blocks one after the other, worked on by several threads, of which few are ahead."""
    work = blocks(plan)
    if jobs == 1:
        for part in work:
            yield part()
        return
    with ThreadPoolExecutor(jobs) as pool:
        ahead: deque[Future[Rows]] = deque()
        for part in work:
            ahead.append(pool.submit(part))
            if len(ahead) > jobs:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def in_memory(
    plan: Plan, names: _tables.Names, tally: _tables.Tally, jobs: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plays, and which of them were planted, as pandas frames."""
    parts = []
    for rows in _in_order(plan, jobs):
        tally.add(rows)
        parts.append(rows)
    everything = _tables.joined(parts)
    parts.clear()
    plays = _tables.frame(plan, names, everything)
    return plays, _tables.planted_frame(names, everything)


def to_parquet(
    plan: Plan, names: _tables.Names, tally: _tables.Tally, out: tuple[Path, int]
) -> int:
    """Write plays.parquet and planted.parquet; ``out`` is the folder, and the jobs. Gives rows."""
    folder, jobs = out
    drafts = {name: folder / f"{name}.parquet.part" for name in ("plays", "planted")}
    try:
        written = _write(plan, names, tally, (drafts, jobs))
        for name, draft in drafts.items():
            draft.replace(folder / f"{name}.parquet")
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return written


def _write(
    plan: Plan, names: _tables.Names, tally: _tables.Tally, out: tuple[dict[str, Path], int]
) -> int:
    drafts, jobs = out
    plays = pq.ParquetWriter(
        drafts["plays"],
        _tables.SCHEMA,
        compression="zstd",
        use_dictionary=_TEXT_COLUMNS,
        # A row group has more recordings than the usual page of a dictionary can hold.
        dictionary_pagesize_limit=1 << 28,
        write_statistics=["user_id", "played_at"],
    )
    marks = pq.ParquetWriter(drafts["planted"], _tables.PLANTED, compression="zstd")
    begin, held, group = 0, 0, []
    with plays, marks:
        for rows in _in_order(plan, jobs):
            tally.add(rows)
            if len(found := _tables.planted(rows, names, begin)):
                marks.write_table(found)
            begin, held = begin + len(rows), held + len(rows)
            group.append(rows)
            if held >= GROUP_ROWS:
                _flush(plays, _tables.arrow(plan, names, group))
                held, group = 0, []
        if group:
            _flush(plays, _tables.arrow(plan, names, group))
    # Arrow keeps what it freed; the next simulation, or the reader, may want it.
    pa.default_memory_pool().release_unused()
    return begin


def _flush(file: pq.ParquetWriter, table: pa.Table) -> None:
    # One row group: a dictionary that is split is written twice.
    file.write_table(table, row_group_size=max(len(table), 1))
