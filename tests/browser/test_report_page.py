"""A reader opens a quality report in a real browser, without a network."""

import pytest
import soundfile as sf

pytest.importorskip("playwright", reason="no playwright: no browser is driven")

from playwright import sync_api

import musictools as mt
from musictools.audio import _quality
from tests.audio.test_quality import ERRORS, Planted, noise
from tests.browser.test_jupyterlab import FLAGS
from tests.plot.test_report import PLAYBACK


@pytest.fixture
def report(tmp_path, monkeypatch):
    """A page with findings, of a file with a name that wants to be markup."""
    monkeypatch.setattr(_quality, "DETECTORS", (Planted(*ERRORS),))
    monkeypatch.setattr(_quality, "playback", lambda tracks: PLAYBACK)
    path = tmp_path / "<img src=x onerror=alert(1)>.flac"
    sf.write(path, noise(20.0).samples.T, 44_100)
    return mt.audio.quality(path).to_html(tmp_path / "report.html")


@pytest.fixture(params=["light", "dark"])
def page(request, chromium, tmp_path):
    with sync_api.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        context = browser.new_context(color_scheme=request.param, offline=True)
        page = context.new_page()
        page.outside, page.complaints = [], []
        page.on("request", lambda one: page.outside.append(one.url))
        page.on("requestfailed", lambda one: page.complaints.append(one.url[:80]))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda one: one.type in {"error", "warning"} and page.complaints.append(one.text),
        )
        yield page
        browser.close()


def test_the_page_opens_without_a_network(report, page):
    page.goto(report.as_uri())
    page.wait_for_function(
        "[...document.querySelectorAll('audio')].every(a => a.readyState > 0 || a.error)"
    )
    assert page.evaluate("[...document.images].map(i => i.complete && i.naturalWidth)")
    widths = page.evaluate("[...document.images].map(i => i.naturalWidth)")
    assert len(widths) == 6
    assert min(widths) > 400
    players = page.evaluate(
        "[...document.querySelectorAll('audio')].map(a => [!a.error, a.duration, a.ariaLabel])"
    )
    assert len(players) == 3
    for loads, duration_s, label in players:
        assert loads
        assert 0.5 < duration_s < 5.3
        assert label.startswith("Clip ")
    assert page.locator("h1").inner_text() == "<img src=x onerror=alert(1)>.flac"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scroll"
    assert [url for url in page.outside if not url.startswith(("file:", "data:"))] == []
    assert page.complaints == []
