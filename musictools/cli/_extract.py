"""``musictools extract``: a folder of songs to a table of features."""

import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from musictools._counts import counted
from musictools._files import replacing
from musictools.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_KINDS = 6


def extract(
    paths: Annotated[list[str], typer.Argument(help="Files, folders and patterns.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Parquet file to write. [default: features.parquet]"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Worker processes. [default: all processors]")
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on where a run before this one stopped, or measure all again.")
    ] = True,
    csv: Annotated[
        bool, typer.Option("--csv", help="CSV too: beside the Parquet file, or on standard output.")
    ] = False,
    json: Annotated[
        bool,
        typer.Option("--json", help="JSON too: beside the Parquet file, or on standard output."),
    ] = False,
) -> None:
    """Measure recordings and write one row for each.

    A recording that cannot be measured becomes a row with its error; the run goes on. With --csv
    or --json and no -o, the table goes to standard output and no file is written.
    """
    from musictools.audio import extract as measure

    if out is None and not (csv or json):
        out = Path("features.parquet")
    out = None if out is None else out.expanduser()
    beside = {".csv": csv, ".json": json}
    for suffix in (suffix for suffix, wanted in beside.items() if wanted and out is not None):
        _check_beside(out, suffix)
    started = time.monotonic()
    table = measure(paths, out=out, jobs=jobs, resume=resume)
    elapsed = time.monotonic() - started
    if csv:
        _write(table.to_csv(index=False, lineterminator="\n"), out, ".csv")
    if json:
        # Written for other programs: NaN is no JSON, so it becomes null.
        _write(table.to_json(orient="records", indent=1) + "\n", out, ".json")
    print(summary(table, elapsed, out), file=sys.stderr)


def _check_beside(out: Path | None, suffix: str) -> None:
    """Refuse to write over a file that is no earlier table of ours."""
    if out is None or not (target := out.with_suffix(suffix)).exists():
        return
    with target.open("rb") as file:
        begins = file.read(4096)
    if b"recording_id" not in begins:
        raise InputError(
            f"write {str(target)!r}",
            got="another file of that name",
            expected="no file there, or a table of an earlier run",
            hint="another name after -o, or move that file away",
        )


def _write(text: str, out: Path | None, suffix: str) -> None:
    # Bytes: a console of another encoding must not spoil an hour's work at its end.
    data = text.encode("utf-8")
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        with replacing(out.with_suffix(suffix)) as temporary:
            temporary.write_bytes(data)


def summary(table: "pd.DataFrame", elapsed_s: float, out: Path | None) -> str:
    """Say in one line what was measured, what failed, and why."""
    failed = table[table["error"].notna()]
    measured = len(table) - len(failed)
    minutes = table["duration_s"].sum() / 60
    line = f"{measured} of {counted(len(table), 'recording')} measured ({minutes:.1f} min of audio)"
    line += f", after {elapsed_s:.1f} s"
    if out is not None:
        line += f" -> {out}"
    if len(failed):
        line += f"; {len(failed)} failed: {_reasons(failed)}"
    return line


def _reasons(failed: "pd.DataFrame") -> str:
    """Count the failures by kind, each with its first file and reason."""
    kinds = failed["error"].str.partition(":")[0]
    parts = []
    for kind, count in Counter(kinds).most_common(_SHOWN_KINDS):
        first = failed[kinds == kind].iloc[0]
        words = first["error"].removeprefix(f"{kind}: ")
        found = re.search(r": got (.+); expected ", words)
        reason = found[1] if found else words
        parts.append(f"{count} {kind} ({Path(first['path']).name}: {reason})")
    hidden = kinds.nunique() - _SHOWN_KINDS
    return ", ".join(parts) + (f", and {hidden} kinds more" if hidden > 0 else "")
