"""Who gets paid, is it fair, and what is a catalogue worth: payout rules and what follows."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
