"""The laboratory: JupyterLab on the notebooks, a check that it works, and the gallery."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
