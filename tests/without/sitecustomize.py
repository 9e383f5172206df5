"""Packages that nothing needs, as if they were not installed: found first on PYTHONPATH."""

import sys

#: What the extras bring, except what opens a notebook; and what only the tests have.
GONE = {
    *("anywidget", "av", "cryptography", "dask", "distributed", "essentia", "ipywidgets"),
    *("keyring", "mirdata", "pymc_marketing", "pyspark", "spotipy", "statsforecast"),
    *("mir_eval", "polars", "pyloudnorm"),
}


class Without:
    """A finder that is asked first."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in GONE:
            message = f"No module named {name!r}"
            raise ModuleNotFoundError(message, name=name)


sys.meta_path.insert(0, Without())
