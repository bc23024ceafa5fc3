import os
import shutil

import pytest

from journey_map.build import draw_journey_map
from tests.journey_map.drawn_lake import SCRIPT, SNAPSHOT, fill, make_workspace

CHROMIUM = os.environ.get("DESIRELINES_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, on the path or named by DESIRELINES_CHROMIUM"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    workspace = fill(make_workspace(tmp_path_factory.mktemp("shop")))
    draw_journey_map(workspace, SNAPSHOT)
    return (workspace.project.output_dir / "journey_map.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, address):
    """Open the page with given settings; at the end no error was said and nothing else was asked for."""
    pages, complaints, requests = [], [], []

    def opened(**settings):
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **settings})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("data:")} == {address}


def _background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_stages_conversion_and_abandonment_are_shown(open_page):
    """Each stage stands with its customers and conversion; the worst point stands first."""
    page = open_page()
    assert page.locator("h1").inner_text() == "Corner shop"
    stages = page.locator(".stage").all_inner_texts()
    assert [text.split("\n")[0] for text in stages] == ["1 first", "2 second", "3 third"]
    assert "60 of 103" in stages[0]
    assert "58.3" in stages[0]
    assert "40.0" in page.locator(".point").first.inner_text()
    assert page.locator(".point h3").first.inner_text().split() == ["a", "→", "to", "b"]
    assert page.locator(".funnel.wide").is_visible()
    assert page.locator(".funnel.wide rect.onward").count() == 3


def test_hostile_names_are_only_text(open_page):
    """A touchpoint named like a script is read, not run."""
    page = open_page()
    assert SCRIPT in page.locator("#transitions").inner_text()


def test_the_keyboard_reaches_everything(open_page):
    """Tab comes to the skip link first, then to every section's link, the folded parts and the tables."""
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the map"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(page.url.split("#")[0])
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(e => e.getAttribute('href') || e.id || e.tagName + ' ' + (e.getAttribute('role') || ''))"
                "(document.activeElement)"
            )
        )
        if reached[-1] == "BODY ":
            break
    sections = [
        "stages",
        "steps",
        "abandonment",
        "friction",
        "paths",
        "patterns",
        "transitions",
        "channels",
        "segments",
        "moments",
        "emotion",
        "actions",
        "sources",
        "reading",
    ]
    assert [item for item in reached if item.startswith("#")][1:] == [f"#{name}" for name in sections]
    assert {"filter", "SUMMARY ", "DIV region"} <= set(reached)
    page.locator("#steps summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#steps details").get_attribute("open") is not None
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_dark_mode_has_its_own_colours_and_paper_is_light(open_page):
    """The page follows the reader's colour scheme on screen, and prints dark on white in either."""
    light, dark = open_page(color_scheme="light"), open_page(color_scheme="dark")
    assert _background(light) != _background(dark)
    dark.emulate_media(media="print", color_scheme="dark")
    assert _background(dark) == "rgb(255, 255, 255)"
    assert dark.evaluate("getComputedStyle(document.body).color") == "rgb(31, 37, 31)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(open_page, scheme):
    """Every text colour has a contrast of at least 4.5 to the page's ground."""
    page = open_page(color_scheme=scheme)
    contrasts = page.evaluate(
        """() => {
          const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number)
            .map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
          const ground = light(getComputedStyle(document.body).backgroundColor);
          const found = {};
          for (const e of document.querySelectorAll("h1,h2,p,a,dt,dd,th,td,.interval,.of,.missing,.rank,summary")) {
            if (e.classList.contains("skip")) continue;
            const own = light(getComputedStyle(e).color);
            found[getComputedStyle(e).color] = (Math.max(own, ground) + .05) / (Math.min(own, ground) + .05);
          }
          return found;
        }"""
    )
    assert contrasts
    assert min(contrasts.values()) >= 4.5


def test_a_narrow_screen_needs_no_sideways_scrolling(open_page):
    """On a telephone only the wide tables scroll, within themselves; the funnel has its narrow drawing."""
    page = open_page(viewport={"width": 360, "height": 700})
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".funnel.narrow").is_visible()
    assert not page.locator(".funnel.wide").is_visible()


def test_the_filter_keeps_what_is_asked_for(open_page):
    """Typing leaves the transitions whose touchpoints hold the text, and says how many."""
    page = open_page()
    page.locator("#filter").fill("(end)")
    shown = page.locator("#transition-rows tbody tr:visible").all_inner_texts()
    assert shown
    assert all("(end)" in row for row in shown)
    assert page.locator("#filter-count").inner_text().startswith(f"{len(shown)} of ")


def test_paper_shows_what_is_folded(open_page):
    """Before printing every folded part opens, and closes again after; what was open stays so."""
    page = open_page()
    count = "document.querySelectorAll('details[open]').length"
    opened = page.evaluate(count)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(count) == page.locator("details").count() > 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(count) == opened


def test_it_reads_without_scripts(open_page):
    """Without scripts the numbers are all there and the filter, which would do nothing, is not."""
    page = open_page(java_script_enabled=False)
    assert page.locator(".point").count() == 2
    assert not page.locator("#filter").is_visible()
