"""How attention comes and goes over time; of use to every other wing.

Series are long frames: ``unique_id``, ``ds`` (a date, a time or a step number) and ``y``.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
