"""Did the promotion work, how sure are we, and where should the next euro go?"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
