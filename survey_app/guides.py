"""Guides for staff: the files of `docs/huong-dan`, read as pages. What they say is checked by a browser test."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marko import Markdown

from config import ROOT
from survey_app.errors import NotFound

FOLDER = ROOT / "docs" / "huong-dan"
PICTURES = FOLDER / "anh"
INDEX = "README"

# What stands between these marks names the page that the next lines speak of; it is for the test.
_COMMENT = re.compile(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_GUIDE_LINK = re.compile(r'href="([a-z-]+)\.md"')
_PICTURE = re.compile(r'<img src="anh/([a-z-]+\.png)" alt="([^"]*)"(?: title="[^"]*")? ?/>')


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as its page shows it."""

    title: str
    html: str


@cache
def names() -> frozenset[str]:
    """Guides that there are, by file name without its ending."""
    return frozenset(path.stem for path in FOLDER.glob("*.md"))


@cache
def guide(name: str, *, home: str) -> Guide:
    """One guide; `home` is the address of the index, below which the others and the pictures stand."""
    if name not in names():
        raise NotFound(f"guide {name[:40]}")
    source = source_of(name)
    title = _TITLE.search(source)
    assert title is not None
    html = Markdown(extensions=["gfm"]).convert(_COMMENT.sub("", source))
    return Guide(title[1], _placed(html, home))


def source_of(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def picture_path(name: str) -> Path:
    """The file of a picture; a name that is none of them does not exist."""
    path = PICTURES / name
    if path.name not in {each.name for each in PICTURES.glob("*.png")}:
        raise NotFound(f"picture {name[:40]}")
    return path


def _placed(html: str, home: str) -> str:
    """Links to other guides and pictures as addresses; wide tables scroll by themselves."""
    html = _GUIDE_LINK.sub(rf'href="{home}/\1"', html)
    html = _PICTURE.sub(rf'<img class="guide-picture" src="{home}/anh/\1" alt="\2" loading="lazy">', html)
    html = html.replace(
        "<table>",
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Bảng"><table class="data">',
    )
    return html.replace("</table>", "</table></div>")
