from . import rules as rules
from ._payouts import ImbalanceError as ImbalanceError
from ._payouts import compare as compare
from ._payouts import payouts as payouts
from ._rule import Rule as Rule
from ._suspicion import suspicion as suspicion
from ._suspicion import suspicious_artists as suspicious_artists
