from . import rules as rules
from ._describe import describe_rules as describe_rules
from ._payouts import ImbalanceError as ImbalanceError
from ._payouts import compare as compare
from ._payouts import payouts as payouts
from ._rule import Rule as Rule
