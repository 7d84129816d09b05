"""What a page says in which language: every text and spoken label, without data that has no translation."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser

from babel.messages.pofile import read_po

from config import ROOT

# Letters that Vietnamese writes and English does not.
VIETNAMESE_LETTER = re.compile("[àáãâăèéêìíĩòóõôơùúũưýđ\u1ea0-\u1ef9]", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{3,}")
SPOKEN = {"aria-label", "title", "placeholder", "alt", "data-label", "label"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNSPOKEN = {"script", "style"}
# Each language is offered under its own name, and marked as being in it.
OTHER_LANGUAGE_OFFERED = {"English", "Tiếng Việt"}
UNIT_KINDS = "xã|phường|đặc khu|tỉnh"
# Names, and the example of a search without diacritics.
SAME_IN_BOTH = {"sipas", "wilson", "holm", "benjamini", "hochberg", "dong ha"}


class _Reader(HTMLParser):
    """Collects texts; those under an element of another language than the page's apart."""

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.texts: list[str] = []
        self.marked_as_other: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "html":
            self.language = given.get("lang") or ""
        is_other = self._is_other or given.get("lang", self.language) != self.language
        is_silent = self._is_silent or tag in UNSPOKEN or given.get("class") == "comments"
        if tag not in VOID:
            self._open.append((tag, is_other, is_silent))
        for name in SPOKEN & given.keys():
            self._keep(given[name] or "", is_other)
        if tag == "meta" and given.get("name") == "description":
            self._keep(given.get("content") or "", is_other)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self._keep(data, self._is_other)

    @property
    def _is_other(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    @property
    def _is_silent(self) -> bool:
        return bool(self._open) and self._open[-1][2]

    def _keep(self, text: str, is_other: bool) -> None:
        words = " ".join(text.split())
        if words:
            (self.marked_as_other if is_other else self.texts).append(words)


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """Names alone, with their kind as in "phường Đông Hà", and the kind as a gloss: "Wards (phường)"."""
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    gloss = rf"\((?:{UNIT_KINDS})\)"
    return re.compile(rf"(?:\b(?:{UNIT_KINDS}) )?(?:{listed or '(?!)'})|{gloss}", re.IGNORECASE)


def foreign_texts(html: str, *, language: str, data: Iterable[str] = ()) -> list[str]:
    """Texts of a page that are not in its language; `data` are names that have no translation."""
    reader = _Reader()
    reader.feed(html)
    assert reader.language == language, f"the page says it is in {reader.language!r}"
    wrong = [text for text in reader.marked_as_other if text not in OTHER_LANGUAGE_OFFERED]
    return wrong + [text for text in reader.texts if is_foreign(text, language=language, data=data)]


def is_foreign(text: str, *, language: str, data: Iterable[str] = ()) -> bool:
    """Whether a text holds words of the other language. A chart may break a long name over lines."""
    if any(text in name for name in data):
        return False
    text = _any_of(tuple(data)).sub(" ", text)
    if language == "en":
        return VIETNAMESE_LETTER.search(text) is not None
    return any(word.lower() in english_only_words() for word in WORD.findall(text))


@cache
def english_only_words() -> frozenset[str]:
    """Words of the English catalog and of English item texts that no Vietnamese text of ours uses."""
    path = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    pairs = [(str(message.id), str(message.string)) for message in messages]
    for seed in sorted((ROOT / "seeds" / "questionnaires").glob("*.json")):
        pairs += texts_in_both(json.loads(seed.read_text(encoding="utf-8")))
    vietnamese = {word for text, _translation in pairs for word in _words(text)} | SAME_IN_BOTH
    return frozenset(word for _text, translation in pairs for word in _words(translation)) - vietnamese


def texts_in_both(node: object) -> Iterator[tuple[str, str]]:
    """Every {"vi": …, "en": …} of a definition."""
    if isinstance(node, dict):
        if "vi" in node and "en" in node:
            yield node["vi"], node["en"]
        for child in node.values():
            yield from texts_in_both(child)
    elif isinstance(node, list):
        for child in node:
            yield from texts_in_both(child)


def _words(text: str) -> list[str]:
    plain = re.sub(r"%\(\w+\)s", " ", unicodedata.normalize("NFC", text))
    return [word.lower() for word in WORD.findall(plain)]
