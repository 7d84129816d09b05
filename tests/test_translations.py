"""Vietnamese is written one way, and nothing of it is left without its English."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from config import ROOT

CATALOG = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
MAPPING = ROOT / "babel.cfg"
SOURCES = ("survey_app", "templates")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|%%")
VIETNAMESE_LETTER = re.compile("[ăâđêôơưàáãèéìíòóõùúý\u1ea0-\u1ef9]", re.IGNORECASE)
QUESTIONNAIRES = sorted((ROOT / "seeds" / "questionnaires").glob("*.json"))
# "hoà", "khoẻ", "thuý": we write hòa, khỏe, thúy, as the registry of units does.
NEW_TONE_PLACE = re.compile(r"(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE)
# Words an official does not use to a citizen, and words left over from programs.
UNFIT = re.compile(
    r"\b(bạn|mày|người dùng|user|submit|click|login|logout|n/a|null|none|undefined|OK)\b", re.IGNORECASE
)


@cache
def written() -> frozenset[str]:
    """Every text of code and templates that is to be translated."""
    found = set()
    with MAPPING.open() as file:
        methods, options = parse_mapping_cfg(file)
    for source in SOURCES:
        under = [
            (pattern.removeprefix(f"{source}/"), how)
            for pattern, how in methods
            if pattern.startswith(source)
        ]
        given = {pattern.removeprefix(f"{source}/"): value for pattern, value in options.items()}
        for _file, _line, text, _comments, _context in extract_from_dir(ROOT / source, under, given):
            found.add(text if isinstance(text, str) else text[0])
    return frozenset(found)


@cache
def catalog() -> Catalog:
    with CATALOG.open("rb") as file:
        return read_po(file)


def messages() -> list[Message]:
    return [message for message in catalog() if message.id]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def vietnamese_texts() -> Iterator[str]:
    """What people read: interface texts and item texts."""
    yield from written()
    for path in QUESTIONNAIRES:
        yield from (node["vi"] for node in translated_nodes(json.loads(path.read_text(encoding="utf-8"))))


def translated_nodes(node: object) -> Iterator[dict[str, str]]:
    """Every object of a definition that gives a text in any language."""
    if isinstance(node, dict):
        if {"vi", "en"} & node.keys():
            yield node
        for child in node.values():
            yield from translated_nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from translated_nodes(child)


def test_extraction_finds_the_texts_of_code_and_of_templates():
    assert {"Đăng nhập", "Không tìm thấy trang", "chưa đủ dữ liệu"} <= written()


def test_every_text_has_its_english():
    translated = {message.id for message in messages() if message.string}
    assert written() - translated == set()


def test_catalog_holds_nothing_fuzzy_and_nothing_obsolete():
    assert [message.id for message in messages() if message.fuzzy] == []
    assert list(catalog().obsolete) == []
    assert {message.id for message in messages()} - written() == set()


def test_translation_keeps_every_placeholder():
    differing = [m.id for m in messages() if placeholders(m.id) != placeholders(str(m.string))]
    assert differing == []


def test_english_has_no_vietnamese_letter_and_differs_from_the_vietnamese():
    # Kinds of units, and what stands in Vietnamese in an office's own file, quoted as it stands there.
    glosses = re.compile(r"\((?:xã|phường|đặc khu)\)|“[^”]*”")
    assert [m.id for m in messages() if VIETNAMESE_LETTER.search(glosses.sub("", str(m.string)))] == []
    same = [m.id for m in messages() if m.id == m.string and VIETNAMESE_LETTER.search(m.id)]
    assert same == []


def test_vietnamese_is_in_composed_form():
    assert [text for text in vietnamese_texts() if unicodedata.normalize("NFC", text) != text] == []


def test_tone_marks_are_placed_by_one_convention():
    assert [text for text in vietnamese_texts() if NEW_TONE_PLACE.search(text)] == []


@pytest.mark.parametrize("word", ["hoà", "khoẻ", "thuý", "Thuỷ", "hoạ"])
def test_tone_check_knows_the_other_convention(word):
    assert NEW_TONE_PLACE.search(word)


@pytest.mark.parametrize("word", ["hòa", "khỏe", "Thủy", "quý", "quỹ", "toàn", "hoàn", "thuyết", "xoáy"])
def test_tone_check_lets_ours_pass(word):
    assert not NEW_TONE_PLACE.search(word)


def test_vietnamese_speaks_as_an_official_to_a_citizen():
    assert [text for text in vietnamese_texts() if UNFIT.search(text)] == []


@pytest.mark.parametrize("path", QUESTIONNAIRES, ids=lambda path: path.stem)
def test_every_item_scale_point_and_option_is_in_both_languages(path):
    definition = json.loads(path.read_text(encoding="utf-8"))
    lacking = [
        node
        for node in translated_nodes(definition)
        if not (node.get("vi", "").strip() and node.get("en", "").strip())
    ]
    assert lacking == []
    assert [item for item in items_of(definition["tree"]) if not {"vi", "en"} <= item["text"].keys()] == []
    for choice in choices_of(definition):
        assert {"vi", "en"} <= choice["label"].keys(), choice


def items_of(nodes: list[dict]) -> Iterator[dict]:
    """The questions among the leaves of a tree."""
    for node in nodes:
        if "children" in node:
            yield from items_of(node["children"])
        else:
            yield node


def choices_of(definition: dict) -> Iterator[dict]:
    """Points of the definition's scales, and of the shared ones that it names, and options of its items."""
    shared = json.loads((ROOT / "seeds" / "scales.json").read_text(encoding="utf-8"))
    scales = shared.get("scales", shared) | definition.get("scales", {})
    used = {item["scale"] for item in items_of(definition["tree"]) if "scale" in item}
    for name in sorted(used):
        yield from (point for point in scales[name]["points"] if "label" in point)
    for item in items_of(definition["tree"]):
        yield from item.get("options", [])
