"""One door for every package that is not always there."""

import importlib
from types import ModuleType

from musictools.errors import MissingExtraError

DISTRIBUTION = "musictools-research"


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say how to install it.

    Parameters
    ----------
    module : str
        Import name.
    extra : str
        The extra of the distribution that brings it.
    purpose : str
        What it is wanted for, in the error's words.

    Returns
    -------
    module
        The imported package.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            purpose,
            got=f"no usable package {module!r} ({error})",
            expected=f"the extra {extra!r}",
            hint=install_hint(extra),
        ) from error


def install_hint(extra: str) -> str:
    """Give the command that installs an extra, for pip and uv."""
    target = f'"{DISTRIBUTION}[{extra}]"'
    return f"pip install {target}   (or: uv pip install {target})"
