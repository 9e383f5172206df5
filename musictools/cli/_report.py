"""``musictools report``: one song's report card, and whether it may be delivered."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from musictools.errors import InputError

if TYPE_CHECKING:
    from musictools.audio import QualityReport

#: What a page of ours says in its head, and JSON of ours in its first lines.
_OURS = {".html": b"musictools report", ".json": b"musictools.quality-report"}
_HEAD_BYTES = 4096
_COLOURS = {"error": typer.colors.RED, "warning": typer.colors.YELLOW, "info": typer.colors.BLUE}


class FailOn(StrEnum):
    """How severe a finding fails the delivery."""

    info = "info"
    warning = "warning"
    error = "error"
    never = "never"


def report(
    song: Annotated[str, typer.Argument(help="One recording.")],
    reference: Annotated[
        list[str] | None,
        typer.Option("--reference", "-r", help="A recording to compare with; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Web page to write; in a folder it is called SONG.report.html."
        ),
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="JSON to write; - is standard output.")
    ] = None,
    codecs: Annotated[
        bool, typer.Option("--codecs", help="Encode it with lossy codecs too; takes seconds.")
    ] = False,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit code 1 for a finding at least so severe.")
    ] = FailOn.error,
) -> None:
    """Look for production faults of a song, and say whether it is ready.

    Nothing is written unless -o or --json says where. A file that is no earlier report is never
    overwritten. The exit code is 0 for a song that passes, 1 for one that does not or cannot be
    read, and 2 for a command that was typed wrong.
    """
    from musictools.audio import quality

    _check_song(song)
    to_console = json is not None and str(json) == "-"
    page = None if out is None else _page_path(out.expanduser(), song)
    machine = None if json is None or to_console else json.expanduser()
    for target, suffix in ((page, ".html"), (machine, ".json")):
        _check_target(target, suffix)
    if page is not None and machine is not None and page.absolute() == machine.absolute():
        raise InputError(
            f"write {str(page)!r}",
            got="one name for the page and for the JSON",
            expected="two files",
            hint=f"-o {page.stem}.html --json {page.stem}.json",
        )
    # One reference is compared as one; a list of one would be a corpus of one.
    given = reference[0] if reference and len(reference) == 1 else reference
    made = quality(song, reference=given or None, codecs=codecs)
    if page is not None:
        made.to_html(page)
    if machine is not None:
        made.to_json(machine)
    if to_console:
        sys.stdout.buffer.write(made.to_json().encode("utf-8") + b"\n")
        sys.stdout.flush()
    _show(made, err=to_console)
    if page is not None:
        typer.echo(f"Report: {page}", err=True)
    if not made.passes(fail_on.value):
        # The verdict may well be "ready": warnings fail where the user says so.
        typer.echo(f"Failed: {made.worst} found, and --fail-on is {fail_on.value}.", err=True)
        raise typer.Exit(1)


def _check_song(song: str) -> None:
    if Path(song).is_dir():
        raise InputError(
            "report on a song",
            got=f"the folder {song!r}",
            expected="one recording",
            hint=f"musictools report {song}/SONG.wav for one; musictools extract {song} for all",
        )


def _page_path(out: Path, song: str) -> Path:
    return out / f"{Path(song).stem}.report.html" if out.is_dir() else out


def _check_target(target: Path | None, suffix: str) -> None:
    """Refuse to write over a file that is no earlier report of ours."""
    if target is None or not target.exists():
        return
    if target.is_file():
        with target.open("rb") as file:
            if _OURS[suffix] in file.read(_HEAD_BYTES):
                return
    raise InputError(
        f"write {str(target)!r}",
        got="another file of that name",
        expected="no file there, or an earlier report",
        hint="another name, or move that file away",
    )


def _show(made: "QualityReport", *, err: bool) -> None:
    """Print findings and verdict; a colour only where a person watches."""
    from musictools.audio._card import clock, figures, ranked, span, strength, title, words

    stream = sys.stderr if err else sys.stdout
    # A console of another encoding must not spoil the end.
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    keys = ", ".join(f"{name} {value}" for name, value, _ in figures(made)[:5])
    length = clock(made.provenance["duration_s"])
    typer.echo(f"{title(made)} ({length}): {keys}", err=err)
    for row in ranked(made.findings).to_dict("records"):
        severity = row["severity"]
        value = strength(row["value"], row["unit"])
        place = span(made, row["start_s"], row["end_s"])
        typer.secho(f"  {severity:8}", fg=_COLOURS[severity], nl=False, err=err)
        typer.echo(f"{words(row['kind']):20} {place:20} {value}", err=err)
        typer.echo(f"{'':10}{row['meaning']} {row['remedy']}", err=err)
    typer.echo(made.verdict, err=err)
