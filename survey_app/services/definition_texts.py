"""Every text of a definition with its place: what is translated side by side, and what is still missing."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from survey_app.languages import AUTHORITATIVE
from survey_app.services.definitions import Definition


@dataclass(frozen=True, slots=True)
class TextPlace:
    """One text: where it stands, what it belongs to (the code of a node, or a scale), what it is, its words."""

    path: str
    owner: str
    kind: str
    text: dict[str, str]

    def said(self, language: str) -> str:
        return self.text.get(language, "")


def texts_of(definition: Definition) -> Iterator[TextPlace]:
    """All texts in the order in which they are met: title, tree, then scales."""
    yield TextPlace("title", "", "title", definition["title"])
    yield from _node_texts(definition["tree"], "tree")
    for name, scale in definition["scales"].items():
        here = f"scales.{name}"
        for place, point in enumerate(scale["points"]):
            yield TextPlace(f"{here}.points[{place}].label", name, "point", point["label"])
        for code, text in (scale.get("missing") or {}).items():
            yield TextPlace(f"{here}.missing.{code}", name, "missing", text)


def n_missing(definition: Definition, language: str) -> int:
    """How many texts say nothing in this language."""
    return sum(not place.said(language).strip() for place in texts_of(definition))


def with_texts(definition: Definition, language: str, words: Mapping[str, str]) -> dict[str, Any]:
    """The definition with these words, by path; an empty text takes a translation away, never the Vietnamese."""
    made = deepcopy(dict(definition))
    for place in texts_of(made):
        said = words.get(place.path)
        if said is None:
            continue
        if said.strip():
            place.text[language] = said.strip()
        elif language != AUTHORITATIVE:
            place.text.pop(language, None)
    return made


def _node_texts(nodes: list[Any], path: str) -> Iterator[TextPlace]:
    for place, node in enumerate(nodes):
        here, code = f"{path}[{place}]", node["code"]
        if "children" in node:
            yield TextPlace(f"{here}.title", code, "group", node["title"])
            yield from _node_texts(node["children"], f"{here}.children")
            continue
        yield TextPlace(f"{here}.text", code, "text", node["text"])
        for channel, text in (node.get("text_by_channel") or {}).items():
            yield TextPlace(f"{here}.text_by_channel.{channel}", code, "text_by_channel", text)
        for number, option in enumerate(node.get("options", [])):
            yield TextPlace(f"{here}.options[{number}].label", code, "option", option["label"])
        for name, text in (node.get("missing") or {}).items():
            yield TextPlace(f"{here}.missing.{name}", code, "missing", text)
