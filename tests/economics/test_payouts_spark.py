"""The same payouts on a local cluster of Spark; where it is not installed, that is said."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.economics import rules
from musictools.errors import TableError
from tests.economics.frames import counted, events
from tests.economics.test_payouts import EVERY, GOLDEN, RULES, random_plays

pytest.importorskip("pyspark", reason="no pyspark (extra cluster): nothing is run on Spark")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("java"), reason="no Java: Spark cannot start"),
    # Of pyspark and pandas about each other.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
    }
    building = SparkSession.builder.master("local[2]").appName("musictools tests")
    for name, value in settings.items():
        building = building.config(name, value)
    session = building.getOrCreate()
    yield session
    session.stop()


def test_golden_cases(spark):
    """All five at once, each a pool of its own, so that Spark need not start so many jobs."""
    for form in (events, counted):
        tables = [
            pd.DataFrame(form(matrix)).assign(case=case) for case, (matrix, _) in GOLDEN.items()
        ]
        for name in ("user_id", "artist_id"):
            for table in tables:
                table[name] = table["case"] + table[name]
        plays = spark.createDataFrame(pd.concat(tables))
        found = mt.economics.compare(plays, [rules.by_pool("case", rule) for rule in RULES])
        assert type(found) is type(plays)
        # What was computed is held: nothing is read from plays again.
        assert "Join" not in found._jdf.queryExecution().optimizedPlan().toString()
        table = found.toPandas().set_index("artist_id")
        for case, (_, expected) in GOLDEN.items():
            for rule, payouts in zip(RULES, expected, strict=True):
                for i, exact in enumerate(payouts):
                    got = table.loc[f"{case}a{i}", f"{rule.name}_by_case"]
                    assert got == pytest.approx(float(exact), rel=1e-12)


def test_random_plays(spark):
    plays = pd.DataFrame(random_plays(10_000, np.random.default_rng(8)))
    users = sorted(set(plays["user_id"]))
    fee = pd.DataFrame({"user_id": users, "fee": np.arange(len(users)) % 3 * 4.99})
    silent = pd.DataFrame({"user_id": ["silent"], "fee": [9.99]})
    chosen = [rule for rule in EVERY if rule.pools is None]
    right = mt.economics.compare(plays, chosen, fee=pd.concat([fee, silent]))
    given = spark.createDataFrame(pd.concat([fee, silent]))
    found = mt.economics.compare(spark.createDataFrame(plays), chosen, fee=given).toPandas()
    assert found["artist_id"].to_list() == right["artist_id"].to_list()
    for rule in chosen:
        np.testing.assert_allclose(found[rule.name], right[rule.name], rtol=1e-12, atol=1e-15)
    pools = rules.by_pool("country", rules.user_centric())
    right = mt.economics.payouts(plays, pools, fee=fee)
    found = mt.economics.payouts(spark.createDataFrame(plays), pools, fee=fee).toPandas()
    np.testing.assert_allclose(found["payout"], right["payout"], rtol=1e-12)


def test_plays_that_cannot_be(spark):
    plays = spark.createDataFrame([("u", "x"), (None, "y")], "user_id string, artist_id string")
    with pytest.raises(TableError, match="1 play without user_id"):
        mt.economics.payouts(plays, "pro_rata")
    with pytest.raises(TableError, match="a column 'seconds'"):
        mt.economics.payouts(plays, "fan_powered")
    plays = spark.createDataFrame([("u", "x", -1)], "user_id string, artist_id string, plays int")
    with pytest.raises(TableError, match="'plays' that are missing, infinite or below zero"):
        mt.economics.payouts(plays, "pro_rata")
