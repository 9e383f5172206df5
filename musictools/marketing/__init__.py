"""What marketing did: impacts beside what would have been, and how sure one can be of them."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
