"""event_study(): effects as by hand, what two-way fixed effects get wrong, what is refused."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt
from musictools.errors import InputError, TableError


def staggered(seed=0, units=24, periods=20, effect=None, noise=1.0):
    rng = np.random.default_rng(seed)
    frames = []
    for n in range(units):
        start = [8.0, 12.0, np.nan][n % 3]
        since = np.arange(periods) - start
        lift = np.where(since >= 0, effect(since) if effect else 0.0, 0.0)
        y = 10 * n + rng.normal(0, 1) + np.arange(periods) ** 1.5 / 5
        y = y + noise * rng.normal(0, 1, periods) + lift
        frames.append(pd.DataFrame({"unique_id": f"track {n:02d}", "ds": np.arange(periods),
                                    "y": y, "treated_from": start}))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def test_effects_that_grow_are_found_where_two_way_fixed_effects_fail():
    frame = staggered(effect=lambda since: 2.0 * since, noise=1e-6)
    study = mt.marketing.event_study(frame)
    after = study.path[study.path["event_time"] >= 0]
    assert after["effect"].to_numpy() == pytest.approx(2.0 * after["event_time"], abs=1e-4)
    before = study.path[study.path["event_time"] < 0]
    assert before["effect"].to_numpy() == pytest.approx(0, abs=1e-4)
    # 8 units of cohort 8 over 12 periods, 8 of cohort 12 over 8: (8 x 132 + 8 x 56) / (8 x 20).
    assert study.effect == pytest.approx(9.4, abs=1e-4)
    wide = frame.pivot_table(index="unique_id", columns="ds", values="y")
    on = frame.assign(on=1.0 * (frame["ds"] >= frame["treated_from"]))
    on = on.pivot_table(index="unique_id", columns="ds", values="on")
    y, d = (m.astype(float) - m.mean() for m in (wide, on))
    y, d = (m.sub(m.mean(axis=1), axis=0).to_numpy() for m in (y, d))
    assert (y * d).sum() / (d * d).sum() < 8.8


def test_one_cell_is_what_it_is_by_hand():
    frame = staggered(3)
    wide = frame.pivot_table(index="unique_id", columns="ds", values="y")
    starts = frame.groupby("unique_id")["treated_from"].first()
    for controls, clean in (("not_yet", ~(starts <= 10)), ("never", starts.isna())):
        study = mt.marketing.event_study(frame, controls=controls)
        cell = study.cohorts.query("treated_from == 8 and ds == 10")
        change = wide[10] - wide[7]
        expected = change[starts == 8].mean() - change[clean].mean()
        assert cell["effect"].tolist() == pytest.approx([expected])
        assert cell["control_units"].tolist() == [clean.sum()]


def test_interval_is_near_the_textbook_one_for_one_cohort():
    frame = staggered(4, units=60)
    frame = frame[frame["treated_from"] != 12]
    study = mt.marketing.event_study(frame)
    wide = frame.pivot_table(index="unique_id", columns="ds", values="y")
    change = wide.loc[:, 8:].mean(axis=1) - wide[7]
    treated = frame.groupby("unique_id")["treated_from"].first().notna()
    own, others = change[treated], change[~treated]
    error = np.sqrt((own.var() * (len(own) - 1) + others.var() * (len(others) - 1))
                    / (len(change) - 2) * (1 / len(own) + 1 / len(others)))  # fmt: skip
    assert (study.hi_90 - study.lo_90) / 2 == pytest.approx(1.686 * error, rel=0.1)


def test_bands_are_wider_than_intervals_and_the_base_is_zero():
    path = mt.marketing.event_study(staggered(5)).path
    free = path["event_time"] != -1
    assert (path["band_hi_90"] - path["hi_90"])[free].min() > 0
    assert path.loc[~free, ["effect", "lo_90", "band_hi_90"]].to_numpy() == pytest.approx(0)


def test_going_apart_before_is_seen_and_said():
    frame = staggered(6)
    treated = frame["treated_from"].notna()
    frame.loc[treated, "y"] += 1.0 * frame.loc[treated, "ds"]
    study = mt.marketing.event_study(frame, controls="never")
    assert study.pre_p_value < 0.01
    assert "went apart before" in study.words
    assert mt.marketing.event_study(staggered(6)).pre_p_value > 0.1


def test_anticipation_moves_the_base():
    frame = staggered(noise=1e-6)
    early = frame["ds"] >= frame["treated_from"] - 2
    frame.loc[early, "y"] += 5
    late = mt.marketing.event_study(frame, controls="never")
    assert late.effect == pytest.approx(0, abs=1e-3)
    study = mt.marketing.event_study(frame, anticipation=2)
    assert study.effect == pytest.approx(5, abs=1e-3)
    assert study.path.set_index("event_time").loc[[-3, -2], "effect"].tolist() == pytest.approx(
        [0, 5], abs=1e-3
    )


def test_window_dates_and_series_that_are_left_out():
    frame = staggered(7).assign(ds=lambda f: pd.Timestamp("2025-01-06") + 7 * f["ds"] * pd.Timedelta("1D"))  # noqa: E501  # fmt: skip
    weeks = sorted(frame["ds"].unique())
    frame["treated_from"] = frame["treated_from"].map({8.0: weeks[8], 12.0: weeks[12]})
    frame["treated_from"] = pd.to_datetime(frame["treated_from"])
    frame.loc[frame["unique_id"] == "track 00", "treated_from"] = weeks[0]
    frame = frame[~((frame["unique_id"] == "track 01") & (frame["ds"] == weeks[4]))]
    study = mt.marketing.event_study(frame, window=(-3, 4))
    assert study.path["event_time"].tolist() == list(range(-3, 5))
    assert study.treated_units == 14
    assert "lack periods: 'track 01'" in study.words
    assert "from the first period on: 'track 00'" in study.words
    assert set(study.cohorts["treated_from"]) == {weeks[8], weeks[12]}


@pytest.mark.parametrize(
    ("spoil", "kind", "told"),
    [
        (lambda f: f.drop(columns="treated_from"), TableError, "no column 'treated_from'"),
        (lambda f: pd.concat([f, f.iloc[[0]]]), TableError, "1 row whose series"),
        (lambda f: f.assign(treated_from=np.nan), InputError, "no series that begins"),
        (lambda f: f.assign(treated_from=8.0), InputError, "no untreated series"),
        (lambda f: f.assign(treated_from=f["ds"]), InputError, "two values of treated_from"),
        (lambda f: f.assign(treated_from="spring"), InputError, "treated_from of type"),
        (lambda f: f[f["unique_id"].isin(["track 00", "track 02"])], InputError, "at least 4"),
    ],
)
def test_what_cannot_be_used_is_refused(spoil, kind, told):
    with pytest.raises(kind) as caught:
        mt.marketing.event_study(spoil(staggered()))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "how", [{"controls": "all"}, {"anticipation": -1}, {"anticipation": True}, {"window": (2, 4)}]
)
def test_settings_are_checked(how):
    with pytest.raises(InputError, match=next(iter(how))):
        mt.marketing.event_study(staggered(), **how)
