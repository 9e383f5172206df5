"""Platforms asked politely: rows, raw answers, numbers over time, and their terms.

Importing this wing loads nothing heavy; each name is loaded when it is used.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
