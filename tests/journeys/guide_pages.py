"""The pages that a guide walks through, read off the guide itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from survey_app import guides

PAGE = re.compile(r"<!-- trang: (\S+) (\S+) -->")
NAMED = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
PICTURE = re.compile(r'!\[([^\]]+)\]\(anh/([a-z-]+\.png)(?: "([^"]+)")?\)')
# Of another journey, with people and rules of its own.
ELSEWHERE = {"README", "sap-nhap-don-vi"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the page, from the heading with these words on."""

    file: str
    heading: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    """A page of a guide: who opens it, where, what the lines below name there, and its pictures."""

    account: str | None
    address: str
    named: tuple[str, ...]
    pictures: tuple[Picture, ...]


def walked_guides() -> list[str]:
    return sorted(guides.names() - ELSEWHERE)


def stops(name: str) -> Iterator[Stop]:
    """The pages of a guide in its order; a heading ends what a page is spoken of."""
    _head, *parts = PAGE.split(guides.source_of(name))
    for account, address, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        spoken = re.split(r"^## ", text, flags=re.MULTILINE)[0]
        named = tuple(" ".join(words.split()) for words in NAMED.findall(spoken))
        pictures = tuple(Picture(file, heading or None) for _words, file, heading in PICTURE.findall(spoken))
        yield Stop(None if account == "-" else account, address, named, pictures)


def words_outside(name: str) -> list[str]:
    """What a guide names where it speaks of no page; nobody could say whether it is there."""
    outside = []
    for section in re.split(r"^## ", guides.source_of(name), flags=re.MULTILINE):
        before = PAGE.split(section)[0]
        outside += NAMED.findall(before) + [file for _words, file, _heading in PICTURE.findall(before)]
    return outside
