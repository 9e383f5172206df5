"""Where the money goes: the market's history, and what its rules make of streams and sales."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
