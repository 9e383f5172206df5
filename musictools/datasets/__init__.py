"""Data to learn on: a fictional label and recordings made to order, with the truth; cited facts.

What is no small table of cited facts is generated on this machine, without a network; only what may
not be passed on is fetched (``fetch_...``).
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
