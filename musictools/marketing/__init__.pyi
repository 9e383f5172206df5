from ._geo_test import GeoTest as GeoTest
from ._geo_test import geo_test as geo_test
from ._matched_markets import MatchedMarkets as MatchedMarkets
from ._matched_markets import matched_markets as matched_markets
from ._power import Power as Power
from ._power import power as power
from ._sample_size import SampleSize as SampleSize
from ._sample_size import sample_size as sample_size
