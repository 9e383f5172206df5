"""Pictures: data first, ``ax=None``, and the Axes back.

Nothing is styled by importing this; draw inside ``with mt.plot.style():`` for the house style.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
