"""The guides are walked in the province: what they name stands on its page, and their pictures are of it.

`GUIDE_PICTURES=write` takes the pictures anew (`python -m bench.guide_pictures`).
"""

import io
import os
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page

from survey_app import guides
from tests.journeys.guide_pages import Picture, stops, walked_guides, words_outside
from tests.sites import DemoSite, apart

SCREEN, PRINTED = (1200, 750), (960, 600)
MOST_BYTES, MOST_PICTURES, COLOURS = 80_000, 14, 64
# Where words are headings, things to press, to fill in or to choose.
NAMES = "h1, h2, h3, h4, a, button, label, legend, summary, option, th, dt, caption, figcaption"
IS_WRITING = os.environ.get("GUIDE_PICTURES") == "write"


@pytest.fixture(scope="module")
def places(demo: DemoSite) -> dict[str, str]:
    """What the addresses of the guides leave open."""

    def read() -> dict[str, str]:
        cases = demo.client("phongvan").get("/fieldwork/interviews").text
        case = re.search(r"/fieldwork/interviews/([0-9a-f-]{36})", cases)
        hearings = demo.client("dongha").get("/manager/hearings").text
        hearing = re.search(r"/manager/hearings/2/units/\d+", hearings)
        assert case is not None and hearing is not None
        return {**demo.paths, "case": case[1], "hearing": hearing[0]}

    return apart(read)


@pytest.mark.parametrize("name", walked_guides())
def test_what_a_guide_names_stands_on_the_page_it_speaks_of(
    open_as: Callable[..., Page], places: dict[str, str], demo_url: str, name: str
) -> None:
    missing: list[tuple[str, str]] = []
    pages: dict[str | None, Page] = {}
    for stop in stops(name):
        address = stop.address.format(**places)
        if stop.account in pages:
            page = pages[stop.account]
            page.goto(demo_url + address)
        else:
            page = pages[stop.account] = open_as(stop.account, address, SCREEN)
        there = [" ".join(text.split()) for text in page.locator(NAMES).all_text_contents()]
        missing += [(stop.address, words) for words in stop.named if not any(words in each for each in there)]
        if IS_WRITING:
            for picture in stop.pictures:
                write(page, picture)
    assert missing == []


@pytest.mark.parametrize("name", walked_guides())
def test_a_guide_names_nothing_without_its_page(name: str) -> None:
    assert len(list(stops(name))) > 3
    assert words_outside(name) == []


def test_pictures_are_those_of_the_guides_and_small() -> None:
    shown = [picture.file for name in walked_guides() for stop in stops(name) for picture in stop.pictures]
    assert sorted(shown) == sorted(path.name for path in guides.PICTURES.iterdir())
    assert len(shown) <= MOST_PICTURES
    for file in shown:
        path = guides.picture_path(file)
        assert path.stat().st_size <= MOST_BYTES, file
        with Image.open(path) as image:
            assert (image.size, image.format) == (PRINTED, "PNG"), file


def test_guides_are_pages_of_the_product(open_as: Callable[..., Page]) -> None:
    page = open_as(None, "/help")
    addresses = page.locator("article.guide a").evaluate_all("links => links.map(each => each.pathname)")
    assert {address.rpartition("/")[2] for address in addresses} == guides.names() - {guides.INDEX}
    page.click("article.guide a >> nth=0")
    assert page.locator("h1").inner_text() == "Lãnh đạo đơn vị"
    page.locator("img.guide-picture").last.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('img.guide-picture')].every(each => each.complete)")
    assert page.locator("img.guide-picture").evaluate_all("all => all.every(each => each.naturalWidth)")
    assert "trang: dongha" not in page.content()


def write(page: Page, picture: Picture) -> None:
    if picture.heading:
        heading = page.locator("h1, h2", has_text=picture.heading).first
        heading.evaluate("heading => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 16)")
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        small = shot.convert("RGB").resize(PRINTED, Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(guides.PICTURES / picture.file, optimize=True)
