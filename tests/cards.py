"""One of each object that has a card: by the example of the function that makes it, or by hand."""

import contextlib
import doctest
import functools
import importlib
import inspect
import io
import pkgutil

import numpy as np
import pandas as pd

import musictools as mt
from musictools._card import Card, ModelCard
from musictools._result import Result
from musictools.audio._ai_report import AIReport
from musictools.audio._estimate import Estimate
from musictools.marketing._media_pymc import PyMCMix

#: What only others are made of.
BASES = {Result, ModelCard, Estimate}


def kinds():
    """Every class with a card, wherever it stands."""
    for module in pkgutil.walk_packages(mt.__path__, "musictools."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, left = set(), [Card]
    while left:
        below = left.pop().__subclasses__()
        # What tests make of a card, to try it, is nobody's result.
        found |= {kind for kind in below if kind.__module__.startswith("musictools.")}
        left += below
    # A generic class that is filled in has itself as a base, and is no class of its own.
    return sorted(found - BASES, key=lambda kind: kind.__name__)


@functools.cache
def ran(name):
    """What the example of a public function leaves."""
    function = functools.reduce(getattr, name.split("."), mt)
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(function), {}, name, None, 0)
    left = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for example in test.examples:
            if doctest.SKIP not in example.options:
                exec(compile(example.source, name, "single"), left)  # noqa: S102 - ours
    return left


@functools.cache
def song(seconds=4):
    """A beat on a chord."""
    time = np.arange(22_050 * seconds) / 22_050
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in (220, 277.2, 329.6)) / 6
    beat = np.exp(-((time % 0.5) * 30)) * np.random.default_rng(0).normal(0, 0.5, len(time))
    return mt.audio.from_samples(np.stack([chord + beat, chord - 0.3 * beat]), 22_050)


@functools.cache
def campaign():
    return mt.datasets.simulate_campaign(60, channels=["tv", "radio"], events=(), rng=1)


@functools.cache
def mix():
    made = campaign()
    return mt.marketing.MediaMix(method="ridge", rng=0).fit(made.spend, made.y)


@functools.cache
def hits():
    return mt.datasets.simulate_hits(400, artists=80, rng=1)


@functools.cache
def hit_model():
    made = hits()
    few = made.features[["recording_id", *made.features.columns[1:4]]]
    return mt.trends.HitModel(blocks=2, groups=2, rng=1).fit(few, made.songs)


def plays():
    return pd.DataFrame({"user_id": list("abab"), "artist_id": list("xyyz"), "plays": [9, 3, 4, 2]})


def artist_card():
    columns = mt.collect._artist._PROFILE
    profile = pd.DataFrame([dict.fromkeys(columns, "somebody")])
    profile[["followers", "listeners", "plays"]] = [1200, 80, 99_000]
    tables = {"profile": profile, "releases": pd.DataFrame({"title": ["one"]})}
    card = mt.collect.ArtistCard
    return card(name="Ana", state="matched", mbid=None, tables=tables, plans=(), problems=("Late",))


def ai_report():
    rows = [("g", "as_is", 0.9, 0.8, 0.7, 0.1, 0.85, 0.95), ("g", "mp3", *[0.6] * 6)]
    names = ["generator", "condition", "auc", "caught", "caught_unseen", "false_alarms"]
    names += ["auc_lo", "auc_hi"]
    scores = pd.DataFrame(rows, columns=names)
    return AIReport(
        scores=scores, shortcuts=pd.DataFrame({"words": ["rates differ"]}),
        verdict="fragile", sentences=("It held in part.",), threshold=0.5, human=9, generated=8,
        generators=1, failed=(),
    )  # fmt: skip


def statement():
    cash = pd.DataFrame({"period": [1, 2], "revenue": [90_000, 10_000], "costs": [20_000, 0]})
    return mt.economics.statement(mt.economics.royalty_deal("0.20", advance=9_000), cash)


def cox():
    made = mt.datasets.simulate_chart(weeks=60, size=30, rng=1)
    songs = mt.trends.chart_runs(made.chart).merge(made.songs[["song", "playlisted"]])
    return mt.trends.cox(songs[songs["seen"]], ["playlisted"])


def hawkes():
    promoted = np.zeros(40)
    promoted[[5, 20]] = 1, 3
    y = 5 + 100 * promoted + 40 * np.roll(promoted, 1) + 16 * np.roll(promoted, 2)
    frame = pd.DataFrame({"unique_id": "a", "ds": np.arange(40), "y": y, "posts": promoted})
    return mt.trends.hawkes(frame, promotion="posts", rng=0)


def inverted_u():
    x = np.linspace(0, 1, 200)
    noise = np.random.default_rng(0).normal(0, 0.1, 200)
    return mt.trends.inverted_u(x, -((x - 0.5) ** 2) * 4 + noise)


def funnel():
    days = pd.date_range("2025-01-01", periods=4)
    counts = {"streams": [300, 330, 280, 310], "listeners": [150, 160, 140, 150]}
    return mt.marketing.funnel(pd.DataFrame({"ds": days, **counts, "saves": [15, 14, 15, 16]}))


def market_forecast():
    size = {"format": "all", "revenue_usd_m": np.linspace(10, 30, 30) ** 1.1}
    return mt.economics.market_forecast(pd.DataFrame({"year": range(1990, 2020), **size}), 3)


def pymc_mix():
    table = mix().roas()
    weekly = mix().contributions()
    return PyMCMix(
        r_hat=1.0, divergences=0, seconds=2.0, verdict="Its chains agree.", _table=table,
        _weekly=weekly,
    )  # fmt: skip


#: How what no example leaves under a name is made.
BY_HAND = {
    "AIDetector": mt.audio.AIDetector,
    "AIReport": ai_report,
    "AlbumReport": lambda: mt.audio.album([song(), song()]),
    "Allocation": lambda: mix().allocate(10_000),
    "ArtistCard": artist_card,
    "AttackProfit": lambda: mt.economics.attack_profit(
        plays(), plays(), ["pro_rata"], targets=["x"]
    ),
    "Comparison": lambda: mt.audio.quality(song(), reference=song()).reference,
    "FeatureEstimates": lambda: mt.audio.estimate(song()),
    "Funnel": funnel,
    "HawkesResponse": hawkes,
    "Hazards": cox,
    "HitEffect": lambda: hit_model().effect(hits().features.columns[1], draws=5, points=5),
    "HitModel": hit_model,
    "HitReport": lambda: hit_model().report_,
    "InvertedU": inverted_u,
    "Key": lambda: mt.audio.key(song()),
    "Label": mt.datasets.load_label,
    "Loudness": lambda: mt.audio.loudness(song()),
    "MarketForecast": market_forecast,
    "MasterComparison": lambda: mt.audio.compare_masters(song(), song()),
    "MediaMix": mix,
    "MixCheck": lambda: mix().check(simulations=4),
    "PyMCMix": pymc_mix,
    "ReferenceProfile": lambda: mt.audio.reference_profile([song()]),
    "SimulatedCampaign": campaign,
    "SimulatedHits": hits,
    "SimulatedPlays": lambda: mt.datasets.simulate_plays(2_000, rng=1),
    "SimulatedStreams": lambda: mt.datasets.simulate_streams(7, weeks=40, rng=1),
    "Statement": statement,
    "Tempo": lambda: mt.audio.tempo(song()),
    "Upsampling": lambda: mt.audio.upsampling(song()),
}
#: The function whose example leaves one.
BY_EXAMPLE = {
    "AirplayResponse": "marketing.airplay_response",
    "Backtest": "trends.backtest",
    "Breakouts": "trends.breakouts",
    "Calibrator": "audio.fit_calibrator",
    "Cannibalisation": "marketing.cannibalisation",
    "Change": "collect.explain_change",
    "Decay": "trends.half_life",
    "Diffusion": "trends.gompertz",
    "Elasticity": "economics.price_elasticity",
    "EventStudy": "marketing.event_study",
    "FarmProfit": "economics.farm_profit",
    "Forecast": "trends.forecast",
    "FormatSuccession": "economics.norton_bass",
    "GeoTest": "marketing.geo_test",
    "GuessedMapping": "collect.guess_mapping",
    "Halo": "marketing.halo",
    "Impact": "marketing.impact",
    "Imported": "collect.read",
    "LastFm2k": "datasets.fetch_lastfm_2k",
    "MatchedMarkets": "marketing.matched_markets",
    "Mechanical": "economics.mechanical_royalty",
    "PlaylistLift": "marketing.playlist_lift",
    "PostLift": "marketing.post_lift",
    "Power": "marketing.power",
    "QualityReport": "audio.quality",
    "Reconciliation": "collect.reconcile",
    "Resolution": "collect.resolve",
    "RuleComparison": "economics.explain_payouts",
    "SampleSize": "marketing.sample_size",
    "Scenarios": "economics.scenario_tree",
    "SimulatedChart": "trends.cox",
    "SimulatedPanel": "marketing.sync_lift",
    "SoundEvolution": "trends.sound_evolution",
    "Spillover": "marketing.spillover",
    "Split": "economics.split_income",
    "Survival": "trends.survival",
    "Switchback": "marketing.switchback",
    "SwitchbackEffect": "marketing.switchback",
    "SyncLift": "marketing.sync_lift",
    "Tornado": "economics.tornado",
    "TourEffect": "marketing.tour_effect",
    "Typicality": "trends.typicality",
    "Valuation": "economics.value_catalogue",
}


@functools.cache
def one(kind):
    """Make one of a class; a class that nobody thought of has none."""
    if kind.__name__ in BY_HAND:
        return BY_HAND[kind.__name__]()
    assert kind.__name__ in BY_EXAMPLE, f"{kind.__name__} has a card, and nothing here makes one"
    found = [v for v in ran(BY_EXAMPLE[kind.__name__]).values() if type(v) is kind]
    assert found, f"the example of {BY_EXAMPLE[kind.__name__]} leaves no {kind.__name__}"
    return found[-1]
