"""What is installed, for the last cell of a notebook and the first line of a bug report."""

import importlib.metadata
import platform

from musictools._optional import DISTRIBUTION

_SHOWN = (
    DISTRIBUTION,
    "numpy",
    "scipy",
    "pandas",
    "numba",
    "soundfile",
    "soxr",
    "librosa",
    "scikit-learn",
    "statsmodels",
    "duckdb",
    "seaborn",
    "jupyterlab",
    "anywidget",
    # Engines that need not be there, and change what is computed, or what can be.
    "essentia",
    "av",
    "statsforecast",
    "pymc-marketing",
)


def show_versions() -> dict[str, str]:
    """List the versions that a result depends on.

    Returns
    -------
    dict of str to str
        Package name to version, ``"not installed"`` where it is missing; Python and the platform
        come first. Nothing in it tells who or where the reader is.

    Examples
    --------
    >>> import musictools as mt
    >>> list(mt.show_versions())[:3]
    ['python', 'platform', 'musictools-research']
    """
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for name in _SHOWN:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
