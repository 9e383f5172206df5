from ._half_life import Decay as Decay
from ._half_life import half_life as half_life
