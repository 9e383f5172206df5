"""musictools: an open toolkit for music-industry research.

* ``mt.audio``: how good is this recording?
* ``mt.marketing``: did the promotion work, how sure are we, where should the next euro go?
* ``mt.economics``: where the money goes, and how the market came here
* ``mt.datasets``: a fictional label to learn on, with the truth behind every number
* ``mt.economics``: who gets paid; ``mt.trends``: how attention comes and goes
* ``mt.plot`` and ``mt.lab``: pictures, and the laboratory that shows them
* ``mt.tables`` and ``mt.errors``: what passes between rooms, and what may go wrong

Importing the package loads none of the heavy libraries below it: every name arrives on first use.
"""

import lazy_loader as _lazy

from musictools._version import __version__ as __version__

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
