"""Every staff page for those who need contrast, who read on a phone or on paper, and for screen readers."""

import re

import pytest

from tests.journeys.axe import SIGHTS, has_sideways_scroll, violations
from tests.sites import follow

PAGES = [
    (None, "/"),
    (None, "/who-sees-what"),
    (None, "/sign-in"),
    (None, "/no-such-page"),
    ("dongha", "/"),
    ("dongha", "{manager}"),
    ("dongha", "{manager_small}"),
    ("dongha", "/par/comparison"),
    ("dongha", "/account"),
    ("dongha", "/account/second-factor"),
    ("quantri", "/admin/people"),
    ("quantri", "/admin/people/new"),
    ("dongha", "/fieldwork/"),
    ("dongha", "{print_point}"),
    ("sonoivu", "/fieldwork/print?q=dong"),
    ("sonoivu", "{printed_code}/replace"),
    ("conco", "{manager_small}"),
    ("dongha", "/fieldwork/tickets"),
    ("quantri", "/fieldwork/import"),
    ("sonoivu", "/admin/questionnaires"),
    ("sonoivu", "/admin/questionnaires/drafts/1"),
    ("sonoivu", "/admin/questionnaires/drafts/1/node?at=1"),
    ("dongha", "/admin/transactions"),
    ("sonoivu", "/admin/calendar?month=2026-09"),
    # Nine wards have every part of the page that all units have.
    ("sonoivu", "{comparison}?basis=sample&kind=ward"),
    ("sonoivu", "{comparison}?basis=continuous&kind=ward&sort=tier"),
    ("sonoivu", "{comparison}?kind=special_zone&q=zzz"),
]
# A4 less the margins of the style sheet, at 96 pixels an inch.
PAPER_WIDTH = round((210 - 2 * 12) / 25.4 * 96)
CUT_OFF = """() => [...document.querySelectorAll("main table, main svg, main p, main h1, main h2")]
    .filter(each => each.getClientRects().length && getComputedStyle(each).visibility !== "hidden")
    .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .filter(each => !each.closest(".unseen"))
    .map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("lang", "size", "contrast"), SIGHTS)
@pytest.mark.parametrize(("account", "path"), PAGES)
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    open_as, demo, account, path, lang, size, contrast
):
    path = path.format(**demo.paths)
    look = f"{'&' if '?' in path else '?'}lang={lang}" + (f"&contrast={contrast}" if contrast else "")
    page = open_as(account, path + look, size)
    assert page.locator("h1").count() == 1
    assert page.locator("html.high-contrast").count() == (1 if contrast else 0)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert violations(page, only_serious=True) == []
    widths = [size[0]] if size[0] > 400 else [360, 390]
    for width in widths:
        page.set_viewport_size({"width": width, "height": size[1]})
        assert not has_sideways_scroll(page), width


def test_comparison_of_all_units_on_a_phone(open_as):
    page = open_as("sonoivu", "/par/comparison?basis=continuous", (360, 640))
    assert violations(page, only_serious=True) == []
    assert not has_sideways_scroll(page)


def test_contrast_and_language_chosen_in_the_address_stay_on_the_way(open_as):
    page = open_as("sonoivu", "/par/comparison?contrast=high&lang=en")
    follow(page.locator("table.compared thead a").first)
    assert page.locator("html.high-contrast[lang=en]").count() == 1


def test_whole_page_can_be_reached_by_keyboard_and_the_focus_is_seen(open_as):
    page = open_as("dongha", "/account")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.evaluate(
        """() => { const now = document.activeElement, style = getComputedStyle(now);
        return [!!now.closest("main"), style.outlineStyle !== "none" || style.boxShadow !== "none"] }"""
    )
    assert focused == [True, True]


@pytest.mark.parametrize(
    ("account", "path", "most_pages"),
    [
        ("dongha", "{manager}", 7),
        ("conco", "{manager_small}", 2),
        ("sonoivu", "{comparison}?basis=continuous", 9),
    ],
)
def test_page_prints_on_a_sane_number_of_sheets_with_nothing_cut_off(
    open_as, demo, account, path, most_pages
):
    page = open_as(account, path.format(**demo.paths), (PAPER_WIDTH, 1000))
    sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4"))
    assert 1 <= len(sheets) <= most_pages
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF) == []
