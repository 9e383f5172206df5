"""``musictools gallery``."""

from pathlib import Path
from typing import Annotated

import typer


def gallery(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of notebooks; the shipped ones by default.")
    ] = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the pages go.")] = Path(
        "build/gallery"
    ),
    resume: Annotated[
        bool, typer.Option("--resume", help="Run only what is new or changed.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=2, help="Notebooks at a time.")] = 2,
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds that one cell may take.")
    ] = 600.0,
) -> None:
    """Run every notebook and show the results as web pages."""
    from musictools.lab import _gallery

    made = _gallery.build_gallery(
        folder, out=out, jobs=jobs, timeout_s=timeout_s, resume=resume, tell=typer.echo
    )
    failed = [page.name for page in made.pages if page.error]
    typer.echo(f"{len(made.pages) - len(failed)} of {len(made.pages)} ran: {made.index}")
    raise typer.Exit(1 if failed else 0)
