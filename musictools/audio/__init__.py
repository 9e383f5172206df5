"""How good is this recording? Decoding, descriptors, and tables of them.

Every function takes a file, a ``Recording``, or samples with their ``sample_rate``.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
