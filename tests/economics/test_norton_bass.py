"""The Norton-Bass model gives back what made the figures, and says what it does not know."""

import numpy as np
import pandas as pd
import pytest

import musictools as mt

YEARS = np.arange(1980, 2020)
P, Q, M, LAUNCH = [0.01] * 3, [0.4] * 3, [1000.0, 500.0, 800.0], [1979.5, 1993.3, 2005.0]
OWN_P, OWN_Q = [0.01, 0.005, 0.02], [0.4, 0.6, 0.3]


def bass(t, p, q):
    """Bass' share, year by year from its differential equation: dF/dt = (p + q F) (1 - F)."""
    steps = 2000
    share = 0.0
    for _ in range(steps):
        h = max(t, 0.0) / steps
        half = share + h / 2 * (p + q * share) * (1 - share)
        share += h * (p + q * half) * (1 - half)
    return share


def market(p, q, m, launch, noise=0.0, rng=None, years=YEARS):
    """Generations by the recursion of the paper, written down without the product's code."""
    shares = [
        np.array([bass(year - at, a, b) for year in years])
        for at, a, b in zip(launch, p, q, strict=True)
    ]
    base, frames = np.zeros(len(years)), []
    for g, share in enumerate(shares):
        base = share * (m[g] + base)
        sales = base * (1 - shares[g + 1]) if g + 1 < len(shares) else base
        if noise:
            sales = sales + rng.normal(0, noise, len(years))
        frames.append(
            pd.DataFrame({"year": years, "format": f"g{g}", "sales": sales})[years > launch[g]]
        )
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def exact():
    return market(P, Q, M, LAUNCH)


def test_shared_curves_are_found_again(exact):
    fit = mt.economics.norton_bass(exact, value="sales")
    found = fit.parameters
    assert found["format"].tolist() == ["g0", "g1", "g2"]
    np.testing.assert_allclose(found.p, P, rtol=1e-3)
    np.testing.assert_allclose(found.q, Q, rtol=1e-4)
    np.testing.assert_allclose(found.m, M, rtol=1e-4)
    np.testing.assert_allclose(found.launch, LAUNCH, atol=0.01)
    assert fit.r_squared > 1 - 1e-8
    assert not fit.notes


def test_curves_of_their_own_are_found_again():
    fit = mt.economics.norton_bass(market(OWN_P, OWN_Q, M, LAUNCH), value="sales", shared=False)
    np.testing.assert_allclose(fit.parameters.p, OWN_P, rtol=5e-3)
    np.testing.assert_allclose(fit.parameters.q, OWN_Q, rtol=1e-3)
    np.testing.assert_allclose(fit.parameters.m, M, rtol=1e-3)
    np.testing.assert_allclose(fit.parameters.launch, LAUNCH, atol=0.05)


def test_launches_that_are_known_are_kept_and_order_may_be_given(exact):
    mixed = exact.sample(frac=1, random_state=3)
    fit = mt.economics.norton_bass(
        mixed, value="sales", formats=["g0", "g1", "g2"],
        launches=dict(zip(["g0", "g1", "g2"], LAUNCH, strict=True)),
    )  # fmt: skip
    assert fit.parameters.launch.tolist() == LAUNCH
    assert fit.parameters.launch_lo_90.isna().all()
    np.testing.assert_allclose(fit.parameters.p, P, rtol=1e-4)


def test_intervals_hold_as_often_as_they_say():
    rng = np.random.default_rng(11)
    truth = np.array(P[:1] + Q[:1] + M + LAUNCH)
    hits = []
    for _ in range(15):
        fit = mt.economics.norton_bass(market(P, Q, M, LAUNCH, noise=12, rng=rng), value="sales")
        t = fit.parameters
        low = np.concatenate([[t.p_lo_90[0], t.q_lo_90[0]], t.m_lo_90, t.launch_lo_90])
        high = np.concatenate([[t.p_hi_90[0], t.q_hi_90[0]], t.m_hi_90, t.launch_hi_90])
        hits.append((low < truth) & (truth < high))
    assert 0.82 <= np.mean(hits) <= 0.99


def test_what_is_ahead_is_the_same_curve():
    whole = market(P, Q, M, LAUNCH, years=np.arange(1980, 2030))
    known = whole[whole.year < 2020]
    ahead = mt.economics.norton_bass(known, value="sales", horizon=10, level=80).curves
    assert {"lo_80", "hi_80"} <= set(ahead)
    later = ahead[ahead.ahead].merge(whole, on=["year", "format"])
    assert len(later) == 30
    np.testing.assert_allclose(later.fitted, later.sales, rtol=2e-3, atol=0.05)
    assert later.observed.isna().all()


def test_the_same_seed_gives_the_same_fit_whatever_the_order_of_rows(exact):
    rough = market(P, Q, M, LAUNCH, noise=20, rng=np.random.default_rng(2))
    one = mt.economics.norton_bass(rough, value="sales", rng=4)
    two = mt.economics.norton_bass(rough.iloc[::-1], value="sales", rng=4)
    np.testing.assert_allclose(one.parameters.m, two.parameters.m, rtol=1e-4)
    pd.testing.assert_frame_equal(
        one.parameters, mt.economics.norton_bass(rough, value="sales", rng=4).parameters
    )


def test_formats_of_the_united_states(shared):
    path = shared / "data" / "economics" / "industry" / "riaa_us_by_format_1973_2019.csv"
    if not path.is_file():
        pytest.skip("no copy of the RIAA's table")
    riaa = mt.economics.read_riaa(path)
    old = {"LP/EP", "8 - Track", "Cassette", "Other Tapes", "Vinyl Single", "Cassette Single"}
    kind = riaa.family.where(riaa.family.isin({"download", "streaming"}))
    kind = kind.mask(riaa.format.isin({"CD", "CD Single"}), "CD")
    riaa["format"] = kind.mask(riaa.format.isin(old), "records and tapes")
    frame = riaa.dropna(subset=["format"]).groupby(["year", "format"], as_index=False)
    frame = frame[["revenue_usd_m"]].sum()
    fit = mt.economics.norton_bass(frame, shared=False)
    found = fit.parameters.set_index("format")
    assert list(found.index) == ["records and tapes", "CD", "download", "streaming"]
    assert fit.r_squared > 0.98
    # Discs were first sold in the United States in 1983, by the earliest count late in 1982.
    assert found.launch["CD"] == pytest.approx(1983, abs=1)
    assert found.launch_lo_90["CD"] < 1983 < found.launch_hi_90["CD"]
    # Downloads brought in less than the discs that they took over, and the fit says so.
    assert found.m_hi_90["download"] < 0
    assert any("m of download" in note for note in fit.notes)
    assert fit.autocorrelation > 0.3
    assert any("swing" in note for note in fit.notes)


def bad(**changes):
    frame = market(P, Q, M, LAUNCH)
    return frame.assign(**changes)


@pytest.mark.parametrize(
    ("frame", "given", "says"),
    [
        (bad(), {"value": "sals"}, "'sales'|sals"),
        (bad(), {"formats": ["g0", "g9"]}, "g9"),
        (bad(), {"launches": {"g1": 2000.0}}, "after its first figure"),
        (bad(), {"launches": {"g2": 2000.0}, "formats": ["g0", "g1"]}, "launches"),
        (bad(), {"launches": {"g1": "1993"}}, "g1: '1993'"),
        (bad(), {"level": 100}, "level"),
        (bad(), {"level": "90"}, "level"),
        (bad(), {"horizon": 2.5}, "horizon"),
        (bad(), {"horizon": -1}, "horizon"),
        (bad(region=["US", "world"] * 40), {}, "2 regions"),
        (pd.concat([bad(), bad()]), {}, "several figures"),
        (bad().head(5), {}, "figures: 5"),
        (bad(sales=np.inf), {}, "not finite"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(frame, given, says):
    with pytest.raises(mt.errors.InputError, match=says):
        mt.economics.norton_bass(frame, **{"value": "sales"} | given)


def test_retail_and_wholesale_are_not_fitted_together():
    us = mt.datasets.load_market().query("region == 'US'")
    with pytest.raises(mt.errors.InputError, match="at retail and at wholesale"):
        mt.economics.norton_bass(us)
