"""Changes of a definition in the making: each takes one and gives a new one, and leaves the first as it was.

A node is addressed by its places from the root, such as ``0.2.1``; codes cannot address a draft, where two nodes may
still share one.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from survey_app.errors import DefinitionError, NotFound
from survey_app.services.definitions import MAX_DEPTH, MULTI_KINDS, NODE_KINDS, SINGLE_KINDS, Definition

Made = dict[str, Any]
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){0,7}")
_PLACE = re.compile(r"\[(\d+)\]")
MOST_NODES = 600


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with its address and how deep it stands."""

    address: str
    depth: int
    node: Definition

    @property
    def is_group(self) -> bool:
        return "children" in self.node


def blank_definition(code: str, *, effective_from: str) -> Made:
    """The least that citizens' pages need: the overall item on the five levels, and the question for reasons."""
    levels = (
        ("very_satisfied", "Rất hài lòng", 5), ("satisfied", "Hài lòng", 4), ("neutral", "Bình thường", 3),
        ("dissatisfied", "Không hài lòng", 2), ("very_dissatisfied", "Rất không hài lòng", 1),
    )  # fmt: skip
    points = [{"code": code_, "label": {"vi": words}, "score": score, "satisfied": score > 3}
              for code_, words, score in levels]  # fmt: skip
    overall = {"code": "overall", "kind": "satisfaction", "screen": "question", "mandatory": True,
               "scale": "satisfaction5", "missing": {"dont_know": {"vi": "Không có ý kiến"}},
               "text": {"vi": "Ông/Bà hài lòng ở mức nào về việc phục vụ hôm nay?"}}  # fmt: skip
    reasons = {"code": "reasons", "kind": "multi", "screen": "reasons",
               "text": {"vi": "Vì sao Ông/Bà đánh giá như vậy?"},
               "options": [{"code": "other_good", "label": {"vi": "Lý do khác"}, "group": "good"},
                           {"code": "other_bad", "label": {"vi": "Lý do khác"}, "group": "bad"},
                           {"code": "other_neutral", "label": {"vi": "Lý do khác"}, "group": "neutral"}]}  # fmt: skip
    return {
        "code": code, "version": 1, "title": {"vi": ""}, "legal_basis": "", "provenance": "",
        "effective_from": effective_from, "english": "unofficial",
        "scales": {"satisfaction5": {"points": points,
                                     "missing": {"dont_know": {"vi": "Không biết / Không liên quan"}}}},
        "tree": [overall, reasons], "index": {"headline": "overall", "factors": []},
    }  # fmt: skip


def placed_nodes(definition: Definition) -> Iterator[Placed]:
    """Every node and item with its address, depth first."""
    yield from _placed(definition["tree"], "", 0)


def _placed(nodes: list[Made], above: str, depth: int) -> Iterator[Placed]:
    for place, node in enumerate(nodes):
        address = f"{above}{place}"
        yield Placed(address, depth, node)
        yield from _placed(node.get("children", []), f"{address}.", depth + 1)


def address_of_path(path: str) -> str:
    """The address in a fault's path such as ``tree[0].children[2].text.vi``; empty where it names no node."""
    return ".".join(_PLACE.findall(path.split(".options", maxsplit=1)[0])) if path.startswith("tree[") else ""


def node_at(definition: Definition, address: str) -> Made:
    siblings, place = _siblings(definition, address)
    return siblings[place]


def with_node(definition: Definition, address: str, node: Definition) -> Made:
    """Another node in this place; the children of a group stay."""
    made = deepcopy(dict(definition))
    siblings, place = _siblings(made, address)
    siblings[place] = dict(node)
    return made


def with_new_node(definition: Definition, parent: str, node: Definition) -> tuple[Made, str]:
    """One more node at the end of a group, or of the tree where `parent` is empty; and its address."""
    made = deepcopy(dict(definition))
    children = _children(made, parent)
    children.append(dict(node))
    return made, f"{parent}.{len(children) - 1}" if parent else str(len(children) - 1)


def without_node(definition: Definition, address: str) -> Made:
    made = deepcopy(dict(definition))
    siblings, place = _siblings(made, address)
    del siblings[place]
    return made


def with_node_shifted(definition: Definition, address: str, step: int) -> tuple[Made, str]:
    """The node one place up (-1) or down (1) among its siblings; at the end it stays."""
    made = deepcopy(dict(definition))
    siblings, place = _siblings(made, address)
    there = place + (1 if step > 0 else -1)
    if not 0 <= there < len(siblings):
        return made, address
    siblings[place], siblings[there] = siblings[there], siblings[place]
    above = address.rpartition(".")[0]
    return made, f"{above}.{there}" if above else str(there)


def with_node_moved(definition: Definition, address: str, parent: str) -> tuple[Made, str]:
    """The node at the end of another group; never into itself."""
    if parent == address or parent.startswith(f"{address}."):
        raise NotFound(f"group {parent}")
    made = deepcopy(dict(definition))
    target = _children(made, parent)
    siblings, place = _siblings(made, address)
    node = siblings.pop(place)
    target.append(node)
    return made, next(each.address for each in placed_nodes(made) if each.node is node)


def free_code(definition: Definition, stem: str) -> str:
    """A code that no node uses yet: the stem, numbered."""
    used = {each.node["code"] for each in placed_nodes(definition)}
    return next(code for number in range(1, MOST_NODES + 2) if (code := f"{stem}{number}") not in used)


def check_shape(definition: Any) -> None:
    """Refuse what no editor can show: an object, list or text that does not stand where it belongs."""
    _shape(isinstance(definition, dict), "definition")
    for key in ("code", "legal_basis", "provenance", "effective_from"):
        _shape(isinstance(definition.get(key), str), key)
    _shape(type(definition.get("version")) is int, "version")
    _check_words(definition.get("title"), "title")
    scales, index = definition.get("scales"), definition.get("index")
    _shape(isinstance(scales, dict), "scales")
    for name, scale in scales.items():
        _check_scale_shape(scale, f"scales.{name}")
    _shape(isinstance(index, dict), "index")
    _shape(isinstance(index.get("headline"), str), "index.headline")
    factors = index.get("factors")
    _shape(isinstance(factors, list) and all(isinstance(each, str) for each in factors), "index.factors")
    n_nodes = _check_tree_shape(definition.get("tree"), "tree", 1)
    _shape(n_nodes <= MOST_NODES, "tree")


def _check_scale_shape(scale: Any, path: str) -> None:
    _shape(isinstance(scale, dict) and isinstance(scale.get("points"), list), path)
    for place, point in enumerate(scale["points"]):
        here = f"{path}.points[{place}]"
        _shape(isinstance(point, dict) and isinstance(point.get("code"), str), here)
        _check_words(point.get("label"), f"{here}.label")
    _check_named_words(scale.get("missing"), f"{path}.missing")


def _check_tree_shape(nodes: Any, path: str, depth: int) -> int:
    _shape(isinstance(nodes, list) and depth <= MAX_DEPTH, path)
    n_nodes = len(nodes)
    for place, node in enumerate(nodes):
        here = f"{path}[{place}]"
        _shape(isinstance(node, dict) and isinstance(node.get("code"), str), here)
        _shape(isinstance(node.get("kind"), str), f"{here}.kind")
        _shape(isinstance(node.get("screen", ""), str), f"{here}.screen")
        if "children" in node:
            _shape(node["kind"] in NODE_KINDS, f"{here}.kind")
            _check_words(node.get("title"), f"{here}.title")
            n_nodes += _check_tree_shape(node["children"], f"{here}.children", depth + 1)
        else:
            _check_item_shape(node, here)
    return n_nodes


def _check_item_shape(item: Made, path: str) -> None:
    _shape(item["kind"] in SINGLE_KINDS | MULTI_KINDS, f"{path}.kind")
    _check_words(item.get("text"), f"{path}.text")
    _check_named_words(item.get("text_by_channel"), f"{path}.text_by_channel")
    _check_named_words(item.get("missing"), f"{path}.missing")
    options = item.get("options", [])
    _shape(isinstance(options, list), f"{path}.options")
    for place, option in enumerate(options):
        here = f"{path}.options[{place}]"
        _shape(isinstance(option, dict) and isinstance(option.get("code"), str), here)
        _check_words(option.get("label"), f"{here}.label")
    _shape(isinstance(item.get("relevant") or {}, dict), f"{path}.relevant")
    _shape(isinstance(item.get("channels_hidden") or [], list), f"{path}.channels_hidden")


def _check_named_words(texts: Any, path: str) -> None:
    _shape(texts is None or isinstance(texts, dict), path)
    for name, text in (texts or {}).items():
        _check_words(text, f"{path}.{name}")


def _check_words(text: Any, path: str) -> None:
    is_text = isinstance(text, dict) and all(isinstance(words, str) for words in text.values())
    _shape(is_text, path)


def _shape(condition: bool, path: str) -> None:
    if not condition:
        raise DefinitionError(path, "not of the shape of a questionnaire")


def _siblings(definition: Mapping[str, Any], address: str) -> tuple[list[Made], int]:
    if not _ADDRESS.fullmatch(address):
        raise NotFound(f"node {address}")
    above, _, last = address.rpartition(".")
    siblings = _children(definition, above)
    if int(last) >= len(siblings):
        raise NotFound(f"node {address}")
    return siblings, int(last)


def _children(definition: Mapping[str, Any], address: str) -> list[Made]:
    nodes: list[Made] = definition["tree"]
    for place in (int(part) for part in address.split(".") if address):
        if place >= len(nodes) or "children" not in nodes[place]:
            raise NotFound(f"group {address}")
        nodes = nodes[place]["children"]
    return nodes
