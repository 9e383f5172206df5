from ._half_life import Decay as Decay
from ._half_life import half_life as half_life
from ._hit_effects import HitEffect as HitEffect
from ._hit_report import HitReport as HitReport
from ._hits import HitModel as HitModel
