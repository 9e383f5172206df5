"""``musictools doctor``."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from musictools._version import __version__

if TYPE_CHECKING:
    from musictools.cli._probe import Finding

_STYLES = {"ok": "green", "absent": "yellow", "broken": "bold red"}


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what is installed and set, and the remedy for what is not."""
    from musictools.cli import _probe

    found = _probe.examine()
    healthy = all(line.state != "broken" for line in found)
    if as_json:
        report = {
            "musictools": __version__,
            "healthy": healthy,
            "lines": [asdict(line) for line in found],
        }
        typer.echo(json.dumps(report, indent=1))
    else:
        _show(found)
        typer.echo("healthy" if healthy else "something essential is broken, see above")
    raise typer.Exit(0 if healthy else 1)


def _show(found: "list[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, pad_edge=False, show_header=True)
    for column in ("", "what", "state", "found"):
        table.add_column(column, overflow="fold", no_wrap=column in ("", "state"))
    section = ""
    for line in found:
        # Text, not markup: a folder may be called [bold].
        told = line.detail if line.state == "ok" else f"{line.detail}; try: {line.remedy}"
        row = ("" if line.section == section else line.section, line.name, line.state, told)
        style = _STYLES[line.state]
        table.add_row(*(Text(cell, style=style if cell is line.state else "") for cell in row))
        section = line.section
    console.print(table)
