"""A listener works with the track explorer by mouse, by keys and from Python, without a network."""

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="no anywidget: the explorer is a picture only")
pytest.importorskip("playwright", reason="no playwright: no browser is driven")

from playwright import sync_api

import musictools as mt
from tests.browser.test_jupyterlab import FLAGS, keep
from tests.browser.widget_page import explorer_page, knobs_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "<script>document.title = 'owned'</script> Midnight Ferry"
# Notes what goes to the loudspeakers, as levels of 2048 samples.
EAR = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to === this.context.destination) {
    window.ears = window.ears ?? [];
    const ear = this.context.createAnalyser();
    connect.call(this, ear);
    window.ears.push(ear);
  }
  return connect.call(this, to, ...more);
};
window.levels = () => window.ears.map((ear) => {
  const heard = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(heard);
  return Math.hypot(...heard) / Math.sqrt(heard.length);
});
"""


@pytest.fixture(scope="module")
def explorer():
    song = mt.datasets.simulate_recording(duration_s=20, rng=1, faults=["clipping"]).recording
    other = mt.audio.from_samples(song.samples * 0.3, song.sample_rate)
    return mt.lab.explore(song, other, title=TITLE, names=("First", "Second"))


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_api.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser):
    """Open a page of the given size; it notes what it asks for and complains about."""
    contexts = []

    def open_page(content, *, width=1000, height=900, dark=False):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.outside, page.complaints = [], []
        page.on("request", lambda one: page.outside.append(one.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda one: page.complaints.append(one.text))
        page.add_init_script(EAR)
        page.goto("about:blank")
        page.set_content(content)
        page.wait_for_function("window.ready")
        page.wait_for_timeout(300)
        return page

    yield open_page
    for context in contexts:
        context.close()


def quiet(page):
    assert [url for url in page.outside if not url.startswith(("data:", "blob:", "about:"))] == []
    assert page.complaints == []


def trait(page, name):
    return page.evaluate(f"model.get('{name}')")


def drawn(page):
    """Colours on the canvas, so that an empty one is told from a picture."""
    return page.evaluate(
        """() => { const c = document.querySelector('.mt-stage canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = new Set();
        for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
        return seen.size; }"""
    )


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_is_drawn_in_any_theme_and_width(opened, explorer, width, dark):
    page = opened(explorer_page(explorer, dark=dark), width=width, dark=dark)
    assert drawn(page) > 200
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".mt-title").inner_text() == TITLE
    assert page.title() == "Explorer", "a title is no script"
    ink, back = page.evaluate(
        """() => { const s = getComputedStyle(document.querySelector('.mt-explorer'));
        const light = (c) => c.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 765;
        return [light(s.color), light(s.backgroundColor)]; }"""
    )
    assert (max(ink, back), min(ink, back)) == ((ink, back) if dark else (back, ink))
    assert abs(ink - back) > 0.7
    keep(page, f"explorer-{'dark' if dark else 'light'}-{width}")
    quiet(page)


def test_keys_do_what_they_say(opened, explorer):
    page = opened(explorer_page(explorer))
    page.keyboard.press("Tab")
    for _ in range(12):
        if page.evaluate("document.activeElement.getAttribute('role')") == "slider":
            break
        page.keyboard.press("Tab")
    stage = page.locator(".mt-stage")
    assert stage.evaluate("e => e === document.activeElement"), "reached by Tab alone"
    assert stage.evaluate("e => getComputedStyle(e).outlineStyle") == "solid", "focus is seen"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert trait(page, "position_s") == 6
    page.keyboard.press("ArrowLeft")
    assert trait(page, "position_s") == 5
    assert stage.get_attribute("aria-valuenow") == "5.00"
    assert stage.get_attribute("aria-valuetext").startswith("0:05.0 of 0:19")
    page.keyboard.press("[")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("]")
    assert trait(page, "selection_s") == [5, 6]
    page.keyboard.press("+")
    wide = trait(page, "window_s")
    assert wide[1] - wide[0] == pytest.approx(explorer.duration_s / 2)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert trait(page, "window_s") == pytest.approx([0, explorer.duration_s])
    page.keyboard.press("b")
    assert trait(page, "heard") == 1
    pressed = page.get_by_role("button", name="Second").get_attribute("aria-pressed")
    assert pressed == "true"
    page.keyboard.press("x")
    assert trait(page, "heard") == 0
    page.keyboard.press("Escape")
    assert trait(page, "selection_s") == []
    page.keyboard.press("End")
    assert trait(page, "position_s") == pytest.approx(explorer.duration_s)
    page.keyboard.press("Home")
    assert trait(page, "position_s") == 0
    quiet(page)


def test_mouse_seeks_selects_and_switches_layers(opened, explorer):
    page = opened(explorer_page(explorer))
    box = page.locator(".mt-stage").bounding_box()
    left, wide = 56, box["width"] - 66
    page.mouse.click(box["x"] + left + wide / 2, box["y"] + 60)
    assert trait(page, "position_s") == pytest.approx(explorer.duration_s / 2, abs=0.05)
    page.mouse.move(box["x"] + left + wide / 4, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + left + wide * 3 / 4, box["y"] + 60, steps=5)
    page.mouse.up()
    quarter = explorer.duration_s / 4
    assert trait(page, "selection_s") == pytest.approx([quarter, 3 * quarter], abs=0.05)
    tall = page.locator(".mt-stage").bounding_box()["height"]
    page.get_by_role("checkbox", name="Spectrogram").uncheck()
    page.wait_for_timeout(200)
    assert "spectrogram" not in trait(page, "layers")
    assert page.locator(".mt-stage").bounding_box()["height"] < tall - 100
    page.evaluate("model.set('layers', ['chords'])")
    assert page.get_by_role("checkbox", name="Chords").is_checked()
    assert not page.get_by_role("checkbox", name="Loudness").is_checked()
    page.locator("summary", has_text="finding").click()
    page.get_by_role("button", name="Go to").first.click()
    assert trait(page, "position_s") == pytest.approx(explorer._view.findings[0]["start_s"])
    quiet(page)


def test_it_plays_and_switches_masters_at_the_same_place(opened, explorer):
    page = opened(explorer_page(explorer))
    assert page.evaluate("model.sent.length") == 0, "no sound before it is wanted"
    page.locator(".mt-stage").focus()
    page.wait_for_function("document.querySelector('.mt-explorer').dataset.sound === 'ready'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_function("model.get('playing') && model.get('position_s') > 1.5")
    page.wait_for_function("levels()[0] > 0.005")
    assert page.evaluate("levels().length") == 2
    # The other one is silent until it is chosen, and then the first one is.
    assert page.evaluate("levels()[1]") < 1e-3
    before = page.evaluate("+document.querySelector('.mt-explorer').dataset.position")
    page.keyboard.press("b")
    page.wait_for_function("levels()[1] > 0.005 && levels()[0] < 1e-3")
    after = page.evaluate("+document.querySelector('.mt-explorer').dataset.position")
    assert before <= after < before + 20
    page.keyboard.press("Space")
    page.wait_for_function("!model.get('playing')")
    # The browser says a moment later where the sound stood still; a place that goes on ends here.
    page.wait_for_function(
        "{ const t = model.get('position_s'); const still = t === window.lastPlace;"
        " window.lastPlace = t; still }",
        polling=300,
    )
    stopped = trait(page, "position_s")
    page.wait_for_timeout(400)
    assert trait(page, "position_s") == stopped
    page.evaluate("leave()")
    assert page.evaluate("model.ears()") == 0, "nothing is left behind"
    quiet(page)


def test_a_selection_is_looped(opened, explorer):
    page = opened(explorer_page(explorer))
    page.evaluate("model.set('selection_s', [2, 2.6])")
    page.evaluate(
        "model.set('loop', true); model.set('position_s', 2.0); model.set('playing', true)"
    )
    page.wait_for_function("model.get('position_s') > 2.1")
    places = []
    for _ in range(20):
        page.wait_for_timeout(100)
        places.append(page.evaluate("+document.querySelector('.mt-explorer').dataset.position"))
    assert min(places) > 1.9
    assert max(places) < 3.2
    assert np.any(np.diff(places) < 0), "it went back"
    quiet(page)


@pytest.mark.parametrize("name", ["payouts", "adstock", "budget", "releases"])
def test_knobs_are_drawn_and_turn(opened, name):
    knobs = getattr(mt.lab, f"explore_{name}")()
    for dark, width in ((False, 900), (True, 360)):
        page = opened(knobs_page(knobs, dark=dark), width=width, height=500, dark=dark)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.get_by_role("img").get_attribute("aria-label") == knobs.words
        knob = knobs.lesson.knobs[-1]
        slider = page.locator(f"[data-knob={knob.name}]")
        slider.focus()
        page.keyboard.press("End")
        assert trait(page, "values")[knob.name] == knob.high
        keep(page, f"knobs-{name}-{'dark' if dark else 'light'}")
        quiet(page)
