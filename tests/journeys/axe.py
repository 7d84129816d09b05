"""axe-core on the page that is open, without lowering the page's own content security policy."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}

# Each pair of language and screen, of language and contrast, and of screen and contrast occurs once.
SIGHTS = [
    ("vi", (360, 640), ""),
    ("en", (1280, 800), ""),
    ("vi", (1280, 800), "high"),
    ("en", (390, 844), "high"),
]
# Each value occurs once; for long ways.
TWO_SIGHTS = [("vi", (360, 640), ""), ("en", (1280, 800), "high")]


def violations(page: Page, *, only_serious: bool = False) -> list[str]:
    """What axe-core finds, each with its rule and the first element it is about."""
    found = Axe().run(page).response["violations"]
    counted = [each for each in found if not only_serious or each["impact"] in SERIOUS]
    first = [(each["id"], each["nodes"][0]) for each in counted]
    return [f"{rule}: {node['html'][:200]} {node['failureSummary'][:200]}" for rule, node in first]


def has_sideways_scroll(page: Page) -> bool:
    """Whether the whole page can be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
