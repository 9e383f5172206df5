"""Who gets paid: splits, deals and recoupment, catalogues and what they are worth.

Money that is accounted is exact: decimals in, whole cents out, and parts that sum to the whole.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
