"""Data to learn on: a fictional label, and recordings made to order, both with the truth.

Everything is generated on this machine; nothing here needs the network.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
