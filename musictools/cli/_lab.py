"""``musictools lab``."""

from pathlib import Path
from typing import Annotated

import typer


def lab(
    notebook: Annotated[
        str | None, typer.Argument(help="A file, or the name or number of a shipped notebook.")
    ] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Run the notebook through JupyterLab, then stop.")
    ] = False,
    copy: Annotated[
        Path | None,
        typer.Option("--copy", help="Copy the notebooks here for students, without solutions."),
    ] = None,
    solutions: Annotated[
        bool, typer.Option("--solutions", help="With --copy: add solutions and teacher's notes.")
    ] = False,
    install: Annotated[
        str, typer.Option("--install", help="With --copy: what pip installs first, for Colab.")
    ] = "",
    port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Port; the first free one from 8888 on.")
    ] = None,
    browser: Annotated[
        bool | None,
        typer.Option(
            "--browser/--no-browser", help="Open a browser; by default where there is a screen."
        ),
    ] = None,
    timeout_s: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds for all cells of a --check.")
    ] = 600.0,
) -> None:
    """Open JupyterLab on the first notebook, or on another one."""
    if copy is not None or solutions or install:
        _copy_course(copy, notebook=notebook, solutions=solutions, install=install)
        return
    from musictools.lab import _check, _launch

    if not check:
        raise typer.Exit(_launch.launch(notebook, port=port, browser=browser, tell=typer.echo))
    result = _check.check(notebook, timeout_s=timeout_s, tell=typer.echo)
    if result.error:
        typer.echo(result.error, err=True)
    typer.echo(f"{'passed' if result.passed else 'FAILED'}: {result.notebook.name}")
    raise typer.Exit(0 if result.passed else 1)


def _copy_course(
    folder: Path | None, *, notebook: str | None, solutions: bool, install: str
) -> None:
    from musictools.lab import _course

    if folder is None or notebook is not None:
        message = "--solutions and --install need --copy FOLDER, which copies all notebooks"
        raise typer.BadParameter(message)
    made = _course.copy_notebooks(folder, solutions=solutions, install=install)
    typer.echo(f"{len(made.written)} files in {made.folder} are as shipped")
    for name in made.kept:
        typer.echo(f"kept {name}, which was changed; move it away to get ours", err=True)
