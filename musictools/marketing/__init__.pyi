from ._event_study import EventStudy as EventStudy
from ._event_study import event_study as event_study
from ._impact import Impact as Impact
from ._impact import impact as impact
