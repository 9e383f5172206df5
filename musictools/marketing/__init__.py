"""Whether the promotion worked, how sure that is, and where the next euro should go."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
