"""``musictools lab``."""

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
    from musictools.lab import _check, _launch

    if not check:
        raise typer.Exit(_launch.launch(notebook, port=port, browser=browser, tell=typer.echo))
    result = _check.check(notebook, timeout_s=timeout_s, tell=typer.echo)
    if result.error:
        typer.echo(result.error, err=True)
    typer.echo(f"{'passed' if result.passed else 'FAILED'}: {result.notebook.name}")
    raise typer.Exit(0 if result.passed else 1)
