"""The command line: one door per thing that is done without a notebook.

Every command imports what it needs when it runs, so that ``--help`` answers at once.
"""

import os
import sys
from typing import Annotated

import typer

from musictools._version import __version__
from musictools.cli._collect import collect
from musictools.cli._doctor import doctor
from musictools.cli._extract import extract
from musictools.cli._gallery import gallery
from musictools.cli._lab import lab
from musictools.cli._report import report
from musictools.errors import MusictoolsError

__all__ = ["app", "main"]

DEBUG_VARIABLE = "MUSICTOOLS_DEBUG"

app = typer.Typer(
    name="musictools",
    help="Research on recordings, promotion and payouts. The laboratory: musictools lab.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# One line per command; the order is that of the help.
app.command()(lab)
app.command()(extract)
app.command()(report)
app.command()(collect)
app.command()(gallery)
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"musictools {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    # Its options stand before the command; the callback of --version does all there is to do.
    pass


def main() -> None:
    """Run the command line and leave with its exit code.

    0 is well, 1 is an error that the message explains, 2 is a command that was typed wrong. With
    ``MUSICTOOLS_DEBUG=1`` an error comes with its traceback.
    """
    try:
        app()
    except MusictoolsError as error:
        if os.environ.get(DEBUG_VARIABLE) == "1":
            raise
        sys.stderr.write(f"musictools: {error}\n")
        sys.exit(1)
