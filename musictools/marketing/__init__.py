"""Did the promotion work, how sure is that, and how can it be tested: models and tests."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
