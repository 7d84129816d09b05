"""axe-core on the citizen's screens: every kind of screen, in each language, text size and contrast.

On a phone all looks of a screen are tried; at a kiosk, upright and lying, three of the six looks of each
language, turning from screen to screen so that every look meets every kind of screen; in pictures, the screens that
have some.
"""

import itertools
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.axe import has_sideways_scroll
from tests.sites import CODE

PHONE, PORTRAIT, LANDSCAPE = (360, 640), (800, 1280), (1280, 800)
LOOKS = list(itertools.product((1, 2, 3), (False, True)))
SHOWN = "[data-screen]:not([hidden])"
STATES = ("thanks", "busy", "unsaved", "conflict", "invalid", "paused")
# One of each kind of question; the others of a kind differ in words only.
KINDS = ("F1.1", "visits", "expectations", "confidential", "is_proxy", "age_band")
RUN = """names => axe.run({exclude: ['[data-screen][hidden]']}, {
  resultTypes: ['violations'], rules: {'target-size': {enabled: true}}
}).then(found => found.violations.map(each => each.id + ': ' + each.nodes[0].html.slice(0, 200) + ' ' +
  each.nodes[0].failureSummary.slice(0, 200)))"""
SHOW = """name => document.querySelectorAll('[data-screen]').forEach(
  screen => { screen.hidden = screen.dataset.screen !== name; })"""
WEAR = """([size, contrast]) => {
  const root = document.documentElement;
  root.classList.remove('size-1', 'size-2', 'size-3');
  root.classList.add('size-' + size);
  root.classList.toggle('contrast', contrast);
  document.querySelectorAll('[data-size]').forEach(
    tool => tool.setAttribute('aria-pressed', String(tool.dataset.size === String(size))));
}"""


def visit(page: Page) -> Iterator[str]:
    """Every kind of screen in turn, as a person meets them; then those that come by themselves."""
    yield "question"
    page.click(".menu summary")
    yield "menu"
    page.click(".menu summary")
    page.click(".question .tile >> nth=3")
    yield "reasons"
    page.click("[data-do=proxy]")
    yield "helper"
    page.click("[data-screen=helper] [data-do=back]")
    if page.locator("[data-do=comment]").count():
        page.click("[data-do=comment]")
        yield "comment"
        page.click("[data-screen=comment] [data-do=back]")
    page.click("[data-do=full]")
    for screen in ("stage", "field"):
        page.wait_for_selector(f"[data-screen={screen}]:not([hidden])")
        yield screen
        page.locator(f"[data-screen={screen}] .tile").first.click()
    page.wait_for_selector("[data-screen='F1.1']:not([hidden])")
    for screen in (*KINDS, *STATES):
        if page.locator(f'[data-screen="{screen}"]').count():
            page.evaluate(SHOW, screen)
            yield screen
    if page.locator("dialog").count():
        page.evaluate("() => document.querySelector('dialog').showModal()")
        yield "dialog"


def faults(page: Page, name: str, looks: list[tuple[int, bool]]) -> list[str]:
    found = []
    for size, contrast in looks:
        page.evaluate(WEAR, [size, contrast])
        where = f"{name}, size {size}{', contrast' if contrast else ''}"
        found += [f"{where}: {fault}" for fault in page.evaluate(RUN)]
        if has_sideways_scroll(page):
            found.append(f"{where}: scrolls sideways")
    page.evaluate(WEAR, [1, False])
    return found


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("door", "size", "n_looks"),
    [("q", PHONE, 6), ("k", PORTRAIT, 3), ("k", LANDSCAPE, 3)],
    ids=["phone", "upright", "lying"],
)
def test_axe_finds_nothing_on_any_screen(open_page, door, size, n_looks, lang):
    page = open_page(f"/{door}/{CODE}?lang={lang}", size)
    Axe().run(page)  # leaves axe in the page
    found, names = [], []
    for place, name in enumerate(visit(page)):
        turned = LOOKS[place % 6 :] + LOOKS[: place % 6]
        # The screens that only tell something are built alike.
        tried = turned[:: 6 // n_looks] if name not in STATES else turned[:: 12 // n_looks]
        found += faults(page, name, tried)
        names.append(name)
    assert {"question", "helper", "F1.1", "thanks", "paused"} <= set(names)
    assert len(names) >= 18
    assert found == []


@pytest.mark.parametrize(
    ("door", "size", "lang"), [("q", PHONE, "vi"), ("k", PORTRAIT, "en"), ("k", LANDSCAPE, "vi")],
    ids=["phone", "upright", "lying"],
)  # fmt: skip
def test_axe_finds_nothing_where_pictures_stand_for_words(open_page, door, size, lang):
    page = open_page(f"/{door}/{CODE}?lang={lang}&pictures=1", size)
    Axe().run(page)
    found = []
    for name in visit(page):
        if name in {"question", "menu", "reasons", "stage", "field", "F1.1"}:
            found += faults(page, name, LOOKS)
    assert found == []


def test_axe_would_find_something(open_page):
    page = open_page(f"/q/{CODE}")
    Axe().run(page)
    page.evaluate("() => { document.querySelector('.question .ask').style.color = '#ddd'; }")
    assert any(
        fault.startswith("question, size 1: color-contrast") for fault in faults(page, "question", LOOKS[:1])
    )
